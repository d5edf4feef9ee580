//! The few queries that cross tenants, each named for what it is for. On Postgres they run as the
//! second role (`comanda_wide`); everything else sees only the restaurants it names.

pub mod outbox;
pub mod presence;
pub mod tries;

use super::db::{Access, Db, binds};
use super::fault::Fault;
use super::feed;
use crate::domain::ids::{Epoch, OrderId, RestaurantId, SeatingId, SessionId, UserId};
use crate::domain::people::Role;
use crate::domain::time::Timestamp;

/// Somebody who may sign in, with where they work.
#[derive(Clone, Debug)]
pub struct Account {
    pub user: UserId,
    pub name: String,
    pub password_hash: String,
    /// Where they work now.
    pub memberships: Vec<Membership>,
}

/// One of the places where somebody works.
#[derive(Clone, Debug)]
pub struct Membership {
    pub restaurant: RestaurantId,
    pub slug: String,
    pub role: Role,
    /// Of `Member`.
    pub version: i64,
}

/// Which restaurant a link means.
///
/// # Errors
/// Any fault of the database.
pub async fn restaurant_by_slug(db: &Db, slug: &str) -> Result<Option<RestaurantId>, Fault> {
    let mut tx = db.begin(Access::WideRead).await?;
    let rows = tx.query("select id from restaurants where slug = $1", binds![slug]).await?;
    rows.first().map(|row| Ok(RestaurantId(row.id(0)?))).transpose()
}

/// # Errors
/// Any fault of the database.
pub async fn all_restaurants(db: &Db) -> Result<Vec<RestaurantId>, Fault> {
    let mut tx = db.begin(Access::WideRead).await?;
    let rows = tx.query("select id from restaurants order by id", Vec::new()).await?;
    rows.iter().map(|row| Ok(RestaurantId(row.id(0)?))).collect()
}

