//! W8: how long a connection may live, and what ends it.

use super::follow::{Follow, Follower};
use super::hand::{Hand, eventually, large, small};
use super::node::{Choice, Node, custom, quiet, quiet_with};
use super::raw::{Raw, assert_close};
use crate::harness::people::Person;
use crate::harness::restaurant::PASSWORD;
use crate::harness::run;
use crate::harness::server::{BOTH, Kind, TestServer};
use crate::harness::socket::Socket;
use comanda::clock::Clock;
use comanda::domain::people::Role;
use comanda::domain::restaurant::GateRule;
use comanda::domain::time::Timestamp;
use comanda::protocol::close::Close;
use serde_json::{Value, json};
use std::time::Duration;

const NOON: Timestamp = Timestamp(1_800_000_000_000_000);
const BEATS: &str = "[socket]\nbeat_staff_ms = 50\nbeat_guest_ms = 50\n";
const SECOND: Duration = Duration::from_secs(1);

async fn renew(socket: &mut Socket, token: &str) {
    socket.send(&json!({ "op": "renew", "token": token })).await;
}

/// How a socket closed, if that was within a second.
async fn closes(socket: &mut Socket) -> (u16, Value) {
    tokio::time::timeout(SECOND, socket.close_reason()).await.expect("closed within a second")
}

async fn session(person: &Person) -> Value {
    Socket::hello(person).await.log[0]["session"].clone()
}

#[test]
fn w8_renew_lets_a_connection_live_on_and_expiry_ends_it() {
    run(async {
        let (clock, hand) = Clock::settable(NOON);
        let server = quiet_with(Kind::Sqlite, GateRule::None, BEATS, clock).await;
        let place = Hand::at(&server, &server.guest(0).await);
        let (cook, login) = signed_in(&server, Role::Kitchen).await;
        let mut renewed = Follower::new(&cook, &["kitchen"]).await;
        let mut forgotten = Follower::new(&cook, &["kitchen"]).await;
        let mut without_topic = Socket::hello(&cook).await;
        let mut wrong = Socket::hello(&cook).await;

        hand.advance(Duration::from_secs(14 * 60));
        let fresh = refreshed(&server, &login).await;
        renew(&mut renewed.socket, &fresh).await;
        let until = renewed.until(|_, m| m["op"] == "renewed").await;
        assert_eq!(until["until"], json!(NOON.plus(Duration::from_secs(29 * 60))));
        // A renewal that does not help changes nothing.
        renew(&mut wrong, &cook.token).await;
        wrong.until(|m| m["op"] == "renewed").await;

        hand.advance(Duration::from_secs(60 + 29));
        let (_, seq) = place.place(&small(&server.fixture)).await;
        renewed.event(seq).await;
        forgotten.event(seq).await;
        hand.advance(SECOND);
        assert_close(&forgotten.socket.close_reason().await, Close::Expired);
        assert_close(&wrong.close_reason().await, Close::Expired);
        assert_close(&without_topic.close_reason().await, Close::Expired);
        let (_, seq) = place.place(&small(&server.fixture)).await;
        renewed.event(seq).await;

        // An expired token renews nothing.
        let mut late = Socket::hello(&Person { token: fresh, ..cook.clone() }).await;
        renew(&mut late, &cook.token).await;
        assert_close(&late.close_reason().await, Close::Expired);
    });
}

