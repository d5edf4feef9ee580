//! A client that comes back: it follows one topic over any number of connections, keeps the rules of
//! docs/PROTOCOL.md (cursor, `prev`, beats, resync, close codes), sends what was not answered again with the
//! same id, and writes down whatever the server should not have said. It waits only for what a call names.

use super::board::Board;
use super::dice::Dice;
use super::truth::Stretch;
use comanda::domain::ids::{Cursor, Epoch, Seq};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, RwLock};
use std::time::Duration;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
use uuid::Uuid;

/// A connection must be made, and its `welcome` be there, within it.
const CONNECT: Duration = Duration::from_secs(5);
/// As long as a phone waits; crowds whose servers are frozen wait less.
const SILENCE: Duration = Duration::from_secs(55);
/// Lines of its own log that a client keeps for a failure.
const LINES: usize = 60;

/// Where the server is; it may move. There may be several nodes: whoever is not served by one tries the next.
#[derive(Clone, Debug)]
pub struct Home {
    bases: Arc<RwLock<Vec<String>>>,
    at: Arc<AtomicUsize>,
}

impl Home {
    pub fn new(base: &str) -> Self {
        Self::among(&[base.to_owned()])
    }

    pub fn among(bases: &[String]) -> Self {
        Self { bases: Arc::new(RwLock::new(bases.to_vec())), at: Arc::default() }
    }

    /// The same nodes as somebody else sees them, who begins with the `n`th.
    pub fn of(&self, n: usize) -> Self {
        Self { bases: Arc::clone(&self.bases), at: Arc::new(AtomicUsize::new(n)) }
    }

    pub fn base(&self) -> String {
        let bases = self.bases.read().expect("a lock");
        bases[self.at.load(Ordering::Relaxed) % bases.len()].clone()
    }

    pub fn index(&self) -> usize {
        self.at.load(Ordering::Relaxed)
    }

    /// This node does not serve: the next one may.
    pub fn elsewhere(&self) {
        self.at.fetch_add(1, Ordering::Relaxed);
    }

    pub fn moved_to(&self, base: &str) {
        *self.bases.write().expect("a lock") = vec![base.to_owned()];
    }
}

/// What a new connection asks with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// Where it stands.
    Cursor,
    /// As if it knew nothing.
    Nothing,
    /// Another cursor than its own.
    Other(Cursor),
}

/// What happened to it, counted.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    pub connections: u64,
    /// Connections that ended, for whatever reason.
    pub lost: u64,
    /// Attempts that did not come to a `welcome`.
    pub refused: u64,
    /// Subscriptions answered without a snapshot …
    pub replays: u64,
    /// … and with one.
    pub snapshots: u64,
    pub resyncs: u64,
    pub events: u64,
    pub beats: u64,
    /// Commands sent again before they were answered.
    pub resent: u64,
    /// Answers to a command that was answered before.
    pub repeated: u64,
    pub not_tried: u64,
    /// Refusals by their code.
    pub refused_as: BTreeMap<String, u64>,
}

impl Counts {
    pub fn add(&mut self, more: &Self) {
        self.connections += more.connections;
        self.lost += more.lost;
        self.refused += more.refused;
        self.replays += more.replays;
        self.snapshots += more.snapshots;
        self.resyncs += more.resyncs;
        self.events += more.events;
        self.beats += more.beats;
        self.resent += more.resent;
        self.repeated += more.repeated;
        self.not_tried += more.not_tried;
        for (code, count) in &more.refused_as {
            *self.refused_as.entry(code.clone()).or_default() += count;
        }
    }
}

/// A command on its way.
#[derive(Clone, Debug)]
pub struct Wish {
    pub id: Uuid,
    message: Value,
    sent: bool,
    again_at: Option<Instant>,
}

enum Phase {
    /// An answer to `subscribe` is due.
    Waiting {
        asked: Option<Cursor>,
        parts: Vec<Value>,
    },
    Following,
}

