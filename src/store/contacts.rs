//! Where guests want to be told of their orders: beside the orders, never in them. Each row says when its guest agreed,
//! and to which words.

use super::db::{Tx, binds};
use super::fault::Fault;
use super::outbox::{columns, message_of, put};
use crate::domain::command::Contact;
use crate::domain::ids::{OrderId, RestaurantId};
use crate::domain::message::Locale;
use crate::domain::order::Channel;
use crate::domain::time::Timestamp;
use std::collections::HashMap;

/// What guests were told when they left an address: the words of the page (`words/*.ts`), by name.
pub const CONSENT: &str = "order-news-1";

/// Where the guests of new orders want to be told, and that they said so.
///
/// # Errors
/// Any fault of the database.
pub async fn insert(tx: &mut Tx, contacts: Vec<(RestaurantId, OrderId, Contact)>, at: Timestamp) -> Result<(), Fault> {
    let rows = contacts
        .into_iter()
        .map(|(r, o, c)| {
            let locale = c.locale.map(|locale| locale.name().to_owned());
            let address = c.address();
            binds![r.0, o.0, c.phone, c.channel.name(), address, locale, at.0, CONSENT]
        })
        .collect();
    let head = "insert into contacts (restaurant_id, order_id, phone, channel, address, locale, consented_at, consent)";
    tx.execute_rows(head, rows, "").await?;
    Ok(())
}

/// Channel, address and language by order.
///
/// # Errors
/// Any fault of the database.
pub async fn of(
    tx: &mut Tx,
    orders: Vec<(RestaurantId, OrderId)>,
) -> Result<HashMap<(RestaurantId, OrderId), (Channel, String, Option<Locale>)>, Fault> {
    let keys = orders.into_iter().map(|(r, o)| binds![r.0, o.0]).collect();
    let select = "select restaurant_id, order_id, channel, coalesce(address, phone), locale from contacts \
                  where (restaurant_id, order_id) in";
    let rows = tx.query_keys(select, keys, "").await?;
    rows.iter()
        .map(|row| {
            let key = (RestaurantId(row.id(0)?), OrderId(row.id(1)?));
            let locale = row.maybe_text(4)?.as_deref().and_then(Locale::parse);
            Ok((key, (row.word(2, Channel::parse)?, row.text(3)?, locale)))
        })
        .collect()
}

/// Another address, or none any more; what waits to be sent goes there, or nowhere.
///
/// # Errors
/// Any fault of the database.
pub async fn change(
    tx: &mut Tx,
    restaurant: RestaurantId,
    order: OrderId,
    contact: Option<Contact>,
    at: Timestamp,
) -> Result<(), Fault> {
    let forget = "delete from contacts where restaurant_id = $1 and order_id = $2";
    tx.execute(forget, binds![restaurant.0, order.0]).await?;
    redirect(tx, restaurant, order, contact.as_ref(), at).await?;
    match contact {
        Some(contact) => insert(tx, vec![(restaurant, order, contact)], at).await,
        None => Ok(()),
    }
}

/// Sends what still waits about an order to another address, or not at all. Whoever has claimed it begins anew.
async fn redirect(
    tx: &mut Tx,
    restaurant: RestaurantId,
    order: OrderId,
    contact: Option<&Contact>,
    at: Timestamp,
) -> Result<(), Fault> {
    let select = concat!(
        "select ",
        columns!(),
        " from notifications where restaurant_id = $1 and subject = $2 and state = 'queued' and channel <> 'inbox'"
    );
    for row in tx.query(select, binds![restaurant.0, order.0]).await? {
        let message = message_of(&row)?;
        let send_at = at.max(message.created_at.plus(message.kind.waits()));
        let Some(contact) = contact.filter(|contact| contact.channel == message.channel) else {
            let dropped = "update notifications set state = 'dropped', error = 'changed', next_at = null, claim = null, \
                           address = null, vars = '{}', ended_at = $3 where restaurant_id = $1 and id = $2";
            tx.execute(dropped, binds![restaurant.0, message.id, at.0]).await?;
            if let Some(contact) = contact {
                put(tx, message.to(contact.channel, contact.address(), send_at)).await?;
            }
            continue;
        };
        let moved = "update notifications set address = $3, next_at = $4, claim = null \
                     where restaurant_id = $1 and id = $2";
        tx.execute(moved, binds![restaurant.0, message.id, contact.address(), send_at.0]).await?;
    }
    Ok(())
}
