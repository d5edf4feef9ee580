//! Paired screens on the socket, and what sends people and screens away (W7, W8).

use super::follow::Follower;
use super::hand::{Hand, small};
use super::node::{Choice, Node, quiet};
use super::raw::assert_close;
use crate::harness::people::Person;
use crate::harness::redis::TestRedis;
use crate::harness::restaurant::PASSWORD;
use crate::harness::run;
use crate::harness::server::{BOTH, Kind, TestServer};
use crate::harness::socket::Socket;
use comanda::clock::Clock;
use comanda::domain::people::Role;
use comanda::domain::restaurant::GateRule;
use comanda::protocol::close::Close;
use serde_json::{Value, json};
use std::time::Duration;

async fn closes(socket: &mut Socket) -> (u16, Value) {
    let second = Duration::from_secs(1);
    tokio::time::timeout(second, socket.close_reason()).await.expect("closed within a second")
}

/// The id of whoever has the role.
async fn user(manager: &Person, role: &str) -> Value {
    let list: Value = manager.get("/api/staff").await.json().await.expect("json");
    list["staff"].as_array().expect("staff").iter().find(|one| one["role"] == role).expect("somebody")["user"].clone()
}

#[test]
fn w7_a_paired_screen_shows_orders_and_is_named_for_what_it_does() {
    for kind in BOTH {
        run(async {
            let server = quiet(kind).await;
            let (manager, waiter) = (server.staff(Role::Manager).await, server.staff(Role::Waiter).await);
            let guest = server.guest(0).await;
            let paired = server.screen(&manager, "Grill left").await;
            let mut screen = Follower::new(&paired.person, &["kitchen"]).await;
            let welcome = &screen.socket.log[0];
            let who = json!({ "role": "screen", "session": paired.answer["session"], "screen": paired.id, "name": "Grill left" });
            assert_eq!((&welcome["who"], &welcome["session"]), (&who, &paired.answer["session"]));
            let mut phone = Follower::new(&guest, &["table"]).await;
            let mut floor = Follower::new(&waiter, &["floor"]).await;
            let (order, seq) = Hand::at(&server, &guest).place(&small(&server.fixture)).await;
            screen.event(seq).await;
            let stations = [server.fixture.grill(), server.fixture.bar()];
            let shown = json!({ "op": "shown", "topic": "kitchen", "seq": seq, "stations": stations });
            screen.socket.send(&shown).await;
            let seen = phone.until(|_, m| m["kind"] == "orders.seen").await;
            assert_eq!(seen["seen"][0]["order"], json!(order.id));
            let told = floor.until(|_, m| m["kind"] == "orders.seen").await;
            assert_eq!(told["by"], json!({ "kind": "screen", "screen": paired.id, "name": "Grill left" }));
            screen.socket.send(&json!({ "op": "subscribe", "topic": "floor" })).await;
            assert_eq!(screen.until(|_, m| m["op"] == "error").await["code"], "forbidden");
            manager.command("screen.set", json!({ "screen": paired.id, "name": "Grill" })).await;
            let renamed = floor.until(|_, m| m["kind"] == "screen.changed").await;
            assert_eq!((&renamed["screen"]["name"], &renamed["screen"]["version"]), (&json!("Grill"), &json!(2)));
        });
    }
}

#[test]
fn w8_a_screen_that_is_revoked_or_paired_again_is_closed_within_a_second() {
    for kind in BOTH {
        run(async {
            let server = quiet(kind).await;
            let manager = server.staff(Role::Manager).await;
            let (paired, other) = (server.screen(&manager, "Grill").await, server.screen(&manager, "Bar").await);
            let mut revoked = Socket::subscribed(&paired.person, "kitchen").await;
            let mut replaced = Socket::subscribed(&other.person, "kitchen").await;
            manager.command("screen.revoke", json!({ "screen": paired.id })).await;
            assert_close(&closes(&mut revoked).await, Close::Revoked);
            assert_eq!(replaced.command("order.none", json!({})).await["code"], "unknown_command", "it lives");
            let asked = server.ask_pairing().await;
            let body = json!({ "code": asked.code, "name": "Bar", "screen": other.id });
            assert_eq!(manager.post("/api/screens", &body).await.status(), 201);
            assert_close(&closes(&mut replaced).await, Close::Revoked);
        });
    }
}

