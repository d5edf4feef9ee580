//! The relay: whatever the bus loses, doubles or shuffles, clients notice nothing; and a database that is not the
//! one that was told of begins a new history for everybody (L2, L3).

use super::follow::Follower;
use super::hand::{Hand, eventually, seqs, small};
use super::node::{Choice, Node, quiet};
use super::raw::assert_close;
use crate::harness::people::Person;
use crate::harness::postgres::TestPostgres;
use crate::harness::run;
use crate::harness::server::{BOTH, Kind, TestServer};
use crate::harness::socket::Socket;
use comanda::bus::CARRIED_EVENTS;
use comanda::domain::event::Event;
use comanda::domain::ids::{OrderId, SeatingId};
use comanda::domain::people::Role;
use comanda::domain::restaurant::GateRule;
use comanda::domain::topic::Topic;
use comanda::protocol::close::Close;
use comanda::store::Db;
use comanda::store::committer::Committed;
use futures_util::future::join_all;
use serde_json::json;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A node, an order, and who taps on it there.
struct Stage {
    server: TestServer,
    node: Node,
    waiter: Person,
    guest: Person,
    tap: Hand,
    order: OrderId,
}

async fn stage(kind: Kind, choice: Choice) -> Stage {
    let server = quiet(kind).await;
    let node = Node::beside(&server, choice).await;
    let (waiter, guest) = (server.staff(Role::Waiter).await, server.guest(0).await);
    let tap = Hand::of(&node.commands, &waiter);
    let (order, _) = Hand::of(&node.commands, &guest).place(&small(&server.fixture)).await;
    let (waiter, guest) = (node.here(&waiter), node.here(&guest));
    Stage { server, node, waiter, guest, tap, order: order.id }
}

impl Stage {
    async fn followers(&self) -> Vec<Follower> {
        vec![
            Follower::new(&self.waiter, &["kitchen", "floor"]).await,
            Follower::new(&self.waiter, &["kitchen"]).await,
            Follower::new(&self.guest, &["table", &format!("order:{}", self.order)]).await,
        ]
    }

    /// Each has every event of its topics after its beginning, up to `head`, and none was told to begin anew.
    async fn all_have(&self, followers: &[Follower], head: i64) {
        for follow in followers.iter().flat_map(|follower| &follower.follows) {
            let topic = match follow.topic.as_str() {
                "kitchen" => Topic::Kitchen,
                "floor" => Topic::Floor,
                "table" => Topic::Table(self.guest.seating.unwrap_or(SeatingId(uuid::Uuid::nil()))),
                _ => Topic::Order(self.order),
            };
            let store = &self.server.app().commands.store;
            let want = seqs(store, self.server.fixture.id(), topic, follow.began_at).await;
            assert_eq!(follow.seqs, want, "{}", follow.topic);
            assert!(want.last() == Some(&head), "{} ends at {want:?}, not {head}", follow.topic);
            assert_eq!((follow.snapshots, follow.resyncs), (1, 0), "{}", follow.topic);
        }
    }
}

/// The same numbers for the same seed.
fn dice(mut seed: u64) -> impl FnMut(u64) -> u64 + Send {
    move |sides| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % sides
    }
}

#[test]
fn relay_heals_whatever_the_bus_loses_doubles_or_shuffles() {
    for (kind, seed) in BOTH.into_iter().zip([20_260_131, 7]) {
        run(async {
            let stage = stage(kind, Choice::default()).await;
            let mut followers = stage.followers().await;
            let (mut roll, mut held) = (dice(seed), Vec::new());
            stage.node.carries(move |event| {
                let mut out: Vec<Committed<Event>> = Vec::new();
                match roll(10) {
                    0 | 1 => {}
                    2 => out.extend([event.clone(), event]),
                    3 | 4 => held.push(event),
                    5 => {
                        out.push(event);
                        held.reverse();
                        out.append(&mut held);
                    }
                    _ => out.push(event),
                }
                out
            });
            let head = stage.tap.rushes(stage.order, 150).await;
            join_all(followers.iter_mut().map(|follower| follower.reach(head))).await;
            stage.all_have(&followers, head).await;
            assert!(stage.node.counts.healed.load(Ordering::SeqCst) > 0, "it had something to heal");
        });
    }
}

/// A hole whose message comes a moment later is no reason to ask the database.
#[test]
fn relay_messages_that_cross_close_their_hole_without_a_read() {
    run(async {
        let stage = stage(Kind::Sqlite, Choice::default()).await;
        let mut followers = stage.followers().await;
        let mut first = None;
        stage.node.carries(move |event| match first.take() {
            None => {
                first = Some(event);
                Vec::new()
            }
            Some(before) => vec![event, before],
        });
        let reads = stage.node.feed_reads();
        let mut head = 0;
        for _ in 0..20 {
            let (one, two) = (stage.tap.rush(stage.order, true), stage.tap.rush(stage.order, false));
            head = futures_util::future::join(one, two).await.1;
            join_all(followers.iter_mut().map(|follower| follower.reach(head))).await;
        }
        stage.all_have(&followers, head).await;
        // The comparison of heads may have looked between two of them.
        assert!(stage.node.feed_reads() <= reads + 1, "{} reads", stage.node.feed_reads() - reads);
    });
}

