//! W12 and RFC 6455: frames that no browser would send, sent by hand. Each ends its own connection with a reason,
//! and nobody else's.

use super::follow::Follower;
use super::hand::{Hand, eventually, small};
use super::node::quiet;
use super::raw::{BINARY, CLOSE, PING, PONG, Raw, TEXT, assert_close, header, masked};
use crate::harness::run;
use crate::harness::server::Kind;
use comanda::domain::people::Role;
use comanda::protocol::close::Close;
use serde_json::json;

const CONTINUATION: u8 = 0x80;
/// Without the last bit: more frames follow.
const MORE: u8 = 0x7f;

fn ask() -> Vec<u8> {
    json!({ "op": "subscribe", "topic": "kitchen" }).to_string().into_bytes()
}

#[test]
fn w12_frames_that_break_the_rules_end_the_connection_with_a_reason_and_nothing_else() {
    run(async {
        let server = quiet(Kind::Sqlite).await;
        let cook = server.staff(Role::Kitchen).await;
        let mut witness = Follower::new(&cook, &["kitchen"]).await;
        let place = Hand::at(&server, &server.guest(0).await);
        let mut unmasked = header(TEXT, ask().len(), 0);
        unmasked.extend(ask());
        let invalid = [b'"', 0xc3, 0x28, b'"'];
        let split = [masked(TEXT & MORE, b"\"\xc3"), masked(CONTINUATION, b"(\"")].concat();
        for (what, bytes) in [
            ("an unmasked frame", unmasked),
            ("a reserved bit", masked(TEXT | 0x40, &ask())),
            ("another reserved bit", masked(TEXT | 0x10, &ask())),
            ("a reserved data frame", masked(0x83, b"{}")),
            ("a reserved control frame", masked(0x8b, b"")),
            ("a ping in parts", masked(PING & MORE, b"a")),
            ("a ping of 126 bytes", masked(PING, &[b'p'; 126])),
            ("a close of 126 bytes", masked(CLOSE, &[b'p'; 126])),
            ("a close of one byte", masked(CLOSE, b"x")),
            ("a continuation of nothing", masked(CONTINUATION, &ask())),
            ("a text within a text", [masked(TEXT & MORE, b"{\"op\":"), masked(TEXT, &ask())].concat()),
            ("text that is not UTF-8", masked(TEXT, &invalid)),
            ("parts that are not UTF-8 together", split),
            ("a binary message", masked(BINARY, &ask())),
            ("a binary message in parts", [masked(BINARY & MORE, b"{"), masked(CONTINUATION, b"}")].concat()),
        ] {
            let why = match what {
                _ if what.contains("binary") => Close::Malformed,
                _ if what.contains("UTF-8") => Close::NotUtf8,
                _ => Close::Broken,
            };
            let mut raw = Raw::hello(&cook, None).await;
            // What follows is not read as anything any more, and the reason arrives all the same.
            raw.send(&[bytes, masked(TEXT, &ask()), vec![0xff; 2000]].concat()).await;
            let (messages, closed) = raw.closed().await;
            assert!(messages.is_empty(), "{what}: {messages:?}");
            assert_close(&closed, why);
            assert!(raw.next().await.is_none(), "{what}");
            let (_, seq) = place.place(&small(&server.fixture)).await;
            witness.event(seq).await;
        }
        eventually("they have left", async || server.app().commands.hub.connections() == 1).await;
        assert_eq!(witness.first().snapshots, 1);
    });
}

