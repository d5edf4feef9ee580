//! The idle clock: parties that left without a word. Any node may notice; a node to which a phone of the party is
//! connected says so first, and the others give it time to.

use super::{Commands, body_hash};
use crate::domain::command::{Command, ExpireSeating, Request};
use crate::domain::ids::{CommandId, RestaurantId};
use crate::domain::people::Actor;
use crate::domain::topic::Topic;
use crate::store::committer::{Answer, Submission};
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
        let mut tick = tokio::time::interval(every);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = tick.tick() => {}
            }
            if let Err(fault) = self.expire_due(batch).await {
                tracing::warn!(%fault, "parties that left could not be looked up");
            }
        }
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
        let id = CommandId(Uuid::new_v5(&IDLE, name.as_bytes()));
        let command = Command::ExpireSeating(expire);
        let body_hash = body_hash(&command, None);
        let request = Request { id, actor: Actor::System, command, base_version: None };
        self.committer.submit(Submission { restaurant, request, body_hash, priced: None, unwatched: false }).await
    }
}
