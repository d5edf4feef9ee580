//! One SQL text on two databases: binds, rows and transactions that hide which one it is.
//! The only place that builds SQL at run time (lists of placeholders) and that knows the differences
//! between SQLite and Postgres. Called by the rest of `store/` only.

mod bundle;
mod by_key;
mod columns;

use super::fault::Fault;
use crate::domain::ids::RestaurantId;
pub use bundle::Bundle;
pub use by_key::ByKey;
use columns::{Column, arrays, unnested};
use sqlx::postgres::{PgArguments, PgPool, PgRow};
use sqlx::sqlite::{SqliteArguments, SqlitePool, SqliteRow};
use sqlx::{Arguments, AssertSqlSafe, Postgres, Row as _, Sqlite, Transaction};
use uuid::Uuid;

/// A value that goes into a statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Bind {
    Id(Option<Uuid>),
    Int(Option<i64>),
    Bool(bool),
    Text(Option<String>),
    Bytes(Vec<u8>),
}

macro_rules! bind_from {
    ($($ty:ty => |$v:ident| $bind:expr;)*) => {$(
        impl From<$ty> for Bind { fn from($v: $ty) -> Self { $bind } }
    )*};
}
bind_from! {
    Uuid => |v| Self::Id(Some(v));
    Option<Uuid> => |v| Self::Id(v);
    i64 => |v| Self::Int(Some(v));
    Option<i64> => |v| Self::Int(v);
    bool => |v| Self::Bool(v);
    &str => |v| Self::Text(Some(v.to_owned()));
    String => |v| Self::Text(Some(v));
    Option<String> => |v| Self::Text(v);
    Vec<u8> => |v| Self::Bytes(v);
}

macro_rules! binds {
    ($($value:expr),* $(,)?) => { vec![$($crate::store::db::Bind::from($value)),*] };
}
pub(crate) use binds;

/// Rows of one multi-row statement at most; SQLite takes 32,766 binds, Postgres 65,535.
const STATEMENT_BINDS: usize = 30_000;

/// The pools of one server. SQLite has one writer, for everything that writes; on Postgres a storm of
/// reads must not keep the writers waiting for a connection.
#[derive(Clone)]
pub enum Db {
    Sqlite { writer: SqlitePool, reader: SqlitePool },
    Postgres { writer: PgPool, reader: PgPool },
}

/// What a transaction is for.
#[derive(Clone, Copy, Debug)]
pub enum Access<'a> {
    /// Reads and writes rows of these restaurants.
    Write(&'a [RestaurantId]),
    /// One consistent look at the rows of these restaurants.
    Read(&'a [RestaurantId]),
    /// Crosses tenants; only for the named queries of `wide.rs`.
    WideRead,
    WideWrite,
}

/// An open transaction. Dropped without `commit`, it is rolled back.
pub enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// A result row; columns are read by their place in the `select`.
pub enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Db {
    /// # Errors
    /// When no connection can be had, or the lock of SQLite's writer is held for too long.
    pub async fn begin(&self, access: Access<'_>) -> Result<Tx, Fault> {
        match self {
            Self::Sqlite { writer, reader } => Ok(Tx::Sqlite(match access {
                Access::Write(_) | Access::WideWrite => writer.begin_with("begin immediate").await?,
                Access::Read(_) | Access::WideRead => reader.begin_with("begin").await?,
            })),
            Self::Postgres { writer, reader } => {
                let (pool, begin) = match access {
                    Access::Write(_) | Access::WideWrite => (writer, "begin"),
                    Access::Read(_) | Access::WideRead => (reader, "begin isolation level repeatable read read only"),
                };
                let scope = match access {
                    Access::Write(restaurants) | Access::Read(restaurants) => {
                        let list = restaurants.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
                        format!("set local app.restaurants = '{{{list}}}'")
                    }
                    Access::WideRead | Access::WideWrite => "set local role comanda_wide".to_owned(),
                };
                // Both in one round trip. The text has nothing in it but ids that were parsed.
                let begin = AssertSqlSafe(format!("{begin}; {scope}"));
                // In a task of its own, because who waits for it may give up. sqlx would forget a transaction that it was
                // cut off from beginning, and hand out its connection with that one open.
                let pool = pool.clone();
                #[expect(
                    clippy::disallowed_methods,
                    reason = "it is waited for here, and ends by the pool's time-outs"
                )]
                let begun = tokio::spawn(async move { pool.begin_with(begin).await });
                Ok(Tx::Postgres(begun.await.unwrap_or(Err(sqlx::Error::WorkerCrashed))?))
            }
        }
    }

    #[must_use]
    pub fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres { .. })
    }
}

