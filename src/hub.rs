//! Connection sets and recent events, per restaurant and topic, in memory. Synchronous: no lock here
//! is ever held across an await. `relay` fills it, `ws` and the long poll drain it at their own pace.
//!
//! There is no queue per connection: each has a cursor and pulls shared frames from its restaurant's
//! ring as its socket drains. An idle connection costs no queue, a slow one merges what it missed.

pub mod connection;
pub mod drawn;
pub mod frame;
pub mod ring;
pub mod room;
mod roster;

use crate::domain::ids::{RestaurantId, SessionId};
use crate::domain::time::Timestamp;
use crate::protocol::close::Close;
use dashmap::DashMap;
use ring::RingLimits;
use room::Room;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// All that this node holds for its connections.
pub struct Hub {
    rooms: DashMap<RestaurantId, Arc<Room>>,
    /// Logins ended within the life of an access token.
    revoked: DashMap<SessionId, Timestamp>,
    limits: RingLimits,
    next: AtomicU64,
}

impl Hub {
    #[must_use]
    pub fn new(limits: RingLimits) -> Self {
        Self { rooms: DashMap::new(), revoked: DashMap::new(), limits, next: AtomicU64::new(1) }
    }

    /// The restaurant's room, made if it is not there. A new room has no ring yet: `relay` begins it.
    #[must_use]
    pub fn room(&self, restaurant: RestaurantId) -> Arc<Room> {
        Arc::clone(&self.rooms.entry(restaurant).or_insert_with(|| Arc::new(Room::new(restaurant, self.limits))))
    }

    /// The restaurant's room, if anybody is or was recently interested.
    #[must_use]
    pub fn find(&self, restaurant: RestaurantId) -> Option<Arc<Room>> {
        self.rooms.get(&restaurant).map(|room| Arc::clone(&room))
    }

    #[must_use]
    pub fn rooms(&self) -> Vec<Arc<Room>> {
        self.rooms.iter().map(|room| Arc::clone(&room)).collect()
    }

    /// A number that no other connection of this node has.
    #[must_use]
    pub fn next_id(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    #[must_use]
    pub fn connections(&self) -> usize {
        self.rooms.iter().map(|room| room.connections()).sum()
    }

    /// Ends every connection of a login, and remembers it for as long as its tokens may live (W8).
    pub fn revoke(&self, session: SessionId, at: Timestamp) {
        self.revoked.insert(session, at);
        for room in self.rooms() {
            room.close_where(Close::Revoked, |connection| connection.session() == Some(session));
        }
    }

    #[must_use]
    pub fn is_revoked(&self, session: SessionId) -> bool {
        self.revoked.contains_key(&session)
    }

    /// Forgets what no token can refer to any more, rooms that nobody has used for `idle`, and the
    /// rings used longest ago while all together are over the node's bound. Returns whose rooms are gone.
    pub fn tidy(&self, now: Timestamp, token_life: Duration, idle: Duration) -> Vec<RestaurantId> {
        self.revoked.retain(|_, at| now.since(*at) < token_life * 2);
        let mut gone = Vec::new();
        self.rooms.retain(|restaurant, room| {
            let stays = room.connections() > 0 || !room.idle_for(idle) || Arc::strong_count(room) > 1;
            if !stays {
                gone.push(*restaurant);
            }
            stays
        });
        let mut rooms = self.rooms();
        let mut bytes: usize = rooms.iter().map(|room| room.ring_bytes()).sum();
        rooms.sort_by_key(|room| room.last_used());
        for room in rooms {
            if bytes <= self.limits.node_bytes {
                break;
            }
            bytes -= room.ring_bytes();
            room.shed();
        }
        gone
    }

    /// Asks `share` connections to end that are not ending yet, or all that are left.
    pub fn send_away(&self, share: usize, why: Close) {
        let mut left = share;
        for room in self.rooms() {
            left -= room.end_some(left, why);
        }
    }
}
