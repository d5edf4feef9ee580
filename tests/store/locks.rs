//! Locks that somebody else holds: commands end within their bound, nothing is half done, others go on, and all
//! recovers by itself.

use super::fold::assert_rows_are_the_feed;
use super::node::{Node, PATIENT, accepted, join, wish};
use super::raw::Raw;
use crate::harness::server::{Kind, Place, TestServer};
use crate::harness::{SOON, run};
use comanda::app;
use comanda::clock::Clock;
use comanda::domain::people::Actor;
use comanda::domain::restaurant::GateRule;
use comanda::store::committer::{Accepted, Answer, Submission};
use sqlx::Executor;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// How long commands may wait in these tests.
const WAIT: Duration = Duration::from_millis(1500);

/// Sends the same command again and again, as a phone does, until it is taken.
async fn until_taken(node: &Node, submission: &Submission) -> Accepted {
    let taken = async {
        loop {
            match node.submit(submission.clone()).await {
                Answer::NotTried(_) => {}
                answer => return accepted(answer),
            }
        }
    };
    tokio::time::timeout(SOON, taken).await.expect("it recovers")
}

#[test]
fn a_held_feed_stops_only_its_own_restaurant_and_recovers_by_itself() {
    run(async {
        let place = Place::new(Kind::Postgres);
        let node = std::sync::Arc::new(Node::with(&place.url, Clock::system(), WAIT).await);
        let olive = node.restaurant("olive", GateRule::None).await;
        let mut others = Vec::new();
        for n in 0..12 {
            others.push(node.restaurant(&format!("other{n}"), GateRule::None).await);
        }
        let mut holder = Raw::open(&place).await;
        let id = holder.id(olive.id().0);
        holder.run(&format!("begin; select 1 from feeds where restaurant_id = {id} for update")).await;

        let scan = wish(&olive, &Actor::System, join(&olive, 0));
        let started = Instant::now();
        let mut waiting = JoinSet::new();
        {
            let (node, scan) = (node.clone(), scan.clone());
            waiting.spawn(async move { (true, node.submit(scan).await) });
        }
        for other in others.clone() {
            let node = node.clone();
            waiting.spawn(async move { (false, node.submit(wish(&other, &Actor::System, join(&other, 0))).await) });
        }
        let answers = waiting.join_all().await;
        assert!(started.elapsed() < WAIT + Duration::from_secs(2), "an answer took {:?}", started.elapsed());
        let held = answers.iter().find(|(held, _)| *held).expect("an answer");
        assert!(matches!(held.1, Answer::NotTried(_)), "{:?}", held.1);
        let gone_on = answers.iter().filter(|(held, answer)| !*held && matches!(answer, Answer::Accepted(_))).count();
        // Those that share its writer wait with it; one in four, by chance.
        assert!(gone_on >= 3, "only {gone_on} of 12 went on");
        assert!(answers.iter().all(|(_, answer)| !matches!(answer, Answer::Refused(_))), "{answers:?}");
        assert!(node.history(olive.id()).await.is_empty());

        holder.run("rollback").await;
        until_taken(&node, &scan).await;
        assert_eq!(assert_rows_are_the_feed(&node, &olive).await.len(), 1, "it was done once");
    });
}

#[test]
fn a_locked_database_file_is_waited_for_and_recovers_by_itself() {
    run(async {
        let place = Place::new(Kind::Sqlite);
        let node = Node::with(&place.url, Clock::system(), WAIT).await;
        let olive = node.restaurant("olive", GateRule::None).await;
        let mut holder = Raw::open(&place).await;
        holder.run("begin immediate").await;
        let scan = wish(&olive, &Actor::System, join(&olive, 0));
        let started = Instant::now();
        let answer = node.submit(scan.clone()).await;
        assert!(matches!(answer, Answer::NotTried(_)), "{answer:?}");
        assert!(started.elapsed() < WAIT + Duration::from_secs(2), "an answer took {:?}", started.elapsed());
        assert!(node.history(olive.id()).await.is_empty(), "reads go on, and nothing happened");
        holder.run("rollback").await;
        until_taken(&node, &scan).await;
        assert_eq!(assert_rows_are_the_feed(&node, &olive).await.len(), 1, "it was done once");
    });
}

