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
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        let held = |wire: &Wire| *wire == Wire::Held || (is_back && *wire == Wire::HalfHeld);
        let Ok(now) = wire.wait_for(|wire| !held(wire)).await.map(|wire| *wire) else { return };
        if let Wire::Slow(late) = now {
            tokio::time::sleep(late).await;
        }
        if to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}
