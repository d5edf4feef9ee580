//! What a writer knows to be committed: a database that has less is not the one that it wrote to.

use super::load::World;
use super::{Source, Stretches};
use crate::domain::event::Event;
use crate::domain::ids::{Cursor, Epoch, RestaurantId};
use crate::store::db::Tx;
use crate::store::fault::Fault;
use crate::store::feed;
use parking_lot::Mutex;
use std::collections::HashMap;

/// Restaurants whose newest number a writer remembers, at most; then it begins to collect them anew.
pub const KNOWN_RESTAURANTS: usize = 16_384;

/// The newest numbers of the restaurants that a writer wrote last.
#[derive(Default)]
pub struct Known(Mutex<HashMap<RestaurantId, Cursor>>);

impl Known {
    /// L2: a database that is behind what was committed was restored, or failed over. Its numbers now mean something
    /// else, so nothing more is written in the old epoch.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn begin_anew_if_behind(&self, tx: &mut Tx, world: &mut World, source: &Source) -> Result<(), Fault> {
        for (restaurant, feed) in &mut world.feeds {
            let known = self.0.lock().get(restaurant).copied();
            let Some(head) = known.filter(|head| head.epoch == feed.now.epoch && feed.now.seq < head.seq) else {
                continue;
            };
            tracing::error!(restaurant.id = %restaurant, told = head.seq, found = feed.now.seq, "the database is behind what was told: a new epoch begins");
            let epoch = Epoch((source.id)());
            feed::new_epoch(tx, *restaurant, epoch).await?;
            feed.now.epoch = epoch;
            if let Some(before) = &mut feed.before {
                before.epoch = epoch;
            }
        }
        Ok(())
    }

    pub fn remember(&self, written: &[Event]) {
        let mut known = self.0.lock();
        if known.len() >= KNOWN_RESTAURANTS {
            known.clear();
        }
        for event in written {
            known.insert(event.restaurant, Cursor { epoch: event.epoch, seq: event.seq });
        }
    }
}

/// What is there of the events that an attempt without an answer would have left: it is to be published
/// still. Asked before anything is decided anew.
pub async fn happened(tx: &mut Tx, world: &World, stretches: &Stretches) -> Result<Vec<Event>, Fault> {
    let mut events = Vec::new();
    for (restaurant, (first, last)) in stretches {
        if let Some(feed) = world.feeds.get(restaurant) {
            events.extend(feed::events(tx, &feed.now, first - 1, *last, last - first + 1).await?);
        }
    }
    Ok(events)
}