/// A short hold is not even noticed: the batch waits for the lock, or is tried again.
#[test]
fn a_lock_that_is_held_for_a_moment_delays_and_refuses_nothing() {
    for kind in crate::harness::server::BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let olive = node.restaurant("olive", GateRule::None).await;
            let mut holder = Raw::open(&place).await;
            holder.run(if kind == Kind::Sqlite { "begin immediate" } else { "begin; lock table feeds" }).await;
            let scan = node.committer.submit(wish(&olive, &Actor::System, join(&olive, 0)));
            let release = async {
                // Longer than one try: `lock_timeout` is 1 s, SQLite's busy time-out 2 s.
                tokio::time::sleep(Duration::from_millis(if kind == Kind::Sqlite { 2200 } else { 1200 })).await;
                holder.run("rollback").await;
            };
            let (answer, ()) = tokio::join!(scan, release);
            assert!(!accepted(answer).again);
            assert_eq!(assert_rows_are_the_feed(&node, &olive).await.len(), 1);
        });
    }
}

#[test]
fn a_frozen_node_loses_its_lock_after_a_second() {
    run(async {
        let place = Place::new(Kind::Postgres);
        let frozen = Node::open(&place).await;
        let node = Node::with(&place.url, Clock::system(), PATIENT).await;
        let olive = node.restaurant("olive", GateRule::None).await;
        // A writer of the frozen node has taken the lock, and then its machine stopped.
        let mut held = frozen.store.db.postgres().expect("Postgres").begin().await.unwrap();
        let scope = format!("select set_config('app.restaurants', '{{{}}}', true)", olive.id());
        held.execute(sqlx::AssertSqlSafe(scope)).await.unwrap();
        let locked = held.fetch_all("select seq from feeds for no key update").await.unwrap();
        assert_eq!(locked.len(), 1);
        let started = Instant::now();
        node.does(&olive, &Actor::System, join(&olive, 0)).await;
        assert!(started.elapsed() > Duration::from_millis(500), "the lock was held");
        assert!(started.elapsed() < Duration::from_secs(5), "it was held for {:?}", started.elapsed());
        assert!(held.execute("update feeds set seq = 99").await.is_err(), "the frozen node woke up with its lock");
        drop(held);
        assert_eq!(assert_rows_are_the_feed(&node, &olive).await.len(), 1);
        let late = frozen.does(&olive, &Actor::System, join(&olive, 0)).await;
        assert_eq!(late.seq, 2, "and goes on where the feed is");
    });
}

#[test]
fn a_second_process_on_one_file_is_refused_with_what_to_do() {
    run(async {
        let mut server = TestServer::start(Kind::Sqlite).await;
        let second = app::start(&server.place.config(""), Clock::system()).await;
        let Err(error) = second else { panic!("two servers on one file") };
        let words = format!("{error:#}");
        assert!(words.contains("another comanda is serving") && words.contains("Stop it"), "{words}");
        assert!(words.contains("comanda.db"), "{words}");
        let guest = server.guest(0).await;
        assert_eq!(guest.order(&server.draft()).await["number"], 1, "the first goes on");
        server.restart("").await;
        server.stop().await;
    });
}

#[test]
fn two_nodes_that_start_at_once_on_an_empty_database_both_serve() {
    run(async {
        let place = Place::new(Kind::Postgres);
        let (one, other) = tokio::join!(Node::open(&place), Node::open(&place));
        let olive = one.restaurant("olive", GateRule::None).await;
        for node in [&one, &other] {
            node.does(&olive, &Actor::System, join(&olive, 0)).await;
        }
        assert_eq!(assert_rows_are_the_feed(&other, &olive).await.len(), 2);
    });
}
