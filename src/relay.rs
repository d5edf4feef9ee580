//! From committed events to connections: begins a restaurant on this node, appends what the bus brings,
//! finds and fetches what it does not bring, compares heads, shares snapshots, and carries out what an
//! event ends. Knows the store and the hub; sockets pull from the hub by themselves.

mod beats;

use crate::bus::{Listener, Reach};
use crate::clock::Clock;
use crate::domain::event::{Event, State};
use crate::domain::ids::{Cursor, Epoch, RestaurantId, Seq};
use crate::domain::time::Timestamp;
use crate::domain::topic::Topic;
use crate::hub::Hub;
use crate::hub::frame::Frame;
use crate::hub::ring::Offered;
use crate::hub::room::{Room, SharedSnapshot};
use crate::protocol::server::{ServerMessage, Subscribed, name_of};
use crate::protocol::snapshot::Snapshot;
use crate::store::{Fault, Store, wide};
use crate::telemetry;
use futures_util::StreamExt;
use std::collections::HashMap;
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
/// … and this often while the bus may be deaf.
pub const POLL_MS: u64 = 200;
/// Reads of history and snapshots at a time, on one node.
pub const COLD_READS: usize = 16;
/// Who waits longer for the beginning of a restaurant or topic is sent away, to come back.
pub const COLD_WAIT: Duration = Duration::from_secs(5);
/// Ended logins are looked up again this far back: clocks of nodes differ, and commits take their time.
pub const REVOKED_AGAIN: Duration = Duration::from_secs(60);
/// A shared snapshot serves while the ring continues it and it is at most this many events old.
pub const SNAPSHOT_EVENTS_BEHIND: Seq = 64;
/// Heads of one query.
const COMPARED_ROOMS: usize = 500;
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
    reach: Reach,
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
        reach: Reach,
        hub: Arc<Hub>,
        store: Store,
        clock: Clock,
        tasks: TaskTracker,
        stop: CancellationToken,
        observe: Arc<dyn Observe>,
    ) -> Self {
        Self(Arc::new(Inner { reach, hub, store, clock, tasks, stop, cold: Semaphore::new(COLD_READS), observe }))
    }

    /// Appends what the bus brings until nobody can publish any more.
    pub async fn listen(self, mut bus: Listener) {
        while let Some(event) = bus.next().await {
            self.hear(event);
        }
    }

    /// Compares heads and ended logins with the database, always, healthy or not; tidies the hub.
    pub async fn watch(self, token_life: Duration) {
        let mut tick = tokio::time::interval(Duration::from_millis(HEADS_MS));
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut ended_since = self.0.clock.now().minus(REVOKED_AGAIN);
        loop {
            tokio::select! {
                () = self.0.stop.cancelled() => return,
                _ = tick.tick() => {}
            }
            let now = self.0.clock.now();
            self.tidy(now, token_life);
            let checked = async { self.compare_heads(|_| true).await.and(self.learn_revoked(ended_since).await) };
            match checked.await {
                Ok(()) => ended_since = now.minus(REVOKED_AGAIN),
                Err(fault) => tracing::warn!(%fault, "heads could not be compared with the database"),
            }
        }
    }

    /// The lower rung of the ladder: while the bus may be deaf for a restaurant, its head is polled. Once after
    /// every gap, all are.
    pub async fn poll(self) {
        let mut tick = tokio::time::interval(Duration::from_millis(POLL_MS));
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut silent = Vec::new();
        loop {
            let missed = tokio::select! {
                () = self.0.stop.cancelled() => return,
                () = self.0.reach.gap() => true,
                _ = tick.tick() => false,
            };
            let now = self.0.reach.silent();
            tell_silence(&silent, &now);
            silent = now;
            let checked = self.compare_heads(|room| missed || !self.0.reach.hears(room.restaurant())).await;
            if let Err(fault) = checked {
                tracing::debug!(%fault, "heads could not be polled");
            }
        }
    }

    /// Gives up what nobody uses. Whoever comes while it is given up is heard for all the same: at the latest when
    /// its head is polled.
    fn tidy(&self, now: Timestamp, token_life: Duration) {
        for restaurant in self.0.hub.tidy(now, token_life, IDLE_ROOM) {
            self.0.reach.let_go(restaurant);
        }
    }

    fn hear(&self, event: Event) {
        self.carry_out(&event);
        let Some(room) = self.0.hub.find(event.restaurant) else { return };
        match room.offer(event) {
            Offered::Hole => self.heal_soon(room),
            Offered::OtherEpoch | Offered::Conflict => {
                room.doubted.store(true, Ordering::Release);
                self.heal_soon(room);
            }
            Offered::Appended | Offered::Duplicate | Offered::Early => {}
        }
    }

    /// What an event ends besides its topics' state: logins, and menus in memory. However it was learnt.
    fn carry_out(&self, event: &Event) {
        if let State::Session { session } = &event.state {
            self.0.hub.revoke(*session, event.at);
        }
        if let State::Item { .. } = &event.state {
            self.0.store.menus.forget(event.restaurant);
        }
    }

    /// Logins whose end the bus did not tell: of restaurants that nobody asked for here, or while it was full.
    async fn learn_revoked(&self, since: Timestamp) -> Result<(), Fault> {
        for (session, at) in wide::revoked_since(&self.0.store.db, since).await? {
            if !self.0.hub.is_revoked(session) {
                self.0.hub.revoke(session, at);
            }
        }
        Ok(())
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
            let doubted = room.doubted.swap(false, Ordering::AcqRel);
            if !doubted && room.waiting() == 0 {
                return;
            }
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
    /// Any fault of the database; `Busy` when it took too long.
    pub async fn enter(&self, restaurant: RestaurantId) -> Result<Option<Arc<Room>>, Fault> {
        let room = self.0.hub.room(restaurant);
        if room.is_ready() {
            return Ok(Some(room));
        }
        let begun = in_time(async {
            let _one = room.reading.lock().await;
            Ok(room.is_ready() || self.begin(&room).await?)
        });
        Ok(begun.await?.then_some(room))
    }

    /// Listens first and reads then, so that nothing falls between.
    async fn begin(&self, room: &Arc<Room>) -> Result<bool, Fault> {
        self.0.reach.listen_to(room.restaurant()).await;
        let _permit = self.0.cold.acquire().await;
        self.0.observe.feed_read();
        let Some((feed, events, open)) = self.0.store.recent(room.restaurant(), FETCHED_EVENTS).await? else {
            return Ok(false);
        };
        events.iter().for_each(|event| self.carry_out(event));
        if room.begin(feed.head(), events, open) {
            self.heal_soon(Arc::clone(room));
        }
        Ok(true)
    }

    /// Brings a room up to the database's head, and makes sure that both tell the same history.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn catch_up(&self, room: &Arc<Room>) -> Result<(), Fault> {
        let _one = room.reading.lock().await;
        let (Some(head), Some(told)) = (room.head(), room.told()) else { return Ok(()) };
        self.0.observe.feed_read();
        // The event at the head comes along: it must be the one held here.
        let read = self.0.store.events_after(room.restaurant(), head.seq - 1, FETCHED_EVENTS + 1).await?;
        let Some((feed, events)) = read else { return Ok(()) };
        let same_epoch = feed.epoch == head.epoch;
        // What was told had been committed before: a database that does not know it was restored.
        if same_epoch && (feed.seq < told || events.first().is_some_and(|event| room.holds_another(event))) {
            tracing::error!(restaurant.id = %room.restaurant(), told, found = feed.seq, "the database is behind what was told: a new epoch begins");
            self.0.store.new_epoch(room.restaurant(), Epoch(Uuid::new_v4())).await?;
            return self.start_over(room).await;
        }
        if !same_epoch || feed.seq - head.seq > FETCHED_EVENTS || feed.oldest > head.seq {
            let (held, found) = (head.seq, feed.seq);
            tracing::info!(restaurant.id = %room.restaurant(), held, found, same_epoch, "too much was missed: everybody begins anew");
            return self.start_over(room).await;
        }
        events.iter().filter(|event| event.seq > head.seq).for_each(|event| self.carry_out(event));
        if room.fill(events) {
            self.heal_soon(Arc::clone(room));
        }
        Ok(())
    }

    /// The history is not the one this room knows, or too far ahead: a snapshot for everybody.
    async fn start_over(&self, room: &Arc<Room>) -> Result<(), Fault> {
        let Some((feed, _, open)) = self.0.store.recent(room.restaurant(), 0).await? else { return Ok(()) };
        self.0.store.menus.forget(room.restaurant());
        if room.restart(feed.head(), open) {
            self.heal_soon(Arc::clone(room));
        }
        Ok(())
    }

    /// Compares the heads of the rooms that are `concerned` with the database, and catches up where they differ.
    async fn compare_heads(&self, concerned: impl Fn(&Room) -> bool) -> Result<(), Fault> {
        let ready = |room: &Arc<Room>| room.is_ready() && concerned(room);
        let rooms: Vec<_> = self.0.hub.rooms().into_iter().filter(ready).collect();
        for some in rooms.chunks(COMPARED_ROOMS) {
            let ids: Vec<_> = some.iter().map(|room| room.restaurant()).collect();
            let before: Vec<_> = some.iter().map(|room| (room.head(), room.newest_at())).collect();
            let feeds = self.0.store.heads(&ids).await?;
            let feeds: HashMap<_, _> = feeds.into_iter().map(|feed| (feed.restaurant, feed)).collect();
            let behind = some.iter().zip(before).filter(|(room, (head, at))| {
                feeds.get(&room.restaurant()).is_some_and(|feed| {
                    let differs = *head != Some(feed.head()) || at.is_some_and(|at| at != feed.at);
                    // What is being told right now is no gap: only what was missing before the look counts.
                    differs && room.head() == *head
                })
            });
            futures_util::stream::iter(behind)
                .for_each_concurrent(COLD_READS, |(room, _)| async {
                    if let Err(fault) = self.catch_up(room).await {
                        tracing::warn!(%fault, restaurant.id = %room.restaurant(), "a restaurant could not be brought up to date");
                    }
                })
                .await;
        }
        Ok(())
    }

    /// Decides how a subscriber begins. It must be in the room's topic already, so that nothing can
    /// happen between this look and its first pull (W3).
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn start(&self, room: &Arc<Room>, topic: Topic, after: Option<Cursor>) -> Result<Start, Fault> {
        in_time(async {
            if let Some(cursor) = after
                && self.covers(room, cursor).await?
            {
                return Ok(Start::Replay(cursor));
            }
            Ok(self.snapshot(room, topic).await?.map_or(Start::Nothing, Start::Snapshot))
        })
        .await
    }

    /// A cursor above the head may come from another node: the database is asked before it counts as wrong.
    async fn covers(&self, room: &Arc<Room>, cursor: Cursor) -> Result<bool, Fault> {
        if room.head().is_some_and(|head| cursor.epoch == head.epoch && cursor.seq > head.seq) {
            self.catch_up(room).await?;
        }
        Ok(room.covers(cursor))
    }

    /// One read and one encoding per topic, shared by all who wait for it.
    async fn snapshot(&self, room: &Arc<Room>, topic: Topic) -> Result<Option<Arc<SharedSnapshot>>, Fault> {
        if let Some(shared) = room.snapshot(topic, SNAPSHOT_EVENTS_BEHIND) {
            return Ok(Some(shared));
        }
        let _one = room.snapshotting.lock().await;
        if let Some(shared) = room.snapshot(topic, SNAPSHOT_EVENTS_BEHIND) {
            return Ok(Some(shared));
        }
        let _permit = self.0.cold.acquire().await;
        self.0.observe.snapshot_read();
        let read = self.0.store.snapshot(room.restaurant(), topic, self.0.clock.now()).await?;
        let Some((cursor, snapshot)) = read else { return Ok(None) };
        let shared = Arc::new(SharedSnapshot { cursor, frames: frames(topic, cursor, snapshot) });
        room.keep_snapshot(topic, &shared);
        Ok(Some(shared))
    }
}

