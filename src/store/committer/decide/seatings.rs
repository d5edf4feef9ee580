//! Commands on seatings and tables: scans, the gate, the end of a stay, printed codes.

use super::orders::{cancel_held, promised, receipt};
use super::{Case, Decision, Done, World, at_least, head};
use crate::domain::command::{CloseSeating, ExpireSeating, JoinSeating, MoveSeating, ReleaseSeating};
use crate::domain::decide;
use crate::domain::event::{Kind, NewEvent, State};
use crate::domain::ids::{GuestId, OrderId, RestaurantId, SeatingId, TableId};
use crate::domain::limits::PIN_TRIES;
use crate::domain::order::{OrderState, Receipt};
use crate::domain::people::{Actor, Role};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::restaurant::{GateRule, TableRef};
use crate::domain::seating::Seating;
use crate::domain::time::Timestamp;
use crate::store::committer::load::Entry;
use crate::store::seatings::StoredSeating;

/// A scan: joins the table's open seating, or opens one. The same phone comes back as itself.
pub fn join(world: &mut World, case: &Case<'_>, command: &JoinSeating) -> Decision {
    let r = case.submission.restaurant;
    let table = world.tables.get(&(r, command.table)).ok_or_else(unknown_table)?.now.clone();
    if table.code_version != command.code_version {
        return Err(Refusal::new(
            Code::OldCode,
            "This code is no longer valid. Scan the code that lies on the table now.",
        ));
    }
    let Some(open) = world.open_at(r, command.table) else {
        let seating = new_seating(world, case, table.reference())?;
        let guest = GuestId((case.source.id)());
        // The printed code is not a permission (DESIGN §5), though the server itself sends the scan.
        let released = seating.gate == GateRule::None;
        let seating = Seating { version: 1, released, ..seating.joined(guest)? };
        return Ok(save(world, case, seating, guest.0, Kind::SeatingOpened));
    };
    let Some(entry) = world.seatings.get(&(r, open)) else { return Err(unknown_seating()) };
    if let Some(guest) = command.returning.filter(|guest| entry.now.seating.guest(*guest).is_some()) {
        return Ok(Done { seating: Some(entry.now.seating.clone()), ..Done::of(guest.0) });
    }
    let guest = GuestId((case.source.id)());
    let joined = entry.now.seating.joined(guest)?;
    Ok(save(world, case, joined, guest.0, Kind::SeatingJoined))
}

/// Staff open a seating; a table that has one keeps it.
pub fn open(world: &mut World, case: &Case<'_>, table: TableId) -> Decision {
    at_least(case, Role::Waiter)?;
    let r = case.submission.restaurant;
    let reference = world.tables.get(&(r, table)).ok_or_else(unknown_table)?.now.reference();
    if let Some(open) = world.open_at(r, table) {
        let seating = world.seatings.get(&(r, open)).map(|e| e.now.seating.clone());
        return Ok(Done { seating, ..Done::of(open.0) });
    }
    let seating = new_seating(world, case, reference)?;
    let subject = seating.id.0;
    Ok(save(world, case, seating, subject, Kind::SeatingOpened))
}

fn new_seating(world: &World, case: &Case<'_>, table: TableRef) -> Result<Seating, Refusal> {
    let menu = world.menu(case.submission.restaurant).map_err(|_| unknown_table())?;
    let gate = menu.restaurant.settings.gate;
    let id = SeatingId((case.source.id)());
    Ok(Seating::opened(id, table, gate, &case.submission.request.actor, case.at))
}

/// Puts a seating back as it is now, with its event.
pub fn save(world: &mut World, case: &Case<'_>, seating: Seating, subject: uuid::Uuid, kind: Kind) -> Done {
    let key = (case.submission.restaurant, seating.id);
    let idle = idle_due(world, case, &seating);
    match world.seatings.get_mut(&key) {
        Some(entry) => {
            entry.now.seating = seating.clone();
            entry.now.idle_due = idle.unwrap_or(entry.now.idle_due);
        }
        None => {
            let pin = pin((case.source.id)());
            let idle_due = idle.flatten();
            let stored = StoredSeating { restaurant: key.0, seating: seating.clone(), pin, pin_tries: 0, idle_due };
            world.seatings.insert(key, Entry::new(stored));
        }
    }
    let done = Done { seating: Some(seating.clone()), ..Done::of(subject) };
    done.event(kind, State::Seating { seating })
}

