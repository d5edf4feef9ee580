//! What a subscriber begins with when no replay can bring it up to date: the whole of its topic,
//! read in one consistent look, cut into parts.

use super::view::GuestOrder;
use crate::domain::order::{Order, Seen};
use crate::domain::restaurant::{Restaurant, Station, Table};
use crate::domain::seating::Seating;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// Bytes of one part; a larger snapshot comes in several (W2).
pub const PART_BYTES: usize = 32 * 1024;

/// A topic's state. A part carries the first fields and as many orders as fit; lists of all parts are
/// put together in order. A client replaces what it holds once it has them all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Snapshot {
    Kitchen(KitchenSnapshot),
    Floor(FloorSnapshot),
    Table(TableSnapshot),
    Order(OrderSnapshot),
}

/// Everything a kitchen screen shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct KitchenSnapshot {
    pub restaurant: Restaurant,
    pub stations: Vec<Station>,
    /// All that are open, and the last 50 that ended within the shift, for recall. Oldest first.
    pub orders: Vec<Order>,
}

/// Everything a waiter's page shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct FloorSnapshot {
    pub restaurant: Restaurant,
    pub stations: Vec<Station>,
    pub tables: Vec<Table>,
    /// Open ones.
    pub seatings: Vec<Seating>,
    pub orders: Vec<Order>,
    pub seen: Vec<Seen>,
}

/// Everything the guests of one seating share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct TableSnapshot {
    pub restaurant: Restaurant,
    pub seating: Seating,
    /// Items that cannot be ordered now, so that an older menu in the phone is corrected.
    #[ts(type = "number")]
    pub menu_version: i64,
    pub orders: Vec<GuestOrder>,
    pub seen: Vec<Seen>,
}

/// One order, for whoever holds it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct OrderSnapshot {
    pub restaurant: Restaurant,
    pub orders: Vec<GuestOrder>,
    pub seen: Vec<Seen>,
}

impl Snapshot {
    /// Cuts it into parts of about `PART_BYTES`: each but the last is full, none is empty but the first.
    #[must_use]
    pub fn parts(self) -> Vec<serde_json::Value> {
        match self {
            Self::Kitchen(s) => cut(s.orders.clone(), |orders| Self::Kitchen(KitchenSnapshot { orders, ..s.clone() })),
            Self::Floor(s) => cut(s.orders.clone(), |orders| Self::Floor(FloorSnapshot { orders, ..s.clone() })),
            Self::Table(s) => cut(s.orders.clone(), |orders| Self::Table(TableSnapshot { orders, ..s.clone() })),
            Self::Order(s) => cut(s.orders.clone(), |orders| Self::Order(OrderSnapshot { orders, ..s.clone() })),
        }
    }
}

fn cut<T: Serialize>(orders: Vec<T>, part: impl Fn(Vec<T>) -> Snapshot) -> Vec<serde_json::Value> {
    let mut parts = Vec::new();
    let mut held = Vec::new();
    let mut bytes = 0;
    for order in orders {
        let size = serde_json::to_string(&order).map_or(0, |json| json.len() + 1);
        if bytes + size > PART_BYTES && !held.is_empty() {
            parts.push(value(part(std::mem::take(&mut held))));
            bytes = 0;
        }
        bytes += size;
        held.push(order);
    }
    parts.push(value(part(held)));
    parts
}

fn value(snapshot: Snapshot) -> serde_json::Value {
    serde_json::to_value(snapshot).unwrap_or_default()
}
