//! Every fault of many nodes, one after the other and in pairs, under a crowd that goes on ordering: nothing is
//! lost, nothing doubled, nothing out of order, nobody stuck. `make faults` runs it long: three hundred people, longer
//! faults, many seeds.

use super::crowd::{Crowd, Flaws, Rest, Size};
use super::fleet::Fleet;
use crate::harness::dice::{Dice, seeds};
use crate::harness::process::Site;
use crate::harness::run;
use std::time::Duration;
use tokio::time::Instant;

/// The crowd of `make test`, and that of `make faults`.
const SHORT: Size = Size { guests: 30, cooks: 6, waiters: 6, pause: 400, taps: 80 };
pub const LONG: Size = Size { guests: 240, cooks: 30, waiters: 30, pause: 24_000, taps: 900 };
/// Orders between two faults.
const ORDERS: u64 = 25;
const WITHIN: Duration = Duration::from_secs(60);
/// A screen gives up after five seconds of silence (W11).
const SCREEN: Duration = Duration::from_secs(5);

/// What breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    RedisKilled,
    RedisFrozen,
    RedisEmptied,
    SubscriptionsEnded,
    NodeKilled,
    NodeFrozen,
    NodeStopped,
    PostgresRestarted,
}

use Fault::{
    NodeFrozen, NodeKilled, NodeStopped, PostgresRestarted, RedisEmptied, RedisFrozen, RedisKilled, SubscriptionsEnded,
};

const FAULTS: [Fault; 8] = [
    RedisKilled,
    RedisFrozen,
    RedisEmptied,
    SubscriptionsEnded,
    NodeKilled,
    NodeFrozen,
    NodeStopped,
    PostgresRestarted,
];

pub fn is_long() -> bool {
    std::env::var_os("COMANDA_FAULTS").is_some_and(|how| how == "long")
}

pub fn client() -> reqwest::Client {
    drop(rustls::crypto::ring::default_provider().install_default());
    let builder = reqwest::Client::builder().timeout(SCREEN).pool_idle_timeout(Duration::from_secs(1));
    builder.build().expect("client")
}

#[test]
fn nothing_is_lost_whatever_breaks_among_many_nodes() {
    let (seeds, mut failed, mut total) = (seeds(&[1]), Vec::new(), Total::default());
    for seed in &seeds {
        let seed = *seed;
        // The next seed is tried whatever becomes of this one.
        match std::thread::spawn(move || run(everything_breaks(seed))).join() {
            Ok(rest) => total.add(&rest),
            Err(_) => failed.push(seed),
        }
    }
    let Total { orders, taps, events, flaws } = total;
    let ended = seeds.len() - failed.len();
    println!("{ended} of {} seeds held: {orders} orders, {taps} taps, {events} events; {flaws}", seeds.len());
    assert!(failed.is_empty(), "these did not; alone they run with COMANDA_SEEDS: {failed:?}");
}

/// Of all seeds.
#[derive(Default)]
struct Total {
    orders: usize,
    taps: usize,
    events: i64,
    flaws: Flaws,
}

impl Total {
    fn add(&mut self, rest: &Rest) {
        self.orders += rest.orders;
        self.taps += rest.commands;
        self.events += rest.events;
        self.flaws += rest.flaws;
    }
}

async fn everything_breaks(seed: u64) -> Rest {
    let began = Instant::now();
    let mut dice = Dice::new(seed, 2000);
    let mut fleet = Fleet::start("faults", async |redis| redis.port).await;
    let crowd = gather(&fleet, seed).await;
    let mut plan: Vec<Vec<Fault>> = FAULTS.iter().map(|fault| vec![*fault]).collect();
    for n in (1..plan.len()).rev() {
        plan.swap(n, dice.below(n + 1));
    }
    let pairs = if is_long() { 2 } else { 1 };
    plan.extend((0..pairs).map(|_| pair(&mut dice)));
    for faults in plan {
        crowd.expect_orders(ORDERS, WITHIN).await;
        println!("seed {seed}, {:.0?}: {faults:?}", began.elapsed());
        break_down(&mut fleet, &faults, &mut dice, |fault| lasts(fault, seed)).await;
    }
    crowd.expect_orders(ORDERS, WITHIN).await;
    let rest = crowd.come_to_rest().await;
    expect_unharmed(&rest, &format!("everything broke, {:.0?}", began.elapsed()), &fleet.sites[0]);
    assert!(rest.counts.lost > 0 && rest.counts.replays > 0, "nobody was disturbed");
    assert!(fleet.logged("Redis is silent") > 0, "no node noticed that Redis was silent");
    rest
}

