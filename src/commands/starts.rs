//! The clock of scheduled orders: those whose time has come go to the kitchen. Any node may notice; the command's id is
//! derived from the order and its time, so that it happens once whoever wins, and a node that dies leaves it to another.

use super::{Commands, body_hash};
use crate::domain::command::{Command, OrderRef, Request};
use crate::domain::ids::{CommandId, OrderId, RestaurantId};
use crate::domain::people::Actor;
use crate::domain::time::Timestamp;
use crate::store::committer::{Answer, Submission};
use crate::store::{Fault, wide};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Names the command ids of starts (RFC 9562 §5.5).
const STARTS: Uuid = Uuid::from_u128(0x0d1c_8b52_3f6a_4d6e_9a53_7374_6172_7473);

impl Commands {
    /// Starts what is due, `batch` at a time, until stopped.
    pub async fn watch_starts(&self, every: Duration, batch: i64, stop: CancellationToken) {
        let mut tick = tokio::time::interval(every);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = tick.tick() => {}
            }
            if let Err(fault) = self.start_due(batch).await {
                tracing::warn!(%fault, "the orders whose time has come could not be looked up");
            }
        }
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
        let body_hash = body_hash(&command, None);
        let id = CommandId(Uuid::new_v5(&STARTS, format!("{order}/{}", due.0).as_bytes()));
        let request = Request { id, actor: Actor::System, command, base_version: None };
        self.committer.submit(Submission { restaurant, request, body_hash, priced: None, unwatched: false }).await
    }
}
