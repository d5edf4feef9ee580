//! The socket's rules W1–W12, the hub and the relay: real servers, real sockets, and raw TCP where a well-behaved
//! client would not do. A test's name begins with its rule.
#![allow(clippy::disallowed_methods, reason = "tests are their own composition root")]

mod harness;

mod socket {
    mod autobahn;
    mod beats;
    mod bounds;
    mod closing;
    mod commands;
    mod follow;
    mod frames;
    mod guests;
    mod hand;
    mod hello;
    mod hub;
    mod life;
    mod node;
    mod race;
    mod raw;
    mod relay;
    mod rolling;
    mod screens;
    mod servers;
    mod shown;
    mod silence;
    mod slow;
    mod snapshot;
    mod topics;
}
