//! How long an order takes: from the phone's POST to its 201, and to the kitchen's screen. A private server in a process
//! of its own, phones on keep-alive connections, a screen per restaurant. Nothing may be lost or doubled: whatever a
//! phone was told, its kitchen and the database know, once.

mod phone;
mod screen;

use crate::pin::Pin;
use crate::place::{Ground, Kind, Place, Rows};
use crate::report::{Found, Percentiles, Times};
use crate::restaurants::{self, House, PASSWORD};
use crate::server::{Server, Setup};
use anyhow::{Context, Result};
use comanda::clock::Clock;
use comanda::protocol::rest::{LoggedIn, Scanned};
use phone::{Pace, Phone, Sent};
use screen::{Heard, Screen};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinSet;
use uuid::Uuid;

/// Before the clock starts: caches fill, connections open.
const WARM_UP: Duration = Duration::from_secs(1);
/// For the last events, after the last order was answered.
const SETTLE: Duration = Duration::from_secs(10);
/// For an event that comes twice: it would come at once.
const ECHO: Duration = Duration::from_millis(300);

/// What to measure.
#[derive(Clone, Copy, Debug)]
pub struct Latency {
    pub senders: usize,
    pub duration: Duration,
    /// Orders a second of all senders together; as many as go if none.
    pub rate: Option<u32>,
    pub restaurants: usize,
}

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    pub database: Kind,
    pub senders: usize,
    pub restaurants: usize,
    pub asked_per_second: Option<u32>,
    pub orders: usize,
    pub orders_per_second: f64,
    /// POST sent to event on the kitchen's socket.
    pub screen: Percentiles,
    /// POST sent to the whole 201 read.
    pub answer: Percentiles,
    /// Sent again with the same key, after a 503.
    pub sent_again: usize,
    /// Screens that were told to begin anew.
    pub resyncs: usize,
    /// Answered with 201, and missing on the screen or in the database; or a hole in a screen's sequence.
    pub lost: usize,
    /// Twice on a screen or in the database, or there without having been ordered.
    pub doubled: usize,
}

impl Found for Outcome {
    const HEAD: &str = "From the phone's POST, ms      orders/s   to the kitchen's screen       to its 201\n\
        \x20                                           p50    p99  p99.9       p50    p99  p99.9   lost doubled";

    fn line(&self) -> String {
        let pace = self.asked_per_second.map_or("flat out".to_owned(), |rate| format!("at {rate}/s"));
        let name = format!("{}, {} senders {pace}", self.database.name(), self.senders);
        let (screen, answer) = (self.screen, self.answer);
        let again = match (self.resyncs, self.sent_again) {
            (0, 0) => String::new(),
            (resyncs, again) => format!("\n{}: {resyncs} resyncs, {again} sent again", self.database.name()),
        };
        format!(
            "{name:<31}{:>8.0} {:>7.1}{:>7.1}{:>7.1}   {:>7.1}{:>7.1}{:>7.1}{:>7}{:>8}{again}",
            self.orders_per_second,
            screen.p50_ms,
            screen.p99_ms,
            screen.p999_ms,
            answer.p50_ms,
            answer.p99_ms,
            answer.p999_ms,
            self.lost,
            self.doubled
        )
    }

    fn wrong(&self) -> usize {
        self.lost + self.doubled
    }
}

/// Everything that happens at once in one measurement.
struct Service {
    phones: JoinSet<Result<Vec<Sent>>>,
    screens: JoinSet<Result<Heard>>,
    /// Orders on screens so far.
    shown: Arc<AtomicUsize>,
    close: watch::Sender<bool>,
}

impl Latency {
    /// # Errors
    /// Anything but lost or doubled orders, which are counted.
    pub async fn measure(self, ground: &mut Ground, kind: Kind) -> Result<Outcome> {
        let place = ground.place(kind).await?;
        let houses = restaurants::invent(self.restaurants, self.senders.div_ceil(self.restaurants))?;
        let store = place.open().await?;
        restaurants::write(&store, &houses, Clock::system().now()).await?;
        store.db.close().await;

        let server = Server::start(&place, &Setup::alone(Pin::ANY)).await?;
        let begin = Instant::now() + WARM_UP;
        let mut service = self.open(&server, &houses, begin).await?;
        let mut sent = Vec::new();
        while let Some(orders) = service.phones.join_next().await {
            sent.extend(orders??);
        }
        service.settle(sent.len()).await;
        let mut heard = Vec::new();
        service.close.send_replace(true);
        while let Some(screen) = service.screens.join_next().await {
            heard.push(screen??);
        }
        drop(server);
        self.judge(&place, begin, &sent, &heard).await
    }

    async fn open(&self, server: &Server, houses: &[House], begin: Instant) -> Result<Service> {
        let shown = Arc::<AtomicUsize>::default();
        let (close, closing) = watch::channel(false);
        let (mut phones, mut screens) = (JoinSet::new(), JoinSet::new());
        let mut codes = Vec::new();
        for house in houses {
            let token = sign_in(server, house).await?;
            codes.push(table_codes(server, &token).await?);
            let stations = house.menu.stations.iter().map(|station| station.id).collect();
            let screen = Screen::open(server.address, house.slug(), &token, stations, Arc::clone(&shown)).await?;
            screens.spawn(screen.watch(closing.clone()));
        }
        let mut ready = Vec::new();
        for n in 0..self.senders {
            let (house, table) = (n % houses.len(), n / houses.len());
            let code = codes[house].get(table).context("every sender has a table")?;
            let drafts = (0..4).map(|draft| houses[house].draft(draft)).collect();
            ready.push(Phone::scan(server, code, drafts).await?);
        }
        for (n, phone) in ready.into_iter().enumerate() {
            let pace = self.rate.map(|rate| Pace::of(rate, self.senders, n));
            phones.spawn(phone.order(pace, begin + self.duration));
        }
        Ok(Service { phones, screens, shown, close })
    }

