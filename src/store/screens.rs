//! Paired screens, and the wishes to be paired.

use super::db::{Row, Tx, binds, to_json};
use super::fault::Fault;
use super::people::{self, Owner, Session};
use crate::domain::ids::{RestaurantId, ScreenId, SessionId};
use crate::domain::people::Screen;
use crate::domain::time::Timestamp;

/// A screen's wish: it shows a code and keeps a claim; here are the digests of both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pairing {
    pub restaurant: RestaurantId,
    pub code_hash: Vec<u8>,
    pub claim_hash: Vec<u8>,
    pub expires_at: Timestamp,
    /// A manager confirmed it: the code has done its work.
    pub screen: Option<ScreenId>,
    /// The screen has collected its login.
    pub session: Option<SessionId>,
}

/// What a screen that comes with its claim gets.
#[derive(Clone, Debug)]
pub enum Collected {
    /// Nobody has confirmed the code yet.
    Waiting {
        expires_at: Timestamp,
    },
    /// Too late, collected already, or sent away since.
    Ended,
    In(Box<(Session, Screen)>),
}

macro_rules! select_pairings {
    ($tail:literal) => {
        concat!("select restaurant_id, code_hash, claim_hash, expires_at, device_id, session_id from pairings ", $tail)
    };
}

/// # Errors
/// Any fault of the database.
pub async fn insert_pairing(tx: &mut Tx, p: &Pairing) -> Result<(), Fault> {
    tx.execute(
        "insert into pairings (restaurant_id, code_hash, claim_hash, expires_at) values ($1, $2, $3, $4)",
        binds![p.restaurant.0, p.code_hash.clone(), p.claim_hash.clone(), p.expires_at.0],
    )
    .await?;
    Ok(())
}

/// # Errors
/// Any fault of the database.
pub async fn pairings(tx: &mut Tx, codes: Vec<(RestaurantId, Vec<u8>)>) -> Result<Vec<Pairing>, Fault> {
    let keys = codes.into_iter().map(|(r, hash)| binds![r.0, hash]).collect();
    let rows = tx.query_keys(select_pairings!("where (restaurant_id, code_hash) in"), keys, "").await?;
    rows.iter().map(pairing_of).collect()
}

/// # Errors
/// Any fault of the database.
pub async fn claimed(tx: &mut Tx, restaurant: RestaurantId, claim_hash: Vec<u8>) -> Result<Option<Pairing>, Fault> {
    let sql = select_pairings!("where restaurant_id = $1 and claim_hash = $2");
    let rows = tx.query(sql, binds![restaurant.0, claim_hash]).await?;
    rows.first().map(pairing_of).transpose()
}

/// Writes what became of wishes.
///
/// # Errors
/// Any fault of the database.
pub async fn save_pairing(tx: &mut Tx, p: &Pairing) -> Result<(), Fault> {
    tx.execute(
        "update pairings set device_id = $3, session_id = $4 where restaurant_id = $1 and code_hash = $2",
        binds![p.restaurant.0, p.code_hash.clone(), p.screen.map(|id| id.0), p.session.map(|id| id.0)],
    )
    .await?;
    Ok(())
}

/// Gives a screen its login, once; again while it has not been used, since the first answer may have been lost.
/// Under the restaurant's lock: a screen that is being revoked gets none.
///
/// # Errors
/// Any fault of the database.
pub async fn collect(tx: &mut Tx, claim_hash: Vec<u8>, fresh: Session, now: Timestamp) -> Result<Collected, Fault> {
    let restaurant = fresh.restaurant;
    let Some(pairing) = claimed(tx, restaurant, claim_hash).await?.filter(|p| p.expires_at > now) else {
        return Ok(Collected::Ended);
    };
    let Some(id) = pairing.screen else { return Ok(Collected::Waiting { expires_at: pairing.expires_at }) };
    let screen = screens(tx, vec![(restaurant, id)]).await?.pop().filter(|(_, screen)| screen.revoked_at.is_none());
    let Some((_, screen)) = screen else { return Ok(Collected::Ended) };
    let Some(session) = pairing.session else {
        let session = Session { owner: Owner::Screen(id), ..fresh };
        people::insert_session(tx, &session).await?;
        save_pairing(tx, &Pairing { session: Some(session.id), ..pairing }).await?;
        return Ok(Collected::In(Box::new((session, screen))));
    };
    let held = people::screens_sessions(tx, vec![(restaurant, session)]).await?.pop();
    let unused = held.filter(|held| held.generation == 1 && held.revoked_at.is_none());
    Ok(unused.map_or(Collected::Ended, |held| Collected::In(Box::new((held, screen)))))
}

macro_rules! select_screens {
    ($tail:literal) => {
        concat!("select restaurant_id, id, name, stations, version, paired_at, revoked_at from devices ", $tail)
    };
}

/// # Errors
/// Any fault of the database.
pub async fn screens(tx: &mut Tx, ids: Vec<(RestaurantId, ScreenId)>) -> Result<Vec<(RestaurantId, Screen)>, Fault> {
    let keys = ids.into_iter().map(|(r, s)| binds![r.0, s.0]).collect();
    let rows = tx.query_keys(select_screens!("where (restaurant_id, id) in"), keys, "").await?;
    rows.iter().map(screen_of).collect()
}

/// The screens of a restaurant that have not been sent away.
///
/// # Errors
/// Any fault of the database.
pub async fn paired(tx: &mut Tx, restaurant: RestaurantId) -> Result<Vec<(RestaurantId, Screen)>, Fault> {
    let sql = select_screens!("where restaurant_id = $1 and revoked_at is null order by name, id");
    tx.query(sql, binds![restaurant.0]).await?.iter().map(screen_of).collect()
}

/// Writes screens as they are now, new or changed.
///
/// # Errors
/// Any fault of the database.
pub async fn save_screens(tx: &mut Tx, screens: &[(RestaurantId, &Screen)]) -> Result<(), Fault> {
    let row = |(r, s): &(RestaurantId, &Screen)| {
        Ok(binds![
            r.0,
            s.id.0,
            s.name.as_str(),
            to_json(&s.stations)?,
            s.version,
            s.paired_at.0,
            s.revoked_at.map(|at| at.0)
        ])
    };
    let rows = screens.iter().map(row).collect::<Result<_, Fault>>()?;
    tx.execute_rows(
        "insert into devices (restaurant_id, id, name, stations, version, paired_at, revoked_at)",
        rows,
        "on conflict (restaurant_id, id) do update set name = excluded.name, stations = excluded.stations, \
         version = excluded.version, paired_at = excluded.paired_at, revoked_at = excluded.revoked_at",
    )
    .await?;
    Ok(())
}

fn pairing_of(row: &Row) -> Result<Pairing, Fault> {
    Ok(Pairing {
        restaurant: RestaurantId(row.id(0)?),
        code_hash: row.bytes(1)?,
        claim_hash: row.bytes(2)?,
        expires_at: Timestamp(row.int(3)?),
        screen: row.maybe_id(4)?.map(ScreenId),
        session: row.maybe_id(5)?.map(SessionId),
    })
}

fn screen_of(row: &Row) -> Result<(RestaurantId, Screen), Fault> {
    let screen = Screen {
        id: ScreenId(row.id(1)?),
        name: row.text(2)?,
        stations: row.json(3)?,
        version: row.int(4)?,
        paired_at: Timestamp(row.int(5)?),
        revoked_at: row.maybe_int(6)?.map(Timestamp),
    };
    Ok((RestaurantId(row.id(0)?), screen))
}
