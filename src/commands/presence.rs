//! Which screens are online, over all nodes: each node says in the database what it has, on a lease that a dead one
//! does not renew. An order for a station that nobody shows raises its alarm at once (W7).

use super::Commands;
use crate::domain::ids::{RestaurantId, StationId};
use crate::domain::online::Online;
use crate::domain::time::Timestamp;
use crate::store::{Fault, wide};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// A node says this often that it lives …
pub const RENEWED: Duration = Duration::from_secs(1);
/// … and is taken for dead after so long. Clocks of nodes may differ by a part of it.
pub const LEASE: Duration = Duration::from_secs(4);
/// What others said is read again after this.
const FRESH: Duration = Duration::from_secs(1);
/// Dead nodes are forgotten after this.
const FORGOTTEN: Duration = Duration::from_secs(60);
/// Restaurants whose screens at other nodes are kept in memory, at most.
const KEPT: usize = 16_384;

/// What this node knows of the screens at others. A node by itself asks nobody.
pub struct Presence {
    /// This node, if there are others.
    node: Option<Uuid>,
    elsewhere: Mutex<HashMap<RestaurantId, (Instant, Online)>>,
}

impl Presence {
    #[must_use]
    pub fn alone() -> Self {
        Self { node: None, elsewhere: Mutex::default() }
    }

    #[must_use]
    pub fn among_others() -> Self {
        Self { node: Some(Uuid::new_v4()), elsewhere: Mutex::default() }
    }

    #[must_use]
    pub fn has_others(&self) -> bool {
        self.node.is_some()
    }
}

impl Commands {
    /// The screens of a restaurant, here and at other nodes. What cannot be read counts as nobody: an alarm too many
    /// is better than an order that nobody sees.
    pub async fn online(&self, restaurant: RestaurantId) -> Online {
        let mut online = self.hub.find(restaurant).map(|room| room.online()).unwrap_or_default();
        let elsewhere = self.online_elsewhere(restaurant).await;
        online.all |= elsewhere.all;
        online.stations.extend(elsewhere.stations);
        online.screens.extend(elsewhere.screens);
        online
    }

    /// Is there one among these stations that no online screen shows?
    pub(super) async fn is_unwatched(&self, restaurant: RestaurantId, stations: &[StationId]) -> bool {
        let here = self.hub.find(restaurant);
        let missing = |station: &&StationId| !here.as_ref().is_some_and(|room| room.is_watched(**station));
        let missing: Vec<&StationId> = stations.iter().filter(missing).collect();
        if missing.is_empty() {
            return false;
        }
        let elsewhere = self.online_elsewhere(restaurant).await;
        missing.into_iter().any(|station| !elsewhere.shows(*station))
    }

    async fn online_elsewhere(&self, restaurant: RestaurantId) -> Online {
        let Some(node) = self.presence.node else { return Online::default() };
        if let Some((at, online)) = self.presence.elsewhere.lock().get(&restaurant)
            && at.elapsed() < FRESH
        {
            return online.clone();
        }
        let read = wide::presence::elsewhere(&self.store.db, restaurant, node, self.clock.now()).await;
        let online = read.unwrap_or_else(|fault| {
            tracing::warn!(%fault, "it is not known which screens are online at other nodes");
            Online::default()
        });
        let mut kept = self.presence.elsewhere.lock();
        if kept.len() >= KEPT {
            kept.retain(|_, (at, _)| at.elapsed() < FRESH);
        }
        if kept.len() < KEPT {
            kept.insert(restaurant, (Instant::now(), online.clone()));
        }
        online
    }

    /// Tells the other nodes who is online here, until stopped.
    pub async fn tell_presence(&self, stop: CancellationToken) {
        let Some(node) = self.presence.node else { return };
        let mut tick = tokio::time::interval(RENEWED);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut told: HashMap<RestaurantId, Online> = HashMap::new();
        let mut renewed: Option<Timestamp> = None;
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                _ = tick.tick() => {}
            }
            let now = self.clock.now();
            // After a long pause the others may have forgotten this node, with all that it had said.
            if renewed.is_none_or(|at| now.since(at) >= LEASE) {
                told.clear();
            }
            match self.tell_changes(node, now, &mut told).await {
                Ok(()) => renewed = Some(now),
                Err(fault) => tracing::warn!(%fault, "the other nodes do not know who is online here"),
            }
        }
        if let Err(fault) = wide::presence::part(&self.store.db, node).await {
            tracing::debug!(%fault, "the lease of this node runs out by itself");
        }
    }

    async fn tell_changes(
        &self,
        node: Uuid,
        now: Timestamp,
        told: &mut HashMap<RestaurantId, Online>,
    ) -> Result<(), Fault> {
        let mut here: HashMap<RestaurantId, Online> =
            self.hub.rooms().into_iter().map(|room| (room.restaurant(), room.online())).collect();
        // Rooms that were given up had nobody in them.
        for restaurant in told.keys() {
            here.entry(*restaurant).or_default();
        }
        let differs = |(restaurant, online): &(RestaurantId, Online)| match told.get(restaurant) {
            Some(before) => before != online,
            None => !online.is_empty(),
        };
        let changed: Vec<_> = here.into_iter().filter(differs).collect();
        wide::presence::tell(&self.store.db, node, now.plus(LEASE), &changed).await?;
        wide::presence::forget(&self.store.db, now.minus(FORGOTTEN)).await?;
        for (restaurant, online) in changed {
            if online.is_empty() {
                told.remove(&restaurant);
            } else {
                told.insert(restaurant, online);
            }
        }
        Ok(())
    }
}
