//! What most tests of the door begin with: a server with settings of the test's own, two restaurants and some
//! people; and how answers and the log of events are looked at.

use crate::harness::people::Person;
use crate::harness::postgres::TestPostgres;
use crate::harness::restaurant::{self, Fixture};
use crate::harness::run;
use crate::harness::server::{Kind, Place, TestServer, client};
use comanda::app;
use comanda::clock::Clock;
use comanda::config::Config;
use comanda::domain::people::Role;
use comanda::domain::restaurant::GateRule;
use reqwest::{RequestBuilder, Response};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use uuid::Uuid;

/// A server whose gate is open. `lines` are settings such as `server.body_bytes = 1`.
pub async fn start(place: Place, lines: &str, clock: Clock) -> TestServer {
    drop(rustls::crypto::ring::default_provider().install_default());
    let server = app::start(&config(&place, lines), clock).await.expect("the server starts");
    let fixture = restaurant::fixture("olive", GateRule::None);
    restaurant::create(&server.commands.store, &fixture).await;
    let base = format!("http://{}", server.address);
    TestServer { place, server: Some(server), base, fixture, client: client() }
}

pub fn config(place: &Place, lines: &str) -> Config {
    let keys = place.path().join("keys.toml");
    let text = format!(
        "server.listen = \"127.0.0.1:0\"\ndatabase.url = \"{}\"\nkeys.file = \"{}\"\n{lines}",
        place.url,
        keys.display()
    );
    Config::from_parts(Some(("test.toml", &text)), Vec::new()).expect("the test's settings")
}

pub async fn with(lines: &str) -> TestServer {
    start(Place::new(Kind::Sqlite), lines, Clock::system()).await
}

/// A server on a Postgres that the test may stop and freeze.
pub async fn on_a_postgres_of_its_own() -> (TestServer, TestPostgres) {
    let postgres = TestPostgres::start();
    let mut place = Place::new(Kind::Sqlite);
    place.url = postgres.database("own");
    place.kind = Kind::Postgres;
    (start(place, "database.command_wait_ms = 1000", Clock::system()).await, postgres)
}

/// A server with two restaurants, people of the first, and what its log said when the test began.
pub struct House {
    pub server: TestServer,
    pub rival: Fixture,
    pub guest: Person,
    pub cook: Person,
    pub waiter: Person,
    pub manager: Person,
    before: [Vec<String>; 2],
}

/// Runs a test in a fresh house on each of these databases. It must leave just these events behind.
pub fn in_a_house(kinds: &[Kind], leaves: &[&str], test: impl AsyncFn(&House)) {
    for kind in kinds {
        run(async {
            let house = House::open(*kind).await;
            test(&house).await;
            house.unharmed(leaves).await;
            house.server.stop().await;
        });
    }
}

impl House {
    pub async fn open(kind: Kind) -> Self {
        let server = TestServer::start(kind).await;
        let rival = server.add("rival", GateRule::None).await;
        let [cook, waiter, manager] = [Role::Kitchen, Role::Waiter, Role::Manager];
        let (guest, cook) = (server.guest(0).await, server.staff(cook).await);
        let (waiter, manager) = (server.staff(waiter).await, server.staff(manager).await);
        let before = [story(&server, &server.fixture).await, story(&server, &rival).await];
        Self { server, rival, guest, cook, waiter, manager, before }
    }

    pub fn post(&self, path: &str) -> RequestBuilder {
        self.server.client.post(self.server.url(path))
    }

    /// `POST /api/orders` as the guest with a key, and whatever body.
    pub fn order(&self) -> RequestBuilder {
        let key = Uuid::new_v4().to_string();
        self.post("/api/orders").bearer_auth(&self.guest.token).header("idempotency-key", key)
    }

    /// What happened so far was meant to.
    pub async fn begun_anew(self) -> Self {
        let before = [story(&self.server, &self.server.fixture).await, story(&self.server, &self.rival).await];
        Self { before, ..self }
    }

    /// The log says what was accepted, the other restaurant's says nothing new, and orders go on being served.
    pub async fn unharmed(&self, leaves: &[&str]) {
        let now = [story(&self.server, &self.server.fixture).await, story(&self.server, &self.rival).await];
        assert_eq!(now[0][self.before[0].len()..], *leaves, "the log of events is what was accepted");
        assert_eq!(now[1], self.before[1], "nothing happened in the other restaurant");
        let health = self.server.client.get(self.server.url("/healthz")).send().await.expect("healthz");
        assert_eq!(health.status(), 200);
        let late = self.server.guest(2).await;
        late.order(&self.server.draft()).await;
    }
}

/// The kinds of a restaurant's events, in order and without a hole. Left out are the server's own alarm about
/// orders that no screen shows, which rings when it is time, and what is expected of orders, which depends on it.
pub async fn story(server: &TestServer, of: &Fixture) -> Vec<String> {
    let store = &server.app().commands.store;
    let (feed, events) = store.events_after(of.id(), 0, 100_000).await.expect("events").expect("the restaurant");
    let seqs: Vec<i64> = events.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, (1..=feed.seq).collect::<Vec<_>>());
    events
        .iter()
        .map(|event| event.kind.name().to_owned())
        .filter(|kind| kind != "order.unseen" && kind != "orders.expected")
        .collect()
}

/// The problem document that an answer must be.
pub async fn problem(answer: Response) -> Value {
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let body: Value = serde_json::from_str(&answer.text().await.expect("a body")).expect("a problem in JSON");
    assert_eq!(headers["content-type"], "application/problem+json", "{body}");
    assert_eq!(headers["cache-control"], "no-store", "{body}");
    assert_eq!(headers["x-request-id"], body["request"].as_str().expect("the request's id"), "{body}");
    assert_eq!((body["type"].as_str(), body["status"].as_u64()), (Some("about:blank"), Some(status.into())), "{body}");
    assert!(!body["title"].as_str().unwrap_or_default().is_empty(), "{body}");
    body
}

/// The problem document, which must have this status and code.
pub async fn refused(answer: Response, status: u16, code: &str) -> Value {
    let body = problem(answer).await;
    assert_eq!((body["status"].as_u64(), body["code"].as_str()), (Some(status.into()), Some(code)), "{body}");
    body
}

/// Status and code of the problem document that an answer must be.
pub async fn said(answer: Response) -> (u64, String) {
    let body = problem(answer).await;
    (body["status"].as_u64().expect("status"), body["code"].as_str().expect("code").to_owned())
}

/// Sends these bytes on a connection of their own, and reads until the server closes it.
pub async fn raw(server: &TestServer, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.app().address).await.expect("connect");
    stream.write_all(request).await.expect("send");
    let mut answer = Vec::new();
    let read = tokio::time::timeout(crate::harness::SOON, stream.read_to_end(&mut answer)).await;
    // A reset after the answer is as good as an end.
    drop(read.expect("the server answers and closes"));
    String::from_utf8_lossy(&answer).into_owned()
}

/// One request without a client's tidying of its path.
pub async fn raw_get(server: &TestServer, path: &str) -> String {
    raw(server, format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes()).await
}
