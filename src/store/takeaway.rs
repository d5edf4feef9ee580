//! What takeaway keeps: what is booked by slot, until when it is closed, and phones that are verified.

use super::db::{Row, Tx, binds};
use super::fault::Fault;
use crate::domain::ids::{GuestId, RestaurantId};
use crate::domain::limits::CODE_TRIES;
use crate::domain::takeaway::{Booked, SLOT};
use crate::domain::time::Timestamp;

/// What is booked from now on.
///
/// # Errors
/// Any fault of the database.
pub async fn booked(tx: &mut Tx, restaurant: RestaurantId, now: Timestamp) -> Result<Booked, Fault> {
    // By slot: there are fewer of them than orders, and only so many.
    let rows = tx
        .query(
            "select min(pickup_at), count(*), cast(sum(make_minutes) as bigint) from orders \
             where restaurant_id = $1 and pickup_at >= $2 and cancelled_at is null group by pickup_at / $3",
            binds![restaurant.0, now.minus(SLOT).0, i64::try_from(SLOT.as_micros()).unwrap_or(i64::MAX)],
        )
        .await?;
    let mut booked = Booked::default();
    for row in &rows {
        booked.add(Timestamp(row.int(0)?), row.int(1)?, row.int(2)?);
    }
    Ok(booked)
}

/// # Errors
/// `Corrupt` when the restaurant is not there, and any fault of the database.
pub async fn pause(tx: &mut Tx, restaurant: RestaurantId, until: Option<Timestamp>) -> Result<(), Fault> {
    let sql = "update restaurants set takeaway_paused_until = $2 where id = $1";
    match tx.execute(sql, binds![restaurant.0, until.map(|at| at.0)]).await? {
        1 => Ok(()),
        _ => Err(Fault::Corrupt(format!("restaurant {restaurant} was not there to update"))),
    }
}

/// A phone that is to be verified, and afterwards the guest it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    pub restaurant: RestaurantId,
    pub id: GuestId,
    /// Keyed digests.
    pub phone_hash: Vec<u8>,
    pub code_hash: Vec<u8>,
    pub expires_at: Timestamp,
    pub verified_at: Option<Timestamp>,
}

/// # Errors
/// Any fault of the database.
pub async fn insert(tx: &mut Tx, one: &Verification) -> Result<(), Fault> {
    let sql = "insert into verifications (restaurant_id, id, phone_hash, code_hash, tries, expires_at, ends_at) \
               values ($1, $2, $3, $4, 0, $5, $5)";
    let binds = binds![one.restaurant.0, one.id.0, one.phone_hash.clone(), one.code_hash.clone(), one.expires_at.0];
    tx.execute(sql, binds).await?;
    Ok(())
}

/// Counts a try at a code, and answers what is to be compared; `None` when there are no more tries, or no more time.
/// The row's lock makes the count exact.
///
/// # Errors
/// Any fault of the database.
pub async fn count_try(
    tx: &mut Tx,
    restaurant: RestaurantId,
    id: GuestId,
    now: Timestamp,
) -> Result<Option<Verification>, Fault> {
    let rows = tx
        .query(
            "update verifications set tries = tries + 1 where restaurant_id = $1 and id = $2 and tries < $3 \
             and expires_at > $4 returning restaurant_id, id, phone_hash, code_hash, expires_at, verified_at",
            binds![restaurant.0, id.0, CODE_TRIES, now.0],
        )
        .await?;
    rows.first().map(verification_of).transpose()
}

/// The code was right: the row stays as long as the guest's token may live.
///
/// # Errors
/// Any fault of the database.
pub async fn verified(tx: &mut Tx, one: &Verification, at: Timestamp, ends_at: Timestamp) -> Result<(), Fault> {
    // Said again with the right code, it is the same guest.
    let sql = "update verifications set verified_at = coalesce(verified_at, $3), ends_at = $4, tries = tries - 1 \
               where restaurant_id = $1 and id = $2";
    tx.execute(sql, binds![one.restaurant.0, one.id.0, at.0, ends_at.0]).await?;
    Ok(())
}

/// # Errors
/// Any fault of the database.
pub async fn find(tx: &mut Tx, restaurant: RestaurantId, id: GuestId) -> Result<Option<Verification>, Fault> {
    let rows = tx
        .query(
            "select restaurant_id, id, phone_hash, code_hash, expires_at, verified_at from verifications \
             where restaurant_id = $1 and id = $2",
            binds![restaurant.0, id.0],
        )
        .await?;
    rows.first().map(verification_of).transpose()
}

fn verification_of(row: &Row) -> Result<Verification, Fault> {
    Ok(Verification {
        restaurant: RestaurantId(row.id(0)?),
        id: GuestId(row.id(1)?),
        phone_hash: row.bytes(2)?,
        code_hash: row.bytes(3)?,
        expires_at: Timestamp(row.int(4)?),
        verified_at: row.maybe_int(5)?.map(Timestamp),
    })
}
