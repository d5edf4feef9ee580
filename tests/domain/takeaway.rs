//! When food can be picked up: open, not too early, with room; the same on both sides of a change to summer time.

use super::making::*;
use comanda::domain::command::{Command, LineAtStation};
use comanda::domain::decide::{Context, begin, decide};
use comanda::domain::money::{Charges, Currency};
use comanda::domain::order::{Order, OrderState};
use comanda::domain::people::Actor;
use comanda::domain::refusal::Code;
use comanda::domain::restaurant::{Restaurant, Settings};
use comanda::domain::takeaway::*;
use comanda::domain::time::Timestamp;
use jiff::civil::{Date, Time};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::time::Duration;

const ZONES: [&str; 5] = ["Europe/Madrid", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"];
const QUICK: Work = Work { preparation: Duration::from_secs(600), minutes: 10 };

fn at(text: &str) -> Timestamp {
    Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_microsecond())
}

fn restaurant(timezone: &str, hours: Vec<Open>, takeaway: Takeaway) -> Restaurant {
    let charges = Charges { tax_basis_points: 0, tax_included: true, service_basis_points: 0 };
    Restaurant {
        id: comanda::domain::ids::RestaurantId(uuid::Uuid::nil()),
        slug: "r".to_owned(),
        name: "R".to_owned(),
        timezone: timezone.to_owned(),
        currency: Currency::try_from("EUR".to_owned()).unwrap(),
        locales: vec!["en".to_owned()],
        settings: Settings { hours, charges, takeaway, ..Settings::default() },
    }
}

fn rules() -> Takeaway {
    Takeaway { on: true, lead_minutes: 0, days_ahead: 0, orders_per_slot: 2, ..Takeaway::default() }
}

fn daily(from: &str, to: &str) -> Vec<Open> {
    let (from, to): (Time, Time) = (from.parse().unwrap(), to.parse().unwrap());
    Weekday::ALL.iter().map(|day| Open { day: *day, from, to }).collect()
}

fn local(zone: &str, at: Timestamp) -> jiff::Zoned {
    jiff::Timestamp::from_microsecond(at.0).unwrap().in_tz(zone).unwrap()
}

#[test]
fn a_night_that_loses_an_hour_has_four_slots_less_and_one_that_gains_it_four_more() {
    let madrid = restaurant("Europe/Madrid", daily("00:00", "06:00"), rules());
    let count = |midnight: &str| {
        slots(&madrid, &Booked::default(), Work { preparation: Duration::ZERO, minutes: 0 }, at(midnight)).len()
    };
    assert_eq!(count("2026-03-28T00:00:00+01:00"), 24);
    assert_eq!(count("2026-03-29T00:00:00+01:00"), 20);
    assert_eq!(count("2026-10-25T00:00:00+02:00"), 28);
}

#[test]
fn an_evening_lasts_past_midnight_and_a_closed_day_takes_its_night_with_it() {
    let mut bar = restaurant("Europe/Madrid", daily("22:00", "02:00"), rules());
    let half_past_midnight = at("2026-01-31T00:30:00+01:00");
    let tonight = slots(&bar, &Booked::default(), QUICK, half_past_midnight);
    assert_eq!(tonight.first().unwrap().at, at("2026-01-31T00:45:00+01:00"), "last night's service is still on");
    let friday: Date = "2026-01-30".parse().unwrap();
    bar.settings.closings = vec![Closing { from: friday, to: friday }];
    let closed = slots(&bar, &Booked::default(), QUICK, half_past_midnight);
    assert_eq!(closed.first().unwrap().at, at("2026-01-31T22:00:00+01:00"));
}

#[test]
fn closed_until_tomorrow_opens_with_the_next_business_day() {
    let mut bar = restaurant("Europe/Madrid", daily("12:00", "02:00"), Takeaway { days_ahead: 1, ..rules() });
    for (now, opens) in [
        ("2026-01-31T19:00:00+01:00", "2026-02-01T04:00:00+01:00"),
        ("2026-02-01T01:00:00+01:00", "2026-02-01T04:00:00+01:00"),
        ("2026-03-28T19:00:00+01:00", "2026-03-29T04:00:00+02:00"),
    ] {
        let until = tomorrow(&bar, at(now));
        assert_eq!(until, at(opens));
        bar.settings.takeaway.paused_until = Some(until);
        let left = slots(&bar, &Booked::default(), QUICK, at(now));
        assert!(!left.is_empty() && left.iter().all(|slot| slot.at >= until), "{now}");
    }
}