pub struct Follower {
    pub name: String,
    home: Home,
    token: String,
    slug: String,
    pub topic: &'static str,
    /// It gives a connection up on which nothing comes for so long (W11).
    pub silence: Duration,
    heard_at: Instant,
    /// Bytes that the system takes for it at most, if it is to be slow.
    pub receive_bytes: Option<u32>,
    dice: Dice,
    line: Option<WebSocketStream<TcpStream>>,
    phase: Phase,
    /// It has to ask for a snapshot.
    ask_due: bool,
    retry_at: Instant,
    /// How the next connection asks.
    pub after: After,
    pub cursor: Option<Cursor>,
    pub board: Board,
    finished: Vec<Stretch>,
    began: Option<Stretch>,
    outbox: VecDeque<Wish>,
    /// Commands that were answered `ok`, with their seq.
    pub acknowledged: BTreeMap<Uuid, Seq>,
    /// Every message that was answered, to be sent again.
    pub answered: Vec<(Uuid, Value)>,
    /// Ids that were used for another command on purpose.
    pub reused: HashSet<Uuid>,
    /// The server said that it need not come back.
    pub is_over: bool,
    /// … on a connection that followed its topic.
    pub was_connected_to_its_end: bool,
    pub closes: Vec<(u16, Value)>,
    pub counts: Counts,
    /// How long it was without a picture that is kept up to date, each time.
    pub dark: Vec<Duration>,
    dark_since: Option<Instant>,
    /// When it heard that an order was placed, by the order's id.
    pub arrived: HashMap<Uuid, Instant>,
    /// When it heard first that nobody has seen an order, by the order's id.
    pub alarmed: HashMap<Uuid, Instant>,
    /// What the server should not have said.
    pub wrong: Vec<String>,
    lines: VecDeque<String>,
    started: Instant,
}

impl Follower {
    pub fn new(name: String, home: &Home, token: &str, slug: &str, topic: &'static str, dice: Dice) -> Self {
        Self {
            name,
            home: home.clone(),
            token: token.to_owned(),
            slug: slug.to_owned(),
            topic,
            silence: SILENCE,
            heard_at: Instant::now(),
            receive_bytes: None,
            dice,
            line: None,
            phase: Phase::Following,
            ask_due: false,
            retry_at: Instant::now(),
            after: After::Cursor,
            cursor: None,
            board: Board::default(),
            finished: Vec::new(),
            began: None,
            outbox: VecDeque::new(),
            acknowledged: BTreeMap::new(),
            answered: Vec::new(),
            reused: HashSet::new(),
            is_over: false,
            was_connected_to_its_end: false,
            closes: Vec::new(),
            counts: Counts::default(),
            dark: Vec::new(),
            dark_since: None,
            arrived: HashMap::new(),
            alarmed: HashMap::new(),
            wrong: Vec::new(),
            lines: VecDeque::new(),
            started: Instant::now(),
        }
    }

    /// Follows until the time is over: connects if it has to, sends what is due, takes what comes.
    pub async fn follow(&mut self, until: Instant) {
        loop {
            self.tend().await;
            let Some(line) = &mut self.line else {
                if Instant::now() >= until {
                    return;
                }
                tokio::time::sleep_until(if self.is_over { until } else { self.retry_at.min(until) }).await;
                continue;
            };
            let silent_at = self.heard_at + self.silence;
            let wait = self.outbox.iter().filter_map(|wish| wish.again_at).fold(until.min(silent_at), Instant::min);
            // Reading may be given up at any time and loses nothing; what follows from it is never given up.
            match tokio::time::timeout_at(wait, line.next()).await {
                Ok(message) => self.hear(message).await,
                Err(_) if Instant::now() >= silent_at => self.lost("nothing came for too long"),
                Err(_) if Instant::now() >= until => return,
                Err(_) => {}
            }
        }
    }

