//! Messages by e-mail and by web push, over a mail server and a push service that say everything such servers say.

use crate::harness::people::Person;
use crate::harness::push::{Browser, PushService, vapid};
use crate::harness::server::{BOTH, Kind, TestServer};
use crate::harness::smtp::{MailServer, Mood};
use crate::harness::truth::execute;
use crate::harness::{SOON, run};
use comanda::clock::{Clock, Hand};
use comanda::domain::order::Channel;
use comanda::domain::people::Role;
use comanda::domain::restaurant::GateRule;
use comanda::domain::time::Timestamp;
use comanda::gateway::push::{Push, new_key};
use comanda::gateway::{Content, Messenger, Outgoing, SendError};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const PACE: &str = "[messages]\nevery_ms = 20\nanswer_ms = 500\n";
const GUEST: &str = "sofia@guests.example";

struct Scene {
    server: TestServer,
    hand: Hand,
    guest: Person,
    waiter: Person,
}

impl Scene {
    async fn new(kind: Kind, settings: &str) -> Self {
        let (clock, hand) = Clock::settable(Timestamp(jiff::Timestamp::now().as_microsecond()));
        let server = TestServer::start_with(kind, GateRule::None, &format!("{PACE}{settings}"), clock).await;
        let (guest, waiter) = (server.guest(0).await, server.staff(Role::Waiter).await);
        Self { server, hand, guest, waiter }
    }

    async fn order(&self, contact: Value) -> Value {
        let mut draft = self.server.draft();
        draft["contact"] = contact;
        self.guest.order(&draft).await
    }

    async fn mail(&self) -> Value {
        self.order(json!({ "channel": "email", "email": GUEST, "locale": "es" })).await
    }

