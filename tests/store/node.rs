//! A node without doors: the store and its committer on one database, what they counted and published, and
//! people of a restaurant who send commands. Used by all tests of the store.

use crate::harness::restaurant::{self, Fixture};
use crate::harness::server::Place;
use comanda::clock::Clock;
use comanda::domain::command::{Command, Draft, DraftLine, JoinSeating, Request};
use comanda::domain::event::Event;
use comanda::domain::ids::*;
use comanda::domain::menu::Item;
use comanda::domain::order::{Order, OrderKind};
use comanda::domain::people::{Actor, Role};
use comanda::domain::refusal::{Code, Refusal};
use comanda::domain::restaurant::GateRule;
use comanda::domain::time::Timestamp;
use comanda::identity::secrets::digest;
use comanda::store::committer::{Accepted, Answer, Observe, Publish, Source, Submission};
use comanda::store::people::{Owner, Session};
use comanda::store::{Committer, Options, Store, open, wide};
use futures_util::future::join_all;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::JoinSet;
use uuid::Uuid;

/// A Saturday evening in Madrid, 20:02.
pub const EVENING: Timestamp = Timestamp(1_769_886_131_480_000);
/// Longer than any test has to wait for an answer, however busy the machine is.
pub const PATIENT: Duration = Duration::from_secs(30);

/// What the writers did.
#[derive(Default)]
pub struct Counts {
    pub halved: AtomicUsize,
    pub unknown: AtomicUsize,
    batches: Mutex<Vec<usize>>,
}

impl Observe for Counts {
    fn batch(&self, commands: usize, _: Duration) {
        self.batches.lock().unwrap().push(commands);
    }

    fn halved(&self) {
        self.halved.fetch_add(1, Ordering::SeqCst);
    }

    fn unknown(&self) {
        self.unknown.fetch_add(1, Ordering::SeqCst);
    }
}

impl Counts {
    /// How many commands each committed batch had.
    pub fn batches(&self) -> Vec<usize> {
        self.batches.lock().unwrap().clone()
    }

    pub fn halved(&self) -> usize {
        self.halved.load(Ordering::SeqCst)
    }

    pub fn unknown(&self) -> usize {
        self.unknown.load(Ordering::SeqCst)
    }
}

/// The store and the committer of one node, with writers that run.
pub struct Node {
    pub store: Store,
    pub committer: Committer,
    pub counts: Arc<Counts>,
    published: Arc<Mutex<Vec<Event>>>,
    source: Source,
    publish: Publish,
    wait: Duration,
    _writers: JoinSet<()>,
}

impl Node {
    pub async fn open(place: &Place) -> Self {
        Self::with(&place.url, Clock::system(), PATIENT).await
    }

    pub async fn with(url: &str, clock: Clock, wait: Duration) -> Self {
        let options = Options { url: url.to_owned(), readers: 4, writers: 4 };
        let store = Store::new(open(&options).await.expect("the database opens"));
        let published: Arc<Mutex<Vec<Event>>> = Arc::default();
        let into = Arc::clone(&published);
        let publish: Publish = Arc::new(move |event| into.lock().unwrap().push(event.into_inner()));
        let source = Source { clock, id: Arc::new(Uuid::now_v7) };
        let counts = Arc::new(Counts::default());
        let observe: Arc<dyn Observe> = counts.clone();
        let (committer, loops) = Committer::new(&store.db, &store.menus, 4, wait, &source, &publish, &observe);
        let writers = loops.into_iter().collect();
        Self { store, committer, counts, published, source, publish, wait, _writers: writers }
    }

    pub async fn restaurant(&self, slug: &str, gate: GateRule) -> Fixture {
        let fixture = restaurant::fixture(slug, gate);
        restaurant::create(&self.store, &fixture).await;
        fixture
    }

    pub async fn submit(&self, submission: Submission) -> Answer {
        self.committer.submit(submission).await
    }

    /// Does what must succeed.
    pub async fn does(&self, restaurant: &Fixture, actor: &Actor, command: Command) -> Accepted {
        accepted(self.submit(wish(restaurant, actor, command)).await)
    }

    /// Wishes what must be refused.
    pub async fn refuses(&self, restaurant: &Fixture, actor: &Actor, command: Command) -> Code {
        refused(self.submit(wish(restaurant, actor, command)).await).code
    }

    /// Commits all of them by a writer that finds them queued: in one batch, as far as a batch takes.
    pub async fn batch(&self, submissions: Vec<Submission>) -> Vec<Answer> {
        let observe: Arc<dyn Observe> = self.counts.clone();
        let (committer, writers) =
            Committer::new(&self.store.db, &self.store.menus, 1, self.wait, &self.source, &self.publish, &observe);
        let answers: Vec<_> = submissions.into_iter().map(|one| committer.submit(one)).collect();
        drop(committer);
        tokio::join!(join_all(answers), join_all(writers)).0
    }

    /// What was handed to the bus, of one restaurant.
    pub fn published(&self, restaurant: RestaurantId) -> Vec<Event> {
        let published = self.published.lock().unwrap();
        published.iter().filter(|event| event.restaurant == restaurant).cloned().collect()
    }

