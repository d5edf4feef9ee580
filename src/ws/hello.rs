//! The first message: who is this? (W1). Answers `welcome` and hands over to the session, or closes.

use super::Door;
use super::handshake::Place;
use super::link::{Heard, Link};
use super::session::Session;
use crate::commands::Denied;
use crate::domain::people::Actor;
use crate::hub::connection::Connection;
use crate::hub::frame::Frame;
use crate::hub::room::Room;
use crate::identity::tokens::Claims;
use crate::protocol::client::ClientMessage;
use crate::protocol::close::Close;
use crate::protocol::server::{ServerMessage, Who};
use crate::protocol::{OLDEST_PROTOCOL, PROTOCOL};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use std::sync::Arc;

/// Waits for `hello`, then runs the connection until it ends.
pub async fn begin(door: Arc<Door>, slug: String, place: Place, stream: TokioIo<Upgraded>) {
    let mut link = Link::new(stream, door.bounds.message_bytes, door.bounds.write_stall).await;
    let admitted = tokio::time::timeout(door.bounds.hello, Box::pin(admit(&door, &slug, &mut link))).await;
    drop(place);
    let (claims, room) = match admitted.unwrap_or(Err(Some(Close::NoHello))) {
        Ok(admitted) => admitted,
        Err(Some(why)) => return refuse(link, why).await,
        Err(None) => return,
    };
    let connection = Arc::new(Connection::new(door.hub.next_id(), &claims.actor));
    room.join(&connection);
    // A login or a seating may have ended between the look and the join.
    if is_over(&door, &claims) {
        room.leave(&connection, std::iter::empty());
        return refuse(link, Close::Revoked).await;
    }
    let audience = if matches!(claims.actor, Actor::Guest { .. }) { "guest" } else { "staff" };
    metrics::gauge!(crate::telemetry::CONNECTIONS, crate::telemetry::LABEL_AUDIENCE => audience).increment(1.0);
    Session::new(door, link, connection, room, claims).run().await;
    metrics::gauge!(crate::telemetry::CONNECTIONS, crate::telemetry::LABEL_AUDIENCE => audience).decrement(1.0);
}

async fn refuse(link: Link, why: Close) {
    metrics::counter!(crate::telemetry::CLOSES, crate::telemetry::LABEL_CODE => why.code().to_string()).increment(1);
    link.close(why, rand::random()).await;
}

/// `Err(None)`: the client went away by itself.
async fn admit(door: &Door, slug: &str, link: &mut Link) -> Result<(Claims, Arc<Room>), Option<Close>> {
    let text = loop {
        match link.hear().await {
            Heard::Text(text) => break text,
            Heard::Alive => {}
            Heard::Gone => return Err(None),
            Heard::Broken(why) => return Err(Some(why)),
        }
    };
    let (token, protocol) = match serde_json::from_str(&text) {
        Ok(ClientMessage::Hello { token, protocol }) => (token, protocol),
        Ok(_) => return Err(Some(Close::NoHello)),
        Err(_) => return Err(Some(Close::Malformed)),
    };
    if protocol < OLDEST_PROTOCOL {
        return Err(Some(Close::Update));
    }
    let claims = door.commands.authenticate(&token).map_err(|denied| Some(close_for(&denied)))?;
    let restaurant = door.commands.restaurant(slug).await.map_err(|_| Some(Close::Fault))?;
    if restaurant != Some(claims.restaurant) {
        return Err(Some(Close::Unauthorized));
    }
    door.commands.seating_still_open(&claims).await.map_err(|denied| Some(close_for(&denied)))?;
    let room = door.relay.enter(claims.restaurant).await.map_err(|fault| {
        tracing::warn!(%fault, "a restaurant could not be begun");
        Some(Close::Fault)
    })?;
    let room = room.ok_or(Some(Close::Unauthorized))?;
    let welcome = welcome(door, &claims);
    link.write([&Frame::json(&welcome)]).await.map_err(|_| None)?;
    Ok((claims, room))
}

fn is_over(door: &Door, claims: &Claims) -> bool {
    match &claims.actor {
        Actor::Staff { session, .. } => door.hub.is_revoked(*session),
        Actor::Guest { .. } | Actor::System => false,
    }
}

/// How a denial ends a connection.
pub fn close_for(denied: &Denied) -> Close {
    match denied {
        Denied::Unauthorized("expired") => Close::Expired,
        Denied::Unauthorized("revoked") => Close::Revoked,
        Denied::Unauthorized(_) => Close::Unauthorized,
        Denied::Refused(refusal) if refusal.code == crate::domain::refusal::Code::SeatingClosed => Close::SeatingClosed,
        Denied::Refused(_) => Close::Unauthorized,
        Denied::Unavailable(_) => Close::Fault,
    }
}

fn welcome(door: &Door, claims: &Claims) -> ServerMessage {
    let (session, who) = match &claims.actor {
        Actor::Guest { guest, seating } => (seating.to_string(), Who::Guest { guest: *guest, seating: *seating }),
        Actor::Staff { session, role, name, .. } => {
            (session.to_string(), Who::Staff { session: *session, staff_role: *role, name: name.clone() })
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
        protocol: PROTOCOL,
        at: door.commands.clock.now(),
    }
}
