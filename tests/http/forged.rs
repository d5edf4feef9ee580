//! Tokens and printed codes that this server did not make, or no longer stands by, open nothing.

use super::house::{House, in_a_house, refused, said, start, story};
use crate::harness::run;
use crate::harness::server::{BOTH, Kind, Place};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use comanda::clock::Clock;
use comanda::config::keys::NamedKey;
use comanda::domain::ids::{GuestId, SeatingId, SessionId, TableId, UserId};
use comanda::domain::people::{Actor, Role};
use comanda::domain::restaurant::GateRule;
use comanda::domain::time::Timestamp;
use comanda::identity::codes::{Codes, TableCode};
use comanda::identity::tokens::{Claims, Tokens};
use reqwest::Response;
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

const NOON: Timestamp = Timestamp(1_769_857_200_000_000);

fn key(id: &str, byte: u8) -> NamedKey {
    NamedKey { id: id.into(), secret: vec![byte; 32].into() }
}

/// A token with other claims, under the honest signature of the good one.
fn with_claim(token: &str, name: &str, value: Value) -> String {
    let parts: Vec<&str> = token.split('.').collect();
    let mut claims: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    claims[name] = value;
    format!("{}.{}.{}", parts[0], BASE64_URL_SAFE_NO_PAD.encode(claims.to_string()), parts[2])
}

#[test]
fn a_token_that_was_not_made_here_is_none() {
    in_a_house(&[Kind::Sqlite], &[], async |house: &House| {
        let commands = &house.server.app().commands;
        let good = &house.waiter.token;
        let claims = commands.authenticate(good).unwrap();
        let parts: Vec<&str> = good.split('.').collect();
        let header: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(parts[0]).unwrap()).unwrap();
        let id = header["kid"].as_str().unwrap();
        let none = BASE64_URL_SAFE_NO_PAD.encode(json!({ "alg": "none", "typ": "JWT", "kid": id }).to_string());
        let tokens = [
            String::new(),
            "x".to_owned(),
            "..".to_owned(),
            "null".to_owned(),
            format!("{none}.{}.", parts[1]),
            format!("{none}.{}.{}", parts[1], parts[2]),
            format!("{}.{}.", parts[0], parts[1]),
            format!("{good}x"),
            format!("{good}.{}", parts[2]),
            Tokens::new(vec![key(id, 7)]).issue(&claims),
            Tokens::new(vec![key("other", 7)]).issue(&claims),
            with_claim(good, "role", json!("admin")),
            with_claim(good, "rid", json!(house.rival.id())),
            with_claim(good, "exp", json!(9_999_999_999_i64)),
            house.server.code(&house.server.fixture, 0),
            "a".repeat(5_000),
        ];
        for token in &tokens {
            for path in ["/api/orders", "/api/tables", "/api/feed?topic=floor"] {
                let answer = house.server.client.get(house.server.url(path)).bearer_auth(token).send().await.unwrap();
                assert_eq!(answer.headers()["www-authenticate"], "Bearer");
                assert_eq!(said(answer).await, (401, "unauthorized".to_owned()), "{token}");
            }
            let post = house.post("/api/commands").bearer_auth(token).json(&json!([])).send().await.unwrap();
            refused(post, 401, "unauthorized").await;
        }
        for scheme in ["Basic", "Token", ""] {
            let get = house.server.client.get(house.server.url("/api/orders"));
            let answer = get.header("authorization", format!("{scheme} {good}")).send().await.unwrap();
            refused(answer, 401, "unauthorized").await;
        }
        let url = house.server.url(&format!("/api/orders?token={good}&access_token={good}"));
        refused(house.server.client.get(url).send().await.unwrap(), 401, "unauthorized").await;
    });
}

#[test]
fn every_changed_letter_of_a_token_spoils_it() {
    in_a_house(&[Kind::Sqlite], &[], async |house: &House| {
        let good = &house.guest.token;
        let answers = (0..good.len()).step_by(7).chain([good.len() - 2]).map(|at| {
            let mut letters: Vec<u8> = good.bytes().collect();
            letters[at] = if letters[at] == b'A' { b'B' } else { b'A' };
            let token = String::from_utf8(letters).unwrap();
            house.server.client.get(house.server.url("/api/orders")).bearer_auth(token).send()
        });
        for answer in futures_util::future::join_all(answers).await {
            refused(answer.unwrap(), 401, "unauthorized").await;
        }
    });
}

