//! The writer that the committer is measured against: per order one transaction with the statements that the committer
//! runs for a batch of one, on a connection that each sender has to itself. Same tables, same rows, same durability.
//! Its SQL is written out here once more on purpose: a change of the server's does not change what it is compared with.

mod texts;

use crate::place::{Kind, Place};
use crate::restaurants::House;
use crate::sender::{Sender, Tickets, refused};
use anyhow::{Context, Result};
use comanda::clock::Clock;
use comanda::domain::event::State;
use comanda::domain::ids::OrderId;
use comanda::domain::menu::Menu;
use comanda::domain::order::Order;
use comanda::domain::ordering::{self, Placement};
use comanda::domain::people::Actor;
use comanda::domain::time::{Timestamp, business_day};
use comanda::store::Store;
use comanda::store::committer::Submission;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, PgConnection, SqliteConnection};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use uuid::Uuid;

/// How long SQLite waits for its lock; who comes too late tries again.
const BUSY: Duration = Duration::from_secs(2);

pub struct Naive {
    store: Store,
    houses: Arc<Vec<House>>,
    /// Each sender with its connection, while it is not writing.
    idle: Vec<(Sender, Link)>,
}

enum Link {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// The row that orders a restaurant's history, under its lock.
struct Feed {
    seq: i64,
    at: i64,
    menu_version: i64,
    number_day: i64,
    number_last: i64,
}

/// Everything that is written for one order.
struct Placed<'a> {
    submission: &'a Submission,
    sender: String,
    order: Order,
    business_day: i64,
    feed: Feed,
    unseen_due: i64,
}

impl Naive {
    /// # Errors
    /// Any fault of the database.
    pub async fn open(place: &Place, houses: &Arc<Vec<House>>, senders: Vec<Sender>) -> Result<Self> {
        let store = place.open().await?;
        let mut idle = Vec::with_capacity(senders.len());
        for sender in senders {
            idle.push((sender, link(place).await?));
        }
        Ok(Self { store, houses: Arc::clone(houses), idle })
    }

    /// Writes until there are no tickets; answers how many orders were committed.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn write(&mut self, tickets: Tickets) -> Result<usize> {
        let mut under_way: JoinSet<Result<(Sender, Link, usize)>> = JoinSet::new();
        for (sender, mut link) in self.idle.drain(..) {
            let (store, houses, tickets) = (self.store.clone(), Arc::clone(&self.houses), tickets.clone());
            under_way.spawn(async move {
                let mut written = 0;
                while let Some(n) = tickets.take() {
                    let menu = store.menu(sender.restaurant).await?.context("the restaurant is there")?;
                    let submission = sender.submission(&houses, &menu, n)?;
                    link.place(&sender, &menu, &submission).await?;
                    written += 1;
                }
                Ok((sender, link, written))
            });
        }
        let mut written = 0;
        while let Some(done) = under_way.join_next().await {
            let (sender, link, count) = done??;
            self.idle.push((sender, link));
            written += count;
        }
        Ok(written)
    }

    /// # Errors
    /// Any fault of the database.
    pub async fn close(self) -> Result<()> {
        for (_, link) in self.idle {
            match link {
                Link::Sqlite(connection) => connection.close().await?,
                Link::Postgres(connection) => connection.close().await?,
            }
        }
        self.store.db.close().await;
        Ok(())
    }
}

/// A connection as durable as the server's. SQLite checkpoints by itself, as it does when nobody says otherwise.
async fn link(place: &Place) -> Result<Link> {
    Ok(match place.kind {
        Kind::Sqlite => {
            let options = SqliteConnectOptions::from_str(&place.url)?
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(BUSY);
            Link::Sqlite(options.connect().await?)
        }
        Kind::Postgres => {
            let options = PgConnectOptions::from_str(&place.url)?.options([("synchronous_commit", "on")]);
            Link::Postgres(options.connect().await?)
        }
    })
}

impl Link {
    async fn place(&mut self, sender: &Sender, menu: &Menu, submission: &Submission) -> Result<()> {
        match self {
            Self::Postgres(connection) => texts::postgres::place(connection, sender, menu, submission).await,
            Self::Sqlite(connection) => loop {
                match texts::sqlite::place(connection, sender, menu, submission).await {
                    Err(fault) if is_busy(&fault) => {}
                    done => return done,
                }
            },
        }
    }
}

fn is_busy(fault: &anyhow::Error) -> bool {
    let Some(sqlx::Error::Database(fault)) = fault.downcast_ref() else { return false };
    fault.code().and_then(|code| code.parse::<u32>().ok()).is_some_and(|code| code & 0xff == 5)
}

/// What the committer decides for an order that nothing speaks against.
fn decide<'a>(feed: Feed, sender: &Sender, menu: &Menu, submission: &'a Submission) -> Result<Placed<'a>> {
    let at = Clock::system().now().max(Timestamp(feed.at));
    let settings = &menu.restaurant.settings;
    let day = business_day(at, &menu.restaurant.timezone, settings.day_starts_hour);
    let number = if feed.number_day == day { feed.number_last + 1 } else { 1 };
    let guest = match &sender.actor {
        Actor::Guest { guest, .. } | Actor::Takeaway { guest } => Some(*guest),
        Actor::Staff { .. } | Actor::Screen { .. } | Actor::System => None,
    };
    let placement = Placement {
        order: OrderId(Uuid::now_v7()),
        number,
        table: Some(sender.seating.table.clone()),
        seating: Some(sender.seating.id),
        guest,
        by: sender.actor.by(),
        held: false,
        pickup: None,
        at,
    };
    let comanda::domain::command::Command::PlaceOrder(draft) = &submission.request.command else {
        anyhow::bail!("only orders are written here")
    };
    let priced = submission.priced.clone().context("it was priced")?;
    let order = ordering::place(menu, draft, priced, placement).map_err(refused)?;
    let feed = Feed { seq: feed.seq + 1, at: at.0, number_day: day, number_last: number, ..feed };
    let unseen_due = at.plus(Duration::from_secs(u64::from(settings.unseen_seconds))).0;
    Ok(Placed { submission, sender: sender.actor.sender(), order, business_day: day, feed, unseen_due })
}

impl Placed<'_> {
    fn event(&self) -> Result<String> {
        Ok(serde_json::to_string(&State::Order { order: Box::new(self.order.clone()) })?)
    }
}
