//! Forgetting in time: old events lose their state, then go; answers to old commands go; so do counted tries,
//! wishes to be paired and logins whose time is over; SQLite's log is folded into its file. Small batches, so that nobody waits for it.

use super::Commands;
use crate::store::feed::Retention;
use crate::store::wide;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long things are kept.
#[derive(Clone, Copy, Debug)]
pub struct Keep {
    pub state: Duration,
    pub events: Duration,
    pub commands: Duration,
    /// Rows per table in one transaction.
    pub batch: i64,
}

/// How often all restaurants are pruned.
const EVERY: Duration = Duration::from_secs(600);
/// How often SQLite's log is folded into its file.
const CHECKPOINT: Duration = Duration::from_secs(1);

impl Commands {
    /// Prunes all restaurants every ten minutes, until stopped.
    pub async fn prune_forever(&self, keep: Keep, stop: CancellationToken) {
        let mut tick = tokio::time::interval(EVERY);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = tick.tick() => {}
            }
            if let Err(fault) = self.prune_all(keep, &stop).await {
                tracing::warn!(%fault, "old events could not be pruned");
            }
        }
    }

    /// Prunes every restaurant until nothing old is left.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn prune_all(&self, keep: Keep, stop: &CancellationToken) -> Result<(), crate::store::Fault> {
        let now = self.clock.now();
        let retention = Retention {
            now,
            state_before: now.minus(keep.state),
            events_before: now.minus(keep.events),
            commands_before: now.minus(keep.commands),
            batch: keep.batch,
        };
        while !stop.is_cancelled() && wide::tries::prune(&self.store.db, now, keep.batch).await? {
            tokio::task::yield_now().await;
        }
        for restaurant in wide::all_restaurants(&self.store.db).await? {
            while !stop.is_cancelled() && self.store.prune(restaurant, retention).await? {
                tokio::task::yield_now().await;
            }
        }
        Ok(())
    }

    /// Folds SQLite's log into its file once a second, until stopped; once more at the end.
    pub async fn checkpoint_forever(&self, stop: CancellationToken) {
        let mut tick = tokio::time::interval(CHECKPOINT);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let stopping = tokio::select! {
                () = stop.cancelled() => true,
                _ = tick.tick() => false,
            };
            if let Err(fault) = self.store.db.checkpoint().await {
                tracing::warn!(%fault, "the log could not be folded into the database file");
            }
            if stopping {
                return;
            }
        }
    }
}
