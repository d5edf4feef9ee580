//! The one time model: when an order will be ready, as a range, from what stands before it at its stations and from
//! how long things really took. It promises (`due_at`, which colours tickets), tells guests, and learns from every
//! ticket that is done. Pure; the committer keeps one `Kitchen` for each restaurant that it writes.
//!
//! A station does `hands` portions at a time, first come first served; an order waits there for the work ahead of it,
//! then for its own. It is ready when its last station is.

mod learned;
mod lessons;
mod report;

pub use learned::{Figure, Learned, Mood, Of};
pub use report::{Accuracy, Outcome, accuracy};

use super::ids::{ItemId, LineId, OrderId, SeatingId, StationId};
use super::menu::Menu;
use super::order::{Expected, ExpectedOrder, Order, TaskState};
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// Open orders that a kitchen's load is counted from; of more, the oldest are taken for forgotten.
pub const OPEN_ORDERS: usize = 400;
/// So many at the head of the queue are looked at again when something is done.
const LOOKED_AT: usize = 64;
/// Each portion beyond the first adds this much of a portion's work: they are made together.
const FURTHER_PORTION: f64 = 0.2;
/// Of a dish that is made, and has taken as long as it should, at least this much is left.
const LEAST_LEFT: f64 = 0.15;
/// Where the wait is more than this share of the time, the kitchen is busy.
const BUSY_FROM: f64 = 0.35;
/// The longest that anything is expected to take.
const LONGEST_SECONDS: f64 = 3.0 * 3600.0;
/// Guests are told again when an end of their range moved so far …
const TOLD_FROM: Duration = Duration::from_secs(120);
/// … and by this share of what is left …
const TOLD_SHARE: f64 = 0.2;
/// … and not sooner after the last time.
const TOLD_PAUSE: Duration = Duration::from_secs(45);
/// Orders before one are counted so far; guests are told when it is fewer.
pub const COUNTED_BEFORE: u8 = 4;

/// What was promised when an order reached the kitchen, with what is needed to learn from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    pub at: Timestamp,
    pub from: Timestamp,
    pub middle: Timestamp,
    pub to: Timestamp,
    /// What the menu's minutes alone would have promised, to compare with.
    pub by_menu: Timestamp,
    pub busy: bool,
    /// Seconds of work that stood before it, by station.
    pub ahead: BTreeMap<StationId, i64>,
}

/// What is expected after a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outlook {
    /// Of the order that changed; nothing once all of it is made.
    pub own: Option<Expected>,
    /// Of others, where it is worth telling.
    pub others: Vec<ExpectedOrder>,
}

/// An order in the kitchen.
#[derive(Clone, Debug)]
struct Open {
    /// When it reached the kitchen.
    since: Timestamp,
    number: i64,
    seating: Option<SeatingId>,
    rush: bool,
    tasks: Vec<Doing>,
    told: Expected,
}

/// A line's work at one station, as far as it matters for the time.
#[derive(Clone, Copy, Debug)]
struct Doing {
    line: LineId,
    station: StationId,
    item: ItemId,
    /// Seconds of one portion, and of all of them.
    portion: f64,
    work: f64,
    state: TaskState,
    started_at: Option<Timestamp>,
    held: bool,
}

/// What stands at a station.
#[derive(Clone, Debug, Default)]
struct Load {
    /// Seconds of work that nobody has begun.
    queued: f64,
    started: Vec<(LineId, Timestamp, f64)>,
}

/// The load of one restaurant's stations, and what was learned of them.
#[derive(Clone, Debug, Default)]
pub struct Kitchen {
    pub learned: Learned,
    open: BTreeMap<OrderId, Open>,
    stations: BTreeMap<StationId, Load>,
}

impl Kitchen {
    #[must_use]
    pub fn new(learned: Learned) -> Self {
        Self { learned, ..Self::default() }
    }

