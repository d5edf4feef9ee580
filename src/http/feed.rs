//! The long poll: what `subscribe` answers, for networks that block sockets.

use super::caller::Caller;
use super::problems::Failure;
use super::{Door, Shared};
use crate::domain::command::MarkShown;
use crate::domain::ids::{Cursor, Epoch, Seq, StationId};
use crate::domain::limits::COMMAND_STATIONS;
use crate::domain::order::OrderKind;
use crate::domain::people::{Actor, Role};
use crate::domain::topic::Topic;
use crate::hub::connection::Connection;
use crate::hub::frame::Frame;
use crate::hub::room::Room;
use crate::protocol::client::TopicName;
use crate::protocol::problem::Problem;
use crate::protocol::rest::FeedAnswer;
use crate::protocol::server::{Subscribed, name_of};
use crate::relay::Start;
use crate::store::committer::Answer;
use axum::Json;
use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::sync::Arc;
use std::time::Duration;
use utoipa::IntoParams;

/// One poll waits so long at most.
pub const WAIT: Duration = Duration::from_secs(25);
/// A poll that waits moves its cursor this often: what happens elsewhere must not push it out of the ring.
const STEP: Duration = Duration::from_secs(1);
/// Bytes of events in one answer, about.
const ANSWER_BYTES: usize = 256 * 1024;

/// `GET /api/feed?topic=&after=EPOCH.SEQ&wait=S`
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FeedQuery {
    /// `kitchen`, `floor`, `table` or `order:<id>`
    topic: String,
    /// The `cursor` of the last answer, as `EPOCH.SEQ`; without it the answer is a snapshot.
    after: Option<String>,
    /// Seconds to wait for news when there are none yet, 25 at most.
    #[serde(default)]
    wait: u64,
    /// Staff, `kitchen`: the stations that this screen displays, ids by commas; without it, all.
    stations: Option<String>,
    /// Staff, `kitchen`: everything up to this event was drawn, of these stations' tickets.
    shown: Option<Seq>,
    /// Staff, `kitchen`: the only kind of orders that this screen draws; without it, all.
    kind: Option<OrderKind>,
}

/// Poll a topic
///
/// What `subscribe` answers on the socket: a snapshot, or the events after `after`; when there are none
/// yet it waits. For networks that block sockets.
#[utoipa::path(get, path = "/api/feed", tag = "feed", security(("bearer" = [])), params(FeedQuery),
    responses((status = 200, description = "A snapshot, or the events after the cursor", body = FeedAnswer), (status = 401, description = "`unauthorized`, `expired`, `revoked`", body = Problem),
        (status = 403, description = "`forbidden`: the topic is not for this token", body = Problem), (status = 404, description = "`unknown_topic`, `unknown_order`", body = Problem),
        (status = 410, description = "`seating_closed`", body = Problem), (status = 422, description = "`invalid`", body = Problem), (status = 503, description = "`unavailable`", body = Problem)))]
pub async fn feed(
    door: Shared,
    caller: Caller,
    query: Result<Query<FeedQuery>, QueryRejection>,
) -> Result<Json<FeedAnswer>, Failure> {
    let Query(query) = query?;
    let (name, after) = parsed(&query)?;
    let topic = topic(&door, &caller, name).await?;
    let room = door.relay.enter(caller.0.restaurant).await.map_err(crate::commands::Denied::from)?;
    let room = room.ok_or_else(|| Failure::unauthorized("unauthorized"))?;
    let connection = Arc::new(Connection::new(door.hub.next_id(), &caller.0.actor));
    let visit = Visit { room: &room, connection: &connection, topic };
    visit.room.join(&connection);
    receipt(&door, &caller, &query, &connection).await?;
    visit.room.subscribe(topic, &connection);
    visit.answer(&door, after, Duration::from_secs(query.wait).min(WAIT)).await
}

/// What `shown` says on the socket (W7): which stations this reader displays, and what of them was drawn.
async fn receipt(door: &Door, caller: &Caller, query: &FeedQuery, connection: &Connection) -> Result<(), Failure> {
    let Some(stations) = query.stations.as_deref().filter(|_| caller.0.actor.is_at_least(Role::Kitchen)) else {
        return Ok(());
    };
    let ids = stations.split(',').filter(|id| !id.is_empty()).map(|id| id.parse().map(StationId));
    let stations = ids
        .take(COMMAND_STATIONS + 1)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| invalid("`stations` are ids, separated by commas"))?;
    connection.shows(&stations);
    let Some(seq) = query.shown else { return Ok(()) };
    match door.commands.shown(&caller.0, MarkShown { seq, stations, kind: query.kind }).await {
        None | Some(Answer::Accepted(_)) => Ok(()),
        Some(Answer::Refused(refusal)) => Err(Failure::refused(refusal, caller.audience())),
        Some(Answer::NotTried(why)) => Err(Failure::unavailable(why)),
    }
}

