//! The wire of one connection: reads messages through tungstenite (fragments, masks, UTF-8 and the close
//! handshake are its business), and writes frames that are already encoded straight to the stream,
//! many in one vectored write, without copying them. Owned by one session: there is no second writer.

use crate::hub::frame::Frame;
use crate::protocol::close::Close;
use bytes::{Buf, Bytes};
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

/// tungstenite allocates and zero-fills this much for each connection; its default is 128 KiB.
const READ_BUFFER_BYTES: usize = 512;
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
pub enum Stopped {
    /// Nothing was taken for too long.
    Stalled,
    /// The connection broke.
    Gone,
}

/// One connection's wire.
pub struct Link {
    stream: WebSocketStream<TokioIo<Upgraded>>,
    /// What the socket has not taken of the frame it has begun to take: nothing else may be written before it.
    rest: Bytes,
    stall: Duration,
}

impl Link {
    /// Takes over an upgraded stream.
    pub async fn new(stream: TokioIo<Upgraded>, message_bytes: usize, stall: Duration) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(0)
            .max_write_buffer_size(4096)
            .max_message_size(Some(message_bytes))
            .max_frame_size(Some(message_bytes));
        let stream = WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await;
        Self { stream, rest: Bytes::new(), stall }
    }

    /// The next message. Cancelling it loses nothing.
    pub async fn hear(&mut self) -> Heard {
        match self.stream.next().await {
            Some(Ok(Message::Text(text))) => Heard::Text(text.as_str().to_owned()),
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => Heard::Alive,
            Some(Ok(Message::Binary(_))) => Heard::Broken(Close::Malformed),
            Some(Err(Error::Capacity(_))) => Heard::Broken(Close::TooLarge),
            Some(Err(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake))) => Heard::Gone,
            Some(Err(Error::Utf8(_))) => Heard::Broken(Close::NotUtf8),
            Some(Err(Error::Protocol(_))) => Heard::Broken(Close::Broken),
            Some(Ok(Message::Close(_)) | Err(_)) | None => Heard::Gone,
        }
    }

    /// Writes frames, as many at a time as the socket takes. A socket that takes nothing for the stall
    /// time is given up. Cancelled, it may have written some of them; then only `close` may follow.
    pub async fn write(&mut self, frames: &[Frame]) -> Result<(), Stopped> {
        // What tungstenite has to say itself (a pong) must not land inside one of our frames.
        let flushed = tokio::time::timeout(self.stall, self.stream.flush()).await;
        flushed.map_err(|_| Stopped::Stalled)?.map_err(|_| Stopped::Gone)?;
        let mut queue: VecDeque<Bytes> = frames.iter().map(|frame| frame.wire().clone()).collect();
        while !queue.is_empty() {
            let written = match self.try_write(&queue) {
                Poll::Ready(result) => result,
                Poll::Pending => {
                    let write = poll_fn(|cx| poll_write(self.stream.get_mut(), cx, &queue));
                    tokio::time::timeout(self.stall, write).await.map_err(|_| Stopped::Stalled)?
                }
            };
            let is_cut = match written {
                Ok(0) | Err(_) => return Err(Stopped::Gone),
                Ok(written) => advance(&mut queue, written),
            };
            self.rest = queue.front().filter(|_| is_cut).cloned().unwrap_or_default();
        }
        Ok(())
    }

    /// One attempt without a timer.
    fn try_write(&mut self, queue: &VecDeque<Bytes>) -> Poll<io::Result<usize>> {
        let mut cx = Context::from_waker(futures_util::task::noop_waker_ref());
        poll_write(self.stream.get_mut(), &mut cx, queue)
    }

    /// Says why it ends, and waits a moment for the client to go, so that the reason arrives.
    pub async fn close(mut self, why: Close, roll: u32) {
        let frame = CloseFrame { code: why.code().into(), reason: why.reason(roll).into() };
        if tokio::time::timeout(CLOSING, self.say_and_wait(frame)).await.is_err() {
            tracing::debug!(code = why.code(), "the client did not answer the close");
        }
    }

    async fn say_and_wait(&mut self, frame: CloseFrame) -> io::Result<()> {
        let rest = std::mem::take(&mut self.rest);
        self.stream.get_mut().write_all(&rest).await?;
        if self.stream.close(Some(frame)).await.is_ok() {
            while let Some(Ok(_)) = self.stream.next().await {}
        }
        // After a broken rule tungstenite reads no more. Whoever closes a socket with unread bytes resets
        // the connection (RFC 1122 §4.2.2.13), and the reason may be lost with it.
        let raw = self.stream.get_mut();
        raw.shutdown().await?;
        let mut unread = vec![0; READ_BUFFER_BYTES];
        while raw.read(&mut unread).await? > 0 {}
        Ok(())
    }

    /// Answers the client's own close, if that is why it ends.
    pub async fn part(mut self) {
        if self.rest.is_empty() && tokio::time::timeout(CLOSING, self.stream.flush()).await.is_err() {
            tracing::debug!("the client does not take the answer to its close");
        }
    }
}

fn poll_write(
    stream: &mut TokioIo<Upgraded>,
    cx: &mut Context<'_>,
    queue: &VecDeque<Bytes>,
) -> Poll<io::Result<usize>> {
    let mut slices = [IoSlice::new(&[]); SLICES];
    let mut count = 0;
    for (slice, bytes) in slices.iter_mut().zip(queue) {
        *slice = IoSlice::new(bytes);
        count += 1;
    }
    Pin::new(stream).poll_write_vectored(cx, slices.get(..count).unwrap_or_default())
}

/// Takes what was written from the queue; says whether its first frame is now only a part.
fn advance(queue: &mut VecDeque<Bytes>, mut written: usize) -> bool {
    while let Some(first) = queue.front_mut() {
        if written < first.len() {
            first.advance(written);
            return written > 0;
        }
        written -= first.len();
        queue.pop_front();
    }
    false
}
