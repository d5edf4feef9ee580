//! The doors as `app` builds them: routes with what they lead to, the address, the listener.

use super::knock::{Knock, KnockBehind};
use super::links;
use super::tls::Tls;
use crate::bus::Reach;
use crate::commands::Commands;
use crate::config::Config;
use crate::domain::time::Timestamp;
use crate::hub::Hub;
use crate::notify::Notifier;
use crate::protocol::PROTOCOL;
use crate::protocol::close::Close;
use crate::relay::Relay;
use crate::telemetry::Sent;
use crate::{http, ws};
use anyhow::{Context, Result};
use metrics_exporter_prometheus::PrometheusHandle;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpSocket;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Where the doors stand.
pub struct Place {
    listener: std::net::TcpListener,
    pub address: SocketAddr,
    /// Plain HTTP beside HTTPS.
    plain: Option<(std::net::TcpListener, SocketAddr)>,
    tls: Option<Tls>,
    /// What links and codes begin with.
    pub public_url: String,
}

impl Place {
    /// Takes the addresses before anything is built, so that links can name the port.
    ///
    /// # Errors
    /// When somebody else has an address, or it is not of this machine; a certificate that cannot be used.
    pub fn take(config: &Config, now: Timestamp) -> Result<Self> {
        let tls = Tls::open(config, now)?;
        let (listener, address) = bind(config.server.listen)?;
        let plain = config.tls.plain_listen.map(bind).transpose()?;
        // Guests' phones do not know a local authority: they come over plain HTTP where there is some.
        let guests = plain.as_ref().filter(|_| config.tls.local).map(|(_, address)| ("http", *address));
        let (scheme, seen) = guests.unwrap_or((if tls.is_some() { "https" } else { "http" }, address));
        let public_url = links::base(scheme, seen, config.server.public_url().as_deref());
        Ok(Self { listener, address, plain, tls, public_url })
    }

    /// Where plain HTTP is spoken beside HTTPS.
    #[must_use]
    pub fn plain(&self) -> Option<SocketAddr> {
        self.plain.as_ref().map(|(_, address)| *address)
    }
}

/// What the doors lead to.
pub struct Rooms<'a> {
    pub commands: &'a Arc<Commands>,
    pub notifier: &'a Arc<Notifier>,
    pub relay: &'a Relay,
    pub hub: &'a Arc<Hub>,
    pub bus: &'a Reach,
    pub tasks: &'a TaskTracker,
    pub draining: &'a CancellationToken,
    pub stop: &'a CancellationToken,
}

/// All routes.
///
/// # Errors
/// When the metrics could not be set up, or the authority cannot be read.
pub fn router(config: &Config, place: &Place, rooms: &Rooms<'_>) -> Result<axum::Router> {
    let Rooms { commands, notifier, relay, hub, bus, tasks, draining, stop } = rooms;
    let metrics = super::counts::recorder()?;
    let door = Arc::new(http::Door {
        commands: Arc::clone(commands),
        notifier: Arc::clone(notifier),
        relay: (*relay).clone(),
        hub: Arc::clone(hub),
        limits: http::Door::limits(config),
        menus: http::PackedMenus::default(),
        origins: config.server.allowed_origins.clone(),
        trusted_proxies: config.server.trusted_proxies.clone(),
        secure: place.public_url.starts_with("https://"),
        public_url: place.public_url.clone(),
        trust: place.tls.as_ref().map(|tls| tls.trust(place.address.port())).transpose()?.flatten(),
        metrics: metrics.clone(),
        bus: (*bus).clone(),
        draining: (*draining).clone(),
        stop: (*stop).clone(),
    });
    let (d, s) = (Arc::clone(&door), (*stop).clone());
    tasks.spawn(async move { upkeep(&d, &metrics, s).await });
    let bounds = http::Bounds { request: config.server.request_timeout, body_bytes: config.server.body_bytes };
    let trusted = config.server.trusted_proxies.clone();
    let socket = ws::Door {
        commands: Arc::clone(commands),
        relay: (*relay).clone(),
        hub: Arc::clone(hub),
        bounds: socket_bounds(config),
        origins: config.server.allowed_origins.clone(),
        client_address: Arc::new(move |peer, headers| http::client_address(&trusted, peer, headers)),
        tasks: (*tasks).clone(),
        draining: (*draining).clone(),
        stop: (*stop).clone(),
        farewell: if bus.is_shared() { Close::Moving } else { Close::Restart },
        pending: parking_lot::Mutex::default(),
        admission: ws::Door::admission(config.socket.handshakes_per_second, config.socket.handshakes_burst),
        sent: Sent::counters(),
        since: Instant::now(),
    };
    Ok(http::router(door, &bounds, ws::router(Arc::new(socket))))
}

