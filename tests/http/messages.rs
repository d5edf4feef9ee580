//! Messages to guests, from the order to the telephone and back to the ticket: on a server that speaks Twilio's
//! documented interface, with its errors, its silences and its news in any order.

use crate::harness::people::Person;
use crate::harness::server::{BOTH, Kind, TestServer};
use crate::harness::twilio::{Mood, SID, TOKEN, Taken, Twilio};
use crate::harness::{SOON, run};
use comanda::clock::{Clock, Hand};
use comanda::domain::message::{Locale, Stage};
use comanda::domain::order::Channel;
use comanda::domain::people::Role;
use comanda::domain::restaurant::GateRule;
use comanda::domain::time::Timestamp;
use comanda::store::outbox::NewCode;
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use uuid::Uuid;

pub const PHONE: &str = "+34600111222";
pub const PACE: &str = "[messages]\nevery_ms = 20\nanswer_ms = 500\n";

/// A server that sends by Twilio, a guest, and somebody of the staff.
pub struct Scene {
    pub server: TestServer,
    pub twilio: Twilio,
    pub hand: Hand,
    pub guest: Person,
    pub waiter: Person,
}

impl Scene {
    pub async fn new(kind: Kind, whatsapp: bool) -> Self {
        let now = Timestamp(jiff::Timestamp::now().as_microsecond());
        let (clock, hand) = Clock::settable(now);
        let twilio = Twilio::start(clock.clone()).await;
        let settings = format!("{PACE}{}", twilio.settings(whatsapp));
        let server = TestServer::start_with(kind, GateRule::None, &settings, clock).await;
        let (guest, waiter) = (server.guest(0).await, server.staff(Role::Waiter).await);
        Self { server, twilio, hand, guest, waiter }
    }

    pub async fn order(&self, contact: Value) -> Value {
        let mut draft = self.server.draft();
        draft["contact"] = contact;
        self.guest.order(&draft).await
    }

    pub async fn sms(&self) -> Value {
        self.order(json!({ "phone": PHONE, "channel": "sms" })).await
    }

    pub async fn does(&self, name: &str, order: &Value) {
        let answer = self.waiter.command(name, json!({ "order": order["id"] })).await;
        assert_eq!(answer["op"], "ok", "{answer}");
    }

