//! The kitchen of the simulated week: orders come, hands take what is next, cooks tap as cooks do. Time goes from one
//! thing that happens to the next.

use super::menu::{self, DISHES, HANDS, item, station};
use super::{Dice, Outcome};
use crate::domain::command::{Command, Draft, DraftLine, LineAtStation, OrderAtStations};
use crate::domain::decide::{self, Context};
use crate::domain::estimate::{Kitchen, Promise};
use crate::domain::ids::{ItemId, LineId, OrderId};
use crate::domain::menu::Menu;
use crate::domain::order::{Order, OrderKind, OrderState};
use crate::domain::ordering::{self, Placement};
use crate::domain::people::{Actor, By};
use crate::domain::time::Timestamp;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use uuid::Uuid;

/// How widely times of the same dish are spread.
const SPREAD: f64 = 0.28;
/// A further portion really adds this share of the first.
const FURTHER: f64 = 0.35;
/// A cook takes the same dish from further back in the queue along.
const TAKES_ALONG: f64 = 0.15;
/// Stations whose cooks tap the start of a dish (the others tap only its end), and how often they do.
const TAPS_START: [f64; 4] = [0.85, 0.6, 0.0, 0.0];
/// Tickets that are bumped whole.
const BUMPED_WHOLE: f64 = 0.55;
/// Seconds from done to the tap, in the mean.
const TO_THE_TAP: f64 = 25.0;

/// One dish of an order at its station.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Job {
    order: OrderId,
    line: LineId,
    dish: usize,
    seconds: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Ordered,
    Cooked { station: usize, order: OrderId, line: LineId },
    Tapped { station: usize, order: OrderId, line: Option<LineId> },
}

#[derive(Default)]
struct Post {
    queue: VecDeque<Job>,
    busy: usize,
    hands: usize,
}

struct Guest {
    order: Order,
    promise: Promise,
    /// Dishes that are not cooked yet, by station.
    left: BTreeMap<usize, usize>,
    whole: bool,
}

/// A restaurant over the week: it goes on learning.
pub struct Service {
    menu: Menu,
    kitchen: Kitchen,
    posts: Vec<Post>,
    orders: BTreeMap<OrderId, Guest>,
    ahead: BinaryHeap<Reverse<(Timestamp, u64, What)>>,
    outcomes: Vec<Outcome>,
    count: u64,
    /// How slow each dish's cooks are.
    slower: Vec<f64>,
}

impl Service {
    pub fn new(menu: Menu, dice: &mut Dice) -> Self {
        Self {
            menu,
            kitchen: Kitchen::default(),
            posts: HANDS.iter().map(|_| Post::default()).collect(),
            orders: BTreeMap::new(),
            ahead: BinaryHeap::new(),
            outcomes: Vec::new(),
            count: 0,
            slower: DISHES.iter().map(|dish| dish.slower * dice.spread(0.05)).collect(),
        }
    }

    /// Plays one day until its last order is ready.
    pub fn day(&mut self, midnight: Timestamp, arrivals: &[f64], dice: &mut Dice) -> Vec<Outcome> {
        let day = usize::try_from((midnight.0 - super::MONDAY.0) / 86_400_000_000).unwrap_or(0);
        for (post, hands) in self.posts.iter_mut().zip(HANDS) {
            post.hands = hands.get(day).copied().unwrap_or(1);
        }
        for minutes in arrivals {
            self.later(seconds_later(midnight, minutes * 60.0), What::Ordered);
        }
        while let Some(Reverse((at, _, what))) = self.ahead.pop() {
            match what {
                What::Ordered => self.ordered(at, dice),
                What::Cooked { station, order, line } => self.cooked(station, order, line, at, dice),
                What::Tapped { station, order, line } => self.tapped(station, order, line, at),
            }
        }
        self.orders.clear();
        std::mem::take(&mut self.outcomes)
    }

    fn later(&mut self, at: Timestamp, what: What) {
        self.count += 1;
        self.ahead.push(Reverse((at, self.count, what)));
    }

    fn id(&mut self) -> Uuid {
        self.count += 1;
        Uuid::from_u128(u128::from(self.count))
    }

    // ---- ordering --------------------------------------------------------------------------------

    fn ordered(&mut self, at: Timestamp, dice: &mut Dice) {
        let draft = draft(dice);
        let mut next = self.count << 20;
        let ids = || {
            next += 1;
            Uuid::from_u128(u128::from(next))
        };
        let Ok(priced) = ordering::price(&self.menu, &draft, ids) else { return };
        let placement = Placement {
            order: OrderId(self.id()),
            number: i64::try_from(self.count).unwrap_or(0),
            table: None,
            seating: None,
            guest: None,
            by: By::System,
            held: false,
            pickup: None,
            at,
        };
        let Ok(order) = ordering::place(&self.menu, &draft, priced, placement) else { return };
        let (promise, _) = self.kitchen.arrived(&order, &self.menu, at);
        let mut left = BTreeMap::new();
        for line in &order.lines {
            let Some(dish) = dish_of(line.item) else { continue };
            let Some(post) = DISHES.get(dish).map(|dish| dish.station) else { continue };
            let slower = self.slower.get(dish).copied().unwrap_or(1.0);
            #[expect(clippy::cast_precision_loss, reason = "a few portions")]
            let portions = 1.0 + FURTHER * (line.quantity - 1) as f64;
            let seconds = menu::minutes(dish) * 60.0 * slower * dice.spread(SPREAD) * portions;
            *left.entry(post).or_insert(0) += 1;
            self.posts[post].queue.push_back(Job { order: order.id, line: line.id, dish, seconds });
        }
        let posts: Vec<usize> = left.keys().copied().collect();
        self.orders.insert(order.id, Guest { order, promise, left, whole: dice.chance(BUMPED_WHOLE) });
        for post in posts {
            self.begin(post, at, dice);
        }
    }