impl Tx {
    /// # Errors
    /// Any fault of the database. A commit whose answer did not come may have happened.
    pub async fn commit(self) -> Result<(), Fault> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    /// The lock that orders a restaurant's history. SQLite's writer holds it by being the only one.
    #[must_use]
    pub fn feed_lock(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "",
            Self::Postgres(_) => " for no key update",
        }
    }

    /// Lets several nodes claim rows without waiting for each other.
    #[must_use]
    pub fn skip_locked(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "",
            Self::Postgres(_) => " for update skip locked",
        }
    }

    /// Runs a statement; returns how many rows it touched.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn execute(&mut self, sql: &'static str, binds: Vec<Bind>) -> Result<u64, Fault> {
        self.execute_text(sql.to_owned(), binds).await
    }

    /// # Errors
    /// Any fault of the database.
    pub async fn query(&mut self, sql: &'static str, binds: Vec<Bind>) -> Result<Vec<Row>, Fault> {
        self.query_text(sql.to_owned(), binds).await
    }

    /// `head values (…), (…), … tail`: one statement for many rows.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn execute_rows(&mut self, head: &str, rows: Vec<Vec<Bind>>, tail: &str) -> Result<u64, Fault> {
        let Some(width) = rows.first().map(Vec::len) else { return Ok(0) };
        let mut touched = 0;
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let chunk: Vec<Vec<Bind>> = rows.by_ref().take(STATEMENT_BINDS / width.max(1)).collect();
            touched += match self {
                Self::Sqlite(_) => {
                    let sql = format!("{head} values {} {tail}", placeholders(chunk.len(), width));
                    self.execute_text(sql, chunk.into_iter().flatten().collect()).await?
                }
                Self::Postgres(tx) => {
                    let columns = Column::of(chunk)?;
                    let sql = format!("{head} {} {tail}", unnested(&columns, 0));
                    let arguments = arrays(columns)?;
                    sqlx::query_with(AssertSqlSafe(sql), arguments).execute(&mut **tx).await?.rows_affected()
                }
            };
        }
        Ok(touched)
    }

    /// `head (list) tail`: the rows whose key is in a list.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn query_keys(&mut self, head: &str, mut keys: Vec<Vec<Bind>>, tail: &str) -> Result<Vec<Row>, Fault> {
        let Some(last) = keys.last().cloned() else { return Ok(Vec::new()) };
        match self {
            Self::Sqlite(_) => {
                // Padded by repeating the last key, so that few different statements have to be prepared.
                let width = last.len();
                keys.resize(keys.len().next_power_of_two(), last);
                let sql = format!("{head} (values {}) {tail}", placeholders(keys.len(), width));
                self.query_text(sql, keys.into_iter().flatten().collect()).await
            }
            Self::Postgres(tx) => {
                let columns = Column::of(keys)?;
                let sql = format!("{head} ({}) {tail}", unnested(&columns, 0));
                let arguments = arrays(columns)?;
                let rows = sqlx::query_with(AssertSqlSafe(sql), arguments).fetch_all(&mut **tx).await?;
                Ok(rows.into_iter().map(Row::Postgres).collect())
            }
        }
    }

    /// As `query`, with a tail that differs between the databases.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn query_more(&mut self, head: &'static str, tail: &str, binds: Vec<Bind>) -> Result<Vec<Row>, Fault> {
        self.query_text(format!("{head} {tail}"), binds).await
    }

    async fn execute_text(&mut self, sql: String, binds: Vec<Bind>) -> Result<u64, Fault> {
        Ok(match self {
            Self::Sqlite(tx) => {
                sqlx::query_with(AssertSqlSafe(sql), sqlite(binds)?).execute(&mut **tx).await?.rows_affected()
            }
            Self::Postgres(tx) => {
                sqlx::query_with(AssertSqlSafe(sql), postgres(binds)?).execute(&mut **tx).await?.rows_affected()
            }
        })
    }

    async fn query_text(&mut self, sql: String, binds: Vec<Bind>) -> Result<Vec<Row>, Fault> {
        Ok(match self {
            Self::Sqlite(tx) => {
                let rows = sqlx::query_with(AssertSqlSafe(sql), sqlite(binds)?).fetch_all(&mut **tx).await?;
                rows.into_iter().map(Row::Sqlite).collect()
            }
            Self::Postgres(tx) => {
                let rows = sqlx::query_with(AssertSqlSafe(sql), postgres(binds)?).fetch_all(&mut **tx).await?;
                rows.into_iter().map(Row::Postgres).collect()
            }
        })
    }
}

