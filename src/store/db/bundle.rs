//! Many statements over many rows, sent together: on Postgres they are parts of one, and so one round trip.

use super::columns::{Column, arrays, unnested};
use super::{Bind, Tx};
use crate::store::fault::Fault;
use sqlx::{AssertSqlSafe, Row as _};

/// Statements that are written together. On Postgres all of them see the rows as they were before: none may need what
/// another writes, and no two may touch one row.
#[derive(Default)]
pub struct Bundle(Vec<Part>);

struct Part {
    head: &'static str,
    rows: Vec<Vec<Bind>>,
    tail: &'static str,
    /// What its rows are, when it has to touch them all.
    all_of: Option<&'static str>,
}

impl Bundle {
    /// `head values (…), (…), … tail`; without rows, nothing.
    pub fn rows(&mut self, head: &'static str, rows: Vec<Vec<Bind>>, tail: &'static str) {
        self.add(Part { head, rows, tail, all_of: None });
    }

    /// The same, and every one of these rows has to be there.
    pub fn all_rows(&mut self, what: &'static str, head: &'static str, rows: Vec<Vec<Bind>>, tail: &'static str) {
        self.add(Part { head, rows, tail, all_of: Some(what) });
    }

    fn add(&mut self, part: Part) {
        if !part.rows.is_empty() {
            self.0.push(part);
        }
    }

    /// Writes it, in the order in which it was put together.
    ///
    /// # Errors
    /// `Corrupt` when rows were not there that must be, and any fault of the database.
    pub async fn write(self, tx: &mut Tx) -> Result<(), Fault> {
        let wanted: Vec<_> = self.0.iter().map(|part| (part.all_of, part.rows.len() as u64)).collect();
        let touched = match tx {
            Tx::Sqlite(_) => {
                let mut touched = Vec::with_capacity(self.0.len());
                for part in self.0 {
                    touched.push(tx.execute_rows(part.head, part.rows, part.tail).await?);
                }
                touched
            }
            Tx::Postgres(_) => self.write_as_one(tx).await?,
        };
        for ((all_of, wanted), touched) in wanted.into_iter().zip(touched) {
            if let Some(what) = all_of.filter(|_| touched != wanted) {
                return Err(Fault::Corrupt(format!("{touched} of {wanted} {what} were written")));
            }
        }
        Ok(())
    }

    /// `with part1 as (… returning 1), part2 as (…) select (select count(*) from part1), …`: how many rows each touched.
    async fn write_as_one(self, tx: &mut Tx) -> Result<Vec<u64>, Fault> {
        let Tx::Postgres(tx) = tx else { return Ok(Vec::new()) };
        let count = self.0.len();
        if count == 0 {
            return Ok(Vec::new());
        }
        let (mut parts, mut all) = (Vec::with_capacity(count), Vec::new());
        for (n, part) in self.0.into_iter().enumerate() {
            let columns = Column::of(part.rows)?;
            let rows = unnested(&columns, all.len());
            parts.push(format!("part{n} as ({} {rows} {} returning 1)", part.head, part.tail));
            all.extend(columns);
        }
        let counts: Vec<_> = (0..count).map(|n| format!("(select count(*) from part{n})")).collect();
        let sql = format!("with {} select {}", parts.join(", "), counts.join(", "));
        let row = sqlx::query_with(AssertSqlSafe(sql), arrays(all)?).fetch_one(&mut **tx).await?;
        (0..count).map(|n| Ok(u64::try_from(row.try_get::<i64, _>(n)?).unwrap_or_default())).collect()
    }
}
