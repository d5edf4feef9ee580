//! Brings a schema up to date, and says whether this release may serve from it. Migrations only add, so a release
//! serves also from a database with migrations that it does not know; one that takes something away raises
//! `schema_floor`, and releases below it refuse.

use super::fault::Fault;
use sqlx::migrate::Migrator;
use sqlx::postgres::PgPool;
use sqlx::sqlite::{SqliteConnection, SqlitePool};
use std::sync::LazyLock;

static SQLITE: LazyLock<Migrator> = LazyLock::new(|| beside_others(sqlx::migrate!("migrations/sqlite")));
static POSTGRES: LazyLock<Migrator> = LazyLock::new(|| beside_others(sqlx::migrate!("migrations/postgres")));

const FLOOR: &str = "select migration, (select max(version) from _sqlx_migrations) from schema_floor";

fn beside_others(mut migrator: Migrator) -> Migrator {
    migrator.set_ignore_missing(true);
    migrator
}

/// # Errors
/// `Setup` when the database is for newer releases; a migration that fails, or that is not the one that was run here.
pub async fn migrate_sqlite(pool: &SqlitePool) -> Result<(), Fault> {
    SQLITE.run(pool).await?;
    let (floor, newest) = sqlx::query_as(FLOOR).fetch_one(pool).await?;
    may_serve(floor, newest, &SQLITE)
}

/// sqlx holds an advisory lock meanwhile, so that one node migrates.
///
/// # Errors
/// As [`migrate_sqlite`].
pub async fn migrate_postgres(pool: &PgPool) -> Result<(), Fault> {
    POSTGRES.run(pool).await?;
    let (floor, newest) = sqlx::query_as(FLOOR).fetch_one(pool).await?;
    may_serve(floor, newest, &POSTGRES)
}

fn may_serve(floor: i64, newest: i64, migrator: &Migrator) -> Result<(), Fault> {
    let known = migrator.iter().map(|migration| migration.version).max().unwrap_or(0);
    if floor > known {
        return Err(Fault::Setup(format!(
            "the database needs a newer comanda: one that knows migration {floor}. This one knows them up to {known}"
        )));
    }
    if newest > known {
        tracing::info!(newest, known, "a newer release migrated this database; it only added, so this one serves too");
    }
    Ok(())
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
