//! Bodies of the thin HTTP door (DESIGN §7) that are not a domain type themselves.

use super::server::{Refused, Subscribed};
use super::view::GuestOrder;
use crate::domain::ids::{CommandId, GuestId, RestaurantId, ScreenId, Seq, SessionId, StationId, UserId};
use crate::domain::message::{Locale, MessageKind};
use crate::domain::order::{Channel, Order};
use crate::domain::people::{Role, Screen};
use crate::domain::restaurant::TableRef;
use crate::domain::seating::Seating;
use crate::domain::takeaway::Slot;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// `POST /api/seatings`
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
pub struct ScanRequest {
    /// The signed code from the table: what follows `/t/`.
    pub qr: String,
}

/// A guest's way in: what a scan answers.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
pub struct Scanned {
    /// Bearer token of this phone, good until the seating ends (12 h at most).
    pub token: String,
    pub expires_at: Timestamp,
    pub restaurant: RestaurantId,
    pub slug: String,
    pub table: TableRef,
    pub guest: GuestId,
    pub seating: Seating,
}

/// `GET /api/restaurants/{slug}/slots`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS, ToSchema)]
pub struct SlotList {
    /// The restaurant takes takeaway orders here.
    pub on: bool,
    /// What "as soon as possible" means now; not there when that is far off, or never.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub soonest: Option<Timestamp>,
    /// The times that are left, earliest first.
    pub slots: Vec<Slot>,
    /// Times of the same days that are taken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<Slot>>")]
    pub full: Vec<Slot>,
    /// When it opens again; not there while it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub opens_at: Option<Timestamp>,
    /// Closed by hand until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub paused_until: Option<Timestamp>,
}

/// `POST /api/restaurants/{slug}/codes`: a phone wants to order without a table.
#[derive(Clone, Deserialize, TS, ToSchema)]
pub struct CodeRequest {
    /// E.164: `+34600111222`.
    pub phone: String,
    /// `whatsapp` or `sms`.
    pub channel: Channel,
    /// The language of the page. Left out: the restaurant's first one.
    #[serde(default)]
    #[ts(optional)]
    pub locale: Option<Locale>,
    /// The guest was told what the number is used for, and said so.
    pub consent: bool,
}

/// A code is on its way, whoever's the number is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct CodeAsked {
    /// Under which it is given back.
    pub id: GuestId,
    pub expires_at: Timestamp,
    /// Another one may be asked for after so long; it ends this one.
    pub again_ms: u32,
}

/// `POST /api/restaurants/{slug}/codes/{id}`
#[derive(Clone, Deserialize, TS, ToSchema)]
pub struct CodeGiven {
    /// Six digits; spaces and dashes mean nothing.
    pub code: String,
}

/// A phone that was verified: its way in.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
pub struct TakeawayGuest {
    /// Bearer token of this phone, for this restaurant and its own orders.
    pub token: String,
    pub expires_at: Timestamp,
    pub restaurant: RestaurantId,
    pub slug: String,
    pub guest: GuestId,
}

/// `POST /api/auth/login`
#[derive(Clone, Deserialize, TS, ToSchema)]
pub struct LoginRequest {
    pub email: String,
    pub password: String,
    /// Which restaurant, for people who work at several.
    #[serde(default)]
    #[ts(optional)]
    pub restaurant: Option<String>,
}

/// What login and refresh answer. The refresh token is an HttpOnly cookie, never in here.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
pub struct LoggedIn {
    pub token: String,
    pub expires_at: Timestamp,
    pub session: SessionId,
    pub restaurant: RestaurantId,
    pub slug: String,
    pub role: Role,
    /// The person's, or the screen's.
    pub name: String,
    /// Of a paired screen only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub screen: Option<LoggedInScreen>,
}

/// Which screen it is that was let in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct LoggedInScreen {
    pub id: ScreenId,
    /// Those that it is to show; none named: all.
    pub stations: Vec<StationId>,
}

/// `POST /api/auth/pair`
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
pub struct PairRequest {
    /// The restaurant's slug.
    pub restaurant: String,
}

/// What a screen shows, and what it keeps to itself.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
pub struct PairingAsked {
    /// Eight letters and digits for a manager to type. Works once.
    pub code: String,
    /// With it the screen collects its login.
    pub claim: String,
    pub expires_at: Timestamp,
    /// When to ask, and how often.
    pub poll_ms: u32,
}

/// `POST /api/auth/pair/collect`
#[derive(Clone, Deserialize, TS, ToSchema)]
pub struct CollectRequest {
    pub restaurant: String,
    pub claim: String,
}

/// Nobody has confirmed the code yet.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
pub struct PairingWaits {
    pub expires_at: Timestamp,
    pub poll_ms: u32,
}

