//! The limit of durable orders: the very rows that the committer wrote, put into emptied tables by the database's own
//! fastest way, in one transaction, with all indexes and constraints: `COPY` of Postgres, and on SQLite
//! `insert … select` from an attached copy.

use crate::latency::per_second;
use crate::place::{Kind, Place};
use anyhow::{Context, Result};
use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection};
use std::time::{Duration, Instant};

/// What an order leaves rows in, the ones that refer to others after those.
const TABLES: [&str; 5] = ["orders", "lines", "tasks", "events", "commands"];

/// What the rows of orders cost at least.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    pub orders_per_second: f64,
    /// On the disk, with indexes.
    pub bytes_per_order: f64,
}

impl Limit {
    /// Nobody else may use the database.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn of(place: &Place) -> Result<Self> {
        match place.kind {
            Kind::Postgres => postgres(place).await,
            Kind::Sqlite => sqlite(place).await,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "far less than 2^52")]
    fn new(orders: i64, bytes: i64, took: Duration) -> Result<Self> {
        let orders_per_second = per_second(usize::try_from(orders)?, took);
        Ok(Self { orders_per_second, bytes_per_order: bytes as f64 / orders.max(1) as f64 })
    }
}

async fn postgres(place: &Place) -> Result<Limit> {
    let mut connection = PgConnection::connect(place.auditor_url()).await?;
    let orders: i64 = sqlx::query("select count(*) from orders").fetch_one(&mut connection).await?.try_get(0)?;
    let mut kept = Vec::new();
    for table in TABLES {
        let copy = format!("copy {table} to stdout with (format binary)");
        let rows = connection.copy_out_raw(&copy).await?;
        kept.push(
            rows.try_fold(Vec::new(), async |mut all, part| {
                all.extend_from_slice(&part);
                Ok(all)
            })
            .await?,
        );
    }
    sqlx::raw_sql(AssertSqlSafe(format!("truncate {} cascade", TABLES.join(", ")))).execute(&mut connection).await?;
    sqlx::raw_sql("checkpoint").execute(&mut connection).await?;
    let begin = Instant::now();
    sqlx::raw_sql("begin").execute(&mut connection).await?;
    for (table, rows) in TABLES.iter().zip(kept) {
        let mut copy = connection.copy_in_raw(&format!("copy {table} from stdin with (format binary)")).await?;
        copy.send(rows).await?;
        copy.finish().await?;
    }
    sqlx::raw_sql("commit").execute(&mut connection).await?;
    let took = begin.elapsed();
    let size = TABLES.map(|table| format!("pg_total_relation_size('{table}')")).join(" + ");
    let bytes = sqlx::query(AssertSqlSafe(format!("select {size}"))).fetch_one(&mut connection).await?.try_get(0)?;
    connection.close().await?;
    Limit::new(orders, bytes, took)
}

async fn sqlite(place: &Place) -> Result<Limit> {
    let mut connection = SqliteConnection::connect(place.auditor_url()).await?;
    let orders: i64 = sqlx::query("select count(*) from orders").fetch_one(&mut connection).await?.try_get(0)?;
    let copy = place.path().join("copy.db");
    let copy = copy.to_str().context("the folder's name is text")?;
    let mut emptied = format!("pragma synchronous = full; vacuum into '{copy}'; attach '{copy}' as kept;");
    for table in TABLES.iter().rev() {
        emptied.push_str(&format!("delete from {table};"));
    }
    emptied.push_str("pragma wal_checkpoint(truncate);");
    sqlx::raw_sql(AssertSqlSafe(emptied)).execute(&mut connection).await?;
    let begin = Instant::now();
    let mut filled = "begin immediate;".to_owned();
    for table in TABLES {
        // A condition, or SQLite copies pages instead of inserting rows (sqlite.org/opcode: the transfer optimization).
        filled.push_str(&format!("insert into {table} select * from kept.{table} where restaurant_id is not null;"));
    }
    filled.push_str("commit;");
    sqlx::raw_sql(AssertSqlSafe(filled)).execute(&mut connection).await?;
    let took = begin.elapsed();
    connection.close().await?;
    Limit::new(orders, i64::try_from(std::fs::metadata(place.path().join("copy.db"))?.len())?, took)
}
