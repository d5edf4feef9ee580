//! Orders over HTTP: placed, read, listed, cancelled, each seen by those who may.

use super::house::{refused, story};
use crate::harness::run;
use crate::harness::server::{BOTH, Kind, TestServer};
use comanda::domain::people::Role;
use reqwest::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

/// What only the staff see of an order.
const STAFF_ONLY: [&str; 5] = ["placed_by", "rush", "charges", "seating", "tasks"];

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[test]
fn an_order_is_placed_read_listed_and_cancelled() {
    for kind in BOTH {
        run(async {
            let server = TestServer::start(kind).await;
            let guest = server.guest(0).await;
            let answer = guest.send_order(Uuid::new_v4(), &server.draft()).await;
            assert_eq!(answer.status(), StatusCode::CREATED);
            let location = answer.headers()["location"].to_str().unwrap().to_owned();
            let placed: Value = answer.json().await.unwrap();
            assert_eq!(location, format!("/api/orders/{}", placed["id"].as_str().unwrap()));
            assert_eq!(placed["totals"], json!({ "subtotal": 2150, "service": 0, "tax": 195, "total": 2150 }));
            assert_eq!((placed["number"].as_i64(), placed["state"].as_str()), (Some(1), Some("confirmed")));
            assert_eq!(placed["guest"], json!(guest.guest.unwrap()));
            assert_eq!(placed["lines"][0]["options"][0]["price"], 50);

            let read: Value = guest.get(&location).await.json().await.unwrap();
            assert_eq!(read["lines"], placed["lines"]);
            let list: Value = guest.get("/api/orders").await.json().await.unwrap();
            assert_eq!(list["orders"].as_array().unwrap().len(), 1);
            assert_eq!(list["orders"][0]["id"], placed["id"]);

            assert_eq!(guest.delete(&location).await.status(), StatusCode::NO_CONTENT);
            assert_eq!(guest.delete(&location).await.status(), StatusCode::NO_CONTENT, "once more is no other wish");
            let read: Value = guest.get(&location).await.json().await.unwrap();
            assert_eq!(read["state"], "cancelled");
            let story = story(&server, &server.fixture).await;
            assert_eq!(story, ["seating.opened", "order.placed", "order.cancelled"]);
            server.stop().await;
        });
    }
}

#[test]
fn guests_see_nothing_of_the_kitchens_and_the_staffs_own() {
    run(async {
        let server = TestServer::start(Kind::Sqlite).await;
        let (guest, cook) = (server.guest(0).await, server.staff(Role::Kitchen).await);
        let placed = guest.order(&server.draft()).await;
        let location = format!("/api/orders/{}", placed["id"].as_str().unwrap());
        let read: Value = guest.get(&location).await.json().await.unwrap();
        let list: Value = guest.get("/api/orders").await.json().await.unwrap();
        for view in [&placed, &read, &list["orders"][0]] {
            let seen: Vec<&str> = keys(view).into_iter().chain(keys(&view["lines"][0])).collect();
            assert!(STAFF_ONLY.iter().all(|key| !seen.contains(key)), "{view}");
        }
        let whole: Value = cook.get(&location).await.json().await.unwrap();
        let seen: Vec<&str> = keys(&whole).into_iter().chain(keys(&whole["lines"][0])).collect();
        assert!(STAFF_ONLY.iter().all(|key| seen.contains(key)), "{whole}");
        server.stop().await;
    });
}

#[test]
fn the_same_key_and_body_is_one_order_and_one_answer() {
    for kind in BOTH {
        run(async {
            let server = TestServer::start(kind).await;
            let (guest, cook) = (server.guest(0).await, server.staff(Role::Kitchen).await);
            let (key, draft) = (Uuid::new_v4(), server.draft());
            let sends = (0..4).map(|_| guest.send_order(key, &draft));
            let mut bodies = Vec::new();
            for answer in futures_util::future::join_all(sends).await {
                assert_eq!(answer.status(), StatusCode::CREATED);
                bodies.push(answer.json::<Value>().await.unwrap());
            }
            let (order, line) = (bodies[0]["id"].clone(), bodies[0]["lines"][0]["id"].clone());
            let tapped = cook.command("line.done", json!({ "order": order, "line": line })).await;
            assert_eq!(tapped["op"], "ok", "{tapped}");
            // Written otherwise, it means the same.
            let mut same = draft.clone();
            same["note"] = Value::Null;
            same["unknown"] = json!("ignored");
            bodies.push(guest.send_order(key, &same).await.json().await.unwrap());
            assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:#?}");

            let list: Value = guest.get("/api/orders").await.json().await.unwrap();
            assert_eq!(list["orders"].as_array().unwrap().len(), 1);
            assert_eq!(story(&server, &server.fixture).await, ["seating.opened", "order.placed", "line.done"]);
            server.stop().await;
        });
    }
}

