//! A Redis of the test's own, on a port that stays its own, gone with the test however that ends.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(20);
/// Starts the server and ends it when the pipe to this shell is closed, also by a killed test.
const WATCHDOG: &str = r#""$@" >/dev/null 2>&1 & server=$!; echo $server; read -r word; kill -CONT $server; kill -KILL $server; wait $server"#;

/// A running server; dropping it ends it.
pub struct TestRedis {
    folder: TempDir,
    pub port: u16,
    running: Option<Running>,
}

struct Running {
    watchdog: Child,
    pid: u32,
}

impl TestRedis {
    pub fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("comanda").tempdir().expect("a temporary folder");
        let mut redis = Self { folder, port: super::process::free_port(), running: None };
        redis.restart();
        redis
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        self.running = None;
    }

    /// Starts it again, empty.
    pub fn restart(&mut self) {
        assert!(self.running.is_none(), "it is running");
        let mut command = Command::new("/bin/sh");
        command.args(["-c", WATCHDOG, "watchdog"]).arg(program());
        command.args(["--port", &self.port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
        command.arg("--dir").arg(self.folder.path());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut watchdog = command.spawn().expect("a shell");
        let mut pid = String::new();
        let mut said = watchdog.stdout.take().expect("a pipe");
        let mut byte = [0];
        while said.read(&mut byte).is_ok_and(|count| count == 1) && byte[0] != b'\n' {
            pid.push(char::from(byte[0]));
        }
        self.running = Some(Running { watchdog, pid: pid.parse().expect("a pid") });
        let deadline = Instant::now() + PATIENCE;
        while self.ask("PING").as_deref() != Some("+PONG") {
            assert!(Instant::now() < deadline, "Redis does not answer");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Freezes it: connections stay open, and nothing answers.
    pub fn pause(&self) {
        self.signal("-STOP");
    }

    /// Ends a [`Self::pause`].
    pub fn resume(&self) {
        self.signal("-CONT");
    }

    /// Ends the connections that hear.
    pub fn end_subscriptions(&self) {
        self.ask("CLIENT KILL TYPE pubsub");
    }

    /// One command, and the first line of its answer.
    pub fn ask(&self, command: &str) -> Option<String> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
        stream.write_all(format!("{command}\r\n").as_bytes()).ok()?;
        let mut answer = [0; 256];
        let count = stream.read(&mut answer).ok()?;
        String::from_utf8_lossy(&answer[..count]).lines().next().map(str::to_owned)
    }

    fn signal(&self, name: &str) {
        let pid = self.running.as_ref().expect("it is running").pid.to_string();
        let told = Command::new("sh").args(["-c", "kill \"$@\"", "kill", name, &pid]).status();
        assert!(told.expect("a shell").success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        self.watchdog.wait().expect("the watchdog ends");
    }
}

fn program() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/bin".into(), "/usr/local/bin".into()]);
    let found = folders.map(|folder| folder.join("redis-server")).find(|path| path.is_file());
    found.expect("redis-server is not found: install it, or add its folder to PATH")
}
