//! The composition root: builds every room, starts them in order and stops them in the reverse.
//! The only place that knows all rooms; `main` and the tests come here.

pub mod backup;
mod counts;
pub mod demo;
mod demo_data;
mod doors;
mod drain;
mod knock;
mod links;
pub mod lunch;
mod messages;
pub mod tls;
pub mod week;

use crate::bus::{self, Bus, Listener, Reach};
use crate::clock::Clock;
use crate::commands::retention::Keep;
use crate::commands::tries::Tries;
use crate::commands::{Commands, Lives};
use crate::config::{Config, Lock, LogFormat, copies};
use crate::domain::time::Timestamp;
use crate::hub::Hub;
use crate::hub::ring::RingLimits;
use crate::identity::codes::Codes;
use crate::identity::tokens::Tokens;
use crate::relay::Relay;
use crate::store::committer::{self, Publish, Source};
use crate::store::{Committer, Options, Store, wide};
use crate::telemetry;
use anyhow::{Context, Result};
use counts::Counts;
use doors::Rooms;
use secrecy::ExposeSecret;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

/// A running server.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    /// Where it speaks plain HTTP beside HTTPS.
    pub plain: Option<SocketAddr>,
    /// What links to it begin with.
    pub public_url: String,
    pub commands: Arc<Commands>,
    handle: axum_server::Handle<SocketAddr>,
    listening: doors::Listening,
    reach: Reach,
    draining: CancellationToken,
    stop: CancellationToken,
    tasks: TaskTracker,
    writers: TaskTracker,
    drain: Duration,
    _lock: Option<Lock>,
}

/// Sets up what a process has once: the TLS provider and the log.
///
/// # Errors
/// A log filter that does not parse.
pub fn init(config: &Config) -> Result<()> {
    provide_tls();
    let format = match config.log.format {
        LogFormat::Text => telemetry::Format::Text,
        LogFormat::Json => telemetry::Format::Json,
    };
    telemetry::init(format, &config.log.filter).context("the log could not be set up")
}

/// Without it no client of the process can be built.
pub fn provide_tls() {
    // Err: it is there already, which is what is wanted.
    drop(rustls::crypto::ring::default_provider().install_default());
}

/// Opens the database and starts serving.
///
/// # Errors
/// Whatever keeps it from serving, with what to do about it.
pub async fn start(config: &Config, clock: Clock) -> Result<Server> {
    let (store, lock) = open(config).await?;
    let stop = CancellationToken::new();
    let draining = CancellationToken::new();
    let (tasks, writers) = (TaskTracker::new(), TaskTracker::new());
    let counts = Arc::new(Counts);
    let (bus, listener) = open_bus(config, &tasks, &stop)?;
    let source = Source { clock: clock.clone(), id: Arc::new(Uuid::now_v7) };
    let committer = start_writers(config, &store, &bus, &source, &counts, &writers);
    let hub = Arc::new(Hub::new(RingLimits {
        events: config.ring.events,
        bytes: config.ring.bytes,
        node_bytes: config.ring.node_bytes,
    }));
    let reach = bus.reach();
    let relay =
        Relay::new(reach.clone(), Arc::clone(&hub), store.clone(), clock.clone(), tasks.clone(), stop.clone(), counts);
    let commands = Commands::new(store, committer, Arc::clone(&hub), identity(config)?, source, bounds(config));
    let commands = Arc::new(if reach.is_shared() { commands.among_others() } else { commands });
    load_revoked(&commands, config.tokens.access).await?;
    tasks.spawn(relay.clone().listen(listener));
    tasks.spawn(relay.clone().watch(config.tokens.access));
    tasks.spawn(relay.clone().poll());
    tasks.spawn(relay.clone().beat(config.socket.beat_staff, config.socket.beat_guest));
    start_clocks(config, &commands, &tasks, &stop);
    let place = doors::Place::take(config, commands.clock.now())?;
    let (address, plain, public_url) = (place.address, place.plain(), place.public_url.clone());
    let notifier = Arc::new(messages::notifier(config, &commands, public_url.clone(), &tasks)?);
    tasks.spawn(Arc::clone(&notifier).run(stop.clone()));
    tasks.spawn(Arc::clone(&notifier).prune_forever(stop.clone()));
    let rooms = Rooms {
        commands: &commands,
        notifier: &notifier,
        relay: &relay,
        hub: &hub,
        bus: &reach,
        tasks: &tasks,
        draining: &draining,
        stop: &stop,
    };
    let router = doors::router(config, &place, &rooms)?;
    let (handle, listening) = doors::serve(config, place, router, &rooms)?;
    tracing::info!(%address, version = env!("CARGO_PKG_VERSION"), "serving");
    Ok(Server {
        address,
        plain,
        public_url,
        commands,
        handle,
        listening,
        reach,
        draining,
        stop,
        tasks,
        writers,
        drain: config.server.drain,
        _lock: lock,
    })
}

impl Server {
    /// Stops in order: no new connections, clients sent to other nodes if there are any, sockets closed with 1012,
    /// requests finished, commits written, the database closed. Everything within the drain time, and a little for
    /// the database.
    pub async fn stop(self) {
        tracing::info!("stopping");
        self.draining.cancel();
        self.handle.graceful_shutdown(Some(self.drain));
        if self.reach.is_shared() {
            drain::send_away(&self.commands.hub, self.drain).await;
        }
        self.stop.cancel();
        let store = self.commands.store.clone();
        let finished = tokio::time::timeout(self.drain * 2, async {
            if let Ok(Err(error)) = self.listening.await {
                tracing::warn!(%error, "the listener ended badly");
            }
            drop(self.commands);
            self.writers.close();
            self.writers.wait().await;
            self.reach.part().await;
            self.tasks.close();
            self.tasks.wait().await;
        });
        if finished.await.is_err() {
            tracing::warn!("not everything ended within the drain time");
        }
        store.db.close().await;
        tracing::info!("stopped");
    }

