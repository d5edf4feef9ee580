//! Places for databases: a fresh SQLite file or a database of a private Postgres, and what lies in them when a
//! measurement is over. The count is made with SQL of its own, so that the server does not count for itself.

use crate::pin::Pin;
use crate::postgres::Postgres;
use anyhow::{Context, Result};
use comanda::store::{Options, Store};
use serde::Serialize;
use sqlx::{Connection, PgConnection, Row, SqliteConnection};
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use uuid::Uuid;

/// As in config/default.toml.
pub const WRITERS: u32 = 2;
const READERS: u32 = 8;

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// Where places are made. Postgres starts with the first that needs it.
pub struct Ground {
    folder: PathBuf,
    programs: Option<PathBuf>,
    pin: Pin,
    postgres: Option<Postgres>,
}

/// One database, which goes with this value.
pub struct Place {
    pub kind: Kind,
    pub url: String,
    /// What its servers sign tokens and codes with, and so the load can, too.
    pub secret: [u8; 32],
    /// Sees all rows.
    auditor_url: String,
    folder: TempDir,
}

impl Ground {
    pub fn new(folder: PathBuf, programs: Option<PathBuf>) -> Self {
        Self { folder, programs, pin: Pin::ANY, postgres: None }
    }

    /// The same, where Postgres has that processor.
    pub fn pinned(&self, pin: Pin) -> Self {
        Self { folder: self.folder.clone(), programs: self.programs.clone(), pin, postgres: None }
    }

    /// Where places are made.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// # Errors
    /// Postgres is not there, or the folder cannot be written.
    pub async fn place(&mut self, kind: Kind) -> Result<Place> {
        let folder = tempfile::Builder::new().prefix("load-").tempdir_in(&self.folder)?;
        let (url, auditor_url) = match kind {
            Kind::Sqlite => {
                let url = format!("sqlite:{}/comanda.db", folder.path().display());
                (url.clone(), url)
            }
            Kind::Postgres => {
                let name = format!("l{}", Uuid::new_v4().simple());
                let postgres = self.postgres().await?;
                (postgres.database(&name)?, postgres.superuser_url(&name))
            }
        };
        Ok(Place { kind, url, secret: rand::random(), auditor_url, folder })
    }

    async fn postgres(&mut self) -> Result<&Postgres> {
        if self.postgres.is_none() {
            self.postgres = Some(Postgres::start(self.programs.as_deref(), &self.folder, self.pin).await?);
        }
        self.postgres.as_ref().context("it was started above")
    }
}

/// Rows that orders leave, and what must never be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    pub orders: i64,
    pub lines: i64,
    pub tasks: i64,
    /// Events that say that an order was placed.
    pub placed: i64,
    /// Commands that placed an order.
    pub commands: i64,
    /// Commands that placed more than one.
    pub doubled: i64,
    /// Feeds whose numbers are not 1 to head without a hole.
    pub broken_feeds: i64,
}

const COUNT: &str = "select (select count(*) from orders), (select count(*) from lines), (select count(*) from tasks), \
    (select count(*) from events where kind = 'order.placed'), \
    (select count(*) from commands c where c.sender <> 'system' and exists \
        (select 1 from orders o where o.restaurant_id = c.restaurant_id and o.id = c.subject)), \
    (select count(*) from (select command_id from events where kind = 'order.placed' group by command_id having count(*) > 1) d), \
    (select count(*) from feeds f where f.seq <> (select count(*) from events e where e.restaurant_id = f.restaurant_id) \
        or f.seq <> (select coalesce(max(e.seq), 0) from events e where e.restaurant_id = f.restaurant_id))";

impl Place {
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// With it somebody comes in who sees all rows.
    pub fn auditor_url(&self) -> &str {
        &self.auditor_url
    }

    /// Opens it as the server does; the first time, that makes the schema.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn open(&self) -> Result<Store> {
        let options = Options { url: self.url.clone(), readers: READERS, writers: WRITERS };
        Ok(Store::new(comanda::store::open(&options).await?))
    }

    /// What Postgres does by itself within a minute after tables have grown: until then it plans for empty ones,
    /// and takes any index for as good as another.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn analyze(&self) -> Result<()> {
        if self.kind == Kind::Postgres {
            let mut connection = PgConnection::connect(&self.auditor_url).await?;
            sqlx::query("analyze").execute(&mut connection).await?;
            connection.close().await?;
        }
        Ok(())
    }

    /// # Errors
    /// Any fault of the database.
    pub async fn rows(&self) -> Result<Rows> {
        let counts: Vec<i64> = match self.kind {
            Kind::Sqlite => {
                let mut connection = SqliteConnection::connect(&self.auditor_url).await?;
                let row = sqlx::query(COUNT).fetch_one(&mut connection).await?;
                connection.close().await?;
                (0..row.len()).map(|at| row.try_get(at)).collect::<Result<_, _>>()?
            }
            Kind::Postgres => {
                let mut connection = PgConnection::connect(&self.auditor_url).await?;
                let row = sqlx::query(COUNT).fetch_one(&mut connection).await?;
                connection.close().await?;
                (0..row.len()).map(|at| row.try_get(at)).collect::<Result<_, _>>()?
            }
        };
        let [orders, lines, tasks, placed, commands, doubled, broken_feeds] = counts[..] else {
            anyhow::bail!("the count has another shape")
        };
        Ok(Rows { orders, lines, tasks, placed, commands, doubled, broken_feeds })
    }
}
