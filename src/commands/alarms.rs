//! The alarm clock: orders that no screen has shown when they were due (W7). Any node may notice; the
//! command's id is derived from the order and the count, so that each alarm happens once.

use super::{Commands, body_hash};
use crate::domain::command::{Command, RaiseAlarm, Request};
use crate::domain::ids::{CommandId, OrderId, RestaurantId};
use crate::domain::people::Actor;
use crate::store::committer::{Answer, Submission};
use crate::store::{Fault, wide};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Names the alarms' command ids (RFC 9562 §5.5).
const ALARMS: Uuid = Uuid::from_u128(0x9b2f_6c1e_74d0_4f0a_8f6e_636f_6d61_6e64);

impl Commands {
    /// Raises what is due, `batch` at a time, until stopped.
    pub async fn watch_unseen(&self, every: Duration, batch: i64, stop: CancellationToken) {
        let mut tick = tokio::time::interval(every);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = tick.tick() => {}
            }
            if let Err(fault) = self.raise_due(batch).await {
                tracing::warn!(%fault, "the orders that nobody has seen could not be looked up");
            }
        }
    }

    async fn raise_due(&self, batch: i64) -> Result<(), Fault> {
        let due = wide::unseen_due(&self.store.db, self.clock.now(), batch).await?;
        for (restaurant, order, had) in due {
            match self.raise(restaurant, order, had + 1).await {
                Answer::Accepted(done) if !done.again => {
                    metrics::counter!(crate::telemetry::UNSEEN_ALARMS).increment(1)
                }
                Answer::Accepted(_) => {}
                Answer::Refused(refusal) => {
                    tracing::warn!(order.id = %order, code = refusal.code.name(), "an alarm was refused");
                }
                Answer::NotTried(why) => tracing::warn!(order.id = %order, why, "an alarm could not be raised yet"),
            }
        }
        Ok(())
    }

    async fn raise(&self, restaurant: RestaurantId, order: OrderId, nth: i64) -> Answer {
        let command = Command::RaiseAlarm(RaiseAlarm { order, nth });
        let body_hash = body_hash(&command, None);
        let id = CommandId(Uuid::new_v5(&ALARMS, format!("{order}/{nth}").as_bytes()));
        let request = Request { id, actor: Actor::System, command, base_version: None };
        self.committer.submit(Submission { restaurant, request, body_hash, priced: None, unwatched: false }).await
    }
}
