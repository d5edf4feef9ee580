//! W7: the kitchen has your order; and the alarm when no screen has shown it.

use super::follow::{Follower, int};
use super::hand::{Hand, eventually, feed, small};
use super::node::{Choice, Node, quiet, quiet_with};
use crate::harness::run;
use crate::harness::server::{BOTH, Kind, TestServer};
use comanda::clock::{Clock, Hand as ClockHand};
use comanda::domain::event::{Event, Kind as EventKind, State};
use comanda::domain::ids::{OrderId, StationId};
use comanda::domain::people::Role;
use comanda::domain::restaurant::GateRule;
use comanda::domain::time::Timestamp;
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use std::time::Duration;

const NOON: Timestamp = Timestamp(1_800_000_000_000_000);
const ALARM: &str = "[alarm]\nevery_ms = 20\n";

fn shown(seq: i64, stations: &[StationId]) -> Value {
    json!({ "op": "shown", "topic": "kitchen", "seq": seq, "stations": stations })
}

/// The server heard all that was sent before.
async fn fence(screen: &mut Follower) {
    screen.socket.send(&json!({ "op": "command", "id": uuid::Uuid::new_v4(), "name": "order.none", "args": {} })).await;
    screen.until(|_, m| m["code"] == "unknown_command").await;
}

fn of(events: &[Event], kind: EventKind) -> Vec<&Event> {
    events.iter().filter(|event| event.kind == kind).collect()
}

#[test]
fn w7_what_was_drawn_is_told_once_to_the_staff_and_the_guests_concerned() {
    for kind in BOTH {
        run(async {
            let server = quiet(kind).await;
            let (cook, waiter) = (server.staff(Role::Kitchen).await, server.staff(Role::Waiter).await);
            let (guest, neighbour) = (server.guest(0).await, server.guest(1).await);
            let stations = [server.fixture.grill(), server.fixture.bar()];
            let mut screen = Follower::new(&cook, &["kitchen"]).await;
            let mut floor = Follower::new(&waiter, &["floor"]).await;
            let mut phones = [Follower::new(&guest, &["table"]).await, Follower::new(&neighbour, &["table"]).await];
            let (mine, _) = Hand::at(&server, &guest).place(&small(&server.fixture)).await;
            let (theirs, seq) = Hand::at(&server, &neighbour).place(&small(&server.fixture)).await;
            screen.event(seq).await;
            screen.socket.send(&shown(seq, &stations)).await;
            screen.socket.send(&shown(seq, &stations)).await;
            screen.socket.send(&shown(seq + 100, &stations)).await;
            fence(&mut screen).await;

            for (phone, order) in phones.iter_mut().zip([mine.id, theirs.id]) {
                let seen = phone.until(|_, m| m["kind"] == "orders.seen").await;
                let seen = seen["seen"].as_array().expect("receipts").clone();
                assert_eq!((seen.len(), &seen[0]["order"]), (1, &json!(order)), "its own, and no other");
                assert!(seen[0]["at"].as_str().is_some());
            }
            let seen = floor.until(|_, m| m["kind"] == "orders.seen").await;
            assert_eq!(seen["seen"].as_array().map(Vec::len), Some(2));
            let (third, seq) = Hand::at(&server, &guest).place(&small(&server.fixture)).await;
            screen.event(seq).await;
            screen.socket.send(&shown(seq, &stations)).await;
            let seen = phones[0].until(|_, m| m["kind"] == "orders.seen").await;
            assert_eq!(seen["seen"][0]["order"], json!(third.id));
            let events = feed(&server.app().commands.store, server.fixture.id()).await;
            assert_eq!(of(&events, EventKind::OrdersSeen).len(), 2, "once for two orders, once for the third");
            assert_eq!(phones[1].first().seqs.len(), 2, "its order and its receipt");
        });
    }
}

#[test]
fn w7_an_order_is_seen_when_each_of_its_stations_has_drawn_it() {
    for kind in BOTH {
        run(async {
            let server = quiet(kind).await;
            let cook = server.staff(Role::Kitchen).await;
            let (grill, bar) = (server.fixture.grill(), server.fixture.bar());
            let guest = server.guest(0).await;
            let mut phone = Follower::new(&guest, &["table"]).await;
            let (mut one, mut two) =
                (Follower::new(&cook, &["kitchen"]).await, Follower::new(&cook, &["kitchen"]).await);
            let (order, seq) = Hand::at(&server, &guest).place(&small(&server.fixture)).await;
            one.socket.send(&shown(seq, &[grill])).await;
            // Not yet placed when this screen drew.
            two.socket.send(&shown(seq - 1, &[bar])).await;
            fence(&mut one).await;
            fence(&mut two).await;
            let store = &server.app().commands.store;
            assert!(of(&feed(store, server.fixture.id()).await, EventKind::OrdersSeen).is_empty());
            two.socket.send(&shown(seq, &[bar])).await;
            let seen = phone.until(|_, m| m["kind"] == "orders.seen").await;
            assert_eq!((&seen["seen"][0]["order"], int(&seen["seq"])), (&json!(order.id), seq + 1));
        });
    }
}

