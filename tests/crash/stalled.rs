//! W9: one screen among a hundred takes nothing any more. The others do not notice, the server keeps little for it;
//! it is told to begin anew, closed when that does not help, and comes back by itself. Rounds with it and without
//! take turns, so that both see the same machine. `make faults` runs it long; times are printed, not judged.

use super::crowd::{SLUG, percentiles};
use super::killed::{BUSY, PATIENT, UNLIMITED};
use super::nodes::{client, is_long};
use crate::harness::dice::Dice;
use crate::harness::follower::{Follower, Home};
use crate::harness::process::Site;
use crate::harness::run;
use crate::harness::server::Kind;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

const READERS: usize = 99;
/// That stall at once when their memory is weighed: one alone would be lost in the noise.
const WEIGHED: usize = 40;
/// What a client's system takes for one that stalls.
const RECEIVE: u32 = 4096;
/// What the server may keep for it.
const KEPT: usize = 256 * 1024;
const SOON: Duration = Duration::from_secs(30);

struct Plan {
    rounds: usize,
    /// Of a round: enough for more than the ring and all buffers hold.
    taps: usize,
    /// Between two taps.
    every: Duration,
}

/// When somebody heard an event.
type Heard = (i64, Instant);

#[test]
fn one_screen_that_stalls_among_a_hundred_is_nobody_elses_trouble() {
    let plan = if is_long() {
        Plan { rounds: 16, taps: 400, every: Duration::from_millis(10) }
    } else {
        Plan { rounds: 2, taps: 100, every: Duration::from_millis(10) }
    };
    run(stalled(plan));
}

