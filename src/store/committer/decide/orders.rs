//! Commands on orders: placing under the lock, changes by the domain's rules, receipts and alarms.

use super::{Case, Decision, Done, World, at_least, head, move_stock, takeaway};
use crate::domain::command::{Contact, Draft, MarkShown, MoveLine, RaiseAlarm, TellGuest};
use crate::domain::decide::{self, Context};
use crate::domain::estimate::Promise;
use crate::domain::event::{Kind, NewEvent, State};
use crate::domain::ids::{OrderId, RestaurantId, SeatingId, StationId};
use crate::domain::limits::UNSEEN_ALARMS;
use crate::domain::menu::Menu;
use crate::domain::order::{Order, OrderKind, Receipt, Seen, Unseen};
use crate::domain::ordering::{self, Placement, Priced};
use crate::domain::people::{Actor, Role};
use crate::domain::refusal::{Code, FieldProblem, Refusal};
use crate::domain::restaurant::TableRef;
use crate::domain::time::{Timestamp, business_day};
use crate::store::committer::load::Entry;
use crate::store::orders::StoredOrder;
use std::collections::BTreeMap;
use std::time::Duration;

/// Places an order: prices it again if the menu moved, takes its stock, gives it its number.
pub fn place(world: &mut World, case: &Case<'_>, draft: &Draft) -> Decision {
    let r = case.submission.restaurant;
    let menu = world.menu(r).map_err(|_| Refusal::new(Code::Forbidden, "There is no such restaurant."))?;
    let (table, seating, held) = place_at(world, case, draft)?;
    let priced = priced(case, &menu, draft)?;
    still_there(world, r, &priced)?;
    let work = priced.work();
    let pickup = takeaway::pickup(world, case, &menu, draft, work)?;
    let day = business_day(case.at, &menu.restaurant.timezone, menu.restaurant.settings.day_starts_hour);
    let number = next_number(world, r, day);
    let guest = match &case.submission.request.actor {
        Actor::Guest { guest, .. } | Actor::Takeaway { guest } => Some(*guest),
        Actor::Staff { .. } | Actor::Screen { .. } | Actor::System => None,
    };
    let placement = Placement {
        order: OrderId((case.source.id)()),
        number,
        table,
        seating,
        guest,
        by: case.submission.request.actor.by(),
        held,
        pickup,
        at: case.at,
    };
    let mut order = ordering::place(&menu, draft, priced, placement)?;
    let waits = held || order.start_at.is_some();
    let promise = if waits { None } else { promised(world, case, &mut order) };
    let mut events = vec![NewEvent { kind: Kind::OrderPlaced, state: State::Order { order: Box::new(order.clone()) } }];
    for (item, quantity) in ordering::portions(&order.lines) {
        events.extend(move_stock(world, r, item, -quantity));
    }
    take_number(world, r, day, number);
    let released = (!held && order.start_at.is_none()).then(|| (head(world, r) + 1, &*menu));
    let receipt = Receipt { promise, ..receipt(case, released) };
    let stored =
        StoredOrder { restaurant: r, order: order.clone(), business_day: day, make_minutes: work.minutes, receipt };
    // By a channel that the restaurant has just given up nobody is told; the order stands.
    let takes = |contact: &&Contact| menu.restaurant.settings.messages.channels.takes(contact.channel);
    world.contacts.extend(draft.contact.as_ref().filter(takes).map(|contact| (r, order.id, contact.clone())));
    world.orders.insert((r, order.id), Entry::new(stored));
    Ok(Done { events, subject: order.id.0, order: Some(Box::new(order)), seating: None })
}

/// The table, the seating and whether the gate holds it, by who orders.
fn place_at(
    world: &World,
    case: &Case<'_>,
    draft: &Draft,
) -> Result<(Option<TableRef>, Option<SeatingId>, bool), Refusal> {
    let r = case.submission.restaurant;
    match &case.submission.request.actor {
        Actor::Guest { guest, seating } => {
            let Some(entry) = world.seatings.get(&(r, *seating)) else {
                return Err(Refusal::new(Code::UnknownSeating, "There is no such seating."));
            };
            if draft.kind != OrderKind::DineIn {
                let message = "must be `dine_in` at a table".to_owned();
                return Err(Refusal::invalid(vec![FieldProblem { field: "kind".to_owned(), message }]));
            }
            let seating = &entry.now.seating;
            Ok((Some(seating.table.clone()), Some(seating.id), !seating.lets(*guest)))
        }
        Actor::Takeaway { .. } => {
            takeaway::orders_takeaway(draft)?;
            Ok((None, None, false))
        }
        Actor::Staff { .. } | Actor::Screen { .. } | Actor::System => {
            at_least(case, Role::Waiter)?;
            let Some(table) = draft.table else { return Ok((None, None, false)) };
            let Some(entry) = world.tables.get(&(r, table)) else {
                return Err(Refusal::new(Code::UnknownTable, "There is no such table."));
            };
            Ok((Some(entry.now.reference()), world.open_at(r, table), false))
        }
    }
}

