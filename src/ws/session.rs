//! One connection from `welcome` to its end: a loop that waits for a message, for news, or for an answer,
//! and is the socket's only writer. It holds cursors, never events.

use super::catch_up::{Subscription, pull};
use super::link::{Heard, Link, Stopped};
use super::{COMMANDS_UNDER_WAY, Door, TOPICS};
use crate::domain::ids::CommandId;
use crate::domain::people::{Actor, Role};
use crate::domain::refusal::Code;
use crate::domain::topic::{Audience, Topic};
use crate::hub::connection::{BEAT, Connection, END};
use crate::hub::frame::Frame;
use crate::hub::room::Room;
use crate::identity::tokens::Claims;
use crate::protocol::client::{ClientMessage, TopicName};
use crate::protocol::close::Close;
use crate::protocol::server::{Refused, ServerMessage, Subscribed, name_of};
use crate::relay::Start;
use crate::store::committer::Answer;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use smallvec::SmallVec;
use std::sync::Arc;
use std::time::Instant;

type Reply = BoxFuture<'static, Option<Frame>>;

/// One running connection.
pub struct Session {
    // Shared.
    door: Arc<Door>,
    room: Arc<Room>,
    connection: Arc<Connection>,
    // Its own.
    link: Link,
    claims: Claims,
    subscriptions: SmallVec<[Subscription; 1]>,
    /// Answers to come; made with the first command, since most guests never send one.
    under_way: Option<Box<FuturesUnordered<Reply>>>,
    rate: DefaultDirectRateLimiter,
    heard_at: Instant,
}

/// What the loop woke up for.
enum Next {
    Woken(u8),
    Heard(Heard),
    Answered(Option<Frame>),
    Stopping,
}

/// How a connection ends.
enum Ending {
    Close(Close),
    Gone,
}

impl From<Stopped> for Ending {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Stalled => Self::Close(Close::Stalled),
            Stopped::Gone => Self::Gone,
        }
    }
}

impl Session {
    pub fn new(door: Arc<Door>, link: Link, connection: Arc<Connection>, room: Arc<Room>, claims: Claims) -> Self {
        let quota = Quota::per_second(door.bounds.messages_per_second).allow_burst(door.bounds.messages_burst);
        Self {
            door,
            room,
            connection,
            link,
            claims,
            subscriptions: SmallVec::new(),
            under_way: None,
            rate: RateLimiter::direct(quota),
            heard_at: Instant::now(),
        }
    }

    /// Runs until the connection ends, then leaves the hub and closes the socket.
    pub async fn run(mut self) {
        let ending = loop {
            let step = match self.next().await {
                Next::Woken(flags) => self.woken(flags).await,
                Next::Heard(heard) => self.heard(heard).await,
                Next::Answered(Some(frame)) => self.link.write([&frame]).await.map_err(Ending::from),
                Next::Answered(None) => Ok(()),
                Next::Stopping => Err(Ending::Close(Close::Restart)),
            };
            if let Err(ending) = step {
                break ending;
            }
        };
        self.room.leave(&self.connection, self.subscriptions.iter().map(|s| s.topic));
        if let Ending::Close(why) = ending {
            metrics::counter!(crate::telemetry::CLOSES, crate::telemetry::LABEL_CODE => why.code().to_string())
                .increment(1);
            self.link.close(why, rand::random()).await;
        }
    }

    async fn next(&mut self) -> Next {
        let under_way = self.under_way.as_deref().map_or(0, FuturesUnordered::len);
        let answers = self.under_way.as_deref_mut();
        tokio::select! {
            biased;
            () = self.door.stop.cancelled() => Next::Stopping,
            flags = self.connection.woken() => Next::Woken(flags),
            Some(frame) = next_answer(answers), if under_way > 0 => Next::Answered(frame),
            heard = self.link.hear(), if under_way < COMMANDS_UNDER_WAY => Next::Heard(heard),
        }
    }

    /// News first: also what ends a connection is told before it ends.
    async fn woken(&mut self, flags: u8) -> Result<(), Ending> {
        self.catch_up().await?;
        if flags & END != 0
            && let Some(why) = self.connection.ending()
        {
            return Err(Ending::Close(why));
        }
        if flags & BEAT != 0 {
            return self.beat().await;
        }
        Ok(())
    }

