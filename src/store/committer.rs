//! Group commit: the one way by which anything that makes an event is written (DESIGN §4).
//! Callers submit a command and wait; a writer task takes whatever queued while the last batch was
//! committing (no timer: a lone order waits for nothing), commits it in one transaction, then answers
//! and publishes. Only here can a `Committed` be made.

mod decide;
mod kitchens;
mod known;
mod load;
mod tell;
mod write;

use super::db::{Access, Bundle, Db};
use super::fault::{Fault, Meaning};
use super::menus::MenuCache;
use crate::clock::Clock;
use crate::domain::command::Request;
use crate::domain::event::Event;
use crate::domain::ids::{CommandId, RestaurantId, Seq};
use crate::domain::order::Order;
use crate::domain::ordering::Priced;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::seating::Seating;
use kitchens::Kitchens;
use known::Known;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

/// Commands in one transaction at most …
pub const BATCH_COMMANDS: usize = 64;
/// … of one restaurant, while others wait.
pub const BATCH_COMMANDS_OF_ONE: usize = 16;
/// Commands that may wait for one writer; beyond it callers are told to come back.
pub const QUEUE_COMMANDS: usize = 4096;
/// How often a batch is tried again after a lock time-out, a deadlock or an unknown commit.
pub const TRIES: u32 = 5;
/// Pause before such a try, times the number of tries so far.
pub const RETRY_PAUSE_MS: u64 = 20;

/// Something that was committed. Whatever is published has to come in one of these.
#[derive(Clone, Debug)]
pub struct Committed<T>(T);

impl<T> Committed<T> {
    #[must_use]
    pub fn get(&self) -> &T {
        &self.0
    }

    #[must_use]
    pub fn into_inner(self) -> T {
        self.0
    }
}

/// A command on its way to a writer.
#[derive(Clone, Debug)]
pub struct Submission {
    pub restaurant: RestaurantId,
    pub request: Request,
    /// SHA-256 of name and arguments: the same id with another body is refused.
    pub body_hash: [u8; 32],
    /// The order's lines as checked and priced against the menu in memory.
    pub priced: Option<Priced>,
    /// Some station of the order has no screen online: its alarm is due at once.
    pub unwatched: bool,
}

/// What became of a command.
#[derive(Clone, Debug)]
pub enum Answer {
    Accepted(Box<Accepted>),
    Refused(Refusal),
    /// Nothing is known to have happened; the same command with the same id may be sent again.
    NotTried(&'static str),
}

/// A command that was done, now or before.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// Of its last event; of the feed's head when it changed nothing.
    pub seq: Seq,
    /// The order it placed, the guest it admitted, or what it was about.
    pub subject: Uuid,
    /// It had been done before: this is the answer it got then.
    pub again: bool,
    /// What `order.place` made, when it was made just now.
    pub order: Option<Box<Order>>,
    /// What `seating.join` joined, when it was joined just now.
    pub seating: Option<Seating>,
}

/// Time and randomness, passed in (L11).
#[derive(Clone)]
pub struct Source {
    pub clock: Clock,
    pub id: Arc<dyn Fn() -> Uuid + Send + Sync>,
}

/// Who gets what was committed, in commit order. Must not wait: news is a doorbell, not the truth (L3).
pub type Publish = Arc<dyn Fn(Committed<Event>) + Send + Sync>;

/// Counts what the writers did.
pub trait Observe: Send + Sync {
    fn batch(&self, commands: usize, took: Duration);
    fn halved(&self);
    fn unknown(&self);
}

type Waiting = (Submission, oneshot::Sender<Answer>, Instant);

/// Hands commands to the writers; restaurants are spread over them by hash.
#[derive(Clone)]
pub struct Committer {
    queues: Arc<[mpsc::Sender<Waiting>]>,
    wait: Duration,
}

/// What a writer works with.
struct Writer {
    db: Db,
    menus: Arc<MenuCache>,
    source: Source,
    publish: Publish,
    observe: Arc<dyn Observe>,
    wait: Duration,
    /// The newest that this writer knows to be committed, of the restaurants it wrote last.
    known: Known,
    kitchens: Kitchens,
}

