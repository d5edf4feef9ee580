//! The restaurants that are measured: invented, all alike, written through the store. Three stations, twelve dishes,
//! an open gate, so that every order is the kitchen's at once.

use anyhow::{Result, ensure};
use comanda::domain::command::{Draft, DraftLine};
use comanda::domain::ids::{
    CategoryId, Epoch, ItemId, OptionGroupId, OptionId, RestaurantId, SessionId, StationId, TableId, UserId,
};
use comanda::domain::menu::{Category, Item, Localized, Menu, MenuOption, OptionGroup};
use comanda::domain::money::Currency;
use comanda::domain::order::OrderKind;
use comanda::domain::people::{Actor, Role};
use comanda::domain::restaurant::{GateRule, Restaurant, Settings, Station, Table};
use comanda::domain::time::Timestamp;
use comanda::identity::passwords;
use comanda::store::people::{Owner, Session};
use comanda::store::{Store, wide};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::collections::BTreeMap;
use std::time::Duration;
use uuid::Uuid;

/// Of every order.
pub const LINES: usize = 3;
/// Of every order: two dishes have one station, every third has two.
pub const TASKS: usize = 4;
pub const PASSWORD: &str = "not a secret";
const WAITER: &str = "Waiter";
const LOGIN: Duration = Duration::from_secs(24 * 3600);
const DISHES: usize = 12;
/// At the same time.
const WRITTEN_AT_ONCE: usize = 16;

/// One restaurant, as it is written into databases.
#[derive(Clone, Debug)]
pub struct House {
    pub menu: Menu,
    pub tables: Vec<Table>,
    /// The waiter, and a login of theirs.
    pub waiter: UserId,
    pub login: SessionId,
}

/// Restaurants with so many tables each.
///
/// # Errors
/// Never: EUR is a currency.
pub fn invent(count: usize, tables: usize) -> Result<Vec<House>> {
    let currency = Currency::try_from("EUR".to_owned()).map_err(anyhow::Error::msg)?;
    Ok((0..count).map(|n| house(n, tables, currency)).collect())
}

/// Writes them, each with a waiter who can sign in, and has.
///
/// # Errors
/// Any fault of the database.
pub async fn write(store: &Store, houses: &[House], at: Timestamp) -> Result<()> {
    // One hash for all: it is slow on purpose.
    let hash = tokio::task::spawn_blocking(|| passwords::hash(PASSWORD)).await??;
    let written = stream::iter(houses).map(|house| house.write(store, &hash, at)).buffer_unordered(WRITTEN_AT_ONCE);
    written.try_collect().await
}

impl House {
    pub fn id(&self) -> RestaurantId {
        self.menu.restaurant.id
    }

    pub fn slug(&self) -> &str {
        &self.menu.restaurant.slug
    }

    /// The address with which the waiter signs in.
    pub fn address(&self) -> String {
        format!("waiter@{}.example", self.slug())
    }

    async fn write(&self, store: &Store, hash: &str, at: Timestamp) -> Result<()> {
        store.create_restaurant(&self.menu, &self.tables, Epoch(Uuid::new_v4()), at).await?;
        wide::insert_user(&store.db, self.waiter, &self.address(), WAITER, hash, at).await?;
        store.add_member(self.id(), self.waiter, Role::Waiter).await?;
        let session = Session {
            restaurant: self.id(),
            id: self.login,
            owner: Owner::Person(self.waiter),
            refresh_hash: vec![0; 32],
            generation: 1,
            refreshed_at: at,
            expires_at: at.plus(LOGIN),
            revoked_at: None,
        };
        ensure!(store.begin_session(&session, 1).await?, "the waiter's place is not new");
        Ok(())
    }

    /// The waiter, as a token names them.
    pub fn staff(&self) -> Actor {
        Actor::Staff { user: self.waiter, session: self.login, role: Role::Waiter, name: WAITER.to_owned() }
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
        Draft {
            kind,
            lines,
            note: None,
            allergy: None,
            contact: None,
            expected_total: None,
            pickup_at: None,
            table: None,
        }
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
        // Tables without a screen raise one alarm, not one a minute in the middle of a measurement.
        settings: Settings { gate: GateRule::None, unseen_again_seconds: u16::MAX, ..Settings::default() },
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
    House {
        menu: Menu { version: 1, restaurant, stations, categories: vec![category] },
        tables: tables.collect(),
        waiter: UserId(id()),
        login: SessionId(id()),
    }
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
