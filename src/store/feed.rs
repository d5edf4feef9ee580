//! The feed: a restaurant's events in order, its head, and how old ones fade.

use super::db::{Bind, Bundle, Row, Tx, binds, parse_json, to_json};
use super::fault::Fault;
use crate::domain::event::{Event, Kind, State};
use crate::domain::ids::{CommandId, Cursor, Epoch, RestaurantId, Seq};
use crate::domain::time::Timestamp;

/// The narrow row that orders a restaurant's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    pub restaurant: RestaurantId,
    pub epoch: Epoch,
    pub seq: Seq,
    /// Events up to here have lost their state: a cursor below it gets a snapshot.
    pub oldest: Seq,
    /// Of the newest event; `at` never goes back (L11).
    pub at: Timestamp,
    pub menu_version: i64,
    pub number_day: i64,
    pub number_last: i64,
}

impl Feed {
    #[must_use]
    pub fn head(&self) -> Cursor {
        Cursor { epoch: self.epoch, seq: self.seq }
    }
}

/// Takes the lock of each restaurant's feed, in one order everywhere, and reads the rows.
/// The first of the two statements: what is touched is loaded only after it.
///
/// # Errors
/// Any fault of the database; a lock that is held too long is one.
pub async fn lock(tx: &mut Tx, restaurants: &[RestaurantId]) -> Result<Vec<Feed>, Fault> {
    let tail = format!("order by restaurant_id{}", tx.feed_lock());
    read(tx, restaurants, &tail).await
}

/// Reads heads without a lock.
///
/// # Errors
/// Any fault of the database.
pub async fn heads(tx: &mut Tx, restaurants: &[RestaurantId]) -> Result<Vec<Feed>, Fault> {
    read(tx, restaurants, "").await
}

async fn read(tx: &mut Tx, restaurants: &[RestaurantId], tail: &str) -> Result<Vec<Feed>, Fault> {
    let keys = restaurants.iter().map(|r| binds![r.0]).collect();
    let rows = tx
        .query_keys(
            "select restaurant_id, epoch, seq, oldest, at, menu_version, number_day, number_last from feeds where restaurant_id in",
            keys,
            tail,
        )
        .await?;
    rows.iter().map(feed_of).collect()
}

fn feed_of(row: &Row) -> Result<Feed, Fault> {
    Ok(Feed {
        restaurant: RestaurantId(row.id(0)?),
        epoch: Epoch(row.id(1)?),
        seq: row.int(2)?,
        oldest: row.int(3)?,
        at: Timestamp(row.int(4)?),
        menu_version: row.int(5)?,
        number_day: row.int(6)?,
        number_last: row.int(7)?,
    })
}

/// Moves the heads. Every row must be there: it was locked.
pub fn advance(bundle: &mut Bundle, feeds: &[&Feed]) {
    let rows: Vec<Vec<Bind>> = feeds
        .iter()
        .map(|f| binds![f.restaurant.0, f.seq, f.at.0, f.menu_version, f.number_day, f.number_last])
        .collect();
    bundle.all_rows(
        "heads of feeds",
        "update feeds set seq = v.column2, at = v.column3, menu_version = v.column4, number_day = v.column5, \
         number_last = v.column6 from (",
        rows,
        ") as v where feeds.restaurant_id = v.column1",
    );
}

/// # Errors
/// None that is to be expected: what is stored as JSON can be.
pub fn append(bundle: &mut Bundle, events: &[Event]) -> Result<(), Fault> {
    let rows = events
        .iter()
        .map(|e| {
            Ok(binds![
                e.restaurant.0,
                e.seq,
                e.at.0,
                e.kind.name(),
                subject(&e.state),
                to_json(&e.by)?,
                e.command.0,
                to_json(&e.state)?,
            ])
        })
        .collect::<Result<_, Fault>>()?;
    bundle.rows("insert into events (restaurant_id, seq, at, kind, subject, actor, command_id, data)", rows, "");
    Ok(())
}

