//! Plays a lunch service into a running demo, as its guests and staff would: over HTTP, with their
//! tokens. It stops by itself.

use anyhow::{Context, Result, bail};
use clap::Args;
use rand::RngExt;
use rand::seq::IndexedRandom;
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

/// What to play.
#[derive(Args)]
pub struct Lunch {
    /// The server.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// Times as fast as life; 1 is an order about every 40 seconds.
    #[arg(long, default_value_t = 10.0)]
    pace: f64,
    /// Minutes (of yours) after which it stops.
    #[arg(long, default_value_t = 10.0)]
    minutes: f64,
    /// The demo's slug.
    #[arg(long, default_value = "casa-oliva")]
    restaurant: String,
    /// Somebody who may cook, serve and see the tables' codes.
    #[arg(long, default_value = "mateo@casa-oliva.example")]
    email: String,
    #[arg(long, default_value = "comanda-demo")]
    password: String,
}

/// Seconds of life between two orders, and between two taps.
const ORDER_EVERY: f64 = 40.0;
const TAP_EVERY: f64 = 8.0;
/// A token is renewed by signing in again before it may expire.
const SIGN_IN_EVERY: Duration = Duration::from_secs(600);
const NOTES: &[&str] =
    &["Sauce on the side", "For a child, please cut it", "Well seasoned", "Bring it with the starters"];
const ALLERGIES: &[&str] = &["Peanuts", "Shellfish", "Sesame"];

/// Plays until its time is over.
///
/// # Errors
/// When the server cannot be reached, or is not the demo.
pub async fn play(lunch: Lunch) -> Result<()> {
    if !(lunch.pace.is_finite() && lunch.pace > 0.0 && lunch.minutes.is_finite() && lunch.minutes > 0.0) {
        bail!("--pace and --minutes must be above 0");
    }
    let mut service = Service::begin(&lunch).await?;
    let end = tokio::time::Instant::now() + Duration::from_secs_f64(lunch.minutes * 60.0);
    let mut orders = tokio::time::interval(Duration::from_secs_f64(ORDER_EVERY / lunch.pace));
    let mut taps = tokio::time::interval(Duration::from_secs_f64(TAP_EVERY / lunch.pace));
    let mut sign_in = tokio::time::interval_at(tokio::time::Instant::now() + SIGN_IN_EVERY, SIGN_IN_EVERY);
    println!("Playing for {} minutes at {} times life. Ctrl-C stops.", lunch.minutes, lunch.pace);
    loop {
        let step = tokio::select! {
            () = tokio::time::sleep_until(end) => break,
            _ = orders.tick() => service.order().await,
            _ = taps.tick() => service.tap().await,
            _ = sign_in.tick() => service.sign_in(&lunch).await,
        };
        if let Err(error) = step {
            eprintln!("{error:#}");
        }
    }
    println!("{} orders, {} taps.", service.placed, service.taps);
    Ok(())
}

struct Service {
    client: reqwest::Client,
    url: String,
    token: String,
    menu: Value,
    tables: Vec<Value>,
    placed: u64,
    taps: u64,
}

impl Service {
    async fn begin(lunch: &Lunch) -> Result<Self> {
        let client = reqwest::Client::builder().timeout(Duration::from_secs(10)).build()?;
        let url = lunch.url.trim_end_matches('/').to_owned();
        let mut service =
            Self { client, url, token: String::new(), menu: Value::Null, tables: Vec::new(), placed: 0, taps: 0 };
        service.sign_in(lunch).await?;
        service.menu = service.get(&format!("/api/restaurants/{}/menu", lunch.restaurant)).await?;
        let tables = service.get("/api/tables").await?;
        service.tables = tables.as_array().cloned().context("the tables are not a list")?;
        Ok(service)
    }

    async fn sign_in(&mut self, lunch: &Lunch) -> Result<()> {
        let body = json!({ "email": lunch.email, "password": lunch.password, "restaurant": lunch.restaurant });
        let answer = self.client.post(format!("{}/api/auth/login", self.url)).json(&body).send().await;
        let answer: Value = answer.context("is the server running?")?.error_for_status()?.json().await?;
        self.token = text(&answer, "token")?;
        Ok(())
    }

    /// A party sits down (or sits there already) and sends an order from a phone.
    async fn order(&mut self) -> Result<()> {
        let table = self.tables.choose(&mut rand::rng()).context("the demo has no tables")?;
        let link = text(table, "link")?;
        let code = link.rsplit('/').next().unwrap_or_default();
        let scan = self.client.post(format!("{}/api/seatings", self.url)).json(&json!({ "qr": code })).send().await?;
        let guest: Value = scan.error_for_status()?.json().await?;
        let draft = self.draft()?;
        let answer = self
            .client
            .post(format!("{}/api/orders", self.url))
            .bearer_auth(text(&guest, "token")?)
            .header("Idempotency-Key", Uuid::new_v4().to_string())
            .json(&draft)
            .send()
            .await?;
        // Something may be sold out by now; another guest comes soon.
        self.placed += u64::from(answer.status().is_success());
        Ok(())
    }