    // ---- cooking ---------------------------------------------------------------------------------

    /// Free hands take what is next.
    fn begin(&mut self, post: usize, at: Timestamp, dice: &mut Dice) {
        let mut last = None;
        while self.posts[post].busy < self.posts[post].hands {
            let queue = &mut self.posts[post].queue;
            let along = queue.iter().take(6).position(|job| Some(job.dish) == last);
            let taken = along.filter(|_| dice.chance(TAKES_ALONG)).unwrap_or(0);
            let Some(job) = queue.remove(taken) else { return };
            last = Some(job.dish);
            self.posts[post].busy += 1;
            let Job { order, line, .. } = job;
            if dice.chance(TAPS_START[post]) {
                let start = LineAtStation { order, line, station: Some(station(post)) };
                self.command(order, &Command::StartLine(start), at);
            }
            self.later(seconds_later(at, job.seconds), What::Cooked { station: post, order, line });
        }
    }

    fn cooked(&mut self, post: usize, order: OrderId, line: LineId, at: Timestamp, dice: &mut Dice) {
        self.posts[post].busy -= 1;
        let tap = seconds_later(at, TO_THE_TAP * dice.until(1.0).min(6.0));
        if let Some(guest) = self.orders.get_mut(&order) {
            let left = guest.left.entry(post).or_insert(1);
            *left -= 1;
            let (last, whole) = (*left == 0, guest.whole);
            if !whole {
                self.later(tap, What::Tapped { station: post, order, line: Some(line) });
            } else if last {
                self.later(tap, What::Tapped { station: post, order, line: None });
            }
        }
        self.begin(post, at, dice);
    }

    fn tapped(&mut self, post: usize, order: OrderId, line: Option<LineId>, at: Timestamp) {
        let stations = vec![station(post)];
        let command = match line {
            Some(line) => Command::FinishLine(LineAtStation { order, line, station: Some(station(post)) }),
            None => Command::BumpOrder(OrderAtStations { order, stations }),
        };
        self.command(order, &command, at);
    }

    /// A tap, by the real rules.
    fn command(&mut self, id: OrderId, command: &Command, at: Timestamp) {
        let Some(guest) = self.orders.get_mut(&id) else { return };
        let context = Context { actor: &Actor::System, at, base_version: None };
        let Ok(Some(change)) = decide::decide(&guest.order, command, context) else { return };
        self.kitchen.changed(&guest.order, &change.order, Some(&guest.promise), &self.menu, at);
        guest.order = change.order;
        if guest.order.state == OrderState::Ready {
            self.outcomes.push(Outcome { promise: guest.promise.clone(), ready_at: at });
        }
    }
}

/// One to five dishes, now and then several portions; a round of drinks is an order of its own.
fn draft(dice: &mut Dice) -> Draft {
    let drinks = dice.chance(0.35);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "one to five")]
    let count = 1 + (dice.roll() * dice.roll() * 5.0) as usize;
    let lines = (0..count).map(|_| {
        let wanted = |dish: &menu::Dish| if (dish.station == 3) == drinks { dish.wanted } else { 0.0 };
        let mut left = dice.roll() * DISHES.iter().map(wanted).sum::<f64>();
        let mut chosen = 0;
        for (n, dish) in DISHES.iter().enumerate().filter(|(_, dish)| wanted(dish) > 0.0) {
            chosen = n;
            left -= wanted(dish);
            if left <= 0.0 {
                break;
            }
        }
        let quantity = if dice.chance(0.25) { 2 } else { 1 };
        DraftLine { item: item(chosen), quantity, options: Vec::new(), note: None }
    });
    let lines = lines.collect();
    let (note, allergy, contact, expected_total, table) = (None, None, None, None, None);
    Draft { kind: OrderKind::DineIn, lines, note, allergy, contact, expected_total, pickup_at: None, table }
}

fn dish_of(wanted: ItemId) -> Option<usize> {
    (0..DISHES.len()).find(|n| item(*n) == wanted)
}

#[expect(clippy::cast_possible_truncation, reason = "less than a day")]
fn seconds_later(at: Timestamp, seconds: f64) -> Timestamp {
    Timestamp(at.0 + (seconds * 1e6) as i64)
}
