//! One Redis server as this node sees it: what is wanted from it, what it confirmed, and when it was heard last.

use super::message::{self, Canary, News};
use super::{CONFIRM, DOUBT, LOST_NODE, SILENCE, publisher, subscriber};
use crate::domain::event::Event;
use crate::domain::ids::RestaurantId;
use parking_lot::Mutex;
use redis::Client;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

/// Who speaks on a path, and how its channels are named.
#[derive(Clone, Debug)]
pub struct Subject {
    pub node: Uuid,
    /// Of the server, in the order of the configuration.
    pub number: usize,
    pub prefix: String,
}

/// A path to the other nodes. Cloning shares it.
#[derive(Clone)]
pub struct Path {
    state: Arc<State>,
    outbox: mpsc::Sender<publisher::Outgoing>,
}

/// What the two tasks of a path and its users share.
pub struct State {
    pub subject: Subject,
    wanted: Mutex<HashSet<RestaurantId>>,
    /// Tells the subscriber that `wanted` changed.
    pub wish: Notify,
    confirmed: Mutex<HashSet<RestaurantId>>,
    /// Counts changes of `confirmed`.
    confirmations: watch::Sender<u64>,
    /// When the own voice came back; never, at first.
    own: Mutex<Option<Instant>>,
    others: Mutex<HashMap<Uuid, Instant>>,
    local: mpsc::WeakSender<Event>,
    gaps: Arc<Notify>,
}

impl Path {
    /// Opens both connections, and keeps them open, as `tasks`.
    pub fn open(
        client: Client,
        subject: Subject,
        local: mpsc::WeakSender<Event>,
        gaps: Arc<Notify>,
        tasks: &TaskTracker,
        stop: &CancellationToken,
    ) -> Self {
        let state = Arc::new(State {
            subject,
            wanted: Mutex::default(),
            wish: Notify::new(),
            confirmed: Mutex::default(),
            confirmations: watch::Sender::new(0),
            own: Mutex::new(None),
            others: Mutex::default(),
            local,
            gaps,
        });
        let (outbox, outgoing) = mpsc::channel(publisher::OUTGOING);
        tasks.spawn(publisher::run(client.clone(), Arc::clone(&state), outgoing, stop.clone()));
        tasks.spawn(subscriber::run(client, Arc::clone(&state), stop.clone()));
        Self { state, outbox }
    }

    /// Puts an event on its way to the other nodes; never waits.
    pub fn publish(&self, event: &Event) -> bool {
        let news = News { node: self.state.subject.node, event: Cow::Borrowed(event) };
        let Ok(payload) = serde_json::to_vec(&news) else { return false };
        let channel = message::channel(&self.state.subject.prefix, event.restaurant);
        self.outbox.try_send(publisher::Outgoing { channel, payload, goodbye: None }).is_ok()
    }

    /// See `Bus::listen_to`.
    pub async fn listen_to(&self, restaurant: RestaurantId) -> bool {
        let mut changes = self.state.confirmations.subscribe();
        if self.state.wanted.lock().insert(restaurant) {
            self.state.wish.notify_one();
        }
        let confirmed = async {
            while !self.state.confirmed.lock().contains(&restaurant) {
                if changes.changed().await.is_err() {
                    return;
                }
            }
        };
        tokio::time::timeout(CONFIRM, confirmed).await.is_ok()
    }

    /// See `Bus::let_go`.
    pub fn let_go(&self, restaurant: RestaurantId) {
        if self.state.wanted.lock().remove(&restaurant) {
            self.state.wish.notify_one();
        }
    }

    /// See `Bus::hears`.
    pub fn hears(&self, restaurant: RestaurantId) -> bool {
        !self.state.is_doubtful() && !self.state.misses_a_node() && self.state.confirmed.lock().contains(&restaurant)
    }

    /// Has this node not heard itself over this path for too long?
    pub fn is_silent(&self) -> bool {
        self.state.silent_for().is_none_or(|silence| silence >= SILENCE)
    }

