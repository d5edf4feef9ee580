//! Every command is idempotent by its id (L4): the same wish gets the same answer and is done once.

use super::fold::{assert_rows_are_the_feed, count};
use super::node::{EVENING, Node, PATIENT, accepted, join, ordering, refused, wish};
use super::raw::Raw;
use crate::harness::restaurant::Fixture;
use crate::harness::run;
use crate::harness::server::{BOTH, Place};
use comanda::clock::Clock;
use comanda::domain::command::{Command, LineAtStation, MarkShown, OrderAtStations, OrderRef, RushOrder};
use comanda::domain::event::Kind;
use comanda::domain::ids::*;
use comanda::domain::order::OrderKind;
use comanda::domain::people::{Actor, Role};
use comanda::domain::refusal::Code;
use comanda::domain::restaurant::GateRule;
use comanda::store::committer::{Accepted, Submission};
use comanda::store::feed::Retention;
use std::time::Duration;
use uuid::Uuid;

fn same(one: &Accepted, other: &Accepted) -> bool {
    (one.seq, one.subject) == (other.seq, other.subject)
}

#[test]
fn the_same_command_gets_the_same_answer_and_is_done_once() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let fixture = node.restaurant("olive", GateRule::None).await;
            let guest = node.scan(&fixture, 0).await;
            let order = wish(&fixture, &guest, ordering(&[(fixture.beer(), 2)]));
            let first = accepted(node.submit(order.clone()).await);
            assert!(!first.again && first.order.is_some());
            // Whatever happens meanwhile.
            node.does(&fixture, &Actor::System, Command::BumpOrder(bump(first.subject))).await;
            for _ in 0..3 {
                let again = accepted(node.submit(order.clone()).await);
                assert!(again.again && same(&again, &first), "{again:?}");
            }
            let history = assert_rows_are_the_feed(&node, &fixture).await;
            assert_eq!((count(&history, Kind::OrderPlaced), history.len()), (1, 4));
            assert_eq!(node.stock(&fixture, fixture.beer()).await, (true, Some(3)), "portions were taken twice");
            assert_eq!(node.published(fixture.id()), history, "a repetition was published");
            let mut raw = Raw::open(&place).await;
            assert_eq!(raw.number("select count(*) from commands").await, 3);
        });
    }
}

#[test]
fn two_copies_in_one_batch_are_one_command() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let fixture = node.restaurant("olive", GateRule::None).await;
            let guest = node.scan(&fixture, 0).await;
            let order = wish(&fixture, &guest, ordering(&[(fixture.beer(), 1)]));
            let scan = wish(&fixture, &Actor::System, join(&fixture, 1));
            let copies = [&order, &scan, &order, &scan, &order].map(Clone::clone).to_vec();
            let answers: Vec<_> = node.batch(copies).await.into_iter().map(accepted).collect();
            assert_eq!(node.counts.batches().last(), Some(&5), "all were in one batch");
            assert_eq!(answers.iter().map(|answer| answer.again).collect::<Vec<_>>(), [false, false, true, true, true]);
            assert!(same(&answers[0], &answers[2]) && same(&answers[0], &answers[4]) && same(&answers[1], &answers[3]));
            let history = assert_rows_are_the_feed(&node, &fixture).await;
            assert_eq!((count(&history, Kind::OrderPlaced), count(&history, Kind::SeatingOpened)), (1, 2));
            assert_eq!(node.stock(&fixture, fixture.beer()).await, (true, Some(4)));
        });
    }
}

#[test]
fn an_ok_that_changed_nothing_is_remembered_too() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let fixture = node.restaurant("olive", GateRule::None).await;
            let order = node.does(&fixture, &Actor::System, ordering(&[(fixture.fries(), 1)])).await.subject;
            let calm = wish(&fixture, &Actor::System, rush(order, false));
            let first = accepted(node.submit(calm.clone()).await);
            assert_eq!((first.seq, first.subject), (1, order), "nothing had to change");
            node.does(&fixture, &Actor::System, rush(order, true)).await;
            // Decided anew it would take the rush away.
            let again = accepted(node.submit(calm).await);
            assert!(again.again && same(&again, &first), "{again:?}");
            assert!(node.order(&fixture, OrderId(order)).await.rush);
            assert_eq!(assert_rows_are_the_feed(&node, &fixture).await.len(), 2);
        });
    }
}

#[test]
fn an_answer_that_changed_nothing_is_kept_as_long_as_any_other() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let (clock, _) = Clock::settable(EVENING);
            let node = Node::with(&place.url, clock, PATIENT).await;
            // Its feed has been silent for years.
            let fixture = node.restaurant("olive", GateRule::None).await;
            let wishes = [Command::SetItem(as_it_is(&fixture)), ordering(&[(fixture.fries(), 1)])];
            for command in wishes {
                node.does(&fixture, &Actor::System, command).await;
            }
            let month = EVENING.minus(Duration::from_secs(30 * 24 * 3600));
            let keep =
                Retention { now: month, state_before: month, events_before: month, commands_before: month, batch: 100 };
            assert!(!node.store.prune(fixture.id(), keep).await.unwrap());
            let mut raw = Raw::open(&place).await;
            assert_eq!(raw.number("select count(*) from commands").await, 2, "an answer of a moment ago was forgotten");
        });
    }
}

