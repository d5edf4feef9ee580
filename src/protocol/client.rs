//! What a client sends. Parsed once, here, into types that cannot be wrong; unknown fields are
//! ignored, an unknown `op` is an error.

use crate::domain::ids::{CommandId, Cursor, OrderId, Seq, StationId};
use crate::domain::order::OrderKind;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// A message from a client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum ClientMessage {
    /// Must be first, within 5 s (W1).
    Hello {
        token: String,
        protocol: u32,
    },
    Subscribe {
        topic: TopicName,
        #[serde(default)]
        #[ts(optional)]
        after: Option<Cursor>,
    },
    Unsubscribe {
        topic: TopicName,
    },
    Command(CommandMessage),
    Shown {
        topic: TopicName,
        #[ts(type = "number")]
        seq: Seq,
        stations: Vec<StationId>,
        /// The only kind of orders that the screen draws; without it, all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        kind: Option<OrderKind>,
    },
    Renew {
        token: String,
    },
}

/// A wish, as the socket and `POST /api/commands` both carry it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct CommandMessage {
    /// New for each press; the same one when it is sent again.
    pub id: CommandId,
    /// One of the names of `Command`.
    pub name: String,
    /// What the `Command` of that name has as `args`.
    #[ts(type = "unknown")]
    #[schema(value_type = Object)]
    pub args: serde_json::Value,
    /// The version of the order in the picture that was tapped.
    #[serde(default)]
    #[ts(optional, type = "number")]
    pub base_version: Option<i64>,
}

/// A topic as clients name it: `kitchen`, `floor`, `table`, `order:<id>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, TS)]
#[ts(type = "string")]
pub enum TopicName {
    Kitchen,
    Floor,
    Table,
    Order(OrderId),
}

impl std::fmt::Display for TopicName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Kitchen => f.write_str("kitchen"),
            Self::Floor => f.write_str("floor"),
            Self::Table => f.write_str("table"),
            Self::Order(id) => write!(f, "order:{id}"),
        }
    }
}

impl std::str::FromStr for TopicName {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "kitchen" => Ok(Self::Kitchen),
            "floor" => Ok(Self::Floor),
            "table" => Ok(Self::Table),
            _ => name
                .strip_prefix("order:")
                .and_then(|id| id.parse().ok())
                .map(|id| Self::Order(OrderId(id)))
                .ok_or_else(|| "a topic is `kitchen`, `floor`, `table` or `order:<id>`".to_owned()),
        }
    }
}

impl Serialize for TopicName {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TopicName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}