#[test]
fn a_key_is_good_for_one_body_of_one_sender() {
    for kind in BOTH {
        run(async {
            let server = TestServer::start(kind).await;
            let guest = server.guest(0).await;
            let key = Uuid::new_v4();
            assert_eq!(guest.send_order(key, &server.draft()).await.status(), StatusCode::CREATED);
            let mut other = server.draft();
            other["lines"][1]["quantity"] = json!(3);
            refused(guest.send_order(key, &other).await, 422, "id_reused").await;
            let neighbour = server.guest(0).await;
            let said = refused(neighbour.send_order(key, &server.draft()).await, 422, "id_reused").await;
            assert!(said.get("current").is_none(), "the other phone's order is not shown: {said}");
            let story = story(&server, &server.fixture).await;
            assert_eq!(story, ["seating.opened", "order.placed", "seating.joined"]);
            server.stop().await;
        });
    }
}

#[test]
fn an_order_needs_a_key() {
    run(async {
        let server = TestServer::start(Kind::Sqlite).await;
        let guest = server.guest(0).await;
        let post = || server.client.post(server.url("/api/orders")).bearer_auth(&guest.token).json(&server.draft());
        refused(post().send().await.unwrap(), 400, "key_missing").await;
        for key in [&b"1"[..], b"", b"not-a-uuid", b"00000000-0000-0000-0000-00000000000g", b"\xff\xfe"] {
            let answer = post().header("idempotency-key", key).send().await.unwrap();
            refused(answer, 400, "key_missing").await;
        }
        let scan = json!({ "qr": server.code(&server.fixture, 0) });
        let scan = server.client.post(server.url("/api/seatings")).json(&scan).header("idempotency-key", "x");
        refused(scan.send().await.unwrap(), 400, "key_missing").await;
        assert_eq!(story(&server, &server.fixture).await, ["seating.opened"]);
        server.stop().await;
    });
}

#[test]
fn a_closed_seating_is_the_end_of_its_tokens() {
    for kind in BOTH {
        run(async {
            let server = TestServer::start(kind).await;
            let (guest, waiter) = (server.guest(0).await, server.staff(Role::Waiter).await);
            let placed = guest.order(&server.draft()).await;
            let location = format!("/api/orders/{}", placed["id"].as_str().unwrap());
            let seating = guest.seating.unwrap();
            let open = waiter.command("seating.close", json!({ "seating": seating })).await;
            assert_eq!((open["op"].as_str(), open["code"].as_str()), (Some("refused"), Some("open_orders")), "{open}");
            let closed = waiter.command("seating.close", json!({ "seating": seating, "force": true })).await;
            assert_eq!(closed["op"], "ok", "{closed}");

            refused(guest.send_order(Uuid::new_v4(), &server.draft()).await, 410, "seating_closed").await;
            refused(guest.get("/api/orders").await, 410, "seating_closed").await;
            refused(guest.get(&location).await, 410, "seating_closed").await;
            refused(guest.delete(&location).await, 410, "seating_closed").await;
            refused(guest.get("/api/feed?topic=table").await, 410, "seating_closed").await;
            let story = story(&server, &server.fixture).await;
            assert_eq!(story, ["seating.opened", "order.placed", "seating.closed"]);
            server.guest(0).await.order(&server.draft()).await;
            server.stop().await;
        });
    }
}

#[test]
fn a_guest_orders_for_the_own_table_whatever_the_body_says() {
    run(async {
        let server = TestServer::start(Kind::Sqlite).await;
        let guest = server.guest(0).await;
        let mut draft = server.draft();
        draft["table"] = json!(server.fixture.tables[1].id);
        let placed = guest.order(&draft).await;
        assert_eq!(placed["table"]["label"], "T1");
        draft["kind"] = json!("takeaway");
        let said = refused(guest.send_order(Uuid::new_v4(), &draft).await, 422, "invalid").await;
        assert_eq!(said["fields"][0]["field"], "kind");
        server.stop().await;
    });
}

