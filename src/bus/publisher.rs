//! The sending side of a path: one connection, many messages in one round trip, and a sign of life between them. What cannot
//! be sent at once is dropped: late news is no news, and the database has it.

use super::message::{self, Canary};
use super::path::State;
use super::subscriber::backoff;
use super::{CANARY, ECHO};
use crate::telemetry;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, RedisError};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

/// Messages that may wait to be sent.
pub const OUTGOING: usize = 8192;
/// Messages of one round trip.
const TOGETHER: usize = 256;
/// Every wait for Redis ends after this: it can hang without an error.
pub const PATIENCE: Duration = Duration::from_secs(1);

/// A message on its way out.
pub struct Outgoing {
    pub channel: String,
    pub payload: Vec<u8>,
    /// The last message of this node; told once it went out.
    pub goodbye: Option<oneshot::Sender<()>>,
}

/// Sends until this node has parted, or cannot because it is stopped while Redis is away.
pub async fn run(client: Client, state: Arc<State>, mut outgoing: mpsc::Receiver<Outgoing>, stop: CancellationToken) {
    let mut failures = 0;
    loop {
        let why = match connect(&client).await {
            Ok(connection) => {
                failures = 0;
                match send(connection, &state, &mut outgoing).await {
                    Ok(()) => return,
                    Err(error) => error,
                }
            }
            Err(error) => error,
        };
        metrics::counter!(telemetry::BUS_RECONNECTS).increment(1);
        tracing::debug!(server = state.subject.number, why, "news cannot be published");
        failures += 1;
        let pause = tokio::time::sleep(backoff(failures));
        tokio::pin!(pause);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = &mut pause => break,
                dropped = outgoing.recv() => match dropped {
                    Some(_) => metrics::counter!(telemetry::BUS_DROPPED).increment(1),
                    None => return,
                },
            }
        }
    }
}

async fn connect(client: &Client) -> Result<MultiplexedConnection, String> {
    let config =
        AsyncConnectionConfig::new().set_connection_timeout(Some(PATIENCE)).set_response_timeout(Some(PATIENCE));
    let connecting = client.get_multiplexed_async_connection_with_config(&config);
    timeout(PATIENCE, connecting).await.map_err(|_| "connecting took too long".to_owned())?.map_err(words)
}

/// Ends well once this node has parted, or nobody can publish any more.
async fn send(
    mut connection: MultiplexedConnection,
    state: &State,
    outgoing: &mut mpsc::Receiver<Outgoing>,
) -> Result<(), String> {
    let (mut echo, mut canary) = (interval(ECHO), interval(CANARY));
    echo.set_missed_tick_behavior(MissedTickBehavior::Delay);
    canary.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (own, nodes) = (message::own(&state.subject.prefix, state.subject.node), message::nodes(&state.subject.prefix));
    let mut batch = Vec::with_capacity(TOGETHER);
    loop {
        tokio::select! {
            count = outgoing.recv_many(&mut batch, TOGETHER) => if count == 0 { return Ok(()) },
            _ = echo.tick() => batch.push(alive(state, &own)),
            _ = canary.tick() => batch.push(alive(state, &nodes)),
        }
        let mut pipe = redis::pipe();
        for Outgoing { channel, payload, .. } in &batch {
            pipe.publish(channel, payload.as_slice()).ignore();
        }
        let sending = pipe.exec_async(&mut connection);
        if let Err(why) = timeout(PATIENCE, sending)
            .await
            .map_err(|_| "Redis does not answer".to_owned())
            .and_then(|r| r.map_err(words))
        {
            metrics::counter!(telemetry::BUS_DROPPED).increment(batch.len() as u64);
            return Err(why);
        }
        if let Some(parted) = batch.drain(..).rev().find_map(|message| message.goodbye) {
            // Whoever asked may have given up.
            parted.send(()).ok();
            return Ok(());
        }
    }
}

fn alive(state: &State, channel: &str) -> Outgoing {
    let payload = Canary::Alive { node: state.subject.node }.encoded();
    Outgoing { channel: channel.to_owned(), payload, goodbye: None }
}

pub fn words(error: RedisError) -> String {
    error.to_string()
}
