//! Takeaway: when food can be picked up. Slots come from the opening hours, the closings and what the kitchen can
//! make in a quarter of an hour; an order waits until it is time to start. Pure: the time and what is booked are
//! arguments. The committer books under the restaurant's lock, `http` lists.

use super::limits;
use super::order::named;
use super::refusal::{Code, Refusal};
use super::restaurant::Restaurant;
use super::time::Timestamp;
use jiff::ToSpan;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use ts_rs::TS;
use utoipa::ToSchema;

/// A slot is a quarter of an hour of the world's clock: every zone's offset is a multiple of it, so that slots are the
/// same on both sides of a change to summer time.
pub const SLOT: Duration = Duration::from_secs(15 * 60);
const SLOT_US: i64 = 15 * 60 * 1_000_000;
/// "As soon as possible" is no more than this after it was possible at the earliest; later the guest chooses a slot.
pub const SOON_MOST: Duration = Duration::from_secs(60 * 60);

/// How takeaway is sold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(default)]
pub struct Takeaway {
    pub on: bool,
    /// Orders that are picked up in one slot at most; 0: any number.
    pub orders_per_slot: u16,
    /// Minutes of work (preparation of each portion) for the orders of one slot at most; 0: any number. An order
    /// that is larger than this has a slot for itself.
    pub make_minutes_per_slot: u16,
    /// Nothing is promised earlier than this.
    pub lead_minutes: u16,
    /// How many days after today can be chosen.
    pub days_ahead: u16,
    /// Closed by hand until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub paused_until: Option<Timestamp>,
}

impl Default for Takeaway {
    fn default() -> Self {
        Self {
            on: false,
            orders_per_slot: 6,
            make_minutes_per_slot: 0,
            lead_minutes: 15,
            days_ahead: 2,
            paused_until: None,
        }
    }
}

/// What changes of takeaway while a restaurant is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct TakeawayState {
    pub paused_until: Option<Timestamp>,
    /// Of the menu, with whose settings it goes.
    #[ts(type = "number")]
    pub menu_version: i64,
}

named! {
    /// A day of the week, where the restaurant is.
    Weekday {
        Monday = "monday",
        Tuesday = "tuesday",
        Wednesday = "wednesday",
        Thursday = "thursday",
        Friday = "friday",
        Saturday = "saturday",
        Sunday = "sunday",
    }
}

/// One stretch in which food can be picked up. A day may have several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Open {
    pub day: Weekday,
    /// Local time, such as `12:30`.
    #[ts(type = "string")]
    #[schema(value_type = String)]
    pub from: Time,
    /// Not after `from`: it ends on the day after.
    #[ts(type = "string")]
    #[schema(value_type = String)]
    pub to: Time,
}

/// Days on which nothing begins, both named ones among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Closing {
    #[ts(type = "string")]
    #[schema(value_type = String, format = Date)]
    pub from: Date,
    #[ts(type = "string")]
    #[schema(value_type = String, format = Date)]
    pub to: Date,
}

/// A quarter of an hour in which food can be picked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS, ToSchema)]
pub struct Slot {
    pub at: Timestamp,
}

/// When food can be picked up, as it is told to whoever asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// What "as soon as possible" means now.
    pub soonest: Option<Timestamp>,
    /// Earliest first.
    pub left: Vec<Slot>,
    /// Open, late enough, and without room.
    pub full: Vec<Slot>,
    /// When it opens again; `None` while it is open, or when that is far off.
    pub opens_at: Option<Timestamp>,
}

/// What is booked already, by slot: orders, and their minutes of work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Booked(BTreeMap<i64, (i64, i64)>);

impl Booked {
    /// Adds what orders of a slot take; negative numbers take it away.
    pub fn add(&mut self, at: Timestamp, orders: i64, minutes: i64) {
        let entry = self.0.entry(slot_of(at)).or_default();
        entry.0 += orders;
        entry.1 += minutes;
    }

    fn has_room(&self, slot: i64, minutes: i64, rules: &Takeaway) -> bool {
        let (orders, made) = self.0.get(&slot).copied().unwrap_or_default();
        let most = |bound: u16| if bound == 0 { i64::MAX } else { i64::from(bound) };
        let minutes_fit = orders <= 0 || made.saturating_add(minutes) <= most(rules.make_minutes_per_slot);
        orders < most(rules.orders_per_slot) && minutes_fit
    }
}

