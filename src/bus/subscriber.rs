//! The hearing side of a path: a connection that is subscribed to what is wanted, however often it breaks.
//! The connection manager of the `redis` crate is not enough: after a longer outage it stays deaf for ever, it
//! forgets a `subscribe` that failed, and it never notices a peer that hangs.

use super::message::{channel, nodes, own};
use super::path::State;
use super::publisher::{PATIENCE, words};
use super::{CANARY, SILENCE};
use crate::domain::ids::RestaurantId;
use futures_util::StreamExt;
use redis::Client;
use redis::aio::{PubSubSink, PubSubStream};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

/// Channels of one command.
const CHANNELS: usize = 500;
/// The first pause before a new connection, at most; each further one is twice as long …
const BACKOFF_MS: u64 = 100;
/// … up to this.
const BACKOFF_MOST_MS: u64 = 2_000;

/// Listens until stopped.
pub async fn run(client: Client, state: Arc<State>, stop: CancellationToken) {
    let mut failures = 0;
    let mut was_up = false;
    loop {
        let listening = async {
            let (sink, stream) = connect(&client, &state).await?;
            if was_up {
                state.gap();
            }
            was_up = true;
            failures = 0;
            tracing::debug!(server = state.subject.number, "news of other nodes is heard");
            listen(sink, stream, &state).await
        };
        let why = tokio::select! {
            () = stop.cancelled() => return,
            ended = listening => ended.err().unwrap_or_default(),
        };
        state.unconfirm_all();
        tracing::debug!(server = state.subject.number, why, "news of other nodes is not heard");
        failures += 1;
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(backoff(failures)) => {}
        }
    }
}

/// A connection that is subscribed to all that is wanted.
async fn connect(client: &Client, state: &State) -> Result<(PubSubSink, PubSubStream), String> {
    let connecting = timeout(PATIENCE, client.get_async_pubsub()).await;
    let connection = connecting.map_err(|_| "connecting took too long".to_owned())?.map_err(words)?;
    let (mut sink, stream) = connection.split();
    let (own, nodes) = (own(&state.subject.prefix, state.subject.node), nodes(&state.subject.prefix));
    bounded(sink.subscribe([own, nodes].as_slice())).await?;
    follow(&mut sink, state).await?;
    Ok((sink, stream))
}

async fn listen(mut sink: PubSubSink, mut stream: PubSubStream, state: &State) -> Result<(), String> {
    let mut look = interval(CANARY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard = Instant::now();
    loop {
        tokio::select! {
            message = stream.next() => {
                let message = message.ok_or_else(|| "the connection was closed".to_owned())?;
                heard = Instant::now();
                state.heard(message.get_channel_name(), message.get_payload_bytes());
            }
            () = state.wish.notified() => follow(&mut sink, state).await?,
            _ = look.tick() => if heard.elapsed() >= SILENCE {
                // The canary may be missing because it is not sent; a ping tells whether this connection lives.
                bounded(sink.ping::<redis::Value>()).await?;
                heard = Instant::now();
            },
        }
    }
}

/// Subscribes to what is newly wanted, and ends what is not.
async fn follow(sink: &mut PubSubSink, state: &State) -> Result<(), String> {
    let (new, old) = state.differences();
    for some in new.chunks(CHANNELS) {
        bounded(sink.subscribe(channels(state, some))).await?;
        state.confirm(some);
    }
    for some in old.chunks(CHANNELS) {
        state.unconfirm(some);
        bounded(sink.unsubscribe(channels(state, some))).await?;
    }
    Ok(())
}

fn channels(state: &State, restaurants: &[RestaurantId]) -> Vec<String> {
    restaurants.iter().map(|restaurant| channel(&state.subject.prefix, *restaurant)).collect()
}

async fn bounded<T>(call: impl Future<Output = redis::RedisResult<T>>) -> Result<(), String> {
    let answer = timeout(PATIENCE, call).await.map_err(|_| "Redis does not answer".to_owned())?;
    answer.map(drop).map_err(words)
}

/// Twice as long after each failure, from half to the whole of it.
pub fn backoff(failures: u32) -> Duration {
    let most = BACKOFF_MOST_MS.min(BACKOFF_MS << failures.min(8));
    Duration::from_millis(most / 2 + rand::random::<u64>() % (most / 2 + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_their_bound_and_never_end() {
        for failures in [1, 2, 5, 100, u32::MAX] {
            let pause = backoff(failures);
            assert!(pause >= Duration::from_millis(BACKOFF_MS) && pause <= Duration::from_millis(BACKOFF_MOST_MS));
        }
    }
}
