//! Messages whose senders are killed in the middle of it, over a provider that refuses, limits, breaks, falls silent
//! before and after it took something, and tells what became of it in any order, twice, not at all, and in somebody
//! else's name. At the end every message is in a true state, none went twice over one channel, and none is missing.

mod judge;

use super::killed::UNLIMITED;
use crate::harness::dice::{Dice, seeds};
use crate::harness::postgres::TestPostgres;
use crate::harness::process::{Process, Site};
use crate::harness::redis::TestRedis;
use crate::harness::run;
use crate::harness::server::Kind;
use crate::harness::twilio::{Mood, SID, TOKEN, Taken, Twilio};
use comanda::clock::Clock;
use comanda::protocol::rest::Scanned;
use judge::{Ledger, Placed};
use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;

/// What takes minutes takes moments here; `ready` still waits its six seconds.
const PACE: &str = "[messages]\nevery_ms = 20\nanswer_ms = 400\nlease_ms = 1200\nbackoff_ms = 40\n\
    backoff_most_ms = 300\nlook_up_ms = 150\ngive_up_ms = 2000\nsilence_ms = 1500\nattempts = 8\nper_number = 100000\n";
/// Of `PACE`.
const ATTEMPTS: i64 = 8;
/// A third of all does not go well.
const MOODS: [Mood; 18] = [
    Mood::Takes,
    Mood::Takes,
    Mood::Takes,
    Mood::Takes,
    Mood::Takes,
    Mood::Takes,
    Mood::Takes,
    Mood::Takes,
    Mood::Takes,
    Mood::Refuses(21211),
    Mood::Refuses(63016),
    Mood::Limits,
    Mood::Breaks,
    Mood::TakesAndBreaks,
    Mood::Sleeps,
    Mood::Sleeps,
    Mood::TakesAndSleeps,
    Mood::TakesAndSleeps,
];
/// What Twilio tells of a message that it took, in order.
const FATES: [&[&str]; 4] =
    [&["queued", "sent", "delivered", "read"], &["sent", "delivered"], &["queued", "sent"], &["sent", "undelivered"]];
const KILLS: usize = 6;
/// So long a frozen node is given up by the other one, with all that it had begun.
const FROZEN: Duration = Duration::from_millis(4500);
/// No request takes longer to be acknowledged, and everything has ended within it.
const PATIENCE: Duration = Duration::from_secs(45);
/// Few, so that texts to one of them can be taken for each other.
const NUMBERS: i64 = 5;

#[test]
fn every_message_ends_true_and_once_when_its_sender_is_killed_on_sqlite() {
    for seed in seeds(&[1]) {
        run(async {
            let site = Site::new(Kind::Sqlite);
            Scene::begin(vec![site], seed, "").await.play(seed, &[What::Kill; KILLS]).await;
        });
    }
}

#[test]
fn every_message_ends_true_and_once_when_one_of_two_nodes_is_killed_or_frozen_on_postgres() {
    for seed in seeds(&[2]) {
        run(async {
            let (postgres, redis) = (TestPostgres::start(), TestRedis::start());
            let first = Site::on(&postgres.database("messages"));
            let second = first.beside();
            let bus = format!("[bus]\nredis = [\"{}\"]\n", redis.url());
            let plan = [What::Kill, What::Kill, What::Freeze, What::Kill, What::Kill];
            Scene::begin(vec![first, second], seed, &bus).await.play(seed, &plan).await;
        });
    }
}

#[derive(Clone, Copy)]
enum What {
    Kill,
    Freeze,
}

struct Scene {
    twilio: Twilio,
    sites: Vec<Site>,
    nodes: Mutex<Vec<Option<Process>>>,
    client: reqwest::Client,
    guests: Vec<String>,
    cook: String,
    waiter: String,
    item: Value,
    /// No more orders.
    enough: AtomicBool,
    /// No more news.
    over: AtomicBool,
    /// News that a node took.
    taken_news: Mutex<Vec<(String, String)>>,
    forged: AtomicU64,
}

