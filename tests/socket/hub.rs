//! The hub: what connections leave behind, what leaving costs, and how much of the past is kept.

use super::follow::Follower;
use super::hand::{Hand, eventually, small};
use super::node::{Choice, Node, quiet};
use super::raw::{CLOSE, Raw, TEXT, masked};
use crate::harness::people::Person;
use crate::harness::run;
use crate::harness::server::Kind;
use crate::harness::socket::Socket;
use comanda::domain::event::{Event, Kind as EventKind, State};
use comanda::domain::ids::{CommandId, Cursor, Epoch, GuestId, ItemId, RestaurantId, SeatingId, SessionId, UserId};
use comanda::domain::menu::{ItemState, Localized};
use comanda::domain::people::{Actor, By, Role};
use comanda::domain::time::Timestamp;
use comanda::domain::topic::Topic;
use comanda::hub::Hub;
use comanda::hub::connection::Connection;
use comanda::hub::ring::RingLimits;
use comanda::hub::room::Room;
use comanda::protocol::close::Close;
use comanda::store::Db;
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// One visit that ends in one of many ways, most of them rude.
async fn visit(staff: &Person, guest: &Person, n: usize) {
    let topic = |person: &Person| if person.guest.is_some() { "table" } else { "kitchen" };
    let person = if n.is_multiple_of(2) { staff } else { guest };
    match n % 9 {
        0 => Raw::open(&person.base, None).await.abort(),
        1 => {
            let mut raw = Raw::open(&person.base, None).await;
            raw.send(b"GET /ws/olive HTTP/1.1\r\nHost: olive").await;
            raw.abort();
        }
        2 => Raw::upgraded(&person.base, "olive", None).await.abort(),
        3 => Raw::hello(person, None).await.abort(),
        4 => Raw::subscribed(person, topic(person), None).await.abort(),
        5 => {
            let mut raw = Raw::subscribed(person, topic(person), None).await;
            raw.send(&masked(TEXT, b"cut in the middle")[..9]).await;
            raw.abort();
        }
        6 => {
            let mut raw = Raw::subscribed(person, topic(person), None).await;
            raw.say(&json!({ "op": "subscribe", "topic": topic(person) })).await;
            raw.say(&json!({ "op": "command", "id": Uuid::new_v4(), "name": "order.none", "args": {} })).await;
            raw.abort();
        }
        7 => {
            let mut raw = Raw::subscribed(person, topic(person), None).await;
            raw.frame(CLOSE, &[0x03, 0xe8]).await;
        }
        _ => drop(Socket::subscribed(person, topic(person)).await),
    }
}

#[test]
fn hub_two_hundred_visits_leave_nothing_behind() {
    run(async {
        let server = quiet(Kind::Sqlite).await;
        let node = Node::beside(&server, Choice::default()).await;
        let own = node.tasks.len();
        let (staff, guest) = (node.here(&server.staff(Role::Kitchen).await), node.here(&server.guest(0).await));
        let stays = Follower::new(&staff, &["kitchen"]).await;
        let room = Arc::clone(&node.hub.rooms()[0]);
        let door = node.door.clone().expect("a door");
        for n in 0..200 {
            visit(&staff, &guest, n).await;
        }
        let left = async || (node.hub.connections(), room.topics(), node.tasks.len(), door.pending.lock().len());
        let one = async || left().await == (1, 1, own + 1, 0);
        eventually("only one is left", one).await;
        drop(stays);
        eventually("nobody is left", async || left().await == (0, 0, own, 0)).await;
        assert!(!room.is_watched(server.fixture.grill()), "a screen that is gone watches nothing");
    });
}

/// A session that fails leaves nothing behind either.
#[test]
fn hub_a_connection_whose_task_ends_abruptly_leaves_nothing_behind() {
    let server = run(async {
        let server = quiet(Kind::Sqlite).await;
        let cook = server.staff(Role::Kitchen).await;
        let sockets = futures_util::future::join_all((0..5).map(|_| Socket::subscribed(&cook, "kitchen"))).await;
        let hub = Arc::clone(&server.app().commands.hub);
        assert_eq!(hub.connections(), 5);
        // Its runtime goes, and with it every task at whatever await it is.
        std::mem::forget(sockets);
        (hub, server)
    });
    let (hub, _server) = server;
    assert_eq!((hub.connections(), hub.rooms()[0].topics()), (0, 0));
}

