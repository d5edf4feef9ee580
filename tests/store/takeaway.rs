//! Takeaway under the lock: a slot is never sold twice, and a scheduled order begins once.

use super::node::{Node, PATIENT, accepted, draft, refused, wish};
use crate::harness::restaurant::{self, Fixture};
use crate::harness::run;
use crate::harness::server::{BOTH, Kind, Place};
use comanda::clock::Clock;
use comanda::domain::command::*;
use comanda::domain::event::Kind as What;
use comanda::domain::ids::{GuestId, OrderId};
use comanda::domain::order::{Channel, OrderKind, OrderState};
use comanda::domain::people::{Actor, Role};
use comanda::domain::refusal::Code;
use comanda::domain::restaurant::GateRule;
use comanda::domain::takeaway::{Open, Slot, Takeaway, Weekday};
use comanda::domain::time::Timestamp;
use comanda::store::committer::{Answer, Submission};
use comanda::store::wide;
use std::time::Duration;
use uuid::Uuid;

/// A Saturday in Madrid, 12:00; the kitchen is open until 16:00.
const NOON: Timestamp = Timestamp(1_769_857_200_000_000);
const QUARTER: Duration = Duration::from_secs(900);

fn phone() -> Actor {
    Actor::Takeaway { guest: GuestId(Uuid::now_v7()) }
}

fn order(fixture: &Fixture, pickup_at: Option<Timestamp>) -> Command {
    let phone = "+34600111222".to_owned();
    let contact = Some(Contact { phone, channel: Channel::Sms, email: None, push: None, locale: None });
    Command::PlaceOrder(Box::new(Draft {
        kind: OrderKind::Takeaway,
        contact,
        pickup_at,
        ..draft(&[(fixture.steak(), 1)])
    }))
}

async fn open(place: &Place, clock: &Clock, takeaway: Takeaway) -> (Node, Fixture) {
    let node = Node::with(&place.url, clock.clone(), PATIENT).await;
    let mut fixture = restaurant::fixture("olive", GateRule::Seating);
    let settings = &mut fixture.menu.restaurant.settings;
    let span = |day: &Weekday| Open { day: *day, from: "12:00".parse().unwrap(), to: "16:00".parse().unwrap() };
    settings.hours = Weekday::ALL.iter().map(span).collect();
    settings.takeaway = Takeaway { on: true, ..takeaway };
    restaurant::create(&node.store, &fixture).await;
    (node, fixture)
}

#[test]
fn of_many_who_want_the_last_place_of_a_slot_one_gets_it() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let (clock, _) = Clock::settable(NOON);
            let (node, fixture) = open(&place, &clock, Takeaway { orders_per_slot: 1, ..Takeaway::default() }).await;
            let other = match kind {
                Kind::Postgres => Some(Node::with(&place.url, clock.clone(), PATIENT).await),
                Kind::Sqlite => None,
            };
            let wanted = NOON.plus(QUARTER * 4);
            let wishes: Vec<Submission> =
                (0..8).map(|_| wish(&fixture, &phone(), order(&fixture, Some(wanted)))).collect();
            // Half of them in one batch, the others whenever they come, some by another node.
            let late = wishes[4..].iter().enumerate().map(|(n, one)| {
                let by = other.as_ref().filter(|_| n % 2 == 0).unwrap_or(&node);
                by.submit(one.clone())
            });
            let late = futures_util::future::join_all(late);
            let (mut answers, more) = tokio::join!(node.batch(wishes[..4].to_vec()), late);
            answers.extend(more);
            let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|a| matches!(a, Answer::Accepted(_)));
            assert_eq!((won.len(), lost.len()), (1, 7));
            for answer in lost {
                let refusal = refused(answer);
                assert_eq!(refusal.code, Code::SlotTaken);
                assert!(!refusal.slots.contains(&Slot { at: wanted }), "what is full is not offered");
                assert_eq!(refusal.slots[0].at, NOON.plus(QUARTER), "what is left is");
            }
            // Taken back, the place is free again.
            let won = won.into_iter().next().map(accepted).unwrap();
            let cancel =
                Command::CancelOrder(CancelOrder { order: OrderId(won.subject), reason: Some("no".to_owned()) });
            node.does(&fixture, &node.staff(&fixture, Role::Waiter).await, cancel).await;
            node.does(&fixture, &phone(), order(&fixture, Some(wanted))).await;
            assert_eq!(node.refuses(&fixture, &phone(), order(&fixture, Some(wanted))).await, Code::SlotTaken);
        });
    }
}

