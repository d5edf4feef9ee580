//! A client's connection: made, lost, closed with a reason, and made again.

use super::{After, Follower, Phase};
use comanda::domain::ids::Cursor;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};

/// A connection must be made, and its `welcome` be there, within it.
const CONNECT: Duration = Duration::from_secs(5);

impl Follower {
    pub(super) async fn connect(&mut self) {
        match tokio::time::timeout(CONNECT, self.dial()).await {
            Ok(Ok(line)) => {
                self.line = Some(line);
                self.counts.connections += 1;
                self.heard_at = Instant::now();
                self.note(|| "connected".to_owned());
            }
            Ok(Err(NotIn::Broken(error))) => return self.later(&error.to_string()),
            Ok(Err(NotIn::Closed(code, reason))) => {
                self.was_connected_to_its_end = false;
                self.later(&format!("{code} {reason}"));
                return self.sent_away(code, reason);
            }
            Err(_) => return self.later("no welcome in time"),
        }
        let asked = match std::mem::replace(&mut self.after, After::Cursor) {
            After::Cursor => self.cursor,
            After::Nothing => None,
            After::Other(cursor) => Some(cursor),
        };
        self.ask_due = false;
        self.ask(asked).await;
        for wish in &mut self.outbox {
            self.counts.resent += u64::from(wish.sent);
            (wish.sent, wish.again_at) = (false, None);
        }
    }

    /// Connects and says hello; the `welcome` has come.
    async fn dial(&self) -> Result<WebSocketStream<TcpStream>, NotIn> {
        let base = self.home.base();
        let address: SocketAddr = base.trim_start_matches("http://").parse().expect("an address");
        let socket = TcpSocket::new_v4().map_err(Error::from)?;
        if let Some(bytes) = self.receive_bytes {
            socket.set_recv_buffer_size(bytes).map_err(Error::from)?;
        }
        let stream = socket.connect(address).await.map_err(Error::from)?;
        stream.set_nodelay(true).map_err(Error::from)?;
        let url = format!("ws://{address}/ws/{}", self.slug);
        let (mut line, _) = tokio_tungstenite::client_async(url, stream).await?;
        let hello = json!({ "op": "hello", "token": self.token, "protocol": 1 });
        line.send(Message::text(hello.to_string())).await?;
        match line.next().await {
            Some(Ok(Message::Text(text))) if text.contains("\"op\":\"welcome\"") => Ok(line),
            Some(Ok(Message::Close(frame))) => {
                let (code, reason) = reason_of(frame);
                Err(NotIn::Closed(code, reason))
            }
            Some(Err(error)) => Err(error.into()),
            Some(Ok(_)) | None => Err(Error::ConnectionClosed.into()),
        }
    }

    pub(super) async fn ask(&mut self, after: Option<Cursor>) {
        self.phase = Phase::Waiting { asked: after, parts: Vec::new() };
        let mut message = json!({ "op": "subscribe", "topic": self.topic });
        if let Some(after) = after {
            message["after"] = json!(after);
        }
        self.say(&message).await;
    }

    /// The connection is gone: it comes back after a moment, full jitter (W11).
    pub(super) fn lost(&mut self, why: &str) {
        self.line = None;
        self.counts.lost += 1;
        self.dark_since.get_or_insert_with(Instant::now);
        self.note(|| format!("lost: {why}"));
        self.home.elsewhere();
        self.retry_at = Instant::now() + self.dice.pause(5, 150);
    }

    fn later(&mut self, why: &str) {
        self.counts.refused += 1;
        self.note(|| format!("not connected: {why}"));
        self.home.elsewhere();
        self.retry_at = Instant::now() + self.dice.pause(20, 250);
    }

    /// The code says whether to come back, the reason when (W10).
    pub(super) fn sent_away(&mut self, code: u16, reason: Value) {
        match reason["retry_ms"].as_u64() {
            Some(ms) => self.retry_at = Instant::now() + Duration::from_millis(ms),
            None => self.is_over = true,
        }
        self.closes.push((code, reason));
    }
}

/// Why there is no connection.
enum NotIn {
    Broken(Error),
    Closed(u16, Value),
}

impl From<Error> for NotIn {
    fn from(error: Error) -> Self {
        Self::Broken(error)
    }
}

pub(super) fn reason_of(frame: Option<CloseFrame>) -> (u16, Value) {
    let Some(frame) = frame else { return (1005, Value::Null) };
    (frame.code.into(), serde_json::from_str(frame.reason.as_str()).unwrap_or(Value::Null))
}
