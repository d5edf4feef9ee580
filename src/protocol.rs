//! The words on the wire: what clients send, what they get, and how a connection ends.
//! One JSON message per text frame, `op` first. The rules W1–W12 are in docs/PROTOCOL.md.

pub mod client;
pub mod close;
pub mod problem;
pub mod rest;
pub mod server;
pub mod snapshot;
pub mod typescript;
pub mod view;

/// The newest protocol version.
pub const PROTOCOL: u32 = 1;

/// The oldest version that is served beside the newest; older pages are told to reload (W1.6).
#[must_use]
pub const fn oldest_served(newest: u32) -> u32 {
    if newest > 1 { newest - 1 } else { 1 }
}
