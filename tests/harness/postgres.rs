//! A Postgres of the test's own: made in a fraction of a second, on a unix socket in a temporary folder, gone with
//! the test process however that ends. Knows nothing of Comanda but its two roles. Works for root, whom Postgres
//! refuses (it runs as `nobody` then), and for everybody else.
//!
//! Stopping, killing and freezing it take `&mut self`, so that no test can do that to the server others share.

#![expect(clippy::disallowed_methods, reason = "blocking set-up of a child process, outside of any runtime")]

mod cluster;
mod programs;
mod tests;

use cluster::{copy, fresh_folder, sweep, template};
use programs::{children, command, is_alive, program, signal, succeeded, wait_until};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Commits stay synchronous: what was acknowledged must survive a killed server. Only a power cut would lose it.
const FAST: &[&str] = &["-c", "fsync=off", "-c", "full_page_writes=off"];
const PATIENCE: Duration = Duration::from_secs(20);

/// Starts the server, tells its pid, and waits for a word. However the pipe ends, the server ends; and the
/// folder goes, unless the word says that the server will be started again.
const WATCHDOG: &str = r#"
folder=$1; shift
"$@" >&2 & server=$!
echo $server
read -r word
kill -CONT $server 2>/dev/null
if [ "$word" = again ]; then kill -INT $server 2>/dev/null; else kill -QUIT $server 2>/dev/null; fi
wait $server
if [ "$word" != again ]; then rm -rf "$folder"; fi
"#;

/// A running server; dropping it ends it.
pub struct TestPostgres {
    folder: PathBuf,
    options: &'static [&'static str],
    running: Option<Running>,
}

struct Running {
    watchdog: Child,
    /// The postmaster's.
    pid: u32,
    frozen: bool,
}

impl TestPostgres {
    /// The server that the tests of this process share. Each makes a database of its own.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<TestPostgres> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// A server that does not wait for the disk.
    pub fn start() -> Self {
        Self::with(FAST)
    }

    /// A server that waits for the disk at each commit, as in production. For measurements.
    pub fn durable() -> Self {
        Self::with(&[])
    }

