//! Topics: what a connection subscribes to, and which events concern it. Pure routing.

use super::event::{Event, State};
use super::ids::{OrderId, SeatingId};

/// A topic within one restaurant. A guest's `table` is their own seating.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Topic {
    /// Tickets: screens and staff.
    Kitchen,
    /// Tables, seatings, orders: waiters and managers.
    Floor,
    /// The guests of one seating.
    Table(SeatingId),
    /// One order, for whoever holds it.
    Order(OrderId),
}

/// Who reads a topic: decides what a frame may contain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Audience {
    Staff,
    Guest,
}

impl Topic {
    #[must_use]
    pub fn audience(self) -> Audience {
        match self {
            Self::Kitchen | Self::Floor => Audience::Staff,
            Self::Table(_) | Self::Order(_) => Audience::Guest,
        }
    }

    /// Does this event go to this topic?
    #[must_use]
    pub fn takes(self, event: &Event) -> bool {
        match (&event.state, self) {
            (State::Order { order }, Self::Kitchen) => !order.held,
            (State::Order { order }, Self::Table(seating)) => order.seating == Some(seating),
            (State::Order { order }, Self::Order(id)) => order.id == id,
            (State::Seen { seen }, Self::Table(seating)) => seen.iter().any(|s| s.seating == Some(seating)),
            (State::Seen { seen }, Self::Order(id)) => seen.iter().any(|s| s.order == id),
            (State::Expected { expected }, Self::Table(seating)) => expected.iter().any(|e| e.seating == Some(seating)),
            (State::Expected { expected }, Self::Order(id)) => expected.iter().any(|e| e.order == id),
            (State::Seating { seating }, Self::Table(id)) => seating.id == id,
            (State::Item { .. }, Self::Table(_)) => true,
            // Also the receipts: an alarm must end on every screen that showed it.
            (
                State::Seen { .. } | State::Unseen { .. } | State::Expected { .. } | State::Item { .. },
                Self::Kitchen,
            ) => true,
            (State::Session { .. } | State::Member { .. }, _) => false,
            (_, Self::Floor) => true,
            (State::Takeaway { .. }, Self::Kitchen) => true,
            (State::Messages { .. }, Self::Kitchen | Self::Table(_) | Self::Order(_)) => false,
            (State::Seating { .. } | State::Table { .. } | State::Screen { .. }, Self::Kitchen)
            | (
                State::Unseen { .. } | State::Table { .. } | State::Screen { .. } | State::Takeaway { .. },
                Self::Table(_),
            )
            | (
                State::Unseen { .. }
                | State::Table { .. }
                | State::Seating { .. }
                | State::Item { .. }
                | State::Takeaway { .. }
                | State::Screen { .. },
                Self::Order(_),
            ) => false,
        }
    }

    /// The topics that one event surely concerns; topics that all tables share come by `all_tables`.
    #[must_use]
    pub fn named_by(event: &Event) -> smallvec::SmallVec<[Self; 4]> {
        let mut topics: smallvec::SmallVec<[Self; 4]> = smallvec::smallvec![Self::Kitchen, Self::Floor];
        match &event.state {
            State::Order { order } => {
                topics.extend(order.seating.map(Self::Table));
                topics.push(Self::Order(order.id));
            }
            State::Seen { seen } => {
                for one in seen {
                    topics.push(Self::Order(one.order));
                    topics.extend(one.seating.map(Self::Table));
                }
            }
            State::Expected { expected } => {
                for one in expected {
                    topics.push(Self::Order(one.order));
                    topics.extend(one.seating.map(Self::Table));
                }
            }
            State::Seating { seating } => topics.push(Self::Table(seating.id)),
            State::Unseen { .. }
            | State::Item { .. }
            | State::Table { .. }
            | State::Session { .. }
            | State::Screen { .. }
            | State::Takeaway { .. }
            | State::Messages { .. }
            | State::Member { .. } => {}
        }
        topics.retain(|topic| topic.takes(event));
        topics.sort_unstable();
        topics.dedup();
        topics
    }

    /// Does every table of the restaurant get this event?
    #[must_use]
    pub fn all_tables(event: &Event) -> bool {
        matches!(event.state, State::Item { .. })
    }
}
