//! The time model: what it promises of a kitchen that it does not know, how the load moves it, what it learns; and that
//! over a simulated week it is far nearer to what happens than the menu's minutes are.

use super::making::{NOON, cases, placed, station};
use super::play::{play, tap};
use comanda::app::week;
use comanda::domain::command::{Command, OrderAtStations};
use comanda::domain::decide::{Context, decide};
use comanda::domain::estimate::{Kitchen, Learned, Of};
use comanda::domain::ids::*;
use comanda::domain::menu::{Category, Item, Menu};
use comanda::domain::order::{Order, OrderKind};
use comanda::domain::ordering::{Placement, place, price};
use comanda::domain::people::{Actor, By};
use comanda::domain::time::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;
use std::time::Duration;
use uuid::Uuid;

const DISH: ItemId = ItemId(Uuid::from_u128(0xd15));

fn minutes(n: u64) -> Duration {
    Duration::from_secs(60 * n)
}

/// One dish of ten minutes at one station.
fn menu() -> Menu {
    let mut menu: Menu = serde_json::from_value(serde_json::json!({
        "version": 1, "stations": [{ "id": station(0), "name": { "en": "Grill" }, "position": 1 }],
        "restaurant": { "id": Uuid::nil(), "slug": "s", "name": "s", "timezone": "UTC", "currency": "EUR", "locales": [], "settings": {} },
        "categories": []
    }))
    .expect("a menu");
    let item: Item = serde_json::from_value(serde_json::json!({
        "id": DISH, "name": { "en": "Rib" }, "kitchen_name": null, "description": {}, "price": 100, "allergens": {}, "diets": [],
        "preparation_minutes": 10, "stations": [station(0)], "option_groups": [], "available": true, "stock": null, "version": 1
    }))
    .expect("a dish");
    menu.categories.push(Category { id: CategoryId(Uuid::nil()), name: item.name.clone(), items: vec![item] });
    menu
}

fn order(menu: &Menu, n: u128, at: Timestamp) -> Order {
    let draft = serde_json::from_value(
        serde_json::json!({ "kind": OrderKind::DineIn, "lines": [{ "item": DISH, "quantity": 1 }] }),
    );
    let draft = draft.expect("a draft");
    let priced = price(menu, &draft, || Uuid::from_u128(0x1000 + n)).expect("it is on the menu");
    let placement = Placement {
        order: OrderId(Uuid::from_u128(n)),
        number: i64::try_from(n).unwrap(),
        table: None,
        seating: None,
        guest: None,
        by: By::System,
        held: false,
        pickup: None,
        at,
    };
    place(menu, &draft, priced, placement).expect("it is small")
}

fn bumped(order: &Order, at: Timestamp) -> Order {
    let bump = Command::BumpOrder(OrderAtStations { order: order.id, stations: Vec::new() });
    let context = Context { actor: &Actor::System, at, base_version: None };
    decide(order, &bump, context).expect("it may be bumped").expect("it was open").order
}

#[test]
fn a_kitchen_that_nobody_knows_keeps_the_menus_word() {
    let menu = menu();
    let (promise, expected) = Kitchen::default().arrived(&order(&menu, 1, NOON), &menu, NOON);
    assert_eq!((promise.to.since(NOON), promise.by_menu), (minutes(10), promise.to));
    assert_eq!((expected.from, expected.to, expected.before), (promise.from, promise.to, 0));
    assert!(promise.from < promise.middle && promise.middle < promise.to, "{promise:?}");
}

#[test]
fn what_stands_before_an_order_makes_it_later_and_what_is_done_makes_it_sooner() {
    let menu = menu();
    let mut kitchen = Kitchen::default();
    let orders: Vec<Order> = (1..=12).map(|n| order(&menu, n, NOON)).collect();
    let promises: Vec<_> = orders.iter().map(|order| kitchen.arrived(order, &menu, NOON).0).collect();
    assert!(promises.windows(2).all(|two| two[0].middle < two[1].middle), "each waits for those before it");
    let soon = NOON.plus(minutes(1));
    let mut told = Vec::new();
    for (order, promise) in orders.iter().zip(&promises).take(8) {
        told.extend(kitchen.changed(order, &bumped(order, soon), Some(promise), &menu, soon).others);
    }
    let last = told.iter().rfind(|one| one.order == orders[11].id).expect("the last one is told");
    assert!(last.expected.to < promises[11].to, "{last:?}");
    assert_eq!(last.expected.before, 3, "three stand before it");
    assert!(told.iter().all(|one| one.order != orders[0].id), "what is done is told no more");
}