/// What it is being sent ends after some event; with the next token the rest comes, none missing and none twice.
#[test]
fn w8_a_token_that_expires_in_mid_replay_ends_it_and_the_next_one_goes_on() {
    run(async {
        let (clock, hand) = Clock::settable(NOON);
        let server = quiet_with(Kind::Sqlite, GateRule::None, "", clock.clone()).await;
        let beat_staff = Duration::from_millis(50);
        let choice = Choice { clock, beat_staff, send_buffer: Some(4096), ..Choice::default() };
        let node = Node::beside(&server, choice).await;
        let (cook, login) = signed_in(&server, Role::Kitchen).await;
        let cook = node.here(&cook);
        let waiter = Hand::of(&node.commands, &server.staff(Role::Waiter).await);
        let (order, _) = Hand::of(&node.commands, &server.guest(0).await).place(&large(&server.fixture)).await;
        let began = Follower::new(&cook, &["kitchen"]).await;
        let head = waiter.rushes(order.id, 10).await;
        let all: Vec<i64> = (began.first().cursor + 1..=head).collect();

        let mut slow = Raw::hello(&cook, Some(4096)).await;
        slow.say(&json!({ "op": "subscribe", "topic": "kitchen", "after": began.first().after() })).await;
        assert_eq!(slow.message().await["op"], "subscribed");
        let first = slow.message().await["seq"].as_i64();
        hand.advance(Duration::from_secs(15 * 60 + 31));
        let (messages, closed) = slow.closed().await;
        assert_close(&closed, Close::Expired);
        let events = messages.iter().filter(|message| message["op"] == "event");
        let got: Vec<i64> = first.into_iter().chain(events.filter_map(|event| event["seq"].as_i64())).collect();
        assert!(all.starts_with(&got), "{got:?} of {all:?}");

        let token = refreshed(&server, &login).await;
        let mut again = Follower::new(&Person { token, ..cook }, &[]).await;
        let after = json!({ "epoch": began.first().epoch, "seq": got.last() });
        again.follows.push(Follow::new("kitchen"));
        again.follows[0].epoch.clone_from(&began.first().epoch);
        again.subscribe("kitchen", Some(after)).await;
        again.event(head).await;
        assert_eq!([got, again.first().seqs.clone()].concat(), all);
    });
}

/// A person, and the cookie of their login.
async fn signed_in(server: &TestServer, role: Role) -> (Person, String) {
    let body = json!({ "email": server.fixture.email(role), "password": PASSWORD });
    let answer = server.client.post(server.url("/api/auth/login")).json(&body).send().await.expect("login");
    let cookie = answer.headers()["set-cookie"].to_str().expect("text").split(';').next().expect("a pair").to_owned();
    let answer: Value = answer.json().await.expect("logged in");
    let token = answer["token"].as_str().expect("a token").to_owned();
    let (base, client, slug) = (server.base.clone(), server.client.clone(), "olive".to_owned());
    (Person { base, client, token, slug, guest: None, seating: None }, cookie)
}

