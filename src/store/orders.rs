//! Orders with their lines and tasks: rows to states and back. Called by the committer and by reads.

use super::db::{Bind, Row, Tx, binds, to_json};
use super::fault::Fault;
use crate::domain::command::Contact;
use crate::domain::ids::{GuestId, ItemId, LineId, OrderId, RestaurantId, SeatingId, StationId, TableId};
use crate::domain::money::Totals;
use crate::domain::order::{Channel, Line, Order, OrderKind, OrderState, Receipt, Task, TaskState};
use crate::domain::restaurant::TableRef;
use crate::domain::time::Timestamp;
use std::collections::HashMap;

/// An order as the database has it: its public state, and what only the store keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredOrder {
    pub restaurant: RestaurantId,
    pub order: Order,
    pub business_day: i64,
    pub receipt: Receipt,
}

/// The columns of an order, in the order of `order_of` and `order_binds`.
macro_rules! columns {
    () => {
        "restaurant_id, id, number, business_day, kind, state, version, table_id, table_label, seating_id, guest_id, \
         placed_by, held, note, allergy, allergy_confirmed_at, rush, told_by, placed_at, due_at, confirmed_at, \
         started_at, ready_at, completed_at, cancelled_at, cancel_reason, charges, subtotal, service, tax, total, \
         released_seq, released_at, seen_at, unseen_due, unseen_nth, seen_stations"
    };
}

const INSERT_LINES: &str = "insert into lines (restaurant_id, order_id, id, position, item_id, name, kitchen_name, \
    quantity, options, note, unit_price, changed, void_reason, held, called_at, remakes)";
const INSERT_TASKS: &str =
    "insert into tasks (restaurant_id, order_id, line_id, station_id, position, state, started_at, done_at)";

macro_rules! select_orders {
    ($tail:literal) => {
        concat!("select ", columns!(), " from orders ", $tail)
    };
}

/// How a list of orders is found; each is scoped by the restaurant.
#[derive(Clone, Debug)]
pub enum Find {
    Ids(Vec<(RestaurantId, OrderId)>),
    /// Not completed and not cancelled.
    Open(RestaurantId),
    /// The newest that ended, at most `limit`, not placed before `since`.
    Ended {
        restaurant: RestaurantId,
        since: Timestamp,
        limit: i64,
    },
    Seatings(Vec<(RestaurantId, SeatingId)>),
    /// Those that some screen has still to show, oldest first.
    Unseen {
        restaurant: RestaurantId,
        limit: i64,
    },
    /// Placed before the given time and number (a batch gives all its orders one time), newest first: one
    /// page of a list.
    Page {
        restaurant: RestaurantId,
        before: (Timestamp, i64),
        limit: i64,
    },
}

/// Loads orders with all their lines, oldest first.
///
/// # Errors
/// Any fault of the database.
pub async fn load(tx: &mut Tx, find: Find) -> Result<Vec<StoredOrder>, Fault> {
    let rows = match find {
        Find::Ids(ids) => {
            let keys = ids.into_iter().map(|(r, o)| binds![r.0, o.0]).collect();
            tx.query_keys(select_orders!("where (restaurant_id, id) in"), keys, "").await?
        }
        Find::Open(r) => {
            tx.query(select_orders!("where restaurant_id = $1 and completed_at is null and cancelled_at is null"), binds![r.0]).await?
        }
        Find::Ended { restaurant, since, limit } => {
            tx.query(
                select_orders!("where restaurant_id = $1 and placed_at >= $2 and (completed_at is not null or cancelled_at is not null) order by placed_at desc limit $3"),
                binds![restaurant.0, since.0, limit],
            )
            .await?
        }
        Find::Seatings(ids) => {
            let keys = ids.into_iter().map(|(r, s)| binds![r.0, s.0]).collect();
            tx.query_keys(select_orders!("where (restaurant_id, seating_id) in"), keys, "").await?
        }
        Find::Unseen { restaurant, limit } => {
            tx.query(
                select_orders!("where restaurant_id = $1 and completed_at is null and cancelled_at is null and seen_at is null and released_seq is not null order by placed_at limit $2"),
                binds![restaurant.0, limit],
            )
            .await?
        }
        Find::Page { restaurant, before, limit } => {
            tx.query(
                select_orders!("where restaurant_id = $1 and (placed_at, number) < ($2, $3) order by placed_at desc, number desc limit $4"),
                binds![restaurant.0, before.0.0, before.1, limit],
            )
            .await?
        }
    };
    let mut orders = rows.iter().map(order_of).collect::<Result<Vec<_>, _>>()?;
    orders.sort_by_key(|o| (o.order.placed_at, o.order.number, o.order.id));
    fill_lines(tx, &mut orders).await?;
    Ok(orders)
}

