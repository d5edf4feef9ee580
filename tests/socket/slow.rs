//! W9: readers that stall. There is no queue: a connection pulls from the ring at its socket's pace.

use super::follow::Follower;
use super::hand::{Hand, eventually, large};
use super::node::{Choice, Node, quiet};
use super::raw::{PING, Raw, TEXT, assert_close};
use crate::harness::people::Person;
use crate::harness::run;
use crate::harness::server::{Kind, TestServer};
use comanda::domain::ids::OrderId;
use comanda::domain::people::Role;
use comanda::protocol::close::Close;
use comanda::ws::Bounds;
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Of either side's socket; the kernel makes a little more of it.
const BUFFER: u32 = 4096;
/// What the kernel holds of a connection with such buffers at most.
const KERNEL_BYTES: usize = 64 * 1024;

struct Stage {
    server: TestServer,
    node: Node,
    cook: Person,
    tap: Hand,
    order: OrderId,
}

/// A node with small socket buffers, and an order whose events have 20 KiB.
async fn stage(write_stall: Duration) -> Stage {
    let server = quiet(Kind::Sqlite).await;
    let bounds = Bounds { write_stall, ..Choice::default().bounds };
    let node = Node::beside(&server, Choice { bounds, send_buffer: Some(BUFFER), ..Choice::default() }).await;
    let cook = node.here(&server.staff(Role::Kitchen).await);
    let tap = Hand::of(&node.commands, &server.staff(Role::Waiter).await);
    let guest = server.guest(0).await;
    let (order, _) = Hand::of(&node.commands, &guest).place(&large(&server.fixture)).await;
    Stage { server, node, cook, tap, order: order.id }
}

/// Reads what comes until the connection is silent at `seq`, or `resync` came.
async fn read_on(raw: &mut Raw, seq: i64) -> (Vec<i64>, usize, bool) {
    let (mut seqs, mut bytes) = (Vec::new(), 0);
    loop {
        let message = raw.message().await;
        bytes += message.to_string().len();
        match message["op"].as_str() {
            Some("event") => seqs.push(message["seq"].as_i64().expect("a number")),
            Some("resync") => return (seqs, bytes, true),
            _ => {}
        }
        if seqs.last() == Some(&seq) {
            return (seqs, bytes, false);
        }
    }
}

#[test]
fn w9_one_reader_that_stalls_among_twenty_delays_nobody_and_costs_no_queue() {
    run(async {
        let stage = stage(Duration::from_secs(30)).await;
        let mut neighbours = join_all((0..19).map(|_| Follower::new(&stage.cook, &["kitchen"]))).await;
        let mut stalled = Raw::subscribed(&stage.cook, "kitchen", Some(BUFFER)).await;
        let (mut first, mut head, mut published, mut slowest) = (None, 0, 0, Duration::ZERO);
        for n in 0..60 {
            head = stage.tap.rush(stage.order, n % 2 == 0).await;
            first.get_or_insert(head);
            let committed = Instant::now();
            join_all(neighbours.iter_mut().map(|neighbour| neighbour.event(head))).await;
            slowest = slowest.max(committed.elapsed());
            published += neighbours[0].socket.log.pop().expect("an event").to_string().len();
        }
        assert!(published > 900_000, "{published} bytes");
        assert!(slowest < Duration::from_secs(2), "neighbours waited {slowest:?}");
        let first = first.expect("an event");
        for neighbour in &neighbours {
            assert_eq!(neighbour.first().seqs, (first..=head).collect::<Vec<_>>());
        }
        // It goes on where it stopped; what it was sent is what the kernel held and what it had in hand.
        let (seqs, bytes, resync) = read_on(&mut stalled, head).await;
        assert!(resync, "the ring holds a fifth of it");
        assert_eq!(seqs, (first..).take(seqs.len()).collect::<Vec<_>>(), "in order, none missing");
        let pulled = stage.node_pull_bytes();
        assert!(bytes <= KERNEL_BYTES + pulled + 24 * 1024, "{bytes} bytes waited for it");
        // And begins anew.
        stalled.say(&json!({ "op": "subscribe", "topic": "kitchen" })).await;
        let snapshot = stalled.message().await;
        assert_eq!((snapshot["op"].as_str(), snapshot["seq"].as_i64()), (Some("subscribed"), Some(head)));
        let next = stage.tap.rush(stage.order, true).await;
        assert_eq!(read_on(&mut stalled, next).await.0, [next]);
    });
}