async fn refreshed(server: &TestServer, cookie: &str) -> String {
    let request = server.client.post(server.url("/api/auth/refresh")).header("cookie", cookie);
    let answer: Value = request.send().await.expect("refresh").json().await.expect("refreshed");
    answer["token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

#[test]
fn w8_a_connection_is_renewed_by_its_own_login_only() {
    run(async {
        let server = quiet(Kind::Sqlite).await;
        let (cook, again) = (server.staff(Role::Kitchen).await, server.staff(Role::Kitchen).await);
        let (waiter, guest, neighbour) =
            (server.staff(Role::Waiter).await, server.guest(0).await, server.guest(0).await);
        for (person, token) in [
            (&cook, waiter.token.as_str()),
            (&cook, &again.token),
            (&cook, &guest.token),
            (&guest, &neighbour.token),
            (&guest, &cook.token),
            (&guest, "nonsense"),
        ] {
            let mut socket = Socket::hello(person).await;
            renew(&mut socket, token).await;
            assert_close(&socket.close_reason().await, Close::Unauthorized);
        }
    });
}

#[test]
fn w8_an_ended_login_closes_its_sockets_and_only_those_within_a_second() {
    for kind in BOTH {
        run(async {
            let server = quiet(kind).await;
            let manager = server.staff(Role::Manager).await;
            let (mine, other) = (server.staff(Role::Kitchen).await, server.staff(Role::Kitchen).await);
            let mut ended =
                [Socket::subscribed(&mine, "kitchen").await, Socket::hello(&mine).await, Socket::hello(&mine).await];
            let mut lives =
                [Follower::new(&other, &["kitchen"]).await, Follower::new(&manager, &["kitchen", "floor"]).await];
            let ok = manager.command("session.revoke", json!({ "session": session(&mine).await })).await;
            assert_eq!(ok["op"], "ok", "{ok}");
            for socket in &mut ended {
                assert_close(&closes(socket).await, Close::Revoked);
            }
            let (_, seq) = Hand::at(&server, &server.guest(0).await).place(&small(&server.fixture)).await;
            for socket in &mut lives {
                socket.event(seq).await;
            }
            assert_eq!(server.app().commands.hub.connections(), 2);
        });
    }
}

#[test]
fn w8_logout_closes_the_sockets_of_that_login() {
    for kind in BOTH {
        run(async {
            let server = quiet(kind).await;
            let (cook, cookie) = signed_in(&server, Role::Kitchen).await;
            let (other, _) = signed_in(&server, Role::Kitchen).await;
            let mut socket = Socket::subscribed(&cook, "kitchen").await;
            let mut lives = Follower::new(&other, &["kitchen"]).await;
            let request = server.client.post(server.url("/api/auth/logout")).header("cookie", cookie);
            assert_eq!(request.send().await.expect("logout").status(), 204);
            assert_close(&closes(&mut socket).await, Close::Revoked);
            let (_, seq) = Hand::at(&server, &server.guest(0).await).place(&small(&server.fixture)).await;
            lives.event(seq).await;
        });
    }
}

/// The phones of a closed table are told so, with the last of their orders, before their sockets end.
#[test]
fn w8_a_closed_table_gets_its_last_word_and_no_other_table_notices() {
    for kind in BOTH {
        run(async {
            let server = quiet_with(kind, GateRule::Seating, "", Clock::system()).await;
            let waiter = server.staff(Role::Waiter).await;
            let (guest, friend, neighbour) = (server.guest(0).await, server.guest(0).await, server.guest(1).await);
            let mut phones = [Follower::new(&guest, &["table"]).await, Follower::new(&friend, &["table"]).await];
            let mut without_topic = Socket::hello(&guest).await;
            let mut other = Follower::new(&neighbour, &["table"]).await;
            let (held, _) = Hand::at(&server, &guest).place(&small(&server.fixture)).await;
            let ok = waiter.command("seating.close", json!({ "seating": guest.seating })).await;
            assert_eq!(ok["op"], "ok", "{ok}");
            for phone in &mut phones {
                let cancelled = phone.until(|_, m| m["kind"] == "order.cancelled").await;
                assert_eq!(cancelled["order"]["id"], json!(held.id), "it waited at the gate");
                let last = phone.until(|_, m| m["op"] == "event").await;
                assert_eq!(last["kind"], "seating.closed");
                assert!(last["seating"]["closed_at"].is_string(), "{last}");
                assert_close(&closes(&mut phone.socket).await, Close::SeatingClosed);
            }
            assert_close(&closes(&mut without_topic).await, Close::SeatingClosed);
            let (_, seq) = Hand::at(&server, &neighbour).place(&small(&server.fixture)).await;
            other.event(seq).await;
            // A scan opens the table again, as another seating.
            let newcomer = server.guest(0).await;
            assert_ne!(newcomer.seating, guest.seating);
            Socket::subscribed(&newcomer, "table").await;
        });
    }
}

/// Commands check the rows again: an ended login does nothing, even where its end is not known yet.
#[test]
fn w8_an_ended_login_does_nothing_where_its_end_is_not_known() {
    run(async {
        let server = quiet(Kind::Sqlite).await;
        let node = Node::beside(&server, Choice::default()).await;
        let (manager, cook) = (server.staff(Role::Manager).await, server.staff(Role::Kitchen).await);
        let (order, _) = Hand::at(&server, &server.guest(0).await).place(&small(&server.fixture)).await;
        let mut socket = Socket::subscribed(&node.here(&cook), "kitchen").await;
        manager.command("session.revoke", json!({ "session": session(&cook).await })).await;
        let refused = socket.command("order.rush", json!({ "order": order.id, "rush": true })).await;
        assert_eq!(refused["code"], "session_revoked");
        // This node was not told of it: it finds out with the heads.
        assert_close(&socket.close_reason().await, Close::Revoked);
    });
}

/// A node that serves nobody of that restaurant, and hears nothing, must not let the login in for long.
#[test]
fn w8_an_end_that_no_bus_told_is_learnt_from_the_database() {
    run(async {
        let server = quiet(Kind::Sqlite).await;
        let node = Node::beside(&server, Choice::default()).await;
        let (manager, cook) = (server.staff(Role::Manager).await, server.staff(Role::Kitchen).await);
        let mut late = Socket::hello(&cook).await;
        let session = late.log[0]["session"].clone();
        manager.command("session.revoke", json!({ "session": session })).await;
        assert_close(&late.close_reason().await, Close::Revoked);
        let claims = node.commands.tokens.verify(&cook.token, node.commands.clock.now()).expect("a token");
        let comanda::domain::people::Actor::Staff { session, .. } = claims.actor else { panic!("staff") };
        eventually("the node knows", async || node.hub.is_revoked(session)).await;
        let mut refused = Socket::open(&format!("{}/ws/olive", node.base.replacen("http", "ws", 1))).await;
        refused.send(&json!({ "op": "hello", "token": cook.token, "protocol": 1 })).await;
        assert_close(&refused.close_reason().await, Close::Revoked);
    });
}

/// Also one whose socket takes nothing: it is not told what it does not read, and it is gone.
#[test]
fn w8_an_ended_login_is_cut_off_although_its_reader_stalls() {
    run(async {
        let server = quiet(Kind::Sqlite).await;
        let node = Node::beside(&server, Choice { send_buffer: Some(4096), ..Choice::default() }).await;
        let (manager, cook) = (server.staff(Role::Manager).await, server.staff(Role::Kitchen).await);
        let waiter = Hand::of(&node.commands, &server.staff(Role::Waiter).await);
        let (order, _) = Hand::of(&node.commands, &server.guest(0).await).place(&large(&server.fixture)).await;
        let session = session(&cook).await;
        let mut stalled = Raw::subscribed(&node.here(&cook), "kitchen", Some(4096)).await;
        waiter.rushes(order.id, 20).await;
        let revoke = Hand::of(&node.commands, &manager);
        revoke.tap("session.revoke", json!({ "session": session })).await;
        let gone = eventually("it is gone", async || node.hub.connections() == 0);
        tokio::time::timeout(SECOND, gone).await.expect("within a second");
        // Should it read again in time: the frame that was begun is whole, and then it is told why.
        let (_, closed) = stalled.closed().await;
        assert_close(&closed, Close::Revoked);
    });
}

/// A guest's token ends with the seating also when the seating ended just before the socket opened.
#[test]
fn w8_tables_that_close_while_their_phones_come_keep_no_connection() {
    run(async {
        let server = custom("", "", "[limits]\nscans_per_address = 100000\n", Clock::system()).await;
        let waiter = Hand::at(&server, &server.staff(Role::Waiter).await);
        for round in 0..15 {
            let guest = server.guest(round % 3).await;
            let seating = guest.seating;
            let phone = tokio::spawn(async move {
                let mut socket = Socket::open(&format!("{}/ws/olive", guest.base.replacen("http", "ws", 1))).await;
                socket.send(&json!({ "op": "hello", "token": guest.token, "protocol": 1 })).await;
                socket.close_reason().await
            });
            for _ in 0..round * 3 {
                tokio::task::yield_now().await;
            }
            waiter.tap("seating.close", json!({ "seating": seating })).await;
            assert_close(&phone.await.expect("a phone"), Close::SeatingClosed);
        }
    });
}
