//! The first message: who is this? (W1). Answers `welcome` and hands over to the session, or closes.

use super::Door;
use super::handshake::Place;
use super::link::{Heard, Link};
use super::session::Session;
use super::stay::Stay;
use crate::commands::Denied;
use crate::domain::people::Actor;
use crate::hub::frame::Frame;
use crate::identity::tokens::Claims;
use crate::protocol::client::ClientMessage;
use crate::protocol::close::Close;
use crate::protocol::oldest_served;
use crate::protocol::server::{ServerMessage, Who};
use crate::store::Fault;
use hyper::upgrade::Upgraded;
use std::sync::Arc;
use std::time::Duration;

/// What stands between `hello` and `welcome` (reads of the database) may take this long.
const ADMITTING: Duration = Duration::from_secs(5);

/// Waits for `hello`, then hands over to a session. That is a task of its own: it stays for hours, and is much smaller
/// than this one.
pub async fn begin(door: Arc<Door>, slug: String, place: Place, upgraded: Upgraded) {
    let mut link = Link::new(upgraded, door.bounds.message_bytes, door.bounds.write_stall);
    let admitted = tokio::select! {
        admitted = Box::pin(admit(&door, &slug, &mut link, place)) => admitted,
        () = door.stop.cancelled() => Err(Some(door.farewell)),
    };
    match admitted {
        Ok((claims, stay)) => {
            let tasks = door.tasks.clone();
            tasks.spawn(Session::new(door, link, stay, claims).run());
        }
        Err(Some(why)) => refuse(link, why).await,
        Err(None) => link.part().await,
    }
}

async fn refuse(link: Link, why: Close) {
    metrics::counter!(crate::telemetry::CLOSES, crate::telemetry::LABEL_CODE => why.code().to_string()).increment(1);
    link.close(why, rand::random()).await;
}

/// `Err(None)`: the client went away by itself. The place is free before `welcome` is sent: whoever reads that may count
/// on it.
async fn admit(door: &Door, slug: &str, link: &mut Link, place: Place) -> Result<(Claims, Stay), Option<Close>> {
    let heard = tokio::time::timeout(door.bounds.hello, first_text(link)).await;
    let text = heard.unwrap_or(Err(Some(Close::NoHello)))?;
    let admitted = tokio::time::timeout(ADMITTING, known(door, slug, &text)).await;
    drop(place);
    let (claims, stay) = admitted.unwrap_or(Err(Close::Busy)).map_err(Some)?;
    let welcome = Frame::json(&welcome(door, &claims));
    link.write(&[welcome]).await.map_err(|_| None)?;
    Ok((claims, stay))
}

async fn first_text(link: &mut Link) -> Result<String, Option<Close>> {
    loop {
        match link.hear().await {
            Heard::Text(text) => return Ok(text),
            Heard::Alive => {}
            Heard::Gone => return Err(None),
            Heard::Broken(why) => return Err(Some(why)),
        }
    }
}

/// Who says hello, if they may be here; in the restaurant's room from then on.
async fn known(door: &Door, slug: &str, text: &str) -> Result<(Claims, Stay), Close> {
    let (token, protocol) = match serde_json::from_str(text) {
        Ok(ClientMessage::Hello { token, protocol }) => (token, protocol),
        Ok(_) => return Err(Close::NoHello),
        Err(_) => return Err(Close::Malformed),
    };
    if protocol < oldest_served(door.bounds.protocol) {
        return Err(Close::Update);
    }
    let claims = door.commands.authenticate(&token).map_err(|denied| close_for(&denied))?;
    let restaurant = door.commands.restaurant(slug).await.map_err(|denied| close_for(&denied))?;
    if restaurant != Some(claims.restaurant) {
        return Err(Close::Unauthorized);
    }
    let room = door.relay.enter(claims.restaurant).await.map_err(|fault| {
        tracing::warn!(%fault, "a restaurant could not be begun");
        close_after(&fault)
    })?;
    let stay = Stay::begin(room.ok_or(Close::Unauthorized)?, door.hub.next_id(), &claims.actor);
    // Looked at after it joined: a login or a seating that ends from here on ends this connection, too.
    if claims.actor.session().is_some_and(|session| door.hub.is_revoked(session)) {
        return Err(Close::Revoked);
    }
    door.commands.still_welcome(&claims).await.map_err(|denied| close_for(&denied))?;
    Ok((claims, stay))
}

/// How a fault of the database ends a connection.
pub fn close_after(fault: &Fault) -> Close {
    if fault.is_busy() { Close::Busy } else { Close::Fault }
}

/// How a denial ends a connection.
pub fn close_for(denied: &Denied) -> Close {
    match denied {
        Denied::Unauthorized("expired") => Close::Expired,
        Denied::Unauthorized("revoked") => Close::Revoked,
        Denied::Unauthorized(_) => Close::Unauthorized,
        Denied::Refused(refusal) if refusal.code == crate::domain::refusal::Code::SeatingClosed => Close::SeatingClosed,
        Denied::Refused(_) => Close::Unauthorized,
        Denied::Unavailable(_) | Denied::Limited(_) => Close::Busy,
    }
}

fn welcome(door: &Door, claims: &Claims) -> ServerMessage {
    let (session, who) = match &claims.actor {
        Actor::Guest { guest, seating } => (seating.to_string(), Who::Guest { guest: *guest, seating: *seating }),
        Actor::Takeaway { guest } => (guest.to_string(), Who::Takeaway { guest: *guest }),
        Actor::Staff { session, role, name, .. } => {
            (session.to_string(), Who::Staff { session: *session, staff_role: *role, name: name.clone() })
        }
        Actor::Screen { session, screen, name } => {
            (session.to_string(), Who::Screen { session: *session, screen: *screen, name: name.clone() })
        }
        Actor::System => (
            String::new(),
            Who::Guest {
                guest: crate::domain::ids::GuestId(uuid::Uuid::nil()),
                seating: crate::domain::ids::SeatingId(uuid::Uuid::nil()),
            },
        ),
    };
    ServerMessage::Welcome {
        session,
        who,
        restaurant: claims.restaurant,
        protocol: door.bounds.protocol,
        at: door.commands.clock.now(),
    }
}
