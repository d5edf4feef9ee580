//! Events carry state (L5): whoever takes a state only if its version is higher ends where everybody ends,
//! whichever events came, in which order, and how often. Folded from the very bytes that screens get.

use super::making::{NOON, SEATING, cases, placed};
use super::play::{Step, played, tap};
use comanda::domain::event::{Event, State};
use comanda::domain::ids::*;
use comanda::domain::order::Order;
use comanda::domain::topic::Topic;
use comanda::protocol::server::{event_body, event_message, name_of};
use comanda::protocol::view::GuestOrder;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::HashMap;
use uuid::Uuid;

/// The events of a play, as the feed would number them.
fn events(steps: &[Step], first: Seq) -> Vec<Event> {
    let changes = steps.iter().filter_map(|step| Some((step, step.change()?)));
    (first..)
        .zip(changes)
        .map(|(seq, (step, change))| Event {
            restaurant: RestaurantId(Uuid::from_u128(1)),
            epoch: Epoch(Uuid::from_u128(2)),
            seq,
            at: NOON,
            kind: change.kind,
            by: step.actor.by(),
            command: CommandId(Uuid::from_u128(3)),
            state: State::Order { order: Box::new(change.order.clone()) },
        })
        .collect()
}

/// Two orders whose taps come in turn, with the orders as they were placed.
fn two_orders() -> impl Strategy<Value = (Vec<Order>, Vec<Event>)> {
    (played(), placed(false), vec(tap(), 0..20)).prop_map(|(one, other, taps)| {
        let other = Order { id: OrderId(Uuid::from_u128(0xb)), ..other };
        let first = vec![one[0].before.clone(), other.clone()];
        let mut feed = events(&one, 1);
        for (n, event) in events(&super::play::play(&other, &taps), 0).into_iter().enumerate() {
            feed.insert((2 * n + 1).min(feed.len()), event);
        }
        feed.iter_mut().zip(1..).for_each(|(event, seq)| event.seq = seq);
        (first, feed)
    })
}

/// What a client that follows a topic holds.
fn folded<T: DeserializeOwned>(
    topic: Topic,
    feed: &[&Event],
    versions: fn(&T) -> (OrderId, i64),
) -> HashMap<OrderId, T> {
    let mut held: HashMap<OrderId, T> = HashMap::new();
    for event in feed {
        let frame = event_message(name_of(topic), event.seq, event.seq - 1, &event_body(event, topic));
        let message: Value = serde_json::from_slice(&frame).expect("a frame is JSON");
        let state: T = serde_json::from_value(message["order"].clone()).expect("an order");
        let (id, version) = versions(&state);
        if held.get(&id).is_none_or(|before| versions(before).1 < version) {
            held.insert(id, state);
        }
    }
    held
}

fn kitchen(feed: &[&Event]) -> HashMap<OrderId, Order> {
    folded(Topic::Kitchen, feed, |order: &Order| (order.id, order.version))
}

fn phone(feed: &[&Event]) -> HashMap<OrderId, GuestOrder> {
    folded(Topic::Table(SEATING), feed, |order: &GuestOrder| (order.id, order.version))
}

/// The newest event of each order.
fn newest(feed: &[Event]) -> Vec<&Event> {
    let last = |event: &&Event| {
        let id = event.order().map(|order| order.id);
        feed.iter().rfind(|other| other.order().map(|order| order.id) == id).map(|other| other.seq)
    };
    feed.iter().filter(|event| last(event) == Some(event.seq)).collect()
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn whatever_comes_twice_late_or_never_the_newest_state_wins(
        (_, feed) in two_orders(), extra in vec(any::<Index>(), 0..60),
    ) {
        let in_order: Vec<&Event> = feed.iter().collect();
        let expected = kitchen(&in_order);
        let doubled: Vec<&Event> = feed.iter().flat_map(|event| [event, event]).collect();
        prop_assert_eq!(&kitchen(&doubled), &expected);
        prop_assert_eq!(&kitchen(&newest(&feed)), &expected);
        if !feed.is_empty() {
            let mut storm: Vec<&Event> = extra.iter().map(|at| &feed[at.index(feed.len())]).collect();
            let middle = storm.len() / 2;
            newest(&feed).into_iter().for_each(|event| storm.insert(middle, event));
            prop_assert_eq!(&kitchen(&storm), &expected);
        }
    }

    #[test]
    fn what_is_folded_is_what_was_decided((first, feed) in two_orders()) {
        let mut decided: HashMap<OrderId, Order> = first.into_iter().map(|order| (order.id, order)).collect();
        for event in &feed {
            let order = event.order().expect("an order's event");
            let before = decided.insert(order.id, order.clone());
            prop_assert_eq!(before.map(|order| order.version), Some(order.version - 1), "no version is left out");
        }
        let all: Vec<&Event> = feed.iter().collect();
        for (id, order) in kitchen(&all) {
            prop_assert_eq!(Some(&order), decided.get(&id));
        }
        for (id, order) in phone(&all) {
            prop_assert_eq!(Some(order), decided.get(&id).map(GuestOrder::from));
        }
    }
}
