//! An order, its lines and their tasks: the public state that events carry and screens fold.
//! Contact data is never in here (L5).

use super::estimate::Promise;
use super::ids::{GuestId, ItemId, LineId, OptionId, OrderId, SeatingId, Seq, StationId};
use super::menu::Localized;
use super::message::Told;
use super::money::{Charges, Totals};
use super::people::{Actor, By};
use super::restaurant::TableRef;
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// A closed set of words. The texts are `tt`, because a derive does not see through a `literal` that a macro passes on.
macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:tt,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, ts_rs::TS, utoipa::ToSchema)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant,)* }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word in the database and on the wire.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$variant),)* _ => None }
            }
        }
    };
}
pub(crate) use named;

named! {
    /// Where the order is eaten.
    OrderKind { DineIn = "dine_in", Takeaway = "takeaway", Delivery = "delivery", }
}

named! {
    /// `pending → confirmed → preparing → ready → completed`, and `cancelled` from all but the last.
    /// Recall leads back from `ready` and `completed` to `preparing`, undo of the first start to `confirmed`.
    OrderState {
        Pending = "pending",
        Confirmed = "confirmed",
        Preparing = "preparing",
        Ready = "ready",
        /// Served or handed over.
        Completed = "completed",
        Cancelled = "cancelled",
    }
}

impl OrderState {
    /// Still the kitchen's or the waiter's business.
    #[must_use]
    pub fn is_open(self) -> bool {
        !matches!(self, Self::Completed | Self::Cancelled)
    }

    /// The kitchen has still to do something: only then does it matter that no screen has shown it.
    #[must_use]
    pub fn is_in_kitchen(self) -> bool {
        matches!(self, Self::Pending | Self::Confirmed | Self::Preparing)
    }
}

named! {
    /// A line's work at one station.
    TaskState { Queued = "queued", Started = "started", Done = "done", Voided = "voided", }
}