/// Honestly signed, as by a node that shares the keys, but for somebody who is not there.
#[test]
fn a_good_signature_for_nobody_does_nothing() {
    in_a_house(&BOTH, &[], async |house: &House| {
        let commands = &house.server.app().commands;
        let good = commands.authenticate(&house.guest.token).unwrap();
        let issue = |actor: Actor| commands.tokens.issue(&Claims { actor, ..good.clone() });
        let guest = GuestId(Uuid::new_v4());
        let seating = house.guest.seating.unwrap();
        let nobody = [
            (issue(Actor::Guest { guest, seating }), 410, "seating_closed"),
            (issue(Actor::Guest { guest, seating: SeatingId(Uuid::new_v4()) }), 410, "seating_closed"),
        ];
        for (token, status, code) in nobody {
            let answer = house.order().bearer_auth(&token).json(&house.server.draft());
            // `order()` brings the good token along: only the new one may count.
            drop(answer);
            let answer =
                house.post("/api/orders").bearer_auth(&token).header("idempotency-key", Uuid::new_v4().to_string());
            refused(answer.json(&house.server.draft()).send().await.unwrap(), status, code).await;
        }
        let stranger = Actor::Staff {
            user: UserId(Uuid::new_v4()),
            session: SessionId(Uuid::new_v4()),
            role: Role::Admin,
            name: "Mallory".to_owned(),
        };
        let token = issue(stranger);
        let order = house.post("/api/orders").bearer_auth(&token).header("idempotency-key", Uuid::new_v4().to_string());
        refused(order.json(&house.server.draft()).send().await.unwrap(), 401, "session_revoked").await;
        let command = json!([{ "id": Uuid::new_v4(), "name": "item.set",
            "args": { "item": house.server.fixture.fries().id, "available": false } }]);
        let answer = house.post("/api/commands").bearer_auth(&token).json(&command).send().await.unwrap();
        assert_eq!(answer.json::<Value>().await.unwrap()[0]["code"], "session_revoked");
        let system = commands.tokens.issue(&Claims { actor: Actor::System, ..good.clone() });
        let answer = house.post("/api/commands").bearer_auth(&system).json(&command).send().await.unwrap();
        refused(answer, 401, "unauthorized").await;
    });
}

#[test]
fn a_token_ends_when_its_time_is_over() {
    run(async {
        let (clock, hand) = Clock::settable(NOON);
        let server = start(Place::new(Kind::Sqlite), "", clock).await;
        let (guest, waiter) = (server.guest(0).await, server.staff(Role::Waiter).await);
        hand.advance(Duration::from_secs(15 * 60 + 29));
        assert_eq!(waiter.get("/api/tables").await.status(), 200, "clocks may be 30 s apart");
        hand.advance(Duration::from_secs(1));
        refused(waiter.get("/api/tables").await, 401, "expired").await;
        guest.order(&server.draft()).await;
        hand.advance(Duration::from_secs(12 * 3600));
        refused(guest.get("/api/orders").await, 401, "expired").await;
        refused(guest.send_order(Uuid::new_v4(), &server.draft()).await, 401, "expired").await;

        let scan = json!({ "qr": server.code(&server.fixture, 0) });
        let scan = server.client.post(server.url("/api/seatings")).bearer_auth(&guest.token).json(&scan);
        let again: Value = scan.send().await.unwrap().json().await.unwrap();
        assert_eq!(again["guest"], json!(guest.guest.unwrap()), "the same phone, once it scans again");
        server.stop().await;
    });
}

async fn scan(house: &House, qr: &str) -> Response {
    house.post("/api/seatings").json(&json!({ "qr": qr })).send().await.unwrap()
}

