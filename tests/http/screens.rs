//! Paired screens: a code that works once, a login of its own that can be taken away, and a name in what it does.

use super::house::{House, in_a_house, refused, start, story};
use crate::harness::people::{Asked, Paired, Person};
use crate::harness::run;
use crate::harness::server::{BOTH, Kind, Place, TestServer};
use comanda::clock::Clock;
use comanda::domain::people::Role;
use comanda::domain::time::Timestamp;
use futures_util::future::join_all;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

const NOON: Timestamp = Timestamp(1_769_857_200_000_000);

async fn collect(server: &TestServer, asked: &Asked) -> Response {
    let body = json!({ "restaurant": "olive", "claim": asked.claim });
    server.client.post(server.url("/api/auth/pair/collect")).json(&body).send().await.unwrap()
}

async fn confirm(manager: &Person, code: &str, name: &str) -> Response {
    manager.post("/api/screens", &json!({ "code": code, "name": name })).await
}

async fn refresh(server: &TestServer, cookie: &str) -> Response {
    server.client.post(server.url("/api/auth/refresh")).header("cookie", cookie).send().await.unwrap()
}

/// The names in the list of screens.
async fn names(manager: &Person) -> Vec<String> {
    let list: Value = manager.get("/api/screens").await.json().await.unwrap();
    list["screens"].as_array().unwrap().iter().map(|s| s["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_screen_is_paired_by_a_code_and_keeps_its_identity_over_reloads() {
    for kind in BOTH {
        run(async {
            let server = TestServer::start(kind).await;
            let manager = server.staff(Role::Manager).await;
            let asked = server.ask_pairing().await;
            assert_eq!(asked.code.len(), 8);
            let waits = collect(&server, &asked).await;
            assert_eq!(waits.status(), StatusCode::ACCEPTED);
            assert!(waits.headers().get("set-cookie").is_none());
            let (first, second) = asked.code.split_at(4);
            let typed = format!(" {}-{second} ", first.to_lowercase());
            let stations = json!([server.fixture.grill()]);
            let body = json!({ "code": typed, "name": " Grill left ", "stations": stations });
            let answer = manager.post("/api/screens", &body).await;
            assert_eq!(answer.status(), StatusCode::CREATED);
            let screen: Value = answer.json().await.unwrap();
            assert_eq!((&screen["name"], &screen["stations"]), (&json!("Grill left"), &stations));

            let paired = Paired::of(&server, collect(&server, &asked).await).await;
            assert_eq!((&paired.answer["role"], &paired.answer["name"]), (&json!("kitchen"), &json!("Grill left")));
            assert_eq!(paired.answer["screen"], json!({ "id": screen["id"], "stations": stations }));
            // The answer was lost: it is given again.
            let again = Paired::of(&server, collect(&server, &asked).await).await;
            assert_eq!((&again.cookie, &again.answer["session"]), (&paired.cookie, &paired.answer["session"]));
            // A reload.
            let reloaded = Paired::of(&server, refresh(&server, &paired.cookie).await).await;
            assert_eq!(reloaded.answer["screen"], paired.answer["screen"]);
            assert_eq!(reloaded.answer["session"], paired.answer["session"]);
            refused(collect(&server, &asked).await, 410, "pairing_ended").await;
            assert_eq!(names(&manager).await, ["Grill left"]);

            let order = server.guest(0).await.order(&server.draft()).await;
            let ok = reloaded.person.command("order.rush", json!({ "order": order["id"], "rush": true })).await;
            assert_eq!(ok["op"], "ok", "{ok}");
            let (_, events) =
                server.app().commands.store.events_after(server.fixture.id(), 0, 100).await.unwrap().unwrap();
            let by = serde_json::to_value(&events.last().unwrap().by).unwrap();
            assert_eq!(by, json!({ "kind": "screen", "screen": screen["id"], "name": "Grill left" }));
            server.stop().await;
        });
    }
}

#[test]
fn a_code_works_once_lives_five_minutes_and_is_the_restaurants_own() {
    for kind in BOTH {
        run(async {
            let (clock, hand) = Clock::settable(NOON);
            let server = start(Place::new(kind), "", clock).await;
            let rival = server.add("rival", comanda::domain::restaurant::GateRule::None).await;
            let (manager, stranger) = (server.staff(Role::Manager).await, server.staff_of(&rival, Role::Admin).await);
            let asked = server.ask_pairing().await;
            refused(confirm(&stranger, &asked.code, "Ours").await, 403, "wrong_code").await;
            let both = join_all([confirm(&manager, &asked.code, "One"), confirm(&manager, &asked.code, "Two")]).await;
            let mut said: Vec<u16> = both.iter().map(|answer| answer.status().as_u16()).collect();
            said.sort_unstable();
            assert_eq!(said, [201, 403], "a code works once");
            refused(confirm(&manager, &asked.code, "Three").await, 403, "wrong_code").await;

            let late = server.ask_pairing().await;
            let unclaimed = server.ask_pairing().await;
            assert_eq!(confirm(&manager, &unclaimed.code, "Slow").await.status(), StatusCode::CREATED);
            hand.advance(Duration::from_secs(300));
            refused(confirm(&manager, &late.code, "Late").await, 403, "wrong_code").await;
            for asked in [&late, &unclaimed] {
                refused(collect(&server, asked).await, 410, "pairing_ended").await;
            }
            let elsewhere = json!({ "restaurant": "rival", "claim": server.ask_pairing().await.claim });
            let answer =
                server.client.post(server.url("/api/auth/pair/collect")).json(&elsewhere).send().await.unwrap();
            refused(answer, 410, "pairing_ended").await;
            assert_eq!(story(&server, &rival).await, [""; 0]);
            server.stop().await;
        });
    }
}

#[test]
fn a_confirmation_that_is_sent_again_is_the_same_confirmation() {
    in_a_house(&BOTH, &["screen.paired"], async |house: &House| {
        let asked = house.server.ask_pairing().await;
        let key = Uuid::new_v4().to_string();
        let mut screens = Vec::new();
        for _ in 0..2 {
            let body = json!({ "code": asked.code, "name": "Pass" });
            let post = house.post("/api/screens").bearer_auth(&house.manager.token).header("idempotency-key", &key);
            let answer = post.json(&body).send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::CREATED);
            screens.push(answer.json::<Value>().await.unwrap());
        }
        assert_eq!(screens[0], screens[1]);
    });
}

#[test]
fn a_revoked_screen_is_out_at_once_and_comes_back_as_itself() {
    for kind in BOTH {
        run(async {
            let server = TestServer::start(kind).await;
            let manager = server.staff(Role::Manager).await;
            let screen = server.screen(&manager, "Bar").await;
            let other = server.screen(&manager, "Pass").await;
            let id = json!({ "screen": screen.id });
            assert_eq!(manager.command("screen.revoke", id.clone()).await["op"], "ok");
            assert_eq!(manager.command("screen.revoke", id).await["op"], "ok", "revoked is revoked");
            refused(screen.person.get("/api/orders").await, 401, "revoked").await;
            refused(refresh(&server, &screen.cookie).await, 401, "signed_out").await;
            assert_eq!(other.person.get("/api/orders").await.status(), StatusCode::OK);
            assert_eq!(names(&manager).await, ["Pass"]);
            let said = manager.command("screen.set", json!({ "screen": screen.id, "name": "x" })).await;
            assert_eq!(said["code"], "unknown_screen");

            let asked = server.ask_pairing().await;
            let body = json!({ "code": asked.code, "name": "Bar", "screen": screen.id });
            assert_eq!(manager.post("/api/screens", &body).await.status(), StatusCode::CREATED);
            let back = Paired::of(&server, collect(&server, &asked).await).await;
            assert_eq!(back.id, screen.id);
            assert_ne!(back.answer["session"], screen.answer["session"]);
            refused(screen.person.get("/api/orders").await, 401, "revoked").await;
            assert_eq!(back.person.get("/api/orders").await.status(), StatusCode::OK);
            let expected = ["screen.paired", "screen.paired", "session.revoked", "screen.revoked", "screen.paired"];
            assert_eq!(story(&server, &server.fixture).await, expected);
            server.stop().await;
        });
    }
}

/// Somebody took the tablet home; its place is taken by a new one.
#[test]
fn pairing_a_screen_again_ends_what_was_paired_before() {
    for kind in BOTH {
        run(async {
            let server = TestServer::start(kind).await;
            let manager = server.staff(Role::Manager).await;
            let old = server.screen(&manager, "Grill").await;
            let asked = server.ask_pairing().await;
            let body = json!({ "code": asked.code, "name": "Grill", "screen": old.id });
            assert_eq!(manager.post("/api/screens", &body).await.status(), StatusCode::CREATED);
            refused(old.person.get("/api/orders").await, 401, "revoked").await;
            refused(refresh(&server, &old.cookie).await, 401, "signed_out").await;
            // Revoked before it has collected: nothing is left to collect.
            assert_eq!(manager.command("screen.revoke", json!({ "screen": old.id })).await["op"], "ok");
            refused(collect(&server, &asked).await, 410, "pairing_ended").await;
            server.stop().await;
        });
    }
}

#[test]
fn a_screen_is_renamed_and_does_what_the_kitchen_may_and_no_more() {
    for kind in BOTH {
        run(async {
            let server = TestServer::start(kind).await;
            let manager = server.staff(Role::Manager).await;
            let screen = server.screen(&manager, "Bar").await;
            let stations = json!([server.fixture.bar()]);
            let set = json!({ "screen": screen.id, "name": "Bar window", "stations": stations });
            for _ in 0..2 {
                assert_eq!(manager.command("screen.set", set.clone()).await["op"], "ok");
            }
            let reloaded = Paired::of(&server, refresh(&server, &screen.cookie).await).await;
            assert_eq!(
                (&reloaded.answer["name"], &reloaded.answer["screen"]["stations"]),
                (&json!("Bar window"), &stations)
            );
            // Its token is older than its name; the event has the name.
            let fries = server.fixture.fries().id;
            let said = screen.person.command("item.set", json!({ "item": fries, "available": false })).await;
            assert_eq!(said["op"], "ok");
            let (_, events) =
                server.app().commands.store.events_after(server.fixture.id(), 0, 100).await.unwrap().unwrap();
            assert!(format!("{:?}", events.last().unwrap().by).contains("Bar window"));
            let id = json!(screen.id);
            for (name, args) in [
                ("seating.open", json!({ "table": server.fixture.tables[0].id })),
                ("table.rotate_code", json!({ "table": server.fixture.tables[0].id })),
                ("screen.set", json!({ "screen": id, "name": "x" })),
                ("screen.revoke", json!({ "screen": id })),
                ("staff.remove", json!({ "user": Uuid::new_v4() })),
                ("seating.pin", json!({ "pin": "1234" })),
            ] {
                assert_eq!(screen.person.command(name, args).await["code"], "forbidden", "{name}");
            }
            for path in ["/api/tables", "/api/screens", "/api/staff", "/api/feed?topic=floor"] {
                refused(screen.person.get(path).await, 403, "forbidden").await;
            }
            let order = screen.person.send_order(Uuid::new_v4(), &server.draft()).await;
            refused(order, 403, "forbidden").await;
            assert_eq!(screen.person.get("/api/feed?topic=kitchen").await.status(), StatusCode::OK);
            let out = server.client.post(server.url("/api/auth/logout")).header("cookie", &reloaded.cookie);
            assert_eq!(out.send().await.unwrap().status(), StatusCode::NO_CONTENT);
            refused(screen.person.get("/api/orders").await, 401, "revoked").await;
            let expected = ["screen.paired", "screen.changed", "item.changed", "session.revoked"];
            assert_eq!(story(&server, &server.fixture).await, expected);
            server.stop().await;
        });
    }
}

#[test]
fn what_is_wrong_with_a_pairing_is_said() {
    in_a_house(&BOTH, &[], async |house: &House| {
        let asked = house.server.ask_pairing().await;
        for person in [&house.guest, &house.cook, &house.waiter] {
            refused(confirm(person, &asked.code, "Mine").await, 403, "forbidden").await;
            refused(person.get("/api/screens").await, 403, "forbidden").await;
        }
        let sent = async |body: Value| house.manager.post("/api/screens", &body).await;
        let long = "x".repeat(81);
        for name in ["", "  ", long.as_str(), "a\0b"] {
            let said = refused(sent(json!({ "code": asked.code, "name": name })).await, 422, "invalid").await;
            assert_eq!(said["fields"][0]["field"], "name");
        }
        let many: Vec<Uuid> = (0..33).map(|_| Uuid::new_v4()).collect();
        refused(sent(json!({ "code": asked.code, "name": "x", "stations": many })).await, 422, "invalid").await;
        let (nobody, station) = (Uuid::new_v4(), json!([Uuid::new_v4()]));
        refused(sent(json!({ "code": asked.code, "name": "x", "screen": nobody })).await, 404, "unknown_screen").await;
        refused(sent(json!({ "code": asked.code, "name": "x", "stations": station })).await, 404, "unknown_station")
            .await;
        let theirs = json!([house.rival.grill()]);
        refused(sent(json!({ "code": asked.code, "name": "x", "stations": theirs })).await, 404, "unknown_station")
            .await;
        let pair = async |body: Value| house.post("/api/auth/pair").json(&body).send().await.unwrap();
        refused(pair(json!({ "restaurant": "nowhere" })).await, 404, "unknown_restaurant").await;
        refused(pair(json!({ "restaurant": "a\0b" })).await, 404, "unknown_restaurant").await;
        refused(pair(json!({})).await, 422, "invalid").await;
        let collect = async |body: Value| house.post("/api/auth/pair/collect").json(&body).send().await.unwrap();
        for claim in ["", "x", asked.code.as_str(), "a\0b"] {
            refused(collect(json!({ "restaurant": "olive", "claim": claim })).await, 410, "pairing_ended").await;
        }
        refused(collect(json!({ "restaurant": "nowhere", "claim": "x" })).await, 404, "unknown_restaurant").await;
        for path in ["/api/auth/pair", "/api/auth/pair/collect"] {
            let body = json!({ "restaurant": "olive", "claim": asked.claim });
            let foreign = house.post(path).header("origin", "https://evil.example").json(&body).send().await.unwrap();
            refused(foreign, 403, "cross_origin").await;
        }
    });
}

#[test]
fn wrong_codes_are_counted_and_right_ones_forget_them() {
    for kind in BOTH {
        run(async {
            let lines = "limits.wrong_per_account = 3\nlimits.wrong_per_address = 6";
            let server = start(Place::new(kind), lines, Clock::system()).await;
            let (manager, admin) = (server.staff(Role::Manager).await, server.staff(Role::Admin).await);
            for code in ["ACDEFGHJ", "no code"] {
                refused(confirm(&manager, code, "x").await, 403, "wrong_code").await;
            }
            server.screen(&manager, "Bar").await;
            // What says nothing about the code is no try at one.
            let asked = server.ask_pairing().await;
            for _ in 0..5 {
                refused(confirm(&manager, &asked.code, "").await, 422, "invalid").await;
                let body = json!({ "code": asked.code, "name": "x", "screen": Uuid::new_v4() });
                refused(manager.post("/api/screens", &body).await, 404, "unknown_screen").await;
            }
            for _ in 0..3 {
                refused(confirm(&manager, "ACDEFGHJ", "x").await, 403, "wrong_code").await;
            }
            let answer = confirm(&manager, &asked.code, "Pass").await;
            let wait: u64 = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
            assert!((890..=900).contains(&wait), "{wait}");
            refused(answer, 429, "limited").await;
            // Another account, and one try that is left to the address.
            refused(confirm(&admin, "ACDEFGHJ", "x").await, 403, "wrong_code").await;
            refused(confirm(&admin, &asked.code, "Pass").await, 429, "limited").await;
            server.stop().await;
        });
    }
}

#[test]
fn codes_are_bounded_by_address_and_in_all() {
    for kind in BOTH {
        run(async {
            let (clock, hand) = Clock::settable(NOON);
            let lines =
                "server.trusted_proxies = [\"127.0.0.1\"]\nlimits.pairings_per_address = 2\nlimits.pairings = 3";
            let server = start(Place::new(kind), lines, clock).await;
            let ask = async |from: &str| {
                let post = server.client.post(server.url("/api/auth/pair")).header("x-forwarded-for", from);
                post.json(&json!({ "restaurant": "olive" })).send().await.unwrap()
            };
            for _ in 0..2 {
                assert_eq!(ask("192.0.2.1").await.status(), StatusCode::CREATED);
            }
            hand.advance(Duration::from_secs(100));
            let answer = ask("192.0.2.1").await;
            assert_eq!(answer.headers()["retry-after"], "200");
            refused(answer, 429, "limited").await;
            assert_eq!(ask("192.0.2.2").await.status(), StatusCode::CREATED, "what was refused did not count");
            refused(ask("192.0.2.3").await, 429, "limited").await;
            hand.advance(Duration::from_secs(200));
            assert_eq!(ask("192.0.2.1").await.status(), StatusCode::CREATED);
            server.stop().await;
        });
    }
}

#[test]
fn a_restaurant_has_so_many_screens() {
    run(async {
        let server = start(Place::new(Kind::Sqlite), "limits.pairings_per_address = 1000", Clock::system()).await;
        let manager = server.staff(Role::Manager).await;
        for n in 0..comanda::domain::limits::SCREENS {
            let asked = server.ask_pairing().await;
            assert_eq!(confirm(&manager, &asked.code, &format!("{n}")).await.status(), StatusCode::CREATED);
        }
        let asked = server.ask_pairing().await;
        refused(confirm(&manager, &asked.code, "one more").await, 409, "too_many_screens").await;
        let list: Value = manager.get("/api/screens").await.json().await.unwrap();
        let first = json!({ "screen": list["screens"][0]["id"] });
        assert_eq!(manager.command("screen.revoke", first).await["op"], "ok");
        assert_eq!(confirm(&manager, &asked.code, "one more").await.status(), StatusCode::CREATED);
        server.stop().await;
    });
}
