//! W5: commands on the socket, their answers, and their order.

use super::follow::{Follower, int};
use super::hand::{Hand, feed, small};
use super::node::{custom, quiet};
use crate::harness::run;
use crate::harness::server::{BOTH, Kind, TestServer};
use crate::harness::socket::Socket;
use comanda::clock::Clock;
use comanda::domain::event::Kind as EventKind;
use comanda::domain::people::Role;
use comanda::store::Db;
use serde_json::{Value, json};
use sqlx::pool::PoolConnection;
use uuid::Uuid;

fn command(id: Uuid, name: &str, args: &Value) -> Value {
    json!({ "op": "command", "id": id, "name": name, "args": args })
}

/// The answer to one command.
async fn answer(socket: &mut Socket, id: Uuid) -> Value {
    let id = id.to_string();
    socket.until(|m| m["id"] == id.as_str() && m["op"] != "event").await
}

#[test]
fn w5_a_command_is_done_or_refused_and_its_effect_comes_as_an_event() {
    for kind in BOTH {
        run(async {
            let server = quiet(kind).await;
            let (cook, guest) = (server.staff(Role::Kitchen).await, server.guest(0).await);
            let (order, placed) = Hand::at(&server, &guest).place(&small(&server.fixture)).await;
            let mut mine = Follower::new(&cook, &["kitchen"]).await;
            let mut other = Follower::new(&cook, &["kitchen"]).await;
            let id = Uuid::new_v4();
            mine.socket.send(&command(id, "order.rush", &json!({ "order": order.id, "rush": true }))).await;
            let ok = mine.until(|_, m| m["op"] == "ok").await;
            assert_eq!((&ok["id"], int(&ok["seq"])), (&json!(id), placed + 1));
            for screen in [&mut mine, &mut other] {
                screen.event(placed + 1).await;
                let event = screen.socket.log.iter().find(|m| m["op"] == "event").expect("an event");
                assert_eq!((&event["command"], &event["order"]["rush"]), (&json!(id), &json!(true)));
            }
            // Done already: `ok`, with the number of the head, and no event.
            let again = mine.socket.command("order.rush", json!({ "order": order.id, "rush": true })).await;
            assert_eq!((&again["op"], int(&again["seq"])), (&json!("ok"), placed + 1));
            for (name, args, code) in [
                ("order.complete", json!({ "order": order.id }), "wrong_state"),
                ("order.rush", json!({ "order": Uuid::new_v4(), "rush": true }), "unknown_order"),
                ("order.rush", json!({ "order": order.id }), "invalid"),
                ("order.eat", json!({}), "unknown_command"),
                ("orders.shown", json!({ "seq": 1, "stations": [] }), "unknown_command"),
                ("order.cancel", json!({ "order": order.id }), "invalid"),
                ("seating.close", json!({ "seating": guest.seating }), "forbidden"),
            ] {
                let refused = mine.socket.command(name, args).await;
                assert_eq!((&refused["op"], &refused["code"]), (&json!("refused"), &json!(code)), "{refused}");
                assert!(refused["message"].as_str().is_some_and(|message| !message.is_empty()), "{refused}");
                if code == "wrong_state" {
                    assert_eq!(refused["current"]["version"], 2, "{refused}");
                }
            }
            assert_eq!(feed(&server.app().commands.store, server.fixture.id()).await.len() as i64, placed + 1);
        });
    }
}

/// A tap made on a picture from before a recall is refused with the picture of now; other taps merge.
#[test]
fn w5_a_tap_on_a_line_that_changed_since_is_refused_with_the_order_as_it_is() {
    for kind in BOTH {
        run(async {
            let server = quiet(kind).await;
            let (cook, guest) = (server.staff(Role::Kitchen).await, server.guest(0).await);
            let placed = guest.order(&server.draft()).await;
            let (order, [first, second]) = (&placed["id"], [&placed["lines"][0]["id"], &placed["lines"][1]["id"]]);
            let mut screen = Socket::subscribed(&cook, "kitchen").await;
            screen.command("line.done", json!({ "order": order, "line": first })).await;
            screen.command("line.recall", json!({ "order": order, "line": first })).await;
            let mut tap = async |line: &Value, base: i64| {
                let id = Uuid::new_v4();
                let mut message = command(id, "line.done", &json!({ "order": order, "line": line }));
                message["base_version"] = json!(base);
                screen.send(&message).await;
                answer(&mut screen, id).await
            };
            let late = tap(first, 2).await;
            assert_eq!((&late["op"], &late["code"]), (&json!("refused"), &json!("changed")));
            assert_eq!((&late["current"]["id"], int(&late["current"]["version"])), (order, 3));
            assert_eq!(late["current"]["lines"][0]["tasks"][0]["state"], "started");
            assert_eq!(tap(second, 1).await["op"], "ok", "nobody recalled this one: it merges");
            assert_eq!(tap(first, 4).await["op"], "ok");
        });
    }
}

