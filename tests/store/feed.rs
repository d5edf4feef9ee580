//! One feed per restaurant, without holes (L2), in the order of the wishes, at a time that never goes back (L11).

use super::fold::{assert_rows_are_the_feed, count};
use super::node::{EVENING, Node, PATIENT, accepted, draft, join, ordering, wish};
use crate::harness::restaurant::Fixture;
use crate::harness::run;
use crate::harness::server::{BOTH, Place};
use comanda::clock::{Clock, Hand};
use comanda::domain::command::{Command, Contact, LineAtStation, OrderRef, RushOrder};
use comanda::domain::event::{Event, Kind};
use comanda::domain::ids::*;
use comanda::domain::order::Channel;
use comanda::domain::people::Actor;
use comanda::domain::restaurant::GateRule;
use comanda::store::committer::{BATCH_COMMANDS, QUEUE_COMMANDS};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn a_feed_has_no_holes_and_its_time_never_goes_back_under_64_senders_at_once() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let (clock, hand) = Clock::settable(EVENING);
            let node = Arc::new(Node::with(&place.url, clock, PATIENT).await);
            let mut restaurants = Vec::new();
            for slug in ["olive", "lemon", "basil"] {
                restaurants.push(node.restaurant(slug, GateRule::None).await);
            }
            let mut senders = JoinSet::new();
            for n in 0..64 {
                let (node, hand) = (Arc::clone(&node), hand.clone());
                let fixture = restaurants[n % restaurants.len()].clone();
                senders.spawn(async move { send_some(&node, &fixture, n, &hand).await });
            }
            senders.join_all().await;
            hand.set(EVENING.minus(24 * HOUR));
            let mut placed = 0;
            for fixture in &restaurants {
                node.scan(fixture, 0).await;
                let history = assert_rows_are_the_feed(&node, fixture).await;
                assert_eq!(node.published(fixture.id()), history, "published is what was committed, in its order");
                let last = &history[history.len() - 2..];
                assert_eq!(last[0].at, last[1].at, "the clock was a day back, the feed's was not");
                placed += count(&history, Kind::OrderPlaced);
                // What is thought of other tables' orders comes beside what was wished.
                let wished = history.len() - count(&history, Kind::OrdersExpected);
                assert_eq!(wished, 4 * count(&history, Kind::OrderPlaced) + 1, "events that nobody wished");
            }
            assert_eq!(placed, 64);
            assert!(node.counts.batches().into_iter().any(|size| size > 4), "nothing was committed in a group");
            assert_eq!(node.counts.halved(), 0);
        });
    }
}

/// Scans, orders and cooks; and sets the clock back and forth meanwhile.
async fn send_some(node: &Node, fixture: &Fixture, n: usize, hand: &Hand) {
    let guest = node.scan(fixture, n % 3).await;
    let order = node.orders(fixture, &guest, &[(fixture.fries(), 1)]).await;
    if n.is_multiple_of(2) {
        hand.set(EVENING.minus(HOUR));
    } else {
        hand.set(EVENING.plus(Duration::from_secs(n as u64)));
    }
    let line = LineAtStation { order: order.id, line: order.lines[0].id, station: Some(fixture.grill()) };
    node.does(fixture, &Actor::System, Command::StartLine(line.clone())).await;
    node.does(fixture, &Actor::System, Command::FinishLine(line)).await;
}

#[test]
fn numbers_begin_again_with_each_business_day_and_never_repeat_when_the_clock_is_set_back() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let (clock, hand) = Clock::settable(EVENING);
            let node = Node::with(&place.url, clock, PATIENT).await;
            let fixture = node.restaurant("olive", GateRule::None).await;
            let guest = node.scan(&fixture, 0).await;
            let mut given = Vec::new();
            // The day begins at four in the morning, Madrid; 20:02 + 7 h is still the same one.
            for hours in [0, 7, 8, 9, 0, 33] {
                hand.set(EVENING.plus(hours * HOUR));
                given.push(node.orders(&fixture, &guest, &[(fixture.fries(), 1)]).await.number);
            }
            assert_eq!(given, [1, 2, 1, 2, 3, 1], "the fifth was placed with a clock that was set back by a day");
            let history = assert_rows_are_the_feed(&node, &fixture).await;
            let at: Vec<_> = history[1..].iter().map(|event| event.at.since(EVENING).as_secs() / 3600).collect();
            assert_eq!(at, [0, 7, 8, 9, 9, 33]);
        });
    }
}

