//! What nodes tell each other, and on which channels. Other versions of this program read it too: fields are only
//! added, and what cannot be read is left to the database.

use crate::domain::event::Event;
use crate::domain::ids::RestaurantId;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use uuid::Uuid;

/// On a restaurant's channel.
#[derive(Debug, Serialize, Deserialize)]
pub struct News<'a> {
    /// Who wrote it: that node has it already.
    pub node: Uuid,
    pub event: Cow<'a, Event>,
}

/// On the channel of all nodes, and on a node's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Canary {
    Alive { node: Uuid },
    Parting { node: Uuid },
}

impl Canary {
    /// As it is sent.
    pub fn encoded(self) -> Vec<u8> {
        serde_json::to_vec(&self).unwrap_or_default()
    }
}

/// The channel of a restaurant's events.
pub fn channel(prefix: &str, restaurant: RestaurantId) -> String {
    format!("{prefix}:feed:{restaurant}")
}

/// The channel on which a node hears itself.
pub fn own(prefix: &str, node: Uuid) -> String {
    format!("{prefix}:node:{node}")
}

/// The channel of all nodes.
pub fn nodes(prefix: &str) -> String {
    format!("{prefix}:nodes")
}
