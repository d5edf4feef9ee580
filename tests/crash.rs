//! What must never be lost is not lost: servers killed, stopped, starved of their database, and crowds that go
//! on ordering meanwhile. Everything runs on both databases; a seed that fails prints itself and its log, and
//! COMANDA_SEEDS=7,8,9 or 100..140 runs those instead of the usual ones.
#![allow(clippy::disallowed_methods, reason = "tests are their own composition root")]

mod harness;

mod crash {
    mod actors;
    mod agree;
    mod backups;
    mod converge;
    mod cross;
    mod crowd;
    mod faults;
    mod fleet;
    mod judges;
    mod killed;
    mod messages;
    mod nodes;
    mod restored;
    mod rolling;
    mod stalled;
    mod stopped;
    mod wires;
}
