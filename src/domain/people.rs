//! Who acts: guests, staff in their roles, and the server itself.

use super::ids::{GuestId, SeatingId, SessionId, UserId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// What a member of the staff may do. Each role may do what the ones before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Taps on tickets, sold-out items.
    Kitchen,
    /// Seatings, orders for guests, serving and cancelling.
    Waiter,
    /// The menu, tables, staff sessions.
    Manager,
    Admin,
}

impl Role {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Kitchen => "kitchen",
            Self::Waiter => "waiter",
            Self::Manager => "manager",
            Self::Admin => "admin",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Kitchen, Self::Waiter, Self::Manager, Self::Admin].into_iter().find(|role| role.name() == name)
    }
}

/// Whoever sends a command, as its token says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    Guest {
        guest: GuestId,
        seating: SeatingId,
    },
    Staff {
        user: UserId,
        session: SessionId,
        role: Role,
        name: String,
    },
    /// The server itself: alarms, retention.
    System,
}

impl Actor {
    /// The identity that a command id belongs to (L4). A person keeps it over new logins.
    #[must_use]
    pub fn sender(&self) -> String {
        match self {
            Self::Guest { guest, .. } => format!("guest:{guest}"),
            Self::Staff { user, .. } => format!("user:{user}"),
            Self::System => "system".to_owned(),
        }
    }

    #[must_use]
    pub fn is_at_least(&self, least: Role) -> bool {
        match self {
            Self::Guest { .. } => false,
            Self::Staff { role, .. } => *role >= least,
            Self::System => true,
        }
    }

    /// How an event remembers who did it.
    #[must_use]
    pub fn by(&self) -> By {
        match self {
            Self::Guest { guest, .. } => By::Guest { guest: *guest },
            Self::Staff { user, name, .. } => By::Staff { user: *user, name: name.clone() },
            Self::System => By::System,
        }
    }
}

/// Who did it, as staff see it on an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum By {
    Guest { guest: GuestId },
    Staff { user: UserId, name: String },
    System,
}
