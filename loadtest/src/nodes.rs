//! As many live guests as this machine holds: several nodes over one Postgres and one Redis, guests of every restaurant
//! on every node, and one change in each restaurant that all of its guests have to hear, wherever they are.

use crate::cast::{Cast, Shape};
use crate::crowd::{Crowd, GUESTS, OF_ONE_PROCESS};
use crate::door::{Door, command};
use crate::pin::Pin;
use crate::place::{Ground, Kind};
use crate::proc::Kernel;
use crate::redis::Redis;
use crate::report::{Found, Percentiles};
use crate::server::{Server, Setup};
use crate::stopwatch::{id_due, now_us};
use anyhow::{Result, ensure};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use serde_json::json;
use std::time::{Duration, Instant};

/// Kitchens that send at the same time.
const SENDERS: usize = 8;
/// Guests of one node at most: it opens other files, too.
const OF_ONE_NODE: usize = 18_500;

/// What to measure.
#[derive(Clone, Copy, Debug)]
pub struct Nodes {
    pub guests: usize,
    pub nodes: usize,
    pub shape: Shape,
}

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    pub guests: usize,
    pub nodes: usize,
    pub restaurants: usize,
    pub tables: usize,
    pub connecting_seconds: f64,
    /// Guests who heard their restaurant's change.
    pub heard: u64,
    /// From its POST at one node to the phone at any.
    pub times: Percentiles,
    /// Until the last of them had it.
    pub seconds: f64,
    /// Of all nodes, for each guest.
    pub user_bytes: f64,
    /// Of the kernel, for each socket.
    pub kernel_bytes: f64,
    /// Processor time of all nodes for a million deliveries, in seconds.
    pub cpu_seconds: f64,
    pub lost: u64,
    pub doubled: u64,
}

impl Nodes {
    /// # Errors
    /// Anything but lost or doubled events, which are counted.
    pub async fn measure(self, ground: &mut Ground) -> Result<Outcome> {
        ensure!(
            self.nodes > 0 && self.guests.div_ceil(self.nodes) <= OF_ONE_NODE,
            "one node takes {OF_ONE_NODE} guests"
        );
        let place = ground.place(Kind::Postgres).await?;
        let cast = Cast::seat(&place, self.shape).await?;
        let redis = Redis::start(ground.folder()).await?;
        let mut nodes = Vec::new();
        for n in 0..self.nodes {
            let setup = Setup { name: format!("node-{n}"), pin: Pin::ANY, redis: vec![redis.url()] };
            nodes.push(Server::start(&place, &setup).await?);
        }
        let kernel = Kernel::now()?;
        let memory = memory(&nodes)?;
        let begin = Instant::now();
        let mut crowd = Crowd::start(self.guests.div_ceil(OF_ONE_PROCESS), Pin::ANY)?;
        let guest = |n: usize| {
            // Tables go round within the guests of a node, so that every table has guests on every node.
            let (house, table) = cast.nth(n / self.nodes);
            cast.phone(nodes[n % self.nodes].address, house, table)
        };
        crowd.connect((0..self.guests).map(guest)).await?;
        let connecting_seconds = begin.elapsed().as_secs_f64();
        crowd.reset().await?;
        let (cpu, begin) = (cpu_us(&nodes)?, now_us());
        self.happen(&nodes, &cast).await?;
        let expected = self.guests as u64;
        let status = crowd.hear(expected).await?;
        let heard = status.all();
        Ok(Outcome {
            guests: self.guests,
            nodes: self.nodes,
            restaurants: self.shape.restaurants,
            tables: self.shape.restaurants * self.shape.tables,
            connecting_seconds,
            heard: heard.timed,
            times: crowd.times().await?[GUESTS].percentiles(),
            seconds: Duration::from_micros(status.last_us.saturating_sub(begin)).as_secs_f64(),
            user_bytes: each(self::memory(&nodes)?.saturating_sub(memory), self.guests),
            kernel_bytes: each(Kernel::now()?.total().saturating_sub(kernel.total()), self.guests * 2),
            cpu_seconds: each(cpu_us(&nodes)? - cpu, self.guests),
            lost: expected.saturating_sub(heard.timed) + heard.holes + status.ended as u64,
            doubled: heard.repeated,
        })
    }

    /// A dish is sold out in every restaurant; what one node writes, all guests hear.
    async fn happen(&self, nodes: &[Server], cast: &Cast) -> Result<()> {
        let doors = nodes.iter().map(|node| Door::of(node, SENDERS)).collect::<Result<Vec<_>>>()?;
        let doors = &doors;
        let kitchens = stream::iter(0..self.shape.restaurants).map(async |house| {
            let item = cast.houses[house].menu.items().next().map(|item| item.id);
            let sold_out = command(id_due(now_us()), "item.set", json!({ "item": item, "available": false }));
            doors[house % doors.len()].commands(&cast.staff(house), &[sold_out]).await
        });
        kitchens.buffer_unordered(SENDERS).try_collect().await
    }
}

fn memory(nodes: &[Server]) -> Result<u64> {
    nodes.iter().map(|node| Ok(node.program()?.memory()?.pss)).sum()
}

fn cpu_us(nodes: &[Server]) -> Result<u64> {
    nodes.iter().map(|node| Ok(node.program()?.cpu()?.us)).sum()
}

#[expect(clippy::cast_precision_loss, reason = "far less than 2^52")]
fn each(all: u64, count: usize) -> f64 {
    all as f64 / count.max(1) as f64
}

impl Found for Outcome {
    const HEAD: &str = "Guests on many nodes             connected in s   heard  p50 ms  p99 ms  last s  user bytes  kernel bytes  CPU s/million    lost doubled";

    fn line(&self) -> String {
        format!(
            "{:<33}{:>14.1}{:>8}{:>8.1}{:>8.1}{:>8.2}{:>12.0}{:>14.0}{:>15.1}{:>8}{:>8}",
            format!("{} on {} nodes", self.guests, self.nodes),
            self.connecting_seconds,
            self.heard,
            self.times.p50_ms,
            self.times.p99_ms,
            self.seconds,
            self.user_bytes,
            self.kernel_bytes,
            self.cpu_seconds,
            self.lost,
            self.doubled
        )
    }

    fn wrong(&self) -> usize {
        usize::try_from(self.lost + self.doubled).unwrap_or(usize::MAX)
    }
}
