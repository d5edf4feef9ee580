//! Where guests are told, said after the order and taken back; what of it is kept, how long and how; and which messages
//! a restaurant sends at all.

use super::messages::{PHONE, Scene, texts};
use crate::harness::people::Person;
use crate::harness::server::{BOTH, Kind, Place};
use crate::harness::{SOON, run};
use comanda::domain::people::Role;
use comanda::store::wide;
use reqwest::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::Connection;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use std::str::FromStr;
use std::time::{Duration, Instant};

const OTHER: &str = "+34600333444";

async fn put(who: &Person, path: &str, body: &Value) -> StatusCode {
    let request = who.client.put(format!("{}{path}", who.base)).bearer_auth(&who.token);
    request.json(body).send().await.expect("put").status()
}

fn contact_of(order: &Value) -> String {
    format!("/api/orders/{}/contact", order["id"].as_str().unwrap())
}

fn sms(phone: &str) -> Value {
    json!({ "phone": phone, "channel": "sms" })
}

macro_rules! ask {
    ($place:expr, $select:expr, $fetch:ident) => {
        match $place.kind {
            Kind::Sqlite => {
                let options = SqliteConnectOptions::from_str(&$place.url).unwrap().read_only(true);
                let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
                sqlx::query_scalar($select).$fetch(&mut connection).await.unwrap()
            }
            Kind::Postgres => {
                let url = $place.url.replacen("postgres://comanda@", "postgres://postgres@", 1);
                sqlx::query_scalar($select).$fetch(&mut PgConnection::connect(&url).await.unwrap()).await.unwrap()
            }
        }
    };
}

/// All values of a column of bytes.
async fn kept(place: &Place, select: &'static str) -> Vec<Vec<u8>> {
    ask!(place, select, fetch_all)
}

async fn count(place: &Place, select: &'static str) -> i64 {
    ask!(place, select, fetch_one)
}

#[test]
fn a_guest_says_after_the_order_where_to_be_told_and_what_waits_goes_there() {
    for kind in BOTH {
        run(async {
            let scene = Scene::new(kind, true).await;
            let order = scene.guest.order(&scene.server.draft()).await;
            assert_eq!(put(&scene.guest, &contact_of(&order), &sms(PHONE)).await, StatusCode::NO_CONTENT);
            let read: Value =
                scene.guest.get(&format!("/api/orders/{}", order["id"].as_str().unwrap())).await.json().await.unwrap();
            assert_eq!(read["told_by"], "sms");
            assert!(!read.to_string().contains("600111222"));

            // It is ready, and waits its six seconds; meanwhile the guest has thought better of the number, twice.
            scene.does("order.bump", &order).await;
            assert_eq!(put(&scene.guest, &contact_of(&order), &sms(OTHER)).await, StatusCode::NO_CONTENT);
            scene.hand.advance(Duration::from_secs(3));
            let whatsapp = json!({ "phone": OTHER, "channel": "whatsapp" });
            for contact in [&whatsapp, &sms(OTHER), &whatsapp] {
                assert_eq!(put(&scene.guest, &contact_of(&order), contact).await, StatusCode::NO_CONTENT);
            }
            scene.hand.advance(Duration::from_secs(4));
            scene.ticket(&order, "ready", "whatsapp", "told").await;
            let taken = scene.twilio.taken();
            assert_eq!(taken.iter().map(|taken| &*taken.to).collect::<Vec<_>>(), ["whatsapp:+34600333444"]);

            // Whoever takes it back hears nothing more, and nothing is left of the number.
            let order = scene.sms().await;
            scene.ticket(&order, "accepted", "sms", "told").await;
            scene.does("order.bump", &order).await;
            assert_eq!(scene.guest.delete(&contact_of(&order)).await.status(), StatusCode::NO_CONTENT);
            scene.hand.advance(Duration::from_secs(10));
            let last = scene.sms().await;
            scene.ticket(&last, "accepted", "sms", "told").await;
            assert!(!texts(&scene.twilio.taken()).iter().any(|text| text.contains("is ready.")), "told all the same");
            assert_eq!(
                count(&scene.server.place, "select count(*) from contacts").await,
                2,
                "three said it, one took it back"
            );
            scene.server.stop().await;
        });
    }
}

