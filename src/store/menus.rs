//! The menu of a restaurant: read whole at one version, cached by that version, changed item by item.
//! The cache is never an authority: the committer compares versions under the feed's lock.

use super::db::{Row, Tx, binds, parse_json, to_json};
use super::fault::Fault;
use super::feed::Feed;
use crate::domain::ids::{CategoryId, ItemId, OptionGroupId, OptionId, RestaurantId, StationId};
use crate::domain::menu::{Category, Item, ItemState, Menu, MenuOption, OptionGroup, Picture};
use crate::domain::money::Currency;
use crate::domain::restaurant::{Restaurant, Settings, Station};
use crate::domain::time::Timestamp;
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Menus kept in memory at most; the one used longest ago goes first.
pub const CACHED_MENUS: usize = 4096;

/// The newest menu that this node has read, by restaurant.
#[derive(Default)]
pub struct MenuCache(Mutex<HashMap<RestaurantId, (Arc<Menu>, u64)>>, std::sync::atomic::AtomicU64);

impl MenuCache {
    #[must_use]
    pub fn get(&self, restaurant: RestaurantId) -> Option<Arc<Menu>> {
        let now = self.tick();
        let mut menus = self.0.lock();
        menus.get_mut(&restaurant).map(|(menu, used)| {
            *used = now;
            Arc::clone(menu)
        })
    }

    /// Keeps the menu unless a newer one is held already.
    pub fn put(&self, menu: Arc<Menu>) {
        let now = self.tick();
        let mut menus = self.0.lock();
        let id = menu.restaurant.id;
        if menus.get(&id).is_some_and(|(held, _)| held.version >= menu.version) {
            return;
        }
        if menus.len() >= CACHED_MENUS
            && let Some(oldest) = menus.iter().min_by_key(|(_, (_, used))| *used).map(|(id, _)| *id)
        {
            menus.remove(&oldest);
        }
        menus.insert(id, (menu, now));
    }

    /// Forgets a menu: its restaurant's history was replaced.
    pub fn forget(&self, restaurant: RestaurantId) {
        self.0.lock().remove(&restaurant);
    }

    fn tick(&self) -> u64 {
        self.1.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
    }
}

/// The menu at a feed's head: the one in memory while it is that version's, else from the database.
///
/// # Errors
/// Any fault of the database.
pub async fn current(tx: &mut Tx, cache: &MenuCache, feed: &Feed) -> Result<Option<Arc<Menu>>, Fault> {
    if let Some(menu) = cache.get(feed.restaurant).filter(|menu| menu.version == feed.menu_version) {
        return Ok(Some(menu));
    }
    let Some(menu) = load(tx, feed.restaurant).await? else { return Ok(None) };
    let menu = Arc::new(menu);
    cache.put(Arc::clone(&menu));
    Ok(Some(menu))
}

/// Reads the whole menu. `None`: no such restaurant.
///
/// # Errors
/// Any fault of the database.
pub async fn load(tx: &mut Tx, restaurant: RestaurantId) -> Result<Option<Menu>, Fault> {
    let rows = tx
        .query(
            "select r.slug, r.name, r.timezone, r.currency, r.locales, r.settings, f.menu_version, \
             r.takeaway_paused_until from restaurants r join feeds f on f.restaurant_id = r.id where r.id = $1",
            binds![restaurant.0],
        )
        .await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let version = row.int(6)?;
    let mut settings = row.json::<Settings>(5)?;
    settings.takeaway.paused_until = row.maybe_int(7)?.map(Timestamp);
    let info = Restaurant {
        id: restaurant,
        slug: row.text(0)?,
        name: row.text(1)?,
        timezone: row.text(2)?,
        currency: Currency::try_from(row.text(3)?).map_err(Fault::Corrupt)?,
        locales: row.json(4)?,
        settings,
    };
    let stations = load_stations(tx, restaurant).await?;
    let categories = load_categories(tx, restaurant).await?;
    Ok(Some(Menu { version, restaurant: info, stations, categories }))
}

async fn load_stations(tx: &mut Tx, restaurant: RestaurantId) -> Result<Vec<Station>, Fault> {
    let rows = tx
        .query(
            "select id, name, position from stations where restaurant_id = $1 order by position, id",
            binds![restaurant.0],
        )
        .await?;
    rows.iter().map(|r| Ok(Station { id: StationId(r.id(0)?), name: r.json(1)?, position: r.int(2)? })).collect()
}

