//! Takeaway under the lock: the slot that an order gets, the start of what was scheduled, and "closed for today".

use super::orders::{promised, receipt, unknown_order};
use super::{Case, Decision, Done, World, at_least, head};
use crate::domain::command::Draft;
use crate::domain::decide;
use crate::domain::event::{Kind, State};
use crate::domain::ids::{OrderId, RestaurantId};
use crate::domain::limits::DAYS_AHEAD;
use crate::domain::menu::Menu;
use crate::domain::order::{OrderKind, Receipt};
use crate::domain::people::{Actor, Role};
use crate::domain::refusal::{FieldProblem, Refusal};
use crate::domain::takeaway::{self, Booked, Pickup, TakeawayState, Work};
use crate::store::orders::StoredOrder;
use std::sync::Arc;
use std::time::Duration;

/// A guest without a table can only take away, and says how to be reached.
pub fn orders_takeaway(draft: &Draft) -> Result<(), Refusal> {
    let wrong = |field: &str, message: &str| {
        Err(Refusal::invalid(vec![FieldProblem { field: field.to_owned(), message: message.to_owned() }]))
    };
    if draft.kind != OrderKind::Takeaway {
        return wrong("kind", "must be `takeaway` without a table");
    }
    if draft.contact.is_none() {
        return wrong("contact", "must be the number that was verified");
    }
    Ok(())
}

/// When the order is picked up. Guests get what is left; staff agree on any time with whoever calls.
pub fn pickup(
    world: &World,
    case: &Case<'_>,
    menu: &Menu,
    draft: &Draft,
    work: Work,
) -> Result<Option<Pickup>, Refusal> {
    match &case.submission.request.actor {
        Actor::Takeaway { .. } => {
            let booked = world.booked(case.submission.restaurant);
            takeaway::book(&menu.restaurant, &booked, work, draft.pickup_at, case.at).map(Some)
        }
        Actor::Guest { .. } => Ok(None),
        Actor::Staff { .. } | Actor::Screen { .. } | Actor::System => {
            let Some(at) = draft.pickup_at else { return Ok(None) };
            let last = case.at.plus(Duration::from_secs(u64::from(DAYS_AHEAD) * 24 * 3600));
            if at < case.at || at > last {
                let message = format!("must be within the next {DAYS_AHEAD} days");
                return Err(Refusal::invalid(vec![FieldProblem { field: "pickup_at".to_owned(), message }]));
            }
            Ok(Some(Pickup::at(at, work, case.at)))
        }
    }
}

/// A scheduled order goes to the kitchen; from here on it is a ticket like any other, and its alarm's time runs.
pub fn start(world: &mut World, case: &Case<'_>, id: OrderId) -> Decision {
    let r = case.submission.restaurant;
    let menu = world.menu(r).map_err(|_| unknown_order())?;
    let seq = head(world, r) + 1;
    let entry = world.orders.get(&(r, id)).ok_or_else(unknown_order)?;
    let confirm = menu.restaurant.settings.auto_confirm;
    let Some(mut order) = decide::begin(&entry.now.order, confirm, &case.submission.request.actor, case.at)? else {
        return Ok(Done::of(id.0));
    };
    let promise = promised(world, case, &mut order);
    let entry = world.orders.get_mut(&(r, id)).ok_or_else(unknown_order)?;
    entry.now.order = order.clone();
    entry.now.receipt = Receipt { promise, ..receipt(case, Some((seq, &menu))) };
    Ok(Done::of(id.0).event(Kind::OrderReleased, State::Order { order: Box::new(order) }))
}

/// Closes takeaway until the next business day begins, or opens it again. The menu has a new version with it.
pub fn pause(world: &mut World, case: &Case<'_>, paused: bool) -> Decision {
    at_least(case, Role::Kitchen)?;
    let r = case.submission.restaurant;
    let mut menu = world.menu(r).map_err(|_| unknown_order())?;
    let until = paused.then(|| takeaway::tomorrow(&menu.restaurant, case.at));
    let now = menu.restaurant.settings.takeaway.paused_until.filter(|until| *until > case.at);
    let done = Done::of(r.0);
    let Some(feed) = world.feeds.get_mut(&r).filter(|_| now != until) else { return Ok(done) };
    feed.now.menu_version += 1;
    let changed = Arc::make_mut(&mut menu);
    changed.version = feed.now.menu_version;
    changed.restaurant.settings.takeaway.paused_until = until;
    world.menus.insert(r, menu);
    world.paused.insert(r, until);
    let state = TakeawayState { paused_until: until, menu_version: feed.now.menu_version };
    Ok(done.event(Kind::TakeawayChanged, State::Takeaway { takeaway: state }))
}

impl World {
    /// What is booked now, with what this batch booked and cancelled.
    fn booked(&self, restaurant: RestaurantId) -> Booked {
        let mut booked = self.booked.get(&restaurant).cloned().unwrap_or_default();
        for entry in self.orders.iter().filter(|((r, _), _)| *r == restaurant).map(|(_, entry)| entry) {
            let takes = |stored: &StoredOrder| match stored.order.pickup_at {
                Some(at) if stored.order.cancelled_at.is_none() => Some((at, stored.make_minutes)),
                _ => None,
            };
            if let Some((at, minutes)) = entry.before.as_ref().and_then(takes) {
                booked.add(at, -1, -minutes);
            }
            if let Some((at, minutes)) = takes(&entry.now) {
                booked.add(at, 1, minutes);
            }
        }
        booked
    }
}
