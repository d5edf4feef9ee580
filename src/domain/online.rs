//! Which screens of a kitchen are online, and what they show.

use super::ids::{ScreenId, StationId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What of one restaurant is online at one node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Online {
    /// Somebody shows every station: a screen that did not say which.
    pub all: bool,
    pub stations: BTreeSet<StationId>,
    /// Paired ones, by their ids.
    pub screens: BTreeSet<ScreenId>,
}

impl Online {
    /// Takes one more screen in: `None` shows all stations.
    pub fn add(&mut self, stations: Option<&[StationId]>, screen: Option<ScreenId>) {
        match stations {
            Some(stations) => self.stations.extend(stations),
            None => self.all = true,
        }
        self.screens.extend(screen);
    }

    #[must_use]
    pub fn shows(&self, station: StationId) -> bool {
        self.all || self.stations.contains(&station)
    }

    /// Nothing is online.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_screen_that_did_not_say_shows_all() {
        let (grill, bar) = (StationId(Uuid::from_u128(1)), StationId(Uuid::from_u128(2)));
        let mut online = Online::default();
        assert!(online.is_empty() && !online.shows(grill));
        online.add(Some(&[grill]), Some(ScreenId(Uuid::from_u128(3))));
        assert!(online.shows(grill) && !online.shows(bar) && !online.is_empty());
        online.add(None, None);
        assert!(online.shows(bar));
    }
}