/// One line and a metric for each Redis server that fell silent, or is heard again.
fn tell_silence(before: &[bool], now: &[bool]) {
    for (server, silent) in now.iter().enumerate() {
        let label = server.to_string();
        metrics::gauge!(telemetry::BUS_SILENT, telemetry::LABEL_SERVER => label).set(if *silent { 1.0 } else { 0.0 });
        match (before.get(server), silent) {
            (Some(false), true) => tracing::warn!(server, "Redis is silent: heads are polled instead"),
            (Some(true), false) => tracing::info!(server, "Redis is heard"),
            _ => {}
        }
    }
}

/// A snapshot as `subscribed` messages, one per part.
fn frames(topic: Topic, cursor: Cursor, snapshot: Snapshot) -> Vec<Frame> {
    let parts = snapshot.parts();
    let count = u32::try_from(parts.len()).unwrap_or(u32::MAX);
    let message = |(part, snapshot)| {
        Frame::json(&ServerMessage::Subscribed(Subscribed {
            topic: name_of(topic),
            epoch: cursor.epoch,
            seq: cursor.seq,
            head: cursor.seq,
            snapshot: Some(snapshot),
            part: Some(part),
            parts: Some(count),
        }))
    };
    (1..).zip(parts).map(message).collect()
}

async fn in_time<T>(work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    tokio::time::timeout(COLD_WAIT, work).await.unwrap_or(Err(Fault::Busy("too many wait for what they begin with")))
}
