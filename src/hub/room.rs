//! One restaurant on this node: its ring, its topics with their connections, its open seatings.
//! Joining and leaving are O(1). `in_order` is taken first, and only by who appends; `ring` may be taken under
//! `topics`; no other lock is held while another is taken.

mod history;

use super::connection::{BEAT, Connection, NEWS};
use super::drawn::Reports;
use super::frame::Frame;
use super::ring::{Ring, RingLimits};
use super::roster::Roster;
use crate::domain::event::Event;
use crate::domain::ids::{Cursor, RestaurantId, SeatingId, Seq, StationId};
use crate::domain::online::Online;
use crate::domain::time::Timestamp;
use crate::domain::topic::Topic;
use crate::protocol::close::Close;
use crate::protocol::server::{Head, ServerMessage, name_of};
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

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
    /// Events are appended and told one at a time, so that everybody learns of them in order.
    in_order: Mutex<()>,
    /// `None` until history was read.
    ring: Mutex<Option<Ring>>,
    /// Live events that came before the ring, behind a hole, or of another epoch.
    waiting: Mutex<VecDeque<Event>>,
    topics: Mutex<HashMap<Topic, Members>>,
    connections: Mutex<Roster>,
    open_seatings: Mutex<HashSet<SeatingId>>,
    snapshots: Mutex<HashMap<Topic, Arc<SharedSnapshot>>>,
    /// One reads history or fills a hole at a time.
    pub reading: tokio::sync::Mutex<()>,
    /// One reads a snapshot at a time.
    pub snapshotting: tokio::sync::Mutex<()>,
    /// What its screens say they have drawn.
    pub drawn: Reports,
    /// Somebody is about to fill a hole.
    pub healing: AtomicBool,
    /// Something was heard that cannot be of the history held here: it has to be read again.
    pub doubted: AtomicBool,
    /// When connections without a topic were woken last.
    woken_at: Mutex<Instant>,
    started: Instant,
    used_ms: AtomicU64,
}

#[derive(Default)]
struct Members {
    connections: Roster,
    /// The topic's newest event since somebody subscribed.
    last: Seq,
    beat: Option<Beat>,
}

/// A topic's newest beat.
struct Beat {
    at: Timestamp,
    upto: Cursor,
    made_ms: u64,
    /// Encoded when the first connection takes it, for all that take it soon.
    frame: Option<Frame>,
}

impl Room {
    #[must_use]
    pub fn new(restaurant: RestaurantId, limits: RingLimits) -> Self {
        Self {
            restaurant,
            limits,
            in_order: Mutex::default(),
            ring: Mutex::new(None),
            waiting: Mutex::default(),
            topics: Mutex::default(),
            connections: Mutex::default(),
            open_seatings: Mutex::default(),
            snapshots: Mutex::default(),
            reading: tokio::sync::Mutex::new(()),
            snapshotting: tokio::sync::Mutex::new(()),
            drawn: Reports::default(),
            healing: AtomicBool::new(false),
            doubted: AtomicBool::new(false),
            woken_at: Mutex::new(Instant::now()),
            started: Instant::now(),
            used_ms: AtomicU64::new(0),
        }
    }

    #[must_use]
    pub fn restaurant(&self) -> RestaurantId {
        self.restaurant
    }

    pub fn join(&self, connection: &Arc<Connection>) {
        self.touch();
        self.connections.lock().add(connection);
    }

    /// Takes a connection out of the room and of its topics.
    pub fn leave(&self, connection: &Connection, topics: impl Iterator<Item = Topic>) {
        for topic in topics {
            self.unsubscribe(topic, connection);
        }
        self.connections.lock().remove(connection);
        self.touch();
    }

    /// From here on the connection is woken by the topic's events: subscribe first, read then (W3).
    pub fn subscribe(&self, topic: Topic, connection: &Arc<Connection>) {
        let mut topics = self.topics.lock();
        let members = topics.entry(topic).or_default();
        if members.connections.add(connection) {
            connection.entered_topic();
        }
    }

    pub fn unsubscribe(&self, topic: Topic, connection: &Connection) {
        let mut topics = self.topics.lock();
        if let Some(members) = topics.get_mut(&topic) {
            if members.connections.remove(connection) {
                connection.left_topic();
            }
            if members.connections.is_empty() {
                topics.remove(&topic);
            }
        }
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
        let wanted: HashSet<Topic> = self.topics.lock().keys().copied().collect();
        let mut snapshots = self.snapshots.lock();
        snapshots.retain(|topic, _| wanted.contains(topic));
        snapshots.insert(topic, Arc::clone(snapshot));
    }

    #[must_use]
    pub fn is_seating_open(&self, seating: SeatingId) -> bool {
        self.open_seatings.lock().contains(&seating)
    }