/// What an order needs of the kitchen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    /// The longest preparation of its items.
    pub preparation: Duration,
    /// The preparation of all portions together.
    pub minutes: i64,
}

/// When an order is picked up, and until when it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pickup {
    pub at: Timestamp,
    /// `None`: the kitchen begins at once.
    pub start_at: Option<Timestamp>,
}

impl Pickup {
    /// Picked up at a time, begun as late as that allows.
    #[must_use]
    pub fn at(at: Timestamp, work: Work, now: Timestamp) -> Self {
        let start = start_at(at, work.preparation);
        Self { at, start_at: (start > now).then_some(start) }
    }
}

/// When the kitchen begins with what is picked up at a time.
#[must_use]
pub fn start_at(pickup_at: Timestamp, preparation: Duration) -> Timestamp {
    pickup_at.minus(preparation)
}

/// The slots that are left for an order, earliest first.
#[must_use]
pub fn slots(restaurant: &Restaurant, booked: &Booked, work: Work, now: Timestamp) -> Vec<Slot> {
    chosen_from(restaurant, work, now)
        .filter(|slot| has_room(restaurant, booked, work, *slot))
        .take(limits::SLOTS)
        .collect()
}

/// What an order can choose from, and what it cannot any more.
#[must_use]
pub fn offer(restaurant: &Restaurant, booked: &Booked, work: Work, now: Timestamp) -> Offer {
    if !restaurant.settings.takeaway.on {
        return Offer::default();
    }
    let (left, full) = chosen_from(restaurant, work, now)
        .take(limits::SLOTS)
        .partition(|slot| has_room(restaurant, booked, work, *slot));
    let soonest = soonest(restaurant, booked, work, now).map(|pickup| pickup.at);
    Offer { soonest, left, full, opens_at: opens_at(restaurant, now) }
}

/// Every slot of the days that can be chosen, late enough for the order.
fn chosen_from(restaurant: &Restaurant, work: Work, now: Timestamp) -> impl Iterator<Item = Slot> {
    let rules = &restaurant.settings.takeaway;
    let earliest = earliest(rules, work, now);
    let open = open_slots(restaurant, rules.days_ahead, now);
    open.into_iter().map(|slot| Slot { at: begin(slot) }).filter(move |slot| slot.at >= earliest)
}

fn has_room(restaurant: &Restaurant, booked: &Booked, work: Work, slot: Slot) -> bool {
    booked.has_room(slot_of(slot.at), work.minutes, &restaurant.settings.takeaway)
}

fn opens_at(restaurant: &Restaurant, now: Timestamp) -> Option<Timestamp> {
    let open = open_slots(restaurant, limits::DAYS_AHEAD, now);
    if open.contains(&slot_of(now)) {
        return None;
    }
    open.into_iter().map(begin).find(|at| *at > now)
}

/// As soon as possible: the time it is ready at the earliest, if that lies in a slot with room; else the next slot
/// with room, unless that is far off.
#[must_use]
pub fn soonest(restaurant: &Restaurant, booked: &Booked, work: Work, now: Timestamp) -> Option<Pickup> {
    let rules = &restaurant.settings.takeaway;
    let earliest = earliest(rules, work, now);
    let ready = slot_of(earliest);
    let slot = open_slots(restaurant, rules.days_ahead, now)
        .into_iter()
        .find(|slot| *slot >= ready && booked.has_room(*slot, work.minutes, rules))?;
    if slot == ready {
        return Some(Pickup { at: earliest, start_at: None });
    }
    let at = begin(slot);
    (at <= earliest.plus(SOON_MOST)).then(|| Pickup::at(at, work, now))
}

