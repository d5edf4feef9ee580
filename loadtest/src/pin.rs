//! Which processor a program may use, so that the one who is measured has one to itself.

use anyhow::{Context, Result, ensure};
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

const TASKSET: &str = "/usr/bin/taskset";

/// One processor, or any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pin(Option<usize>);

impl Pin {
    pub const ANY: Self = Self(None);

    /// One for the server, and one for everything else; any for both where there is only one.
    pub fn apart() -> (Self, Self) {
        match std::thread::available_parallelism() {
            Ok(cores) if cores.get() > 1 => (Self(Some(0)), Self(Some(1))),
            Ok(_) | Err(_) => (Self::ANY, Self::ANY),
        }
    }

    /// The words that begin a command on it (taskset(1), of every Linux).
    pub fn words(self) -> Vec<OsString> {
        self.0.map(|core| vec![TASKSET.into(), "-c".into(), core.to_string().into()]).unwrap_or_default()
    }

    /// Holds this process to it, until what is answered is dropped.
    ///
    /// # Errors
    /// There is no taskset(1).
    pub fn hold_this(self) -> Result<Held> {
        let held = Held(self.0.map(|_| "0-1023".to_owned()));
        if let Some(core) = self.0 {
            hold(&core.to_string())?;
        }
        Ok(held)
    }

    pub fn command(self, program: &Path) -> Command {
        let mut words = self.words().into_iter().chain([program.into()]);
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words);
        command
    }
}

/// Lets this process use all processors again when it is dropped.
pub struct Held(Option<String>);

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(cores) = &self.0 {
            // It could hold: it can let go.
            hold(cores).ok();
        }
    }
}

/// All threads that there are; later ones are like those that start them.
fn hold(cores: &str) -> Result<()> {
    let mut taskset = Command::new(TASKSET);
    let output = taskset.args(["-a", "-c", "-p", cores, &std::process::id().to_string()]).output();
    let done = output.context("taskset(1)")?;
    ensure!(done.status.success(), "taskset: {}", String::from_utf8_lossy(&done.stderr));
    Ok(())
}
