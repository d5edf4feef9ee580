//! The server's HTTP door as a load uses it: orders and staff's commands over a few connections that stay open, sent
//! again with the same ids when the server could not take them.

use crate::server::Server;
use anyhow::{Result, bail, ensure};
use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

const TRIES: usize = 20;
const AGAIN: Duration = Duration::from_millis(100);
const ANSWER: Duration = Duration::from_secs(10);
/// Of one `POST /api/commands`.
pub const BATCH: usize = 100;

/// Cheap to copy: copies share connections.
#[derive(Clone)]
pub struct Door {
    client: reqwest::Client,
    server: String,
}

/// An order that was taken.
#[derive(Clone, Copy, Debug)]
pub struct Taken {
    pub id: Uuid,
    pub sent_again: usize,
}

impl Door {
    /// Keeps up to so many connections open.
    ///
    /// # Errors
    /// Never: nothing special is asked for.
    pub fn of(server: &Server, connections: usize) -> Result<Self> {
        let client = reqwest::Client::builder().pool_max_idle_per_host(connections).tcp_nodelay(true).timeout(ANSWER);
        Ok(Self { client: client.build()?, server: server.url("") })
    }

    /// Places an order, whose key is also the id of its command.
    ///
    /// # Errors
    /// A refusal, or a server that never takes it.
    pub async fn order(&self, token: &str, key: Uuid, draft: String) -> Result<Taken> {
        #[derive(Deserialize)]
        struct Placed {
            id: Uuid,
        }
        for sent_again in 0..TRIES {
            let request = self.client.post(format!("{}/api/orders", self.server)).bearer_auth(token);
            let request = request.header("Idempotency-Key", key.to_string()).header("Content-Type", "application/json");
            let answer = request.body(draft.clone()).send().await?;
            match answer.status() {
                StatusCode::CREATED => return Ok(Taken { id: answer.json::<Placed>().await?.id, sent_again }),
                StatusCode::SERVICE_UNAVAILABLE => tokio::time::sleep(AGAIN).await,
                other => bail!("an order was answered with {other}: {}", answer.text().await?),
            }
        }
        bail!("an order was not taken in {TRIES} tries")
    }

    /// Sends commands in order, as many in a request as it takes.
    ///
    /// # Errors
    /// One that is refused, or never taken.
    pub async fn commands(&self, token: &str, commands: &[Value]) -> Result<()> {
        #[derive(Deserialize)]
        struct Answer {
            op: String,
        }
        for batch in commands.chunks(BATCH) {
            let mut tries = 0;
            loop {
                let request = self.client.post(format!("{}/api/commands", self.server)).bearer_auth(token);
                let answer = request.json(batch).send().await?;
                let status = answer.status();
                let text = answer.text().await?;
                if status == StatusCode::SERVICE_UNAVAILABLE && tries < TRIES {
                    tries += 1;
                    tokio::time::sleep(AGAIN).await;
                    continue;
                }
                ensure!(status.is_success(), "commands were answered with {status}: {text}");
                let answers: Vec<Answer> = serde_json::from_str(&text)?;
                ensure!(answers.iter().all(|answer| answer.op == "ok"), "a command was answered with {text}");
                break;
            }
        }
        Ok(())
    }
}

/// A command of that id.
pub fn command(id: Uuid, name: &str, args: Value) -> Value {
    json!({ "id": id, "name": name, "args": args })
}