#[test]
fn as_soon_as_possible_is_now_if_there_is_room_and_the_next_quarter_if_not() {
    let r = restaurant("Europe/Madrid", daily("12:00", "23:00"), Takeaway { lead_minutes: 20, ..rules() });
    let now = at("2026-01-31T19:02:00+01:00");
    let ready = at("2026-01-31T19:22:00+01:00");
    let mut booked = Booked::default();
    let soon = soonest(&r, &booked, QUICK, now).unwrap();
    assert_eq!(soon, Pickup { at: ready, start_at: None }, "the kitchen begins at once");
    booked.add(ready, 2, 20);
    let next = soonest(&r, &booked, QUICK, now).unwrap();
    let (quarter, start) = (at("2026-01-31T19:30:00+01:00"), at("2026-01-31T19:20:00+01:00"));
    assert_eq!(next, Pickup { at: quarter, start_at: Some(start) }, "it waits for its time");
    for n in 0..8 {
        booked.add(quarter.plus(SLOT * n), 2, 20);
    }
    assert_eq!(soonest(&r, &booked, QUICK, now), None, "hours later is not soon");
    let refusal = book(&r, &booked, QUICK, None, now).unwrap_err();
    assert_eq!((refusal.code, refusal.slots[0].at), (Code::SlotTaken, quarter.plus(SLOT * 8)));
    let off = restaurant("Europe/Madrid", daily("12:00", "23:00"), Takeaway::default());
    assert_eq!(book(&off, &booked, QUICK, None, now).unwrap_err().code, Code::TakeawayClosed);
}

#[test]
fn a_kitchen_that_counts_minutes_takes_one_large_order_alone() {
    let minutes = Takeaway { orders_per_slot: 0, make_minutes_per_slot: 30, ..rules() };
    let r = restaurant("UTC", daily("12:00", "13:00"), minutes);
    let noon = at("2026-01-31T12:00:00Z");
    let work = |minutes| Work { preparation: Duration::ZERO, minutes };
    let mut booked = Booked::default();
    assert!(book(&r, &booked, work(99), Some(noon), noon).is_ok(), "larger than a slot, and the only one in it");
    booked.add(noon, 1, 20);
    assert!(book(&r, &booked, work(10), Some(noon), noon).is_ok());
    assert_eq!(book(&r, &booked, work(11), Some(noon), noon).unwrap_err().code, Code::SlotTaken);
}

fn open() -> impl Strategy<Value = Open> {
    let time = || (0i8..24, 0i8..60).prop_map(|(hour, minute)| Time::constant(hour, minute, 0, 0));
    (prop::sample::select(Weekday::ALL), time(), time()).prop_map(|(day, from, to)| Open { day, from, to })
}

fn any_now() -> impl Strategy<Value = Timestamp> {
    // The weeks around both changes of 2026, and any other time of that year.
    prop_oneof![1_774_000_000i64..1_775_500_000, 1_792_000_000i64..1_793_500_000, 1_767_225_600i64..1_798_761_600]
        .prop_map(|second| Timestamp(second * 1_000_000))
}

