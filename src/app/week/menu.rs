//! The restaurant of the simulated week: its dishes, what the menu says of them, and how long they really take.

use crate::domain::ids::{CategoryId, ItemId, RestaurantId, StationId};
use crate::domain::menu::{Category, Item, Localized, Menu};
use crate::domain::money::Currency;
use crate::domain::restaurant::{Restaurant, Settings, Station};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Portions that a station really works on at a time, by day from Monday.
pub const HANDS: [[usize; 7]; 4] =
    [[6, 5, 6, 6, 7, 7, 6], [3, 3, 3, 3, 4, 4, 4], [2, 2, 2, 2, 3, 3, 2], [1, 1, 1, 1, 2, 2, 1]];

/// A dish: its station, the menu's minutes, by how much cooks are slower, how often it is wanted.
pub struct Dish {
    pub station: usize,
    minutes: u16,
    pub slower: f64,
    pub wanted: f64,
}

const fn dish(station: usize, minutes: u16, slower: f64, wanted: f64) -> Dish {
    Dish { station, minutes, slower, wanted }
}

/// Grill, fryer, cold kitchen, bar. Menus are written on a quiet afternoon.
pub const DISHES: [Dish; 22] = [
    dish(0, 18, 1.15, 1.0),
    dish(0, 14, 1.5, 1.2),
    dish(0, 10, 1.3, 1.6),
    dish(0, 12, 1.7, 1.0),
    dish(0, 20, 0.95, 0.5),
    dish(0, 8, 1.35, 1.4),
    dish(1, 6, 1.2, 2.0),
    dish(1, 5, 1.6, 1.8),
    dish(1, 8, 1.1, 1.2),
    dish(1, 7, 1.4, 1.0),
    dish(1, 4, 1.5, 1.5),
    dish(2, 4, 1.3, 1.4),
    dish(2, 5, 1.2, 1.0),
    dish(2, 3, 1.9, 1.2),
    dish(2, 6, 1.1, 0.7),
    dish(2, 5, 1.4, 0.9),
    dish(3, 2, 0.9, 3.0),
    dish(3, 1, 1.2, 3.0),
    dish(3, 3, 1.4, 1.2),
    dish(3, 4, 1.3, 0.8),
    dish(3, 2, 1.1, 2.0),
    dish(3, 1, 1.0, 2.0),
];

pub fn station(n: usize) -> StationId {
    StationId(Uuid::from_u128(0x57_0000 + n as u128))
}

pub fn item(n: usize) -> ItemId {
    ItemId(Uuid::from_u128(0x17_0000 + n as u128))
}

pub fn minutes(n: usize) -> f64 {
    DISHES.get(n).map_or(0.0, |dish| f64::from(dish.minutes))
}

pub fn menu() -> Result<Menu, String> {
    let currency = Currency::try_from("EUR".to_owned())?;
    let items = DISHES.iter().enumerate().map(|(n, dish)| an_item(n, dish)).collect();
    let stations = (0..HANDS.len()).map(|n| Station { id: station(n), name: name(n), position: n as i64 }).collect();
    let restaurant = Restaurant {
        id: RestaurantId(Uuid::from_u128(0xe)),
        slug: "week".to_owned(),
        name: "Week".to_owned(),
        timezone: "UTC".to_owned(),
        currency,
        locales: vec!["en".to_owned()],
        settings: Settings::default(),
    };
    let categories = vec![Category { id: CategoryId(Uuid::from_u128(0xca)), name: name(0), items }];
    Ok(Menu { version: 1, restaurant, stations, categories })
}

fn an_item(n: usize, dish: &Dish) -> Item {
    Item {
        id: item(n),
        name: name(n),
        kitchen_name: None,
        description: Localized::default(),
        price: 100,
        allergens: BTreeMap::new(),
        diets: Vec::new(),
        preparation_minutes: dish.minutes,
        stations: vec![station(dish.station)],
        option_groups: Vec::new(),
        available: true,
        stock: None,
        picture: None,
        version: 1,
    }
}

fn name(n: usize) -> Localized {
    Localized(BTreeMap::from([("en".to_owned(), format!("No {n}"))]))
}
