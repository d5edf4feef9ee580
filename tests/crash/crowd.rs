//! Fifty people around one server, which may go away at any time: guests who order and watch their table, cooks
//! who tap, waiters who watch the floor. None is told that anything happened: they find out and come back.

use super::agree::{self, Histories, Watcher};
use crate::harness::dice::Dice;
use crate::harness::follower::{Counts, Follower, Home};
use crate::harness::process::{Site, last_lines};
use crate::harness::server::client;
use crate::harness::truth::Truth;
use comanda::domain::topic::Topic;
use comanda::protocol::rest::Scanned;
use futures_util::StreamExt;
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};
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
/// Orders are checked so many at a time.
const CHECKS: usize = 12;

/// How many of each there are.
#[derive(Clone, Copy)]
pub struct Size {
    pub guests: usize,
    pub cooks: usize,
    pub waiters: usize,
    /// Between two orders of a guest, in milliseconds at most.
    pub pause: i64,
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
    pause: i64,
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
        let drafts = Arc::new(drafts(&client, &home).await);
        let common = Common { home, client, tally: Arc::default(), drafts, phase, silence, pause: size.pause };
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
        rest.lost = lose(&mut people, histories);
        rest.complaints.extend(self.common.orders_complaints(&people, &truth, &self.manager).await);
        let watchers: Vec<Watcher<'_>> = people.iter().map(Person::watcher).collect();
        rest.complaints.extend(agree::commands_complaints(&watchers, histories));
        rest.complaints.extend(agree::boards_complaints(&watchers, histories, &self.common.home, SLUG).await);
        rest.log
            .extend(people.iter().filter(|p| !p.follower.wrong.is_empty() || !p.is_level).map(|p| p.follower.log()));
        rest
    }
}

/// What a test says at its end, and what it found.
#[derive(Default)]
pub struct Rest {
    seed: u64,
    pub orders: usize,
    /// Orders that were sent more than once before they were acknowledged.
    pub retried: usize,
    /// Of those: committed at a former try, whose answer was lost on the way.
    pub lost_answers: usize,
    /// Orders that were acknowledged after the copy was taken that the database was restored from.
    pub lost: usize,
    pub unavailable: u64,
    pub events: i64,
    pub counts: Counts,
    /// How long anybody was without a picture that is kept up to date, in order.
    pub dark: Vec<Duration>,
    pub commands: usize,
    pub closes: Vec<(u16, Value)>,
    pub complaints: Vec<String>,
    log: Vec<String>,
}

impl Rest {
    fn new(seed: u64, people: &[Person], tally: &Tally, truth: &Truth) -> Self {
        let mut rest =
            Self { seed, events: truth.head, unavailable: tally.unavailable.load(SeqCst), ..Self::default() };
        let placed_at: HashMap<Uuid, i64> = truth.orders.iter().map(|o| (o.id.0, o.placed_at.0)).collect();
        for person in people {
            let follower = &person.follower;
            rest.complaints.extend(follower.wrong.iter().cloned());
            if !person.is_level {
                let (stands, last) = (follower.cursor, truth.last_of(person.topic));
                rest.complaints.push(format!("{} did not catch up: {stands:?} of {last}", follower.name));
            }
            rest.counts.add(&follower.counts);
            rest.dark.extend(&follower.dark);
            rest.closes.extend(follower.closes.iter().cloned());
            rest.commands += follower.acknowledged.len();
            rest.orders += person.orders.len();
            for order in person.orders.iter().filter(|order| order.tries > 1) {
                rest.retried += 1;
                let at = placed_at.get(&id_of(&order.answer)).copied();
                rest.lost_answers += usize::from(at.is_some_and(|at| at < order.asked_at));
            }
        }
        rest.dark.sort_unstable();
        let bare = tally.bare.load(SeqCst);
        if bare > 0 {
            rest.complaints.push(format!("{bare} answers of 503 had no Retry-After"));
        }
        rest
    }

    /// Prints the figures; fails if anything was found.
    #[track_caller]
    pub fn expect_nothing_wrong(&self, about: &str, site: &Site) {
        let c = &self.counts;
        println!(
            "{about}, seed {}: {} orders ({} sent again, {} of them had been taken), {} of 503, {} taps, {} events; \
             {} connections, {} lost, {} replays, {} snapshots, {} resyncs, {} events heard, {} beats; dark {}",
            self.seed,
            self.orders,
            self.retried,
            self.lost_answers,
            self.unavailable,
            self.commands,
            self.events,
            c.connections,
            c.lost,
            c.replays,
            c.snapshots,
            c.resyncs,
            c.events,
            c.beats,
            percentiles(&self.dark)
        );
        if !self.complaints.is_empty() {
            let some: Vec<&str> = self.complaints.iter().take(20).map(String::as_str).collect();
            let mut text =
                format!("seed {}: {} things are wrong:\n{}\n", self.seed, self.complaints.len(), some.join("\n"));
            for log in self.log.iter().take(3) {
                text.push_str(log);
            }
            panic!("{text}\n--- server\n{}", site.log());
        }
    }
}

