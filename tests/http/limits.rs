//! How much one may do: whoever is limited is told when to come back, and nobody else notices.

use super::house::{refused, with};
use crate::harness::people::Person;
use crate::harness::restaurant::PASSWORD;
use crate::harness::run;
use comanda::domain::people::Role;
use reqwest::{Response, StatusCode};
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

/// Seconds after which a limited sender may come back: whole ones, never 0.
async fn limited(answer: Response) -> u64 {
    let seconds: u64 = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!(seconds >= 1);
    refused(answer, 429, "limited").await;
    seconds
}

async fn statuses(person: &Person, count: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..count {
        statuses.push(person.get("/api/orders").await.status().as_u16());
    }
    statuses
}

#[test]
fn a_phone_that_asks_too_much_is_told_when_to_come_back_and_may_then() {
    run(async {
        let server = with("limits.requests_per_guest = 30").await;
        let (guest, neighbour) = (server.guest(0).await, server.guest(0).await);
        assert_eq!(statuses(&guest, 30).await, [200; 30]);
        let wait = limited(guest.get("/api/orders").await).await;
        assert!(wait <= 2, "one request each 2 s: {wait}");
        assert_eq!(statuses(&neighbour, 30).await, [200; 30], "phones of one address are not limited together");
        tokio::time::sleep(Duration::from_secs(wait)).await;
        assert_eq!(statuses(&guest, 1).await, [200], "the time was not too short");
        server.stop().await;
    });
}

#[test]
fn orders_are_limited_by_phone_and_by_table() {
    run(async {
        let server = with("limits.orders_per_guest = 2\nlimits.orders_per_table = 3").await;
        let [a, b, c] = [server.guest(0).await, server.guest(0).await, server.guest(1).await];
        let order = async |person: &Person| person.send_order(Uuid::new_v4(), &server.draft()).await;
        for _ in 0..2 {
            assert_eq!(order(&a).await.status(), StatusCode::CREATED);
        }
        let wait = limited(order(&a).await).await;
        assert!((28..=30).contains(&wait), "two a minute: {wait}");
        assert_eq!(order(&b).await.status(), StatusCode::CREATED);
        let wait = limited(order(&b).await).await;
        assert!((18..=20).contains(&wait), "three a minute at the table: {wait}");
        assert_eq!(order(&c).await.status(), StatusCode::CREATED, "another table");
        assert_eq!(a.get("/api/orders").await.status(), StatusCode::OK, "reading goes on");
        let waiter = server.staff(Role::Waiter).await;
        for _ in 0..4 {
            assert_eq!(order(&waiter).await.status(), StatusCode::CREATED, "staff type as fast as they can");
        }
        server.stop().await;
    });
}

#[test]
fn logins_are_limited_by_account_from_wherever_and_by_address() {
    run(async {
        let lines =
            "server.trusted_proxies = [\"127.0.0.1\"]\nlimits.login_per_account = 3\nlimits.login_per_address = 5";
        let server = with(lines).await;
        let login = async |email: &str, password: &str, from: &str| {
            let body = json!({ "email": email, "password": password });
            let post = server.client.post(server.url("/api/auth/login")).header("x-forwarded-for", from);
            post.json(&body).send().await.unwrap()
        };
        let cook = server.fixture.email(Role::Kitchen);
        for n in 0..3 {
            refused(login(&cook, "guess", &format!("198.51.100.{n}")).await, 401, "wrong_credentials").await;
        }
        let shouted = format!(" {} ", cook.to_uppercase());
        limited(login(&shouted, PASSWORD, "198.51.100.9").await).await;
        let waiter = server.fixture.email(Role::Waiter);
        assert_eq!(login(&waiter, PASSWORD, "198.51.100.9").await.status(), StatusCode::OK, "another account");

        for n in 0..5 {
            let from = format!("2001:db8:0:1::{n}");
            refused(login(&format!("{n}@x.example"), "guess", &from).await, 401, "wrong_credentials").await;
        }
        limited(login("5@x.example", "guess", "2001:db8:0:1:ffff::1").await).await;
        refused(login("5@x.example", "guess", "2001:db8:0:2::1").await, 401, "wrong_credentials").await;
        server.stop().await;
    });
}

#[test]
fn scans_are_limited_by_address_before_a_token_exists() {
    run(async {
        let server = with("limits.scans_per_address = 3").await;
        let scan = async || {
            let body = json!({ "qr": "guess" });
            server.client.post(server.url("/api/seatings")).json(&body).send().await.unwrap()
        };
        for _ in 0..3 {
            refused(scan().await, 404, "invalid_code").await;
        }
        limited(scan().await).await;
        let forwarded = server.client.post(server.url("/api/seatings")).header("x-forwarded-for", "203.0.113.9");
        limited(forwarded.json(&json!({ "qr": "x" })).send().await.unwrap()).await;
        server.stop().await;
    });
}
