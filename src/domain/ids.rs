//! Ids as types, so that a table can never be passed where an order is meant.
//! All are UUIDs; the server makes version 7 ids (they sort by time), clients may send any version.

use serde::{Deserialize, Serialize};
use std::fmt;
use ts_rs::TS;
use utoipa::ToSchema;
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS, ToSchema)]
        #[serde(transparent)]
        #[ts(type = "string")]
        #[schema(value_type = String, format = Uuid)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

ids! {
    /// A restaurant: the tenant. Every row of a tenant's table begins with it.
    RestaurantId;
    /// One history of a feed; a restore starts a new one.
    Epoch;
    /// Chosen by whoever sends a command; the same id is the same command.
    CommandId;
    /// One send by one guest.
    OrderId;
    /// One item on an order.
    LineId;
    /// A place in the kitchen: grill, bar …
    StationId;
    /// A heading of the menu.
    CategoryId;
    /// A dish or drink on the menu.
    ItemId;
    /// A question about an item: "how would you like it?"
    OptionGroupId;
    /// One answer to an option group.
    OptionId;
    /// A table of the restaurant.
    TableId;
    /// One party's stay at a table.
    SeatingId;
    /// One phone in a seating.
    GuestId;
    /// A person of the staff.
    UserId;
    /// One login of one person or screen at one restaurant: a family of refresh tokens.
    SessionId;
    /// A paired kitchen device.
    ScreenId;
}

/// An event's number in its restaurant's feed. Contiguous, begins at 1; 0 is "before everything".
pub type Seq = i64;

/// Where a subscriber stands in a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Cursor {
    pub epoch: Epoch,
    #[ts(type = "number")]
    pub seq: Seq,
}