/// When to look whether the party has left, now that something happened at its table; nothing said, nothing moved.
fn idle_due(world: &World, case: &Case<'_>, seating: &Seating) -> Option<Option<Timestamp>> {
    if !seating.is_open() {
        return Some(None);
    }
    let menu = world.menus.get(&case.submission.restaurant)?;
    Some(menu.restaurant.settings.idle().map(|idle| case.at.plus(idle)))
}

/// Nobody was heard of a party for long: it is looked at again later while something is open or a phone of it is
/// there, and else its stay ends. Whoever noticed, once.
pub fn expire(world: &mut World, case: &Case<'_>, command: &ExpireSeating) -> Decision {
    at_least(case, Role::Admin)?;
    let r = case.submission.restaurant;
    let done = Done::of(command.seating.0);
    let idle = world.menu(r).map_err(|_| unknown_seating())?.restaurant.settings.idle();
    let stored = &world.seatings.get(&(r, command.seating)).ok_or_else(unknown_seating)?.now;
    let orders = || orders_of(world, r, command.seating);
    let busy = command.connected || stored.seating.calls_somebody() || orders().any(|order| order.state.is_open());
    let heard = if busy { case.at } else { stored.seating.heard_of(orders()) };
    if stored.idle_due != Some(command.due) || command.due > case.at || !stored.seating.is_open() {
        return Ok(done);
    }
    let next = idle.map(|idle| heard.plus(idle));
    if next.is_none_or(|next| next > case.at) {
        let entry = world.seatings.get_mut(&(r, command.seating)).ok_or_else(unknown_seating)?;
        entry.now.idle_due = next;
        return Ok(done);
    }
    let Some(closed) = stored.seating.closed(0, false, case.at)? else { return Ok(done) };
    Ok(save(world, case, closed, command.seating.0, Kind::SeatingClosed))
}

/// Four digits from the random part of an id.
fn pin(id: uuid::Uuid) -> String {
    format!("{:04}", id.as_u128() % 10_000)
}

/// The staff's tap at the gate.
pub fn release(world: &mut World, case: &Case<'_>, command: &ReleaseSeating) -> Decision {
    at_least(case, Role::Waiter)?;
    open_gate(world, case, command.seating, command.guest)
}

/// A guest gives the PIN. A wrong one counts in the same transaction that checks it.
pub fn give_pin(world: &mut World, case: &Case<'_>, given: &str) -> Decision {
    let Actor::Guest { guest, seating } = &case.submission.request.actor else {
        return Err(Refusal::new(
            Code::Forbidden,
            "Only guests give a PIN; staff open the gate with `seating.release`.",
        ));
    };
    let entry = world.seatings.get_mut(&(case.submission.restaurant, *seating)).ok_or_else(unknown_seating)?;
    if entry.now.seating.gate != GateRule::Pin || entry.now.seating.lets(*guest) {
        return Ok(Done::of(seating.0));
    }
    if entry.now.pin_tries >= PIN_TRIES {
        return Err(Refusal::new(Code::PinLocked, "Too many wrong PINs. Ask the staff to let your table order."));
    }
    if entry.now.pin != given.trim() {
        entry.now.pin_tries += 1;
        return Err(Refusal::new(Code::WrongPin, "That is not this table's PIN. Ask the staff for it."));
    }
    open_gate(world, case, *seating, Some(*guest))
}

fn open_gate(world: &mut World, case: &Case<'_>, seating: SeatingId, guest: Option<GuestId>) -> Decision {
    let r = case.submission.restaurant;
    let entry = world.seatings.get_mut(&(r, seating)).ok_or_else(unknown_seating)?;
    let Some(next) = entry.now.seating.with_gate_open(guest)? else { return Ok(Done::of(seating.0)) };
    let mut done = save(world, case, next, seating.0, Kind::SeatingReleased);
    for id in held_orders(world, r, seating, guest) {
        let seq = head(world, r) + i64::try_from(done.events.len()).unwrap_or(0) + 1;
        done.events.extend(release_order(world, case, (r, id), seq));
    }
    Ok(done)
}

/// An order passes the gate: now the kitchen gets it, with event `seq`.
fn release_order(world: &mut World, case: &Case<'_>, key: (RestaurantId, OrderId), seq: i64) -> Option<NewEvent> {
    let menu = world.menu(key.0).ok()?;
    let mut order = decide::release(&world.orders.get(&key)?.now.order, menu.restaurant.settings.auto_confirm, case.at);
    let promise = promised(world, case, &mut order);
    let entry = world.orders.get_mut(&key)?;
    entry.now.order = order.clone();
    entry.now.receipt = Receipt { promise, ..receipt(case, Some((seq, &menu))) };
    Some(NewEvent { kind: Kind::OrderReleased, state: State::Order { order: Box::new(order) } })
}

