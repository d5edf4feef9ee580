//! Clients that are gone without a word: whoever answers no ping for the time of some beats is dropped.

use super::follow::Follower;
use super::hand::{Hand, eventually, small};
use super::node::{Choice, Node, quiet};
use super::raw::{PING, PONG, Raw, assert_close};
use crate::harness::run;
use crate::harness::server::{Kind, TestServer};
use crate::harness::socket::Socket;
use comanda::domain::people::Role;
use comanda::protocol::close::Close;
use comanda::ws::Bounds;
use std::time::{Duration, Instant};

/// Beats of staff and guests; four may be missed, as in production.
async fn node(server: &TestServer, staff_ms: u64, guest_ms: u64) -> Node {
    let (beat_staff, beat_guest) = (Duration::from_millis(staff_ms), Duration::from_millis(guest_ms));
    let bounds = Bounds { silence_staff: beat_staff * 4, silence_guest: beat_guest * 4, ..Choice::default().bounds };
    Node::beside(server, Choice { bounds, beat_staff, beat_guest, ..Choice::default() }).await
}

#[test]
fn w12_a_client_that_answers_no_ping_is_dropped_and_one_that_does_is_not() {
    run(async {
        let server = quiet(Kind::Sqlite).await;
        let node = node(&server, 100, 100).await;
        let (cook, guest) = (node.here(&server.staff(Role::Kitchen).await), node.here(&server.guest(0).await));
        let began = Instant::now();
        let mut gone = [
            Raw::subscribed(&cook, "kitchen", None).await,
            Raw::subscribed(&guest, "table", None).await,
            // Those without a topic are asked, too.
            Raw::hello(&cook, None).await,
            Raw::hello(&guest, None).await,
        ];
        let mut quiet = Raw::subscribed(&cook, "kitchen", None).await;
        let answers = tokio::spawn(async move {
            let mut pings = 0;
            while pings < 12 {
                if quiet.next().await.expect("it is open").0 == PING {
                    quiet.frame(PONG, b"").await;
                    pings += 1;
                }
            }
            quiet
        });
        for raw in &mut gone {
            let (_, closed) = raw.closed().await;
            assert_close(&closed, Close::Stalled);
        }
        let took = began.elapsed();
        assert!((Duration::from_millis(400)..Duration::from_secs(3)).contains(&took), "{took:?}");
        let quiet = answers.await.expect("it lives");
        eventually("only one is left", async || node.hub.connections() == 1).await;
        drop(quiet);
    });
}

/// Staff on a topic whose beats are rare are asked as rarely, and are not taken for gone meanwhile.
#[test]
fn w12_who_is_asked_seldom_may_be_silent_as_long() {
    run(async {
        let server = quiet(Kind::Sqlite).await;
        let node = node(&server, 20, 600).await;
        let waiter = node.here(&server.staff(Role::Waiter).await);
        let (order, _) = Hand::of(&node.commands, &server.guest(0).await).place(&small(&server.fixture)).await;
        let mut screen = Follower::new(&waiter, &[&format!("order:{}", order.id)]).await;
        screen.until(|s, _| s.first().beats == 3).await;
        let mut watcher = Socket::hello(&waiter).await;
        let seq = Hand::of(&node.commands, &waiter).rush(order.id, true).await;
        screen.event(seq).await;
        assert_eq!(
            watcher.command("order.rush", serde_json::json!({ "order": order.id, "rush": false })).await["op"],
            "ok"
        );
    });
}
