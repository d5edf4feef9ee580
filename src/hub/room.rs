//! One restaurant on this node: its ring, its topics with their connections, its open seatings.
//! Joining and leaving are O(1); no lock is held while another is taken.

use super::connection::{BEAT, Connection, NEWS};
use super::frame::Frame;
use super::ring::{Offered, Pulled, Ring, RingLimits, merge};
use crate::domain::event::{Event, State};
use crate::domain::ids::{Cursor, RestaurantId, SeatingId, Seq, StationId};
use crate::domain::time::Timestamp;
use crate::domain::topic::Topic;
use crate::protocol::close::Close;
use crate::protocol::server::{Head, ServerMessage, name_of};
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Live events that are held while history is read, at most; beyond it the read is made again.
pub const BUFFERED_EVENTS: usize = 1024;

/// A topic's snapshot, encoded once and shared by all who need it.
pub struct SharedSnapshot {
    pub cursor: Cursor,
    /// `subscribed` messages, one per part.
    pub frames: Vec<Frame>,
}

/// One restaurant on this node.
pub struct Room {
    restaurant: RestaurantId,
    limits: RingLimits,
    /// `None` until history was read.
    ring: Mutex<Option<Ring>>,
    /// Live events that came before the ring, or behind a hole.
    early: Mutex<Vec<Event>>,
    topics: Mutex<HashMap<Topic, Members>>,
    connections: Mutex<HashMap<u64, Arc<Connection>>>,
    open_seatings: Mutex<HashSet<SeatingId>>,
    snapshots: Mutex<HashMap<Topic, Arc<SharedSnapshot>>>,
    /// One reads history or fills a hole at a time; one reads a snapshot at a time.
    pub reading: tokio::sync::Mutex<()>,
    pub healing: AtomicBool,
    started: Instant,
    used_ms: AtomicU64,
}

#[derive(Default)]
struct Members {
    connections: HashMap<u64, Arc<Connection>>,
    /// The topic's newest event since somebody subscribed.
    last: Seq,
    beat: Option<(Frame, Instant)>,
}

impl Room {
    #[must_use]
    pub fn new(restaurant: RestaurantId, limits: RingLimits) -> Self {
        Self {
            restaurant,
            limits,
            ring: Mutex::new(None),
            early: Mutex::new(Vec::new()),
            topics: Mutex::default(),
            connections: Mutex::default(),
            open_seatings: Mutex::default(),
            snapshots: Mutex::default(),
            reading: tokio::sync::Mutex::new(()),
            healing: AtomicBool::new(false),
            started: Instant::now(),
            used_ms: AtomicU64::new(0),
        }
    }