impl Common {
    /// For somebody who begins at the `n`th node.
    fn at(&self, n: usize) -> Self {
        Self { home: self.home.of(n), ..self.clone() }
    }

    fn follower(&self, name: String, token: &str, topic: &'static str, dice: Dice) -> Follower {
        // Of its own: whether a socket is served says nothing of requests.
        let home = self.home.of(self.home.index());
        let mut follower = Follower::new(name, &home, token, SLUG, topic, dice);
        follower.silence = self.silence;
        follower
    }

    /// Signs in; the demo's staff is made while the server serves already.
    async fn login(&self, name: &str) -> String {
        let body = json!({ "email": format!("{name}@casa-oliva.example"), "password": "comanda-demo" });
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let url = format!("{}/api/auth/login", self.home.base());
            let answer = self.client.post(url).json(&body).send().await.expect("login");
            let answer: Value = answer.json().await.expect("JSON");
            if let Some(token) = answer["token"].as_str() {
                return token.to_owned();
            }
            assert!(Instant::now() < deadline, "{name} cannot sign in: {answer}");
        }
    }

    /// What is printed on the tables.
    async fn codes(&self, manager: &str) -> Vec<String> {
        let request = self.client.get(format!("{}/api/tables", self.home.base())).bearer_auth(manager);
        let tables: Vec<Value> = request.send().await.expect("tables").json().await.expect("JSON");
        let code = |table: &Value| table["link"].as_str().and_then(|link| link.split("/t/").nth(1).map(str::to_owned));
        tables.iter().map(|table| code(table).expect("a link")).collect()
    }

    async fn guest(self, n: usize, code: &str, mut dice: Dice) -> Person {
        let body = json!({ "qr": code });
        let scan = self.client.post(format!("{}/api/seatings", self.home.base())).json(&body);
        let scanned: Scanned = scan.send().await.expect("scan").json().await.expect("a seating");
        let name = format!("guest {n} of {}", scanned.table.label);
        let own = Dice::new(dice.throw().into(), 1);
        let mut follower = self.follower(name, &scanned.token, "table", own);
        self.begin(&mut follower).await;
        let topic = Topic::Table(scanned.seating.id);
        let (orders, (follower, is_level)) =
            tokio::join!(self.order(&scanned.token, &mut dice), self.watch(follower, topic));
        Person { follower, topic, token: scanned.token, orders, is_level }
    }

    /// Orders again and again.
    async fn order(&self, token: &str, dice: &mut Dice) -> Vec<Placed> {
        let mut orders = Vec::new();
        let mut phase = self.phase.clone();
        while matches!(*phase.borrow(), Phase::Work) {
            let draft = dice.pick(&self.drafts).expect("dishes").clone();
            orders.push(self.place(token, dice.id(), draft, dice).await);
            let pause = dice.pause(5, self.pause);
            drop(tokio::time::timeout(pause, phase.changed()).await);
        }
        self.tally.settled.fetch_add(1, SeqCst);
        orders
    }

    /// Sends an order until it is acknowledged, always with the same key.
    async fn place(&self, token: &str, key: Uuid, draft: Value, dice: &mut Dice) -> Placed {
        let deadline = Instant::now() + PATIENCE;
        for tries in 1.. {
            assert!(Instant::now() < deadline, "order {key} was not acknowledged within {PATIENCE:?}, {tries} tries");
            let asked_at = now_us();
            match self.send(token, key, &draft).await {
                Sent::Placed(answer) => {
                    self.tally.acknowledged.fetch_add(1, SeqCst);
                    return Placed { key, draft, token: token.to_owned(), answer, tries, asked_at };
                }
                Sent::NotNow => tokio::time::sleep(dice.pause(100, 400)).await,
                Sent::Broken => {
                    self.home.elsewhere();
                    tokio::time::sleep(dice.pause(10, 150)).await;
                }
            }
        }
        unreachable!("tries are endless")
    }

    async fn send(&self, token: &str, key: Uuid, draft: &Value) -> Sent {
        let _flying = Flying::new(&self.tally);
        let request = self.client.post(format!("{}/api/orders", self.home.base())).bearer_auth(token);
        let sent = request.header("Idempotency-Key", key.to_string()).json(draft).send().await;
        let Ok(answer) = sent else {
            self.tally.broken.fetch_add(1, SeqCst);
            return Sent::Broken;
        };
        let (status, patient) = (answer.status(), answer.headers().contains_key("retry-after"));
        match (status, answer.json::<Value>().await) {
            (StatusCode::CREATED, Ok(body)) => Sent::Placed(body),
            (StatusCode::SERVICE_UNAVAILABLE, _) => {
                self.tally.unavailable.fetch_add(1, SeqCst);
                self.tally.bare.fetch_add(u64::from(!patient), SeqCst);
                Sent::NotNow
            }
            (_, Err(_)) => Sent::Broken,
            (status, Ok(body)) => panic!("order {key}: {status} {body}"),
        }
    }

    async fn cook(self, n: usize, token: String, mut dice: Dice) -> Person {
        let own = Dice::new(dice.throw().into(), 2);
        let mut follower = self.follower(format!("cook {n}"), &token, "kitchen", own);
        self.begin(&mut follower).await;
        while matches!(*self.phase.borrow(), Phase::Work) {
            follower.follow(Instant::now() + dice.pause(20, 80)).await;
            let open: Vec<(String, bool)> = follower
                .board
                .open_orders()
                .map(|(id, order)| (id.clone(), order["state"] == "ready"))
                .take(12)
                .collect();
            if let Some((order, is_ready)) = dice.pick(&open) {
                let name = if *is_ready { "order.complete" } else { "order.bump" };
                follower.wish(dice.id(), name, json!({ "order": order }), None).await;
            }
        }
        follower.follow_until(PATIENCE, Follower::is_settled).await;
        self.tally.settled.fetch_add(1, SeqCst);
        let (follower, is_level) = self.watch(follower, Topic::Kitchen).await;
        Person { follower, topic: Topic::Kitchen, token, orders: Vec::new(), is_level }
    }

    async fn waiter(self, n: usize, token: String, mut dice: Dice) -> Person {
        let own = Dice::new(dice.throw().into(), 3);
        let mut follower = self.follower(format!("waiter {n}"), &token, "floor", own);
        self.begin(&mut follower).await;
        self.tally.settled.fetch_add(1, SeqCst);
        let (follower, is_level) = self.watch(follower, Topic::Floor).await;
        Person { follower, topic: Topic::Floor, token, orders: Vec::new(), is_level }
    }

    async fn begin(&self, follower: &mut Follower) {
        let is_there = follower.follow_until(Duration::from_secs(20), Follower::is_following).await;
        assert!(is_there, "no first picture: {}", follower.log());
        self.tally.following.fetch_add(1, SeqCst);
    }

    /// Follows until all is there that the database had when everybody was done.
    async fn watch(&self, mut follower: Follower, topic: Topic) -> (Follower, bool) {
        let truth = loop {
            if let Phase::CatchUp(truth) = &*self.phase.borrow() {
                break Arc::clone(truth);
            }
            follower.follow(Instant::now() + Duration::from_millis(40)).await;
        };
        let last = truth.last_of(topic);
        let has_all = |f: &Follower| f.is_following() && f.cursor.is_some_and(|cursor| cursor.seq >= last);
        let is_level = follower.follow_until(Duration::from_secs(20), has_all).await;
        (follower, is_level)
    }

    /// What was acknowledged is there, once, and is answered the same again.
    async fn orders_complaints(&self, people: &[Person], truth: &Truth, manager: &str) -> Vec<String> {
        let mut complaints = Vec::new();
        let orders: Vec<&Placed> = people.iter().flat_map(|person| &person.orders).collect();
        let mut made: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
        for event in truth.events.iter().filter(|event| event.kind == comanda::domain::event::Kind::OrderPlaced) {
            made.entry(event.command.0).or_default().push(event.order().expect("an order").id.0);
        }
        for order in &orders {
            let id = id_of(&order.answer);
            let rows = truth.commands.iter().filter(|row| row.id == order.key);
            let subjects: Vec<Uuid> = rows.map(|row| row.subject).collect();
            if subjects != [id] || made.get(&order.key) != Some(&vec![id]) {
                let made = made.get(&order.key);
                complaints.push(format!("order {id}, key {}: its rows name {subjects:?}, made {made:?}", order.key));
            }
        }
        let rows: HashSet<Uuid> = truth.orders.iter().map(|row| row.id.0).collect();
        let acknowledged: HashSet<Uuid> = orders.iter().map(|order| id_of(&order.answer)).collect();
        if rows != acknowledged || rows.len() != orders.len() {
            let foreign = rows.difference(&acknowledged).count();
            let lost = acknowledged.difference(&rows).count();
            complaints
                .push(format!("{} orders were acknowledged; {lost} are lost, {foreign} nobody has", orders.len()));
        }
        let asked = orders.iter().map(|order| self.asked_again(order, manager));
        let asked: Vec<_> = futures_util::stream::iter(asked).buffer_unordered(CHECKS).collect().await;
        complaints.extend(asked.into_iter().flatten());
        complaints
    }

    /// The same key is answered the same, and staff can read the order.
    async fn asked_again(&self, order: &Placed, manager: &str) -> Option<String> {
        let id = id_of(&order.answer);
        let again = match self.send(&order.token, order.key, &order.draft).await {
            Sent::Placed(answer) => answer,
            Sent::NotNow | Sent::Broken => return Some(format!("order {id}: its key was not answered again")),
        };
        let same = |field: &str| again[field] == order.answer[field];
        if !["id", "number", "seq", "totals", "placed_at", "version", "state", "lines"].into_iter().all(same) {
            return Some(format!("order {id}: its key was answered {}, then {again}", order.answer));
        }
        let request = self.client.get(format!("{}/api/orders/{id}", self.home.base())).bearer_auth(manager);
        let read: Value = request.send().await.ok()?.json().await.unwrap_or_default();
        (read["number"] != order.answer["number"]).then(|| format!("order {id}: staff read {read}"))
    }
}