impl Committer {
    /// Makes `writers` writers (SQLite always has one). The returned futures are the writers: spawn
    /// each; they end once every `Committer` is gone and what was queued is done.
    pub fn new(
        db: &Db,
        menus: &Arc<MenuCache>,
        writers: usize,
        wait: Duration,
        source: &Source,
        publish: &Publish,
        observe: &Arc<dyn Observe>,
    ) -> (Self, Vec<impl Future<Output = ()> + Send + 'static>) {
        let count = if db.is_postgres() { writers.max(1) } else { 1 };
        let mut queues = Vec::with_capacity(count);
        let mut tasks = Vec::with_capacity(count);
        for _ in 0..count {
            let (sender, receiver) = mpsc::channel(QUEUE_COMMANDS);
            queues.push(sender);
            let writer = Writer {
                db: db.clone(),
                menus: Arc::clone(menus),
                source: source.clone(),
                publish: Arc::clone(publish),
                observe: Arc::clone(observe),
                wait,
                known: Known::default(),
                kitchens: Kitchens::default(),
            };
            tasks.push(writer.run(receiver));
        }
        (Self { queues: queues.into(), wait }, tasks)
    }

    /// Submits a command now, so that commands of one sender are decided in the order of these calls;
    /// the future waits for what becomes of it, at most as long as commands may wait.
    pub fn submit(&self, submission: Submission) -> impl Future<Output = Answer> + Send + use<> {
        let (reply, answer) = oneshot::channel();
        let mut hasher = DefaultHasher::new();
        submission.restaurant.hash(&mut hasher);
        let at = usize::try_from(hasher.finish() % self.queues.len() as u64).unwrap_or(0);
        let queued =
            self.queues.get(at).is_some_and(|queue| queue.try_send((submission, reply, Instant::now())).is_ok());
        let wait = self.wait;
        async move {
            if !queued {
                return Answer::NotTried("too many commands are waiting");
            }
            match tokio::time::timeout(wait, answer).await {
                Ok(Ok(answer)) => answer,
                Ok(Err(_)) => Answer::NotTried("the server is stopping"),
                Err(_) => Answer::NotTried("the database did not answer in time"),
            }
        }
    }
}

impl Committer {
    /// Do so many commands wait for some writer that another node would be quicker?
    #[must_use]
    pub fn is_backed_up(&self) -> bool {
        self.queues.iter().any(|queue| queue.capacity() < queue.max_capacity() / 2)
    }
}

impl Writer {
    async fn run(self, mut queue: mpsc::Receiver<Waiting>) {
        let mut backlog: VecDeque<Waiting> = VecDeque::new();
        loop {
            if backlog.is_empty() {
                match queue.recv().await {
                    Some(first) => backlog.push_back(first),
                    None => return,
                }
            }
            while backlog.len() < QUEUE_COMMANDS {
                match queue.try_recv() {
                    Ok(next) => backlog.push_back(next),
                    Err(_) => break,
                }
            }
            let batch = pick(&mut backlog, self.wait);
            self.commit(batch).await;
        }
    }

    /// Commits a batch; halves it when some command in it cannot be written, until the culprit
    /// stands alone and is refused.
    async fn commit(&self, batch: Vec<Waiting>) {
        let mut parts = VecDeque::from([batch]);
        while let Some(mut part) = parts.pop_front() {
            if part.is_empty() {
                continue;
            }
            let started = Instant::now();
            match self.try_part(&part).await {
                Ok(answers) => {
                    self.observe.batch(part.len(), started.elapsed());
                    for ((_, reply, _), answer) in part.into_iter().zip(answers) {
                        // A caller that no longer waits will ask again with the same id.
                        drop(reply.send(answer));
                    }
                }
                Err(fault) if fault.meaning() == Meaning::Culprit && part.len() > 1 => {
                    self.observe.halved();
                    let second = part.split_off(part.len() / 2);
                    parts.push_front(second);
                    parts.push_front(part);
                }
                Err(fault) => refuse_all(part, &fault),
            }
        }
    }

    /// Runs one transaction; again while that may help. A commit without an answer is *unknown*:
    /// running it again is harmless, because the commands that did commit are found by their ids.
    async fn try_part(&self, part: &[Waiting]) -> Result<Vec<Answer>, Fault> {
        let mut tries = 0;
        let mut unknown = BTreeMap::new();
        loop {
            tries += 1;
            let fault = match self.attempt(part, &mut unknown).await {
                Ok(done) => {
                    for event in done.events {
                        (self.publish)(Committed(event));
                    }
                    return Ok(done.answers);
                }
                Err(Failed::Unknown(fault)) => {
                    self.observe.unknown();
                    fault
                }
                Err(Failed::RolledBack(fault)) if fault.meaning() == Meaning::Again => fault,
                Err(Failed::RolledBack(fault)) => return Err(fault),
            };
            if tries >= TRIES {
                return Err(fault);
            }
            tokio::time::sleep(Duration::from_millis(RETRY_PAUSE_MS * u64::from(tries))).await;
        }
    }