    async fn judge(&self, place: &Place, begin: Instant, sent: &[Sent], heard: &[Heard]) -> Result<Outcome> {
        let mut first_shown: HashMap<Uuid, Instant> = HashMap::new();
        let mut doubled = heard.iter().map(|screen| screen.repeated).sum::<usize>();
        for (command, at) in heard.iter().flat_map(|screen| &screen.placed) {
            doubled += usize::from(first_shown.insert(*command, *at).is_some());
        }
        let in_snapshots: HashSet<Uuid> = heard.iter().flat_map(|screen| &screen.snapshots).copied().collect();
        let mut lost = heard.iter().map(|screen| screen.holes).sum::<usize>();
        let (mut screen, mut answer) = (Times::new()?, Times::new()?);
        for order in sent {
            let shown = first_shown.get(&order.key);
            lost += usize::from(shown.is_none() && !in_snapshots.contains(&order.id));
            if order.sent >= begin {
                answer.add(order.answered - order.sent)?;
                shown.map(|at| screen.add(at.saturating_duration_since(order.sent))).transpose()?;
            }
        }
        let measured = sent.iter().filter(|order| order.sent >= begin);
        let end = measured.clone().map(|order| order.answered).max().unwrap_or(begin);
        let rows = place.rows().await?;
        let orders = i64::try_from(sent.len())?;
        Ok(Outcome {
            database: place.kind,
            senders: self.senders,
            restaurants: self.restaurants,
            asked_per_second: self.rate,
            orders: sent.len(),
            orders_per_second: per_second(measured.count(), end - begin),
            screen: screen.percentiles(),
            answer: answer.percentiles(),
            sent_again: sent.iter().map(|order| order.sent_again).sum(),
            resyncs: heard.iter().map(|screen| screen.resyncs).sum(),
            lost: lost + missing(orders, rows),
            doubled: doubled + surplus(orders, rows),
        })
    }
}

impl Service {
    /// Waits until screens have shown as many orders as were answered, but not for ever.
    async fn settle(&self, orders: usize) {
        let deadline = Instant::now() + SETTLE;
        while self.shown.load(Ordering::Relaxed) < orders && Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        tokio::time::sleep(ECHO).await;
    }
}

/// Orders that were answered and are not in the database whole.
pub fn missing(orders: i64, rows: Rows) -> usize {
    let lines = i64::try_from(restaurants::LINES).unwrap_or(i64::MAX);
    let tasks = i64::try_from(restaurants::TASKS).unwrap_or(i64::MAX);
    let least = [rows.orders, rows.lines / lines, rows.tasks / tasks, rows.placed, rows.commands].into_iter().min();
    let missing = (orders - least.unwrap_or(0)).max(0) + rows.broken_feeds;
    usize::try_from(missing).unwrap_or(usize::MAX)
}

/// Orders in the database that nobody was answered.
pub fn surplus(orders: i64, rows: Rows) -> usize {
    let most = rows.orders.max(rows.placed).max(rows.commands);
    usize::try_from((most - orders).max(0) + rows.doubled).unwrap_or(usize::MAX)
}

pub fn per_second(count: usize, elapsed: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52 orders")]
    let count = count as f64;
    count / elapsed.as_secs_f64().max(f64::EPSILON)
}

async fn sign_in(server: &Server, house: &House) -> Result<String> {
    let body = json!({ "email": house.address(), "password": PASSWORD });
    let answer = reqwest::Client::new().post(server.url("/api/auth/login")).json(&body).send().await?;
    Ok(answer.error_for_status()?.json::<LoggedIn>().await?.token)
}

/// What is printed on the tables.
async fn table_codes(server: &Server, token: &str) -> Result<Vec<String>> {
    #[derive(Deserialize)]
    struct Table {
        link: String,
    }
    let answer = reqwest::Client::new().get(server.url("/api/tables")).bearer_auth(token).send().await?;
    let tables: Vec<Table> = answer.error_for_status()?.json().await?;
    Ok(tables.into_iter().filter_map(|table| table.link.rsplit('/').next().map(str::to_owned)).collect())
}

async fn scan(client: &reqwest::Client, server: &Server, code: &str) -> Result<Scanned> {
    let answer = client.post(server.url("/api/seatings")).json(&json!({ "qr": code })).send().await?;
    Ok(answer.error_for_status()?.json().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: Rows = Rows { orders: 2, lines: 6, tasks: 8, placed: 2, commands: 2, doubled: 0, broken_feeds: 0 };

    #[test]
    fn an_order_that_is_not_there_whole_is_missing() {
        assert_eq!((missing(2, TWO), surplus(2, TWO)), (0, 0));
        assert_eq!((missing(3, TWO), surplus(3, TWO)), (1, 0));
        for rows in [
            Rows { lines: 5, ..TWO },
            Rows { tasks: 7, ..TWO },
            Rows { placed: 1, ..TWO },
            Rows { commands: 1, ..TWO },
            Rows { broken_feeds: 1, ..TWO },
        ] {
            assert_eq!(missing(2, rows), 1, "{rows:?}");
        }
    }

    #[test]
    fn an_order_that_nobody_sent_is_too_many() {
        assert_eq!(surplus(1, TWO), 1);
        assert_eq!(surplus(2, Rows { doubled: 1, ..TWO }), 1);
    }
}
