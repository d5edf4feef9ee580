//! What everybody of the crowd does by themselves: come in, order, tap, watch, and catch up at the end.

use super::{Common, PATIENCE, Person, Phase, Placed, SLUG};
use crate::harness::dice::Dice;
use crate::harness::follower::Follower;
use comanda::domain::topic::Topic;
use comanda::protocol::rest::Scanned;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;
use tokio::time::Instant;

impl Common {
    /// For somebody who begins at the `n`th node.
    pub(super) fn at(&self, n: usize) -> Self {
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
    pub(super) async fn login(&self, name: &str) -> String {
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
    pub(super) async fn codes(&self, manager: &str) -> Vec<String> {
        let request = self.client.get(format!("{}/api/tables", self.home.base())).bearer_auth(manager);
        let tables: Vec<Value> = request.send().await.expect("tables").json().await.expect("JSON");
        let code = |table: &Value| table["link"].as_str().and_then(|link| link.split("/t/").nth(1).map(str::to_owned));
        tables.iter().map(|table| code(table).expect("a link")).collect()
    }

    pub(super) async fn guest(self, n: usize, code: &str, mut dice: Dice) -> Person {
        let scanned = self.scan(code, &mut dice).await;
        let name = format!("guest {n} of {}", scanned.table.label);
        let own = Dice::new(dice.throw().into(), 1);
        let mut follower = self.follower(name, &scanned.token, "table", own);
        self.begin(&mut follower).await;
        let topic = Topic::Table(scanned.seating.id);
        let (orders, (follower, is_level)) =
            tokio::join!(self.order(&scanned.token, &mut dice), self.watch(follower, topic));
        Person { follower, topic, token: scanned.token, orders, is_level }
    }

    /// Scans what is printed on the table, until that is answered.
    async fn scan(&self, code: &str, dice: &mut Dice) -> Scanned {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let scan = self.client.post(format!("{}/api/seatings", self.home.base())).json(&json!({ "qr": code }));
            match scan.send().await {
                Ok(answer) if answer.status().is_success() => return answer.json().await.expect("a seating"),
                _ => assert!(Instant::now() < deadline, "no table is to be had"),
            }
            tokio::time::sleep(dice.pause(100, 400)).await;
        }
    }

    /// Orders again and again.
    async fn order(&self, token: &str, dice: &mut Dice) -> Vec<Placed> {
        let mut orders = Vec::new();
        let mut phase = self.phase.clone();
        while matches!(*phase.borrow(), Phase::Work) {
            let draft = dice.pick(&self.drafts).expect("dishes").clone();
            orders.push(self.place(token, dice.id(), draft, dice).await);
            let pause = dice.pause(5, self.size.pause);
            drop(tokio::time::timeout(pause, phase.changed()).await);
        }
        self.tally.settled.fetch_add(1, SeqCst);
        orders
    }

    pub(super) async fn cook(self, n: usize, token: String, mut dice: Dice) -> Person {
        let own = Dice::new(dice.throw().into(), 2);
        let mut follower = self.follower(format!("cook {n}"), &token, "kitchen", own);
        self.begin(&mut follower).await;
        while matches!(*self.phase.borrow(), Phase::Work) {
            follower.follow(Instant::now() + dice.pause(20, self.size.taps)).await;
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

    pub(super) async fn waiter(self, n: usize, token: String, mut dice: Dice) -> Person {
        let own = Dice::new(dice.throw().into(), 3);
        let mut follower = self.follower(format!("waiter {n}"), &token, "floor", own);
        self.begin(&mut follower).await;
        self.tally.settled.fetch_add(1, SeqCst);
        let (follower, is_level) = self.watch(follower, Topic::Floor).await;
        Person { follower, topic: Topic::Floor, token, orders: Vec::new(), is_level }
    }

    async fn begin(&self, follower: &mut Follower) {
        let is_there = follower.follow_until(PATIENCE, Follower::is_following).await;
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
        let is_level = follower.follow_until(PATIENCE, has_all).await;
        (follower, is_level)
    }
}
