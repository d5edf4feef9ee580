//! Counted portions and prices: both are settled under the lock, whatever a phone or a cached menu believes.

use super::fold::{assert_rows_are_the_feed, count};
use super::node::{Node, accepted, draft, guest_of, ordering, refused, seating_of, wish};
use super::raw::Raw;
use crate::harness::restaurant::Fixture;
use crate::harness::run;
use crate::harness::server::{BOTH, Place};
use comanda::domain::command::*;
use comanda::domain::event::{Event, Kind, State};
use comanda::domain::ids::*;
use comanda::domain::ordering::{Priced, price};
use comanda::domain::people::{Actor, Role};
use comanda::domain::refusal::{Code, LineReason};
use comanda::domain::restaurant::GateRule;
use comanda::store::committer::{Answer, Submission};
use std::sync::Arc;
use tokio::task::JoinSet;
use uuid::Uuid;

/// The stocks that were told, in order.
fn told(history: &[Event]) -> Vec<(bool, Option<i64>)> {
    history
        .iter()
        .filter_map(|event| match &event.state {
            State::Item { item } => Some((item.available, item.stock)),
            State::Order { .. }
            | State::Seen { .. }
            | State::Unseen { .. }
            | State::Expected { .. }
            | State::Seating { .. }
            | State::Table { .. }
            | State::Session { .. }
            | State::Screen { .. }
            | State::Takeaway { .. }
            | State::Messages { .. }
            | State::Member { .. } => None,
        })
        .collect()
}

/// As the front checks it: against the menu in memory.
fn priced(fixture: &Fixture, draft: &Draft) -> Option<Priced> {
    price(&fixture.menu, draft, Uuid::now_v7).ok()
}

#[test]
fn five_portions_are_sold_five_times_however_many_want_one() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Arc::new(Node::open(&place).await);
            let fixture = node.restaurant("olive", GateRule::None).await;
            let mut guests = JoinSet::new();
            for n in 0..50 {
                let (node, fixture) = (Arc::clone(&node), fixture.clone());
                guests.spawn(async move {
                    let guest = node.scan(&fixture, n % 3).await;
                    // All phones had read the menu when there were five.
                    let mut order = wish(&fixture, &guest, ordering(&[(fixture.fries(), 1), (fixture.beer(), 1)]));
                    order.priced = priced(&fixture, &draft(&[(fixture.fries(), 1), (fixture.beer(), 1)]));
                    assert!(order.priced.is_some());
                    node.submit(order).await
                });
            }
            let (mut sold, mut refusals) = (0, Vec::new());
            for answer in guests.join_all().await {
                match answer {
                    Answer::Accepted(_) => sold += 1,
                    Answer::Refused(refusal) => refusals.push(refusal),
                    Answer::NotTried(why) => panic!("{why}"),
                }
            }
            assert_eq!((sold, refusals.len()), (5, 45));
            for refusal in refusals {
                assert_eq!(refusal.code, Code::Unavailable);
                let lines: Vec<_> = refusal.lines.iter().map(|line| (line.line, line.item, line.reason)).collect();
                assert_eq!(lines, [(1, fixture.beer().id, LineReason::SoldOut)], "the fries are there");
                assert!(matches!(refusal.lines[0].left, None | Some(0)));
            }
            let history = assert_rows_are_the_feed(&node, &fixture).await;
            assert_eq!(count(&history, Kind::OrderPlaced), 5);
            let expected = [(true, Some(4)), (true, Some(3)), (true, Some(2)), (true, Some(1)), (false, Some(0))];
            assert_eq!(told(&history), expected);
            assert_eq!(node.stock(&fixture, fixture.beer()).await, (false, Some(0)));
        });
    }
}

