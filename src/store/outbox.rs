//! The outbox: messages to people outside of the page, one row for each channel. Written in the transaction of what
//! they tell of; `notify` sends them. Claims across restaurants are in `wide/outbox.rs`.
//!
//! A row's way: `queued` → `sending` → `sent` → `delivered` → `read`, or `failed`, `dropped`, `unknown`. `next_at` says
//! when somebody has to look at it, `claim` who does. The unique key (subject, about, channel) is what keeps a
//! message from going twice.

mod siblings;

pub use siblings::Siblings;

use super::db::{Access, Row, Tx, binds, parse_json, to_json};
use super::fault::Fault;
use super::inbox::{self, NewNote};
use super::orders;
use super::reads::Store;
use crate::domain::ids::{OrderId, RestaurantId};
use crate::domain::message::{self, Locale, MessageKind, Stage, Vars};
use crate::domain::order::Channel;
use crate::domain::time::Timestamp;
use uuid::Uuid;

/// A message to be sent.
#[derive(Clone)]
pub struct NewMessage {
    pub restaurant: RestaurantId,
    /// The order, or whatever else it is about.
    pub subject: Uuid,
    /// With the subject and the channel: what is sent once.
    pub about: String,
    pub kind: MessageKind,
    pub channel: Channel,
    pub address: String,
    pub locale: Locale,
    pub vars: Vars,
    /// When what it tells of happened.
    pub at: Timestamp,
    pub send_at: Timestamp,
    /// Worth nothing after this.
    pub expires_at: Timestamp,
    /// In whose place it goes.
    pub instead_of: Option<Uuid>,
}

/// A one-time code, on its way to the telephone it is to prove.
#[derive(Clone)]
pub struct NewCode {
    pub restaurant: RestaurantId,
    /// Of this try: another code is another id. The same id is sent once.
    pub id: Uuid,
    /// `whatsapp` or `sms`.
    pub channel: Channel,
    /// E.164.
    pub phone: String,
    pub locale: Locale,
    /// The restaurant's name.
    pub name: String,
    /// In clear; gone from the database when it was sent, or is worth nothing.
    pub code: String,
    pub expires_at: Timestamp,
}

impl NewCode {
    /// The message that carries it, at once.
    #[must_use]
    pub fn message(self, at: Timestamp) -> NewMessage {
        NewMessage {
            restaurant: self.restaurant,
            subject: self.id,
            about: MessageKind::Code.name().to_owned(),
            kind: MessageKind::Code,
            channel: self.channel,
            address: self.phone,
            locale: self.locale,
            vars: Vars { restaurant: self.name, code: Some(self.code), ..Vars::default() },
            at,
            send_at: at,
            expires_at: self.expires_at,
            instead_of: None,
        }
    }
}

/// A message as it is stored.
#[derive(Clone)]
pub struct Message {
    pub restaurant: RestaurantId,
    pub id: Uuid,
    pub subject: Uuid,
    pub about: String,
    pub kind: MessageKind,
    pub channel: Channel,
    /// Gone when the message has gone.
    pub address: Option<String>,
    pub locale: Locale,
    pub vars: Vars,
    pub instead_of: Option<Uuid>,
    pub stage: Stage,
    /// How often sending was begun.
    pub attempts: i64,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// When sending was begun last.
    pub began_at: Option<Timestamp>,
    pub provider_id: Option<String>,
    pub ended_at: Option<Timestamp>,
}

/// Nothing personal.
impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Message({} {} {} {})", self.id, self.about, self.channel.name(), self.stage.name())
    }
}

/// The columns of a message, in the order of `message_of`.
macro_rules! columns {
    () => {
        "restaurant_id, id, subject, about, kind, channel, address, locale, vars, instead_of, state, attempts, \
          created_at, expires_at, began_at, provider_id, ended_at"
    };
}
pub(super) use columns;

/// The id that a message has wherever and however often it is written.
fn id_of(subject: Uuid, about: &str, channel: Channel) -> Uuid {
    Uuid::new_v5(&subject, format!("{about}/{}", channel.name()).as_bytes())
}

