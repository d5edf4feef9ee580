//! Who acts: guests, staff in their roles, paired screens, and the server itself; and who may manage whom.

use super::ids::{GuestId, ScreenId, SeatingId, SessionId, StationId, UserId};
use super::refusal::{Code, Refusal};
use super::time::Timestamp;
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
    /// The menu, tables, screens, staff up to their own role.
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
    /// A guest without a table: one phone, whose number was verified.
    Takeaway {
        guest: GuestId,
    },
    Staff {
        user: UserId,
        session: SessionId,
        role: Role,
        name: String,
    },
    /// A paired screen: does what the kitchen may, and is named by what hangs on the wall.
    Screen {
        screen: ScreenId,
        session: SessionId,
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
            Self::Guest { guest, .. } | Self::Takeaway { guest } => format!("guest:{guest}"),
            Self::Staff { user, .. } => format!("user:{user}"),
            Self::Screen { screen, .. } => format!("screen:{screen}"),
            Self::System => "system".to_owned(),
        }
    }

    #[must_use]
    pub fn is_at_least(&self, least: Role) -> bool {
        match self {
            Self::Guest { .. } | Self::Takeaway { .. } => false,
            Self::Staff { role, .. } => *role >= least,
            Self::Screen { .. } => least <= Role::Kitchen,
            Self::System => true,
        }
    }

    /// The login that it acts by: a person's or a screen's.
    #[must_use]
    pub fn session(&self) -> Option<SessionId> {
        match self {
            Self::Staff { session, .. } | Self::Screen { session, .. } => Some(*session),
            Self::Guest { .. } | Self::Takeaway { .. } | Self::System => None,
        }
    }

    /// How an event remembers who did it.
    #[must_use]
    pub fn by(&self) -> By {
        match self {
            Self::Guest { guest, .. } | Self::Takeaway { guest } => By::Guest { guest: *guest },
            Self::Staff { user, name, .. } => By::Staff { user: *user, name: name.clone() },
            Self::Screen { screen, name, .. } => By::Screen { screen: *screen, name: name.clone() },
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
    Screen { screen: ScreenId, name: String },
    System,
}

/// A paired kitchen device, as managers see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Screen {
    pub id: ScreenId,
    /// What people call it: "Grill left".
    pub name: String,
    /// The stations that it is to show; none named: all.
    pub stations: Vec<StationId>,
    #[ts(type = "number")]
    pub version: i64,
    pub paired_at: Timestamp,
    /// It may not come in any more, until it is paired again.
    pub revoked_at: Option<Timestamp>,
}

/// Somebody's place in a restaurant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub user: UserId,
    pub role: Role,
    /// Rises with everything that ends this person's logins.
    pub version: i64,
    pub removed_at: Option<Timestamp>,
}

impl Actor {
    /// Managers manage people up to their own role, and nobody manages themselves: so the last admin stays one.
    ///
    /// # Errors
    /// `forbidden`.
    pub fn may_manage(&self, member: &Member) -> Result<(), Refusal> {
        if matches!(self, Self::Staff { user, .. } if *user == member.user) {
            return Err(Refusal::new(Code::Forbidden, "Nobody changes their own place here. Ask somebody else."));
        }
        self.may_grant(member.role)
    }

    /// Nobody makes anybody more than they are.
    ///
    /// # Errors
    /// `forbidden`.
    pub fn may_grant(&self, role: Role) -> Result<(), Refusal> {
        if self.is_at_least(Role::Manager) && self.is_at_least(role) {
            return Ok(());
        }
        let needed = role.max(Role::Manager);
        Err(Refusal::new(Code::Forbidden, format!("This needs the role `{}` or higher.", needed.name())))
    }
}
