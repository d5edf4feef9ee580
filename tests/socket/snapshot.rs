//! W2: what a subscriber begins with.

use super::follow::{Follower, int};
use super::hand::{Hand, feed, large, small};
use super::node::{Choice, Node, quiet};
use crate::harness::run;
use crate::harness::server::{BOTH, Kind};
use crate::harness::socket::Socket;
use comanda::domain::people::Role;
use comanda::domain::topic::Topic;
use comanda::hub::ring::RingLimits;
use comanda::protocol::snapshot::Snapshot;
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Bytes that the fields of a part have besides its orders, at most, in these tests.
const PART_FIELDS_BYTES: usize = 8 * 1024;

fn orders(parts: &[Value]) -> Vec<String> {
    let of = |part: &Value| part["snapshot"]["orders"].as_array().expect("orders").clone();
    parts.iter().flat_map(of).map(|order| order["id"].as_str().expect("an id").to_owned()).collect()
}

#[test]
fn w2_each_topic_begins_with_the_whole_of_what_it_shows() {
    for kind in BOTH {
        run(async {
            let server = quiet(kind).await;
            let (waiter, guest, neighbour) =
                (server.staff(Role::Waiter).await, server.guest(0).await, server.guest(1).await);
            let mine = Hand::at(&server, &guest).place(&small(&server.fixture)).await.0.id;
            let (theirs, seq) = Hand::at(&server, &neighbour).place(&small(&server.fixture)).await;

            let kitchen = Follower::new(&waiter, &["kitchen"]).await;
            let snapshot = kitchen.first().parts[0]["snapshot"].clone();
            assert_eq!((kitchen.first().cursor, &snapshot["of"]), (seq, &json!("kitchen")));
            assert_eq!(orders(&kitchen.first().parts), [mine.to_string(), theirs.id.to_string()]);
            assert_eq!(snapshot["stations"].as_array().map(Vec::len), Some(2));

            let floor = Follower::new(&waiter, &["floor"]).await;
            let snapshot = floor.first().parts[0]["snapshot"].clone();
            assert_eq!(snapshot["tables"].as_array().map(Vec::len), Some(3));
            assert_eq!(snapshot["seatings"].as_array().map(Vec::len), Some(2));
            assert_eq!(orders(&floor.first().parts).len(), 2);

            let table = Follower::new(&guest, &["table"]).await;
            let snapshot = table.first().parts[0]["snapshot"].clone();
            assert_eq!(snapshot["seating"]["id"], json!(guest.seating));
            assert_eq!(orders(&table.first().parts), [mine.to_string()]);

            let name = format!("order:{mine}");
            let order = Follower::new(&guest, &[&name]).await;
            assert_eq!(orders(&order.first().parts), [mine.to_string()]);
        });
    }
}

#[test]
fn w2_a_large_snapshot_comes_in_parts() {
    run(async {
        let server = quiet(Kind::Sqlite).await;
        let (cook, guest) = (server.staff(Role::Kitchen).await, server.guest(0).await);
        let hand = Hand::at(&server, &guest);
        let mut placed = Vec::new();
        for n in 0..12 {
            let draft = if n % 3 == 0 { small(&server.fixture) } else { large(&server.fixture) };
            placed.push(hand.place(&draft).await.0.id.to_string());
        }
        let kitchen = Follower::new(&cook, &["kitchen"]).await;
        let parts = &kitchen.first().parts;
        assert!(parts.len() >= 5, "{} parts", parts.len());
        assert_eq!(orders(parts), placed, "every order once, oldest first");
        for part in parts {
            let bytes = part.to_string().len();
            assert!(bytes <= 32 * 1024 + PART_FIELDS_BYTES, "a part of {bytes} bytes");
            assert_eq!((&part["seq"], &part["parts"]), (&parts[0]["seq"], &json!(parts.len())));
        }
    });
}

#[test]
fn w2_many_subscribers_at_once_cause_one_read() {
    for kind in BOTH {
        run(async {
            let server = quiet(kind).await;
            let node = Node::beside(&server, Choice::default()).await;
            let cook = node.here(&server.staff(Role::Kitchen).await);
            let guest = server.guest(0).await;
            Hand::of(&node.commands, &guest).place(&small(&server.fixture)).await;
            let guest = node.here(&guest);
            let sockets = join_all((0..40).map(|n| Socket::hello(if n % 2 == 0 { &cook } else { &guest })));
            let mut sockets = sockets.await;
            assert_eq!(node.feed_reads(), 1, "all enter by one read of the feed");
            let begin = sockets.iter_mut().enumerate().map(|(n, socket)| async move {
                let topic = if n % 2 == 0 { "kitchen" } else { "table" };
                int(&socket.subscribe(topic, None).await["seq"])
            });
            let seqs: BTreeSet<i64> = join_all(begin).await.into_iter().collect();
            assert_eq!(seqs.len(), 1);
            assert_eq!(node.snapshot_reads(), 2, "one for each topic");

            // While the ring continues it, it serves those who come later, too.
            let order = node.hub.rooms()[0].head().expect("a head").seq;
            Hand::of(&node.commands, &guest).place(&small(&server.fixture)).await;
            let mut late = Follower::new(&cook, &["kitchen"]).await;
            late.event(order + 1).await;
            assert_eq!((node.snapshot_reads(), late.first().began_at), (2, order));
        });
    }
}

