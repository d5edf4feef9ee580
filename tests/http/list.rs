//! The staff's list of orders, page by page.

use super::house::{refused, start};
use crate::harness::run;
use crate::harness::server::{BOTH, Place};
use comanda::clock::Clock;
use comanda::domain::people::Role;
use comanda::domain::time::Timestamp;
use reqwest::StatusCode;
use serde_json::Value;
use std::time::Duration;
use uuid::Uuid;

const NOON: Timestamp = Timestamp(1_769_857_200_000_000);

/// The clock stands still, so that all orders are of one millisecond, as those of one batch are.
#[test]
fn pages_have_every_order_once_even_when_many_are_of_one_moment() {
    for kind in BOTH {
        run(async {
            let (clock, hand) = Clock::settable(NOON);
            let server = start(Place::new(kind), "", clock).await;
            let waiter = server.staff(Role::Waiter).await;
            let draft = server.draft();
            let place = |_| waiter.send_order(Uuid::new_v4(), &draft);
            for answer in futures_util::future::join_all((0..120).map(place)).await {
                assert_eq!(answer.status(), StatusCode::CREATED);
            }
            hand.advance(Duration::from_secs(1));
            waiter.order(&draft).await;

            let mut numbers = Vec::new();
            let mut pages = Vec::new();
            let mut path = "/api/orders".to_owned();
            loop {
                let page: Value = waiter.get(&path).await.json().await.unwrap();
                let orders = page["orders"].as_array().unwrap();
                pages.push(orders.len());
                numbers.extend(orders.iter().map(|order| order["number"].as_i64().unwrap()));
                match page.get("next") {
                    Some(next) => path = format!("/api/orders?before={}", next.as_str().unwrap()),
                    None => break,
                }
            }
            assert_eq!(pages, [50, 50, 21]);
            assert_eq!(numbers, (1..=121).rev().collect::<Vec<i64>>());

            let later: Value = waiter.get("/api/orders?before=2026-01-31T11:00:00.500Z").await.json().await.unwrap();
            assert_eq!(later["orders"][0]["number"], 120, "a time alone is a page's beginning too");
            let none: Value = waiter.get("/api/orders?before=2026-01-31T11:00:00Z").await.json().await.unwrap();
            assert_eq!(none, serde_json::json!({ "orders": [] }));
            server.stop().await;
        });
    }
}

#[test]
fn a_page_that_begins_nowhere_is_refused() {
    run(async {
        let server = super::house::with("").await;
        let waiter = server.staff(Role::Waiter).await;
        for before in ["", "yesterday", "2026-13-40T00:00:00Z", "1", "2026-01-31T11:00:00Z,x", "%00", "%ff", ",5"] {
            let answer = waiter.get(&format!("/api/orders?before={before}")).await;
            let said = refused(answer, 422, "invalid").await;
            assert_eq!(said["fields"][0]["field"], "before", "{before}");
        }
        refused(waiter.get("/api/orders?before=1&before=2").await, 422, "invalid").await;
        server.stop().await;
    });
}
