//! Staff: their memberships and logins. Passwords are checked elsewhere; here lie only hashes.

use super::db::{Row, Tx, binds};
use super::fault::Fault;
use crate::domain::ids::{RestaurantId, SessionId, UserId};
use crate::domain::people::Role;
use crate::domain::time::Timestamp;

/// A login: a family of refresh tokens, of which only the newest is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub restaurant: RestaurantId,
    pub id: SessionId,
    pub user: UserId,
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
    tx.execute(
        "insert into sessions (restaurant_id, id, user_id, refresh_hash, generation, created_at, refreshed_at, expires_at) \
         values ($1, $2, $3, $4, $5, $6, $6, $7)",
        binds![s.restaurant.0, s.id.0, s.user.0, s.refresh_hash.clone(), s.generation, s.refreshed_at.0, s.expires_at.0],
    )
    .await?;
    Ok(())
}

/// # Errors
/// Any fault of the database.
pub async fn sessions(tx: &mut Tx, ids: Vec<(RestaurantId, SessionId)>) -> Result<Vec<Session>, Fault> {
    let keys = ids.into_iter().map(|(r, s)| binds![r.0, s.0]).collect();
    let rows = tx
        .query_keys(
            "select restaurant_id, id, user_id, refresh_hash, generation, refreshed_at, expires_at, revoked_at \
             from sessions where (restaurant_id, id) in",
            keys,
            "",
        )
        .await?;
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

/// The role and name of a person at a restaurant; `None` when they no longer work there.
///
/// # Errors
/// Any fault of the database.
pub async fn role(tx: &mut Tx, restaurant: RestaurantId, user: UserId) -> Result<Option<Role>, Fault> {
    let rows = tx
        .query("select role from memberships where restaurant_id = $1 and user_id = $2", binds![restaurant.0, user.0])
        .await?;
    rows.first().map(|row| row.word(0, Role::parse)).transpose()
}

/// # Errors
/// Any fault of the database.
pub async fn insert_membership(tx: &mut Tx, restaurant: RestaurantId, user: UserId, role: Role) -> Result<(), Fault> {
    tx.execute(
        "insert into memberships (restaurant_id, user_id, role) values ($1, $2, $3)",
        binds![restaurant.0, user.0, role.name()],
    )
    .await?;
    Ok(())
}

fn session_of(row: &Row) -> Result<Session, Fault> {
    Ok(Session {
        restaurant: RestaurantId(row.id(0)?),
        id: SessionId(row.id(1)?),
        user: UserId(row.id(2)?),
        refresh_hash: row.bytes(3)?,
        generation: row.int(4)?,
        refreshed_at: Timestamp(row.int(5)?),
        expires_at: Timestamp(row.int(6)?),
        revoked_at: row.maybe_int(7)?.map(Timestamp),
    })
}