#[test]
fn an_order_for_more_than_is_left_is_told_how_much_that_is() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let fixture = node.restaurant("olive", GateRule::None).await;
            let guest = node.scan(&fixture, 0).await;
            let order = |quantity| wish(&fixture, &guest, ordering(&[(fixture.beer(), quantity)]));
            // In one batch, and each alone.
            let mut answers = node.batch(vec![order(3), order(3), order(2), order(1)]).await;
            answers.push(node.submit(order(1)).await);
            node.does(&fixture, &Actor::System, set(&fixture, Some(2))).await;
            answers.push(node.submit(order(3)).await);
            answers.push(node.submit(order(2)).await);
            let left = answers.into_iter().map(|answer| match answer {
                Answer::Accepted(_) => None,
                Answer::Refused(refusal) => Some((refusal.lines[0].reason, refusal.lines[0].left.unwrap_or(0))),
                Answer::NotTried(why) => panic!("{why}"),
            });
            let (short, out) = (|left| Some((LineReason::NotEnough, left)), Some((LineReason::SoldOut, 0)));
            assert_eq!(left.collect::<Vec<_>>(), [None, short(2), None, out, out, short(2), None]);
            let sold = assert_rows_are_the_feed(&node, &fixture).await;
            assert_eq!(count(&sold, Kind::OrderPlaced), 3);
        });
    }
}

fn set(fixture: &Fixture, stock: Option<i64>) -> Command {
    Command::SetItem(SetItem { item: fixture.beer().id, available: true, stock })
}

#[test]
fn what_was_not_begun_gives_its_portions_back() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let fixture = node.restaurant("olive", GateRule::None).await;
            let (guest, beer) = (node.scan(&fixture, 0).await, fixture.beer());
            let cancel = |order| Command::CancelOrder(CancelOrder { order, reason: Some("gone".to_owned()) });
            let all = node.orders(&fixture, &guest, &[(beer, 5)]).await;
            assert_eq!(node.stock(&fixture, beer).await, (false, Some(0)));
            node.does(&fixture, &guest, cancel(all.id)).await;
            assert_eq!(node.stock(&fixture, beer).await, (true, Some(5)), "it can be had again");
            // One line of two is voided before it was begun, the other after.
            let two = node.orders(&fixture, &guest, &[(beer, 2), (beer, 1)]).await;
            let at = |n: usize| LineAtStation { order: two.id, line: two.lines[n].id, station: None };
            node.does(&fixture, &Actor::System, Command::StartLine(at(0))).await;
            for n in [1, 0] {
                let void = VoidLine { order: two.id, line: two.lines[n].id, reason: "gone".to_owned() };
                node.does(&fixture, &Actor::System, Command::VoidLine(void)).await;
            }
            assert_eq!(node.stock(&fixture, beer).await, (true, Some(3)), "a portion that was begun came back");
            let begun = node.orders(&fixture, &guest, &[(beer, 3)]).await;
            let bar = LineAtStation { order: begun.id, line: begun.lines[0].id, station: Some(fixture.bar()) };
            node.does(&fixture, &Actor::System, Command::StartLine(bar)).await;
            for _ in 0..2 {
                node.does(&fixture, &Actor::System, cancel(begun.id)).await;
            }
            assert_eq!(node.stock(&fixture, beer).await, (false, Some(0)));
            assert_rows_are_the_feed(&node, &fixture).await;
        });
    }
}

#[test]
fn closing_a_table_gives_the_portions_of_its_held_orders_back() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let fixture = node.restaurant("olive", GateRule::Seating).await;
            let guest = node.scan(&fixture, 0).await;
            let held = node.orders(&fixture, &guest, &[(fixture.beer(), 2)]).await;
            assert!(held.held, "nobody let the table order");
            assert_eq!(node.stock(&fixture, fixture.beer()).await, (true, Some(3)));
            let close = CloseSeating { seating: seating_of(&guest), force: false };
            node.does(&fixture, &Actor::System, Command::CloseSeating(close)).await;
            assert_eq!(node.stock(&fixture, fixture.beer()).await, (true, Some(5)));
            let history = assert_rows_are_the_feed(&node, &fixture).await;
            assert_eq!(told(&history), [(true, Some(3)), (true, Some(5))]);
        });
    }
}

