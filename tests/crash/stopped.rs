//! How a server is stopped on purpose, and what it says when it cannot start.

use super::crowd::{Crowd, Size};
use super::killed::UNLIMITED;
use crate::harness::process::Site;
use crate::harness::run;
use crate::harness::server::Kind;
use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use std::process::Output;
use std::str::FromStr;
use std::time::{Duration, Instant};

const DRAIN: Duration = Duration::from_secs(3);
const SIZE: Size = Size { guests: 14, cooks: 4, waiters: 2, pause: 90, taps: 80 };
const PEOPLE: usize = SIZE.guests + SIZE.cooks + SIZE.waiters;
/// A subcommand that only fails or asks.
const SHORT: Duration = Duration::from_secs(15);

#[test]
fn a_server_that_is_asked_to_stop_loses_nothing_and_tells_everybody_when_to_come_back_on_sqlite() {
    run(stopped_among_orders(Kind::Sqlite, 21));
}

#[test]
fn a_server_that_is_asked_to_stop_loses_nothing_and_tells_everybody_when_to_come_back_on_postgres() {
    run(stopped_among_orders(Kind::Postgres, 22));
}

async fn stopped_among_orders(kind: Kind, seed: u64) {
    let site = Site::new(kind);
    site.settings(&format!("drain_ms = {}", DRAIN.as_millis()), "", UNLIMITED);
    let mut server = site.serve().await;
    let crowd = Crowd::gather(&site, seed, SIZE).await;
    crowd.expect_orders(60, Duration::from_secs(20)).await;
    let asked = Instant::now();
    server.terminate();
    let status = server.ended(DRAIN + Duration::from_secs(2)).await;
    println!("{kind:?}: stopped after {:?}, {status}", asked.elapsed());
    assert_eq!(status.code(), Some(0), "{}", site.log());
    if kind == Kind::Sqlite {
        assert_eq!(integrity(&site.url).await, "ok");
    }
    let _server = site.serve().await;
    crowd.expect_orders(60, Duration::from_secs(20)).await;
    let rest = crowd.come_to_rest().await;
    rest.expect_nothing_wrong(&format!("{kind:?}, stopped"), &site);
    assert_eq!((rest.closes.len(), rest.counts.lost), (PEOPLE, PEOPLE as u64), "{:?}", rest.closes);
    for (code, reason) in &rest.closes {
        let retry_ms = reason["retry_ms"].as_u64();
        assert!(*code == 1012 && retry_ms.is_some_and(|ms| (1000..=2000).contains(&ms)), "{code} {reason}");
    }
}

async fn integrity(url: &str) -> String {
    let options = SqliteConnectOptions::from_str(url).expect("a URL").read_only(true);
    let mut connection = SqliteConnection::connect_with(&options).await.expect("the file");
    let (words,): (String,) =
        sqlx::query_as("pragma integrity_check").fetch_one(&mut connection).await.expect("an answer");
    words
}

#[test]
fn a_second_server_on_the_same_file_is_refused_and_the_first_serves_on() {
    run(async {
        let site = Site::new(Kind::Sqlite);
        site.settings("", "", UNLIMITED);
        let _first = site.serve().await;
        let second = site.run(&["serve"], SHORT).await;
        assert_eq!(second.status.code(), Some(1), "{second:?}");
        let words = words(&second);
        assert!(words.contains("another comanda is serving") && words.contains("comanda.db"), "{words}");
        assert_eq!(site.run(&["health"], SHORT).await.status.code(), Some(0), "{}", site.log());
    });
}

#[test]
fn an_unknown_key_is_named_and_nothing_is_served_or_made() {
    run(async {
        let site = Site::new(Kind::Sqlite);
        site.settings("listen_on = \"0.0.0.0:1\"", "", "");
        let output = site.run(&["serve"], SHORT).await;
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let words = words(&output);
        assert!(words.contains("unknown key `server.listen_on`") && words.contains("comanda.toml"), "{words}");
        let made: Vec<_> = std::fs::read_dir(site.folder()).expect("a folder").flatten().collect();
        assert_eq!(made.len(), 1, "only the settings are there: {made:?}");
    });
}

#[test]
fn health_is_told_by_its_exit_code() {
    run(async {
        let site = Site::new(Kind::Sqlite);
        site.settings("", "", "");
        let before = site.run(&["health"], SHORT).await;
        assert_eq!(before.status.code(), Some(1), "nobody serves: {before:?}");
        let server = site.serve().await;
        assert_eq!(site.run(&["health"], SHORT).await.status.code(), Some(0), "{}", site.log());
        server.kill();
        assert_eq!(site.run(&["health"], SHORT).await.status.code(), Some(1));
    });
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