    fn draft(&self) -> Result<Value> {
        let mut rng = rand::rng();
        let items: Vec<&Value> = list(&self.menu, "categories")?
            .iter()
            .filter_map(|c| c["items"].as_array())
            .flatten()
            .filter(|item| item["available"].as_bool() == Some(true) && item["stock"].is_null())
            .collect();
        let lines: Vec<Value> =
            (0..rng.random_range(1..=5)).filter_map(|_| items.choose(&mut rng).map(|item| line(item))).collect();
        let mut draft = json!({ "kind": "dine_in", "lines": lines });
        if rng.random_bool(0.15) {
            draft["allergy"] = json!(ALLERGIES.choose(&mut rng));
        }
        Ok(draft)
    }

    /// Somebody in the kitchen or on the floor does the next thing on the oldest orders.
    async fn tap(&mut self) -> Result<()> {
        let answer = self.get("/api/orders").await?;
        let open = |order: &&Value| {
            !matches!(order["state"].as_str(), Some("completed" | "cancelled")) && order["held"] == false
        };
        let mut orders: Vec<&Value> = list(&answer, "orders")?.iter().filter(open).collect();
        orders.reverse();
        orders.truncate(6);
        let Some(order) = orders.choose(&mut rand::rng()) else { return Ok(()) };
        let command = next_tap(order);
        let answer = self
            .client
            .post(format!("{}/api/commands", self.url))
            .bearer_auth(&self.token)
            .json(&json!([command]))
            .send()
            .await?;
        self.taps += u64::from(answer.status().is_success());
        Ok(())
    }

    async fn get(&self, path: &str) -> Result<Value> {
        let answer = self.client.get(format!("{}{path}", self.url)).bearer_auth(&self.token).send().await?;
        Ok(answer.error_for_status()?.json().await?)
    }
}

/// The next thing that happens to an order: the allergy is seen, lines are begun and done, it is served.
fn next_tap(order: &Value) -> Value {
    let id = &order["id"];
    let command = |name: &str, args: Value| json!({ "id": Uuid::new_v4(), "name": name, "args": args });
    if order["allergy"].is_string() && order["allergy_confirmed_at"].is_null() {
        return command("order.confirm_allergy", json!({ "order": id }));
    }
    if order["state"] == "ready" {
        return command("order.complete", json!({ "order": id }));
    }
    let empty = Vec::new();
    let lines = order["lines"].as_array().unwrap_or(&empty);
    let in_state = |state: &str| {
        lines
            .iter()
            .find(|line| line["tasks"].as_array().is_some_and(|tasks| tasks.iter().any(|t| t["state"] == state)))
    };
    match (in_state("queued"), in_state("started")) {
        (Some(line), _) if rand::random_bool(0.6) => command("line.start", json!({ "order": id, "line": line["id"] })),
        (_, Some(line)) => command("line.done", json!({ "order": id, "line": line["id"] })),
        (Some(line), None) => command("line.start", json!({ "order": id, "line": line["id"] })),
        (None, None) => command("order.bump", json!({ "order": id })),
    }
}

fn line(item: &Value) -> Value {
    let mut rng = rand::rng();
    let empty = Vec::new();
    let mut options = Vec::new();
    for group in item["option_groups"].as_array().unwrap_or(&empty) {
        let least = group["min"].as_u64().unwrap_or(0);
        let most = group["max"].as_u64().unwrap_or(1).min(least + 1);
        let count = usize::try_from(rng.random_range(least..=most)).unwrap_or(0);
        let choices = group["options"].as_array().unwrap_or(&empty);
        options.extend(choices.sample(&mut rng, count).map(|option| option["id"].clone()));
    }
    let mut line = json!({ "item": item["id"], "quantity": rng.random_range(1..=3), "options": options });
    if rng.random_bool(0.15) {
        line["note"] = json!(NOTES.choose(&mut rng));
    }
    line
}

fn list<'a>(value: &'a Value, name: &str) -> Result<&'a Vec<Value>> {
    value[name].as_array().with_context(|| format!("the answer has no list `{name}`"))
}

fn text(value: &Value, name: &str) -> Result<String> {
    value[name].as_str().map(str::to_owned).with_context(|| format!("the answer has no `{name}`"))
}
