//! Yesterday's copy takes the database's place while everybody is there: screens and phones come back with cursors of
//! a history that no longer is, and in the end all show what the restored database holds.

use super::crowd::{Crowd, Rest, SLUG, Size};
use super::killed::{BUSY, PATIENT, UNLIMITED};
use crate::harness::follower::Follower;
use crate::harness::postgres::TestPostgres;
use crate::harness::process::{Process, Site};
use crate::harness::run;
use crate::harness::server::Kind;
use crate::harness::truth::Truth;
use std::time::{Duration, Instant};

const SIZE: Size = Size { guests: 16, cooks: 4, waiters: 2, pause: 90, taps: 80 };
const PEOPLE: u64 = (SIZE.guests + SIZE.cooks + SIZE.waiters) as u64;
const SOON: Duration = Duration::from_secs(30);
/// Orders before the copy, and after it.
const BEFORE: u64 = 30;
const LOST: u64 = 40;
/// Orders between two looks whether the new history has overtaken the old one.
const MORE: u64 = 20;

#[test]
fn yesterdays_copy_is_restored_under_live_clients_on_sqlite() {
    run(async {
        let site = Site::new(Kind::Sqlite);
        site.settings("", "", UNLIMITED);
        let server = site.serve().await;
        let mut crowd = Crowd::gather(&site, 41, SIZE).await;
        let copy = site.folder().join("yesterday.db");
        let copy = copy.to_str().expect("a plain name");
        crowd.expect_orders(BEFORE, SOON).await;
        expect_done(&site, &["backup", copy]).await;
        crowd.expect_orders(LOST, SOON).await;
        let asleep = asleep(&crowd).await;
        server.kill();
        let words = expect_done(&site, &["restore", copy]).await;
        assert!(words.contains("new history: 1"), "{words}");
        let kept = words.split("is kept as ").nth(1).expect("a name").trim();
        crowd.keep_former(&format!("sqlite:{kept}")).await;
        let _server = site.serve().await;
        expect_a_new_beginning(asleep, &crowd, &site).await;
        let rest = expect_agreement(crowd, "SQLite, restored", &site).await;
        assert!(rest.counts.lost >= PEOPLE, "connections survived: {}", rest.counts.lost);
    });
}

#[test]
fn yesterdays_dump_is_restored_under_live_clients_on_postgres() {
    run(async {
        let postgres = TestPostgres::start();
        let (site, server, mut crowd) = dumped(&postgres, BUSY).await;
        let asleep = asleep(&crowd).await;
        server.kill();
        crowd.keep_former(&postgres.restore("yesterday", &site.folder().join("yesterday.dump"))).await;
        let words = expect_done(&site, &["restore", "--in-place"]).await;
        assert!(words.contains("new history: 1"), "{words}");
        let _server = site.serve().await;
        expect_a_new_beginning(asleep, &crowd, &site).await;
        let rest = expect_agreement(crowd, "Postgres, restored", &site).await;
        assert!(rest.counts.lost >= PEOPLE, "connections survived: {}", rest.counts.lost);
    });
}

/// A failover to a replica that was behind looks the same to a server that stays.
#[test]
fn a_postgres_that_falls_back_under_a_server_that_stays_is_noticed() {
    run(async {
        let postgres = TestPostgres::start();
        let (site, _server, mut crowd) = dumped(&postgres, PATIENT).await;
        let asleep = asleep(&crowd).await;
        crowd.keep_former(&postgres.restore("yesterday", &site.folder().join("yesterday.dump"))).await;
        expect_a_new_beginning(asleep, &crowd, &site).await;
        let rest = expect_agreement(crowd, "Postgres, fallen back", &site).await;
        // On a machine that is very busy, some wait too long for their snapshot and are told to come back.
        assert!(rest.counts.lost < PEOPLE, "everybody was sent away: {:?}", rest.closes);
        let log = std::fs::read_to_string(site.log_file()).expect("a log");
        assert!(log.contains("the database is behind what was told"), "{}", site.log());
    });
}

/// Everything at work, a dump, and then more that the dump does not have.
async fn dumped(postgres: &TestPostgres, beats: &str) -> (Site, Process, Crowd) {
    let site = Site::on(&postgres.database("yesterday"));
    site.settings("", "", &UNLIMITED.replace(BUSY, beats));
    let server = site.serve().await;
    let crowd = Crowd::gather(&site, 42, SIZE).await;
    crowd.expect_orders(BEFORE, SOON).await;
    postgres.dump("yesterday", &site.folder().join("yesterday.dump"));
    crowd.expect_orders(LOST, SOON).await;
    (site, server, crowd)
}

/// A screen that was on, and is off now.
async fn asleep(crowd: &Crowd) -> Follower {
    let mut screen = crowd.screen().await;
    screen.cut();
    screen
}

/// It wakes when the new history has gone beyond the number it holds: its cursor looks as if it could go on from there.
async fn expect_a_new_beginning(mut screen: Follower, crowd: &Crowd, site: &Site) {
    let (held, before) = (screen.cursor.expect("it had a picture"), screen.counts.snapshots);
    let deadline = Instant::now() + SOON;
    loop {
        crowd.expect_orders(MORE, SOON).await;
        let truth = Truth::read(&site.url, SLUG).await;
        if truth.epoch != held.epoch && truth.head > held.seq {
            break;
        }
        assert!(Instant::now() < deadline, "{held:?}, and the database is at {} in {:?}", truth.head, truth.epoch);
    }
    let is_there = screen.follow_until(SOON, Follower::is_following).await;
    assert!(is_there && screen.wrong.is_empty(), "{}", screen.log());
    assert!(screen.counts.snapshots > before, "it went on from its old cursor: {}", screen.log());
}

async fn expect_done(site: &Site, arguments: &[&str]) -> String {
    let output = site.run(arguments, SOON).await;
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

async fn expect_agreement(crowd: Crowd, about: &str, site: &Site) -> Rest {
    let rest = crowd.come_to_rest().await;
    rest.expect_nothing_wrong(about, site);
    println!("{about}: {} orders were lost with the former history", rest.forgotten);
    assert!(rest.forgotten as u64 >= LOST, "nothing was lost, so nothing was restored: {}", rest.forgotten);
    let (began, c) = (2 * PEOPLE, &rest.counts);
    assert!(c.snapshots >= began, "only {} snapshots: somebody went on with a cursor of the old history", c.snapshots);
    rest
}
