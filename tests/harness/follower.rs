//! A client that comes back: it follows one topic over any number of connections, keeps the rules of
//! docs/PROTOCOL.md (cursor, `prev`, beats, resync, close codes), sends what was not answered again with the
//! same id, and writes down whatever the server should not have said. It waits only for what a call names.

mod counts;
mod hearing;
mod home;
mod line;

use super::board::Board;
use super::dice::Dice;
use super::truth::Stretch;
use comanda::domain::ids::{Cursor, Seq};
pub use counts::Counts;
use futures_util::{SinkExt, StreamExt};
pub use home::Home;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

/// As long as a phone waits; crowds whose servers are frozen wait less.
const SILENCE: Duration = Duration::from_secs(55);
/// Lines of its own log that a client keeps for a failure.
const LINES: usize = 60;
const LINE_CHARS: usize = 300;

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
        let line: String = line().chars().take(LINE_CHARS).collect();
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
}
