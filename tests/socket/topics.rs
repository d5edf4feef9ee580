//! W4: what comes on a topic, in which order, and to whom.

use super::follow::{Follower, int};
use super::hand::{Hand, seqs, small};
use super::node::{Choice, Node, quiet, quiet_with};
use crate::harness::run;
use crate::harness::server::{BOTH, Kind};
use comanda::clock::Clock;
use comanda::domain::people::Role;
use comanda::domain::restaurant::GateRule;
use comanda::domain::topic::Topic;
use serde_json::json;
use std::time::Duration;

#[test]
fn w4_each_topic_gets_its_events_in_order_once_each_and_no_false_hole() {
    for kind in BOTH {
        run(async {
            let server = quiet(kind).await;
            let (beat_staff, beat_guest) = (Duration::from_millis(100), Duration::from_millis(150));
            let node = Node::beside(&server, Choice { beat_staff, beat_guest, ..Choice::default() }).await;
            let waiter = node.here(&server.staff(Role::Waiter).await);
            let guests = [server.guest(0).await, server.guest(1).await];
            let hands = guests.clone().map(|guest| Hand::of(&node.commands, &guest));
            let orders = [
                hands[0].place(&small(&server.fixture)).await.0.id,
                hands[1].place(&small(&server.fixture)).await.0.id,
            ];
            let names = orders.map(|id| format!("order:{id}"));
            let mut staff = Follower::new(&waiter, &["kitchen", "floor", &names[0], &names[1]]).await;
            let mut first = Follower::new(&node.here(&guests[0]), &["table", &names[0]]).await;
            let mut second = Follower::new(&node.here(&guests[1]), &["table"]).await;

            let tap = Hand::of(&node.commands, &waiter);
            let (beer, available) = (server.fixture.beer().id, [true, false]);
            for n in 0..40 {
                tap.rush(orders[usize::from(n % 3 == 0)], n % 2 == 0).await;
                tap.tap("item.set", json!({ "item": beer, "available": available[n % 2] })).await;
                if n % 8 == 0 {
                    hands[n % 2].place(&small(&server.fixture)).await;
                }
            }
            let head = tap.tap("order.rush", json!({ "order": orders[0], "rush": true })).await.seq;
            let began: Vec<i64> = staff.follows.iter().map(|follow| follow.began_at).collect();
            staff.reach(head).await;
            first.reach(head).await;
            second.reach(head).await;

            let store = &server.app().commands.store;
            let topics = [Topic::Kitchen, Topic::Floor, Topic::Order(orders[0]), Topic::Order(orders[1])];
            for ((follow, topic), began) in staff.follows.iter().zip(topics).zip(began) {
                assert_eq!(follow.seqs, seqs(store, server.fixture.id(), topic, began).await, "{}", follow.topic);
                assert!(!follow.seqs.is_empty());
            }
            for (follower, guest) in [(&first, &guests[0]), (&second, &guests[1])] {
                let topic = Topic::Table(guest.seating.expect("a guest"));
                let want = seqs(store, server.fixture.id(), topic, follower.first().began_at).await;
                assert_eq!(follower.first().seqs, want);
            }
            for follower in [&staff, &first, &second] {
                assert!(follower.follows.iter().all(|follow| follow.resyncs == 0 && follow.snapshots == 1));
            }
        });
    }
}

/// `prev` names the topic's own event before, however many of others lie between.
#[test]
fn w4_prev_is_of_the_topic_and_not_of_the_feed() {
    run(async {
        let server = quiet(Kind::Sqlite).await;
        let (guest, neighbour) = (server.guest(0).await, server.guest(1).await);
        let (mine, theirs) = (Hand::at(&server, &guest), Hand::at(&server, &neighbour));
        let mut phone = Follower::new(&guest, &["table"]).await;
        let (_, first) = mine.place(&small(&server.fixture)).await;
        for _ in 0..3 {
            theirs.place(&small(&server.fixture)).await;
        }
        let (_, second) = mine.place(&small(&server.fixture)).await;
        let message = phone.until(|_, m| m["seq"] == second).await;
        assert_eq!((int(&message["prev"]), second), (first, first + 4));
        assert_eq!(phone.first().seqs, [first, second], "nothing of the other table");
    });
}

#[test]
fn w4_a_held_order_is_unseen_by_the_kitchen_until_it_is_released() {
    for kind in BOTH {
        run(async {
            let server = quiet_with(kind, GateRule::Seating, "", Clock::system()).await;
            let (waiter, guest) = (server.staff(Role::Waiter).await, server.guest(0).await);
            let mut kitchen = Follower::new(&waiter, &["kitchen"]).await;
            let mut floor = Follower::new(&waiter, &["floor"]).await;
            let placed = guest.order(&server.draft()).await;
            assert_eq!(placed["held"], true);
            let told = floor.until(|_, m| m["kind"] == "order.placed").await;
            assert_eq!((&told["order"]["id"], &told["order"]["held"]), (&placed["id"], &json!(true)));
            let mut late = Follower::new(&waiter, &["kitchen"]).await;
            assert!(late.first().parts[0]["snapshot"]["orders"].as_array().is_some_and(Vec::is_empty));

            let ok = waiter.command("seating.release", json!({ "seating": guest.seating })).await;
            assert_eq!(ok["op"], "ok", "{ok}");
            for screen in [&mut kitchen, &mut late] {
                let told = screen.until(|_, m| m["op"] == "event").await;
                assert_eq!((&told["kind"], &told["order"]["id"]), (&json!("order.released"), &placed["id"]));
                assert_eq!(told["order"]["held"], false);
                assert_eq!(screen.first().seqs.len(), 1, "its first word of this order");
            }
        });
    }
}

