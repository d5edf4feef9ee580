//! What the rest of the house asks the store, besides submitting commands.
//! Every read is bounded in time (`READ`) and scoped by its restaurant.

use super::db::{Access, Db};
use super::fault::Fault;
use super::feed::{self, Feed, Retention};
use super::learned;
use super::menus::{self, MenuCache};
use super::orders::{self, Find, StoredOrder};
use super::people::{self, Owner, Session};
use super::pictures;
use super::screens::{self, Collected, Pairing};
use super::seatings;
use super::snapshots;
use super::takeaway::{self, Verification};
use crate::domain::event::Event;
use crate::domain::ids::{Cursor, Epoch, GuestId, OrderId, RestaurantId, ScreenId, SeatingId, Seq, SessionId, UserId};
use crate::domain::menu::Menu;
use crate::domain::people::{Member, Role, Screen};
use crate::domain::restaurant::Table;
use crate::domain::takeaway::Booked;
use crate::domain::time::Timestamp;
use crate::domain::topic::Topic;
use crate::protocol::snapshot::Snapshot;
use std::sync::Arc;
use std::time::Duration;

/// A read that takes longer has failed.
pub const READ: Duration = Duration::from_secs(2);

/// The database, with the menus it has read.
#[derive(Clone)]
pub struct Store {
    pub db: Db,
    pub menus: Arc<MenuCache>,
}

async fn in_time<T>(read: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    tokio::time::timeout(READ, read).await.unwrap_or(Err(Fault::Busy("a read took longer than 2 s")))
}

