//! The board: what a client shows, folded from snapshots and events as docs/PROTOCOL.md tells clients to (L5).
//! Written apart from the web app's and from the server's, so that they can be compared. Pure.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The states of one topic, by id, as JSON.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Board {
    pub orders: States,
    pub seatings: States,
    pub tables: States,
    /// Only items of which there was news: a snapshot has none.
    pub items: States,
    /// When screens had shown an order.
    pub seen: BTreeMap<String, String>,
}

pub type States = BTreeMap<String, Value>;

impl Board {
    /// From all parts of a snapshot.
    pub fn from_parts(parts: &[Value]) -> Self {
        let mut board = Self::default();
        for part in parts {
            take_all(&mut board.orders, &part["orders"]);
            take_all(&mut board.seatings, &part["seatings"]);
            take_all(&mut board.tables, &part["tables"]);
            take_newer(&mut board.seatings, &part["seating"]);
            board.take_seen(&part["seen"]);
        }
        board
    }

    /// Folds an event: a state is taken only if its version is higher than the one held.
    pub fn take(&mut self, event: &Value) {
        take_newer(&mut self.orders, &event["order"]);
        take_newer(&mut self.seatings, &event["seating"]);
        take_newer(&mut self.tables, &event["table"]);
        take_newer(&mut self.items, &event["item"]);
        self.take_seen(&event["seen"]);
        for one in event["expected"].as_array().into_iter().flatten() {
            if let Some(order) = one["order"].as_str().and_then(|id| self.orders.get_mut(id)) {
                expect(order, one);
            }
        }
    }

    fn take_seen(&mut self, seen: &Value) {
        for one in seen.as_array().into_iter().flatten() {
            if let (Some(order), Some(at)) = (one["order"].as_str(), one["at"].as_str()) {
                self.seen.insert(order.to_owned(), at.to_owned());
            }
        }
    }

    pub fn open_orders(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.orders.iter().filter(|(_, order)| is_open(order))
    }

    pub fn open_seatings(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.seatings.iter().filter(|(_, seating)| seating["closed_at"].is_null())
    }

    /// What differs from a board that was fetched afresh. A snapshot leaves out what ended long ago, and this
    /// board may know more of that; all that is open, and all that both know, must be the same.
    pub fn differences(&self, fresh: &Self) -> Vec<String> {
        let mut found = Vec::new();
        let open = |board: &Self| board.open_orders().map(|(id, _)| id.clone()).collect::<Vec<_>>();
        if open(self) != open(fresh) {
            found.push(format!("open orders {:?}, afresh {:?}", open(self), open(fresh)));
        }
        let seatings = |board: &Self| board.open_seatings().map(|(id, _)| id.clone()).collect::<Vec<_>>();
        if seatings(self) != seatings(fresh) {
            found.push(format!("open seatings {:?}, afresh {:?}", seatings(self), seatings(fresh)));
        }
        differing("order", &self.orders, &fresh.orders, &mut found);
        differing("seating", &self.seatings, &fresh.seatings, &mut found);
        differing("table", &self.tables, &fresh.tables, &mut found);
        for (order, at) in &fresh.seen {
            if self.seen.get(order).is_some_and(|held| held != at) {
                found.push(format!("order {order} was seen at {:?}, afresh {at}", self.seen.get(order)));
            }
        }
        found
    }
}

/// What is expected of an order now: the newest thought holds. An answer to a command may have brought a newer one, or that
/// the kitchen is done with it and nothing is expected any more.
pub fn expect(order: &mut Value, told: &Value) {
    let held = order["expected"]["at"].as_str();
    if held.is_none_or(|held| told["at"].as_str().is_some_and(|told| told < held)) {
        return;
    }
    let fields = ["from", "to", "at", "before"].map(|name| (name.to_owned(), told[name].clone()));
    order["expected"] = Value::Object(fields.into_iter().collect());
}

pub fn is_open(order: &Value) -> bool {
    !matches!(order["state"].as_str(), Some("completed" | "cancelled"))
}

fn differing(what: &str, held: &States, fresh: &States, found: &mut Vec<String>) {
    for (id, state) in fresh {
        if let Some(other) = held.get(id).filter(|other| *other != state) {
            found.push(format!("{what} {id} differs in {}", fields_differing(other, state)));
        }
    }
}

/// `state: "ready" / "preparing", …`
pub fn fields_differing(one: &Value, other: &Value) -> String {
    let empty = Map::new();
    let (one, other) = (one.as_object().unwrap_or(&empty), other.as_object().unwrap_or(&empty));
    let names: std::collections::BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let differing = names.into_iter().filter(|name| one.get(*name) != other.get(*name));
    let texts = differing.map(|name| format!("{name}: {:?} / {:?}", one.get(name), other.get(name)));
    texts.collect::<Vec<_>>().join(", ")
}

fn take_all(held: &mut States, list: &Value) {
    for state in list.as_array().into_iter().flatten() {
        take_newer(held, state);
    }
}

fn take_newer(held: &mut States, state: &Value) {
    let Some(id) = state["id"].as_str() else { return };
    let newer = held.get(id).is_none_or(|held| held["version"].as_i64() < state["version"].as_i64());
    if newer {
        held.insert(id.to_owned(), state.clone());
    }
}