/// Events after `after` and up to `upto`, at most `limit`, in order. Events that have lost their
/// state are left out; the caller compares with `Feed::oldest` first.
///
/// # Errors
/// Any fault of the database.
pub async fn events(tx: &mut Tx, feed: &Feed, after: Seq, upto: Seq, limit: i64) -> Result<Vec<Event>, Fault> {
    let rows = tx
        .query(
            "select seq, at, kind, actor, command_id, data from events \
             where restaurant_id = $1 and seq > $2 and seq <= $3 and data is not null order by seq limit $4",
            binds![feed.restaurant.0, after, upto, limit],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Event {
                restaurant: feed.restaurant,
                epoch: feed.epoch,
                seq: row.int(0)?,
                at: Timestamp(row.int(1)?),
                kind: row.word(2, Kind::parse)?,
                by: row.json(3)?,
                command: CommandId(row.id(4)?),
                state: parse_json::<State>(&row.text(5)?)?,
            })
        })
        .collect()
}

/// What may be pruned, by age.
#[derive(Clone, Copy, Debug)]
pub struct Retention {
    pub now: Timestamp,
    /// Events before this lose their state (free text, allergies, names go with it).
    pub state_before: Timestamp,
    /// Events before this go altogether.
    pub events_before: Timestamp,
    /// Answers to commands before this are forgotten.
    pub commands_before: Timestamp,
    /// Rows per table at most in one transaction.
    pub batch: i64,
}

/// Prunes one restaurant, one small batch per table. Says whether more is left.
///
/// # Errors
/// Any fault of the database.
pub async fn prune(tx: &mut Tx, restaurant: RestaurantId, keep: Retention) -> Result<bool, Fault> {
    let Some(feed) = lock(tx, &[restaurant]).await?.pop() else { return Ok(false) };
    // What has faded is not looked through again: it is most of the feed, and orders wait for the lock.
    let faded = tx
        .query(
            "update events set data = null where restaurant_id = $1 and seq in (select seq from events \
             where restaurant_id = $1 and seq > $2 and at < $3 and data is not null order by seq limit $4) returning seq",
            binds![restaurant.0, feed.oldest, keep.state_before.0, keep.batch],
        )
        .await?;
    let seqs = faded.iter().map(|row| row.int(0)).collect::<Result<Vec<Seq>, _>>()?;
    if let Some(oldest) = seqs.iter().max() {
        tx.execute("update feeds set oldest = $2 where restaurant_id = $1", binds![restaurant.0, *oldest]).await?;
    }
    let gone = tx
        .execute(
            "delete from events where restaurant_id = $1 and seq in (select seq from events where restaurant_id = $1 \
             and at < $2 and data is null order by at limit $3)",
            binds![restaurant.0, keep.events_before.0, keep.batch],
        )
        .await?;
    let forgotten = tx
        .execute(
            "delete from commands where restaurant_id = $1 and id in (select id from commands where restaurant_id = $1 \
             and at < $2 order by at limit $3)",
            binds![restaurant.0, keep.commands_before.0, keep.batch],
        )
        .await?;
    Ok([seqs.len() as u64, gone, forgotten].iter().any(|n| i64::try_from(*n).is_ok_and(|n| n >= keep.batch)))
}

/// Begins a new history: every cursor of the old one gets a snapshot (L2).
///
/// # Errors
/// Any fault of the database.
pub async fn new_epoch(tx: &mut Tx, restaurant: RestaurantId, epoch: Epoch) -> Result<(), Fault> {
    lock(tx, &[restaurant]).await?;
    tx.execute("update feeds set epoch = $2 where restaurant_id = $1", binds![restaurant.0, epoch.0]).await?;
    Ok(())
}

fn subject(state: &State) -> uuid::Uuid {
    match state {
        State::Order { order } => order.id.0,
        State::Seen { seen } => seen.first().map_or(uuid::Uuid::nil(), |s| s.order.0),
        State::Unseen { unseen } => unseen.order.0,
        State::Expected { expected } => expected.first().map_or(uuid::Uuid::nil(), |e| e.order.0),
        State::Seating { seating } => seating.id.0,
        State::Item { item } => item.id.0,
        State::Table { table } => table.id.0,
        State::Session { session } => session.0,
        State::Screen { screen } => screen.id.0,
        State::Takeaway { .. } | State::Messages { .. } => uuid::Uuid::nil(),
        State::Member { member } => member.user.0,
    }
}
