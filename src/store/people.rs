//! People and screens that may come in: places in a restaurant, and logins. Passwords are checked elsewhere;
//! here lie only hashes.

use super::db::{Row, Tx, binds};
use super::fault::Fault;
use crate::domain::ids::{RestaurantId, ScreenId, SessionId, UserId};
use crate::domain::limits::ENDED_LOGINS;
use crate::domain::people::{Member, Role};
use crate::domain::time::Timestamp;
use uuid::Uuid;

/// Whose login it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Owner {
    Person(UserId),
    Screen(ScreenId),
}

/// The statement on the table that has such logins: people's and screens' are alike but for whose they are.
macro_rules! of_owner {
    ($owner:expr, $($sql:tt)*) => {
        match $owner {
            Owner::Person(_) => of_owner!(@ "sessions", "user_id", $($sql)*),
            Owner::Screen(_) => of_owner!(@ "screen_sessions", "device_id", $($sql)*),
        }
    };
    (@ $table:literal, $owner:literal, $a:literal table $b:literal) => { concat!($a, $table, $b) };
    (@ $table:literal, $owner:literal, $a:literal table $b:literal owner $c:literal) => {
        concat!($a, $table, $b, $owner, $c)
    };
}

impl Owner {
    fn id(self) -> Uuid {
        match self {
            Self::Person(user) => user.0,
            Self::Screen(screen) => screen.0,
        }
    }

    /// Somebody else of the same kind.
    fn like(self, id: Uuid) -> Self {
        match self {
            Self::Person(_) => Self::Person(UserId(id)),
            Self::Screen(_) => Self::Screen(ScreenId(id)),
        }
    }
}

/// Some person: names the table.
const PERSON: Owner = Owner::Person(UserId(Uuid::nil()));
/// Some screen.
const SCREEN: Owner = Owner::Screen(ScreenId(Uuid::nil()));

/// A login: a family of refresh tokens, of which only the newest is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub restaurant: RestaurantId,
    pub id: SessionId,
    pub owner: Owner,
    /// SHA-256 of the newest refresh token.
    pub refresh_hash: Vec<u8>,
    /// Counts rotations.
    pub generation: i64,
    pub refreshed_at: Timestamp,
    pub expires_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
}

/// # Errors
/// Any fault of the database.
pub async fn insert_session(tx: &mut Tx, s: &Session) -> Result<(), Fault> {
    let sql = of_owner!(s.owner, "insert into " table " (restaurant_id, id, " owner ", refresh_hash, generation, created_at, \
        refreshed_at, expires_at) values ($1, $2, $3, $4, $5, $6, $6, $7)");
    let (hash, owner) = (s.refresh_hash.clone(), s.owner.id());
    let binds = binds![s.restaurant.0, s.id.0, owner, hash, s.generation, s.refreshed_at.0, s.expires_at.0];
    tx.execute(sql, binds).await?;
    Ok(())
}

/// The logins of these ids, people's or screens'.
///
/// # Errors
/// Any fault of the database.
pub async fn sessions(tx: &mut Tx, ids: Vec<(RestaurantId, SessionId)>) -> Result<Vec<Session>, Fault> {
    let mut found = peoples_sessions(tx, ids.clone()).await?;
    if found.len() < ids.len() {
        found.extend(screens_sessions(tx, ids).await?);
    }
    Ok(found)
}

/// # Errors
/// Any fault of the database.
pub async fn peoples_sessions(tx: &mut Tx, ids: Vec<(RestaurantId, SessionId)>) -> Result<Vec<Session>, Fault> {
    sessions_like(tx, PERSON, ids).await
}

/// # Errors
/// Any fault of the database.
pub async fn screens_sessions(tx: &mut Tx, ids: Vec<(RestaurantId, SessionId)>) -> Result<Vec<Session>, Fault> {
    sessions_like(tx, SCREEN, ids).await
}

async fn sessions_like(tx: &mut Tx, kind: Owner, ids: Vec<(RestaurantId, SessionId)>) -> Result<Vec<Session>, Fault> {
    let keys = ids.into_iter().map(|(r, s)| binds![r.0, s.0]).collect();
    let sql = match kind {
        Owner::Person(_) => {
            "select restaurant_id, id, user_id, refresh_hash, generation, refreshed_at, expires_at, revoked_at \
             from sessions where (restaurant_id, id) in"
        }
        Owner::Screen(_) => {
            "select restaurant_id, id, device_id, refresh_hash, generation, refreshed_at, expires_at, revoked_at \
             from screen_sessions where (restaurant_id, id) in"
        }
    };
    let rows = tx.query_keys(sql, keys, "").await?;
    rows.iter().map(|row| session_of(kind, row)).collect()
}

