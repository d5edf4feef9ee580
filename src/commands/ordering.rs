//! Orders: placed against the menu in memory, read, listed. The committer has the last word on price,
//! stock and gate.

use super::{Commands, Denied, accepted, body_hash, forbidden};
use crate::domain::command::{Command, Draft, Request};
use crate::domain::ids::{CommandId, OrderId, RestaurantId, Seq, StationId};
use crate::domain::order::Order;
use crate::domain::ordering::{self, Priced};
use crate::domain::people::{Actor, Role};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::time::Timestamp;
use crate::identity::tokens::Claims;
use crate::store::committer::Submission;
use crate::store::orders::{Find, StoredOrder};

/// Orders on one page of a list.
pub const PAGE: i64 = 50;

/// An order as it was placed or read.
#[derive(Debug)]
pub struct Placed {
    pub order: Order,
    /// Of its event when placed, of the feed's head when read.
    pub seq: Seq,
    pub seen_at: Option<Timestamp>,
    /// It had been placed before, with the same key.
    pub again: bool,
}

fn stations_of(priced: &Priced) -> Vec<StationId> {
    priced.lines.iter().flat_map(|line| &line.tasks).map(|task| task.station).collect()
}

impl Commands {
    /// Places an order. The same id gives the same answer, however often it is sent.
    ///
    /// # Errors
    /// Refusals of `ordering::price` and of the committer; `Unavailable`.
    pub async fn place(&self, claims: &Claims, id: CommandId, draft: Draft) -> Result<Placed, Denied> {
        let command = Command::PlaceOrder(Box::new(draft));
        command.check()?;
        let Command::PlaceOrder(draft) = &command else { return Err(Denied::Unavailable("not an order")) };
        self.verified(claims, draft).await?;
        let priced = self.price(claims.restaurant, draft).await?;
        let unwatched = match &priced {
            Some(priced) => self.is_unwatched(claims.restaurant, &stations_of(priced)).await,
            None => false,
        };
        let hash = body_hash(&command, None);
        let request = Request { id, actor: claims.actor.clone(), command, base_version: None };
        let submission = Submission { restaurant: claims.restaurant, request, body_hash: hash, priced, unwatched };
        let done = accepted(self.committer.submit(submission).await)?;
        match done.order {
            Some(order) => Ok(Placed { order: *order, seq: done.seq, seen_at: None, again: false }),
            None => self.placed_before(claims.restaurant, OrderId(done.subject), done.seq).await,
        }
    }

    /// Checks against the menu in memory. A refusal by a menu that may be old is no answer: the committer
    /// looks again under the lock, and a repetition must get its first answer, whatever changed since.
    async fn price(&self, restaurant: RestaurantId, draft: &Draft) -> Result<Option<Priced>, Denied> {
        let Some(menu) = self.store.menu(restaurant).await? else {
            return Err(forbidden("There is no such restaurant.").into());
        };
        Ok(ordering::price(&menu, draft, || (self.source.id)()).ok())
    }

    /// What the first sending was answered: the order as its event had it, while that is kept.
    async fn placed_before(&self, restaurant: RestaurantId, id: OrderId, seq: Seq) -> Result<Placed, Denied> {
        let events = self.store.events_after(restaurant, seq - 1, 1).await?;
        let event = events.and_then(|(_, events)| events.into_iter().find(|event| event.seq == seq));
        let stored = self.store.order(restaurant, id).await?;
        let Some((_, stored)) = stored else {
            return Err(Refusal::new(Code::UnknownOrder, "There is no such order.").into());
        };
        let then = event.and_then(|event| event.order().cloned()).filter(|order| order.id == id);
        Ok(Placed { order: then.unwrap_or(stored.order), seq, seen_at: stored.receipt.seen_at, again: true })
    }

    /// Reads one order: staff any, guests those of their seating.
    ///
    /// # Errors
    /// `unknown_order`; `seating_closed` for guests of a closed seating; `Unavailable`.
    pub async fn read_order(&self, claims: &Claims, id: OrderId) -> Result<Placed, Denied> {
        let found = self.store.order(claims.restaurant, id).await?;
        let unknown = || Refusal::new(Code::UnknownOrder, "There is no such order.");
        let (seq, stored) = found.ok_or_else(unknown)?;
        if !stored.order.is_of(&claims.actor) {
            return Err(unknown().into());
        }
        self.still_welcome(claims).await?;
        Ok(Placed { order: stored.order, seq, seen_at: stored.receipt.seen_at, again: false })
    }

    /// A guest's list is the seating's; staff get pages, newest first, placed before the time and number `before`.
    ///
    /// # Errors
    /// `seating_closed`; `Unavailable`.
    pub async fn list_orders(
        &self,
        claims: &Claims,
        before: Option<(Timestamp, i64)>,
    ) -> Result<Vec<StoredOrder>, Denied> {
        let find = match &claims.actor {
            Actor::Guest { seating, .. } => {
                self.still_welcome(claims).await?;
                Find::Seatings(vec![(claims.restaurant, *seating)])
            }
            Actor::Takeaway { guest } => {
                self.verification_of(claims, *guest).await?;
                Find::Guest { restaurant: claims.restaurant, guest: *guest, limit: PAGE }
            }
            Actor::Staff { .. } | Actor::Screen { .. } | Actor::System => {
                let before = before.unwrap_or((Timestamp(i64::MAX), 0));
                Find::Page { restaurant: claims.restaurant, before, limit: PAGE }
            }
        };
        let (_, mut orders) = self.store.orders(claims.restaurant, find).await?;
        if claims.actor.is_at_least(Role::Kitchen) {
            orders.reverse();
        }
        Ok(orders)
    }

    /// A guest's token lives no longer than its seating; without a table, than the phone counts as verified.
    ///
    /// # Errors
    /// `seating_closed`; `Unauthorized`; `Unavailable`.
    pub async fn still_welcome(&self, claims: &Claims) -> Result<(), Denied> {
        let (guest, seating) = match &claims.actor {
            Actor::Guest { guest, seating } => (guest, seating),
            Actor::Takeaway { guest } => return self.verification_of(claims, *guest).await.map(drop),
            Actor::Staff { .. } | Actor::Screen { .. } | Actor::System => return Ok(()),
        };
        let room = self.hub.find(claims.restaurant);
        if room.is_some_and(|room| room.is_seating_open(*seating)) {
            return Ok(());
        }
        let closed =
            || Refusal::new(Code::SeatingClosed, "This table was closed. Scan the code on the table to begin again.");
        let stored = self.store.seating(claims.restaurant, *seating).await?.ok_or_else(closed)?;
        if stored.seating.guest(*guest).is_none() {
            return Err(closed().into());
        }
        Ok(stored.seating.must_be_open()?)
    }
}