/// Puts messages into the outbox, within a transaction of the caller's; what is there already stays as it is.
///
/// # Errors
/// Any fault of the database.
pub async fn enqueue(tx: &mut Tx, messages: Vec<NewMessage>) -> Result<(), Fault> {
    let rows = messages
        .into_iter()
        .map(|m| {
            Ok(binds![
                m.restaurant.0,
                id_of(m.subject, &m.about, m.channel),
                m.subject,
                m.about,
                m.kind.name(),
                m.channel.name(),
                m.address.as_str(),
                Vec::<u8>::new(),
                m.locale.name(),
                to_json(&m.vars)?,
                m.instead_of,
                Stage::Queued.name(),
                0,
                m.send_at.0,
                m.at.0,
                m.expires_at.0,
            ])
        })
        .collect::<Result<_, Fault>>()?;
    tx.execute_rows(
        "insert into notifications (restaurant_id, id, subject, about, kind, channel, address, address_hash, locale, \
         vars, instead_of, state, attempts, next_at, created_at, expires_at)",
        rows,
        "on conflict do nothing",
    )
    .await?;
    Ok(())
}

/// As [`enqueue`], and also where one for this channel was dropped because its guest wanted to be told elsewhere.
pub(super) async fn put(tx: &mut Tx, message: NewMessage) -> Result<(), Fault> {
    let again = "update notifications set state = 'queued', error = null, ended_at = null, claim = null, address = $3, \
                 vars = $4, next_at = $5, instead_of = $6 \
                 where restaurant_id = $1 and id = $2 and state = 'dropped' and error = 'changed'";
    let id = id_of(message.subject, &message.about, message.channel);
    let vars = to_json(&message.vars)?;
    let address = message.address.as_str();
    let binds = binds![message.restaurant.0, id, address, vars, message.send_at.0, message.instead_of];
    if tx.execute(again, binds).await? == 0 {
        enqueue(tx, vec![message]).await?;
    }
    Ok(())
}

impl Message {
    /// The same on another channel.
    pub(super) fn to(&self, channel: Channel, address: String, send_at: Timestamp) -> NewMessage {
        NewMessage {
            restaurant: self.restaurant,
            subject: self.subject,
            about: self.about.clone(),
            kind: self.kind,
            channel,
            address,
            locale: self.locale,
            vars: self.vars.clone(),
            at: self.created_at,
            send_at,
            expires_at: self.expires_at,
            instead_of: None,
        }
    }
}

/// # Errors
/// `Corrupt` when it is not what was written.
pub(super) fn message_of(row: &Row) -> Result<Message, Fault> {
    Ok(Message {
        restaurant: RestaurantId(row.id(0)?),
        id: row.id(1)?,
        subject: row.id(2)?,
        about: row.text(3)?,
        kind: row.word(4, MessageKind::parse)?,
        channel: row.word(5, Channel::parse)?,
        address: row.maybe_text(6)?,
        locale: row.word(7, Locale::parse)?,
        vars: parse_json(&row.text(8)?)?,
        instead_of: row.maybe_id(9)?,
        stage: row.word(10, Stage::parse)?,
        attempts: row.int(11)?,
        created_at: Timestamp(row.int(12)?),
        expires_at: Timestamp(row.int(13)?),
        began_at: row.maybe_int(14)?.map(Timestamp),
        provider_id: row.maybe_text(15)?,
        ended_at: row.maybe_int(16)?.map(Timestamp),
    })
}

/// Where a message goes from here.
#[derive(Clone, Debug)]
pub struct Step {
    pub stage: Stage,
    /// When to look at it again; nothing: it has ended, or only its provider can tell more.
    pub next_at: Option<Timestamp>,
    pub provider_id: Option<String>,
    /// A provider's code or a word of ours, never its text.
    pub error: Option<String>,
    /// The address and what the words need are not wanted any more.
    pub forget: bool,
    /// Where it goes in its place, and from when on.
    pub instead: Option<(Channel, Timestamp)>,
    /// What the staff are told with it.
    pub note: Option<NewNote>,
}

impl Step {
    #[must_use]
    pub fn to(stage: Stage) -> Self {
        Self { stage, next_at: None, provider_id: None, error: None, forget: false, instead: None, note: None }
    }
}

/// Who may take a step.
#[derive(Clone, Copy, Debug)]
pub enum By {
    /// Whoever claimed it last.
    Claim(Uuid),
    /// Its provider, with news: only forward.
    Provider,
}

