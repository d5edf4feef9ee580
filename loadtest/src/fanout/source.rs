//! Whoever publishes: to Comanda as staff who change an order, through the committer like every change; to a peer as it
//! wants it. The messages of one topic go one after the other, those of different topics at the same time.

use crate::cast::Cast;
use crate::crowd::Seat;
use crate::peers::Running;
use crate::place::Place;
use crate::proc::Program;
use crate::server::Server;
use crate::stopwatch::{id_due, now_us};
use anyhow::{Context, Result, ensure};
use comanda::domain::command::{Draft, DraftLine};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use uuid::Uuid;

/// Publishers at the same time, each with topics of its own.
const PUBLISHERS: usize = 16;
/// Of one `POST /api/commands`.
const BATCH: usize = 100;

/// A server with topics: Comanda, or a peer.
pub struct Source {
    server: Side,
    client: reqwest::Client,
    /// How often each topic was published to.
    published: HashMap<usize, i64>,
    /// Of a peer's message, so that it is as long as Comanda's.
    pub payload_bytes: usize,
}

enum Side {
    Comanda(Box<Ours>),
    Peer(Running),
}

/// Comanda, with the orders that change.
struct Ours {
    // Dropped in this order.
    server: Server,
    cast: Cast,
    orders: HashMap<usize, Uuid>,
    _place: Place,
}

/// What is to be published to one topic, from its `first` message on.
struct Post {
    url: String,
    first: i64,
    count: usize,
    body: Body,
}

enum Body {
    /// Staff press "rush" on an order, and take it back.
    Rush { order: Uuid, token: String },
    /// A text of so many bytes.
    Text { bytes: usize },
}

impl Source {
    pub fn comanda(server: Server, cast: Cast, place: Place) -> Self {
        Self::of(Side::Comanda(Box::new(Ours { server, cast, orders: HashMap::new(), _place: place })))
    }

    pub fn peer(running: Running) -> Self {
        Self::of(Side::Peer(running))
    }

    fn of(server: Side) -> Self {
        let client = reqwest::Client::builder().pool_max_idle_per_host(PUBLISHERS).tcp_nodelay(true).build();
        Self { server, client: client.unwrap_or_default(), published: HashMap::new(), payload_bytes: 0 }
    }

    pub fn name(&self) -> &'static str {
        match &self.server {
            Side::Comanda(_) => "comanda",
            Side::Peer(running) => running.peer.name(),
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
            Side::Peer(running) => running.program(),
        }
    }

    /// A subscriber of a topic: for Comanda a guest of a table, all restaurants' first tables first.
    pub fn subscriber(&self, topic: usize) -> Seat {
        match &self.server {
            Side::Comanda(ours) => {
                let (house, table) = ours.cast.nth(topic);
                ours.cast.phone(ours.server.address, house, table)
            }
            Side::Peer(running) => running.subscriber(topic),
        }
    }

    /// Orders something at each of Comanda's tables: what is published is how these orders change.
    ///
    /// # Errors
    /// An order that is refused.
    pub async fn open(&mut self, topics: usize) -> Result<()> {
        let Side::Comanda(ours) = &mut self.server else { return Ok(()) };
        let (server, cast, client) = (&ours.server, &ours.cast, &self.client);
        let placing = stream::iter(0..topics).map(async |topic| {
            let (house, table) = cast.nth(topic);
            let id = order(client, server, cast.guest(house, table), &draft(cast, house)).await?;
            anyhow::Ok((topic, id))
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
            let client = &self.client;
            let posting = stream::iter(posts).map(|post| post.send(client, due)).buffer_unordered(PUBLISHERS);
            posting.try_collect::<()>().await.with_context(|| format!("round {round}"))?;
        }
        Ok(count)
    }

    fn post(&mut self, topic: usize, count: usize) -> Result<Post> {
        let published = self.published.entry(topic).or_default();
        let first = *published + 1;
        *published += i64::try_from(count)?;
        let (url, body) = match &self.server {
            Side::Comanda(ours) => {
                let order = *ours.orders.get(&topic).context("every topic has an order")?;
                let (house, _) = ours.cast.nth(topic);
                (ours.server.url("/api/commands"), Body::Rush { order, token: ours.cast.staff(house) })
            }
            Side::Peer(running) => (running.publish_url(topic), Body::Text { bytes: self.payload_bytes }),
        };
        Ok(Post { url, first, count, body })
    }
}

impl Post {
    async fn send(self, client: &reqwest::Client, due: Option<u64>) -> Result<()> {
        let due = || due.unwrap_or_else(now_us);
        let numbers: Vec<i64> = (self.first..).take(self.count).collect();
        match &self.body {
            Body::Rush { order, token } => {
                for batch in numbers.chunks(BATCH) {
                    let commands: Vec<_> = batch.iter().map(|n| rush(*order, *n, due())).collect();
                    commands_taken(client.post(&self.url).bearer_auth(token).json(&commands)).await?;
                }
            }
            Body::Text { bytes } => {
                for n in numbers {
                    let answer = client.post(&self.url).body(text(n, due(), *bytes)).send().await?;
                    answer.error_for_status()?;
                }
            }
        }
        Ok(())
    }
}

/// The `n`th change of an order's rush.
fn rush(order: Uuid, n: i64, due: u64) -> Value {
    json!({ "id": id_due(due), "name": "order.rush", "args": { "order": order, "rush": n % 2 == 1 } })
}

/// All of them are done, or it is an error.
async fn commands_taken(request: reqwest::RequestBuilder) -> Result<()> {
    #[derive(Deserialize)]
    struct Answer {
        op: String,
    }
    let text = request.send().await?.error_for_status()?.text().await?;
    let answers: Vec<Answer> = serde_json::from_str(&text)?;
    ensure!(answers.iter().all(|answer| answer.op == "ok"), "a command was answered with {text}");
    Ok(())
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

async fn order(client: &reqwest::Client, server: &Server, token: String, draft: &Draft) -> Result<Uuid> {
    #[derive(Deserialize)]
    struct Placed {
        id: Uuid,
    }
    let request = client.post(server.url("/api/orders")).bearer_auth(token).json(draft);
    let answer = request.header("Idempotency-Key", Uuid::new_v4().to_string()).send().await?;
    Ok(answer.error_for_status()?.json::<Placed>().await?.id)
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
