//! A node beside the test's server, on the same database: its own committer, bus, relay, hub and socket, with
//! bounds of the test's choice, a bus that loses and shuffles as it is told to, and counts of what it read.

use crate::harness::people::Person;
use crate::harness::restaurant;
use crate::harness::server::{self, Kind, Place, TestServer};
use comanda::bus::{self, Bus, Listener};
use comanda::clock::Clock;
use comanda::commands::tries::Tries;
use comanda::commands::{Commands, Lives};
use comanda::config::Config;
use comanda::domain::event::Event;
use comanda::domain::restaurant::GateRule;
use comanda::hub::Hub;
use comanda::hub::ring::RingLimits;
use comanda::identity::codes::Codes;
use comanda::identity::tokens::Tokens;
use comanda::protocol::PROTOCOL;
use comanda::protocol::close::Close;
use comanda::relay::{self, Relay};
use comanda::store::committer::{self, Committed, Source};
use comanda::store::{Committer, Store};
use comanda::telemetry::Sent;
use comanda::ws;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

/// New connections a second: more than any test makes.
const ADMITTED: NonZeroU32 = NonZeroU32::new(100_000).expect("above nothing");

/// What a test may choose; the rest is as in production.
pub struct Choice {
    pub bounds: ws::Bounds,
    pub ring: RingLimits,
    pub beat_staff: Duration,
    pub beat_guest: Duration,
    /// Of accepted sockets; the kernel doubles it.
    pub send_buffer: Option<u32>,
    /// The relay hears the bus from the beginning. Otherwise `Node::listen` lets it.
    pub listens: bool,
    pub clock: Clock,
}

impl Default for Choice {
    fn default() -> Self {
        let rate = NonZeroU32::new(10_000).expect("a rate");
        Self {
            bounds: ws::Bounds {
                hello: Duration::from_secs(5),
                hello_pending_per_address: 64,
                message_bytes: 16_384,
                messages_per_second: rate,
                messages_burst: rate,
                write_stall: Duration::from_secs(10),
                pull_bytes: 32_768,
                silence_staff: Duration::from_secs(8),
                silence_guest: Duration::from_secs(100),
                protocol: PROTOCOL,
            },
            ring: RingLimits { events: 256, bytes: 262_144, node_bytes: 1 << 28 },
            beat_staff: Duration::from_secs(2),
            beat_guest: Duration::from_secs(25),
            send_buffer: None,
            listens: true,
            clock: Clock::system(),
        }
    }
}

/// What the bus carries of one event: nothing, the event, or others that it held back.
type Carry = Box<dyn FnMut(Committed<Event>) -> Vec<Committed<Event>> + Send>;

/// A running node.
pub struct Node {
    pub base: String,
    pub hub: Arc<Hub>,
    pub relay: Relay,
    pub commands: Arc<Commands>,
    pub counts: Arc<Counts>,
    pub bus: Bus,
    pub stop: CancellationToken,
    pub tasks: TaskTracker,
    /// Of the socket, once it is open.
    pub door: Option<Arc<ws::Door>>,
    carry: Arc<Mutex<Carry>>,
    listener: Mutex<Option<Listener>>,
}

/// Reads of the relay.
#[derive(Default)]
pub struct Counts {
    pub healed: AtomicUsize,
    pub feeds: AtomicUsize,
    pub snapshots: AtomicUsize,
    /// Commands that reached the database.
    pub commands: AtomicUsize,
}

impl relay::Observe for Counts {
    fn gap_healed(&self) {
        self.healed.fetch_add(1, Ordering::SeqCst);
    }

    fn feed_read(&self) {
        self.feeds.fetch_add(1, Ordering::SeqCst);
    }

    fn snapshot_read(&self) {
        self.snapshots.fetch_add(1, Ordering::SeqCst);
    }
}

impl committer::Observe for Counts {
    fn batch(&self, commands: usize, _: Duration) {
        self.commands.fetch_add(commands, Ordering::SeqCst);
    }

    fn halved(&self) {}
    fn unknown(&self) {}
}

impl Node {
    pub async fn beside(server: &TestServer, choice: Choice) -> Self {
        let store = Store::new(server.app().commands.store.db.clone());
        let counts = Arc::new(Counts::default());
        let (bus, listener) = bus::in_process();
        let carry: Arc<Mutex<Carry>> = Arc::new(Mutex::new(Box::new(|event| vec![event])));
        let source = Source { clock: choice.clock.clone(), id: Arc::new(Uuid::now_v7) };
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let committer = committer(&store, &source, &bus, &carry, &counts, &tasks);
        let hub = Arc::new(Hub::new(choice.ring));
        let observe: Arc<dyn relay::Observe> = counts.clone();
        let clock = choice.clock.clone();
        let relay =
            Relay::new(bus.reach(), Arc::clone(&hub), store.clone(), clock, tasks.clone(), stop.clone(), observe);
        let (tokens, codes) = server.place.config("").keys().expect("the server's keys");
        let keys = (Tokens::new(tokens), Codes::new(codes));
        let lives = Lives {
            access: Duration::from_secs(900),
            refresh: Duration::from_secs(86_400),
            guest: Duration::from_secs(43_200),
        };
        let tries = Tries {
            wrong_per_account: 10,
            wrong_per_address: 100,
            wrong_within: Duration::from_secs(900),
            pairings_per_address: 10,
            pairings: 1000,
            codes_per_phone: 5,
            codes_per_address: 40,
            codes_per_restaurant: 300,
            codes: 3000,
            codes_within: Duration::from_secs(3600),
        };
        let commands = Arc::new(Commands::new(store, committer, Arc::clone(&hub), keys, source, (lives, tries)));
        tasks.spawn(relay.clone().watch(lives.access));
        tasks.spawn(relay.clone().beat(choice.beat_staff, choice.beat_guest));
        let listener = Mutex::new(Some(listener));
        let (base, door) = (String::new(), None);
        let mut node = Self { base, hub, relay, commands, counts, bus, stop, tasks, door, carry, listener };
        if choice.listens {
            node.listen();
        }
        let address = node.open(&choice).await;
        node.base = format!("http://{address}");
        node
    }