/// Books the slot that is wished for, or the soonest.
///
/// # Errors
/// `takeaway_closed` when there is no takeaway; `slot_taken` with what is left.
pub fn book(
    restaurant: &Restaurant,
    booked: &Booked,
    work: Work,
    wish: Option<Timestamp>,
    now: Timestamp,
) -> Result<Pickup, Refusal> {
    if !restaurant.settings.takeaway.on {
        return Err(Refusal::new(Code::TakeawayClosed, "This restaurant takes no takeaway orders here."));
    }
    let left = || slots(restaurant, booked, work, now);
    let found = match wish {
        None => soonest(restaurant, booked, work, now),
        Some(at) => left().contains(&Slot { at }).then(|| Pickup::at(at, work, now)),
    };
    found.ok_or_else(|| {
        let slots = left();
        let (code, message) = if slots.is_empty() {
            (Code::TakeawayClosed, "There is no time left to pick something up. Please come back later.")
        } else {
            (Code::SlotTaken, "This time is taken by now. Choose another one.")
        };
        Refusal { slots, ..Refusal::new(code, message) }
    })
}

/// When takeaway that is closed for today opens again: as the next business day begins.
#[must_use]
pub fn tomorrow(restaurant: &Restaurant, now: Timestamp) -> Timestamp {
    let zone = zone(restaurant);
    let hour = restaurant.settings.day_starts_hour.clamp(0, 23);
    let local = instant(now).to_zoned(zone.clone()).datetime();
    let today = local.time() < Time::constant(hour, 0, 0, 0);
    let date = if today { local.date() } else { local.date().saturating_add(1.day()) };
    moment(date, Time::constant(hour, 0, 0, 0), &zone)
}

fn earliest(rules: &Takeaway, work: Work, now: Timestamp) -> Timestamp {
    now.plus(work.preparation.max(Duration::from_secs(60 * u64::from(rules.lead_minutes))))
}

/// Every slot of today and so many days after, whole ones only, whatever is booked.
fn open_slots(restaurant: &Restaurant, days_ahead: u16, now: Timestamp) -> BTreeSet<i64> {
    let settings = &restaurant.settings;
    let zone = zone(restaurant);
    let today = instant(now).to_zoned(zone.clone()).date();
    let ahead = days_ahead.min(limits::DAYS_AHEAD);
    let mut open = BTreeSet::new();
    // What began yesterday may last until now.
    for day in -1..=i32::from(ahead) {
        let date = today.saturating_add(day.days());
        if settings.closings.iter().any(|closing| (closing.from..=closing.to).contains(&date)) {
            continue;
        }
        for span in settings.hours.iter().filter(|span| jiff_day(span.day) == date.weekday()) {
            let end = if span.to > span.from { date } else { date.saturating_add(1.day()) };
            let (from, to) = (moment(date, span.from, &zone), moment(end, span.to, &zone));
            let first = from.0.div_euclid(SLOT_US) + i64::from(from.0.rem_euclid(SLOT_US) != 0);
            open.extend(first..to.0.div_euclid(SLOT_US));
        }
    }
    if let Some(until) = settings.takeaway.paused_until {
        open.retain(|slot| begin(*slot) >= until);
    }
    open
}

fn zone(restaurant: &Restaurant) -> TimeZone {
    TimeZone::get(&restaurant.timezone).unwrap_or(TimeZone::UTC)
}

/// A local time as a point in time. One that is skipped is as long after the gap as it was after its beginning; of one
/// that comes twice it is the first (RFC 5545 §3.3.5).
fn moment(date: Date, time: Time, zone: &TimeZone) -> Timestamp {
    let at = zone.to_ambiguous_timestamp(date.to_datetime(time)).compatible();
    Timestamp(at.unwrap_or_default().as_microsecond())
}

fn instant(at: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_microsecond(at.0).unwrap_or_default()
}

fn slot_of(at: Timestamp) -> i64 {
    at.0.div_euclid(SLOT_US)
}

fn begin(slot: i64) -> Timestamp {
    Timestamp(slot * SLOT_US)
}

fn jiff_day(day: Weekday) -> jiff::civil::Weekday {
    match day {
        Weekday::Monday => jiff::civil::Weekday::Monday,
        Weekday::Tuesday => jiff::civil::Weekday::Tuesday,
        Weekday::Wednesday => jiff::civil::Weekday::Wednesday,
        Weekday::Thursday => jiff::civil::Weekday::Thursday,
        Weekday::Friday => jiff::civil::Weekday::Friday,
        Weekday::Saturday => jiff::civil::Weekday::Saturday,
        Weekday::Sunday => jiff::civil::Weekday::Sunday,
    }
}
