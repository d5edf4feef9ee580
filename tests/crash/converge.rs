//! Seeded convergence: whatever people tap, lose, repeat and sleep through, in the end every screen shows what
//! the database holds, and nothing was done twice. A restart is in the middle.

use super::actors::{Actor, Orders, Part, Stage};
use super::agree::{self, Watcher};
use super::crowd::expect;
use crate::harness::dice::{Dice, seeds};
use crate::harness::follower::{Counts, Follower, Home};
use crate::harness::run;
use crate::harness::server::{Kind, TestServer};
use crate::harness::truth::Truth;
use comanda::clock::Clock;
use comanda::domain::people::Role;
use comanda::domain::restaurant::GateRule;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;
use tokio::sync::watch;
use uuid::Uuid;

const COOKS: usize = 7;
const WAITERS: usize = 4;
const GUESTS: usize = 15;
/// Wishes and orders of one seed.
const WISHES: u64 = 1500;
const SEEDS: &[u64] = &[11, 12, 13];
const SETTINGS: &str = "[alarm]\nevery_ms = 200\n\
    [limits]\nscans_per_address = 1000000\norders_per_guest = 1000000\norders_per_table = 1000000\n\
    orders_per_restaurant = 1000000\nrequests_per_guest = 1000000\nlogin_per_account = 1000000\n\
    login_per_address = 1000000\nstaff_requests = 1000000\n\
    [socket]\nhello_pending_per_address = 1000\nmessages_per_second = 100000\nmessages_burst = 100000\n\
    pull_bytes = 16384\n";
/// Beats that meet everything; who looks away for four of them is closed. And the usual ring.
const OFTEN: &str = "beat_staff_ms = 40\nbeat_guest_ms = 60\n";
/// Beats that let people sleep, and rings behind which many fall who are away, or everybody who is slow.
const SELDOM: [&str; 2] = [
    "beat_staff_ms = 1500\nbeat_guest_ms = 1500\n[ring]\nevents = 40\n",
    "beat_staff_ms = 1500\nbeat_guest_ms = 1500\n[ring]\nevents = 6\n",
];
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn every_screen_converges_on_sqlite() {
    converges(Kind::Sqlite);
}

#[test]
fn every_screen_converges_on_postgres() {
    converges(Kind::Postgres);
}

fn converges(kind: Kind) {
    let mut all = Exercised::default();
    for seed in seeds(SEEDS) {
        all.add(run(play(kind, seed)));
    }
    all.expect_to_have_tried_everything();
}

#[derive(Clone)]
enum Phase {
    Play,
    Settle,
    CatchUp(Arc<Truth>),
}

async fn play(kind: Kind, seed: u64) -> Exercised {
    let often = seed.is_multiple_of(2);
    let more = if often { OFTEN } else { SELDOM[usize::from(seed % 4 == 3)] };
    let settings = format!("{SETTINGS}{more}");
    let mut server = TestServer::start_with(kind, GateRule::Seating, &settings, Clock::system()).await;
    let stage = Arc::new(Stage {
        home: Home::new(&server.base),
        client: server.client.clone(),
        fixture: server.fixture.clone(),
        codes: (0..3).map(|table| server.code(&server.fixture, table)).collect(),
        has_sleepers: !often,
        wishes: WISHES,
        done: AtomicU64::new(0),
        orders: std::sync::Mutex::default(),
    });
    let (phase, told) = watch::channel(Phase::Play);
    let settled = Arc::new(AtomicU64::new(0));
    let mut players = Vec::new();
    for actor in cast(&server, &stage, seed).await {
        players.push(tokio::spawn(live(actor, Arc::clone(&stage), told.clone(), Arc::clone(&settled))));
    }
    expect("half of the wishes", PATIENCE, || stage.done.load(SeqCst) >= WISHES / 2).await;
    server.restart(&settings).await;
    stage.home.moved_to(&server.base);
    expect("all wishes", PATIENCE, || stage.done.load(SeqCst) >= WISHES).await;

    phase.send_replace(Phase::Settle);
    let count = u64::try_from(players.len()).expect("few");
    expect("everybody to finish", PATIENCE, || settled.load(SeqCst) == count).await;
    let (url, slug) = (server.place.url.clone(), server.fixture.slug().to_owned());
    phase.send_replace(Phase::CatchUp(Arc::new(Truth::read(&url, &slug).await)));
    let mut actors = Vec::new();
    for player in players {
        actors.push(player.await.expect("nobody panics"));
    }
    let truth = Truth::read(&url, &slug).await;
    let exercised = judge(kind, seed, &actors, &stage, &truth).await;
    drop(actors);
    server.stop().await;
    exercised
}