async fn load_categories(tx: &mut Tx, restaurant: RestaurantId) -> Result<Vec<Category>, Fault> {
    let groups = load_groups(tx, restaurant).await?;
    let mut stations = lists(
        &tx.query(
            "select item_id, station_id from item_stations where restaurant_id = $1 order by station_id",
            binds![restaurant.0],
        )
        .await?,
    )?;
    let mut groups_of = lists(
        &tx.query(
            "select item_id, group_id from item_option_groups where restaurant_id = $1 order by item_id, position",
            binds![restaurant.0],
        )
        .await?,
    )?;
    let items = tx
        .query(
            "select category_id, id, name, kitchen_name, description, price, allergens, diets, preparation_minutes, \
             available, stock, version, picture from items where restaurant_id = $1 order by position, id",
            binds![restaurant.0],
        )
        .await?;
    let mut items_of: HashMap<CategoryId, Vec<Item>> = HashMap::new();
    for row in &items {
        let mut item = item_of(row)?;
        item.stations = stations.remove(&item.id.0).unwrap_or_default().into_iter().map(StationId).collect();
        let ids = groups_of.remove(&item.id.0).unwrap_or_default();
        item.option_groups = ids.iter().filter_map(|id| groups.get(&OptionGroupId(*id)).cloned()).collect();
        items_of.entry(CategoryId(row.id(0)?)).or_default().push(item);
    }
    let rows = tx
        .query("select id, name from categories where restaurant_id = $1 order by position, id", binds![restaurant.0])
        .await?;
    rows.iter()
        .map(|row| {
            let id = CategoryId(row.id(0)?);
            Ok(Category { id, name: row.json(1)?, items: items_of.remove(&id).unwrap_or_default() })
        })
        .collect()
}

fn item_of(row: &Row) -> Result<Item, Fault> {
    Ok(Item {
        id: ItemId(row.id(1)?),
        name: row.json(2)?,
        kitchen_name: row.maybe_text(3)?,
        description: row.json(4)?,
        price: row.int(5)?,
        allergens: row.json(6)?,
        diets: row.json(7)?,
        preparation_minutes: u16::try_from(row.int(8)?).unwrap_or(u16::MAX),
        stations: Vec::new(),
        option_groups: Vec::new(),
        available: row.flag(9)?,
        stock: row.maybe_int(10)?,
        version: row.int(11)?,
        picture: row.maybe_text(12)?.as_deref().map(parse_json).transpose()?,
    })
}

async fn load_groups(tx: &mut Tx, restaurant: RestaurantId) -> Result<BTreeMap<OptionGroupId, OptionGroup>, Fault> {
    let rows = tx
        .query(
            "select id, name, min_options, max_options from option_groups where restaurant_id = $1",
            binds![restaurant.0],
        )
        .await?;
    let mut groups = BTreeMap::new();
    for row in &rows {
        let id = OptionGroupId(row.id(0)?);
        groups.insert(
            id,
            OptionGroup { id, name: row.json(1)?, min: row.int(2)?, max: row.int(3)?, options: Vec::new() },
        );
    }
    let rows = tx
        .query(
            "select group_id, id, name, price, available, allergens from options where restaurant_id = $1 order by position, id",
            binds![restaurant.0],
        )
        .await?;
    for row in &rows {
        if let Some(group) = groups.get_mut(&OptionGroupId(row.id(0)?)) {
            group.options.push(MenuOption {
                id: OptionId(row.id(1)?),
                name: row.json(2)?,
                price: row.int(3)?,
                available: row.flag(4)?,
                allergens: row.json(5)?,
            });
        }
    }
    Ok(groups)
}

fn lists(rows: &[Row]) -> Result<HashMap<uuid::Uuid, Vec<uuid::Uuid>>, Fault> {
    let mut lists: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows {
        lists.entry(row.id(0)?).or_default().push(row.id(1)?);
    }
    Ok(lists)
}

/// What the lock protects of an item: whether it can be had, and how much of it.
///
/// # Errors
/// Any fault of the database.
pub async fn item_states(
    tx: &mut Tx,
    items: Vec<(RestaurantId, ItemId)>,
) -> Result<Vec<(RestaurantId, ItemState)>, Fault> {
    let keys = items.into_iter().map(|(r, i)| binds![r.0, i.0]).collect();
    let rows = tx
        .query_keys(
            "select restaurant_id, id, name, price, available, stock, version from items where (restaurant_id, id) in",
            keys,
            "",
        )
        .await?;
    rows.iter()
        .map(|row| {
            let state = ItemState {
                id: ItemId(row.id(1)?),
                name: row.json(2)?,
                price: row.int(3)?,
                available: row.flag(4)?,
                stock: row.maybe_int(5)?,
                version: row.int(6)?,
                menu_version: 0,
            };
            Ok((RestaurantId(row.id(0)?), state))
        })
        .collect()
}

/// # Errors
/// `Corrupt` when an item is not there, and any fault of the database.
pub async fn update_items(tx: &mut Tx, items: &[(RestaurantId, &ItemState)]) -> Result<(), Fault> {
    for (restaurant, item) in items {
        let touched = tx
            .execute(
                "update items set available = $3, stock = $4, version = $5 where restaurant_id = $1 and id = $2",
                binds![restaurant.0, item.id.0, item.available, item.stock, item.version],
            )
            .await?;
        if touched != 1 {
            return Err(Fault::Corrupt(format!("item {} was not there to update", item.id)));
        }
    }
    Ok(())
}