fn staff(n: u64) -> Arc<Connection> {
    let (user, session) = (UserId(Uuid::nil()), SessionId(Uuid::from_u128(u128::from(n))));
    Arc::new(Connection::new(n, &Actor::Staff { user, session, role: Role::Kitchen, name: String::new() }))
}

const LIMITS: RingLimits = RingLimits { events: 256, bytes: 262_144, node_bytes: 1 << 28 };

/// The shortest of some tries: connections leave and come back in a crowd of `crowd`.
fn leaving(crowd: u64) -> Duration {
    let room = Room::new(RestaurantId(Uuid::nil()), LIMITS);
    let all: Vec<_> = (0..crowd).map(staff).collect();
    for connection in &all {
        room.join(connection);
        room.subscribe(Topic::Kitchen, connection);
    }
    let tries = (0..7).map(|_| {
        let began = Instant::now();
        for connection in all.iter().take(500) {
            room.leave(connection, std::iter::once(Topic::Kitchen));
            room.join(connection);
            room.subscribe(Topic::Kitchen, connection);
        }
        began.elapsed()
    });
    tries.min().expect("some tries")
}

#[test]
fn hub_leaving_costs_the_same_in_a_crowd() {
    let (few, many) = (leaving(500), leaving(50_000));
    assert!(many < few * 25, "one leaves 500 in {few:?}, and 50,000 in {many:?}");
}

fn event(restaurant: RestaurantId, seq: i64, name_bytes: usize) -> Event {
    let item = ItemState {
        id: ItemId(Uuid::nil()),
        name: Localized([("en".to_owned(), "x".repeat(name_bytes))].into()),
        price: 1,
        available: true,
        stock: None,
        version: seq,
        menu_version: seq,
    };
    Event {
        restaurant,
        epoch: Epoch(Uuid::from_u128(7)),
        seq,
        at: Timestamp(seq * 1_000_000),
        kind: EventKind::ItemChanged,
        by: By::System,
        command: CommandId(Uuid::nil()),
        state: State::Item { item },
    }
}

fn begun(hub: &Hub, restaurant: u128) -> Arc<Room> {
    let room = hub.room(RestaurantId(Uuid::from_u128(restaurant)));
    room.begin(Cursor { epoch: Epoch(Uuid::from_u128(7)), seq: 0 }, Vec::new(), Vec::new());
    room
}

#[test]
fn hub_a_ring_keeps_so_many_events_and_so_many_bytes() {
    let hub = Hub::new(RingLimits { events: 20, bytes: 30_000, node_bytes: 1 << 28 });
    let room = begun(&hub, 1);
    let at = |seq| Cursor { epoch: Epoch(Uuid::from_u128(7)), seq };
    for seq in 1..=100 {
        room.offer(event(room.restaurant(), seq, 10));
        assert!(room.covers(at(seq)) && room.covers(at(seq - 1)), "the newest is always there");
    }
    assert!(room.covers(at(80)) && !room.covers(at(79)), "twenty are kept");
    for seq in 101..=200 {
        room.offer(event(room.restaurant(), seq, 4000));
        assert!(room.ring_bytes() <= 30_000 + 4500, "{} bytes", room.ring_bytes());
    }
    assert!(room.covers(at(194)) && !room.covers(at(190)), "so many bytes are kept");
    room.offer(event(room.restaurant(), 201, 100_000));
    assert!(room.covers(at(200)) && !room.covers(at(199)), "one that is larger than all is kept alone");
    room.offer(event(room.restaurant(), 202, 10));
    assert!(room.ring_bytes() < 1000);
}