proptest! {
    #![proptest_config(cases(192))]

    #[test]
    fn every_slot_is_open_whole_early_enough_and_offered_once(
        hours in vec(open(), 1..6), zone in prop::sample::select(&ZONES[..]), now in any_now(),
        days_ahead in 0u16..4, lead_minutes in 0u16..90, closed in 0i64..4,
    ) {
        let mut r = restaurant(zone, hours.clone(), Takeaway { days_ahead, lead_minutes, ..rules() });
        let today = local(zone, now).date();
        let closing = today.saturating_add(jiff::Span::new().days(closed));
        r.settings.closings = vec![Closing { from: closing, to: closing }];
        let left = slots(&r, &Booked::default(), QUICK, now);
        let distinct: BTreeSet<_> = left.iter().map(|slot| slot.at).collect();
        prop_assert_eq!(distinct.len(), left.len());
        for slot in &left {
            prop_assert!(slot.at >= now.plus(QUICK.preparation.max(Duration::from_secs(60 * u64::from(lead_minutes)))));
            prop_assert_eq!(slot.at.0 % 900_000_000, 0);
            // It belongs to a stretch that began that day or the day before, on a day that is not closed.
            let date = local(zone, slot.at).date();
            let began = [date, date.saturating_sub(jiff::Span::new().days(1))];
            let open = began.into_iter().filter(|day| *day != closing).any(|day| hours.iter().any(|span| {
                let same = format!("{:?}", day.weekday()).to_lowercase() == span.day.name();
                let end = if span.to > span.from { day } else { day.saturating_add(jiff::Span::new().days(1)) };
                let moment = |day: Date, time: Time| day.to_datetime(time).in_tz(zone).unwrap().timestamp().as_microsecond();
                same && slot.at.0 >= moment(day, span.from) && slot.at.0 + 900_000_000 <= moment(end, span.to)
            }));
            prop_assert!(open, "{} in {zone}", slot.at);
        }
    }

    #[test]
    fn exactly_what_the_kitchen_can_do_is_sold(
        zone in prop::sample::select(&ZONES[..]), now in any_now(), most in 1u16..4, picks in vec(any::<prop::sample::Index>(), 8),
    ) {
        let r = restaurant(zone, daily("10:00", "13:00"), Takeaway { orders_per_slot: most, days_ahead: 1, ..rules() });
        let mut booked = Booked::default();
        let first = slots(&r, &booked, QUICK, now);
        let mut sold = 0;
        loop {
            let left = slots(&r, &booked, QUICK, now);
            let Some(pick) = picks.get(sold % picks.len()).filter(|_| !left.is_empty()) else { break };
            let wish = left[pick.index(left.len())].at;
            let pickup = book(&r, &booked, QUICK, Some(wish), now).unwrap();
            prop_assert_eq!(pickup.at, wish);
            prop_assert!(pickup.start_at.is_none_or(|start| start > now && start.plus(QUICK.preparation) == wish));
            booked.add(pickup.at, 1, QUICK.minutes);
            sold += 1;
        }
        prop_assert_eq!(sold, first.len() * usize::from(most));
        let refused = first.first().map(|slot| book(&r, &booked, QUICK, Some(slot.at), now).unwrap_err().code);
        prop_assert!(refused.is_none_or(|code| code == Code::TakeawayClosed));
    }

    #[test]
    fn nobody_cooks_a_scheduled_order_before_it_is_begun(order in placed(false), auto in any::<bool>()) {
        let pickup_at = Some(NOON.plus(Duration::from_secs(7200)));
        let start_at = Some(NOON.plus(Duration::from_secs(3600)));
        let waiting = Order { state: OrderState::Pending, confirmed_at: None, allergy: None, pickup_at, start_at, ..order };
        let line = waiting.lines[0].id;
        let start = Command::StartLine(LineAtStation { order: waiting.id, line, station: None });
        let context = Context { actor: &Actor::System, at: NOON, base_version: None };
        prop_assert_eq!(decide(&waiting, &start, context).unwrap_err().code, Code::Scheduled);
        let begun = begin(&waiting, auto, &Actor::System, NOON).unwrap().unwrap();
        prop_assert_eq!(begun.state, if auto { OrderState::Confirmed } else { OrderState::Pending });
        prop_assert_eq!((begun.start_at, begun.pickup_at, begun.version), (None, pickup_at, waiting.version + 1));
        prop_assert!(decide(&begun, &start, context).unwrap().is_some());
        prop_assert_eq!(begin(&begun, auto, &Actor::System, NOON).unwrap(), None, "it begins once");
        let guest = Actor::Takeaway { guest: OWN };
        prop_assert_eq!(begin(&waiting, auto, &guest, NOON).unwrap_err().code, Code::Forbidden);
    }
}