/// # Errors
/// `Corrupt` when an item is not there, and any fault of the database.
pub async fn set_pictures(
    tx: &mut Tx,
    pictures: &BTreeMap<(RestaurantId, ItemId), Option<Picture>>,
) -> Result<(), Fault> {
    for ((restaurant, item), picture) in pictures {
        let picture = picture.as_ref().map(to_json).transpose()?;
        let sql = "update items set picture = $3 where restaurant_id = $1 and id = $2";
        if tx.execute(sql, binds![restaurant.0, item.0, picture]).await? != 1 {
            return Err(Fault::Corrupt(format!("item {item} was not there to get a picture")));
        }
    }
    Ok(())
}

/// What a restaurant wants from here on.
///
/// # Errors
/// `Corrupt` when the restaurant is not there, and any fault of the database.
pub async fn set_settings(tx: &mut Tx, restaurant: RestaurantId, settings: &Settings) -> Result<(), Fault> {
    let sql = "update restaurants set settings = $2 where id = $1";
    match tx.execute(sql, binds![restaurant.0, to_json(settings)?]).await? {
        1 => Ok(()),
        _ => Err(Fault::Corrupt(format!("restaurant {restaurant} was not there to change"))),
    }
}

/// Writes a whole new restaurant with its menu, at menu version 1 and with an empty feed.
///
/// # Errors
/// Any fault of the database; a slug that is taken is one.
pub async fn insert(tx: &mut Tx, menu: &Menu, epoch: uuid::Uuid, at: i64) -> Result<(), Fault> {
    let r = &menu.restaurant;
    tx.execute(
        "insert into restaurants (id, slug, name, timezone, currency, locales, settings, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        binds![r.id.0, r.slug.as_str(), r.name.as_str(), r.timezone.as_str(), r.currency.code(), to_json(&r.locales)?, to_json(&r.settings)?, at],
    )
    .await?;
    tx.execute(
        "insert into feeds (restaurant_id, epoch, seq, oldest, at, menu_version, number_day, number_last) values ($1, $2, 0, 0, $3, 1, 0, 0)",
        binds![r.id.0, epoch, at],
    )
    .await?;
    let stations = menu
        .stations
        .iter()
        .map(|s| Ok(binds![r.id.0, s.id.0, to_json(&s.name)?, s.position]))
        .collect::<Result<_, Fault>>()?;
    tx.execute_rows("insert into stations (restaurant_id, id, name, position)", stations, "").await?;
    insert_groups(tx, menu).await?;
    insert_items(tx, menu).await
}

async fn insert_groups(tx: &mut Tx, menu: &Menu) -> Result<(), Fault> {
    let r = menu.restaurant.id.0;
    let groups: BTreeMap<OptionGroupId, &OptionGroup> =
        menu.items().flat_map(|item| &item.option_groups).map(|group| (group.id, group)).collect();
    let mut group_rows = Vec::new();
    let mut option_rows = Vec::new();
    for group in groups.values() {
        group_rows.push(binds![r, group.id.0, to_json(&group.name)?, group.min, group.max]);
        for (n, o) in (0i64..).zip(&group.options) {
            option_rows.push(binds![
                r,
                o.id.0,
                group.id.0,
                to_json(&o.name)?,
                o.price,
                o.available,
                to_json(&o.allergens)?,
                n
            ]);
        }
    }
    tx.execute_rows("insert into option_groups (restaurant_id, id, name, min_options, max_options)", group_rows, "")
        .await?;
    tx.execute_rows(
        "insert into options (restaurant_id, id, group_id, name, price, available, allergens, position)",
        option_rows,
        "",
    )
    .await?;
    Ok(())
}

async fn insert_items(tx: &mut Tx, menu: &Menu) -> Result<(), Fault> {
    let r = menu.restaurant.id.0;
    let (mut categories, mut items, mut stations, mut groups) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (c, category) in (0i64..).zip(&menu.categories) {
        categories.push(binds![r, category.id.0, to_json(&category.name)?, c]);
        for (n, i) in (0i64..).zip(&category.items) {
            items.push(binds![
                r,
                i.id.0,
                category.id.0,
                to_json(&i.name)?,
                i.kitchen_name.clone(),
                to_json(&i.description)?,
                i.price,
                to_json(&i.allergens)?,
                to_json(&i.diets)?,
                i64::from(i.preparation_minutes),
                i.available,
                i.stock,
                n,
                i.version,
                i.picture.as_ref().map(to_json).transpose()?,
            ]);
            stations.extend(i.stations.iter().map(|s| binds![r, i.id.0, s.0]));
            groups.extend((0i64..).zip(&i.option_groups).map(|(at, g)| binds![r, i.id.0, g.id.0, at]));
        }
    }
    tx.execute_rows("insert into categories (restaurant_id, id, name, position)", categories, "").await?;
    tx.execute_rows(
        "insert into items (restaurant_id, id, category_id, name, kitchen_name, description, price, allergens, diets, \
         preparation_minutes, available, stock, position, version, picture)",
        items,
        "",
    )
    .await?;
    tx.execute_rows("insert into item_stations (restaurant_id, item_id, station_id)", stations, "").await?;
    tx.execute_rows("insert into item_option_groups (restaurant_id, item_id, group_id, position)", groups, "").await?;
    Ok(())
}