/// What a full bus could not carry, ends of logins among it, is fetched.
#[test]
fn relay_a_full_bus_loses_nothing() {
    for kind in BOTH {
        run(async {
            let stage = stage(kind, Choice { listens: false, ..Choice::default() }).await;
            let manager = stage.server.staff(Role::Manager).await;
            let cook = stage.node.here(&stage.server.staff(Role::Kitchen).await);
            let mut followers = stage.followers().await;
            let mut ended = Socket::subscribed(&cook, "kitchen").await;
            let session = ended.log[0]["session"].clone();
            let one: Arc<Mutex<Option<Committed<Event>>>> = Arc::default();
            let keep = Arc::clone(&one);
            stage.node.carries(move |event| {
                keep.lock().expect("a lock").get_or_insert(event.clone());
                vec![event]
            });
            stage.tap.rush(stage.order, true).await;
            let again = one.lock().expect("a lock").clone().expect("an event");
            let carried = (0..).take_while(|_| stage.node.bus.publish(again.clone())).count();
            assert!(carried < CARRIED_EVENTS && carried > CARRIED_EVENTS - 20, "{carried}");
            let revoke = Hand::of(&stage.node.commands, &manager);
            revoke.tap("session.revoke", json!({ "session": session })).await;
            let head = stage.tap.rushes(stage.order, 20).await;
            stage.node.listen();
            join_all(followers.iter_mut().map(|follower| follower.reach(head))).await;
            stage.all_have(&followers, head).await;
            assert_close(&ended.close_reason().await, Close::Revoked);
        });
    }
}

/// A node that hears nothing at all is two seconds behind, and no more.
#[test]
fn relay_what_another_node_wrote_is_found_by_its_head() {
    for kind in BOTH {
        run(async {
            let stage = stage(kind, Choice::default()).await;
            let mut followers = stage.followers().await;
            let head = Hand::at(&stage.server, &stage.waiter).flood(stage.order, 100).await;
            let began = Instant::now();
            join_all(followers.iter_mut().map(|follower| follower.reach(head))).await;
            assert!(began.elapsed() < Duration::from_millis(3500), "{:?}", began.elapsed());
            stage.all_have(&followers, head).await;
        });
    }
}

/// One that missed more than a ring holds says so, and everybody begins anew.
#[test]
fn relay_a_node_that_missed_too_much_begins_anew() {
    run(async {
        let stage = stage(Kind::Sqlite, Choice::default()).await;
        let mut followers = stage.followers().await;
        followers.extend(stage.followers().await);
        let head = Hand::at(&stage.server, &stage.waiter).flood(stage.order, 300).await;
        for follower in &mut followers {
            let topic = follower.first().topic.clone();
            follower.until(|f, _| f.first().resyncs > 0).await;
            follower.subscribe(&topic, Some(follower.first().after())).await;
            assert_eq!((follower.first().snapshots, follower.first().began_at), (2, head), "{:?}", follower.first());
        }
        assert!(stage.node.snapshot_reads() <= 4 + 2, "one read for each topic at first, and one more for two of them");
        let next = stage.tap.rush(stage.order, true).await;
        join_all(followers.iter_mut().map(|follower| follower.event(next))).await;
    });
}

/// Whoever comes while the node begins the restaurant is live at once, and need not wait for a comparison.
#[test]
fn relay_a_restaurant_that_begins_while_events_are_told_is_live_at_once() {
    run(async {
        let stage = stage(Kind::Sqlite, Choice::default()).await;
        for round in 0..10 {
            let node = Node::beside(&stage.server, Choice::default()).await;
            let tap = Hand::of(&node.commands, &stage.waiter);
            let order = stage.order;
            let busy = tokio::spawn(async move { (tap.rushes(order, 20 + round).await, Instant::now()) });
            let person = node.here(&stage.waiter);
            let mut followers =
                join_all((0..4).map(|n| Follower::new(&person, if n % 2 == 0 { &["kitchen"] } else { &["floor"] })))
                    .await;
            let (head, at) = busy.await.expect("taps");
            join_all(followers.iter_mut().map(|follower| follower.event(head))).await;
            assert!(at.elapsed() < Duration::from_millis(1000), "{:?} in round {round}", at.elapsed());
        }
    });
}

/// Restores a restaurant's feed as it was at `seq`, behind the server's back.
async fn restore(server: &TestServer, seq: i64) {
    let id = server.fixture.id().0;
    let forget = "delete from events where restaurant_id = $1 and seq > $2";
    let rewind = "update feeds set seq = $2, at = (select at from events where restaurant_id = $1 and seq = $2) where restaurant_id = $1";
    match &server.app().commands.store.db {
        Db::Sqlite { writer, .. } => {
            let mut tx = writer.begin().await.expect("begin");
            for sql in [forget, rewind] {
                sqlx::query(sql).bind(id).bind(seq).execute(&mut *tx).await.expect(sql);
            }
            tx.commit().await.expect("commit");
        }
        Db::Postgres { .. } => {
            let name = server.place.url.split(['/', '?']).nth(3).expect("a name");
            let url = TestPostgres::shared().superuser_url(name);
            let mut superuser = <sqlx::PgConnection as sqlx::Connection>::connect(&url).await.expect("connect");
            for sql in [forget, rewind] {
                sqlx::query(sql).bind(id).bind(seq).execute(&mut superuser).await.expect(sql);
            }
        }
    }
}

