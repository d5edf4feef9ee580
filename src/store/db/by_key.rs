//! Rows of large tables by lists of keys, with a plan that does not depend on how large the table was when it was made.

use super::columns::{Column, arrays, unnested};
use super::{Bind, Row, Tx};
use crate::store::fault::Fault;
use sqlx::AssertSqlSafe;

/// A read by keys.
pub struct ByKey {
    pub columns: &'static str,
    pub table: &'static str,
    /// The columns of the key, by commas.
    pub key: &'static str,
    /// What else must hold: `and …`.
    pub more: &'static str,
    /// `order by …`
    pub order: &'static str,
}

impl ByKey {
    pub const fn of(columns: &'static str, table: &'static str, key: &'static str) -> Self {
        Self { columns, table, key, more: "", order: "" }
    }

    pub const fn ordered(self, order: &'static str) -> Self {
        Self { order, ..self }
    }

    /// Reads the rows whose key is in the list, each once.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn rows(&self, tx: &mut Tx, keys: Vec<Vec<Bind>>) -> Result<Vec<Row>, Fault> {
        let Self { columns, table, key, more, order } = self;
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let Tx::Postgres(tx) = tx else {
            let head = format!("select {columns} from {table} where ({key}) in");
            return tx.query_keys(&head, keys, &format!("{more} {order}")).await;
        };
        let width = keys.first().map_or(0, Vec::len);
        let arguments = Column::of(keys)?;
        let keys = unnested(&arguments, 0);
        let wanted: Vec<_> = (1..=width).map(|n| format!("keys.column{n}")).collect();
        let wanted = wanted.join(", ");
        // Key by key, through the index. Left to choose, Postgres may walk through all that the restaurants ever had and
        // look into the list for each: best while the table is young, when plans are made, and worse with every order.
        let sql = format!(
            "select {columns} from (select distinct * {from}) as keys cross join lateral \
             (select * from {table} where ({key}) = ({wanted}) {more} offset 0) as {table} {order}",
            from = keys.trim_start_matches("select *"),
        );
        let rows = sqlx::query_with(AssertSqlSafe(sql), arrays(arguments)?).fetch_all(&mut **tx).await?;
        Ok(rows.into_iter().map(Row::Postgres).collect())
    }
}