fn as_it_is(fixture: &Fixture) -> comanda::domain::command::SetItem {
    comanda::domain::command::SetItem { item: fixture.fries().id, available: true, stock: None }
}

#[test]
fn an_id_belongs_to_one_sender_and_one_body() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let fixture = node.restaurant("olive", GateRule::None).await;
            let lemon = node.restaurant("lemon", GateRule::None).await;
            let (guest, neighbour) = (node.scan(&fixture, 0).await, node.scan(&fixture, 0).await);
            let order = wish(&fixture, &guest, ordering(&[(fixture.fries(), 1)]));
            let like = |mut other: Submission| {
                other.request.id = order.request.id;
                other
            };
            let body = like(wish(&fixture, &guest, ordering(&[(fixture.fries(), 2)])));
            let sender = like(wish(&fixture, &neighbour, ordering(&[(fixture.fries(), 1)])));
            // In the batch of the first use, and after it.
            let mut answers = node.batch(vec![order.clone(), body.clone(), sender.clone()]).await;
            let (two, one) = (answers.split_off(1), accepted(answers.remove(0)));
            for answer in two {
                assert_eq!(refused(answer).code, Code::IdReused);
            }
            for other in [body, sender] {
                assert_eq!(refused(node.submit(other).await).code, Code::IdReused);
            }
            assert!(same(&accepted(node.submit(order.clone()).await), &one), "the first use still has its answer");
            let history = assert_rows_are_the_feed(&node, &fixture).await;
            assert_eq!(count(&history, Kind::OrderPlaced), 1);
            // Ids are a restaurant's own.
            let elsewhere = like(wish(&lemon, &node.scan(&lemon, 0).await, ordering(&[(lemon.fries(), 1)])));
            assert!(!accepted(node.submit(elsewhere).await).again);
        });
    }
}

#[test]
fn a_person_keeps_the_answers_over_a_new_login() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let fixture = node.restaurant("olive", GateRule::None).await;
            let waiter = node.staff(&fixture, Role::Waiter).await;
            let order = wish(&fixture, &waiter, ordering(&[(fixture.fries(), 1)]));
            let first = accepted(node.submit(order.clone()).await);
            let mut later = order;
            later.request.actor = node.staff(&fixture, Role::Waiter).await;
            let again = accepted(node.submit(later).await);
            assert!(again.again && same(&again, &first));
        });
    }
}

#[test]
fn a_refusal_is_not_remembered() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let fixture = node.restaurant("olive", GateRule::None).await;
            let order =
                node.does(&fixture, &Actor::System, ordering(&[(fixture.fries(), 1)])).await.order.expect("order");
            let serve = wish(&fixture, &Actor::System, Command::CompleteOrder(OrderRef { order: order.id }));
            for _ in 0..2 {
                assert_eq!(refused(node.submit(serve.clone()).await).code, Code::WrongState);
            }
            let mut raw = Raw::open(&place).await;
            assert_eq!(raw.number("select count(*) from commands").await, 1, "a refusal left a row");
            for station in [fixture.grill(), fixture.bar()] {
                let line = LineAtStation { order: order.id, line: order.lines[0].id, station: Some(station) };
                node.does(&fixture, &Actor::System, Command::FinishLine(line)).await;
            }
            let done = accepted(node.submit(serve.clone()).await);
            assert!(!done.again);
            assert!(accepted(node.submit(serve).await).again);
            assert_eq!(count(&assert_rows_are_the_feed(&node, &fixture).await, Kind::OrderCompleted), 1);
        });
    }
}

/// Screens say it twice a second; it is idempotent by itself.
#[test]
fn what_a_screen_has_shown_leaves_no_row_and_is_told_once() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let fixture = node.restaurant("olive", GateRule::None).await;
            let seq = node.does(&fixture, &Actor::System, ordering(&[(fixture.fries(), 1)])).await.seq;
            let drawn =
                |kind, stations: &[StationId]| Command::MarkShown(MarkShown { seq, stations: stations.to_vec(), kind });
            let shown = |stations: &[StationId]| drawn(None, stations);
            let both = [fixture.grill(), fixture.bar()];
            let filtered = node.does(&fixture, &Actor::System, drawn(Some(OrderKind::Delivery), &both)).await;
            assert_eq!(filtered.seq, 1, "a screen that draws deliveries only has not shown it");
            let half = node.does(&fixture, &Actor::System, shown(&[fixture.grill()])).await;
            assert_eq!(half.seq, 1, "the bar has not shown it yet");
            for _ in 0..3 {
                let whole = node.does(&fixture, &Actor::System, shown(&[fixture.bar()])).await;
                assert_eq!(whole.seq, 2);
            }
            let history = assert_rows_are_the_feed(&node, &fixture).await;
            assert_eq!((count(&history, Kind::OrdersSeen), history.len()), (1, 2));
            let mut raw = Raw::open(&place).await;
            assert_eq!(raw.number("select count(*) from commands").await, 1);
        });
    }
}

fn rush(order: Uuid, rush: bool) -> Command {
    Command::RushOrder(RushOrder { order: OrderId(order), rush })
}

fn bump(order: Uuid) -> OrderAtStations {
    OrderAtStations { order: OrderId(order), stations: Vec::new() }
}
