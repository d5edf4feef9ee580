//! What a batch has to know before it decides: loaded after the lock, each kind in one statement.

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
use crate::domain::order::{Expected, OrderKind};
use crate::domain::people::{Actor, Member, Screen};
use crate::domain::restaurant::Table;
use crate::domain::takeaway::Booked;
use crate::domain::time::Timestamp;
use crate::store::db::{Tx, binds};
use crate::store::fault::Fault;
use crate::store::feed::{self, Feed};
use crate::store::menus::{self, MenuCache};
use crate::store::orders::{self, StoredOrder};
use crate::store::people::{self, Owner, Session};
use crate::store::screens::{self, Pairing};
use crate::store::seatings::{self, StoredSeating};
use crate::store::takeaway;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use uuid::Uuid;

/// Orders that one `shown` can mark.
const SHOWN_ORDERS: i64 = 200;

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
    /// Pictures that dishes get, or lose.
    pub pictures: BTreeMap<(RestaurantId, ItemId), Option<Picture>>,
    /// Of restaurants whose orders the batch may touch.
    pub kitchens: HashMap<RestaurantId, Kitchen>,
    /// What is expected now of orders that the batch does not touch.
    pub expected: BTreeMap<(RestaurantId, OrderId), Expected>,
    /// What others booked, as it was loaded.
    pub booked: HashMap<RestaurantId, Booked>,
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

/// The keys that a batch needs.
#[derive(Default)]
struct Wanted {
    sessions: BTreeSet<(RestaurantId, SessionId)>,
    screen_sessions: BTreeSet<(RestaurantId, SessionId)>,
    seatings: BTreeSet<(RestaurantId, SeatingId)>,
    /// Tables whose open seating matters.
    tables: BTreeSet<(RestaurantId, TableId)>,
    orders: BTreeSet<(RestaurantId, OrderId)>,
    /// Seatings all of whose orders matter.
    orders_of: BTreeSet<(RestaurantId, SeatingId)>,
    unseen_of: BTreeSet<RestaurantId>,
    /// Restaurants where something is ordered.
    placed: BTreeSet<RestaurantId>,
    menus: BTreeSet<RestaurantId>,
    booked_of: BTreeSet<RestaurantId>,
    items: BTreeSet<(RestaurantId, ItemId)>,
    members: BTreeSet<(RestaurantId, UserId)>,
    screens: BTreeSet<(RestaurantId, ScreenId)>,
    /// Restaurants whose screens are counted.
    screens_of: BTreeSet<RestaurantId>,
    /// All of whose logins matter.
    logins_of: BTreeSet<(RestaurantId, Owner)>,
    pairings: BTreeSet<(RestaurantId, Vec<u8>)>,
}

impl Wanted {
    fn of(fresh: &[&Submission]) -> Self {
        let mut wanted = Self::default();
        for submission in fresh {
            wanted.add_actor(submission);
            wanted.add_command(submission);
        }
        wanted
    }

