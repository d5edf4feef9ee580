//! Opens a database: pools, pragmas, time-outs, migrations, and the checks before serving from it.

use super::db::Db;
use super::fault::Fault;
use super::schema;
use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use std::str::FromStr;
use std::time::Duration;

/// How long a connection is waited for.
const ACQUIRE: Duration = Duration::from_secs(2);
/// How long a pool is filled at most before serving begins without the rest of it.
const FILLING: Duration = Duration::from_secs(30);
/// A connection that rested for longer is asked whether it still lives, before somebody relies on it.
const TRUSTED: Duration = Duration::from_millis(500);
/// How long SQLite waits for its lock.
const SQLITE_BUSY: Duration = Duration::from_secs(2);
/// The WAL is truncated above this size.
pub const WAL_BYTES: u64 = 64 * 1024 * 1024;
/// Connections beside the committers', for logins and pruning.
const SPARE_WRITERS: u32 = 2;
/// Prepared statements that one connection keeps; batches of many sizes make many texts.
const STATEMENTS: usize = 512;

/// How often a migration is tried that meets other nodes' orders in another order than theirs.
const MIGRATIONS: u32 = 10;

/// What to open.
#[derive(Clone, Debug)]
pub struct Options {
    /// `sqlite:path/to/file.db` or `postgres://…`
    pub url: String,
    pub readers: u32,
    pub writers: u32,
}

/// Opens the database and brings its schema up to date.
///
/// # Errors
/// `Setup` with what to do, when the server must not run on it; any fault of the database.
pub async fn open(options: &Options) -> Result<Db, Fault> {
    if options.url.starts_with("postgres:") || options.url.starts_with("postgresql:") {
        open_postgres(options).await
    } else if options.url.starts_with("sqlite:") {
        open_sqlite(options).await
    } else {
        Err(Fault::Setup("`database.url` must begin with `sqlite:` or `postgres:`".to_owned()))
    }
}

/// Every statement of ours finds its rows by key, through an index, a few at a time. A plan that was made while a table was
/// young (statements are prepared once, statistics come with the first autovacuum) would read it whole for ever after.
const BY_KEY: [(&str, &str); 4] =
    [("enable_seqscan", "off"), ("enable_hashjoin", "off"), ("enable_mergejoin", "off"), ("jit", "off")];

async fn open_sqlite(options: &Options) -> Result<Db, Fault> {
    let base = SqliteConnectOptions::from_str(&options.url)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(SQLITE_BUSY)
        .statement_cache_capacity(STATEMENTS)
        // The checkpoint inside a commit made p99 five times worse; a task does it between batches.
        .pragma("wal_autocheckpoint", "0");
    // SQLite itself ends a transaction that meets a full disk (sqlite.org/lang_transaction.html §3). sqlx goes on
    // counting it, and would begin no other on that connection for ever.
    let pool = |connections: u32| {
        let pool = SqlitePoolOptions::new().max_connections(connections.max(1)).acquire_timeout(ACQUIRE);
        pool.before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
    };
    let writer = pool(1).connect_with(base.clone()).await?;
    schema::migrate_sqlite(&writer).await?;
    let reader = pool(options.readers).connect_with(base.read_only(true)).await?;
    Ok(Db::Sqlite { writer, reader })
}

