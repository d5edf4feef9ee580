//! Orders with their lines and tasks: rows to states and back. Called by the committer and by reads.

mod rows;

use super::db::{Bundle, ByKey, Row, Tx, binds, to_json};
use super::fault::Fault;
use crate::domain::ids::{GuestId, LineId, OrderId, RestaurantId, SeatingId};
use crate::domain::order::{Expected, Line, Order, Receipt, Task};
use crate::domain::time::Timestamp;
use rows::{line_binds, line_of, order_binds, order_of, task_binds, task_of};
use std::collections::HashMap;

/// An order as the database has it: its public state, and what only the store keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredOrder {
    pub restaurant: RestaurantId,
    pub order: Order,
    pub business_day: i64,
    /// The preparation of all its portions together: what it takes of its slot.
    pub make_minutes: i64,
    pub receipt: Receipt,
}

/// The columns of an order, in the order of `order_of` and `order_binds`.
macro_rules! columns {
    () => {
        "restaurant_id, id, number, business_day, kind, state, version, table_id, table_label, seating_id, guest_id, \
         placed_by, held, note, allergy, allergy_confirmed_at, rush, told_by, placed_at, due_at, confirmed_at, \
         started_at, ready_at, completed_at, cancelled_at, cancel_reason, charges, subtotal, service, tax, total, \
         released_seq, released_at, seen_at, unseen_due, unseen_nth, seen_stations, promise, expected, told, \
         pickup_at, start_at, make_minutes"
    };
}

const INSERT_LINES: &str = "insert into lines (restaurant_id, order_id, id, position, item_id, name, kitchen_name, \
    quantity, options, note, unit_price, changed, void_reason, held, called_at, remakes)";
const INSERT_TASKS: &str =
    "insert into tasks (restaurant_id, order_id, line_id, station_id, position, state, started_at, done_at)";

const UNSEEN: &str = "completed_at is null and cancelled_at is null and seen_at is null and released_seq is not null \
    order by placed_at";

const BY_ID: ByKey = ByKey::of(columns!(), "orders", "restaurant_id, id");
const BY_SEATING: ByKey = ByKey::of(columns!(), "orders", "restaurant_id, seating_id");
const LINES: ByKey = ByKey::of(
    "order_id, id, item_id, name, kitchen_name, quantity, options, note, unit_price, changed, void_reason, held, called_at, remakes",
    "lines",
    "restaurant_id, order_id",
);
const TASKS: ByKey = ByKey::of("line_id, station_id, state, started_at, done_at", "tasks", "restaurant_id, order_id");

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
    /// In the kitchen, and not ready yet: the newest, at most `limit`, placed since.
    Cooking {
        restaurant: RestaurantId,
        since: Timestamp,
        limit: i64,
    },
    /// The newest of a guest without a table.
    Guest {
        restaurant: RestaurantId,
        guest: GuestId,
        limit: i64,
    },
    /// Those that some screen has still to show, the oldest `limit` of each restaurant.
    Unseen {
        restaurants: Vec<RestaurantId>,
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
            BY_ID.rows(tx, keys).await?
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
            BY_SEATING.rows(tx, keys).await?
        }
        Find::Cooking { restaurant, since, limit } => {
            tx.query(
                select_orders!("where restaurant_id = $1 and completed_at is null and cancelled_at is null and ready_at is null and released_at is not null and placed_at >= $2 order by placed_at desc limit $3"),
                binds![restaurant.0, since.0, limit],
            )
            .await?
        }
        Find::Guest { restaurant, guest, limit } => {
            tx.query(
                select_orders!("where restaurant_id = $1 and guest_id = $2 and seating_id is null order by placed_at desc limit $3"),
                binds![restaurant.0, guest.0, limit],
            )
            .await?
        }
        Find::Unseen { restaurants, limit } => unseen(tx, restaurants, limit).await?,
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

/// On Postgres all restaurants in one round trip; SQLite has no `lateral`, and no round trips.
async fn unseen(tx: &mut Tx, restaurants: Vec<RestaurantId>, limit: i64) -> Result<Vec<Row>, Fault> {
    if matches!(tx, Tx::Postgres(_)) {
        let keys = restaurants.into_iter().map(|r| binds![r.0]).collect();
        let head = concat!("select ", columns!(), " from");
        let each = format!(
            "as k(r) cross join lateral (select * from orders where restaurant_id = k.r and {UNSEEN} limit {limit}) o"
        );
        return tx.query_keys(head, keys, &each).await;
    }
    let mut rows = Vec::new();
    for r in restaurants {
        let sql = concat!("select ", columns!(), " from orders where restaurant_id = $1 and");
        rows.extend(tx.query_more(sql, &format!("{UNSEEN} limit $2"), binds![r.0, limit]).await?);
    }
    Ok(rows)
}

