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
use std::time::Duration;
use tokio::io::AsyncWrite;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, error::CapacityError};

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
        Self { stream: WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await, stall }
    }

    /// The next message. Cancelling it loses nothing.
    pub async fn hear(&mut self) -> Heard {
        match self.stream.next().await {
            Some(Ok(Message::Text(text))) => Heard::Text(text.as_str().to_owned()),
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => Heard::Alive,
            Some(Ok(Message::Binary(_))) => Heard::Broken(Close::Malformed),
            Some(Err(Error::Capacity(CapacityError::MessageTooLong { .. }))) => Heard::Broken(Close::TooLarge),
            Some(Err(Error::Utf8(_))) => Heard::Broken(Close::Malformed),
            Some(Ok(Message::Close(_)) | Err(_)) | None => Heard::Gone,
        }
    }

    /// Writes frames, as many at a time as the socket takes. A socket that takes nothing for the stall
    /// time is given up; so is the write when `until` is ready.
    pub async fn write(&mut self, frames: impl IntoIterator<Item = &Frame>) -> Result<(), Stopped> {
        // What tungstenite has to say itself (a pong) must not land inside one of our frames.
        self.within(|link| Box::pin(async { link.stream.flush().await.map_err(|_| Stopped::Gone) })).await?;
        let mut queue: VecDeque<Bytes> = frames.into_iter().map(|frame| frame.wire().clone()).collect();
        while !queue.is_empty() {
            let written = match self.try_write(&queue) {
                Some(result) => result,
                None => {
                    let stall = self.stall;
                    let write = poll_fn(|cx| poll_write(self.stream.get_mut(), cx, &queue));
                    tokio::time::timeout(stall, write).await.map_err(|_| Stopped::Stalled)?
                }
            };
            advance(&mut queue, written.map_err(|_| Stopped::Gone)?);
        }
        Ok(())
    }

    /// One attempt without a timer; `None` when the socket is full.
    fn try_write(&mut self, queue: &VecDeque<Bytes>) -> Option<io::Result<usize>> {
        let mut cx = std::task::Context::from_waker(futures_util::task::noop_waker_ref());
        match poll_write(self.stream.get_mut(), &mut cx, queue) {
            std::task::Poll::Ready(result) => Some(result),
            std::task::Poll::Pending => None,
        }
    }

    async fn within<'a, F>(&'a mut self, work: F) -> Result<(), Stopped>
    where
        F: FnOnce(&'a mut Self) -> Pin<Box<dyn Future<Output = Result<(), Stopped>> + Send + 'a>>,
    {
        let stall = self.stall;
        tokio::time::timeout(stall, work(self)).await.unwrap_or(Err(Stopped::Stalled))
    }

    /// Says why it ends, and waits a moment for the client's answer, so that the reason arrives.
    pub async fn close(mut self, why: Close, roll: u32) {
        let frame = CloseFrame { code: why.code().into(), reason: why.reason(roll).into() };
        let handshake = async {
            if self.stream.close(Some(frame)).await.is_ok() {
                while let Some(Ok(_)) = self.stream.next().await {}
            }
        };
        if tokio::time::timeout(CLOSING, handshake).await.is_err() {
            tracing::debug!(code = why.code(), "the client did not answer the close");
        }
    }
}

fn poll_write(
    stream: &mut TokioIo<Upgraded>,
    cx: &mut std::task::Context<'_>,
    queue: &VecDeque<Bytes>,
) -> std::task::Poll<io::Result<usize>> {
    let mut slices = [IoSlice::new(&[]); SLICES];
    let mut count = 0;
    for (slice, bytes) in slices.iter_mut().zip(queue) {
        *slice = IoSlice::new(bytes);
        count += 1;
    }
    Pin::new(stream).poll_write_vectored(cx, slices.get(..count).unwrap_or_default())
}

fn advance(queue: &mut VecDeque<Bytes>, mut written: usize) {
    while let Some(first) = queue.front_mut() {
        if written < first.len() {
            first.advance(written);
            return;
        }
        written -= first.len();
        queue.pop_front();
    }
}
