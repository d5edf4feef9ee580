//! Carries committed events from the committer to the relay. A doorbell (L3): it never waits, and what
//! it cannot carry the relay finds missing and fetches from the database.

use crate::domain::event::Event;
use crate::store::committer::Committed;
use tokio::sync::mpsc;

/// Events on their way to the relay of this node at most.
pub const CARRIED_EVENTS: usize = 8192;

/// Where committed events are published.
#[derive(Clone)]
pub struct Bus(mpsc::Sender<Committed<Event>>);

/// Where the relay hears of them.
pub struct Listener(mpsc::Receiver<Committed<Event>>);

/// The bus of one node by itself.
#[must_use]
pub fn in_process() -> (Bus, Listener) {
    let (sender, receiver) = mpsc::channel(CARRIED_EVENTS);
    (Bus(sender), Listener(receiver))
}

impl Bus {
    /// Publishes what was committed. Says whether it could be carried; if not, nothing is lost.
    pub fn publish(&self, event: Committed<Event>) -> bool {
        self.0.try_send(event).is_ok()
    }
}

impl Listener {
    /// The next event; `None` once nobody can publish any more.
    pub async fn next(&mut self) -> Option<Event> {
        self.0.recv().await.map(Committed::into_inner)
    }
}
