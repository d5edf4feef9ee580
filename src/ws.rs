//! The socket's door: `GET /ws/{slug}`. Takes the handshake, waits for `hello`, then runs one session per
//! connection. One message per text frame; rules W1–W12 in docs/PROTOCOL.md.

mod codec;
pub mod handshake;
mod hello;
pub mod link;
mod pace;
mod requests;
mod session;
mod stay;
mod wire;

use crate::commands::Commands;
use crate::hub::Hub;
use crate::protocol::close::Close;
use crate::relay::Relay;
use crate::telemetry::Sent;
use axum::Router;
use axum::routing::get;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Bounds of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// `hello` must come within it (W1).
    pub hello: Duration,
    /// Connections of one address that have not said `hello` yet.
    pub hello_pending_per_address: u32,
    /// A message from a client (W12).
    pub message_bytes: usize,
    pub messages_per_second: NonZeroU32,
    pub messages_burst: NonZeroU32,
    /// A socket that takes nothing for so long is closed (W9).
    pub write_stall: Duration,
    /// What a connection has in hand at most before its socket has taken it (W9).
    pub pull_bytes: usize,
    /// A client that has not answered a ping for so long, with any frame, is gone.
    pub silence_staff: Duration,
    pub silence_guest: Duration,
    /// The newest version of the protocol that this node speaks; the one before is served too.
    pub protocol: u32,
}

/// Commands of one connection that are under way at most; further messages are read after them.
pub const COMMANDS_UNDER_WAY: usize = 16;
/// Topics of one connection.
pub const TOPICS: usize = 8;

/// Finds the client's address from the peer's and the headers.
pub type ClientAddress = Arc<dyn Fn(IpAddr, &axum::http::HeaderMap) -> IpAddr + Send + Sync>;

/// What every session shares.
pub struct Door {
    pub commands: Arc<Commands>,
    pub relay: Relay,
    pub hub: Arc<Hub>,
    pub bounds: Bounds,
    pub origins: Vec<String>,
    /// Finds the client's address behind trusted proxies.
    pub client_address: ClientAddress,
    pub tasks: TaskTracker,
    /// No new connections are taken: they are to go to another node.
    pub draining: CancellationToken,
    pub stop: CancellationToken,
    /// What whoever is still here at a stop is told: come back, or go to another node.
    pub farewell: Close,
    pub pending: Mutex<HashMap<IpAddr, u32>>,
    /// How many new connections this node takes; in a storm the others come back later.
    pub admission: DefaultDirectRateLimiter,
    /// What was sent, for the metrics.
    pub sent: Sent,
    /// When the door was made; clients' rates are counted from then.
    pub since: Instant,
}

impl Door {
    /// A limiter for `admission`.
    #[must_use]
    pub fn admission(per_second: NonZeroU32, burst: NonZeroU32) -> DefaultDirectRateLimiter {
        RateLimiter::direct(Quota::per_second(per_second).allow_burst(burst))
    }
}

/// At the stop, tells every connection. Who joins later sees by itself that the server stops.
async fn bid_farewell(door: Arc<Door>) {
    door.stop.cancelled().await;
    door.hub.send_away(usize::MAX, door.farewell);
}

/// The route of the socket. To be called within the runtime.
pub fn router(door: Arc<Door>) -> Router {
    door.tasks.spawn(bid_farewell(Arc::clone(&door)));
    Router::new().route("/ws/{slug}", get(handshake::upgrade)).with_state(door)
}
