//! Menus, drafts and orders as a restaurant has them: strategies whose values are always good, so that a
//! property spoils them where it wants to. Orders are made by the domain itself (`price`, then `place`).

use comanda::domain::command::{Draft, DraftLine};
use comanda::domain::ids::*;
use comanda::domain::menu::{Category, Item, Localized, Menu, MenuOption, OptionGroup};
use comanda::domain::money::{Charges, Currency};
use comanda::domain::order::{Order, OrderKind};
use comanda::domain::ordering::{Placement, place, price};
use comanda::domain::people::By;
use comanda::domain::restaurant::{Restaurant, Settings, Station, TableRef};
use comanda::domain::time::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeMap;
use uuid::Uuid;

pub const NOON: Timestamp = Timestamp(1_769_886_000_000_000);
pub const STATIONS: usize = 3;
/// The phone that orders, and another one at the same table.
pub const OWN: GuestId = GuestId(Uuid::from_u128(0xa1));
pub const OTHER: GuestId = GuestId(Uuid::from_u128(0xa2));
pub const SEATING: SeatingId = SeatingId(Uuid::from_u128(0x5ea7));

/// Seeds that fail are written down by hand, as tests with a name: no file of them.
pub fn cases(count: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, max_global_rejects: 100_000, ..ProptestConfig::with_cases(count) }
}

pub fn station(n: usize) -> StationId {
    StationId(Uuid::from_u128(0x5000 + n as u128))
}

pub fn words(text: &str) -> Localized {
    Localized(BTreeMap::from([("en".to_owned(), text.to_owned())]))
}

/// A source of ids that counts.
pub fn counter(from: u128) -> impl FnMut() -> Uuid {
    let mut next = from;
    move || {
        next += 1;
        Uuid::from_u128(next)
    }
}

/// Rates as they are found, and some that are not.
pub fn charges() -> impl Strategy<Value = Charges> {
    let rate = || prop_oneof![Just(0), Just(1000), 0i64..=30_000];
    (rate(), any::<bool>(), rate()).prop_map(|(tax_basis_points, tax_included, service_basis_points)| Charges {
        tax_basis_points,
        tax_included,
        service_basis_points,
    })
}

/// A menu of up to six dishes. The first one has no options and is available, so that something can be ordered.
pub fn menu() -> impl Strategy<Value = Menu> {
    (vec(item(), 1..6), charges(), any::<bool>(), 1u16..60).prop_map(|(items, charges, auto_confirm, late_minutes)| {
        let mut ids = counter(0x1000);
        let items = std::iter::once(plain()).chain(items).map(|item| with_ids(item, &mut ids)).collect();
        let category = Category { id: CategoryId(ids()), name: words("All"), items };
        let stations = (0..STATIONS).map(|n| Station { id: station(n), name: words("Station"), position: n as i64 });
        let settings = Settings { auto_confirm, late_minutes, charges, ..Settings::default() };
        Menu { version: 7, restaurant: restaurant(settings), stations: stations.collect(), categories: vec![category] }
    })
}

fn restaurant(settings: Settings) -> Restaurant {
    Restaurant {
        id: RestaurantId(Uuid::from_u128(1)),
        slug: "olive".to_owned(),
        name: "Olive".to_owned(),
        timezone: "Europe/Madrid".to_owned(),
        currency: Currency::try_from("EUR".to_owned()).unwrap(),
        locales: vec!["en".to_owned()],
        settings,
    }
}

fn plain() -> Item {
    Item {
        id: ItemId(Uuid::nil()),
        name: words("Bread"),
        kitchen_name: None,
        description: words(""),
        price: 250,
        allergens: BTreeMap::new(),
        diets: Vec::new(),
        preparation_minutes: 0,
        stations: Vec::new(),
        option_groups: Vec::new(),
        available: true,
        stock: None,
        picture: None,
        version: 1,
    }
}

fn item() -> impl Strategy<Value = Item> {
    let stations = prop::sample::subsequence((0..STATIONS).map(station).collect::<Vec<_>>(), 0..=STATIONS);
    (0i64..=50_000, 0u16..=90, stations, vec(group(), 0..3), prop::bool::weighted(0.9)).prop_map(
        |(price, preparation_minutes, stations, option_groups, available)| Item {
            price,
            preparation_minutes,
            stations,
            option_groups,
            available,
            ..plain()
        },
    )
}

