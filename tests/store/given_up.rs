//! Whoever waits for the database may give up at any moment; that leaves no transaction open behind them. About Postgres.

use super::node::Node;
use super::raw::Raw;
use crate::harness::run;
use crate::harness::server::{Kind, Place};
use comanda::domain::restaurant::GateRule;
use std::time::Duration;

/// From "at once" to longer than a read takes.
const STEPS: u64 = 400;
const STEP: Duration = Duration::from_micros(5);
/// Less than the second after which Postgres itself would end a transaction that does nothing.
const ROLLED_BACK: Duration = Duration::from_millis(800);
const OPEN: &str = "select count(*) from pg_stat_activity where datname = current_database() \
    and state like 'idle in transaction%' and usename = 'comanda'";

#[test]
fn a_read_that_is_given_up_leaves_no_transaction_open() {
    run(async {
        let place = Place::new(Kind::Postgres);
        let node = Node::open(&place).await;
        let restaurant = node.restaurant("olive", GateRule::None).await.menu.restaurant.id;
        let mut given_up = 0;
        for n in 0..STEPS {
            let restaurants = [restaurant];
            let read = node.store.heads(&restaurants);
            if tokio::time::timeout(STEP * u32::try_from(n).unwrap(), read).await.is_err() {
                given_up += 1;
            }
        }
        assert!(given_up > 0, "none was given up");
        let mut raw = Raw::open(&place).await;
        let until = tokio::time::Instant::now() + ROLLED_BACK;
        while raw.number(OPEN).await > 0 {
            assert!(tokio::time::Instant::now() < until, "transactions were left open");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
}