async fn fill_lines(tx: &mut Tx, orders: &mut [StoredOrder]) -> Result<(), Fault> {
    let keys = || orders.iter().map(|o| binds![o.restaurant.0, o.order.id.0]).collect::<Vec<_>>();
    let lines = tx
        .query_keys(
            "select order_id, id, item_id, name, kitchen_name, quantity, options, note, unit_price, changed, void_reason, \
             held, called_at, remakes from lines where (restaurant_id, order_id) in",
            keys(),
            "order by order_id, position",
        )
        .await?;
    let tasks = tx
        .query_keys(
            "select line_id, station_id, state, started_at, done_at from tasks where (restaurant_id, order_id) in",
            keys(),
            "order by line_id, position",
        )
        .await?;
    let mut tasks_of: HashMap<LineId, Vec<Task>> = HashMap::new();
    for row in &tasks {
        tasks_of.entry(LineId(row.id(0)?)).or_default().push(task_of(row)?);
    }
    let mut lines_of: HashMap<OrderId, Vec<Line>> = HashMap::new();
    for row in &lines {
        let mut line = line_of(row)?;
        line.tasks = tasks_of.remove(&line.id).unwrap_or_default();
        lines_of.entry(OrderId(row.id(0)?)).or_default().push(line);
    }
    for stored in orders {
        stored.order.lines = lines_of.remove(&stored.order.id).unwrap_or_default();
    }
    Ok(())
}

/// Writes new orders with their lines and tasks.
///
/// # Errors
/// Any fault of the database.
pub async fn insert(tx: &mut Tx, orders: &[&StoredOrder]) -> Result<(), Fault> {
    let rows = orders.iter().map(|o| order_binds(o)).collect::<Result<Vec<_>, _>>()?;
    tx.execute_rows(concat!("insert into orders (", columns!(), ")"), rows, "").await?;
    let mut lines = Vec::new();
    let mut tasks = Vec::new();
    for stored in orders {
        for (n, line) in stored.order.lines.iter().enumerate() {
            lines.push(line_binds(stored, n, line)?);
            tasks.extend(line.tasks.iter().enumerate().map(|(at, task)| task_binds(stored, line, at, task)));
        }
    }
    tx.execute_rows(INSERT_LINES, lines, "").await?;
    tx.execute_rows(INSERT_TASKS, tasks, "").await?;
    Ok(())
}

/// Writes changed orders: their own rows, and the lines and tasks that differ from what was loaded.
///
/// # Errors
/// `Corrupt` when a row had another version than the one loaded under the lock.
pub async fn update(tx: &mut Tx, changes: &[(&StoredOrder, &StoredOrder)]) -> Result<(), Fault> {
    if changes.is_empty() {
        return Ok(());
    }
    let rows = changes.iter().map(|(_, now)| order_binds(now)).collect::<Result<Vec<_>, _>>()?;
    let expected = rows.len() as u64;
    let touched = tx.execute_rows(concat!("insert into orders (", columns!(), ")"), rows, UPSERT_ORDER).await?;
    if touched != expected {
        return Err(Fault::Corrupt(format!("{touched} of {expected} changed orders were written")));
    }
    update_lines(tx, changes).await
}

