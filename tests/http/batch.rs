//! Commands in batches: decided in the order sent, each answered on its own, safe to send again.

use super::house::{House, in_a_house, on_a_postgres_of_its_own, problem, refused, start, story};
use crate::harness::people::Person;
use crate::harness::postgres::TestPostgres;
use crate::harness::run;
use crate::harness::server::{BOTH, Kind, Place, TestServer};
use comanda::clock::Clock;
use comanda::domain::people::Role;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use sqlx::postgres::PgConnection;
use sqlx::{Connection, Executor};
use uuid::Uuid;

async fn send(person: &Person, commands: &Value) -> Response {
    let post = person.client.post(format!("{}/api/commands", person.base)).bearer_auth(&person.token);
    post.json(commands).send().await.unwrap()
}

fn command(name: &str, args: &Value) -> Value {
    json!({ "id": Uuid::new_v4(), "name": name, "args": args })
}

fn ops(answers: &Value) -> Vec<&str> {
    answers.as_array().expect("answers").iter().map(|one| one["op"].as_str().expect("op")).collect()
}

#[test]
fn commands_are_decided_in_their_order_and_answered_each() {
    for kind in BOTH {
        run(async {
            let server = TestServer::start(kind).await;
            let (guest, cook) = (server.guest(0).await, server.staff(Role::Kitchen).await);
            let placed = guest.order(&server.draft()).await;
            let (order, steak, fries) = (&placed["id"], &placed["lines"][0]["id"], &placed["lines"][1]["id"]);
            let commands = json!([
                command("order.complete", &json!({ "order": order })),
                command("line.done", &json!({ "order": order, "line": steak })),
                command("line.boil", &json!({ "order": order })),
                command("line.done", &json!({ "order": order })),
                command("line.done", &json!({ "order": order, "line": Uuid::new_v4() })),
                command("line.done", &json!({ "order": order, "line": fries })),
                command("order.complete", &json!({ "order": order })),
            ]);
            let answer = send(&cook, &commands).await;
            assert_eq!(answer.status(), StatusCode::OK);
            let answers: Value = answer.json().await.unwrap();
            let codes: Vec<_> = answers.as_array().unwrap().iter().map(|a| a["code"].as_str()).collect();
            let (unknown, invalid) = (Some("unknown_command"), Some("invalid"));
            assert_eq!(codes, [Some("wrong_state"), None, unknown, invalid, Some("unknown_line"), None, None]);
            assert_eq!(answers[0]["current"]["number"], 1, "the state that speaks against it");
            for (answer, command) in answers.as_array().unwrap().iter().zip(commands.as_array().unwrap()) {
                assert_eq!(answer["id"], command["id"]);
            }
            let seqs = [1, 5, 6].map(|n: usize| answers[n]["seq"].as_i64().unwrap());
            // On a slow machine the server's own alarm may stand between them.
            assert!(seqs[0] == 3 && seqs.is_sorted_by(|a, b| a < b), "{seqs:?}");

            let again: Value = send(&cook, &commands).await.json().await.unwrap();
            assert_eq!([1, 5, 6].map(|n: usize| again[n]["seq"].as_i64().unwrap()), seqs, "the same answers");
            let story = story(&server, &server.fixture).await;
            assert_eq!(story, ["seating.opened", "order.placed", "line.done", "line.done", "order.completed"]);
            server.stop().await;
        });
    }
}

#[test]
fn a_hundred_commands_are_taken_and_one_more_is_not() {
    in_a_house(&[Kind::Sqlite], &[], async |house: &House| {
        let many = |count: usize| -> Value {
            (0..count).map(|_| command("order.confirm", &json!({ "order": Uuid::nil() }))).collect()
        };
        assert_eq!(send(&house.cook, &json!([])).await.json::<Value>().await.unwrap(), json!([]));
        let answers: Value = send(&house.cook, &many(100)).await.json().await.unwrap();
        assert_eq!(ops(&answers), ["refused"; 100]);
        refused(send(&house.cook, &many(101)).await, 413, "too_many_commands").await;
        refused(send(&house.cook, &many(10_000)).await, 413, "too_large").await;
    });
}

#[test]
fn one_that_is_no_command_spoils_the_batch_before_anything_is_done() {
    in_a_house(&[Kind::Sqlite], &[], async |house: &House| {
        let good = command("item.set", &json!({ "item": house.server.fixture.fries().id, "available": false }));
        for (bad, field) in [
            (json!(7), "[1]"),
            (json!({}), "[1]"),
            (json!({ "id": "x", "name": "item.set", "args": {} }), "[1].id"),
            (json!({ "id": Uuid::new_v4(), "name": 7, "args": {} }), "[1].name"),
            (json!({ "id": Uuid::new_v4(), "name": "item.set" }), "[1]"),
            (json!({ "id": Uuid::new_v4(), "name": "item.set", "args": {}, "base_version": 1.5 }), "[1].base_version"),
        ] {
            let said = refused(send(&house.cook, &json!([good, bad])).await, 422, "invalid").await;
            assert_eq!(said["fields"][0]["field"], field, "{said}");
        }
        refused(send(&house.cook, &good).await, 422, "invalid").await;
    });
}