async fn open_postgres(options: &Options) -> Result<Db, Fault> {
    let connect = PgConnectOptions::from_str(&options.url)?
        .application_name("comanda")
        .statement_cache_capacity(STATEMENTS)
        .options([
            ("lock_timeout", "1s"),
            ("statement_timeout", "2s"),
            ("idle_in_transaction_session_timeout", "1s"),
            ("synchronous_commit", "on"),
        ])
        .options(BY_KEY);
    let pool = |connections: u32| {
        let connections = connections.max(1);
        PgPoolOptions::new()
            .max_connections(connections)
            .min_connections(connections)
            .idle_timeout(None)
            .acquire_timeout(ACQUIRE)
            .test_before_acquire(false)
            .before_acquire(|connection, rested| {
                Box::pin(async move {
                    if rested.idle_for > TRUSTED {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_lazy_with(connect.clone())
    };
    let writer = pool(options.writers + SPARE_WRITERS);
    check_roles(&writer).await?;
    migrate_postgres(&connect).await?;
    let reader = pool(options.readers);
    fill(&writer).await?;
    fill(&reader).await?;
    Ok(Db::Postgres { writer, reader })
}

/// Opens a pool's connections one after the other before anybody needs them. Opened by a crowd, by several nodes at once,
/// none is ready within `ACQUIRE`; all are given up, tried again, and Postgres comes to nothing else.
async fn fill(pool: &PgPool) -> Result<(), Fault> {
    let until = tokio::time::Instant::now() + FILLING;
    let mut filled = Vec::new();
    while filled.len() < pool.options().get_max_connections() as usize {
        match pool.acquire().await {
            Ok(connection) => filled.push(connection),
            Err(sqlx::Error::PoolTimedOut) if tokio::time::Instant::now() < until => {}
            Err(error) if filled.is_empty() => return Err(error.into()),
            Err(error) => {
                let (open, wanted) = (filled.len(), pool.options().get_max_connections());
                tracing::warn!(%error, open, wanted, "Postgres gives fewer connections than `database` asks for");
                break;
            }
        }
    }
    Ok(())
}

/// Migrations may take longer than a request.
async fn migrate_postgres(connect: &PgConnectOptions) -> Result<(), Fault> {
    let patient = connect.clone().options([
        ("lock_timeout", "0"),
        ("statement_timeout", "0"),
        ("idle_in_transaction_session_timeout", "0"),
    ]);
    let pool = PgPoolOptions::new().max_connections(1).connect_with(patient).await?;
    let mut result = schema::migrate_postgres(&pool).await;
    for _ in 1..MIGRATIONS {
        match &result {
            Err(fault) if fault.is_deadlock() => tracing::info!(%fault, "the migration met orders: it runs again"),
            Ok(()) | Err(_) => break,
        }
        result = schema::migrate_postgres(&pool).await;
    }
    pool.close().await;
    result
}

/// Row-level security means nothing to a superuser, nor to a role that has the wide one's rights all
/// the time: refuse to serve as one (L9).
async fn check_roles(pool: &PgPool) -> Result<(), Fault> {
    let (user, above): (String, bool) = sqlx::query_as(
        "select quote_ident(rolname), rolsuper or rolbypassrls from pg_roles where rolname = current_user",
    )
    .fetch_one(pool)
    .await?;
    if above {
        return Err(Fault::Setup(format!(
            "Postgres role `{user}` is a superuser or has BYPASSRLS, so tenants would not be kept apart. \
             Connect as a plain role; docs/OPERATIONS.md has the three statements that make it."
        )));
    }
    let wide: Option<(bool, bool)> = sqlx::query_as(
        "select pg_has_role(current_user, oid, 'MEMBER'), pg_has_role(current_user, oid, 'USAGE') from pg_roles where rolname = 'comanda_wide'",
    )
    .fetch_optional(pool)
    .await?;
    // Since Postgres 16 it is the grant that inherits, as the role did when it was made: so it is made again.
    match wide {
        Some((true, false)) => Ok(()),
        Some((true, true)) => Err(Fault::Setup(format!(
            "Postgres role `{user}` inherits the rights of `comanda_wide`, so every query would cross tenants. \
             As a superuser run: alter role {user} noinherit; revoke comanda_wide from {user}; grant comanda_wide to {user};"
        ))),
        Some((false, _)) => Err(Fault::Setup(format!(
            "Postgres role `{user}` may not take the second role. \
             As a superuser run: alter role {user} noinherit; grant comanda_wide to {user};"
        ))),
        None => Err(Fault::Setup(format!(
            "Postgres role `{user}` needs the second role. \
             As a superuser run: alter role {user} noinherit; create role comanda_wide nologin; grant comanda_wide to {user};"
        ))),
    }
}

impl Db {
    /// Moves the WAL into the database between batches: passively, or truncating it once it is large.
    /// Nothing to do on Postgres.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn checkpoint(&self) -> Result<(), Fault> {
        if let Self::Sqlite { writer, .. } = self {
            let (_, pages, moved): (i64, i64, i64) =
                sqlx::query_as("pragma wal_checkpoint(passive)").fetch_one(writer).await?;
            // While somebody reads what is older (a backup), truncating would wait for them, and orders for it.
            if pages == moved && u64::try_from(pages).unwrap_or(0) * 4096 > WAL_BYTES {
                sqlx::query("pragma wal_checkpoint(truncate)").execute(writer).await?;
            }
        }
        Ok(())
    }

    /// Closes the pools after what runs has ended.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { writer, reader } => {
                reader.close().await;
                writer.close().await;
            }
            Self::Postgres { writer, reader } => {
                reader.close().await;
                writer.close().await;
            }
        }
    }

    /// The pool, for tests of what the roles may see.
    #[must_use]
    pub fn postgres(&self) -> Option<&PgPool> {
        match self {
            Self::Postgres { writer, .. } => Some(writer),
            Self::Sqlite { .. } => None,
        }
    }

    /// The writer's pool, for tests that hold its lock.
    #[must_use]
    pub fn sqlite(&self) -> Option<&SqlitePool> {
        match self {
            Self::Sqlite { writer, .. } => Some(writer),
            Self::Postgres { .. } => None,
        }
    }
}
