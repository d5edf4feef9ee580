//! The outbox across restaurants: what is due, which numbers want to hear nothing, what providers have told before.

use crate::domain::order::Channel;
use crate::domain::time::Timestamp;
use crate::store::db::{Access, Db, binds};
use crate::store::fault::Fault;
use crate::store::outbox::{Message, columns, message_of};
use uuid::Uuid;

/// Claims what is due: nobody else gets it before `until`. Nodes do not wait for each other.
///
/// # Errors
/// Any fault of the database.
pub async fn claim(db: &Db, claim: Uuid, now: Timestamp, until: Timestamp, limit: i64) -> Result<Vec<Message>, Fault> {
    // SQLite has one writer, which orders wait for: it is only asked when there is something to do.
    if !is_due(db, now).await? {
        return Ok(Vec::new());
    }
    let mut tx = db.begin(Access::WideWrite).await?;
    let due = format!("order by next_at limit $2{}", tx.skip_locked());
    let keys = tx
        .query_more("select restaurant_id, id from notifications where next_at <= $1", &due, binds![now.0, limit])
        .await?;
    let keys =
        keys.iter().map(|row| Ok(binds![row.id(0)?, row.id(1)?, claim, until.0])).collect::<Result<Vec<_>, Fault>>()?;
    let again = keys.iter().map(|key| key[..2].to_vec()).collect();
    tx.execute_rows(
        "update notifications set claim = v.column3, next_at = v.column4 from (",
        keys,
        ") as v where notifications.restaurant_id = v.column1 and notifications.id = v.column2",
    )
    .await?;
    let select = concat!("select ", columns!(), " from notifications where (restaurant_id, id) in");
    let rows = tx.query_keys(select, again, "order by created_at").await?;
    let messages = rows.iter().map(message_of).collect::<Result<_, _>>()?;
    tx.commit().await?;
    Ok(messages)
}

async fn is_due(db: &Db, now: Timestamp) -> Result<bool, Fault> {
    let mut tx = db.begin(Access::WideRead).await?;
    let rows = tx.query("select 1 from notifications where next_at <= $1 limit 1", binds![now.0]).await?;
    Ok(!rows.is_empty())
}

/// What is known of a number or address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// It wrote to us before, or something was noted of it.
    pub said: bool,
    /// It wants to hear nothing.
    pub stopped: bool,
    /// When it wrote last.
    pub wrote_at: Option<Timestamp>,
    /// Messages that went there since.
    pub recent: i64,
}

/// # Errors
/// Any fault of the database.
pub async fn standing(
    db: &Db,
    channel: Channel,
    address_hashes: &[Vec<u8>],
    since: Timestamp,
) -> Result<Standing, Fault> {
    let mut tx = db.begin(Access::WideRead).await?;
    let mut standing = Standing::default();
    // One for each key that is still known: hardly ever more than one.
    for hash in address_hashes {
        let select = "select stopped_at, wrote_at from numbers where channel = $1 and address_hash = $2";
        let rows = tx.query(select, binds![channel.name(), hash.clone()]).await?;
        if let Some(row) = rows.first() {
            // What was said under a newer key counts.
            standing.stopped = if standing.said { standing.stopped } else { row.maybe_int(0)?.is_some() };
            standing.said = true;
            standing.wrote_at = standing.wrote_at.max(row.maybe_int(1)?.map(Timestamp));
        }
        let select = "select count(*) from notifications where address_hash = $1 and created_at >= $2 and attempts > 0";
        let rows = tx.query(select, binds![hash.clone(), since.0]).await?;
        standing.recent += rows.first().map_or(Ok(0), |row| row.int(0))?;
    }
    Ok(standing)
}

/// Notes that a number wrote. Whether it wants to hear nothing more from here on: `None` is as before.
///
/// # Errors
/// Any fault of the database.
pub async fn wrote(
    db: &Db,
    (channel, address_hash): (Channel, &[u8]),
    stops: Option<bool>,
    at: Timestamp,
) -> Result<(), Fault> {
    set(db, (channel, address_hash), stops, Some(at), at).await
}

/// Notes what a number wants, which did not write on this channel.
///
/// # Errors
/// Any fault of the database.
pub async fn wishes(
    db: &Db,
    (channel, address_hash): (Channel, &[u8]),
    stops: bool,
    at: Timestamp,
) -> Result<(), Fault> {
    set(db, (channel, address_hash), Some(stops), None, at).await
}

async fn set(
    db: &Db,
    (channel, address_hash): (Channel, &[u8]),
    stops: Option<bool>,
    wrote_at: Option<Timestamp>,
    at: Timestamp,
) -> Result<(), Fault> {
    let mut tx = db.begin(Access::WideWrite).await?;
    tx.execute(
        "insert into numbers (channel, address_hash, stopped_at, wrote_at) values ($1, $2, $3, $4) \
         on conflict (channel, address_hash) do update set wrote_at = coalesce(excluded.wrote_at, numbers.wrote_at), \
         stopped_at = case when $5 then excluded.stopped_at else numbers.stopped_at end",
        binds![
            channel.name(),
            address_hash.to_vec(),
            stops.unwrap_or(false).then_some(at.0),
            wrote_at.map(|at| at.0),
            stops.is_some()
        ],
    )
    .await?;
    tx.commit().await
}

/// Is this the first time that a provider tells this?
///
/// # Errors
/// Any fault of the database.
pub async fn is_first(db: &Db, id: &str, at: Timestamp) -> Result<bool, Fault> {
    let mut tx = db.begin(Access::WideWrite).await?;
    let insert = "insert into hooks (id, at) values ($1, $2) on conflict (id) do nothing";
    let first = tx.execute(insert, binds![id, at.0]).await? == 1;
    tx.commit().await?;
    Ok(first)
}

/// Forgets messages that ended before then, and what providers told. Says whether more is left.
///
/// # Errors
/// Any fault of the database.
pub async fn prune(db: &Db, before: Timestamp, batch: i64) -> Result<bool, Fault> {
    let mut tx = db.begin(Access::WideWrite).await?;
    let gone = tx
        .execute(
            "delete from notifications where (restaurant_id, id) in (select restaurant_id, id from notifications \
             where created_at < $1 and next_at is null limit $2)",
            binds![before.0, batch],
        )
        .await?;
    let hooks = "delete from hooks where id in (select id from hooks where at < $1 order by at limit $2)";
    let told = tx.execute(hooks, binds![before.0, batch]).await?;
    tx.commit().await?;
    Ok([gone, told].iter().any(|n| i64::try_from(*n).is_ok_and(|n| n >= batch)))
}

/// Forgets where guests wanted to be told who agreed before then. Says whether more is left.
///
/// # Errors
/// Any fault of the database.
pub async fn prune_contacts(db: &Db, before: Timestamp, batch: i64) -> Result<bool, Fault> {
    let mut tx = db.begin(Access::WideWrite).await?;
    let gone = tx
        .execute(
            "delete from contacts where (restaurant_id, order_id) in (select restaurant_id, order_id from contacts \
             where consented_at < $1 or consented_at is null limit $2)",
            binds![before.0, batch],
        )
        .await?;
    tx.commit().await?;
    Ok(i64::try_from(gone).is_ok_and(|gone| gone >= batch))
}