    /// The whole feed.
    pub async fn history(&self, restaurant: RestaurantId) -> Vec<Event> {
        self.history_from(restaurant, 0).await
    }

    /// The feed after a seq.
    pub async fn history_from(&self, restaurant: RestaurantId, mut after: Seq) -> Vec<Event> {
        let mut history: Vec<Event> = Vec::new();
        loop {
            let (feed, some) = self.store.events_after(restaurant, after, 500).await.unwrap().expect("the restaurant");
            history.extend(some);
            let upto = history.last().map_or(after, |event| event.seq);
            if upto == feed.seq {
                return history;
            }
            assert!(upto > after, "the feed ends at {after}, its head is {}", feed.seq);
            after = upto;
        }
    }

    pub async fn order(&self, restaurant: &Fixture, id: OrderId) -> Order {
        self.store.order(restaurant.id(), id).await.unwrap().expect("the order").1.order
    }

    /// Somebody of the staff, signed in.
    pub async fn staff(&self, fixture: &Fixture, role: Role) -> Actor {
        let account = wide::account_by_email(&self.store.db, &fixture.email(role)).await.unwrap().expect("an account");
        let session = Session {
            restaurant: fixture.id(),
            id: SessionId(Uuid::now_v7()),
            owner: Owner::Person(account.user),
            refresh_hash: vec![0; 32],
            generation: 1,
            refreshed_at: Timestamp(0),
            expires_at: Timestamp(i64::MAX),
            revoked_at: None,
        };
        assert!(self.store.begin_session(&session, 1).await.unwrap());
        Actor::Staff { user: account.user, session: session.id, role, name: account.name }
    }

    /// A phone scans the code of a table.
    pub async fn scan(&self, fixture: &Fixture, table: usize) -> Actor {
        let done = self.does(fixture, &Actor::System, join(fixture, table)).await;
        let seating = done.seating.expect("a seating").id;
        Actor::Guest { guest: GuestId(done.subject), seating }
    }

    /// A guest's order that must be taken.
    pub async fn orders(&self, fixture: &Fixture, by: &Actor, lines: &[(&Item, i64)]) -> Order {
        *self.does(fixture, by, ordering(lines)).await.order.expect("an order")
    }

    pub async fn stock(&self, fixture: &Fixture, item: &Item) -> (bool, Option<i64>) {
        let menu = self.store.current_menu(fixture.id()).await.unwrap().expect("a menu");
        let item = menu.item(item.id).expect("the item");
        (item.available, item.stock)
    }
}

/// A command with an id of its own.
pub fn wish(restaurant: &Fixture, actor: &Actor, command: Command) -> Submission {
    let body_hash = digest(&serde_json::to_string(&command).unwrap());
    let request = Request { id: CommandId(Uuid::now_v7()), actor: actor.clone(), command, base_version: None };
    Submission { restaurant: restaurant.id(), request, body_hash, priced: None, unwatched: false }
}

/// A scan with the newest code that the fixture knows.
pub fn join(fixture: &Fixture, table: usize) -> Command {
    let table = &fixture.tables[table];
    Command::JoinSeating(JoinSeating { table: table.id, code_version: table.code_version, returning: None })
}

/// An order as it is drafted at a table: the first option of every group.
pub fn draft(lines: &[(&Item, i64)]) -> Draft {
    let line = |(item, quantity): &(&Item, i64)| DraftLine {
        item: item.id,
        quantity: *quantity,
        options: item.option_groups.iter().map(|group| group.options[0].id).collect(),
        note: None,
    };
    Draft {
        kind: OrderKind::DineIn,
        lines: lines.iter().map(line).collect(),
        note: None,
        allergy: None,
        contact: None,
        expected_total: None,
        pickup_at: None,
        table: None,
    }
}

pub fn ordering(lines: &[(&Item, i64)]) -> Command {
    Command::PlaceOrder(Box::new(draft(lines)))
}

#[track_caller]
pub fn accepted(answer: Answer) -> Accepted {
    match answer {
        Answer::Accepted(accepted) => *accepted,
        Answer::Refused(refusal) => panic!("refused: {refusal:?}"),
        Answer::NotTried(why) => panic!("not tried: {why}"),
    }
}

#[track_caller]
pub fn refused(answer: Answer) -> Refusal {
    match answer {
        Answer::Refused(refusal) => refusal,
        Answer::Accepted(accepted) => panic!("accepted: {accepted:?}"),
        Answer::NotTried(why) => panic!("not tried: {why}"),
    }
}

pub fn seating_of(actor: &Actor) -> SeatingId {
    match actor {
        Actor::Guest { seating, .. } => *seating,
        Actor::Takeaway { .. } | Actor::Staff { .. } | Actor::Screen { .. } | Actor::System => {
            panic!("{actor:?} sits at no table")
        }
    }
}

pub fn guest_of(actor: &Actor) -> GuestId {
    match actor {
        Actor::Guest { guest, .. } | Actor::Takeaway { guest } => *guest,
        Actor::Staff { .. } | Actor::Screen { .. } | Actor::System => panic!("{actor:?} is no guest"),
    }
}
