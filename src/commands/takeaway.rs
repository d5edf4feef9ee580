//! Takeaway: the times that are left, and whether the phone that orders was verified.

use super::{Commands, Denied};
use crate::domain::command::Draft;
use crate::domain::ids::RestaurantId;
use crate::domain::people::Actor;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::takeaway::{self, Work};
use crate::identity::tokens::Claims;
use crate::protocol::rest::SlotList;
use subtle::ConstantTimeEq;

impl Commands {
    /// The times at which an order can be picked up that takes so much work.
    ///
    /// # Errors
    /// `Unavailable`; `None`: there is no such restaurant.
    pub async fn slots(&self, restaurant: RestaurantId, work: Work) -> Result<Option<SlotList>, Denied> {
        let Some(menu) = self.store.current_menu(restaurant).await? else { return Ok(None) };
        let (now, about) = (self.clock.now(), &menu.restaurant);
        let on = about.settings.takeaway.on;
        let booked = self.store.booked(restaurant, now).await?;
        let soonest = if on { takeaway::soonest(about, &booked, work, now).map(|pickup| pickup.at) } else { None };
        let slots = if on { takeaway::slots(about, &booked, work, now) } else { Vec::new() };
        Ok(Some(SlotList { on, soonest, slots }))
    }

    /// A guest without a table orders only with the number that was verified.
    pub(super) async fn verified(&self, claims: &Claims, draft: &Draft) -> Result<(), Denied> {
        let Actor::Takeaway { guest } = &claims.actor else { return Ok(()) };
        let Some(contact) = &draft.contact else { return Ok(()) };
        let found = self.store.verification(claims.restaurant, *guest).await?;
        let Some(one) = found.filter(|one| one.verified_at.is_some()) else {
            return Err(Denied::Unauthorized("expired"));
        };
        let digest = self.tokens.phone_digest(claims.restaurant, &contact.phone);
        if bool::from(digest.as_slice().ct_eq(&one.phone_hash)) {
            return Ok(());
        }
        Err(Refusal::new(Code::OtherPhone, "This is not the number that was verified. Verify it first.").into())
    }
}
