//! What the hub knows of one connection: how to wake it, how to end it, whose it is.
//! Its session (in `ws`) owns the socket and all cursors; nobody else writes to it.

use crate::domain::ids::{ScreenId, SeatingId, SessionId, StationId};
use crate::domain::online::Online;
use crate::domain::people::Actor;
use crate::protocol::close::Close;
use futures_util::task::AtomicWaker;
use parking_lot::Mutex;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::task::{Context, Poll};

/// News in a topic of this connection.
pub const NEWS: u8 = 1;
/// A beat is due.
pub const BEAT: u8 = 2;
/// It is to end; `Connection::ending` says why.
pub const END: u8 = 4;

/// A connection's place in the hub.
pub struct Connection {
    // Set once.
    id: u64,
    session: Option<SessionId>,
    seating: Option<SeatingId>,
    screen: Option<ScreenId>,
    // Anybody sets, the session takes.
    flags: AtomicU8,
    waker: AtomicWaker,
    ending: Mutex<Option<Close>>,
    /// Topics it is in; their beats keep it awake.
    topics: AtomicUsize,
    /// Stations that a kitchen screen said it shows; `None` until it says so.
    stations: Mutex<Option<Box<[StationId]>>>,
}

impl Connection {
    #[must_use]
    pub fn new(id: u64, actor: &Actor) -> Self {
        let (session, seating) = match actor {
            Actor::Guest { seating, .. } => (None, Some(*seating)),
            Actor::Staff { session, .. } | Actor::Screen { session, .. } => (Some(*session), None),
            Actor::Takeaway { .. } | Actor::System => (None, None),
        };
        let screen = match actor {
            Actor::Screen { screen, .. } => Some(*screen),
            Actor::Guest { .. } | Actor::Takeaway { .. } | Actor::Staff { .. } | Actor::System => None,
        };
        Self {
            id,
            session,
            seating,
            screen,
            flags: AtomicU8::new(0),
            waker: AtomicWaker::new(),
            ending: Mutex::new(None),
            topics: AtomicUsize::new(0),
            stations: Mutex::new(None),
        }
    }

    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    #[must_use]
    pub fn session(&self) -> Option<SessionId> {
        self.session
    }

    #[must_use]
    pub fn seating(&self) -> Option<SeatingId> {
        self.seating
    }

    /// Tells the session that something waits for it.
    pub fn wake(&self, what: u8) {
        if self.flags.fetch_or(what, Ordering::Release) & what != what {
            self.waker.wake();
        }
    }

    /// Ends the connection; the first reason stands.
    pub fn end(&self, why: Close) {
        self.ending.lock().get_or_insert(why);
        self.wake(END);
    }

    #[must_use]
    pub fn ending(&self) -> Option<Close> {
        *self.ending.lock()
    }

    /// Takes what waits; registers for the next wake when nothing does.
    pub fn poll_woken(&self, cx: &mut Context<'_>) -> Poll<u8> {
        self.waker.register(cx.waker());
        match self.flags.swap(0, Ordering::Acquire) {
            0 => Poll::Pending,
            flags => Poll::Ready(flags),
        }
    }

    /// Waits for a wake and says what for.
    pub async fn woken(&self) -> u8 {
        std::future::poll_fn(|cx| self.poll_woken(cx)).await
    }

    /// Waits until it must end without another word: its login was ended.
    pub async fn cut_off(&self) {
        std::future::poll_fn(|cx| {
            self.waker.register(cx.waker());
            if self.ending() == Some(Close::Revoked) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    pub(super) fn entered_topic(&self) {
        self.topics.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn left_topic(&self) {
        self.topics.fetch_sub(1, Ordering::Relaxed);
    }

    #[must_use]
    pub fn has_topics(&self) -> bool {
        self.topics.load(Ordering::Relaxed) > 0
    }

    /// Takes this connection in among what is online.
    pub fn add_to(&self, online: &mut Online) {
        online.add(self.stations.lock().as_deref(), self.screen);
    }

    pub fn shows(&self, stations: &[StationId]) {
        *self.stations.lock() = Some(stations.into());
    }

    /// Does this screen show that station? One that has not said shows all.
    #[must_use]
    pub fn watches(&self, station: StationId) -> bool {
        self.stations.lock().as_ref().is_none_or(|stations| stations.contains(&station))
    }
}