#[test]
fn a_price_from_an_older_menu_is_counted_again_under_the_lock() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let fixture = node.restaurant("olive", GateRule::None).await;
            let guest = node.scan(&fixture, 0).await;
            let at_old_price = |expected_total| {
                let draft = Draft { expected_total, ..draft(&[(fixture.fries(), 2)]) };
                let priced = priced(&fixture, &draft);
                assert_eq!(priced.as_ref().map(|priced| priced.totals.total), Some(900));
                Submission { priced, ..wish(&fixture, &guest, Command::PlaceOrder(Box::new(draft))) }
            };
            assert_eq!(accepted(node.submit(at_old_price(Some(900))).await).order.unwrap().totals.total, 900);
            // Another node has the new price, this one has the old menu in memory.
            let mut raw = Raw::open(&place).await;
            let fries = raw.id(fixture.fries().id.0);
            raw.run(&format!("update items set price = 500 where id = {fries}")).await;
            raw.run("update feeds set menu_version = 2").await;
            assert_eq!(node.store.menus.get(fixture.id()).expect("a menu in memory").version, 1);
            let changed = refused(node.submit(at_old_price(Some(900))).await);
            assert_eq!((changed.code, changed.total), (Code::TotalChanged, Some(1000)));
            let order = accepted(node.submit(at_old_price(None)).await).order.unwrap();
            assert_eq!((order.totals.total, order.lines[0].unit_price), (1000, 500));
            assert_eq!(node.order(&fixture, order.id).await, *order);
            assert_eq!(count(&node.history(fixture.id()).await, Kind::OrderPlaced), 2);
        });
    }
}

#[test]
fn what_was_taken_off_the_menu_meanwhile_cannot_be_ordered() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let fixture = node.restaurant("olive", GateRule::None).await;
            let guest = node.scan(&fixture, 0).await;
            let cook = node.staff(&fixture, Role::Kitchen).await;
            let order = || {
                let draft = draft(&[(fixture.fries(), 1)]);
                let priced = priced(&fixture, &draft);
                assert!(priced.is_some(), "it was there when the phone looked");
                Submission { priced, ..wish(&fixture, &guest, Command::PlaceOrder(Box::new(draft))) }
            };
            let take_off = SetItem { item: fixture.fries().id, available: false, stock: None };
            let take_off = wish(&fixture, &cook, Command::SetItem(take_off));
            // In the very batch that takes it off, and after it.
            let mut answers = node.batch(vec![order(), take_off, order()]).await;
            answers.push(node.submit(order()).await);
            let late = answers.split_off(2);
            answers.into_iter().for_each(|answer| drop(accepted(answer)));
            for answer in late {
                let refusal = refused(answer);
                assert_eq!((refusal.code, refusal.lines[0].reason), (Code::Unavailable, LineReason::SoldOut));
            }
            let history = assert_rows_are_the_feed(&node, &fixture).await;
            assert_eq!((count(&history, Kind::OrderPlaced), count(&history, Kind::ItemChanged)), (1, 1));
            assert_eq!(history[1].order().and_then(|order| order.guest), Some(guest_of(&guest)));
        });
    }
}

#[test]
fn an_item_that_is_set_as_it_is_moves_no_menu() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let fixture = node.restaurant("olive", GateRule::None).await;
            for (stock, events) in [(Some(5), 0), (Some(40), 1), (Some(40), 1), (None, 2)] {
                node.does(&fixture, &Actor::System, set(&fixture, stock)).await;
                let history = assert_rows_are_the_feed(&node, &fixture).await;
                assert_eq!(history.len(), events, "{stock:?}");
                assert_eq!(node.stock(&fixture, fixture.beer()).await, (true, stock));
            }
            let unknown = SetItem { item: ItemId(Uuid::now_v7()), available: false, stock: None };
            assert_eq!(node.refuses(&fixture, &Actor::System, Command::SetItem(unknown)).await, Code::UnknownItem);
        });
    }
}