impl Stage {
    /// Everybody is told to begin anew, does, and is live in the new history.
    async fn all_begin_anew(&self, followers: &mut [Follower], tap: &Hand) {
        let before = followers[0].first().epoch.clone();
        for follower in followers.iter_mut() {
            let topics: Vec<String> = follower.follows.iter().map(|follow| follow.topic.clone()).collect();
            follower.until(|f, _| f.follows.iter().all(|follow| follow.resyncs == 1)).await;
            for topic in topics {
                let after = follower.topic(&topic).after();
                follower.subscribe(&topic, Some(after)).await;
                let follow = follower.topic(&topic);
                assert_eq!((follow.snapshots, follow.replays), (2, 0), "{topic}");
                assert_ne!(follow.epoch, before, "{topic}");
            }
        }
        let epochs: Vec<String> = followers.iter().flat_map(|f| &f.follows).map(|f| f.epoch.clone()).collect();
        assert!(epochs.iter().all(|epoch| *epoch == epochs[0]), "one new history for all");
        let head = tap.rushes(self.order, 4).await;
        let beats = |followers: &[Follower]| followers.iter().flat_map(|f| &f.follows).map(|f| f.beats).min();
        let had = beats(followers);
        for follower in followers.iter_mut() {
            follower.reach(head).await;
            // A beat of the new history, too: the follower checks that it fits.
            follower.until(|f, _| f.follows.iter().map(|follow| follow.beats).min() > had.map(|had| had + 1)).await;
            assert!(follower.follows.iter().all(|follow| follow.resyncs == 1 && follow.snapshots == 2));
        }
    }
}

fn beating() -> Choice {
    Choice { beat_staff: Duration::from_millis(50), beat_guest: Duration::from_millis(50), ..Choice::default() }
}

#[test]
fn relay_a_database_behind_what_was_told_begins_a_new_history_for_everybody() {
    for kind in BOTH {
        run(async {
            let stage = stage(kind, beating()).await;
            let mut followers = stage.followers().await;
            let head = stage.tap.rushes(stage.order, 20).await;
            join_all(followers.iter_mut().map(|follower| follower.reach(head))).await;
            restore(&stage.server, head - 10).await;
            stage.all_begin_anew(&mut followers, &stage.tap).await;
            // Later the heads agree, and nothing begins anew again.
            let reads = stage.node.feed_reads();
            eventually("a comparison", async || followers.len() == 3).await;
            assert_eq!(stage.node.feed_reads(), reads);
        });
    }
}

/// The same, written by another node, to the very number that this one holds: only the time tells them apart.
#[test]
fn relay_the_same_number_with_another_event_begins_a_new_history() {
    run(async {
        let stage = stage(Kind::Sqlite, beating()).await;
        let mut followers = stage.followers().await;
        let head = stage.tap.rushes(stage.order, 20).await;
        join_all(followers.iter_mut().map(|follower| follower.reach(head))).await;
        restore(&stage.server, head - 2).await;
        let elsewhere = Hand::at(&stage.server, &stage.waiter);
        assert_eq!(elsewhere.rushes(stage.order, 2).await, head);
        stage.all_begin_anew(&mut followers, &stage.tap).await;
    });
}

/// A restaurant whose events cannot be read keeps no other from being brought up to date.
#[test]
fn relay_one_restaurant_in_trouble_leaves_the_others_alone() {
    run(async {
        let stage = stage(Kind::Sqlite, Choice::default()).await;
        let mut others = Vec::new();
        for n in 0..6 {
            let fixture = stage.server.add(&format!("other{n}"), GateRule::None).await;
            let guest = stage.server.guest_of(&fixture, 0).await;
            let follower = Follower::new(&stage.node.here(&guest), &["table"]).await;
            others.push((fixture, guest, follower));
        }
        let broken = Follower::new(&stage.waiter, &["kitchen"]).await;
        let Db::Sqlite { writer, .. } = stage.server.app().commands.store.db.clone() else { panic!("SQLite") };
        let seq = Hand::at(&stage.server, &stage.waiter).rush(stage.order, true).await;
        let spoil = "update events set data = '{}' where restaurant_id = $1 and seq = $2";
        sqlx::query(spoil).bind(stage.server.fixture.id().0).bind(seq).execute(&writer).await.expect(spoil);
        let mut heads = Vec::new();
        for (fixture, guest, _) in &others {
            heads.push(Hand::at(&stage.server, guest).place(&small(fixture)).await.1);
        }
        for ((_, _, follower), head) in others.iter_mut().zip(heads) {
            follower.event(head).await;
        }
        assert!(broken.first().resyncs == 0);
    });
}
