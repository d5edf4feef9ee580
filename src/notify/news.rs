//! What a provider tells of a message, by a signed request: only forward, in whatever order and however often it comes.

use super::Notifier;
use crate::domain::ids::RestaurantId;
use crate::domain::message::Stage;
use crate::gateway::Sent;
use crate::gateway::twilio::stage_of;
use crate::store::Fault;
use crate::store::outbox::{By, Step};
use uuid::Uuid;

/// How often news that crosses with the worker's own steps looks again.
const LOOKS: u32 = 5;

impl Notifier {
    /// Twilio's `MessageStatus` of one of our messages. Says whether there is such a message.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn heard(
        &self,
        restaurant: RestaurantId,
        id: Uuid,
        sid: &str,
        status: &str,
        error: Option<&str>,
    ) -> Result<bool, Fault> {
        let stage = stage_of(status);
        for _ in 0..LOOKS {
            let Some(message) = self.store.message(restaurant, id).await? else { return Ok(false) };
            let of_another = message.provider_id.as_deref().is_some_and(|known| known != sid);
            if of_another || !message.stage.leads_to(stage) || message.stage == Stage::Queued {
                return Ok(true);
            }
            let sent = Sent { id: Some(sid.to_owned()), stage, error: error.map(str::to_owned) };
            if stage == Stage::Failed && self.store.was_passed_on(&message).await? {
                // Another channel has it long since, and tells.
                let step = Step { provider_id: sent.id, error: sent.error, ..Step::to(stage) };
                self.store.step(&message, By::Provider, &step, self.clock.now()).await?;
            } else {
                self.sent(&message, By::Provider, sent).await?;
            }
            let after = self.store.message(restaurant, id).await?;
            if after.is_none_or(|after| !after.stage.leads_to(stage)) {
                return Ok(true);
            }
        }
        Ok(true)
    }
}