    #[must_use]
    pub fn restaurant(&self) -> RestaurantId {
        self.restaurant
    }

    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.ring.lock().is_some()
    }

    /// Where this node stands in the feed; `None` before it has begun.
    #[must_use]
    pub fn head(&self) -> Option<Cursor> {
        self.ring.lock().as_ref().map(Ring::head)
    }

    /// Begins (or begins anew) with what was read: events up to `head`, and the seatings then open.
    /// Live events that came meanwhile are merged; `true` if a hole is left behind them.
    pub fn begin(&self, head: Cursor, history: Vec<Event>, open: Vec<SeatingId>) -> bool {
        *self.open_seatings.lock() = open.into_iter().collect();
        let first = history.first().map_or(head.seq, |event| event.seq - 1);
        *self.ring.lock() = Some(Ring::new(Cursor { epoch: head.epoch, seq: first }, self.limits));
        self.snapshots.lock().clear();
        self.fill(history)
    }

    /// Appends what was fetched, then what had to wait for it, up to the next hole; `true` if there is one.
    pub fn fill(&self, history: Vec<Event>) -> bool {
        let Some(head) = self.head() else { return false };
        let live = std::mem::take(&mut *self.early.lock());
        let of_now = |events: Vec<Event>| events.into_iter().filter(|e| e.epoch == head.epoch).collect();
        let (run, behind) = merge(head.seq, of_now(history), of_now(live));
        for event in run {
            self.offer(event);
        }
        let hole = !behind.is_empty();
        self.early.lock().extend(behind);
        hole
    }

    /// Takes a live event. Appended, it wakes whom it concerns; before the ring or behind a hole it waits.
    pub fn offer(&self, event: Event) -> Offered {
        let outcome = match self.ring.lock().as_mut() {
            Some(ring) => ring.offer(event.clone()),
            None => Offered::Hole,
        };
        match outcome {
            Offered::Appended => self.appended(&event),
            Offered::Hole => {
                let mut early = self.early.lock();
                if early.len() < BUFFERED_EVENTS {
                    early.push(event);
                }
            }
            Offered::Duplicate | Offered::OtherEpoch => {}
        }
        outcome
    }

    fn appended(&self, event: &Event) {
        self.tell(event);
        if let State::Seating { seating } = &event.state {
            let mut open = self.open_seatings.lock();
            if seating.is_open() {
                open.insert(seating.id)
            } else {
                open.remove(&seating.id)
            };
        }
        if let Some(ended) = event.ended_seating() {
            // Its phones were told before: a session writes what it has not read, then closes.
            self.close_where(Close::SeatingClosed, |connection| connection.seating() == Some(ended));
        }
    }

    fn tell(&self, event: &Event) {
        let mut topics = self.topics.lock();
        if Topic::all_tables(event) {
            for (_, members) in topics.iter_mut().filter(|(topic, _)| topic.takes(event)) {
                members.tell(event.seq);
            }
            return;
        }
        for topic in Topic::named_by(event) {
            if let Some(members) = topics.get_mut(&topic) {
                members.tell(event.seq);
            }
        }
    }

    /// Begins a new history: every subscriber finds its cursor uncovered and is told to subscribe again.
    pub fn restart(&self, head: Cursor, open: Vec<SeatingId>) {
        self.early.lock().clear();
        self.begin(head, Vec::new(), open);
        for members in self.topics.lock().values() {
            members.wake(NEWS);
        }
        self.close_where(Close::SeatingClosed, |c| c.seating().is_some_and(|s| !self.is_seating_open(s)));
    }

    pub fn join(&self, connection: &Arc<Connection>) {
        self.touch();
        self.connections.lock().insert(connection.id(), Arc::clone(connection));
    }

    /// Takes a connection out of the room and of its topics.
    pub fn leave(&self, connection: &Connection, topics: impl Iterator<Item = Topic>) {
        for topic in topics {
            self.unsubscribe(topic, connection);
        }
        self.connections.lock().remove(&connection.id());
        self.touch();
    }

    /// From here on the connection is woken by the topic's events: subscribe first, read then (W3).
    pub fn subscribe(&self, topic: Topic, connection: &Arc<Connection>) {
        self.topics.lock().entry(topic).or_default().connections.insert(connection.id(), Arc::clone(connection));
    }

    pub fn unsubscribe(&self, topic: Topic, connection: &Connection) {
        let mut topics = self.topics.lock();
        if let Some(members) = topics.get_mut(&topic) {
            members.connections.remove(&connection.id());
            if members.connections.is_empty() {
                topics.remove(&topic);
            }
        }
    }

    /// Can a subscriber with this cursor be brought up to date from here?
    #[must_use]
    pub fn covers(&self, cursor: Cursor) -> bool {
        self.ring.lock().as_ref().is_some_and(|ring| ring.covers(cursor))
    }

    /// See `Ring::pull`.
    #[must_use]
    pub fn pull(&self, topic: Topic, cursor: Cursor, bytes: usize) -> Option<Pulled> {
        self.ring.lock().as_ref().and_then(|ring| ring.pull(topic, cursor, bytes))
    }

    /// A snapshot that the ring still continues, and that is not far behind.
    #[must_use]
    pub fn snapshot(&self, topic: Topic, most_behind: Seq) -> Option<Arc<SharedSnapshot>> {
        let shared = self.snapshots.lock().get(&topic).cloned()?;
        let head = self.head()?;
        let fresh = shared.cursor.epoch == head.epoch && head.seq - shared.cursor.seq <= most_behind;
        (fresh && (self.covers(shared.cursor) || shared.cursor.seq > head.seq)).then_some(shared)
    }

    pub fn keep_snapshot(&self, topic: Topic, snapshot: &Arc<SharedSnapshot>) {
        let mut snapshots = self.snapshots.lock();
        let topics = self.topics.lock();
        snapshots.retain(|topic, _| topics.contains_key(topic));
        snapshots.insert(topic, Arc::clone(snapshot));
    }

    #[must_use]
    pub fn is_seating_open(&self, seating: SeatingId) -> bool {
        self.open_seatings.lock().contains(&seating)
    }

    /// Is some kitchen screen online that shows this station?
    #[must_use]
    pub fn is_watched(&self, station: StationId) -> bool {
        let topics = self.topics.lock();
        topics.get(&Topic::Kitchen).is_some_and(|m| m.connections.values().any(|c| c.watches(station)))
    }

    /// Ends the connections that match; each session closes its own socket.
    pub fn close_where(&self, why: Close, matches: impl Fn(&Connection) -> bool) {
        let ending: Vec<_> = self.connections.lock().values().filter(|c| matches(c)).cloned().collect();
        for connection in ending {
            connection.end(why);
        }
    }

    /// Makes the beats that are due, and wakes their topics' connections to send them (W6).
    pub fn beat(&self, now: Timestamp, staff: Duration, guest: Duration) {
        let Some(head) = self.head() else { return };
        for (topic, members) in self.topics.lock().iter_mut() {
            let every = match topic {
                Topic::Kitchen | Topic::Floor => staff,
                Topic::Table(_) | Topic::Order(_) => guest,
            };
            if members.beat.as_ref().is_some_and(|(_, made)| made.elapsed() < every) {
                continue;
            }
            let head = Head { last: members.last, upto: head };
            let topics = BTreeMap::from([(name_of(*topic).to_string(), head)]);
            members.beat = Some((Frame::json(&ServerMessage::Beat { at: now, topics }), Instant::now()));
            members.wake(BEAT);
        }
    }

    /// The newest beat of a topic.
    #[must_use]
    pub fn beat_of(&self, topic: Topic) -> Option<Frame> {
        self.topics.lock().get(&topic).and_then(|m| m.beat.as_ref().map(|(frame, _)| frame.clone()))
    }

    #[must_use]
    pub fn connections(&self) -> usize {
        self.connections.lock().len()
    }

    #[must_use]
    pub fn ring_bytes(&self) -> usize {
        self.ring.lock().as_ref().map_or(0, Ring::bytes)
    }

    pub fn shed(&self) {
        if let Some(ring) = self.ring.lock().as_mut() {
            ring.shed();
        }
        self.snapshots.lock().clear();
    }

    fn touch(&self) {
        let ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.used_ms.store(ms, Ordering::Relaxed);
    }

    #[must_use]
    pub fn last_used(&self) -> Instant {
        self.started + Duration::from_millis(self.used_ms.load(Ordering::Relaxed))
    }

    #[must_use]
    pub fn idle_for(&self, time: Duration) -> bool {
        self.last_used().elapsed() >= time
    }
}

impl Members {
    fn tell(&mut self, seq: Seq) {
        self.last = seq;
        self.wake(NEWS);
    }

    fn wake(&self, what: u8) {
        for connection in self.connections.values() {
            connection.wake(what);
        }
    }
}