#[test]
fn a_code_that_nobody_printed_opens_no_table() {
    in_a_house(&BOTH, &[], async |house: &House| {
        let fixture = &house.server.fixture;
        let good = house.server.code(fixture, 1);
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(&good).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            refused(scan(house, &BASE64_URL_SAFE_NO_PAD.encode(flipped)).await, 404, "invalid_code").await;
        }
        let table = TableCode { restaurant: fixture.id(), table: fixture.tables[1].id, version: 1 };
        let forged = Codes::new(vec![key("other", 7)]).sign(&table);
        let long = "A".repeat(60_000);
        for code in [
            "",
            "x",
            " ",
            "\0",
            "🍕",
            &good[1..],
            &good[..good.len() - 1],
            &format!("{good}A"),
            &format!("/t/{good}"),
            &forged,
            &long,
        ] {
            refused(scan(house, code).await, 404, "invalid_code").await;
        }
    });
}

/// Honestly signed codes for what is not there (any more).
#[test]
fn a_code_for_a_table_that_is_not_there_opens_none() {
    in_a_house(&BOTH, &["table.changed"], async |house: &House| {
        let fixture = &house.server.fixture;
        let codes = &house.server.app().commands.codes;
        let table = TableCode { restaurant: fixture.id(), table: fixture.tables[1].id, version: 1 };
        let nowhere = TableCode { table: TableId(Uuid::new_v4()), ..table };
        refused(scan(house, &codes.sign(&nowhere)).await, 404, "unknown_table").await;
        let theirs = TableCode { table: house.rival.tables[0].id, ..table };
        refused(scan(house, &codes.sign(&theirs)).await, 404, "unknown_table").await;
        let no_house = TableCode { restaurant: comanda::domain::ids::RestaurantId(Uuid::new_v4()), ..table };
        let status = scan(house, &codes.sign(&no_house)).await.status().as_u16();
        assert!([403, 404].contains(&status), "{status}");
        for version in [0, -1, 2, i64::MAX, i64::MIN] {
            refused(scan(house, &codes.sign(&TableCode { version, ..table })).await, 410, "old_code").await;
        }
        let old = house.server.code(fixture, 1);
        let rotated = house.manager.command("table.rotate_code", json!({ "table": fixture.tables[1].id })).await;
        assert_eq!(rotated["op"], "ok", "{rotated}");
        refused(scan(house, &old).await, 410, "old_code").await;
        let tables: Value = house.manager.get("/api/tables").await.json().await.unwrap();
        let link = tables[1]["link"].as_str().unwrap();
        let new = link.rsplit('/').next().unwrap();
        assert_ne!(new, old);
    });
}

/// The code is no permission: at a gate the order waits, whoever scanned.
#[test]
fn a_scan_alone_brings_nothing_to_the_kitchen() {
    for kind in BOTH {
        run(async {
            let clock = Clock::system();
            let server = crate::harness::server::TestServer::start_with(kind, GateRule::Seating, "", clock).await;
            let (guest, cook, waiter) =
                (server.guest(0).await, server.staff(Role::Kitchen).await, server.staff(Role::Waiter).await);
            let placed = guest.order(&server.draft()).await;
            assert_eq!(placed["held"], true);
            let kitchen: Value = cook.get("/api/feed?topic=kitchen").await.json().await.unwrap();
            assert_eq!(kitchen["subscribed"][0]["snapshot"]["orders"], json!([]));
            let said = cook.command("order.bump", json!({ "order": placed["id"] })).await;
            assert_eq!(said["code"], "held", "{said}");
            let seating = guest.seating.unwrap();
            let said = guest.command("seating.release", json!({ "seating": seating })).await;
            assert_eq!(said["code"], "forbidden", "{said}");
            let said = waiter.command("seating.release", json!({ "seating": seating })).await;
            assert_eq!(said["op"], "ok", "{said}");
            let kitchen: Value = cook.get("/api/feed?topic=kitchen").await.json().await.unwrap();
            let shown = [&kitchen["subscribed"][0]["snapshot"]["orders"][0], &kitchen["events"][0]["order"]];
            assert!(shown.iter().any(|order| order["id"] == placed["id"]), "{kitchen}");
            let story = story(&server, &server.fixture).await;
            assert_eq!(story, ["seating.opened", "order.placed", "seating.released", "order.released"]);
            server.stop().await;
        });
    }
}
