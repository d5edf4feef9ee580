//! Three nodes on one Postgres, which tell each other over one Redis: as in production, but that everything can be
//! killed.

use super::killed::{BUSY, PATIENT, UNLIMITED};
use crate::harness::postgres::TestPostgres;
use crate::harness::process::{Process, Site};
use crate::harness::redis::TestRedis;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

const NODES: usize = 3;
/// A node is up again, and a stopped one is gone, within it.
const SOON: Duration = Duration::from_secs(30);
/// How much later than a test asks a node may notice, on a machine that is busy.
const NOTICED: Duration = Duration::from_secs(5);

pub struct Fleet {
    pub postgres: TestPostgres,
    pub redis: TestRedis,
    pub sites: Vec<Site>,
    /// `None` while a node is down.
    nodes: Vec<Option<Process>>,
}

impl Fleet {
    /// `redis_port` is where the nodes look for Redis, if not at its own port.
    pub async fn start(name: &str, redis_port: impl AsyncFnOnce(&TestRedis) -> u16) -> Self {
        let postgres = TestPostgres::start();
        let redis = TestRedis::start();
        let port = redis_port(&redis).await;
        let first = Site::on(&postgres.database(name));
        let sites: Vec<Site> = (1..NODES).map(|_| first.beside()).collect();
        let sites: Vec<Site> = std::iter::once(first).chain(sites).collect();
        let mut nodes = Vec::new();
        for site in &sites {
            let limits = if super::nodes::is_long() { UNLIMITED.replace(BUSY, PATIENT) } else { UNLIMITED.to_owned() };
            let more = format!("{limits}[bus]\nredis = [\"redis://127.0.0.1:{port}\"]\n");
            site.settings("drain_ms = 1500", "", &more);
            // One after the other: the first makes the schema and the restaurant.
            nodes.push(Some(site.serve().await));
        }
        Self { postgres, redis, sites, nodes }
    }

    pub fn node(&self, n: usize) -> &Process {
        self.nodes[n % NODES].as_ref().expect("the node is up")
    }

    pub fn kill(&mut self, n: usize) {
        self.nodes[n % NODES].take().expect("the node is up").kill();
    }

    /// Stops a node on purpose.
    pub async fn stop(&mut self, n: usize) {
        let mut node = self.nodes[n % NODES].take().expect("the node is up");
        node.terminate();
        let status = node.ended(SOON).await;
        assert!(status.success(), "a stopped node ended with {status}:\n{}", self.sites[n % NODES].log());
    }

    pub async fn restart(&mut self, n: usize) {
        assert!(self.nodes[n % NODES].is_none(), "the node is up");
        self.nodes[n % NODES] = Some(self.sites[n % NODES].serve().await);
    }

    /// From now on: when does each node say in its metrics that it hears nothing over Redis?
    pub fn noticed(&self) -> Noticed {
        let (client, began) = (super::nodes::client(), Instant::now());
        let nodes = self.sites.iter().map(|site| {
            let (client, url) = (client.clone(), format!("{}/metrics", site.base()));
            tokio::spawn(async move {
                loop {
                    let answer = client.get(&url).send().await.expect("metrics").text().await.expect("text");
                    if answer.contains("comanda_bus_silent{server=\"0\"} 1") {
                        return began.elapsed();
                    }
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            })
        });
        Noticed(nodes.collect())
    }

    /// What any node has logged that holds these words.
    pub fn logged(&self, words: &str) -> usize {
        let logs = self.sites.iter().map(|site| std::fs::read_to_string(site.log_file()).unwrap_or_default());
        logs.map(|log| log.lines().filter(|line| line.contains(words)).count()).sum()
    }
}

/// How soon each node notices that Redis carries nothing.
pub struct Noticed(Vec<JoinHandle<Duration>>);

impl Noticed {
    /// Prints the latest; fails if a node has not noticed yet.
    pub async fn tell(self, about: &str) {
        let mut latest = Duration::ZERO;
        for node in self.0 {
            let noticed = tokio::time::timeout(NOTICED, node).await;
            latest = latest.max(noticed.unwrap_or_else(|_| panic!("{about}: a node did not notice")).expect("a time"));
        }
        println!("{about}: every node said so after {latest:.1?}");
    }

    pub fn abort(self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}
