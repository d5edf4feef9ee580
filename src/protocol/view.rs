//! What each audience sees of a state. Staff see it whole; guests see nothing of the kitchen's
//! inner life, of the staff, or of other tables.

use crate::domain::ids::{GuestId, ItemId, LineId, OrderId};
use crate::domain::menu::Localized;
use crate::domain::money::Totals;
use crate::domain::order::{Channel, ChosenOption, Expected, LineState, Order, OrderKind, OrderState};
use crate::domain::restaurant::TableRef;
use crate::domain::seating::Seating;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// An order as the guests of its table see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct GuestOrder {
    pub id: OrderId,
    #[ts(type = "number")]
    pub number: i64,
    pub kind: OrderKind,
    pub state: OrderState,
    #[ts(type = "number")]
    pub version: i64,
    pub table: Option<TableRef>,
    /// The phone that sent it; `null` when staff did.
    pub guest: Option<GuestId>,
    /// Waits for a waiter to let the table order.
    pub held: bool,
    pub note: Option<String>,
    pub allergy: Option<String>,
    pub allergy_confirmed_at: Option<Timestamp>,
    pub told_by: Option<Channel>,
    pub placed_at: Timestamp,
    pub due_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub expected: Option<Expected>,
    /// When it is picked up, if a time was agreed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub pickup_at: Option<Timestamp>,
    /// It waits until then; not there once the kitchen has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub start_at: Option<Timestamp>,
    pub confirmed_at: Option<Timestamp>,
    pub started_at: Option<Timestamp>,
    pub ready_at: Option<Timestamp>,
    pub completed_at: Option<Timestamp>,
    pub cancelled_at: Option<Timestamp>,
    pub cancel_reason: Option<String>,
    pub totals: Totals,
    pub lines: Vec<GuestLine>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct GuestLine {
    pub id: LineId,
    pub item: ItemId,
    pub name: Localized,
    #[ts(type = "number")]
    pub quantity: i64,
    pub options: Vec<ChosenOption>,
    pub note: Option<String>,
    #[ts(type = "number")]
    pub unit_price: i64,
    pub state: LineState,
    pub void_reason: Option<String>,
}

impl From<&Order> for GuestOrder {
    fn from(order: &Order) -> Self {
        Self {
            id: order.id,
            number: order.number,
            kind: order.kind,
            state: order.state,
            version: order.version,
            table: order.table.clone(),
            guest: order.guest,
            held: order.held,
            note: order.note.clone(),
            allergy: order.allergy.clone(),
            allergy_confirmed_at: order.allergy_confirmed_at,
            told_by: order.told_by,
            placed_at: order.placed_at,
            due_at: order.due_at,
            expected: order.expected,
            pickup_at: order.pickup_at,
            start_at: order.start_at,
            confirmed_at: order.confirmed_at,
            started_at: order.started_at,
            ready_at: order.ready_at,
            completed_at: order.completed_at,
            cancelled_at: order.cancelled_at,
            cancel_reason: order.cancel_reason.clone(),
            totals: order.totals,
            lines: order
                .lines
                .iter()
                .map(|line| GuestLine {
                    id: line.id,
                    item: line.item,
                    name: line.name.clone(),
                    quantity: line.quantity,
                    options: line.options.clone(),
                    note: line.note.clone(),
                    unit_price: line.unit_price,
                    state: line.state(),
                    void_reason: line.void_reason.clone(),
                })
                .collect(),
        }
    }
}

/// A refusal as its sender may see it: guests get the guest's view of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS, ToSchema)]
#[serde(untagged)]
pub enum OrderView {
    Staff(Box<Order>),
    Guest(Box<GuestOrder>),
}

/// A seating as its guests see it. Whether *this* phone may order follows from `gate`, `released`
/// and its own entry in `guests`.
pub type GuestSeating = Seating;
