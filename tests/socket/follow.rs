//! A client that believes nothing: it folds what one topic is sent, and fails on whatever the rules exclude:
//! an event twice or out of order, a hole that is none, a beat that overtakes news or turns the cursor back.

use crate::harness::SOON;
use crate::harness::people::Person;
use crate::harness::socket::Socket;
use serde_json::{Value, json};

/// One topic of one connection.
#[derive(Clone)]
pub struct Follow {
    pub topic: String,
    pub epoch: String,
    pub cursor: i64,
    /// Events since the last beginning, by number.
    pub seqs: Vec<i64>,
    /// Where the last beginning was.
    pub began_at: i64,
    pub snapshots: usize,
    pub replays: usize,
    pub resyncs: usize,
    pub beats: usize,
    /// The parts of the last snapshot.
    pub parts: Vec<Value>,
    /// After a `resync`, and until an answer, no event may come.
    waits: bool,
}

impl Follow {
    pub fn new(topic: &str) -> Self {
        Self {
            topic: topic.to_owned(),
            epoch: String::new(),
            cursor: -1,
            seqs: Vec::new(),
            began_at: -1,
            snapshots: 0,
            replays: 0,
            resyncs: 0,
            beats: 0,
            parts: Vec::new(),
            waits: true,
        }
    }

    pub fn after(&self) -> Value {
        json!({ "epoch": self.epoch, "seq": self.cursor })
    }

    /// Takes a message; those of other topics and answers to commands are not its business.
    pub fn take(&mut self, message: &Value) {
        let mine = message["topic"] == self.topic.as_str();
        match message["op"].as_str().expect("an op") {
            "event" if mine => self.event(message),
            "subscribed" if mine => self.subscribed(message),
            "resync" if mine => {
                self.resyncs += 1;
                self.waits = true;
            }
            "beat" if message["topics"].get(&self.topic).is_some() => self.beat(&message["topics"][&self.topic]),
            _ => {}
        }
    }

    fn event(&mut self, message: &Value) {
        let (seq, prev) = (int(&message["seq"]), int(&message["prev"]));
        assert!(!self.waits, "an event before the topic had begun: {message}");
        assert!(seq > self.cursor, "event {seq} at cursor {} came twice or late: {self:?}", self.cursor);
        assert!(prev <= self.cursor, "event {seq} says that {prev} is missing at cursor {}: {self:?}", self.cursor);
        assert!(prev < seq, "{message}");
        self.cursor = seq;
        self.seqs.push(seq);
    }

    fn subscribed(&mut self, message: &Value) {
        let seq = int(&message["seq"]);
        assert!(int(&message["head"]) >= seq, "{message}");
        if message["snapshot"].is_null() {
            assert_eq!(message["epoch"], self.epoch.as_str(), "a replay continues what the client has");
            self.replays += 1;
        } else {
            if message["part"] == 1 {
                self.parts.clear();
            }
            self.parts.push(message.clone());
            assert_eq!(message["part"], self.parts.len(), "parts come in order");
            if message["part"] != message["parts"] {
                return;
            }
            self.snapshots += 1;
        }
        self.epoch = message["epoch"].as_str().expect("an epoch").to_owned();
        self.cursor = seq;
        self.began_at = seq;
        self.seqs.clear();
        self.waits = false;
    }

    fn beat(&mut self, head: &Value) {
        assert!(!self.waits, "a beat for a topic that has not begun");
        let upto = int(&head["upto"]["seq"]);
        assert_eq!(head["upto"]["epoch"], self.epoch.as_str());
        assert!(int(&head["last"]) <= self.cursor, "a beat overtook news: {head} at cursor {}", self.cursor);
        assert!(upto >= self.cursor, "a beat turns the cursor back: {head} at cursor {}", self.cursor);
        self.cursor = upto;
        self.beats += 1;
    }
}

impl std::fmt::Debug for Follow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { topic, epoch, cursor, began_at, seqs, snapshots, replays, resyncs, beats, waits, .. } = self;
        write!(f, "{topic} at {cursor} in {epoch} since {began_at}: {seqs:?}; {snapshots} snapshots, ")?;
        write!(f, "{replays} replays, {resyncs} resyncs, {beats} beats, waits: {waits}")
    }
}

/// A socket and the topics that are followed on it.
pub struct Follower {
    pub socket: Socket,
    pub follows: Vec<Follow>,
}

impl Follower {
    pub async fn new(person: &Person, topics: &[&str]) -> Self {
        let socket = Socket::hello(person).await;
        let mut follower = Self { socket, follows: Vec::new() };
        for topic in topics {
            follower.follows.push(Follow::new(topic));
            follower.subscribe(topic, None).await;
        }
        follower
    }

    pub fn topic(&self, topic: &str) -> &Follow {
        self.follows.iter().find(|follow| follow.topic == topic).expect("a followed topic")
    }

    /// The first topic.
    pub fn first(&self) -> &Follow {
        &self.follows[0]
    }

    pub async fn subscribe(&mut self, topic: &str, after: Option<Value>) {
        let follow = self.follows.iter_mut().find(|follow| follow.topic == topic).expect("a followed topic");
        let answers = |follow: &Follow| follow.snapshots + follow.replays;
        let before = answers(follow);
        let mut message = json!({ "op": "subscribe", "topic": topic });
        if let Some(after) = after {
            message["after"] = after;
        }
        self.socket.send(&message).await;
        self.until(|follower, _| answers(follower.topic(topic)) > before).await;
    }

    /// Takes the next message; panics when none comes in time, or the socket closes.
    pub async fn step(&mut self) -> Value {
        let message = self.socket.any().await;
        let message = message.unwrap_or_else(|| panic!("the socket closed: {:?}", self.socket.closed));
        for follow in &mut self.follows {
            follow.take(&message);
        }
        message
    }

    /// Takes messages until one fits, and returns it.
    pub async fn until(&mut self, fits: impl Fn(&Self, &Value) -> bool) -> Value {
        // Beats may go on for ever without what is waited for.
        let until = tokio::time::Instant::now() + SOON;
        loop {
            let message = self.step().await;
            if fits(self, &message) {
                return message;
            }
            assert!(tokio::time::Instant::now() < until, "not in time; {:#?}", self.follows);
        }
    }

    /// Takes messages until every topic stands at `seq` or beyond.
    pub async fn reach(&mut self, seq: i64) {
        let is_there = |follower: &Self| follower.follows.iter().all(|follow| follow.cursor >= seq);
        if !is_there(self) {
            self.until(|follower, _| is_there(follower)).await;
        }
    }

    /// Takes messages until the event with that number, or one after it, came on the first topic.
    pub async fn event(&mut self, seq: i64) {
        let came = |follow: &Follow| follow.began_at >= seq || follow.seqs.last().is_some_and(|last| *last >= seq);
        if !came(self.first()) {
            self.until(|follower, _| came(follower.first())).await;
        }
    }
}

pub fn int(value: &Value) -> i64 {
    value.as_i64().unwrap_or_else(|| panic!("a number, not {value}"))
}
