//! The messages that a batch's events are worth: rows of the outbox, in the same transaction. An order without an
//! address costs nothing here.

use super::load::World;
use crate::domain::event::{Event, Kind, State};
use crate::domain::menu::Menu;
use crate::domain::message::{self, Locale, MessageKind, Vars};
use crate::domain::order::Order;
use crate::store::contacts;
use crate::store::db::Tx;
use crate::store::fault::Fault;
use crate::store::inbox::{self, NewNote};
use crate::store::outbox::{self, NewMessage};
use std::sync::Arc;

pub async fn messages(tx: &mut Tx, world: &World) -> Result<(), Fault> {
    inbox::insert(tx, world.events.iter().filter_map(|event| note(world, event)).collect()).await?;
    let worth: Vec<_> = world.events.iter().filter_map(|event| worth(world, event)).collect();
    if worth.is_empty() {
        return Ok(());
    }
    let orders = worth.iter().map(|w| (w.event.restaurant, w.order.id)).collect();
    let contacts = contacts::of(tx, orders).await?;
    let messages = worth.into_iter().filter_map(|w| {
        let (channel, address, locale) = contacts.get(&(w.event.restaurant, w.order.id))?.clone();
        Some(NewMessage {
            restaurant: w.event.restaurant,
            subject: w.order.id.0,
            about: w.about,
            kind: w.kind,
            channel,
            address,
            locale: locale.unwrap_or_else(|| first_language(&w.menu)),
            vars: vars(w.kind, w.order, w.event, &w.menu),
            at: w.event.at,
            send_at: w.event.at.plus(w.kind.waits()),
            expires_at: w.event.at.plus(w.kind.lasts()),
            instead_of: None,
        })
    });
    outbox::enqueue(tx, messages.collect()).await
}

struct Worth<'a> {
    event: &'a Event,
    order: &'a Order,
    menu: Arc<Menu>,
    kind: MessageKind,
    about: String,
}

fn worth<'a>(world: &World, event: &'a Event) -> Option<Worth<'a>> {
    let order = event.order()?;
    order.told_by?;
    let menu = world.menu(event.restaurant).ok()?;
    let (kind, about) = message::worth_telling(event, menu.restaurant.settings.messages)?;
    Some(Worth { event, order, menu, kind, about })
}

fn first_language(menu: &Menu) -> Locale {
    menu.restaurant.locales.iter().find_map(|tag| Locale::of(tag)).unwrap_or(Locale::En)
}

fn vars(kind: MessageKind, order: &Order, event: &Event, menu: &Menu) -> Vars {
    let minutes = i64::try_from(order.due_at.since(event.at).as_secs().div_ceil(60)).unwrap_or(i64::MAX);
    Vars {
        restaurant: menu.restaurant.name.clone(),
        number: Some(order.number),
        table: order.table.as_ref().map(|table| table.label.clone()),
        minutes: (kind == MessageKind::Accepted && minutes > 0).then_some(minutes),
        reason: order.cancel_reason.clone(),
        code: None,
    }
}

/// What the staff find in their inbox: the first alarm of an order, and calls.
fn note(world: &World, event: &Event) -> Option<NewNote> {
    let (kind, subject, about, number, table) = match (&event.kind, &event.state) {
        (Kind::OrderUnseen, State::Unseen { unseen }) if unseen.nth == 1 => {
            (MessageKind::Unseen, unseen.order.0, "unseen".to_owned(), Some(unseen.number), unseen.table.clone())
        }
        (Kind::SeatingCalled, State::Seating { seating }) => {
            let about = format!("called@{}", event.seq);
            (MessageKind::Called, seating.id.0, about, None, Some(seating.table.clone()))
        }
        _ => return None,
    };
    let menu = world.menu(event.restaurant).ok()?;
    let vars = Vars {
        restaurant: menu.restaurant.name.clone(),
        number,
        table: table.map(|table| table.label),
        ..Vars::default()
    };
    Some(NewNote { restaurant: event.restaurant, subject, about, kind, vars, at: event.at })
}
