//! What a restaurant wants that its manager may change.

use super::{Commands, Denied, accepted, body_hash, forbidden};
use crate::domain::command::{Command, Request};
use crate::domain::ids::CommandId;
use crate::domain::message::Messages;
use crate::domain::people::Role;
use crate::identity::tokens::Claims;
use crate::store::committer::Submission;

impl Commands {
    /// Which news guests are sent, and by which channels.
    ///
    /// # Errors
    /// `forbidden` below the role manager; `Unavailable`.
    pub async fn messages(&self, claims: &Claims) -> Result<Messages, Denied> {
        if !claims.actor.is_at_least(Role::Manager) {
            return Err(forbidden("This needs the role `manager` or higher.").into());
        }
        let menu = self.store.current_menu(claims.restaurant).await?;
        Ok(menu.map(|menu| menu.restaurant.settings.messages).unwrap_or_default())
    }

    /// # Errors
    /// As [`Self::messages`].
    pub async fn set_messages(&self, claims: &Claims, messages: Messages) -> Result<(), Denied> {
        let command = Command::SetMessages(messages);
        let body_hash = body_hash(&command, None);
        let id = CommandId((self.source.id)());
        let request = Request { id, actor: claims.actor.clone(), command, base_version: None };
        let restaurant = claims.restaurant;
        let submission = Submission { restaurant, request, body_hash, priced: None, unwatched: false };
        accepted(self.committer.submit(submission).await)?;
        Ok(())
    }
}