#[test]
fn a_scheduled_order_begins_once_when_its_time_has_come_whichever_node_notices() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let (clock, hand) = Clock::settable(NOON);
            let (node, fixture) = open(&place, &clock, Takeaway::default()).await;
            let guest = phone();
            let placed = node.does(&fixture, &guest, order(&fixture, Some(NOON.plus(QUARTER * 4)))).await;
            let id = OrderId(placed.subject);
            let waiting = node.order(&fixture, id).await;
            // The steak takes ten minutes.
            let start = NOON.plus(Duration::from_secs(50 * 60));
            assert_eq!((waiting.state, waiting.start_at), (OrderState::Pending, Some(start)));
            assert_eq!(
                wide::unseen_due(&node.store.db, start.plus(QUARTER * 9), 9).await.unwrap(),
                [],
                "no alarm runs"
            );
            let before = Timestamp(start.0 - 1);
            assert_eq!(wide::start_due(&node.store.db, before, 9).await.unwrap(), []);
            let due = wide::start_due(&node.store.db, start, 9).await.unwrap();
            assert_eq!(due, [(fixture.id(), id, start)]);
            hand.set(start);
            // Two nodes send the same command.
            let begin = wish(&fixture, &Actor::System, Command::StartOrder(OrderRef { order: id }));
            let other = Node::with(&place.url, clock.clone(), PATIENT).await;
            let by = if kind == Kind::Postgres { &other } else { &node };
            let (one, two) = tokio::join!(node.submit(begin.clone()), by.submit(begin));
            let again = [accepted(one), accepted(two)].map(|done| done.again);
            assert!(again.contains(&true) && again.contains(&false), "{again:?}");
            let history = node.history(fixture.id()).await;
            let begun = history.iter().filter(|event| event.kind == What::OrderReleased).count();
            assert_eq!(begun, 1);
            let order = node.order(&fixture, id).await;
            assert_eq!((order.state, order.start_at), (OrderState::Confirmed, None));
            assert_eq!(wide::start_due(&node.store.db, start, 9).await.unwrap(), []);
            let (alarm, wait) = (start.plus(Duration::from_secs(15)), Duration::from_micros(1));
            assert_eq!(wide::unseen_due(&node.store.db, alarm.minus(wait), 9).await.unwrap(), []);
            assert_eq!(wide::unseen_due(&node.store.db, alarm, 9).await.unwrap().len(), 1, "its alarm runs from here");
        });
    }
}

#[test]
fn a_cook_starts_early_a_guest_takes_back_in_time_and_nothing_is_due_then() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let (clock, _) = Clock::settable(NOON);
            let (node, fixture) = open(&place, &clock, Takeaway::default()).await;
            let (cook, guest) = (node.staff(&fixture, Role::Kitchen).await, phone());
            let at = Some(NOON.plus(QUARTER * 4));
            let first = OrderId(node.does(&fixture, &guest, order(&fixture, at)).await.subject);
            let second = OrderId(node.does(&fixture, &guest, order(&fixture, at)).await.subject);
            let start = || Command::StartOrder(OrderRef { order: first });
            assert_eq!(node.refuses(&fixture, &guest, start()).await, Code::Forbidden);
            let bump = Command::BumpOrder(OrderAtStations { order: first, stations: Vec::new() });
            assert_eq!(node.refuses(&fixture, &cook, bump.clone()).await, Code::Scheduled);
            node.does(&fixture, &cook, start()).await;
            node.does(&fixture, &cook, bump).await;
            let cancel = |order| Command::CancelOrder(CancelOrder { order, reason: None });
            assert_eq!(node.refuses(&fixture, &phone(), cancel(second)).await, Code::UnknownOrder, "another's order");
            assert_eq!(node.refuses(&fixture, &guest, cancel(first)).await, Code::TooLate);
            node.does(&fixture, &guest, cancel(second)).await;
            assert_eq!(wide::start_due(&node.store.db, NOON.plus(QUARTER * 9), 9).await.unwrap(), []);
            super::fold::assert_rows_are_the_feed(&node, &fixture).await;
        });
    }
}

#[test]
fn takeaway_closed_for_today_takes_orders_for_tomorrow_only() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let (clock, _) = Clock::settable(NOON);
            let (node, fixture) = open(&place, &clock, Takeaway::default()).await;
            let cook = node.staff(&fixture, Role::Kitchen).await;
            let (today, tomorrow) = (NOON.plus(QUARTER * 4), NOON.plus(Duration::from_secs(86_400)));
            let pause = |paused| Command::PauseTakeaway(PauseTakeaway { paused });
            assert_eq!(node.refuses(&fixture, &phone(), pause(true)).await, Code::Forbidden);
            node.does(&fixture, &cook, pause(true)).await;
            assert_eq!(node.refuses(&fixture, &phone(), order(&fixture, None)).await, Code::SlotTaken);
            let refusal = refused(node.submit(wish(&fixture, &phone(), order(&fixture, Some(today)))).await);
            assert_eq!((refusal.code, refusal.slots[0].at), (Code::SlotTaken, tomorrow));
            node.does(&fixture, &phone(), order(&fixture, Some(tomorrow))).await;
            node.does(&fixture, &cook, pause(false)).await;
            node.does(&fixture, &phone(), order(&fixture, Some(today))).await;
            super::fold::assert_rows_are_the_feed(&node, &fixture).await;
        });
    }
}
