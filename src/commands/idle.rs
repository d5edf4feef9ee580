//! The idle clock: parties that left without a word. Any node may notice; a node to which a phone of the party is
//! connected says so first, and the others give it time to.

use super::Commands;
use super::clocks::look;
use crate::domain::command::{Command, ExpireSeating};
use crate::domain::ids::RestaurantId;
use crate::domain::topic::Topic;
use crate::store::committer::Answer;
use crate::store::{Fault, wide};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Names the command ids of the idle clock (RFC 9562 §5.5).
const IDLE: Uuid = Uuid::from_u128(0x3d1c_58a7_0b6e_4c52_9a0d_636f_6d61_6e64);
/// Among other nodes, how long one waits for another that may have a phone of the party.
pub const OTHERS_FIRST: Duration = Duration::from_secs(120);

impl Commands {
    /// Ends the stays that are due, `batch` at a time, until stopped.
    pub async fn watch_idle(&self, every: Duration, batch: i64, stop: CancellationToken) {
        look(every, stop, "parties that left", || self.expire_due(batch)).await;
    }

    async fn expire_due(&self, batch: i64) -> Result<(), Fault> {
        let now = self.clock.now();
        for (restaurant, seating, due) in wide::idle_due(&self.store.db, now, batch).await? {
            let topic = Topic::Table(seating);
            let connected = self.hub.find(restaurant).is_some_and(|room| room.is_followed(topic));
            if !connected && self.presence.has_others() && now.since(due) < OTHERS_FIRST {
                continue;
            }
            match self.expire(restaurant, ExpireSeating { seating, due, connected }).await {
                Answer::Accepted(_) => {}
                Answer::Refused(refusal) => {
                    tracing::warn!(seating.id = %seating, code = refusal.code.name(), "a stay could not end by itself");
                }
                Answer::NotTried(why) => tracing::warn!(seating.id = %seating, why, "a stay does not end yet"),
            }
        }
        Ok(())
    }

    async fn expire(&self, restaurant: RestaurantId, expire: ExpireSeating) -> Answer {
        let name = format!("{}/{}/{}", expire.seating, expire.due, expire.connected);
        self.by_itself(restaurant, (&IDLE, &name), Command::ExpireSeating(expire)).await
    }
}