/// Four screens hang in a kitchen, and each reports what it draws.
#[test]
fn w7_what_another_screen_has_reported_costs_the_database_nothing() {
    run(async {
        let server = quiet(Kind::Sqlite).await;
        let node = Node::beside(&server, Choice::default()).await;
        let cook = node.here(&server.staff(Role::Kitchen).await);
        let guest = server.guest(0).await;
        let mut phone = Follower::new(&node.here(&guest), &["table"]).await;
        let (grill, bar) = (server.fixture.grill(), server.fixture.bar());
        let mut screens = Vec::new();
        for _ in 0..4 {
            screens.push(Follower::new(&cook, &["kitchen"]).await);
        }
        for round in 1..=3 {
            let (order, seq) = Hand::of(&node.commands, &guest).place(&small(&server.fixture)).await;
            for screen in &mut screens {
                screen.event(seq).await;
                screen.socket.send(&shown(seq, &[grill, bar])).await;
                fence(screen).await;
            }
            let seen = phone.until(|_, m| m["kind"] == "orders.seen").await;
            assert_eq!(seen["seen"][0]["order"], json!(order.id), "round {round}");
            // One station alone says nothing new, and a number above the feed says nothing of what comes later.
            screens[0].socket.send(&shown(seq, &[bar])).await;
            screens[0].socket.send(&shown(seq + 1_000, &[grill, bar])).await;
            fence(&mut screens[0]).await;
        }
        // Reports wait for each other: once this one was told, all before it are done.
        let (_, seq) = Hand::of(&node.commands, &guest).place(&small(&server.fixture)).await;
        screens[1].socket.send(&shown(seq, &[grill, bar])).await;
        phone.until(|_, m| m["kind"] == "orders.seen").await;
        let (orders, news, above) = (4, 4, 3);
        eventually("all are counted", async || node.counts.commands.load(Ordering::SeqCst) == orders + news + above)
            .await;
    });
}

#[test]
fn w7_what_waits_at_the_gate_or_what_guests_say_is_no_receipt() {
    run(async {
        let server = quiet_with(Kind::Sqlite, GateRule::Seating, "", Clock::system()).await;
        let (cook, waiter, guest) =
            (server.staff(Role::Kitchen).await, server.staff(Role::Waiter).await, server.guest(0).await);
        let stations = [server.fixture.grill(), server.fixture.bar()];
        let mut screen = Follower::new(&cook, &["kitchen"]).await;
        let mut phone = Follower::new(&guest, &["table"]).await;
        let (order, seq) = Hand::at(&server, &guest).place(&small(&server.fixture)).await;
        screen.socket.send(&shown(seq, &stations)).await;
        fence(&mut screen).await;
        let released = waiter.command("seating.release", json!({ "seating": guest.seating })).await;
        phone.socket.send(&shown(int(&released["seq"]), &stations)).await;
        fence(&mut phone).await;
        let events = feed(&server.app().commands.store, server.fixture.id()).await;
        assert!(of(&events, EventKind::OrdersSeen).is_empty());
        // The ticket is younger than its order: only who drew the release has shown it.
        screen.socket.send(&shown(seq, &stations)).await;
        fence(&mut screen).await;
        screen.socket.send(&shown(int(&released["seq"]), &stations)).await;
        let seen = phone.until(|_, m| m["kind"] == "orders.seen").await;
        assert_eq!(seen["seen"][0]["order"], json!(order.id));
        let events = feed(&server.app().commands.store, server.fixture.id()).await;
        assert_eq!(of(&events, EventKind::OrdersSeen).len(), 1);
    });
}

/// How often an alarm was raised for an order, by its count.
fn alarms(events: &[Event], order: OrderId) -> Vec<i64> {
    let nth = events.iter().filter_map(|event| match &event.state {
        State::Unseen { unseen } if unseen.order == order => Some(unseen.nth),
        _ => None,
    });
    nth.collect()
}

async fn with_clock(kind: Kind) -> (TestServer, ClockHand, Clock) {
    let (clock, hand) = Clock::settable(NOON);
    (TestServer::start_with(kind, GateRule::None, ALARM, clock.clone()).await, hand, clock)
}