/// Takes away the orders that went with the former history: they were there, and the older copy has none of them.
fn lose(people: &mut [Person], histories: Histories<'_>) -> usize {
    let Some(former) = histories.former else { return 0 };
    let keys = |truth: &Truth| truth.commands.iter().map(|row| row.id).collect::<HashSet<Uuid>>();
    let (former, now) = (keys(former), keys(histories.now));
    let mut lost = 0;
    for person in people {
        let before = person.orders.len();
        person.orders.retain(|order| now.contains(&order.key) || !former.contains(&order.key));
        lost += before - person.orders.len();
    }
    lost
}

enum Sent {
    Placed(Value),
    /// 503
    NotNow,
    Broken,
}

/// A request that is under way.
struct Flying<'a>(&'a Tally);

impl<'a> Flying<'a> {
    fn new(tally: &'a Tally) -> Self {
        tally.in_flight.fetch_add(1, SeqCst);
        Self(tally)
    }
}

impl Drop for Flying<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, SeqCst);
    }
}

/// Dishes that anybody can order without being asked anything.
async fn drafts(client: &reqwest::Client, home: &Home) -> Vec<Value> {
    let url = format!("{}/api/restaurants/{SLUG}/menu", home.base());
    let menu: Value = client.get(url).send().await.expect("menu").json().await.expect("JSON");
    let items = menu["categories"].as_array().expect("categories").iter().flat_map(|c| c["items"].as_array());
    let simple = items.flatten().filter(|item| {
        let asks = item["option_groups"].as_array().is_some_and(|groups| groups.iter().any(|g| g["min"] != 0));
        item["available"] == true && item["stock"].is_null() && !asks
    });
    let dishes: Vec<&Value> = simple.map(|item| &item["id"]).collect();
    assert!(dishes.len() > 8, "the demo has too few simple dishes");
    let line = |at: usize| json!({ "item": dishes[at % dishes.len()], "quantity": 1 + at % 3 });
    let draft = |n: usize| {
        let lines: Vec<Value> = (0..=n % 4).map(|k| line(n + 3 * k)).collect();
        json!({ "kind": "dine_in", "lines": lines, "note": format!("draft {n}") })
    };
    (0..24).map(draft).collect()
}

/// p50, p99 and the largest of some times that are in order.
pub fn percentiles(times: &[Duration]) -> String {
    let at = |part: usize| times.get((times.len() * part / 100).min(times.len().saturating_sub(1))).copied();
    let [p50, p99, most] = [at(50), at(99), times.last().copied()].map(Option::unwrap_or_default);
    format!("{} times: p50 {p50:.0?}, p99 {p99:.0?}, most {most:.0?}", times.len())
}

fn id_of(answer: &Value) -> Uuid {
    answer["id"].as_str().and_then(|id| id.parse().ok()).expect("an id")
}

fn now_us() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_micros()).expect("in time")
}

/// Waits, with a deadline.
pub async fn expect(what: &str, within: Duration, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + within;
    while !holds() {
        assert!(Instant::now() < deadline, "waited {within:?} for {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
