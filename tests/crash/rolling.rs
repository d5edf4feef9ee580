//! A newer release is rolled out: it migrates the database under the old one, which goes on serving, and serves from
//! it again if the roll-out is taken back. The newer schema is played; both binaries are this one.

use super::crowd::{Crowd, Size};
use super::killed::UNLIMITED;
use crate::harness::process::Site;
use crate::harness::run;
use crate::harness::server::Kind;
use crate::harness::truth::execute;
use std::time::Duration;

const SIZE: Size = Size { guests: 12, cooks: 3, waiters: 2, pause: 90, taps: 80 };
const PEOPLE: u64 = (SIZE.guests + SIZE.cooks + SIZE.waiters) as u64;
const SOON: Duration = Duration::from_secs(30);
const ORDERS: u64 = 40;
/// What migrations may do (tests/house/migrations.rs): columns that the old release does not write, a table, an index.
const TOMORROW: &[&str] = &[
    "alter table orders add column tip integer",
    "alter table lines add column course integer not null default 1",
    "alter table feeds add column weather text not null default 'fair'",
    "create table tomorrow (id integer primary key)",
    "create index orders_of_tomorrow on orders (restaurant_id, tip)",
    "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
     select 9000, 'of tomorrow', true, checksum, 0 from _sqlx_migrations where version = 1",
];
/// As if the file's name were `9000_needs_8999_….sql`.
const TAKEN_AWAY: &str = "update _sqlx_migrations set description = 'needs 8999 less' where version = 9000";

#[test]
fn an_old_node_serves_while_a_new_one_migrates_and_its_clients_move_on_postgres() {
    run(async {
        let site = Site::new(Kind::Postgres);
        site.settings("", "", UNLIMITED);
        let mut old = site.serve().await;
        let crowd = Crowd::gather(&site, 51, SIZE).await;
        crowd.expect_orders(ORDERS, SOON).await;
        execute(&site.url, TOMORROW).await;
        crowd.expect_orders(ORDERS, SOON).await;

        // Another node, with the same keys, which does not know the newest migration either.
        let other = Site::on(&site.url);
        std::fs::copy(site.folder().join("keys.toml"), other.folder().join("keys.toml")).expect("the keys");
        other.settings("", "", UNLIMITED);
        let _new = other.serve().await;
        assert!(other.log().contains("a newer release migrated this database"), "{}", other.log());
        crowd.moves_to(&other);
        old.terminate();
        assert_eq!(old.ended(SOON).await.code(), Some(0), "{}", site.log());
        crowd.expect_orders(ORDERS, SOON).await;
        let rest = crowd.come_to_rest().await;
        rest.expect_nothing_wrong("Postgres, rolled", &other);
        assert!(rest.counts.lost >= PEOPLE, "connections survived: {}", rest.counts.lost);
        assert!(rest.counts.replays > 0, "nobody came back by cursor: {:?}", rest.counts);
    });
}

#[test]
fn an_old_release_is_started_again_on_what_a_new_one_migrated_on_sqlite() {
    run(async {
        let site = Site::new(Kind::Sqlite);
        site.settings("", "", UNLIMITED);
        let mut server = site.serve().await;
        let crowd = Crowd::gather(&site, 52, SIZE).await;
        crowd.expect_orders(ORDERS, SOON).await;
        server.terminate();
        assert_eq!(server.ended(SOON).await.code(), Some(0), "{}", site.log());
        execute(&site.url, TOMORROW).await;
        let _server = site.serve().await;
        crowd.expect_orders(ORDERS, SOON).await;
        crowd.come_to_rest().await.expect_nothing_wrong("SQLite, rolled back", &site);
    });
}

#[test]
fn a_release_that_needs_what_was_taken_away_refuses_and_the_one_that_runs_serves_on() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        run(async {
            let site = Site::new(kind);
            site.settings("", "", UNLIMITED);
            let server = site.serve().await;
            execute(&site.url, TOMORROW).await;
            execute(&site.url, &[TAKEN_AWAY]).await;
            assert_eq!(site.run(&["health"], SOON).await.status.code(), Some(0));
            server.kill();
            let refused = site.run(&["serve"], SOON).await;
            let words = String::from_utf8_lossy(&refused.stderr);
            assert_eq!(refused.status.code(), Some(1), "{words}");
            assert!(words.contains("needs a newer comanda: one that knows migration 8999"), "{words}");
        });
    }
}
