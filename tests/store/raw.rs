//! Statements of the test's own, past the store: as somebody with the file, or as Postgres' superuser.

use crate::harness::server::{Kind, Place};
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection, Row};
use std::str::FromStr;
use std::time::Duration;
use uuid::Uuid;

pub enum Raw {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

macro_rules! on {
    ($raw:expr, $connection:ident => $run:expr) => {
        match $raw {
            Raw::Sqlite($connection) => $run,
            Raw::Postgres($connection) => $run,
        }
    };
}

impl Raw {
    pub async fn open(place: &Place) -> Self {
        match place.kind {
            Kind::Sqlite => {
                let options = SqliteConnectOptions::from_str(&place.url).unwrap().busy_timeout(Duration::from_secs(20));
                Self::Sqlite(SqliteConnection::connect_with(&options).await.unwrap())
            }
            Kind::Postgres => Self::Postgres(PgConnection::connect(&superuser(&place.url)).await.unwrap()),
        }
    }

    /// Runs statements; the sums of the rows they touched.
    pub async fn run(&mut self, sql: &str) -> u64 {
        let sql = AssertSqlSafe(sql.to_owned());
        on!(self, connection => sqlx::raw_sql(sql).execute(connection).await.unwrap().rows_affected())
    }

    pub async fn number(&mut self, sql: &str) -> i64 {
        let sql = AssertSqlSafe(sql.to_owned());
        on!(self, connection => sqlx::raw_sql(sql).fetch_one(connection).await.unwrap().get(0))
    }

    /// The first column of every row.
    pub async fn texts(&mut self, sql: &str) -> Vec<String> {
        let sql = AssertSqlSafe(sql.to_owned());
        on!(self, connection => {
            sqlx::raw_sql(sql).fetch_all(connection).await.unwrap().iter().map(|row| row.get(0)).collect()
        })
    }

    /// An id as this database writes it in a statement.
    pub fn id(&self, id: Uuid) -> String {
        match self {
            Self::Sqlite(_) => format!("x'{}'", id.simple()),
            Self::Postgres(_) => format!("'{id}'::uuid"),
        }
    }
}

/// The same database as the superuser comes to it.
pub fn superuser(url: &str) -> String {
    as_role(url, "postgres")
}

pub fn as_role(url: &str, role: &str) -> String {
    url.replacen("postgres://comanda@", &format!("postgres://{role}@"), 1)
}
