//! Orders as phones send them: with one key until they are acknowledged; and what must be true of them at the end.

use super::{Common, PATIENCE, Person, Placed, SLUG, Tally};
use crate::crash::agree::Histories;
use crate::harness::dice::Dice;
use crate::harness::follower::Home;
use crate::harness::truth::Truth;
use futures_util::StreamExt;
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::Ordering::SeqCst;
use tokio::time::Instant;
use uuid::Uuid;

/// Orders are checked so many at a time.
const CHECKS: usize = 12;

impl Common {
    /// Sends an order until it is acknowledged, always with the same key.
    pub(super) async fn place(&self, token: &str, key: Uuid, draft: Value, dice: &mut Dice) -> Placed {
        let deadline = Instant::now() + PATIENCE;
        for tries in 1.. {
            assert!(Instant::now() < deadline, "order {key} was not acknowledged within {PATIENCE:?}, {tries} tries");
            let (asked_at, asked) = (now_us(), Instant::now());
            match self.send(token, key, &draft).await {
                Sent::Placed(answer) => {
                    self.tally.acknowledged.fetch_add(1, SeqCst);
                    return Placed { key, draft, token: token.to_owned(), answer, tries, asked_at, asked };
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

    /// What was acknowledged is there, once, and is answered the same again.
    pub(super) async fn orders_complaints(&self, people: &[Person], truth: &Truth, manager: &str) -> Vec<String> {
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
pub(super) fn lose(people: &mut [Person], histories: Histories<'_>) -> usize {
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
pub(super) async fn drafts(client: &reqwest::Client, home: &Home) -> Vec<Value> {
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

pub(super) fn id_of(answer: &Value) -> Uuid {
    answer["id"].as_str().and_then(|id| id.parse().ok()).expect("an id")
}

fn now_us() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_micros()).expect("in time")
}
