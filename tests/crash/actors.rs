//! Players of the convergence test: each chooses by its own dice, from its own (often old) picture, what a person
//! at its place might do, sensible or not; loses its connection, dozes, repeats itself.

use crate::harness::board::is_open;
use crate::harness::dice::Dice;
use crate::harness::follower::{After, Follower, Home};
use crate::harness::restaurant::Fixture;
use comanda::domain::ids::{Cursor, Epoch};
use comanda::domain::topic::Topic;
use comanda::protocol::rest::Scanned;
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;

/// Open orders at a table from which its guests order no more.
const ENOUGH: usize = 10;
/// What a party calls for.
const REASONS: [&str; 2] = ["waiter", "bill"];
/// Unanswered wishes with which people wait.
const PATIENT: usize = 12;

/// What all share.
pub struct Stage {
    pub home: Home,
    pub client: reqwest::Client,
    pub fixture: Fixture,
    /// What is printed on the tables.
    pub codes: Vec<String>,
    /// The first cook and the first waiter sleep through half of the first half.
    pub has_sleepers: bool,
    /// Wishes and orders of the whole play, and so far.
    pub wishes: u64,
    pub done: AtomicU64,
    pub orders: Mutex<Orders>,
}

/// What was acknowledged over HTTP.
#[derive(Default)]
pub struct Orders {
    /// Key to order.
    pub placed: BTreeMap<Uuid, Uuid>,
    /// Sent more than once with the same key.
    pub doubled: u64,
    pub refused_as: BTreeMap<String, u64>,
    pub wrong: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Cook,
    Waiter,
    Guest { table: usize },
}

pub struct Actor {
    part: Part,
    dice: Dice,
    token: String,
    name: String,
    /// Dozes off as soon as it follows, and its system takes little meanwhile.
    is_sleepy: bool,
    pub follower: Follower,
    pub topic: Topic,
    /// Visits that ended, with their tokens.
    pub visits: Vec<(Follower, Topic, String)>,
}

impl Actor {
    pub fn staff(stage: &Stage, part: Part, n: usize, token: &str, mut dice: Dice) -> Self {
        let (topic, words, what) = match part {
            Part::Cook => (Topic::Kitchen, "kitchen", "cook"),
            Part::Waiter | Part::Guest { .. } => (Topic::Floor, "floor", "waiter"),
        };
        let name = format!("{what} {n}");
        let own = Dice::new(dice.throw().into(), 1);
        let mut follower = Follower::new(name.clone(), &stage.home, token, stage.fixture.slug(), words, own);
        let is_sleepy = n == 0 && stage.has_sleepers;
        follower.receive_bytes = is_sleepy.then_some(65536);
        Self { part, dice, token: token.to_owned(), name, is_sleepy, follower, topic, visits: Vec::new() }
    }

    pub async fn guest(stage: &Stage, table: usize, n: usize, mut dice: Dice) -> Self {
        let name = format!("guest {n} at table {table}");
        let (follower, topic, token) = scanned(stage, table, &name, &mut dice).await;
        let part = Part::Guest { table };
        Self { part, dice, token, name, is_sleepy: false, follower, topic, visits: Vec::new() }
    }

    pub fn token(&self) -> &str {
        &self.token
    }

    /// A moment of its life.
    pub async fn step(&mut self, stage: &Stage) {
        if self.is_sleepy && self.follower.is_following() {
            self.is_sleepy = false;
            return self.doze(stage).await;
        }
        if self.follower.is_over {
            return self.come_again(stage).await;
        }
        self.trouble().await;
        match self.part {
            // Nobody taps on when nothing comes back.
            _ if self.follower.outbox_len() >= PATIENT => {}
            Part::Cook => self.cook(stage).await,
            Part::Waiter => self.wait(stage).await,
            Part::Guest { .. } => self.dine(stage).await,
        }
        if self.dice.percent(12) {
            self.repeat().await;
        }
        let until = Instant::now() + self.dice.pause(2, 30);
        self.follower.follow(until).await;
    }

