//! W6: beats say how far a topic is complete, and never more than that.

use super::follow::{Follower, int};
use super::hand::{Hand, small};
use super::node::{Choice, Node, quiet};
use crate::harness::run;
use crate::harness::server::{BOTH, Kind};
use comanda::domain::people::Role;
use std::collections::HashMap;
use std::time::Duration;

fn fast() -> Choice {
    Choice { beat_staff: Duration::from_millis(60), beat_guest: Duration::from_millis(90), ..Choice::default() }
}

#[test]
fn w6_a_client_that_folds_beats_stands_at_the_head_of_the_feed() {
    for kind in BOTH {
        run(async {
            let server = quiet(kind).await;
            let node = Node::beside(&server, fast()).await;
            let (waiter, guest) = (server.staff(Role::Waiter).await, server.guest(0).await);
            let neighbour = Hand::of(&node.commands, &server.guest(1).await);
            let (mine, first) = Hand::of(&node.commands, &guest).place(&small(&server.fixture)).await;
            let mut phone = Follower::new(&node.here(&guest), &["table"]).await;
            let (theirs, _) = neighbour.place(&small(&server.fixture)).await;
            let tap = Hand::of(&node.commands, &waiter);
            let last = tap.rush(mine.id, true).await;
            let head = tap.rushes(theirs.id, 5).await;
            // Nothing of this table happens any more: only beats can bring it to the head.
            phone.reach(head).await;
            let beat = phone.socket.log.iter().rev().find(|m| m["op"] == "beat").expect("a beat");
            let table = &beat["topics"]["table"];
            assert_eq!((int(&table["last"]), int(&table["upto"]["seq"])), (last, head));
            assert_eq!(phone.first().seqs, [last]);
            assert!(first < last && beat["at"].as_str().is_some(), "{beat}");
            // From there a replay has nothing to bring, and the next event is no hole.
            let after = phone.first().after();
            phone.subscribe("table", Some(after)).await;
            let next = tap.rush(mine.id, false).await;
            phone.event(next).await;
            assert_eq!(phone.first().seqs, [next]);
        });
    }
}

/// The follower fails on any beat whose `last` it does not have, or whose `upto` is behind it.
#[test]
fn w6_a_beat_overtakes_no_news_and_turns_no_cursor_back() {
    for kind in BOTH {
        run(async {
            let server = quiet(kind).await;
            let choice =
                Choice { beat_staff: Duration::from_millis(1), beat_guest: Duration::from_millis(1), ..fast() };
            let node = Node::beside(&server, choice).await;
            let (waiter, guest) = (server.staff(Role::Waiter).await, server.guest(0).await);
            let tap = Hand::of(&node.commands, &waiter);
            let (mine, _) = Hand::of(&node.commands, &guest).place(&small(&server.fixture)).await;
            let (theirs, _) = Hand::of(&node.commands, &server.guest(1).await).place(&small(&server.fixture)).await;
            let mut followers = Vec::new();
            for n in 0..4 {
                let (person, topics): (_, &[&str]) = match n % 3 {
                    0 => (&waiter, &["kitchen", "floor"]),
                    1 => (&guest, &["table"]),
                    _ => (&waiter, &["floor"]),
                };
                followers.push(Follower::new(&node.here(person), topics).await);
            }
            let busy = tokio::spawn(async move {
                for n in 0..60 {
                    tap.rushes(if n % 5 == 0 { mine.id } else { theirs.id }, 2).await;
                }
                tap.rush(mine.id, true).await
            });
            let reading = followers.into_iter().map(|mut follower| {
                tokio::spawn(async move {
                    // 2 orders and 2 seatings were before.
                    follower.reach(125).await;
                    follower
                })
            });
            let mut beats = 0;
            for follower in futures_util::future::join_all(reading).await {
                beats += follower.expect("a follower").follows.iter().map(|follow| follow.beats).sum::<usize>();
            }
            busy.await.expect("taps");
            assert!(beats > 50, "{beats} beats");
        });
    }
}

/// Each beat is news: a topic whose beats are rare does not repeat its last one with those of another.
#[test]
fn w6_each_beat_of_a_topic_is_sent_once() {
    run(async {
        let server = quiet(Kind::Sqlite).await;
        let choice = Choice { beat_staff: Duration::from_millis(50), beat_guest: Duration::from_secs(60), ..fast() };
        let node = Node::beside(&server, choice).await;
        let waiter = server.staff(Role::Waiter).await;
        let hand = Hand::of(&node.commands, &server.guest(0).await);
        let (order, _) = hand.place(&small(&server.fixture)).await;
        let name = format!("order:{}", order.id);
        let mut screen = Follower::new(&node.here(&waiter), &["kitchen", &name]).await;
        let tap = Hand::of(&node.commands, &waiter);
        while screen.topic("kitchen").beats < 8 {
            tap.rush(order.id, screen.topic("kitchen").beats % 2 == 0).await;
            screen.step().await;
        }
        assert!(screen.topic(&name).beats <= 1, "{} beats in half a second", screen.topic(&name).beats);
        let mut at: HashMap<String, &str> = HashMap::new();
        for beat in screen.socket.log.iter().filter(|m| m["op"] == "beat") {
            for topic in beat["topics"].as_object().expect("topics").keys() {
                let now = beat["at"].as_str().expect("a time");
                let before = at.insert(topic.clone(), now);
                assert!(before.is_none_or(|before| before < now), "{topic}: {now} after {before:?}");
            }
        }
    });
}

/// Screens are told in time that they are complete, whatever the ticks of the clock are.
#[test]
fn w6_beats_come_as_often_as_was_set() {
    run(async {
        let server = quiet(Kind::Sqlite).await;
        let node = Node::beside(&server, Choice { beat_staff: Duration::from_millis(200), ..Choice::default() }).await;
        let cook = server.staff(Role::Kitchen).await;
        let mut screen = Follower::new(&node.here(&cook), &["kitchen"]).await;
        screen.until(|s, _| s.first().beats == 1).await;
        let began = tokio::time::Instant::now();
        screen.until(|s, _| s.first().beats == 7).await;
        let took = began.elapsed();
        assert!((Duration::from_millis(1000)..Duration::from_millis(1700)).contains(&took), "6 beats in {took:?}");
    });
}
