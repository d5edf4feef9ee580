//! Guests and staff as objects: they scan, sign in, order and tap, over HTTP.

use super::restaurant::{Fixture, PASSWORD};
use super::server::TestServer;
use comanda::domain::ids::*;
use comanda::domain::people::Role;
use comanda::identity::codes::TableCode;
use comanda::protocol::rest::Scanned;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

/// Somebody with a token.
#[derive(Clone, Debug)]
pub struct Person {
    pub base: String,
    pub client: reqwest::Client,
    pub token: String,
    pub slug: String,
    /// Of guests.
    pub guest: Option<GuestId>,
    pub seating: Option<SeatingId>,
}

/// A screen's wish to be paired.
#[derive(Clone, Debug)]
pub struct Asked {
    pub code: String,
    pub claim: String,
}

/// A browser that is signed in, as somebody or as a screen: what it was answered, and the cookie it holds.
#[derive(Clone, Debug)]
pub struct Paired {
    pub person: Person,
    pub answer: Value,
    pub cookie: String,
    /// Of a screen; nil for people.
    pub id: Uuid,
}

impl Paired {
    pub async fn of(server: &TestServer, answer: Response) -> Self {
        let status = answer.status();
        let cookie = answer.headers().get("set-cookie").and_then(|cookie| cookie.to_str().ok()).unwrap_or_default();
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let answer: Value = answer.json().await.expect("json");
        assert_eq!(status, StatusCode::OK, "{answer}");
        let text = |name: &str| answer[name].as_str().expect("a text").to_owned();
        let person = Person {
            base: server.base.clone(),
            client: server.client.clone(),
            token: text("token"),
            slug: text("slug"),
            guest: None,
            seating: None,
        };
        let id = answer["screen"]["id"].as_str().map_or(Uuid::nil(), |id| id.parse().expect("an id"));
        Self { person, answer, cookie, id }
    }
}

impl TestServer {
    /// Somebody signs in at the fixture's restaurant.
    pub async fn signed_in(&self, email: &str, password: &str) -> Paired {
        let body = json!({ "email": email, "password": password, "restaurant": self.fixture.slug() });
        let answer = self.client.post(self.url("/api/auth/login")).json(&body).send().await.expect("login");
        Paired::of(self, answer).await
    }

    pub async fn refresh(&self, cookie: &str) -> Response {
        self.client.post(self.url("/api/auth/refresh")).header("cookie", cookie).send().await.expect("refresh")
    }

    /// A screen asks for a code.
    pub async fn ask_pairing(&self) -> Asked {
        let body = json!({ "restaurant": self.fixture.slug() });
        let answer = self.client.post(self.url("/api/auth/pair")).json(&body).send().await.expect("pair");
        assert_eq!(answer.status(), StatusCode::CREATED);
        let answer: Value = answer.json().await.expect("json");
        let text = |name: &str| answer[name].as_str().expect("a text").to_owned();
        Asked { code: text("code"), claim: text("claim") }
    }

    /// A paired screen that shows all stations.
    pub async fn screen(&self, manager: &Person, name: &str) -> Paired {
        let asked = self.ask_pairing().await;
        let confirmed = manager.post("/api/screens", &json!({ "code": asked.code, "name": name })).await;
        assert_eq!(confirmed.status(), StatusCode::CREATED, "{:?}", confirmed.text().await);
        let body = json!({ "restaurant": self.fixture.slug(), "claim": asked.claim });
        let collected = self.client.post(self.url("/api/auth/pair/collect")).json(&body).send().await.expect("collect");
        Paired::of(self, collected).await
    }

    /// The printed code of a table.
    pub fn code(&self, fixture: &Fixture, table: usize) -> String {
        let table = &fixture.tables[table];
        self.app().commands.codes.sign(&TableCode {
            restaurant: fixture.id(),
            table: table.id,
            version: table.code_version,
        })
    }

    /// A phone scans the code of a table.
    pub async fn guest(&self, table: usize) -> Person {
        self.guest_of(&self.fixture.clone(), table).await
    }

