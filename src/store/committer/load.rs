//! What a batch has to know before it decides: loaded after the lock, each kind in one statement.

mod wanted;

use super::kitchens::Kitchens;
use super::{Submission, write};
use crate::domain::command::Command;
use crate::domain::command::Contact;
use crate::domain::estimate::Kitchen;
use crate::domain::event::Event;
use crate::domain::ids::{
    CommandId, GuestId, ItemId, OrderId, RestaurantId, ScreenId, SeatingId, Seq, SessionId, TableId, UserId,
};
use crate::domain::menu::{ItemState, Menu, Picture};
use crate::domain::order::Expected;
use crate::domain::people::{Member, Screen};
use crate::domain::restaurant::{Settings, Table};
use crate::domain::takeaway::Booked;
use crate::domain::time::Timestamp;
use crate::store::db::{ByKey, Tx, binds};
use crate::store::fault::Fault;
use crate::store::feed::{self, Feed};
use crate::store::menus::{self, MenuCache};
use crate::store::orders::{self, StoredOrder};
use crate::store::people::{self, Owner, Session};
use crate::store::screens::{self, Pairing};
use crate::store::seatings::{self, StoredSeating};
use crate::store::takeaway;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use uuid::Uuid;
use wanted::Wanted;
pub use wanted::digest;

/// Orders of a restaurant that one `shown` can mark.
const SHOWN_ORDERS: i64 = 200;

const COMMANDS: ByKey =
    ByKey::of("restaurant_id, id, sender, body_hash, seq, subject", "commands", "restaurant_id, id");

/// A row and what it was when it was loaded.
#[derive(Clone, Debug)]
pub struct Entry<T> {
    pub before: Option<T>,
    pub now: T,
}

impl<T: Clone + PartialEq> Entry<T> {
    pub fn loaded(row: T) -> Self {
        Self { before: Some(row.clone()), now: row }
    }

    pub fn new(now: T) -> Self {
        Self { before: None, now }
    }

    pub fn changed(&self) -> bool {
        self.before.as_ref() != Some(&self.now)
    }
}

/// A command that was done: what a repetition of it is answered.
#[derive(Clone, Debug)]
pub struct Known {
    pub sender: String,
    pub body_hash: Vec<u8>,
    pub seq: Seq,
    pub subject: Uuid,
    /// When it was done, if in this batch: still to be written.
    pub new_at: Option<Timestamp>,
}

/// The rows that one batch works on, under the lock.
#[derive(Default)]
pub struct World {
    pub feeds: HashMap<RestaurantId, Entry<Feed>>,
    pub menus: HashMap<RestaurantId, Arc<Menu>>,
    pub known: HashMap<(RestaurantId, CommandId), Known>,
    pub orders: HashMap<(RestaurantId, OrderId), Entry<StoredOrder>>,
    pub seatings: HashMap<(RestaurantId, SeatingId), Entry<StoredSeating>>,
    pub tables: HashMap<(RestaurantId, TableId), Entry<Table>>,
    pub items: HashMap<(RestaurantId, ItemId), Entry<ItemState>>,
    pub sessions: HashMap<(RestaurantId, SessionId), Entry<Session>>,
    pub members: HashMap<(RestaurantId, UserId), Entry<Member>>,
    pub screens: HashMap<(RestaurantId, ScreenId), Entry<Screen>>,
    pub pairings: HashMap<(RestaurantId, Vec<u8>), Entry<Pairing>>,
    /// Whose logins all end, and when.
    pub ended: Vec<(RestaurantId, Owner, Timestamp)>,
    pub contacts: Vec<(RestaurantId, OrderId, Contact)>,
    /// Where guests of orders that were there before are told now, or that they are not.
    pub told: BTreeMap<(RestaurantId, OrderId), Option<Contact>>,
    /// Pictures that dishes get, or lose.
    pub pictures: BTreeMap<(RestaurantId, ItemId), Option<Picture>>,
    /// Of restaurants whose orders the batch may touch.
    pub kitchens: HashMap<RestaurantId, Kitchen>,
    /// What is expected now of orders that the batch does not touch.
    pub expected: BTreeMap<(RestaurantId, OrderId), Expected>,
    /// What others booked, as it was loaded.
    pub booked: HashMap<RestaurantId, Booked>,
    /// What restaurants want from here on.
    pub settings: HashMap<RestaurantId, Settings>,
    /// Until when takeaway is closed now.
    pub paused: HashMap<RestaurantId, Option<Timestamp>>,
    /// In the order in which they were decided.
    pub events: Vec<Event>,
}

