//! H17: a phone without a table. A code proves whose it is, its token orders at one restaurant and follows its own
//! orders only, and what can be guessed or sent is bounded.

use super::counter::{Asked, Counter, MINUTE, OTHER, PHONE, away, rules, selling, wrong};
use super::house::refused;
use crate::harness::people::Person;
use crate::harness::restaurant;
use crate::harness::run;
use crate::harness::server::{BOTH, Kind};
use comanda::domain::people::Role;
use comanda::domain::takeaway::Takeaway;
use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

#[test]
fn a_verified_phone_orders_for_a_time_and_follows_its_own_orders_only() {
    for kind in BOTH {
        run(async {
            let counter = Counter::open(kind, "").await;
            let asked = counter.asked(PHONE).await;
            let (first, second) = asked.code.split_at(3);
            let guest = counter.person(counter.give(&asked, &format!(" {first}-{second} ")).await).await;
            let slots = counter.slots("?preparation=10&minutes=30").await;
            let at = slots["slots"][2]["at"].clone();
            let mut draft = away(&counter.server.fixture, PHONE);
            draft["pickup_at"] = at.clone();
            let order = guest.order(&draft).await;
            assert_eq!(
                (&order["kind"], &order["state"], &order["pickup_at"]),
                (&json!("takeaway"), &json!("pending"), &at)
            );
            let soon = guest.order(&away(&counter.server.fixture, PHONE)).await;
            assert_eq!((&soon["state"], soon.get("start_at")), (&json!("confirmed"), None));

            let read = async |who: &Person, path: String| who.get(&path).await;
            let path = |order: &Value| format!("/api/orders/{}", order["id"].as_str().unwrap());
            let feed = |order: &Value| format!("/api/feed?topic=order:{}&wait=0", order["id"].as_str().unwrap());
            assert_eq!(read(&guest, path(&order)).await.status(), StatusCode::OK);
            let followed = read(&guest, feed(&order)).await;
            assert_eq!(followed.status(), StatusCode::OK);
            assert!(!followed.text().await.unwrap().contains("600111222"), "a number in a feed");
            let list: Value = read(&guest, "/api/orders".to_owned()).await.json().await.unwrap();
            assert_eq!(list["orders"].as_array().unwrap().len(), 2);

            // Another phone, and a table's guest.
            let other = counter.guest(OTHER).await;
            let sitting = counter.server.guest(0).await;
            for stranger in [&other, &sitting] {
                refused(read(stranger, path(&order)).await, 404, "unknown_order").await;
                refused(read(stranger, feed(&order)).await, 404, "unknown_order").await;
                let list: Value = read(stranger, "/api/orders".to_owned()).await.json().await.unwrap();
                assert_eq!(list["orders"], json!([]));
                let cancel = stranger.client.delete(stranger.base.clone() + &path(&order)).bearer_auth(&stranger.token);
                assert!(cancel.send().await.unwrap().status().is_client_error());
            }
            for topic in ["kitchen", "floor", "table"] {
                refused(read(&guest, format!("/api/feed?topic={topic}&wait=0")).await, 403, "forbidden").await;
            }
            let theirs = sitting.order(&counter.server.draft()).await;
            refused(read(&guest, path(&theirs)).await, 404, "unknown_order").await;
            for (name, args) in
                [("order.bump", json!({ "order": order["id"] })), ("takeaway.pause", json!({ "paused": true }))]
            {
                assert_eq!(guest.command(name, args).await["code"], "forbidden");
            }
            counter.server.stop().await;
        });
    }
}

#[test]
fn five_wrong_codes_end_it_and_tries_at_once_are_as_many_as_tries_in_turn() {
    for kind in BOTH {
        run(async {
            let counter = Counter::open(kind, "").await;
            let asked = counter.asked(PHONE).await;
            let guess = wrong(&asked.code);
            let answers = join_all((0..12).map(|_| counter.give(&asked, &guess))).await;
            let count = |status: StatusCode| answers.iter().filter(|answer| answer.status() == status).count();
            assert_eq!((count(StatusCode::FORBIDDEN), count(StatusCode::GONE)), (5, 7));
            refused(counter.give(&asked, &asked.code).await, 410, "code_ended").await;

            // Four wrong ones, and the right one is still good.
            counter.hand.advance(MINUTE);
            let asked = counter.asked(PHONE).await;
            for junk in [&wrong(&asked.code), "", "12345", "not a code"] {
                refused(counter.give(&asked, junk).await, 403, "wrong_code").await;
            }
            assert_eq!(counter.give(&asked, &asked.code).await.status(), StatusCode::OK);
            counter.server.stop().await;
        });
    }
}

