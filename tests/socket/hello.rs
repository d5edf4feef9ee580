//! W1: who may connect, how soon they must say who they are, and what they are told otherwise.

use super::node::{custom, quiet, quiet_with};
use super::raw::{PING, Raw, TEXT, assert_close};
use crate::harness::people::Person;
use crate::harness::run;
use crate::harness::server::{BOTH, Kind, TestServer};
use crate::harness::socket::Socket;
use comanda::clock::Clock;
use comanda::domain::people::Role;
use comanda::domain::restaurant::GateRule;
use comanda::domain::time::Timestamp;
use comanda::protocol::close::Close;
use comanda::store::Db;
use serde_json::{Value, json};
use std::time::Duration;

async fn start(more: &str) -> TestServer {
    quiet_with(Kind::Sqlite, GateRule::None, more, Clock::system()).await
}

/// How a connection ends that says hello with this token at this restaurant.
async fn refused(server: &TestServer, slug: &str, token: &str, protocol: i64) -> (u16, Value) {
    let mut socket = Socket::open(&server.ws_url(slug)).await;
    socket.send(&json!({ "op": "hello", "token": token, "protocol": protocol })).await;
    socket.close_reason().await
}

#[test]
fn w1_hello_is_answered_with_who_and_where_one_is() {
    run(async {
        let server = start("").await;
        let (guest, waiter) = (server.guest(0).await, server.staff(Role::Waiter).await);
        let mut socket = Socket::hello(&guest).await;
        let welcome = socket.log.remove(0);
        assert_eq!(welcome["who"], json!({ "role": "guest", "guest": guest.guest, "seating": guest.seating }));
        assert_eq!(welcome["restaurant"], server.fixture.id().to_string());
        assert_eq!((&welcome["protocol"], &welcome["session"]), (&json!(1), &json!(guest.seating)));
        assert!(welcome["at"].as_str().is_some_and(|at| at.ends_with('Z')), "{welcome}");
        let socket = Socket::hello(&waiter).await;
        let who = &socket.log[0]["who"];
        assert_eq!((&who["role"], &who["staff_role"]), (&json!("staff"), &json!("waiter")));
        assert_eq!(who["session"], socket.log[0]["session"]);
    });
}

#[test]
fn w1_the_first_message_must_be_hello() {
    run(async {
        let server = start("").await;
        let mut socket = Socket::open(&server.ws_url("olive")).await;
        socket.send(&json!({ "op": "subscribe", "topic": "kitchen" })).await;
        assert_close(&socket.close_reason().await, Close::NoHello);
        let mut socket = Socket::open(&server.ws_url("olive")).await;
        socket.send(&json!({ "op": "hello", "protocol": 1 })).await;
        assert_close(&socket.close_reason().await, Close::Malformed);
    });
}