    /// Writes what the ring has for each topic, at most `pull_bytes` ahead of the socket.
    async fn catch_up(&mut self) -> Result<(), Ending> {
        loop {
            let batch = pull(&self.room, &mut self.subscriptions, self.door.bounds.pull_bytes);
            if batch.frames.is_empty() {
                return Ok(());
            }
            self.link.write(&batch.frames).await?;
            metrics::counter!(crate::telemetry::FRAMES_SENT).increment(batch.frames.len() as u64);
            if !batch.more {
                return Ok(());
            }
            if matches!(self.connection.ending(), Some(Close::Revoked)) {
                return Err(Ending::Close(Close::Revoked));
            }
        }
    }

    /// A beat per topic that is complete up to it, and a ping: who does not answer is gone.
    async fn beat(&mut self) -> Result<(), Ending> {
        let (silence, now) = match self.claims.actor {
            Actor::Guest { .. } => (self.door.bounds.silence_guest, self.door.commands.clock.now()),
            Actor::Staff { .. } | Actor::System => (self.door.bounds.silence_staff, self.door.commands.clock.now()),
        };
        if self.claims.expires_at < now {
            return Err(Ending::Close(Close::Expired));
        }
        if self.heard_at.elapsed() > silence {
            return Err(Ending::Close(Close::Stalled));
        }
        let complete = self.subscriptions.iter().filter(|s| s.cursor.is_some());
        let mut frames: SmallVec<[Frame; 3]> = complete.filter_map(|s| self.room.beat_of(s.topic)).collect();
        frames.push(Frame::ping());
        Ok(self.link.write(&frames).await?)
    }

    async fn heard(&mut self, heard: Heard) -> Result<(), Ending> {
        self.heard_at = Instant::now();
        match heard {
            Heard::Alive => Ok(()),
            Heard::Gone => Err(Ending::Gone),
            Heard::Broken(why) => Err(Ending::Close(why)),
            Heard::Text(text) => {
                if self.rate.check().is_err() {
                    return Err(Ending::Close(Close::TooFast));
                }
                match serde_json::from_str::<ClientMessage>(&text) {
                    Ok(message) => Box::pin(self.act(message)).await,
                    Err(error) => self.malformed(&error).await,
                }
            }
        }
    }

    async fn malformed(&mut self, error: &serde_json::Error) -> Result<(), Ending> {
        let message = format!("this message cannot be understood: {error}");
        let error = ServerMessage::Error { code: Close::Malformed.word().to_owned(), message };
        self.link.write([&Frame::json(&error)]).await?;
        Err(Ending::Close(Close::Malformed))
    }

    async fn act(&mut self, message: ClientMessage) -> Result<(), Ending> {
        match message {
            ClientMessage::Hello { .. } => Ok(()),
            ClientMessage::Subscribe { topic, after } => self.subscribe(topic, after).await,
            ClientMessage::Unsubscribe { topic } => {
                self.unsubscribe(topic);
                Ok(())
            }
            ClientMessage::Command(command) => {
                let (id, audience) = (command.id, self.audience());
                let answer = self.door.commands.tap(&self.claims, command);
                self.await_answer(Box::pin(async move { Some(reply(id, answer.await, audience)) }));
                Ok(())
            }
            ClientMessage::Shown { topic, seq, stations } => {
                if topic == TopicName::Kitchen && self.claims.actor.is_at_least(Role::Kitchen) {
                    self.connection.shows(&stations);
                    let answer = self.door.commands.shown(&self.claims, seq, stations);
                    self.await_answer(Box::pin(async move { failed_receipt(&answer.await) }));
                }
                Ok(())
            }
            ClientMessage::Renew { token } => self.renew(&token).await,
        }
    }

    fn await_answer(&mut self, reply: Reply) {
        self.under_way.get_or_insert_with(Box::default).push(reply);
    }

    fn audience(&self) -> Audience {
        if self.claims.actor.is_at_least(Role::Kitchen) { Audience::Staff } else { Audience::Guest }
    }

    /// Subscribes first, then looks where the topic stands; the events between come by the ring (W3).
    async fn subscribe(&mut self, name: TopicName, after: Option<crate::domain::ids::Cursor>) -> Result<(), Ending> {
        let Some(topic) = self.topic(name).await else {
            let message = format!("the topic `{name}` is not for this token");
            return self.error("forbidden", message).await;
        };
        self.unsubscribe(name);
        if self.subscriptions.len() >= TOPICS {
            return self.error("too_many_topics", format!("a connection may have {TOPICS} topics")).await;
        }
        self.room.subscribe(topic, &self.connection);
        self.subscriptions.push(Subscription { topic, cursor: None });
        let start = match self.door.relay.start(&self.room, topic, after).await {
            Ok(start) => start,
            Err(fault) => {
                tracing::warn!(%fault, "a topic could not be read");
                return Err(Ending::Close(Close::Fault));
            }
        };
        let cursor = match start {
            Start::Nothing => {
                self.unsubscribe(name);
                return self.error("unknown_topic", format!("there is no topic `{name}`")).await;
            }
            Start::Replay(cursor) => {
                let head = self.room.head().map_or(cursor.seq, |head| head.seq);
                let answer = Subscribed {
                    topic: name,
                    epoch: cursor.epoch,
                    seq: cursor.seq,
                    head,
                    snapshot: None,
                    part: None,
                    parts: None,
                };
                self.link.write([&Frame::json(&ServerMessage::Subscribed(answer))]).await?;
                cursor
            }
            Start::Snapshot(shared) => {
                for frame in &shared.frames {
                    self.link.write([frame]).await?;
                }
                shared.cursor
            }
        };
        if let Some(subscription) = self.subscriptions.iter_mut().find(|s| s.topic == topic) {
            subscription.cursor = Some(cursor);
        }
        self.catch_up().await
    }