impl Stage {
    fn node_pull_bytes(&self) -> usize {
        Choice::default().bounds.pull_bytes
    }
}

#[test]
fn w9_a_reader_that_comes_back_in_time_gets_everything_in_order() {
    run(async {
        let stage = stage(Duration::from_secs(30)).await;
        let mut stalled = Raw::subscribed(&stage.cook, "kitchen", Some(BUFFER)).await;
        let first = stage.tap.rush(stage.order, true).await;
        let head = stage.tap.rushes(stage.order, 9).await;
        let (seqs, bytes, resync) = read_on(&mut stalled, head).await;
        assert!(!resync && bytes > 100_000, "{bytes} bytes");
        assert_eq!(seqs, (first..=head).collect::<Vec<_>>());
    });
}

/// However slow: whoever reads at all is not closed.
#[test]
fn w9_a_slow_reader_that_reads_on_is_not_closed() {
    run(async {
        let stage = stage(Duration::from_millis(400)).await;
        let mut slow = Raw::subscribed(&stage.cook, "kitchen", Some(BUFFER)).await;
        let began = Instant::now();
        let first = stage.tap.rush(stage.order, true).await;
        let head = stage.tap.rushes(stage.order, 7).await;
        let mut seqs = Vec::new();
        while seqs.last() != Some(&head) {
            tokio::time::sleep(Duration::from_millis(150)).await;
            match slow.next().await.expect("it is open") {
                (TEXT, text) => {
                    let message: Value = serde_json::from_slice(&text).expect("JSON");
                    seqs.extend(message["seq"].as_i64().filter(|_| message["op"] == "event"));
                }
                (PING, _) => {}
                (first, _) => panic!("frame {first:#x} after {seqs:?}"),
            }
        }
        assert_eq!(seqs, (first..=head).collect::<Vec<_>>());
        assert!(began.elapsed() > Duration::from_millis(1000), "it was slower than the bound");
    });
}

#[test]
fn w9_a_reader_that_takes_nothing_is_closed_and_told_so() {
    run(async {
        let stage = stage(Duration::from_millis(300)).await;
        let mut neighbour = Follower::new(&stage.cook, &["kitchen"]).await;
        let mut stalled = Raw::subscribed(&stage.cook, "kitchen", Some(BUFFER)).await;
        let head = stage.tap.rushes(stage.order, 8).await;
        neighbour.event(head).await;
        eventually("it has left the hub", async || stage.node.hub.connections() == 1).await;
        // What it had begun to take ends whole; then comes the reason.
        let (messages, closed) = stalled.closed().await;
        assert!(!messages.is_empty() && messages.iter().all(|m| m["op"] == "event"), "{messages:?}");
        assert_close(&closed, Close::Stalled);
        assert!(stalled.next().await.is_none(), "nothing follows a close");
        let next = stage.tap.rush(stage.order, true).await;
        neighbour.event(next).await;
        drop(stage.server);
    });
}

/// One topic's flood does not starve another topic of the same connection, nor its commands.
#[test]
fn w9_a_connection_that_catches_up_is_heard_meanwhile() {
    run(async {
        let stage = stage(Duration::from_secs(30)).await;
        let mut slow = Raw::subscribed(&stage.cook, "kitchen", Some(BUFFER)).await;
        let head = stage.tap.rushes(stage.order, 10).await;
        slow.say(&json!({ "op": "subscribe", "topic": "nonsense" })).await;
        let (mut before, mut answered) = (0, false);
        loop {
            let message = slow.message().await;
            answered |= message["code"] == "unknown_topic";
            before += usize::from(!answered);
            if message["seq"] == head {
                break;
            }
        }
        assert!(answered, "it was answered before the last of {before} events");
    });
}