    /// Its table was closed: it saw that before it was sent away, and sits down anew.
    async fn come_again(&mut self, stage: &Stage) {
        let Part::Guest { table } = self.part else {
            let wrong = format!("{}: sent away for good: {:?}", self.name, self.follower.closes.last());
            self.follower.wrong.push(wrong);
            return tokio::time::sleep(Duration::from_millis(50)).await;
        };
        let (follower, topic, token) = scanned(stage, table, &self.name, &mut self.dice).await;
        let visit = std::mem::replace(&mut self.follower, follower);
        let topic = std::mem::replace(&mut self.topic, topic);
        let token = std::mem::replace(&mut self.token, token);
        self.visits.push((visit, topic, token));
    }

    /// Takes nothing for so long that the server's side of the connection fills up and the ring moves on.
    async fn doze(&mut self, stage: &Stage) {
        let until = stage.wishes * 2 / 5;
        while stage.done.load(SeqCst) < until {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.follower.follow(Instant::now() + Duration::from_millis(200)).await;
    }

    /// Connections break, and people look away.
    async fn trouble(&mut self) {
        if self.dice.percent(3) {
            self.follower.after = self.other_cursor();
            self.follower.cut();
        }
        if self.dice.percent(2) {
            tokio::time::sleep(self.dice.pause(50, 400)).await;
        }
    }

    /// How it asks when it is back: mostly from where it stands.
    fn other_cursor(&mut self) -> After {
        let Some(cursor) = self.follower.cursor else { return After::Cursor };
        let at = |seq| After::Other(Cursor { seq, ..cursor });
        match self.dice.below(20) {
            0..=12 => After::Cursor,
            13 | 14 => at((cursor.seq - self.dice.between(1, 30)).max(0)),
            15 => at((cursor.seq - self.dice.between(100, 2000)).max(0)),
            // Above anything there will be: a server that takes it for true would leave this client behind.
            16 => at(cursor.seq + 1_000_000),
            17 => After::Other(Cursor { epoch: Epoch(self.dice.id()), ..cursor }),
            _ => After::Nothing,
        }
    }

    async fn wish(&mut self, stage: &Stage, name: &str, args: Value, base: Option<i64>) {
        let id = self.dice.id();
        stage.done.fetch_add(1, SeqCst);
        self.follower.wish(id, name, args.clone(), base).await;
        if self.dice.percent(6) {
            // A finger that trembles: the same message twice.
            let mut again = json!({ "op": "command", "id": id, "name": name, "args": args });
            if let Some(base) = base {
                again["base_version"] = json!(base);
            }
            self.follower.say(&again).await;
        }
    }

    /// Sends something old once more, or uses its id for something else.
    async fn repeat(&mut self) {
        let Some((id, message)) = self.dice.pick(&self.follower.answered).cloned() else { return };
        let known = self.follower.acknowledged.contains_key(&id);
        if known && !matches!(self.part, Part::Guest { .. }) && self.dice.percent(15) {
            self.follower.reused.insert(id);
            let other =
                json!({ "op": "command", "id": id, "name": "order.rush", "args": { "order": id, "rush": true } });
            self.follower.say(&other).await;
        } else {
            self.follower.say(&message).await;
        }
    }

    async fn cook(&mut self, stage: &Stage) {
        for _ in 0..self.dice.below(4) {
            let Some(order) = self.some_order() else { return };
            let base = self.base_version(&order);
            let (name, args) = self.tap(stage, &order);
            self.wish(stage, name, args, base).await;
        }
        if let Some(cursor) = self.follower.cursor.filter(|_| self.dice.percent(25)) {
            let stations = json!([stage.fixture.grill(), stage.fixture.bar()]);
            let shown = json!({ "op": "shown", "topic": "kitchen", "seq": cursor.seq, "stations": stations });
            self.follower.say(&shown).await;
        }
    }

    /// One that is open, mostly.
    fn some_order(&mut self) -> Option<Value> {
        let ended = self.dice.percent(6);
        let orders = self.follower.board.orders.values().filter(|order| is_open(order) != ended);
        let orders: Vec<&Value> = orders.collect();
        self.dice.pick(&orders).map(|order| (*order).clone())
    }

    /// Of the picture it has, of one long gone, or none.
    fn base_version(&mut self, order: &Value) -> Option<i64> {
        let version = order["version"].as_i64().unwrap_or(1);
        match self.dice.below(10) {
            0..=4 => Some(version),
            5 | 6 => Some((version - self.dice.between(1, 3)).max(0)),
            _ => None,
        }
    }

    fn tap(&mut self, stage: &Stage, order: &Value) -> (&'static str, Value) {
        let id = &order["id"];
        let lines = order["lines"].as_array().map(Vec::as_slice).unwrap_or_default();
        let line = self.dice.pick(lines).unwrap_or(&Value::Null);
        let tasks = line["tasks"].as_array().map(Vec::as_slice).unwrap_or_default();
        let at_one = self.dice.percent(50);
        let station = self.dice.pick(tasks).filter(|_| at_one).map_or(Value::Null, |task| task["station"].clone());
        let stations = if station.is_null() { json!([]) } else { json!([station]) };
        let to = if self.dice.percent(50) { "started" } else { "queued" };
        let at_line = json!({ "order": id, "line": line["id"], "station": station });
        if let Some(held) = lines.iter().find(|line| line["held"] == true)
            && self.dice.percent(50)
        {
            return ("line.fire", json!({ "order": id, "line": held["id"] }));
        }
        match self.dice.below(100) {
            0..=19 => ("line.start", at_line),
            20..=39 => ("line.done", at_line),
            40..=53 => ("order.bump", json!({ "order": id, "stations": stations })),
            54..=60 => ("line.recall", json!({ "order": id, "line": line["id"], "station": station, "to": to })),
            61..=64 => ("order.recall", json!({ "order": id, "stations": stations, "to": to })),
            65..=68 => ("order.rush", json!({ "order": id, "rush": self.dice.percent(50) })),
            69..=76 => ("order.confirm_allergy", json!({ "order": id })),
            77 | 78 => ("line.void", json!({ "order": id, "line": line["id"], "reason": "fell" })),
            79 => ("line.void", json!({ "order": id, "line": line["id"], "reason": " " })),
            80..=83 => ("item.set", self.stock(stage)),
            84 => ("line.done", json!({ "order": self.dice.id(), "line": line["id"] })),
            85 => ("line.done", json!({ "order": id, "line": self.dice.id() })),
            86 => ("order.cancel", json!({ "order": id, "reason": "no more of it" })),
            87 => ("order.fly", json!({ "order": id })),
            88 => ("table.rotate_code", json!({ "table": stage.fixture.tables[0].id })),
            89 | 90 => ("order.complete", json!({ "order": id })),
            91 | 92 => ("line.hold", json!({ "order": id, "line": line["id"] })),
            93 | 94 => {
                let from = tasks.first().map_or(Value::Null, |task| task["station"].clone());
                let grill = json!(stage.fixture.grill());
                let to = if from == grill { json!(stage.fixture.bar()) } else { grill };
                ("line.move", json!({ "order": id, "line": line["id"], "from": from, "to": to }))
            }
            95 => ("line.remake", at_line),
            _ => ("order.bump", json!({ "order": id })),
        }
    }

    fn stock(&mut self, stage: &Stage) -> Value {
        let stock = if self.dice.percent(70) { json!(self.dice.between(0, 9)) } else { Value::Null };
        json!({ "item": stage.fixture.beer().id, "available": self.dice.percent(80), "stock": stock })
    }

    async fn wait(&mut self, stage: &Stage) {
        if self.dice.percent(25) {
            let table = self.dice.pick(&stage.fixture.tables).map(|table| json!(table.id));
            let draft = self.draft(stage, table);
            return self.place(stage, draft).await;
        }
        let seatings: Vec<Value> = self.follower.board.open_seatings().map(|(_, seating)| seating.clone()).collect();
        let at_gate = seatings.iter().find(|seating| seating["released"] == false).cloned();
        let seating = self.dice.pick(&seatings).cloned().unwrap_or(Value::Null);
        match (self.dice.below(100), at_gate) {
            (0..=29, Some(seating)) => {
                self.wish(stage, "seating.release", json!({ "seating": seating["id"] }), None).await
            }
            (30..=32, _) => {
                let args = json!({ "seating": seating["id"], "force": self.dice.percent(60) });
                self.wish(stage, "seating.close", args, None).await;
            }
            (33 | 34, _) => {
                let args = json!({ "seating": seating["id"], "guest": self.dice.id() });
                self.wish(stage, "seating.release", args, None).await;
            }
            (35..=37, _) => {
                let table = self.dice.below(3);
                self.wish(stage, "seating.open", json!({ "table": stage.fixture.tables[table].id }), None).await;
            }
            (38 | 39, _) => {
                // All tables are taken, mostly: another party goes, and this one sits down there.
                let other = self.dice.pick(&seatings).cloned().unwrap_or(Value::Null);
                if other["id"] != seating["id"] {
                    let args = json!({ "seating": other["id"], "force": true });
                    self.wish(stage, "seating.close", args, None).await;
                }
                let args = json!({ "seating": seating["id"], "table": other["table"]["id"] });
                self.wish(stage, "seating.move", args, None).await;
            }
            (40..=49, _) => {
                let calls = |seating: &Value| seating["calls"].as_array().cloned().unwrap_or_default();
                let open = seatings.iter().flat_map(|s| calls(s).into_iter().map(|call| (s["id"].clone(), call)));
                let open: Vec<(Value, Value)> = open.filter(|(_, call)| call["done_at"].is_null()).collect();
                let Some((seating, call)) = self.dice.pick(&open).cloned() else { return };
                let name = if call["coming_at"].is_null() { "call.coming" } else { "call.done" };
                self.wish(stage, name, json!({ "seating": seating, "reason": call["reason"] }), None).await;
            }
            _ => self.serve(stage).await,
        }
    }

    /// What is ready goes to the table; now and then it does the cooks' work, also on what waits at the gate.
    async fn serve(&mut self, stage: &Stage) {
        let orders = self.follower.board.open_orders();
        let ready: Vec<Value> = orders.filter(|(_, o)| o["state"] == "ready").map(|(_, o)| o["id"].clone()).collect();
        for id in ready.iter().take(3) {
            self.wish(stage, "order.complete", json!({ "order": id }), None).await;
        }
        let Some(order) = self.some_order() else { return };
        let base = self.base_version(&order);
        let (name, args) = self.tap(stage, &order);
        self.wish(stage, name, args, base).await;
        if order["state"] == "completed" {
            self.wish(stage, "order.reopen", json!({ "order": order["id"] }), None).await;
        }
    }

    async fn dine(&mut self, stage: &Stage) {
        let open = self.follower.board.open_orders().count();
        let mine: Vec<Value> = self.follower.board.orders.values().map(|order| order["id"].clone()).collect();
        match self.dice.below(100) {
            0..=34 if open < ENOUGH => {
                let draft = self.draft(stage, None);
                self.place(stage, draft).await;
            }
            35..=38 => {
                if let Some(id) = self.dice.pick(&mine).cloned() {
                    self.wish(stage, "order.cancel", json!({ "order": id }), None).await;
                }
            }
            39 => {
                if let Some(id) = self.dice.pick(&mine).cloned() {
                    self.wish(stage, "order.bump", json!({ "order": id }), None).await;
                }
            }
            40..=44 => {
                let reason = REASONS[self.dice.below(REASONS.len())];
                self.wish(stage, "seating.call", json!({ "reason": reason }), None).await;
            }
            _ => {}
        }
    }

    fn draft(&mut self, stage: &Stage, table: Option<Value>) -> Value {
        let menu = &stage.fixture;
        let well_done = menu.steak().option_groups[0].options[1].id;
        let long = self.dice.percent(5);
        let note = if long { "every wish ".repeat(45) } else { "no salt".to_owned() };
        let count = if long { 10 } else { 1 + self.dice.below(3) };
        let line = |dice: &mut Dice| match dice.below(10) {
            0..=3 => json!({ "item": menu.steak().id, "quantity": 1, "options": [well_done], "note": note }),
            4..=7 => json!({ "item": menu.fries().id, "quantity": 1 + dice.below(3), "note": note }),
            _ => json!({ "item": menu.beer().id, "quantity": 1 }),
        };
        let lines: Vec<Value> = (0..count).map(|_| line(&mut self.dice)).collect();
        let mut draft = json!({ "kind": "dine_in", "lines": lines });
        if self.dice.percent(20) {
            draft["allergy"] = json!("nuts");
        }
        if self.dice.percent(4) {
            draft["expected_total"] = json!(1);
        }
        if let Some(table) = table {
            draft["table"] = table;
        }
        draft
    }

    /// Sends an order until it is answered: once, twice at the same time, or again after giving up.
    async fn place(&mut self, stage: &Stage, draft: Value) {
        let key = self.dice.id();
        let how = self.dice.below(10);
        stage.done.fetch_add(1, SeqCst);
        let deadline = Instant::now() + Duration::from_secs(20);
        if how == 0 {
            let moment = self.dice.pause(1, 8);
            drop(tokio::time::timeout(moment, stage.send(&self.token, key, &draft)).await);
        }
        if how <= 1 {
            stage.orders.lock().expect("a lock").doubled += 1;
        }
        loop {
            let (one, other) = if how == 1 {
                tokio::join!(stage.send(&self.token, key, &draft), stage.send(&self.token, key, &draft))
            } else {
                (stage.send(&self.token, key, &draft).await, None)
            };
            if one.is_some() || other.is_some() {
                return;
            }
            if Instant::now() >= deadline {
                return stage.orders.lock().expect("a lock").wrong.push(format!("order {key} was not answered"));
            }
            tokio::time::sleep(self.dice.pause(10, 100)).await;
        }
    }
}

impl Stage {
    /// One request; `None`: it was not answered, or not now.
    async fn send(&self, token: &str, key: Uuid, draft: &Value) -> Option<()> {
        let request = self.client.post(format!("{}/api/orders", self.home.base())).bearer_auth(token);
        let answer = request.header("Idempotency-Key", key.to_string()).json(draft).send().await.ok()?;
        let status = answer.status();
        let body: Value = answer.json().await.ok()?;
        let mut orders = self.orders.lock().expect("a lock");
        match status {
            StatusCode::CREATED => {
                let id = body["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
                let before = orders.placed.insert(key, id);
                if before.is_some_and(|before| before != id) {
                    orders.wrong.push(format!("key {key} made {before:?}, then {id}"));
                }
                Some(())
            }
            StatusCode::SERVICE_UNAVAILABLE => None,
            StatusCode::CONFLICT | StatusCode::GONE => {
                *orders.refused_as.entry(body["code"].as_str().unwrap_or("?").to_owned()).or_default() += 1;
                Some(())
            }
            _ => {
                orders.wrong.push(format!("order {key}: {status} {body}"));
                Some(())
            }
        }
    }
}

async fn scanned(stage: &Stage, table: usize, name: &str, dice: &mut Dice) -> (Follower, Topic, String) {
    let body = json!({ "qr": stage.codes[table] });
    let deadline = Instant::now() + Duration::from_secs(20);
    let scanned: Scanned = loop {
        // The same key until it is answered, or a phone would be two guests.
        let request = stage.client.post(format!("{}/api/seatings", stage.home.base())).json(&body);
        match request.send().await {
            Ok(answer) if answer.status() == StatusCode::OK => {
                if let Ok(scanned) = answer.json().await {
                    break scanned;
                }
            }
            Ok(_) | Err(_) => {}
        }
        assert!(Instant::now() < deadline, "{name} cannot sit down");
        tokio::time::sleep(dice.pause(10, 100)).await;
    };
    let topic = Topic::Table(scanned.seating.id);
    let name = format!("{name}, number {}", scanned.seating.guests.len());
    let own = Dice::new(dice.throw().into(), 2);
    (Follower::new(name, &stage.home, &scanned.token, stage.fixture.slug(), "table", own), topic, scanned.token)
}