fn invalid(detail: impl Into<String>) -> Failure {
    Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail)
}

/// A poll's stay in the room; dropped (also when the client goes away), it leaves.
struct Visit<'a> {
    room: &'a Arc<Room>,
    connection: &'a Arc<Connection>,
    topic: Topic,
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        self.room.leave(self.connection, std::iter::once(self.topic));
    }
}

impl Visit<'_> {
    async fn answer(&self, door: &Door, after: Option<Cursor>, wait: Duration) -> Result<Json<FeedAnswer>, Failure> {
        let until = tokio::time::Instant::now() + wait;
        let (mut subscribed, mut cursor) = self.start(door, after).await?;
        loop {
            let Some(pulled) = self.room.pull(self.topic, cursor, ANSWER_BYTES) else {
                // So much happened elsewhere in the restaurant that the cursor is no longer covered.
                (subscribed, cursor) = self.start(door, Some(cursor)).await?;
                continue;
            };
            cursor.seq = pulled.seq;
            let fresh = subscribed.first().is_some_and(|s: &Subscribed| s.snapshot.is_some());
            let over =
                tokio::time::Instant::now() >= until || self.connection.ending().is_some() || door.stop.is_cancelled();
            if !pulled.frames.is_empty() || fresh || over {
                let events = pulled.frames.iter().filter_map(raw).collect();
                return Ok(Json(FeedAnswer { subscribed, events, cursor }));
            }
            tokio::select! {
                _ = self.connection.woken() => {}
                () = tokio::time::sleep_until(until.min(tokio::time::Instant::now() + STEP)) => {}
                () = door.stop.cancelled() => {}
            }
        }
    }

    /// What a subscriber begins with, and where it then stands.
    async fn start(&self, door: &Door, after: Option<Cursor>) -> Result<(Vec<Subscribed>, Cursor), Failure> {
        let start = door.relay.start(self.room, self.topic, after).await.map_err(crate::commands::Denied::from)?;
        match start {
            Start::Nothing => Err(Failure::new(StatusCode::NOT_FOUND, "unknown_topic", "There is no such topic.")),
            Start::Snapshot(shared) => {
                let parts = shared.frames.iter().filter_map(|frame| serde_json::from_slice(frame.payload()).ok());
                Ok((parts.collect(), shared.cursor))
            }
            Start::Replay(cursor) => {
                let answer = Subscribed {
                    topic: name_of(self.topic),
                    epoch: cursor.epoch,
                    seq: cursor.seq,
                    head: self.room.head().map_or(cursor.seq, |head| head.seq),
                    snapshot: None,
                    part: None,
                    parts: None,
                };
                Ok((vec![answer], cursor))
            }
        }
    }
}

fn raw(frame: &Frame) -> Option<Box<RawValue>> {
    let text = std::str::from_utf8(frame.payload()).ok()?;
    RawValue::from_string(text.to_owned()).ok()
}

fn parsed(query: &FeedQuery) -> Result<(TopicName, Option<Cursor>), Failure> {
    let name = query.topic.parse().map_err(|why: String| invalid(why))?;
    let Some(after) = query.after.as_deref().filter(|after| !after.is_empty()) else { return Ok((name, None)) };
    let cursor = after
        .rsplit_once('.')
        .and_then(|(epoch, seq)| Some(Cursor { epoch: Epoch(epoch.parse().ok()?), seq: seq.parse().ok()? }));
    let cursor = cursor.ok_or_else(|| invalid("`after` is EPOCH.SEQ, as a former answer's `cursor` had them"))?;
    Ok((name, Some(cursor)))
}

async fn topic(door: &Door, caller: &Caller, name: TopicName) -> Result<Topic, Failure> {
    let audience = caller.audience();
    door.commands.still_welcome(&caller.0).await.map_err(|denied| Failure::denied(denied, audience))?;
    match (name, &caller.0.actor) {
        (TopicName::Kitchen, Actor::Staff { .. } | Actor::Screen { .. }) => Ok(Topic::Kitchen),
        (TopicName::Floor, actor) if actor.is_at_least(Role::Waiter) => Ok(Topic::Floor),
        (TopicName::Table, Actor::Guest { seating, .. }) => Ok(Topic::Table(*seating)),
        (TopicName::Order(id), _) => {
            door.commands.read_order(&caller.0, id).await.map_err(|denied| Failure::denied(denied, audience))?;
            Ok(Topic::Order(id))
        }
        (TopicName::Kitchen | TopicName::Floor | TopicName::Table, _) => {
            Err(Failure::new(StatusCode::FORBIDDEN, "forbidden", "This topic is not for this token."))
        }
    }
}
