//! W3: between what a subscriber begins with and what comes live no event is missing, and none comes twice.

use super::follow::Follower;
use super::hand::{Hand, seqs, small};
use super::node::{Choice, Node, quiet};
use crate::harness::people::Person;
use crate::harness::run;
use crate::harness::server::BOTH;
use comanda::domain::event::{Event, Kind, State};
use comanda::domain::ids::{CommandId, Cursor, Epoch, OrderId, RestaurantId, SessionId};
use comanda::domain::people::{By, Role};
use comanda::domain::time::Timestamp;
use comanda::domain::topic::Topic;
use comanda::hub::ring::{Offered, RingLimits};
use comanda::hub::room::Room;
use futures_util::future::join_all;
use proptest::prelude::*;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use uuid::Uuid;

const ROUNDS: usize = 25;

/// Taps without a pause until told to stop; says which number was the last.
async fn tap(hand: Hand, order: OrderId, stop: Arc<AtomicBool>) -> i64 {
    let mut seq = 0;
    while !stop.load(Ordering::SeqCst) {
        seq = hand.rushes(order, 2).await;
    }
    seq
}

/// Comes and goes while events are published: with nothing, with its cursor, with an older one.
async fn come_and_go(person: Person, topic: &'static str, rounds: usize) -> Vec<(i64, Vec<i64>)> {
    let mut runs = Vec::new();
    let mut after = None;
    for round in 0..rounds {
        let mut follower = Follower::new(&person, &[]).await;
        follower.follows.push(super::follow::Follow::new(topic));
        if let Some(after) = after.take() {
            follower.follows[0].epoch = after_epoch(&after);
            follower.subscribe(topic, Some(after)).await;
        } else {
            follower.subscribe(topic, None).await;
        }
        while follower.first().seqs.len() < 1 + round % 7 {
            follower.step().await;
        }
        if round % 3 == 0 {
            // Asks again on the same connection, from a few events ago.
            let back = (follower.first().cursor - 3).max(follower.first().began_at);
            runs.push((follower.first().began_at, follower.first().seqs.clone()));
            follower.subscribe(topic, Some(json!({ "epoch": follower.first().epoch, "seq": back }))).await;
            follower.step().await;
        }
        runs.push((follower.first().began_at, follower.first().seqs.clone()));
        after = (round % 2 == 0).then(|| follower.first().after());
    }
    runs
}

fn after_epoch(after: &serde_json::Value) -> String {
    after["epoch"].as_str().expect("an epoch").to_owned()
}

#[test]
fn w3_who_subscribes_while_events_are_published_misses_none_and_gets_none_twice() {
    for kind in BOTH {
        run(async {
            let server = quiet(kind).await;
            // The other node hears nothing of what happens here, and finds out by itself.
            let node = Node::beside(&server, Choice::default()).await;
            let (waiter, guest) = (server.staff(Role::Waiter).await, server.guest(0).await);
            let (order, _) = Hand::at(&server, &guest).place(&small(&server.fixture)).await;
            let stop = Arc::new(AtomicBool::new(false));
            let busy = tokio::spawn(tap(Hand::of(&node.commands, &waiter), order.id, Arc::clone(&stop)));
            let comers = [("kitchen", &waiter), ("floor", &waiter), ("table", &guest), ("kitchen", &waiter)];
            let comers = comers.map(|(topic, person)| {
                let runs = tokio::spawn(come_and_go(node.here(person), topic, ROUNDS));
                async move { (topic, runs.await.expect("a comer")) }
            });
            let runs = join_all(comers).await;
            stop.store(true, Ordering::SeqCst);
            busy.await.expect("taps");
            let store = &server.app().commands.store;
            for (name, runs) in runs {
                let topic = match name {
                    "kitchen" => Topic::Kitchen,
                    "floor" => Topic::Floor,
                    _ => Topic::Table(guest.seating.expect("a guest")),
                };
                let all = seqs(store, server.fixture.id(), topic, 0).await;
                assert!(runs.len() > ROUNDS);
                for (began_at, got) in runs {
                    let last = *got.last().unwrap_or(&began_at);
                    let want: Vec<i64> = all.iter().copied().filter(|s| (began_at + 1..=last).contains(s)).collect();
                    assert_eq!(got, want, "{name} from {began_at}");
                }
            }
        });
    }
}

const EPOCH: Epoch = Epoch(Uuid::from_u128(7));
const LIMITS: RingLimits = RingLimits { events: 10_000, bytes: 1 << 24, node_bytes: 1 << 28 };

fn event(seq: i64) -> Event {
    Event {
        restaurant: RestaurantId(Uuid::nil()),
        epoch: EPOCH,
        seq,
        at: Timestamp(seq * 1_000_000),
        kind: Kind::SessionRevoked,
        by: By::System,
        command: CommandId(Uuid::from_u128(u128::try_from(seq).expect("positive"))),
        state: State::Session { session: SessionId(Uuid::nil()) },
    }
}

fn at(seq: i64) -> Cursor {
    Cursor { epoch: EPOCH, seq }
}

/// Live events come on one thread while another begins the room: whatever the moment, nothing is left behind.
#[test]
fn w3_a_room_that_begins_while_events_arrive_ends_at_the_newest() {
    for round in 0..300 {
        let room = Room::new(RestaurantId(Uuid::nil()), LIMITS);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for seq in 41..=60 {
                    room.offer(event(seq));
                }
            });
            let read = 40 + i64::from(round % 20);
            assert!(!room.begin(at(read), (11..=read).map(event).collect(), Vec::new()) || room.waiting() > 0);
        });
        // What came before the read was complete may leave a hole, which the next read fills.
        if room.waiting() > 0 {
            room.fill((41..=60).map(event).collect());
        }
        assert_eq!((room.head(), room.waiting()), (Some(at(60)), 0), "round {round}");
    }
}

proptest! {
    /// Whatever was read and whatever came meanwhile, however they overlap and whichever comes first: the ring
    /// has no hole, and nothing that could follow is left waiting.
    #[test]
    fn w3_what_was_read_and_what_came_meanwhile_join_without_a_hole(
        head in 0i64..50,
        read in 0usize..60,
        before in proptest::collection::vec(1i64..120, 0..30),
        after in proptest::collection::vec(1i64..120, 0..60),
    ) {
        let room = Room::new(RestaurantId(Uuid::nil()), LIMITS);
        for seq in &before {
            prop_assert_eq!(room.offer(event(*seq)), Offered::Early);
        }
        let history: Vec<Event> = (head + 1..).take(read).map(event).collect();
        let known: std::collections::BTreeSet<i64> =
            history.iter().map(|e| e.seq).chain(before).chain(after.iter().copied()).filter(|s| *s > head).collect();
        room.begin(at(head + i64::try_from(read).expect("small")), history, Vec::new());
        for seq in after {
            room.offer(event(seq));
        }
        let end = (head + 1..).take_while(|seq| known.contains(seq)).last().unwrap_or(head);
        prop_assert_eq!(room.head(), Some(at(end)));
        prop_assert_eq!(room.told(), Some(known.last().copied().unwrap_or(head).max(head)));
        prop_assert_eq!(room.waiting() == 0, known.last().is_none_or(|last| *last <= end));
    }
}
