//! How a connection ends: the code says what to do, the reason is JSON (W10).
//! 1002, 1007, 1012 and 4000–4499: come back after `retry_ms`. 1009 and 4500–4999: do not come back as you are.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

macro_rules! closes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $word:literal, $retry:expr, $message:literal;)*) => {
        /// Every way the server ends a connection.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Close { $($(#[$doc])* $name,)* }

        impl Close {
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            #[must_use]
            pub fn code(self) -> u16 { match self { $(Self::$name => $code,)* } }

            /// The stable word in the reason.
            #[must_use]
            pub fn word(self) -> &'static str { match self { $(Self::$name => $word,)* } }

            /// Milliseconds until the client should try again, at the earliest and at the latest;
            /// `None`: not as it is.
            #[must_use]
            pub fn retry_ms(self) -> Option<(u32, u32)> { match self { $(Self::$name => $retry,)* } }

            #[must_use]
            pub fn message(self) -> &'static str { match self { $(Self::$name => $message,)* } }
        }
    };
}

closes! {
    /// The node stops on purpose.
    Restart = 1012, "restart", Some((1000, 2000)), "The server restarts.";
    /// The node stops on purpose, and others go on: its clients are sent to them in waves.
    Moving = 1012, "moving", Some((0, 1000)), "This node stops. Another one takes over.";
    /// Nothing was taken from the socket for 10 s, or no sign of life came.
    Stalled = 4000, "stalled", Some((500, 3000)), "Nothing was read for too long.";
    /// The access token ran out without `renew`.
    Expired = 4001, "expired", Some((0, 500)), "The token has expired. Get a new one.";
    /// The node has no room for this connection now.
    Busy = 4002, "busy", Some((1000, 5000)), "The server is busy.";
    /// More messages than a client needs.
    TooFast = 4003, "too_fast", Some((5000, 10000)), "Too many messages.";
    /// The server could not go on.
    Fault = 4004, "fault", Some((1000, 5000)), "Something went wrong here.";
    /// Frames that break RFC 6455 (§7.4.1). Something between may have broken them: another connection may be good.
    Broken = 1002, "broken", Some((1000, 5000)), "These are no frames of a WebSocket.";
    /// A text that is not UTF-8 (RFC 6455 §8.1).
    NotUtf8 = 1007, "not_utf8", Some((1000, 5000)), "This text is not UTF-8.";
    /// A message over 16 KiB.
    TooLarge = 1009, "too_large", None, "A message may have at most 16 KiB.";
    /// No `hello` within 5 s, or not first.
    NoHello = 4500, "no_hello", None, "The first message must be `hello`, within 5 s.";
    /// The token is not good here.
    Unauthorized = 4501, "unauthorized", None, "This token is not valid here.";
    /// The session, screen or role behind the token was ended.
    Revoked = 4502, "revoked", None, "This login was ended. Sign in again.";
    /// The seating was closed; the page keeps its bill.
    SeatingClosed = 4503, "seating_closed", None, "This table was closed. Scan the code on the table.";
    /// The page speaks a protocol that is no longer served: reload.
    Update = 4504, "update", None, "This page is too old. Reload it.";
    /// Not JSON, an unknown `op`, a wrong field, a binary frame.
    Malformed = 4505, "malformed", None, "This message cannot be understood.";
}

/// The reason of a close frame, at most 123 bytes of JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct CloseReason {
    pub code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub retry_ms: Option<u32>,
    pub message: String,
}

impl Close {
    /// The reason as sent, with `retry_ms` spread by `roll` (any number).
    #[must_use]
    pub fn reason(self, roll: u32) -> String {
        let retry_ms = self.retry_ms().map(|(least, most)| least + roll % (most - least + 1));
        let reason = CloseReason { code: self.word().to_owned(), retry_ms, message: self.message().to_owned() };
        serde_json::to_string(&reason).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6455 §5.5: a control frame holds at most 125 bytes, two of them are the code.
    #[test]
    fn every_reason_fits_a_close_frame() {
        for close in Close::ALL {
            assert!(close.reason(u32::MAX - 1).len() <= 123, "{close:?}");
        }
    }
}