    /// Lock, then load (two statements), decide each command in turn, write, commit. `unknown` are the
    /// stretches in which former attempts would have left events: those that are there happened.
    async fn attempt(&self, part: &[Waiting], unknown: &mut Stretches) -> Result<Done, Failed> {
        let submissions: Vec<&Submission> = part.iter().map(|(submission, _, _)| submission).collect();
        let mut restaurants: Vec<RestaurantId> = submissions.iter().map(|s| s.restaurant).collect();
        restaurants.sort_unstable();
        restaurants.dedup();
        let mut tx = self.db.begin(Access::Write(&restaurants)).await?;
        let before = self.source.clock.now();
        let known = (&*self.menus, &self.kitchens);
        let mut world = load::world(&mut tx, known, &restaurants, &submissions, before).await?;
        self.known.begin_anew_if_behind(&mut tx, &mut world, &self.source).await?;
        let mut events = known::happened(&mut tx, &world, unknown).await?;
        let now = self.source.clock.now();
        let answers = submissions.iter().map(|s| decide::answer(&mut world, s, now, &self.source)).collect();
        let mut bundle = Bundle::default();
        let kitchens = write::lessons(&mut bundle, &mut world, now)?;
        let written = write::world(&mut tx, bundle, world).await?;
        if let Err(fault) = tx.commit().await {
            note(unknown, &written);
            return Err(Failed::Unknown(fault));
        }
        self.known.remember(&written);
        self.kitchens.keep(kitchens, &written);
        events.extend(written);
        Ok(Done { answers, events })
    }
}

/// First and last seq by restaurant.
type Stretches = BTreeMap<RestaurantId, (Seq, Seq)>;

fn note(stretches: &mut Stretches, events: &[Event]) {
    for event in events {
        let (first, last) = stretches.entry(event.restaurant).or_insert((event.seq, event.seq));
        *first = event.seq.min(*first);
        *last = event.seq.max(*last);
    }
}

/// What a committed batch leaves to be told.
struct Done {
    answers: Vec<Answer>,
    events: Vec<Event>,
}

/// How a transaction failed.
enum Failed {
    RolledBack(Fault),
    /// The commit was sent, and no answer came.
    Unknown(Fault),
}

impl From<Fault> for Failed {
    fn from(fault: Fault) -> Self {
        Self::RolledBack(fault)
    }
}

/// Takes the next batch from the backlog: in order, at most 16 of one restaurant while others wait.
/// What waited too long is dropped: its caller was told so already.
fn pick(backlog: &mut VecDeque<Waiting>, wait: Duration) -> Vec<Waiting> {
    backlog.retain(|(_, _, since)| since.elapsed() < wait);
    let mut counts: HashMap<RestaurantId, usize> = HashMap::new();
    let mut batch = Vec::with_capacity(backlog.len().min(BATCH_COMMANDS));
    let mut left = VecDeque::with_capacity(backlog.len());
    while let Some(next) = backlog.pop_front() {
        let count = counts.entry(next.0.restaurant).or_default();
        if batch.len() < BATCH_COMMANDS && *count < BATCH_COMMANDS_OF_ONE {
            *count += 1;
            batch.push(next);
        } else {
            left.push_back(next);
        }
    }
    while batch.len() < BATCH_COMMANDS {
        match left.pop_front() {
            Some(next) => batch.push(next),
            None => break,
        }
    }
    *backlog = left;
    batch
}

/// The culprit alone is refused: it would fail again. Others may come back when the database can.
fn refuse_all(part: Vec<Waiting>, fault: &Fault) {
    let ids: Vec<CommandId> = part.iter().map(|(submission, _, _)| submission.request.id).collect();
    tracing::error!(fault = %fault, commands = ids.len(), first = ?ids.first(), "a batch of commands could not be written");
    let answer = if fault.is_about_data() {
        let message = "The database cannot hold this. Change it, then send it as a new command.";
        Answer::Refused(Refusal::new(Code::Unwritable, message))
    } else {
        Answer::NotTried("the database could not take it")
    };
    for (_, reply, _) in part {
        drop(reply.send(answer.clone()));
    }
}

#[cfg(test)]
mod tests;
