//! W10: every close says what to do; a stop closes all, and finishes what was begun.

use super::follow::{Follower, int};
use super::hand::{Hand, eventually, large, small};
use super::node::{Choice, Node, quiet};
use super::raw::{CLOSE, Raw, assert_close};
use crate::harness::run;
use crate::harness::server::{BOTH, Kind};
use crate::harness::socket::Socket;
use comanda::domain::people::Role;
use comanda::protocol::close::Close;
use comanda::store::Db;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// RFC 6455 §5.5: a control frame has 125 bytes at most, and two are the code.
#[test]
fn w10_every_close_has_a_reason_that_fits_and_says_when_to_come_back() {
    for why in Close::ALL {
        let reasons = [0, 1, 12_345, u32::MAX].map(|roll| why.reason(roll));
        for reason in &reasons {
            assert!(reason.len() <= 123, "{reason}");
            let reason: Value = serde_json::from_str(reason).expect("JSON");
            assert_close(&(why.code(), reason), *why);
        }
        let comes_back = [1002, 1007, 1012].contains(&why.code()) || (4000..4500).contains(&why.code());
        let stays_away = why.code() == 1009 || (4500..5000).contains(&why.code());
        assert_eq!((why.retry_ms().is_some(), why.retry_ms().is_none()), (comes_back, stays_away), "{why:?}");
    }
    assert_eq!(Close::ALL.iter().map(|why| why.word()).collect::<BTreeSet<_>>().len(), Close::ALL.len());
    assert_eq!(Close::Restart.retry_ms(), Some((1000, 2000)), "all come back spread over a second");
}

#[test]
fn w10_a_stop_closes_every_socket_and_says_when_to_come_back() {
    for kind in BOTH {
        run(async {
            let server = quiet(kind).await;
            let (cook, guest) = (server.staff(Role::Kitchen).await, server.guest(0).await);
            let mut sockets = Vec::new();
            for n in 0..20 {
                sockets.push(match n % 4 {
                    0 => Socket::subscribed(&cook, "kitchen").await,
                    1 => Socket::subscribed(&guest, "table").await,
                    2 => Socket::hello(&guest).await,
                    _ => Socket::open(&server.ws_url("olive")).await,
                });
            }
            let (base, began) = (server.base.clone(), Instant::now());
            let stop = tokio::spawn(server.stop());
            let mut retries = BTreeSet::new();
            for socket in &mut sockets {
                let closed = socket.close_reason().await;
                assert_close(&closed, Close::Restart);
                retries.insert(closed.1["retry_ms"].as_u64());
            }
            assert!(retries.len() > 10, "each has its own moment: {retries:?}");
            drop(sockets);
            stop.await.expect("a stop");
            assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
            let address: std::net::SocketAddr = base.trim_start_matches("http://").parse().expect("an address");
            assert!(tokio::net::TcpStream::connect(address).await.is_err(), "nobody listens any more");
        });
    }
}

/// Commands that were sent before the stop are decided, answered, and their effect is told.
#[test]
fn w10_a_stop_finishes_the_commands_under_way() {
    run(async {
        let server = quiet(Kind::Sqlite).await;
        let (cook, guest) = (server.staff(Role::Kitchen).await, server.guest(0).await);
        let (order, placed) = Hand::at(&server, &guest).place(&small(&server.fixture)).await;
        let mut screen = Follower::new(&cook, &["kitchen"]).await;
        let mut idle = Socket::hello(&cook).await;
        let Db::Sqlite { writer, .. } = server.app().commands.store.db.clone() else { panic!("SQLite") };
        let held = writer.acquire().await.expect("the writer");
        for n in 0..5 {
            let args = json!({ "order": order.id, "rush": n % 2 == 0 });
            let command = json!({ "op": "command", "id": Uuid::new_v4(), "name": "order.rush", "args": args });
            screen.socket.send(&command).await;
        }
        screen.socket.send(&json!({ "op": "subscribe", "topic": "nonsense" })).await;
        screen.until(|_, m| m["code"] == "unknown_topic").await;
        let stop = tokio::spawn(server.stop());
        assert_close(&idle.close_reason().await, Close::Restart);
        drop((held, idle));
        let closed = screen.socket.close_reason().await;
        assert_close(&closed, Close::Restart);
        let log = &screen.socket.log;
        let seqs = |op: &str| log.iter().filter(|m| m["op"] == op).map(|m| int(&m["seq"])).collect::<Vec<_>>();
        assert_eq!(seqs("ok"), (placed + 1..=placed + 5).collect::<Vec<_>>(), "{log:?}");
        assert_eq!(seqs("event"), seqs("ok"));
        drop(screen);
        stop.await.expect("a stop");
    });
}

/// A reader that stalls keeps no server from stopping.
#[test]
fn w10_a_stop_waits_for_no_reader_that_stalls() {
    run(async {
        let server = quiet(Kind::Sqlite).await;
        let node = Node::beside(&server, Choice { send_buffer: Some(4096), ..Choice::default() }).await;
        let cook = node.here(&server.staff(Role::Kitchen).await);
        let waiter = Hand::of(&node.commands, &server.staff(Role::Waiter).await);
        let (order, _) = Hand::of(&node.commands, &server.guest(0).await).place(&large(&server.fixture)).await;
        let mut stalled = Raw::subscribed(&cook, "kitchen", Some(4096)).await;
        waiter.rushes(order.id, 8).await;
        node.stop.cancel();
        let gone = eventually("it is gone", async || node.hub.connections() == 0);
        tokio::time::timeout(Duration::from_secs(1), gone).await.expect("within a second");
        let (_, closed) = stalled.closed().await;
        assert_close(&closed, Close::Restart);
    });
}

/// RFC 6455 §5.5.1: a close is answered with a close, then the server ends the connection.
#[test]
fn w10_the_clients_own_close_is_answered() {
    run(async {
        let server = quiet(Kind::Sqlite).await;
        let cook = server.staff(Role::Kitchen).await;
        for (sent, answered) in [
            (&[0x03, 0xe8, b'b', b'y', b'e'][..], &[0x03, 0xe8, b'b', b'y', b'e'][..]),
            (&[0x03, 0xe9], &[0x03, 0xe9]),
            (&[], &[]),
        ] {
            let mut raw = Raw::subscribed(&cook, "kitchen", None).await;
            raw.frame(CLOSE, sent).await;
            let (first, payload) = raw.next().await.expect("an answer");
            assert_eq!((first, payload.as_slice()), (CLOSE, answered));
            assert!(raw.next().await.is_none(), "then it ends");
        }
        eventually("they have left", async || server.app().commands.hub.connections() == 0).await;
        let mut hasty = Raw::upgraded(&server.base, "olive", None).await;
        hasty.frame(CLOSE, &[0x03, 0xe8]).await;
        assert_eq!(hasty.next().await.expect("an answer").0, CLOSE, "also before hello");
    });
}
