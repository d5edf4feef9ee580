//! The real binary as a child process, on a port that stays its own over restarts. However a test ends, the
//! child is ended and reaped with it.

use super::server::{Kind, Place};
use std::fs::File;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A debug build on a busy machine opens its database and migrates within it.
const START: Duration = Duration::from_secs(30);
/// Ports below those that the system gives to outgoing connections (32768 and above on Linux): while the server
/// is down, nobody else gets its port, and no client can by chance connect to itself.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// Where a server lives: a folder, a database, a port and its settings.
pub struct Site {
    place: Option<Place>,
    folder: PathBuf,
    pub url: String,
    pub port: u16,
    /// Of the keys that sign.
    keys: PathBuf,
    /// Keeps a folder that has no place.
    _own: Option<tempfile::TempDir>,
}

impl Site {
    pub fn new(kind: Kind) -> Self {
        let place = Place::new(kind);
        let (folder, url) = (place.path().to_owned(), place.url.clone());
        let keys = folder.join("keys.toml");
        Self { place: Some(place), folder, url, port: free_port(), keys, _own: None }
    }

    /// On a database that somebody else keeps.
    pub fn on(url: &str) -> Self {
        let own = tempfile::Builder::new().prefix("comanda").tempdir().expect("a temporary folder");
        let (folder, keys) = (own.path().to_owned(), own.path().join("keys.toml"));
        Self { place: None, folder, url: url.to_owned(), port: free_port(), keys, _own: Some(own) }
    }

    /// For another node on the same database, with the same keys.
    pub fn beside(&self) -> Self {
        Self { keys: self.keys.clone(), ..Self::on(&self.url) }
    }

    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes the settings; `server` and `more` are lines of TOML, in the section of that name and after all.
    pub fn settings(&self, server: &str, database: &str, more: &str) {
        let (port, url, keys) = (self.port, &self.url, self.keys.display());
        let text = format!(
            "[server]\nlisten = \"127.0.0.1:{port}\"\n{server}\n[database]\nurl = \"{url}\"\n{database}\n\
             [keys]\nfile = \"{keys}\"\n[log]\nfilter = \"info,sqlx=error\"\n{more}\n"
        );
        std::fs::write(self.config(), text).expect("settings");
    }

    pub fn config(&self) -> PathBuf {
        self.folder.join("comanda.toml")
    }

    pub fn log_file(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    /// What the servers here have logged, the end of it.
    pub fn log(&self) -> String {
        last_lines(&std::fs::read_to_string(self.log_file()).unwrap_or_default())
    }

    /// A command of the binary with these settings, which ends by itself.
    pub async fn run(&self, arguments: &[&str], within: Duration) -> Output {
        let mut command = tokio::process::Command::from(binary());
        command.args(arguments).arg("--config").arg(self.config()).kill_on_drop(true).stdin(Stdio::null());
        let output = tokio::time::timeout(within, command.output()).await;
        output
            .unwrap_or_else(|_| panic!("`comanda {}` did not end within {within:?}", arguments.join(" ")))
            .expect("run")
    }

    /// Starts serving, and waits until it does.
    pub async fn serve(&self) -> Process {
        self.serve_with(binary()).await
    }

    /// Starts `command` (the binary, or a shell that becomes it) with the arguments of `serve`.
    pub async fn serve_with(&self, mut command: Command) -> Process {
        let log = File::options().create(true).append(true).open(self.log_file()).expect("a log");
        command.args(["serve", "--demo", "--config"]).arg(self.config());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let mut process = Process { child: command.spawn().expect("the binary starts") };
        let (client, deadline) = (super::server::client(), Instant::now() + START);
        loop {
            if let Some(status) = process.child.try_wait().expect("wait") {
                panic!("the server ended at its start with {status}:\n{}", self.log());
            }
            // The demo's restaurant is made after the server began to serve.
            let ready = client.get(format!("{}/api/restaurants/casa-oliva/menu", self.base())).send().await;
            if ready.is_ok_and(|answer| answer.status().is_success()) {
                return process;
            }
            assert!(Instant::now() < deadline, "the server is not ready after {START:?}:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// A running server.
pub struct Process {
    child: Child,
}

impl Process {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL: it gets no chance to do anything.
    pub fn kill(mut self) {
        self.child.kill().expect("kill");
        self.child.wait().expect("reap");
    }

    /// SIGTERM: it is asked to end.
    pub fn terminate(&self) {
        self.signal("-TERM");
    }

    /// Freezes it: its connections stay open, and nothing answers.
    pub fn pause(&self) {
        self.signal("-STOP");
    }

    /// Ends a [`Self::pause`].
    pub fn resume(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, name: &str) {
        let told = Command::new("sh").args(["-c", "kill \"$@\"", "kill", name, &self.pid().to_string()]).status();
        assert!(told.expect("a shell").success());
    }

    /// Waits for its end.
    pub async fn ended(&mut self, within: Duration) -> ExitStatus {
        let deadline = Instant::now() + within;
        loop {
            if let Some(status) = self.child.try_wait().expect("wait") {
                return status;
            }
            assert!(Instant::now() < deadline, "the server did not end within {within:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail when it has been reaped.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The binary that was built with these tests, or `COMANDA_BIN`, with no settings from this process's environment.
pub fn binary() -> Command {
    let other = std::env::var_os("COMANDA_BIN");
    let mut command = Command::new(other.unwrap_or_else(|| env!("CARGO_BIN_EXE_comanda").into()));
    command.env_clear();
    command
}

pub fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}

pub fn free_port() -> u16 {
    /// Whoever asked before may not have begun to listen.
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    let count = u32::from(PORTS.end - PORTS.start);
    // Tests run beside each other, each in a process of its own.
    let start =
        std::process::id().wrapping_mul(2_654_435_761).wrapping_add(GIVEN.fetch_add(1, Ordering::Relaxed)) % count;
    let ports = (0..count).map(|n| PORTS.start + u16::try_from((start + n) % count).expect("below 65536"));
    let mut free = ports.filter(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok());
    free.next().expect("a free port")
}
