//! Brings a schema up to date, and says whether this release may serve from it. Migrations only add, so a release
//! serves also from a database with migrations that it does not know. One that takes something away says in its name
//! which migration a release must know at least, as in `0009_needs_0005_no_more_notes.sql`; older releases refuse.

use super::fault::Fault;
use sqlx::migrate::Migrator;
use sqlx::postgres::PgPool;
use sqlx::sqlite::{SqliteConnection, SqlitePool};
use std::sync::LazyLock;

static SQLITE: LazyLock<Migrator> = LazyLock::new(|| beside_others(sqlx::migrate!("migrations/sqlite")));
static POSTGRES: LazyLock<Migrator> = LazyLock::new(|| beside_others(sqlx::migrate!("migrations/postgres")));

/// sqlx keeps what a file is called here, with spaces for underscores.
const APPLIED: &str = "select version, description from _sqlx_migrations order by version";
/// The word of a name before the number that a release must know.
const NEEDS: &str = "needs ";

fn beside_others(mut migrator: Migrator) -> Migrator {
    migrator.set_ignore_missing(true);
    migrator
}

/// # Errors
/// `Setup` when the database is for newer releases; a migration that fails, or that is not the one that was run here.
pub async fn migrate_sqlite(pool: &SqlitePool) -> Result<(), Fault> {
    SQLITE.run(pool).await?;
    may_serve(&sqlx::query_as(APPLIED).fetch_all(pool).await?, &SQLITE)
}

/// sqlx holds an advisory lock meanwhile, so that one node migrates.
///
/// # Errors
/// As [`migrate_sqlite`].
pub async fn migrate_postgres(pool: &PgPool) -> Result<(), Fault> {
    POSTGRES.run(pool).await?;
    may_serve(&sqlx::query_as(APPLIED).fetch_all(pool).await?, &POSTGRES)
}

fn may_serve(applied: &[(i64, String)], migrator: &Migrator) -> Result<(), Fault> {
    let known = migrator.iter().map(|migration| migration.version).max().unwrap_or(0);
    let foreign: Vec<_> = applied.iter().filter(|(version, _)| !migrator.version_exists(*version)).collect();
    if let Some(needed) = foreign.iter().filter_map(|(_, name)| needed(name)).max().filter(|needed| *needed > known) {
        return Err(Fault::Setup(format!(
            "the database needs a newer comanda: one that knows migration {needed}. This one knows them up to {known}"
        )));
    }
    if let Some((newest, _)) = foreign.last() {
        tracing::info!(newest, known, "a newer release migrated this database; it only added, so this one serves too");
    }
    Ok(())
}

/// The migration that a release must know to live with the one of this name.
fn needed(name: &str) -> Option<i64> {
    name.strip_prefix(NEEDS)?.split(' ').next()?.parse().ok()
}

/// Whether a file's schema was begun by Comanda: nothing else is to be migrated.
///
/// # Errors
/// Any fault of the database.
pub async fn is_ours(connection: &mut SqliteConnection) -> Result<bool, Fault> {
    let tables: i64 =
        sqlx::query_scalar("select count(*) from sqlite_master where name in ('_sqlx_migrations', 'feeds')")
            .fetch_one(&mut *connection)
            .await?;
    if tables < 2 {
        return Ok(false);
    }
    let first: Option<Vec<u8>> =
        sqlx::query_scalar("select checksum from _sqlx_migrations where version = 1 and success")
            .fetch_optional(&mut *connection)
            .await?;
    Ok(SQLITE.iter().next().is_some_and(|ours| first.as_deref() == Some(&*ours.checksum)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_newer_release_only_added_is_no_hindrance_and_what_it_took_away_is() {
        let known = SQLITE.iter().map(|migration| migration.version).max().unwrap();
        let with = |names: &[&str]| {
            let applied = (known + 1..).zip(names).map(|(version, name)| (version, (*name).to_owned()));
            may_serve(&applied.collect::<Vec<_>>(), &SQLITE).is_ok()
        };
        let (knows, lacks) = (format!("needs {known:04} no notes"), format!("needs {:04} no tips", known + 1));
        assert!(with(&[]) && with(&["tips"]) && with(&["tips", &knows]));
        assert!(!with(&[&lacks]) && !with(&[&knows, &lacks, "more"]));
    }
}