impl Store {
    /// Sends a one-time code: once, at once, and not after its time. It goes to the other of `whatsapp` and `sms`
    /// when the first one does not take it.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn send_code(&self, code: NewCode, at: Timestamp) -> Result<(), Fault> {
        let mut tx = self.db.begin(Access::Write(&[code.restaurant])).await?;
        enqueue(&mut tx, vec![code.message(at)]).await?;
        tx.commit().await
    }

    /// Begins to send what was claimed: from here on it may have gone, and whoever claimed it has it `until` then.
    /// False when somebody else has it, or when it is not true any more; then it is dropped.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn begin_sending(
        &self,
        message: &Message,
        claim: Uuid,
        address_hash: Vec<u8>,
        (now, until): (Timestamp, Timestamp),
    ) -> Result<bool, Fault> {
        let r = message.restaurant;
        let mut tx = self.db.begin(Access::Write(&[r])).await?;
        let found = orders::load(&mut tx, orders::Find::Ids(vec![(r, OrderId(message.subject))])).await?;
        let holds = match found.first() {
            Some(stored) => message::still_true(message.kind, &message.about, &stored.order),
            None => message.kind == MessageKind::Code,
        };
        let begun = if holds {
            let begin = "update notifications set state = 'sending', attempts = attempts + 1, began_at = $4, \
                         next_at = $5, address_hash = $6 \
                         where restaurant_id = $1 and id = $2 and claim = $3 and state = 'queued'";
            let binds = binds![r.0, message.id, claim, now.0, until.0, address_hash];
            tx.execute(begin, binds).await? == 1
        } else {
            let dropped = Step { error: Some("untrue".to_owned()), forget: true, ..Step::to(Stage::Dropped) };
            take(&mut tx, message, By::Claim(claim), &dropped, now).await?;
            false
        };
        tx.commit().await?;
        Ok(begun)
    }

    /// Takes a step; says whether it was taken. What goes in its place is written with it.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn step(&self, message: &Message, by: By, step: &Step, now: Timestamp) -> Result<bool, Fault> {
        let mut tx = self.db.begin(Access::Write(&[message.restaurant])).await?;
        let taken = take(&mut tx, message, by, step, now).await?;
        if taken && let (Some((channel, send_at)), Some(address)) = (step.instead, &message.address) {
            let instead = message.to(channel, address.clone(), send_at);
            put(&mut tx, NewMessage { instead_of: Some(message.id), ..instead }).await?;
        }
        if taken {
            inbox::insert(&mut tx, step.note.iter().cloned().collect()).await?;
        }
        tx.commit().await?;
        Ok(taken)
    }

    /// One message of a restaurant.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn message(&self, restaurant: RestaurantId, id: Uuid) -> Result<Option<Message>, Fault> {
        let mut tx = self.db.begin(Access::Read(&[restaurant])).await?;
        let select = concat!(
            "select ",
            columns!(),
            " from notifications where restaurant_id = $1 and id = $2 and channel <> 'inbox'"
        );
        let rows = tx.query(select, binds![restaurant.0, id]).await?;
        rows.first().map(message_of).transpose()
    }
}

/// Rows are compared with what was read: whoever was quicker wins, and the other one looks again.
async fn take(tx: &mut Tx, message: &Message, by: By, step: &Step, now: Timestamp) -> Result<bool, Fault> {
    let ended = step.next_at.is_none() && !matches!(step.stage, Stage::Queued | Stage::Sending);
    let claim = match by {
        By::Claim(claim) => Some(claim),
        By::Provider => None,
    };
    let touched = tx
        .execute(
            "update notifications set state = $4, next_at = $5, claim = null, provider_id = coalesce($6, provider_id), \
             error = coalesce($7, error), address = case when $8 then null else address end, \
             vars = case when $8 then '{}' else vars end, ended_at = case when $9 then $10 else ended_at end \
             where restaurant_id = $1 and id = $2 and (claim = $3 or $11) and (state = $12 or not $11)",
            binds![
                message.restaurant.0,
                message.id,
                claim,
                step.stage.name(),
                step.next_at.map(|at| at.0),
                step.provider_id.clone(),
                step.error.clone(),
                step.forget,
                ended,
                now.0,
                claim.is_none(),
                message.stage.name(),
            ],
        )
        .await?;
    Ok(touched == 1)
}
