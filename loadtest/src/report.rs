//! What a run found: percentiles, a table for people, JSON for machines, and whether anything was lost or doubled.

use crate::{latency, orders};
use anyhow::Result;
use hdrhistogram::Histogram;
use serde::Serialize;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

/// The longest time that is told apart from longer ones, in microseconds.
const LONGEST_US: u64 = 60_000_000;
const SYNCS: usize = 100;

/// Times that were measured.
pub struct Times(Histogram<u64>);

/// In milliseconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Percentiles {
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub p999_ms: f64,
    pub max_ms: f64,
}

impl Times {
    /// # Errors
    /// Never: the bounds are right.
    pub fn new() -> Result<Self> {
        Ok(Self(Histogram::new_with_bounds(1, LONGEST_US, 3)?))
    }

    /// # Errors
    /// Never: longer times count as the longest.
    pub fn add(&mut self, time: Duration) -> Result<()> {
        let micros = u64::try_from(time.as_micros()).unwrap_or(LONGEST_US);
        Ok(self.0.record(micros.clamp(1, LONGEST_US))?)
    }

    pub fn percentiles(&self) -> Percentiles {
        let at = |quantile: f64| milliseconds(self.0.value_at_quantile(quantile));
        Percentiles { p50_ms: at(0.5), p99_ms: at(0.99), p999_ms: at(0.999), max_ms: milliseconds(self.0.max()) }
    }
}

/// Everything that a run measured, and the machine it ran on.
#[derive(Debug, Serialize)]
pub struct Report {
    pub cores: usize,
    /// Median of writing 4 KiB and waiting for the disk, where the databases lie.
    pub sync_ms: f64,
    pub debug_build: bool,
    pub latency: Vec<latency::Outcome>,
    pub orders: Vec<orders::Outcome>,
}

impl Report {
    /// # Errors
    /// The folder cannot be written.
    pub fn of(folder: &Path) -> Result<Self> {
        Ok(Self {
            cores: std::thread::available_parallelism()?.get(),
            sync_ms: sync_ms(folder)?,
            debug_build: cfg!(debug_assertions),
            latency: Vec::new(),
            orders: Vec::new(),
        })
    }

    /// Orders that were lost or doubled: there must be none.
    pub fn wrong(&self) -> usize {
        let latency = self.latency.iter().map(|outcome| outcome.lost + outcome.doubled);
        latency.chain(self.orders.iter().map(|outcome| outcome.lost + outcome.doubled)).sum()
    }

    /// # Errors
    /// The file cannot be written.
    pub fn write_json(&self, file: &Path) -> Result<()> {
        Ok(fs::write(file, serde_json::to_vec_pretty(self)?)?)
    }

    /// # Errors
    /// Never: text can be written.
    pub fn table(&self) -> Result<String> {
        let mut text = String::new();
        writeln!(
            text,
            "\n{} cores, shared by server, database and load; a sync takes {:.2} ms",
            self.cores, self.sync_ms
        )?;
        if self.debug_build {
            writeln!(text, "A debug build: its times say nothing. Use --release.")?;
        }
        self.latency_table(&mut text)?;
        self.orders_table(&mut text)?;
        match self.wrong() {
            0 => writeln!(text, "\nNothing was lost, nothing doubled.")?,
            wrong => writeln!(text, "\n{wrong} ORDERS WERE LOST OR DOUBLED.")?,
        }
        Ok(text)
    }

    fn latency_table(&self, text: &mut String) -> Result<()> {
        if self.latency.is_empty() {
            return Ok(());
        }
        writeln!(text, "\nFrom the phone's POST, ms      orders/s   to the kitchen's screen       to its 201")?;
        writeln!(
            text,
            "                                            p50    p99  p99.9       p50    p99  p99.9   lost doubled"
        )?;
        for o in &self.latency {
            let pace = o.asked_per_second.map_or("flat out".to_owned(), |rate| format!("at {rate}/s"));
            let name = format!("{}, {} senders {pace}", o.database.name(), o.senders);
            let (screen, answer) = (o.screen, o.answer);
            write!(text, "{name:<31}{:>8.0} ", o.orders_per_second)?;
            write!(text, "{:>7.1}{:>7.1}{:>7.1}   ", screen.p50_ms, screen.p99_ms, screen.p999_ms)?;
            write!(text, "{:>7.1}{:>7.1}{:>7.1}", answer.p50_ms, answer.p99_ms, answer.p999_ms)?;
            writeln!(text, "{:>7}{:>8}", o.lost, o.doubled)?;
        }
        for o in self.latency.iter().filter(|o| o.resyncs + o.sent_again > 0) {
            writeln!(text, "{}: {} resyncs, {} sent again", o.database.name(), o.resyncs, o.sent_again)?;
        }
        Ok(())
    }

    fn orders_table(&self, text: &mut String) -> Result<()> {
        if self.orders.is_empty() {
            return Ok(());
        }
        writeln!(text, "\nDurable orders/s               grouped  one by one   ratio  goal   a batch   lost doubled")?;
        for o in &self.orders {
            let name = format!("{}, {} senders", o.database.name(), o.senders);
            write!(text, "{name:<30}{:>8.0}{:>12.0}", o.grouped_per_second, o.naive_per_second)?;
            let met = if o.ratio >= o.goal { "" } else { " missed" };
            write!(text, "{:>8.2} {:>4.0}×{:>10.1}", o.ratio, o.goal, o.batch)?;
            writeln!(text, "{:>7}{:>8}{met}", o.lost, o.doubled)?;
        }
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "at most a minute, in microseconds")]
fn milliseconds(micros: u64) -> f64 {
    micros as f64 / 1000.0
}

/// How long the disk takes to promise 4 KiB: everything durable is a multiple of it.
fn sync_ms(folder: &Path) -> Result<f64> {
    let mut file = tempfile::tempfile_in(folder)?;
    let mut times = Times::new()?;
    for _ in 0..SYNCS {
        times.add(sync(&mut file)?)?;
    }
    Ok(times.percentiles().p50_ms)
}

fn sync(file: &mut File) -> Result<Duration> {
    let begin = Instant::now();
    file.write_all(&[0; 4096])?;
    file.sync_data()?;
    Ok(begin.elapsed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_in_milliseconds_and_nothing_is_too_long() {
        let mut times = Times::new().unwrap();
        for _ in 0..999 {
            times.add(Duration::from_millis(2)).unwrap();
        }
        times.add(Duration::from_secs(3600)).unwrap();
        let told = times.percentiles();
        assert!((told.p50_ms - 2.0).abs() < 0.01 && (told.p99_ms - 2.0).abs() < 0.01, "{told:?}");
        assert!(told.max_ms > 59_000.0);
    }
}
