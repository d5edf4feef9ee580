//! Carries committed events to the relay of every node: within this one through memory, to the others through
//! Redis. A doorbell (L3): publishing never waits, and what could not be carried the relay finds missing and fetches
//! from the database. The bus only has to know when it may be deaf, so that the relay looks by itself.

mod message;
mod path;
mod publisher;
mod subscriber;

use crate::domain::event::Event;
use crate::domain::ids::RestaurantId;
use crate::store::committer::Committed;
use path::{Path, Subject};
use redis::io::tcp::TcpSettings;
use redis::{Client, IntoConnectionInfo};
use secrecy::{ExposeSecret, SecretString};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

/// Events on their way to the relay of this node at most.
pub const CARRIED_EVENTS: usize = 8192;
/// A restaurant waits so long for Redis to confirm that it is listened to; then its head is polled instead.
pub const CONFIRM: Duration = Duration::from_secs(1);
/// Each node proves to itself this often, over the very connections that carry events, that it can be heard …
pub const ECHO: Duration = Duration::from_millis(100);
/// … and looks for news by itself after so long without, whatever the sockets say.
pub const DOUBT: Duration = Duration::from_millis(300);
/// Each node tells the others this often that it is there …
pub const CANARY: Duration = Duration::from_secs(1);
/// … and what was silent for so long, itself or another, is worth a word.
pub const SILENCE: Duration = Duration::from_secs(2);
/// A node that was heard and is no more may still be writing: its news is looked for this long.
pub const LOST_NODE: Duration = Duration::from_secs(60);

/// How nodes find each other.
#[derive(Clone)]
pub struct Shared {
    /// Plain Redis servers; each restaurant's news goes over one of them, by hash.
    pub urls: Vec<SecretString>,
    /// What the names of channels begin with.
    pub prefix: String,
}

/// Where committed events are published. Cloning shares it; the listener ends with the last of them.
#[derive(Clone)]
pub struct Bus {
    local: mpsc::Sender<Event>,
    reach: Reach,
}

/// What of the other nodes can be heard here. Cloning shares it.
#[derive(Clone)]
pub struct Reach {
    paths: Arc<[Path]>,
    gaps: Arc<Notify>,
}

/// Where the relay hears of events.
pub struct Listener(mpsc::Receiver<Event>);

/// The bus of one node by itself.
#[must_use]
pub fn in_process() -> (Bus, Listener) {
    let (local, receiver) = mpsc::channel(CARRIED_EVENTS);
    (Bus { local, reach: Reach { paths: Arc::new([]), gaps: Arc::default() } }, Listener(receiver))
}

/// The bus of one node among many. What keeps the connections runs as `tasks` until `stop`, and until this node has
/// parted.
///
/// # Errors
/// A URL that cannot be read. A Redis that is away is none.
pub fn over_redis(
    shared: &Shared,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> Result<(Bus, Listener), redis::RedisError> {
    let (local, receiver) = mpsc::channel(CARRIED_EVENTS);
    let gaps = Arc::new(Notify::new());
    let node = Uuid::new_v4();
    let open = |(number, url): (usize, &SecretString)| {
        let info = url.expose_secret().into_connection_info()?;
        // News is small and waits for nothing.
        let client = Client::open(info.set_tcp_settings(TcpSettings::default().set_nodelay(true)))?;
        let subject = Subject { node, number, prefix: shared.prefix.clone() };
        Ok(Path::open(client, subject, local.downgrade(), Arc::clone(&gaps), tasks, stop))
    };
    let paths = (0..).zip(&shared.urls).map(open).collect::<Result<_, redis::RedisError>>()?;
    Ok((Bus { local, reach: Reach { paths, gaps } }, Listener(receiver)))
}

impl Bus {
    /// Publishes what was committed. Says whether it could be carried everywhere; if not, nothing is lost.
    pub fn publish(&self, event: Committed<Event>) -> bool {
        let event = event.into_inner();
        let sent = self.reach.path(event.restaurant).is_none_or(|path| path.publish(&event));
        self.local.try_send(event).is_ok() && sent
    }

    /// What of the other nodes can be heard here.
    #[must_use]
    pub fn reach(&self) -> Reach {
        self.reach.clone()
    }
}

impl Reach {
    /// From now on events of other nodes are heard, once this says so. `false`: not in time; it is tried further.
    pub async fn listen_to(&self, restaurant: RestaurantId) -> bool {
        match self.path(restaurant) {
            Some(path) => path.listen_to(restaurant).await,
            None => true,
        }
    }

    /// Nobody here needs the restaurant's events any more.
    pub fn let_go(&self, restaurant: RestaurantId) {
        if let Some(path) = self.path(restaurant) {
            path.let_go(restaurant);
        }
    }

    /// Would news of this restaurant, from any node, be heard now? As far as one can know.
    #[must_use]
    pub fn hears(&self, restaurant: RestaurantId) -> bool {
        self.path(restaurant).is_none_or(|path| path.hears(restaurant))
    }

    /// Waits until messages may have been lost that nothing else would tell of.
    pub async fn gap(&self) {
        self.gaps.notified().await;
    }

    /// Are there other nodes?
    #[must_use]
    pub fn is_shared(&self) -> bool {
        !self.paths.is_empty()
    }

    /// For each Redis server, in the order of the configuration: is nothing heard over it?
    #[must_use]
    pub fn silent(&self) -> Vec<bool> {
        self.paths.iter().map(Path::is_silent).collect()
    }

    /// Says goodbye, so that the others need not look for what this node may have written.
    pub async fn part(&self) {
        for path in self.paths.iter() {
            path.part().await;
        }
    }

    fn path(&self, restaurant: RestaurantId) -> Option<&Path> {
        let mut hasher = DefaultHasher::new();
        restaurant.hash(&mut hasher);
        let count = u64::try_from(self.paths.len()).ok().filter(|count| *count > 0)?;
        self.paths.get(usize::try_from(hasher.finish() % count).ok()?)
    }
}

impl Listener {
    /// The next event; `None` once nobody can publish any more.
    pub async fn next(&mut self) -> Option<Event> {
        self.0.recv().await
    }
}