async fn gather(fleet: &Fleet, seed: u64) -> Crowd {
    let sites: Vec<&Site> = fleet.sites.iter().collect();
    let size = if is_long() { LONG } else { SHORT };
    Crowd::gather_among(&sites, seed, size, (client(), SCREEN)).await
}

/// Two different ones, of which one is of Redis or Postgres.
fn pair(dice: &mut Dice) -> Vec<Fault> {
    let shared = [RedisKilled, RedisFrozen, SubscriptionsEnded, PostgresRestarted];
    let nodes = [NodeKilled, NodeFrozen, NodeStopped];
    vec![shared[dice.below(shared.len())], nodes[dice.below(nodes.len())]]
}

/// Breaks all of them at once, waits, and mends them.
async fn break_down(fleet: &mut Fleet, faults: &[Fault], dice: &mut Dice, lasts: impl Fn(Fault) -> Duration) {
    let node = dice.below(3);
    for fault in faults {
        match fault {
            RedisKilled => fleet.redis.kill(),
            RedisFrozen => fleet.redis.pause(),
            RedisEmptied => {
                fleet.redis.kill();
                fleet.redis.restart();
            }
            SubscriptionsEnded => fleet.redis.end_subscriptions(),
            NodeKilled => fleet.kill(node),
            NodeFrozen => fleet.node(node).pause(),
            NodeStopped => fleet.stop(node).await,
            PostgresRestarted => {
                fleet.postgres.stop();
                fleet.postgres.restart();
            }
        }
    }
    let longest = faults.iter().map(|fault| lasts(*fault)).max().unwrap_or_default();
    tokio::time::sleep(longest).await;
    for fault in faults {
        match fault {
            RedisKilled => fleet.redis.restart(),
            RedisFrozen => fleet.redis.resume(),
            NodeFrozen => fleet.node(node).resume(),
            NodeKilled | NodeStopped => fleet.restart(node).await,
            RedisEmptied | SubscriptionsEnded | PostgresRestarted => {}
        }
    }
}

/// One seed in four has the longest outages of Redis; in the others there is time for more of all the rest.
fn lasts(fault: Fault, seed: u64) -> Duration {
    let (short, long) = match fault {
        RedisKilled | RedisFrozen => (4_000, if seed % 4 == 1 { 30_000 } else { 6_000 }),
        NodeFrozen => (3_000, 10_000),
        NodeKilled | NodeStopped => (1_000, 3_000),
        RedisEmptied | SubscriptionsEnded | PostgresRestarted => (500, 1_000),
    };
    Duration::from_millis(if is_long() { long } else { short })
}

#[track_caller]
pub fn expect_unharmed(rest: &Rest, about: &str, site: &Site) {
    rest.expect_nothing_wrong(about, site);
}

/// Redis is no more than a doorbell: while it is dead, and while it hangs, nobody is disconnected.
#[test]
fn nobody_is_disconnected_while_redis_is_dead_or_hangs() {
    run(async {
        let mut fleet = Fleet::start("doorbell", async |redis| redis.port).await;
        let crowd = gather(&fleet, 3).await;
        for fault in [RedisKilled, RedisFrozen] {
            crowd.expect_orders(ORDERS, WITHIN).await;
            break_down(&mut fleet, &[fault], &mut Dice::new(3, 1), |fault| lasts(fault, 1)).await;
        }
        crowd.expect_orders(ORDERS, WITHIN).await;
        let rest = crowd.come_to_rest().await;
        expect_unharmed(&rest, "Redis dead and frozen", &fleet.sites[0]);
        assert_eq!(rest.counts.lost, 0, "connections were lost: {:?}", rest.closes);
        // Three hundred at one restaurant do more than its ring holds in the two seconds until Redis counts as silent.
        assert!(is_long() || rest.counts.resyncs == 0, "{} had to begin anew", rest.counts.resyncs);
        assert!(fleet.logged("Redis is silent") >= 3, "not every node noticed");
    });
}
