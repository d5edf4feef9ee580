//! Reads a server's messages: only what a load needs of them, and as cheaply as it can, since a hundred thousand of
//! them come in a second and the one who reads shares the machine with the one who is measured.

use anyhow::{Context, Result};
use comanda::domain::ids::{Cursor, Epoch, Seq};
use serde::Deserialize;
use uuid::Uuid;

/// A message, as far as it matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    Event {
        seq: Seq,
        prev: Seq,
        command: Option<Uuid>,
        /// It brings a ticket.
        ticket: bool,
    },
    /// The whole answer to `subscribe` is here.
    Subscribed(Cursor),
    Resync,
    /// The server does not let it.
    Refused(String),
    /// The `n`th message of a plain topic, sent at `at` microseconds.
    Numbered {
        n: i64,
        at: u64,
    },
    Other,
}

/// The command's id stands within so many bytes.
const BEGINNING: usize = 400;
/// How the kinds of events begin that are about several orders.
const OF_SEVERAL: &[u8] = b"orders.";
/// The kind of event that brings a ticket.
const PLACED: &[u8] = b"order.placed\"";

/// A message of Comanda.
///
/// # Errors
/// A message that cannot be what it says it is.
pub fn comanda(text: &[u8]) -> Result<News> {
    let Some(op) = text.strip_prefix(br#"{"op":""#) else { return Ok(News::Other) };
    if op.starts_with(b"event\"") {
        let event = event(text.get(..BEGINNING).unwrap_or(text));
        return event.context("an event without its numbers");
    }
    if op.starts_with(b"subscribed\"") {
        return subscribed(text);
    }
    Ok(match op {
        _ if op.starts_with(b"resync\"") => News::Resync,
        _ if op.starts_with(b"error\"") => News::Refused(String::from_utf8_lossy(text).into_owned()),
        _ => News::Other,
    })
}

/// `"seq"`, `"prev"`, `"kind"` and `"command"` come in this order (`protocol::server::event_message`). What the server
/// has to say of several orders (`orders.seen`, `orders.expected`) may follow from a command and carry its id, but is
/// not what the command asked for: it counts as an event, and its time does not.
fn event(text: &[u8]) -> Option<News> {
    let text = after(text, br#""seq":"#)?;
    let seq = number(text)?;
    let text = after(text, br#""prev":"#)?;
    let prev = number(text)?;
    let text = after(text, br#""kind":""#)?;
    if text.starts_with(OF_SEVERAL) {
        return Some(News::Event { seq, prev, command: None, ticket: false });
    }
    let ticket = text.starts_with(PLACED);
    let command = after(text, br#""command":""#).and_then(|id| Uuid::try_parse_ascii(id.get(..36)?).ok());
    Some(News::Event { seq, prev, command, ticket })
}

fn subscribed(text: &[u8]) -> Result<News> {
    #[derive(Deserialize)]
    struct Answer {
        epoch: Epoch,
        seq: Seq,
        part: Option<u32>,
        parts: Option<u32>,
    }
    let Answer { epoch, seq, part, parts } = serde_json::from_slice(text)?;
    Ok(if part == parts { News::Subscribed(Cursor { epoch, seq }) } else { News::Other })
}

/// A message of a peer: `{"n":…,"at":…,"pad":…}`, alone or in an envelope.
///
/// # Errors
/// Another message.
pub fn plain(text: &[u8]) -> Result<News> {
    let numbered = || {
        let text = after(text, br#""n":"#)?;
        let n = number(text)?;
        let at = number(after(text, br#""at":"#)?)?;
        Some(News::Numbered { n, at: u64::try_from(at).ok()? })
    };
    numbered().with_context(|| format!("a peer said {}", String::from_utf8_lossy(text)))
}

/// When to come again, by the reason of a close.
pub fn retry_ms(reason: &[u8]) -> Option<u64> {
    u64::try_from(number(after(reason, br#""retry_ms":"#)?)?).ok()
}

fn after<'t>(text: &'t [u8], key: &[u8]) -> Option<&'t [u8]> {
    let at = text.windows(key.len()).position(|window| window == key)?;
    text.get(at + key.len()..)
}

fn number(text: &[u8]) -> Option<i64> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(text.get(..digits)?).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use comanda::domain::event::{Event, Kind, State};
    use comanda::domain::ids::{CommandId, OrderId, RestaurantId, SeatingId, SessionId};
    use comanda::domain::order::Seen;
    use comanda::domain::people::By;
    use comanda::domain::time::Timestamp;
    use comanda::domain::topic::Topic;
    use comanda::protocol::client::TopicName;
    use comanda::protocol::server::{ServerMessage, Subscribed, event_body, event_message};

    #[test]
    fn an_event_as_the_server_encodes_it_tells_its_numbers_and_what_asked_for_it() {
        let (command, session) = (Uuid::new_v4(), SessionId(Uuid::now_v7()));
        let (seating, order) = (SeatingId(Uuid::now_v7()), OrderId(Uuid::now_v7()));
        let at = Timestamp(1_769_886_131_000_000);
        let event = |kind, state| Event {
            restaurant: RestaurantId(Uuid::now_v7()),
            epoch: Epoch(Uuid::new_v4()),
            seq: 841,
            at,
            kind,
            by: By::System,
            command: CommandId(command),
            state,
        };
        let asked = event(Kind::SessionRevoked, State::Session { session });
        let seen = State::Seen { seen: vec![Seen { order, seating: Some(seating), at }] };
        let follows = event(Kind::OrdersSeen, seen);
        for (topic, name) in [
            (Topic::Kitchen, TopicName::Kitchen),
            (Topic::Table(seating), TopicName::Table),
            (Topic::Order(order), TopicName::Order(order)),
        ] {
            for (event, command) in [(&asked, Some(command)), (&follows, None)] {
                let text = event_message(name, 841, 839, &event_body(event, topic));
                assert_eq!(comanda(&text).unwrap(), News::Event { seq: 841, prev: 839, command, ticket: false });
            }
        }
    }

    #[test]
    fn an_answer_counts_when_its_last_part_is_here() {
        let epoch = Epoch(Uuid::new_v4());
        let mut answer =
            Subscribed { topic: TopicName::Table, epoch, seq: 7, head: 9, snapshot: None, part: None, parts: None };
        let read = |answer: &Subscribed| {
            comanda(&serde_json::to_vec(&ServerMessage::Subscribed(answer.clone())).unwrap()).unwrap()
        };
        assert_eq!(read(&answer), News::Subscribed(Cursor { epoch, seq: 7 }));
        answer = Subscribed { part: Some(1), parts: Some(2), snapshot: Some(serde_json::json!({"a": 1})), ..answer };
        assert_eq!(read(&answer), News::Other);
        answer.part = Some(2);
        assert_eq!(read(&answer), News::Subscribed(Cursor { epoch, seq: 7 }));
    }

    #[test]
    fn a_peers_message_is_read_in_any_envelope() {
        for text in [&br#"{"n":12,"at":345,"pad":"x"}"#[..], br#"42["m",{"n":12,"at":345,"pad":"x"}]"#] {
            assert_eq!(plain(text).unwrap(), News::Numbered { n: 12, at: 345 });
        }
        assert!(plain(b"hello").is_err());
    }
}
