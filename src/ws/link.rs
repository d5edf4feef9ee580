//! The wire of one connection: reads messages through `Codec`, and writes frames that are already encoded straight to
//! the stream, many in one vectored write, without copying them. Owned by one session: there is no second writer.

use super::codec::Codec;
use super::wire::Wire;
use crate::hub::frame::Frame;
use crate::protocol::close::Close;
use bytes::{Buf, Bytes};
use futures_util::task::noop_waker_ref;
use hyper::upgrade::Upgraded;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::ReadBuf;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};

/// What an idle connection reads at once when something comes.
const FIRST_BYTES: usize = 1024;
/// Slices of one vectored write; Linux takes 1,024, more than 64 brings nothing.
const SLICES: usize = 64;
/// How long the close handshake may take.
const CLOSING: Duration = Duration::from_secs(2);

/// What came from the client.
pub enum Heard {
    Text(String),
    /// A ping or pong: a sign of life.
    Alive,
    /// The client closed, or the connection broke.
    Gone,
    /// The client broke a rule.
    Broken(Close),
}

/// Why a write ended.
#[derive(Debug)]
pub enum Stopped {
    /// Nothing was taken for too long.
    Stalled,
    /// The connection broke.
    Gone,
}

/// One connection's wire.
pub struct Link {
    wire: Wire,
    /// There while something is being read, or waits to be answered by the protocol itself.
    codec: Option<Box<Codec>>,
    /// What the socket has not taken of the frame it has begun to take: nothing else may be written before it.
    rest: Option<Box<Bytes>>,
    message_bytes: u32,
    stall_ms: u32,
}

impl Link {
    /// Takes over an upgraded stream. `message_bytes`: the largest message that is read. `stall`: a socket that takes
    /// nothing for so long is given up.
    pub fn new(upgraded: Upgraded, message_bytes: usize, stall: Duration) -> Self {
        let (wire, read) = Wire::of(upgraded);
        let codec = (!read.is_empty()).then(|| Box::new(Codec::new(message_bytes, &read)));
        Self {
            wire,
            codec,
            rest: None,
            message_bytes: u32::try_from(message_bytes).unwrap_or(u32::MAX),
            stall_ms: u32::try_from(stall.as_millis()).unwrap_or(u32::MAX),
        }
    }

    /// The next message. Cancelling it loses nothing.
    pub async fn hear(&mut self) -> Heard {
        poll_fn(|cx| self.poll_hear(cx)).await
    }

    pub fn poll_hear(&mut self, cx: &mut Context<'_>) -> Poll<Heard> {
        loop {
            let Some(codec) = &mut self.codec else {
                let mut first = [MaybeUninit::uninit(); FIRST_BYTES];
                let mut first = ReadBuf::uninit(&mut first);
                let read = ready!(self.wire.poll_read(cx, &mut first));
                if read.is_err() || first.filled().is_empty() {
                    return Poll::Ready(Heard::Gone);
                }
                self.codec = Some(Box::new(Codec::new(message_bytes(self.message_bytes), first.filled())));
                continue;
            };
            if let Poll::Ready(message) = codec.poll_message(&mut self.wire, cx) {
                return Poll::Ready(heard(message));
            }
            if codec.owes() && ready!(codec.poll_flush(&mut self.wire, cx)).is_err() {
                return Poll::Ready(Heard::Gone);
            }
            if codec.is_idle() {
                self.codec = None;
            }
            return Poll::Pending;
        }
    }