#[test]
fn only_the_phone_that_ordered_says_where_and_only_while_there_is_something_to_tell() {
    run(async {
        let scene = Scene::new(Kind::Sqlite, false).await;
        let order = scene.guest.order(&scene.server.draft()).await;
        let path = contact_of(&order);
        let (beside, elsewhere) = (scene.server.guest(0).await, scene.server.guest(1).await);
        assert_eq!(put(&beside, &path, &sms(PHONE)).await, StatusCode::FORBIDDEN);
        assert_eq!(put(&elsewhere, &path, &sms(PHONE)).await, StatusCode::NOT_FOUND);
        let cook = scene.server.staff(Role::Kitchen).await;
        assert_eq!(put(&cook, &path, &sms(PHONE)).await, StatusCode::FORBIDDEN);
        assert_eq!(put(&scene.guest, &path, &sms("600 111 222")).await, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(put(&scene.waiter, &path, &sms(PHONE)).await, StatusCode::NO_CONTENT);
        scene.does("order.bump", &order).await;
        scene.does("order.complete", &order).await;
        assert_eq!(put(&scene.guest, &path, &sms(OTHER)).await, StatusCode::CONFLICT);
        assert_eq!(scene.guest.delete(&path).await.status(), StatusCode::NO_CONTENT, "forgetting is always possible");
        scene.server.stop().await;
    });
}

#[test]
fn numbers_are_kept_for_a_while_and_their_hashes_cannot_be_tried() {
    for kind in BOTH {
        run(async {
            let scene = Scene::new(kind, false).await;
            let order = scene.sms().await;
            scene.ticket(&order, "accepted", "sms", "told").await;
            let other = scene.order(sms(OTHER)).await;
            scene.ticket(&other, "accepted", "sms", "told").await;
            let place = &scene.server.place;
            let numbers = kept(place, "select address_hash from notifications where channel = 'sms'").await;
            assert!(numbers.len() == 2 && numbers[0] != numbers[1] && numbers[0].len() == 32, "{numbers:?}");
            let plain = [PHONE, OTHER].map(|number| Sha256::digest(number).to_vec());
            assert!(numbers.iter().all(|hash| !plain.contains(hash)), "a hash that everybody can make");
            // What is kept of a command does not depend on the number: it cannot be tried either.
            let bodies =
                kept(place, "select body_hash from commands where subject in (select order_id from contacts)").await;
            let of_orders: Vec<_> =
                bodies.iter().filter(|body| bodies.iter().filter(|b| b == body).count() == 2).collect();
            assert_eq!(of_orders.len(), 2, "{bodies:?}");

            let store = scene.server.app().commands.store.clone();
            let agreed = scene.server.app().commands.clock.now();
            assert!(!wide::outbox::prune_contacts(&store.db, agreed, 100).await.unwrap());
            assert_eq!(count(place, "select count(*) from contacts").await, 2, "forgotten too early");
            scene.hand.advance(Duration::from_secs(1));
            wide::outbox::prune_contacts(&store.db, scene.server.app().commands.clock.now(), 100).await.unwrap();
            assert_eq!(count(place, "select count(*) from contacts").await, 0);
            scene.server.stop().await;
        });
    }
}

#[test]
fn a_manager_says_which_messages_go_out_and_how() {
    for kind in BOTH {
        run(async {
            let scene = Scene::new(kind, true).await;
            let manager = scene.server.staff(Role::Manager).await;
            let path = "/api/settings/messages";
            let mut settings: Value = manager.get(path).await.json().await.unwrap();
            assert_eq!((&settings["ready"], &settings["channels"]["sms"]), (&json!(true), &json!(true)));
            settings["ready"] = json!(false);
            settings["channels"]["sms"] = json!(false);
            for other in [&scene.guest, &scene.waiter] {
                assert_eq!(put(other, path, &settings).await, StatusCode::FORBIDDEN);
                assert_eq!(other.get(path).await.status(), StatusCode::FORBIDDEN);
            }
            assert_eq!(put(&manager, path, &settings).await, StatusCode::NO_CONTENT);
            assert_eq!(put(&manager, path, &settings).await, StatusCode::NO_CONTENT, "the same again");
            assert_eq!(manager.get(path).await.json::<Value>().await.unwrap(), settings);
            let menu: Value = scene.guest.get("/api/restaurants/olive/menu").await.json().await.unwrap();
            assert_eq!(menu["restaurant"]["settings"]["messages"], settings, "guests' pages learn of it");

            // By a channel that is off nobody is told; the order stands all the same.
            let order = scene.sms().await;
            assert_eq!(order["told_by"], json!(null));
            assert_eq!(put(&scene.guest, &contact_of(&order), &sms(PHONE)).await, StatusCode::UNPROCESSABLE_ENTITY);
            // WhatsApp does not fall back to it either.
            let order = scene.order(json!({ "phone": PHONE, "channel": "whatsapp" })).await;
            scene.ticket(&order, "accepted", "whatsapp", "told").await;
            let sid = scene.twilio.taken()[0].sid.clone();
            assert_eq!(scene.twilio.tells(&sid, "undelivered").await, StatusCode::NO_CONTENT);
            scene.ticket(&order, "accepted", "whatsapp", "failed").await;
            scene.does("order.bump", &order).await;
            scene.hand.advance(Duration::from_secs(60));
            let last = scene.order(json!({ "phone": PHONE, "channel": "whatsapp" })).await;
            scene.ticket(&last, "accepted", "whatsapp", "told").await;
            assert_eq!(scene.twilio.asked(), 2, "something went out that is switched off");
            scene.server.stop().await;
        });
    }
}

/// Twilio tells long after it took an SMS that it never arrived: the ticket and the staff learn of it.
#[test]
fn an_sms_that_was_sent_and_never_arrived_is_no_success() {
    run(async {
        let scene = Scene::new(Kind::Sqlite, false).await;
        let order = scene.sms().await;
        scene.ticket(&order, "accepted", "sms", "told").await;
        let sid = scene.twilio.taken()[0].sid.clone();
        assert_eq!(scene.twilio.tells(&sid, "undelivered").await, StatusCode::NO_CONTENT);
        scene.ticket(&order, "accepted", "sms", "failed").await;
        let deadline = Instant::now() + SOON;
        loop {
            let inbox: Value = scene.waiter.get("/api/notifications").await.json().await.unwrap();
            if inbox["notifications"][0]["kind"] == "not_told" {
                break;
            }
            assert!(Instant::now() < deadline, "{inbox}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        scene.server.stop().await;
    });
}

/// Without another channel a message whose request was lost goes again, once the provider says that it is not there; one
/// that is there does not.
#[test]
fn what_never_reached_the_provider_goes_again_where_there_is_no_other_channel() {
    use crate::harness::twilio::Mood;
    for kind in BOTH {
        run(async {
            let scene = Scene::new(kind, false).await;
            scene.twilio.will(&[Mood::Sleeps]);
            let lost = scene.sms().await;
            scene.until_asked(2, Duration::from_secs(10)).await;
            scene.ticket(&lost, "accepted", "sms", "told").await;
            scene.twilio.will(&[Mood::TakesAndBreaks]);
            let broken = scene.sms().await;
            let deadline = Instant::now() + SOON;
            while scene.twilio.taken().len() < 2 {
                assert!(Instant::now() < deadline);
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            scene.hand.advance(Duration::from_secs(11));
            scene.ticket(&broken, "accepted", "sms", "told").await;
            assert_eq!((scene.twilio.asked(), scene.twilio.taken().len()), (3, 2));
            scene.server.stop().await;
        });
    }
}
