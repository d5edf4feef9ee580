//! What a run found: percentiles, a table for people, JSON for machines, and whether anything was lost or doubled.

use anyhow::Result;
use hdrhistogram::Histogram;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
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

    pub fn add_us(&mut self, us: u64) {
        self.add_many(us, 1);
    }

    pub fn add_many(&mut self, us: u64, count: u64) {
        self.0.saturating_record_n(us.clamp(1, LONGEST_US), count);
    }

    /// What was recorded, and how often.
    pub fn list(&self) -> Vec<(u64, u64)> {
        self.0.iter_recorded().map(|step| (step.value_iterated_to(), step.count_at_value())).collect()
    }

    pub fn percentiles(&self) -> Percentiles {
        let at = |quantile: f64| milliseconds(self.0.value_at_quantile(quantile));
        Percentiles { p50_ms: at(0.5), p99_ms: at(0.99), p999_ms: at(0.999), max_ms: milliseconds(self.0.max()) }
    }
}

/// What a scenario found.
pub trait Found: Serialize {
    /// Over the lines of all of its kind.
    const HEAD: &str;

    /// One line of the table, or several.
    fn line(&self) -> String;

    /// What was lost or doubled: there must be none.
    fn wrong(&self) -> usize;
}

/// Everything that a run measured, and the machine it ran on.
#[derive(Debug, Serialize)]
pub struct Report {
    pub cores: usize,
    /// Median of writing 4 KiB and waiting for the disk, where the databases lie.
    pub sync_ms: f64,
    pub debug_build: bool,
    #[serde(flatten)]
    found: BTreeMap<&'static str, Vec<Value>>,
    #[serde(skip)]
    tables: Vec<(&'static str, Vec<String>)>,
    #[serde(skip)]
    wrong: usize,
}

impl Report {
    /// # Errors
    /// The folder cannot be written.
    pub fn of(folder: &Path) -> Result<Self> {
        Ok(Self {
            cores: std::thread::available_parallelism()?.get(),
            sync_ms: sync_ms(folder)?,
            debug_build: cfg!(debug_assertions),
            found: BTreeMap::new(),
            tables: Vec::new(),
            wrong: 0,
        })
    }

    /// Takes in what a scenario of that name found.
    ///
    /// # Errors
    /// Never: it can be written as JSON.
    pub fn add<F: Found>(&mut self, scenario: &'static str, found: &F) -> Result<()> {
        self.found.entry(scenario).or_default().push(serde_json::to_value(found)?);
        self.wrong += found.wrong();
        match self.tables.iter_mut().find(|(head, _)| *head == F::HEAD) {
            Some((_, lines)) => lines.push(found.line()),
            None => self.tables.push((F::HEAD, vec![found.line()])),
        }
        Ok(())
    }

    /// What was lost or doubled: there must be none.
    pub fn wrong(&self) -> usize {
        self.wrong
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
        writeln!(text, "\n{} cores, shared by all; a sync takes {:.2} ms", self.cores, self.sync_ms)?;
        if self.debug_build {
            writeln!(text, "A debug build: its times say nothing. Use --release.")?;
        }
        for (head, lines) in &self.tables {
            writeln!(text, "\n{head}\n{}", lines.join("\n"))?;
        }
        match self.wrong {
            0 => writeln!(text, "\nNothing was lost, nothing doubled.")?,
            wrong => writeln!(text, "\n{wrong} WERE LOST OR DOUBLED.")?,
        }
        Ok(text)
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