impl Scene {
    /// Nodes with a restaurant, some guests, and somebody of the staff. They all name the first one's address to Twilio.
    async fn begin(sites: Vec<Site>, seed: u64, more: &str) -> Self {
        let twilio = Twilio::start(Clock::system()).await;
        let (mut moods, mut dice) = (MOODS, Dice::new(seed, 1));
        for n in (1..moods.len()).rev() {
            moods.swap(n, dice.below(n + 1));
        }
        // Each is met once, and from then on by chance.
        twilio.will(&moods);
        twilio.by_chance(dice, &MOODS);
        let server = format!("public_url = \"{}\"", sites[0].base());
        let settings = format!("{UNLIMITED}{PACE}{}{more}", twilio.settings(true));
        let mut nodes = Vec::new();
        for site in &sites {
            site.settings(&server, "", &settings);
            nodes.push(Some(site.serve().await));
        }
        let client = super::nodes::client();
        let (base, name) = (sites[0].base(), |name: &str| format!("{name}@casa-oliva.example"));
        let login = async |who: &str| {
            let body = json!({ "email": name(who), "password": "comanda-demo" });
            let answer = client.post(format!("{base}/api/auth/login")).json(&body).send().await.expect("login");
            answer.json::<Value>().await.expect("JSON")["token"].as_str().expect("a token").to_owned()
        };
        let (manager, cook, waiter) = (login("mateo").await, login("carmen").await, login("lucia").await);
        let tables = client.get(format!("{base}/api/tables")).bearer_auth(manager).send().await.expect("tables");
        let mut guests = Vec::new();
        for table in tables.json::<Vec<Value>>().await.expect("JSON").iter().take(4) {
            let code = table["link"].as_str().and_then(|link| link.split("/t/").nth(1)).expect("a link");
            let scan = client.post(format!("{base}/api/seatings")).json(&json!({ "qr": code })).send().await;
            guests.push(scan.expect("a scan").json::<Scanned>().await.expect("a seating").token);
        }
        let menu = client.get(format!("{base}/api/restaurants/casa-oliva/menu")).send().await.expect("the menu");
        let item = plain_item(&menu.json().await.expect("JSON"));
        let nodes = Mutex::new(nodes);
        let (enough, over) = (AtomicBool::new(false), AtomicBool::new(false));
        let (taken_news, forged) = (Mutex::default(), AtomicU64::new(0));
        Self { twilio, sites, nodes, client, guests, cook, waiter, item, enough, over, taken_news, forged }
    }

    async fn play(self, seed: u64, plan: &[What]) {
        let began = Instant::now();
        let (orders, (), ()) =
            tokio::join!(self.order(Dice::new(seed, 2)), self.tell_news(Dice::new(seed, 3)), async {
                self.disturb(plan, Dice::new(seed, 4)).await;
                self.enough.store(true, SeqCst);
                self.twilio.always(Mood::Takes);
                self.come_to_rest().await;
                self.over.store(true, SeqCst);
            });
        let ledger = Ledger::read(&self.sites[0].url).await;
        let news = self.taken_news.lock().unwrap().clone();
        let complaints = ledger.complaints(&orders, &self.twilio, &news);
        let (asked, taken) = (self.twilio.asked(), self.twilio.taken().len());
        println!(
            "seed {seed}, {:.0?}: {} orders, {} messages, {asked} requests, {taken} taken, {} news, {} forged; {}",
            began.elapsed(),
            orders.len(),
            ledger.rows.len(),
            news.len(),
            self.forged.load(SeqCst),
            ledger.summary()
        );
        assert!(complaints.is_empty(), "seed {seed}: {complaints:#?}\n{}", self.sites[0].log());
        assert!(orders.len() >= 20 && self.forged.load(SeqCst) > 0, "hardly anything happened");
        let met = |mood: Mood| self.twilio.log().iter().any(|asked| asked.mood == mood);
        assert!([Mood::Sleeps, Mood::TakesAndSleeps, Mood::Limits].map(met) == [true; 3], "Twilio was too kind");
    }