#[test]
fn roles_are_kept_in_batches_too() {
    in_a_house(&BOTH, &[], async |house: &House| {
        let fixture = &house.server.fixture;
        let seating = house.guest.seating.unwrap();
        let (table, item) = (fixture.tables[1].id, fixture.fries().id);
        let for_waiters = [
            command("seating.open", &json!({ "table": table })),
            command("seating.release", &json!({ "seating": seating })),
            command("seating.close", &json!({ "seating": seating, "force": true })),
        ];
        let for_managers = [command("table.rotate_code", &json!({ "table": table }))];
        let for_staff = [
            command("item.set", &json!({ "item": item, "available": false })),
            command("order.confirm", &json!({ "order": Uuid::nil() })),
            command("order.bump", &json!({ "order": Uuid::nil() })),
            command("session.revoke", &json!({ "session": Uuid::nil() })),
        ];
        // Words that only the server says are none to a client.
        let for_nobody = [
            command("order.place", &json!({ "kind": "dine_in", "lines": [] })),
            command("seating.join", &json!({ "table": table, "code_version": 1 })),
            command("orders.shown", &json!({ "seq": 1, "stations": [] })),
            command("order.alarm", &json!({ "order": Uuid::nil(), "nth": 1 })),
        ];
        let refusals = [
            (&house.guest, &for_staff[..], "forbidden"),
            (&house.guest, &for_waiters[..], "forbidden"),
            (&house.guest, &for_managers[..], "forbidden"),
            (&house.cook, &for_waiters[..], "forbidden"),
            (&house.cook, &for_managers[..], "forbidden"),
            (&house.waiter, &for_managers[..], "forbidden"),
            (&house.guest, &for_nobody[..], "unknown_command"),
            (&house.manager, &for_nobody[..], "unknown_command"),
        ];
        for (person, commands, code) in refusals {
            let answers: Value = send(person, &json!(commands)).await.json().await.unwrap();
            for (answer, command) in answers.as_array().unwrap().iter().zip(commands) {
                assert_eq!(answer["code"], code, "{command}: {answer}");
            }
        }
        let pin = send(&house.waiter, &json!([command("seating.pin", &json!({ "pin": "1" }))])).await;
        assert_eq!(pin.json::<Value>().await.unwrap()[0]["code"], "forbidden");
    });
}

#[test]
fn without_its_database_a_batch_says_what_was_not_tried() {
    run(async {
        let (server, mut postgres) = on_a_postgres_of_its_own().await;
        let cook = server.staff(Role::Kitchen).await;
        let set = |available: bool| {
            command("item.set", &json!({ "item": server.fixture.fries().id, "available": available }))
        };
        let commands = json!([set(false), set(true), set(false)]);
        postgres.pause();
        let answer = send(&cook, &commands).await;
        assert_eq!(
            (answer.status(), &answer.headers()["retry-after"]),
            (StatusCode::SERVICE_UNAVAILABLE, &"1".parse().unwrap())
        );
        let answers: Value = answer.json().await.unwrap();
        let expected: Vec<Value> = (0..3).map(|n| json!({ "op": "not_tried", "id": commands[n]["id"] })).collect();
        assert_eq!(answers, json!(expected));

        postgres.resume();
        let deadline = std::time::Instant::now() + crate::harness::SOON;
        let done = loop {
            let answer = send(&cook, &commands).await;
            if answer.status() == StatusCode::OK {
                break answer.json::<Value>().await.unwrap();
            }
            assert!(std::time::Instant::now() < deadline, "the database is back, the server is not");
        };
        assert_eq!(ops(&done), ["ok"; 3]);
        assert_eq!(story(&server, &server.fixture).await, ["item.changed"; 3], "each once, however often it was sent");
        server.stop().await;
    });
}

/// Each commit takes 50 ms here, and a request 2 s at most: half of its time is for beginning something new.
#[test]
fn a_batch_that_takes_too_long_says_how_far_it_came() {
    run(async {
        let postgres = TestPostgres::start();
        let mut place = Place::new(Kind::Sqlite);
        place.url = postgres.database("slow");
        place.kind = Kind::Postgres;
        let lines = "server.request_timeout_ms = 2000\ndatabase.command_wait_ms = 1900";
        let server = start(place, lines, Clock::system()).await;
        let cook = server.staff(Role::Kitchen).await;
        let mut database = PgConnection::connect(&postgres.superuser_url("slow")).await.unwrap();
        let slow = "create function slow() returns trigger language plpgsql as \
            'begin perform pg_sleep(0.05); return null; end'; \
            create trigger slow after insert on events for each statement execute function slow()";
        database.execute(slow).await.unwrap();

        let item = server.fixture.fries().id;
        let commands: Value =
            (0..40).map(|n| command("item.set", &json!({ "item": item, "available": n % 2 == 1 }))).collect();
        let mut came = Vec::new();
        loop {
            let answer = send(&cook, &commands).await;
            let status = answer.status();
            let answers: Value = answer.json().await.unwrap();
            let ops = ops(&answers);
            let done = ops.iter().take_while(|op| **op == "ok").count();
            assert_eq!(ops[done..], vec!["not_tried"; 40 - done]);
            came.push(done);
            if status == StatusCode::OK {
                break;
            }
            assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
            assert!(came.len() < 40, "it goes on where it stopped: {came:?}");
        }
        assert!(came.len() > 1 && came.is_sorted(), "{came:?}");
        assert_eq!(came.last(), Some(&40));
        assert_eq!(story(&server, &server.fixture).await, ["item.changed"; 40]);
        server.stop().await;
    });
}

#[test]
fn a_batch_needs_a_token() {
    in_a_house(&[Kind::Sqlite], &[], async |house: &House| {
        let answer = house.post("/api/commands").json(&json!([])).send().await.unwrap();
        assert_eq!(answer.headers()["www-authenticate"], "Bearer");
        assert_eq!(problem(answer).await["code"], "unauthorized");
    });
}
