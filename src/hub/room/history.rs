//! A restaurant's events on this node: appended in order and told, or kept waiting for what is missing
//! before them. Filled by `relay`; whoever has a cursor pulls from here.

use super::Room;
use crate::domain::event::{Event, State};
use crate::domain::ids::{Cursor, SeatingId, Seq};
use crate::domain::time::Timestamp;
use crate::domain::topic::Topic;
use crate::hub::connection::NEWS;
use crate::hub::ring::{Offered, Pulled, Ring};
use crate::protocol::close::Close;

/// Live events that wait while history is read, at most; what falls out leaves a hole, which is fetched.
pub const WAITING_EVENTS: usize = 1024;

impl Room {
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.ring.lock().is_some()
    }

    /// Where this node stands in the feed; `None` before it has begun.
    #[must_use]
    pub fn head(&self) -> Option<Cursor> {
        self.ring.lock().as_ref().map(Ring::head)
    }

    /// The newest number of this history that this node was told, also of events that wait.
    #[must_use]
    pub fn told(&self) -> Option<Seq> {
        let head = self.head()?;
        let waiting = self.waiting.lock().iter().filter(|e| e.epoch == head.epoch).map(|e| e.seq).max();
        Some(waiting.map_or(head.seq, |seq| seq.max(head.seq)))
    }

    /// When the event at the head happened, while it is kept.
    #[must_use]
    pub fn newest_at(&self) -> Option<Timestamp> {
        self.ring.lock().as_ref().and_then(Ring::newest).map(|event| event.at)
    }

    /// See `Ring::holds_another`.
    #[must_use]
    pub fn holds_another(&self, event: &Event) -> bool {
        self.ring.lock().as_ref().is_some_and(|ring| ring.holds_another(event))
    }

    /// Begins with what was read: events up to `head`, and the seatings then open. Live events that came
    /// meanwhile follow; `true` if a hole is left before some of them.
    pub fn begin(&self, head: Cursor, history: Vec<Event>, open: Vec<SeatingId>) -> bool {
        let _in_order = self.in_order.lock();
        self.replace(head, history, open)
    }

    fn replace(&self, head: Cursor, history: Vec<Event>, open: Vec<SeatingId>) -> bool {
        let first = history.first().map_or(head.seq, |event| event.seq - 1);
        *self.open_seatings.lock() = open.into_iter().collect();
        *self.ring.lock() = Some(Ring::new(Cursor { epoch: head.epoch, seq: first }, self.limits));
        self.snapshots.lock().clear();
        self.append_all(history)
    }

    /// Appends what was fetched, then what had waited for it, up to the next hole; `true` if there is one.
    pub fn fill(&self, history: Vec<Event>) -> bool {
        let _in_order = self.in_order.lock();
        self.append_all(history)
    }

    fn append_all(&self, history: Vec<Event>) -> bool {
        for event in history {
            self.append(event);
        }
        self.append_waiting();
        let Some(head) = self.head() else { return false };
        let mut waiting = self.waiting.lock();
        // What is of another epoch than the one just read came too late to matter.
        waiting.retain(|event| event.epoch == head.epoch);
        !waiting.is_empty()
    }

    /// Takes a live event. Appended, it wakes whom it concerns; otherwise it may wait for what is missing.
    pub fn offer(&self, event: Event) -> Offered {
        let _in_order = self.in_order.lock();
        let outcome = self.append(event);
        if outcome == Offered::Appended {
            self.append_waiting();
        }
        outcome
    }

    fn append(&self, event: Event) -> Offered {
        let outcome = self.ring.lock().as_mut().map_or(Offered::Early, |ring| ring.offer(event.clone()));
        match outcome {
            Offered::Appended => self.appended(&event),
            Offered::Early | Offered::Hole | Offered::OtherEpoch => {
                let mut waiting = self.waiting.lock();
                if waiting.len() >= WAITING_EVENTS {
                    waiting.pop_front();
                }
                waiting.push_back(event);
            }
            Offered::Duplicate | Offered::Conflict => {}
        }
        outcome
    }

    /// Appends what waited for the event that was just appended.
    fn append_waiting(&self) {
        while let Some(head) = self.head() {
            let next = {
                let mut waiting = self.waiting.lock();
                waiting.retain(|event| event.epoch != head.epoch || event.seq > head.seq);
                let next = waiting.iter().position(|e| e.epoch == head.epoch && e.seq == head.seq + 1);
                next.and_then(|at| waiting.remove(at))
            };
            match next {
                Some(event) => self.append(event),
                None => return,
            };
        }
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
    /// `true` if events that came meanwhile wait behind a hole.
    pub fn restart(&self, head: Cursor, open: Vec<SeatingId>) -> bool {
        let hole = {
            let _in_order = self.in_order.lock();
            for members in self.topics.lock().values_mut() {
                // Numbers of the old history would be above the new one's for ever.
                members.last = 0;
                members.beat = None;
            }
            self.replace(head, Vec::new(), open)
        };
        for members in self.topics.lock().values() {
            members.wake(NEWS);
        }
        self.close_where(Close::SeatingClosed, |c| c.seating().is_some_and(|s| !self.is_seating_open(s)));
        hole
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

    /// Events that wait for what is missing before them.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.lock().len()
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
}
