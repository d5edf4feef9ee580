//! What must be true of messages at the end: the rows of the outbox, read by statements of the test's own, compared with
//! what the provider took, refused and told, and with what the guests ordered.

use super::ATTEMPTS;
use crate::harness::twilio::{Asked, Mood, Taken, Twilio};
use comanda::domain::message::{Stage, Told, ToldState};
use sqlx::Connection;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use std::collections::BTreeMap;
use std::str::FromStr;
use uuid::Uuid;

/// `ready` goes out so long after the event, in microseconds.
const READY_WAITS_US: i64 = 6_000_000;

/// An order that was acknowledged, with what the staff did to it.
pub struct Placed {
    pub id: Uuid,
    pub channel: String,
    pub ready: bool,
    pub cancelled: bool,
}

/// One message on one channel, as its row has it.
#[derive(Clone, Debug)]
pub struct Row {
    pub id: Uuid,
    pub subject: Uuid,
    pub about: String,
    pub channel: String,
    pub stage: Stage,
    pub attempts: i64,
    pub next_at: Option<i64>,
    pub provider_id: Option<String>,
    pub error: Option<String>,
    pub created_at: i64,
    pub instead_of: Option<Uuid>,
    pub has_address: bool,
}

/// All of them, and what the orders' tickets say.
pub struct Ledger {
    pub rows: Vec<Row>,
    told: BTreeMap<Uuid, Told>,
}

type Columns =
    (Uuid, Uuid, String, String, String, i64, Option<i64>, Option<String>, Option<String>, i64, Option<Uuid>, i64);

const ROWS: &str = "select id, subject, about, channel, state, attempts, next_at, provider_id, error, created_at, \
    instead_of, attempts * 0 + case when address is null then 0 else 1 end from notifications where channel <> 'inbox' \
    order by created_at, about";
const TOLD: &str = "select id, told from orders where told is not null";

macro_rules! read {
    ($connection:expr) => {{
        let mut connection = $connection;
        let rows: Vec<Columns> = sqlx::query_as(ROWS).fetch_all(&mut connection).await.expect("messages");
        let told: Vec<(Uuid, String)> = sqlx::query_as(TOLD).fetch_all(&mut connection).await.expect("orders");
        connection.close().await.expect("close");
        (rows, told)
    }};
}

impl Ledger {
    pub async fn read(url: &str) -> Self {
        let (rows, told) = if url.starts_with("sqlite:") {
            let options = SqliteConnectOptions::from_str(url).expect("a URL").read_only(true);
            read!(SqliteConnection::connect_with(&options).await.expect("the file"))
        } else {
            let url = url.replacen("postgres://comanda@", "postgres://postgres@", 1);
            read!(PgConnection::connect(&url).await.expect("Postgres"))
        };
        let row = |(
            id,
            subject,
            about,
            channel,
            state,
            attempts,
            next_at,
            provider_id,
            error,
            at,
            instead_of,
            kept,
        ): Columns| Row {
            id,
            subject,
            about,
            channel,
            stage: Stage::parse(&state).expect("a stage"),
            attempts,
            next_at,
            provider_id,
            error,
            created_at: at,
            instead_of,
            has_address: kept == 1,
        };
        let told = told.into_iter().map(|(id, told)| (id, serde_json::from_str(&told).expect("JSON")));
        Self { rows: rows.into_iter().map(row).collect(), told: told.collect() }
    }

    /// Those at which somebody has yet to look.
    pub fn unfinished(&self) -> Vec<Row> {
        let begun = |row: &&Row| matches!(row.stage, Stage::Queued | Stage::Sending) || row.next_at.is_some();
        self.rows.iter().filter(begun).cloned().collect()
    }

    /// How many ended how.
    pub fn summary(&self) -> String {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for row in &self.rows {
            let why = row.error.as_deref().filter(|_| !matches!(row.stage, Stage::Delivered | Stage::Read));
            *counts.entry(format!("{} {}", row.stage.name(), why.unwrap_or_default())).or_default() += 1;
        }
        let counts: Vec<String> = counts.iter().map(|(what, count)| format!("{count} {}", what.trim())).collect();
        counts.join(", ")
    }

    pub fn complaints(&self, orders: &[Placed], twilio: &Twilio, news: &[(String, String)]) -> Vec<String> {
        let (log, taken) = (twilio.log(), twilio.taken());
        let mut complaints: Vec<String> =
            self.rows.iter().flat_map(|row| Case::of(row, &log, &taken, news).complaints()).collect();
        for order in orders {
            complaints.extend(self.missing(order, &log));
            complaints.extend(self.ticket_complaint(order, &log, &taken));
        }
        let ids: Vec<String> = self.rows.iter().map(|row| row.id.to_string()).collect();
        let strange = log.iter().filter(|asked| !ids.iter().any(|id| asked.callback.ends_with(id)));
        complaints.extend(strange.map(|asked| format!("nobody wrote what was sent: {asked:?}")));
        complaints
    }