macro_rules! add {
    ($args:ident, $binds:ident) => {{
        for bind in $binds {
            match bind {
                Bind::Id(v) => $args.add(v),
                Bind::Int(v) => $args.add(v),
                Bind::Bool(v) => $args.add(v),
                Bind::Text(v) => $args.add(v),
                Bind::Bytes(v) => $args.add(v),
            }
            .map_err(|e| Fault::Sql(sqlx::Error::Encode(e)))?;
        }
        Ok($args)
    }};
}

fn sqlite(binds: Vec<Bind>) -> Result<SqliteArguments, Fault> {
    let mut args = SqliteArguments::default();
    add!(args, binds)
}

fn postgres(binds: Vec<Bind>) -> Result<PgArguments, Fault> {
    let mut args = PgArguments::default();
    add!(args, binds)
}

/// `(?, ?), (?, ?)`. Not `$1`: to SQLite that is a name, and it looks through all names before it for each (twice:
/// when it parses and when it binds), which is quadratic in a large batch.
fn placeholders(rows: usize, width: usize) -> String {
    let row = format!("({})", vec!["?"; width].join(", "));
    vec![row; rows].join(", ")
}

macro_rules! get {
    ($row:expr, $at:expr) => {
        match $row {
            Row::Sqlite(row) => row.try_get($at),
            Row::Postgres(row) => row.try_get($at),
        }
        .map_err(Fault::Sql)
    };
}

impl Row {
    /// # Errors
    /// When the column is not an id.
    pub fn id(&self, at: usize) -> Result<Uuid, Fault> {
        get!(self, at)
    }

    /// # Errors
    /// When the column is not an id.
    pub fn maybe_id(&self, at: usize) -> Result<Option<Uuid>, Fault> {
        get!(self, at)
    }

    /// # Errors
    /// When the column is not an integer.
    pub fn int(&self, at: usize) -> Result<i64, Fault> {
        get!(self, at)
    }

    /// # Errors
    /// When the column is not an integer.
    pub fn maybe_int(&self, at: usize) -> Result<Option<i64>, Fault> {
        get!(self, at)
    }

    /// # Errors
    /// When the column is not a boolean.
    pub fn flag(&self, at: usize) -> Result<bool, Fault> {
        get!(self, at)
    }

    /// # Errors
    /// When the column is not text.
    pub fn text(&self, at: usize) -> Result<String, Fault> {
        get!(self, at)
    }

    /// # Errors
    /// When the column is not text.
    pub fn maybe_text(&self, at: usize) -> Result<Option<String>, Fault> {
        get!(self, at)
    }

    /// # Errors
    /// When the column is not bytes.
    pub fn bytes(&self, at: usize) -> Result<Vec<u8>, Fault> {
        get!(self, at)
    }

    /// A column that holds JSON text.
    ///
    /// # Errors
    /// When it does not parse as `T`.
    pub fn json<T: serde::de::DeserializeOwned>(&self, at: usize) -> Result<T, Fault> {
        parse_json(&self.text(at)?)
    }

    /// A column that holds one of a closed set of words.
    ///
    /// # Errors
    /// When the word is not in the set.
    pub fn word<T>(&self, at: usize, parse: impl Fn(&str) -> Option<T>) -> Result<T, Fault> {
        let word = self.text(at)?;
        parse(&word).ok_or_else(|| Fault::Corrupt(format!("unknown word `{word}` in column {at}")))
    }
}

/// # Errors
/// When the text is not JSON of that shape.
pub fn parse_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Fault> {
    serde_json::from_str(text).map_err(|e| Fault::Corrupt(e.to_string()))
}

/// # Errors
/// Never for the types stored here; a map key that is not text would be one.
pub fn to_json<T: serde::Serialize>(value: &T) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(|e| Fault::Corrupt(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::placeholders;

    #[test]
    fn placeholders_are_made_for_all_rows() {
        assert_eq!(placeholders(2, 3), "(?, ?, ?), (?, ?, ?)");
        assert_eq!(placeholders(1, 1), "(?)");
    }
}
