//! Who gets which event, and what they may see in it (W2, W4).

use super::making::{SEATING, cases};
use super::wild::{OTHER_SEATING, event};
use comanda::domain::event::{Event, State};
use comanda::domain::ids::{OrderId, SeatingId, UserId};
use comanda::domain::people::By;
use comanda::domain::topic::Topic;
use comanda::protocol::server::{body_is_shared, event_body, event_message, name_of};
use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Every topic that the event could concern, and some that it could not.
fn topics(event: &Event) -> BTreeSet<Topic> {
    let orders = (0u128..4).map(|n| OrderId(Uuid::from_u128(n))).chain(event.order().map(|order| order.id));
    let mut topics: BTreeSet<Topic> = orders.map(Topic::Order).collect();
    topics.extend([Topic::Kitchen, Topic::Floor, Topic::Table(SEATING), Topic::Table(OTHER_SEATING)]);
    topics
}

/// All names of fields, however deep.
fn fields(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(name, value)| {
            found.insert(name.clone());
            fields(value, found);
        }),
        Value::Array(list) => list.iter().for_each(|value| fields(value, found)),
        _ => {}
    }
}

fn message(event: &Event, topic: Topic) -> Value {
    serde_json::from_slice(&event_message(name_of(topic), event.seq, 40, &event_body(event, topic))).expect("JSON")
}

/// Fields that guests never get.
const SECRETS: [&str; 9] =
    ["by", "placed_by", "tasks", "station", "stations", "kitchen_name", "rush", "charges", "unseen"];

proptest! {
    #![proptest_config(cases(256))]

    /// The hub wakes the topics that an event names: none that takes it may be left out.
    #[test]
    fn an_event_names_exactly_the_topics_that_take_it(event in event()) {
        let mut named: BTreeSet<Topic> = Topic::named_by(&event).into_iter().collect();
        if Topic::all_tables(&event) {
            named.extend([Topic::Table(SEATING), Topic::Table(OTHER_SEATING)]);
        }
        let taking: BTreeSet<Topic> = topics(&event).into_iter().filter(|topic| topic.takes(&event)).collect();
        prop_assert_eq!(named, taking);
    }

    #[test]
    fn a_held_order_reaches_no_kitchen_and_no_login_ends_in_public(mut event in event()) {
        if let State::Order { order } = &mut event.state {
            order.held = true;
        }
        let ended = matches!(event.state, State::Session { .. } | State::Member { .. });
        prop_assert!(event.order().is_none() || !Topic::Kitchen.takes(&event));
        prop_assert!(!ended || topics(&event).iter().all(|topic| !topic.takes(&event)));
    }

    #[test]
    fn guests_see_nothing_of_the_staff_the_kitchen_or_other_tables(mut event in event()) {
        let ana = By::Staff { user: UserId(Uuid::from_u128(4)), name: "Ana la secreta".to_owned() };
        event.by = ana.clone();
        if let State::Order { order } = &mut event.state {
            order.placed_by = ana;
        }
        for topic in topics(&event).into_iter().filter(|topic| topic.takes(&event)) {
            let (Topic::Table(_) | Topic::Order(_)) = topic else { continue };
            let message = message(&event, topic);
            let mut names = BTreeSet::new();
            fields(&message, &mut names);
            for secret in SECRETS {
                prop_assert!(!names.contains(secret), "{} in {}", secret, message);
            }
            prop_assert!(!message.to_string().contains("Ana la secreta"));
            let told = ["seen", "expected"].map(|name| message[name].as_array().cloned().unwrap_or_default());
            for seen in told.iter().flatten() {
                prop_assert!(concerns(seen, topic), "{} in {:?}", seen, topic);
            }
        }
    }

    #[test]
    fn staff_see_who_did_it_and_the_whole_order(event in event()) {
        for topic in [Topic::Kitchen, Topic::Floor].into_iter().filter(|topic| topic.takes(&event)) {
            let message = message(&event, topic);
            prop_assert_eq!(&message["by"], &serde_json::to_value(&event.by).unwrap());
            if let Some(order) = event.order() {
                prop_assert_eq!(&message["order"], &serde_json::to_value(order).unwrap());
            }
        }
    }

    /// One encoding serves a whole audience (L8).
    #[test]
    fn a_body_that_is_shared_is_the_same_on_every_topic_of_an_audience(event in event()) {
        prop_assume!(body_is_shared(&event));
        prop_assert_eq!(event_body(&event, Topic::Kitchen), event_body(&event, Topic::Floor));
        let tables = [SEATING, OTHER_SEATING].map(Topic::Table);
        prop_assert_eq!(event_body(&event, tables[0]), event_body(&event, tables[1]));
    }

    #[test]
    fn a_message_says_its_place_first(event in event()) {
        let text = event_message(name_of(Topic::Floor), event.seq, 40, &event_body(&event, Topic::Floor));
        let expected = br#"{"op":"event","topic":"floor","seq":41,"prev":40,"at":"#;
        prop_assert!(text.starts_with(expected));
    }
}

fn concerns(seen: &Value, topic: Topic) -> bool {
    let is = |field: &str, id: Uuid| seen[field] == id.to_string();
    match topic {
        Topic::Table(SeatingId(seating)) => is("seating", seating),
        Topic::Order(OrderId(order)) => is("order", order),
        Topic::Kitchen | Topic::Floor => true,
    }
}
