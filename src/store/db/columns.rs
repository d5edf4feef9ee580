//! Many rows as one array for each column, which is how Postgres likes them: a statement has the same text, and is
//! prepared once, however many rows there are.

use super::Bind;
use crate::store::fault::Fault;
use sqlx::Arguments;
use sqlx::postgres::PgArguments;
use uuid::Uuid;

/// The values of one column of many rows.
pub enum Column {
    Id(Vec<Option<Uuid>>),
    Int(Vec<Option<i64>>),
    Bool(Vec<bool>),
    Text(Vec<Option<String>>),
    Bytes(Vec<Vec<u8>>),
}

impl Column {
    /// # Errors
    /// `Corrupt` when the rows are of different kinds.
    pub fn of(rows: Vec<Vec<Bind>>) -> Result<Vec<Self>, Fault> {
        let count = rows.len();
        let mut columns = Vec::new();
        for (n, row) in rows.into_iter().enumerate() {
            for (at, bind) in row.into_iter().enumerate() {
                if n == 0 {
                    columns.push(Self::like(&bind, count));
                }
                let column: Option<&mut Self> = columns.get_mut(at);
                match (column, bind) {
                    (Some(Self::Id(values)), Bind::Id(v)) => values.push(v),
                    (Some(Self::Int(values)), Bind::Int(v)) => values.push(v),
                    (Some(Self::Bool(values)), Bind::Bool(v)) => values.push(v),
                    (Some(Self::Text(values)), Bind::Text(v)) => values.push(v),
                    (Some(Self::Bytes(values)), Bind::Bytes(v)) => values.push(v),
                    (_, other) => return Err(Fault::Corrupt(format!("{other:?} is not like the row before it"))),
                }
            }
        }
        Ok(columns)
    }

    fn like(bind: &Bind, count: usize) -> Self {
        match bind {
            Bind::Id(_) => Self::Id(Vec::with_capacity(count)),
            Bind::Int(_) => Self::Int(Vec::with_capacity(count)),
            Bind::Bool(_) => Self::Bool(Vec::with_capacity(count)),
            Bind::Text(_) => Self::Text(Vec::with_capacity(count)),
            Bind::Bytes(_) => Self::Bytes(Vec::with_capacity(count)),
        }
    }

    fn array(&self) -> &'static str {
        match self {
            Self::Id(_) => "uuid[]",
            Self::Int(_) => "bigint[]",
            Self::Bool(_) => "boolean[]",
            Self::Text(_) => "text[]",
            Self::Bytes(_) => "bytea[]",
        }
    }
}

/// `select * from unnest($1::uuid[], $2::bigint[]) as rows (column1, column2)`: what `values` gives, with the same
/// names of its columns. `before` arguments of the statement are others.
pub fn unnested(columns: &[Column], before: usize) -> String {
    let arrays: Vec<_> = (before + 1..).zip(columns).map(|(n, column)| format!("${n}::{}", column.array())).collect();
    let names: Vec<_> = (1..=columns.len()).map(|n| format!("column{n}")).collect();
    format!("select * from unnest({}) as rows ({})", arrays.join(", "), names.join(", "))
}

pub fn arrays(columns: Vec<Column>) -> Result<PgArguments, Fault> {
    let mut args = PgArguments::default();
    for column in columns {
        match column {
            Column::Id(v) => args.add(v),
            Column::Int(v) => args.add(v),
            Column::Bool(v) => args.add(v),
            Column::Text(v) => args.add(v),
            Column::Bytes(v) => args.add(v),
        }
        .map_err(|e| Fault::Sql(sqlx::Error::Encode(e)))?;
    }
    Ok(args)
}

#[cfg(test)]
mod tests {
    use super::super::{Bind, binds};
    use super::{Column, unnested};
    use uuid::Uuid;

    #[test]
    fn a_statement_over_many_rows_has_one_text() {
        let row = |n: i64| binds![Uuid::nil(), n, None::<String>];
        let columns = Column::of(vec![row(1), row(2)]).unwrap();
        assert_eq!(
            unnested(&columns, 0),
            "select * from unnest($1::uuid[], $2::bigint[], $3::text[]) as rows (column1, column2, column3)"
        );
        assert!(unnested(&columns, 3).starts_with("select * from unnest($4::uuid[], $5::bigint[], "));
        assert!(Column::of(vec![row(1), binds![Uuid::nil(), true, None::<String>]]).is_err());
        assert!(Column::of(vec![row(1), vec![Bind::Int(None); 4]]).is_err());
    }
}