    /// Writes what the socket takes at once; says what is left, which is to be given to `finish`.
    ///
    /// # Errors
    /// The connection broke.
    pub fn write_now(&mut self, frames: &[Frame]) -> Result<Unwritten, Stopped> {
        let mut left = Unwritten::default();
        // What the protocol has to say itself (a pong) comes first, and never inside one of our frames.
        if self.rest.is_some() || self.codec.as_ref().is_some_and(|codec| codec.owes()) {
            left.extend(frames, 0);
            return Ok(left);
        }
        let (mut at, mut offset) = (0, 0);
        while at < frames.len() {
            let begun = frames.get(at..).unwrap_or_default();
            match poll_frames(&mut self.wire, begun, offset) {
                Poll::Ready(Ok(0) | Err(_)) => return Err(Stopped::Gone),
                Poll::Ready(Ok(written)) => (at, offset) = advanced(frames, at, offset + written),
                Poll::Pending => {
                    left.extend(begun, offset);
                    break;
                }
            }
        }
        left.is_held = self.wire.poll_flush(&mut Context::from_waker(noop_waker_ref())).is_pending();
        Ok(left)
    }

    /// Writes what was left, as fast as the socket takes it. A socket that takes nothing for the stall time is given
    /// up. Cancelled, it may have written some of it; then only `close` may follow.
    ///
    /// # Errors
    /// The connection broke, or stalled.
    pub async fn finish(&mut self, mut left: Unwritten) -> Result<(), Stopped> {
        let stall = Duration::from_millis(self.stall_ms.into());
        if let Some(codec) = self.codec.as_mut().filter(|codec| codec.owes()) {
            let flushed = timeout(stall, poll_fn(|cx| codec.poll_flush(&mut self.wire, cx))).await;
            flushed.map_err(|_| Stopped::Stalled)?.map_err(|_| Stopped::Gone)?;
        }
        while !left.queue.is_empty() {
            self.rest = left.begun();
            let write = timeout(stall, poll_fn(|cx| left.poll_write(&mut self.wire, cx)));
            match write.await.map_err(|_| Stopped::Stalled)? {
                Ok(0) | Err(_) => return Err(Stopped::Gone),
                Ok(written) => left.advance(written),
            }
        }
        self.rest = None;
        let flushed = timeout(stall, poll_fn(|cx| self.wire.poll_flush(cx))).await;
        flushed.map_err(|_| Stopped::Stalled)?.map_err(|_| Stopped::Gone)
    }

    /// Writes frames.
    ///
    /// # Errors
    /// The connection broke, or stalled.
    pub async fn write(&mut self, frames: &[Frame]) -> Result<(), Stopped> {
        let left = self.write_now(frames)?;
        if left.is_empty() { Ok(()) } else { self.finish(left).await }
    }

    /// Says why it ends, and waits a moment for the client to go, so that the reason arrives.
    pub async fn close(mut self, why: Close, roll: u32) {
        let frame = CloseFrame { code: why.code().into(), reason: why.reason(roll).into() };
        if timeout(CLOSING, self.say_and_wait(frame)).await.is_err() {
            tracing::debug!(code = why.code(), "the client did not answer the close");
        }
    }

    async fn say_and_wait(&mut self, why: CloseFrame) -> io::Result<()> {
        if let Some(mut rest) = self.rest.take() {
            while !rest.is_empty() {
                let write = poll_fn(|cx| self.wire.poll_write(cx, &[IoSlice::new(&rest)]));
                match write.await? {
                    0 => return Err(io::ErrorKind::WriteZero.into()),
                    written => rest.advance(written),
                }
            }
        }
        let bytes = message_bytes(self.message_bytes);
        let codec = self.codec.get_or_insert_with(|| Box::new(Codec::new(bytes, &[])));
        if poll_fn(|cx| codec.poll_close(&mut self.wire, cx, &why)).await.is_ok() {
            // After a broken rule nothing is read any more: the client waits for the end.
            while !codec.has_failed() && poll_fn(|cx| codec.poll_message(&mut self.wire, cx)).await.is_ok() {}
        }
        // Whoever closes a socket with unread bytes resets the connection (RFC 1122 §4.2.2.13), and the reason may be
        // lost with it.
        poll_fn(|cx| self.wire.poll_shutdown(cx)).await?;
        poll_fn(|cx| self.poll_drained(cx)).await
    }

