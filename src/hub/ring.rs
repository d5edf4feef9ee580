//! The ring: a restaurant's recent events in order, without a hole, encoded once per topic on demand.

use super::frame::Frame;
use crate::domain::event::Event;
use crate::domain::ids::{Cursor, Epoch, Seq};
use crate::domain::topic::{Audience, Topic};
use crate::protocol::server::{body_is_shared, event_body, event_message, name_of};
use bytes::Bytes;
use parking_lot::Mutex;
use smallvec::SmallVec;
use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};

/// How much is kept.
#[derive(Clone, Copy, Debug)]
pub struct RingLimits {
    /// Events per restaurant.
    pub events: usize,
    /// Encoded bytes per restaurant.
    pub bytes: usize,
    /// Encoded bytes of all restaurants on this node.
    pub node_bytes: usize,
}

/// Topics whose frame of one event is kept. Nearly all events have a few; what all tables of a large house hear (a dish is
/// sold out) is encoded anew for the rest of them, so that neither memory nor the search grows with the tables.
const KEPT_FRAMES: usize = 64;

/// One event with its encodings so far.
pub struct Entry {
    pub event: Event,
    staff: OnceLock<Bytes>,
    guest: OnceLock<Bytes>,
    frames: Mutex<SmallVec<[(Topic, Frame); 3]>>,
}

impl Entry {
    fn new(event: Event) -> Self {
        Self { event, staff: OnceLock::new(), guest: OnceLock::new(), frames: Mutex::new(SmallVec::new()) }
    }

    /// The frame for one topic. `prev` is used by whoever encodes it first; any later value says the same.
    fn frame(&self, topic: Topic, prev: impl FnOnce() -> Seq) -> Frame {
        let mut frames = self.frames.lock();
        if let Some((_, frame)) = frames.iter().find(|(of, _)| *of == topic) {
            return frame.clone();
        }
        let body = self.body(topic);
        let frame = Frame::text(&event_message(name_of(topic), self.event.seq, prev(), &body));
        if frames.len() < KEPT_FRAMES {
            frames.push((topic, frame.clone()));
        }
        frame
    }

    fn body(&self, topic: Topic) -> Bytes {
        let encode = || Bytes::from(event_body(&self.event, topic));
        if !body_is_shared(&self.event) {
            return encode();
        }
        match topic.audience() {
            Audience::Staff => self.staff.get_or_init(encode).clone(),
            Audience::Guest => self.guest.get_or_init(encode).clone(),
        }
    }

    fn bytes(&self) -> usize {
        self.body(Topic::Kitchen).len()
    }
}

/// What became of an event that was offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offered {
    Appended,
    /// Held already.
    Duplicate,
    /// Events before it are missing.
    Hole,
    /// Of another epoch.
    OtherEpoch,
    /// Another event than the one held at its number: the database was restored behind what was told (L2).
    Conflict,
    /// There is no ring yet.
    Early,
}

/// Frames that a connection is to write next.
#[derive(Debug, PartialEq, Eq)]
pub struct Pulled {
    pub frames: SmallVec<[Frame; 8]>,
    /// The cursor once they are written.
    pub seq: Seq,
    /// There is more in the ring.
    pub more: bool,
}

/// The events `floor + 1 ..= head` of one epoch.
pub struct Ring {
    epoch: Epoch,
    floor: Seq,
    entries: VecDeque<Arc<Entry>>,
    bytes: usize,
    limits: RingLimits,
}

impl Ring {
    /// A ring that begins after `head`.
    #[must_use]
    pub fn new(head: Cursor, limits: RingLimits) -> Self {
        Self { epoch: head.epoch, floor: head.seq, entries: VecDeque::new(), bytes: 0, limits }
    }

    #[must_use]
    pub fn head(&self) -> Cursor {
        Cursor { epoch: self.epoch, seq: self.floor + i64::try_from(self.entries.len()).unwrap_or(0) }
    }

    #[must_use]
    pub fn floor(&self) -> Seq {
        self.floor
    }

    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Can everything after this cursor be had from here?
    #[must_use]
    pub fn covers(&self, cursor: Cursor) -> bool {
        cursor.epoch == self.epoch && cursor.seq >= self.floor && cursor.seq <= self.head().seq
    }

