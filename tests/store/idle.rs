//! Parties that leave without a word: their stay ends by itself, once, and not while something is open, somebody is
//! awaited, or a phone of theirs is there.

use super::fold::{assert_rows_are_the_feed, count};
use super::node::{EVENING, Node, PATIENT, seating_of};
use crate::harness::restaurant::Fixture;
use crate::harness::run;
use crate::harness::server::{BOTH, Place};
use comanda::clock::Clock;
use comanda::domain::command::*;
use comanda::domain::event::Kind;
use comanda::domain::people::{Actor, Role};
use comanda::domain::restaurant::GateRule;
use comanda::domain::time::Timestamp;
use comanda::store::wide;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);

/// What the clock of a node does: all that are due now.
async fn tick(node: &Node, fixture: &Fixture, now: Timestamp, connected: bool) -> usize {
    let due = wide::idle_due(&node.store.db, now, 64).await.unwrap();
    let mine: Vec<_> = due.into_iter().filter(|(restaurant, _, _)| *restaurant == fixture.id()).collect();
    for (_, seating, due) in &mine {
        let expire = ExpireSeating { seating: *seating, due: *due, connected };
        node.does(fixture, &Actor::System, Command::ExpireSeating(expire)).await;
    }
    mine.len()
}

async fn is_open(node: &Node, fixture: &Fixture, guest: &Actor) -> bool {
    let stored = node.store.seating(fixture.id(), seating_of(guest)).await.unwrap().expect("the seating");
    assert_eq!(stored.idle_due.is_some(), stored.seating.is_open(), "what is closed is looked at no more");
    stored.seating.is_open()
}

#[test]
fn a_party_that_left_makes_room_once_nothing_of_it_is_open() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let (clock, hand) = Clock::settable(EVENING);
            let node = Node::with(&place.url, clock.clone(), PATIENT).await;
            let fixture = node.restaurant("olive", GateRule::None).await;
            let (cook, waiter) = (node.staff(&fixture, Role::Kitchen).await, node.staff(&fixture, Role::Waiter).await);
            let (eats, strolls) = (node.scan(&fixture, 0).await, node.scan(&fixture, 1).await);
            let order = node.orders(&fixture, &eats, &[(fixture.steak(), 1)]).await;
            hand.advance(3 * HOUR);
            let third = node.scan(&fixture, 1).await;
            assert_eq!(seating_of(&third), seating_of(&strolls), "one more phone: the party was heard of");
            assert_eq!(tick(&node, &fixture, clock.now(), false).await, 0, "four hours are not over");

            hand.advance(HOUR);
            assert_eq!(tick(&node, &fixture, clock.now(), false).await, 1);
            assert!(is_open(&node, &fixture, &eats).await, "its order is not served");
            node.does(&fixture, &cook, Command::BumpOrder(OrderAtStations { order: order.id, stations: vec![] })).await;
            node.does(&fixture, &waiter, Command::CompleteOrder(OrderRef { order: order.id })).await;
            hand.advance(3 * HOUR);
            assert_eq!(tick(&node, &fixture, clock.now(), true).await, 1);
            assert!(is_open(&node, &fixture, &strolls).await, "a phone of it is there");

            hand.advance(HOUR);
            assert_eq!(tick(&node, &fixture, clock.now(), false).await, 1);
            assert!(!is_open(&node, &fixture, &eats).await, "served four hours ago, and silent since");
            node.does(
                &fixture,
                &strolls,
                Command::CallStaff(CallStaff { reason: comanda::domain::seating::CallReason::Bill }),
            )
            .await;
            hand.advance(4 * HOUR);
            assert_eq!(tick(&node, &fixture, clock.now(), false).await, 1);
            assert!(is_open(&node, &fixture, &strolls).await, "it waits for its bill");

            let history = assert_rows_are_the_feed(&node, &fixture).await;
            assert_eq!(count(&history, Kind::SeatingClosed), 1);
            let fresh = node.scan(&fixture, 0).await;
            assert_ne!(seating_of(&fresh), seating_of(&eats), "the table is free");
        });
    }
}

#[test]
fn two_nodes_that_notice_end_a_stay_once_and_what_happened_in_between_counts() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let (clock, hand) = Clock::settable(EVENING);
            let node = Node::with(&place.url, clock.clone(), PATIENT).await;
            let other = Node::with(&place.url, clock.clone(), PATIENT).await;
            let fixture = node.restaurant("olive", GateRule::None).await;
            let (gone, back) = (node.scan(&fixture, 0).await, node.scan(&fixture, 1).await);
            hand.advance(4 * HOUR);
            let due = wide::idle_due(&node.store.db, clock.now(), 64).await.unwrap();
            let due: Vec<_> = due.into_iter().filter(|(restaurant, _, _)| *restaurant == fixture.id()).collect();
            assert_eq!(due.len(), 2);
            node.orders(&fixture, &back, &[(fixture.fries(), 1)]).await;
            for (_, seating, due) in due {
                let expire = ExpireSeating { seating, due, connected: false };
                for node in [&node, &other] {
                    node.does(&fixture, &Actor::System, Command::ExpireSeating(expire.clone())).await;
                }
            }
            assert!(!is_open(&node, &fixture, &gone).await);
            assert!(is_open(&node, &fixture, &back).await, "it ordered just before");
            let history = assert_rows_are_the_feed(&node, &fixture).await;
            assert_eq!(count(&history, Kind::SeatingClosed), 1);
        });
    }
}
