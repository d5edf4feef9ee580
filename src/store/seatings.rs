//! Tables, seatings and their guests: rows to states and back.

use super::db::{ByKey, Row, Tx, binds};
use super::fault::Fault;
use crate::domain::ids::{GuestId, RestaurantId, SeatingId, TableId};
use crate::domain::restaurant::{GateRule, Table, TableRef};
use crate::domain::seating::{Call, CallReason, Guest, Seating};
use crate::domain::time::Timestamp;
use std::collections::HashMap;

/// A seating as the database has it. The PIN is told to the party by the staff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSeating {
    pub restaurant: RestaurantId,
    pub seating: Seating,
    pub pin: String,
    pub pin_tries: i64,
    /// When to look whether the party has left; nothing once it was closed, or where seatings do not expire.
    pub idle_due: Option<Timestamp>,
}

/// How seatings are found.
pub enum Find {
    Ids(Vec<(RestaurantId, SeatingId)>),
    OpenAtTables(Vec<(RestaurantId, TableId)>),
    Open(RestaurantId),
}

macro_rules! columns {
    () => {
        "restaurant_id, id, table_id, table_label, version, gate, released, pin, pin_tries, opened_at, closed_at, idle_due"
    };
}

const BY_ID: ByKey = ByKey::of(columns!(), "seatings", "restaurant_id, id");
const OPEN_BY_TABLE: ByKey =
    ByKey { more: "and closed_at is null", ..ByKey::of(columns!(), "seatings", "restaurant_id, table_id") };
const GUESTS: ByKey = ByKey::of("seating_id, id, number, released", "guests", "restaurant_id, seating_id");
const CALLS: ByKey =
    ByKey::of("seating_id, reason, guest_id, called_at, coming_at, done_at", "calls", "restaurant_id, seating_id");

/// # Errors
/// Any fault of the database.
pub async fn load(tx: &mut Tx, find: Find) -> Result<Vec<StoredSeating>, Fault> {
    let rows = match find {
        Find::Ids(ids) => {
            let keys = ids.into_iter().map(|(r, s)| binds![r.0, s.0]).collect();
            BY_ID.rows(tx, keys).await?
        }
        Find::OpenAtTables(ids) => {
            let keys = ids.into_iter().map(|(r, t)| binds![r.0, t.0]).collect();
            OPEN_BY_TABLE.rows(tx, keys).await?
        }
        Find::Open(r) => {
            let sql = concat!(
                "select ",
                columns!(),
                " from seatings where restaurant_id = $1 and closed_at is null order by opened_at"
            );
            tx.query(sql, binds![r.0]).await?
        }
    };
    let mut seatings = rows.iter().map(seating_of).collect::<Result<Vec<_>, _>>()?;
    let keys = seatings.iter().map(|s| binds![s.restaurant.0, s.seating.id.0]).collect();
    let guests = GUESTS.ordered("order by number").rows(tx, keys).await?;
    let mut guests_of: HashMap<SeatingId, Vec<Guest>> = HashMap::new();
    for row in &guests {
        let guest = Guest { id: GuestId(row.id(1)?), number: row.int(2)?, released: row.flag(3)? };
        guests_of.entry(SeatingId(row.id(0)?)).or_default().push(guest);
    }
    let mut calls_of = load_calls(tx, &seatings).await?;
    for stored in &mut seatings {
        stored.seating.guests = guests_of.remove(&stored.seating.id).unwrap_or_default();
        stored.seating.calls = calls_of.remove(&stored.seating.id).unwrap_or_default();
    }
    Ok(seatings)
}

async fn load_calls(tx: &mut Tx, seatings: &[StoredSeating]) -> Result<HashMap<SeatingId, Vec<Call>>, Fault> {
    let keys = seatings.iter().map(|s| binds![s.restaurant.0, s.seating.id.0]).collect();
    let rows = CALLS.ordered("order by reason").rows(tx, keys).await?;
    let mut calls: HashMap<SeatingId, Vec<Call>> = HashMap::new();
    for row in &rows {
        let call = Call {
            reason: row.word(1, CallReason::parse)?,
            guest: GuestId(row.id(2)?),
            called_at: Timestamp(row.int(3)?),
            coming_at: row.maybe_int(4)?.map(Timestamp),
            done_at: row.maybe_int(5)?.map(Timestamp),
        };
        calls.entry(SeatingId(row.id(0)?)).or_default().push(call);
    }
    Ok(calls)
}