    fn with(options: &'static [&'static str]) -> Self {
        sweep();
        let template = template();
        let mut postgres = Self { folder: fresh_folder().keep(), options, running: None };
        copy(&template, &postgres.folder.join("data"));
        postgres.launch();
        postgres
    }

    /// Makes a database that belongs to `comanda`, and answers the URL with which that role comes to it.
    pub fn database(&self, name: &str) -> String {
        let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        assert!(plain && (1..=63).contains(&name.len()), "`{name}` is no plain name of a database");
        self.sql("postgres", &format!("create database {name} owner comanda"));
        // An owner that inherits nothing does not own `public` through `pg_database_owner`.
        self.sql(name, "alter schema public owner to comanda");
        self.url("comanda", name)
    }

    /// Writes a database into a file, as an operator would, while others use it.
    pub fn dump(&self, name: &str, into: &Path) {
        let dumped = succeeded(self.client("pg_dump").args(["-Fc", "-d", name]));
        fs::write(into, dumped.stdout).expect("the dump is written");
    }

    /// Puts a dump in a database's place. Whoever was connected is sent away. What was there is kept beside it; the
    /// answer is how the superuser comes to that.
    pub fn restore(&self, name: &str, from: &Path) -> String {
        let former = format!("{name}_former");
        for statement in [
            format!("alter database {name} allow_connections false"),
            format!("select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = '{name}'"),
            format!("alter database {name} rename to {former}"),
            format!("alter database {former} allow_connections true"),
            format!("create database {name} owner comanda"),
        ] {
            self.sql("postgres", &statement);
        }
        let dump = File::open(from).expect("the dump");
        succeeded(self.client("pg_restore").args(["--exit-on-error", "-1", "-d", name]).stdin(dump));
        self.superuser_url(&former)
    }

    /// How the superuser comes to a database that was made before.
    pub fn superuser_url(&self, name: &str) -> String {
        self.url("postgres", name)
    }

    fn url(&self, role: &str, database: &str) -> String {
        format!("postgres://{role}@localhost/{database}?host={}", self.folder.display())
    }

    /// Ends the server in order: sessions are ended, nothing is lost. [`Self::restart`] brings it back.
    pub fn stop(&mut self) {
        self.resume();
        self.end();
    }

    /// Ends the server as a crash of its machine's software would: every process of it at once.
    pub fn kill(&mut self) {
        let pids = self.pids();
        signal("-KILL", &pids);
        self.end();
        wait_until("the killed server's processes to be gone", || pids.iter().all(|pid| !is_alive(*pid)));
    }

    /// Starts the server again after [`Self::stop`] or [`Self::kill`], with what it had committed.
    pub fn restart(&mut self) {
        self.launch();
    }

    /// Freezes every process of the server: connections stay open, and nothing answers.
    pub fn pause(&mut self) {
        let pid = self.running().pid;
        signal("-STOP", &[pid]);
        signal("-STOP", &children(pid));
        self.running().frozen = true;
    }

    /// Ends a [`Self::pause`]; nothing otherwise.
    pub fn resume(&mut self) {
        if self.running().frozen {
            signal("-CONT", &self.pids());
            self.running().frozen = false;
        }
    }

    fn running(&mut self) -> &mut Running {
        self.running.as_mut().expect("the server was stopped, and not started again")
    }

    /// The postmaster and all its children.
    fn pids(&mut self) -> Vec<u32> {
        let pid = self.running().pid;
        let mut pids = children(pid);
        pids.push(pid);
        pids
    }

    fn end(&mut self) {
        let mut watchdog = self.running.take().expect("the server was stopped before").watchdog;
        let told = watchdog.stdin.take().expect("the watchdog's pipe is open").write_all(b"again\n");
        told.expect("the watchdog listens");
        watchdog.wait().expect("the watchdog ends");
    }

    fn launch(&mut self) {
        assert!(self.running.is_none(), "the server is running");
        let log = File::options().create(true).append(true).open(self.folder.join("log")).expect("a log");
        let mut watchdog = command("/bin/sh")
            .args(["-c", WATCHDOG, "watchdog"])
            .arg(&self.folder)
            .arg(program("postgres"))
            .arg("-D")
            .arg(self.folder.join("data"))
            .arg("-k")
            .arg(&self.folder)
            .args(["-c", "listen_addresses=", "-c", "max_connections=200"])
            .args(self.options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            // Ctrl-C ends the test, and that ends the server in order.
            .process_group(0)
            .spawn()
            .expect("a shell");
        let mut pid = String::new();
        let told = watchdog.stdout.take().expect("the watchdog's other pipe");
        BufReader::new(told).read_line(&mut pid).expect("the watchdog tells a pid");
        let pid = pid.trim().parse().expect("a pid");
        self.running = Some(Running { watchdog, pid, frozen: false });
        self.expect_ready();
    }

    /// Waits until it takes connections: after a crash it recovers first.
    fn expect_ready(&self) {
        let deadline = Instant::now() + PATIENCE;
        while !self.client("pg_isready").args(["-q", "-t", "1"]).status().expect("pg_isready").success() {
            if Instant::now() > deadline {
                panic!("Postgres does not start:\n{}", fs::read_to_string(self.folder.join("log")).unwrap_or_default());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn sql(&self, database: &str, statement: &str) {
        let mut psql = self.client("psql");
        succeeded(psql.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", statement]));
    }

    fn client(&self, name: &str) -> Command {
        let mut client = command(program(name));
        client.arg("-h").arg(&self.folder).args(["-U", "postgres"]);
        client
    }
}

impl Drop for TestPostgres {
    fn drop(&mut self) {
        match self.running.take() {
            None => {
                fs::remove_dir_all(&self.folder).ok();
            }
            Some(mut running) => {
                if running.frozen {
                    signal("-CONT", &children(running.pid));
                }
                drop(running.watchdog.stdin.take());
                running.watchdog.wait().ok();
            }
        }
    }
}