async fn fill_lines(tx: &mut Tx, orders: &mut [StoredOrder]) -> Result<(), Fault> {
    let keys = || orders.iter().map(|o| binds![o.restaurant.0, o.order.id.0]).collect::<Vec<_>>();
    let lines = LINES.ordered("order by order_id, position").rows(tx, keys()).await?;
    let tasks = TASKS.ordered("order by line_id, position").rows(tx, keys()).await?;
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

/// New orders with their lines and tasks.
///
/// # Errors
/// None that is to be expected: what is stored as JSON can be.
pub fn insert(bundle: &mut Bundle, orders: &[&StoredOrder]) -> Result<(), Fault> {
    let rows = orders.iter().map(|o| order_binds(o)).collect::<Result<Vec<_>, _>>()?;
    bundle.rows(concat!("insert into orders (", columns!(), ")"), rows, "");
    let mut lines = Vec::new();
    let mut tasks = Vec::new();
    for stored in orders {
        for (n, line) in stored.order.lines.iter().enumerate() {
            lines.push(line_binds(stored, n, line)?);
            tasks.extend(line.tasks.iter().enumerate().map(|(at, task)| task_binds(stored, line, at, task)));
        }
    }
    bundle.rows(INSERT_LINES, lines, "");
    bundle.rows(INSERT_TASKS, tasks, "");
    Ok(())
}

/// Changed orders: their own rows, and the lines and tasks that differ from what was loaded. A row that has another
/// version than the one loaded under the lock is not written, and fails the bundle. What left a station is gone at once.
///
/// # Errors
/// Any fault of the database.
pub async fn update(tx: &mut Tx, bundle: &mut Bundle, changes: &[(&StoredOrder, &StoredOrder)]) -> Result<(), Fault> {
    let rows = changes.iter().map(|(_, now)| order_binds(now)).collect::<Result<Vec<_>, _>>()?;
    bundle.all_rows("changed orders", concat!("insert into orders (", columns!(), ")"), rows, UPSERT_ORDER);
    update_lines(tx, bundle, changes).await
}

const UPSERT_ORDER: &str = "on conflict (restaurant_id, id) do update set table_id = excluded.table_id, table_label = excluded.table_label, \
    state = excluded.state, version = excluded.version, \
    held = excluded.held, allergy_confirmed_at = excluded.allergy_confirmed_at, rush = excluded.rush, \
    told_by = excluded.told_by, due_at = excluded.due_at, \
    confirmed_at = excluded.confirmed_at, started_at = excluded.started_at, ready_at = excluded.ready_at, \
    completed_at = excluded.completed_at, cancelled_at = excluded.cancelled_at, cancel_reason = excluded.cancel_reason, \
    subtotal = excluded.subtotal, service = excluded.service, tax = excluded.tax, total = excluded.total, \
    released_seq = excluded.released_seq, released_at = excluded.released_at, seen_at = excluded.seen_at, \
    unseen_due = excluded.unseen_due, unseen_nth = excluded.unseen_nth, seen_stations = excluded.seen_stations, \
    promise = excluded.promise, expected = excluded.expected, told = excluded.told, \
    start_at = excluded.start_at \
    where orders.version <= excluded.version";

async fn update_lines(tx: &mut Tx, bundle: &mut Bundle, changes: &[(&StoredOrder, &StoredOrder)]) -> Result<(), Fault> {
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
    bundle.rows(
        INSERT_LINES,
        lines,
        "on conflict (restaurant_id, order_id, id) do update set changed = excluded.changed, \
         void_reason = excluded.void_reason, held = excluded.held, called_at = excluded.called_at, \
         remakes = excluded.remakes",
    );
    // What moved to another station left its old one.
    tx.query_keys("delete from tasks where (restaurant_id, order_id, line_id, station_id) in", gone, "").await?;
    bundle.rows(
        INSERT_TASKS,
        tasks,
        "on conflict (restaurant_id, order_id, line_id, station_id) do update set state = excluded.state, \
         started_at = excluded.started_at, done_at = excluded.done_at",
    );
    Ok(())
}

/// What of a line can change.
fn touched(line: &Line) -> (i64, Option<&str>, bool, Option<Timestamp>, i64) {
    (line.changed, line.void_reason.as_deref(), line.held, line.called_at, line.remakes)
}

/// What is expected of orders that nothing else happened to.
///
/// # Errors
/// None that is to be expected: what is stored as JSON can be.
pub fn expect(bundle: &mut Bundle, expected: Vec<(RestaurantId, OrderId, Expected)>) -> Result<(), Fault> {
    let rows = expected
        .into_iter()
        .map(|(r, o, expected)| Ok(binds![r.0, o.0, to_json(&expected)?]))
        .collect::<Result<_, Fault>>()?;
    bundle.rows(
        "update orders set expected = v.column3 from (",
        rows,
        ") as v where orders.restaurant_id = v.column1 and orders.id = v.column2",
    );
    Ok(())
}
