//! What a change of an order teaches: a dish whose start and end were tapped, a station that is done with an order, an
//! order that is ready against what it was promised. What was recalled, remade, moved or fired later teaches nothing.

use super::{Doing, Kitchen, LONGEST_SECONDS, Promise, mood, stations_of};
use crate::domain::ids::StationId;
use crate::domain::order::{Order, OrderState, Task, TaskState};
use crate::domain::time::Timestamp;
use std::time::Duration;

/// A start and an end closer than this are one tap, and say nothing about the work between.
const ONE_TAP: Duration = Duration::from_secs(15);
/// What is ready sooner than this teaches nothing: somebody cleared a screen, or poured it beforehand.
const LEAST_TAUGHT: Duration = Duration::from_secs(8);
impl Kitchen {
    pub(super) fn learn(
        &mut self,
        tasks: &[Doing],
        (before, after): (&Order, &Order),
        promise: Option<&Promise>,
        at: Timestamp,
    ) {
        for doing in tasks {
            let (Some(was), Some(is)) = (task(before, doing), task(after, doing)) else { continue };
            if was.state != TaskState::Done && is.state == TaskState::Done {
                self.learn_work(doing, is, after, at);
            }
        }
        let Some(promise) = promise else { return };
        for station in stations_of(tasks) {
            let mine = || tasks.iter().filter(move |d| d.station == station && d.state != TaskState::Voided);
            let done = |order: &Order| mine().all(|d| task(order, d).is_some_and(|t| t.state == TaskState::Done));
            if !done(before) && done(after) && plain(after, station) {
                self.learn_station(&mine().copied().collect::<Vec<_>>(), promise, station, at);
            }
        }
        let whole = after.lines.iter().all(|line| line.changed == 0 && line.called_at.is_none() && !line.held);
        let took = at.since(promise.at);
        if after.state == OrderState::Ready && before.state != OrderState::Ready && whole && taught(took) {
            let expected = promise.middle.since(promise.at).as_secs_f64();
            self.learned.promised(mood(promise.busy), expected.max(1.0), took.as_secs_f64());
        }
    }

    /// A cook tapped the start and the end.
    fn learn_work(&mut self, doing: &Doing, task: &Task, order: &Order, at: Timestamp) {
        let untouched = order.line(doing.line).is_some_and(|line| line.changed == 0);
        if let Some(started) = task.started_at.filter(|_| untouched)
            && at.since(started) >= ONE_TAP
            && taught(at.since(started))
        {
            let took = at.since(started).as_secs_f64() / (doing.work / doing.portion);
            self.learned.worked(doing.station, doing.item, doing.portion, took, 1.0);
        }
    }

    /// All of an order is done at a station: wait and work together took what they took. Each is moved by its share
    /// of the time, so that it works with and without taps at the start.
    fn learn_station(&mut self, tasks: &[Doing], promise: &Promise, station: StationId, at: Timestamp) {
        let took = at.since(promise.at);
        let Some(ahead) = promise.ahead.get(&station).filter(|_| taught(took)) else { return };
        let hands = self.learned.hands(station);
        let wait = f64::from(i32::try_from(*ahead).unwrap_or(i32::MAX)) / hands;
        let own = self.own(station, tasks.iter());
        let (expected, took) = (wait + own, took.as_secs_f64());
        let most = tasks.iter().map(|doing| doing.work).fold(0.0, f64::max);
        let together = own > most;
        let by_hands = if together { 1.0 } else { wait / expected };
        self.learned.worked_off(station, expected, took, by_hands);
        for doing in tasks.iter().filter(|doing| together || doing.work >= most) {
            let weight = (1.0 - wait / expected) / if together { 2.0 } else { 1.0 };
            let scale = doing.portion / expected;
            self.learned.worked(station, doing.item, doing.portion, took * scale, weight);
        }
    }
}

/// Nothing at the station was recalled, remade, moved, voided or fired later: its time is what it seems.
fn plain(order: &Order, station: StationId) -> bool {
    let mut lines = order.lines.iter().filter(|line| line.tasks.iter().any(|task| task.station == station));
    lines.all(|line| line.changed == 0 && line.called_at.is_none() && !line.held)
}

fn task<'o>(order: &'o Order, doing: &Doing) -> Option<&'o Task> {
    order.line(doing.line)?.tasks.iter().find(|task| task.station == doing.station)
}

fn taught(took: Duration) -> bool {
    took >= LEAST_TAUGHT && took.as_secs_f64() <= LONGEST_SECONDS
}