const UPSERT_ORDER: &str = "on conflict (restaurant_id, id) do update set table_id = excluded.table_id, table_label = excluded.table_label, \
    state = excluded.state, version = excluded.version, \
    held = excluded.held, allergy_confirmed_at = excluded.allergy_confirmed_at, rush = excluded.rush, due_at = excluded.due_at, \
    confirmed_at = excluded.confirmed_at, started_at = excluded.started_at, ready_at = excluded.ready_at, \
    completed_at = excluded.completed_at, cancelled_at = excluded.cancelled_at, cancel_reason = excluded.cancel_reason, \
    subtotal = excluded.subtotal, service = excluded.service, tax = excluded.tax, total = excluded.total, \
    released_seq = excluded.released_seq, released_at = excluded.released_at, seen_at = excluded.seen_at, \
    unseen_due = excluded.unseen_due, unseen_nth = excluded.unseen_nth, seen_stations = excluded.seen_stations \
    where orders.version <= excluded.version";

async fn update_lines(tx: &mut Tx, changes: &[(&StoredOrder, &StoredOrder)]) -> Result<(), Fault> {
    let mut lines = Vec::new();
    let mut tasks = Vec::new();
    let mut gone = Vec::new();
    for (before, now) in changes {
        for (n, (old, new)) in before.order.lines.iter().zip(&now.order.lines).enumerate() {
            if touched(old) != touched(new) {
                lines.push(line_binds(now, n, new)?);
            }
            let left = old.tasks.iter().zip(&new.tasks).filter(|(a, b)| a.station != b.station);
            gone.extend(left.map(|(a, _)| binds![now.restaurant.0, now.order.id.0, new.id.0, a.station.0]));
            let differing = old.tasks.iter().zip(&new.tasks).enumerate().filter(|(_, (a, b))| a != b);
            tasks.extend(differing.map(|(at, (_, task))| task_binds(now, new, at, task)));
        }
    }
    tx.execute_rows(
        INSERT_LINES,
        lines,
        "on conflict (restaurant_id, order_id, id) do update set changed = excluded.changed, \
         void_reason = excluded.void_reason, held = excluded.held, called_at = excluded.called_at, \
         remakes = excluded.remakes",
    )
    .await?;
    // What moved to another station left its old one.
    tx.query_keys("delete from tasks where (restaurant_id, order_id, line_id, station_id) in", gone, "").await?;
    tx.execute_rows(
        INSERT_TASKS,
        tasks,
        "on conflict (restaurant_id, order_id, line_id, station_id) do update set state = excluded.state, \
         started_at = excluded.started_at, done_at = excluded.done_at",
    )
    .await?;
    Ok(())
}

/// What of a line can change.
fn touched(line: &Line) -> (i64, Option<&str>, bool, Option<Timestamp>, i64) {
    (line.changed, line.void_reason.as_deref(), line.held, line.called_at, line.remakes)
}

/// Where the guest wants to be told.
///
/// # Errors
/// Any fault of the database.
pub async fn insert_contacts(tx: &mut Tx, contacts: Vec<(RestaurantId, OrderId, Contact)>) -> Result<(), Fault> {
    let rows = contacts.into_iter().map(|(r, o, c)| binds![r.0, o.0, c.phone, c.channel.name()]).collect();
    tx.execute_rows("insert into contacts (restaurant_id, order_id, phone, channel)", rows, "").await?;
    Ok(())
}

fn order_of(row: &Row) -> Result<StoredOrder, Fault> {
    let time = |at| Ok::<_, Fault>(row.maybe_int(at)?.map(Timestamp));
    let table = match (row.maybe_id(7)?, row.maybe_text(8)?) {
        (Some(id), Some(label)) => Some(TableRef { id: TableId(id), label }),
        _ => None,
    };
    let order = Order {
        id: OrderId(row.id(1)?),
        number: row.int(2)?,
        kind: row.word(4, OrderKind::parse)?,
        state: row.word(5, OrderState::parse)?,
        version: row.int(6)?,
        table,
        seating: row.maybe_id(9)?.map(SeatingId),
        guest: row.maybe_id(10)?.map(GuestId),
        placed_by: row.json(11)?,
        held: row.flag(12)?,
        note: row.maybe_text(13)?,
        allergy: row.maybe_text(14)?,
        allergy_confirmed_at: time(15)?,
        rush: row.flag(16)?,
        told_by: row.maybe_text(17)?.as_deref().and_then(Channel::parse),
        placed_at: Timestamp(row.int(18)?),
        due_at: Timestamp(row.int(19)?),
        confirmed_at: time(20)?,
        started_at: time(21)?,
        ready_at: time(22)?,
        completed_at: time(23)?,
        cancelled_at: time(24)?,
        cancel_reason: row.maybe_text(25)?,
        charges: row.json(26)?,
        totals: Totals { subtotal: row.int(27)?, service: row.int(28)?, tax: row.int(29)?, total: row.int(30)? },
        lines: Vec::new(),
    };
    let receipt = Receipt {
        released_seq: row.maybe_int(31)?,
        released_at: time(32)?,
        seen_at: time(33)?,
        unseen_due: time(34)?,
        unseen_nth: row.int(35)?,
        seen_stations: row.json(36)?,
    };
    Ok(StoredOrder { restaurant: RestaurantId(row.id(0)?), order, business_day: row.int(3)?, receipt })
}

