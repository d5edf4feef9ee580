//! The restaurants that are measured: invented, all alike, written through the store. Three stations, twelve dishes,
//! an open gate, so that every order is the kitchen's at once.

use anyhow::Result;
use comanda::domain::command::{Draft, DraftLine};
use comanda::domain::ids::{
    CategoryId, Epoch, ItemId, OptionGroupId, OptionId, RestaurantId, StationId, TableId, UserId,
};
use comanda::domain::menu::{Category, Item, Localized, Menu, MenuOption, OptionGroup};
use comanda::domain::money::Currency;
use comanda::domain::order::OrderKind;
use comanda::domain::people::Role;
use comanda::domain::restaurant::{GateRule, Restaurant, Settings, Station, Table};
use comanda::domain::time::Timestamp;
use comanda::identity::passwords;
use comanda::store::{Store, wide};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Of every order.
pub const LINES: usize = 3;
/// Of every order: two dishes have one station, every third has two.
pub const TASKS: usize = 4;
pub const PASSWORD: &str = "not a secret";
const DISHES: usize = 12;

/// One restaurant, as it is written into databases.
#[derive(Clone, Debug)]
pub struct House {
    pub menu: Menu,
    pub tables: Vec<Table>,
}

/// Restaurants with so many tables each.
///
/// # Errors
/// Never: EUR is a currency.
pub fn invent(count: usize, tables: usize) -> Result<Vec<House>> {
    let currency = Currency::try_from("EUR".to_owned()).map_err(anyhow::Error::msg)?;
    Ok((0..count).map(|n| house(n, tables, currency)).collect())
}

/// Writes them, each with a waiter who can sign in.
///
/// # Errors
/// Any fault of the database.
pub async fn write(store: &Store, houses: &[House], at: Timestamp) -> Result<()> {
    // One hash for all: it is slow on purpose.
    let hash = tokio::task::spawn_blocking(|| passwords::hash(PASSWORD)).await??;
    for house in houses {
        store.create_restaurant(&house.menu, &house.tables, Epoch(Uuid::new_v4()), at).await?;
        let user = UserId(Uuid::now_v7());
        wide::insert_user(&store.db, user, &house.waiter(), "Waiter", &hash, at).await?;
        store.add_member(house.id(), user, Role::Waiter).await?;
    }
    Ok(())
}

impl House {
    pub fn id(&self) -> RestaurantId {
        self.menu.restaurant.id
    }

    pub fn slug(&self) -> &str {
        &self.menu.restaurant.slug
    }

    /// The address with which the waiter signs in.
    pub fn waiter(&self) -> String {
        format!("waiter@{}.example", self.slug())
    }

    /// The `n`th of orders that differ and cost the same work: three dishes, four tasks, one option, one note.
    pub fn draft(&self, n: usize) -> Draft {
        let dishes: Vec<&Item> = self.menu.items().collect();
        let lines = (0..LINES).map(|line| {
            let item = dishes[(n * LINES + line) % dishes.len()];
            DraftLine {
                item: item.id,
                quantity: 1 + i64::from(line == 1),
                options: item.option_groups.iter().filter_map(|g| g.options.first().map(|o| o.id)).collect(),
                note: (line == 0).then(|| "Sauce on the side".to_owned()),
            }
        });
        let (kind, lines) = (OrderKind::DineIn, lines.collect());
        Draft { kind, lines, note: None, allergy: None, contact: None, expected_total: None, table: None }
    }
}

fn house(n: usize, tables: usize, currency: Currency) -> House {
    let stations = [("Grill", "Brasa"), ("Fryer", "Freidora"), ("Bar", "Barra")].map(|(en, es)| (en, es, id()));
    let stations: Vec<Station> = (0i64..)
        .zip(stations)
        .map(|(position, (en, es, id))| Station { id: StationId(id), name: words(en, es), position })
        .collect();
    let items = (0..DISHES).map(|dish| item(dish, &stations)).collect();
    let restaurant = Restaurant {
        id: RestaurantId(id()),
        slug: format!("house-{n}"),
        name: format!("House {n}"),
        timezone: "Europe/Madrid".to_owned(),
        currency,
        locales: vec!["en".to_owned(), "es".to_owned()],
        settings: Settings { gate: GateRule::None, ..Settings::default() },
    };
    let category = Category { id: CategoryId(id()), name: words("Food", "Comida"), items };
    let tables = (1i64..).take(tables).map(|position| Table {
        id: TableId(id()),
        label: format!("T{position}"),
        area: "Room".to_owned(),
        seats: 4,
        code_version: 1,
        position,
        version: 1,
    });
    House { menu: Menu { version: 1, restaurant, stations, categories: vec![category] }, tables: tables.collect() }
}

/// Every third dish has a required option and two stations.
fn item(dish: usize, stations: &[Station]) -> Item {
    let third = dish.is_multiple_of(LINES);
    let at = if third { vec![stations[0].id, stations[1].id] } else { vec![stations[dish % stations.len()].id] };
    Item {
        id: ItemId(id()),
        name: words(&format!("Grilled dish number {dish}"), &format!("Plato a la brasa número {dish}")),
        kitchen_name: Some(format!("DISH {dish}")),
        description: words("With rosemary potatoes and a green salad", "Con patatas al romero y ensalada verde"),
        price: 950,
        allergens: BTreeMap::new(),
        diets: Vec::new(),
        preparation_minutes: 12,
        stations: at,
        option_groups: if third { vec![doneness()] } else { Vec::new() },
        available: true,
        stock: None,
        picture: None,
        version: 1,
    }
}

fn doneness() -> OptionGroup {
    let option = |en, es| MenuOption {
        id: OptionId(id()),
        name: words(en, es),
        price: 0,
        available: true,
        allergens: BTreeMap::new(),
    };
    let options = vec![option("Rare", "Poco hecha"), option("Well done", "Muy hecha")];
    OptionGroup { id: OptionGroupId(id()), name: words("How?", "¿Cómo?"), min: 1, max: 1, options }
}

fn words(en: &str, es: &str) -> Localized {
    Localized(BTreeMap::from([("en".to_owned(), en.to_owned()), ("es".to_owned(), es.to_owned())]))
}

fn id() -> Uuid {
    Uuid::now_v7()
}
