//! Infrastructure that failed: what the store answers when it is not the caller's doing.
//! Logged once, where it is handled; bland outside.

/// A fault of the database or of what it holds.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("database: {0}")]
    Sql(#[from] sqlx::Error),
    #[error("migration: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A row that does not parse, or a count that cannot be.
    #[error("the database holds something unexpected: {0}")]
    Corrupt(String),
    /// A bound was reached; come back in a moment.
    #[error("busy: {0}")]
    Busy(&'static str),
    /// The server must not run like this.
    #[error("{0}")]
    Setup(String),
}

/// What a failed transaction means for the commands in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Nobody's fault in particular: try the same again, a few times.
    Again,
    /// The database is not there.
    Away,
    /// Some command in the batch cannot be written.
    Culprit,
}

impl Fault {
    /// Is it surely the command's own data that cannot be written, so that it would fail again? Postgres:
    /// classes 22 (data) and 23 (constraints); SQLite: TOOBIG 18, CONSTRAINT 19, MISMATCH 20.
    #[must_use]
    pub fn is_about_data(&self) -> bool {
        match self {
            Self::Sql(sqlx::Error::Database(e)) => {
                let code = e.code().unwrap_or_default();
                let sqlite = code.parse::<u32>().is_ok_and(|n| code.len() < 5 && matches!(n & 0xff, 18..=20));
                sqlite || (code.len() == 5 && (code.starts_with("22") || code.starts_with("23")))
            }
            Self::Sql(sqlx::Error::Encode(_)) => true,
            Self::Sql(_) | Self::Migrate(_) | Self::Corrupt(_) | Self::Busy(_) | Self::Setup(_) => false,
        }
    }

    /// Nothing is broken: too many want something at once.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Busy(_) | Self::Sql(sqlx::Error::PoolTimedOut))
    }

    /// Two transactions waited for each other, and this one was given up (SQLSTATE 40P01).
    #[must_use]
    pub fn is_deadlock(&self) -> bool {
        use sqlx::migrate::MigrateError::{Execute, ExecuteMigration};
        match self {
            Self::Sql(error) | Self::Migrate(Execute(error) | ExecuteMigration(error, _)) => {
                error.as_database_error().and_then(sqlx::error::DatabaseError::code).is_some_and(|code| code == "40P01")
            }
            Self::Migrate(_) | Self::Corrupt(_) | Self::Busy(_) | Self::Setup(_) => false,
        }
    }

    /// Postgres: SQLSTATE classes 40 (rollback), 53, 57, 58, 08 (resources, operator, system,
    /// connection) and 55P03 (lock not available); SQLite: BUSY 5, LOCKED 6, IOERR 10, FULL 13.
    #[must_use]
    pub fn meaning(&self) -> Meaning {
        match self {
            Self::Sql(sqlx::Error::Database(e)) => {
                let code = e.code().unwrap_or_default();
                match code.as_ref() {
                    "55P03" => Meaning::Again,
                    c if c.starts_with("40") => Meaning::Again,
                    c if ["08", "53", "57", "58", "25"].iter().any(|class| c.len() == 5 && c.starts_with(class)) => {
                        Meaning::Away
                    }
                    c => match c.parse::<u32>().map(|n| n & 0xff) {
                        Ok(5 | 6) if c.len() < 5 => Meaning::Again,
                        Ok(8 | 10 | 13 | 14) if c.len() < 5 => Meaning::Away,
                        _ => Meaning::Culprit,
                    },
                }
            }
            Self::Sql(sqlx::Error::Encode(_) | sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_))
            | Self::Corrupt(_) => Meaning::Culprit,
            Self::Sql(_) | Self::Migrate(_) | Self::Setup(_) => Meaning::Away,
            Self::Busy(_) => Meaning::Again,
        }
    }
}