/// Writes seatings as they are now, new or changed, with their guests.
///
/// # Errors
/// Any fault of the database.
pub async fn save(tx: &mut Tx, seatings: &[&StoredSeating], joined_at: Timestamp) -> Result<(), Fault> {
    let mut rows = Vec::new();
    let mut guests = Vec::new();
    let mut calls = Vec::new();
    for stored in seatings {
        let s = &stored.seating;
        rows.push(binds![
            stored.restaurant.0,
            s.id.0,
            s.table.id.0,
            s.table.label.as_str(),
            s.version,
            s.gate.name(),
            s.released,
            stored.pin.as_str(),
            stored.pin_tries,
            s.opened_at.0,
            s.closed_at.map(|t| t.0),
            stored.idle_due.map(|t| t.0),
        ]);
        guests.extend(
            s.guests.iter().map(|g| binds![stored.restaurant.0, s.id.0, g.id.0, g.number, g.released, joined_at.0]),
        );
        calls.extend(s.calls.iter().map(|c| {
            binds![
                stored.restaurant.0,
                s.id.0,
                c.reason.name(),
                c.guest.0,
                c.called_at.0,
                c.coming_at.map(|t| t.0),
                c.done_at.map(|t| t.0),
            ]
        }));
    }
    tx.execute_rows(
        "insert into seatings (restaurant_id, id, table_id, table_label, version, gate, released, pin, pin_tries, opened_at, closed_at, \
         idle_due)",
        rows,
        "on conflict (restaurant_id, id) do update set table_id = excluded.table_id, table_label = excluded.table_label, \
         version = excluded.version, released = excluded.released, \
         pin_tries = excluded.pin_tries, closed_at = excluded.closed_at, idle_due = excluded.idle_due",
    )
    .await?;
    tx.execute_rows(
        "insert into guests (restaurant_id, seating_id, id, number, released, joined_at)",
        guests,
        "on conflict (restaurant_id, seating_id, id) do update set released = excluded.released",
    )
    .await?;
    tx.execute_rows(
        "insert into calls (restaurant_id, seating_id, reason, guest_id, called_at, coming_at, done_at)",
        calls,
        "on conflict (restaurant_id, seating_id, reason) do update set guest_id = excluded.guest_id, \
         called_at = excluded.called_at, coming_at = excluded.coming_at, done_at = excluded.done_at",
    )
    .await?;
    Ok(())
}

fn seating_of(row: &Row) -> Result<StoredSeating, Fault> {
    Ok(StoredSeating {
        restaurant: RestaurantId(row.id(0)?),
        seating: Seating {
            id: SeatingId(row.id(1)?),
            table: TableRef { id: TableId(row.id(2)?), label: row.text(3)? },
            version: row.int(4)?,
            gate: row.word(5, GateRule::parse)?,
            released: row.flag(6)?,
            guests: Vec::new(),
            calls: Vec::new(),
            opened_at: Timestamp(row.int(9)?),
            closed_at: row.maybe_int(10)?.map(Timestamp),
        },
        pin: row.text(7)?,
        pin_tries: row.int(8)?,
        idle_due: row.maybe_int(11)?.map(Timestamp),
    })
}

/// # Errors
/// Any fault of the database.
pub async fn load_tables(tx: &mut Tx, restaurant: RestaurantId) -> Result<Vec<Table>, Fault> {
    let rows = tx
        .query(
            "select id, label, area, seats, code_version, position, version from tables where restaurant_id = $1 order by position, label",
            binds![restaurant.0],
        )
        .await?;
    rows.iter().map(table_of).collect()
}

/// # Errors
/// Any fault of the database.
pub async fn find_tables(tx: &mut Tx, ids: Vec<(RestaurantId, TableId)>) -> Result<Vec<(RestaurantId, Table)>, Fault> {
    let keys = ids.into_iter().map(|(r, t)| binds![r.0, t.0]).collect();
    let rows = tx
        .query_keys(
            "select id, label, area, seats, code_version, position, version, restaurant_id from tables where (restaurant_id, id) in",
            keys,
            "",
        )
        .await?;
    rows.iter().map(|row| Ok((RestaurantId(row.id(7)?), table_of(row)?))).collect()
}

/// Writes tables as they are now, new or changed.
///
/// # Errors
/// Any fault of the database.
pub async fn save_tables(tx: &mut Tx, tables: &[(RestaurantId, &Table)]) -> Result<(), Fault> {
    let rows = tables
        .iter()
        .map(|(r, t)| {
            binds![r.0, t.id.0, t.label.as_str(), t.area.as_str(), t.seats, t.code_version, t.position, t.version]
        })
        .collect();
    tx.execute_rows(
        "insert into tables (restaurant_id, id, label, area, seats, code_version, position, version)",
        rows,
        "on conflict (restaurant_id, id) do update set label = excluded.label, area = excluded.area, seats = excluded.seats, \
         code_version = excluded.code_version, position = excluded.position, version = excluded.version",
    )
    .await?;
    Ok(())
}

fn table_of(row: &Row) -> Result<Table, Fault> {
    Ok(Table {
        id: TableId(row.id(0)?),
        label: row.text(1)?,
        area: row.text(2)?,
        seats: row.int(3)?,
        code_version: row.int(4)?,
        position: row.int(5)?,
        version: row.int(6)?,
    })
}
