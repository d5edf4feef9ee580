//! Where guests are told of an order, said after it was sent.

use super::{Commands, Denied, accepted, body_hash};
use crate::domain::command::{Command, Contact, Request, TellGuest};
use crate::domain::ids::{CommandId, OrderId};
use crate::domain::order::Channel;
use crate::domain::people::Actor;
use crate::identity::tokens::Claims;
use crate::store::committer::Submission;

impl Commands {
    /// Tells the guest of an order there from here on; nothing: nowhere, and the address is forgotten.
    ///
    /// # Errors
    /// `invalid`; `forbidden` for another phone's order; `other_phone` for a number that a guest without a table did not
    /// verify; `wrong_state` when the order has ended; `Unavailable`.
    pub async fn tell(&self, claims: &Claims, order: OrderId, contact: Option<Contact>) -> Result<(), Denied> {
        if let (Actor::Takeaway { guest }, Some(contact)) = (&claims.actor, &contact)
            && matches!(contact.channel, Channel::Whatsapp | Channel::Sms)
        {
            self.is_own_phone(claims, *guest, &contact.phone).await?;
        }
        let command = Command::TellGuest(TellGuest { order, contact });
        command.check()?;
        let body_hash = body_hash(&command, None);
        let id = CommandId((self.source.id)());
        let request = Request { id, actor: claims.actor.clone(), command, base_version: None };
        let restaurant = claims.restaurant;
        let submission = Submission { restaurant, request, body_hash, priced: None, unwatched: false };
        accepted(self.committer.submit(submission).await)?;
        Ok(())
    }
}
