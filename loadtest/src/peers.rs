//! The servers that Comanda is measured beside, each started by `loadtest/peers/start` on a port of its own. All of them
//! take `POST /pub/TOPIC` and have subscribers at `/sub/TOPIC`.

use crate::crowd::{GUESTS, Seat, Speech};
use crate::guard::{Guarded, Program};
use crate::pin::Pin;
use anyhow::{Context, Result, bail};
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(10);
/// Where their scripts are: in the sources.
const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/peers");

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    Nchan,
    Ws,
    SocketIo,
}

pub const ALL: [Peer; 3] = [Peer::Nchan, Peer::Ws, Peer::SocketIo];

/// A running peer; dropping it ends it.
pub struct Running {
    pub peer: Peer,
    pub address: SocketAddr,
    process: Guarded,
    _folder: TempDir,
}

/// Installs what is missing, where that can be done unasked.
///
/// # Errors
/// It cannot; the script has said what to do.
pub fn need() -> Result<()> {
    let done = Command::new(Path::new(SCRIPTS).join("need")).status().context("loadtest/peers/need")?;
    if done.success() { Ok(()) } else { bail!("the peers are not installed") }
}

impl Peer {
    pub fn name(self) -> &'static str {
        match self {
            Self::Nchan => "nchan",
            Self::Ws => "ws",
            Self::SocketIo => "socket.io",
        }
    }

    /// # Errors
    /// It does not start.
    pub async fn start(self, parent: &Path, pin: Pin) -> Result<Running> {
        let folder = tempfile::Builder::new().prefix("load-peer-").tempdir_in(parent)?;
        let address = free_port()?;
        let log = folder.path().join("log");
        let program = Program {
            path: PathBuf::from(SCRIPTS).join("start"),
            arguments: vec![self.name().into(), address.port().to_string().into(), folder.path().into()],
            folder: folder.path().to_owned(),
            log: log.clone(),
            end_with: "TERM",
            user: None,
            pin,
        };
        let running = Running { peer: self, address, process: program.start()?, _folder: folder };
        let deadline = Instant::now() + PATIENCE;
        while reqwest::get(format!("http://{address}/")).await.is_err() {
            if Instant::now() > deadline {
                bail!("{} does not start:\n{}", self.name(), fs::read_to_string(&log).unwrap_or_default());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(running)
    }
}

impl Running {
    /// # Errors
    /// It has ended.
    pub fn program(&self) -> Result<crate::proc::Program> {
        self.process.program()
    }

    /// A subscriber of a topic.
    pub fn subscriber(&self, topic: usize) -> Seat {
        let topic = name_of(topic);
        let (path, speaks) = match self.peer {
            Peer::Nchan | Peer::Ws => (format!("/sub/{topic}"), Speech::Plain),
            Peer::SocketIo => ("/socket.io/?EIO=4&transport=websocket".to_owned(), Speech::SocketIo { topic }),
        };
        Seat { server: self.address, path, speaks, group: GUESTS }
    }

    /// Where a topic's messages are posted.
    pub fn publish_url(&self, topic: usize) -> String {
        format!("http://{}/pub/{}", self.address, name_of(topic))
    }
}

fn name_of(topic: usize) -> String {
    format!("t{topic}")
}

/// nginx cannot choose one itself. Somebody else could take it in this moment; then the start fails.
fn free_port() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}