#[test]
fn a_code_is_good_for_five_minutes_for_one_phone_and_until_the_next_one() {
    for kind in BOTH {
        run(async {
            let counter = Counter::open(kind, "").await;
            let first = counter.asked(PHONE).await;
            counter.hand.advance(Duration::from_secs(31));
            let second = counter.asked(PHONE).await;
            refused(counter.give(&first, &first.code).await, 410, "code_ended").await;
            let guest = counter.person(counter.give(&second, &second.code).await).await;
            // The answer was lost, and the code is given again: the same guest, and no try less.
            let again = counter.person(counter.give(&second, &second.code).await).await;
            assert_eq!(again.guest, guest.guest);
            // Somebody else's code verifies nothing here.
            let other = counter.asked(OTHER).await;
            if other.code != second.code {
                refused(counter.give(&other, &second.code).await, 403, "wrong_code").await;
            }
            counter.hand.advance(MINUTE * 5);
            for ended in [&second, &other] {
                refused(counter.give(ended, &ended.code).await, 410, "code_ended").await;
            }
            let nobodys = Asked { id: Uuid::now_v7().to_string(), code: "123456".to_owned() };
            refused(counter.give(&nobodys, "123456").await, 410, "code_ended").await;
            counter.server.stop().await;
        });
    }
}

#[test]
fn codes_are_bounded_by_number_address_restaurant_and_in_all() {
    for kind in BOTH {
        run(async {
            let lines = "server.trusted_proxies = [\"127.0.0.1\"]\nlimits.codes_per_phone = 2\n\
                         limits.codes_per_address = 3\nlimits.codes_per_restaurant = 4\nlimits.codes = 5";
            let counter = Counter::open(kind, lines).await;
            restaurant::create(&counter.server.app().commands.store, &selling("rival", rules())).await;
            let ask = async |slug: &str, phone: &str, from: &str| {
                let answer = counter.ask_of(slug, phone, from).await;
                let wait =
                    answer.headers().get("retry-after").map(|wait| wait.to_str().unwrap().parse::<u64>().unwrap());
                match wait {
                    None => assert_eq!(answer.status(), StatusCode::ACCEPTED),
                    Some(_) => drop(refused(answer, 429, "limited").await),
                }
                wait
            };
            assert_eq!(ask("olive", PHONE, "192.0.2.1").await, None);
            assert_eq!(ask("olive", PHONE, "192.0.2.1").await, Some(30), "a double tap sends nothing twice");
            counter.hand.advance(Duration::from_secs(30));
            assert_eq!(ask("olive", PHONE, "192.0.2.1").await, None);
            counter.hand.advance(MINUTE);
            assert_eq!(ask("olive", PHONE, "192.0.2.2").await, Some(3600 - 90), "from wherever it is asked for");
            assert_eq!(ask("rival", PHONE, "192.0.2.2").await, Some(3600 - 90), "and for whichever restaurant");
            assert_eq!(ask("olive", OTHER, "192.0.2.1").await, None);
            assert_eq!(
                ask("olive", "+34600555661", "192.0.2.1").await,
                Some(3600 - 90),
                "the address has had its three"
            );
            assert_eq!(ask("olive", "+34600555661", "192.0.2.2").await, None);
            assert_eq!(ask("olive", "+34600555662", "192.0.2.3").await, Some(3600 - 90), "the restaurant its four");
            assert_eq!(ask("rival", "+34600555662", "192.0.2.3").await, None);
            assert_eq!(ask("rival", "+34600555663", "192.0.2.4").await, Some(3600 - 90), "and all together five");
            counter.hand.advance(MINUTE * 59);
            assert_eq!(ask("olive", PHONE, "192.0.2.1").await, None);
            counter.server.stop().await;
        });
    }
}

#[test]
fn what_is_no_number_and_who_has_not_agreed_is_sent_nothing() {
    run(async {
        let counter = Counter::open(Kind::Sqlite, "").await;
        let good = json!({ "phone": PHONE, "channel": "sms", "consent": true });
        for (field, value) in [
            ("phone", json!("600111222")),
            ("phone", json!("+34 600 111 222")),
            ("phone", json!("+34600111222; DROP")),
            ("channel", json!("email")),
            ("channel", json!("push")),
            ("consent", json!(false)),
        ] {
            let mut body = good.clone();
            body[field] = value;
            let post = counter.server.client.post(counter.server.url("/api/restaurants/olive/codes"));
            let said = refused(post.json(&body).send().await.unwrap(), 422, "invalid").await;
            assert_eq!(said["fields"][0]["field"], field, "{said}");
        }
        refused(counter.ask_of("nowhere", PHONE, "192.0.2.1").await, 404, "unknown_restaurant").await;
        refused(counter.give_at("nowhere", &Uuid::nil().to_string(), "1").await, 404, "unknown_restaurant").await;
        assert!(counter.codes(PHONE).await.is_empty());
        counter.server.stop().await;
        let shut = Counter::with(Kind::Sqlite, "", Takeaway::default()).await;
        refused(shut.ask(PHONE).await, 409, "takeaway_closed").await;
        assert_eq!(shut.slots("").await, json!({ "on": false, "slots": [] }));
        shut.server.stop().await;
    });
}