fn order_binds(stored: &StoredOrder) -> Result<Vec<Bind>, Fault> {
    let o = &stored.order;
    let receipt = &stored.receipt;
    let us = |at: Option<Timestamp>| at.map(|t| t.0);
    Ok(binds![
        stored.restaurant.0,
        o.id.0,
        o.number,
        stored.business_day,
        o.kind.name(),
        o.state.name(),
        o.version,
        o.table.as_ref().map(|t| t.id.0),
        o.table.as_ref().map(|t| t.label.clone()),
        o.seating.map(|s| s.0),
        o.guest.map(|g| g.0),
        to_json(&o.placed_by)?,
        o.held,
        o.note.clone(),
        o.allergy.clone(),
        us(o.allergy_confirmed_at),
        o.rush,
        o.told_by.map(|c| c.name().to_owned()),
        o.placed_at.0,
        o.due_at.0,
        us(o.confirmed_at),
        us(o.started_at),
        us(o.ready_at),
        us(o.completed_at),
        us(o.cancelled_at),
        o.cancel_reason.clone(),
        to_json(&o.charges)?,
        o.totals.subtotal,
        o.totals.service,
        o.totals.tax,
        o.totals.total,
        receipt.released_seq,
        us(receipt.released_at),
        us(receipt.seen_at),
        us(receipt.unseen_due),
        receipt.unseen_nth,
        to_json(&receipt.seen_stations)?,
    ])
}

fn line_of(row: &Row) -> Result<Line, Fault> {
    Ok(Line {
        id: LineId(row.id(1)?),
        item: ItemId(row.id(2)?),
        name: row.json(3)?,
        kitchen_name: row.maybe_text(4)?,
        quantity: row.int(5)?,
        options: row.json(6)?,
        note: row.maybe_text(7)?,
        unit_price: row.int(8)?,
        changed: row.int(9)?,
        void_reason: row.maybe_text(10)?,
        held: row.flag(11)?,
        called_at: row.maybe_int(12)?.map(Timestamp),
        remakes: row.int(13)?,
        tasks: Vec::new(),
    })
}

fn line_binds(stored: &StoredOrder, position: usize, line: &Line) -> Result<Vec<Bind>, Fault> {
    Ok(binds![
        stored.restaurant.0,
        stored.order.id.0,
        line.id.0,
        i64::try_from(position).unwrap_or(i64::MAX),
        line.item.0,
        to_json(&line.name)?,
        line.kitchen_name.clone(),
        line.quantity,
        to_json(&line.options)?,
        line.note.clone(),
        line.unit_price,
        line.changed,
        line.void_reason.clone(),
        line.held,
        line.called_at.map(|t| t.0),
        line.remakes,
    ])
}

fn task_of(row: &Row) -> Result<Task, Fault> {
    Ok(Task {
        station: StationId(row.id(1)?),
        state: row.word(2, TaskState::parse)?,
        started_at: row.maybe_int(3)?.map(Timestamp),
        done_at: row.maybe_int(4)?.map(Timestamp),
    })
}

fn task_binds(stored: &StoredOrder, line: &Line, position: usize, task: &Task) -> Vec<Bind> {
    binds![
        stored.restaurant.0,
        stored.order.id.0,
        line.id.0,
        task.station.0,
        i64::try_from(position).unwrap_or(i64::MAX),
        task.state.name(),
        task.started_at.map(|t| t.0),
        task.done_at.map(|t| t.0),
    ]
}