#[test]
fn commands_of_one_sender_are_decided_in_the_order_in_which_they_were_submitted() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let fixture = node.restaurant("olive", GateRule::None).await;
            let other = node.restaurant("lemon", GateRule::None).await;
            let order = node.does(&fixture, &Actor::System, fries(&fixture)).await.subject;
            let theirs = node.does(&other, &Actor::System, fries(&other)).await.subject;
            let rush = |fixture: &Fixture, order, n: usize| {
                let rush = RushOrder { order: OrderId(order), rush: n.is_multiple_of(2) };
                wish(fixture, &Actor::System, Command::RushOrder(rush))
            };
            // Another restaurant's wishes lie between, so that batches are cut in the middle.
            let mut wishes = Vec::new();
            for n in 0..150 {
                wishes.push(rush(&fixture, order, n));
                if n.is_multiple_of(3) {
                    wishes.push(rush(&other, theirs, n / 3));
                }
            }
            let sent: Vec<CommandId> =
                wishes.iter().filter(|w| w.restaurant == fixture.id()).map(|w| w.request.id).collect();
            for answer in node.batch(wishes).await {
                accepted(answer);
            }
            let history = assert_rows_are_the_feed(&node, &fixture).await;
            let decided: Vec<CommandId> = history[1..].iter().map(|event| event.command).collect();
            assert_eq!(decided, sent);
            let sizes = node.counts.batches();
            assert!(sizes.iter().all(|size| *size <= BATCH_COMMANDS) && sizes.contains(&BATCH_COMMANDS), "{sizes:?}");
            assert_rows_are_the_feed(&node, &other).await;
        });
    }
}

fn fries(fixture: &Fixture) -> Command {
    ordering(&[(fixture.fries(), 1)])
}

#[test]
fn a_queue_has_a_bound_and_says_so_at_once() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let fixture = node.restaurant("olive", GateRule::None).await;
            let unknown = || {
                wish(&fixture, &Actor::System, Command::ConfirmOrder(OrderRef { order: OrderId(uuid::Uuid::nil()) }))
            };
            let mut wishes: Vec<_> = (0..QUEUE_COMMANDS).map(|_| unknown()).collect();
            wishes.push(wish(&fixture, &Actor::System, join(&fixture, 0)));
            let mut answers = node.batch(wishes).await;
            let last = answers.pop().expect("an answer");
            assert!(matches!(last, comanda::store::committer::Answer::NotTried(_)), "{last:?}");
            assert!(answers.iter().all(|a| matches!(a, comanda::store::committer::Answer::Refused(_))));
            assert!(node.history(fixture.id()).await.is_empty(), "what was not taken was done");
        });
    }
}

#[test]
fn an_address_is_kept_beside_the_order_and_never_in_an_event() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let fixture = node.restaurant("olive", GateRule::None).await;
            let guest = node.scan(&fixture, 0).await;
            let contact = Contact::phone("+34600111222", Channel::Whatsapp);
            let draft = comanda::domain::command::Draft { contact: Some(contact), ..draft(&[(fixture.fries(), 1)]) };
            let order =
                node.does(&fixture, &guest, Command::PlaceOrder(Box::new(draft))).await.order.expect("an order");
            assert_eq!(order.told_by, Some(Channel::Whatsapp));
            let mut raw = super::raw::Raw::open(&place).await;
            assert_eq!(raw.texts("select phone from contacts").await, ["+34600111222"]);
            let told = raw.texts("select data from events").await;
            assert_eq!(told.len(), 2);
            assert!(told.iter().all(|data| !data.contains("600111222")), "{told:?}");
            let events: Vec<Event> = node.published(fixture.id());
            assert!(!format!("{events:?}").contains("600111222"));
        });
    }
}