#[test]
fn w7_an_order_that_nobody_shows_raises_one_alarm_per_interval_whoever_notices() {
    for kind in BOTH {
        run(async {
            let (server, hand, clock) = with_clock(kind).await;
            // A second node with an alarm clock of its own, and a third clock beside the first.
            let node = Node::beside(&server, Choice { clock, ..Choice::default() }).await;
            let stop = node.stop.clone();
            for commands in [node.commands.clone(), server.app().commands.clone()] {
                let stop = stop.clone();
                tokio::spawn(async move { commands.watch_unseen(Duration::from_millis(15), 64, stop).await });
            }
            let (cook, waiter, guest) =
                (server.staff(Role::Kitchen).await, server.staff(Role::Waiter).await, server.guest(0).await);
            let mut screen = Follower::new(&cook, &["kitchen"]).await;
            let mut floor = Follower::new(&waiter, &["floor"]).await;
            let mut phone = Follower::new(&guest, &["table"]).await;
            let tap = Hand::at(&server, &waiter);
            let (order, seq) = Hand::at(&server, &guest).place(&small(&server.fixture)).await;
            let (cancelled, _) = Hand::at(&server, &guest).place(&small(&server.fixture)).await;
            tap.tap("order.cancel", json!({ "order": cancelled.id, "reason": "changed their mind" })).await;
            let store = &server.app().commands.store;
            let raised = async || alarms(&feed(store, server.fixture.id()).await, order.id);

            hand.advance(Duration::from_millis(14_900));
            tap.rush(order.id, true).await;
            assert_eq!(raised().await, [0; 0], "not yet");
            for (after, nth) in [(200, 1), (60_000, 2), (60_000, 3)] {
                hand.advance(Duration::from_millis(after));
                eventually("an alarm", async || raised().await.len() == nth).await;
            }
            for screen in [&mut screen, &mut floor] {
                let alarm = screen.until(|_, m| m["unseen"]["nth"] == 3).await;
                assert_eq!((&alarm["kind"], &alarm["unseen"]["order"]), (&json!("order.unseen"), &json!(order.id)));
                assert_eq!(alarm["unseen"]["stations"].as_array().map(Vec::len), Some(2));
            }
            screen.socket.send(&shown(seq, &[server.fixture.grill(), server.fixture.bar()])).await;
            phone.until(|_, m| m["kind"] == "orders.seen").await;
            hand.advance(Duration::from_secs(61));
            // Another order's alarm: the clocks have gone round since.
            let (second, _) = Hand::at(&server, &guest).place(&small(&server.fixture)).await;
            hand.advance(Duration::from_secs(16));
            eventually("an alarm", async || alarms(&feed(store, server.fixture.id()).await, second.id) == [1]).await;
            assert_eq!(raised().await, [1, 2, 3], "each once, and none after it was shown");
            assert_eq!(alarms(&feed(store, server.fixture.id()).await, cancelled.id), [0; 0]);
            assert!(phone.socket.log.iter().all(|m| m["kind"] != "order.unseen"), "guests hear of no alarm");
            stop.cancel();
        });
    }
}

/// An order without an online screen at one of its stations is unseen at once; otherwise after its time.
#[test]
fn w7_a_ticket_without_a_screen_is_unseen_at_once() {
    run(async {
        let (server, _, _) = with_clock(Kind::Sqlite).await;
        let (cook, guest) = (server.staff(Role::Kitchen).await, server.guest(0).await);
        let place = Hand::at(&server, &guest);
        let store = &server.app().commands.store;
        let first_of =
            async |order: OrderId| alarms(&feed(store, server.fixture.id()).await, order).first().copied() == Some(1);
        let at_once = async |order: OrderId| eventually("an alarm", async || first_of(order).await).await;

        let (nobody, _) = place.place(&small(&server.fixture)).await;
        at_once(nobody.id).await;

        // A screen that has not said what it shows, shows everything.
        let mut screen = Follower::new(&cook, &["kitchen"]).await;
        let (watched, seq) = place.place(&small(&server.fixture)).await;
        screen.socket.send(&shown(seq, &[server.fixture.bar()])).await;
        fence(&mut screen).await;
        let (grill, _) = place.place(&small(&server.fixture)).await;
        let (beer, _) = place
            .place(&json!({ "kind": "dine_in", "lines": [{ "item": server.fixture.beer().id, "quantity": 1 }] }))
            .await;
        at_once(grill.id).await;

        // The screen of the grill goes: what comes then has none.
        let mut other = Follower::new(&cook, &["kitchen"]).await;
        other.socket.send(&shown(0, &[server.fixture.grill()])).await;
        fence(&mut other).await;
        let (both, _) = place.place(&small(&server.fixture)).await;
        drop(other);
        eventually("the screen is gone", async || server.app().commands.hub.connections() == 1).await;
        let (after, _) = place.place(&small(&server.fixture)).await;
        at_once(after.id).await;
        for order in [watched.id, beer.id, both.id] {
            assert!(!first_of(order).await, "it had a screen at each station when it was placed");
        }
    });
}
