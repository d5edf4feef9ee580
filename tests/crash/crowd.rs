//! Fifty people around one server, which may go away at any time: guests who order and watch their table, cooks
//! who tap, waiters who watch the floor. None is told that anything happened: they find out and come back.

mod orders;
mod people;
mod rest;

use super::agree::{self, Histories, Watcher};
use crate::harness::dice::Dice;
use crate::harness::follower::{Follower, Home};
use crate::harness::process::{Site, last_lines};
use crate::harness::server::client;
use crate::harness::truth::Truth;
use comanda::domain::topic::Topic;
pub use rest::{Flaws, Rest};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use uuid::Uuid;

pub const SLUG: &str = "casa-oliva";
/// No order takes longer to be acknowledged, whatever happens to the server meanwhile.
const PATIENCE: Duration = Duration::from_secs(60);
/// As long as a phone waits for a sign of life.
const PHONE: Duration = Duration::from_secs(55);

/// How many of each there are.
#[derive(Clone, Copy)]
pub struct Size {
    pub guests: usize,
    pub cooks: usize,
    pub waiters: usize,
    /// Between two orders of a guest, in milliseconds at most.
    pub pause: i64,
    /// Between two taps of a cook, in milliseconds at most.
    pub taps: i64,
}

/// What all do now.
#[derive(Clone)]
enum Phase {
    Work,
    /// Nobody begins anything new; what was begun is finished.
    Settle,
    /// Everybody follows until they have all that the database has.
    CatchUp(Arc<Truth>),
}

#[derive(Default, Debug)]
struct Tally {
    in_flight: AtomicU64,
    acknowledged: AtomicU64,
    /// People who have had a first picture.
    following: AtomicU64,
    settled: AtomicU64,
    /// Requests without an answer.
    broken: AtomicU64,
    unavailable: AtomicU64,
    /// Of those, without a Retry-After.
    bare: AtomicU64,
}

/// An order that was acknowledged.
#[derive(Clone)]
pub struct Placed {
    pub key: Uuid,
    draft: Value,
    token: String,
    answer: Value,
    tries: u64,
    /// When the request began that was answered; microseconds of the wall clock.
    asked_at: i64,
    asked: Instant,
}

/// Somebody, at the end.
struct Person {
    follower: Follower,
    topic: Topic,
    token: String,
    orders: Vec<Placed>,
    is_level: bool,
}

impl Person {
    fn watcher(&self) -> Watcher<'_> {
        Watcher { follower: &self.follower, topic: self.topic, token: &self.token }
    }
}

/// What everybody needs.
#[derive(Clone)]
struct Common {
    home: Home,
    client: reqwest::Client,
    tally: Arc<Tally>,
    drafts: Arc<Vec<Value>>,
    phase: watch::Receiver<Phase>,
    silence: Duration,
    size: Size,
}

pub struct Crowd {
    seed: u64,
    url: String,
    common: Common,
    phase: watch::Sender<Phase>,
    people: Vec<JoinHandle<Person>>,
    manager: String,
    log_file: PathBuf,
    /// What the database held just before an older copy took its place.
    former: Option<Truth>,
}

impl Crowd {
    /// Everybody comes in, begins, and has a first picture.
    pub async fn gather(site: &Site, seed: u64, size: Size) -> Self {
        Self::gather_among(&[site], seed, size, (client(), PHONE)).await
    }