/// A client that missed so many beats, and did not answer their pings, is gone …
const MISSED_BEATS: u32 = 4;
/// … but not before this, however often they come.
const SILENCE_LEAST: Duration = Duration::from_secs(8);

fn socket_bounds(config: &Config) -> ws::Bounds {
    let socket = &config.socket;
    ws::Bounds {
        hello: socket.hello,
        hello_pending_per_address: socket.hello_pending_per_address,
        message_bytes: socket.message_bytes,
        messages_per_second: socket.messages_per_second,
        messages_burst: socket.messages_burst,
        write_stall: socket.write_stall,
        pull_bytes: socket.pull_bytes,
        silence_staff: (socket.beat_staff * MISSED_BEATS).max(SILENCE_LEAST),
        silence_guest: (socket.beat_guest * MISSED_BEATS).max(SILENCE_LEAST),
        protocol: PROTOCOL,
    }
}

async fn upkeep(door: &http::Door, metrics: &PrometheusHandle, stop: CancellationToken) {
    let mut tick = tokio::time::interval(Duration::from_secs(10));
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = tick.tick() => {}
        }
        metrics.run_upkeep();
        door.limits.forget_idle();
    }
}

/// What the kernel keeps for a client that takes nothing, at most; it doubles this for its own bookkeeping. By itself
/// it would keep up to 4 MiB, as it does for a file that is downloaded.
const SEND_BUFFER: u32 = 64 * 1024;
/// Connections that wait to be taken; the kernel has a bound of its own below this.
const BACKLOG: u32 = 4096;

fn bind(wanted: SocketAddr) -> Result<(std::net::TcpListener, SocketAddr)> {
    let listener = listen(wanted).with_context(|| format!("cannot listen on {wanted}"))?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

fn listen(wanted: SocketAddr) -> std::io::Result<std::net::TcpListener> {
    let socket = if wanted.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A server that was just stopped may be started again at once.
    socket.set_reuseaddr(true)?;
    // Accepted connections inherit it.
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.bind(wanted)?;
    socket.listen(BACKLOG)?.into_std()
}

/// Ends when the listeners do.
pub type Listening = tokio::task::JoinHandle<std::io::Result<()>>;
type Handle = axum_server::Handle<SocketAddr>;

/// Serves until the handle is told to stop.
///
/// # Errors
/// When a listener cannot be used.
pub fn serve(config: &Config, place: Place, router: axum::Router, rooms: &Rooms<'_>) -> Result<(Handle, Listening)> {
    let handle = Handle::new();
    let header_time = config.server.header_read_timeout;
    let knock = Knock { within: header_time, stop: rooms.stop.clone() };
    let Some(tls) = place.tls else {
        let serving = plain(place.listener, &knock, &handle, router)?;
        #[expect(
            clippy::disallowed_methods,
            reason = "the listener's end is awaited by `Server`, not by the tracker"
        )]
        return Ok((handle, tokio::spawn(serving)));
    };
    let handshake = axum_server::tls_rustls::RustlsAcceptor::new(tls.rustls.clone())
        .handshake_timeout(header_time)
        .acceptor(knock.clone());
    let acceptor = KnockBehind { tls: handshake, knock: knock.clone() };
    let mut server = axum_server::from_tcp(place.listener)?.acceptor(acceptor).handle(handle.clone());
    server.http_builder().http1().timer(hyper_util::rt::TokioTimer::new()).header_read_timeout(header_time);
    let service =
        router.clone().layer(axum::Extension(http::OverTls)).into_make_service_with_connect_info::<SocketAddr>();
    let beside = match place.plain {
        Some((listener, _)) => {
            let all = if config.tls.local { router } else { http::elsewhere(place.public_url) };
            Some(plain(listener, &knock, &handle, all)?)
        }
        None => None,
    };
    let clock = rooms.commands.clock.clone();
    rooms.tasks.spawn(tls.keep(clock, rooms.stop.clone()));
    #[expect(clippy::disallowed_methods, reason = "the listeners' end is awaited by `Server`, not by the tracker")]
    let listening = tokio::spawn(async move {
        let beside = async {
            match beside {
                Some(serving) => serving.await,
                None => Ok(()),
            }
        };
        tokio::try_join!(server.serve(service), beside).map(drop)
    });
    Ok((handle, listening))
}

fn plain(
    listener: std::net::TcpListener,
    knock: &Knock,
    handle: &Handle,
    router: axum::Router,
) -> Result<impl Future<Output = std::io::Result<()>> + use<>> {
    let mut server = axum_server::from_tcp(listener)?.acceptor(knock.clone()).handle(handle.clone());
    server.http_builder().http1().timer(hyper_util::rt::TokioTimer::new()).header_read_timeout(knock.within);
    Ok(server.serve(router.into_make_service_with_connect_info::<SocketAddr>()))
}
