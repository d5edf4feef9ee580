//! Releases side by side on one database, while one is rolled out (W1.6, "Versions"): each node serves the newest two
//! versions of the protocol that it knows, and what is ordered at one is told at the other.

use super::node::{Choice, Node, quiet};
use super::raw::assert_close;
use crate::harness::people::Person;
use crate::harness::run;
use crate::harness::server::{BOTH, Kind, TestServer};
use crate::harness::socket::Socket;
use comanda::domain::people::Role;
use comanda::protocol::close::Close;
use comanda::protocol::{PROTOCOL, oldest_served};
use comanda::ws::Bounds;
use serde_json::{Value, json};

/// A node of a release that speaks this version.
async fn node(server: &TestServer, protocol: u32) -> Node {
    let bounds = Bounds { protocol, ..Choice::default().bounds };
    Node::beside(server, Choice { bounds, ..Choice::default() }).await
}

/// A page that speaks this version says hello; the version of the `welcome`, or the socket that was closed.
async fn hello(person: &Person, protocol: u32) -> Result<(Socket, Value), (u16, Value)> {
    let mut socket = Socket::open(&format!("{}/ws/{}", person.base.replacen("http", "ws", 1), person.slug)).await;
    socket.send(&json!({ "op": "hello", "token": person.token, "protocol": protocol })).await;
    match socket.any().await {
        Some(welcome) => Ok((socket, welcome["protocol"].clone())),
        None => Err(socket.closed.expect("a close frame")),
    }
}

#[test]
fn w1_6_a_node_serves_the_newest_two_versions_and_tells_older_pages_to_reload() {
    run(async {
        let server = quiet(Kind::Sqlite).await;
        let cook = server.staff(Role::Kitchen).await;
        for (newest, oldest) in [(1, 1), (2, 1), (3, 2), (9, 8)] {
            assert_eq!(oldest_served(newest), oldest);
            let node = node(&server, newest).await;
            for spoken in 0..=newest + 2 {
                let answer = hello(&node.here(&cook), spoken).await;
                match answer {
                    Ok((_, told)) => assert!(spoken >= oldest && told == newest, "{spoken} at {newest}: {told}"),
                    Err(closed) => {
                        assert!(spoken < oldest, "{spoken} at {newest}: {closed:?}");
                        assert_close(&closed, Close::Update);
                    }
                }
            }
            node.stop.cancel();
        }
    });
}

#[test]
fn w1_6_pages_of_both_releases_live_on_nodes_of_both_and_hear_the_same() {
    run(async {
        for kind in BOTH {
            let old = quiet(kind).await;
            let new = node(&old, PROTOCOL + 1).await;
            let (cook, guest) = (old.staff(Role::Kitchen).await, old.guest(0).await);
            let mut screens = Vec::new();
            for at in [cook.clone(), new.here(&cook)] {
                for spoken in [PROTOCOL, PROTOCOL + 1] {
                    let (mut socket, _) = hello(&at, spoken).await.expect("welcome");
                    socket.subscribe("kitchen", None).await;
                    screens.push(socket);
                }
            }
            // Ordered by the old release, cooked by the new one.
            let order = guest.order(&old.draft()).await;
            for screen in &mut screens {
                screen.until(|m| m["kind"] == "order.placed" && m["order"]["id"] == order["id"]).await;
            }
            let answer = screens[3].command("order.bump", json!({ "order": order["id"] })).await;
            assert_eq!(answer["op"], "ok", "{answer}");
            let mut told = Vec::new();
            for screen in &mut screens {
                told.push(screen_order(screen, &order["id"], "ready").await);
            }
            assert!(told.iter().all(|order| *order == told[0]), "{told:#?}");
            new.stop.cancel();
        }
    });
}

/// The order as a screen was told it, in that state.
async fn screen_order(screen: &mut Socket, id: &Value, state: &str) -> Value {
    let fits = |m: &Value| m["order"]["id"] == *id && m["order"]["state"] == state;
    let held = screen.log.iter().find(|m| fits(m)).cloned();
    match held {
        Some(message) => message["order"].clone(),
        None => screen.until(fits).await["order"].clone(),
    }
}
