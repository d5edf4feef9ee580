//! One connection from `welcome` to its end: a loop that waits for a message, for news, or for an answer,
//! and is the socket's only writer. It holds cursors, never events. What messages ask for is in `requests`.
//!
//! Most connections are idle guests, and most work is news that the socket takes at once: that way needs no
//! allocation and no timer. Everything else runs in futures of its own, made when they are needed.

use super::link::{Heard, Link, Stopped, Unwritten};
use super::pace::Pace;
use super::stay::{Frames, Stay};
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
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
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
    pace: Pace,
    /// Since when the client owes a sign of life.
    asked_at: Option<Instant>,
    /// Up to here its own commands had an effect.
    effect: Seq,
    /// News is looked at before messages this time, and after them the next.
    news_first: bool,
    /// The server stops; what is written now are the last answers.
    finishing: bool,
}

/// What the loop woke up for.
enum Next {
    Woken(u8),
    Heard(Heard),
    Answered((Option<Frame>, Seq)),
}

/// What follows once the news was written.
enum Then {
    GoOn,
    /// Its last answers, then this reason.
    Finish(Close),
    Close(Close),
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
    pub fn new(door: Arc<Door>, link: Link, stay: Stay, mut claims: Claims) -> Self {
        // Said in the address; nothing here asks for it again.
        claims.slug = String::new();
        Self {
            door,
            stay,
            claims,
            link,
            under_way: None,
            pace: Pace::default(),
            asked_at: None,
            effect: 0,
            news_first: false,
            finishing: false,
        }
    }

    /// Runs until the connection ends, then leaves the hub and closes the socket.
    pub async fn run(mut self) {
        if self.door.stop.is_cancelled() {
            // It joined after everybody was told.
            self.stay.connection.end(self.door.farewell);
        }
        let ending = loop {
            let step = match poll_fn(|cx| self.poll_next(cx)).await {
                Next::Woken(flags) => match self.news(flags) {
                    Ok((left, Then::GoOn)) if left.is_empty() => Ok(()),
                    Ok((left, then)) => Box::pin(self.after_news(left, then)).await,
                    Err(ending) => Err(ending),
                },
                Next::Heard(heard) => match self.heard(heard) {
                    Ok(Some(text)) => Box::pin(self.read(text)).await,
                    Ok(None) => Ok(()),
                    Err(ending) => Err(ending),
                },
                Next::Answered(answer) => Box::pin(self.answered(answer)).await,
            };
            if let Err(ending) = step {
                break ending;
            }
        };
        Box::pin(self.end(ending)).await;
    }

    async fn end(self, ending: Ending) {
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

    /// Whatever is ready; news and messages take turns, so that neither much news nor many messages keep the other
    /// waiting.
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Next> {
        self.news_first = !self.news_first;
        if self.news_first
            && let Poll::Ready(flags) = self.stay.connection.poll_woken(cx)
        {
            return Poll::Ready(Next::Woken(flags));
        }
        let under_way = self.under_way.as_deref().map_or(0, FuturesUnordered::len);
        if let Some(answers) = self.under_way.as_deref_mut()
            && let Poll::Ready(Some(answer)) = answers.poll_next_unpin(cx)
        {
            return Poll::Ready(Next::Answered(answer));
        }
        if under_way < COMMANDS_UNDER_WAY
            && let Poll::Ready(heard) = self.link.poll_hear(cx)
        {
            return Poll::Ready(Next::Heard(heard));
        }
        if self.news_first { Poll::Pending } else { self.stay.connection.poll_woken(cx).map(Next::Woken) }
    }

    /// A part of the news first, then what the news has to precede: a beat says that nothing older waits, and
    /// a closed table is told so before its sockets end. An ended login hears nothing more. Says what the socket has
    /// not taken at once.
    fn news(&mut self, flags: u8) -> Result<(Unwritten, Then), Ending> {
        let ending = self.stay.connection.ending();
        if ending == Some(Close::Revoked) {
            return Err(Ending::Close(Close::Revoked));
        }
        let mut batch = self.stay.pull(self.door.bounds.pull_bytes);
        let mut then = Then::GoOn;
        if batch.more {
            self.stay.connection.wake(flags | NEWS);
        } else {
            match ending {
                Some(why @ (Close::Moving | Close::Restart)) => then = Then::Finish(why),
                Some(why) if flags & END != 0 => then = Then::Close(why),
                _ if flags & BEAT != 0 => self.beat(&mut batch.frames)?,
                _ => {}
            }
        }
        Ok((self.write_now(&batch.frames)?, then))
    }

    async fn after_news(&mut self, left: Unwritten, then: Then) -> Result<(), Ending> {
        self.write_rest(left).await?;
        match then {
            Then::GoOn => Ok(()),
            Then::Close(why) => Err(Ending::Close(why)),
            Then::Finish(why) => Err(self.finish(why).await),
        }
    }

    /// A beat per topic that is complete up to it, and a ping: who does not answer is gone.
    fn beat(&mut self, frames: &mut Frames) -> Result<(), Ending> {
        let silence = match self.claims.actor {
            Actor::Guest { .. } | Actor::Takeaway { .. } => self.door.bounds.silence_guest,
            Actor::Staff { .. } | Actor::Screen { .. } | Actor::System => self.door.bounds.silence_staff,
        };
        if self.door.commands.clock.now() >= self.claims.expires_at.plus(SKEW) {
            return Err(Ending::Close(Close::Expired));
        }
        if self.asked_at.is_some_and(|asked_at| asked_at.elapsed() > silence) {
            return Err(Ending::Close(Close::Stalled));
        }
        self.stay.beats(frames);
        frames.push(Frame::ping());
        self.asked_at.get_or_insert_with(Instant::now);
        Ok(())
    }

    /// A message that was heard, unless it comes too fast.
    fn heard(&mut self, heard: Heard) -> Result<Option<String>, Ending> {
        self.asked_at = None;
        match heard {
            Heard::Gone => Err(Ending::Gone),
            Heard::Broken(why) => Err(Ending::Close(why)),
            Heard::Alive | Heard::Text(_) if !self.is_in_pace() => Err(Ending::Close(Close::TooFast)),
            Heard::Alive => Ok(None),
            Heard::Text(text) => Ok(Some(text)),
        }
    }

    fn is_in_pace(&mut self) -> bool {
        let bounds = &self.door.bounds;
        self.pace.take(self.door.since.elapsed(), bounds.messages_per_second, bounds.messages_burst)
    }

    async fn read(&mut self, text: String) -> Result<(), Ending> {
        match serde_json::from_str::<ClientMessage>(&text) {
            Ok(message) => self.act(message).await,
            Err(error) => self.not_understood(&text, &error).await,
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
            loop {
                let batch = self.stay.pull(self.door.bounds.pull_bytes);
                self.write(&batch.frames).await?;
                if !batch.more {
                    return Ok(());
                }
            }
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
        let left = self.write_now(frames)?;
        self.write_rest(left).await
    }

    fn write_now(&mut self, frames: &[Frame]) -> Result<Unwritten, Ending> {
        if frames.is_empty() {
            return Ok(Unwritten::default());
        }
        let bytes: usize = frames.iter().map(Frame::len).sum();
        self.door.sent.count(frames.len(), bytes);
        Ok(self.link.write_now(frames)?)
    }

    async fn write_rest(&mut self, left: Unwritten) -> Result<(), Ending> {
        if left.is_empty() {
            return Ok(());
        }
        let written = self.link.finish(left);
        if self.finishing {
            Ok(written.await?)
        } else {
            Ok(unless_cut(&self.door, &self.stay.connection, written).await??)
        }
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