/// `POST /api/screens`: a manager confirms the code that a screen shows.
#[derive(Clone, Deserialize, TS, ToSchema)]
pub struct ConfirmRequest {
    /// As it is read from the screen: case, spaces and dashes mean nothing.
    pub code: String,
    pub name: String,
    /// Those that it is to show; none named: all.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<StationId>>")]
    pub stations: Vec<StationId>,
    /// A screen that was paired before: it keeps its identity, and its old login ends.
    #[serde(default)]
    #[ts(optional)]
    pub screen: Option<ScreenId>,
}

/// `GET /api/screens`
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
pub struct ScreenList {
    pub screens: Vec<ListedScreen>,
}

/// A paired screen, and whether it is there.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
pub struct ListedScreen {
    #[serde(flatten)]
    pub screen: Screen,
    /// It is connected, to any node; right within five seconds.
    pub online: bool,
}

/// `GET /api/staff`
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
pub struct StaffList {
    pub staff: Vec<StaffMember>,
}

/// Somebody who works here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct StaffMember {
    pub user: UserId,
    pub name: String,
    pub email: String,
    pub role: Role,
}

/// `POST /api/staff`
#[derive(Clone, Deserialize, TS, ToSchema)]
pub struct NewMember {
    pub email: String,
    pub name: String,
    pub role: Role,
    /// Their first one. Whoever works for another restaurant already keeps theirs, and their name.
    pub password: String,
}

/// `POST /api/staff/{user}/password`
#[derive(Clone, Deserialize, TS, ToSchema)]
pub struct NewPassword {
    pub password: String,
}

/// What placing or reading an order answers to a guest …
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
pub struct GuestOrderAnswer {
    #[serde(flatten)]
    pub order: GuestOrder,
    /// Of the order's event; of the feed's head when reading.
    #[ts(type = "number")]
    pub seq: Seq,
    /// When screens had shown it at every station.
    pub seen_at: Option<Timestamp>,
}

/// … and to staff.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
pub struct StaffOrderAnswer {
    #[serde(flatten)]
    pub order: Order,
    #[ts(type = "number")]
    pub seq: Seq,
    pub seen_at: Option<Timestamp>,
}

/// `GET /api/orders`
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[serde(untagged)]
pub enum OrderList {
    Guest {
        orders: Vec<GuestOrder>,
    },
    Staff {
        orders: Vec<Order>,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        next: Option<String>,
    },
}

/// One answer in `POST /api/commands`, in the order sent.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum BatchAnswer {
    Ok {
        id: CommandId,
        #[ts(type = "number")]
        seq: Seq,
    },
    Refused(Refused),
    /// The server could not decide it now; send it again with the same id.
    NotTried {
        id: CommandId,
    },
}

/// `GET /api/feed`: the same words as on the socket.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
pub struct FeedAnswer {
    /// One `subscribed` per part of a snapshot; a single one without a snapshot when events follow.
    pub subscribed: Vec<Subscribed>,
    /// Event messages after it, in order.
    #[ts(type = "({ op: \"event\" } & EventMessage)[]")]
    #[schema(value_type = Vec<super::server::EventMessage>)]
    pub events: Vec<Box<serde_json::value::RawValue>>,
    /// The cursor after all of this: what to ask for next.
    #[ts(type = "Cursor")]
    pub cursor: crate::domain::ids::Cursor,
}

/// `GET /api/trust`: the authority of this server's own certificate.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
pub struct TrustView {
    /// Where this host speaks HTTPS.
    pub https_port: u16,
    /// SHA-256 of the authority's certificate, as devices show it.
    pub fingerprint: String,
}

/// `GET /healthz`, `GET /readyz`
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
pub struct Health {
    /// `ok`, `degraded`, `starting`, `draining`, `overloaded`
    pub status: &'static str,
    /// What is wrong, one sentence each.
    pub notes: Vec<String>,
    pub version: &'static str,
}

/// `GET /api/notifications`
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
pub struct NotificationList {
    pub notifications: Vec<Notification>,
}

/// What the staff of a restaurant are told, as one person has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Notification {
    pub id: uuid::Uuid,
    /// `unseen`, `called`, `not_told`.
    pub kind: MessageKind,
    /// The order; for `called` the seating.
    pub subject: uuid::Uuid,
    #[ts(type = "number | null")]
    pub number: Option<i64>,
    pub table: Option<String>,
    /// For `not_told`: which message did not reach the guest.
    pub reason: Option<String>,
    pub at: Timestamp,
    pub read_at: Option<Timestamp>,
}

/// `GET /api/push`
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
pub struct PushKey {
    /// Of this server (RFC 8292), base64url; none: it cannot push.
    pub key: Option<String>,
    /// On which channels guests can be told.
    pub channels: Vec<Channel>,
}