#[test]
fn hub_a_node_over_its_bound_sheds_the_rings_used_longest_ago() {
    let hub = Hub::new(RingLimits { events: 100, bytes: 1 << 20, node_bytes: 100_000 });
    let rooms: Vec<_> = (1..=4).map(|n| begun(&hub, n)).collect();
    for room in &rooms {
        for seq in 1..=10 {
            room.offer(event(room.restaurant(), seq, 4000));
        }
    }
    // The second and the fourth were used last.
    let (used, later) = (staff(1), staff(2));
    std::thread::sleep(Duration::from_millis(5));
    rooms[1].join(&used);
    std::thread::sleep(Duration::from_millis(5));
    rooms[3].join(&later);
    hub.tidy(Timestamp(0), Duration::from_secs(900), Duration::from_secs(60));
    let bytes: Vec<usize> = rooms.iter().map(|room| room.ring_bytes()).collect();
    assert!(bytes.iter().sum::<usize>() <= 100_000, "{bytes:?}");
    assert_eq!((bytes[0], bytes[2]), (0, 0), "{bytes:?}");
    assert!(bytes[1] > 40_000 && bytes[3] > 40_000, "{bytes:?}");
    // Who had read everything goes on without a gap.
    let at = Cursor { epoch: Epoch(Uuid::from_u128(7)), seq: 10 };
    rooms[0].offer(event(rooms[0].restaurant(), 11, 10));
    assert_eq!(rooms[0].pull(Topic::Kitchen, at, 1000).map(|pulled| pulled.frames.len()), Some(1));
}

#[test]
fn hub_rooms_that_nobody_uses_are_given_up() {
    let hub = Hub::new(LIMITS);
    let tidy = || hub.tidy(Timestamp(0), Duration::from_secs(900), Duration::ZERO);
    let (held, visited) = (begun(&hub, 1), begun(&hub, 2));
    let visitor = staff(1);
    visited.join(&visitor);
    drop((visited, begun(&hub, 3)));
    tidy();
    assert_eq!(hub.rooms().len(), 2, "one is held, one has a visitor");
    drop(held);
    hub.find(RestaurantId(Uuid::from_u128(2))).expect("a room").leave(&visitor, std::iter::empty());
    tidy();
    assert!(hub.rooms().is_empty());
}

#[test]
fn hub_ended_logins_are_known_as_long_as_their_tokens_may_live() {
    let hub = Hub::new(LIMITS);
    let (life, at) = (Duration::from_secs(900), Timestamp(1_800_000_000_000_000));
    let session = SessionId(Uuid::from_u128(1));
    let room = begun(&hub, 1);
    let (ended, other, guest) = (staff(1), staff(2), guest());
    for connection in [&ended, &other, &guest] {
        room.join(connection);
    }
    hub.revoke(session, at);
    assert_eq!((ended.ending(), other.ending(), guest.ending()), (Some(Close::Revoked), None, None));
    hub.tidy(at.plus(life), life, Duration::from_secs(60));
    assert!(hub.is_revoked(session), "a token of then may still be good");
    hub.tidy(at.plus(life * 2), life, Duration::from_secs(60));
    assert!(!hub.is_revoked(session));
}

fn guest() -> Arc<Connection> {
    let actor = Actor::Guest { guest: GuestId(Uuid::nil()), seating: SeatingId(Uuid::nil()) };
    Arc::new(Connection::new(9, &actor))
}

/// While the database is away nobody waits for ever, and nobody in a queue: all are sent away to come back.
#[test]
fn hub_nobody_waits_longer_than_the_bound_for_what_a_topic_begins_with() {
    run(async {
        let server = quiet(Kind::Sqlite).await;
        let (waiter, guests) =
            (server.staff(Role::Waiter).await, [server.guest(0).await, server.guest(1).await, server.guest(2).await]);
        let mut sockets = Vec::new();
        for guest in &guests {
            sockets.push((Socket::hello(guest).await, "table"));
        }
        for topic in ["kitchen", "floor"] {
            sockets.push((Socket::hello(&waiter).await, topic));
        }
        let Db::Sqlite { reader, .. } = server.app().commands.store.db.clone() else { panic!("SQLite") };
        let mut held = Vec::new();
        for _ in 0..reader.options().get_max_connections() {
            held.push(reader.acquire().await.expect("a reader"));
        }
        let began = Instant::now();
        for (socket, topic) in &mut sockets {
            socket.send(&json!({ "op": "subscribe", "topic": topic })).await;
        }
        for (socket, _) in &mut sockets {
            super::raw::assert_close(&socket.close_reason().await, Close::Busy);
        }
        // Five topics, each read given up after two seconds, one after the other, would be ten.
        assert!(began.elapsed() < Duration::from_millis(6500), "{:?}", began.elapsed());
        drop(held);
        let hand = Hand::at(&server, &guests[0]);
        let mut again = Follower::new(&waiter, &["kitchen"]).await;
        let (_, seq) = hand.place(&small(&server.fixture)).await;
        again.event(seq).await;
    });
}