#[test]
fn a_token_is_for_one_restaurant_one_number_and_a_quarter_of_an_hour() {
    for kind in BOTH {
        run(async {
            let counter = Counter::open(kind, "").await;
            let rival = selling("rival", rules());
            restaurant::create(&counter.server.app().commands.store, &rival).await;
            let asked = counter.asked(PHONE).await;
            refused(counter.give_at("rival", &asked.id, &asked.code).await, 410, "code_ended").await;
            let guest = counter.person(counter.give(&asked, &asked.code).await).await;
            let said = refused(guest.send_order(Uuid::new_v4(), &away(&rival, PHONE)).await, 409, "unavailable").await;
            assert_eq!(said["lines"][0]["reason"], "unknown_item");

            let ours = &counter.server.fixture;
            refused(guest.send_order(Uuid::new_v4(), &away(ours, OTHER)).await, 403, "other_phone").await;
            let mut silent = away(ours, PHONE);
            silent["contact"] = Value::Null;
            refused(guest.send_order(Uuid::new_v4(), &silent).await, 422, "invalid").await;
            refused(guest.send_order(Uuid::new_v4(), &counter.server.draft()).await, 422, "invalid").await;

            counter.hand.advance(MINUTE * 16);
            refused(guest.send_order(Uuid::new_v4(), &away(ours, PHONE)).await, 401, "expired").await;
            let renewed = counter.person(counter.renew(&guest.token).await).await;
            assert_eq!(renewed.guest, guest.guest, "it is the same guest");
            renewed.order(&away(ours, PHONE)).await;
            // Neither staff nor a table's guest gets one.
            let waiter = counter.server.staff(Role::Waiter).await;
            let sitting = counter.server.guest(0).await;
            for token in [&waiter.token, &sitting.token, "nonsense"] {
                refused(counter.renew(token).await, 401, "unauthorized").await;
            }
            counter.server.stop().await;
        });
    }
}

#[test]
fn a_phone_that_is_forgotten_is_known_by_no_token() {
    for kind in BOTH {
        run(async {
            let counter = Counter::open(kind, "").await;
            let guest = counter.guest(PHONE).await;
            let order = guest.order(&away(&counter.server.fixture, PHONE)).await;
            let forget = guest.client.delete(format!("{}/api/takeaway/token", guest.base)).bearer_auth(&guest.token);
            assert_eq!(forget.try_clone().unwrap().send().await.unwrap().status(), StatusCode::NO_CONTENT);
            assert_eq!(forget.send().await.unwrap().status(), StatusCode::NO_CONTENT, "twice is fine");
            refused(counter.renew(&guest.token).await, 401, "revoked").await;
            refused(guest.send_order(Uuid::new_v4(), &away(&counter.server.fixture, PHONE)).await, 401, "revoked")
                .await;
            for path in ["/api/orders".to_owned(), format!("/api/orders/{}", order["id"].as_str().unwrap())] {
                refused(guest.get(&path).await, 401, "revoked").await;
            }
            // A month without a visit does the same.
            let other = counter.guest(OTHER).await;
            counter.hand.advance(MINUTE * 60 * 24 * 20);
            let renewed = counter.person(counter.renew(&other.token).await).await;
            counter.hand.advance(MINUTE * 60 * 24 * 29);
            let renewed = counter.person(counter.renew(&renewed.token).await).await;
            counter.hand.advance(MINUTE * 60 * 24 * 31);
            refused(counter.renew(&renewed.token).await, 401, "revoked").await;
            counter.server.stop().await;
        });
    }
}

#[test]
fn what_is_full_paused_and_closed_is_said_with_the_next_opening() {
    run(async {
        let counter = Counter::with(Kind::Sqlite, "", Takeaway { orders_per_slot: 1, ..rules() }).await;
        let guest = counter.guest(PHONE).await;
        let slots = counter.slots("").await;
        assert_eq!((slots.get("full"), slots.get("opens_at"), slots.get("paused_until")), (None, None, None));
        let wanted = slots["slots"][3]["at"].clone();
        let mut draft = away(&counter.server.fixture, PHONE);
        draft["pickup_at"] = wanted.clone();
        guest.order(&draft).await;
        let slots = counter.slots("").await;
        assert_eq!(slots["full"], json!([{ "at": wanted }]));
        assert!(!slots["slots"].as_array().unwrap().contains(&json!({ "at": wanted })));
        let said = refused(guest.send_order(Uuid::new_v4(), &draft).await, 409, "slot_taken").await;
        assert_eq!(said["slots"], slots["slots"]);

        let waiter = counter.server.staff(Role::Waiter).await;
        assert_eq!(waiter.command("takeaway.pause", json!({ "paused": true })).await["op"], "ok");
        let slots = counter.slots("").await;
        assert_eq!(slots["paused_until"], "2026-02-01T03:00:00.000Z");
        assert_eq!((&slots["opens_at"], slots.get("soonest")), (&json!("2026-02-01T11:00:00.000Z"), None));
        assert_eq!(waiter.command("takeaway.pause", json!({ "paused": false })).await["op"], "ok");
        assert_eq!(counter.slots("").await.get("paused_until"), None);

        counter.hand.advance(MINUTE * 60 * 5);
        let evening = counter.slots("").await;
        assert_eq!((&evening["opens_at"], evening.get("soonest")), (&json!("2026-02-01T11:00:00.000Z"), None));
        assert_eq!(evening["slots"][0]["at"], "2026-02-01T11:00:00.000Z", "tomorrow can be chosen tonight");
        counter.server.stop().await;
    });
}
