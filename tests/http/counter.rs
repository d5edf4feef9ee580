//! A restaurant that sells takeaway, its clock, and phones that ask it for codes.

use super::house::config;
use crate::harness::SOON;
use crate::harness::people::Person;
use crate::harness::restaurant::{self, Fixture};
use crate::harness::server::{Kind, Place, TestServer, client};
use comanda::app;
use comanda::clock::{Clock, Hand};
use comanda::domain::ids::GuestId;
use comanda::domain::restaurant::GateRule;
use comanda::domain::takeaway::{Open, Takeaway, Weekday};
use comanda::domain::time::Timestamp;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
/// A Saturday in Madrid, 12:00; the kitchen is open until 16:00.
pub const NOON: Timestamp = Timestamp(1_769_857_200_000_000);
pub const PHONE: &str = "+34600111222";
pub const OTHER: &str = "+34600333444";
pub const MINUTE: Duration = Duration::from_secs(60);

/// A restaurant that sells takeaway, and its clock.
pub struct Counter {
    pub server: TestServer,
    pub hand: Hand,
}

/// What asking for a code answered, and the code that was sent.
pub struct Asked {
    pub id: String,
    pub code: String,
}

pub fn selling(slug: &str, takeaway: Takeaway) -> Fixture {
    let mut fixture = restaurant::fixture(slug, GateRule::None);
    let settings = &mut fixture.menu.restaurant.settings;
    let span = |day: &Weekday| Open { day: *day, from: "12:00".parse().unwrap(), to: "16:00".parse().unwrap() };
    settings.hours = Weekday::ALL.iter().map(span).collect();
    settings.takeaway = takeaway;
    fixture
}

pub fn rules() -> Takeaway {
    Takeaway { on: true, ..Takeaway::default() }
}

impl Counter {
    pub async fn open(kind: Kind, lines: &str) -> Self {
        Self::with(kind, lines, rules()).await
    }

    pub async fn with(kind: Kind, lines: &str, takeaway: Takeaway) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let (place, (clock, hand)) = (Place::new(kind), Clock::settable(NOON));
        let config = config(&place, &format!("messages.every_ms = 20\n{lines}"));
        let server = app::start(&config, clock).await.unwrap();
        let fixture = selling("olive", takeaway);
        restaurant::create(&server.commands.store, &fixture).await;
        let base = format!("http://{}", server.address);
        Self { server: TestServer { place, server: Some(server), base, fixture, client: client() }, hand }
    }

    pub async fn ask_of(&self, slug: &str, phone: &str, from: &str) -> Response {
        let body = json!({ "phone": phone, "channel": "sms", "locale": "en", "consent": true });
        let post = self.server.client.post(self.server.url(&format!("/api/restaurants/{slug}/codes")));
        post.header("x-forwarded-for", from).json(&body).send().await.unwrap()
    }

    pub async fn ask(&self, phone: &str) -> Response {
        self.ask_of("olive", phone, "192.0.2.1").await
    }

    /// Asks for a code, and reads it where it was sent to.
    pub async fn asked(&self, phone: &str) -> Asked {
        let before = self.codes(phone).await.len();
        let answer = self.ask(phone).await;
        assert_eq!(answer.status(), StatusCode::ACCEPTED);
        let answer: Value = answer.json().await.unwrap();
        let expires_at: Timestamp = serde_json::from_value(answer["expires_at"].clone()).unwrap();
        assert!(expires_at >= self.now().plus(MINUTE * 4) && expires_at <= self.now().plus(MINUTE * 5));
        assert_eq!(answer["again_ms"], 30_000);
        let deadline = Instant::now() + SOON;
        loop {
            let codes = self.codes(phone).await;
            if codes.len() > before {
                return Asked { id: answer["id"].as_str().unwrap().to_owned(), code: codes[0].clone() };
            }
            assert!(Instant::now() < deadline, "no code was sent");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub fn now(&self) -> Timestamp {
        self.server.app().commands.clock.now()
    }

    /// The codes that the mailbox caught for a number, newest first.
    pub async fn codes(&self, phone: &str) -> Vec<String> {
        let page = self.server.client.get(self.server.url("/dev/mailbox")).send().await.unwrap();
        let page = page.text().await.unwrap();
        let messages = page.split("<li>").filter(|message| message.contains(phone));
        let six = |text: &&str| text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit());
        let code = |message: &str| {
            let words = message.split(|c: char| !c.is_ascii_alphanumeric());
            words.collect::<Vec<_>>().iter().find(|word| six(word)).map(|word| (*word).to_owned())
        };
        messages.filter_map(code).collect()
    }

    pub async fn give_at(&self, slug: &str, id: &str, code: &str) -> Response {
        let path = self.server.url(&format!("/api/restaurants/{slug}/codes/{id}"));
        self.server.client.post(path).json(&json!({ "code": code })).send().await.unwrap()
    }

    pub async fn give(&self, asked: &Asked, code: &str) -> Response {
        self.give_at("olive", &asked.id, code).await
    }

    /// A phone that was verified.
    pub async fn guest(&self, phone: &str) -> Person {
        let asked = self.asked(phone).await;
        self.person(self.give(&asked, &asked.code).await).await
    }

    pub async fn person(&self, answer: Response) -> Person {
        assert_eq!(answer.status(), StatusCode::OK, "{:?}", answer.text().await);
        let guest: Value = answer.json().await.unwrap();
        Person {
            base: self.server.base.clone(),
            client: self.server.client.clone(),
            token: guest["token"].as_str().unwrap().to_owned(),
            slug: guest["slug"].as_str().unwrap().to_owned(),
            guest: Some(serde_json::from_value::<GuestId>(guest["guest"].clone()).unwrap()),
            seating: None,
        }
    }

    pub async fn renew(&self, token: &str) -> Response {
        let post = self.server.client.post(self.server.url("/api/takeaway/token"));
        post.bearer_auth(token).send().await.unwrap()
    }

    pub async fn slots(&self, query: &str) -> Value {
        let path = format!("/api/restaurants/olive/slots{query}");
        self.server.client.get(self.server.url(&path)).send().await.unwrap().json().await.unwrap()
    }
}

pub fn away(fixture: &Fixture, phone: &str) -> Value {
    let mut draft = crate::harness::people::draft(fixture);
    draft["kind"] = json!("takeaway");
    draft["contact"] = json!({ "phone": phone, "channel": "sms" });
    draft
}

pub fn wrong(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}