    /// Kills or freezes one node after the other while it speaks with the provider.
    async fn disturb(&self, plan: &[What], mut dice: Dice) {
        for (n, what) in plan.iter().enumerate() {
            let n = n % self.sites.len();
            tokio::time::sleep(dice.pause(200, 900)).await;
            let deadline = Instant::now() + PATIENCE;
            while self.twilio.under_way() == 0 {
                assert!(Instant::now() < deadline, "no message is sent any more");
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            let node = self.nodes.lock().unwrap()[n].take().expect("the node is up");
            match what {
                What::Kill => {
                    node.kill();
                    tokio::time::sleep(dice.pause(0, 400)).await;
                    let again = self.sites[n].serve().await;
                    self.nodes.lock().unwrap()[n] = Some(again);
                }
                What::Freeze => {
                    node.pause();
                    tokio::time::sleep(FROZEN).await;
                    node.resume();
                    self.nodes.lock().unwrap()[n] = Some(node);
                }
            }
        }
    }

    /// Waits until nobody has to look at any message any more.
    async fn come_to_rest(&self) {
        let deadline = Instant::now() + PATIENCE;
        // What is told after this cannot change what has ended; it is waited for below.
        loop {
            let unfinished = Ledger::read(&self.sites[0].url).await.unfinished();
            if unfinished.is_empty() {
                break;
            }
            assert!(Instant::now() < deadline, "these never ended: {unfinished:#?}\n{}", self.sites[0].log());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        // Everything that Twilio has to tell is told within it, and what that brings has ended too.
        tokio::time::sleep(Duration::from_millis(2500)).await;
        while !Ledger::read(&self.sites[0].url).await.unfinished().is_empty() {
            assert!(Instant::now() < deadline, "something began anew");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn order(&self, mut dice: Dice) -> Vec<Placed> {
        let mut orders = Vec::new();
        while !self.enough.load(SeqCst) {
            let channel = if dice.percent(50) { "sms" } else { "whatsapp" };
            let phone = format!("+3460011122{}", dice.between(1, NUMBERS));
            let draft = json!({ "kind": "dine_in", "lines": [{ "item": self.item, "quantity": 1 }],
                "contact": { "phone": phone, "channel": channel, "locale": *dice.pick(&["en", "es"]).unwrap() } });
            let (token, key) = (dice.pick(&self.guests).unwrap(), dice.id().to_string());
            let answer = self
                .insist(&mut dice.clone(), |client, base| {
                    let request = client.post(format!("{base}/api/orders")).bearer_auth(token);
                    request.header("Idempotency-Key", &key).json(&draft)
                })
                .await;
            let id: Uuid = answer["id"].as_str().and_then(|id| id.parse().ok()).unwrap_or_else(|| panic!("{answer}"));
            // Long enough that most of what is told of the order's beginning is begun before it has passed.
            tokio::time::sleep(dice.pause(50, 300)).await;
            let (ready, cancelled) = match dice.below(10) {
                0..6 => (self.command(&self.cook, "order.bump", json!({ "order": id }), &mut dice).await, false),
                6 => {
                    let args = json!({ "order": id, "reason": "no more of it" });
                    (false, self.command(&self.waiter, "order.cancel", args, &mut dice).await)
                }
                _ => (false, false),
            };
            orders.push(Placed { id, channel: channel.to_owned(), ready, cancelled });
        }
        orders
    }

    async fn command(&self, token: &str, name: &str, args: Value, dice: &mut Dice) -> bool {
        let commands = json!([{ "id": dice.id(), "name": name, "args": args }]);
        let answer = self
            .insist(dice, |client, base| client.post(format!("{base}/api/commands")).bearer_auth(token).json(&commands))
            .await;
        assert_eq!(answer[0]["op"], "ok", "{answer}");
        true
    }

    /// Sends the same until it is answered, by whichever node.
    async fn insist(&self, dice: &mut Dice, request: impl Fn(&reqwest::Client, String) -> RequestBuilder) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            assert!(Instant::now() < deadline, "nobody answers");
            let base = dice.pick(&self.sites).expect("a node").base();
            if let Ok(answer) = request(&self.client, base).send().await
                && answer.status() != StatusCode::SERVICE_UNAVAILABLE
                && let Ok(body) = answer.json::<Value>().await
                && body[0]["op"] != "not_tried"
            {
                return body;
            }
            tokio::time::sleep(dice.pause(10, 100)).await;
        }
    }

    /// Whatever Twilio takes has a fate, and Twilio tells of it.
    async fn tell_news(&self, mut dice: Dice) {
        let (mut known, mut telling) = (0, tokio::task::JoinSet::new());
        while !self.over.load(SeqCst) {
            for taken in self.twilio.taken().into_iter().skip(known) {
                known += 1;
                let fate = *dice.pick(&FATES).expect("a fate");
                self.twilio.becomes(&taken.sid, fate.last().expect("it says something"));
                telling.spawn(self.teller(&taken).tell(fate, Dice::new(dice.throw().into(), 5)));
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        for (told, forged) in telling.join_all().await {
            self.taken_news.lock().unwrap().extend(told);
            self.forged.fetch_add(forged, SeqCst);
        }
    }

    fn teller(&self, taken: &Taken) -> Teller {
        let bases = self.sites.iter().map(Site::base).collect();
        Teller { twilio: self.twilio.clone(), taken: taken.clone(), bases, public: self.sites[0].base() }
    }
}

/// Tells of one message.
struct Teller {
    twilio: Twilio,
    taken: Taken,
    bases: Vec<String>,
    public: String,
}

impl Teller {
    /// In any order, some twice, some never, some by somebody else. Answers which a node took, and what was forged.
    async fn tell(self, fate: &[&str], mut dice: Dice) -> (Vec<(String, String)>, u64) {
        let mut news: Vec<&str> = fate.iter().copied().filter(|_| !dice.percent(15)).collect();
        news.extend(fate.iter().filter(|_| dice.percent(30)));
        for n in (1..news.len()).rev() {
            news.swap(n, dice.below(n + 1));
        }
        let (mut told, mut forged) = (Vec::new(), 0);
        for status in news {
            tokio::time::sleep(dice.pause(0, 300)).await;
            if dice.percent(20)
                && let Some(answer) = self.post("read", "somebody else's", &mut dice).await
            {
                assert_eq!(answer, StatusCode::FORBIDDEN, "forged news was taken");
                forged += 1;
            }
            match self.post(status, TOKEN, &mut dice).await {
                Some(StatusCode::NO_CONTENT) => told.push((self.taken.sid.clone(), status.to_owned())),
                // The node is down, or its database is just not there: Twilio does not tell it again.
                None | Some(StatusCode::SERVICE_UNAVAILABLE) => {}
                Some(other) => panic!("news of {} was answered with {other}", self.taken.sid),
            }
        }
        (told, forged)
    }

    async fn post(&self, status: &str, token: &str, dice: &mut Dice) -> Option<StatusCode> {
        let url = &self.taken.form["StatusCallback"];
        let to = url.replacen(&self.public, dice.pick(&self.bases).expect("a node"), 1);
        let form = [("MessageSid", &*self.taken.sid), ("MessageStatus", status), ("AccountSid", SID)];
        self.twilio.signed(url, &form, token, &to).await.ok().map(|answer| answer.status())
    }
}

/// One that needs no choice and is not counted.
fn plain_item(menu: &Value) -> Value {
    let items = menu["categories"].as_array().into_iter().flatten().flat_map(|category| category["items"].as_array());
    let plain = |item: &&Value| {
        item["option_groups"].as_array().is_none_or(Vec::is_empty)
            && item["stock"].is_null()
            && item["available"] == true
    };
    items.flatten().find(plain).expect("a plain dish")["id"].clone()
}
