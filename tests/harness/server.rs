//! A server of the test's own: started in this process, on loopback, with its own database.

use super::postgres::TestPostgres;
use super::restaurant::{self, Fixture};
use comanda::app;
use comanda::clock::Clock;
use comanda::config::Config;
use comanda::domain::restaurant::GateRule;
use tempfile::TempDir;
use uuid::Uuid;

/// Which database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

pub const BOTH: [Kind; 2] = [Kind::Sqlite, Kind::Postgres];

/// A place for a database, which outlives the servers that use it.
pub struct Place {
    folder: TempDir,
    pub url: String,
    pub kind: Kind,
}

impl Place {
    pub fn new(kind: Kind) -> Self {
        let folder = tempfile::Builder::new().prefix("comanda").tempdir().expect("a temporary folder");
        let url = match kind {
            Kind::Sqlite => format!("sqlite:{}/comanda.db", folder.path().display()),
            Kind::Postgres => TestPostgres::shared().database(&format!("t{}", Uuid::new_v4().simple())),
        };
        Self { folder, url, kind }
    }

    pub fn path(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The settings of a server here; `more` are lines of TOML over them.
    pub fn config(&self, more: &str) -> Config {
        let text = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\n[database]\nurl = \"{}\"\n[keys]\nfile = \"{}/keys.toml\"\n{more}",
            self.url,
            self.path().display()
        );
        Config::from_parts(Some(("test.toml", &text)), Vec::new()).expect("the test's settings")
    }
}

/// A running server with one restaurant.
pub struct TestServer {
    pub place: Place,
    pub server: Option<app::Server>,
    pub base: String,
    pub fixture: Fixture,
    pub client: reqwest::Client,
}

impl TestServer {
    /// A server whose gate is open.
    pub async fn start(kind: Kind) -> Self {
        Self::start_with(kind, GateRule::None, "", Clock::system()).await
    }

    pub async fn start_with(kind: Kind, gate: GateRule, more: &str, clock: Clock) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let place = Place::new(kind);
        let server = app::start(&place.config(more), clock).await.expect("the server starts");
        let fixture = restaurant::fixture("olive", gate);
        restaurant::create(&server.commands.store, &fixture).await;
        let base = format!("http://{}", server.address);
        Self { place, server: Some(server), base, fixture, client: client() }
    }

    /// Stops the server and starts another on the same database, at another port.
    pub async fn restart(&mut self, more: &str) {
        if let Some(server) = self.server.take() {
            server.stop().await;
        }
        let server = app::start(&self.place.config(more), Clock::system()).await.expect("the server starts again");
        self.base = format!("http://{}", server.address);
        self.server = Some(server);
    }

    pub fn app(&self) -> &app::Server {
        self.server.as_ref().expect("the server is running")
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    pub fn ws_url(&self, slug: &str) -> String {
        format!("{}/ws/{slug}", self.base.replacen("http", "ws", 1))
    }

    /// Adds another restaurant.
    pub async fn add(&self, slug: &str, gate: GateRule) -> Fixture {
        let fixture = restaurant::fixture(slug, gate);
        restaurant::create(&self.app().commands.store, &fixture).await;
        fixture
    }

    pub async fn stop(mut self) {
        if let Some(server) = self.server.take() {
            server.stop().await;
        }
    }
}

pub fn client() -> reqwest::Client {
    drop(rustls::crypto::ring::default_provider().install_default());
    // The server closes a connection on which nothing comes for 2 s; one that it is just closing must not be used.
    let idle = std::time::Duration::from_secs(1);
    let builder = reqwest::Client::builder().timeout(std::time::Duration::from_secs(20)).pool_idle_timeout(idle);
    builder.build().expect("client")
}