    /// Appends the next event; the oldest fall out at the bounds, but never the newest.
    pub fn offer(&mut self, event: Event) -> Offered {
        let next = self.head().seq + 1;
        if event.epoch != self.epoch {
            return Offered::OtherEpoch;
        }
        if event.seq < next {
            return if self.holds_another(&event) { Offered::Conflict } else { Offered::Duplicate };
        }
        if event.seq > next {
            return Offered::Hole;
        }
        let entry = Arc::new(Entry::new(event));
        self.bytes += entry.bytes();
        self.entries.push_back(entry);
        while self.entries.len() > self.limits.events || (self.bytes > self.limits.bytes && self.entries.len() > 1) {
            self.drop_oldest();
        }
        Offered::Appended
    }

    /// Is another event held at this one's number? Two nodes can only write the same one after a restore.
    #[must_use]
    pub fn holds_another(&self, event: &Event) -> bool {
        let at = usize::try_from(event.seq - self.floor - 1).ok();
        let held = at.and_then(|at| self.entries.get(at)).map(|entry| &entry.event);
        held.is_some_and(|held| (held.command, held.kind, held.at) != (event.command, event.kind, event.at))
    }

    /// The newest event, while it is kept.
    #[must_use]
    pub fn newest(&self) -> Option<&Event> {
        self.entries.back().map(|entry| &entry.event)
    }

