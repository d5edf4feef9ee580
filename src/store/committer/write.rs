//! Writes what a batch decided: every kind in one multi-row statement, and most of them in one.

use super::load::World;
use super::tell;
use crate::domain::estimate::Kitchen;
use crate::domain::event::Event;
use crate::domain::ids::{Cursor, RestaurantId};
use crate::domain::time::Timestamp;
use crate::store::db::{Bundle, Tx, binds};
use crate::store::fault::Fault;
use crate::store::{contacts, feed, learned, menus, orders, people, screens, seatings, takeaway};

/// A restaurant that is not there (any more).
pub struct Missing;

/// What the kitchens taught is to be written; they are taken out as they are at the heads of their feeds.
pub fn lessons(
    bundle: &mut Bundle,
    world: &mut World,
    at: Timestamp,
) -> Result<Vec<(Cursor, RestaurantId, Kitchen)>, Fault> {
    let mut kitchens = Vec::with_capacity(world.kitchens.len());
    let mut figures = Vec::new();
    for (restaurant, mut kitchen) in std::mem::take(&mut world.kitchens) {
        let Some(feed) = world.feeds.get(&restaurant) else { continue };
        figures.extend(kitchen.learned.take_touched().into_iter().map(|(of, figure)| (restaurant, of, figure)));
        kitchens.push((feed.now.head(), restaurant, kitchen));
    }
    learned::save(bundle, &figures, at);
    let expected = std::mem::take(&mut world.expected);
    orders::expect(bundle, expected.into_iter().map(|((r, order), expected)| (r, order, expected)).collect())?;
    Ok(kitchens)
}

/// Writes all changed rows, the events and the commands; returns the events for publishing. What nearly every batch
/// writes goes with the bundle, in one statement.
pub async fn world(tx: &mut Tx, mut bundle: Bundle, mut world: World) -> Result<Vec<Event>, Fault> {
    let at = world.feeds.values().map(|f| f.now.at).max();
    if let Some(at) = at {
        let mut changed: Vec<_> = world.seatings.values().filter(|e| e.changed()).collect();
        // Written row by row, and a table has one open seating: what was closed makes room for what moved, and
        // that for what was opened.
        changed.sort_by_key(|e| (e.now.seating.is_open(), e.before.is_none()));
        let changed: Vec<_> = changed.into_iter().map(|e| &e.now).collect();
        seatings::save(tx, &changed, at).await?;
    }
    let tables: Vec<_> = world.tables.iter().filter(|(_, e)| e.changed()).map(|((r, _), e)| (*r, &e.now)).collect();
    seatings::save_tables(tx, &tables).await?;
    let items: Vec<_> = world.items.iter().filter(|(_, e)| e.changed()).map(|((r, _), e)| (*r, &e.now)).collect();
    menus::update_items(tx, &items).await?;
    menus::set_pictures(tx, &world.pictures).await?;
    write_places(tx, &world).await?;
    write_orders(tx, &mut bundle, &world).await?;
    write_commands(&mut bundle, &world);
    feed::append(&mut bundle, &world.events)?;
    let moved: Vec<_> = world.feeds.values().filter(|e| e.changed()).map(|e| &e.now).collect();
    feed::advance(&mut bundle, &moved);
    bundle.write(tx).await?;
    if let Some(at) = at {
        contacts::insert(tx, std::mem::take(&mut world.contacts), at).await?;
        for ((restaurant, order), contact) in std::mem::take(&mut world.told) {
            contacts::change(tx, restaurant, order, contact, at).await?;
        }
    }
    tell::messages(tx, &world).await?;
    for (restaurant, settings) in &world.settings {
        menus::set_settings(tx, *restaurant, settings).await?;
    }
    for (restaurant, until) in &world.paused {
        takeaway::pause(tx, *restaurant, *until).await?;
    }
    Ok(world.events)
}

async fn write_places(tx: &mut Tx, world: &World) -> Result<(), Fault> {
    let members: Vec<_> = world.members.iter().filter(|(_, e)| e.changed()).map(|((r, _), e)| (*r, &e.now)).collect();
    people::save_members(tx, &members).await?;
    let devices: Vec<_> = world.screens.iter().filter(|(_, e)| e.changed()).map(|((r, _), e)| (*r, &e.now)).collect();
    screens::save_screens(tx, &devices).await?;
    for entry in world.pairings.values().filter(|e| e.changed()) {
        screens::save_pairing(tx, &entry.now).await?;
    }
    for entry in world.sessions.values().filter(|e| e.changed()) {
        if let Some(at) = entry.now.revoked_at {
            people::revoke(tx, &entry.now, at).await?;
        }
    }
    for (restaurant, owner, at) in &world.ended {
        people::revoke_all(tx, *restaurant, *owner, *at).await?;
    }
    Ok(())
}

async fn write_orders(tx: &mut Tx, bundle: &mut Bundle, world: &World) -> Result<(), Fault> {
    let mut new = Vec::new();
    let mut changed = Vec::new();
    for entry in world.orders.values().filter(|e| e.changed()) {
        match &entry.before {
            None => new.push(&entry.now),
            Some(before) => changed.push((before, &entry.now)),
        }
    }
    orders::insert(bundle, &new)?;
    orders::update(tx, bundle, &changed).await
}

fn write_commands(bundle: &mut Bundle, world: &World) {
    let rows = world
        .known
        .iter()
        .filter_map(|((restaurant, id), known)| {
            let at = known.new_at?.0;
            Some(binds![
                restaurant.0,
                id.0,
                known.sender.as_str(),
                known.body_hash.clone(),
                known.seq,
                known.subject,
                at
            ])
        })
        .collect();
    bundle.rows("insert into commands (restaurant_id, id, sender, body_hash, seq, subject, at)", rows, "");
}
