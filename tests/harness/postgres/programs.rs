//! Postgres' programs and processes, for root and for everybody else.

use super::PATIENCE;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// `nobody`, for root.
pub(super) const NOBODY: u32 = 65534;

/// A command as a user that may run Postgres.
pub(super) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/").env_clear().env("LC_ALL", "C").env("TZ", "UTC");
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

/// Whether this process is root's (proc_pid(5): the folder belongs to the effective user).
pub(super) fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// The full path of a program of Postgres: from `PG_BIN`, `pg_config`, Debian's folders (newest first) or `PATH`.
pub(super) fn program(name: &str) -> PathBuf {
    let mut folders: Vec<PathBuf> = std::env::var_os("PG_BIN").map(PathBuf::from).into_iter().collect();
    if let Ok(told) = Command::new("pg_config").arg("--bindir").output() {
        folders.push(String::from_utf8_lossy(&told.stdout).trim().into());
    }
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<PathBuf> = debian.map(|version| version.path().join("bin")).collect();
    versions.sort();
    folders.extend(versions.into_iter().rev());
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let found = folders.into_iter().map(|folder| folder.join(name)).find(|path| path.is_file());
    found.unwrap_or_else(|| {
        panic!("{name} of the Postgres server is not found: install it, or set PG_BIN to its folder")
    })
}

#[track_caller]
pub(super) fn succeeded(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}:\n{}", String::from_utf8_lossy(&output.stderr));
    output
}

/// Sends a signal. A process that has just ended is no error.
pub(super) fn signal(name: &str, pids: &[u32]) {
    let pids = pids.iter().map(ToString::to_string);
    let mut kill = Command::new("sh");
    kill.args(["-c", "kill \"$@\"", "kill", name]).args(pids).stderr(Stdio::null());
    kill.status().expect("a shell");
}

/// The processes whose parent is `parent`.
pub(super) fn children(parent: u32) -> Vec<u32> {
    let all = fs::read_dir("/proc").expect("killing and freezing Postgres needs /proc").flatten();
    let pids = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid| stat(*pid).is_some_and(|(_, of)| of == parent)).collect()
}

/// A process's state and its parent (proc_pid_stat(5)).
pub(super) fn stat(pid: u32) -> Option<(String, u32)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace();
    Some((fields.next()?.to_owned(), fields.next()?.parse().ok()?))
}

/// Whether it can still do something. Without /proc everything may.
pub(super) fn is_alive(pid: u32) -> bool {
    fs::metadata("/proc/self").is_err() || stat(pid).is_some_and(|(state, _)| state != "Z" && state != "X")
}

#[track_caller]
pub(super) fn wait_until(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "waited {PATIENCE:?} for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