fn held_orders(world: &World, r: RestaurantId, seating: SeatingId, guest: Option<GuestId>) -> Vec<OrderId> {
    let mut held: Vec<_> = orders_of(world, r, seating)
        .filter(|o| o.held && o.state.is_open() && (guest.is_none() || o.guest == guest))
        .map(|o| (o.placed_at, o.number, o.id))
        .collect();
    held.sort_unstable();
    held.into_iter().map(|(_, _, id)| id).collect()
}

fn orders_of(world: &World, r: RestaurantId, seating: SeatingId) -> impl Iterator<Item = &crate::domain::order::Order> {
    world
        .orders
        .values()
        .filter(move |e| e.now.restaurant == r)
        .map(|e| &e.now.order)
        .filter(move |o| o.seating == Some(seating))
}

/// The end of a stay. Tickets in the kitchen stay there; orders at the gate are cancelled.
pub fn close(world: &mut World, case: &Case<'_>, command: &CloseSeating) -> Decision {
    at_least(case, Role::Waiter)?;
    let r = case.submission.restaurant;
    let open = orders_of(world, r, command.seating).filter(|o| o.state.is_open() && !o.held).count();
    let entry = world.seatings.get(&(r, command.seating)).ok_or_else(unknown_seating)?;
    let Some(next) = entry.now.seating.closed(open, command.force, case.at)? else {
        return Ok(Done::of(command.seating.0));
    };
    let mut events = Vec::new();
    for id in held_orders(world, r, command.seating, None) {
        events.extend(cancel_held(world, (r, id), "The table was closed.", case.at));
    }
    let closed = save(world, case, next, command.seating.0, Kind::SeatingClosed);
    events.extend(closed.events);
    Ok(Done { events, seating: closed.seating, ..Done::of(command.seating.0) })
}

/// The party sits at another, free table. Its orders go along, so that every ticket names where it sits.
pub fn move_to(world: &mut World, case: &Case<'_>, command: &MoveSeating) -> Decision {
    at_least(case, Role::Waiter)?;
    let r = case.submission.restaurant;
    let to = world.tables.get(&(r, command.table)).ok_or_else(unknown_table)?.now.reference();
    let entry = world.seatings.get(&(r, command.seating)).ok_or_else(unknown_seating)?;
    let Some(next) = entry.now.seating.moved(to.clone())? else { return Ok(Done::of(command.seating.0)) };
    if world.open_at(r, command.table).is_some() {
        return Err(Refusal::new(
            Code::TableTaken,
            format!("Another party sits at {}. Close its table, or choose another.", to.label),
        ));
    }
    let mut done = save(world, case, next, command.seating.0, Kind::SeatingMoved);
    for id in standing_orders(world, r, command.seating) {
        let Some(entry) = world.orders.get_mut(&(r, id)) else { continue };
        entry.now.order = decide::moved(&entry.now.order, to.clone());
        let order = Box::new(entry.now.order.clone());
        done.events.push(NewEvent { kind: Kind::OrderMoved, state: State::Order { order } });
    }
    Ok(done)
}

/// Those that were not cancelled: also a served one can be recalled, and must name the right table then.
fn standing_orders(world: &World, r: RestaurantId, seating: SeatingId) -> Vec<OrderId> {
    let mut standing: Vec<_> = orders_of(world, r, seating)
        .filter(|o| o.state != OrderState::Cancelled)
        .map(|o| (o.placed_at, o.number, o.id))
        .collect();
    standing.sort_unstable();
    standing.into_iter().map(|(_, _, id)| id).collect()
}

/// Makes every printed copy of a table's code invalid.
pub fn rotate_code(world: &mut World, case: &Case<'_>, table: TableId) -> Decision {
    at_least(case, Role::Manager)?;
    let entry = world.tables.get_mut(&(case.submission.restaurant, table)).ok_or_else(unknown_table)?;
    entry.now.code_version += 1;
    entry.now.version += 1;
    let table = entry.now.clone();
    Ok(Done::of(table.id.0).event(Kind::TableChanged, State::Table { table }))
}

fn unknown_table() -> Refusal {
    Refusal::new(Code::UnknownTable, "There is no such table.")
}

pub fn unknown_seating() -> Refusal {
    Refusal::new(Code::UnknownSeating, "There is no such seating.")
}
