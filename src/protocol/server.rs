//! What the server sends. Events are encoded once per audience (L8): the body here, the topic's own
//! `seq` and `prev` in front of it by `event_frame`.

use super::client::TopicName;
use super::view::{GuestOrder, OrderView};
use crate::domain::event::{Event, Kind, State};
use crate::domain::ids::{
    CommandId, Cursor, Epoch, GuestId, OrderId, RestaurantId, ScreenId, SeatingId, Seq, SessionId,
};
use crate::domain::menu::ItemState;
use crate::domain::message::MessagesState;
use crate::domain::order::{ExpectedOrder, Seen, Unseen};
use crate::domain::people::{By, Role, Screen};
use crate::domain::refusal::{Code, FieldProblem, LineProblem, Refusal};
use crate::domain::restaurant::Table;
use crate::domain::seating::Seating;
use crate::domain::takeaway::{Slot, TakeawayState};
use crate::domain::time::Timestamp;
use crate::domain::topic::{Audience, Topic};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;
use utoipa::ToSchema;

/// A message from the server. `event` and `subscribed` are declared apart for their shape
/// (`EventMessage`, `Subscribed`), and written by hand for speed.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(tag = "op", rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "built, encoded and dropped at once; never kept")]
pub enum ServerMessage {
    Welcome {
        /// The login or seating that this connection lives on.
        session: String,
        who: Who,
        restaurant: RestaurantId,
        /// The newest protocol version that the server speaks.
        protocol: u32,
        at: Timestamp,
    },
    Subscribed(Subscribed),
    Event(EventMessage),
    Ok {
        id: CommandId,
        /// Of the last event the command made; of the feed's head when it changed nothing.
        #[ts(type = "number")]
        seq: Seq,
    },
    Refused(Refused),
    /// The command could not be decided now: send it again, with the same id, after `retry_ms`.
    NotTried {
        id: CommandId,
        retry_ms: u32,
        message: String,
    },
    Beat {
        at: Timestamp,
        topics: BTreeMap<String, Head>,
    },
    /// The ring no longer covers this connection's cursor: subscribe again for a snapshot.
    Resync {
        topic: TopicName,
    },
    /// `renew` was accepted; the connection now lives until then.
    Renewed {
        until: Timestamp,
    },
    Error {
        code: String,
        message: String,
    },
}

/// Who the server takes the client for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(tag = "role", rename_all = "snake_case")]
pub enum Who {
    Guest { guest: GuestId, seating: SeatingId },
    Takeaway { guest: GuestId },
    Staff { session: SessionId, staff_role: Role, name: String },
    Screen { session: SessionId, screen: ScreenId, name: String },
}

/// The answer to `subscribe`. After it (after all its parts) the client's cursor is `{epoch, seq}`;
/// without a snapshot that is the cursor it came with, and the events it missed follow as `event`s
/// up to `head`, then live ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Subscribed {
    #[schema(value_type = String, pattern = "^(kitchen|floor|table|order:[0-9a-f-]{36})$")]
    pub topic: TopicName,
    pub epoch: Epoch,
    #[ts(type = "number")]
    pub seq: Seq,
    /// Where the feed stood: once the client's cursor is there, it is current.
    #[ts(type = "number")]
    pub head: Seq,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "Snapshot")]
    #[schema(value_type = Option<super::snapshot::Snapshot>)]
    pub snapshot: Option<serde_json::Value>,
    /// Which part of the snapshot this is, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub part: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub parts: Option<u32>,
}

/// One event on one topic. Exactly one of the subject fields is there.
#[derive(Clone, Debug, PartialEq, Serialize, TS, ToSchema)]
pub struct EventMessage {
    #[schema(value_type = String, pattern = "^(kitchen|floor|table|order:[0-9a-f-]{36})$")]
    pub topic: TopicName,
    #[ts(type = "number")]
    pub seq: Seq,
    /// No event of this topic lies between `prev` and `seq`. A hole is a `prev` above the cursor.
    #[ts(type = "number")]
    pub prev: Seq,
    #[serde(flatten)]
    pub body: EventBody,
}

/// What an event says, the same for every topic of one audience.
#[derive(Clone, Debug, PartialEq, Serialize, TS, ToSchema)]
pub struct EventBody {
    pub at: Timestamp,
    pub kind: Kind,
    /// The command that caused it.
    pub command: CommandId,
    /// Who did it; staff only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub by: Option<By>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub order: Option<OrderView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub seen: Option<Vec<Seen>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub unseen: Option<Unseen>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub expected: Option<Vec<ExpectedOrder>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub seating: Option<Seating>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub item: Option<ItemState>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub table: Option<Table>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub screen: Option<Screen>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub takeaway: Option<TakeawayState>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub messages: Option<MessagesState>,
}

