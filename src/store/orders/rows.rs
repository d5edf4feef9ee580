//! Orders, lines and tasks as rows, and back. The columns are listed in `orders.rs`, in this order.

use super::StoredOrder;
use crate::domain::ids::{GuestId, ItemId, LineId, OrderId, RestaurantId, SeatingId, StationId, TableId};
use crate::domain::money::Totals;
use crate::domain::order::{Channel, Line, Order, OrderKind, OrderState, Receipt, Task, TaskState};
use crate::domain::restaurant::TableRef;
use crate::domain::time::Timestamp;
use crate::store::db::{Bind, Row, binds, parse_json, to_json};
use crate::store::fault::Fault;

pub fn order_of(row: &Row) -> Result<StoredOrder, Fault> {
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
        told: row.maybe_text(39)?.as_deref().map(parse_json).transpose()?,
        placed_at: Timestamp(row.int(18)?),
        due_at: Timestamp(row.int(19)?),
        pickup_at: time(40)?,
        start_at: time(41)?,
        expected: row.maybe_text(38)?.as_deref().map(parse_json).transpose()?,
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
        promise: row.maybe_text(37)?.as_deref().map(parse_json).transpose()?,
    };
    Ok(StoredOrder {
        restaurant: RestaurantId(row.id(0)?),
        order,
        business_day: row.int(3)?,
        make_minutes: row.int(42)?,
        receipt,
    })
}

pub fn order_binds(stored: &StoredOrder) -> Result<Vec<Bind>, Fault> {
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
        receipt.promise.as_ref().map(to_json).transpose()?,
        o.expected.as_ref().map(to_json).transpose()?,
        o.told.as_ref().map(to_json).transpose()?,
        us(o.pickup_at),
        us(o.start_at),
        stored.make_minutes,
    ])
}

pub fn line_of(row: &Row) -> Result<Line, Fault> {
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

pub fn line_binds(stored: &StoredOrder, position: usize, line: &Line) -> Result<Vec<Bind>, Fault> {
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

pub fn task_of(row: &Row) -> Result<Task, Fault> {
    Ok(Task {
        station: StationId(row.id(1)?),
        state: row.word(2, TaskState::parse)?,
        started_at: row.maybe_int(3)?.map(Timestamp),
        done_at: row.maybe_int(4)?.map(Timestamp),
    })
}

pub fn task_binds(stored: &StoredOrder, line: &Line, position: usize, task: &Task) -> Vec<Bind> {
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
