//! What crosses nodes, and how long it takes while things break. The times are printed, not judged, but for bounds
//! that only something broken would miss.

use super::crowd::{Crowd, SLUG, Size, percentiles};
use super::fleet::Fleet;
use super::nodes::{LONG, client, expect_unharmed, is_long};
use crate::harness::dice::Dice;
use crate::harness::follower::{Follower, Home};
use crate::harness::proxy::{Proxy, Wire};
use crate::harness::run;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use uuid::Uuid;

/// Nothing that still works takes longer.
const STUCK: Duration = Duration::from_secs(4);
const BETWEEN: Duration = Duration::from_millis(60);

/// Orders at one node, and a screen at another.
struct Prober {
    client: reqwest::Client,
    base: String,
    token: String,
    draft: Value,
    screen: JoinHandle<Follower>,
    done: Arc<AtomicBool>,
    sent: Vec<(&'static str, Instant, Uuid)>,
}

impl Prober {
    async fn new(fleet: &Fleet) -> Self {
        let (client, base) = (client(), fleet.sites[0].base());
        let login = json!({ "email": "lucia@casa-oliva.example", "password": "comanda-demo" });
        let token = field(&client.post(format!("{base}/api/auth/login")).json(&login), "token").await;
        let menu: Value = json(client.get(format!("{base}/api/restaurants/{SLUG}/menu"))).await;
        let items = menu["categories"].as_array().expect("categories").iter().flat_map(|c| c["items"].as_array());
        let simple = items.flatten().find(|item| {
            item["available"] == true
                && item["stock"].is_null()
                && item["option_groups"].as_array().is_none_or(Vec::is_empty)
        });
        let tables = client.get(format!("{base}/api/tables")).bearer_auth(&token);
        let tables: Value = json(tables).await;
        let draft = json!({
            "kind": "dine_in", "table": tables[0]["id"],
            "lines": [{ "item": simple.expect("a simple dish")["id"], "quantity": 1 }],
        });
        let home = Home::new(&fleet.sites[1].base());
        let mut screen = Follower::new("screen".to_owned(), &home, &token, SLUG, "kitchen", Dice::new(1, 1));
        assert!(screen.follow_until(STUCK, Follower::is_following).await, "{}", screen.log());
        let done = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&done);
        let screen = tokio::spawn(async move {
            while !over.load(Ordering::Relaxed) {
                screen.follow(Instant::now() + Duration::from_millis(50)).await;
            }
            screen
        });
        Self { client, base, token, draft, screen, done, sent: Vec::new() }
    }

    /// Orders for some time.
    async fn order(&mut self, about: &'static str, time: Duration) {
        let end = Instant::now() + time;
        while Instant::now() < end {
            let began = Instant::now();
            let request = self.client.post(format!("{}/api/orders", self.base)).bearer_auth(&self.token);
            let request = request.header("Idempotency-Key", Uuid::new_v4().to_string()).json(&self.draft);
            let id = field(&request, "id").await;
            self.sent.push((about, began, id.parse().expect("an id")));
            tokio::time::sleep(BETWEEN).await;
        }
    }

    /// Prints how long the orders took to the screen; fails if one never came, or the screen was disturbed.
    async fn tell(self) {
        tokio::time::sleep(Duration::from_millis(2500)).await;
        self.done.store(true, Ordering::Relaxed);
        let screen = self.screen.await.expect("the screen");
        assert!(screen.wrong.is_empty(), "{:?}", screen.wrong);
        assert_eq!((screen.counts.lost, screen.counts.resyncs), (0, 0), "{}", screen.log());
        let mut abouts: Vec<&str> = self.sent.iter().map(|(about, ..)| *about).collect();
        abouts.dedup();
        for about in abouts {
            let sent = self.sent.iter().filter(|(of, ..)| *of == about);
            let mut times: Vec<Duration> = sent
                .map(|(_, began, id)| screen.arrived.get(id).expect("every order comes").duration_since(*began))
                .collect();
            times.sort_unstable();
            println!("from one node's door to another node's screen, {about}: {}", percentiles(&times));
            assert!(times.last().is_some_and(|most| *most < STUCK), "{about}: {times:?}");
        }
    }
}

async fn json(request: reqwest::RequestBuilder) -> Value {
    request.send().await.expect("an answer").json().await.expect("JSON")
}

async fn field(request: &reqwest::RequestBuilder, name: &str) -> String {
    let answer = json(request.try_clone().expect("a plain body")).await;
    answer[name].as_str().unwrap_or_else(|| panic!("no `{name}` in {answer}")).to_owned()
}

fn long(short_ms: u64, long_ms: u64) -> Duration {
    Duration::from_millis(if is_long() { long_ms } else { short_ms })
}

#[test]
fn news_crosses_nodes_while_redis_is_dead_hangs_or_is_half_cut() {
    run(async {
        let mut wire = None;
        let proxied = async |redis: &crate::harness::redis::TestRedis| wire.insert(Proxy::to(redis.port).await).port;
        let mut fleet = Fleet::start("crossing", proxied).await;
        let wire = wire.expect("a proxy");
        let mut prober = Prober::new(&fleet).await;
        prober.order("everything well", long(2_000, 10_000)).await;
        fleet.redis.kill();
        let noticed = fleet.noticed();
        prober.order("Redis dead", long(3_000, 30_000)).await;
        noticed.tell("Redis dead").await;
        fleet.redis.restart();
        prober.order("Redis back, empty", long(2_000, 10_000)).await;
        fleet.redis.pause();
        let noticed = fleet.noticed();
        prober.order("Redis hangs", long(3_000, 30_000)).await;
        noticed.tell("Redis hangs").await;
        fleet.redis.resume();
        prober.order("Redis goes on", long(2_000, 10_000)).await;
        for (about, how) in [
            ("cut off from Redis", Wire::Cut),
            ("the wire to Redis holds", Wire::Held),
            ("Redis is heard no more, and hears", Wire::HalfHeld),
            ("Redis is 30 ms away", Wire::Slow(Duration::from_millis(30))),
        ] {
            wire.set(how);
            let noticed = fleet.noticed();
            prober.order(about, long(3_000, 10_000)).await;
            if matches!(how, Wire::Slow(_)) {
                noticed.abort();
            } else {
                noticed.tell(about).await;
            }
            wire.set(Wire::Whole);
            prober.order("whole again", long(1_500, 5_000)).await;
        }
        prober.tell().await;
    });
}