#[test]
fn w5_the_same_id_is_the_same_command_on_whichever_socket() {
    for kind in BOTH {
        run(async {
            let server = quiet(kind).await;
            let (cook, waiter, guest) =
                (server.staff(Role::Kitchen).await, server.staff(Role::Waiter).await, server.guest(0).await);
            let (order, placed) = Hand::at(&server, &guest).place(&small(&server.fixture)).await;
            let (mut one, mut two) = (Socket::hello(&cook).await, Socket::hello(&cook).await);
            let (id, args) = (Uuid::new_v4(), json!({ "order": order.id, "rush": true }));
            // Twice at once, and once more by a login of its own.
            one.send(&command(id, "order.rush", &args)).await;
            one.send(&command(id, "order.rush", &args)).await;
            two.send(&command(id, "order.rush", &args)).await;
            let mut again = Socket::hello(&server.staff(Role::Kitchen).await).await;
            again.send(&command(id, "order.rush", &args)).await;
            for socket in [&mut one, &mut two, &mut again] {
                assert_eq!(int(&answer(socket, id).await["seq"]), placed + 1);
            }
            assert_eq!(int(&answer(&mut one, id).await["seq"]), placed + 1);
            // Another body, or another person.
            one.send(&command(id, "order.rush", &json!({ "order": order.id, "rush": false }))).await;
            assert_eq!(answer(&mut one, id).await["code"], "id_reused");
            let mut stranger = Socket::hello(&waiter).await;
            stranger.send(&command(id, "order.rush", &args)).await;
            assert_eq!(answer(&mut stranger, id).await["code"], "id_reused");
            assert_eq!(feed(&server.app().commands.store, server.fixture.id()).await.len() as i64, placed + 1);
        });
    }
}

#[test]
fn w5_commands_sent_without_waiting_are_decided_in_their_order() {
    for kind in BOTH {
        run(async {
            let server = quiet(kind).await;
            let (cook, guest) = (server.staff(Role::Kitchen).await, server.guest(0).await);
            let (order, placed) = Hand::at(&server, &guest).place(&small(&server.fixture)).await;
            let mut screen = Follower::new(&cook, &["kitchen"]).await;
            let ids: Vec<Uuid> = (0..30).map(|_| Uuid::new_v4()).collect();
            for (n, id) in ids.iter().enumerate() {
                let args = json!({ "order": order.id, "rush": n % 2 == 0 });
                screen.socket.send(&command(*id, "order.rush", &args)).await;
            }
            let head = placed + 30;
            screen.event(head).await;
            while screen.socket.log.iter().filter(|m| m["op"] == "ok").count() < 30 {
                screen.step().await;
            }
            let events = feed(&server.app().commands.store, server.fixture.id()).await;
            let rushed = events.iter().filter(|e| e.kind == EventKind::OrderRush);
            assert_eq!(rushed.map(|e| e.command.0).collect::<Vec<_>>(), ids);
            for (id, seq) in ids.iter().zip(placed + 1..) {
                let ok = screen.socket.log.iter().find(|m| m["op"] == "ok" && m["id"] == json!(id)).expect("an answer");
                assert_eq!(int(&ok["seq"]), seq);
            }
        });
    }
}

/// Nobody writes while this is held.
async fn hold(server: &TestServer) -> PoolConnection<sqlx::Sqlite> {
    let Db::Sqlite { writer, .. } = server.app().commands.store.db.clone() else { panic!("SQLite") };
    writer.acquire().await.expect("the writer")
}

/// While sixteen commands of a connection are under way, nothing more is read from it.
#[test]
fn w5_sixteen_commands_of_a_connection_are_under_way_at_most() {
    run(async {
        let server = quiet(Kind::Sqlite).await;
        let (waiter, guest) = (server.staff(Role::Waiter).await, server.guest(0).await);
        let (order, _) = Hand::at(&server, &guest).place(&small(&server.fixture)).await;
        let mut screen = Socket::subscribed(&waiter, "kitchen").await;
        let held = hold(&server).await;
        let rush = |n: usize| {
            command(Uuid::new_v4(), "order.rush", &json!({ "order": order.id, "rush": n.is_multiple_of(2) }))
        };
        for n in 0..15 {
            screen.send(&rush(n)).await;
        }
        // Fifteen leave room: this is read, and answered before any of them.
        screen.send(&json!({ "op": "subscribe", "topic": "nonsense" })).await;
        assert_eq!(screen.next().await["code"], "unknown_topic");
        // The sixteenth leaves none: this waits until one of them was answered.
        screen.send(&rush(15)).await;
        screen.send(&json!({ "op": "subscribe", "topic": "nonsense" })).await;
        let more = Socket::subscribed(&waiter, "kitchen").await;
        drop((held, more));
        let before = screen.log.len();
        screen.until(|m| m["code"] == "unknown_topic").await;
        let answered = screen.log[before..].iter().filter(|m| m["op"] == "ok").count();
        assert!(answered > 0, "{:?}", &screen.log[before..]);
    });
}

/// Not decided is no answer that ends a command: the same id is sent again, and done once.
#[test]
fn w5_a_command_that_could_not_be_tried_is_sent_again_with_its_id() {
    run(async {
        let server = custom("", "command_wait_ms = 300\n", "", Clock::system()).await;
        let (cook, guest) = (server.staff(Role::Kitchen).await, server.guest(0).await);
        let (order, placed) = Hand::at(&server, &guest).place(&small(&server.fixture)).await;
        let mut screen = Socket::hello(&cook).await;
        let held = hold(&server).await;
        let (id, args) = (Uuid::new_v4(), json!({ "order": order.id, "rush": true }));
        screen.send(&command(id, "order.rush", &args)).await;
        let answer = screen.next().await;
        assert_eq!((&answer["op"], &answer["id"]), (&json!("not_tried"), &json!(id)));
        assert!(answer["retry_ms"].as_u64().is_some_and(|ms| ms > 0), "{answer}");
        drop(held);
        screen.send(&command(id, "order.rush", &args)).await;
        let ok = screen.next().await;
        assert_eq!((&ok["op"], int(&ok["seq"])), (&json!("ok"), placed + 1));
        screen.send(&command(id, "order.rush", &args)).await;
        assert_eq!(int(&screen.next().await["seq"]), placed + 1);
    });
}