    /// Every message that the order is worth is there, began on the guest's channel, and reached some telephone or has
    /// a reason why not.
    fn missing(&self, order: &Placed, log: &[Asked]) -> Vec<String> {
        let wanted = [("accepted", true), ("ready@", order.ready), ("cancelled", order.cancelled)];
        let mut complaints = Vec::new();
        for (about, _) in wanted.iter().filter(|(_, wanted)| *wanted) {
            let rows: Vec<&Row> =
                self.rows.iter().filter(|row| row.subject == order.id && row.about.starts_with(about)).collect();
            let first = rows.iter().find(|row| row.instead_of.is_none());
            if first.is_none_or(|first| first.channel != order.channel) || rows.len() > 2 {
                complaints.push(format!("{about} of {}: not begun by {}: {rows:?}", order.id, order.channel));
            }
            let took = |row: &&&Row| asks(row, log).any(|asked| asked.sid.is_some());
            let excused = |row: &&Row| match (row.stage, row.error.as_deref()) {
                (Stage::Dropped, Some("untrue")) => true,
                // WhatsApp has no approved text for cancelled orders here.
                (Stage::Failed, Some("no_template")) => row.channel == "whatsapp",
                (Stage::Failed, _) => row.attempts >= ATTEMPTS || refused(row, log),
                // The next channel had it.
                (Stage::Unknown, _) => row.instead_of.is_none() && rows.len() == 2,
                _ => false,
            };
            if !rows.iter().any(|row| took(&row)) && !rows.iter().all(excused) {
                complaints.push(format!("{about} of {} never went: {rows:?}", order.id));
            }
        }
        complaints
    }

    /// The ticket says what is known of the newest message. A node may have died after it told the ticket and before it
    /// wrote the row: then the ticket is ahead, and still true.
    fn ticket_complaint(&self, order: &Placed, log: &[Asked], taken: &[Taken]) -> Option<String> {
        let told = self.told.get(&order.id)?;
        let rows = self.rows.iter().filter(|row| row.subject == order.id && row.about.starts_with(told.what.name()));
        let rows: Vec<&Row> = rows.collect();
        let own = rows.iter().find(|row| row.channel == told.channel.name())?;
        let truth = Case::of(own, log, taken, &[]).accepted.first().map(|taken| stage_of(&taken.status));
        let said = Stage::ALL.iter().find(|stage| stage.told() == Some(told.state))?;
        let ahead = |truth: Stage| own.stage.leads_to(*said) && (*said == truth || said.leads_to(truth));
        let same = own.stage.told() == Some(told.state) || truth.is_some_and(ahead);
        let reached = rows.iter().any(|row| matches!(row.stage, Stage::Delivered | Stage::Read));
        let says = matches!(told.state, ToldState::Delivered | ToldState::Read);
        let good = same && (says || !reached);
        (!good).then(|| format!("the ticket of {} says {told:?}: {rows:?}", order.id))
    }
}

fn asks<'a>(row: &'a Row, log: &'a [Asked]) -> impl Iterator<Item = &'a Asked> {
    let id = row.id.to_string();
    log.iter().filter(move |asked| asked.callback.ends_with(&id))
}

fn refused(row: &Row, log: &[Asked]) -> bool {
    asks(row, log).any(|asked| matches!(asked.mood, Mood::Refuses(_)))
}

/// One message beside what its provider knows of it.
struct Case<'a> {
    row: &'a Row,
    accepted: Vec<&'a Taken>,
    refused: bool,
    /// The furthest that the provider told a node and was heard.
    heard: Option<Stage>,
}

impl<'a> Case<'a> {
    fn of(row: &'a Row, log: &'a [Asked], taken: &'a [Taken], news: &[(String, String)]) -> Self {
        let sids: Vec<&String> = asks(row, log).filter_map(|asked| asked.sid.as_ref()).collect();
        let accepted: Vec<&Taken> = taken.iter().filter(|taken| sids.contains(&&taken.sid)).collect();
        let heard = news.iter().filter(|(sid, _)| sids.contains(&sid)).map(|(_, status)| stage_of(status));
        let heard = heard.reduce(|far, next| if far.leads_to(next) { next } else { far });
        Self { row, accepted, refused: refused(row, log), heard }
    }

    fn complaints(&self) -> Vec<String> {
        let (row, mut complaints) = (self.row, Vec::new());
        let mut complain = |holds: bool, what: &str| {
            if !holds {
                complaints.push(format!("{what}: {row:?}, accepted {:?}, heard {:?}", self.statuses(), self.heard));
            }
        };
        complain(self.accepted.len() < 2, "sent twice on one channel");
        complain(!row.has_address, "an address was kept");
        if let Some(taken) = self.accepted.first() {
            let truth = stage_of(&taken.status);
            let sent = matches!(row.stage, Stage::Sent | Stage::Delivered | Stage::Read | Stage::Failed);
            complain(sent, "it went, and its row does not say so");
            complain(row.provider_id.as_ref() == Some(&taken.sid), "another message was taken for it");
            complain(row.stage == truth || row.stage.leads_to(truth), "its row says more than is true");
            complain(row.stage != Stage::Failed || truth == Stage::Failed, "it did not fail");
            complain(self.heard.is_none_or(|heard| !row.stage.leads_to(heard)), "news was taken and not kept");
            let early = taken.at.as_microsecond() - row.created_at < READY_WAITS_US;
            complain(!(row.about.starts_with("ready@") && early), "too early");
        } else {
            let ended = matches!(row.stage, Stage::Failed | Stage::Unknown | Stage::Dropped);
            complain(ended, "it never went, and its row says that it did");
            complain(row.provider_id.is_none(), "another message was taken for it");
            // WhatsApp has no approved text for cancelled orders here.
            let wordless = row.channel == "whatsapp" && row.error.as_deref() == Some("no_template");
            let known = row.stage != Stage::Failed || self.refused || wordless || row.attempts >= ATTEMPTS;
            complain(known, "given up without a reason");
        }
        complaints
    }

    fn statuses(&self) -> Vec<(&str, &str)> {
        self.accepted.iter().map(|taken| (&*taken.sid, &*taken.status)).collect()
    }
}

/// As Twilio documents its words.
fn stage_of(status: &str) -> Stage {
    match status {
        "delivered" => Stage::Delivered,
        "read" => Stage::Read,
        "undelivered" | "failed" => Stage::Failed,
        _ => Stage::Sent,
    }
}
