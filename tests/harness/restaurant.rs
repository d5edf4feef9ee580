//! A small restaurant to test with: two stations, three dishes and an option group, three tables, staff
//! of every role.

use comanda::domain::ids::*;
use comanda::domain::menu::{Category, Item, Localized, Menu, MenuOption, OptionGroup};
use comanda::domain::money::{Charges, Currency};
use comanda::domain::people::Role;
use comanda::domain::restaurant::{GateRule, Restaurant, Settings, Station, Table};
use comanda::store::{Store, wide};
use std::collections::BTreeMap;
use std::sync::OnceLock;
use uuid::Uuid;

pub const PASSWORD: &str = "correct horse battery";

/// What tests need to know of it.
#[derive(Clone, Debug)]
pub struct Fixture {
    pub menu: Menu,
    pub tables: Vec<Table>,
}

impl Fixture {
    pub fn id(&self) -> RestaurantId {
        self.menu.restaurant.id
    }

    pub fn slug(&self) -> &str {
        &self.menu.restaurant.slug
    }

    /// 12.00, grill, must have one of two doneness options.
    pub fn steak(&self) -> &Item {
        &self.menu.categories[0].items[0]
    }

    /// 4.50, grill and bar, no options.
    pub fn fries(&self) -> &Item {
        &self.menu.categories[0].items[1]
    }

    /// 3.00, bar, five left.
    pub fn beer(&self) -> &Item {
        &self.menu.categories[0].items[2]
    }

    pub fn grill(&self) -> StationId {
        self.menu.stations[0].id
    }

    pub fn bar(&self) -> StationId {
        self.menu.stations[1].id
    }

    pub fn email(&self, role: Role) -> String {
        format!("{}@{}.example", role.name(), self.slug())
    }
}

/// The restaurant `slug`, not yet in any database.
pub fn fixture(slug: &str, gate: GateRule) -> Fixture {
    let stations = [("Grill", 0), ("Bar", 1)].map(|(name, position)| Station {
        id: StationId(Uuid::now_v7()),
        name: words(name),
        position,
    });
    let (grill, bar) = (stations[0].id, stations[1].id);
    let doneness = OptionGroup {
        id: OptionGroupId(Uuid::now_v7()),
        name: words("How?"),
        min: 1,
        max: 1,
        options: vec![option("Rare", 0), option("Well done", 50)],
    };
    let items = vec![
        item("Steak", 1200, vec![grill], vec![doneness], None),
        item("Fries", 450, vec![grill, bar], Vec::new(), None),
        item("Beer", 300, vec![bar], Vec::new(), Some(5)),
    ];
    let charges = Charges { tax_basis_points: 1000, tax_included: true, service_basis_points: 0 };
    let restaurant = Restaurant {
        id: RestaurantId(Uuid::now_v7()),
        slug: slug.to_owned(),
        name: slug.to_owned(),
        timezone: "Europe/Madrid".to_owned(),
        currency: Currency::try_from("EUR".to_owned()).expect("EUR"),
        locales: vec!["en".to_owned()],
        settings: Settings { gate, charges, ..Settings::default() },
    };
    let category = Category { id: CategoryId(Uuid::now_v7()), name: words("All"), items };
    let menu = Menu { version: 1, restaurant, stations: stations.to_vec(), categories: vec![category] };
    let tables = (1..=3).map(|n| Table {
        id: TableId(Uuid::now_v7()),
        label: format!("T{n}"),
        area: "Room".to_owned(),
        seats: 4,
        code_version: 1,
        position: n,
        version: 1,
    });
    Fixture { menu, tables: tables.collect() }
}

/// Writes it, with one person per role.
pub async fn create(store: &Store, fixture: &Fixture) {
    static HASH: OnceLock<String> = OnceLock::new();
    let hash = HASH.get_or_init(|| comanda::identity::passwords::hash(PASSWORD).expect("hash"));
    let at = comanda::domain::time::Timestamp(1_700_000_000_000_000);
    store.create_restaurant(&fixture.menu, &fixture.tables, Epoch(Uuid::new_v4()), at).await.expect("create");
    for role in [Role::Kitchen, Role::Waiter, Role::Manager, Role::Admin] {
        let user = UserId(Uuid::now_v7());
        wide::insert_user(&store.db, user, &fixture.email(role), role.name(), hash, at).await.expect("user");
        store.add_member(fixture.id(), user, role).await.expect("member");
    }
}

pub fn words(text: &str) -> Localized {
    Localized(BTreeMap::from([("en".to_owned(), text.to_owned())]))
}

fn option(name: &str, price: i64) -> MenuOption {
    MenuOption { id: OptionId(Uuid::now_v7()), name: words(name), price, available: true, allergens: BTreeMap::new() }
}

fn item(name: &str, price: i64, stations: Vec<StationId>, option_groups: Vec<OptionGroup>, stock: Option<i64>) -> Item {
    Item {
        id: ItemId(Uuid::now_v7()),
        name: words(name),
        kitchen_name: None,
        description: words(name),
        price,
        allergens: BTreeMap::new(),
        diets: Vec::new(),
        preparation_minutes: 10,
        stations,
        option_groups,
        available: true,
        stock,
        picture: None,
        version: 1,
    }
}