    /// The same around several nodes: whoever is not served by one goes to the next, at the latest after `silence`.
    pub async fn gather_among(
        sites: &[&Site],
        seed: u64,
        size: Size,
        (client, silence): (reqwest::Client, Duration),
    ) -> Self {
        let site = sites[0];
        let (sender, phase) = watch::channel(Phase::Work);
        let bases: Vec<String> = sites.iter().map(|site| site.base()).collect();
        let home = Home::among(&bases);
        let drafts = Arc::new(orders::drafts(&client, &home).await);
        let common = Common { home, client, tally: Arc::default(), drafts, phase, silence, size };
        let manager = common.login("mateo").await;
        let (cook, waiter) = (common.login("carmen").await, common.login("lucia").await);
        let codes = common.codes(&manager).await;
        let mut people = Vec::new();
        let mut dice = (0..).map(|stream| Dice::new(seed, stream));
        let mut dice = || dice.next().expect("endless");
        for n in 0..size.guests {
            let (common, code, dice) = (common.at(n), codes[n % codes.len()].clone(), dice());
            people.push(tokio::spawn(async move { common.guest(n, &code, dice).await }));
        }
        for n in 0..size.cooks {
            let (common, cook, dice) = (common.at(n), cook.clone(), dice());
            people.push(tokio::spawn(async move { common.cook(n, cook, dice).await }));
        }
        for n in 0..size.waiters {
            let (common, waiter, dice) = (common.at(n), waiter.clone(), dice());
            people.push(tokio::spawn(async move { common.waiter(n, waiter, dice).await }));
        }
        let (count, tally) = (u64::try_from(people.len()).expect("few"), Arc::clone(&common.tally));
        expect("everybody to follow", PATIENCE, || tally.following.load(SeqCst) == count).await;
        Self {
            seed,
            url: site.url.clone(),
            common,
            phase: sender,
            people,
            manager,
            log_file: site.log_file(),
            former: None,
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(&self.log_file).map_or_else(|error| error.to_string(), |text| last_lines(&text))
    }

    pub fn in_flight(&self) -> u64 {
        self.common.tally.in_flight.load(SeqCst)
    }

    pub fn acknowledged(&self) -> u64 {
        self.common.tally.acknowledged.load(SeqCst)
    }

    pub fn unavailable(&self) -> u64 {
        self.common.tally.unavailable.load(SeqCst)
    }

    /// Waits until so many more orders were acknowledged: the crowd is at work.
    pub async fn expect_orders(&self, more: u64, within: Duration) {
        let wanted = self.acknowledged() + more;
        let deadline = Instant::now() + within;
        while self.acknowledged() < wanted {
            let late = Instant::now() >= deadline;
            assert!(
                !late,
                "{more} more orders did not come within {within:?}: {:?}\n{}",
                self.common.tally,
                self.log()
            );
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// The balancer sends whoever comes from now on to another node.
    pub fn moves_to(&self, site: &Site) {
        self.common.home.moved_to(&site.base());
    }

    /// Another screen on the floor, which follows only while it is told to.
    pub async fn screen(&self) -> Follower {
        let (home, dice) = (&self.common.home, Dice::new(self.seed, 2000));
        let mut screen = Follower::new("the manager".to_owned(), home, &self.manager, SLUG, "floor", dice);
        let is_there = screen.follow_until(Duration::from_secs(20), Follower::is_following).await;
        assert!(is_there, "no first picture: {}", screen.log());
        screen
    }

    /// An older copy took the place of the database that is now at `url`: what was acknowledged since then may be
    /// lost, and what people saw until then was true.
    pub async fn keep_former(&mut self, url: &str) {
        self.former = Some(Truth::read(url, SLUG).await);
    }

    /// Nobody begins anything new; all that was begun is finished, everybody has caught up by themselves, and
    /// the database, its answers and all boards agree.
    pub async fn come_to_rest(self) -> Rest {
        let count = u64::try_from(self.people.len()).expect("few");
        self.phase.send_replace(Phase::Settle);
        let tally = Arc::clone(&self.common.tally);
        expect("everybody to finish", PATIENCE, || tally.settled.load(SeqCst) == count).await;
        let truth = Arc::new(Truth::read(&self.url, SLUG).await);
        self.phase.send_replace(Phase::CatchUp(truth));
        let mut people = Vec::new();
        for person in self.people {
            people.push(person.await.expect("nobody panics"));
        }
        let truth = Truth::read(&self.url, SLUG).await;
        let histories = Histories { now: &truth, former: self.former.as_ref() };
        let mut rest = Rest::new(self.seed, &people, &self.common.tally, &truth);
        rest.complaints.extend(truth.complaints());
        rest.forgotten = orders::lose(&mut people, histories);
        rest.flaws = Flaws::of(&people, &truth);
        rest.complaints.extend(self.common.orders_complaints(&people, &truth, &self.manager).await);
        let watchers: Vec<Watcher<'_>> = people.iter().map(Person::watcher).collect();
        rest.complaints.extend(agree::commands_complaints(&watchers, histories));
        rest.complaints.extend(agree::boards_complaints(&watchers, histories, &self.common.home, SLUG).await);
        rest.log
            .extend(people.iter().filter(|p| !p.follower.wrong.is_empty() || !p.is_level).map(|p| p.follower.log()));
        rest
    }
}

/// p50, p99 and the largest of some times that are in order.
pub fn percentiles(times: &[Duration]) -> String {
    let at = |part: usize| times.get((times.len() * part / 100).min(times.len().saturating_sub(1))).copied();
    let [p50, p99, most] = [at(50), at(99), times.last().copied()].map(Option::unwrap_or_default);
    format!("{} times: p50 {p50:.0?}, p99 {p99:.0?}, most {most:.0?}", times.len())
}

/// Waits, with a deadline.
pub async fn expect(what: &str, within: Duration, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + within;
    while !holds() {
        assert!(Instant::now() < deadline, "waited {within:?} for {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
