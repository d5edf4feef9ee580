//! A simulated week of service, to see how wrong the estimate is (`comanda estimate-week`). Everything comes from one
//! seed: when people order and what, how long cooks really take, who taps the start of a dish and who only its end.
//! The promises, and what is learned from what happened, are those of `domain::estimate`, by the real commands.
//!
//! The kitchen of the week is not the one of the model: portions, batches, cooks and staffing follow other rules.

mod kitchen;
mod menu;

use crate::domain::estimate::{Accuracy, Outcome, accuracy};
use crate::domain::time::Timestamp;
use kitchen::Service;
use std::fmt::Write as _;
use std::time::Duration;

/// Monday, midnight, UTC.
const MONDAY: Timestamp = Timestamp(1_769_990_400_000_000);
const DAYS: usize = 7;
const NAMES: [&str; DAYS] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
/// Orders of an evening at its height, a minute.
const HEIGHT_PER_MINUTE: f64 = 0.85;
/// How full a day is.
const FULL: [f64; DAYS] = [0.62, 0.66, 0.72, 0.82, 1.0, 1.08, 0.92];

/// What came of a week.
pub struct Week {
    pub days: Vec<Accuracy>,
    pub all: Accuracy,
    /// The mean error of the best single time that could have been promised to everybody, known only afterwards.
    pub best_fixed_seconds: i64,
}

/// Chance, the same for the same seed.
pub struct Dice(u64);

impl Dice {
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// From 0 up to 1 (SplitMix64: Steele, Lea, Flood 2014).
    #[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
    pub fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn chance(&mut self, of: f64) -> bool {
        self.roll() < of
    }

    /// Minutes until something that comes so often a minute.
    fn until(&mut self, per_minute: f64) -> f64 {
        -(1.0 - self.roll()).ln() / per_minute
    }

    /// A factor around 1, as times of work are spread.
    fn spread(&mut self, sigma: f64) -> f64 {
        let normal = (-2.0 * (1.0 - self.roll()).ln()).sqrt() * (std::f64::consts::TAU * self.roll()).cos();
        (normal * sigma).exp()
    }
}

/// Plays a week.
///
/// # Errors
/// None, unless the menu of the week is no menu.
pub fn play(seed: u64) -> Result<Week, String> {
    let mut dice = Dice::new(seed);
    let mut service = Service::new(menu::menu()?, &mut dice);
    let mut days = Vec::new();
    let mut all = Vec::new();
    for (day, full) in FULL.iter().enumerate() {
        let midnight = MONDAY.plus(Duration::from_secs(86_400 * day as u64));
        let outcomes = service.day(midnight, &arrivals(&mut dice, *full), &mut dice);
        days.push(accuracy(&outcomes));
        all.extend(outcomes);
    }
    Ok(Week { days, all: accuracy(&all), best_fixed_seconds: best_fixed(&all) })
}

/// Minutes of a day at which orders come: a lunch and a dinner, each rising to its height.
fn arrivals(dice: &mut Dice, full: f64) -> Vec<f64> {
    let mut minutes = Vec::new();
    let mut at = 12.5 * 60.0;
    loop {
        at += dice.until(HEIGHT_PER_MINUTE * full * 1.05);
        if at > 23.75 * 60.0 {
            return minutes;
        }
        if dice.chance(busy(at / 60.0)) {
            minutes.push(at);
        }
    }
}

/// The share of the height at an hour.
fn busy(hour: f64) -> f64 {
    let hill = |top: f64, width: f64, height: f64| height * (-((hour - top) / width).powi(2)).exp();
    (0.04 + hill(14.2, 0.8, 0.85) + hill(21.2, 1.0, 0.95)).min(1.0)
}

fn best_fixed(outcomes: &[Outcome]) -> i64 {
    let mut took: Vec<i64> = outcomes.iter().map(|o| whole_seconds(o.ready_at.since(o.promise.at))).collect();
    took.sort_unstable();
    let Some(median) = took.get(took.len() / 2).copied() else { return 0 };
    let apart: i64 = took.iter().map(|seconds| (seconds - median).abs()).sum();
    apart / i64::try_from(took.len()).unwrap_or(1)
}

fn whole_seconds(time: Duration) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}

/// The week as a table.
#[must_use]
pub fn told(week: &Week) -> String {
    let mut text =
        String::from("            orders   mean error          menu's minutes   within the range   its width\n");
    for (name, day) in NAMES.iter().zip(&week.days).chain([(&"Week", &week.all)]) {
        let minutes = |seconds: i64| format!("{}.{} min", seconds / 60, seconds % 60 / 6);
        let row = writeln!(
            text,
            "{name:<10} {:>7} {:>12} {:>20} {:>16}.{}% {:>11}",
            day.orders,
            minutes(day.error_seconds),
            minutes(day.menu_error_seconds),
            day.within_permille / 10,
            day.within_permille % 10,
            minutes(day.width_seconds),
        );
        debug_assert!(row.is_ok(), "a text takes whatever is written");
    }
    let fixed = week.best_fixed_seconds;
    text + &format!(
        "The best fixed time, known only afterwards, would have erred by {}.{} min.\n",
        fixed / 60,
        fixed % 60 / 6
    )
}
