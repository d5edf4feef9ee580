//! What takeaway keeps: what is booked by slot, until when it is closed, and phones that are verified.

use super::db::{Access, Row, Tx, binds};
use super::fault::Fault;
use super::outbox::{self, NewCode};
use super::reads::Store;
use crate::domain::ids::{GuestId, RestaurantId};
use crate::domain::limits::CODE_TRIES;
use crate::domain::takeaway::{Booked, SLOT};
use crate::domain::time::Timestamp;

/// The columns of a verification, in the order of `verification_of`.
macro_rules! columns {
    () => {
        "restaurant_id, id, phone_hash, code_hash, expires_at, verified_at, ends_at"
    };
}

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
    /// It counts for nothing from then on.
    pub ends_at: Timestamp,
}

/// What became of a try at a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tried {
    Right,
    Wrong,
    /// No more tries, or no more time; or there never was such a code.
    Ended,
}

impl Store {
    /// Keeps a phone that is to be verified, and sends it its code: both or neither. Codes that the number had before
    /// end with it.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn begin_verification(&self, one: &Verification, code: NewCode, at: Timestamp) -> Result<(), Fault> {
        let mut tx = self.db.begin(Access::Write(&[one.restaurant])).await?;
        let end = "update verifications set expires_at = $3, ends_at = $3 \
                   where restaurant_id = $1 and phone_hash = $2 and verified_at is null and expires_at > $3";
        tx.execute(end, binds![one.restaurant.0, one.phone_hash.clone(), at.0]).await?;
        let sql = "insert into verifications (restaurant_id, id, phone_hash, code_hash, tries, expires_at, ends_at) \
                   values ($1, $2, $3, $4, 0, $5, $6)";
        let (phone, code_hash) = (one.phone_hash.clone(), one.code_hash.clone());
        let binds = binds![one.restaurant.0, one.id.0, phone, code_hash, one.expires_at.0, one.ends_at.0];
        tx.execute(sql, binds).await?;
        outbox::enqueue(&mut tx, vec![code.message(at)]).await?;
        tx.commit().await
    }

    /// Counts a try at a code and looks whether it is `right`, under the row's lock: tries in parallel are as many as
    /// tries in turn. The right one is not counted, and the phone stays verified until `ends_at`.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn try_code(
        &self,
        restaurant: RestaurantId,
        id: GuestId,
        right: impl Fn(&Verification) -> bool + Send,
        now: Timestamp,
        ends_at: Timestamp,
    ) -> Result<Tried, Fault> {
        let mut tx = self.db.begin(Access::Write(&[restaurant])).await?;
        let count = concat!(
            "update verifications set tries = tries + 1 where restaurant_id = $1 and id = $2 and tries < $3 \
             and expires_at > $4 returning ",
            columns!()
        );
        let rows = tx.query(count, binds![restaurant.0, id.0, CODE_TRIES, now.0]).await?;
        let Some(row) = rows.first() else { return Ok(Tried::Ended) };
        let tried = if right(&verification_of(row)?) { Tried::Right } else { Tried::Wrong };
        if tried == Tried::Right {
            let sql = "update verifications set verified_at = coalesce(verified_at, $3), ends_at = $4, \
                       tries = tries - 1 where restaurant_id = $1 and id = $2";
            tx.execute(sql, binds![restaurant.0, id.0, now.0, ends_at.0]).await?;
        }
        tx.commit().await?;
        Ok(tried)
    }

    /// A verified phone was here: it need not be verified again until `ends_at`. Says whether it still was.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn prolong_verification(
        &self,
        restaurant: RestaurantId,
        id: GuestId,
        now: Timestamp,
        ends_at: Timestamp,
    ) -> Result<bool, Fault> {
        let mut tx = self.db.begin(Access::Write(&[restaurant])).await?;
        let sql = "update verifications set ends_at = $4 \
                   where restaurant_id = $1 and id = $2 and verified_at is not null and ends_at > $3";
        let prolonged = tx.execute(sql, binds![restaurant.0, id.0, now.0, ends_at.0]).await? == 1;
        tx.commit().await?;
        Ok(prolonged)
    }

    /// A phone counts as verified no more. Nothing to do when it was not.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn end_verification(&self, restaurant: RestaurantId, id: GuestId) -> Result<(), Fault> {
        let mut tx = self.db.begin(Access::Write(&[restaurant])).await?;
        let sql = "delete from verifications where restaurant_id = $1 and id = $2";
        tx.execute(sql, binds![restaurant.0, id.0]).await?;
        tx.commit().await
    }
}

/// # Errors
/// Any fault of the database.
pub async fn find(tx: &mut Tx, restaurant: RestaurantId, id: GuestId) -> Result<Option<Verification>, Fault> {
    let select = concat!("select ", columns!(), " from verifications where restaurant_id = $1 and id = $2");
    let rows = tx.query(select, binds![restaurant.0, id.0]).await?;
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
        ends_at: Timestamp(row.int(6)?),
    })
}
