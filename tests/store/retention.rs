//! How the past fades: states after three days, events after three months, answers after one. The feed's numbers
//! stay, and whoever comes with an older cursor begins with a snapshot.

use super::fold::count;
use super::node::{EVENING, Node, PATIENT, ordering, wish};
use super::raw::Raw;
use crate::harness::restaurant::Fixture;
use crate::harness::run;
use crate::harness::server::{BOTH, Place};
use comanda::clock::{Clock, Hand};
use comanda::domain::event::Kind;
use comanda::domain::ids::*;
use comanda::domain::people::Actor;
use comanda::domain::restaurant::GateRule;
use comanda::domain::time::Timestamp;
use comanda::domain::topic::Topic;
use comanda::hub::Hub;
use comanda::hub::ring::RingLimits;
use comanda::relay::{Observe, Relay, Start};
use comanda::store::feed::{Feed, Retention};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// As the settings have it when nobody sets them.
fn keep(now: Timestamp, batch: i64) -> Retention {
    Retention {
        now,
        state_before: now.minus(3 * DAY),
        events_before: now.minus(90 * DAY),
        commands_before: now.minus(30 * DAY),
        batch,
    }
}

struct Past {
    place: Place,
    node: Node,
    fixture: Fixture,
    hand: Hand,
    now: Timestamp,
}

impl Past {
    /// A restaurant that got so many orders so many days after the first evening.
    async fn of(kind: crate::harness::server::Kind, orders: &[(u32, usize)]) -> Self {
        let place = Place::new(kind);
        let (clock, hand) = Clock::settable(EVENING);
        let node = Node::with(&place.url, clock, PATIENT).await;
        let fixture = node.restaurant("olive", GateRule::None).await;
        let mut past = Self { place, node, fixture, hand, now: EVENING };
        for (day, orders) in orders {
            past.set(*day);
            past.order(*orders).await;
        }
        past
    }

    fn set(&mut self, day: u32) {
        self.now = EVENING.plus(day * DAY);
        self.hand.set(self.now);
    }

    async fn order(&self, orders: usize) {
        let one = || wish(&self.fixture, &Actor::System, ordering(&[(self.fixture.fries(), 1)]));
        let wishes = (0..orders).map(|_| one()).collect();
        self.node.batch(wishes).await.into_iter().for_each(|answer| drop(super::node::accepted(answer)));
    }

    async fn prune(&self, batch: i64) -> bool {
        self.node.store.prune(self.fixture.id(), keep(self.now, batch)).await.unwrap()
    }

    async fn feed(&self) -> Feed {
        self.node.store.heads(&[self.fixture.id()]).await.unwrap().pop().unwrap()
    }

    /// `seq kind state?` of every event that is kept.
    async fn kept(&self) -> Vec<String> {
        let select =
            "select cast(seq as text) || ' ' || kind || case when data is null then '' else ' +' end from events";
        Raw::open(&self.place).await.texts(&format!("{select} order by seq")).await
    }
}

#[test]
fn old_events_lose_their_state_then_go_and_the_feed_goes_on() {
    for kind in BOTH {
        run(async {
            let mut past = Past::of(kind, &[(0, 3), (2, 2), (4, 2)]).await;
            assert!(!past.prune(500).await, "one batch was enough");
            let placed = |seq: i64, state: &str| format!("{seq} order.placed{state}");
            let expected: Vec<_> = (1..=7).map(|seq| placed(seq, if seq <= 3 { "" } else { " +" })).collect();
            assert_eq!(past.kept().await, expected);
            let feed = past.feed().await;
            assert_eq!((feed.seq, feed.oldest), (7, 3));
            // What is left of a faded event: kind, subject, actor, time.
            let mut raw = Raw::open(&past.place).await;
            let whole = "select count(*) from events e join orders o on o.restaurant_id = e.restaurant_id \
                         and o.id = e.subject where e.at = o.placed_at and e.actor <> ''";
            assert_eq!(raw.number(whole).await, 7);
            let store = &past.node.store;
            let (_, events) = store.events_after(past.fixture.id(), 0, 100).await.unwrap().unwrap();
            assert_eq!(events.iter().map(|event| event.seq).collect::<Vec<_>>(), [4, 5, 6, 7]);

            past.set(91);
            past.order(1).await;
            assert!(!past.prune(500).await);
            let mut expected: Vec<_> = (4..=7).map(|seq| placed(seq, "")).collect();
            expected.push(placed(8, " +"));
            assert_eq!(past.kept().await, expected, "what is older than 90 days is gone");
            let feed = past.feed().await;
            assert_eq!((feed.seq, feed.oldest), (8, 7));
            past.set(200);
            assert!(!past.prune(500).await);
            assert!(past.kept().await.is_empty());
            let feed = past.feed().await;
            assert_eq!((feed.seq, feed.oldest), (8, 8));
            past.order(1).await;
            assert_eq!(past.kept().await, [placed(9, " +")], "numbers are never given again");
            let orders = raw.number("select count(*) from orders").await;
            assert_eq!(orders, 9, "orders themselves stay");
        });
    }
}

