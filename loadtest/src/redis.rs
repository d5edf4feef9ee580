//! A private Redis on a free port of the loopback, which keeps nothing.

use crate::guard::{Guarded, Program};
use crate::pin::Pin;
use anyhow::{Result, bail};
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(10);

/// A running server; dropping it ends it.
pub struct Redis {
    address: SocketAddr,
    _process: Guarded,
    _folder: TempDir,
}

impl Redis {
    /// # Errors
    /// It is not installed, or does not start.
    pub async fn start(parent: &Path) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("load-redis-").tempdir_in(parent)?;
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let port = address.port().to_string();
        let words = ["redis-server", "--bind", "127.0.0.1", "--port", &port, "--save", "", "--appendonly", "no"];
        let log = folder.path().join("log");
        let program = Program {
            // It finds the program where it is installed.
            path: PathBuf::from("/usr/bin/env"),
            arguments: words.into_iter().map(Into::into).collect(),
            folder: folder.path().to_owned(),
            log: log.clone(),
            end_with: "KILL",
            user: None,
            pin: Pin::ANY,
        };
        let redis = Self { address, _process: program.start()?, _folder: folder };
        let deadline = Instant::now() + PATIENCE;
        while tokio::net::TcpStream::connect(address).await.is_err() {
            if Instant::now() > deadline {
                bail!("redis-server does not start:\n{}", fs::read_to_string(&log).unwrap_or_default());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(redis)
    }

    pub fn url(&self) -> String {
        format!("redis://{}", self.address)
    }
}
