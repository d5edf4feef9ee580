//! A private server: the `comanda` program that was built beside this one, on a free port of the loopback, with limits
//! that this one client for many phones does not reach.

use crate::guard::{Guarded, Program};
use crate::pin::Pin;
use crate::place::Place;
use anyhow::{Context, Result, bail};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use serde::Deserialize;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The id of the key that signs tokens and codes.
pub const KEY: &str = "load";
const PATIENCE: Duration = Duration::from_secs(20);

/// A running server; dropping it kills it, as a power cut would: what it acknowledged has to be in the database.
pub struct Server {
    pub address: SocketAddr,
    process: Guarded,
}

/// How it is to run.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Of several on one database.
    pub name: String,
    pub pin: Pin,
    /// Servers over which it tells the others what was committed.
    pub redis: Vec<String>,
}

impl Setup {
    /// The only one.
    pub fn alone(pin: Pin) -> Self {
        Self { name: "comanda".to_owned(), pin, redis: Vec::new() }
    }
}

/// The line of its log that says where it listens.
#[derive(Deserialize)]
struct Serving {
    message: String,
    address: SocketAddr,
}

impl Server {
    /// # Errors
    /// It was not built, or does not start.
    pub async fn start(place: &Place, setup: &Setup) -> Result<Self> {
        let config = place.path().join(format!("{}.toml", setup.name));
        fs::write(&config, settings(place, setup))?;
        let log = place.path().join(format!("{}.log", setup.name));
        let program = Program {
            path: binary()?,
            arguments: vec!["serve".into(), "--config".into(), config.into()],
            folder: place.path().to_owned(),
            log: log.clone(),
            end_with: "KILL",
            user: None,
            pin: setup.pin,
        };
        let process = program.start()?;
        let address = listening(&log).await?;
        Ok(Self { address, process })
    }

    /// What it costs.
    ///
    /// # Errors
    /// It has ended.
    pub fn program(&self) -> Result<crate::proc::Program> {
        self.process.program()
    }

    /// One of its counters, over all labels; 0 if it was never counted.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn metric(&self, name: &str) -> Result<f64> {
        let text = reqwest::get(self.url("/metrics")).await?.error_for_status()?.text().await?;
        let lines = text.lines().filter(|line| line.split([' ', '{']).next() == Some(name));
        Ok(lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum())
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

fn settings(place: &Place, setup: &Setup) -> String {
    let unlimited = |keys: &[&str]| keys.iter().map(|key| format!("{key} = 10000000\n")).collect::<String>();
    let limits = unlimited(&[
        "scans_per_address",
        "orders_per_guest",
        "orders_per_table",
        "orders_per_restaurant",
        "requests_per_guest",
        "login_per_account",
        "login_per_address",
        "staff_requests",
    ]);
    let socket = unlimited(&["hello_pending_per_address", "handshakes_per_second", "handshakes_burst"]);
    let key = BASE64_URL_SAFE_NO_PAD.encode(place.secret);
    format!(
        "[server]\nlisten = \"127.0.0.1:0\"\n[database]\nurl = \"{}\"\n[bus]\nredis = {:?}\n\
         [keys]\ntoken = [\"{KEY}:{key}\"]\nqr = [\"{KEY}:{key}\"]\n\
         [log]\nformat = \"json\"\n[limits]\n{limits}[socket]\n{socket}",
        place.url, setup.redis,
    )
}

/// Built by the same cargo, and found in the same folder; tests lie one folder deeper.
fn binary() -> Result<PathBuf> {
    let ours = std::env::current_exe()?;
    let folder = ours.parent().context("a program lies in a folder")?;
    let folder = if folder.ends_with("deps") { folder.parent().unwrap_or(folder) } else { folder };
    let binary = folder.join("comanda");
    if !binary.is_file() {
        bail!("{} is not there. Build it: cargo build --release --bin comanda", binary.display());
    }
    Ok(binary)
}

async fn listening(log: &Path) -> Result<SocketAddr> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let text = fs::read_to_string(log)?;
        let said = text.lines().find_map(|line| serde_json::from_str::<Serving>(line).ok());
        if let Some(serving) = said.filter(|serving| serving.message == "serving") {
            return Ok(serving.address);
        }
        if Instant::now() > deadline {
            bail!("the server does not start:\n{text}");
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