#[test]
fn w1_hello_must_come_in_time_and_pings_win_none() {
    run(async {
        let server = start("[socket]\nhello_ms = 300\n").await;
        let began = tokio::time::Instant::now();
        let mut raw = Raw::upgraded(&server.base, "olive", None).await;
        let closed = loop {
            raw.frame(PING, b"still here").await;
            match raw.next().await.expect("a frame") {
                (super::raw::CLOSE, payload) => break payload,
                _ => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        };
        assert_eq!(u16::from_be_bytes([closed[0], closed[1]]), Close::NoHello.code());
        let took = began.elapsed();
        assert!((Duration::from_millis(250)..Duration::from_secs(3)).contains(&took), "{took:?}");
    });
}

/// Whoever said hello in time is not told "do not come back" because the database could not answer.
#[test]
fn w1_a_database_that_does_not_answer_is_no_fault_of_the_client() {
    run(async {
        let server = start("[socket]\nhello_ms = 300\n").await;
        let cook = server.staff(Role::Kitchen).await;
        let Db::Sqlite { reader, .. } = server.app().commands.store.db.clone() else { panic!("SQLite") };
        let mut held = Vec::new();
        for _ in 0..reader.options().get_max_connections() {
            held.push(reader.acquire().await.expect("the reader"));
        }
        let closed = refused(&server, "olive", &cook.token, 1).await;
        assert_close(&closed, Close::Busy);
        drop(held);
        Socket::hello(&cook).await;
    });
}

#[test]
fn w1_connections_without_hello_are_bounded_per_address() {
    run(async {
        let server = start("[socket]\nhello_pending_per_address = 3\n").await;
        let cook = server.staff(Role::Kitchen).await;
        let mut silent = Vec::new();
        for _ in 0..3 {
            silent.push(Raw::upgraded(&server.base, "olive", None).await);
        }
        let head = Raw::open(&server.base, None).await.request("olive", "").await;
        assert!(head.starts_with("HTTP/1.1 503 "), "{head}");
        assert!(head.to_lowercase().contains("retry-after: 5\r\n"), "{head}");
        // Whoever says hello, or goes away, makes room.
        let hello = json!({ "op": "hello", "token": cook.token, "protocol": 1 }).to_string();
        silent[0].frame(TEXT, hello.as_bytes()).await;
        assert_eq!(silent[0].message().await["op"], "welcome");
        let fourth = Raw::upgraded(&server.base, "olive", None).await;
        fourth.abort();
        upgraded_soon(&server, "").await;
    });
}

/// An upgrade that may have to wait until the server noticed that another connection is gone.
async fn upgraded_soon(server: &TestServer, more: &str) -> Raw {
    let until = tokio::time::Instant::now() + crate::harness::SOON;
    loop {
        let mut raw = Raw::open(&server.base, None).await;
        let head = raw.request("olive", more).await;
        if head.starts_with("HTTP/1.1 101 ") {
            return raw;
        }
        assert!(tokio::time::Instant::now() < until, "{head}");
        tokio::task::yield_now().await;
    }
}

#[test]
fn w1_behind_a_proxy_each_client_has_its_own_bound_and_ipv6_customers_have_one() {
    run(async {
        let more = "[socket]\nhello_pending_per_address = 1\n";
        let place = "trusted_proxies = [\"127.0.0.1\"]\n";
        let server = custom(place, "", more, Clock::system()).await;
        let from = |address: &str| format!("X-Forwarded-For: {address}\r\n");
        let mut open = Vec::new();
        for (address, status) in [
            ("198.51.100.1", "101"),
            ("198.51.100.1", "503"),
            ("198.51.100.2", "101"),
            ("2001:db8:0:1::1", "101"),
            ("2001:db8:0:1:ffff::2", "503"),
            ("2001:db8:0:2::1", "101"),
        ] {
            let mut raw = Raw::open(&server.base, None).await;
            let head = raw.request("olive", &from(address)).await;
            assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{address}: {head}");
            open.push(raw);
        }
    });
}

#[test]
fn w1_a_page_that_is_too_old_is_told_to_reload() {
    run(async {
        let server = start("").await;
        let guest = server.guest(0).await;
        assert_close(&refused(&server, "olive", &guest.token, 0).await, Close::Update);
    });
}

#[test]
fn w1_only_a_good_token_of_this_restaurant_opens_it() {
    run(async {
        let noon = Timestamp(1_800_000_000_000_000);
        let (clock, hand) = Clock::settable(noon);
        let server = quiet_with(Kind::Sqlite, GateRule::None, "", clock).await;
        let other = server.add("other", GateRule::None).await;
        let (guest, cook) = (server.guest(0).await, server.staff(Role::Kitchen).await);
        let stranger = server.guest_of(&other, 0).await;
        for (slug, token) in [
            ("other", guest.token.as_str()),
            ("other", &cook.token),
            ("olive", &stranger.token),
            ("nowhere", &cook.token),
            ("olive", "not a token"),
            ("olive", ""),
            ("olive", &format!("{}x", cook.token)),
            ("olive", &forged(&guest, &cook)),
        ] {
            assert_close(&refused(&server, slug, token, 1).await, Close::Unauthorized);
        }
        // A quarter of an hour is an access token's life, half a minute is forgiven.
        hand.set(noon.plus(Duration::from_secs(15 * 60 + 31)));
        assert_close(&refused(&server, "olive", &cook.token, 1).await, Close::Expired);
        Socket::hello(&guest).await;
    });
}

/// What one token says with another's signature.
fn forged(one: &Person, other: &Person) -> String {
    let (said, _) = one.token.rsplit_once('.').expect("a token");
    let (_, signature) = other.token.rsplit_once('.').expect("a token");
    format!("{said}.{signature}")
}

#[test]
fn w1_an_ended_login_and_a_closed_table_open_nothing() {
    for kind in BOTH {
        run(async {
            let mut server = quiet(kind).await;
            let manager = server.staff(Role::Manager).await;
            let (cook, guest) = (server.staff(Role::Kitchen).await, server.guest(0).await);
            let session = Socket::hello(&cook).await.log[0]["session"].clone();
            assert_eq!(manager.command("session.revoke", json!({ "session": session })).await["op"], "ok");
            assert_eq!(manager.command("seating.close", json!({ "seating": guest.seating })).await["op"], "ok");
            assert_close(&refused(&server, "olive", &cook.token, 1).await, Close::Revoked);
            assert_close(&refused(&server, "olive", &guest.token, 1).await, Close::SeatingClosed);
            // Also by a server that was not there when it happened.
            server.restart("").await;
            assert_close(&refused(&server, "olive", &cook.token, 1).await, Close::Revoked);
            assert_close(&refused(&server, "olive", &guest.token, 1).await, Close::SeatingClosed);
        });
    }
}

#[test]
fn w1_pages_of_other_origins_may_not_connect() {
    run(async {
        let origins = "allowed_origins = [\"https://pos.example.com\"]\n";
        let server = custom(origins, "", "", Clock::system()).await;
        for (origin, status) in [
            ("", "101"),
            ("Origin: http://olive.test\r\n", "101"),
            ("Origin: https://OLIVE.test\r\n", "101"),
            ("Origin: https://pos.example.com\r\n", "101"),
            ("Origin: https://pos.example.com.evil.example\r\n", "403"),
            ("Origin: http://olive.test.evil.example\r\n", "403"),
            ("Origin: http://olive.test:81\r\n", "403"),
            ("Origin: null\r\n", "403"),
        ] {
            let head = Raw::open(&server.base, None).await.request("olive", origin).await;
            assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{origin}: {head}");
        }
    });
}

/// RFC 6455 §4.2: what is no handshake is told what it lacks; the accept key is the one of §1.3's example.
#[test]
fn w1_a_handshake_is_what_the_rfc_says() {
    run(async {
        let server = start("").await;
        let head = Raw::open(&server.base, None).await.request("olive", "").await;
        assert!(head.to_lowercase().contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=\r\n"), "{head}");
        assert!(!head.to_lowercase().contains("sec-websocket-extensions"), "no permessage-deflate (W12): {head}");
        let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        let upgrade = "Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n";
        for (headers, status, with) in [
            (String::new(), "426", "upgrade: websocket"),
            (format!("{upgrade}Sec-WebSocket-Version: 8\r\n{key}"), "426", "sec-websocket-version: 13"),
            (format!("{upgrade}Sec-WebSocket-Version: 13\r\n"), "400", ""),
            (format!("{upgrade}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c2hvcnQ=\r\n"), "400", ""),
            (format!("{upgrade}Sec-WebSocket-Version: 13\r\n{key}"), "101", "upgrade: websocket"),
        ] {
            let mut raw = Raw::open(&server.base, None).await;
            raw.send(format!("GET /ws/olive HTTP/1.1\r\nHost: olive.test\r\n{headers}\r\n").as_bytes()).await;
            let head = raw.head().await.to_lowercase();
            assert!(head.starts_with(&format!("http/1.1 {status} ")) && head.contains(with), "{headers}: {head}");
        }
    });
}
