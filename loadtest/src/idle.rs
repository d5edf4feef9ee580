//! What a guest costs who only waits: memory of the server and of the kernel for each further connection, by the slope
//! between two counts, and processor time while there are only beats. All guests are let in by tokens and have
//! subscribed to their table; every table has somebody from the first count on, so that the slope is a connection's
//! own cost. What tables and restaurants cost with them is told apart.

use crate::cast::{Cast, Shape};
use crate::crowd::{Crowd, OF_ONE_PROCESS};
use crate::pin::Pin;
use crate::place::{Ground, Kind};
use crate::proc::{Cpu, Kernel, Memory};
use crate::report::Found;
use crate::server::{Server, Setup};
use anyhow::{Result, ensure};
use serde::Serialize;
use std::time::Duration;

/// After the last handshake: answers are freed, what they took goes back to the system (jemalloc gives it ten seconds),
/// and nothing moves any more.
const SETTLE: Duration = Duration::from_secs(12);

/// What to measure.
#[derive(Clone, Copy, Debug)]
pub struct Idle {
    pub database: Kind,
    pub shape: Shape,
    pub few: usize,
    pub many: usize,
    /// Of doing nothing.
    pub rest: Duration,
}

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    pub database: Kind,
    pub restaurants: usize,
    pub tables: usize,
    pub few: usize,
    pub many: usize,
    /// Of the server, for each connection above the fewer: its share of memory, and what no file is behind.
    pub user_bytes: f64,
    pub anonymous_bytes: f64,
    /// The same with its part of tables and restaurants: from nobody to the fewer.
    pub first_user_bytes: f64,
    /// Of the kernel, for each socket; both ends are on this machine.
    pub kernel_bytes: f64,
    /// Processor time of the server to let one in, with hello, subscribe and its answer.
    pub welcome_us: f64,
    pub rest_seconds: f64,
    /// Of the server, for each connection and second, while nothing happens but beats.
    pub idle_us_per_second: f64,
    /// Connections that ended.
    pub lost: usize,
}

/// What it costs at one moment.
#[derive(Clone, Copy)]
struct Cost {
    memory: Memory,
    kernel: Kernel,
    cpu: Cpu,
}

impl Idle {
    /// # Errors
    /// Anything but connections that ended, which are counted.
    pub async fn measure(self, ground: &mut Ground) -> Result<Outcome> {
        let tables = self.shape.restaurants * self.shape.tables;
        ensure!(tables > 0 && tables <= self.few && self.few < self.many, "tables ≤ fewer < more guests, please");
        let place = ground.place(self.database).await?;
        let cast = Cast::seat(&place, self.shape).await?;
        let server = Server::start(&place, &Setup::alone(Pin::ANY)).await?;
        let mut crowd = Crowd::start(self.many.div_ceil(OF_ONE_PROCESS), Pin::ANY)?;
        let guest = |n: usize| {
            let (house, table) = cast.nth(n);
            cast.phone(server.address, house, table)
        };
        let settle = SETTLE.min(self.rest);
        let nobody = cost(&server, settle).await?;
        crowd.connect((0..self.few).map(guest)).await?;
        let few = cost(&server, settle).await?;
        crowd.connect((self.few..self.many).map(guest)).await?;
        let many = cost(&server, settle).await?;
        eprintln!("    {} s of rest with {} guests", self.rest.as_secs(), self.many);
        tokio::time::sleep(self.rest).await;
        let rested = server.program()?.cpu()? - many.cpu;
        let status = crowd.status().await?;
        let more = self.many - self.few;
        let rest_seconds = self.rest.as_secs_f64();
        Ok(Outcome {
            database: self.database,
            restaurants: self.shape.restaurants,
            tables,
            few: self.few,
            many: self.many,
            user_bytes: each(few.memory.pss, many.memory.pss, more),
            anonymous_bytes: each(few.memory.anonymous, many.memory.anonymous, more),
            first_user_bytes: each(nobody.memory.pss, few.memory.pss, self.few),
            kernel_bytes: each(few.kernel.total(), many.kernel.total(), more) / 2.0,
            welcome_us: each(few.cpu.us, many.cpu.us, more),
            rest_seconds,
            idle_us_per_second: each(0, rested.us, self.many) / rest_seconds.max(f64::EPSILON),
            lost: status.ended,
        })
    }
}

async fn cost(server: &Server, settle: Duration) -> Result<Cost> {
    tokio::time::sleep(settle).await;
    let program = server.program()?;
    Ok(Cost { memory: program.memory()?, kernel: Kernel::now()?, cpu: program.cpu()? })
}

#[expect(clippy::cast_precision_loss, reason = "far less than 2^52 bytes or microseconds")]
fn each(before: u64, after: u64, count: usize) -> f64 {
    (after as f64 - before as f64) / count.max(1) as f64
}

impl Found for Outcome {
    const HEAD: &str =
        "An idle guest             user bytes  with its table  kernel bytes   µs to let in  µs/s at rest   ended";

    fn line(&self) -> String {
        format!(
            "{:<26}{:>10.0}{:>16.0}{:>14.0}{:>15.0}{:>14.2}{:>8}",
            format!("{}, {} to {}", self.database.name(), self.few, self.many),
            self.user_bytes,
            self.first_user_bytes,
            self.kernel_bytes,
            self.welcome_us,
            self.idle_us_per_second,
            self.lost
        )
    }

    fn wrong(&self) -> usize {
        self.lost
    }
}
