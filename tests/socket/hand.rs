//! Somebody's commands, submitted in the test's process without HTTP and its limits: as fast as the committer is.

use crate::harness::people::{self, Person};
use crate::harness::restaurant::Fixture;
use crate::harness::server::TestServer;
use comanda::commands::Commands;
use comanda::domain::event::Event;
use comanda::domain::ids::{CommandId, OrderId, RestaurantId, Seq};
use comanda::domain::order::Order;
use comanda::domain::topic::Topic;
use comanda::identity::tokens::Claims;
use comanda::protocol::client::CommandMessage;
use comanda::store::Store;
use comanda::store::committer::{Accepted, Answer};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::sync::Arc;
use uuid::Uuid;

/// One person at one node.
#[derive(Clone)]
pub struct Hand {
    pub commands: Arc<Commands>,
    pub claims: Claims,
}

impl Hand {
    pub fn of(commands: &Arc<Commands>, person: &Person) -> Self {
        let claims = commands.authenticate(&person.token).expect("a good token");
        Self { commands: Arc::clone(commands), claims }
    }

    pub fn at(server: &TestServer, person: &Person) -> Self {
        Self::of(&server.app().commands, person)
    }

    pub async fn place(&self, draft: &Value) -> (Order, Seq) {
        let draft = serde_json::from_value(draft.clone()).expect("a draft");
        let placed = self.commands.place(&self.claims, CommandId(Uuid::new_v4()), draft).await.expect("an order");
        (placed.order, placed.seq)
    }

    /// A command whatever its answer is.
    pub async fn ask(&self, name: &str, args: Value) -> Answer {
        let message = CommandMessage { id: CommandId(Uuid::new_v4()), name: name.to_owned(), args, base_version: None };
        self.commands.tap(&self.claims, message).await
    }

    /// A command that must be done.
    pub async fn tap(&self, name: &str, args: Value) -> Accepted {
        match self.ask(name, args).await {
            Answer::Accepted(accepted) => *accepted,
            other => panic!("{name}: {other:?}"),
        }
    }

    /// One event about the order, and no other effect: it is hurried, or no longer.
    pub async fn rush(&self, order: OrderId, rush: bool) -> Seq {
        self.tap("order.rush", json!({ "order": order, "rush": rush })).await.seq
    }

    /// `count` events about the order, submitted at once: decided in order, committed in few batches.
    pub async fn flood(&self, order: OrderId, count: usize) -> Seq {
        let mut seq = 0;
        for some in (0..count).collect::<Vec<_>>().chunks(64) {
            seq = join_all(some.iter().map(|n| self.rush(order, n % 2 == 0))).await.pop().expect("some");
        }
        seq
    }

    /// `count` events about the order, one after the other.
    pub async fn rushes(&self, order: OrderId, count: usize) -> Seq {
        let mut seq = 0;
        for n in 0..count {
            seq = self.rush(order, n % 2 == 0).await;
        }
        seq
    }
}

/// A plain order: one dish.
pub fn small(fixture: &Fixture) -> Value {
    json!({ "kind": "dine_in", "lines": [{ "item": fixture.fries().id, "quantity": 1 }] })
}

/// An order whose event has about 20 KiB.
pub fn large(fixture: &Fixture) -> Value {
    let line = json!({ "item": fixture.fries().id, "quantity": 1, "note": "n".repeat(120) });
    json!({ "kind": "dine_in", "lines": vec![line; 28] })
}

pub fn draft(fixture: &Fixture) -> Value {
    people::draft(fixture)
}

/// All events of a restaurant, as the database has them.
pub async fn feed(store: &Store, restaurant: RestaurantId) -> Vec<Event> {
    let (_, events) = store.events_after(restaurant, 0, 100_000).await.expect("a read").expect("a restaurant");
    events
}

/// The numbers of a topic's events after `after`, as the database has them.
pub async fn seqs(store: &Store, restaurant: RestaurantId, topic: Topic, after: Seq) -> Vec<Seq> {
    let events = feed(store, restaurant).await;
    events.iter().filter(|event| event.seq > after && topic.takes(event)).map(|event| event.seq).collect()
}

/// Waits until something is so; panics when it is not in time.
pub async fn eventually(what: &str, is_so: impl AsyncFn() -> bool) {
    let until = tokio::time::Instant::now() + crate::harness::SOON;
    while !is_so().await {
        assert!(tokio::time::Instant::now() < until, "not in time: {what}");
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}