/// A refused command.
#[derive(Clone, Debug, PartialEq, Serialize, TS, ToSchema)]
pub struct Refused {
    pub id: CommandId,
    pub code: Code,
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub current: Option<OrderView>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<FieldProblem>>")]
    pub fields: Vec<FieldProblem>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<LineProblem>>")]
    pub lines: Vec<LineProblem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub total: Option<i64>,
    /// With `slot_taken`: what is left.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<Slot>>")]
    pub slots: Vec<Slot>,
}

impl Refused {
    #[must_use]
    pub fn new(id: CommandId, refusal: Refusal, audience: Audience) -> Self {
        let Refusal { code, message, current, fields, lines, total, slots } = refusal;
        let current = current.map(|order| match audience {
            Audience::Staff => OrderView::Staff(order),
            Audience::Guest => OrderView::Guest(Box::new(GuestOrder::from(&*order))),
        });
        Self { id, code, message, current, fields, lines, total, slots }
    }
}

/// Where a topic stands, in a beat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Head {
    /// Seq of the topic's newest event that this node knows of (0: none since it began to look).
    #[ts(type = "number")]
    pub last: Seq,
    /// The topic is complete up to there.
    pub upto: Cursor,
}

/// Encodes what follows `prev` in an event message, for one topic.
#[must_use]
pub fn event_body(event: &Event, topic: Topic) -> Vec<u8> {
    let audience = topic.audience();
    let mut body = EventBody {
        at: event.at,
        kind: event.kind,
        command: event.command,
        by: match audience {
            Audience::Staff => Some(event.by.clone()),
            Audience::Guest => None,
        },
        order: None,
        seen: None,
        unseen: None,
        expected: None,
        seating: None,
        item: None,
        table: None,
        screen: None,
        takeaway: None,
        messages: None,
    };
    match &event.state {
        State::Order { order } => {
            body.order = Some(match audience {
                Audience::Staff => OrderView::Staff(order.clone()),
                Audience::Guest => OrderView::Guest(Box::new(GuestOrder::from(&**order))),
            });
        }
        State::Seen { seen } => {
            body.seen = Some(seen.iter().filter(|s| concerns(s.order, s.seating, topic)).cloned().collect())
        }
        State::Unseen { unseen } => body.unseen = Some(unseen.clone()),
        State::Expected { expected } => {
            let mine = expected.iter().filter(|e| concerns(e.order, e.seating, topic));
            body.expected = Some(mine.cloned().collect());
        }
        State::Seating { seating } => body.seating = Some(seating.clone()),
        State::Item { item } => body.item = Some(item.clone()),
        State::Table { table } => body.table = Some(table.clone()),
        State::Takeaway { takeaway } => body.takeaway = Some(*takeaway),
        State::Messages { messages } => body.messages = Some(*messages),
        State::Screen { screen } => body.screen = Some(screen.clone()),
        State::Session { .. } | State::Member { .. } => {}
    }
    serde_json::to_vec(&body).unwrap_or_default()
}

/// Is the body of this event the same for every topic of an audience?
#[must_use]
pub fn body_is_shared(event: &Event) -> bool {
    !matches!(event.state, State::Seen { .. } | State::Expected { .. })
}

/// The whole event message: the body with its place in the topic in front.
#[must_use]
pub fn event_message(topic: TopicName, seq: Seq, prev: Seq, body: &[u8]) -> Vec<u8> {
    let mut text = format!("{{\"op\":\"event\",\"topic\":\"{topic}\",\"seq\":{seq},\"prev\":{prev},").into_bytes();
    // The body is an object; what follows its opening brace continues ours.
    text.extend_from_slice(body.get(1..).unwrap_or(b"}"));
    text
}

/// How clients name a topic.
#[must_use]
pub fn name_of(topic: Topic) -> TopicName {
    match topic {
        Topic::Kitchen => TopicName::Kitchen,
        Topic::Floor => TopicName::Floor,
        Topic::Table(_) => TopicName::Table,
        Topic::Order(id) => TopicName::Order(id),
    }
}

fn concerns(order: OrderId, seating: Option<SeatingId>, topic: Topic) -> bool {
    match topic {
        Topic::Kitchen | Topic::Floor => true,
        Topic::Table(table) => seating == Some(table),
        Topic::Order(id) => order == id,
    }
}