    /// See `Bus::part`.
    pub async fn part(&self) {
        let (sent, went) = tokio::sync::oneshot::channel();
        let payload = Canary::Parting { node: self.state.subject.node }.encoded();
        let goodbye =
            publisher::Outgoing { channel: message::nodes(&self.state.subject.prefix), payload, goodbye: Some(sent) };
        let said = async { self.outbox.send(goodbye).await.is_ok() && went.await.is_ok() };
        // Late or never: the others will look for a while, which is harmless.
        tokio::time::timeout(CONFIRM, said).await.ok();
    }
}

impl State {
    /// Has the own voice not come back for so long that others may not be heard either?
    fn is_doubtful(&self) -> bool {
        self.silent_for().is_none_or(|silence| silence >= DOUBT)
    }

    /// How long the own voice has not been heard; `None`: never yet.
    pub fn silent_for(&self) -> Option<Duration> {
        self.own.lock().map(|at| at.elapsed())
    }

    /// Was a node heard lately that is not heard now, and did not say goodbye?
    fn misses_a_node(&self) -> bool {
        self.others.lock().values().any(|at| (SILENCE..LOST_NODE).contains(&at.elapsed()))
    }

    /// What is wanted and not subscribed to, and the other way round.
    pub fn differences(&self) -> (Vec<RestaurantId>, Vec<RestaurantId>) {
        let (wanted, confirmed) = (self.wanted.lock(), self.confirmed.lock());
        (wanted.difference(&confirmed).copied().collect(), confirmed.difference(&wanted).copied().collect())
    }

    pub fn confirm(&self, restaurants: &[RestaurantId]) {
        self.confirmed.lock().extend(restaurants);
        self.confirmations.send_modify(|count| *count = count.wrapping_add(1));
    }

    pub fn unconfirm(&self, restaurants: &[RestaurantId]) {
        let mut confirmed = self.confirmed.lock();
        for restaurant in restaurants {
            confirmed.remove(restaurant);
        }
    }

    /// The connection broke: nothing is subscribed to, and what is being published now is not heard.
    pub fn unconfirm_all(&self) {
        self.confirmed.lock().clear();
    }

    /// Something may have been missed: the relay is to look.
    pub fn gap(&self) {
        self.gaps.notify_one();
    }

    /// Takes what came on a channel.
    pub fn heard(&self, channel: &str, payload: &[u8]) {
        if channel == message::own(&self.subject.prefix, self.subject.node) {
            let before = self.own.lock().replace(Instant::now());
            if before.is_some_and(|at| at.elapsed() >= DOUBT) {
                self.gap();
            }
            return;
        }
        if channel == message::nodes(&self.subject.prefix) {
            match serde_json::from_slice::<Canary>(payload) {
                Ok(canary) => self.heard_node(canary),
                Err(error) => tracing::debug!(%error, "a canary of another version"),
            }
            return;
        }
        match serde_json::from_slice::<News>(payload) {
            Ok(news) if news.node == self.subject.node => {}
            Ok(news) => {
                let local = self.local.upgrade();
                if local.is_some_and(|local| local.try_send(news.event.into_owned()).is_err()) {
                    tracing::warn!("too much news at once: some will be fetched from the database instead");
                    metrics::counter!(crate::telemetry::BUS_DROPPED).increment(1);
                }
            }
            Err(error) => {
                tracing::warn!(%error, channel, "news that cannot be read; it will be fetched from the database instead");
                self.gap();
            }
        }
    }

    fn heard_node(&self, canary: Canary) {
        let mut others = self.others.lock();
        match canary {
            Canary::Alive { node } | Canary::Parting { node } if node == self.subject.node => {}
            Canary::Alive { node } => {
                let before = others.insert(node, Instant::now());
                others.retain(|_, at| at.elapsed() < LOST_NODE);
                if before.is_some_and(|at| at.elapsed() >= SILENCE) {
                    self.gap();
                }
            }
            Canary::Parting { node } => {
                others.remove(&node);
                drop(others);
                // Its last events may have come while its connections were closing.
                self.gap();
            }
        }
    }
}
