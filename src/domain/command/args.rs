//! What each command needs to know: the `args` of the wire.

use super::Contact;
use crate::domain::ids::{
    GuestId, ItemId, LineId, OptionId, OrderId, ScreenId, SeatingId, Seq, SessionId, StationId, TableId, UserId,
};
use crate::domain::menu::Picture;
use crate::domain::message::Told;
use crate::domain::order::OrderKind;
use crate::domain::people::Role;
use crate::domain::seating::CallReason;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// What a guest sends: `POST /api/orders`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Draft {
    pub kind: OrderKind,
    pub lines: Vec<DraftLine>,
    #[serde(default)]
    #[ts(optional)]
    pub note: Option<String>,
    #[serde(default)]
    #[ts(optional)]
    pub allergy: Option<String>,
    #[serde(default)]
    #[ts(optional)]
    pub contact: Option<Contact>,
    /// The total that the guest saw; another one is refused as `total_changed`.
    #[serde(default)]
    #[ts(optional, type = "number")]
    pub expected_total: Option<i64>,
    /// When it is picked up: the beginning of a slot. Not there: as soon as possible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub pickup_at: Option<Timestamp>,
    /// Staff name the table; a guest's comes from the token.
    #[serde(default)]
    #[ts(optional)]
    pub table: Option<TableId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct DraftLine {
    pub item: ItemId,
    #[ts(type = "number")]
    pub quantity: i64,
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<OptionId>>")]
    pub options: Vec<OptionId>,
    #[serde(default)]
    #[ts(optional)]
    pub note: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct OrderRef {
    pub order: OrderId,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct OrderAtStations {
    pub order: OrderId,
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<StationId>>")]
    pub stations: Vec<StationId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Recall {
    pub order: OrderId,
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<StationId>>")]
    pub stations: Vec<StationId>,
    /// Only these lines; all when none is named. An undo names what the bump had changed.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<LineId>>")]
    pub lines: Vec<LineId>,
    #[serde(default)]
    #[ts(optional, as = "Option<RecallTo>")]
    pub to: RecallTo,
}

/// What a recalled task becomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecallTo {
    #[default]
    Started,
    /// As if never begun: the undo of a slip.
    Queued,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct CancelOrder {
    pub order: OrderId,
    /// Staff must give one; guests need not.
    #[serde(default)]
    #[ts(optional)]
    pub reason: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct RushOrder {
    pub order: OrderId,
    pub rush: bool,
}

/// Closes takeaway until the next business day begins, or opens it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct PauseTakeaway {
    pub paused: bool,
}

/// A line, at one station or at all that cook it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct LineAtStation {
    pub order: OrderId,
    pub line: LineId,
    #[serde(default)]
    #[ts(optional)]
    pub station: Option<StationId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct LineRef {
    pub order: OrderId,
    pub line: LineId,
}

/// The line's work at one station goes to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct MoveLine {
    pub order: OrderId,
    pub line: LineId,
    pub from: StationId,
    pub to: StationId,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct RecallLine {
    pub order: OrderId,
    pub line: LineId,
    #[serde(default)]
    #[ts(optional)]
    pub station: Option<StationId>,
    #[serde(default)]
    #[ts(optional, as = "Option<RecallTo>")]
    pub to: RecallTo,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct VoidLine {
    pub order: OrderId,
    pub line: LineId,
    pub reason: String,
}

/// Made by the server from a scanned code; not accepted from the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct JoinSeating {
    pub table: TableId,
    #[ts(type = "number")]
    pub code_version: i64,
    /// The phone that scanned before, if its token was still good.
    #[serde(default)]
    #[ts(optional)]
    pub returning: Option<GuestId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct TableOnly {
    pub table: TableId,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct ReleaseSeating {
    pub seating: SeatingId,
    /// Only this phone.
    #[serde(default)]
    #[ts(optional)]
    pub guest: Option<GuestId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct GivePin {
    pub pin: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct CloseSeating {
    pub seating: SeatingId,
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub force: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct MoveSeating {
    pub seating: SeatingId,
    /// Where the party sits now.
    pub table: TableId,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct CallStaff {
    pub reason: CallReason,
}

/// The call of a seating.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct CallRef {
    pub seating: SeatingId,
    pub reason: CallReason,
}

/// Takes an item off or on, and may start a countdown of its stock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct SetItem {
    pub item: ItemId,
    pub available: bool,
    /// Portions left; `null` or absent stops counting.
    #[serde(default)]
    #[ts(optional, type = "number | null")]
    pub stock: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct RevokeSession {
    pub session: SessionId,
}

/// Made by the server from a code; not accepted from the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct PairScreen {
    /// The digest of the code, in hexadecimal.
    pub code_hash: String,
    pub name: String,
    pub stations: Vec<StationId>,
    /// A screen that is known already: it keeps its identity.
    #[serde(default)]
    #[ts(optional)]
    pub screen: Option<ScreenId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct SetScreen {
    pub screen: ScreenId,
    pub name: String,
    /// Those that it is to show; none named: all.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<StationId>>")]
    pub stations: Vec<StationId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct ScreenOnly {
    pub screen: ScreenId,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct MemberRole {
    pub user: UserId,
    pub role: Role,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct MemberOnly {
    pub user: UserId,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct MarkShown {
    #[ts(type = "number")]
    pub seq: Seq,
    pub stations: Vec<StationId>,
    /// The only kind of orders that the screen draws.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub kind: Option<OrderKind>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct RaiseAlarm {
    pub order: OrderId,
    #[ts(type = "number")]
    pub nth: i64,
}

/// The idle clock of one seating.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct ExpireSeating {
    pub seating: SeatingId,
    /// When it was due; another time by then means that something happened.
    pub due: Timestamp,
    /// A phone of the party is connected to the node that noticed.
    pub connected: bool,
}

/// The picture of a dish, or that it has none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct SetPicture {
    pub item: ItemId,
    pub picture: Option<Picture>,
}

/// How far a message about an order got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct NoteTold {
    pub order: OrderId,
    pub told: Told,
}