    /// An order as it is, that came or changed elsewhere: its load moves, and nothing is learned.
    pub fn heard(&mut self, order: &Order, since: Timestamp, menu: &Menu) {
        let known = self.leave(order.id);
        if order.held || !order.state.is_in_kitchen() {
            return;
        }
        let since = known.as_ref().map_or(since, |open| open.since);
        let tasks = self.doings(order, menu, known.as_ref().map_or(&[], |open| &open.tasks));
        self.enter(order.id, Open { tasks, ..blank(order, since) });
    }

    /// An order reaches the kitchen: what it may be promised.
    pub fn arrived(&mut self, order: &Order, menu: &Menu, at: Timestamp) -> (Promise, Expected) {
        let tasks = self.doings(order, menu, &[]);
        let mut longest = (0.0_f64, 0.0_f64);
        let mut ahead = BTreeMap::new();
        let mut before = 0;
        for station in stations_of(&tasks) {
            let load = self.stations.get(&station);
            let work = load.map_or(0.0, |load| load.queued + load.left(at));
            let wait = work / self.learned.hands(station);
            let own = self.own(station, tasks.iter().filter(|doing| doing.waits_at(station)));
            if wait + own > longest.0 + longest.1 {
                longest = (wait, own);
            }
            ahead.insert(station, whole(work.min(LONGEST_SECONDS)));
            before = before.max(self.orders_at(station));
        }
        let (wait, own) = longest;
        let busy = wait > BUSY_FROM * (wait + own);
        let seconds = (wait + own).min(LONGEST_SECONDS);
        let (early, late) = self.learned.range(seconds, mood(busy));
        let (from, middle, to) = (after(at, early), after(at, seconds), after(at, late));
        let promise = Promise { at, from, middle, to, by_menu: by_menu(order, menu, at), busy, ahead };
        let told = Expected { from, to, at, before };
        self.enter(order.id, Open { told, tasks, ..blank(order, at) });
        (promise, told)
    }

    /// An order changed: its load moves, and what was finished teaches, if it is known what was promised. Others hear of
    /// an order that overtakes them with the next thing that is done: a slip of the finger is no news for ten tables.
    pub fn changed(
        &mut self,
        before: &Order,
        after: &Order,
        promise: Option<&Promise>,
        menu: &Menu,
        at: Timestamp,
    ) -> Outlook {
        if after.held {
            return Outlook::default();
        }
        let known = self.leave(after.id);
        let tasks = known.as_ref().map_or_else(|| self.doings(before, menu, &[]), |open| open.tasks.clone());
        self.learn(&tasks, (before, after), promise, at);
        if after.state.is_in_kitchen() {
            let tasks = self.doings(after, menu, &tasks);
            let since = known.as_ref().map_or(at, |open| open.since);
            let told = known.map_or_else(|| blank(after, since).told, |open| open.told);
            self.enter(after.id, Open { tasks, told, ..blank(after, since) });
        }
        let mut outlook = Outlook::default();
        for (id, now) in self.outlook(at) {
            let Some(open) = self.open.get_mut(&id) else { continue };
            let now = Expected { at: now.at.max(open.told.at.plus(APART)), ..now };
            if id == after.id {
                open.told = now;
            } else if before.rush == after.rush && worth_telling(&open.told, &now, at) {
                open.told = now;
                outlook.others.push(ExpectedOrder { order: id, seating: open.seating, expected: now });
            }
        }
        outlook.own = self.open.get(&after.id).map(|open| open.told);
        outlook
    }

    /// What is expected of the orders at the head of the queue, in its order.
    fn outlook(&self, at: Timestamp) -> Vec<(OrderId, Expected)> {
        let mut queue: Vec<_> =
            self.open.iter().map(|(id, open)| ((!open.rush, open.since, open.number), *id)).collect();
        queue.sort_unstable();
        let mut before: BTreeMap<StationId, (f64, u8)> = BTreeMap::new();
        let mut outlook = Vec::with_capacity(queue.len().min(LOOKED_AT));
        for (_, id) in queue.into_iter().take(LOOKED_AT) {
            let Some(open) = self.open.get(&id) else { continue };
            outlook.extend(self.expected_of(open, &before, at).map(|expected| (id, expected)));
            for station in stations_of(&open.tasks) {
                let queued: f64 = open.tasks.iter().filter(|d| d.waits_at(station)).map(|d| d.work).sum();
                let (work, orders) = before.entry(station).or_default();
                *work += queued;
                *orders = orders.saturating_add(1).min(COUNTED_BEFORE);
            }
        }
        outlook
    }