/// The logins of one person or screen that have not ended, the newest first, at most [`ENDED_LOGINS`].
///
/// # Errors
/// Any fault of the database.
pub async fn live_sessions(tx: &mut Tx, restaurant: RestaurantId, owner: Owner) -> Result<Vec<Session>, Fault> {
    let sql = match owner {
        Owner::Person(_) => {
            "select restaurant_id, id, user_id, refresh_hash, generation, refreshed_at, expires_at, revoked_at \
             from sessions where restaurant_id = $1 and user_id = $2 and revoked_at is null \
             order by refreshed_at desc limit $3"
        }
        Owner::Screen(_) => {
            "select restaurant_id, id, device_id, refresh_hash, generation, refreshed_at, expires_at, revoked_at \
             from screen_sessions where restaurant_id = $1 and device_id = $2 and revoked_at is null \
             order by refreshed_at desc limit $3"
        }
    };
    let rows = tx.query(sql, binds![restaurant.0, owner.id(), ENDED_LOGINS]).await?;
    rows.iter().map(|row| session_of(owner, row)).collect()
}

/// Replaces the refresh token, if the one presented is still the newest.
///
/// # Errors
/// Any fault of the database.
pub async fn rotate(
    tx: &mut Tx,
    old: &Session,
    new_hash: Vec<u8>,
    at: Timestamp,
    expires_at: Timestamp,
) -> Result<bool, Fault> {
    let sql = of_owner!(old.owner, "update " table " set refresh_hash = $4, generation = generation + 1, refreshed_at = $5, \
        expires_at = $6 where restaurant_id = $1 and id = $2 and generation = $3 and revoked_at is null");
    let binds = binds![old.restaurant.0, old.id.0, old.generation, new_hash, at.0, expires_at.0];
    Ok(tx.execute(sql, binds).await? == 1)
}

/// # Errors
/// Any fault of the database.
pub async fn revoke(tx: &mut Tx, session: &Session, at: Timestamp) -> Result<bool, Fault> {
    let sql = of_owner!(session.owner, "update " table " set revoked_at = $3 \
        where restaurant_id = $1 and id = $2 and revoked_at is null");
    Ok(tx.execute(sql, binds![session.restaurant.0, session.id.0, at.0]).await? == 1)
}

/// Ends every login of one person or screen, however many there are.
///
/// # Errors
/// Any fault of the database.
pub async fn revoke_all(tx: &mut Tx, restaurant: RestaurantId, owner: Owner, at: Timestamp) -> Result<(), Fault> {
    let sql = of_owner!(owner, "update " table " set revoked_at = $3 where restaurant_id = $1 and " owner " = $2 \
        and revoked_at is null");
    tx.execute(sql, binds![restaurant.0, owner.id(), at.0]).await?;
    Ok(())
}

/// The role of a person at a restaurant; `None` when they no longer work there.
///
/// # Errors
/// Any fault of the database.
pub async fn role(tx: &mut Tx, restaurant: RestaurantId, user: UserId) -> Result<Option<Role>, Fault> {
    let found = members(tx, vec![(restaurant, user)]).await?;
    Ok(found.into_iter().map(|(_, member)| member).find(|m| m.removed_at.is_none()).map(|m| m.role))
}

/// Also those who work there no longer.
///
/// # Errors
/// Any fault of the database.
pub async fn members(tx: &mut Tx, ids: Vec<(RestaurantId, UserId)>) -> Result<Vec<(RestaurantId, Member)>, Fault> {
    let keys = ids.into_iter().map(|(r, u)| binds![r.0, u.0]).collect();
    let rows = tx
        .query_keys(
            "select restaurant_id, user_id, role, version, removed_at from memberships where (restaurant_id, user_id) in",
            keys,
            "",
        )
        .await?;
    let member = |row: &Row| {
        Ok::<_, Fault>(Member {
            user: UserId(row.id(1)?),
            role: row.word(2, Role::parse)?,
            version: row.int(3)?,
            removed_at: row.maybe_int(4)?.map(Timestamp),
        })
    };
    rows.iter().map(|row| Ok((RestaurantId(row.id(0)?), member(row)?))).collect()
}

/// Writes places as they are now, new or changed.
///
/// # Errors
/// Any fault of the database.
pub async fn save_members(tx: &mut Tx, members: &[(RestaurantId, &Member)]) -> Result<(), Fault> {
    let rows = members
        .iter()
        .map(|(r, m)| binds![r.0, m.user.0, m.role.name(), m.version, m.removed_at.map(|at| at.0)])
        .collect();
    tx.execute_rows(
        "insert into memberships (restaurant_id, user_id, role, version, removed_at)",
        rows,
        "on conflict (restaurant_id, user_id) do update set role = excluded.role, version = excluded.version, \
         removed_at = excluded.removed_at",
    )
    .await?;
    Ok(())
}

/// # Errors
/// Any fault of the database.
pub async fn insert_membership(tx: &mut Tx, restaurant: RestaurantId, user: UserId, role: Role) -> Result<(), Fault> {
    save_members(tx, &[(restaurant, &Member { user, role, version: 1, removed_at: None })]).await
}

fn session_of(kind: Owner, row: &Row) -> Result<Session, Fault> {
    Ok(Session {
        restaurant: RestaurantId(row.id(0)?),
        id: SessionId(row.id(1)?),
        owner: kind.like(row.id(2)?),
        refresh_hash: row.bytes(3)?,
        generation: row.int(4)?,
        refreshed_at: Timestamp(row.int(5)?),
        expires_at: Timestamp(row.int(6)?),
        revoked_at: row.maybe_int(7)?.map(Timestamp),
    })
}