named! {
    /// How the guest is told when no page is open.
    Channel { Whatsapp = "whatsapp", Sms = "sms", Push = "push", Email = "email", }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Order {
    pub id: OrderId,
    /// Counts per business day, from 1.
    #[ts(type = "number")]
    pub number: i64,
    pub kind: OrderKind,
    pub state: OrderState,
    /// Rises with every event of this order, from 1.
    #[ts(type = "number")]
    pub version: i64,
    pub table: Option<TableRef>,
    pub seating: Option<SeatingId>,
    /// The phone that sent it.
    pub guest: Option<GuestId>,
    pub placed_by: By,
    /// Waits at the gate; no kitchen screen shows it.
    pub held: bool,
    pub note: Option<String>,
    pub allergy: Option<String>,
    /// When the kitchen said that it has seen the allergy.
    pub allergy_confirmed_at: Option<Timestamp>,
    pub rush: bool,
    /// Whether and how the guest is told; never the address.
    pub told_by: Option<Channel>,
    /// How far the newest message to the guest got.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub told: Option<Told>,
    pub placed_at: Timestamp,
    /// When it is promised: the far end of what was expected when it reached the kitchen (`domain/estimate`).
    pub due_at: Timestamp,
    /// When it is thought to be ready as things stand; absent at the gate, and once it is ready.
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
    pub charges: Charges,
    pub lines: Vec<Line>,
}

/// One item on an order, as the menu had it then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Line {
    pub id: LineId,
    pub item: ItemId,
    pub name: Localized,
    pub kitchen_name: Option<String>,
    #[ts(type = "number")]
    pub quantity: i64,
    pub options: Vec<ChosenOption>,
    pub note: Option<String>,
    /// Of one portion with its options, minor units.
    #[ts(type = "number")]
    pub unit_price: i64,
    /// Version of the order at which this line was last recalled or voided: a tap made on an older
    /// picture is refused as `changed` (W5).
    #[ts(type = "number")]
    pub changed: i64,
    pub void_reason: Option<String>,
    /// A later course: nobody begins it before it is fired.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub held: bool,
    /// When it was fired, or made again: its time counts from there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub called_at: Option<Timestamp>,
    /// How often it was made again.
    #[serde(default, skip_serializing_if = "never")]
    #[ts(optional, as = "Option<i32>")]
    pub remakes: i64,
    pub tasks: Vec<Task>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn never(times: &i64) -> bool {
    *times == 0
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct ChosenOption {
    pub id: OptionId,
    pub name: Localized,
    #[ts(type = "number")]
    pub price: i64,
}

/// A line's work at one station.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Task {
    pub station: StationId,
    pub state: TaskState,
    pub started_at: Option<Timestamp>,
    pub done_at: Option<Timestamp>,
}

named! {
    /// What a guest sees of a line: its tasks in one word.
    LineState { Queued = "queued", Started = "started", Done = "done", Voided = "voided", }
}

impl Line {
    /// Done when all its tasks are; started when any is; voided when it was taken off.
    #[must_use]
    pub fn state(&self) -> LineState {
        if self.void_reason.is_some() || self.tasks.iter().all(|t| t.state == TaskState::Voided) {
            LineState::Voided
        } else if self.tasks.iter().all(|t| t.state == TaskState::Done) {
            LineState::Done
        } else if self.tasks.iter().any(|t| matches!(t.state, TaskState::Started | TaskState::Done)) {
            LineState::Started
        } else {
            LineState::Queued
        }
    }

    /// What the line costs now: nothing once it is voided.
    #[must_use]
    pub fn price(&self) -> i64 {
        match self.state() {
            LineState::Voided => 0,
            LineState::Queued | LineState::Started | LineState::Done => self.unit_price.saturating_mul(self.quantity),
        }
    }
}

impl Order {
    /// May this guest see it: of the same table, or the one who ordered it? Staff may.
    #[must_use]
    pub fn is_of(&self, actor: &Actor) -> bool {
        match actor {
            Actor::Guest { seating, .. } => self.seating == Some(*seating),
            Actor::Takeaway { guest } => self.seating.is_none() && self.guest == Some(*guest),
            Actor::Staff { .. } | Actor::Screen { .. } | Actor::System => true,
        }
    }

    #[must_use]
    pub fn line(&self, id: LineId) -> Option<&Line> {
        self.lines.iter().find(|line| line.id == id)
    }

    /// The stations that have a ticket of this order.
    #[must_use]
    pub fn stations(&self) -> Vec<StationId> {
        let mut stations: Vec<_> = self.lines.iter().flat_map(|l| &l.tasks).map(|t| t.station).collect();
        stations.sort_unstable();
        stations.dedup();
        stations
    }

    /// The sums that the lines give now.
    #[must_use]
    pub fn summed(&self) -> Totals {
        Totals::of(self.lines.iter().map(Line::price), &self.charges)
    }
}

/// When an order is thought to be ready: a range, and what it was true of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Expected {
    pub from: Timestamp,
    pub to: Timestamp,
    /// When that was thought: the newest holds.
    pub at: Timestamp,
    /// Orders that a station of it makes before; 4 is four or more.
    #[ts(type = "number")]
    pub before: u8,
}

/// What is expected of an order now (`orders.expected`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct ExpectedOrder {
    pub order: OrderId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub seating: Option<SeatingId>,
    #[serde(flatten)]
    pub expected: Expected,
}

/// When an order had been shown at every station it concerns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Seen {
    pub order: OrderId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub seating: Option<SeatingId>,
    pub at: Timestamp,
}

/// The alarm: no screen has shown this order (W7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Unseen {
    pub order: OrderId,
    #[ts(type = "number")]
    pub number: i64,
    pub table: Option<TableRef>,
    /// Stations of which no screen has shown the ticket.
    pub stations: Vec<StationId>,
    /// 1 for the first alarm.
    #[ts(type = "number")]
    pub nth: i64,
    pub since: Timestamp,
}

/// What the store keeps beside the public state, for receipts and alarms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The event that brought the order to the kitchen.
    pub released_seq: Option<Seq>,
    pub released_at: Option<Timestamp>,
    pub seen_at: Option<Timestamp>,
    pub unseen_due: Option<Timestamp>,
    pub unseen_nth: i64,
    /// Stations whose screens have drawn the ticket.
    pub seen_stations: Vec<StationId>,
    /// What was said when it reached the kitchen.
    pub promise: Option<Promise>,
}
