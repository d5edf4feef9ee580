//! For operators: health, readiness, metrics; and a request that failed is found in the log.

use super::house::{on_a_postgres_of_its_own, refused, with};
use crate::harness::SOON;
use crate::harness::run;
use crate::harness::server::{BOTH, Kind, TestServer};
use comanda::domain::people::Role;
use reqwest::{Response, StatusCode};
use serde_json::Value;
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use uuid::Uuid;

async fn get(server: &TestServer, path: &str) -> Response {
    server.client.get(server.url(path)).send().await.unwrap()
}

#[test]
fn a_server_says_that_it_is_alive_and_ready() {
    for kind in BOTH {
        run(async {
            let server = TestServer::start(kind).await;
            for path in ["/healthz", "/readyz"] {
                let answer = get(&server, path).await;
                assert_eq!(
                    (answer.status(), &answer.headers()["cache-control"]),
                    (StatusCode::OK, &"no-store".parse().unwrap())
                );
                let body: Value = answer.json().await.unwrap();
                assert_eq!(
                    (body["status"].as_str(), body["version"].as_str()),
                    (Some("ok"), Some(env!("CARGO_PKG_VERSION")))
                );
            }
            server.stop().await;
        });
    }
}

#[test]
fn a_database_that_is_away_shows_and_takes_no_backend_from_the_balancer() {
    run(async {
        let (server, mut postgres) = on_a_postgres_of_its_own().await;
        let guest = server.guest(0).await;
        postgres.pause();
        let answer = get(&server, "/readyz").await;
        assert_eq!(answer.status(), StatusCode::OK);
        let body: Value = answer.json().await.unwrap();
        assert_eq!((body["status"].as_str(), body["notes"].as_array().unwrap().len()), (Some("degraded"), 1), "{body}");
        assert_eq!(get(&server, "/healthz").await.status(), StatusCode::OK);
        assert!(get(&server, "/metrics").await.text().await.unwrap().contains("comanda_degraded 1"));
        let key = Uuid::new_v4();
        let answer = guest.send_order(key, &server.draft()).await;
        assert_eq!(answer.headers()["retry-after"], "1");
        assert!(answer.headers().contains_key("content-security-policy"));
        refused(answer, 503, "unavailable").await;
        refused(get(&server, "/api/restaurants/olive/menu").await, 503, "unavailable").await;

        postgres.resume();
        let deadline = Instant::now() + SOON;
        while get(&server, "/readyz").await.json::<Value>().await.unwrap()["status"] != "ok" {
            assert!(Instant::now() < deadline, "it does not recover");
        }
        let placed = guest.send_order(key, &server.draft()).await;
        assert_eq!(placed.status(), StatusCode::CREATED);
        let list: Value = guest.get("/api/orders").await.json().await.unwrap();
        assert_eq!(list["orders"].as_array().unwrap().len(), 1, "one order, whatever became of the first try");
        server.stop().await;
    });
}

#[test]
fn metrics_are_for_this_machine_and_for_admins() {
    run(async {
        let server = TestServer::start(Kind::Sqlite).await;
        get(&server, "/healthz").await;
        let answer = get(&server, "/metrics").await;
        assert_eq!(answer.headers()["content-type"], "text/plain; version=0.0.4");
        assert!(answer.text().await.unwrap().contains("comanda_http_requests_total{status=\"200\"}"));
        let proxied = server.client.get(server.url("/metrics")).header("x-forwarded-for", "127.0.0.1");
        refused(proxied.send().await.unwrap(), 403, "forbidden").await;
        server.stop().await;
    });
    run(async {
        let server = with("server.trusted_proxies = [\"127.0.0.1\"]").await;
        let from =
            |forwarded: &str| server.client.get(server.url("/metrics")).header("x-forwarded-for", forwarded.to_owned());
        for stranger in ["203.0.113.9", "127.0.0.1, 203.0.113.9", "2001:db8::1", "::ffff:203.0.113.9"] {
            refused(from(stranger).send().await.unwrap(), 403, "forbidden").await;
        }
        assert_eq!(from("127.0.0.1").send().await.unwrap().status(), StatusCode::OK);
        for (role, status) in [(Role::Manager, 403), (Role::Admin, 200)] {
            let person = server.staff(role).await;
            let answer = from("203.0.113.9").bearer_auth(&person.token).send().await.unwrap();
            assert_eq!(answer.status().as_u16(), status);
        }
        server.stop().await;
    });
}

/// What the process logged so far.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_request_that_failed_is_found_in_the_log_by_its_id() {
    let log = Log::default();
    let kept = log.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || kept.clone()).with_ansi(false).finish();
    // Only this test has a log; under `cargo test` it shares its process with others, which do no harm.
    tracing::subscriber::set_global_default(subscriber).expect("no other log in this process");
    run(async {
        let (server, mut postgres) = on_a_postgres_of_its_own().await;
        let guest = server.guest(0).await;
        postgres.pause();
        let said = refused(guest.get("/api/orders").await, 503, "unavailable").await;
        let id = said["request"].as_str().unwrap();
        let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<&str> = text.lines().filter(|line| line.contains(id)).collect();
        assert!(lines.iter().any(|line| line.contains("the database could not answer")), "the cause: {lines:#?}");
        assert!(lines.iter().any(|line| line.contains("a request could not be served")), "the outcome: {lines:#?}");
        assert!(!text.contains(&guest.token), "no tokens in the log");
        postgres.resume();
        server.stop().await;
    });
}
