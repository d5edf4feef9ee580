//! Whole copies of an SQLite database: one is taken while others use it, and looked over before anybody relies on it.
//! Knows nothing of where copies lie and what they are called: `config::copies` does.

use super::fault::Fault;
use super::schema;
use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use std::path::Path;
use std::time::Duration;

/// How long a lock of somebody else is waited for.
const BUSY: Duration = Duration::from_secs(5);
/// Broken rows that are named.
const NAMED: usize = 3;

/// Writes all that is committed in `database` into the empty file `into`, as one consistent look. Who writes
/// meanwhile is not held up. `alone`: nobody has the database open and it has no log, so nothing is written beside
/// it; it may lie on a disk that cannot be written.
///
/// # Errors
/// Any fault of the database, and of the disk.
pub async fn take(database: &Path, alone: bool, into: &Path) -> Result<(), Fault> {
    let options = SqliteConnectOptions::new().filename(database).read_only(true).immutable(alone).busy_timeout(BUSY);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let into = into.to_str().ok_or_else(|| Fault::Setup(format!("{} is not a name in UTF-8", into.display())))?;
    sqlx::query("vacuum into $1").bind(into).execute(&mut connection).await?;
    Ok(connection.close().await?)
}

/// Reads all of a copy: every page, index and reference.
///
/// # Errors
/// `Setup` with what is wrong: it is no database, not Comanda's, or damaged.
pub async fn check(copy: &Path) -> Result<(), Fault> {
    let options = SqliteConnectOptions::new().filename(copy).read_only(true).immutable(true);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    if !schema::is_ours(&mut connection).await? {
        return Err(Fault::Setup("it is not a database of Comanda".to_owned()));
    }
    let mut found: Vec<String> = sqlx::query_scalar("pragma integrity_check").fetch_all(&mut connection).await?;
    found.retain(|line| line != "ok");
    let orphans: Vec<String> = sqlx::query_scalar(
        "select 'a row of ' || \"table\" || ' without its ' || parent from pragma_foreign_key_check",
    )
    .fetch_all(&mut connection)
    .await?;
    found.extend(orphans);
    if !found.is_empty() {
        let some: Vec<String> = found.iter().take(NAMED).map(|line| line.replace('\n', " ")).collect();
        return Err(Fault::Setup(format!("it is damaged: {}", some.join("; "))));
    }
    Ok(connection.close().await?)
}
