//! What a client's messages ask for: topics, commands, receipts, a longer life.

use super::TOPICS;
use super::hello::{close_after, close_for};
use super::session::{Ending, Session, unless_cut};
use crate::commands::Denied;
use crate::domain::command::MarkShown;
use crate::domain::ids::{CommandId, Cursor, RestaurantId, SeatingId, SessionId};
use crate::domain::people::{Actor, Role};
use crate::domain::refusal::Code;
use crate::domain::topic::{Audience, Topic};
use crate::hub::connection::NEWS;
use crate::hub::frame::Frame;
use crate::identity::tokens::Claims;
use crate::protocol::client::{ClientMessage, TopicName};
use crate::protocol::close::Close;
use crate::protocol::server::{Refused, ServerMessage, Subscribed};
use crate::relay::Start;
use crate::store::committer::Answer;
use serde::Deserialize;

impl Session {
    pub(super) async fn act(&mut self, message: ClientMessage) -> Result<(), Ending> {
        match message {
            ClientMessage::Hello { .. } => Ok(()),
            ClientMessage::Subscribe { topic, after } => self.subscribe(topic, after).await,
            ClientMessage::Unsubscribe { topic } => {
                self.stay.leave(topic);
                Ok(())
            }
            ClientMessage::Command(command) => {
                let (id, audience) = (command.id, self.audience());
                let answer = self.door.commands.tap(&self.claims, command);
                self.await_answer(Box::pin(async move {
                    let answer = answer.await;
                    let effect = if let Answer::Accepted(done) = &answer { done.seq } else { 0 };
                    (Some(reply(id, answer, audience)), effect)
                }));
                Ok(())
            }
            ClientMessage::Shown { topic, seq, stations, kind } => {
                if topic == TopicName::Kitchen && self.claims.actor.is_at_least(Role::Kitchen) {
                    self.stay.connection.shows(&stations);
                    let answer = self.door.commands.shown(&self.claims, MarkShown { seq, stations, kind });
                    self.await_answer(Box::pin(
                        async move { (answer.await.and_then(|answer| failed_receipt(&answer)), 0) },
                    ));
                }
                Ok(())
            }
            ClientMessage::Renew { token } => self.renew(&token).await,
        }
    }

    fn audience(&self) -> Audience {
        if self.claims.actor.is_at_least(Role::Kitchen) { Audience::Staff } else { Audience::Guest }
    }

    /// Enters the topic first, then looks where it stands; the events between come by the ring (W3).
    async fn subscribe(&mut self, name: TopicName, after: Option<Cursor>) -> Result<(), Ending> {
        let Some(topic) = self.topic(name).await? else {
            return self.error("forbidden", format!("the topic `{name}` is not for this token")).await;
        };
        self.stay.leave(name);
        if self.stay.topics() >= TOPICS {
            return self.error("too_many_topics", format!("a connection may have {TOPICS} topics")).await;
        }
        self.stay.enter(topic);
        let read = self.door.relay.start(&self.stay.room, topic, after);
        let start = unless_cut(&self.door, &self.stay.connection, read).await?.map_err(|fault| {
            tracing::warn!(%fault, "a topic could not be read");
            Ending::Close(close_after(&fault))
        })?;
        match start {
            Start::Nothing => {
                self.stay.leave(name);
                return self.error("unknown_topic", format!("there is no topic `{name}`")).await;
            }
            Start::Replay(cursor) => {
                let head = self.stay.room.head().map_or(cursor.seq, |head| head.seq);
                let Cursor { epoch, seq } = cursor;
                let answer = Subscribed { topic: name, epoch, seq, head, snapshot: None, part: None, parts: None };
                self.write(&[Frame::json(&ServerMessage::Subscribed(answer))]).await?;
                self.stay.follow(topic, cursor);
            }
            Start::Snapshot(shared) => {
                self.write(&shared.frames).await?;
                self.stay.follow(topic, shared.cursor);
            }
        }
        // What came meanwhile may have woken it before it had a cursor.
        self.stay.connection.wake(NEWS);
        Ok(())
    }

    /// The topic that this token may see under that name.
    async fn topic(&mut self, name: TopicName) -> Result<Option<Topic>, Ending> {
        Ok(match (name, &self.claims.actor) {
            (TopicName::Kitchen, Actor::Staff { .. } | Actor::Screen { .. }) => Some(Topic::Kitchen),
            (TopicName::Floor, actor) if actor.is_at_least(Role::Waiter) => Some(Topic::Floor),
            (TopicName::Table, Actor::Guest { seating, .. }) => Some(Topic::Table(*seating)),
            (TopicName::Order(id), _) => {
                let read = self.door.commands.read_order(&self.claims, id);
                match unless_cut(&self.door, &self.stay.connection, read).await? {
                    Ok(_) => Some(Topic::Order(id)),
                    Err(Denied::Refused(refusal)) if refusal.code != Code::SeatingClosed => None,
                    Err(denied) => return Err(Ending::Close(close_for(&denied))),
                }
            }
            (TopicName::Kitchen | TopicName::Floor | TopicName::Table, _) => None,
        })
    }

    async fn error(&mut self, code: &str, message: String) -> Result<(), Ending> {
        self.write(&[Frame::json(&ServerMessage::Error { code: code.to_owned(), message })]).await
    }

    /// A topic that there is not is a mistake to be told of; anything else that makes no sense ends the connection.
    pub(super) async fn not_understood(&mut self, text: &str, error: &serde_json::Error) -> Result<(), Ending> {
        if let Some(topic) = unknown_topic(text) {
            return self.error("unknown_topic", format!("there is no topic `{topic}`")).await;
        }
        let message = format!("this message cannot be understood: {error}");
        self.error(Close::Malformed.word(), message).await?;
        Err(Ending::Close(Close::Malformed))
    }

    /// A newer token of the same person, before the old one runs out (W8).
    async fn renew(&mut self, token: &str) -> Result<(), Ending> {
        let claims = self.door.commands.authenticate(token).map_err(|denied| Ending::Close(close_for(&denied)))?;
        if identity(&claims) != identity(&self.claims) {
            return Err(Ending::Close(Close::Unauthorized));
        }
        self.claims = claims;
        let renewed = ServerMessage::Renewed { until: self.claims.expires_at };
        self.write(&[Frame::json(&renewed)]).await
    }
}

/// What a new token must not change: whose it is, and which login or seating it lives on.
fn identity(claims: &Claims) -> (RestaurantId, String, Option<SessionId>, Option<SeatingId>) {
    let (session, seating) = match &claims.actor {
        Actor::Staff { session, .. } | Actor::Screen { session, .. } => (Some(*session), None),
        Actor::Guest { seating, .. } => (None, Some(*seating)),
        Actor::Takeaway { .. } | Actor::System => (None, None),
    };
    (claims.restaurant, claims.actor.sender(), session, seating)
}

/// The start of the name, if a message's only fault is that it names a topic that there is not.
fn unknown_topic(text: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        op: String,
        topic: String,
    }
    let Named { op, topic } = serde_json::from_str(text).ok()?;
    let about_a_topic = matches!(op.as_str(), "subscribe" | "unsubscribe" | "shown");
    (about_a_topic && topic.parse::<TopicName>().is_err()).then(|| topic.chars().take(40).collect())
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
