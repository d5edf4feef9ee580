//! The long poll: what a socket would be told, for networks that block sockets.

use super::house::{House, in_a_house, refused, with};
use crate::harness::people::Person;
use crate::harness::run;
use crate::harness::server::{BOTH, Kind, TestServer};
use comanda::domain::people::Role;
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Until a poll that was sent surely waits at the server.
const WAITING: Duration = Duration::from_secs(1);
/// Long enough that nobody mistakes a wake-up for the end of the wait.
const LONG: &str = "&wait=20";

async fn poll(person: &Person, query: &str) -> Value {
    let answer = person.get(&format!("/api/feed?{query}")).await;
    assert_eq!(answer.status(), StatusCode::OK, "{:?}", answer.text().await);
    answer.json().await.unwrap()
}

/// `&after=` with where an answer leaves its reader.
fn after(answer: &Value) -> String {
    format!("&after={}.{}", answer["cursor"]["epoch"].as_str().unwrap(), answer["cursor"]["seq"])
}

fn kinds(answer: &Value) -> Vec<&str> {
    answer["events"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect()
}

/// Does what is to wake a poll, a moment after the poll began.
async fn meanwhile<T>(poll: impl Future<Output = T>, act: impl Future<Output = ()>) -> T {
    let acting = async {
        tokio::time::sleep(WAITING).await;
        act.await;
        Instant::now()
    };
    let answered = async { (poll.await, Instant::now()) };
    let ((answer, answered), acted) = tokio::join!(answered, acting);
    let late = answered.saturating_duration_since(acted);
    assert!(late < Duration::from_secs(10), "it was woken, and did not wait for its end");
    answer
}

#[test]
fn a_poll_begins_with_a_snapshot_and_goes_on_with_events() {
    for kind in BOTH {
        run(async {
            let server = TestServer::start(kind).await;
            let (guest, cook) = (server.guest(0).await, server.staff(Role::Kitchen).await);
            let placed = guest.order(&server.draft()).await;
            let begun = poll(&cook, "topic=kitchen&wait=20").await;
            let snapshot = &begun["subscribed"][0]["snapshot"];
            assert_eq!((snapshot["of"].as_str(), &snapshot["orders"][0]["id"]), (Some("kitchen"), &placed["id"]));
            assert_eq!((&begun["events"], begun["cursor"]["seq"].as_i64()), (&json!([]), Some(2)));

            let (order, lines) = (&placed["id"], &placed["lines"]);
            for line in [&lines[0], &lines[1]] {
                cook.command("line.done", json!({ "order": order, "line": line["id"] })).await;
            }
            let next = poll(&cook, &format!("topic=kitchen{}", after(&begun))).await;
            assert!(next["subscribed"][0].get("snapshot").is_none(), "{next}");
            assert_eq!(kinds(&next), ["line.done", "line.done"]);
            assert_eq!((next["events"][0]["prev"].as_i64(), next["events"][1]["prev"].as_i64()), (Some(2), Some(3)));
            assert_eq!(next["events"][0]["by"]["name"], "kitchen");
            let current = poll(&cook, &format!("topic=kitchen{}", after(&next))).await;
            assert_eq!((&current["events"], &current["cursor"]), (&json!([]), &next["cursor"]));
            server.stop().await;
        });
    }
}

#[test]
fn a_poll_waits_for_news_and_returns_without_any() {
    for kind in BOTH {
        run(async {
            let server = TestServer::start(kind).await;
            let guest = server.guest(0).await;
            let begun = poll(&guest, "topic=table").await;
            let at = after(&begun);
            let since = Instant::now();
            let empty = poll(&guest, &format!("topic=table&wait=1{at}")).await;
            assert_eq!((&empty["events"], &empty["cursor"]), (&json!([]), &begun["cursor"]));
            assert!(since.elapsed() >= Duration::from_secs(1), "{:?}", since.elapsed());

            let ordering = async {
                guest.order(&server.draft()).await;
            };
            let news = meanwhile(poll(&guest, &format!("topic=table{LONG}{at}")), ordering).await;
            assert_eq!(kinds(&news), ["order.placed"]);
            server.stop().await;
        });
    }
}

#[test]
fn a_cursor_that_leads_nowhere_begins_with_a_snapshot() {
    for kind in BOTH {
        run(async {
            let server = TestServer::start(kind).await;
            let guest = server.guest(0).await;
            let begun = poll(&guest, "topic=table").await;
            let epoch = begun["cursor"]["epoch"].as_str().unwrap().to_owned();
            let other = Uuid::new_v4();
            for cursor in [
                format!("{other}.1"),
                format!("{epoch}.2"),
                format!("{epoch}.-1"),
                format!("{epoch}.{}", i64::MAX),
                format!("{epoch}.{}", i64::MIN),
            ] {
                let answer = poll(&guest, &format!("topic=table&wait=20&after={cursor}")).await;
                assert_eq!(answer["subscribed"][0]["snapshot"]["of"], "table", "{cursor}: {answer}");
                assert_eq!(answer["cursor"], begun["cursor"]);
            }
            server.stop().await;
        });
    }
}

#[test]
fn each_topic_is_for_its_people() {
    in_a_house(&[Kind::Sqlite], &["order.placed", "seating.opened", "order.placed"], async |house: &House| {
        let placed = house.guest.order(&house.server.draft()).await;
        let mine = format!("topic=order:{}", placed["id"].as_str().unwrap());
        let other = house.server.guest(1).await.order(&house.server.draft()).await;
        let theirs = format!("topic=order:{}", other["id"].as_str().unwrap());
        for (person, topic, of) in [
            (&house.guest, "topic=table", "table"),
            (&house.guest, mine.as_str(), "order"),
            (&house.cook, "topic=kitchen", "kitchen"),
            (&house.cook, theirs.as_str(), "order"),
            (&house.waiter, "topic=kitchen", "kitchen"),
            (&house.waiter, "topic=floor", "floor"),
        ] {
            let answer = poll(person, topic).await;
            assert_eq!(answer["subscribed"][0]["snapshot"]["of"], of, "{topic}");
        }
        for (person, topic) in [
            (&house.guest, "topic=kitchen"),
            (&house.guest, "topic=floor"),
            (&house.cook, "topic=floor"),
            (&house.cook, "topic=table"),
            (&house.waiter, "topic=table"),
        ] {
            refused(person.get(&format!("/api/feed?{topic}")).await, 403, "forbidden").await;
        }
        refused(house.guest.get(&format!("/api/feed?{theirs}")).await, 404, "unknown_order").await;
        for query in [
            "",
            "topic=",
            "topic=all",
            "topic=order:1",
            "topic=table&after=1",
            "topic=table&after=x.1",
            "topic=table&wait=-1",
            "topic=table&wait=1e9",
            "topic=table&wait=1&wait=2",
            "topic=%00",
        ] {
            refused(house.guest.get(&format!("/api/feed?{query}")).await, 422, "invalid").await;
        }
        let nobody = house.server.client.get(house.server.url("/api/feed?topic=table")).send().await.unwrap();
        refused(nobody, 401, "unauthorized").await;
    });
}

#[test]
fn a_guest_hears_nothing_of_other_tables_nor_who_did_it() {
    run(async {
        let server = TestServer::start(Kind::Sqlite).await;
        let (guest, stranger, cook) = (server.guest(0).await, server.guest(1).await, server.staff(Role::Kitchen).await);
        let begun = poll(&guest, "topic=table").await;
        stranger.order(&server.draft()).await;
        let placed = guest.order(&server.draft()).await;
        cook.command("line.done", json!({ "order": placed["id"], "line": placed["lines"][0]["id"] })).await;
        let news = poll(&guest, &format!("topic=table{}", after(&begun))).await;
        assert_eq!(kinds(&news), ["order.placed", "line.done"]);
        assert!(news["events"].as_array().unwrap().iter().all(|event| event.get("by").is_none()), "{news}");
        assert_eq!(news["events"][1]["order"]["id"], placed["id"]);
        assert!(!news.to_string().contains("\"tasks\""), "{news}");
        server.stop().await;
    });
}

/// The ring keeps few events here; what happens elsewhere pushes the poll's cursor out of it.
#[test]
fn a_poll_outlasts_whatever_happens_at_other_tables() {
    run(async {
        let server = with("ring.events = 4").await;
        let (guest, stranger, waiter) =
            (server.guest(0).await, server.guest(1).await, server.staff(Role::Waiter).await);
        let elsewhere = stranger.order(&server.draft()).await;
        let begun = poll(&guest, "topic=table").await;
        let busy = async {
            for n in 0..20 {
                let rush = waiter.command("order.rush", json!({ "order": elsewhere["id"], "rush": n % 2 == 0 })).await;
                assert_eq!(rush["op"], "ok", "{rush}");
            }
            guest.order(&server.draft()).await;
        };
        let news = meanwhile(poll(&guest, &format!("topic=table{LONG}{}", after(&begun))), busy).await;
        // What happened cannot be told event by event any more: a snapshot says so, and has the order, or what follows has.
        let orders = news["subscribed"][0]["snapshot"]["orders"].as_array().unwrap();
        if orders.is_empty() {
            let more = poll(&guest, &format!("topic=table{LONG}{}", after(&news))).await;
            assert!(kinds(&more).contains(&"order.placed"), "{more}");
        } else {
            assert_eq!((orders.len(), kinds(&news).len()), (1, 0), "{news}");
        }
        server.stop().await;
    });
}

#[test]
fn a_poll_ends_with_the_seating_or_the_login_behind_it() {
    for kind in BOTH {
        run(async {
            let server = TestServer::start(kind).await;
            let (guest, waiter, manager) =
                (server.guest(0).await, server.staff(Role::Waiter).await, server.staff(Role::Manager).await);
            let begun = poll(&guest, "topic=table").await;
            let closing = async {
                let closed = waiter.command("seating.close", json!({ "seating": guest.seating.unwrap() })).await;
                assert_eq!(closed["op"], "ok", "{closed}");
            };
            let last = meanwhile(poll(&guest, &format!("topic=table{LONG}{}", after(&begun))), closing).await;
            assert_eq!(kinds(&last), ["seating.closed"]);
            refused(guest.get(&format!("/api/feed?topic=table{}", after(&last))).await, 410, "seating_closed").await;

            let begun = poll(&waiter, "topic=floor").await;
            let session = server.app().commands.authenticate(&waiter.token).unwrap();
            let comanda::domain::people::Actor::Staff { session, .. } = session.actor else { panic!("a waiter") };
            let revoking = async {
                manager.command("session.revoke", json!({ "session": session })).await;
            };
            meanwhile(poll(&waiter, &format!("topic=floor{LONG}{}", after(&begun))), revoking).await;
            refused(waiter.get("/api/feed?topic=floor").await, 401, "revoked").await;
            server.stop().await;
        });
    }
}

#[test]
fn a_poll_does_not_hold_up_a_stop() {
    run(async {
        let mut server = TestServer::start(Kind::Sqlite).await;
        let guest = server.guest(0).await;
        let begun = poll(&guest, "topic=table").await;
        let app = server.server.take().unwrap();
        let answer = meanwhile(poll(&guest, &format!("topic=table{LONG}{}", after(&begun))), app.stop()).await;
        assert_eq!(answer["cursor"], begun["cursor"], "nothing was missed: it goes on elsewhere");
    });
}

#[test]
fn a_poll_says_what_a_screen_has_drawn() {
    for kind in BOTH {
        run(async {
            let server = TestServer::start(kind).await;
            let (guest, cook) = (server.guest(0).await, server.staff(Role::Kitchen).await);
            let begun = poll(&cook, "topic=kitchen").await;
            let placed = guest.order(&server.draft()).await;
            let all = begun["subscribed"][0]["snapshot"]["stations"].as_array().unwrap().iter();
            let all = all.map(|station| station["id"].as_str().unwrap()).collect::<Vec<_>>().join(",");
            let seq = placed["seq"].as_i64().unwrap();
            let unseen = poll(&cook, &format!("topic=kitchen&stations=&shown={seq}&wait=10{}", after(&begun))).await;
            assert_eq!(kinds(&unseen), ["order.placed"], "a screen of no station has shown nothing");
            let seen =
                poll(&cook, &format!("topic=kitchen&stations={all}&shown={seq}&wait=10{}", after(&unseen))).await;
            assert_eq!(kinds(&seen), ["orders.seen"]);
            assert_eq!(seen["events"][0]["seen"][0]["order"], placed["id"]);
            let wrong = cook.get("/api/feed?topic=kitchen&stations=grill").await;
            assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
            server.stop().await;
        });
    }
}
