//! Snapshots: everything a topic shows, in one consistent look, with the seq it is true for.

use super::db::{Access, Db, Tx};
use super::fault::Fault;
use super::feed;
use super::menus::{self, MenuCache};
use super::orders::{self, Find, StoredOrder};
use super::seatings;
use crate::domain::ids::{Cursor, RestaurantId};
use crate::domain::menu::Menu;
use crate::domain::order::Seen;
use crate::domain::time::Timestamp;
use crate::domain::topic::Topic;
use crate::protocol::snapshot::{FloorSnapshot, KitchenSnapshot, OrderSnapshot, Snapshot, TableSnapshot};
use crate::protocol::view::GuestOrder;
use std::time::Duration;

/// Ended orders that a kitchen screen can bring back (KITCHEN: at least 50).
const RECALLABLE: i64 = 50;
/// How long they can be brought back: a shift.
const SHIFT: Duration = Duration::from_secs(12 * 3600);

/// Reads a topic. `None`: there is no such restaurant, seating or order.
///
/// # Errors
/// Any fault of the database.
pub async fn read(
    db: &Db,
    cache: &MenuCache,
    restaurant: RestaurantId,
    topic: Topic,
    now: Timestamp,
) -> Result<Option<(Cursor, Snapshot)>, Fault> {
    let mut tx = db.begin(Access::Read(&[restaurant])).await?;
    let Some(feed) = feed::heads(&mut tx, &[restaurant]).await?.pop() else { return Ok(None) };
    let Some(menu) = menus::current(&mut tx, cache, &feed).await? else { return Ok(None) };
    let snapshot = match topic {
        Topic::Kitchen => Some(kitchen(&mut tx, &menu, now).await?),
        Topic::Floor => Some(floor(&mut tx, &menu, now).await?),
        Topic::Table(seating) => table(&mut tx, &menu, seating).await?,
        Topic::Order(order) => one_order(&mut tx, &menu, order).await?,
    };
    Ok(snapshot.map(|snapshot| (feed.head(), snapshot)))
}

async fn kitchen(tx: &mut Tx, menu: &Menu, now: Timestamp) -> Result<Snapshot, Fault> {
    let orders = shift(tx, menu, now).await?;
    let orders = orders.into_iter().map(|o| o.order).filter(|o| !o.held).collect();
    Ok(Snapshot::Kitchen(KitchenSnapshot {
        restaurant: menu.restaurant.clone(),
        stations: menu.stations.clone(),
        orders,
    }))
}

async fn floor(tx: &mut Tx, menu: &Menu, now: Timestamp) -> Result<Snapshot, Fault> {
    let r = menu.restaurant.id;
    let orders = shift(tx, menu, now).await?;
    Ok(Snapshot::Floor(FloorSnapshot {
        tables: seatings::load_tables(tx, r).await?,
        seatings: seatings::load(tx, seatings::Find::Open(r)).await?.into_iter().map(|s| s.seating).collect(),
        seen: seen(&orders),
        orders: orders.into_iter().map(|o| o.order).collect(),
        restaurant: menu.restaurant.clone(),
        stations: menu.stations.clone(),
    }))
}

async fn table(tx: &mut Tx, menu: &Menu, seating: crate::domain::ids::SeatingId) -> Result<Option<Snapshot>, Fault> {
    let key = vec![(menu.restaurant.id, seating)];
    let Some(stored) = seatings::load(tx, seatings::Find::Ids(key.clone())).await?.pop() else { return Ok(None) };
    let orders = orders::load(tx, Find::Seatings(key)).await?;
    Ok(Some(Snapshot::Table(TableSnapshot {
        seating: stored.seating,
        menu_version: menu.version,
        seen: seen(&orders),
        orders: orders.iter().map(|o| GuestOrder::from(&o.order)).collect(),
        restaurant: menu.restaurant.clone(),
    })))
}

async fn one_order(tx: &mut Tx, menu: &Menu, order: crate::domain::ids::OrderId) -> Result<Option<Snapshot>, Fault> {
    let orders = orders::load(tx, Find::Ids(vec![(menu.restaurant.id, order)])).await?;
    if orders.is_empty() {
        return Ok(None);
    }
    Ok(Some(Snapshot::Order(OrderSnapshot {
        seen: seen(&orders),
        orders: orders.iter().map(|o| GuestOrder::from(&o.order)).collect(),
        restaurant: menu.restaurant.clone(),
    })))
}

/// What is open, and the last of what ended within the shift; oldest first.
async fn shift(tx: &mut Tx, menu: &Menu, now: Timestamp) -> Result<Vec<StoredOrder>, Fault> {
    let restaurant = menu.restaurant.id;
    let mut all = orders::load(tx, Find::Ended { restaurant, since: now.minus(SHIFT), limit: RECALLABLE }).await?;
    all.extend(orders::load(tx, Find::Open(restaurant)).await?);
    all.sort_by_key(|o| (o.order.placed_at, o.order.number));
    Ok(all)
}

fn seen(orders: &[StoredOrder]) -> Vec<Seen> {
    let seen = |o: &StoredOrder| o.receipt.seen_at.map(|at| Seen { order: o.order.id, seating: o.order.seating, at });
    orders.iter().filter_map(seen).collect()
}
