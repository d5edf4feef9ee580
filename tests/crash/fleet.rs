//! Three nodes on one Postgres, which tell each other over one Redis: as in production, but that everything can be
//! killed.

use super::killed::UNLIMITED;
use crate::harness::postgres::TestPostgres;
use crate::harness::process::{Process, Site};
use crate::harness::redis::TestRedis;
use std::time::Duration;

const NODES: usize = 3;
/// A node is up again, and a stopped one is gone, within it.
const SOON: Duration = Duration::from_secs(30);

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
            let more = format!("{UNLIMITED}[bus]\nredis = [\"redis://127.0.0.1:{port}\"]\n");
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

    /// What any node has logged that holds these words.
    pub fn logged(&self, words: &str) -> usize {
        let logs = self.sites.iter().map(|site| std::fs::read_to_string(site.log_file()).unwrap_or_default());
        logs.map(|log| log.lines().filter(|line| line.contains(words)).count()).sum()
    }
}