/// The price checked in memory stands if the menu has not moved since.
fn priced(case: &Case<'_>, menu: &Menu, draft: &Draft) -> Result<Priced, Refusal> {
    match &case.submission.priced {
        Some(priced) if priced.menu_version == menu.version => Ok(priced.clone()),
        _ => ordering::price(menu, draft, || (case.source.id)()),
    }
}

/// Items that this batch itself sold out, and counted stock that is too small.
fn still_there(world: &World, r: RestaurantId, priced: &Priced) -> Result<(), Refusal> {
    let mut left = BTreeMap::new();
    for (item, wanted) in ordering::portions(&priced.lines) {
        if let Some(entry) = world.items.get(&(r, item)) {
            let stock = if entry.now.available { entry.now.stock.unwrap_or(i64::MAX) } else { 0 };
            if stock < wanted {
                left.insert(item, stock);
            }
        }
    }
    if left.is_empty() { Ok(()) } else { Err(ordering::not_enough(&priced.lines, &left)) }
}

fn next_number(world: &World, r: RestaurantId, day: i64) -> i64 {
    world.feeds.get(&r).map_or(1, |f| if f.now.number_day == day { f.now.number_last + 1 } else { 1 })
}

fn take_number(world: &mut World, r: RestaurantId, day: i64, number: i64) {
    if let Some(feed) = world.feeds.get_mut(&r) {
        feed.now.number_day = day;
        feed.now.number_last = number;
    }
}

/// What is kept of an order that reaches the kitchen with event `seq`, or still waits at the gate.
pub fn receipt(case: &Case<'_>, released: Option<(i64, &Menu)>) -> Receipt {
    let due = |menu: &Menu| {
        let wait = if case.submission.unwatched { 0 } else { menu.restaurant.settings.unseen_seconds };
        case.at.plus(Duration::from_secs(u64::from(wait)))
    };
    Receipt {
        released_seq: released.map(|(seq, _)| seq),
        released_at: released.map(|_| case.at),
        seen_at: None,
        unseen_due: released.map(|(_, menu)| due(menu)),
        unseen_nth: 0,
        seen_stations: Vec::new(),
        promise: None,
    }
}

/// An order reaches the kitchen: from here its time counts, by what stands before it.
pub fn promised(world: &mut World, case: &Case<'_>, order: &mut Order) -> Option<Promise> {
    let r = case.submission.restaurant;
    let menu = world.menus.get(&r)?;
    let (promise, expected) = world.kitchens.get_mut(&r)?.arrived(order, menu, case.at);
    // What was agreed stays what is promised.
    order.due_at = order.pickup_at.unwrap_or(promise.to);
    order.expected = Some(expected);
    Some(promise)
}

/// An order changed in the kitchen: what is expected of it now, and what is worth telling of others.
fn expected(world: &mut World, case: &Case<'_>, before: &Order, id: OrderId) -> Option<NewEvent> {
    let r = case.submission.restaurant;
    let menu = world.menus.get(&r)?;
    let entry = world.orders.get_mut(&(r, id))?;
    let (after, promise) = (&mut entry.now.order, entry.now.receipt.promise.as_ref());
    let outlook = world.kitchens.get_mut(&r)?.changed(before, after, promise, menu, case.at);
    after.expected = outlook.own;
    for other in &outlook.others {
        match world.orders.get_mut(&(r, other.order)) {
            Some(entry) => entry.now.order.expected = Some(other.expected),
            None => drop(world.expected.insert((r, other.order), other.expected)),
        }
    }
    let expected = outlook.others;
    (!expected.is_empty()).then_some(NewEvent { kind: Kind::OrdersExpected, state: State::Expected { expected } })
}

/// A change of one order, by the domain's rules.
pub fn change(world: &mut World, case: &Case<'_>) -> Decision {
    let r = case.submission.restaurant;
    let request = &case.submission.request;
    let id = request.command.order().ok_or_else(unknown_order)?;
    let entry = world.orders.get_mut(&(r, id)).ok_or_else(unknown_order)?;
    if !entry.now.order.is_of(&request.actor) {
        return Err(unknown_order());
    }
    let context = Context { actor: &request.actor, at: case.at, base_version: request.base_version };
    let Some(change) = decide::decide(&entry.now.order, &request.command, context)? else {
        return Ok(Done::of(id.0));
    };
    let before = std::mem::replace(&mut entry.now.order, change.order);
    if !entry.now.order.state.is_in_kitchen() {
        entry.now.receipt.unseen_due = None;
    }
    let news = expected(world, case, &before, id);
    let order = Box::new(world.orders.get(&(r, id)).ok_or_else(unknown_order)?.now.order.clone());
    let mut done = Done::of(id.0).event(change.kind, State::Order { order });
    done.events.extend(news);
    for (item, quantity) in change.returned {
        done.events.extend(move_stock(world, r, item, quantity));
    }
    Ok(done)
}

