//! Messages beside each other: about the same thing on the same channel, and those that went in another's place.

use super::Message;
use crate::domain::message::Stage;
use crate::store::db::{Access, binds};
use crate::store::{Fault, Store};

/// Other messages with which one could be confused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Siblings {
    pub provider_ids: Vec<String>,
    /// Those that may have gone.
    pub unresolved: usize,
}

impl Store {
    /// The other messages about the same thing on the same channel, with which one could be confused.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn siblings(&self, message: &Message) -> Result<Siblings, Fault> {
        let mut tx = self.db.begin(Access::Read(&[message.restaurant])).await?;
        let select = "select provider_id, state from notifications \
                      where restaurant_id = $1 and subject = $2 and channel = $3 and id <> $4";
        let binds = binds![message.restaurant.0, message.subject, message.channel.name(), message.id];
        let mut siblings = Siblings::default();
        for row in tx.query(select, binds).await? {
            let unresolved = matches!(row.word(1, Stage::parse)?, Stage::Sending | Stage::Unknown);
            match row.maybe_text(0)? {
                Some(id) => siblings.provider_ids.push(id),
                None => siblings.unresolved += usize::from(unresolved),
            }
        }
        Ok(siblings)
    }

    /// Did another channel take a message over?
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn was_passed_on(&self, message: &Message) -> Result<bool, Fault> {
        let mut tx = self.db.begin(Access::Read(&[message.restaurant])).await?;
        let select = "select 1 from notifications where restaurant_id = $1 and subject = $2 and instead_of = $3";
        let rows = tx.query(select, binds![message.restaurant.0, message.subject, message.id]).await?;
        Ok(!rows.is_empty())
    }
}