    /// Does somebody follow this topic here?
    #[must_use]
    pub fn is_followed(&self, topic: Topic) -> bool {
        self.topics.lock().get(&topic).is_some_and(|members| !members.connections.is_empty())
    }

    /// Is some kitchen screen online that shows this station?
    #[must_use]
    pub fn is_watched(&self, station: StationId) -> bool {
        let topics = self.topics.lock();
        topics.get(&Topic::Kitchen).is_some_and(|m| m.connections.iter().any(|c| c.watches(station)))
    }

    /// What of the kitchen is online here.
    #[must_use]
    pub fn online(&self) -> Online {
        let mut online = Online::default();
        if let Some(members) = self.topics.lock().get(&Topic::Kitchen) {
            members.connections.iter().for_each(|connection| connection.add_to(&mut online));
        }
        online
    }

    /// Ends the connections that match; each session closes its own socket.
    pub fn close_where(&self, why: Close, matches: impl Fn(&Connection) -> bool) {
        let ending: Vec<_> = self.connections.lock().iter().filter(|c| matches(c)).cloned().collect();
        for connection in ending {
            connection.end(why);
        }
    }

    /// Ends at most `count` connections that are not ending yet; says how many.
    pub fn end_some(&self, count: usize, why: Close) -> usize {
        let staying = |connection: &&Arc<Connection>| connection.ending().is_none();
        let ending: Vec<_> = self.connections.lock().iter().filter(staying).take(count).cloned().collect();
        ending.iter().for_each(|connection| connection.end(why));
        ending.len()
    }

    /// Makes the beats that are due, and wakes their topics' connections to send them (W6).
    pub fn beat(&self, now: Timestamp, staff: Duration, guest: Duration) {
        self.wake_without_topics(staff);
        let clock_ms = self.clock_ms();
        let mut topics = self.topics.lock();
        // Looked at only now: whatever a topic was told is in the ring by then, so no `last` is above it.
        let Some(upto) = self.head() else { return };
        for (topic, members) in topics.iter_mut() {
            let every = match topic {
                Topic::Kitchen | Topic::Floor => staff,
                Topic::Table(_) | Topic::Order(_) => guest,
            };
            if let Some(beat) = &mut members.beat
                && u128::from(clock_ms.saturating_sub(beat.made_ms)) < every.as_millis()
            {
                // Whoever was to have it has it by now.
                beat.frame = None;
                continue;
            }
            members.beat = Some(Beat { at: now, upto, made_ms: clock_ms, frame: None });
            members.wake(BEAT);
        }
    }

    /// Connections without a topic get no beats, but they too expire, and must show that they live.
    fn wake_without_topics(&self, every: Duration) {
        {
            let mut woken_at = self.woken_at.lock();
            if woken_at.elapsed() < every {
                return;
            }
            *woken_at = Instant::now();
        }
        for connection in self.connections.lock().iter().filter(|c| !c.has_topics()) {
            connection.wake(BEAT);
        }
    }

    /// The topic's beat for a connection that has everything up to `cursor`, if one was made after `since_ms`;
    /// and when it was made. One that has more than the shared beat says gets its own: a cursor never goes back.
    /// None while news waits for it: that is a sign of life by itself.
    #[must_use]
    pub fn beat_of(&self, topic: Topic, cursor: Cursor, since_ms: u64) -> Option<(Frame, u64)> {
        let mut topics = self.topics.lock();
        let Members { last, beat, .. } = topics.get_mut(&topic)?;
        let beat = beat.as_mut().filter(|beat| beat.made_ms > since_ms && *last <= cursor.seq)?;
        let head = Head { last: *last, upto: cursor };
        let frame = if beat.upto == cursor {
            beat.frame.get_or_insert_with(|| beat_frame(topic, beat.at, head)).clone()
        } else {
            beat_frame(topic, beat.at, head)
        };
        Some((frame, beat.made_ms))
    }

    #[must_use]
    pub fn connections(&self) -> usize {
        self.connections.lock().len()
    }

    /// Topics that somebody is in.
    #[must_use]
    pub fn topics(&self) -> usize {
        self.topics.lock().len()
    }

    /// Milliseconds since this room was made.
    #[must_use]
    pub fn clock_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn touch(&self) {
        self.used_ms.store(self.clock_ms(), Ordering::Relaxed);
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

fn beat_frame(topic: Topic, at: Timestamp, head: Head) -> Frame {
    Frame::json(&ServerMessage::Beat { at, topics: BTreeMap::from([(name_of(topic).to_string(), head)]) })
}

impl Members {
    fn tell(&mut self, seq: Seq) {
        self.last = seq;
        self.wake(NEWS);
    }

    fn wake(&self, what: u8) {
        for connection in self.connections.iter() {
            connection.wake(what);
        }
    }
}
