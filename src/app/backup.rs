//! Backups and what follows a restore: whole copies of an SQLite database, and new epochs on both databases, so that
//! every screen begins anew with what the restored database holds.

use crate::clock::Clock;
use crate::config::copies::{self as files, Draft};
use crate::config::{Config, Lock};
use crate::domain::ids::Epoch;
use crate::store::{self, Fault, Options, copies, wide};
use anyhow::{Context, Result, anyhow, bail};
use std::path::{Path, PathBuf};
use uuid::Uuid;

const NO_FILE: &str =
    "on Postgres, its own tools copy and restore (docs/OPERATIONS.md); afterwards: comanda restore --in-place";

/// What a restore did.
#[derive(Debug)]
pub struct Restored {
    /// Restaurants that begin a new history.
    pub restaurants: u64,
    /// The database that was replaced.
    pub kept: Option<PathBuf>,
}

/// Copies the database into a new file, while a server goes on serving from it. The copy is read in full before it
/// gets its name.
///
/// # Errors
/// When there is nothing to copy, the file is there already, the disk is full, or the database is damaged.
pub async fn backup(config: &Config, file: &Path) -> Result<()> {
    let Some(database) = config.database.sqlite_file() else { bail!("{NO_FILE}") };
    files::readable(&database).context("there is no database to copy")?;
    let draft = Draft::of_backup(file)?;
    copies::take(&database, false, draft.path()).await.map_err(said).context("the database could not be copied")?;
    copies::check(draft.path()).await.map_err(said).context("the copy is of no use")?;
    draft.finish()?;
    Ok(())
}

/// Puts a copy of `from` in the database's place, with new epochs. Nothing is changed unless all of it is good.
///
/// # Errors
/// When a server runs, when `from` is not a whole database of Comanda or needs a newer one.
pub async fn restore(config: &Config, from: &Path, clock: &Clock) -> Result<Restored> {
    let Some(database) = config.database.sqlite_file() else { bail!("{NO_FILE}") };
    let _lock = Lock::take(&database).context("the database cannot be replaced")?;
    files::readable(from).context("there is nothing to restore")?;
    let draft = Draft::of_database(&database)?;
    let unusable = || format!("{} cannot be restored", from.display());
    copies::take(from, !files::has_log(from), draft.path()).await.map_err(said).with_context(unusable)?;
    copies::check(draft.path()).await.map_err(said).with_context(unusable)?;
    let restaurants = begin_epochs(&format!("sqlite:{}", draft.path().display())).await.with_context(unusable)?;
    let stamp = clock.now().to_string().replace(['-', ':'], "");
    let kept = draft.replace(&stamp)?;
    Ok(Restored { restaurants, kept })
}

/// Begins new epochs in a database that was restored in its place: Postgres after `pg_restore` or recovery to a point
/// in time, an SQLite file that was copied by hand.
///
/// # Errors
/// When a server runs on the SQLite file; any fault of the database.
pub async fn restored_in_place(config: &Config) -> Result<Restored> {
    let (store, _lock) = super::open(config).await?;
    let restaurants = wide::begin_epochs(&store.db, || Epoch(Uuid::new_v4())).await?;
    store.db.close().await;
    Ok(Restored { restaurants, kept: None })
}

async fn begin_epochs(url: &str) -> Result<u64> {
    let options = Options { url: url.to_owned(), readers: 1, writers: 1 };
    let db = store::open(&options).await.map_err(said)?;
    let begun = wide::begin_epochs(&db, || Epoch(Uuid::new_v4())).await;
    db.close().await;
    begun.map_err(said)
}

/// A fault names its cause already; as the chain of an error it would be told twice.
fn said(fault: Fault) -> anyhow::Error {
    anyhow!("{fault}")
}