/// A cursor that the ring covers is continued; any other begins anew, and says so.
#[test]
fn w2_a_cursor_is_continued_or_begins_anew() {
    for kind in BOTH {
        run(async {
            let server = quiet(kind).await;
            let ring = RingLimits { events: 10, bytes: 1 << 20, node_bytes: 1 << 28 };
            let node = Node::beside(&server, Choice { ring, ..Choice::default() }).await;
            let cook = node.here(&server.staff(Role::Kitchen).await);
            let hand = Hand::of(&node.commands, &server.guest(0).await);
            let waiter = Hand::of(&node.commands, &server.staff(Role::Waiter).await);
            let (order, first) = hand.place(&small(&server.fixture)).await;
            let mut follower = Follower::new(&cook, &["kitchen"]).await;
            let epoch = follower.first().epoch.clone();
            let head = waiter.rushes(order.id, 20).await;
            follower.event(head).await;

            let mut again = Follower::new(&cook, &["kitchen"]).await;
            for (seq, of, replays) in [
                (head, epoch.as_str(), true),
                (head - 1, &epoch, true),
                (head - 10, &epoch, true),
                (head - 11, &epoch, false),
                (first, &epoch, false),
                (0, &epoch, false),
                (-1, &epoch, false),
                (head + 1, &epoch, false),
                (i64::MAX, &epoch, false),
                (head, &Uuid::new_v4().to_string(), false),
            ] {
                let before = again.first().replays;
                again.subscribe("kitchen", Some(json!({ "epoch": of, "seq": seq }))).await;
                assert_eq!(again.first().replays > before, replays, "{seq} of {head} in {of}");
                again.event(head).await;
                assert_eq!(again.first().cursor, head);
                let missed = if replays { (seq + 1..=head).collect() } else { Vec::new() };
                assert_eq!(again.first().seqs, missed);
            }
            drop(follower);
        });
    }
}

/// A client may know more than this node, from another one: the database is asked before it begins anew.
#[test]
fn w2_a_cursor_from_another_node_is_continued() {
    run(async {
        let server = quiet(Kind::Sqlite).await;
        let node = Node::beside(&server, Choice::default()).await;
        let cook = server.staff(Role::Kitchen).await;
        let (order, _) = Hand::at(&server, &server.guest(0).await).place(&small(&server.fixture)).await;
        let mut here = Follower::new(&node.here(&cook), &["kitchen"]).await;
        let waiter = Hand::at(&server, &server.staff(Role::Waiter).await);
        let head = waiter.rushes(order.id, 5).await;
        let after = json!({ "epoch": here.first().epoch, "seq": head });
        here.subscribe("kitchen", Some(after)).await;
        assert_eq!((here.first().replays, here.first().cursor), (1, head));
    });
}

/// A snapshot is one look: it holds exactly the orders whose events are not after it.
#[test]
fn w2_a_snapshot_is_true_for_its_number() {
    for kind in BOTH {
        run(async {
            let server = quiet(kind).await;
            let store = server.app().commands.store.clone();
            let hand = Hand::at(&server, &server.guest(0).await);
            let (draft, id, now) = (small(&server.fixture), server.fixture.id(), server.app().commands.clock.now());
            let place = tokio::spawn(async move {
                for _ in 0..60 {
                    hand.place(&draft).await;
                }
            });
            let mut snapshots = Vec::new();
            while !place.is_finished() {
                let (cursor, snapshot) =
                    store.snapshot(id, Topic::Kitchen, now).await.expect("a read").expect("a topic");
                let Snapshot::Kitchen(kitchen) = snapshot else { panic!("of the kitchen") };
                snapshots.push((cursor.seq, kitchen.orders.iter().map(|order| order.id).collect::<BTreeSet<_>>()));
            }
            place.await.expect("orders");
            let events = feed(&store, id).await;
            let seqs: BTreeSet<i64> = snapshots.iter().map(|(seq, _)| *seq).collect();
            assert!(seqs.len() > 5, "they overlapped: {seqs:?}");
            for (seq, held) in snapshots {
                let then = events.iter().filter(|e| e.seq <= seq).filter_map(|e| e.order()).map(|order| order.id);
                assert_eq!(held, then.collect::<BTreeSet<_>>(), "at {seq}");
            }
        });
    }
}