#[test]
fn w8_a_new_role_a_removal_and_a_new_password_close_every_socket_within_a_second() {
    for kind in BOTH {
        run(async {
            let server = quiet(kind).await;
            let admin = server.staff(Role::Admin).await;
            let (cook, waiter, manager) =
                (user(&admin, "kitchen").await, user(&admin, "waiter").await, user(&admin, "manager").await);
            let mut sockets = Vec::new();
            for role in [Role::Kitchen, Role::Waiter, Role::Manager] {
                for _ in 0..2 {
                    let login = server.signed_in(&server.fixture.email(role), PASSWORD).await;
                    sockets.push(Socket::subscribed(&login.person, "kitchen").await);
                }
            }
            let promoted = admin.command("staff.set_role", json!({ "user": cook, "role": "waiter" })).await;
            assert_eq!(promoted["op"], "ok");
            assert_eq!(admin.command("staff.remove", json!({ "user": waiter })).await["op"], "ok");
            let path = format!("/api/staff/{}/password", manager.as_str().expect("an id"));
            assert_eq!(admin.post(&path, &json!({ "password": "another one" })).await.status(), 204);
            for socket in &mut sockets {
                assert_close(&closes(socket).await, Close::Revoked);
            }
            let mut own = Socket::subscribed(&admin, "floor").await;
            assert_eq!(own.command("order.none", json!({})).await["code"], "unknown_command", "the admin stays");
        });
    }
}

/// A node that no bus reaches finds the end in the database; commands find it at once.
#[test]
fn w8_a_revoked_screen_does_nothing_where_its_end_is_not_known() {
    run(async {
        let server = quiet(Kind::Sqlite).await;
        let node = Node::beside(&server, Choice::default()).await;
        let manager = server.staff(Role::Manager).await;
        let paired = server.screen(&manager, "Grill").await;
        let (order, _) = Hand::at(&server, &server.guest(0).await).place(&small(&server.fixture)).await;
        let mut socket = Socket::subscribed(&node.here(&paired.person), "kitchen").await;
        manager.command("screen.revoke", json!({ "screen": paired.id })).await;
        let refused = socket.command("order.rush", json!({ "order": order.id, "rush": true })).await;
        assert_eq!(refused["code"], "session_revoked");
        assert_close(&socket.close_reason().await, Close::Revoked);
    });
}

/// Two nodes, with the news going over Redis: whoever is sent away at one is gone from the other, too.
#[test]
fn w8_revocations_close_sockets_on_another_node_within_a_second() {
    run(async {
        let redis = TestRedis::start();
        let bus = format!("[bus]\nredis = [\"{}\"]\n", redis.url());
        let server = TestServer::start_with(Kind::Postgres, GateRule::None, &bus, Clock::system()).await;
        let other = comanda::app::start(&server.place.config(&bus), Clock::system()).await.expect("another node");
        let there = |person: &Person| Person { base: format!("http://{}", other.address), ..person.clone() };
        let admin = server.staff(Role::Admin).await;
        let (screen, moved) = (server.screen(&admin, "Grill").await, server.screen(&admin, "Bar").await);
        let people = [server.staff(Role::Kitchen).await, server.staff(Role::Waiter).await];
        let mut sockets = Vec::new();
        for person in [&screen.person, &moved.person, &people[0], &people[1]] {
            sockets.push(Socket::subscribed(&there(person), "kitchen").await);
        }
        let (cook, waiter) = (user(&admin, "kitchen").await, user(&admin, "waiter").await);
        let ends = [
            ("screen.revoke", json!({ "screen": screen.id })),
            ("session.revoke", json!({ "session": moved.answer["session"] })),
            ("staff.set_role", json!({ "user": cook, "role": "waiter" })),
            ("staff.remove", json!({ "user": waiter })),
        ];
        for (socket, (name, args)) in sockets.iter_mut().zip(ends) {
            assert_eq!(admin.command(name, args).await["op"], "ok", "{name}");
            assert_close(&closes(socket).await, Close::Revoked);
        }
        other.stop().await;
        server.stop().await;
    });
}