#[test]
fn w4_a_dish_that_is_sold_out_is_told_to_every_table_and_screen() {
    run(async {
        let server = quiet(Kind::Sqlite).await;
        let waiter = server.staff(Role::Waiter).await;
        let (guest, neighbour) = (server.guest(0).await, server.guest(1).await);
        let mut all = [
            Follower::new(&waiter, &["kitchen"]).await,
            Follower::new(&waiter, &["floor"]).await,
            Follower::new(&guest, &["table"]).await,
            Follower::new(&neighbour, &["table"]).await,
        ];
        let steak = server.fixture.steak().id;
        Hand::at(&server, &waiter).tap("item.set", json!({ "item": steak, "available": false })).await;
        for one in &mut all {
            let told = one.until(|_, m| m["kind"] == "item.changed").await;
            assert_eq!((&told["item"]["id"], &told["item"]["available"]), (&json!(steak), &json!(false)));
        }
    });
}

#[test]
fn w4_a_topic_that_is_not_for_a_token_is_refused_and_the_connection_stays() {
    run(async {
        let server = quiet(Kind::Sqlite).await;
        let (cook, guest, neighbour) =
            (server.staff(Role::Kitchen).await, server.guest(0).await, server.guest(1).await);
        let theirs = Hand::at(&server, &neighbour).place(&small(&server.fixture)).await.0.id;
        let mut phone = Follower::new(&guest, &["table"]).await;
        let nobodys = format!("order:{}", uuid::Uuid::new_v4());
        for topic in ["kitchen", "floor", &format!("order:{theirs}"), &nobodys] {
            phone.socket.send(&json!({ "op": "subscribe", "topic": topic })).await;
            let error = phone.step().await;
            assert_eq!((&error["op"], &error["code"]), (&json!("error"), &json!("forbidden")), "{topic}");
        }
        let mut screen = Follower::new(&cook, &["kitchen"]).await;
        for topic in ["floor", "table"] {
            screen.socket.send(&json!({ "op": "subscribe", "topic": topic })).await;
            assert_eq!(screen.until(|_, m| m["op"] == "error").await["code"], "forbidden");
        }
        let (_, seq) = Hand::at(&server, &guest).place(&small(&server.fixture)).await;
        phone.event(seq).await;
        screen.event(seq).await;
    });
}

/// After `unsubscribe` nothing more comes; the connection may take the topic up again where it left it.
#[test]
fn w4_a_topic_can_be_left_and_taken_up_again() {
    run(async {
        let server = quiet(Kind::Sqlite).await;
        let (waiter, guest) = (server.staff(Role::Waiter).await, server.guest(0).await);
        let (hand, tap) = (Hand::at(&server, &guest), Hand::at(&server, &waiter));
        let mut screen = Follower::new(&waiter, &["kitchen", "floor"]).await;
        let (order, seq) = hand.place(&small(&server.fixture)).await;
        screen.reach(seq).await;
        screen.socket.send(&json!({ "op": "unsubscribe", "topic": "kitchen" })).await;
        // Answered after the server heard the former.
        screen.subscribe("floor", Some(screen.topic("floor").after())).await;
        let head = tap.rushes(order.id, 6).await;
        screen.until(|s, _| s.topic("floor").cursor == head).await;
        assert_eq!(screen.topic("kitchen").cursor, seq);
        let after = screen.topic("kitchen").after();
        screen.subscribe("kitchen", Some(after)).await;
        screen.reach(head).await;
        assert_eq!(screen.topic("kitchen").seqs, (seq + 1..=head).collect::<Vec<_>>());
    });
}

#[test]
fn w4_a_connection_has_eight_topics_at_most() {
    run(async {
        let server = quiet(Kind::Sqlite).await;
        let waiter = server.staff(Role::Waiter).await;
        let hand = Hand::at(&server, &server.guest(0).await);
        let mut screen = Follower::new(&waiter, &["kitchen"]).await;
        for n in 0..8 {
            let id = hand.place(&small(&server.fixture)).await.0.id;
            screen.socket.send(&json!({ "op": "subscribe", "topic": format!("order:{id}") })).await;
            let answer = screen.until(|_, m| m["op"] != "event").await;
            if n < 7 {
                assert_eq!(answer["op"], "subscribed", "{answer}");
            } else {
                assert_eq!((&answer["op"], &answer["code"]), (&json!("error"), &json!("too_many_topics")));
            }
        }
    });
}