impl Store {
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self { db, menus: Arc::default() }
    }

    /// The menu in memory, read if there is none. May be older than the database's; the committer knows.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn menu(&self, restaurant: RestaurantId) -> Result<Option<Arc<Menu>>, Fault> {
        match self.menus.get(restaurant) {
            Some(menu) => Ok(Some(menu)),
            None => self.read_menu(restaurant).await,
        }
    }

    /// The menu as the database has it now: one small query when the one in memory is current.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn current_menu(&self, restaurant: RestaurantId) -> Result<Option<Arc<Menu>>, Fault> {
        let Some(feed) = self.heads(&[restaurant]).await?.pop() else { return Ok(None) };
        match self.menus.get(restaurant) {
            Some(menu) if menu.version == feed.menu_version => Ok(Some(menu)),
            _ => self.read_menu(restaurant).await,
        }
    }

    async fn read_menu(&self, restaurant: RestaurantId) -> Result<Option<Arc<Menu>>, Fault> {
        in_time(async {
            let mut tx = self.db.begin(Access::Read(&[restaurant])).await?;
            let Some(menu) = menus::load(&mut tx, restaurant).await? else { return Ok(None) };
            let menu = Arc::new(menu);
            self.menus.put(Arc::clone(&menu));
            Ok(Some(menu))
        })
        .await
    }

    /// # Errors
    /// Any fault of the database.
    pub async fn heads(&self, restaurants: &[RestaurantId]) -> Result<Vec<Feed>, Fault> {
        in_time(async {
            let mut tx = self.db.begin(Access::Read(restaurants)).await?;
            feed::heads(&mut tx, restaurants).await
        })
        .await
    }

    /// The head, and the events after `after`, at most `limit`, the oldest first: one consistent look.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn events_after(
        &self,
        restaurant: RestaurantId,
        after: Seq,
        limit: i64,
    ) -> Result<Option<(Feed, Vec<Event>)>, Fault> {
        in_time(async {
            let mut tx = self.db.begin(Access::Read(&[restaurant])).await?;
            let Some(feed) = feed::heads(&mut tx, &[restaurant]).await?.pop() else { return Ok(None) };
            let events = feed::events(&mut tx, &feed, after.max(feed.oldest), feed.seq, limit).await?;
            Ok(Some((feed, events)))
        })
        .await
    }

    /// The newest events, at most `limit`, and which seatings are open: how a node begins a restaurant.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn recent(
        &self,
        restaurant: RestaurantId,
        limit: i64,
    ) -> Result<Option<(Feed, Vec<Event>, Vec<SeatingId>)>, Fault> {
        in_time(async {
            let mut tx = self.db.begin(Access::Read(&[restaurant])).await?;
            let Some(feed) = feed::heads(&mut tx, &[restaurant]).await?.pop() else { return Ok(None) };
            let after = (feed.seq - limit).max(feed.oldest).max(0);
            let events = feed::events(&mut tx, &feed, after, feed.seq, limit).await?;
            let open = seatings::load(&mut tx, seatings::Find::Open(restaurant)).await?;
            Ok(Some((feed, events, open.into_iter().map(|s| s.seating.id).collect())))
        })
        .await
    }

    /// # Errors
    /// Any fault of the database.
    pub async fn snapshot(
        &self,
        restaurant: RestaurantId,
        topic: Topic,
        now: Timestamp,
    ) -> Result<Option<(Cursor, Snapshot)>, Fault> {
        in_time(snapshots::read(&self.db, &self.menus, restaurant, topic, now)).await
    }

    /// # Errors
    /// Any fault of the database.
    pub async fn orders(
        &self,
        restaurant: RestaurantId,
        find: Find,
    ) -> Result<(Option<Feed>, Vec<StoredOrder>), Fault> {
        in_time(async {
            let mut tx = self.db.begin(Access::Read(&[restaurant])).await?;
            let feed = feed::heads(&mut tx, &[restaurant]).await?.pop();
            Ok((feed, orders::load(&mut tx, find).await?))
        })
        .await
    }

    /// One order, with the feed's head it is true for.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn order(&self, restaurant: RestaurantId, id: OrderId) -> Result<Option<(Seq, StoredOrder)>, Fault> {
        let (feed, mut orders) = self.orders(restaurant, Find::Ids(vec![(restaurant, id)])).await?;
        Ok(orders.pop().map(|order| (feed.map_or(0, |f| f.seq), order)))
    }

    /// # Errors
    /// Any fault of the database.
    pub async fn seating(
        &self,
        restaurant: RestaurantId,
        id: SeatingId,
    ) -> Result<Option<seatings::StoredSeating>, Fault> {
        in_time(async {
            let mut tx = self.db.begin(Access::Read(&[restaurant])).await?;
            Ok(seatings::load(&mut tx, seatings::Find::Ids(vec![(restaurant, id)])).await?.pop())
        })
        .await
    }

    /// # Errors
    /// Any fault of the database.
    pub async fn tables(&self, restaurant: RestaurantId) -> Result<Vec<Table>, Fault> {
        in_time(async {
            let mut tx = self.db.begin(Access::Read(&[restaurant])).await?;
            seatings::load_tables(&mut tx, restaurant).await
        })
        .await
    }

    /// # Errors
    /// Any fault of the database.
    pub async fn session(&self, restaurant: RestaurantId, id: SessionId) -> Result<Option<Session>, Fault> {
        in_time(async {
            let mut tx = self.db.begin(Access::Read(&[restaurant])).await?;
            Ok(people::sessions(&mut tx, vec![(restaurant, id)]).await?.pop())
        })
        .await
    }

    /// # Errors
    /// Any fault of the database.
    pub async fn role(&self, restaurant: RestaurantId, user: UserId) -> Result<Option<Role>, Fault> {
        in_time(async {
            let mut tx = self.db.begin(Access::Read(&[restaurant])).await?;
            people::role(&mut tx, restaurant, user).await
        })
        .await
    }

    /// Somebody's place, also when it has ended.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn member(&self, restaurant: RestaurantId, user: UserId) -> Result<Option<Member>, Fault> {
        in_time(async {
            let mut tx = self.db.begin(Access::Read(&[restaurant])).await?;
            Ok(people::members(&mut tx, vec![(restaurant, user)]).await?.pop().map(|(_, member)| member))
        })
        .await
    }

    /// Begins somebody's login, unless their place changed since it was `version`. Under the restaurant's lock, so
    /// that no login slips in while a role, a password or the place itself is being taken away.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn begin_session(&self, session: &Session, version: i64) -> Result<bool, Fault> {
        let r = session.restaurant;
        let Owner::Person(user) = session.owner else { return Ok(false) };
        let mut tx = self.db.begin(Access::Write(&[r])).await?;
        feed::lock(&mut tx, &[r]).await?;
        let member = people::members(&mut tx, vec![(r, user)]).await?.pop().map(|(_, member)| member);
        if member.is_none_or(|member| member.removed_at.is_some() || member.version != version) {
            return Ok(false);
        }
        people::insert_session(&mut tx, session).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// # Errors
    /// Any fault of the database.
    pub async fn screen(&self, restaurant: RestaurantId, id: ScreenId) -> Result<Option<Screen>, Fault> {
        in_time(async {
            let mut tx = self.db.begin(Access::Read(&[restaurant])).await?;
            Ok(screens::screens(&mut tx, vec![(restaurant, id)]).await?.pop().map(|(_, screen)| screen))
        })
        .await
    }

    /// The screens that have not been sent away.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn screens(&self, restaurant: RestaurantId) -> Result<Vec<Screen>, Fault> {
        in_time(async {
            let mut tx = self.db.begin(Access::Read(&[restaurant])).await?;
            Ok(screens::paired(&mut tx, restaurant).await?.into_iter().map(|(_, screen)| screen).collect())
        })
        .await
    }

    /// What is booked for takeaway from now on.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn booked(&self, restaurant: RestaurantId, now: Timestamp) -> Result<Booked, Fault> {
        in_time(async {
            let mut tx = self.db.begin(Access::Read(&[restaurant])).await?;
            takeaway::booked(&mut tx, restaurant, now).await
        })
        .await
    }

    /// # Errors
    /// Any fault of the database.
    pub async fn verification(&self, restaurant: RestaurantId, guest: GuestId) -> Result<Option<Verification>, Fault> {
        in_time(async {
            let mut tx = self.db.begin(Access::Read(&[restaurant])).await?;
            takeaway::find(&mut tx, restaurant, guest).await
        })
        .await
    }

    /// # Errors
    /// Any fault of the database.
    pub async fn begin_pairing(&self, pairing: &Pairing) -> Result<(), Fault> {
        let mut tx = self.db.begin(Access::Write(&[pairing.restaurant])).await?;
        screens::insert_pairing(&mut tx, pairing).await?;
        tx.commit().await
    }

    /// Looks first, without a lock: most of those who ask are still waiting.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn collect(&self, claim_hash: Vec<u8>, fresh: Session, now: Timestamp) -> Result<Collected, Fault> {
        let r = fresh.restaurant;
        let looked = in_time(async {
            let mut tx = self.db.begin(Access::Read(&[r])).await?;
            screens::claimed(&mut tx, r, claim_hash.clone()).await
        });
        match looked.await? {
            Some(pairing) if pairing.expires_at <= now => return Ok(Collected::Ended),
            Some(Pairing { screen: None, expires_at, .. }) => return Ok(Collected::Waiting { expires_at }),
            Some(_) => {}
            None => return Ok(Collected::Ended),
        }
        let mut tx = self.db.begin(Access::Write(&[r])).await?;
        feed::lock(&mut tx, &[r]).await?;
        let collected = screens::collect(&mut tx, claim_hash, fresh, now).await?;
        tx.commit().await?;
        Ok(collected)
    }

    /// Rotates the refresh token, if `old` is still what the database has.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn rotate_session(
        &self,
        old: &Session,
        new_hash: Vec<u8>,
        at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<bool, Fault> {
        let mut tx = self.db.begin(Access::Write(&[old.restaurant])).await?;
        let rotated = people::rotate(&mut tx, old, new_hash, at, expires_at).await?;
        tx.commit().await?;
        Ok(rotated)
    }

    /// Makes a restaurant with its menu and tables.
    ///
    /// # Errors
    /// Any fault of the database; a slug that is taken is one.
    pub async fn create_restaurant(
        &self,
        menu: &Menu,
        tables: &[Table],
        epoch: Epoch,
        at: Timestamp,
    ) -> Result<(), Fault> {
        let r = menu.restaurant.id;
        let mut tx = self.db.begin(Access::Write(&[r])).await?;
        menus::insert(&mut tx, menu, epoch.0, at.0).await?;
        let rows: Vec<_> = tables.iter().map(|table| (r, table)).collect();
        seatings::save_tables(&mut tx, &rows).await?;
        tx.commit().await
    }

    /// # Errors
    /// Any fault of the database.
    pub async fn add_member(&self, restaurant: RestaurantId, user: UserId, role: Role) -> Result<(), Fault> {
        let mut tx = self.db.begin(Access::Write(&[restaurant])).await?;
        people::insert_membership(&mut tx, restaurant, user, role).await?;
        tx.commit().await
    }

    /// Prunes one restaurant by one small batch; says whether more is left.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn prune(&self, restaurant: RestaurantId, keep: Retention) -> Result<bool, Fault> {
        let mut tx = self.db.begin(Access::Write(&[restaurant])).await?;
        let more = feed::prune(&mut tx, restaurant, keep).await?;
        learned::forget(&mut tx, restaurant, keep.events_before).await?;
        pictures::prune(&mut tx, restaurant, keep.now).await?;
        tx.commit().await?;
        Ok(more)
    }

    /// Begins a new history of one restaurant (L2).
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn new_epoch(&self, restaurant: RestaurantId, epoch: Epoch) -> Result<(), Fault> {
        let mut tx = self.db.begin(Access::Write(&[restaurant])).await?;
        feed::new_epoch(&mut tx, restaurant, epoch).await?;
        tx.commit().await
    }
}
