//! The kitchens of the restaurants that a writer wrote last: their load and what was learned, for the time model. A
//! kitchen in memory is good while the feed stands where it was left; what other nodes wrote since is read from the feed.

use super::load::World;
use crate::domain::estimate::{Kitchen, Learned, OPEN_ORDERS};
use crate::domain::event::{Event, Kind};
use crate::domain::ids::{Cursor, RestaurantId};
use crate::domain::menu::Menu;
use crate::domain::time::Timestamp;
use crate::store::db::Tx;
use crate::store::fault::Fault;
use crate::store::feed::{self, Feed};
use crate::store::learned;
use crate::store::orders::{self, Find};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::time::Duration;

/// Kitchens that a writer keeps; beyond them some other one goes.
pub const KEPT_KITCHENS: usize = 1024;
/// So many events are caught up with; after more the kitchen is read anew.
const CAUGHT_UP_EVENTS: i64 = 256;
/// What was ordered before this is not cooked any more, whatever its state.
const SHIFT: Duration = Duration::from_secs(6 * 3600);

/// Of one writer.
#[derive(Default)]
pub struct Kitchens(Mutex<HashMap<RestaurantId, (Cursor, Kitchen)>>);

impl Kitchens {
    /// The kitchens that a batch works with. They are taken out: a batch that fails leaves none behind.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn load(&self, tx: &mut Tx, world: &mut World, wanted: &[RestaurantId]) -> Result<(), Fault> {
        for restaurant in wanted {
            let Some(feed) = world.feeds.get(restaurant).map(|feed| feed.now.clone()) else { continue };
            let Some(menu) = world.menus.get(restaurant).cloned() else { continue };
            let held = self.0.lock().remove(restaurant);
            let kitchen = match held {
                Some((cursor, kitchen)) if cursor == feed.head() => kitchen,
                Some((cursor, kitchen)) if continues(cursor, &feed) => {
                    caught_up(tx, kitchen, cursor, &feed, &menu).await?
                }
                Some(_) | None => read(tx, &feed, &menu).await?,
            };
            world.kitchens.insert(*restaurant, kitchen);
        }
        Ok(())
    }

    /// Keeps the kitchens as a batch left them, once it is committed. Those that it did not work with go on with what it
    /// wrote, as long as that is about no order.
    pub fn keep(&self, kitchens: Vec<(Cursor, RestaurantId, Kitchen)>, written: &[Event]) {
        let mut kept = self.0.lock();
        for event in written.iter().filter(|event| event.order().is_none()) {
            if let Some((cursor, _)) = kept.get_mut(&event.restaurant)
                && *cursor == (Cursor { epoch: event.epoch, seq: event.seq - 1 })
            {
                cursor.seq = event.seq;
            }
        }
        for (cursor, restaurant, kitchen) in kitchens {
            if kept.len() >= KEPT_KITCHENS
                && let Some(other) = kept.keys().next().copied()
            {
                kept.remove(&other);
            }
            kept.insert(restaurant, (cursor, kitchen));
        }
    }
}

fn continues(cursor: Cursor, feed: &Feed) -> bool {
    cursor.epoch == feed.epoch
        && cursor.seq >= feed.oldest
        && cursor.seq <= feed.seq
        && feed.seq - cursor.seq <= CAUGHT_UP_EVENTS
}

async fn caught_up(
    tx: &mut Tx,
    mut kitchen: Kitchen,
    cursor: Cursor,
    feed: &Feed,
    menu: &Menu,
) -> Result<Kitchen, Fault> {
    let events = feed::events(tx, feed, cursor.seq, feed.seq, CAUGHT_UP_EVENTS).await?;
    if events.iter().any(taught) {
        kitchen.learned = Learned::new(learned::load(tx, feed.restaurant).await?);
    }
    for event in &events {
        if let Some(order) = event.order() {
            kitchen.heard(order, event.at, menu);
        }
    }
    Ok(kitchen)
}

/// Did it finish something?
fn taught(event: &Event) -> bool {
    matches!(event.kind, Kind::LineDone | Kind::OrderBumped)
}

async fn read(tx: &mut Tx, feed: &Feed, menu: &Menu) -> Result<Kitchen, Fault> {
    let mut kitchen = Kitchen::new(Learned::new(learned::load(tx, feed.restaurant).await?));
    let since: Timestamp = feed.at.minus(SHIFT);
    let limit = i64::try_from(OPEN_ORDERS).unwrap_or(i64::MAX);
    for stored in orders::load(tx, Find::Cooking { restaurant: feed.restaurant, since, limit }).await? {
        kitchen.heard(&stored.order, stored.receipt.released_at.unwrap_or(stored.order.placed_at), menu);
    }
    Ok(kitchen)
}
