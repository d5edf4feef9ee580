//! The alarm clock: orders that no screen has shown when they were due (W7). Any node may notice; the
//! command's id is derived from the order and the count, so that each alarm happens once.

use super::Commands;
use super::clocks::look;
use crate::domain::command::{Command, RaiseAlarm};
use crate::domain::ids::{OrderId, RestaurantId};
use crate::store::committer::Answer;
use crate::store::{Fault, wide};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Names the alarms' command ids (RFC 9562 §5.5).
const ALARMS: Uuid = Uuid::from_u128(0x9b2f_6c1e_74d0_4f0a_8f6e_636f_6d61_6e64);

impl Commands {
    /// Raises what is due, `batch` at a time, until stopped.
    pub async fn watch_unseen(&self, every: Duration, batch: i64, stop: CancellationToken) {
        look(every, stop, "the orders that nobody has seen", || self.raise_due(batch)).await;
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
        self.by_itself(restaurant, (&ALARMS, &format!("{order}/{nth}")), command).await
    }
}
