//! The clock of scheduled orders: those whose time has come go to the kitchen. Any node may notice; the command's id is
//! derived from the order and its time, so that it happens once whoever wins, and a node that dies leaves it to another.

use super::Commands;
use super::clocks::look;
use crate::domain::command::{Command, OrderRef};
use crate::domain::ids::{OrderId, RestaurantId};
use crate::domain::time::Timestamp;
use crate::store::committer::Answer;
use crate::store::{Fault, wide};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Names the command ids of starts (RFC 9562 §5.5).
const STARTS: Uuid = Uuid::from_u128(0x0d1c_8b52_3f6a_4d6e_9a53_7374_6172_7473);

impl Commands {
    /// Starts what is due, `batch` at a time, until stopped.
    pub async fn watch_starts(&self, every: Duration, batch: i64, stop: CancellationToken) {
        look(every, stop, "the orders whose time has come", || self.start_due(batch)).await;
    }

    /// Starts what is due now.
    ///
    /// # Errors
    /// Any fault of the database; what could not be started is tried again at the next look.
    pub async fn start_due(&self, batch: i64) -> Result<(), Fault> {
        for (restaurant, order, due) in wide::start_due(&self.store.db, self.clock.now(), batch).await? {
            match self.start(restaurant, order, due).await {
                Answer::Accepted(_) => {}
                Answer::Refused(refusal) => {
                    tracing::warn!(order.id = %order, code = refusal.code.name(), "a scheduled order was not started");
                }
                Answer::NotTried(why) => tracing::warn!(order.id = %order, why, "an order could not be started yet"),
            }
        }
        Ok(())
    }

    async fn start(&self, restaurant: RestaurantId, order: OrderId, due: Timestamp) -> Answer {
        let command = Command::StartOrder(OrderRef { order });
        self.by_itself(restaurant, (&STARTS, &format!("{order}/{}", due.0)), command).await
    }
}
