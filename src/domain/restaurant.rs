//! The restaurant itself: how it takes orders and when an order is late.

use super::ids::{RestaurantId, StationId, TableId};
use super::menu::Localized;
use super::message::Messages;
use super::money::{Charges, Currency};
use super::order::named;
use super::takeaway::{Closing, Open, Takeaway};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use ts_rs::TS;
use utoipa::ToSchema;

/// What everybody may know of a restaurant, and the rules that orders follow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Restaurant {
    pub id: RestaurantId,
    pub slug: String,
    pub name: String,
    /// IANA name, such as `Europe/Madrid`.
    pub timezone: String,
    pub currency: Currency,
    /// BCP 47 tags of the languages its menu is written in, the first is the default.
    pub locales: Vec<String>,
    pub settings: Settings,
}

/// How orders are taken. Stored as one JSON document; every field has a default, so that a new
/// field needs no migration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(default)]
pub struct Settings {
    /// Who must let a seating or a phone order.
    pub gate: GateRule,
    /// Orders are confirmed as they arrive, without a tap in the kitchen.
    pub auto_confirm: bool,
    /// A ticket is "soon" after this many minutes when no item of it has a preparation time …
    pub soon_minutes: u16,
    /// … and "late" after this many. Otherwise late is over the promised time.
    pub late_minutes: u16,
    /// An order that no screen has shown raises an alarm after this many seconds …
    pub unseen_seconds: u16,
    /// … and again after each such number of seconds.
    pub unseen_again_seconds: u16,
    /// A party that called the staff may call for the same again after this many seconds.
    pub call_again_seconds: u16,
    /// A seating of which nobody was heard for so many minutes is closed, if nothing is open and no phone of it is
    /// connected; 0: never. At most a week.
    pub idle_minutes: u16,
    /// Hour (local) at which a business day begins and numbers start again from 1.
    pub day_starts_hour: i8,
    pub charges: Charges,
    /// Which news of their orders guests get who left an address.
    pub messages: Messages,
    /// When food can be picked up.
    pub hours: Vec<Open>,
    /// Days on which it cannot, whatever the hours say.
    pub closings: Vec<Closing>,
    pub takeaway: Takeaway,
}

/// The longest that a seating may be left alone: a week.
pub const IDLE_MOST_MINUTES: u16 = 7 * 24 * 60;

impl Settings {
    /// After how long without a word a seating is closed.
    #[must_use]
    pub fn idle(&self) -> Option<Duration> {
        let minutes = self.idle_minutes.min(IDLE_MOST_MINUTES);
        (minutes > 0).then(|| Duration::from_secs(u64::from(minutes) * 60))
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            gate: GateRule::Seating,
            auto_confirm: true,
            soon_minutes: 10,
            late_minutes: 15,
            unseen_seconds: 15,
            unseen_again_seconds: 60,
            call_again_seconds: 120,
            idle_minutes: 240,
            day_starts_hour: 4,
            charges: Charges { tax_basis_points: 1000, tax_included: true, service_basis_points: 0 },
            messages: Messages::default(),
            hours: Vec::new(),
            closings: Vec::new(),
            takeaway: Takeaway::default(),
        }
    }
}

named! {
    /// The printed code names a table and is no permission; this says what is (DESIGN §5).
    GateRule {
        /// The first order of a seating waits for a staff tap.
        Seating = "seating",
        /// The first order of each phone waits for a staff tap.
        Phone = "phone",
        /// A phone may order once it has given the seating's PIN, which staff tell the party.
        Pin = "pin",
        /// Whoever scans may order.
        None = "none",
    }
}

/// A place in the kitchen that cooks lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Station {
    pub id: StationId,
    pub name: Localized,
    /// Small numbers first.
    #[ts(type = "number")]
    pub position: i64,
}

/// A table, as an order or a seating names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct TableRef {
    pub id: TableId,
    pub label: String,
}

/// A table with all that staff know of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Table {
    pub id: TableId,
    pub label: String,
    pub area: String,
    #[ts(type = "number")]
    pub seats: i64,
    /// Part of the signed code; raising it makes every printed copy invalid.
    #[ts(type = "number")]
    pub code_version: i64,
    #[ts(type = "number")]
    pub position: i64,
    #[ts(type = "number")]
    pub version: i64,
}

impl Table {
    #[must_use]
    pub fn reference(&self) -> TableRef {
        TableRef { id: self.id, label: self.label.clone() }
    }
}
