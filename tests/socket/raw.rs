//! A client made of bare TCP: it reads when the test says so, and sends what no browser would.

use crate::harness::SOON;
use crate::harness::people::Person;
use comanda::protocol::close::Close;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

pub const TEXT: u8 = 0x81;
pub const BINARY: u8 = 0x82;
pub const CLOSE: u8 = 0x88;
pub const PING: u8 = 0x89;
pub const PONG: u8 = 0x8a;

pub struct Raw {
    pub stream: TcpStream,
    unread: Vec<u8>,
}

impl Raw {
    /// Opens a TCP connection; a small receive buffer makes a reader that stalls soon.
    pub async fn open(base: &str, receive_buffer: Option<u32>) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        if let Some(bytes) = receive_buffer {
            socket.set_recv_buffer_size(bytes).expect("a receive buffer");
        }
        let address = base.trim_start_matches("http://").parse().expect("an address");
        Self { stream: socket.connect(address).await.expect("connect"), unread: Vec::new() }
    }

    /// Sends the request of a handshake with more headers; the answer's head.
    pub async fn request(&mut self, slug: &str, more: &str) -> String {
        let request = format!(
            "GET /ws/{slug} HTTP/1.1\r\nHost: olive.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{more}\r\n"
        );
        self.send(request.as_bytes()).await;
        self.head().await
    }

    /// Reads the head of an HTTP answer.
    pub async fn head(&mut self) -> String {
        loop {
            if let Some(end) = self.unread.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = self.unread.drain(..end + 4).collect();
                return String::from_utf8(head).expect("text");
            }
            assert!(self.read().await, "the server went away within its answer");
        }
    }

    pub async fn upgraded(base: &str, slug: &str, receive_buffer: Option<u32>) -> Self {
        let mut raw = Self::open(base, receive_buffer).await;
        let head = raw.request(slug, "").await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        raw
    }

    /// Says hello and reads `welcome`.
    pub async fn hello(person: &Person, receive_buffer: Option<u32>) -> Self {
        let mut raw = Self::upgraded(&person.base, &person.slug, receive_buffer).await;
        raw.say(&json!({ "op": "hello", "token": person.token, "protocol": 1 })).await;
        assert_eq!(raw.message().await["op"], "welcome");
        raw
    }

    pub async fn subscribed(person: &Person, topic: &str, receive_buffer: Option<u32>) -> Self {
        let mut raw = Self::hello(person, receive_buffer).await;
        raw.say(&json!({ "op": "subscribe", "topic": topic })).await;
        while {
            let message = raw.message().await;
            message["op"] != "subscribed" || message["part"] != message["parts"]
        } {}
        raw
    }

    pub async fn send(&mut self, bytes: &[u8]) {
        tokio::time::timeout(SOON, self.stream.write_all(bytes)).await.expect("it takes bytes").expect("send");
    }

    /// Sends a masked frame whose first byte is `first`.
    pub async fn frame(&mut self, first: u8, payload: &[u8]) {
        self.send(&masked(first, payload)).await;
    }

    pub async fn say(&mut self, message: &Value) {
        self.frame(TEXT, message.to_string().as_bytes()).await;
    }

    /// The next frame: its first byte and its payload; `None` once the connection ended.
    pub async fn next(&mut self) -> Option<(u8, Vec<u8>)> {
        loop {
            if let Some((first, start, end)) = framed(&self.unread) {
                let payload = self.unread[start..end].to_vec();
                self.unread.drain(..end);
                return Some((first, payload));
            }
            if !self.read().await {
                assert!(self.unread.is_empty(), "it ended within a frame, after {} bytes of it", self.unread.len());
                return None;
            }
        }
    }

    /// Reads some more; `false` at the end.
    async fn read(&mut self) -> bool {
        let mut some = [0; 16 * 1024];
        let read = tokio::time::timeout(SOON, self.stream.read(&mut some)).await.expect("nothing came in time");
        let count = read.unwrap_or(0);
        self.unread.extend_from_slice(&some[..count]);
        count > 0
    }

    /// The next text message; pings are passed over, unanswered.
    pub async fn message(&mut self) -> Value {
        loop {
            match self.next().await.expect("a frame") {
                (TEXT, text) => return serde_json::from_slice(&text).expect("JSON"),
                (PING, _) => {}
                (first, payload) => panic!("frame {first:#x}: {}", String::from_utf8_lossy(&payload)),
            }
        }
    }

    /// Reads texts until the close frame: what came before it, and how it closed.
    pub async fn closed(&mut self) -> (Vec<Value>, (u16, Value)) {
        let mut messages = Vec::new();
        loop {
            match self.next().await.unwrap_or_else(|| panic!("it ended without a close frame, after {messages:?}")) {
                (TEXT, text) => messages.push(serde_json::from_slice(&text).expect("JSON")),
                (CLOSE, payload) => return (messages, reason(&payload)),
                _ => {}
            }
        }
    }

    /// Ends the connection with a reset, without a word.
    pub fn abort(self) {
        self.stream.set_zero_linger().expect("linger");
    }
}

pub fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [0x37, 0xfa, 0x21, 0x3d];
    let mut bytes = header(first, payload.len(), 0x80);
    bytes.extend(mask);
    bytes.extend(payload.iter().enumerate().map(|(at, byte)| byte ^ mask[at % 4]));
    bytes
}

pub fn header(first: u8, length: usize, mask: u8) -> Vec<u8> {
    let mut bytes = vec![first];
    match length {
        0..=125 => bytes.push(mask | u8::try_from(length).expect("short")),
        126..=0xffff => {
            bytes.push(mask | 126);
            bytes.extend(u16::try_from(length).expect("medium").to_be_bytes());
        }
        _ => {
            bytes.push(mask | 127);
            bytes.extend((length as u64).to_be_bytes());
        }
    }
    bytes
}

/// First byte, and where the payload begins and ends, of a whole frame from the server.
fn framed(bytes: &[u8]) -> Option<(u8, usize, usize)> {
    let (first, second) = (*bytes.first()?, *bytes.get(1)?);
    assert_eq!(second & 0x80, 0, "a server does not mask");
    let (start, length) = match second {
        126 => (4, usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?))),
        127 => (10, usize::try_from(u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)).ok()?),
        short => (2, usize::from(short)),
    };
    (bytes.len() >= start + length).then_some((first, start, start + length))
}

fn reason(payload: &[u8]) -> (u16, Value) {
    assert!(payload.len() <= 125, "RFC 6455 §5.5");
    let code = u16::from_be_bytes(payload[..2].try_into().expect("a code"));
    (code, serde_json::from_slice(&payload[2..]).unwrap_or(Value::Null))
}

/// W10: a close says which it is, and when to come back, if at all.
#[track_caller]
pub fn assert_close(closed: &(u16, Value), why: Close) {
    let (code, reason) = closed;
    assert_eq!((*code, reason["code"].as_str()), (why.code(), Some(why.word())), "{reason}");
    assert!(reason["message"].as_str().is_some_and(|message| !message.is_empty()), "{reason}");
    assert!(reason.to_string().len() <= 123, "{reason}");
    match why.retry_ms() {
        Some((least, most)) => {
            let retry = reason["retry_ms"].as_u64().expect("retry_ms");
            assert!((u64::from(least)..=u64::from(most)).contains(&retry), "{reason}");
        }
        None => assert!(reason.get("retry_ms").is_none(), "{reason}"),
    }
}