    /// Waits until the ticket says so, and moves the clock meanwhile.
    async fn ticket(&self, order: &Value, what: &str, state: &str, step: Duration) -> Value {
        let path = format!("/api/orders/{}", order["id"].as_str().unwrap());
        let deadline = Instant::now() + SOON;
        let mut waiter = self.waiter.clone();
        loop {
            let read: Value = waiter.get(&path).await.json().await.unwrap();
            if read["code"] == "expired" {
                // The clock has moved on by more than a token's life.
                waiter = self.server.staff(Role::Waiter).await;
                continue;
            }
            if read["told"]["what"] == what && read["told"]["state"] == state {
                return read;
            }
            assert!(Instant::now() < deadline, "not {what} {state}, but {}", read["told"]);
            self.hand.advance(step);
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }
}

#[test]
fn a_mail_is_tried_again_until_it_is_taken_and_never_handed_over_twice() {
    for kind in BOTH {
        run(async {
            let mails = MailServer::start().await;
            let scene = Scene::new(kind, &mails.settings()).await;
            let second = Duration::from_secs(1);
            for (mood, asked) in [(Mood::Takes, 1), (Mood::Greylists, 2), (Mood::Full, 2), (Mood::HangsUp, 2)] {
                let before = (mails.asked(), mails.taken().len());
                mails.will(&[mood]);
                let order = scene.mail().await;
                scene.ticket(&order, "accepted", "told", second).await;
                let after = (mails.asked() - before.0, mails.taken().len() - before.1);
                assert_eq!(after, (asked, 1), "{mood:?}");
            }
            let mail = mails.taken().remove(0);
            assert_eq!((&*mail.from, &*mail.to), ("orders@olive.example", GUEST));
            assert!(mail.text.contains("Subject: olive #1\n"), "{}", mail.text);
            assert!(mail.text.contains("estamos preparando tu pedido #1"), "{}", mail.text);

            for mood in [Mood::Refuses, Mood::RefusesText] {
                let before = mails.asked();
                mails.will(&[mood]);
                let order = scene.mail().await;
                scene.ticket(&order, "accepted", "failed", Duration::ZERO).await;
                scene.hand.advance(Duration::from_secs(400));
                scene.ticket(&scene.mail().await, "accepted", "told", second).await;
                assert_eq!(mails.asked() - before, 2, "{mood:?}: it was tried again");
            }
            // It may be there: nobody can be asked, so nobody is told twice.
            for mood in [Mood::TakesAndHangsUp, Mood::TakesAndSleeps] {
                let before = mails.asked();
                mails.will(&[mood]);
                let order = scene.mail().await;
                scene.ticket(&order, "accepted", "unknown", Duration::from_secs(10)).await;
                assert_eq!(mails.asked() - before, 1, "{mood:?}: it was handed over twice");
            }
            scene.server.stop().await;
        });
    }
}

fn pushed(to: Value) -> Outgoing {
    Outgoing {
        channel: Channel::Push,
        to: to.to_string(),
        content: Content::Text { subject: "Olive #4".to_owned(), body: "Olive: order #4 is ready.".to_owned() },
        callback: None,
        lasts: Duration::from_secs(1800),
    }
}

#[test]
fn a_push_message_is_sealed_for_its_browser_and_signed_as_ours() {
    run(async {
        let service = PushService::start().await;
        let now = Timestamp(1_769_886_131_480_000);
        let (key, answer) = (new_key().unwrap(), Duration::from_secs(2));
        let contact = "mailto:orders@olive.example";
        drop(rustls::crypto::ring::default_provider().install_default());
        let push = Push::new(&key, contact, vec![service.base.clone()], answer, Clock::fixed(now)).unwrap();
        let browser = Browser::subscribed(format!("{}/push/abc", service.base));
        push.send(&pushed(browser.subscription())).await.expect("taken");

        let got = service.got().remove(0);
        let header = |name: &str| got.headers[name].to_str().unwrap().to_owned();
        assert_eq!((&*header("ttl"), &*header("content-encoding")), ("1800", "aes128gcm"));
        let (claims, signer) = vapid(&got.headers);
        assert_eq!((&claims["aud"], &claims["sub"]), (&json!(service.base), &json!(contact)));
        let lasts = claims["exp"].as_i64().unwrap() - now.0 / 1_000_000;
        assert!((1..=24 * 3600).contains(&lasts), "services take a day at most: {lasts}");
        assert_eq!(signer, push.public_key(), "not what browsers subscribed with");
        let text = browser.reads(&got.body);
        assert_eq!(text, json!({ "title": "Olive #4", "body": "Olive: order #4 is ready." }));

        let other = Browser::subscribed(format!("{}/push/abc", service.base));
        for (status, permanent, wait) in
            [(404, true, None), (410, true, None), (413, true, None), (429, false, Some(7)), (503, false, None)]
        {
            service.will(&[status]);
            let answered = push.send(&pushed(other.subscription())).await;
            let expected = SendError::Api {
                status,
                code: status.to_string(),
                permanent,
                retry_after: wait.map(Duration::from_secs),
            };
            assert_eq!(answered, Err(expected));
        }
        let elsewhere = Browser::subscribed("http://127.0.0.1:1/push/abc".to_owned());
        let answered = push.send(&pushed(elsewhere.subscription())).await;
        assert!(matches!(answered, Err(SendError::Api { code, .. }) if code == "unknown_service"));
    });
}

#[test]
fn a_browser_that_is_gone_is_forgotten_and_one_that_is_limited_is_told_later() {
    for kind in BOTH {
        run(async {
            let service = PushService::start().await;
            let key = new_key().unwrap();
            let settings = format!(
                "[push]\nkey = \"{key}\"\ncontact = \"mailto:a@b.example\"\nservices = [\"{}\"]\n",
                service.base
            );
            let scene = Scene::new(kind, &settings).await;
            let browser = Browser::subscribed("https://push.example/push/abc".to_owned());
            let contact = json!({ "channel": "push", "push": browser.subscription() });
            let (limited, gone) = (scene.order(contact.clone()).await, scene.order(contact).await);
            for order in [&limited, &gone] {
                // A service that the server does not know is not called.
                scene.ticket(order, "accepted", "failed", Duration::ZERO).await;
            }
            assert!(service.got().is_empty());
            // From here on the browser is at this machine's service; an endpoint of the API would have to be HTTPS.
            let here =
                format!("update contacts set address = replace(address, 'https://push.example', '{}')", service.base);
            execute(&scene.server.place.url.replacen("comanda@", "postgres@", 1), &[here.leak()]).await;

            for (order, status) in [(&limited, 429), (&gone, 410)] {
                service.will(&[status]);
                let waiter = scene.server.staff(Role::Waiter).await;
                let answer = waiter.command("order.bump", json!({ "order": order["id"] })).await;
                assert_eq!(answer["op"], "ok", "{answer}");
                let state = if status == 429 { "told" } else { "failed" };
                let read = scene.ticket(order, "ready", state, Duration::from_secs(2)).await;
                assert_eq!(read["told_by"], if status == 429 { json!("push") } else { json!(null) });
            }
            let got = service.got();
            assert_eq!(got.len(), 3, "429 and once more, 410 and never more");
            assert_eq!(browser.reads(&got[1].body)["title"], "olive #1");
            scene.server.stop().await;
        });
    }
}
