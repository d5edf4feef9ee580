//! Orders that cannot be taken as they are: each line that is wrong is named, with the reason.

use super::house::{refused, story};
use crate::harness::run;
use crate::harness::server::{BOTH, TestServer};
use comanda::domain::people::Role;
use serde_json::{Value, json};
use uuid::Uuid;

fn reasons(problem: &Value) -> Vec<(u64, &str)> {
    let lines = problem["lines"].as_array().expect("lines");
    lines.iter().map(|line| (line["line"].as_u64().unwrap(), line["reason"].as_str().unwrap())).collect()
}

#[test]
fn another_total_than_the_guest_saw_is_asked_about() {
    for kind in BOTH {
        run(async {
            let server = TestServer::start(kind).await;
            let guest = server.guest(0).await;
            let (key, mut draft) = (Uuid::new_v4(), server.draft());
            for wrong in [0, 2149, i64::MAX] {
                draft["expected_total"] = json!(wrong);
                let said = refused(guest.send_order(key, &draft).await, 409, "total_changed").await;
                assert_eq!(said["total"], 2150);
            }
            draft["expected_total"] = json!(2150);
            let placed = guest.send_order(key, &draft).await;
            assert_eq!(placed.status(), 201, "a refused key may be used again");
            assert_eq!(story(&server, &server.fixture).await, ["seating.opened", "order.placed"]);
            server.stop().await;
        });
    }
}

#[test]
fn every_line_that_cannot_be_ordered_is_named() {
    for kind in BOTH {
        run(async {
            let server = TestServer::start(kind).await;
            let (guest, cook) = (server.guest(0).await, server.staff(Role::Kitchen).await);
            let (steak, fries, beer) = (server.fixture.steak(), server.fixture.fries(), server.fixture.beer());
            let [rare, done] = [0, 1].map(|n| steak.option_groups[0].options[n].id);
            let gone = cook.command("item.set", json!({ "item": fries.id, "available": false })).await;
            assert_eq!(gone["op"], "ok", "{gone}");
            let draft = json!({ "kind": "dine_in", "lines": [
                { "item": Uuid::new_v4(), "quantity": 1 },
                { "item": steak.id, "quantity": 1, "options": [rare] },
                { "item": steak.id, "quantity": 1 },
                { "item": steak.id, "quantity": 1, "options": [rare, done] },
                { "item": steak.id, "quantity": 1, "options": [rare, Uuid::new_v4()] },
                { "item": steak.id, "quantity": 1, "options": [done, done] },
                { "item": fries.id, "quantity": 1, "options": [rare] },
                { "item": beer.id, "quantity": 1 },
            ]});
            let said = refused(guest.send_order(Uuid::new_v4(), &draft).await, 409, "unavailable").await;
            let expected = [
                (0, "unknown_item"),
                (2, "too_few_options"),
                (3, "too_many_options"),
                (4, "unknown_option"),
                (5, "too_many_options"),
                (6, "sold_out"),
                (6, "unknown_option"),
            ];
            assert_eq!(reasons(&said), expected);
            assert_eq!(said["lines"][1]["group"], json!(steak.option_groups[0].id));
            assert_eq!(said["lines"][5]["item"], json!(fries.id));
            assert_eq!(story(&server, &server.fixture).await, ["seating.opened", "item.changed"]);
            server.stop().await;
        });
    }
}

#[test]
fn a_counted_stock_is_never_oversold_and_comes_back() {
    for kind in BOTH {
        run(async {
            let server = TestServer::start(kind).await;
            let guest = server.guest(0).await;
            let beer = server.fixture.beer().id;
            let draft = |quantities: &[i64]| {
                let lines: Vec<Value> = quantities.iter().map(|n| json!({ "item": beer, "quantity": n })).collect();
                json!({ "kind": "dine_in", "lines": lines })
            };
            let said = refused(guest.send_order(Uuid::new_v4(), &draft(&[3, 3])).await, 409, "unavailable").await;
            assert_eq!(reasons(&said), [(0, "not_enough"), (1, "not_enough")]);
            assert_eq!(said["lines"][1]["left"], 5);

            let placed = guest.order(&draft(&[5])).await;
            let said = refused(guest.send_order(Uuid::new_v4(), &draft(&[1])).await, 409, "unavailable").await;
            assert_eq!(reasons(&said), [(0, "sold_out")]);
            guest.delete(&format!("/api/orders/{}", placed["id"].as_str().unwrap())).await;
            guest.order(&draft(&[2, 3])).await;
            server.stop().await;
        });
    }
}

#[test]
fn six_phones_want_the_last_five_beers_and_one_gets_none() {
    for kind in BOTH {
        run(async {
            let server = TestServer::start(kind).await;
            let draft = json!({ "kind": "dine_in", "lines": [{ "item": server.fixture.beer().id, "quantity": 1 }] });
            let mut phones = Vec::new();
            for n in 0..6 {
                phones.push(server.guest(n % 3).await);
            }
            let orders = phones.iter().map(|phone| phone.send_order(Uuid::new_v4(), &draft));
            let answers = futures_util::future::join_all(orders).await;
            let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status().as_u16()).collect();
            statuses.sort_unstable();
            assert_eq!(statuses, [201, 201, 201, 201, 201, 409]);
            server.stop().await;
        });
    }
}
