//! What the screens of a restaurant are known to have drawn. Each screen of a kitchen reports the same tickets a moment
//! after the others: only the first report has to reach the database.

use crate::domain::ids::{Epoch, Seq, StationId};
use std::collections::HashMap;

/// Stations that are remembered; more are no kitchen's, and all are forgotten.
const STATIONS: usize = 256;

/// Up to where each station's tickets are marked as drawn in the database, in one history of the feed.
#[derive(Default)]
pub struct Drawn {
    epoch: Option<Epoch>,
    upto: HashMap<StationId, Seq>,
}

impl Drawn {
    /// Is there nothing new in a report that these stations' tickets were drawn up to `seq`?
    #[must_use]
    pub fn covers(&self, epoch: Epoch, stations: &[StationId], seq: Seq) -> bool {
        self.epoch == Some(epoch) && stations.iter().all(|station| self.upto.get(station).is_some_and(|s| *s >= seq))
    }

    /// A report was committed.
    pub fn note(&mut self, epoch: Epoch, stations: &[StationId], seq: Seq) {
        if self.epoch != Some(epoch) || self.upto.len() + stations.len() > STATIONS {
            self.upto.clear();
            self.epoch = Some(epoch);
        }
        for station in stations {
            let upto = self.upto.entry(*station).or_insert(seq);
            *upto = seq.max(*upto);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn station(n: u128) -> StationId {
        StationId(Uuid::from_u128(n))
    }

    #[test]
    fn only_what_was_committed_in_this_history_is_covered() {
        let (epoch, other) = (Epoch(Uuid::from_u128(1)), Epoch(Uuid::from_u128(2)));
        let mut drawn = Drawn::default();
        assert!(!drawn.covers(epoch, &[station(1)], 0));
        drawn.note(epoch, &[station(1)], 10);
        drawn.note(epoch, &[station(1)], 7);
        assert!(drawn.covers(epoch, &[station(1)], 10) && drawn.covers(epoch, &[], 99));
        assert!(!drawn.covers(epoch, &[station(1)], 11), "a newer ticket");
        assert!(!drawn.covers(epoch, &[station(1), station(2)], 10), "another station");
        assert!(!drawn.covers(other, &[station(1)], 10), "another history");
        drawn.note(other, &[station(2)], 3);
        assert!(!drawn.covers(other, &[station(1)], 1), "an old history means nothing in a new one");
        (0..300).for_each(|n| drawn.note(other, &[station(n)], 5));
        assert!(drawn.upto.len() <= STATIONS);
    }
}
