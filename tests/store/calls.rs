//! What happens to a party between scan and bill beside its orders: it calls the staff, and it is given another table.

use super::fold::{assert_rows_are_the_feed, count};
use super::node::{Node, accepted, join, seating_of, wish};
use crate::harness::restaurant::Fixture;
use crate::harness::run;
use crate::harness::server::{BOTH, Place};
use comanda::domain::command::*;
use comanda::domain::event::Kind;
use comanda::domain::order::{Order, OrderState};
use comanda::domain::people::{Actor, Role};
use comanda::domain::refusal::Code;
use comanda::domain::restaurant::GateRule;
use comanda::domain::seating::{Call, CallReason};

fn call(reason: CallReason) -> Command {
    Command::CallStaff(CallStaff { reason })
}

fn coming(guest: &Actor, reason: CallReason) -> Command {
    Command::CallComing(CallRef { seating: seating_of(guest), reason })
}

fn done(guest: &Actor, reason: CallReason) -> Command {
    Command::CallDone(CallRef { seating: seating_of(guest), reason })
}

async fn calls_of(node: &Node, fixture: &Fixture, guest: &Actor) -> Vec<Call> {
    node.store.seating(fixture.id(), seating_of(guest)).await.unwrap().expect("the seating").seating.calls
}

#[test]
fn a_call_waits_until_somebody_saw_to_it_and_is_not_repeated_at_once() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let fixture = node.restaurant("olive", GateRule::None).await;
            let (one, other) = (node.scan(&fixture, 0).await, node.scan(&fixture, 0).await);
            let stranger = node.scan(&fixture, 1).await;
            let (waiter, cook) = (node.staff(&fixture, Role::Waiter).await, node.staff(&fixture, Role::Kitchen).await);
            let (bill, water) = (CallReason::Bill, CallReason::Water);

            assert_eq!(node.refuses(&fixture, &waiter, call(bill)).await, Code::Forbidden, "staff call nobody");
            let first = node.does(&fixture, &one, call(bill)).await;
            let again = node.does(&fixture, &other, call(bill)).await;
            assert_eq!(again.seq, first.seq, "the party has called for that");
            node.does(&fixture, &other, call(water)).await;
            let calls = calls_of(&node, &fixture, &one).await;
            let reasons: Vec<_> = calls.iter().map(|call| (call.reason, call.coming_at, call.done_at)).collect();
            assert_eq!(reasons, [(bill, None, None), (water, None, None)]);

            assert_eq!(node.refuses(&fixture, &cook, coming(&one, bill)).await, Code::Forbidden);
            assert_eq!(node.refuses(&fixture, &one, coming(&one, bill)).await, Code::Forbidden);
            assert_eq!(node.refuses(&fixture, &stranger, done(&one, bill)).await, Code::Forbidden);
            assert_eq!(node.refuses(&fixture, &waiter, done(&stranger, bill)).await, Code::UnknownCall);
            let going = node.does(&fixture, &waiter, coming(&one, bill)).await;
            assert_eq!(node.does(&fixture, &waiter, coming(&one, bill)).await.seq, going.seq, "one goes");
            node.does(&fixture, &waiter, done(&one, bill)).await;
            node.does(&fixture, &one, done(&one, water)).await;
            let calls = calls_of(&node, &fixture, &one).await;
            assert!(calls.iter().all(|call| call.done_at.is_some()), "{calls:?}");
            assert_eq!(calls[0].coming_at.is_some(), calls[1].coming_at.is_none(), "the water was taken back");

            assert_eq!(node.refuses(&fixture, &other, call(bill)).await, Code::TooSoon);
            node.does(&fixture, &stranger, call(bill)).await;
            let history = assert_rows_are_the_feed(&node, &fixture).await;
            let told = [Kind::SeatingCalled, Kind::CallComing, Kind::CallDone].map(|kind| count(&history, kind));
            assert_eq!(told, [3, 1, 2]);
        });
    }
}

fn move_to(fixture: &Fixture, guest: &Actor, table: usize) -> Command {
    Command::MoveSeating(MoveSeating { seating: seating_of(guest), table: fixture.tables[table].id })
}

#[test]
fn a_party_that_moves_takes_its_orders_along_to_a_free_table() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let fixture = node.restaurant("olive", GateRule::None).await;
            let (party, neighbour) = (node.scan(&fixture, 0).await, node.scan(&fixture, 1).await);
            let waiter = node.staff(&fixture, Role::Waiter).await;
            let cooking = node.orders(&fixture, &party, &[(fixture.fries(), 1)]).await;
            let gone = node.orders(&fixture, &party, &[(fixture.steak(), 1)]).await;
            let theirs = node.orders(&fixture, &neighbour, &[(fixture.fries(), 1)]).await;
            let cancel = CancelOrder { order: gone.id, reason: None };
            node.does(&fixture, &party, Command::CancelOrder(cancel)).await;

            assert_eq!(node.refuses(&fixture, &party, move_to(&fixture, &party, 2)).await, Code::Forbidden);
            assert_eq!(node.refuses(&fixture, &waiter, move_to(&fixture, &party, 1)).await, Code::TableTaken);
            let here = node.does(&fixture, &waiter, move_to(&fixture, &party, 0)).await;
            let moved = node.does(&fixture, &waiter, move_to(&fixture, &party, 2)).await;
            assert_eq!(moved.seq, here.seq + 2, "the seating and its standing order; staying is nothing new");

            let label = |order: &comanda::domain::order::Order| order.table.clone().expect("a table").label;
            assert_eq!(label(&node.order(&fixture, cooking.id).await), "T3");
            let cancelled = node.order(&fixture, gone.id).await;
            assert_eq!((label(&cancelled).as_str(), cancelled.state), ("T1", OrderState::Cancelled));
            let now = node.order(&fixture, theirs.id).await;
            assert_eq!(now, Order { expected: now.expected, ..theirs }, "nothing happened to the neighbours' order");
            let next = node.orders(&fixture, &party, &[(fixture.fries(), 1)]).await;
            assert_eq!(label(&next), "T3", "the party's phones order on, from where it sits");
            assert_ne!(seating_of(&node.scan(&fixture, 0).await), seating_of(&party), "the old table is free");
            assert_eq!(seating_of(&node.scan(&fixture, 2).await), seating_of(&party));
            let history = assert_rows_are_the_feed(&node, &fixture).await;
            assert_eq!((count(&history, Kind::SeatingMoved), count(&history, Kind::OrderMoved)), (1, 1));
        });
    }
}

/// A table has one open seating, also while a batch is written row by row.
#[test]
fn parties_that_follow_each_other_round_the_room_move_in_one_batch() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let fixture = node.restaurant("olive", GateRule::None).await;
            let parties = [node.scan(&fixture, 0).await, node.scan(&fixture, 1).await];
            let waiter = node.staff(&fixture, Role::Waiter).await;
            let wishes = vec![
                wish(&fixture, &waiter, move_to(&fixture, &parties[1], 2)),
                wish(&fixture, &waiter, move_to(&fixture, &parties[0], 1)),
                wish(&fixture, &Actor::System, join(&fixture, 0)),
            ];
            for answer in node.batch(wishes).await {
                accepted(answer);
            }
            let seated = [1, 2].map(|table| node.scan(&fixture, table));
            let seated = futures_util::future::join_all(seated).await;
            assert_eq!(seated.iter().map(seating_of).collect::<Vec<_>>(), parties.map(|p| seating_of(&p)));
            assert_rows_are_the_feed(&node, &fixture).await;
        });
    }
}