    /// Gives all memory back; who has not read to the head gets a snapshot.
    pub fn shed(&mut self) {
        while !self.entries.is_empty() {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        if let Some(entry) = self.entries.pop_front() {
            self.bytes -= entry.bytes();
            self.floor += 1;
        }
    }

    /// The topic's frames after `cursor`, at most about `bytes` of them (at least one if there is any).
    /// `None`: the ring does not cover it.
    #[must_use]
    pub fn pull(&self, topic: Topic, cursor: Cursor, bytes: usize) -> Option<Pulled> {
        if cursor.epoch == self.epoch && cursor.seq > self.head().seq {
            // A snapshot may be ahead of what this node was told; what it holds is older news.
            return Some(Pulled { frames: SmallVec::new(), seq: cursor.seq, more: false });
        }
        if !self.covers(cursor) {
            return None;
        }
        let mut pulled = Pulled { frames: SmallVec::new(), seq: cursor.seq, more: false };
        let mut size = 0;
        let skip = usize::try_from(cursor.seq - self.floor).unwrap_or(0);
        for (at, entry) in self.entries.iter().enumerate().skip(skip) {
            if topic.takes(&entry.event) {
                let frame = entry.frame(topic, || self.prev(topic, at));
                if size + frame.len() > bytes && !pulled.frames.is_empty() {
                    pulled.more = true;
                    break;
                }
                size += frame.len();
                pulled.frames.push(frame);
            }
            pulled.seq = entry.event.seq;
        }
        Some(pulled)
    }

    /// The seq of the topic's event before the entry at `at`; 0 when it is no longer in here. Not the floor: the
    /// client of a quiet topic stands at that topic's last event, below the floor, and would see a hole.
    fn prev(&self, topic: Topic, at: usize) -> Seq {
        let before = self.entries.iter().take(at).rev().find(|entry| topic.takes(&entry.event));
        before.map_or(0, |entry| entry.event.seq)
    }

    /// The newest event of a topic in here; 0 when there is none.
    #[must_use]
    pub fn last_of(&self, topic: Topic) -> Seq {
        self.entries.iter().rev().find(|e| topic.takes(&e.event)).map_or(0, |e| e.event.seq)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::{Kind, State};
    use crate::domain::ids::{CommandId, ItemId, RestaurantId, SeatingId, SessionId};
    use crate::domain::menu::{ItemState, Localized};
    use crate::domain::people::By;
    use crate::domain::time::Timestamp;
    use uuid::Uuid;

    const LIMITS: RingLimits = RingLimits { events: 8, bytes: 1 << 20, node_bytes: 1 << 20 };
    const EPOCH: Epoch = Epoch(Uuid::from_u128(7));

    fn event(seq: Seq, state: State) -> Event {
        Event {
            restaurant: RestaurantId(Uuid::nil()),
            epoch: EPOCH,
            seq,
            at: Timestamp(seq * 1_000_000),
            kind: Kind::ItemChanged,
            by: By::System,
            command: CommandId(Uuid::nil()),
            state,
        }
    }

    fn item(seq: Seq) -> Event {
        let item = ItemState {
            id: ItemId(Uuid::nil()),
            name: Localized::default(),
            price: 1,
            available: true,
            stock: None,
            version: seq,
            menu_version: seq,
        };
        event(seq, State::Item { item })
    }

    fn unrelated(seq: Seq) -> Event {
        event(seq, State::Session { session: SessionId(Uuid::nil()) })
    }

    fn at(seq: Seq) -> Cursor {
        Cursor { epoch: EPOCH, seq }
    }

    #[test]
    fn w4_prev_names_the_topics_own_event_before() {
        let mut ring = Ring::new(at(10), LIMITS);
        for event in [item(11), unrelated(12), item(13)] {
            assert_eq!(ring.offer(event), Offered::Appended);
        }
        let pulled = ring.pull(Topic::Kitchen, at(10), 1 << 20).unwrap();
        let texts: Vec<_> = pulled.frames.iter().map(|f| String::from_utf8_lossy(f.payload()).into_owned()).collect();
        assert!(texts[0].contains("\"seq\":11,\"prev\":0,"), "what fell out is no hole: {}", texts[0]);
        assert!(texts[1].contains("\"seq\":13,\"prev\":11,"), "{}", texts[1]);
        assert_eq!((pulled.frames.len(), pulled.seq, pulled.more), (2, 13, false));
    }

    #[test]
    fn a_frame_is_encoded_once_and_shared() {
        let mut ring = Ring::new(at(0), LIMITS);
        ring.offer(item(1));
        let first = ring.pull(Topic::Kitchen, at(0), 1 << 20).unwrap().frames[0].clone();
        let second = ring.pull(Topic::Kitchen, at(0), 1 << 20).unwrap().frames[0].clone();
        assert_eq!(first.wire().as_ptr(), second.wire().as_ptr());
    }

    #[test]
    fn an_event_for_a_thousand_tables_keeps_few_frames_and_every_table_gets_the_same() {
        let mut ring = Ring::new(at(0), LIMITS);
        ring.offer(item(1));
        let table = |n| Topic::Table(SeatingId(Uuid::from_u128(n)));
        let frame = |n| ring.pull(table(n), at(0), 1 << 20).unwrap().frames[0].clone();
        let first = frame(0);
        assert!((1..1000).all(|n| frame(n) == first));
        assert_eq!(frame(0).wire().as_ptr(), first.wire().as_ptr());
        assert_eq!(ring.entries[0].frames.lock().len(), KEPT_FRAMES);
    }

    #[test]
    fn w9_a_reader_gets_at_most_its_bytes_and_one_that_fell_behind_gets_nothing() {
        let mut ring = Ring::new(at(0), LIMITS);
        for seq in 1..=20 {
            ring.offer(item(seq));
        }
        assert_eq!(ring.floor(), 12, "eight events are kept");
        assert!(ring.pull(Topic::Kitchen, at(11), 1 << 20).is_none(), "the ring no longer covers it");
        let some = ring.pull(Topic::Kitchen, at(12), 1).unwrap();
        assert_eq!((some.frames.len(), some.seq, some.more), (1, 13, true));
        assert!(ring.pull(Topic::Kitchen, Cursor { epoch: Epoch(Uuid::nil()), seq: 15 }, 1).is_none());
    }

    #[test]
    fn duplicates_holes_and_other_histories_are_told_apart() {
        let mut ring = Ring::new(at(5), LIMITS);
        assert_eq!(ring.offer(item(5)), Offered::Duplicate);
        assert_eq!(ring.offer(item(7)), Offered::Hole);
        assert_eq!(ring.offer(Event { epoch: Epoch(Uuid::nil()), ..item(6) }), Offered::OtherEpoch);
        assert_eq!(ring.head().seq, 5);
        assert_eq!(ring.offer(item(6)), Offered::Appended);
        assert_eq!(ring.offer(item(6)), Offered::Duplicate);
        assert_eq!(ring.offer(Event { command: CommandId(Uuid::max()), ..item(6) }), Offered::Conflict);
    }
}
