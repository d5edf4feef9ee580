//! Batches: what they may hold, and what becomes of a command that nobody waits for any more.

use super::fold::{assert_rows_are_the_feed, count};
use super::node::{Node, accepted, draft, join, wish};
use crate::harness::server::{BOTH, Place};
use crate::harness::{SOON, run};
use comanda::clock::Clock;
use comanda::domain::command::{CloseSeating, Command, Draft, DraftLine};
use comanda::domain::event::Kind;
use comanda::domain::people::Actor;
use comanda::domain::restaurant::GateRule;
use comanda::store::Committer;
use comanda::store::committer::{Answer, BATCH_COMMANDS, Observe, Publish, Source};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// More values than one statement takes: 64 orders × 40 lines × 13 columns. And in time: SQLite needs longer
/// than callers wait when it has to find each value by its name.
#[test]
fn a_full_batch_of_large_orders_is_written_whole() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::with(&place.url, Clock::system(), SOON).await;
            let fixture = node.restaurant("olive", GateRule::None).await;
            let line = || DraftLine { item: fixture.fries().id, quantity: 1, options: Vec::new(), note: None };
            let large = || Draft { lines: (0..40).map(|_| line()).collect(), ..draft(&[]) };
            let wishes = (0..BATCH_COMMANDS).map(|_| {
                let order = Command::PlaceOrder(Box::new(large()));
                wish(&fixture, &Actor::System, order)
            });
            for answer in node.batch(wishes.collect()).await {
                assert_eq!(accepted(answer).order.expect("an order").lines.len(), 40);
            }
            assert_eq!(node.counts.batches(), [BATCH_COMMANDS], "they were one batch");
            let history = assert_rows_are_the_feed(&node, &fixture).await;
            assert_eq!(count(&history, Kind::OrderPlaced), BATCH_COMMANDS);
        });
    }
}

/// Its sender was told that nothing happened, so nothing may happen.
#[test]
fn a_command_that_waited_too_long_in_the_queue_is_not_done() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let fixture = node.restaurant("olive", GateRule::None).await;
            // A committer whose writer has not begun.
            let (source, publish, observe) = idle();
            let (store, wait) = (&node.store, Duration::from_millis(50));
            let (committer, writers) = Committer::new(&store.db, &store.menus, 1, wait, &source, &publish, &observe);
            let scan = wish(&fixture, &Actor::System, join(&fixture, 0));
            let answer = committer.submit(scan.clone()).await;
            assert!(matches!(answer, Answer::NotTried(_)), "{answer:?}");
            drop(committer);
            futures_util::future::join_all(writers).await;
            assert!(node.history(fixture.id()).await.is_empty(), "it was done after all");
            assert!(!accepted(node.submit(scan).await).again);
        });
    }
}

fn idle() -> (Source, Publish, Arc<dyn Observe>) {
    let source = Source { clock: Clock::system(), id: Arc::new(Uuid::now_v7) };
    (source, Arc::new(drop), Arc::new(super::node::Counts::default()))
}

/// The closed seating and the new one are written by one statement.
#[test]
fn a_table_is_closed_and_opened_again_in_one_batch() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let fixture = node.restaurant("olive", GateRule::None).await;
            let mut open = node.scan(&fixture, 0).await;
            for _ in 0..8 {
                let close = CloseSeating { seating: super::node::seating_of(&open), force: false };
                let close = wish(&fixture, &Actor::System, Command::CloseSeating(close));
                let scan = wish(&fixture, &Actor::System, join(&fixture, 0));
                let mut answers: Vec<_> = node.batch(vec![close, scan]).await.into_iter().map(accepted).collect();
                let scanned = answers.remove(1);
                let seating = scanned.seating.expect("a seating").id;
                assert_ne!(seating, super::node::seating_of(&open));
                open = Actor::Guest { guest: comanda::domain::ids::GuestId(scanned.subject), seating };
            }
            assert_eq!(node.counts.halved(), 0, "a batch in which nothing is wrong was taken apart");
            assert_eq!(assert_rows_are_the_feed(&node, &fixture).await.len(), 17);
        });
    }
}
