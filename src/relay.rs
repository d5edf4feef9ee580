//! From committed events to connections: begins a restaurant on this node, appends what the bus brings,
//! finds and fetches what it does not bring, compares heads, shares snapshots, and carries out what an
//! event ends. Knows the store and the hub; sockets pull from the hub by themselves.

use crate::bus::Listener;
use crate::clock::Clock;
use crate::domain::event::{Event, State};
use crate::domain::ids::{Cursor, Epoch, RestaurantId, Seq};
use crate::domain::topic::Topic;
use crate::hub::Hub;
use crate::hub::frame::Frame;
use crate::hub::ring::Offered;
use crate::hub::room::{Room, SharedSnapshot};
use crate::protocol::server::{ServerMessage, Subscribed, name_of};
use crate::store::{Fault, Store};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

/// Events that one fetch brings at most, and that a begun restaurant holds.
pub const FETCHED_EVENTS: i64 = 256;
/// A hole waits this long for its message, then it is fetched.
pub const HOLE_MS: u64 = 20;
/// Heads are compared with the database this often, always.
pub const HEADS_MS: u64 = 2_000;
/// Reads of history and snapshots at a time, on one node.
pub const COLD_READS: usize = 16;
/// A shared snapshot serves while the ring continues it and it is at most this many events old.
pub const SNAPSHOT_EVENTS_BEHIND: Seq = 64;
/// A room that nobody has used for this long is given up.
pub const IDLE_ROOM: Duration = Duration::from_secs(60);

/// Counts what the relay did.
pub trait Observe: Send + Sync {
    fn gap_healed(&self);
    fn feed_read(&self);
    fn snapshot_read(&self);
}

/// The relay of one node. Cloning shares it.
#[derive(Clone)]
pub struct Relay(Arc<Inner>);

struct Inner {
    hub: Arc<Hub>,
    store: Store,
    clock: Clock,
    tasks: TaskTracker,
    stop: CancellationToken,
    cold: Semaphore,
    observe: Arc<dyn Observe>,
}

/// Where a subscriber begins.
pub enum Start {
    /// Its cursor is covered: it pulls from there.
    Replay(Cursor),
    /// It begins anew, with these messages.
    Snapshot(Arc<SharedSnapshot>),
    /// There is nothing of that name.
    Nothing,
}

impl Relay {
    pub fn new(
        hub: Arc<Hub>,
        store: Store,
        clock: Clock,
        tasks: TaskTracker,
        stop: CancellationToken,
        observe: Arc<dyn Observe>,
    ) -> Self {
        Self(Arc::new(Inner { hub, store, clock, tasks, stop, cold: Semaphore::new(COLD_READS), observe }))
    }

    /// Appends what the bus brings until nobody can publish any more.
    pub async fn listen(self, mut bus: Listener) {
        while let Some(event) = bus.next().await {
            self.hear(event);
        }
    }

