//! `kill -9` in the middle of everything, again and again: the machine's power button as a test can press it.

use super::crowd::{Crowd, Size, expect};
use crate::harness::dice::{Dice, seeds};
use crate::harness::process::Site;
use crate::harness::run;
use crate::harness::server::Kind;
use std::time::Duration;

const ROUNDS: u64 = 6;
/// Orders that must have been acknowledged since the last start before the next kill: the crowd is at work again.
const ORDERS_BETWEEN: u64 = 40;
const SIZE: Size = Size { guests: 38, cooks: 8, waiters: 4, pause: 90, taps: 80 };
/// Nobody is to be limited: they all come from one address and never sleep.
pub const UNLIMITED: &str = "[limits]\nscans_per_address = 1000000\norders_per_guest = 1000000\n\
    orders_per_table = 1000000\norders_per_restaurant = 1000000\nrequests_per_guest = 1000000\n\
    login_per_account = 1000000\nlogin_per_address = 1000000\nstaff_requests = 1000000\n\
    [socket]\nhello_pending_per_address = 1000\nmessages_per_second = 100000\nmessages_burst = 100000\n\
    beat_staff_ms = 100\nbeat_guest_ms = 200\n";
/// How often beats come there; who misses four of them is closed, and a busy machine may be that slow.
pub const BUSY: &str = "beat_staff_ms = 100\nbeat_guest_ms = 200\n";
/// As seldom as with real clients, or nearly.
pub const PATIENT: &str = "beat_staff_ms = 1000\nbeat_guest_ms = 1000\n";

#[test]
fn nothing_acknowledged_is_lost_when_the_server_is_killed_on_sqlite() {
    for seed in seeds(&[1]) {
        run(killed_again_and_again(Kind::Sqlite, seed));
    }
}

#[test]
fn nothing_acknowledged_is_lost_when_the_server_is_killed_on_postgres() {
    for seed in seeds(&[2]) {
        run(killed_again_and_again(Kind::Postgres, seed));
    }
}

async fn killed_again_and_again(kind: Kind, seed: u64) {
    let mut dice = Dice::new(seed, 1000);
    let site = Site::new(kind);
    site.settings("", "", UNLIMITED);
    let mut server = site.serve().await;
    let crowd = Crowd::gather(&site, seed, SIZE).await;
    let mut caught = Vec::new();
    for round in 1..=ROUNDS {
        crowd.expect_orders(ORDERS_BETWEEN, Duration::from_secs(30)).await;
        let moment = dice.pause(0, 500);
        tokio::time::sleep(moment).await;
        expect("an order under way", Duration::from_secs(10), || crowd.in_flight() > 0).await;
        let in_flight = crowd.in_flight();
        server.kill();
        println!("{kind:?}, seed {seed}: kill {round} {moment:?} into the work, {in_flight} orders under way");
        caught.push(in_flight);
        tokio::time::sleep(dice.pause(0, 300)).await;
        server = site.serve().await;
    }
    crowd.expect_orders(ORDERS_BETWEEN, Duration::from_secs(30)).await;
    let rest = crowd.come_to_rest().await;
    rest.expect_nothing_wrong(&format!("{kind:?}, {ROUNDS} kills"), &site);
    assert!(caught.iter().all(|in_flight| *in_flight > 0), "a kill disturbed nobody: {caught:?}");
    assert!(rest.retried > 0, "no order had to be sent again");
    assert!(rest.counts.lost >= ROUNDS * 45, "connections survived a kill: {}", rest.counts.lost);
    assert!(rest.counts.replays > 0, "nobody came back by cursor");
    drop(server);
}