    /// Reads to the end, and forgets what it reads.
    fn poll_drained(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let mut unread = [MaybeUninit::uninit(); FIRST_BYTES];
            let mut unread = ReadBuf::uninit(&mut unread);
            ready!(self.wire.poll_read(cx, &mut unread))?;
            if unread.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }

    /// Answers the client's own close, if that is why it ends.
    pub async fn part(mut self) {
        let Some(codec) = self.codec.as_mut().filter(|_| self.rest.is_none()) else { return };
        if timeout(CLOSING, poll_fn(|cx| codec.poll_flush(&mut self.wire, cx))).await.is_err() {
            tracing::debug!("the client does not take the answer to its close");
        }
    }
}

fn message_bytes(bytes: u32) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

fn heard(message: Result<Message, Error>) -> Heard {
    match message {
        Ok(Message::Text(text)) => Heard::Text(text.as_str().to_owned()),
        Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => Heard::Alive,
        Ok(Message::Binary(_)) => Heard::Broken(Close::Malformed),
        Err(Error::Capacity(_)) => Heard::Broken(Close::TooLarge),
        Err(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => Heard::Gone,
        Err(Error::Utf8(_)) => Heard::Broken(Close::NotUtf8),
        Err(Error::Protocol(_)) => Heard::Broken(Close::Broken),
        Ok(Message::Close(_)) | Err(_) => Heard::Gone,
    }
}

/// One attempt to write frames, of which the first was taken up to `offset`, without a timer.
fn poll_frames(wire: &mut Wire, frames: &[Frame], offset: usize) -> Poll<io::Result<usize>> {
    let mut slices = [IoSlice::new(&[]); SLICES];
    let mut count = 0;
    for (slice, frame) in slices.iter_mut().zip(frames) {
        let skip = if count == 0 { offset } else { 0 };
        *slice = IoSlice::new(frame.wire().get(skip..).unwrap_or_default());
        count += 1;
    }
    wire.poll_write(&mut Context::from_waker(noop_waker_ref()), slices.get(..count).unwrap_or_default())
}

/// Where `taken` bytes after the beginning of the frame at `at` lead to: a frame, and how much of it.
fn advanced(frames: &[Frame], mut at: usize, mut taken: usize) -> (usize, usize) {
    while let Some(frame) = frames.get(at).filter(|frame| taken >= frame.len()) {
        taken -= frame.len();
        at += 1;
    }
    (at, taken)
}

/// Frames that the socket has still to take.
#[derive(Default)]
pub struct Unwritten {
    queue: VecDeque<Bytes>,
    /// The first was begun.
    is_cut: bool,
    /// The stream (TLS) holds some of what it took.
    is_held: bool,
}

impl Unwritten {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty() && !self.is_held
    }

    /// Adds frames, of which the first was taken up to `offset`.
    fn extend(&mut self, frames: &[Frame], offset: usize) {
        self.queue.extend(frames.iter().map(|frame| frame.wire().clone()));
        if let Some(first) = self.queue.front_mut().filter(|_| offset > 0) {
            first.advance(offset);
            self.is_cut = true;
        }
    }

    /// The rest of a frame that was begun.
    fn begun(&self) -> Option<Box<Bytes>> {
        self.queue.front().filter(|_| self.is_cut).cloned().map(Box::new)
    }

    fn poll_write(&self, wire: &mut Wire, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut slices = [IoSlice::new(&[]); SLICES];
        let mut count = 0;
        for (slice, bytes) in slices.iter_mut().zip(&self.queue) {
            *slice = IoSlice::new(bytes);
            count += 1;
        }
        wire.poll_write(cx, slices.get(..count).unwrap_or_default())
    }

    fn advance(&mut self, mut written: usize) {
        while let Some(first) = self.queue.front_mut() {
            if written < first.len() {
                first.advance(written);
                self.is_cut |= written > 0;
                return;
            }
            written -= first.len();
            self.queue.pop_front();
            self.is_cut = false;
        }
    }
}
