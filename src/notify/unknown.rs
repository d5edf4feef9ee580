//! What may have gone: a message whose provider did not answer, or whose sender died in the middle of it, and one that
//! was sent and of which nobody says that it arrived.

use super::Notifier;
use crate::domain::message::Stage;
use crate::gateway::{Found, SendError};
use crate::store::Fault;
use crate::store::outbox::{By, Message, Step};
use uuid::Uuid;

impl Notifier {
    /// It may have gone: the provider is asked, until the time is over; then the next channel has it. Without one it
    /// goes once more over the same, but only if the provider has just said that it is not there: so long after its
    /// request no copy of it is on its way any more.
    pub(super) async fn look_up(&self, message: &Message, claim: Uuid) -> Result<(), Fault> {
        let by = By::Claim(claim);
        let found = self.find(message).await?;
        let absent = found == Ok(Found::Absent);
        match found {
            Ok(Found::Sent(sent)) => return self.sent(message, by, sent).await,
            Ok(Found::Absent | Found::Unsure) => {}
            Err(error) => tracing::info!(message.id = %message.id, %error, "a message could not be looked for"),
        }
        let now = self.clock.now();
        let began = message.began_at.unwrap_or(message.created_at);
        if now.since(began) >= self.pace.give_up {
            return match self.next(message).await? {
                None if absent => self.again(message, by, "absent", None).await,
                None | Some(_) => self.pass_on(message, by, Stage::Unknown, "unknown").await,
            };
        }
        let next_at = Some(now.plus(self.pace.look_up));
        self.store.step(message, by, &Step { next_at, ..Step::to(Stage::Unknown) }, now).await?;
        Ok(())
    }

    /// Sent, and nobody said that it arrived: asked once more, then the next channel has it.
    pub(super) async fn break_silence(&self, message: &Message, claim: Uuid) -> Result<(), Fault> {
        let by = By::Claim(claim);
        let found = match &message.provider_id {
            Some(_) => self.find(message).await?,
            None => Ok(Found::Unsure),
        };
        match found {
            Ok(Found::Sent(sent)) if sent.stage != Stage::Sent => self.sent(message, by, sent).await,
            Ok(_) | Err(_) => self.pass_on(message, by, Stage::Sent, "silent").await,
        }
    }

    async fn find(&self, message: &Message) -> Result<Result<Found, SendError>, Fault> {
        let (Some(carrier), Some(to)) = (self.carrier(message.channel), &message.address) else {
            return Ok(Ok(Found::Unsure));
        };
        let siblings = self.store.siblings(message).await?;
        Ok(carrier.find(&Self::sought(message, to.clone(), siblings)).await)
    }
}
