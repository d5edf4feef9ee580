//! A kitchen's screen: notes when each order's event arrives, and says what it has drawn as screens do, so that no alarm
//! is raised. Counts what the protocol rules out: holes, and numbers that come twice.

use anyhow::{Context, Result, bail};
use comanda::domain::ids::{Cursor, Epoch, Seq, StationId};
use comanda::protocol::client::{ClientMessage, TopicName};
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use uuid::Uuid;

/// As real screens do (W7).
const SHOWN_EVERY: Duration = Duration::from_millis(500);
const PATIENCE: Duration = Duration::from_secs(10);

/// What a screen noted.
pub struct Heard {
    cursor: Cursor,
    /// By the command that placed the order.
    pub placed: Vec<(Uuid, Instant)>,
    /// Orders in snapshots.
    pub snapshots: Vec<Uuid>,
    pub holes: usize,
    pub repeated: usize,
    pub resyncs: usize,
}

pub struct Screen {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    stations: Vec<StationId>,
    heard: Heard,
    /// What the server was told, once it was told something.
    drawn: Option<Seq>,
    /// Of all screens.
    shown: Arc<AtomicUsize>,
}

/// The words that matter here, out of any message.
#[derive(Deserialize)]
struct Word {
    op: String,
    #[serde(default)]
    seq: Seq,
    #[serde(default)]
    prev: Seq,
    kind: Option<String>,
    command: Option<Uuid>,
    epoch: Option<Epoch>,
    snapshot: Option<Value>,
    part: Option<u32>,
    parts: Option<u32>,
}

impl Screen {
    /// Connects, and waits until it has the kitchen.
    ///
    /// # Errors
    /// The server does not let it, or does not answer.
    pub async fn open(
        server: SocketAddr,
        slug: &str,
        token: &str,
        stations: Vec<StationId>,
        shown: Arc<AtomicUsize>,
    ) -> Result<Self> {
        let (socket, _) = tokio_tungstenite::connect_async(format!("ws://{server}/ws/{slug}")).await?;
        let mut screen = Self { socket, stations, heard: Heard::nothing(), drawn: None, shown };
        screen.say(&ClientMessage::Hello { token: token.to_owned(), protocol: 1 }).await?;
        screen.say(&ClientMessage::Subscribe { topic: TopicName::Kitchen, after: None }).await?;
        while screen.heard.cursor.epoch.0.is_nil() {
            let message = tokio::time::timeout(PATIENCE, screen.socket.next()).await.context("no snapshot came")?;
            screen.hear(message).await?;
        }
        screen.tell_drawn().await?;
        Ok(screen)
    }

    /// Listens until it is told to stop.
    ///
    /// # Errors
    /// The server closed the socket.
    pub async fn watch(mut self, mut closing: watch::Receiver<bool>) -> Result<Heard> {
        let mut tick = tokio::time::interval(SHOWN_EVERY);
        loop {
            tokio::select! {
                message = self.socket.next() => self.hear(message).await?,
                _ = tick.tick() => self.tell_drawn().await?,
                _ = closing.changed() => break,
            }
        }
        Ok(self.heard)
    }

    async fn hear(&mut self, message: Option<Result<Message, tokio_tungstenite::tungstenite::Error>>) -> Result<()> {
        let at = Instant::now();
        match message.context("the server closed a screen's socket")?? {
            Message::Text(text) => self.word(serde_json::from_str(&text)?, at).await,
            Message::Close(frame) => bail!("the server closed a screen's socket: {frame:?}"),
            Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => Ok(()),
        }
    }

    async fn word(&mut self, word: Word, at: Instant) -> Result<()> {
        match word.op.as_str() {
            "event" => {
                self.shown.fetch_add(usize::from(self.heard.event(&word, at)), Ordering::Relaxed);
            }
            "subscribed" => self.heard.subscribed(&word),
            "resync" => {
                self.heard.resyncs += 1;
                self.say(&ClientMessage::Subscribe { topic: TopicName::Kitchen, after: Some(self.heard.cursor) })
                    .await?;
            }
            "error" | "refused" => bail!("the server told a screen `{}`", word.op),
            _ => {}
        }
        Ok(())
    }

    async fn tell_drawn(&mut self) -> Result<()> {
        // The first time it says which stations it shows, even if there is nothing yet.
        if self.drawn != Some(self.heard.cursor.seq) {
            self.drawn = Some(self.heard.cursor.seq);
            let (topic, stations) = (TopicName::Kitchen, self.stations.clone());
            self.say(&ClientMessage::Shown { topic, seq: self.heard.cursor.seq, stations, kind: None }).await?;
        }
        Ok(())
    }

    async fn say(&mut self, message: &ClientMessage) -> Result<()> {
        Ok(self.socket.send(Message::text(serde_json::to_string(message)?)).await?)
    }
}

impl Heard {
    fn nothing() -> Self {
        let cursor = Cursor { epoch: Epoch(Uuid::nil()), seq: 0 };
        Self { cursor, placed: Vec::new(), snapshots: Vec::new(), holes: 0, repeated: 0, resyncs: 0 }
    }

    /// Says whether it was an order.
    fn event(&mut self, word: &Word, at: Instant) -> bool {
        self.repeated += usize::from(word.seq <= self.cursor.seq);
        self.holes += usize::from(word.prev > self.cursor.seq);
        self.cursor.seq = self.cursor.seq.max(word.seq);
        let order = word.command.filter(|_| word.kind.as_deref() == Some("order.placed"));
        self.placed.extend(order.map(|command| (command, at)));
        order.is_some()
    }

    fn subscribed(&mut self, word: &Word) {
        if let Some(orders) = word.snapshot.as_ref().and_then(|snapshot| snapshot["orders"].as_array()) {
            let ids = orders.iter().filter_map(|order| order["id"].as_str()?.parse::<Uuid>().ok());
            self.snapshots.extend(ids);
        }
        if let (Some(epoch), true) = (word.epoch, word.part == word.parts) {
            self.cursor = Cursor { epoch, seq: word.seq };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn hear(heard: &mut Heard, seq: Seq, prev: Seq, kind: &str) -> bool {
        let word = json!({ "op": "event", "seq": seq, "prev": prev, "kind": kind, "command": Uuid::new_v4() });
        heard.event(&serde_json::from_value(word).unwrap(), Instant::now())
    }

    #[test]
    fn holes_and_repetitions_are_noticed_and_other_topics_numbers_are_not_missed() {
        let mut heard = Heard::nothing();
        assert!(hear(&mut heard, 1, 0, "order.placed"));
        assert!(!hear(&mut heard, 4, 1, "line.started"));
        assert_eq!((heard.holes, heard.repeated, heard.placed.len()), (0, 0, 1));
        hear(&mut heard, 7, 6, "order.placed");
        assert_eq!((heard.holes, heard.repeated), (1, 0));
        hear(&mut heard, 7, 6, "order.placed");
        assert_eq!((heard.holes, heard.repeated, heard.placed.len()), (1, 1, 3));
    }
}
