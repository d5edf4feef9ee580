//! Whoever publishes: to Comanda as staff who change an order, through the committer like every change; to a peer as it
//! wants it. The messages of one topic go one after the other, those of different topics at the same time.

use crate::cast::Cast;
use crate::crowd::Seat;
use crate::door::{Door, command};
use crate::peers::Running;
use crate::place::Place;
use crate::proc::Program;
use crate::server::Server;
use crate::stopwatch::{id_due, now_us};
use anyhow::{Context, Result};
use comanda::domain::command::{Draft, DraftLine};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use std::collections::HashMap;
use uuid::Uuid;

/// Publishers at the same time, each with topics of its own.
const PUBLISHERS: usize = 16;
/// A server with topics: Comanda, or a peer.
pub struct Source {
    server: Side,
    /// How often each topic was published to.
    published: HashMap<usize, i64>,
    /// Of a peer's message, so that it is as long as Comanda's.
    pub payload_bytes: usize,
}

enum Side {
    Comanda(Box<Ours>),
    Peer(Running, reqwest::Client),
}

/// Comanda, with the orders that change.
struct Ours {
    // Dropped in this order.
    server: Server,
    door: Door,
    cast: Cast,
    orders: HashMap<usize, Uuid>,
    _place: Place,
}

/// Messages that are to be published to one topic, by their numbers.
enum Post {
    /// Staff press "rush" on an order, and take it back.
    Rush { door: Door, token: String, order: Uuid, numbers: Vec<i64> },
    /// Texts of so many bytes.
    Text { client: reqwest::Client, url: String, numbers: Vec<i64>, bytes: usize },
}

impl Source {
    /// # Errors
    /// Never: nothing special is asked of the connections.
    pub fn comanda(server: Server, cast: Cast, place: Place) -> Result<Self> {
        let door = Door::of(&server, PUBLISHERS)?;
        Ok(Self::of(Side::Comanda(Box::new(Ours { server, door, cast, orders: HashMap::new(), _place: place }))))
    }

    /// # Errors
    /// Never: nothing special is asked of the connections.
    pub fn peer(running: Running) -> Result<Self> {
        let client = reqwest::Client::builder().pool_max_idle_per_host(PUBLISHERS).tcp_nodelay(true).build()?;
        Ok(Self::of(Side::Peer(running, client)))
    }

    fn of(server: Side) -> Self {
        Self { server, published: HashMap::new(), payload_bytes: 0 }
    }

    pub fn name(&self) -> &'static str {
        match &self.server {
            Side::Comanda(_) => "comanda",
            Side::Peer(running, _) => running.peer.name(),
        }
    }

    /// Does it write what is published into a database?
    pub fn writes(&self) -> bool {
        matches!(self.server, Side::Comanda(_))
    }

    /// # Errors
    /// It has ended.
    pub fn program(&self) -> Result<Program> {
        match &self.server {
            Side::Comanda(ours) => ours.server.program(),
            Side::Peer(running, _) => running.program(),
        }
    }

    /// A subscriber of a topic: for Comanda a guest of a table, all restaurants' first tables first.
    pub fn subscriber(&self, topic: usize) -> Seat {
        match &self.server {
            Side::Comanda(ours) => {
                let (house, table) = ours.cast.nth(topic);
                ours.cast.phone(ours.server.address, house, table)
            }
            Side::Peer(running, _) => running.subscriber(topic),
        }
    }

    /// Orders something at each of Comanda's tables: what is published is how these orders change.
    ///
    /// # Errors
    /// An order that is refused.
    pub async fn open(&mut self, topics: usize) -> Result<()> {
        let Side::Comanda(ours) = &mut self.server else { return Ok(()) };
        let (door, cast) = (&ours.door, &ours.cast);
        let placing = stream::iter(0..topics).map(async |topic| {
            let (house, table) = cast.nth(topic);
            let draft = serde_json::to_string(&draft(cast, house))?;
            let taken = door.order(&cast.guest(house, table), Uuid::new_v4(), draft).await?;
            anyhow::Ok((topic, taken.id))
        });
        ours.orders = placing.buffer_unordered(PUBLISHERS).try_collect().await?;
        Ok(())
    }

    /// Publishes `each` messages to each of the topics, and says how many those are. In one batch (`at_once`), they are
    /// all due now; else each when it is posted.
    ///
    /// # Errors
    /// A message that is not taken.
    pub async fn publish(&mut self, topics: std::ops::Range<usize>, each: usize, at_once: bool) -> Result<usize> {
        let count = topics.len() * each;
        let (rounds, messages, due) = if at_once { (1, each, Some(now_us())) } else { (each, 1, None) };
        for round in 0..rounds {
            let posts: Vec<Post> = topics.clone().map(|topic| self.post(topic, messages)).collect::<Result<_>>()?;
            let posting = stream::iter(posts).map(|post| post.send(due)).buffer_unordered(PUBLISHERS);
            posting.try_collect::<()>().await.with_context(|| format!("round {round}"))?;
        }
        Ok(count)
    }

    fn post(&mut self, topic: usize, count: usize) -> Result<Post> {
        let published = self.published.entry(topic).or_default();
        let numbers: Vec<i64> = (*published + 1..).take(count).collect();
        *published += i64::try_from(count)?;
        match &self.server {
            Side::Comanda(ours) => {
                let order = *ours.orders.get(&topic).context("every topic has an order")?;
                let (house, _) = ours.cast.nth(topic);
                Ok(Post::Rush { door: ours.door.clone(), token: ours.cast.staff(house), order, numbers })
            }
            Side::Peer(running, client) => {
                let (client, url, bytes) = (client.clone(), running.publish_url(topic), self.payload_bytes);
                Ok(Post::Text { client, url, numbers, bytes })
            }
        }
    }
}

impl Post {
    async fn send(self, due: Option<u64>) -> Result<()> {
        let due = || due.unwrap_or_else(now_us);
        match self {
            Self::Rush { door, token, order, numbers } => {
                let commands: Vec<_> = numbers.into_iter().map(|n| rush(order, n, due())).collect();
                door.commands(&token, &commands).await
            }
            Self::Text { client, url, numbers, bytes } => {
                for n in numbers {
                    client.post(&url).body(text(n, due(), bytes)).send().await?.error_for_status()?;
                }
                Ok(())
            }
        }
    }
}

/// The `n`th change of an order's rush.
fn rush(order: Uuid, n: i64, due: u64) -> Value {
    command(id_due(due), "order.rush", json!({ "order": order, "rush": n % 2 == 1 }))
}

/// A peer's `n`th message, of so many bytes.
fn text(n: i64, due: u64, bytes: usize) -> String {
    let text = format!(r#"{{"n":{n},"at":{due},"pad":""}}"#);
    let pad = "x".repeat(bytes.saturating_sub(text.len()));
    format!(r#"{{"n":{n},"at":{due},"pad":"{pad}"}}"#)
}

/// One dish, so that what is published is small.
fn draft(cast: &Cast, house: usize) -> Draft {
    let draft = cast.houses[house].draft(1);
    let line = draft.lines.into_iter().take(1).map(|line| DraftLine { note: None, ..line }).collect();
    Draft { lines: line, ..cast.houses[house].draft(1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peers_message_is_as_long_as_was_asked() {
        for bytes in [100, 1000] {
            assert_eq!(text(12, 345_678, bytes).len(), bytes);
        }
    }
}