async fn cast(server: &TestServer, stage: &Stage, seed: u64) -> Vec<Actor> {
    let mut streams = 0..;
    let mut dice = || Dice::new(seed, streams.next().expect("endless"));
    let (cook, waiter) = (server.staff(Role::Kitchen).await, server.staff(Role::Waiter).await);
    let mut actors = Vec::new();
    for n in 0..COOKS {
        actors.push(Actor::staff(stage, Part::Cook, n, &cook.token, dice()));
    }
    for n in 0..WAITERS {
        actors.push(Actor::staff(stage, Part::Waiter, n, &waiter.token, dice()));
    }
    for n in 0..GUESTS {
        actors.push(Actor::guest(stage, n % 3, n, dice()).await);
    }
    actors
}

/// Plays, finishes what it began, and follows until it has everything. The flag says whether it came to that.
async fn live(
    mut actor: Actor,
    stage: Arc<Stage>,
    told: watch::Receiver<Phase>,
    settled: Arc<AtomicU64>,
) -> (Actor, bool) {
    while matches!(*told.borrow(), Phase::Play) {
        actor.step(&stage).await;
    }
    let finished = |follower: &Follower| follower.is_settled() || follower.is_over;
    let in_time = actor.follower.follow_until(Duration::from_secs(20), finished).await;
    settled.fetch_add(1, SeqCst);
    let truth = loop {
        if let Phase::CatchUp(truth) = &*told.borrow() {
            break Arc::clone(truth);
        }
        actor.follower.follow(tokio::time::Instant::now() + Duration::from_millis(30)).await;
    };
    let last = truth.last_of(actor.topic);
    let has_all = |f: &Follower| f.is_over || f.is_following() && f.cursor.is_some_and(|c| c.seq >= last);
    let is_level = actor.follower.follow_until(Duration::from_secs(20), has_all).await;
    (actor, in_time && is_level)
}

async fn judge(kind: Kind, seed: u64, actors: &[(Actor, bool)], stage: &Stage, truth: &Truth) -> Exercised {
    let mut watchers = Vec::new();
    for (actor, _) in actors {
        let now = (&actor.follower, actor.topic, actor.token());
        let before = actor.visits.iter().map(|(follower, topic, token)| (follower, *topic, token.as_str()));
        let all = before.chain(std::iter::once(now));
        watchers.extend(all.map(|(follower, topic, token)| Watcher { follower, topic, token }));
    }
    let mut complaints: Vec<String> = watchers.iter().flat_map(|watcher| watcher.follower.wrong.clone()).collect();
    for (actor, _) in actors.iter().filter(|(_, is_level)| !is_level) {
        let (stands, last) = (actor.follower.cursor, truth.last_of(actor.topic));
        complaints.push(format!("{} did not finish or catch up: {stands:?} of {last}", actor.follower.name));
    }
    complaints.extend(truth.complaints());
    complaints.extend(agree::boards_complaints(&watchers, truth, &stage.home, stage.fixture.slug()).await);
    complaints.extend(agree::commands_complaints(&watchers, truth));
    complaints.extend(seating_complaints(&watchers));
    let mut exercised = Exercised::of(&watchers, truth);
    {
        let orders = stage.orders.lock().expect("a lock");
        complaints.extend(orders.wrong.iter().cloned());
        complaints.extend(orders_complaints(&orders, truth));
        exercised.orders += orders.placed.len();
        exercised.doubled_orders += orders.doubled;
        for (code, count) in &orders.refused_as {
            *exercised.counts.refused_as.entry(code.clone()).or_default() += count;
        }
    }
    println!("{kind:?}, seed {seed}: {exercised:?}");
    if !complaints.is_empty() {
        let some: Vec<&str> = complaints.iter().take(12).map(String::as_str).collect();
        let troubled = watchers.iter().filter(|w| some.iter().any(|c| c.starts_with(&w.follower.name)));
        let logs: Vec<String> = troubled.take(3).map(|watcher| watcher.follower.log()).collect();
        let (count, some, logs) = (complaints.len(), some.join("\n"), logs.concat());
        panic!("{kind:?}, COMANDA_SEEDS={seed}: {count} things are wrong:\n{some}\n{logs}");
    }
    exercised
}