    fn unsubscribe(&mut self, name: TopicName) {
        let (room, connection) = (&self.room, &self.connection);
        self.subscriptions.retain(|subscription| {
            let other = name_of(subscription.topic) != name;
            if !other {
                room.unsubscribe(subscription.topic, connection);
            }
            other
        });
    }

    /// The topic that this token may see under that name.
    async fn topic(&mut self, name: TopicName) -> Option<Topic> {
        match (name, &self.claims.actor) {
            (TopicName::Kitchen, Actor::Staff { .. }) => Some(Topic::Kitchen),
            (TopicName::Floor, actor) if actor.is_at_least(Role::Waiter) => Some(Topic::Floor),
            (TopicName::Table, Actor::Guest { seating, .. }) => Some(Topic::Table(*seating)),
            (TopicName::Order(id), _) => {
                self.door.commands.read_order(&self.claims, id).await.ok().map(|_| Topic::Order(id))
            }
            (TopicName::Kitchen | TopicName::Floor | TopicName::Table, _) => None,
        }
    }

    async fn error(&mut self, code: &str, message: String) -> Result<(), Ending> {
        let error = ServerMessage::Error { code: code.to_owned(), message };
        Ok(self.link.write([&Frame::json(&error)]).await?)
    }

    /// A newer token of the same person, before the old one runs out (W8).
    async fn renew(&mut self, token: &str) -> Result<(), Ending> {
        let claims =
            self.door.commands.authenticate(token).map_err(|denied| Ending::Close(super::hello::close_for(&denied)))?;
        let same = claims.restaurant == self.claims.restaurant && claims.actor.sender() == self.claims.actor.sender();
        let session = |actor: &Actor| match actor {
            Actor::Staff { session, .. } => Some(*session),
            Actor::Guest { .. } | Actor::System => None,
        };
        if !same || session(&claims.actor) != session(&self.claims.actor) {
            return Err(Ending::Close(Close::Unauthorized));
        }
        self.claims = claims;
        let renewed = ServerMessage::Renewed { until: self.claims.expires_at };
        Ok(self.link.write([&Frame::json(&renewed)]).await?)
    }
}

async fn next_answer(under_way: Option<&mut FuturesUnordered<Reply>>) -> Option<Option<Frame>> {
    match under_way {
        Some(answers) => answers.next().await,
        None => None,
    }
}

/// What a command is answered on the socket.
fn reply(id: CommandId, answer: Answer, audience: Audience) -> Frame {
    let outcome = match &answer {
        Answer::Accepted(_) => "ok",
        Answer::Refused(refusal) => refusal.code.name(),
        Answer::NotTried(_) => "not_tried",
    };
    metrics::counter!(crate::telemetry::COMMANDS, crate::telemetry::LABEL_OUTCOME => outcome).increment(1);
    match answer {
        Answer::Accepted(done) => Frame::json(&ServerMessage::Ok { id, seq: done.seq }),
        Answer::Refused(refusal) => Frame::json(&ServerMessage::Refused(Refused::new(id, refusal, audience))),
        // Not an answer that retires the id: the client sends it again.
        Answer::NotTried(why) => Frame::json(&ServerMessage::NotTried { id, retry_ms: 1000, message: why.to_owned() }),
    }
}

/// Receipts are not answered; only a login that ended is worth a word.
fn failed_receipt(answer: &Answer) -> Option<Frame> {
    match answer {
        Answer::Refused(refusal) if refusal.code != Code::Forbidden => {
            let error = ServerMessage::Error { code: refusal.code.name().to_owned(), message: refusal.message.clone() };
            Some(Frame::json(&error))
        }
        Answer::Accepted(_) | Answer::Refused(_) | Answer::NotTried(_) => None,
    }
}