    async fn open(&mut self, choice: &Choice) -> SocketAddr {
        let door = Arc::new(ws::Door {
            commands: Arc::clone(&self.commands),
            relay: self.relay.clone(),
            hub: Arc::clone(&self.hub),
            bounds: choice.bounds,
            origins: Vec::new(),
            client_address: Arc::new(|peer, _| peer),
            tasks: self.tasks.clone(),
            draining: self.stop.clone(),
            stop: self.stop.clone(),
            farewell: Close::Restart,
            pending: parking_lot::Mutex::default(),
            admission: ws::Door::admission(ADMITTED, ADMITTED),
            sent: Sent::counters(),
            since: Instant::now(),
        });
        self.door = Some(Arc::clone(&door));
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        if let Some(bytes) = choice.send_buffer {
            socket.set_send_buffer_size(bytes).expect("a send buffer");
        }
        socket.bind("127.0.0.1:0".parse().expect("an address")).expect("bind");
        let listener = socket.listen(1024).expect("listen");
        let address = listener.local_addr().expect("an address");
        let app = ws::router(door).into_make_service_with_connect_info::<SocketAddr>();
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            let serve = axum::serve(listener, app).with_graceful_shutdown(stop.cancelled_owned());
            serve.await.expect("serve");
        });
        address
    }

    /// The relay begins to hear the bus.
    pub fn listen(&self) {
        let listener = self.listener.lock().expect("a lock").take().expect("it does not hear yet");
        self.tasks.spawn(self.relay.clone().listen(listener));
    }

    /// From now on the bus carries what `carry` makes of each event.
    pub fn carries(&self, carry: impl FnMut(Committed<Event>) -> Vec<Committed<Event>> + Send + 'static) {
        *self.carry.lock().expect("a lock") = Box::new(carry);
    }

    /// A person of the server, at this node.
    pub fn here(&self, person: &Person) -> Person {
        Person { base: self.base.clone(), ..person.clone() }
    }

    pub fn feed_reads(&self) -> usize {
        self.counts.feeds.load(Ordering::SeqCst)
    }

    pub fn snapshot_reads(&self) -> usize {
        self.counts.snapshots.load(Ordering::SeqCst)
    }
}

fn committer(
    store: &Store,
    source: &Source,
    bus: &Bus,
    carry: &Arc<Mutex<Carry>>,
    counts: &Arc<Counts>,
    tasks: &TaskTracker,
) -> Committer {
    let (bus, carry) = (bus.clone(), Arc::clone(carry));
    let publish: committer::Publish = Arc::new(move |event| {
        for event in carry.lock().expect("a lock")(event) {
            bus.publish(event);
        }
    });
    let observe: Arc<dyn committer::Observe> = counts.clone();
    let wait = Duration::from_secs(5);
    let (committer, writers) = Committer::new(&store.db, &store.menus, 2, wait, source, &publish, &observe);
    for writer in writers {
        tasks.spawn(writer);
    }
    committer
}

/// No alarm that nobody asked for comes between what a test counts.
const NO_ALARMS: &str = "[alarm]\nevery_ms = 3600000\n";

/// The test's server without its alarm clock, and with more settings.
pub async fn quiet_with(kind: Kind, gate: GateRule, more: &str, clock: Clock) -> TestServer {
    TestServer::start_with(kind, gate, &format!("{NO_ALARMS}{more}"), clock).await
}

/// The test's server without its alarm clock, its gate open.
pub async fn quiet(kind: Kind) -> TestServer {
    quiet_with(kind, GateRule::None, "", Clock::system()).await
}

/// The same with more lines in `[server]` and `[database]`, and more sections.
pub async fn custom(lines: &str, database: &str, more: &str, clock: Clock) -> TestServer {
    let place = Place::new(Kind::Sqlite);
    let (url, path) = (&place.url, place.path().display());
    let text = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\n{lines}\n[database]\nurl = \"{url}\"\n{database}\n[keys]\nfile = \"{path}/keys.toml\"\n{NO_ALARMS}{more}"
    );
    let config = Config::from_parts(Some(("test.toml", &text)), Vec::new()).expect("the test's settings");
    let running = comanda::app::start(&config, clock).await.expect("the server starts");
    let fixture = restaurant::fixture("olive", GateRule::None);
    restaurant::create(&running.commands.store, &fixture).await;
    let base = format!("http://{}", running.address);
    TestServer { place, server: Some(running), base, fixture, client: server::client() }
}