#[test]
fn a_slower_dish_is_learned_and_one_odd_ticket_changes_little() {
    let menu = menu();
    let mut kitchen = Kitchen::default();
    let mut at = NOON;
    let mut took = |kitchen: &mut Kitchen, n: u128, time: Duration| {
        let one = order(&menu, n, at);
        let (promise, _) = kitchen.arrived(&one, &menu, at);
        kitchen.changed(&one, &bumped(&one, at.plus(time)), Some(&promise), &menu, at.plus(time));
        at = at.plus(minutes(120));
        promise
    };
    for n in 0..40 {
        took(&mut kitchen, n, minutes(16));
    }
    let learned = took(&mut kitchen, 100, minutes(16));
    let middle = learned.middle.since(learned.at).as_secs_f64() / 60.0;
    assert!((15.0..17.0).contains(&middle), "{middle} minutes");
    assert!(learned.to.since(learned.from) < minutes(6), "what is always the same has a narrow range");
    took(&mut kitchen, 101, minutes(150));
    let after = took(&mut kitchen, 102, minutes(16));
    let moved = after.middle.since(after.at).as_secs_f64() / 60.0 - middle;
    assert!(moved < 1.5, "one forgotten ticket moved it by {moved} minutes");
    let figures = kitchen.learned.take_touched();
    assert!(figures.iter().any(|(of, _)| *of == Of::Work(station(0), DISH)), "{figures:?}");
    assert!(kitchen.learned.take_touched().is_empty(), "what was taken is not written again");
    let again = Kitchen::new(Learned::new(figures)).arrived(&order(&menu, 200, NOON), &menu, NOON).0;
    let middle = |promise: &comanda::domain::estimate::Promise| promise.middle.since(promise.at);
    assert_eq!(middle(&again), middle(&kitchen.arrived(&order(&menu, 201, NOON), &menu, NOON).0));
}

#[test]
fn guests_are_not_told_of_every_breath() {
    let menu = menu();
    let mut kitchen = Kitchen::default();
    let orders: Vec<Order> = (1..=30).map(|n| order(&menu, n, NOON)).collect();
    let promises: Vec<_> = orders.iter().map(|order| kitchen.arrived(order, &menu, NOON).0).collect();
    let mut told = 0;
    for (n, (order, promise)) in (1..).zip(orders.iter().zip(&promises)) {
        let at = NOON.plus(Duration::from_secs(100 * n));
        told += kitchen.changed(order, &bumped(order, at), Some(promise), &menu, at).others.len();
    }
    assert!(told > 30, "they are told: {told}");
    assert!(told < 30 * 10, "not with every ticket of another table: {told}");
}

/// The model is far nearer than the menu, and its range keeps its word, on weeks that it was not made for.
#[test]
fn a_simulated_week_errs_by_far_less_than_the_menus_minutes() {
    for seed in [1, 2, 3] {
        let week = week::play(seed).expect("a week");
        let all = &week.all;
        assert!(all.orders > 900, "{all:?}");
        assert!(all.error_seconds * 10 < all.menu_error_seconds * 7, "seed {seed}: {all:?}");
        assert!(all.error_seconds * 10 < week.best_fixed_seconds * 7, "seed {seed}: {}", week.best_fixed_seconds);
        assert!((650..=900).contains(&all.within_permille), "seed {seed}: {all:?}");
        assert_eq!(week::told(&week), week::told(&week::play(seed).expect("a week")), "the same seed, the same week");
    }
}

proptest! {
    #![proptest_config(cases(128))]

    /// Whatever cooks tap, in whatever order: nothing is left of what is gone, and no figure leaves its bounds.
    #[test]
    fn no_play_breaks_the_load(first in placed(false), taps in vec(tap(), 0..30)) {
        let menu = menu();
        let mut kitchen = Kitchen::default();
        let (promise, _) = kitchen.arrived(&first, &menu, NOON);
        let mut at = NOON;
        let mut last = first.clone();
        for step in play(&first, &taps) {
            let Some(change) = step.change() else { continue };
            at = at.plus(minutes(3));
            let outlook = kitchen.changed(&last, &change.order, Some(&promise), &menu, at);
            prop_assert_eq!(outlook.own.is_some(), change.order.state.is_in_kitchen(), "{:?}", change.order.state);
            if let Some(own) = outlook.own {
                prop_assert!(own.from <= own.to && own.to <= at.plus(Duration::from_secs(16 * 3600)), "{own:?}");
            }
            last = change.order.clone();
        }
        if !last.state.is_in_kitchen() {
            let (again, fresh) = (kitchen.arrived(&order(&menu, 9, at), &menu, at).0, {
                let mut empty = Kitchen::new(kitchen.learned.clone());
                empty.arrived(&order(&menu, 9, at), &menu, at).0
            });
            prop_assert_eq!(again, fresh, "the kitchen is empty again");
        }
    }
}