    pub async fn guest_of(&self, fixture: &Fixture, table: usize) -> Person {
        let code = self.code(fixture, table);
        let answer =
            self.client.post(self.url("/api/seatings")).json(&json!({ "qr": code })).send().await.expect("scan");
        assert_eq!(answer.status(), StatusCode::OK, "{:?}", answer.text().await);
        let scanned: Scanned = answer.json().await.expect("scanned");
        Person {
            base: self.base.clone(),
            client: self.client.clone(),
            token: scanned.token,
            slug: scanned.slug,
            guest: Some(scanned.guest),
            seating: Some(scanned.seating.id),
        }
    }

    /// Somebody of the staff signs in.
    pub async fn staff(&self, role: Role) -> Person {
        self.staff_of(&self.fixture.clone(), role).await
    }

    pub async fn staff_of(&self, fixture: &Fixture, role: Role) -> Person {
        let body = json!({ "email": fixture.email(role), "password": PASSWORD });
        let answer = self.client.post(self.url("/api/auth/login")).json(&body).send().await.expect("login");
        assert_eq!(answer.status(), StatusCode::OK, "{:?}", answer.text().await);
        let answer: Value = answer.json().await.expect("logged in");
        Person {
            base: self.base.clone(),
            client: self.client.clone(),
            token: answer["token"].as_str().expect("token").to_owned(),
            slug: fixture.slug().to_owned(),
            guest: None,
            seating: None,
        }
    }

    /// One steak, well done, and two fries: 12.50 + 9.00.
    pub fn draft(&self) -> Value {
        draft(&self.fixture)
    }
}

/// One steak, well done, and two fries: 12.50 + 9.00.
pub fn draft(fixture: &Fixture) -> Value {
    let well_done = fixture.steak().option_groups[0].options[1].id;
    json!({ "kind": "dine_in", "lines": [
        { "item": fixture.steak().id, "quantity": 1, "options": [well_done], "note": "no salt" },
        { "item": fixture.fries().id, "quantity": 2 },
    ] })
}

impl Person {
    pub async fn get(&self, path: &str) -> Response {
        self.client.get(format!("{}{path}", self.base)).bearer_auth(&self.token).send().await.expect("get")
    }

    pub async fn post(&self, path: &str, body: &Value) -> Response {
        let request = self.client.post(format!("{}{path}", self.base)).bearer_auth(&self.token);
        request.json(body).send().await.expect("post")
    }

    pub async fn delete(&self, path: &str) -> Response {
        self.client.delete(format!("{}{path}", self.base)).bearer_auth(&self.token).send().await.expect("delete")
    }

    /// Sends an order with a key; the answer as it is.
    pub async fn send_order(&self, key: Uuid, draft: &Value) -> Response {
        let request = self.client.post(format!("{}/api/orders", self.base)).bearer_auth(&self.token);
        request.header("Idempotency-Key", key.to_string()).json(draft).send().await.expect("order")
    }

    /// Places an order that must be accepted.
    pub async fn order(&self, draft: &Value) -> Value {
        let answer = self.send_order(Uuid::new_v4(), draft).await;
        let status = answer.status();
        let body: Value = answer.json().await.expect("json");
        assert_eq!(status, StatusCode::CREATED, "{body}");
        body
    }

    /// Sends one command through the batch; its answer.
    pub async fn command(&self, name: &str, args: Value) -> Value {
        self.command_as(Uuid::new_v4(), name, args, None).await
    }

    pub async fn command_as(&self, id: Uuid, name: &str, args: Value, base_version: Option<i64>) -> Value {
        let mut command = json!({ "id": id, "name": name, "args": args });
        if let Some(version) = base_version {
            command["base_version"] = json!(version);
        }
        let request = self.client.post(format!("{}/api/commands", self.base)).bearer_auth(&self.token);
        let answers: Value =
            request.json(&json!([command])).send().await.expect("commands").json().await.expect("json");
        answers[0].clone()
    }
}