    /// Restaurants of which some order may reach the kitchen or change there.
    fn kitchens(&self) -> Vec<RestaurantId> {
        let orders = self.orders.iter().map(|(r, _)| *r).chain(self.orders_of.iter().map(|(r, _)| *r));
        orders.chain(self.placed.iter().copied()).collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn add_actor(&mut self, s: &Submission) {
        match &s.request.actor {
            Actor::Guest { seating, .. } => drop(self.seatings.insert((s.restaurant, *seating))),
            Actor::Staff { session, .. } => drop(self.sessions.insert((s.restaurant, *session))),
            Actor::Screen { session, screen, .. } => {
                self.screen_sessions.insert((s.restaurant, *session));
                self.screens.insert((s.restaurant, *screen));
            }
            Actor::Takeaway { .. } | Actor::System => {}
        }
    }

    fn add_member(&mut self, r: RestaurantId, user: UserId) {
        self.members.insert((r, user));
        self.logins_of.insert((r, Owner::Person(user)));
    }

    fn add_screens(&mut self, r: RestaurantId, screen: Option<ScreenId>) {
        self.screens.extend(screen.map(|id| (r, id)));
        self.logins_of.extend(screen.map(|id| (r, Owner::Screen(id))));
    }

    /// A seating with all its orders.
    fn add_seating(&mut self, r: RestaurantId, seating: SeatingId) {
        self.menus.insert(r);
        self.seatings.insert((r, seating));
        self.orders_of.insert((r, seating));
    }

    fn add_command(&mut self, s: &Submission) {
        let r = s.restaurant;
        if let Some(order) = s.request.command.order() {
            self.orders.insert((r, order));
            self.menus.insert(r);
        }
        match &s.request.command {
            Command::PlaceOrder(draft) => {
                self.menus.insert(r);
                self.placed.insert(r);
                self.tables.extend(draft.table.map(|t| (r, t)));
                if draft.kind == OrderKind::Takeaway {
                    self.booked_of.insert(r);
                }
            }
            Command::JoinSeating(c) => {
                self.menus.insert(r);
                self.tables.insert((r, c.table));
            }
            Command::OpenSeating(c) => {
                self.menus.insert(r);
                self.tables.insert((r, c.table));
            }
            Command::RotateCode(c) => drop(self.tables.insert((r, c.table))),
            Command::ReleaseSeating(c) => self.add_seating(r, c.seating),
            Command::CloseSeating(c) => self.add_seating(r, c.seating),
            Command::MoveSeating(c) => {
                self.tables.insert((r, c.table));
                self.add_seating(r, c.seating);
            }
            Command::CallStaff(_) | Command::PauseTakeaway(_) => drop(self.menus.insert(r)),
            Command::CallComing(c) | Command::CallDone(c) => drop(self.seatings.insert((r, c.seating))),
            Command::GivePin(_) => {
                if let Actor::Guest { seating, .. } = &s.request.actor {
                    self.menus.insert(r);
                    self.orders_of.insert((r, *seating));
                }
            }
            Command::SetItem(c) => drop(self.items.insert((r, c.item))),
            Command::SetPicture(c) => {
                self.menus.insert(r);
                self.items.insert((r, c.item));
            }
            Command::ExpireSeating(c) => self.add_seating(r, c.seating),
            Command::RevokeSession(c) => {
                self.sessions.insert((r, c.session));
                self.screen_sessions.insert((r, c.session));
            }
            Command::PairScreen(c) => {
                self.menus.insert(r);
                self.screens_of.insert(r);
                self.pairings.extend(digest(&c.code_hash).map(|hash| (r, hash)));
                self.add_screens(r, c.screen);
            }
            Command::SetScreen(c) => {
                self.menus.insert(r);
                self.add_screens(r, Some(c.screen));
            }
            Command::RevokeScreen(c) => self.add_screens(r, Some(c.screen)),
            Command::AddMember(c) | Command::SetRole(c) => self.add_member(r, c.user),
            Command::RemoveMember(c) | Command::EndLogins(c) => self.add_member(r, c.user),
            Command::MarkShown(_) => drop(self.unseen_of.insert(r)),
            Command::RaiseAlarm(c) => {
                self.menus.insert(r);
                self.orders.insert((r, c.order));
            }
            // About one order, which is wanted already.
            _ => {}
        }
    }
}

/// The digest that a command carries as text.
pub fn digest(hexadecimal: &str) -> Option<Vec<u8>> {
    let pairs = hexadecimal.as_bytes().chunks(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    pairs.map(byte).collect()
}

async fn load_known(tx: &mut Tx, world: &mut World, batch: &[&Submission]) -> Result<(), Fault> {
    let keys = batch.iter().map(|s| binds![s.restaurant.0, s.request.id.0]).collect();
    let rows = tx
        .query_keys(
            "select restaurant_id, id, sender, body_hash, seq, subject from commands where (restaurant_id, id) in",
            keys,
            "",
        )
        .await?;
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
    for restaurant in &wanted.unseen_of {
        found.extend(orders::load(tx, orders::Find::Unseen { restaurant: *restaurant, limit: SHOWN_ORDERS }).await?);
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
        let menu = match cache.get(*restaurant) {
            Some(menu) if menu.version == feed.now.menu_version => menu,
            _ => {
                let Some(menu) = menus::load(tx, *restaurant).await? else { continue };
                let menu = Arc::new(menu);
                cache.put(Arc::clone(&menu));
                menu
            }
        };
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