#[test]
fn pruning_goes_in_small_batches_and_says_when_more_is_left() {
    for kind in BOTH {
        run(async {
            let mut past = Past::of(kind, &[(0, 7)]).await;
            past.set(40);
            let mut raw = Raw::open(&past.place).await;
            for (left, oldest) in [(5, 2), (3, 4), (1, 6)] {
                assert!(past.prune(2).await, "{left} are left");
                assert_eq!(raw.number("select count(*) from events where data is not null").await, left);
                assert_eq!(raw.number("select count(*) from commands").await, left);
                assert_eq!(past.feed().await.oldest, oldest);
            }
            assert!(!past.prune(2).await);
            assert_eq!((past.feed().await.oldest, past.feed().await.seq), (7, 7));
            assert_eq!(raw.number("select count(*) from commands").await, 0);
            past.set(100);
            for left in [5, 3, 1] {
                assert!(past.prune(2).await);
                assert_eq!(raw.number("select count(*) from events").await, left);
            }
            assert!(!past.prune(2).await);
            assert_eq!(raw.number("select count(*) from events").await, 0);
        });
    }
}

#[test]
fn answers_are_kept_for_thirty_days() {
    for kind in BOTH {
        run(async {
            let mut past = Past::of(kind, &[]).await;
            let order = wish(&past.fixture, &Actor::System, ordering(&[(past.fixture.fries(), 1)]));
            let first = super::node::accepted(past.node.submit(order.clone()).await);
            past.set(30);
            past.prune(500).await;
            let again = super::node::accepted(past.node.submit(order.clone()).await);
            assert!(again.again && (again.seq, again.subject) == (first.seq, first.subject));
            past.set(31);
            past.prune(500).await;
            assert!(!super::node::accepted(past.node.submit(order).await).again, "after that it is a new command");
            let placed = past.node.history_from(past.fixture.id(), past.feed().await.oldest).await;
            assert_eq!(count(&placed, Kind::OrderPlaced), 1);
        });
    }
}

#[test]
fn another_restaurants_past_is_left_alone() {
    for kind in BOTH {
        run(async {
            let mut past = Past::of(kind, &[(0, 2)]).await;
            let lemon = past.node.restaurant("lemon", GateRule::None).await;
            past.node.does(&lemon, &Actor::System, ordering(&[(lemon.fries(), 1)])).await;
            past.set(100);
            assert!(!past.prune(500).await);
            let feed = past.node.store.heads(&[lemon.id()]).await.unwrap().pop().unwrap();
            assert_eq!((feed.seq, feed.oldest), (1, 0));
            assert_eq!(past.node.history(lemon.id()).await.len(), 1);
            assert_eq!(past.kept().await, ["1 order.placed +"]);
        });
    }
}

struct Uncounted;

impl Observe for Uncounted {
    fn gap_healed(&self) {}
    fn feed_read(&self) {}
    fn snapshot_read(&self) {}
}

#[test]
fn a_cursor_from_before_what_is_kept_begins_with_a_snapshot() {
    for kind in BOTH {
        run(async {
            let mut past = Past::of(kind, &[(0, 3), (2, 2)]).await;
            past.set(4);
            past.prune(500).await;
            let limits = RingLimits { events: 256, bytes: 1 << 18, node_bytes: 1 << 20 };
            let (clock, _) = Clock::settable(past.now);
            let stop = CancellationToken::new();
            let store = past.node.store.clone();
            let relay = Relay::new(
                comanda::bus::in_process().0.reach(),
                Arc::new(Hub::new(limits)),
                store,
                clock,
                TaskTracker::new(),
                stop,
                Arc::new(Uncounted),
            );
            let room = relay.enter(past.fixture.id()).await.unwrap().expect("a room");
            let feed = past.feed().await;
            assert_eq!((feed.oldest, feed.seq), (3, 5));
            let other = Epoch(Uuid::new_v4());
            let cursors =
                [(feed.epoch, 0), (feed.epoch, 2), (feed.epoch, 6), (other, 4), (feed.epoch, 3), (feed.epoch, 5)];
            for (n, (epoch, seq)) in cursors.into_iter().enumerate() {
                let cursor = Cursor { epoch, seq };
                match relay.start(&room, Topic::Kitchen, Some(cursor)).await.unwrap() {
                    Start::Snapshot(snapshot) => {
                        assert!(n < 4, "{cursor:?} is covered");
                        assert_eq!(snapshot.cursor, feed.head());
                        let frames: Vec<&[u8]> = snapshot.frames.iter().map(|frame| frame.payload()).collect();
                        let text = String::from_utf8(frames.concat()).unwrap();
                        assert_eq!(text.matches("\"number\":").count(), 5, "every open order is in it");
                    }
                    Start::Replay(from) => {
                        assert!(n >= 4, "{cursor:?} is not covered");
                        assert_eq!(from, cursor);
                        let pulled = room.pull(Topic::Kitchen, cursor, 1 << 18).expect("the ring covers it");
                        assert_eq!(pulled.frames.len(), usize::try_from(5 - seq).unwrap(), "all of it, or nothing");
                    }
                    Start::Nothing => panic!("the kitchen is there"),
                }
            }
        });
    }
}
