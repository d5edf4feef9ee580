//! The demo restaurant: `config/demo.toml` written into an empty database, and the links to it.

use super::demo_data::{self, DemoAllergens, DemoFile, DemoItem, DemoOptionGroup, Names};
use crate::commands::Commands;
use crate::domain::ids::{
    CategoryId, Epoch, ItemId, OptionGroupId, OptionId, RestaurantId, StationId, TableId, UserId,
};
use crate::domain::menu::{Allergens, Category, Item, Localized, Menu, MenuOption, OptionGroup, Presence};
use crate::domain::people::Role;
use crate::domain::restaurant::{GateRule, Restaurant, Settings, Station, Table};
use crate::identity::codes::TableCode;
use crate::identity::passwords;
use crate::store::{Fault, wide};
use anyhow::{Context, Result, anyhow};
use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::time::Duration;
use uuid::Uuid;

const FILE: &str = include_str!("../../config/demo.toml");
/// Looks at a busy database, and between two of them.
const LOOKS: u32 = 20;
const AGAIN: Duration = Duration::from_millis(500);

/// Makes the demo restaurant, unless the database has a restaurant already; with another gate than the
/// file's, if one is wished for.
///
/// # Errors
/// Any fault of the database.
pub async fn seed(commands: &Commands, gate: Option<GateRule>) -> Result<bool> {
    if !is_empty(commands).await? {
        return Ok(false);
    }
    let mut demo = demo_data::parse(FILE).map_err(|e| anyhow!("config/demo.toml: {e}"))?;
    demo.restaurant.gate = gate.unwrap_or(demo.restaurant.gate);
    let (menu, tables) = built(&demo)?;
    let restaurant = menu.restaurant.id;
    commands.store.create_restaurant(&menu, &tables, Epoch(Uuid::new_v4()), commands.clock.now()).await?;
    let password = demo.staff_password.clone();
    // One hash for all: it is the same password, and hashing is slow on purpose.
    let hash = tokio::task::spawn_blocking(move || passwords::hash(&password)).await??;
    for staff in &demo.staff {
        let user = UserId(Uuid::now_v7());
        wide::insert_user(&commands.store.db, user, &staff.email, &staff.name, &hash, commands.clock.now()).await?;
        commands.store.add_member(restaurant, user, staff.role).await?;
    }
    Ok(true)
}

/// Is there no restaurant yet? After a crash everybody comes back at once, and the database may be busy with them.
async fn is_empty(commands: &Commands) -> Result<bool> {
    let mut looks = 1;
    loop {
        match wide::all_restaurants(&commands.store.db).await {
            Err(Fault::Busy(why)) if looks < LOOKS => {
                tracing::warn!(why, "whether the demo is to be made is looked up again");
                looks += 1;
                tokio::time::sleep(AGAIN).await;
            }
            found => return Ok(found?.is_empty()),
        }
    }
}

/// The restaurant of the file, with new ids.
fn built(demo: &DemoFile) -> Result<(Menu, Vec<Table>)> {
    let stations: HashMap<&str, StationId> =
        demo.stations.iter().map(|s| (s.key.as_str(), StationId(Uuid::now_v7()))).collect();
    let groups: HashMap<&str, OptionGroup> = demo.option_groups.iter().map(|g| (g.key.as_str(), group(g))).collect();
    let mut categories = Vec::new();
    for category in &demo.categories {
        let items = category.items.iter().map(|i| item(i, &stations, &groups)).collect::<Result<_>>()?;
        categories.push(Category { id: CategoryId(Uuid::now_v7()), name: localized(&category.name), items });
    }
    let in_order = demo.stations.iter().filter_map(|s| {
        let id = *stations.get(s.key.as_str())?;
        Some(Station { id, name: localized(&s.name), position: s.position })
    });
    let menu = Menu { version: 1, restaurant: restaurant(demo), stations: in_order.collect(), categories };
    let tables = (0i64..).zip(&demo.tables).map(|(position, t)| Table {
        id: TableId(Uuid::now_v7()),
        label: t.label.clone(),
        area: t.area.clone(),
        seats: t.seats,
        code_version: 1,
        position,
        version: 1,
    });
    Ok((menu, tables.collect()))
}