/// Locks the feeds and loads what the commands touch.
pub async fn world(
    tx: &mut Tx,
    (cache, kitchens): (&MenuCache, &Kitchens),
    restaurants: &[RestaurantId],
    batch: &[&Submission],
    now: Timestamp,
) -> Result<World, Fault> {
    let mut world = World::default();
    for feed in feed::lock(tx, restaurants).await? {
        world.feeds.insert(feed.restaurant, Entry::loaded(feed));
    }
    load_known(tx, &mut world, batch).await?;
    let fresh: Vec<&Submission> =
        batch.iter().copied().filter(|s| !world.known.contains_key(&(s.restaurant, s.request.id))).collect();
    let wanted = Wanted::of(&fresh);
    load_people(tx, &mut world, &wanted).await?;
    load_orders(tx, &mut world, &wanted).await?;
    load_menus(tx, cache, &mut world, &wanted).await?;
    load_items(tx, &mut world, &wanted, &fresh).await?;
    kitchens.load(tx, &mut world, &wanted.kitchens()).await?;
    for restaurant in &wanted.booked_of {
        world.booked.insert(*restaurant, takeaway::booked(tx, *restaurant, now).await?);
    }
    Ok(world)
}

async fn load_known(tx: &mut Tx, world: &mut World, batch: &[&Submission]) -> Result<(), Fault> {
    let keys = batch.iter().map(|s| binds![s.restaurant.0, s.request.id.0]).collect();
    let rows = COMMANDS.rows(tx, keys).await?;
    for row in &rows {
        let known = Known {
            sender: row.text(2)?,
            body_hash: row.bytes(3)?,
            seq: row.int(4)?,
            subject: row.id(5)?,
            new_at: None,
        };
        world.known.insert((RestaurantId(row.id(0)?), CommandId(row.id(1)?)), known);
    }
    Ok(())
}

async fn load_people(tx: &mut Tx, world: &mut World, wanted: &Wanted) -> Result<(), Fault> {
    let mut logins = people::peoples_sessions(tx, wanted.sessions.iter().copied().collect()).await?;
    logins.extend(people::screens_sessions(tx, wanted.screen_sessions.iter().copied().collect()).await?);
    for session in logins {
        world.sessions.insert((session.restaurant, session.id), Entry::loaded(session));
    }
    load_places(tx, world, wanted).await?;
    let mut found = Vec::new();
    if !wanted.tables.is_empty() {
        let tables: Vec<_> = wanted.tables.iter().copied().collect();
        for (restaurant, table) in seatings::find_tables(tx, tables.clone()).await? {
            world.tables.insert((restaurant, table.id), Entry::loaded(table));
        }
        found.extend(seatings::load(tx, seatings::Find::OpenAtTables(tables)).await?);
    }
    found.extend(seatings::load(tx, seatings::Find::Ids(wanted.seatings.iter().copied().collect())).await?);
    for seating in found {
        world.seatings.insert((seating.restaurant, seating.seating.id), Entry::loaded(seating));
    }
    Ok(())
}