    /// Ends when the listener does by itself.
    pub async fn failed(&mut self) -> std::io::Error {
        match (&mut self.listening).await {
            Ok(Err(error)) => error,
            Ok(Ok(())) => std::io::Error::other("the listener ended"),
            Err(error) => std::io::Error::other(error),
        }
    }
}

/// Opens the database alone, for subcommands.
///
/// # Errors
/// Whatever keeps it from being used, with what to do about it.
pub async fn open(config: &Config) -> Result<(Store, Option<Lock>)> {
    let lock = match config.database.sqlite_file() {
        Some(file) => {
            let lock = Lock::take(&file).context("the database cannot be used")?;
            copies::expect_none_interrupted(&file)?;
            Some(lock)
        }
        None => None,
    };
    let options = Options {
        url: config.database.url.expose_secret().to_owned(),
        readers: config.database.readers,
        writers: config.database.writers,
    };
    let db = crate::store::open(&options).await.context("the database cannot be opened")?;
    Ok((Store::new(db), lock))
}

/// In memory for one node, over Redis for many.
fn open_bus(config: &Config, tasks: &TaskTracker, stop: &CancellationToken) -> Result<(Bus, Listener)> {
    if config.bus.servers.is_empty() {
        return Ok(bus::in_process());
    }
    let shared = bus::Shared { urls: config.bus.servers.clone(), prefix: config.bus.prefix.clone() };
    bus::over_redis(&shared, tasks, stop).context("`bus.redis` cannot be used")
}

fn start_writers(
    config: &Config,
    store: &Store,
    bus: &Bus,
    source: &Source,
    counts: &Arc<Counts>,
    writers: &TaskTracker,
) -> Committer {
    let bus = bus.clone();
    let publish: Publish = Arc::new(move |event| {
        if bus.publish(event) {
            metrics::counter!(telemetry::EVENTS_PUBLISHED).increment(1);
        } else {
            tracing::warn!("the bus is full: an event will be fetched from the database instead");
        }
    });
    let observe: Arc<dyn committer::Observe> = counts.clone();
    let count = usize::try_from(config.database.writers).unwrap_or(1);
    let (committer, loops) =
        Committer::new(&store.db, &store.menus, count, config.database.command_wait, source, &publish, &observe);
    for writer in loops {
        writers.spawn(writer);
    }
    committer
}

fn identity(config: &Config) -> Result<(Tokens, Codes)> {
    let (token_keys, code_keys) = config.keys()?;
    Ok((Tokens::new(token_keys), Codes::new(code_keys)))
}

fn bounds(config: &Config) -> (Lives, Tries) {
    let (tokens, limits) = (&config.tokens, &config.limits);
    let lives = Lives { access: tokens.access, refresh: tokens.refresh, guest: tokens.guest };
    let tries = Tries {
        wrong_per_account: i64::from(limits.wrong_per_account.get()),
        wrong_per_address: i64::from(limits.wrong_per_address.get()),
        wrong_within: limits.wrong_within,
        pairings_per_address: i64::from(limits.pairings_per_address.get()),
        pairings: i64::from(limits.pairings.get()),
        codes_per_phone: i64::from(limits.codes_per_phone.get()),
        codes_per_address: i64::from(limits.codes_per_address.get()),
        codes_per_restaurant: i64::from(limits.codes_per_restaurant.get()),
        codes: i64::from(limits.codes.get()),
        codes_within: limits.codes_within,
    };
    (lives, tries)
}

/// A token may outlive its login by what is left of its life: those logins are known before serving (W8).
async fn load_revoked(commands: &Commands, access: Duration) -> Result<()> {
    let since: Timestamp = commands.clock.now().minus(access);
    for (session, at) in wide::revoked_since(&commands.store.db, since).await? {
        commands.hub.revoke(session, at);
    }
    Ok(())
}

fn start_clocks(config: &Config, commands: &Arc<Commands>, tasks: &TaskTracker, stop: &CancellationToken) {
    let (alarm, keep) = (config.alarm.clone(), &config.retention);
    let keep =
        Keep { state: keep.state, events: keep.events, commands: keep.commands, batch: i64::from(keep.prune_batch) };
    let (c, s) = (Arc::clone(commands), stop.clone());
    let (every, batch) = (alarm.every, i64::from(alarm.batch));
    tasks.spawn(async move { c.watch_unseen(every, batch, s).await });
    let (c, s) = (Arc::clone(commands), stop.clone());
    tasks.spawn(async move { c.watch_idle(every, batch, s).await });
    let (c, s) = (Arc::clone(commands), stop.clone());
    tasks.spawn(async move { c.watch_starts(every, batch, s).await });
    let (c, s) = (Arc::clone(commands), stop.clone());
    tasks.spawn(async move { c.tell_presence(s).await });
    let (c, s) = (Arc::clone(commands), stop.clone());
    tasks.spawn(async move { c.prune_forever(keep, s).await });
    let (c, s) = (Arc::clone(commands), stop.clone());
    tasks.spawn(async move { c.checkpoint_forever(s).await });
}
