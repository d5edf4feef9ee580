//! What the server does by itself when its time has come. Any node may notice; the command's id is derived from what it is
//! about, so that it happens once whoever wins, and a node that dies leaves it to another.

use super::{Commands, body_hash};
use crate::domain::command::{Command, Request};
use crate::domain::ids::{CommandId, RestaurantId};
use crate::domain::people::Actor;
use crate::store::Fault;
use crate::store::committer::{Answer, Submission};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Looks every so often for what is due, until stopped. A look that fails is told, as `what`, and comes again.
pub(super) async fn look<F>(every: Duration, stop: CancellationToken, what: &'static str, due: impl Fn() -> F)
where
    F: Future<Output = Result<(), Fault>>,
{
    let mut tick = tokio::time::interval(every);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = tick.tick() => {}
        }
        if let Err(fault) = due().await {
            tracing::warn!(%fault, "{what} could not be looked up");
        }
    }
}

impl Commands {
    /// Submits a command of the server's own; its id comes from `clock`, the clock's namespace (RFC 9562 §5.5), and `name`.
    pub(super) async fn by_itself(
        &self,
        restaurant: RestaurantId,
        (clock, name): (&Uuid, &str),
        command: Command,
    ) -> Answer {
        let body_hash = body_hash(&command, None);
        let id = CommandId(Uuid::new_v5(clock, name.as_bytes()));
        let request = Request { id, actor: Actor::System, command, base_version: None };
        self.committer.submit(Submission { restaurant, request, body_hash, priced: None, unwatched: false }).await
    }
}
