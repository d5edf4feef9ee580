//! A connection's stay in its restaurant's room: the topics it is in, how far each was written, and what the
//! ring has for them next, at the socket's pace (W9). Dropped, however its session ended, it leaves nothing behind.

use crate::domain::ids::Cursor;
use crate::domain::people::Actor;
use crate::domain::topic::Topic;
use crate::hub::connection::Connection;
use crate::hub::frame::Frame;
use crate::hub::room::Room;
use crate::protocol::client::TopicName;
use crate::protocol::server::{ServerMessage, name_of};
use smallvec::SmallVec;
use std::sync::Arc;

/// A connection in a room.
pub struct Stay {
    pub room: Arc<Room>,
    pub connection: Arc<Connection>,
    audience: &'static str,
    subscriptions: SmallVec<[Subscription; 1]>,
}

/// One topic of one connection.
struct Subscription {
    topic: Topic,
    /// What was written to the socket; `None` while its beginning is being read, or after a `resync`.
    cursor: Option<Cursor>,
    /// When the newest beat that it got was made, by the room's clock: each is sent once.
    beaten_ms: u64,
}

/// Most batches have few frames.
pub type Frames = SmallVec<[Frame; 8]>;

/// Frames to write next, for all topics of a connection.
pub struct Batch {
    pub frames: Frames,
    /// There is more where these came from.
    pub more: bool,
}

impl Stay {
    /// Joins the room. From here on the connection can be ended from outside.
    pub fn begin(room: Arc<Room>, id: u64, actor: &Actor) -> Self {
        let connection = Arc::new(Connection::new(id, actor));
        room.join(&connection);
        let audience = if matches!(actor, Actor::Guest { .. } | Actor::Takeaway { .. }) { "guest" } else { "staff" };
        metrics::gauge!(crate::telemetry::CONNECTIONS, crate::telemetry::LABEL_AUDIENCE => audience).increment(1.0);
        Self { room, connection, audience, subscriptions: SmallVec::new() }
    }

    /// How many topics it is in.
    pub fn topics(&self) -> usize {
        self.subscriptions.len()
    }

    /// From here on the topic's events wake the connection; they are pulled once there is a cursor (W3).
    pub fn enter(&mut self, topic: Topic) {
        self.room.subscribe(topic, &self.connection);
        self.subscriptions.push(Subscription { topic, cursor: None, beaten_ms: self.room.clock_ms() });
    }

    /// Everything up to `cursor` was written.
    pub fn follow(&mut self, topic: Topic, cursor: Cursor) {
        if let Some(subscription) = self.subscriptions.iter_mut().find(|s| s.topic == topic) {
            subscription.cursor = Some(cursor);
        }
    }

    /// Leaves the topic of that name, if it is in it.
    pub fn leave(&mut self, name: TopicName) {
        let (room, connection) = (&self.room, &self.connection);
        self.subscriptions.retain(|subscription| {
            let stays = name_of(subscription.topic) != name;
            if !stays {
                room.unsubscribe(subscription.topic, connection);
            }
            stays
        });
    }

    /// Takes about `bytes` from the ring for all topics together (at least one frame for each that has any)
    /// and moves their cursors. A topic that the ring no longer covers gets `resync`, and waits for a new
    /// `subscribe`.
    pub fn pull(&mut self, bytes: usize) -> Batch {
        let mut batch = Batch { frames: Frames::new(), more: false };
        let mut left = bytes;
        for subscription in &mut self.subscriptions {
            let Some(cursor) = subscription.cursor else { continue };
            match self.room.pull(subscription.topic, cursor, left) {
                Some(pulled) => {
                    subscription.cursor = Some(Cursor { seq: pulled.seq, ..cursor });
                    batch.more |= pulled.more;
                    left = left.saturating_sub(pulled.frames.iter().map(Frame::len).sum());
                    batch.frames.extend(pulled.frames);
                }
                None => {
                    subscription.cursor = None;
                    metrics::counter!(crate::telemetry::RESYNC).increment(1);
                    batch.frames.push(Frame::json(&ServerMessage::Resync { topic: name_of(subscription.topic) }));
                }
            }
        }
        batch
    }

    /// Adds the new beats of the topics that are complete (W6).
    pub fn beats(&mut self, frames: &mut Frames) {
        for subscription in &mut self.subscriptions {
            let Some(cursor) = subscription.cursor else { continue };
            if let Some((frame, made_ms)) = self.room.beat_of(subscription.topic, cursor, subscription.beaten_ms) {
                subscription.beaten_ms = made_ms;
                frames.push(frame);
            }
        }
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        self.room.leave(&self.connection, self.subscriptions.iter().map(|s| s.topic));
        metrics::gauge!(crate::telemetry::CONNECTIONS, crate::telemetry::LABEL_AUDIENCE => self.audience)
            .decrement(1.0);
    }
}