/// Who signs in with this address.
///
/// # Errors
/// Any fault of the database.
pub async fn account_by_email(db: &Db, email: &str) -> Result<Option<Account>, Fault> {
    let mut tx = db.begin(Access::WideRead).await?;
    let rows = tx.query("select id, name, password_hash from users where email = $1", binds![email]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let user = UserId(row.id(0)?);
    let (name, password_hash) = (row.text(1)?, row.text(2)?);
    let rows = tx
        .query(
            "select m.restaurant_id, r.slug, m.role, m.version from memberships m \
             join restaurants r on r.id = m.restaurant_id \
             where m.user_id = $1 and m.removed_at is null order by r.slug",
            binds![user.0],
        )
        .await?;
    let memberships = rows
        .iter()
        .map(|row| {
            Ok(Membership {
                restaurant: RestaurantId(row.id(0)?),
                slug: row.text(1)?,
                role: row.word(2, Role::parse)?,
                version: row.int(3)?,
            })
        })
        .collect::<Result<_, Fault>>()?;
    Ok(Some(Account { user, name, password_hash, memberships }))
}

/// The name that goes with a person's events.
///
/// # Errors
/// Any fault of the database.
pub async fn user_name(db: &Db, user: UserId) -> Result<Option<String>, Fault> {
    let mut tx = db.begin(Access::WideRead).await?;
    let rows = tx.query("select name from users where id = $1", binds![user.0]).await?;
    rows.first().map(|row| row.text(0)).transpose()
}

/// # Errors
/// Any fault of the database; an address that is taken is one.
pub async fn insert_user(
    db: &Db,
    id: UserId,
    email: &str,
    name: &str,
    password_hash: &str,
    at: Timestamp,
) -> Result<(), Fault> {
    let mut tx = db.begin(Access::WideWrite).await?;
    tx.execute(
        "insert into users (id, email, name, password_hash, created_at) values ($1, $2, $3, $4, $5)",
        binds![id.0, email, name, password_hash, at.0],
    )
    .await?;
    tx.commit().await
}

/// Replaces a password, for all restaurants that the person works for.
///
/// # Errors
/// Any fault of the database.
pub async fn set_password(db: &Db, user: UserId, password_hash: &str) -> Result<(), Fault> {
    let mut tx = db.begin(Access::WideWrite).await?;
    tx.execute("update users set password_hash = $2 where id = $1", binds![user.0, password_hash]).await?;
    tx.commit().await
}

/// Does the person work for another restaurant than this one?
///
/// # Errors
/// Any fault of the database.
pub async fn works_elsewhere(db: &Db, user: UserId, than: RestaurantId) -> Result<bool, Fault> {
    let mut tx = db.begin(Access::WideRead).await?;
    let sql = "select 1 from memberships where user_id = $1 and restaurant_id <> $2 and removed_at is null limit 1";
    let rows = tx.query(sql, binds![user.0, than.0]).await?;
    Ok(!rows.is_empty())
}

/// Who works for a restaurant: id, name, address, role.
///
/// # Errors
/// Any fault of the database.
pub async fn staff_of(db: &Db, restaurant: RestaurantId) -> Result<Vec<(UserId, String, String, Role)>, Fault> {
    let mut tx = db.begin(Access::WideRead).await?;
    let rows = tx
        .query(
            "select u.id, u.name, u.email, m.role from memberships m join users u on u.id = m.user_id \
             where m.restaurant_id = $1 and m.removed_at is null order by u.name, u.email",
            binds![restaurant.0],
        )
        .await?;
    rows.iter().map(|row| Ok((UserId(row.id(0)?), row.text(1)?, row.text(2)?, row.word(3, Role::parse)?))).collect()
}

/// Orders whose alarm is due: no screen has shown them (W7). Restaurant, order, how many alarms it had.
///
/// # Errors
/// Any fault of the database.
pub async fn unseen_due(db: &Db, now: Timestamp, limit: i64) -> Result<Vec<(RestaurantId, OrderId, i64)>, Fault> {
    let mut tx = db.begin(Access::WideRead).await?;
    let rows = tx
        .query(
            "select restaurant_id, id, unseen_nth from orders where unseen_due <= $1 order by unseen_due limit $2",
            binds![now.0, limit],
        )
        .await?;
    rows.iter().map(|row| Ok((RestaurantId(row.id(0)?), OrderId(row.id(1)?), row.int(2)?))).collect()
}

/// Parties of which nobody was heard for long. Restaurant, seating, when it was due.
///
/// # Errors
/// Any fault of the database.
pub async fn idle_due(db: &Db, now: Timestamp, limit: i64) -> Result<Vec<(RestaurantId, SeatingId, Timestamp)>, Fault> {
    let mut tx = db.begin(Access::WideRead).await?;
    let rows = tx
        .query(
            "select restaurant_id, id, idle_due from seatings where idle_due <= $1 and idle_due is not null \
             and closed_at is null order by idle_due limit $2",
            binds![now.0, limit],
        )
        .await?;
    rows.iter().map(|row| Ok((RestaurantId(row.id(0)?), SeatingId(row.id(1)?), Timestamp(row.int(2)?)))).collect()
}

/// Scheduled orders whose time has come. Restaurant, order, and when it was to begin.
///
/// # Errors
/// Any fault of the database.
pub async fn start_due(db: &Db, now: Timestamp, limit: i64) -> Result<Vec<(RestaurantId, OrderId, Timestamp)>, Fault> {
    let mut tx = db.begin(Access::WideRead).await?;
    let sql = "select restaurant_id, id, start_at from orders where start_at <= $1 \
               order by start_at limit $2";
    let rows = tx.query(sql, binds![now.0, limit]).await?;
    rows.iter().map(|row| Ok((RestaurantId(row.id(0)?), OrderId(row.id(1)?), Timestamp(row.int(2)?)))).collect()
}

/// Logins that were ended since: loaded before a node is ready, as long as an access token may live.
///
/// # Errors
/// Any fault of the database.
pub async fn revoked_since(db: &Db, since: Timestamp) -> Result<Vec<(SessionId, Timestamp)>, Fault> {
    let mut tx = db.begin(Access::WideRead).await?;
    let mut rows = tx.query("select id, revoked_at from sessions where revoked_at >= $1", binds![since.0]).await?;
    let screens = "select id, revoked_at from screen_sessions where revoked_at >= $1";
    rows.extend(tx.query(screens, binds![since.0]).await?);
    rows.iter().map(|row| Ok((SessionId(row.id(0)?), Timestamp(row.int(1)?)))).collect()
}

/// Begins a new history of every restaurant, in one transaction: the database was restored, and cursors of the
/// history that went on without it must not be taken for cursors of this one (L2). Answers how many there are.
///
/// # Errors
/// `Corrupt` when a feed did not get its epoch, and any fault of the database.
pub async fn begin_epochs(db: &Db, mut fresh: impl FnMut() -> Epoch) -> Result<u64, Fault> {
    let mut tx = db.begin(Access::WideWrite).await?;
    let all = tx.query("select restaurant_id from feeds", Vec::new()).await?;
    let all = all.iter().map(|row| Ok(RestaurantId(row.id(0)?))).collect::<Result<Vec<_>, Fault>>()?;
    let feeds = feed::lock(&mut tx, &all).await?;
    let rows: Vec<_> = feeds.iter().map(|feed| binds![feed.restaurant.0, fresh().0]).collect();
    let expected = rows.len() as u64;
    let begun = tx
        .execute_rows("update feeds set epoch = v.column2 from (", rows, ") as v where feeds.restaurant_id = v.column1")
        .await?;
    if begun != expected {
        return Err(Fault::Corrupt(format!("{begun} of {expected} feeds got an epoch")));
    }
    tx.commit().await?;
    Ok(begun)
}