    fn expected_of(&self, open: &Open, before: &BTreeMap<StationId, (f64, u8)>, at: Timestamp) -> Option<Expected> {
        let mut longest = (0.0_f64, 0.0_f64);
        let mut orders = 0;
        for station in stations_of(&open.tasks) {
            let (queued, ahead_of_it) = before.get(&station).copied().unwrap_or_default();
            let started = open.tasks.iter().filter(|d| d.station == station && d.state == TaskState::Started);
            let own_left: Vec<f64> = started.filter_map(|d| Some(left(d.work, d.started_at?, at))).collect();
            let at_work = self.stations.get(&station).map_or(0.0, |load| load.left(at)) - own_left.iter().sum::<f64>();
            let own_left = own_left.into_iter().fold(0.0, f64::max);
            let waits = open.tasks.iter().any(|doing| doing.waits_at(station));
            let wait = if waits { (queued + at_work.max(0.0)) / self.learned.hands(station) } else { 0.0 };
            let own = self.own(station, open.tasks.iter().filter(|doing| doing.waits_at(station)));
            if waits {
                orders = orders.max(ahead_of_it);
            }
            let this = if wait + own > own_left { (wait, own) } else { (0.0, own_left) };
            if this.0 + this.1 > longest.0 + longest.1 {
                longest = this;
            }
        }
        let (wait, own) = longest;
        let seconds = (wait + own).min(LONGEST_SECONDS);
        if seconds <= 0.0 {
            return None;
        }
        let (early, late) = self.learned.range(seconds, mood(wait > BUSY_FROM * seconds));
        Some(Expected { from: after(at, early), to: after(at, late), at, before: orders })
    }

    /// Seconds that a station needs for some work when nothing stands before it.
    fn own<'d>(&self, station: StationId, doings: impl Iterator<Item = &'d Doing>) -> f64 {
        let (longest, sum) = doings.fold((0.0_f64, 0.0), |(most, sum), doing| (most.max(doing.work), sum + doing.work));
        longest.max(sum / self.learned.hands(station))
    }

    /// Orders that wait at a station, counted as far as guests are told.
    fn orders_at(&self, station: StationId) -> u8 {
        let waiting = self.open.values().filter(|open| open.tasks.iter().any(|d| d.stands_at(station)));
        u8::try_from(waiting.take(usize::from(COUNTED_BEFORE)).count()).unwrap_or(COUNTED_BEFORE)
    }

    // ---- the load --------------------------------------------------------------------------------

    fn doings(&self, order: &Order, menu: &Menu, known: &[Doing]) -> Vec<Doing> {
        let mut doings = Vec::new();
        for line in &order.lines {
            for task in &line.tasks {
                let held = line.held;
                let before = known.iter().find(|d| d.line == line.id && d.station == task.station);
                let portion = before.map_or_else(
                    || self.learned.work(task.station, line.item, menu_seconds(menu, line.item)),
                    |doing| doing.portion,
                );
                let further = f64::from(i32::try_from(line.quantity.max(1) - 1).unwrap_or(i32::MAX));
                let work = (portion * (1.0 + FURTHER_PORTION * further)).min(LONGEST_SECONDS);
                let state = if line.void_reason.is_some() { TaskState::Voided } else { task.state };
                let (line, item) = (line.id, line.item);
                let (station, started_at) = (task.station, task.started_at);
                doings.push(Doing { line, station, item, portion, work, state, started_at, held });
            }
        }
        doings
    }

    fn enter(&mut self, id: OrderId, open: Open) {
        for doing in open.tasks.iter().filter(|doing| !doing.held) {
            let load = self.stations.entry(doing.station).or_default();
            match (doing.state, doing.started_at) {
                (TaskState::Queued, _) => load.queued += doing.work,
                (TaskState::Started, Some(since)) => load.started.push((doing.line, since, doing.work)),
                (TaskState::Started | TaskState::Done | TaskState::Voided, _) => {}
            }
        }
        self.open.insert(id, open);
        if self.open.len() > OPEN_ORDERS
            && let Some(oldest) = self.open.iter().min_by_key(|(_, open)| open.since).map(|(id, _)| *id)
        {
            self.leave(oldest);
        }
    }

    fn leave(&mut self, id: OrderId) -> Option<Open> {
        let open = self.open.remove(&id)?;
        for doing in open.tasks.iter().filter(|doing| !doing.held) {
            let Some(load) = self.stations.get_mut(&doing.station) else { continue };
            match doing.state {
                TaskState::Queued => load.queued = (load.queued - doing.work).max(0.0),
                TaskState::Started => load.started.retain(|(line, _, _)| *line != doing.line),
                TaskState::Done | TaskState::Voided => {}
            }
        }
        Some(open)
    }
}

