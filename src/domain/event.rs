//! Events: facts, committed and numbered, that carry the whole public state of their subject (L5).

use super::ids::{CommandId, Epoch, RestaurantId, SeatingId, Seq, SessionId};
use super::menu::ItemState;
use super::message::MessagesState;
use super::order::{ExpectedOrder, Order, Seen, Unseen, named};
use super::people::{By, Member, Screen};
use super::restaurant::Table;
use super::seating::Seating;
use super::takeaway::TakeawayState;
use super::time::Timestamp;
use serde::{Deserialize, Serialize};

named! {
    /// What happened.
    Kind {
        OrderPlaced = "order.placed",
        OrderReleased = "order.released",
        OrderConfirmed = "order.confirmed",
        OrderBumped = "order.bumped",
        OrderRecalled = "order.recalled",
        OrderCompleted = "order.completed",
        OrderCancelled = "order.cancelled",
        OrderRush = "order.rush",
        OrderMoved = "order.moved",
        OrderAllergyConfirmed = "order.allergy_confirmed",
        LineStarted = "line.started",
        LineDone = "line.done",
        LineRecalled = "line.recalled",
        LineVoided = "line.voided",
        LineHeld = "line.held",
        LineFired = "line.fired",
        LineMoved = "line.moved",
        LineRemade = "line.remade",
        OrderReopened = "order.reopened",
        OrdersSeen = "orders.seen",
        OrderUnseen = "order.unseen",
        OrdersExpected = "orders.expected",
        OrderTold = "order.told",
        SeatingOpened = "seating.opened",
        SeatingJoined = "seating.joined",
        SeatingReleased = "seating.released",
        SeatingClosed = "seating.closed",
        SeatingMoved = "seating.moved",
        SeatingCalled = "seating.called",
        CallComing = "call.coming",
        CallDone = "call.done",
        ItemChanged = "item.changed",
        TableChanged = "table.changed",
        SessionRevoked = "session.revoked",
        ScreenPaired = "screen.paired",
        ScreenChanged = "screen.changed",
        ScreenRevoked = "screen.revoked",
        StaffChanged = "staff.changed",
        TakeawayChanged = "takeaway.changed",
        /// Which news guests are sent, and by which channels.
        MessagesChanged = "messages.changed",
    }
}

/// The state that an event carries: its subject, after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum State {
    Order {
        order: Box<Order>,
    },
    Seen {
        seen: Vec<Seen>,
    },
    Unseen {
        unseen: Unseen,
    },
    /// Orders of which something else is expected now than was told.
    Expected {
        expected: Vec<ExpectedOrder>,
    },
    Seating {
        seating: Seating,
    },
    Item {
        item: ItemState,
    },
    Table {
        table: Table,
    },
    Session {
        session: SessionId,
    },
    Screen {
        screen: Screen,
    },
    Takeaway {
        takeaway: TakeawayState,
    },
    Messages {
        messages: MessagesState,
    },
    /// Kept, and told to nobody.
    Member {
        member: Member,
    },
}

/// What `decide` makes: an event that has no number yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    pub kind: Kind,
    pub state: State,
}

/// One entry of a feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    pub restaurant: RestaurantId,
    pub epoch: Epoch,
    pub seq: Seq,
    pub at: Timestamp,
    pub kind: Kind,
    pub by: By,
    pub command: CommandId,
    pub state: State,
}

impl Event {
    #[must_use]
    pub fn order(&self) -> Option<&Order> {
        match &self.state {
            State::Order { order } => Some(order),
            State::Seen { .. }
            | State::Unseen { .. }
            | State::Expected { .. }
            | State::Seating { .. }
            | State::Item { .. }
            | State::Table { .. }
            | State::Session { .. }
            | State::Screen { .. }
            | State::Takeaway { .. }
            | State::Messages { .. }
            | State::Member { .. } => None,
        }
    }

    /// The seating whose tokens this event ends.
    #[must_use]
    pub fn ended_seating(&self) -> Option<SeatingId> {
        match &self.state {
            State::Seating { seating } if !seating.is_open() => Some(seating.id),
            State::Order { .. }
            | State::Seen { .. }
            | State::Unseen { .. }
            | State::Expected { .. }
            | State::Seating { .. }
            | State::Item { .. }
            | State::Table { .. }
            | State::Session { .. }
            | State::Screen { .. }
            | State::Takeaway { .. }
            | State::Messages { .. }
            | State::Member { .. } => None,
        }
    }
}
