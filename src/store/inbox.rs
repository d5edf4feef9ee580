//! What the staff of a restaurant are told: rows of the outbox on the channel `inbox`, which nobody has to send, and
//! what each person has read or put away of them.

use super::db::{Access, Row, Tx, binds, parse_json, to_json};
use super::fault::Fault;
use super::reads::Store;
use crate::domain::ids::{RestaurantId, UserId};
use crate::domain::message::{Locale, MessageKind, Stage, Vars};
use crate::domain::time::Timestamp;
use uuid::Uuid;

/// A note for the staff.
#[derive(Clone, Debug)]
pub struct NewNote {
    pub restaurant: RestaurantId,
    /// The order or the seating.
    pub subject: Uuid,
    /// With the subject: what is noted once.
    pub about: String,
    pub kind: MessageKind,
    pub vars: Vars,
    pub at: Timestamp,
}

/// A note as one person sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub id: Uuid,
    pub kind: MessageKind,
    pub subject: Uuid,
    pub vars: Vars,
    pub at: Timestamp,
    pub read_at: Option<Timestamp>,
}

/// What somebody does with a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Read,
    Deleted,
}

/// # Errors
/// Any fault of the database.
pub async fn insert(tx: &mut Tx, notes: Vec<NewNote>) -> Result<(), Fault> {
    let rows = notes
        .into_iter()
        .map(|n| {
            Ok(binds![
                n.restaurant.0,
                Uuid::new_v5(&n.subject, format!("{}/inbox", n.about).as_bytes()),
                n.subject,
                n.about,
                n.kind.name(),
                "inbox",
                Vec::<u8>::new(),
                Locale::En.name(),
                to_json(&n.vars)?,
                Stage::Sent.name(),
                0,
                n.at.0,
                n.at.plus(n.kind.lasts()).0,
                n.at.0,
            ])
        })
        .collect::<Result<_, Fault>>()?;
    tx.execute_rows(
        "insert into notifications (restaurant_id, id, subject, about, kind, channel, address_hash, locale, vars, \
         state, attempts, created_at, expires_at, ended_at)",
        rows,
        "on conflict do nothing",
    )
    .await?;
    Ok(())
}

impl Store {
    /// Notes that were not put away, newest first.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn inbox(&self, restaurant: RestaurantId, user: UserId, limit: i64) -> Result<Vec<Note>, Fault> {
        let mut tx = self.db.begin(Access::Read(&[restaurant])).await?;
        let rows = tx
            .query(
                "select n.id, n.kind, n.subject, n.vars, n.created_at, m.read_at from notifications n \
                 left join notification_marks m on m.restaurant_id = n.restaurant_id and m.notification_id = n.id \
                 and m.user_id = $2 where n.restaurant_id = $1 and n.channel = 'inbox' and m.deleted_at is null \
                 order by n.created_at desc, n.id limit $3",
                binds![restaurant.0, user.0, limit],
            )
            .await?;
        rows.iter().map(note_of).collect()
    }

    /// Marks a note, for one person. Says whether there is such a note.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn mark(
        &self,
        (restaurant, user): (RestaurantId, UserId),
        note: Uuid,
        mark: Mark,
        at: Timestamp,
    ) -> Result<bool, Fault> {
        let mut tx = self.db.begin(Access::Write(&[restaurant])).await?;
        let select = "select 1 from notifications where restaurant_id = $1 and id = $2 and channel = 'inbox'";
        if tx.query(select, binds![restaurant.0, note]).await?.is_empty() {
            return Ok(false);
        }
        let (read, deleted) = match mark {
            Mark::Read => (Some(at.0), None),
            Mark::Deleted => (None, Some(at.0)),
        };
        tx.execute(
            "insert into notification_marks (restaurant_id, user_id, notification_id, read_at, deleted_at) \
             values ($1, $2, $3, $4, $5) on conflict (restaurant_id, user_id, notification_id) do update set \
             read_at = coalesce(notification_marks.read_at, excluded.read_at), \
             deleted_at = coalesce(notification_marks.deleted_at, excluded.deleted_at)",
            binds![restaurant.0, user.0, note, read, deleted],
        )
        .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Writes notes that no event brought.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn note(&self, note: NewNote) -> Result<(), Fault> {
        let mut tx = self.db.begin(Access::Write(&[note.restaurant])).await?;
        insert(&mut tx, vec![note]).await?;
        tx.commit().await
    }
}

fn note_of(row: &Row) -> Result<Note, Fault> {
    Ok(Note {
        id: row.id(0)?,
        kind: row.word(1, MessageKind::parse)?,
        subject: row.id(2)?,
        vars: parse_json(&row.text(3)?)?,
        at: Timestamp(row.int(4)?),
        read_at: row.maybe_int(5)?.map(Timestamp),
    })
}
