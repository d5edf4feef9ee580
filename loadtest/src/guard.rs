//! Child processes that end when this one does, however it ends: a shell starts the program, holds our pipe, and kills
//! the program when the pipe closes. Knows nothing of what it runs.

use crate::pin::Pin;
use anyhow::{Context, Result};
use std::ffi::OsString;
use std::fs::File;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A pipe that closes without a word says that we were killed: then nobody else removes the folder.
const WATCHDOG: &str = r#"
folder=$1; signal=$2; shift 2
"$@" & child=$!
word=
read -r word
kill "-$signal" $child 2>/dev/null
wait $child
if [ "$word" != keep ]; then rm -rf "$folder"; fi
"#;

/// What to run, and how.
pub struct Program {
    pub path: PathBuf,
    pub arguments: Vec<OsString>,
    /// Its own, with the file that it writes its log to.
    pub folder: PathBuf,
    pub log: PathBuf,
    /// `KILL`, or another that it obeys at once.
    pub end_with: &'static str,
    /// Whom it runs as, if not as us.
    pub user: Option<u32>,
    /// Which processor it may use.
    pub pin: Pin,
}

/// A running program; dropping it ends the program, and waits for that. The folder stays.
pub struct Guarded {
    watchdog: Child,
}

impl Program {
    /// # Errors
    /// A log that cannot be written, or a machine that cannot start a process.
    pub fn start(self) -> Result<Guarded> {
        let log = File::create(&self.log).with_context(|| format!("cannot write {}", self.log.display()))?;
        let mut shell = command(Path::new("/bin/sh"), self.user);
        shell.args(["-c", WATCHDOG, "watchdog"]).arg(&self.folder).arg(self.end_with);
        shell.args(self.pin.words()).arg(&self.path).args(&self.arguments);
        // Ctrl-C ends us, and the closed pipe the rest: in a group of its own it does not get the signal first.
        shell.stdin(Stdio::piped()).stdout(log.try_clone()?).stderr(log).process_group(0);
        let watchdog = shell.spawn().with_context(|| format!("cannot start {}", self.path.display()))?;
        Ok(Guarded { watchdog })
    }
}

impl Guarded {
    /// What it costs.
    ///
    /// # Errors
    /// It has ended.
    pub fn program(&self) -> Result<crate::proc::Program> {
        crate::proc::Program::watched_by(self.watchdog.id())
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        if let Some(mut pipe) = self.watchdog.stdin.take() {
            // A watchdog that was killed cannot listen; then there is nothing left to end.
            pipe.write_all(b"keep\n").ok();
        }
        self.watchdog.wait().ok();
    }
}

/// A command that inherits nothing from our environment.
pub fn command(path: &Path, user: Option<u32>) -> Command {
    let mut command = Command::new(path);
    command.current_dir("/").env_clear().env("LC_ALL", "C").env("TZ", "UTC");
    if let Some(user) = user {
        command.uid(user).gid(user);
    }
    command
}