#[test]
fn w12_a_message_over_its_bound_is_refused_whole_or_in_parts() {
    run(async {
        let server = quiet(Kind::Sqlite).await;
        let cook = server.staff(Role::Kitchen).await;
        // Just within: 16 KiB of spaces before the message mean nothing.
        let padded = [vec![b' '; 16 * 1024 - ask().len()], ask()].concat();
        let mut raw = Raw::hello(&cook, None).await;
        raw.frame(TEXT, &padded).await;
        assert_eq!(raw.message().await["op"], "subscribed");
        raw.frame(TEXT, &[padded.as_slice(), b" "].concat()).await;
        assert_close(&raw.closed().await.1, Close::TooLarge);

        let mut raw = Raw::hello(&cook, None).await;
        raw.frame(TEXT, &[b'x'; 17 * 1024]).await;
        assert_close(&raw.closed().await.1, Close::TooLarge);
        let mut raw = Raw::hello(&cook, None).await;
        raw.frame(TEXT & MORE, &padded[..10_000]).await;
        raw.frame(0, &padded[..10_000]).await;
        assert_close(&raw.closed().await.1, Close::TooLarge);
        // A length alone, of what is never sent, takes no memory and is answered at once.
        let mut raw = Raw::hello(&cook, None).await;
        raw.send(&[header(TEXT, 1 << 40, 0x80), vec![1, 2, 3, 4]].concat()).await;
        assert_close(&raw.closed().await.1, Close::TooLarge);
        // Also before hello.
        let mut raw = Raw::upgraded(&server.base, "olive", None).await;
        raw.frame(TEXT, &[b'x'; 17 * 1024]).await;
        assert_close(&raw.closed().await.1, Close::TooLarge);
    });
}

#[test]
fn w12_messages_may_come_in_parts_with_pings_between_and_byte_by_byte() {
    run(async {
        let server = quiet(Kind::Sqlite).await;
        let cook = server.staff(Role::Kitchen).await;
        let mut raw = Raw::hello(&cook, None).await;
        let text = ask();
        raw.frame(TEXT & MORE, &text[..5]).await;
        raw.frame(PING, b"between").await;
        raw.frame(0, &text[5..9]).await;
        raw.frame(0, b"").await;
        assert_eq!(raw.next().await, Some((PONG, b"between".to_vec())), "answered before the message is whole");
        raw.frame(CONTINUATION, &text[9..]).await;
        assert_eq!(raw.message().await["op"], "subscribed");
        raw.frame(PING, &[b'p'; 125]).await;
        assert_eq!(raw.next().await, Some((PONG, vec![b'p'; 125])));
        raw.frame(PONG, b"unasked").await;
        for byte in masked(TEXT, &text) {
            raw.send(&[byte]).await;
        }
        assert_eq!(raw.message().await["op"], "subscribed");
        // A character that is cut between two parts is whole again.
        let note = "{\"op\":\"subscribe\",\"topic\":\"ñ\"}".as_bytes();
        let cut = note.iter().position(|byte| *byte == 0xc3).expect("ñ") + 1;
        raw.frame(TEXT & MORE, &note[..cut]).await;
        raw.frame(CONTINUATION, &note[cut..]).await;
        let answer = raw.message().await;
        assert_eq!((&answer["code"], &answer["message"]), (&json!("unknown_topic"), &json!("there is no topic `ñ`")));
    });
}

/// Answers to pings come between frames and never inside of one, however much is being written.
#[test]
fn w12_pongs_come_between_events_and_not_within() {
    run(async {
        let server = quiet(Kind::Sqlite).await;
        let (cook, guest) = (server.staff(Role::Kitchen).await, server.guest(0).await);
        let (order, placed) = Hand::at(&server, &guest).place(&super::hand::large(&server.fixture)).await;
        let tap = Hand::at(&server, &server.staff(Role::Waiter).await);
        let mut raw = Raw::subscribed(&cook, "kitchen", Some(4096)).await;
        let busy = tokio::spawn(async move { tap.rushes(order.id, 30).await });
        let (mut seqs, mut pongs, mut pings) = (Vec::new(), 0, 0);
        while seqs.last() != Some(&(placed + 30)) || pongs < pings {
            if pings < 30 {
                raw.frame(PING, format!("{pings}").as_bytes()).await;
                pings += 1;
            }
            match raw.next().await.expect("a frame") {
                (TEXT, text) => {
                    let message: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
                    seqs.extend(message["seq"].as_i64().filter(|_| message["op"] == "event"));
                }
                // The answer to the newest ping may stand for those before (§5.5.3).
                (PONG, payload) => pongs = 1 + String::from_utf8_lossy(&payload).parse::<usize>().expect("a number"),
                (PING, _) => {}
                (first, _) => panic!("frame {first:#x}"),
            }
        }
        assert_eq!(seqs, (placed + 1..=placed + 30).collect::<Vec<_>>());
        busy.await.expect("taps");
    });
}
