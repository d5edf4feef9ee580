//! What the screens of a restaurant are known to have drawn. Each screen of a kitchen reports the same tickets a moment
//! after the others: they are gathered, and reach the database together and once.

use crate::domain::command::MarkShown;
use crate::domain::ids::{Epoch, Seq, StationId};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::time::Duration;

/// How long a report waits for those of the other screens.
pub const GATHERED: Duration = Duration::from_millis(15);

/// Stations that are remembered; more are no kitchen's, and all are forgotten.
const STATIONS: usize = 256;

/// The reports of a restaurant's screens.
#[derive(Default)]
pub struct Reports {
    /// Those whose senders wait, by a number of each.
    waiting: Mutex<(u64, Vec<(u64, MarkShown)>)>,
    /// One is brought to the database at a time; those who wait may find that theirs went along.
    turn: tokio::sync::Mutex<Drawn>,
}

/// A report that waits; dropped, it waits no more.
pub struct Report<'a> {
    reports: &'a Reports,
    n: u64,
}

impl Reports {
    /// From here on a report can go along with another's.
    #[must_use]
    pub fn add(&self, report: &MarkShown) -> Report<'_> {
        let mut waiting = self.waiting.lock();
        waiting.0 += 1;
        let n = waiting.0;
        waiting.1.push((n, report.clone()));
        Report { reports: self, n }
    }

    /// Waits for one's turn.
    pub async fn turn(&self) -> tokio::sync::MutexGuard<'_, Drawn> {
        self.turn.lock().await
    }

    /// `report` with the stations of all others that say as much or more of the same kind of orders, `most` at most.
    /// Whoever drew up to a later event drew up to this one, too.
    #[must_use]
    pub fn gathered(&self, report: &MarkShown, most: usize) -> MarkShown {
        let mut all = report.clone();
        for (_, other) in &self.waiting.lock().1 {
            if other.kind == report.kind && other.seq >= report.seq {
                let mut stations = all.stations.clone();
                stations.extend(&other.stations);
                stations.sort_unstable();
                stations.dedup();
                if stations.len() <= most {
                    all.stations = stations;
                }
            }
        }
        all
    }
}

impl Drop for Report<'_> {
    fn drop(&mut self) {
        self.reports.waiting.lock().1.retain(|(n, _)| *n != self.n);
    }
}

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
    use crate::domain::order::OrderKind;
    use uuid::Uuid;

    fn station(n: u128) -> StationId {
        StationId(Uuid::from_u128(n))
    }

    #[test]
    fn reports_that_wait_go_along_with_one_that_says_less() {
        let report = |seq, n: u128, kind| MarkShown { seq, stations: vec![station(n)], kind };
        let reports = Reports::default();
        let first = report(7, 1, None);
        let waiting = [first.clone(), report(9, 2, None), report(6, 3, None), report(9, 4, Some(OrderKind::Takeaway))];
        let waiting: Vec<Report> = waiting.iter().map(|report| reports.add(report)).collect();
        let gathered = reports.gathered(&first, 32);
        assert_eq!((gathered.seq, gathered.stations), (7, vec![station(1), station(2)]));
        assert_eq!(reports.gathered(&first, 1), first, "no more than a command may name");
        drop(waiting);
        assert_eq!(reports.gathered(&first, 32), first, "who left says nothing");
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
