//! A wire between two programs that the test can cut, hold up and restore.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What the wire does now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    Whole,
    /// Bytes come so much later.
    Slow(Duration),
    /// Nothing passes, and connections stay open.
    Held,
    /// Nothing passes from the far side; what is sent to it does.
    HalfHeld,
    /// A byte at a time from the far side, with so much between them.
    Trickling(Duration),
    /// The far side says that it has ended, and does not go away; new connections too.
    HalfClosed,
    /// Connections are reset, and new ones too.
    Cut,
}

/// A listener that passes on what it gets to `target`.
#[derive(Clone)]
pub struct Proxy {
    pub port: u16,
    wire: Arc<watch::Sender<Wire>>,
}

impl Proxy {
    pub async fn to(target: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let wire = Arc::new(watch::Sender::new(Wire::Whole));
        let proxy = Self { port, wire };
        let (here, target) = (proxy.clone(), SocketAddr::from((Ipv4Addr::LOCALHOST, target)));
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let proxy = here.clone();
                tokio::spawn(async move { proxy.pass(near, target).await });
            }
        });
        proxy
    }

    pub fn set(&self, wire: Wire) {
        self.wire.send_replace(wire);
    }

    async fn pass(&self, near: TcpStream, target: SocketAddr) {
        if *self.wire.borrow() == Wire::Cut {
            return;
        }
        let Ok(far) = TcpStream::connect(target).await else { return };
        // What is small must not wait for more.
        near.set_nodelay(true).ok();
        far.set_nodelay(true).ok();
        let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
        let mut wire = self.wire.subscribe();
        tokio::select! {
            () = carry(near_in, far_out, self.wire.subscribe(), false) => {}
            () = carry(far_in, near_out, self.wire.subscribe(), true) => {}
            _ = wire.wait_for(|wire| *wire == Wire::Cut) => {}
        }
    }
}

async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut wire: watch::Receiver<Wire>, is_back: bool) {
    let mut bytes = vec![0; 16 * 1024];
    loop {
        let half_closed = async {
            wire.wait_for(|wire| is_back && *wire == Wire::HalfClosed).await.ok();
        };
        let read = tokio::select! {
            read = from.read(&mut bytes) => Some(read),
            () = half_closed => None,
        };
        let Some(read) = read else {
            to.shutdown().await.ok();
            return std::future::pending().await;
        };
        let Ok(count @ 1..) = read else { return };
        let held = |wire: &Wire| *wire == Wire::Held || (is_back && *wire == Wire::HalfHeld);
        let Ok(now) = wire.wait_for(|wire| !held(wire)).await.map(|wire| *wire) else { return };
        let step = if is_back && matches!(now, Wire::Trickling(_)) { 1 } else { count };
        for some in bytes[..count].chunks(step) {
            let now = *wire.borrow();
            match now {
                Wire::Slow(late) => tokio::time::sleep(late).await,
                Wire::Trickling(between) if step == 1 => tokio::time::sleep(between).await,
                _ => {}
            }
            if to.write_all(some).await.is_err() {
                return;
            }
        }
    }
}