fn restaurant(demo: &DemoFile) -> Restaurant {
    let r = &demo.restaurant;
    let settings = Settings {
        gate: r.gate,
        auto_confirm: r.auto_confirm,
        charges: r.charges,
        takeaway: r.takeaway.clone(),
        hours: r.hours.clone(),
        ..Settings::default()
    };
    Restaurant {
        id: RestaurantId(Uuid::now_v7()),
        slug: r.slug.clone(),
        name: r.name.clone(),
        timezone: r.timezone.clone(),
        currency: r.currency,
        locales: r.locales.clone(),
        settings,
    }
}

fn item(demo: &DemoItem, stations: &HashMap<&str, StationId>, groups: &HashMap<&str, OptionGroup>) -> Result<Item> {
    let missing =
        |kind: &str, key: &str| anyhow!("config/demo.toml: {kind} `{key}` of item `{}` is not there", demo.key);
    let mut at = Vec::new();
    for key in &demo.stations {
        at.push(*stations.get(key.as_str()).ok_or_else(|| missing("station", key))?);
    }
    let mut asked = Vec::new();
    for key in &demo.option_groups {
        asked.push(groups.get(key.as_str()).ok_or_else(|| missing("option group", key))?.clone());
    }
    Ok(Item {
        id: ItemId(Uuid::now_v7()),
        name: localized(&demo.name),
        kitchen_name: demo.kitchen_name.clone(),
        description: localized(&demo.description),
        price: demo.price,
        allergens: allergens(&demo.allergens),
        diets: demo.diets.clone(),
        preparation_minutes: demo.preparation_minutes,
        stations: at,
        option_groups: asked,
        available: demo.available,
        stock: demo.stock,
        picture: None,
        version: 1,
    })
}

fn group(demo: &DemoOptionGroup) -> OptionGroup {
    let options = demo.options.iter().map(|o| MenuOption {
        id: OptionId(Uuid::now_v7()),
        name: localized(&o.name),
        price: o.price,
        available: true,
        allergens: allergens(&o.allergens),
    });
    OptionGroup {
        id: OptionGroupId(Uuid::now_v7()),
        name: localized(&demo.name),
        min: demo.min,
        max: demo.max,
        options: options.collect(),
    }
}

fn allergens(demo: &DemoAllergens) -> Allergens {
    let lists = [
        (&demo.contains, Presence::Contains),
        (&demo.safe, Presence::Safe),
        (&demo.unconfirmed, Presence::Unconfirmed),
    ];
    lists.into_iter().flat_map(|(names, presence)| names.iter().map(move |name| (name.clone(), presence))).collect()
}

fn localized(names: &Names) -> Localized {
    Localized(BTreeMap::from([("en".to_owned(), names.en.clone()), ("es".to_owned(), names.es.clone())]))
}

/// What a newcomer needs to see the demo: links, the login, and the first table's code to scan.
///
/// # Errors
/// Any fault of the database.
pub async fn welcome(commands: &Commands, address: SocketAddr, public_url: &str) -> Result<String> {
    let demo = demo_data::parse(FILE).map_err(|e| anyhow!("config/demo.toml: {e}"))?;
    let slug = &demo.restaurant.slug;
    let Some(restaurant) = commands.restaurant(slug).await.map_err(|_| anyhow!("the database could not answer"))?
    else {
        return Ok(String::new());
    };
    let base = public_url;
    let tables = commands.store.tables(restaurant).await?;
    let table = tables.first().context("the demo has no table")?;
    let code = commands.codes.sign(&TableCode { restaurant, table: table.id, version: table.code_version });
    let link = format!("{base}/t/{code}");
    let qr = fast_qr::QRBuilder::new(link.clone()).ecl(fast_qr::ECL::L).build().map_err(|e| anyhow!("QR code: {e}"))?;
    let somebody = |role| demo.staff.iter().find(|s| s.role == role).context("the demo's staff are not complete");
    let (kitchen, waiter) = (somebody(Role::Kitchen)?, somebody(Role::Waiter)?);
    Ok(format!(
        "\n{}\n  Table {}   {link}\n  Takeaway   {base}/r/{slug}\n  Kitchen    {base}/kitchen/{slug}\n             sign in as {} with {}\n  Floor      {base}/floor/{slug}\n             sign in as {} with the same\n  API        {base}/api/docs\n  Alive      comanda lunch --pace 10   plays a lunch service into it\n{}",
        qr.to_str(),
        table.label,
        kitchen.email,
        demo.staff_password,
        waiter.email,
        if address.ip().is_loopback() {
            "\n  Only this machine can reach it. For phones: make run ARGS=\"--listen 0.0.0.0:8080\"\n"
        } else {
            ""
        }
    ))
}