    /// Follows until something holds; says whether it came to that in time.
    pub async fn follow_until(&mut self, deadline: Duration, holds: impl Fn(&Self) -> bool) -> bool {
        let deadline = Instant::now() + deadline;
        while !holds(self) {
            if Instant::now() >= deadline {
                return false;
            }
            self.follow(Instant::now() + Duration::from_millis(20)).await;
        }
        true
    }

    pub fn is_connected(&self) -> bool {
        self.line.is_some()
    }

    /// It has a picture and no question is open.
    pub fn is_following(&self) -> bool {
        self.line.is_some() && self.cursor.is_some() && matches!(self.phase, Phase::Following) && !self.ask_due
    }

    pub fn is_settled(&self) -> bool {
        self.outbox.is_empty()
    }

    pub fn outbox_len(&self) -> usize {
        self.outbox.len()
    }

    /// Ends the connection without a word, as a lost network does.
    pub fn cut(&mut self) {
        if self.line.is_some() {
            self.lost("cut");
        }
    }

    /// Wishes something, with an id that stays until it is answered.
    pub async fn wish(&mut self, id: Uuid, name: &str, args: Value, base_version: Option<i64>) {
        let mut message = json!({ "op": "command", "id": id, "name": name, "args": args });
        if let Some(version) = base_version {
            message["base_version"] = json!(version);
        }
        self.note(|| format!("> {message}"));
        self.outbox.push_back(Wish { id, message, sent: false, again_at: None });
        self.tend().await;
    }

    /// Sends any message now, if it is connected.
    pub async fn say(&mut self, message: &Value) {
        self.note(|| format!("> {message}"));
        if let Some(line) = &mut self.line
            && line.send(Message::text(message.to_string())).await.is_err()
        {
            self.lost("a message could not be sent");
        }
    }

    /// All stretches so far, the present one last.
    pub fn stretches(&self) -> Vec<Stretch> {
        let present = self.present();
        self.finished.iter().cloned().chain(present).collect()
    }

    fn present(&self) -> Option<Stretch> {
        let (began, cursor) = (self.began.clone()?, self.cursor?);
        Some(Stretch { upto: cursor.seq, board: self.board.clone(), ..began })
    }

    /// Its last lines, for a failure.
    pub fn log(&self) -> String {
        let lines: Vec<&str> = self.lines.iter().map(String::as_str).collect();
        format!("--- {}\n{}\n", self.name, lines.join("\n"))
    }

    fn note(&mut self, line: impl FnOnce() -> String) {
        if self.lines.len() >= LINES {
            self.lines.pop_front();
        }
        let at = self.started.elapsed().as_millis();
        let line: String = line().chars().take(300).collect();
        self.lines.push_back(format!("{at:>6} ms {line}"));
    }

    fn complain(&mut self, what: String) {
        self.note(|| format!("! {what}"));
        self.wrong.push(format!("{}: {what}", self.name));
    }

    /// Does what is due before it can listen: connect, ask, send.
    async fn tend(&mut self) {
        if self.line.is_none() && !self.is_over && Instant::now() >= self.retry_at {
            self.connect().await;
        }
        if self.ask_due && self.line.is_some() {
            self.ask_due = false;
            self.ask(None).await;
        }
        let now = Instant::now();
        for at in 0..self.outbox.len() {
            let Some(line) = &mut self.line else { return };
            let Some(wish) = self.outbox.get_mut(at) else { return };
            if !wish.sent || wish.again_at.is_some_and(|at| at <= now) {
                wish.sent = true;
                wish.again_at = None;
                if line.send(Message::text(wish.message.to_string())).await.is_err() {
                    self.lost("a command could not be sent");
                }
            }
        }
    }

