//! The time model at work: what an order is promised, what the kitchen teaches and where that is kept, who hears when
//! something else is to be expected. On both databases, over restarts and over two nodes.

use super::fold::{assert_rows_are_the_feed, count};
use super::node::{EVENING, Node, PATIENT};
use crate::harness::restaurant::Fixture;
use crate::harness::run;
use crate::harness::server::{BOTH, Place};
use comanda::clock::Clock;
use comanda::domain::command::{Command, OrderAtStations};
use comanda::domain::event::{Event, Kind, State};
use comanda::domain::order::{ExpectedOrder, Order};
use comanda::domain::people::{Actor, Role};
use comanda::domain::restaurant::GateRule;
use std::time::Duration;

fn minutes(n: u64) -> Duration {
    Duration::from_secs(60 * n)
}

async fn bump(node: &Node, fixture: &Fixture, cook: &Actor, order: &Order) {
    node.does(fixture, cook, Command::BumpOrder(OrderAtStations { order: order.id, stations: Vec::new() })).await;
}

fn told(history: &[Event]) -> Vec<ExpectedOrder> {
    let told = history.iter().filter_map(|event| match &event.state {
        State::Expected { expected } => Some(expected.clone()),
        _ => None,
    });
    told.flatten().collect()
}

#[test]
fn an_order_waits_for_those_before_it_and_hears_when_they_are_done() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let (clock, hand) = Clock::settable(EVENING);
            let node = Node::with(&place.url, clock, PATIENT).await;
            let fixture = node.restaurant("olive", GateRule::None).await;
            let (guest, cook) = (node.scan(&fixture, 0).await, node.staff(&fixture, Role::Kitchen).await);
            let mut orders = Vec::new();
            for _ in 0..9 {
                orders.push(node.orders(&fixture, &guest, &[(fixture.steak(), 1)]).await);
            }
            let expected = |order: &Order| order.expected.expect("it is in the kitchen");
            assert!(orders.iter().all(|order| order.due_at == expected(order).to), "the promise is the far end");
            assert!(orders.windows(2).all(|two| two[0].due_at <= two[1].due_at), "each waits for those before it");
            let (first, last) = (&orders[0], &orders[8]);
            assert!(last.due_at > first.due_at, "{} {}", first.due_at, last.due_at);
            assert_eq!((expected(first).before, expected(last).before), (0, 4), "counted up to four");

            hand.advance(minutes(2));
            for order in &orders[..6] {
                bump(&node, &fixture, &cook, order).await;
            }
            let history = assert_rows_are_the_feed(&node, &fixture).await;
            let told = told(&history);
            let news = told.iter().rfind(|one| one.order == last.id).expect("the last one is told");
            assert!(news.expected.to < last.due_at && news.expected.before == 2, "{news:?}");
            assert_eq!(news.seating, last.seating);
            let row = node.order(&fixture, last.id).await;
            assert_eq!((row.expected, row.due_at, row.version), (Some(news.expected), last.due_at, 1));
            assert!(told.iter().all(|one| one.order != first.id), "what is ready is told no more");
            assert_eq!(node.order(&fixture, first.id).await.expected, None);
            assert!(count(&history, Kind::OrdersExpected) <= 6, "one event for a tap at most");
        });
    }
}

#[test]
fn what_the_kitchen_taught_survives_a_restart_and_reaches_another_node() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let (clock, hand) = Clock::settable(EVENING);
            let node = Node::with(&place.url, clock.clone(), PATIENT).await;
            let fixture = node.restaurant("olive", GateRule::None).await;
            let (guest, cook) = (node.scan(&fixture, 0).await, node.staff(&fixture, Role::Kitchen).await);
            let takes = |order: &Order| order.due_at.since(order.placed_at);
            let fresh = node.orders(&fixture, &guest, &[(fixture.steak(), 1)]).await;
            let mut before = fresh.clone();
            // A kitchen that needs twice as long as its menu says.
            for _ in 0..8 {
                hand.advance(takes(&fresh) * 2);
                bump(&node, &fixture, &cook, &before).await;
                before = node.orders(&fixture, &guest, &[(fixture.steak(), 1)]).await;
            }
            assert!(takes(&before) > takes(&fresh).mul_f64(1.4), "{:?} {:?}", takes(&fresh), takes(&before));
            bump(&node, &fixture, &cook, &before).await;
            let here = node.orders(&fixture, &guest, &[(fixture.steak(), 1)]).await;

            let other = Node::with(&place.url, clock, PATIENT).await;
            bump(&other, &fixture, &cook, &here).await;
            let there = other.orders(&fixture, &guest, &[(fixture.steak(), 1)]).await;
            assert!(takes(&there).abs_diff(takes(&here)) < minutes(2), "{:?} {:?}", takes(&here), takes(&there));
            // The first node hears of what the other wrote, and counts it.
            let third = node.orders(&fixture, &guest, &[(fixture.steak(), 1)]).await;
            assert_eq!(third.expected.map(|expected| expected.before), Some(1), "the other node's order stands there");
            assert_rows_are_the_feed(&node, &fixture).await;
        });
    }
}

#[test]
fn an_order_at_the_gate_is_expected_by_nobody_until_it_is_let_in() {
    use comanda::domain::command::ReleaseSeating;
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let (clock, hand) = Clock::settable(EVENING);
            let node = Node::with(&place.url, clock, PATIENT).await;
            let fixture = node.restaurant("olive", GateRule::Seating).await;
            let (guest, waiter) = (node.scan(&fixture, 0).await, node.staff(&fixture, Role::Waiter).await);
            let held = node.orders(&fixture, &guest, &[(fixture.steak(), 1)]).await;
            assert_eq!(held.expected, None);
            hand.advance(minutes(30));
            let seating = super::node::seating_of(&guest);
            node.does(&fixture, &waiter, Command::ReleaseSeating(ReleaseSeating { seating, guest: None })).await;
            let now = node.order(&fixture, held.id).await;
            let expected = now.expected.expect("it is in the kitchen");
            assert_eq!((expected.at, expected.to), (EVENING.plus(minutes(30)), now.due_at), "its time begins now");
            assert_rows_are_the_feed(&node, &fixture).await;
        });
    }
}