/// Who was sent away from a closed table had been told before.
fn seating_complaints(watchers: &[Watcher<'_>]) -> Vec<String> {
    let away = watchers.iter().filter(|w| w.follower.is_over && w.follower.closes.last().is_some_and(|c| c.0 == 4503));
    let untold = away.filter(|w| w.follower.was_connected_to_its_end && w.follower.board.open_seatings().count() > 0);
    untold.map(|w| format!("{} was sent away without having been told", w.follower.name)).collect()
}

/// Every order that was acknowledged is there once, and none that nobody sent.
fn orders_complaints(orders: &Orders, truth: &Truth) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut made: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    for event in truth.events.iter().filter(|event| event.kind == comanda::domain::event::Kind::OrderPlaced) {
        made.entry(event.command.0).or_default().push(event.order().expect("an order").id.0);
    }
    for (key, order) in &orders.placed {
        if made.get(key) != Some(&vec![*order]) {
            complaints.push(format!("key {key} was answered {order}, and made {:?}", made.get(key)));
        }
    }
    if truth.orders.len() != orders.placed.len() {
        complaints.push(format!("{} orders, {} acknowledged", truth.orders.len(), orders.placed.len()));
    }
    complaints
}

/// What a run did, so that it cannot succeed by doing nothing.
#[derive(Default, Debug)]
struct Exercised {
    orders: usize,
    doubled_orders: u64,
    acknowledged: usize,
    events: i64,
    visits: usize,
    restarts: usize,
    counts: Counts,
    kinds: BTreeMap<&'static str, usize>,
}

impl Exercised {
    fn of(watchers: &[Watcher<'_>], truth: &Truth) -> Self {
        let mut exercised = Self { events: truth.head, visits: watchers.len(), ..Self::default() };
        for Watcher { follower, .. } in watchers {
            exercised.counts.add(&follower.counts);
            exercised.acknowledged += follower.acknowledged.len();
            exercised.restarts += follower.closes.iter().filter(|close| close.0 == 1012).count();
        }
        for event in &truth.events {
            *exercised.kinds.entry(event.kind.name()).or_default() += 1;
        }
        exercised
    }

    fn add(&mut self, more: Self) {
        self.orders += more.orders;
        self.doubled_orders += more.doubled_orders;
        self.acknowledged += more.acknowledged;
        self.events += more.events;
        self.visits += more.visits;
        self.restarts += more.restarts;
        self.counts.add(&more.counts);
        for (kind, count) in more.kinds {
            *self.kinds.entry(kind).or_default() += count;
        }
    }

    fn expect_to_have_tried_everything(&self) {
        let c = &self.counts;
        let done = [
            ("orders", self.orders >= 100),
            ("orders sent twice", self.doubled_orders > 0),
            ("commands", self.acknowledged >= 1000),
            ("closed tables", self.visits > COOKS + WAITERS + GUESTS),
            ("1012", self.restarts > 0),
            ("lost connections", c.lost > 0),
            ("replays", c.replays > 0),
            ("snapshots", c.snapshots > 0),
            ("resyncs", c.resyncs > 0),
            ("commands sent again", c.resent > 0),
            ("answers given again", c.repeated > 0),
            ("beats", c.beats > 0),
        ];
        let missing: Vec<&str> = done.into_iter().filter(|(_, done)| !done).map(|(what, _)| what).collect();
        assert!(missing.is_empty(), "the play had none or too few of {missing:?}: {self:?}");
        let codes = [
            "changed",
            "wrong_state",
            "held",
            "allergy_unconfirmed",
            "unavailable",
            "total_changed",
            "id_reused",
            "open_orders",
            "forbidden",
            "too_late",
            "invalid",
            "unknown_order",
            "unknown_line",
            "unknown_command",
        ];
        let missing: Vec<&str> = codes.into_iter().filter(|code| !c.refused_as.contains_key(*code)).collect();
        assert!(missing.is_empty(), "nothing was refused as {missing:?}: {:?}", c.refused_as);
        let kinds = comanda::domain::event::Kind::ALL.iter().map(|kind| kind.name());
        let missing: Vec<&str> = kinds.filter(|kind| !self.kinds.contains_key(kind)).collect();
        // Messages, takeaway, codes, logins and screens are not in this play, and its orders are confirmed as they are placed.
        let unwished = [
            "order.confirmed",
            "order.told",
            "takeaway.changed",
            "messages.changed",
            "table.changed",
            "session.revoked",
            "screen.paired",
            "screen.changed",
            "screen.revoked",
            "staff.changed",
        ];
        assert!(missing.iter().all(|kind| unwished.contains(kind)), "no events of {missing:?}");
    }
}