    /// Waits until the ticket says so.
    pub async fn ticket(&self, order: &Value, what: &str, channel: &str, state: &str) {
        let path = format!("/api/orders/{}", order["id"].as_str().unwrap());
        let deadline = Instant::now() + SOON;
        loop {
            let read: Value = self.waiter.get(&path).await.json().await.unwrap();
            let told = &read["told"];
            if (&told["what"], &told["channel"], &told["state"]) == (&json!(what), &json!(channel), &json!(state)) {
                assert!(!read.to_string().contains("600111222"), "an address on a ticket");
                return;
            }
            assert!(Instant::now() < deadline, "not {what} {state} by {channel}, but {told}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Moves the clock on, step by step, until Twilio was asked so often.
    pub async fn until_asked(&self, count: u64, step: Duration) {
        let deadline = Instant::now() + SOON;
        while self.twilio.asked() < count {
            assert!(Instant::now() < deadline, "asked {} times, not {count}", self.twilio.asked());
            self.hand.advance(step);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

pub fn texts(taken: &[Taken]) -> Vec<String> {
    taken.iter().map(Taken::text).collect()
}

#[test]
fn a_guest_is_told_in_their_language_and_the_ticket_says_how_far_it_got() {
    for kind in BOTH {
        run(async {
            let scene = Scene::new(kind, false).await;
            let order = scene.order(json!({ "phone": PHONE, "channel": "sms", "locale": "es" })).await;
            let taken = scene.twilio.took(1).await;
            assert!(taken[0].text().contains("estamos preparando tu pedido #1"), "{}", taken[0].text());
            assert_eq!(taken[0].to, PHONE);
            scene.ticket(&order, "accepted", "sms", "told").await;

            let sid = taken[0].sid.clone();
            assert_eq!(scene.twilio.tells(&sid, "delivered").await, StatusCode::NO_CONTENT);
            scene.ticket(&order, "accepted", "sms", "delivered").await;
            for late in ["sent", "delivered", "failed"] {
                assert_eq!(scene.twilio.tells(&sid, late).await, StatusCode::NO_CONTENT);
            }
            let url = taken[0].form["StatusCallback"].clone();
            let form = [("MessageSid", &*sid), ("MessageStatus", "read")];
            let (status, body) = scene.twilio.posts(&url, &form, "another token").await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{body}");
            scene.ticket(&order, "accepted", "sms", "delivered").await;
            assert_eq!(scene.twilio.tells(&sid, "read").await, StatusCode::NO_CONTENT);
            scene.ticket(&order, "accepted", "sms", "read").await;
            assert_eq!(scene.twilio.asked(), 1, "one message was sent more than once");
            scene.server.stop().await;
        });
    }
}

#[test]
fn ready_goes_out_six_seconds_later_and_only_if_it_is_still_true() {
    run(async {
        let scene = Scene::new(Kind::Sqlite, false).await;
        let (taken_back, stays) = (scene.sms().await, scene.sms().await);
        scene.twilio.took(2).await;
        scene.does("order.bump", &taken_back).await;
        scene.does("order.bump", &stays).await;
        scene.does("order.recall", &taken_back).await;
        scene.hand.advance(Duration::from_secs(5));
        // A third order's news passes the two that wait.
        scene.sms().await;
        let early = texts(&scene.twilio.took(3).await);
        assert!(early.iter().all(|text| !text.contains("ready.")), "told too early: {early:?}");
        scene.hand.advance(Duration::from_secs(1));
        scene.ticket(&stays, "ready", "sms", "told").await;
        scene.sms().await;
        let all = texts(&scene.twilio.took(5).await);
        let ready: Vec<_> = all.iter().filter(|text| text.contains("ready.")).collect();
        assert_eq!(ready.len(), 1, "{all:?}");
        assert!(ready[0].contains("#2"), "{ready:?}");
        scene.server.stop().await;
    });
}

#[test]
fn what_a_provider_did_not_take_is_tried_again_and_what_it_refuses_is_not() {
    for kind in BOTH {
        run(async {
            let scene = Scene::new(kind, false).await;
            scene.twilio.will(&[Mood::Limits, Mood::Breaks]);
            let order = scene.sms().await;
            scene.until_asked(3, Duration::from_secs(2)).await;
            scene.ticket(&order, "accepted", "sms", "told").await;
            assert_eq!(scene.twilio.taken().len(), 1);

            scene.twilio.will(&[Mood::Refuses(21211)]);
            let order = scene.sms().await;
            scene.ticket(&order, "accepted", "sms", "failed").await;
            // The ticket knows it first; the staff's note comes with the row.
            let deadline = Instant::now() + SOON;
            loop {
                let inbox: Value = scene.waiter.get("/api/notifications").await.json().await.unwrap();
                let notes = inbox["notifications"].as_array().unwrap();
                if notes.iter().any(|note| note["kind"] == "not_told" && note["number"] == 2) {
                    assert!(!inbox.to_string().contains("600111222"));
                    break;
                }
                assert!(Instant::now() < deadline, "{inbox}");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            scene.hand.advance(Duration::from_secs(600));
            let later = scene.sms().await;
            scene.ticket(&later, "accepted", "sms", "told").await;
            assert_eq!((scene.twilio.asked(), scene.twilio.taken().len()), (5, 2), "a refused message was tried again");
            scene.server.stop().await;
        });
    }
}

#[test]
fn a_message_without_an_answer_is_looked_for_and_never_sent_again_on_its_channel() {
    for kind in BOTH {
        run(async {
            let scene = Scene::new(kind, true).await;
            scene.twilio.will(&[Mood::TakesAndSleeps]);
            let found = scene.sms().await;
            scene.twilio.took(1).await;
            let (deadline, path) = (Instant::now() + SOON, format!("/api/orders/{}", found["id"].as_str().unwrap()));
            while scene.waiter.get(&path).await.json::<Value>().await.unwrap()["told"].is_null() {
                assert!(Instant::now() < deadline, "the message was not found");
                scene.hand.advance(Duration::from_secs(5));
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            scene.ticket(&found, "accepted", "sms", "told").await;
            assert_eq!(scene.twilio.asked(), 1);

            scene.twilio.will(&[Mood::Sleeps]);
            let lost = scene.sms().await;
            scene.until_asked(3, Duration::from_secs(15)).await;
            let taken = scene.twilio.took(2).await;
            assert!(taken[1].is_whatsapp() && taken[1].form["ContentSid"] == "HXaccepted", "{taken:?}");
            scene.ticket(&lost, "accepted", "whatsapp", "told").await;
            scene.hand.advance(Duration::from_secs(300));
            let last = scene.sms().await;
            scene.ticket(&last, "accepted", "sms", "told").await;
            assert_eq!(scene.twilio.asked(), 4, "something was sent twice");
            scene.server.stop().await;
        });
    }
}

#[test]
fn whatsapp_falls_back_to_sms_once_when_it_is_undelivered_or_silent() {
    run(async {
        let scene = Scene::new(Kind::Sqlite, true).await;
        let whatsapp = json!({ "phone": PHONE, "channel": "whatsapp" });
        let undelivered = scene.order(whatsapp.clone()).await;
        let taken = scene.twilio.took(1).await;
        assert_eq!((&*taken[0].to, &*taken[0].form["ContentSid"]), ("whatsapp:+34600111222", "HXaccepted"));
        assert_eq!(scene.twilio.tells(&taken[0].sid, "undelivered").await, StatusCode::NO_CONTENT);
        scene.ticket(&undelivered, "accepted", "sms", "told").await;
        assert_eq!(scene.twilio.tells(&taken[0].sid, "failed").await, StatusCode::NO_CONTENT);

        let silent = scene.order(whatsapp.clone()).await;
        scene.twilio.took(3).await;
        scene.ticket(&silent, "accepted", "whatsapp", "told").await;
        scene.hand.advance(Duration::from_secs(121));
        scene.ticket(&silent, "accepted", "sms", "told").await;
        assert_eq!(scene.twilio.took(4).await.iter().filter(|taken| taken.is_whatsapp()).count(), 2);

        let delivered = scene.order(whatsapp).await;
        let sid = scene.twilio.took(5).await[4].sid.clone();
        assert_eq!(scene.twilio.tells(&sid, "delivered").await, StatusCode::NO_CONTENT);
        scene.ticket(&delivered, "accepted", "whatsapp", "delivered").await;
        scene.hand.advance(Duration::from_secs(300));
        let last = scene.sms().await;
        scene.ticket(&last, "accepted", "sms", "told").await;
        assert_eq!(scene.twilio.asked(), 6, "a delivered message went out once more");
        scene.server.stop().await;
    });
}

#[test]
fn whoever_writes_stop_hears_nothing_more_and_whoever_writes_may_be_answered_freely() {
    run(async {
        let scene = Scene::new(Kind::Sqlite, true).await;
        let url = format!("{}/hooks/twilio/inbound", scene.server.base);
        let writes = async |sid: &str, from: &str, body: &str, token: &str| {
            let form = [("MessageSid", sid), ("From", from), ("Body", body), ("AccountSid", SID)];
            scene.twilio.posts(&url, &form, token).await
        };
        assert_eq!(writes("SM1", PHONE, "STOP", "forged").await.0, StatusCode::FORBIDDEN);
        let (status, answer) = writes("SM1", PHONE, "Stop.", TOKEN).await;
        assert!(status == StatusCode::OK && answer.contains("no more messages"), "{answer}");
        assert!(!writes("SM1", PHONE, "Stop.", TOKEN).await.1.contains("<Message>"), "answered twice");
        let order = scene.sms().await;
        scene.ticket(&order, "accepted", "sms", "failed").await;
        let other = scene.order(json!({ "phone": PHONE, "channel": "whatsapp" })).await;
        scene.ticket(&other, "accepted", "whatsapp", "failed").await;
        assert_eq!(scene.twilio.asked(), 0, "somebody who said stop was told");

        assert!(writes("SM2", "whatsapp:+34600111222", "START", TOKEN).await.1.contains("again"));
        scene.order(json!({ "phone": PHONE, "channel": "whatsapp" })).await;
        let taken = scene.twilio.took(1).await;
        assert!(taken[0].is_whatsapp() && taken[0].form["Body"].contains("#3"), "{taken:?}");
        assert!(writes("SM3", PHONE, "HELP", TOKEN).await.1.contains("STOP"));
        scene.server.stop().await;
    });
}

#[test]
fn one_number_gets_only_so_many_messages_within_an_hour() {
    run(async {
        let (clock, hand) = Clock::settable(Timestamp(jiff::Timestamp::now().as_microsecond()));
        let twilio = Twilio::start(clock.clone()).await;
        let settings = format!("{PACE}per_number = 2\n{}", twilio.settings(false));
        let server = TestServer::start_with(Kind::Sqlite, GateRule::None, &settings, clock).await;
        let (guest, waiter) = (server.guest(0).await, server.staff(Role::Waiter).await);
        let scene = Scene { server, twilio, hand, guest, waiter };
        for n in 1..=2 {
            scene.sms().await;
            scene.twilio.took(n).await;
        }
        let third = scene.sms().await;
        scene.ticket(&third, "accepted", "sms", "failed").await;
        assert_eq!(scene.twilio.asked(), 2);
        scene.server.stop().await;
    });
}

#[test]
fn a_code_is_sent_at_once_and_leaves_nothing_behind() {
    for kind in BOTH {
        run(async {
            let scene = Scene::new(kind, false).await;
            let store = scene.server.app().commands.store.clone();
            let now = scene.server.app().commands.clock.now();
            let code = NewCode {
                restaurant: scene.server.fixture.id(),
                id: Uuid::now_v7(),
                channel: Channel::Sms,
                phone: PHONE.to_owned(),
                locale: Locale::De,
                name: "Olive".to_owned(),
                code: "274910".to_owned(),
                expires_at: now.plus(Duration::from_secs(300)),
            };
            store.send_code(code.clone(), now).await.unwrap();
            store.send_code(code.clone(), now).await.unwrap();
            let taken = scene.twilio.took(1).await;
            assert!(taken[0].text().contains("274910 ist Ihr Code"), "{}", taken[0].text());
            let url = taken[0].form["StatusCallback"].clone();
            let id = url.rsplit('/').next().unwrap().parse().unwrap();
            let deadline = Instant::now() + SOON;
            let kept = loop {
                let kept = store.message(scene.server.fixture.id(), id).await.unwrap().expect("the message");
                if kept.stage == Stage::Sent {
                    break kept;
                }
                assert!(Instant::now() < deadline, "{kept:?}");
                tokio::time::sleep(Duration::from_millis(10)).await;
            };
            assert_eq!((kept.address, kept.vars.code), (None, None), "a code or its number was kept");

            // Too late is never sent.
            scene.hand.advance(Duration::from_secs(301));
            store.send_code(NewCode { id: Uuid::now_v7(), ..code }, now).await.unwrap();
            let order = scene.sms().await;
            scene.ticket(&order, "accepted", "sms", "told").await;
            assert_eq!(scene.twilio.asked(), 2, "a code went out after its time");
            scene.server.stop().await;
        });
    }
}

#[test]
fn without_a_provider_messages_are_in_the_mailbox_of_this_machine() {
    run(async {
        let server = TestServer::start_with(Kind::Sqlite, GateRule::None, PACE, Clock::system()).await;
        let guest = server.guest(0).await;
        let mut draft = server.draft();
        draft["contact"] = json!({ "phone": PHONE, "channel": "sms" });
        guest.order(&draft).await;
        let page = || server.client.get(server.url("/dev/mailbox"));
        let deadline = Instant::now() + SOON;
        loop {
            let text = page().send().await.unwrap().text().await.unwrap();
            if text.contains("order #1 is being prepared") && text.contains(PHONE) {
                break;
            }
            assert!(Instant::now() < deadline, "{text}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        for (header, value) in [("x-forwarded-for", "203.0.113.9"), ("host", "evil.example")] {
            let answer = page().header(header, value).send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{header}");
        }
        server.stop().await;
        let scene = Scene::new(Kind::Sqlite, false).await;
        let answer = scene.server.client.get(scene.server.url("/dev/mailbox")).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "a mailbox beside a provider");
        scene.server.stop().await;
    });
}

#[test]
fn each_person_reads_and_puts_away_their_own_notes() {
    for kind in BOTH {
        run(async {
            let server = TestServer::start(kind).await;
            let guest = server.guest(0).await;
            let (waiter, manager) = (server.staff(Role::Waiter).await, server.staff(Role::Manager).await);
            let called = guest.command("seating.call", json!({ "reason": "bill" })).await;
            assert_eq!(called["op"], "ok", "{called}");
            let list = async |who: &Person| {
                let list: Value = who.get("/api/notifications").await.json().await.unwrap();
                list["notifications"].as_array().unwrap().clone()
            };
            let notes = list(&waiter).await;
            assert_eq!((notes.len(), &notes[0]["kind"], &notes[0]["table"]), (1, &json!("called"), &json!("T1")));
            let path = format!("/api/notifications/{}", notes[0]["id"].as_str().unwrap());
            assert_eq!(waiter.post(&format!("{path}/read"), &json!({})).await.status(), StatusCode::NO_CONTENT);
            assert!(list(&waiter).await[0]["read_at"].is_string());
            assert!(list(&manager).await[0]["read_at"].is_null());
            assert_eq!(waiter.delete(&path).await.status(), StatusCode::NO_CONTENT);
            assert!(list(&waiter).await.is_empty());
            assert_eq!(list(&manager).await.len(), 1);
            assert_eq!(guest.get("/api/notifications").await.status(), StatusCode::NOT_FOUND);
            let unknown = format!("/api/notifications/{}", Uuid::now_v7());
            assert_eq!(waiter.delete(&unknown).await.status(), StatusCode::NOT_FOUND);
            server.stop().await;
        });
    }
}
