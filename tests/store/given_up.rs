//! Whoever waits for the database may give up at any moment; that leaves no transaction open behind them. About Postgres.

use super::node::Node;
use super::raw::Raw;
use crate::harness::run;
use crate::harness::server::{Kind, Place};
use comanda::domain::restaurant::GateRule;
use comanda::store::db::Access;
use std::time::Duration;

/// From "at once" to longer than beginning takes.
const STEPS: u64 = 400;
const STEP: Duration = Duration::from_micros(5);
const OPEN: &str = "select count(*) from pg_stat_activity where datname = current_database() \
    and state like 'idle in transaction%' and usename = 'comanda'";

#[test]
fn a_transaction_whose_beginning_was_given_up_is_not_left_open() {
    run(async {
        let place = Place::new(Kind::Postgres);
        let node = Node::open(&place).await;
        let restaurant = node.restaurant("olive", GateRule::None).await.menu.restaurant.id;
        let mut given_up = 0;
        for n in 0..STEPS {
            let restaurants = [restaurant];
            let begin = node.store.db.begin(Access::Read(&restaurants));
            if tokio::time::timeout(STEP * u32::try_from(n).unwrap(), begin).await.is_err() {
                given_up += 1;
            }
        }
        assert!(given_up > 0, "none was given up");
        let mut raw = Raw::open(&place).await;
        let until = tokio::time::Instant::now() + crate::harness::SOON;
        while raw.number(OPEN).await > 0 {
            assert!(tokio::time::Instant::now() < until, "transactions were left open");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
}
