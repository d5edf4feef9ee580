//! A guest's phone: one keep-alive connection, one order after the other, the same key until it is answered.

use super::scan;
use crate::server::Server;
use anyhow::{Context, Result, bail};
use comanda::domain::command::Draft;
use reqwest::StatusCode;
use serde::Deserialize;
use std::time::{Duration, Instant};
use tokio::time::MissedTickBehavior;
use uuid::Uuid;

/// One order is waited for this long, and sent again this often.
const ANSWER: Duration = Duration::from_secs(10);
const TRIES: usize = 10;
/// tokio's timers tell milliseconds: a tick that comes this much later was not late.
const TIMER: Duration = Duration::from_millis(2);

/// A phone that sits at a table.
pub struct Phone {
    client: reqwest::Client,
    url: String,
    token: String,
    bodies: Vec<String>,
}

/// An order that was answered with 201.
pub struct Sent {
    pub key: Uuid,
    pub id: Uuid,
    pub sent: Instant,
    pub answered: Instant,
    pub sent_again: usize,
}

/// When a phone orders.
#[derive(Clone, Copy)]
pub struct Pace {
    every: Duration,
    first_after: Duration,
}

impl Pace {
    /// The share of the `n`th of `senders` that order `rate` times a second together, evenly.
    pub fn of(rate: u32, senders: usize, n: usize) -> Self {
        let step = Duration::from_secs(1) / rate.max(1);
        let times = |count: usize| step * u32::try_from(count).unwrap_or(u32::MAX);
        Self { every: times(senders), first_after: times(n) }
    }
}

impl Phone {
    /// # Errors
    /// The code is not let in.
    pub async fn scan(server: &Server, code: &str, drafts: Vec<Draft>) -> Result<Self> {
        let client = reqwest::Client::builder().pool_max_idle_per_host(1).tcp_nodelay(true).timeout(ANSWER).build()?;
        let token = scan(&client, server, code).await?.token;
        let bodies = drafts.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
        Ok(Self { client, url: server.url("/api/orders"), token, bodies })
    }

    /// Orders until `end`.
    ///
    /// # Errors
    /// A refusal, and a server that does not answer.
    pub async fn order(self, pace: Option<Pace>, end: Instant) -> Result<Vec<Sent>> {
        let mut orders = Vec::new();
        let mut tick = pace.map(|pace| {
            let mut tick = tokio::time::interval_at(tokio::time::Instant::now() + pace.first_after, pace.every);
            tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
            tick
        });
        while Instant::now() < end {
            let mut due = Instant::now();
            if let Some(tick) = &mut tick {
                let planned = tick.tick().await.into_std();
                due = Instant::now();
                // An order that had to wait for the one before is late, and that counts.
                if due - planned > TIMER {
                    due = planned;
                }
            }
            let body = &self.bodies[orders.len() % self.bodies.len()];
            orders.push(self.place(body, due).await?);
        }
        Ok(orders)
    }

    async fn place(&self, body: &str, sent: Instant) -> Result<Sent> {
        #[derive(Deserialize)]
        struct Placed {
            id: Uuid,
        }
        let key = Uuid::new_v4();
        for sent_again in 0..TRIES {
            let request = self.client.post(&self.url).bearer_auth(&self.token);
            let request = request.header("Idempotency-Key", key.to_string()).header("Content-Type", "application/json");
            let answer = request.body(body.to_owned()).send().await.context("an order was not answered")?;
            let status = answer.status();
            let text = answer.bytes().await?;
            let answered = Instant::now();
            match status {
                StatusCode::CREATED => {
                    let Placed { id } = serde_json::from_slice(&text)?;
                    return Ok(Sent { key, id, sent, answered, sent_again });
                }
                StatusCode::SERVICE_UNAVAILABLE => tokio::time::sleep(Duration::from_millis(100)).await,
                other => bail!("an order was answered with {other}: {}", String::from_utf8_lossy(&text)),
            }
        }
        bail!("an order was not taken in {TRIES} tries")
    }
}