    async fn connect(&mut self) {
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

    async fn ask(&mut self, after: Option<Cursor>) {
        self.phase = Phase::Waiting { asked: after, parts: Vec::new() };
        let mut message = json!({ "op": "subscribe", "topic": self.topic });
        if let Some(after) = after {
            message["after"] = json!(after);
        }
        self.say(&message).await;
    }

    /// The connection is gone: it comes back after a moment, full jitter (W11).
    fn lost(&mut self, why: &str) {
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

    async fn hear(&mut self, message: Option<Result<Message, Error>>) {
        self.heard_at = Instant::now();
        match message {
            Some(Ok(Message::Text(text))) => {
                if !text.starts_with("{\"op\":\"beat\"") {
                    self.note(|| format!("< {}", text.as_str()));
                }
                let message = serde_json::from_str(text.as_str()).expect("the server speaks JSON");
                self.take(message);
            }
            Some(Ok(Message::Close(frame))) => {
                if let Some(line) = &mut self.line {
                    // Sends the answer; whether it arrives is the server's worry.
                    drop(tokio::time::timeout(Duration::from_millis(100), line.close(None)).await);
                }
                let (code, reason) = reason_of(frame);
                self.was_connected_to_its_end = self.is_following();
                self.lost(&format!("{code} {reason}"));
                self.sent_away(code, reason);
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => self.lost(&error.to_string()),
            None => self.lost("the stream ended"),
        }
    }

    /// The code says whether to come back, the reason when (W10).
    fn sent_away(&mut self, code: u16, reason: Value) {
        match reason["retry_ms"].as_u64() {
            Some(ms) => self.retry_at = Instant::now() + Duration::from_millis(ms),
            None => self.is_over = true,
        }
        self.closes.push((code, reason));
    }

    fn take(&mut self, message: Value) {
        match message["op"].as_str().unwrap_or_default() {
            "subscribed" => self.on_subscribed(message),
            "event" => self.on_event(&message),
            "beat" => self.on_beat(&message),
            "resync" => {
                self.counts.resyncs += 1;
                self.ask_due = true;
            }
            "ok" | "refused" | "not_tried" => self.on_answer(&message),
            "error" => self.complain(format!("an error: {message}")),
            other => self.complain(format!("`{other}` has no place here: {message}")),
        }
    }

    fn on_subscribed(&mut self, mut message: Value) {
        let at = cursor_of(&message);
        let Phase::Waiting { asked, parts } = &mut self.phase else {
            return self.complain("`subscribed` came unasked".to_owned());
        };
        if message["snapshot"].is_null() {
            let asked = *asked;
            self.phase = Phase::Following;
            self.light();
            self.counts.replays += 1;
            return if asked == Some(at) {
                self.go_back_to(at)
            } else {
                self.complain(format!("{asked:?} got {at:?}"))
            };
        }
        let (part, count) = (message["part"].as_u64(), message["parts"].as_u64());
        parts.push(message["snapshot"].take());
        let held = u64::try_from(parts.len()).ok();
        if part != held {
            return self.complain(format!("part {part:?} came as number {held:?}"));
        }
        if part == count {
            let board = Board::from_parts(parts);
            self.phase = Phase::Following;
            self.light();
            self.begin(at, board);
        }
    }

    /// It has a picture again that is kept up to date.
    fn light(&mut self) {
        let span = self.dark_since.take().map(|since| since.elapsed());
        self.dark.extend(span);
    }

    fn begin(&mut self, at: Cursor, board: Board) {
        self.counts.snapshots += 1;
        let finished = self.present();
        self.finished.extend(finished);
        let (epoch, from) = (at.epoch, at.seq);
        self.began = Some(Stretch {
            epoch,
            from,
            began: from,
            snapshot: board.clone(),
            heard: Vec::new(),
            upto: from,
            board: Board::default(),
        });
        self.board = board;
        self.cursor = Some(at);
    }

    /// It asked with an older cursor than its own and will hear again what it heard.
    fn go_back_to(&mut self, at: Cursor) {
        self.cursor = Some(at);
        if let Some(stretch) = &mut self.began {
            stretch.from = stretch.from.min(at.seq);
            stretch.heard.retain(|seq| *seq <= at.seq);
        }
    }

    fn on_event(&mut self, message: &Value) {
        // While an answer is due, live events are its business: all after the cursor follow it.
        if matches!(self.phase, Phase::Waiting { .. }) || self.ask_due {
            return;
        }
        let (Some(seq), Some(prev)) = (message["seq"].as_i64(), message["prev"].as_i64()) else {
            return self.complain(format!("an event without a place: {message}"));
        };
        let Some(cursor) = &mut self.cursor else { return self.complain("an event before any picture".to_owned()) };
        let held = cursor.seq;
        cursor.seq = cursor.seq.max(seq);
        if seq <= held {
            return self.complain(format!("event {seq} came when {held} was held"));
        }
        if prev > held {
            self.complain(format!("a hole: event {seq} is after {prev}, and {held} was held"));
        }
        self.counts.events += 1;
        if message["kind"] == "order.placed"
            && let Some(id) = message["order"]["id"].as_str().and_then(|id| id.parse().ok())
        {
            self.arrived.insert(id, Instant::now());
        }
        if let Some(id) = message["unseen"]["order"].as_str().and_then(|id| id.parse().ok()) {
            self.alarmed.entry(id).or_insert_with(Instant::now);
        }
        if let Some(stretch) = &mut self.began {
            stretch.heard.push(seq);
        }
        self.board.take(message);
    }

    fn on_beat(&mut self, message: &Value) {
        self.counts.beats += 1;
        let head = &message["topics"][self.topic];
        if head.is_null() || matches!(self.phase, Phase::Waiting { .. }) || self.ask_due {
            return;
        }
        let (upto, last) = (cursor_of(&head["upto"]), head["last"].as_i64().unwrap_or_default());
        let Some(cursor) = self.cursor else { return self.complain("a beat before any picture".to_owned()) };
        if upto.epoch != cursor.epoch {
            self.complain(format!("a beat of another epoch: {message}"));
        } else if last > cursor.seq {
            // W6: a beat is sent only when nothing older waits.
            self.complain(format!("a beat says {last} when {} was held", cursor.seq));
        } else if upto.seq > cursor.seq {
            self.cursor = Some(upto);
        }
    }

    fn on_answer(&mut self, message: &Value) {
        let Some(id) = message["id"].as_str().and_then(|id| id.parse::<Uuid>().ok()) else {
            return self.complain(format!("an answer to nothing: {message}"));
        };
        if message["op"] == "not_tried" {
            self.counts.not_tried += 1;
            let wait = Duration::from_millis(message["retry_ms"].as_u64().unwrap_or(1000));
            if let Some(wish) = self.outbox.iter_mut().find(|wish| wish.id == id) {
                wish.again_at = Some(Instant::now() + wait);
            }
            return;
        }
        let code = message["code"].as_str();
        if let Some(code) = code {
            *self.counts.refused_as.entry(code.to_owned()).or_default() += 1;
        }
        if code == Some("id_reused") && self.reused.contains(&id) {
            return;
        }
        let waiting = self.outbox.iter().position(|wish| wish.id == id);
        match waiting.and_then(|at| self.outbox.remove(at)) {
            Some(wish) => self.answered.push((id, wish.message)),
            None => self.counts.repeated += 1,
        }
        match (message["seq"].as_i64(), self.acknowledged.get(&id).copied()) {
            (Some(seq), None) => drop(self.acknowledged.insert(id, seq)),
            (Some(seq), Some(before)) if seq == before => {}
            (now, Some(before)) => self.complain(format!("{id} was `ok` at {before}, then {now:?}: {message}")),
            // Refusals are not kept: sent again, it may be taken.
            (None, None) => {}
        }
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

fn reason_of(frame: Option<CloseFrame>) -> (u16, Value) {
    let Some(frame) = frame else { return (1005, Value::Null) };
    (frame.code.into(), serde_json::from_str(frame.reason.as_str()).unwrap_or(Value::Null))
}

fn cursor_of(value: &Value) -> Cursor {
    let epoch = value["epoch"].as_str().and_then(|epoch| epoch.parse().ok()).expect("an epoch");
    Cursor { epoch: Epoch(epoch), seq: value["seq"].as_i64().expect("a seq") }
}