async fn stalled(plan: Plan) {
    let site = Site::new(Kind::Sqlite);
    site.settings("", "", &UNLIMITED.replace(BUSY, PATIENT));
    let server = site.serve().await;
    let stage = Stage::new(&site, server.pid()).await;
    let (mut waiter, order) = stage.order().await;
    let over = Arc::new(AtomicBool::new(false));
    let mut readers = Vec::new();
    for _ in 0..READERS {
        readers.push(stage.reader(&over).await);
    }
    let mut one = stage.screen("the one", Some(RECEIVE)).await;
    let mut heard = Rounds::default();
    for n in 0..plan.rounds {
        let stalls = n % 2 == 1;
        let taps = if stalls {
            let taps = stage.taps(&mut waiter, &order, &plan).await;
            expect_a_new_beginning(&mut one).await;
            taps
        } else {
            let end = AtomicBool::new(false);
            let along = async {
                while !end.load(SeqCst) {
                    one.follow(Instant::now() + Duration::from_millis(20)).await;
                }
            };
            let taps = async {
                let taps = stage.taps(&mut waiter, &order, &plan).await;
                end.store(true, SeqCst);
                taps
            };
            tokio::join!(along, taps).1
        };
        heard.add(stalls, taps);
    }
    stage.weigh(&mut waiter, &order, &plan).await;

    // It takes nothing for so long that it is closed, and comes back by itself.
    let (connections, mut last) = (u64::try_from(READERS).expect("few") + 2, 0);
    while stage.screens().await > connections {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let began = Instant::now();
    while stage.screens().await >= connections {
        let burst = Plan { rounds: 1, taps: 20, every: Duration::from_millis(10) };
        last = stage.taps(&mut waiter, &order, &burst).await.keys().copied().max().unwrap_or(last);
        assert!(began.elapsed() < SOON, "it was never closed");
    }
    println!("a screen that takes nothing was closed after {:.1?}", began.elapsed());
    let (lost, since) = (one.counts.lost, Instant::now());
    let is_back = one
        .follow_until(SOON, |one| {
            one.counts.lost > lost && one.is_following() && one.cursor.is_some_and(|c| c.seq >= last)
        })
        .await;
    assert!(is_back && one.wrong.is_empty(), "{:?} {}", one.wrong, one.log());
    println!("it was level again {:.0?} after it read on; closes {:?}", since.elapsed(), one.closes);

    over.store(true, SeqCst);
    let mut all = Vec::new();
    for reader in readers {
        all.push(reader.await.expect("a reader"));
    }
    heard.tell(&all);
}

/// It reads again: it is told to begin anew, or, if the machine was slow, was closed before and comes back.
async fn expect_a_new_beginning(screen: &mut Follower) {
    let disturbed = |screen: &Follower| screen.counts.resyncs + screen.counts.lost;
    let before = disturbed(screen);
    let again = screen.follow_until(SOON, |screen| disturbed(screen) > before && screen.is_following()).await;
    assert!(again && screen.wrong.is_empty(), "{:?} {}", screen.wrong, screen.log());
}

/// The taps of all rounds: when each was sent, by its event's number; with the one stalled, and without.
#[derive(Default)]
struct Rounds {
    rounds: Vec<(bool, HashMap<i64, Instant>)>,
}

impl Rounds {
    fn add(&mut self, stalls: bool, taps: HashMap<i64, Instant>) {
        self.rounds.push((stalls, taps));
    }

    /// Every reader heard everything, in order; prints how long it took.
    fn tell(&self, readers: &[Vec<Heard>]) {
        let last = readers.iter().filter_map(|heard| heard.last()).map(|(seq, _)| *seq).min().unwrap_or_default();
        let seqs = |heard: &[Heard]| heard.iter().map(|(seq, _)| *seq).filter(|seq| *seq <= last).collect::<Vec<i64>>();
        let first = seqs(&readers[0]);
        assert!(first.windows(2).all(|pair| pair[0] < pair[1]), "out of order: {first:?}");
        assert!(readers.iter().all(|heard| seqs(heard) == first), "somebody heard other events than the others");
        let times = |stalls: bool| -> Vec<Vec<Duration>> {
            let rounds = self.rounds.iter().filter(|(with, _)| *with == stalls);
            rounds
                .map(|(_, taps)| {
                    let heard = readers.iter().flatten();
                    let mut times: Vec<Duration> =
                        heard.filter_map(|(seq, at)| Some(at.duration_since(*taps.get(seq)?))).collect();
                    times.sort_unstable();
                    times
                })
                .collect()
        };
        let mut p99s = Vec::new();
        for (about, stalls) in [("all read", false), ("one stalls", true)] {
            let rounds = times(stalls);
            let mut each: Vec<Duration> =
                rounds.iter().filter_map(|times| times.get(times.len() * 99 / 100)).copied().collect();
            each.sort_unstable();
            let mut pooled: Vec<Duration> = rounds.into_iter().flatten().collect();
            pooled.sort_unstable();
            println!(
                "from a tap to {READERS} screens, {about}: {}; p99 of each round {each:.2?}",
                percentiles(&pooled)
            );
            p99s.push((each[each.len() / 2], pooled[pooled.len() * 99 / 100]));
        }
        let [(without, all_without), (with, all_with)] = p99s[..] else { unreachable!("two") };
        let percent = |with: Duration, without: Duration| (with.as_secs_f64() / without.as_secs_f64() - 1.0) * 100.0;
        println!(
            "p99 with one that stalls: {:+.1} % (median of rounds), {:+.1} % (all together)",
            percent(with, without),
            percent(all_with, all_without)
        );
    }
}

/// One server, and who is needed there.
struct Stage {
    client: reqwest::Client,
    home: Home,
    base: String,
    pid: u32,
    port: u16,
    token: String,
    rush: AtomicBool,
}

impl Stage {
    async fn new(site: &Site, pid: u32) -> Self {
        let (client, base) = (client(), site.base());
        let login = json!({ "email": "lucia@casa-oliva.example", "password": "comanda-demo" });
        let deadline = Instant::now() + SOON;
        let token = loop {
            let answer = client.post(format!("{base}/api/auth/login")).json(&login).send().await.expect("login");
            let answer: Value = answer.json().await.expect("JSON");
            if let Some(token) = answer["token"].as_str() {
                break token.to_owned();
            }
            assert!(Instant::now() < deadline, "nobody can sign in: {answer}");
        };
        Self { client, home: Home::new(&base), base, pid, port: site.port, token, rush: AtomicBool::new(false) }
    }

    async fn screen(&self, name: &str, receive: Option<u32>) -> Follower {
        let mut screen = Follower::new(name.to_owned(), &self.home, &self.token, SLUG, "kitchen", Dice::new(1, 1));
        screen.receive_bytes = receive;
        assert!(screen.follow_until(SOON, Follower::is_following).await, "{}", screen.log());
        screen
    }

    /// A waiter, and an order whose events have some 8 KiB.
    async fn order(&self) -> (Follower, Uuid) {
        let menu = self.get("/api/restaurants/casa-oliva/menu").await;
        let items = menu["categories"].as_array().expect("categories").iter().flat_map(|c| c["items"].as_array());
        let simple = items.flatten().find(|item| {
            item["available"] == true
                && item["stock"].is_null()
                && item["option_groups"].as_array().is_none_or(Vec::is_empty)
        });
        let item = simple.expect("a simple dish")["id"].clone();
        let lines: Vec<Value> =
            (0..20).map(|n| json!({ "item": item, "quantity": 1, "note": format!("plate {n}") })).collect();
        let draft = json!({ "kind": "dine_in", "table": self.get("/api/tables").await[0]["id"], "lines": lines });
        let request = self.client.post(format!("{}/api/orders", self.base)).bearer_auth(&self.token);
        let request = request.header("Idempotency-Key", Uuid::new_v4().to_string()).json(&draft);
        let answer: Value = request.send().await.expect("an answer").json().await.expect("JSON");
        let order = answer["id"].as_str().unwrap_or_else(|| panic!("{answer}")).parse().expect("an id");
        let mut waiter = Follower::new("waiter".to_owned(), &self.home, &self.token, SLUG, "floor", Dice::new(1, 2));
        assert!(waiter.follow_until(SOON, Follower::is_following).await, "{}", waiter.log());
        (waiter, order)
    }

    async fn get(&self, path: &str) -> Value {
        let request = self.client.get(format!("{}{path}", self.base)).bearer_auth(&self.token);
        request.send().await.expect("an answer").json().await.expect("JSON")
    }

    /// A screen that only looks at the clock when an event comes.
    async fn reader(&self, over: &Arc<AtomicBool>) -> JoinHandle<Vec<Heard>> {
        let url = format!("ws://127.0.0.1:{}/ws/{SLUG}", self.port);
        let (mut line, _) = tokio_tungstenite::connect_async(url).await.expect("connect");
        for message in [
            json!({ "op": "hello", "token": self.token, "protocol": 1 }),
            json!({ "op": "subscribe", "topic": "kitchen" }),
        ] {
            line.send(Message::text(message.to_string())).await.expect("said");
        }
        while !line
            .next()
            .await
            .expect("open")
            .expect("a message")
            .to_text()
            .is_ok_and(|text| text.contains("\"subscribed\""))
        {}
        let over = Arc::clone(over);
        tokio::spawn(async move {
            let mut heard = Vec::new();
            while !over.load(SeqCst) {
                match tokio::time::timeout(Duration::from_millis(500), line.next()).await {
                    Ok(Some(Ok(Message::Text(text)))) => heard.extend(number(&text).map(|seq| (seq, Instant::now()))),
                    Ok(Some(Ok(_))) | Err(_) => {}
                    Ok(Some(Err(_)) | None) => panic!("a reader that reads was sent away"),
                }
            }
            heard
        })
    }

    /// Taps at a steady pace, and waits for their answers: when each was sent.
    async fn taps(&self, waiter: &mut Follower, order: &Uuid, plan: &Plan) -> HashMap<i64, Instant> {
        let (mut sent, mut next) = (HashMap::new(), Instant::now());
        for _ in 0..plan.taps {
            let id = Uuid::new_v4();
            // Each is an event, since nobody else taps there.
            let rush = !self.rush.fetch_not(SeqCst);
            sent.insert(id, Instant::now());
            waiter.wish(id, "order.rush", json!({ "order": order, "rush": rush }), None).await;
            let answered = waiter.follow_until(SOON, Follower::is_settled).await;
            assert!(answered, "{}", waiter.log());
            next += plan.every;
            waiter.follow(next).await;
        }
        sent.into_iter().filter_map(|(id, at)| Some((*waiter.acknowledged.get(&id)?, at))).collect()
    }

    /// What the server keeps for screens that stall: of its own memory, and in the kernel.
    async fn weigh(&self, waiter: &mut Follower, order: &Uuid, plan: &Plan) {
        let mut stalled = Vec::new();
        for n in 0..WEIGHED {
            stalled.push(self.screen(&format!("weighed {n}"), Some(RECEIVE)).await);
        }
        let before = self.own_bytes();
        self.taps(waiter, order, plan).await;
        let (after, kernel) = (self.own_bytes(), self.kernel_bytes());
        let each = after.saturating_sub(before) / WEIGHED;
        println!(
            "{WEIGHED} screens that stall: the server's own memory grew by {each} bytes for each; its kernel holds {kernel} bytes for one at most"
        );
        assert!(each + kernel < KEPT, "more than {KEPT} bytes");
        for screen in &mut stalled {
            expect_a_new_beginning(screen).await;
        }
    }

    /// Memory that is the server's alone (proc_pid_status(5)).
    fn own_bytes(&self) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid)).expect("/proc");
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).expect("a size");
        line.trim().trim_end_matches(" kB").parse::<usize>().expect("a number") * 1024
    }

    /// What waits to be sent in the fullest of its sockets (proc_net_tcp(5)).
    fn kernel_bytes(&self) -> usize {
        let port = format!(":{:04X}", self.port);
        let table = std::fs::read_to_string("/proc/net/tcp").expect("/proc");
        let sockets = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        let waiting = sockets
            .filter(|socket| socket.len() > 4 && socket[1].ends_with(&port))
            .filter_map(|socket| usize::from_str_radix(socket[4].split(':').next()?, 16).ok());
        waiting.max().unwrap_or_default()
    }

    /// The server's connections.
    async fn screens(&self) -> u64 {
        let answer = self.client.get(format!("{}/metrics", self.base)).send().await.expect("metrics");
        let text = answer.text().await.expect("text");
        let staff =
            text.lines().find_map(|line| line.strip_prefix("comanda_connections{audience=\"staff\"} ")?.parse().ok());
        staff.unwrap_or_else(|| panic!("no connections in {text}"))
    }
}

/// The number of an event, without reading the rest.
fn number(text: &str) -> Option<i64> {
    let rest = text.strip_prefix("{\"op\":\"event\"")?.split_once("\"seq\":")?.1;
    rest[..rest.find(|c: char| !c.is_ascii_digit())?].parse().ok()
}
