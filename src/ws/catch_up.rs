//! What a subscription still has to read: its cursor, and the pulling of frames at the socket's pace (W9).

use crate::domain::ids::Cursor;
use crate::domain::topic::Topic;
use crate::hub::frame::Frame;
use crate::hub::room::Room;
use crate::protocol::server::{ServerMessage, name_of};

/// One topic of one connection. `cursor` is what was written to the socket, and `None` while its
/// snapshot is still being made or after a `resync`.
pub struct Subscription {
    pub topic: Topic,
    pub cursor: Option<Cursor>,
}

/// Frames to write next, for all topics of a connection.
pub struct Batch {
    pub frames: Vec<Frame>,
    /// There is more where these came from.
    pub more: bool,
}

/// Takes up to `bytes` from the ring for each topic and moves its cursor. A topic that the ring no longer
/// covers gets `resync` and waits for a new `subscribe`.
pub fn pull(room: &Room, subscriptions: &mut [Subscription], bytes: usize) -> Batch {
    let mut batch = Batch { frames: Vec::new(), more: false };
    for subscription in subscriptions {
        let Some(cursor) = subscription.cursor else { continue };
        match room.pull(subscription.topic, cursor, bytes) {
            Some(pulled) => {
                subscription.cursor = Some(Cursor { seq: pulled.seq, ..cursor });
                batch.more |= pulled.more;
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
