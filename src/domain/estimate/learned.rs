//! What a restaurant's kitchen taught: how long a dish takes at a station, how much a station does at a time, how
//! far promises were from what happened. Every figure is a natural logarithm, moved a little by each ticket.

use crate::domain::ids::{ItemId, StationId};
use std::collections::{BTreeMap, BTreeSet};

/// What a figure says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Of {
    /// Seconds of work that one portion of a dish is at a station.
    Work(StationId, ItemId),
    /// Portions that a station works on at a time.
    Hands(StationId),
    /// How much earlier than expected an order may be ready (a ratio) …
    Early(Mood),
    /// … and how much later.
    Late(Mood),
}

/// Where most of an order's time goes: promises err differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mood {
    /// Into its own cooking.
    Calm,
    /// Into waiting for what was there before.
    Busy,
}

/// One learned figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    /// A natural logarithm.
    pub value: f64,
    /// How many tickets moved it.
    pub seen: u32,
}

/// Of what the menu says as a dish's time the first orders are expected to take so much in the middle; the whole
/// of it is the far end of the range.
const OF_MENU_TIME: f64 = 0.85;
/// Portions that a station is thought to work on at a time before it showed.
const FIRST_HANDS: f64 = 3.0;
/// A first range begins at this share of its middle.
const FIRST_EARLY: f64 = 0.72;
/// Bounds of what can be learned.
const WORK_SECONDS: (f64, f64) = (10.0, 3.0 * 3600.0);
const HANDS: (f64, f64) = (0.5, 24.0);
const RATIO: (f64, f64) = (0.2, 5.0);
/// One odd ticket teaches no more than a factor of e.
const SURPRISE: f64 = 1.0;
/// The least share of what it teaches that a ticket moves a dish's time, a station's hands …
const WORK_STEP: f64 = 0.06;
const HANDS_STEP: f64 = 0.05;
/// … and an end of the range.
const END_STEP: f64 = 0.02;
/// Of all orders so many may be ready before the range begins …
const EARLY_SHARE: f64 = 0.12;
/// … and so many before it ends.
const LATE_SHARE: f64 = 0.88;

/// All figures of one restaurant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Learned {
    figures: BTreeMap<Of, Figure>,
    touched: BTreeSet<Of>,
}

impl Learned {
    #[must_use]
    pub fn new(figures: impl IntoIterator<Item = (Of, Figure)>) -> Self {
        Self { figures: figures.into_iter().collect(), touched: BTreeSet::new() }
    }

    /// Seconds that one portion takes. `menu_seconds`: what the menu says, for a dish that nobody has cooked yet.
    #[must_use]
    pub fn work(&self, station: StationId, item: ItemId, menu_seconds: f64) -> f64 {
        let learned = self.figures.get(&Of::Work(station, item)).map(|figure| figure.value.exp());
        learned.unwrap_or(menu_seconds * OF_MENU_TIME).clamp(WORK_SECONDS.0, WORK_SECONDS.1)
    }

    #[must_use]
    pub fn hands(&self, station: StationId) -> f64 {
        self.figures.get(&Of::Hands(station)).map_or(FIRST_HANDS, |figure| figure.value.exp())
    }

    /// The ends of a range around `seconds`.
    #[must_use]
    pub fn range(&self, seconds: f64, mood: Mood) -> (f64, f64) {
        (seconds * self.end(Of::Early(mood)).exp(), seconds * self.end(Of::Late(mood)).exp())
    }

    fn end(&self, of: Of) -> f64 {
        let first = || if matches!(of, Of::Early(_)) { FIRST_EARLY.ln() } else { -OF_MENU_TIME.ln() };
        self.figures.get(&of).map_or_else(first, |figure| figure.value)
    }

    /// A portion took `seconds` where `expected` were thought; `weight` is how much of that says something about it.
    pub fn worked(&mut self, station: StationId, item: ItemId, expected: f64, seconds: f64, weight: f64) {
        let surprise = surprise(seconds, expected) * weight;
        self.move_by(Of::Work(station, item), expected.ln(), surprise, WORK_STEP, WORK_SECONDS);
    }

    /// Work ahead was done in `seconds` where `expected` were thought: fewer seconds, more hands.
    pub fn worked_off(&mut self, station: StationId, expected: f64, seconds: f64, weight: f64) {
        let surprise = -surprise(seconds, expected) * weight;
        self.move_by(Of::Hands(station), FIRST_HANDS.ln(), surprise, HANDS_STEP, HANDS);
    }

    /// An order that was expected in `expected` seconds took `seconds`: both ends move so that they keep their share
    /// (a stochastic approximation of quantiles, Robbins and Monro 1951).
    pub fn promised(&mut self, mood: Mood, expected: f64, seconds: f64) {
        let off = surprise(seconds, expected);
        for (of, share) in [(Of::Early(mood), EARLY_SHARE), (Of::Late(mood), LATE_SHARE)] {
            let end = self.end(of);
            let seen = self.figures.get(&of).map_or(0, |figure| figure.seen);
            let step = (1.0 / (f64::from(seen) + 6.0)).max(END_STEP);
            let value = end + step * (share - if off <= end { 1.0 } else { 0.0 });
            self.put(of, Figure { value: value.clamp(RATIO.0.ln(), RATIO.1.ln()), seen: seen.saturating_add(1) });
        }
    }

    fn move_by(&mut self, of: Of, first: f64, surprise: f64, least: f64, bounds: (f64, f64)) {
        let Figure { value, seen } = self.figures.get(&of).copied().unwrap_or(Figure { value: first, seen: 0 });
        let step = (1.0 / (f64::from(seen) + 3.0)).max(least);
        let value = (value + step * surprise).clamp(bounds.0.ln(), bounds.1.ln());
        self.put(of, Figure { value, seen: seen.saturating_add(1) });
    }

    fn put(&mut self, of: Of, figure: Figure) {
        self.figures.insert(of, figure);
        self.touched.insert(of);
    }

    /// What changed since it was asked last, to be kept.
    pub fn take_touched(&mut self) -> Vec<(Of, Figure)> {
        let touched = std::mem::take(&mut self.touched);
        touched.into_iter().filter_map(|of| self.figures.get(&of).map(|figure| (of, *figure))).collect()
    }
}

fn surprise(seconds: f64, expected: f64) -> f64 {
    (seconds / expected).ln().clamp(-SURPRISE, SURPRISE)
}
