//! Keeps a second process away from an SQLite database: a lock on a file beside it, held while we serve.
//! The lock goes with the process, however it ends.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// Why the lock was not given.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct LockError(String);

/// Held while the database is in use.
pub struct Lock(#[expect(dead_code, reason = "holds the lock until dropped")] File);

impl Lock {
    /// Makes the database's folder if it is not there, and takes its lock.
    ///
    /// # Errors
    /// With what to do: another process has it, or the folder cannot be written.
    pub fn take(database: &Path) -> Result<Self, LockError> {
        let setup = |what: &str, path: &Path, error: &dyn std::fmt::Display| {
            LockError(format!("{what} {}: {error}", path.display()))
        };
        if let Some(folder) = database.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|e| setup("cannot make the folder", folder, &e))?;
        }
        let path = PathBuf::from(format!("{}.lock", database.display()));
        let file = File::create(&path).map_err(|e| setup("cannot write", &path, &e))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(LockError(format!(
                "another comanda is serving {}. Stop it, or choose another file with database.url",
                database.display()
            ))),
            Err(TryLockError::Error(e)) => Err(setup("cannot lock", &path, &e)),
        }
    }
}
