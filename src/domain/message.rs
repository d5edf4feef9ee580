//! What people are told outside of the page: which events are worth a message, and how far one got. Pure; the words
//! themselves are `notify`'s, the rows are `store`'s. No address is ever in here.

use super::event::{Event, Kind, State};
use super::order::{Channel, Order, OrderState, named};
use super::people::By;
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use ts_rs::TS;
use utoipa::ToSchema;

named! {
    /// What a message is about.
    MessageKind {
        Received = "received",
        Accepted = "accepted",
        Ready = "ready",
        Cancelled = "cancelled",
        /// A one-time code.
        Code = "code",
        /// To the staff: no screen has shown an order.
        Unseen = "unseen",
        /// To the staff: a table calls.
        Called = "called",
        /// To the staff: a guest could not be told.
        NotTold = "not_told",
    }
}

named! {
    /// How far a message got, as the kitchen sees it. It only moves forward.
    ToldState {
        /// The provider has it.
        Told = "told",
        Delivered = "delivered",
        Read = "read",
        /// No channel reached the guest.
        Failed = "failed",
        /// The provider did not answer: it may have arrived.
        Unknown = "unknown",
    }
}

/// Which news of an order a restaurant sends to guests who left an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(default)]
pub struct Messages {
    /// It waits to be confirmed.
    pub received: bool,
    /// The kitchen takes it; with an estimate.
    pub accepted: bool,
    pub ready: bool,
    /// By the restaurant, with the reason.
    pub cancelled: bool,
    pub channels: Channels,
}

impl Default for Messages {
    fn default() -> Self {
        Self { received: true, accepted: true, ready: true, cancelled: true, channels: Channels::default() }
    }
}

/// By which of the channels that a server has a restaurant tells its guests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(default)]
pub struct Channels {
    pub whatsapp: bool,
    pub sms: bool,
    pub email: bool,
    pub push: bool,
}

impl Default for Channels {
    fn default() -> Self {
        Self { whatsapp: true, sms: true, email: true, push: true }
    }
}

impl Channels {
    #[must_use]
    pub fn takes(self, channel: Channel) -> bool {
        match channel {
            Channel::Whatsapp => self.whatsapp,
            Channel::Sms => self.sms,
            Channel::Email => self.email,
            Channel::Push => self.push,
        }
    }
}

/// What a restaurant sends after somebody changed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct MessagesState {
    pub messages: Messages,
    /// Of the menu, with whose settings it goes.
    #[ts(type = "number")]
    pub menu_version: i64,
}

/// The newest message of an order, without its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Told {
    pub what: MessageKind,
    pub channel: Channel,
    pub state: ToldState,
    pub at: Timestamp,
}

impl ToldState {
    /// Providers' news comes in any order: only a higher rank is news.
    fn rank(self) -> u8 {
        match self {
            Self::Unknown => 0,
            Self::Told => 1,
            Self::Failed => 2,
            Self::Delivered => 3,
            Self::Read => 4,
        }
    }
}

impl Told {
    /// Does this replace what is known? A later message does, and the same one further on.
    #[must_use]
    pub fn is_news_after(&self, known: Option<&Self>) -> bool {
        let Some(known) = known else { return true };
        match stage(self.what).cmp(&stage(known.what)) {
            std::cmp::Ordering::Greater => true,
            std::cmp::Ordering::Less => false,
            // A recalled order becomes ready once more, and is told once more.
            std::cmp::Ordering::Equal if self.at > known.at => true,
            std::cmp::Ordering::Equal if self.at < known.at => false,
            std::cmp::Ordering::Equal => {
                self.state.rank() > known.state.rank()
                    || (self.channel != known.channel && known.state.rank() < ToldState::Delivered.rank())
            }
        }
    }
}

fn stage(kind: MessageKind) -> u8 {
    match kind {
        MessageKind::Received => 0,
        MessageKind::Accepted => 1,
        MessageKind::Ready => 2,
        MessageKind::Cancelled => 3,
        MessageKind::Code | MessageKind::Unseen | MessageKind::Called | MessageKind::NotTold => 0,
    }
}

/// The message that an event is worth, and what makes it one of a kind: the same `about` is sent once.
#[must_use]
pub fn worth_telling(event: &Event, wanted: Messages) -> Option<(MessageKind, String)> {
    let State::Order { order } = &event.state else { return None };
    order.told_by?;
    let kind = of_order(event.kind, &event.by, event.at, order, wanted)?;
    let about = match (kind, order.ready_at) {
        (MessageKind::Ready, Some(at)) => format!("ready@{}", at.0),
        _ => kind.name().to_owned(),
    };
    Some((kind, about))
}