/// W8: the login ends on every node, also where its socket is.
#[test]
fn a_login_that_ended_on_one_node_ends_on_all() {
    run(async {
        let mut fleet = Fleet::start("revoked", async |redis| redis.port).await;
        for about in ["with Redis", "without Redis"] {
            let (client, base) = (client(), fleet.sites[0].base());
            let login = json!({ "email": "carmen@casa-oliva.example", "password": "comanda-demo" });
            let answer = client.post(format!("{base}/api/auth/login")).json(&login).send().await.expect("login");
            let cookie =
                answer.headers()["set-cookie"].to_str().expect("text").split(';').next().expect("a part").to_owned();
            let answer: Value = answer.json().await.expect("JSON");
            let token = answer["token"].as_str().expect("a token").to_owned();
            let home = Home::new(&fleet.sites[1].base());
            let mut screen = Follower::new("screen".to_owned(), &home, &token, SLUG, "kitchen", Dice::new(1, 1));
            assert!(screen.follow_until(STUCK, Follower::is_following).await, "{}", screen.log());
            let began = Instant::now();
            let logout =
                client.post(format!("{base}/api/auth/logout")).header("cookie", cookie).header("origin", &base);
            let status = logout.header("sec-fetch-site", "same-origin").send().await.expect("logout").status();
            assert!(status.is_success(), "{status}");
            assert!(screen.follow_until(STUCK, |screen| screen.is_over).await, "{}", screen.log());
            println!("a logout on one node closes the socket on another, {about}: {:.0?}", began.elapsed());
            assert_eq!(screen.closes.last().map(|(code, _)| *code), Some(4502));
            if about == "with Redis" {
                fleet.redis.kill();
                // Until then news is late by up to two seconds.
                tokio::time::sleep(Duration::from_millis(2500)).await;
            }
        }
    });
}

/// W7: a screen at another node counts; one of a dead node does no more, once its lease is over.
#[test]
fn an_order_that_no_screen_of_any_node_shows_raises_its_alarm_at_once() {
    run(async {
        let mut fleet = Fleet::start("presence", async |redis| redis.port).await;
        // Its screen is at the second node; it orders, and listens for alarms, at the first.
        let mut prober = Prober::new(&fleet).await;
        let home = Home::new(&fleet.sites[0].base());
        let mut floor = Follower::new("floor".to_owned(), &home, &prober.token, SLUG, "floor", Dice::new(1, 2));
        // The screen's node tells the others once a second.
        floor.follow(Instant::now() + Duration::from_secs(2)).await;
        prober.order("watched at another node", BETWEEN).await;
        floor.follow(Instant::now() + Duration::from_secs(4)).await;
        assert!(floor.alarmed.is_empty(), "a screen at another node shows it: {}", floor.log());
        fleet.kill(1);
        floor.follow(Instant::now() + comanda::commands::presence::LEASE + Duration::from_secs(1)).await;
        let began = Instant::now();
        prober.order("watched by nobody", BETWEEN).await;
        let (_, _, id) = prober.sent.last().expect("an order");
        let id = *id;
        assert!(floor.follow_until(STUCK, |floor| floor.alarmed.contains_key(&id)).await, "no alarm: {}", floor.log());
        println!("an order that nobody shows raised its alarm after {:.0?}", began.elapsed());
        prober.screen.abort();
    });
}

const SIZE: Size = Size { guests: 60, cooks: 10, waiters: 10, pause: 1500, taps: 80 };

#[test]
fn the_clients_of_a_killed_node_live_on_another() {
    run(go_away("killed", false));
}

#[test]
fn the_clients_of_a_stopped_node_live_on_another() {
    run(go_away("stopped", true));
}

async fn go_away(how: &str, on_purpose: bool) {
    let mut fleet = Fleet::start(how, async |redis| redis.port).await;
    let sites: Vec<_> = fleet.sites.iter().collect();
    let size = if is_long() { LONG } else { SIZE };
    let crowd = Crowd::gather_among(&sites, 5, size, (client(), Duration::from_secs(5))).await;
    crowd.expect_orders(30, Duration::from_secs(30)).await;
    for n in 0..3 {
        if on_purpose {
            fleet.stop(n).await;
        } else {
            fleet.kill(n);
        }
        crowd.expect_orders(20, Duration::from_secs(30)).await;
        fleet.restart(n).await;
        crowd.expect_orders(20, Duration::from_secs(30)).await;
    }
    let rest = crowd.come_to_rest().await;
    expect_unharmed(&rest, &format!("each node {how} in turn"), &fleet.sites[0]);
    assert!(rest.dark.len() >= 60, "{} were disturbed", rest.dark.len());
    assert!(rest.dark.last().is_some_and(|most| *most < Duration::from_secs(10)), "{:?}", rest.dark);
    let moved = rest.closes.iter().filter(|(_, reason)| reason["code"] == "moving").count();
    assert_eq!(moved >= 60, on_purpose, "{moved} were sent to another node");
}
