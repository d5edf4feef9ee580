//! A guest who orders, and the numbered tickets that senders take their orders from, so that nobody waits for a slow one
//! at the end.

use crate::restaurants::House;
use anyhow::Result;
use comanda::domain::command::{Command, Request};
use comanda::domain::ids::{CommandId, RestaurantId};
use comanda::domain::menu::Menu;
use comanda::domain::ordering;
use comanda::domain::people::Actor;
use comanda::domain::seating::Seating;
use comanda::identity::secrets;
use comanda::store::committer::Submission;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use uuid::Uuid;

/// A guest at a table.
#[derive(Clone)]
pub struct Sender {
    pub restaurant: RestaurantId,
    /// Which of the houses.
    pub house: usize,
    pub actor: Actor,
    pub seating: Seating,
}

/// Orders that are still to be written, while there is time.
#[derive(Clone)]
pub struct Tickets {
    left: Arc<AtomicUsize>,
    until: Instant,
}

impl Tickets {
    pub fn new(count: usize, until: Instant) -> Self {
        Self { left: Arc::new(AtomicUsize::new(count)), until }
    }

    /// The number of the next order.
    pub fn take(&self) -> Option<usize> {
        if Instant::now() >= self.until {
            return None;
        }
        let taken = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        taken.ok()
    }
}

impl Sender {
    /// An order as `commands::ordering` hands it to the committer: checked, priced and hashed.
    ///
    /// # Errors
    /// The draft does not fit the menu.
    pub fn submission(&self, houses: &[House], menu: &Menu, n: usize) -> Result<Submission> {
        let draft = houses[self.house].draft(n);
        let priced = ordering::price(menu, &draft, Uuid::now_v7).map_err(refused)?;
        let command = Command::PlaceOrder(Box::new(draft));
        command.check().map_err(refused)?;
        let body_hash = secrets::digest(&serde_json::to_string(&(&command, None::<i64>))?);
        let request = Request { id: CommandId(Uuid::new_v4()), actor: self.actor.clone(), command, base_version: None };
        Ok(Submission { restaurant: self.restaurant, request, body_hash, priced: Some(priced), unwatched: false })
    }
}

/// A refusal where there should be none.
pub fn refused(refusal: comanda::domain::refusal::Refusal) -> anyhow::Error {
    anyhow::anyhow!("refused as {}: {}", refusal.code.name(), refusal.message)
}
