//! The server's own committer with what the server gives it, and senders who wait for its answer.

use crate::place::{Kind, Place, WRITERS};
use crate::restaurants::{self, House};
use crate::sender::{Sender, Tickets, refused};
use anyhow::{Context, Result, bail};
use comanda::clock::Clock;
use comanda::domain::command::{Command, JoinSeating, Request};
use comanda::domain::ids::{CommandId, GuestId};
use comanda::domain::people::Actor;
use comanda::store::committer::{Accepted, Answer, Observe, Publish, Source, Submission};
use comanda::store::{Committer, Store};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;
use uuid::Uuid;

/// As in config/default.toml.
const COMMAND_WAIT: Duration = Duration::from_secs(5);
/// As the server does.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(1);
const TRIES: usize = 5;
const SEATED_AT_ONCE: usize = 64;

pub struct Grouped {
    store: Store,
    committer: Committer,
    writers: JoinSet<()>,
    checkpoints: JoinSet<Result<()>>,
    senders: Vec<Sender>,
    houses: Arc<Vec<House>>,
    counts: Arc<Counts>,
}

/// What the committer did.
#[derive(Default)]
struct Counts {
    batches: AtomicUsize,
    commands: AtomicUsize,
    placed: AtomicUsize,
}

impl Observe for Counts {
    fn batch(&self, commands: usize, _: Duration) {
        self.batches.fetch_add(1, Ordering::Relaxed);
        self.commands.fetch_add(commands, Ordering::Relaxed);
    }

    fn halved(&self) {}

    fn unknown(&self) {}
}

impl Grouped {
    /// Writes the restaurants and seats the guests.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn open(place: &Place, houses: &Arc<Vec<House>>, senders: usize) -> Result<Self> {
        let store = place.open().await?;
        let clock = Clock::system();
        restaurants::write(&store, houses, clock.now()).await?;
        let counts = Arc::<Counts>::default();
        let counted = Arc::clone(&counts);
        let publish: Publish = Arc::new(move |event| {
            counted.placed.fetch_add(usize::from(event.get().order().is_some()), Ordering::Relaxed);
        });
        let source = Source { clock, id: Arc::new(Uuid::now_v7) };
        let observe: Arc<dyn Observe> = counts.clone();
        let count = usize::try_from(WRITERS)?;
        let (committer, loops) =
            Committer::new(&store.db, &store.menus, count, COMMAND_WAIT, &source, &publish, &observe);
        let checkpoints = if place.kind == Kind::Sqlite { checkpoints(&store) } else { JoinSet::new() };
        let writers = loops.into_iter().collect();
        let houses = Arc::clone(houses);
        let mut grouped = Self { store, committer, writers, checkpoints, senders: Vec::new(), houses, counts };
        // In order, many at a time: they share commits.
        let seated = stream::iter((0..senders).map(|n| grouped.seat(n))).buffered(SEATED_AT_ONCE).try_collect().await?;
        grouped.senders = seated;
        Ok(grouped)
    }

    pub fn senders(&self) -> &[Sender] {
        &self.senders
    }

    /// A guest at a table of their own.
    async fn seat(&self, n: usize) -> Result<Sender> {
        let at = n % self.houses.len();
        let table = self.houses[at].tables.get(n / self.houses.len()).context("every sender has a table")?;
        let join = JoinSeating { table: table.id, code_version: 1, returning: None };
        let (id, command) = (CommandId(Uuid::new_v4()), Command::JoinSeating(join));
        let request = Request { id, actor: Actor::System, command, base_version: None };
        let restaurant = self.houses[at].id();
        let done = place(
            &self.committer,
            &Submission { restaurant, request, body_hash: [0; 32], priced: None, unwatched: false },
        )
        .await?;
        let seating = done.seating.context("the seating that was joined")?;
        let actor = Actor::Guest { guest: GuestId(done.subject), seating: seating.id };
        Ok(Sender { restaurant, house: at, actor, seating })
    }

    /// Writes until there are no tickets; answers how many orders were acknowledged.
    ///
    /// # Errors
    /// An order that was refused, or never taken.
    pub async fn write(&self, tickets: Tickets) -> Result<usize> {
        let mut under_way: JoinSet<Result<usize>> = JoinSet::new();
        for sender in self.senders.iter().cloned() {
            let (committer, store) = (self.committer.clone(), self.store.clone());
            let (houses, tickets) = (Arc::clone(&self.houses), tickets.clone());
            under_way.spawn(async move {
                let mut written = 0;
                while let Some(n) = tickets.take() {
                    let menu = store.menu(sender.restaurant).await?.context("the restaurant is there")?;
                    place(&committer, &sender.submission(&houses, &menu, n)?).await?;
                    written += 1;
                }
                Ok(written)
            });
        }
        let mut written = 0;
        while let Some(sender) = under_way.join_next().await {
            written += sender??;
        }
        Ok(written)
    }

    /// Commands in a commit, on average.
    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52 commands")]
    pub fn batch(&self) -> f64 {
        self.counts.commands.load(Ordering::Relaxed) as f64 / self.counts.batches.load(Ordering::Relaxed).max(1) as f64
    }

    /// Ends the writers; answers how many orders were published.
    pub async fn close(mut self) -> usize {
        drop(self.committer);
        while self.writers.join_next().await.is_some() {}
        self.checkpoints.shutdown().await;
        self.store.db.close().await;
        self.counts.placed.load(Ordering::Relaxed)
    }
}

/// Submits until it is answered: with the same id nothing is done twice.
async fn place(committer: &Committer, submission: &Submission) -> Result<Accepted> {
    for _ in 0..TRIES {
        match committer.submit(submission.clone()).await {
            Answer::Accepted(done) => return Ok(*done),
            Answer::Refused(refusal) => return Err(refused(refusal)),
            Answer::NotTried(_) => {}
        }
    }
    bail!("a command was not taken in {TRIES} tries")
}

pub fn checkpoints(store: &Store) -> JoinSet<Result<()>> {
    let store = store.clone();
    let mut checkpoints = JoinSet::new();
    checkpoints.spawn(async move {
        loop {
            tokio::time::sleep(CHECKPOINT_EVERY).await;
            store.db.checkpoint().await?;
        }
    });
    checkpoints
}
