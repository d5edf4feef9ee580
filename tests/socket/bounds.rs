//! W12: messages that make no sense, and too many that do.

use super::follow::Follower;
use super::hand::{Hand, small};
use super::node::{quiet, quiet_with};
use super::raw::{PING, Raw, TEXT, assert_close};
use crate::harness::run;
use crate::harness::server::Kind;
use crate::harness::socket::Socket;
use comanda::clock::Clock;
use comanda::domain::people::Role;
use comanda::domain::restaurant::GateRule;
use comanda::protocol::close::Close;
use serde_json::json;

#[test]
fn w12_a_message_that_makes_no_sense_is_told_so_and_ends_the_connection() {
    run(async {
        let server = quiet(Kind::Sqlite).await;
        let cook = server.staff(Role::Kitchen).await;
        for text in [
            "",
            "not JSON",
            "[]",
            "null",
            "{}",
            "{\"op\":\"subscribe\"}",
            "{\"op\":\"fly\"}",
            "{\"op\":7}",
            "{\"op\":\"subscribe\",\"topic\":7}",
            "{\"op\":\"subscribe\",\"topic\":\"kitchen\",\"after\":{\"epoch\":\"no\",\"seq\":1}}",
            "{\"op\":\"command\",\"id\":\"no uuid\",\"name\":\"order.rush\",\"args\":{}}",
            "{\"op\":\"shown\",\"topic\":\"kitchen\",\"seq\":1.5,\"stations\":[]}",
            "{\"op\":\"welcome\"}",
            "{\"op\":\"subscribe\",\"topic\":\"kitchen\"} trailing",
        ] {
            let mut raw = Raw::hello(&cook, None).await;
            raw.frame(TEXT, text.as_bytes()).await;
            let (messages, closed) = raw.closed().await;
            assert_eq!(messages.len(), 1, "{text}");
            assert_eq!((&messages[0]["op"], &messages[0]["code"]), (&json!("error"), &json!("malformed")), "{text}");
            assert!(messages[0]["message"].as_str().is_some_and(|message| message.len() > 20), "{text}");
            assert_close(&closed, Close::Malformed);
        }
    });
}

#[test]
fn w12_unknown_fields_are_ignored_and_an_unknown_topic_is_no_reason_to_go() {
    run(async {
        let server = quiet(Kind::Sqlite).await;
        let (cook, guest) = (server.staff(Role::Kitchen).await, server.guest(0).await);
        let mut screen = Follower::new(&cook, &["kitchen"]).await;
        for topic in ["", "terrace", "order:", "order:7", "KITCHEN", &"x".repeat(9000)] {
            for op in ["subscribe", "unsubscribe"] {
                screen.socket.send(&json!({ "op": op, "topic": topic })).await;
                let error = screen.step().await;
                assert_eq!((&error["op"], &error["code"]), (&json!("error"), &json!("unknown_topic")), "{op} {topic}");
                assert!(error["message"].as_str().is_some_and(|message| message.len() < 100), "{error}");
            }
        }
        let more = json!({ "op": "subscribe", "topic": "kitchen", "colour": "red", "deep": { "er": [1, 2] } });
        screen.socket.send(&more).await;
        screen.until(|_, m| m["op"] == "subscribed").await;
        // A second hello changes nothing.
        screen.socket.send(&json!({ "op": "hello", "token": "whatever", "protocol": 0 })).await;
        let (_, seq) = Hand::at(&server, &guest).place(&small(&server.fixture)).await;
        screen.event(seq).await;
    });
}

#[test]
fn w12_who_sends_too_much_is_sent_away_for_a_while() {
    run(async {
        let more = "[socket]\nmessages_per_second = 5\nmessages_burst = 10\n";
        let server = quiet_with(Kind::Sqlite, GateRule::None, more, Clock::system()).await;
        let cook = server.staff(Role::Kitchen).await;
        let mut witness = Socket::hello(&cook).await;
        let nonsense = json!({ "op": "subscribe", "topic": "nonsense" });
        let mut fast = Raw::hello(&cook, None).await;
        for _ in 0..40 {
            fast.say(&nonsense).await;
        }
        let (messages, closed) = fast.closed().await;
        assert_close(&closed, Close::TooFast);
        assert!((10..=20).contains(&messages.len()), "{} were answered", messages.len());

        let mut pings = Raw::hello(&cook, None).await;
        for _ in 0..40 {
            pings.frame(PING, b"").await;
        }
        assert_close(&pings.closed().await.1, Close::TooFast);
        // The bound is the connection's own, and within it nobody is disturbed.
        for _ in 0..10 {
            witness.send(&nonsense).await;
            assert_eq!(witness.next().await["code"], "unknown_topic");
        }
    });
}