fn group() -> impl Strategy<Value = OptionGroup> {
    (0i64..=2, 0i64..=2, vec((-300i64..=500, prop::bool::weighted(0.9)), 1..5)).prop_map(|(min, more, options)| {
        let option = |(price, available)| MenuOption {
            id: OptionId(Uuid::nil()),
            name: words("Choice"),
            price,
            available,
            allergens: BTreeMap::new(),
        };
        OptionGroup {
            id: OptionGroupId(Uuid::nil()),
            name: words("How?"),
            min,
            max: min + more,
            options: options.into_iter().map(option).collect(),
        }
    })
}

fn with_ids(mut item: Item, ids: &mut impl FnMut() -> Uuid) -> Item {
    item.id = ItemId(ids());
    for group in &mut item.option_groups {
        group.id = OptionGroupId(ids());
        for option in &mut group.options {
            option.id = OptionId(ids());
        }
    }
    item
}

/// Which dish, how often, which options, whether with a note: made into a line by `good_line`.
pub type Pick = (prop::sample::Index, i64, usize, bool);

pub fn pick() -> impl Strategy<Value = Pick> {
    (any::<prop::sample::Index>(), 1i64..=99, 0usize..64, any::<bool>())
}

/// A line that this menu allows.
pub fn good_line(menu: &Menu, (at, quantity, choice, noted): Pick) -> DraftLine {
    let items: Vec<&Item> = menu.items().filter(|item| can_be_ordered(item)).collect();
    let item = items[at.index(items.len())];
    let options = item.option_groups.iter().flat_map(|group| chosen(group, choice)).collect();
    DraftLine { item: item.id, quantity, options, note: noted.then(|| "no salt".to_owned()) }
}

fn can_be_ordered(item: &Item) -> bool {
    let enough = |group: &OptionGroup| {
        let available = group.options.iter().filter(|option| option.available).count();
        i64::try_from(available).unwrap() >= group.min
    };
    item.available && item.option_groups.iter().all(enough)
}

/// Between `min` and `max` of a group's available options.
fn chosen(group: &OptionGroup, choice: usize) -> Vec<OptionId> {
    let available: Vec<OptionId> = group.options.iter().filter(|o| o.available).map(|o| o.id).collect();
    let least = usize::try_from(group.min).unwrap();
    let most = usize::try_from(group.max).unwrap().min(available.len());
    let count = least + choice % (most - least + 1);
    available.iter().cycle().skip(choice % available.len().max(1)).take(count).copied().collect()
}

pub fn draft(lines: Vec<DraftLine>) -> Draft {
    Draft {
        kind: OrderKind::DineIn,
        lines,
        note: None,
        allergy: None,
        contact: None,
        expected_total: None,
        pickup_at: None,
        table: None,
    }
}

/// A menu with a draft that it allows.
pub fn menu_and_draft() -> impl Strategy<Value = (Menu, Draft)> {
    (menu(), vec(pick(), 1..7), any::<bool>()).prop_map(|(menu, picks, allergic)| {
        let lines = picks.into_iter().map(|pick| good_line(&menu, pick)).collect();
        let allergy = allergic.then(|| "peanuts".to_owned());
        (menu, Draft { allergy, ..draft(lines) })
    })
}

/// Where the phone `OWN` places its order.
pub fn placement(held: bool) -> Placement {
    Placement {
        order: OrderId(Uuid::from_u128(0x0de4)),
        number: 12,
        table: Some(TableRef { id: TableId(Uuid::from_u128(0x7ab1e)), label: "T1".to_owned() }),
        seating: Some(SEATING),
        guest: Some(OWN),
        by: By::Guest { guest: OWN },
        held,
        pickup: None,
        at: NOON,
    }
}

/// An order as it was just placed at noon.
pub fn placed(held: bool) -> impl Strategy<Value = Order> {
    menu_and_draft().prop_map(move |(menu, draft)| {
        let priced = price(&menu, &draft, counter(0x9000)).expect("the draft is good");
        place(&menu, &draft, priced, placement(held)).expect("the order is small")
    })
}
