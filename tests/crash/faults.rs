//! The database goes away under a server that stays: locked, on a full disk, frozen, killed. New orders get a 503
//! and wait on the phone; nobody loses a connection; what was acknowledged is there; it recovers by itself.

use super::crowd::{Crowd, Rest, Size, expect};
use super::killed::UNLIMITED;
use crate::harness::postgres::TestPostgres;
use crate::harness::process::{Process, Site, binary};
use crate::harness::run;
use crate::harness::server::Kind;
use crate::harness::truth::execute;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, Executor};
use std::process::Command;
use std::str::FromStr;
use std::time::Duration;

const SIZE: Size = Size { guests: 16, cooks: 3, waiters: 2, pause: 90, taps: 80 };
/// Below the time that the faults last, so that callers are told and do not only wait.
const IMPATIENT: &str = "command_wait_ms = 800";
const SOON: Duration = Duration::from_secs(15);
/// Orders before and after each fault.
const ORDERS: u64 = 30;

#[test]
fn a_locked_database_delays_orders_and_loses_nothing() {
    run(async {
        let site = Site::new(Kind::Sqlite);
        site.settings("", IMPATIENT, UNLIMITED);
        let _server = site.serve().await;
        let crowd = Crowd::gather(&site, 31, SIZE).await;
        crowd.expect_orders(ORDERS, SOON).await;

        let options = SqliteConnectOptions::from_str(&site.url).expect("a URL").busy_timeout(SOON);
        let mut other = SqliteConnection::connect_with(&options).await.expect("the file");
        other.execute("begin exclusive").await.expect("the lock");
        tokio::time::sleep(Duration::from_secs(3)).await;
        expect("a 503", SOON, || crowd.unavailable() > 0).await;
        other.execute("rollback").await.expect("unlocked");

        crowd.expect_orders(ORDERS, SOON).await;
        expect_unharmed(&crowd.come_to_rest().await, "locked for 3 s", &site);
    });
}

/// A file that may not grow is what a full disk looks like to the database: its writes fail.
#[test]
fn a_full_disk_delays_orders_and_loses_nothing() {
    run(async {
        let site = Site::new(Kind::Sqlite);
        site.settings("", IMPATIENT, UNLIMITED);
        // A write above the limit is an error then, and no deadly signal; that is inherited (execve(2)).
        let mut shell = Command::new("sh");
        shell.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]).arg(binary().get_program());
        let server = site.serve_with(shell).await;
        let crowd = Crowd::gather(&site, 32, SIZE).await;
        crowd.expect_orders(ORDERS, SOON).await;

        limit_files(&server, "1");
        let before = crowd.unavailable();
        expect("503s", SOON, || crowd.unavailable() > before + 20).await;
        limit_files(&server, "unlimited");

        crowd.expect_orders(ORDERS, SOON).await;
        expect_unharmed(&crowd.come_to_rest().await, "a full disk", &site);
    });
}

/// Sets how large a file the server may write.
fn limit_files(server: &Process, bytes: &str) {
    let pid = server.pid().to_string();
    let done = Command::new("prlimit").args(["--pid", &pid, &format!("--fsize={bytes}:unlimited")]).status();
    assert!(done.expect("prlimit of util-linux").success());
}

#[test]
fn a_frozen_postgres_delays_orders_and_loses_nothing() {
    run(async {
        let mut postgres = TestPostgres::start();
        let site = Site::on(&postgres.database("frozen"));
        site.settings("", IMPATIENT, UNLIMITED);
        let _server = site.serve().await;
        let crowd = Crowd::gather(&site, 33, SIZE).await;
        crowd.expect_orders(ORDERS, SOON).await;

        postgres.pause();
        tokio::time::sleep(Duration::from_secs(5)).await;
        expect("a 503", SOON, || crowd.unavailable() > 0).await;
        postgres.resume();

        crowd.expect_orders(ORDERS, SOON).await;
        expect_unharmed(&crowd.come_to_rest().await, "Postgres frozen for 5 s", &site);
    });
}

#[test]
fn a_killed_postgres_delays_orders_and_loses_nothing() {
    run(async {
        let mut postgres = TestPostgres::start();
        let site = Site::on(&postgres.database("killed"));
        site.settings("", IMPATIENT, UNLIMITED);
        let _server = site.serve().await;
        let crowd = Crowd::gather(&site, 34, SIZE).await;
        for _ in 0..2 {
            crowd.expect_orders(ORDERS, SOON).await;
            let before = crowd.unavailable();
            postgres.kill();
            expect("503s", SOON, || crowd.unavailable() > before + 5).await;
            postgres.restart();
        }
        crowd.expect_orders(ORDERS, SOON).await;
        expect_unharmed(&crowd.come_to_rest().await, "Postgres killed twice", &site);
    });
}

/// Somebody holds the feeds: what reads and what writes waits, until no connection of the pools is left.
#[test]
fn locked_tables_and_exhausted_pools_delay_orders_and_lose_nothing() {
    run(async {
        let postgres = TestPostgres::start();
        let site = Site::on(&postgres.database("exhausted"));
        site.settings("", &format!("{IMPATIENT}\nreaders = 1\nwriters = 1"), UNLIMITED);
        let _server = site.serve().await;
        let crowd = Crowd::gather(&site, 35, SIZE).await;
        crowd.expect_orders(ORDERS, SOON).await;

        let mut other = PgConnection::connect(&postgres.superuser_url("exhausted")).await.expect("Postgres");
        other.execute("begin; lock table feeds in access exclusive mode").await.expect("the lock");
        let before = crowd.unavailable();
        expect("503s", SOON, || crowd.unavailable() > before + 20).await;
        other.execute("rollback").await.expect("unlocked");

        crowd.expect_orders(ORDERS, SOON).await;
        expect_unharmed(&crowd.come_to_rest().await, "locked feeds", &site);
    });
}

/// Each order makes its commit a twentieth of a second longer.
const SLOW_COMMIT: &[&str] = &[
    "create function dawdle() returns trigger language plpgsql as 'begin perform pg_sleep(0.05); return null; end'",
    "create constraint trigger dawdle after insert on orders deferrable initially deferred \
     for each row execute function dawdle()",
];

#[test]
fn slow_commits_delay_orders_and_lose_nothing() {
    run(async {
        let postgres = TestPostgres::start();
        let site = Site::on(&postgres.database("slow"));
        site.settings("", "", UNLIMITED);
        let _server = site.serve().await;
        let crowd = Crowd::gather(&site, 36, SIZE).await;
        crowd.expect_orders(ORDERS, SOON).await;
        execute(&site.url, SLOW_COMMIT).await;
        crowd.expect_orders(ORDERS, SOON).await;
        execute(&site.url, &["drop trigger dawdle on orders"]).await;
        crowd.expect_orders(ORDERS, SOON).await;
        let rest = crowd.come_to_rest().await;
        rest.expect_nothing_wrong("slow commits", &site);
        assert_eq!(rest.counts.lost, 0, "connections were lost: {:?}", rest.closes);
    });
}

#[track_caller]
fn expect_unharmed(rest: &Rest, fault: &str, site: &Site) {
    rest.expect_nothing_wrong(fault, site);
    assert!(rest.unavailable > 0, "nobody was told to wait");
    assert!(rest.retried > 0, "no order had to be sent again");
    assert_eq!(rest.counts.lost, 0, "connections were lost: {:?}", rest.closes);
}