/// Places of people, screens, wishes to be paired, and the logins of those who lose them.
async fn load_places(tx: &mut Tx, world: &mut World, wanted: &Wanted) -> Result<(), Fault> {
    for (r, member) in people::members(tx, wanted.members.iter().copied().collect()).await? {
        world.members.insert((r, member.user), Entry::loaded(member));
    }
    let mut found = screens::screens(tx, wanted.screens.iter().copied().collect()).await?;
    for restaurant in &wanted.screens_of {
        found.extend(screens::paired(tx, *restaurant).await?);
    }
    for (r, screen) in found {
        world.screens.insert((r, screen.id), Entry::loaded(screen));
    }
    for pairing in screens::pairings(tx, wanted.pairings.iter().cloned().collect()).await? {
        world.pairings.insert((pairing.restaurant, pairing.code_hash.clone()), Entry::loaded(pairing));
    }
    for (restaurant, owner) in &wanted.logins_of {
        for session in people::live_sessions(tx, *restaurant, *owner).await? {
            world.sessions.insert((session.restaurant, session.id), Entry::loaded(session));
        }
    }
    Ok(())
}

async fn load_orders(tx: &mut Tx, world: &mut World, wanted: &Wanted) -> Result<(), Fault> {
    let mut found = orders::load(tx, orders::Find::Ids(wanted.orders.iter().copied().collect())).await?;
    if !wanted.orders_of.is_empty() {
        found.extend(orders::load(tx, orders::Find::Seatings(wanted.orders_of.iter().copied().collect())).await?);
    }
    if !wanted.unseen_of.is_empty() {
        let restaurants = wanted.unseen_of.iter().copied().collect();
        found.extend(orders::load(tx, orders::Find::Unseen { restaurants, limit: SHOWN_ORDERS }).await?);
    }
    for order in found {
        world.orders.insert((order.restaurant, order.order.id), Entry::loaded(order));
    }
    Ok(())
}

/// Menus come from the cache when it holds the version that the lock shows, else from the database.
async fn load_menus(tx: &mut Tx, cache: &MenuCache, world: &mut World, wanted: &Wanted) -> Result<(), Fault> {
    for restaurant in &wanted.menus {
        let Some(feed) = world.feeds.get(restaurant) else { continue };
        let Some(menu) = menus::current(tx, cache, &feed.now).await? else { continue };
        world.menus.insert(*restaurant, menu);
    }
    Ok(())
}

/// Items whose stock or availability a command may change: only those that are counted, for orders.
async fn load_items(tx: &mut Tx, world: &mut World, wanted: &Wanted, fresh: &[&Submission]) -> Result<(), Fault> {
    let mut items = wanted.items.clone();
    let counted =
        |world: &World, r, item| world.menus.get(&r).and_then(|m| m.item(item)).is_some_and(|i| i.stock.is_some());
    for s in fresh {
        if let Command::PlaceOrder(draft) = &s.request.command {
            let lines = draft.lines.iter().map(|l| l.item);
            items.extend(lines.filter(|i| counted(world, s.restaurant, *i)).map(|i| (s.restaurant, i)));
        }
    }
    for ((r, _), order) in &world.orders {
        let lines = order.now.order.lines.iter().map(|l| l.item);
        items.extend(lines.filter(|i| counted(world, *r, *i)).map(|i| (*r, i)));
    }
    for (restaurant, item) in menus::item_states(tx, items.into_iter().collect()).await? {
        world.items.insert((restaurant, item.id), Entry::loaded(item));
    }
    Ok(())
}

impl World {
    pub fn menu(&self, restaurant: RestaurantId) -> Result<Arc<Menu>, write::Missing> {
        self.menus.get(&restaurant).cloned().ok_or(write::Missing)
    }

    /// The open seating at a table, also one that this batch opened.
    pub fn open_at(&self, restaurant: RestaurantId, table: TableId) -> Option<SeatingId> {
        self.seatings
            .values()
            .find(|e| e.now.restaurant == restaurant && e.now.seating.table.id == table && e.now.seating.is_open())
            .map(|e| e.now.seating.id)
    }

    pub fn has_guest(&self, restaurant: RestaurantId, seating: SeatingId, guest: GuestId) -> bool {
        self.seatings.get(&(restaurant, seating)).is_some_and(|e| e.now.seating.guest(guest).is_some())
    }
}