    /// Compares heads with the database, always, healthy or not; tidies the hub.
    pub async fn watch(self, token_life: Duration) {
        let mut tick = tokio::time::interval(Duration::from_millis(HEADS_MS));
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = self.0.stop.cancelled() => return,
                _ = tick.tick() => {}
            }
            self.0.hub.tidy(self.0.clock.now(), token_life, IDLE_ROOM);
            if let Err(fault) = self.compare_heads().await {
                tracing::warn!(%fault, "heads could not be compared with the database");
            }
        }
    }

    fn hear(&self, event: Event) {
        self.carry_out(&event);
        let Some(room) = self.0.hub.find(event.restaurant) else { return };
        let is_ready = room.is_ready();
        match room.offer(event) {
            Offered::Hole | Offered::OtherEpoch if is_ready => self.heal_soon(room),
            Offered::Appended | Offered::Duplicate | Offered::Hole | Offered::OtherEpoch => {}
        }
    }

    /// What an event ends: logins, and the phones of a closed seating.
    fn carry_out(&self, event: &Event) {
        if let State::Session { session } = &event.state {
            self.0.hub.revoke(*session, event.at);
        }
        if let State::Item { .. } = &event.state {
            self.0.store.menus.forget(event.restaurant);
        }
    }

    /// Fetches a hole once per node, after its message had its chance.
    fn heal_soon(&self, room: Arc<Room>) {
        if room.healing.swap(true, Ordering::AcqRel) {
            return;
        }
        let relay = self.clone();
        self.0.tasks.spawn(async move {
            tokio::time::sleep(Duration::from_millis(HOLE_MS)).await;
            room.healing.store(false, Ordering::Release);
            match relay.catch_up(&room).await {
                Ok(()) => relay.0.observe.gap_healed(),
                Err(fault) => {
                    tracing::warn!(%fault, restaurant.id = %room.restaurant(), "a hole could not be fetched yet")
                }
            }
        });
    }

    /// The restaurant's room, with its recent events. The first who comes reads them, the others wait.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn enter(&self, restaurant: RestaurantId) -> Result<Option<Arc<Room>>, Fault> {
        let room = self.0.hub.room(restaurant);
        if room.is_ready() {
            return Ok(Some(room));
        }
        let _one = room.reading.lock().await;
        if room.is_ready() || self.begin(&room).await? { Ok(Some(Arc::clone(&room))) } else { Ok(None) }
    }

    async fn begin(&self, room: &Arc<Room>) -> Result<bool, Fault> {
        let _permit = self.0.cold.acquire().await;
        self.0.observe.feed_read();
        let Some((feed, events, open)) = self.0.store.recent(room.restaurant(), FETCHED_EVENTS).await? else {
            return Ok(false);
        };
        if room.begin(feed.head(), events, open) {
            self.heal_soon(Arc::clone(room));
        }
        Ok(true)
    }

    /// Brings a room up to the database's head.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn catch_up(&self, room: &Room) -> Result<(), Fault> {
        let _one = room.reading.lock().await;
        let Some(head) = room.head() else { return Ok(()) };
        self.0.observe.feed_read();
        let Some((feed, events)) = self.0.store.events_after(room.restaurant(), head.seq, FETCHED_EVENTS + 1).await?
        else {
            return Ok(());
        };
        let behind = feed.seq - head.seq;
        if feed.epoch != head.epoch || !(0..=FETCHED_EVENTS).contains(&behind) || feed.oldest > head.seq {
            return self.start_over(room, head, feed.head()).await;
        }
        room.fill(events);
        Ok(())
    }

    /// The history is not the one this room knows, or too far ahead: a snapshot for everybody. A database
    /// that is *behind* what was told before was restored: it gets a new epoch (L2).
    async fn start_over(&self, room: &Room, known: Cursor, found: Cursor) -> Result<(), Fault> {
        if found.epoch == known.epoch && found.seq < known.seq {
            tracing::error!(restaurant.id = %room.restaurant(), known = known.seq, found = found.seq, "the database is behind what was told: a new epoch begins");
            self.0.store.new_epoch(room.restaurant(), Epoch(Uuid::new_v4())).await?;
        }
        if let Some((feed, _, open)) = self.0.store.recent(room.restaurant(), 0).await? {
            self.0.store.menus.forget(room.restaurant());
            room.restart(feed.head(), open);
        }
        Ok(())
    }

    async fn compare_heads(&self) -> Result<(), Fault> {
        let rooms: Vec<_> = self.0.hub.rooms().into_iter().filter(|room| room.is_ready()).collect();
        for some in rooms.chunks(500) {
            let ids: Vec<_> = some.iter().map(|room| room.restaurant()).collect();
            let before: Vec<_> = some.iter().map(|room| room.head()).collect();
            let feeds = self.0.store.heads(&ids).await?;
            for (room, before) in some.iter().zip(before) {
                let found = feeds.iter().find(|feed| feed.restaurant == room.restaurant()).map(|feed| feed.head());
                // What is being told right now is no gap: only what was missing before the look counts.
                let missing =
                    found.is_some_and(|f| before.is_none_or(|b| f.epoch != b.epoch || f.seq < b.seq || f.seq > b.seq));
                if missing && room.head() == before {
                    self.catch_up(room).await?;
                }
            }
        }
        Ok(())
    }

    /// Decides how a subscriber begins. It must be in the room's topic already, so that nothing can
    /// happen between this look and its first pull (W3).
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn start(&self, room: &Arc<Room>, topic: Topic, after: Option<Cursor>) -> Result<Start, Fault> {
        if let Some(cursor) = after {
            let head = room.head();
            if head.is_some_and(|head| cursor.epoch == head.epoch && cursor.seq > head.seq) {
                self.catch_up(room).await?;
            }
            if room.covers(cursor) {
                return Ok(Start::Replay(cursor));
            }
        }
        match self.snapshot(room, topic).await? {
            Some(snapshot) => Ok(Start::Snapshot(snapshot)),
            None => Ok(Start::Nothing),
        }
    }

    /// One read and one encoding per topic, shared by all who wait for it.
    async fn snapshot(&self, room: &Arc<Room>, topic: Topic) -> Result<Option<Arc<SharedSnapshot>>, Fault> {
        if let Some(shared) = room.snapshot(topic, SNAPSHOT_EVENTS_BEHIND) {
            return Ok(Some(shared));
        }
        let _one = room.reading.lock().await;
        if let Some(shared) = room.snapshot(topic, SNAPSHOT_EVENTS_BEHIND) {
            return Ok(Some(shared));
        }
        let _permit = self.0.cold.acquire().await;
        self.0.observe.snapshot_read();
        let read = self.0.store.snapshot(room.restaurant(), topic, self.0.clock.now()).await?;
        let Some((cursor, snapshot)) = read else { return Ok(None) };
        let parts = snapshot.parts();
        let count = u32::try_from(parts.len()).unwrap_or(u32::MAX);
        let frames = (1..).zip(parts).map(|(part, snapshot)| {
            Frame::json(&ServerMessage::Subscribed(Subscribed {
                topic: name_of(topic),
                epoch: cursor.epoch,
                seq: cursor.seq,
                head: cursor.seq,
                snapshot: Some(snapshot),
                part: Some(part),
                parts: Some(count),
            }))
        });
        let shared = Arc::new(SharedSnapshot { cursor, frames: frames.collect() });
        room.keep_snapshot(topic, &shared);
        Ok(Some(shared))
    }

    /// Sends the beats that are due, until stopped.
    pub async fn beat(self, staff: Duration, guest: Duration) {
        let mut tick = tokio::time::interval(staff.min(Duration::from_secs(1)));
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = self.0.stop.cancelled() => return,
                _ = tick.tick() => {}
            }
            for room in self.0.hub.rooms() {
                room.beat(self.0.clock.now(), staff, guest);
            }
        }
    }
}
