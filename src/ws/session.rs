//! One connection from `welcome` to its end: a loop that waits for a message, for news, or for an answer,
//! and is the socket's only writer. It holds cursors, never events. What messages ask for is in `requests`.

use super::link::{Heard, Link, Stopped};
use super::stay::Stay;
use super::{COMMANDS_UNDER_WAY, Door};
use crate::domain::ids::Seq;
use crate::domain::people::Actor;
use crate::hub::connection::{BEAT, Connection, END, NEWS};
use crate::hub::frame::Frame;
use crate::identity::tokens::{Claims, SKEW};
use crate::protocol::client::ClientMessage;
use crate::protocol::close::Close;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a stopping server waits for the answers to a connection's commands.
const FINISHING: Duration = Duration::from_secs(2);
/// Between two looks whether an effect was told.
const TOLD: Duration = Duration::from_millis(2);

/// An answer to write, if there is one, and the seq up to which its effect is to be told.
pub(super) type Reply = BoxFuture<'static, (Option<Frame>, Seq)>;

/// One running connection.
pub struct Session {
    // Shared.
    pub(super) door: Arc<Door>,
    // Its own.
    pub(super) stay: Stay,
    pub(super) claims: Claims,
    link: Link,
    /// Answers to come; made with the first command, since most guests never send one.
    under_way: Option<Box<FuturesUnordered<Reply>>>,
    rate: DefaultDirectRateLimiter,
    /// Since when the client owes a sign of life.
    asked_at: Option<Instant>,
    /// Up to here its own commands had an effect.
    effect: Seq,
    /// The server stops; what is written now are the last answers.
    finishing: bool,
}

/// What the loop woke up for.
enum Next {
    Woken(u8),
    Heard(Heard),
    Answered((Option<Frame>, Seq)),
    Stopping,
}

/// How a connection ends.
pub(super) enum Ending {
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
    pub fn new(door: Arc<Door>, link: Link, stay: Stay, claims: Claims) -> Self {
        let quota = Quota::per_second(door.bounds.messages_per_second).allow_burst(door.bounds.messages_burst);
        Self {
            door,
            stay,
            claims,
            link,
            under_way: None,
            rate: RateLimiter::direct(quota),
            asked_at: None,
            effect: 0,
            finishing: false,
        }
    }

    /// Runs until the connection ends, then leaves the hub and closes the socket.
    pub async fn run(mut self) {
        let ending = loop {
            let step = match self.next().await {
                Next::Woken(flags) => self.woken(flags).await,
                Next::Heard(heard) => self.heard(heard).await,
                Next::Answered(answer) => self.answered(answer).await,
                Next::Stopping => Err(Box::pin(self.finish(self.door.farewell)).await),
            };
            if let Err(ending) = step {
                break ending;
            }
        };
        let Self { stay, link, .. } = self;
        drop(stay);
        match ending {
            Ending::Close(why) => {
                metrics::counter!(crate::telemetry::CLOSES, crate::telemetry::LABEL_CODE => why.code().to_string())
                    .increment(1);
                link.close(why, rand::random()).await;
            }
            Ending::Gone => link.part().await,
        }
    }

    /// Whatever is ready, in no order of preference: neither much news nor many messages may keep the other
    /// waiting. Every arm may be cancelled without a loss.
    async fn next(&mut self) -> Next {
        let under_way = self.under_way.as_deref().map_or(0, FuturesUnordered::len);
        let answers = self.under_way.as_deref_mut();
        tokio::select! {
            () = self.door.stop.cancelled() => Next::Stopping,
            flags = self.stay.connection.woken() => Next::Woken(flags),
            Some(answer) = next_answer(answers), if under_way > 0 => Next::Answered(answer),
            heard = self.link.hear(), if under_way < COMMANDS_UNDER_WAY => Next::Heard(heard),
        }
    }

    /// A part of the news first, then what the news has to precede: a beat says that nothing older waits, and
    /// a closed table is told so before its sockets end. An ended login hears nothing more.
    async fn woken(&mut self, flags: u8) -> Result<(), Ending> {
        let ending = self.stay.connection.ending();
        if ending == Some(Close::Revoked) {
            return Err(Ending::Close(Close::Revoked));
        }
        if self.catch_up().await? {
            self.stay.connection.wake(flags | NEWS);
            return Ok(());
        }
        match ending {
            Some(why @ Close::Moving) => Err(Box::pin(self.finish(why)).await),
            Some(why) if flags & END != 0 => Err(Ending::Close(why)),
            _ if flags & BEAT != 0 => self.beat().await,
            _ => Ok(()),
        }
    }