/// Another address, also where the order's own state stays as it is.
pub fn tell(world: &mut World, case: &Case<'_>, command: &TellGuest) -> Decision {
    let r = case.submission.restaurant;
    let channels = world.menu(r).map_err(|_| unknown_order())?.restaurant.settings.messages.channels;
    if command.contact.as_ref().is_some_and(|contact| !channels.takes(contact.channel)) {
        let message = "is none that the restaurant uses".to_owned();
        return Err(Refusal::invalid(vec![FieldProblem { field: "contact.channel".to_owned(), message }]));
    }
    let done = change(world, case)?;
    world.told.insert((r, command.order), command.contact.clone());
    Ok(done)
}

/// A line moves only to a station that the restaurant has.
pub fn transfer(world: &mut World, case: &Case<'_>, command: &MoveLine) -> Decision {
    let menu = world.menu(case.submission.restaurant).map_err(|_| unknown_order())?;
    if !menu.stations.iter().any(|station| station.id == command.to) {
        return Err(Refusal::new(Code::UnknownStation, "There is no such station."));
    }
    change(world, case)
}

pub(super) fn unknown_order() -> Refusal {
    Refusal::new(Code::UnknownOrder, "There is no such order.")
}

/// Screens have drawn tickets up to a seq: which orders are now seen at all their stations?
pub fn mark_shown(world: &mut World, case: &Case<'_>, command: &MarkShown) -> Decision {
    at_least(case, Role::Kitchen)?;
    let r = case.submission.restaurant;
    let upto = command.seq.min(head(world, r));
    let mut seen = Vec::new();
    for ((_, _), entry) in world.orders.iter_mut().filter(|((of, _), _)| *of == r) {
        let waits =
            entry.now.receipt.seen_at.is_none() && entry.now.receipt.released_seq.is_some_and(|seq| seq <= upto);
        let is_drawn = command.kind.is_none_or(|kind| kind == entry.now.order.kind);
        if waits && is_drawn && drawn(&mut entry.now, &command.stations, case.at) {
            seen.push(Seen { order: entry.now.order.id, seating: entry.now.order.seating, at: case.at });
        }
    }
    seen.sort_by_key(|s| s.order);
    let done = Done::of(uuid::Uuid::nil());
    Ok(if seen.is_empty() { done } else { done.event(Kind::OrdersSeen, State::Seen { seen }) })
}

/// Notes the stations that drew a ticket; says whether that was the last one missing.
fn drawn(stored: &mut StoredOrder, stations: &[StationId], at: Timestamp) -> bool {
    let mine = stored.order.stations();
    let receipt = &mut stored.receipt;
    receipt.seen_stations.extend(stations.iter().filter(|s| mine.contains(s)));
    receipt.seen_stations.sort_unstable();
    receipt.seen_stations.dedup();
    let all = mine.iter().all(|s| receipt.seen_stations.contains(s));
    if all {
        receipt.seen_at = Some(at);
        receipt.unseen_due = None;
    }
    all
}

/// No screen has shown an order when it was due: tell everybody, once per interval, whoever noticed.
pub fn raise_alarm(world: &mut World, case: &Case<'_>, command: &RaiseAlarm) -> Decision {
    at_least(case, Role::Admin)?;
    let r = case.submission.restaurant;
    let menu = world.menu(r).map_err(|_| unknown_order())?;
    let entry = world.orders.get_mut(&(r, command.order)).ok_or_else(unknown_order)?;
    let receipt = &mut entry.now.receipt;
    let done = Done::of(command.order.0);
    let Some(due) = receipt.unseen_due else { return Ok(done) };
    if command.nth != receipt.unseen_nth + 1 || due > case.at {
        return Ok(done);
    }
    receipt.unseen_nth = command.nth;
    let again = Duration::from_secs(u64::from(menu.restaurant.settings.unseen_again_seconds.max(1)));
    receipt.unseen_due = (command.nth < UNSEEN_ALARMS).then(|| case.at.plus(again));
    let unseen = unseen(&entry.now.order, &entry.now.receipt, command.nth);
    Ok(done.event(Kind::OrderUnseen, State::Unseen { unseen }))
}

fn unseen(order: &Order, receipt: &Receipt, nth: i64) -> Unseen {
    Unseen {
        order: order.id,
        number: order.number,
        table: order.table.clone(),
        stations: order.stations().into_iter().filter(|s| !receipt.seen_stations.contains(s)).collect(),
        nth,
        since: receipt.released_at.unwrap_or(order.placed_at),
    }
}

/// Cancels an order that never passed the gate, because its table was closed.
pub fn cancel_held(world: &mut World, key: (RestaurantId, OrderId), reason: &str, at: Timestamp) -> Vec<NewEvent> {
    let Some(entry) = world.orders.get_mut(&key) else { return Vec::new() };
    let command = crate::domain::command::Command::CancelOrder(crate::domain::command::CancelOrder {
        order: key.1,
        reason: Some(reason.to_owned()),
    });
    let context = Context { actor: &Actor::System, at, base_version: None };
    let Ok(Some(change)) = decide::decide(&entry.now.order, &command, context) else { return Vec::new() };
    entry.now.order = change.order.clone();
    let mut events = vec![NewEvent { kind: change.kind, state: State::Order { order: Box::new(change.order) } }];
    for (item, quantity) in change.returned {
        events.extend(move_stock(world, key.0, item, quantity));
    }
    events
}