impl Load {
    /// Seconds of work left in what was begun.
    fn left(&self, at: Timestamp) -> f64 {
        self.started.iter().map(|(_, since, work)| left(*work, *since, at)).sum()
    }
}

impl Doing {
    fn waits_at(&self, station: StationId) -> bool {
        self.station == station && self.state == TaskState::Queued && !self.held
    }

    fn stands_at(&self, station: StationId) -> bool {
        self.station == station && matches!(self.state, TaskState::Queued | TaskState::Started) && !self.held
    }
}

fn blank(order: &Order, since: Timestamp) -> Open {
    let unknown = Expected { from: order.due_at, to: order.due_at, at: since, before: COUNTED_BEFORE };
    let told = order.expected.unwrap_or(unknown);
    Open { since, number: order.number, seating: order.seating, rush: order.rush, tasks: Vec::new(), told }
}

/// Two thoughts about one order have different times, also within one batch: the newest holds, in whatever order a client
/// learns of them. The wire tells milliseconds.
const APART: Duration = Duration::from_millis(1);

fn worth_telling(told: &Expected, now: &Expected, at: Timestamp) -> bool {
    if now.before < told.before {
        return true;
    }
    let moved = told.from.0.abs_diff(now.from.0).max(told.to.0.abs_diff(now.to.0));
    let moved = Duration::from_micros(moved);
    let left = now.to.since(at).as_secs_f64();
    moved >= TOLD_FROM && moved.as_secs_f64() >= left * TOLD_SHARE && at.since(told.at) >= TOLD_PAUSE
}

fn stations_of(tasks: &[Doing]) -> Vec<StationId> {
    let open = tasks.iter().filter(|doing| doing.stands_at(doing.station));
    let mut stations: Vec<_> = open.map(|doing| doing.station).collect();
    stations.sort_unstable();
    stations.dedup();
    stations
}

/// What the menu alone would promise: its longest minutes.
fn by_menu(order: &Order, menu: &Menu, at: Timestamp) -> Timestamp {
    let longest = order.lines.iter().map(|line| menu_seconds(menu, line.item)).fold(0.0, f64::max);
    after(at, longest)
}

fn menu_seconds(menu: &Menu, item: ItemId) -> f64 {
    let minutes = menu.item(item).map_or(0, |item| item.preparation_minutes);
    let minutes = if minutes == 0 { menu.restaurant.settings.late_minutes } else { minutes };
    f64::from(minutes.max(1)) * 60.0
}

fn mood(busy: bool) -> Mood {
    if busy { Mood::Busy } else { Mood::Calm }
}

fn left(work: f64, since: Timestamp, at: Timestamp) -> f64 {
    (work - at.since(since).as_secs_f64()).max(work * LEAST_LEFT)
}

/// Whole seconds later.
fn after(at: Timestamp, seconds: f64) -> Timestamp {
    at.plus(Duration::from_secs(u64::try_from(whole(seconds)).unwrap_or(0)))
}

#[expect(clippy::cast_possible_truncation, reason = "bounded by the longest time")]
fn whole(seconds: f64) -> i64 {
    seconds.round().clamp(0.0, 1e9) as i64
}