    /// Writes what the ring has next, at most `pull_bytes`; says whether there is more.
    pub(super) async fn catch_up(&mut self) -> Result<bool, Ending> {
        let batch = self.stay.pull(self.door.bounds.pull_bytes);
        self.write(&batch.frames).await?;
        Ok(batch.more)
    }

    /// A beat per topic that is complete up to it, and a ping: who does not answer is gone.
    async fn beat(&mut self) -> Result<(), Ending> {
        let silence = match self.claims.actor {
            Actor::Guest { .. } => self.door.bounds.silence_guest,
            Actor::Staff { .. } | Actor::Screen { .. } | Actor::System => self.door.bounds.silence_staff,
        };
        if self.door.commands.clock.now() >= self.claims.expires_at.plus(SKEW) {
            return Err(Ending::Close(Close::Expired));
        }
        if self.asked_at.is_some_and(|asked_at| asked_at.elapsed() > silence) {
            return Err(Ending::Close(Close::Stalled));
        }
        let mut frames = self.stay.beats();
        frames.push(Frame::ping());
        self.asked_at.get_or_insert_with(Instant::now);
        self.write(&frames).await
    }

    async fn heard(&mut self, heard: Heard) -> Result<(), Ending> {
        self.asked_at = None;
        match heard {
            Heard::Gone => Err(Ending::Gone),
            Heard::Broken(why) => Err(Ending::Close(why)),
            Heard::Alive | Heard::Text(_) if self.rate.check().is_err() => Err(Ending::Close(Close::TooFast)),
            Heard::Alive => Ok(()),
            Heard::Text(text) => match serde_json::from_str::<ClientMessage>(&text) {
                Ok(message) => Box::pin(self.act(message)).await,
                Err(error) => self.not_understood(&text, &error).await,
            },
        }
    }

    async fn answered(&mut self, (frame, seq): (Option<Frame>, Seq)) -> Result<(), Ending> {
        self.effect = self.effect.max(seq);
        match frame {
            Some(frame) => self.write(&[frame]).await,
            None => Ok(()),
        }
    }

    /// Before a stop: commands under way are answered, and their effect is told.
    async fn finish(&mut self, why: Close) -> Ending {
        self.finishing = true;
        let answer = async {
            while let Some(answer) = next_answer(self.under_way.as_deref_mut()).await {
                self.answered(answer).await?;
            }
            // The relay may hear of it a moment after its sender.
            while self.stay.room.head().is_some_and(|head| head.seq < self.effect) {
                tokio::time::sleep(TOLD).await;
            }
            while self.catch_up().await? {}
            Ok(())
        };
        match tokio::time::timeout(FINISHING, answer).await {
            Ok(Err(ending)) => ending,
            Ok(Ok(())) | Err(_) => Ending::Close(why),
        }
    }

    pub(super) fn await_answer(&mut self, reply: Reply) {
        self.under_way.get_or_insert_with(Box::default).push(reply);
    }

    /// Writes frames; given up when the connection must end at once, however slowly its client reads.
    pub(super) async fn write(&mut self, frames: &[Frame]) -> Result<(), Ending> {
        if frames.is_empty() {
            return Ok(());
        }
        let written = self.link.write(frames);
        if self.finishing {
            written.await?;
        } else {
            unless_cut(&self.door, &self.stay.connection, written).await??;
        }
        metrics::counter!(crate::telemetry::FRAMES_SENT).increment(frames.len() as u64);
        let bytes: usize = frames.iter().map(Frame::len).sum();
        metrics::counter!(crate::telemetry::BYTES_SENT).increment(bytes as u64);
        Ok(())
    }
}

/// Does some work unless the connection has to end at once: its login was ended, or the server stops.
pub(super) async fn unless_cut<T>(
    door: &Door,
    connection: &Connection,
    work: impl Future<Output = T>,
) -> Result<T, Ending> {
    tokio::select! {
        biased;
        done = work => Ok(done),
        () = connection.cut_off() => Err(Ending::Close(Close::Revoked)),
        () = door.stop.cancelled() => Err(Ending::Close(door.farewell)),
    }
}

async fn next_answer(under_way: Option<&mut FuturesUnordered<Reply>>) -> Option<(Option<Frame>, Seq)> {
    match under_way {
        Some(answers) => answers.next().await,
        None => None,
    }
}