fn of_order(kind: Kind, by: &By, at: Timestamp, order: &Order, wanted: Messages) -> Option<MessageKind> {
    let confirmed = order.confirmed_at == Some(at);
    match (kind, order.state) {
        (Kind::OrderTold, _) => None,
        // Whoever cancels knows.
        (Kind::OrderCancelled, _) if matches!(by, By::Guest { .. }) => None,
        (Kind::OrderCancelled, _) => wanted.cancelled.then_some(MessageKind::Cancelled),
        (_, OrderState::Ready) if order.ready_at == Some(at) => wanted.ready.then_some(MessageKind::Ready),
        (_, OrderState::Confirmed | OrderState::Preparing) if confirmed && wanted.accepted => {
            Some(MessageKind::Accepted)
        }
        (Kind::OrderPlaced, _) => wanted.received.then_some(MessageKind::Received),
        _ => None,
    }
}

/// Is it still so? An order that was brought back is not ready, and nobody is told that it is.
#[must_use]
pub fn still_true(kind: MessageKind, about: &str, order: &Order) -> bool {
    match kind {
        MessageKind::Ready => {
            matches!(order.state, OrderState::Ready)
                && order.ready_at.is_some_and(|at| about == format!("ready@{}", at.0))
        }
        MessageKind::Received => order.state == OrderState::Pending,
        MessageKind::Accepted => matches!(order.state, OrderState::Confirmed | OrderState::Preparing),
        MessageKind::Cancelled => order.state == OrderState::Cancelled,
        MessageKind::Code | MessageKind::Unseen | MessageKind::Called | MessageKind::NotTold => true,
    }
}

named! {
    /// The languages in which messages are written.
    Locale { En = "en", Es = "es", Fr = "fr", De = "de", Ar = "ar", Zh = "zh", }
}

impl Locale {
    /// The language of a BCP 47 tag, if messages are written in it.
    #[must_use]
    pub fn of(tag: &str) -> Option<Self> {
        Self::parse(&tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase())
    }
}

named! {
    /// Where a message in the outbox is on its way.
    Stage {
        /// Waits for its time, or for another try.
        Queued = "queued",
        /// Somebody sends it. Found so by somebody else: it is not known whether it went.
        Sending = "sending",
        /// The provider did not answer.
        Unknown = "unknown",
        Sent = "sent",
        Failed = "failed",
        Delivered = "delivered",
        Read = "read",
        /// Never sent: not true any more, not wanted, too late.
        Dropped = "dropped",
    }
}

impl Stage {
    fn rank(self) -> u8 {
        match self {
            Self::Queued => 0,
            Self::Sending => 1,
            Self::Unknown => 2,
            Self::Sent => 3,
            Self::Failed => 4,
            Self::Delivered => 5,
            Self::Read => 6,
            Self::Dropped => 7,
        }
    }

    /// Providers tell in any order, and more than once: only what is further on counts.
    #[must_use]
    pub fn leads_to(self, next: Self) -> bool {
        self.rank() < next.rank()
    }

    /// What the kitchen is shown of it.
    #[must_use]
    pub fn told(self) -> Option<ToldState> {
        match self {
            Self::Queued | Self::Sending => None,
            Self::Unknown => Some(ToldState::Unknown),
            Self::Sent => Some(ToldState::Told),
            Self::Failed | Self::Dropped => Some(ToldState::Failed),
            Self::Delivered => Some(ToldState::Delivered),
            Self::Read => Some(ToldState::Read),
        }
    }
}

/// What the words of a message need.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Vars {
    /// The restaurant's name.
    pub restaurant: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// When it is expected, as minutes from the event on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minutes: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// "Ready" is told so late that a slip of the finger at the pass can be taken back before.
pub const READY_WAITS: Duration = Duration::from_secs(6);

impl MessageKind {
    /// When it may go out after what it tells of …
    #[must_use]
    pub fn waits(self) -> Duration {
        match self {
            Self::Ready => READY_WAITS,
            Self::Received | Self::Accepted | Self::Cancelled => Duration::ZERO,
            Self::Code | Self::Unseen | Self::Called | Self::NotTold => Duration::ZERO,
        }
    }

    /// … and when it is no news any more. A code's own time ends it.
    #[must_use]
    pub fn lasts(self) -> Duration {
        let minutes = match self {
            Self::Received | Self::Accepted => 15,
            Self::Ready => 30,
            Self::Code => 5,
            Self::Cancelled => 120,
            Self::Unseen | Self::Called | Self::NotTold => 24 * 60,
        };
        Duration::from_secs(minutes * 60)
    }
}

impl Channel {
    /// Where a message goes that this channel did not carry.
    #[must_use]
    pub fn fallback(self) -> Option<Self> {
        match self {
            Self::Whatsapp => Some(Self::Sms),
            Self::Sms => Some(Self::Whatsapp),
            Self::Push | Self::Email => None,
        }
    }
}
