//! What reads frames: tungstenite, kept only while something is under way. Masks, fragments, control frames, UTF-8
//! and the close handshake are its business. Between two whole messages it has nothing to remember, so an idle
//! connection has none: `Seam` follows the frames' headers to know when that is.

use super::wire::Wire;
use std::io::{self, Cursor, IoSlice, Read, Write};
use std::task::{Context, Poll};
use tokio::io::ReadBuf;
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::OpCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig, WebSocketContext};
use tokio_tungstenite::tungstenite::{Error, Message};

/// tungstenite zero-fills this much for each read; its default is 128 KiB.
const READ_BYTES: usize = 512;
/// For what it has to say itself: a pong, a close.
const WRITE_BYTES: usize = 4096;
/// The longest header of a frame (RFC 6455 §5.2).
const HEADER_BYTES: usize = 14;

/// A reader with what it has begun.
pub struct Codec {
    context: WebSocketContext,
    seam: Seam,
    /// It has something to say that the socket has not taken.
    owes: bool,
    /// What it read last made no sense to it: it reads no more.
    failed: bool,
}

impl Codec {
    /// Begins with bytes that were read already, at the beginning of a frame.
    pub fn new(message_bytes: usize, first: &[u8]) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BYTES)
            .write_buffer_size(0)
            .max_write_buffer_size(WRITE_BYTES)
            .max_message_size(Some(message_bytes))
            .max_frame_size(Some(message_bytes));
        let context = WebSocketContext::from_partially_read(first.to_vec(), Role::Server, Some(config));
        let mut seam = Seam::default();
        seam.follow(first);
        Self { context, seam, owes: false, failed: false }
    }

    /// The next message; what it answers by itself (a pong, a close) is written as far as the socket takes it.
    pub fn poll_message(&mut self, wire: &mut Wire, cx: &mut Context<'_>) -> Poll<Result<Message, Error>> {
        let Self { context, seam, owes, .. } = self;
        let mut pipe = Pipe { wire, cx, seam, owes };
        match context.read(&mut pipe) {
            Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
            done => {
                self.failed |= done.is_err();
                Poll::Ready(done)
            }
        }
    }

    /// Writes what it has to say.
    pub fn poll_flush(&mut self, wire: &mut Wire, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let Self { context, seam, owes, .. } = self;
        match context.flush(&mut Pipe { wire, cx, seam, owes }) {
            Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
            done => {
                self.owes = false;
                Poll::Ready(done)
            }
        }
    }

    /// Says why it ends.
    pub fn poll_close(&mut self, wire: &mut Wire, cx: &mut Context<'_>, why: &CloseFrame) -> Poll<Result<(), Error>> {
        let Self { context, seam, owes, .. } = self;
        match context.close(&mut Pipe { wire, cx, seam, owes }, Some(why.clone())) {
            Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
            done => Poll::Ready(done),
        }
    }

    /// Something of its own waits for the socket: nothing else may be written before it.
    pub fn owes(&self) -> bool {
        self.owes
    }

    /// It has met something that it does not read beyond.
    pub fn has_failed(&self) -> bool {
        self.failed
    }

    /// It has read whole messages only, and has nothing to say: a new one would know as much.
    pub fn is_idle(&self) -> bool {
        self.seam.is_between() && !self.owes
    }
}

/// The wire as tungstenite sees it.
struct Pipe<'a, 'b> {
    wire: &'a mut Wire,
    cx: &'a mut Context<'b>,
    seam: &'a mut Seam,
    owes: &'a mut bool,
}

impl Read for Pipe<'_, '_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut buffer = ReadBuf::new(into);
        match self.wire.poll_read(self.cx, &mut buffer) {
            Poll::Ready(read) => {
                read?;
                self.seam.follow(buffer.filled());
                Ok(buffer.filled().len())
            }
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
        }
    }
}

impl Write for Pipe<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.wire.poll_write(self.cx, &[IoSlice::new(bytes)]) {
            Poll::Ready(written) => written,
            Poll::Pending => {
                *self.owes = true;
                Err(io::ErrorKind::WouldBlock.into())
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.wire.poll_flush(self.cx) {
            Poll::Ready(done) => done,
            Poll::Pending => {
                *self.owes = true;
                Err(io::ErrorKind::WouldBlock.into())
            }
        }
    }
}

/// Where the bytes stand that were read: between two messages, or within one.
#[derive(Default)]
struct Seam {
    header: [u8; HEADER_BYTES],
    header_len: usize,
    /// Of the frame's payload, still to come.
    payload: u64,
    /// A message's first frames came, and its last has not.
    in_parts: bool,
    /// What came is no frame: tungstenite says so, and nothing after it means anything.
    broken: bool,
}

impl Seam {
    fn follow(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() && !self.broken {
            if self.payload > 0 {
                let within = usize::try_from(self.payload).unwrap_or(usize::MAX).min(bytes.len());
                self.payload -= within as u64;
                bytes = bytes.get(within..).unwrap_or_default();
                continue;
            }
            let (first, rest) = bytes.split_at(1);
            bytes = rest;
            self.take(first);
        }
    }

    /// One more byte of a header.
    fn take(&mut self, byte: &[u8]) {
        match self.header.get_mut(self.header_len..=self.header_len) {
            Some(place) => place.copy_from_slice(byte),
            None => self.broken = true,
        }
        self.header_len += 1;
        let held = self.header.get(..self.header_len).unwrap_or_default();
        match FrameHeader::parse(&mut Cursor::new(held)) {
            Ok(None) => {}
            Ok(Some((header, payload))) => {
                self.header_len = 0;
                self.payload = payload;
                if let OpCode::Data(_) = header.opcode {
                    self.in_parts = !header.is_final;
                }
            }
            Err(_) => self.broken = true,
        }
    }

    fn is_between(&self) -> bool {
        self.header_len == 0 && self.payload == 0 && !self.in_parts && !self.broken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A masked frame; the mask's bytes are as good as any.
    fn frame(first: u8, payload: usize) -> Vec<u8> {
        let mut bytes = vec![first];
        match u16::try_from(payload) {
            Ok(small @ 0..=125) => bytes.push(0x80 | small.to_be_bytes()[1]),
            Ok(medium) => {
                bytes.push(0xfe);
                bytes.extend(medium.to_be_bytes());
            }
            Err(_) => {
                bytes.push(0xff);
                bytes.extend((payload as u64).to_be_bytes());
            }
        }
        bytes.extend([0, 0xff, 0x81, 7]);
        bytes.extend(std::iter::repeat_n(0x81, payload));
        bytes
    }

    #[test]
    fn between_messages_is_known_however_the_bytes_are_cut() {
        let (text, part, next, last, ping) = (0x81, 0x01, 0x00, 0x80, 0x89);
        for size in [0, 1, 125, 126, 300, 70_000] {
            let whole = frame(text, size);
            let parts = [frame(part, size), frame(ping, 5), frame(next, 0), frame(last, size)].concat();
            for (bytes, cuts) in [(whole, 1), (parts, 7)] {
                let mut seam = Seam::default();
                for piece in bytes[..bytes.len() - 1].chunks(cuts) {
                    seam.follow(piece);
                    assert!(!seam.is_between(), "{size} bytes in pieces of {cuts}");
                }
                seam.follow(&bytes[bytes.len() - 1..]);
                assert!(seam.is_between(), "{size} bytes in pieces of {cuts}");
            }
        }
    }

    #[test]
    fn what_is_no_frame_is_never_between() {
        let mut seam = Seam::default();
        seam.follow(&frame(0x83, 3));
        seam.follow(&frame(0x81, 3));
        assert!(!seam.is_between());
    }
}