#[test]
fn waiters_order_for_a_table_and_cooks_do_not() {
    for kind in BOTH {
        run(async {
            let server = TestServer::start(kind).await;
            let (waiter, cook) = (server.staff(Role::Waiter).await, server.staff(Role::Kitchen).await);
            let guest = server.guest(1).await;
            let mut draft = server.draft();
            draft["table"] = json!(server.fixture.tables[1].id);
            let placed = waiter.order(&draft).await;
            assert_eq!((placed["table"]["label"].as_str(), &placed["guest"]), (Some("T2"), &Value::Null));
            assert_eq!(placed["seating"], json!(guest.seating.unwrap()), "the guests at the table see it");
            let list: Value = guest.get("/api/orders").await.json().await.unwrap();
            assert_eq!(list["orders"][0]["id"], placed["id"]);

            draft["table"] = Value::Null;
            draft["kind"] = json!("takeaway");
            let takeaway = waiter.order(&draft).await;
            assert_eq!((&takeaway["table"], &takeaway["seating"]), (&Value::Null, &Value::Null));
            draft["table"] = json!(Uuid::new_v4());
            refused(waiter.send_order(Uuid::new_v4(), &draft).await, 404, "unknown_table").await;
            refused(cook.send_order(Uuid::new_v4(), &server.draft()).await, 403, "forbidden").await;
            let story = story(&server, &server.fixture).await;
            assert_eq!(story, ["seating.opened", "order.placed", "order.placed"]);
            server.stop().await;
        });
    }
}

#[test]
fn a_table_sees_its_own_orders_and_a_phone_cancels_its_own() {
    run(async {
        let server = TestServer::start(Kind::Sqlite).await;
        let (guest, neighbour, stranger) = (server.guest(0).await, server.guest(0).await, server.guest(1).await);
        let placed = guest.order(&server.draft()).await;
        let location = format!("/api/orders/{}", placed["id"].as_str().unwrap());
        assert_eq!(neighbour.get(&location).await.status(), StatusCode::OK);
        refused(neighbour.delete(&location).await, 403, "forbidden").await;
        refused(stranger.get(&location).await, 404, "unknown_order").await;
        refused(stranger.delete(&location).await, 404, "unknown_order").await;
        let list: Value = stranger.get("/api/orders").await.json().await.unwrap();
        assert_eq!(list, json!({ "orders": [] }));
        server.stop().await;
    });
}

#[test]
fn a_guest_may_cancel_until_the_kitchen_begins_and_staff_with_a_reason() {
    for kind in BOTH {
        run(async {
            let server = TestServer::start(kind).await;
            let (guest, cook, waiter) =
                (server.guest(0).await, server.staff(Role::Kitchen).await, server.staff(Role::Waiter).await);
            let placed = guest.order(&server.draft()).await;
            let location = format!("/api/orders/{}", placed["id"].as_str().unwrap());
            cook.command("line.start", json!({ "order": placed["id"], "line": placed["lines"][0]["id"] })).await;
            let said = refused(guest.delete(&location).await, 409, "too_late").await;
            assert_eq!(said["current"]["state"], "preparing");
            assert!(said["current"].get("placed_by").is_none(), "a guest's view: {said}");

            for query in ["", "?reason=", "?reason=%20%20"] {
                let said = refused(waiter.delete(&format!("{location}{query}")).await, 422, "invalid").await;
                assert_eq!(said["fields"][0]["field"], "reason");
            }
            let said = refused(waiter.delete(&format!("{location}?reason=%00")).await, 422, "invalid").await;
            assert_eq!(said["fields"][0]["field"], "reason");
            let gone = waiter.delete(&format!("{location}?reason=spilled%20%F0%9F%8D%B7")).await;
            assert_eq!(gone.status(), StatusCode::NO_CONTENT);
            let read: Value = guest.get(&location).await.json().await.unwrap();
            assert_eq!(
                (read["state"].as_str(), read["cancel_reason"].as_str()),
                (Some("cancelled"), Some("spilled 🍷"))
            );
            let story = story(&server, &server.fixture).await;
            assert_eq!(story, ["seating.opened", "order.placed", "line.started", "order.cancelled"]);
            server.stop().await;
        });
    }
}
