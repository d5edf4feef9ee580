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

impl Owner {
    fn columns(self) -> (Option<Uuid>, Option<Uuid>) {
        match self {
            Self::Person(user) => (Some(user.0), None),
            Self::Screen(screen) => (None, Some(screen.0)),
        }
    }
}

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

macro_rules! select_sessions {
    ($tail:literal) => {
        concat!(
            "select restaurant_id, id, user_id, device_id, refresh_hash, generation, refreshed_at, expires_at, revoked_at from sessions ",
            $tail
        )
    };
}

/// # Errors
/// Any fault of the database.
pub async fn insert_session(tx: &mut Tx, s: &Session) -> Result<(), Fault> {
    let (user, device) = s.owner.columns();
    tx.execute(
        "insert into sessions (restaurant_id, id, user_id, device_id, refresh_hash, generation, created_at, refreshed_at, \
         expires_at) values ($1, $2, $3, $4, $5, $6, $7, $7, $8)",
        binds![
            s.restaurant.0,
            s.id.0,
            user,
            device,
            s.refresh_hash.clone(),
            s.generation,
            s.refreshed_at.0,
            s.expires_at.0
        ],
    )
    .await?;
    Ok(())
}

/// # Errors
/// Any fault of the database.
pub async fn sessions(tx: &mut Tx, ids: Vec<(RestaurantId, SessionId)>) -> Result<Vec<Session>, Fault> {
    let keys = ids.into_iter().map(|(r, s)| binds![r.0, s.0]).collect();
    let rows = tx.query_keys(select_sessions!("where (restaurant_id, id) in"), keys, "").await?;
    rows.iter().map(session_of).collect()
}

/// The logins of one person or screen that have not ended, the newest first, at most [`ENDED_LOGINS`].
///
/// # Errors
/// Any fault of the database.
pub async fn live_sessions(tx: &mut Tx, restaurant: RestaurantId, owner: Owner) -> Result<Vec<Session>, Fault> {
    let (sql, id) = match owner {
        Owner::Person(UserId(id)) => (
            select_sessions!(
                "where restaurant_id = $1 and user_id = $2 and revoked_at is null order by refreshed_at desc limit $3"
            ),
            id,
        ),
        Owner::Screen(ScreenId(id)) => (
            select_sessions!(
                "where restaurant_id = $1 and device_id = $2 and revoked_at is null order by refreshed_at desc limit $3"
            ),
            id,
        ),
    };
    let rows = tx.query(sql, binds![restaurant.0, id, ENDED_LOGINS]).await?;
    rows.iter().map(session_of).collect()
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
    let touched = tx
        .execute(
            "update sessions set refresh_hash = $4, generation = generation + 1, refreshed_at = $5, expires_at = $6 \
             where restaurant_id = $1 and id = $2 and generation = $3 and revoked_at is null",
            binds![old.restaurant.0, old.id.0, old.generation, new_hash, at.0, expires_at.0],
        )
        .await?;
    Ok(touched == 1)
}

/// # Errors
/// Any fault of the database.
pub async fn revoke(tx: &mut Tx, restaurant: RestaurantId, session: SessionId, at: Timestamp) -> Result<bool, Fault> {
    let touched = tx
        .execute(
            "update sessions set revoked_at = $3 where restaurant_id = $1 and id = $2 and revoked_at is null",
            binds![restaurant.0, session.0, at.0],
        )
        .await?;
    Ok(touched == 1)
}

/// Ends every login of one person or screen, however many there are.
///
/// # Errors
/// Any fault of the database.
pub async fn revoke_all(tx: &mut Tx, restaurant: RestaurantId, owner: Owner, at: Timestamp) -> Result<(), Fault> {
    let (sql, id) = match owner {
        Owner::Person(UserId(id)) => {
            ("update sessions set revoked_at = $3 where restaurant_id = $1 and user_id = $2 and revoked_at is null", id)
        }
        Owner::Screen(ScreenId(id)) => (
            "update sessions set revoked_at = $3 where restaurant_id = $1 and device_id = $2 and revoked_at is null",
            id,
        ),
    };
    tx.execute(sql, binds![restaurant.0, id, at.0]).await?;
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

fn session_of(row: &Row) -> Result<Session, Fault> {
    let owner = match (row.maybe_id(2)?, row.maybe_id(3)?) {
        (Some(user), None) => Owner::Person(UserId(user)),
        (None, Some(device)) => Owner::Screen(ScreenId(device)),
        _ => return Err(Fault::Corrupt("a login is a person's or a screen's".to_owned())),
    };
    Ok(Session {
        restaurant: RestaurantId(row.id(0)?),
        id: SessionId(row.id(1)?),
        owner,
        refresh_hash: row.bytes(4)?,
        generation: row.int(5)?,
        refreshed_at: Timestamp(row.int(6)?),
        expires_at: Timestamp(row.int(7)?),
        revoked_at: row.maybe_int(8)?.map(Timestamp),
    })
}
