//! Logs and metrics: how they are set up, and every metric's name in one place.
//! Knows nothing of what is measured. `app` sets both up before anything else; rooms then use the macros of
//! `tracing` and `metrics` with the names below.

use metrics::{Counter, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::TryInitError;

/// Open connections (gauge), by [`LABEL_AUDIENCE`].
pub const CONNECTIONS: &str = "comanda_connections";
/// Events that this node took from the bus and gave to its topics.
pub const EVENTS_PUBLISHED: &str = "comanda_events_published_total";
pub const FRAMES_SENT: &str = "comanda_frames_sent_total";
pub const BYTES_SENT: &str = "comanda_bytes_sent_total";
/// Commands answered, by [`LABEL_OUTCOME`].
pub const COMMANDS: &str = "comanda_commands_total";
/// Commands in one commit (histogram).
pub const COMMIT_BATCH_SIZE: &str = "comanda_commit_batch_size";
/// From a batch's lock to its commit, in seconds (histogram).
pub const COMMIT_SECONDS: &str = "comanda_commit_seconds";
/// Batches that failed and were halved.
pub const COMMIT_HALVED: &str = "comanda_commit_halved_total";
/// Commits whose answer never came; the batch runs again.
pub const COMMIT_UNKNOWN: &str = "comanda_commit_unknown_total";
/// Connections told to take a new snapshot.
pub const RESYNC: &str = "comanda_resync_total";
pub const SNAPSHOT_READS: &str = "comanda_snapshot_reads_total";
/// Reads of events from the database: a cursor that the ring no longer covers.
pub const FEED_READS: &str = "comanda_feed_reads_total";
/// Holes in a feed that were fetched from the database.
pub const GAPS_HEALED: &str = "comanda_gaps_healed_total";
/// 1 while a Redis server is silent and heads are polled instead (gauge), by [`LABEL_SERVER`].
pub const BUS_SILENT: &str = "comanda_bus_silent";
/// Messages between nodes that were not carried; the database has what they said.
pub const BUS_DROPPED: &str = "comanda_bus_dropped_total";
/// Connections to Redis that broke or could not be made.
pub const BUS_RECONNECTS: &str = "comanda_bus_reconnects_total";
/// Messages given to providers, by channel and [`LABEL_OUTCOME`].
pub const MESSAGES: &str = "comanda_messages_total";
/// Orders that no screen had shown in time.
pub const UNSEEN_ALARMS: &str = "comanda_unseen_alarms_total";
/// HTTP requests answered, by [`LABEL_STATUS`].
pub const HTTP_REQUESTS: &str = "comanda_http_requests_total";
/// Connections closed, by [`LABEL_CODE`].
pub const CLOSES: &str = "comanda_closes_total";
/// 1 while something that all nodes share is away (gauge).
pub const DEGRADED: &str = "comanda_degraded";

/// What goes to clients, counted at every write: looked up once.
pub struct Sent {
    frames: Counter,
    bytes: Counter,
}

impl Sent {
    /// Counts for the metrics that are set up by now.
    #[must_use]
    pub fn counters() -> Self {
        Self { frames: metrics::counter!(FRAMES_SENT), bytes: metrics::counter!(BYTES_SENT) }
    }

    pub fn count(&self, frames: usize, bytes: usize) {
        self.frames.increment(frames as u64);
        self.bytes.increment(bytes as u64);
    }
}

/// `guest` or `staff`.
pub const LABEL_AUDIENCE: &str = "audience";
/// `ok`, or the refusal's code.
pub const LABEL_OUTCOME: &str = "outcome";
/// The number of the Redis server in the configuration, from 0.
pub const LABEL_SERVER: &str = "server";
/// The status as a number.
pub const LABEL_STATUS: &str = "status";
/// The close code as a number.
pub const LABEL_CODE: &str = "code";

/// Commits take half a millisecond on a good disk and a tenth of a second on an SD card.
const COMMIT_SECONDS_BUCKETS: &[f64] =
    &[0.000_25, 0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0];
/// Up to the largest batch.
const COMMIT_BATCH_BUCKETS: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];

/// Why there are no logs or no metrics.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    #[error("log.filter is not a list of levels by module")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    #[error("logs were set up before")]
    Logs(#[from] TryInitError),
    #[error("metrics were set up before")]
    Metrics(#[from] BuildError),
}

/// What a log line looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people; with colours on a terminal.
    Text,
    /// One JSON object a line, the fields at its top.
    Json,
}

/// Sends logs to standard error. `filter` is `log.filter` of the configuration.
///
/// # Errors
/// A filter that cannot be read, or a second call.
pub fn init(format: Format, filter: &str) -> Result<(), TelemetryError> {
    use tracing_subscriber::util::SubscriberInitExt;
    let filter = EnvFilter::try_new(filter)?;
    // A line that cannot be written is lost. Telling so would be `eprintln!`, which panics when standard error
    // cannot be written either (a file on a full disk, a pipe that nobody reads), and takes the writer with it.
    let logs =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).log_internal_errors(false);
    match format {
        Format::Text => logs.with_ansi(std::io::stderr().is_terminal()).finish().try_init()?,
        Format::Json => logs.json().flatten_event(true).finish().try_init()?,
    }
    Ok(())
}

/// Collects metrics for this process from here on. `/metrics` answers with the handle's `render()`; its
/// `run_upkeep()` is to be called every few seconds, or histograms grow.
///
/// # Errors
/// A second call.
pub fn install_recorder() -> Result<PrometheusHandle, TelemetryError> {
    let handle = builder()?.install_recorder()?;
    describe();
    Ok(handle)
}

fn builder() -> Result<PrometheusBuilder, BuildError> {
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full(COMMIT_SECONDS.to_owned()), COMMIT_SECONDS_BUCKETS)?
        .set_buckets_for_metric(Matcher::Full(COMMIT_BATCH_SIZE.to_owned()), COMMIT_BATCH_BUCKETS)
}

fn describe() {
    describe_gauge!(CONNECTIONS, "Open connections.");
    describe_counter!(EVENTS_PUBLISHED, "Events given to the topics of this node.");
    describe_counter!(FRAMES_SENT, "WebSocket frames written.");
    describe_counter!(BYTES_SENT, "Bytes of WebSocket frames written.");
    describe_counter!(COMMANDS, "Commands answered.");
    describe_histogram!(COMMIT_BATCH_SIZE, "Commands in one commit.");
    describe_histogram!(COMMIT_SECONDS, "Seconds from a batch's lock to its commit.");
    describe_counter!(COMMIT_HALVED, "Batches that failed and were halved.");
    describe_counter!(COMMIT_UNKNOWN, "Commits without an answer.");
    describe_counter!(RESYNC, "Connections told to take a new snapshot.");
    describe_counter!(SNAPSHOT_READS, "Snapshots read from the database.");
    describe_counter!(FEED_READS, "Reads of events from the database.");
    describe_counter!(GAPS_HEALED, "Holes in a feed fetched from the database.");
    describe_gauge!(BUS_SILENT, "1 while a Redis server is silent and heads are polled.");
    describe_counter!(BUS_DROPPED, "Messages between nodes that were not carried.");
    describe_counter!(BUS_RECONNECTS, "Connections to Redis that broke or could not be made.");
    describe_counter!(UNSEEN_ALARMS, "Orders that no screen had shown in time.");
    describe_counter!(MESSAGES, "Messages given to providers.");
    describe_counter!(HTTP_REQUESTS, "HTTP requests answered.");
    describe_counter!(CLOSES, "Connections closed.");
    describe_gauge!(DEGRADED, "1 while something that all nodes share is away.");
}

#[cfg(test)]
mod tests {
    use super::*;
    use metrics::{counter, gauge, histogram};

    #[test]
    fn metrics_come_out_with_their_names_labels_and_words() {
        let recorder = builder().unwrap().build_recorder();
        let handle = recorder.handle();
        metrics::with_local_recorder(&recorder, || {
            describe();
            gauge!(CONNECTIONS, LABEL_AUDIENCE => "guest").set(3.0);
            counter!(COMMANDS, LABEL_OUTCOME => "ok").increment(2);
            histogram!(COMMIT_SECONDS).record(0.003);
            histogram!(COMMIT_BATCH_SIZE).record(64.0);
        });
        let text = handle.render();
        for line in [
            "# HELP comanda_connections Open connections.",
            "# TYPE comanda_connections gauge",
            "comanda_connections{audience=\"guest\"} 3",
            "comanda_commands_total{outcome=\"ok\"} 2",
            "comanda_commit_seconds_bucket{le=\"0.002\"} 0",
            "comanda_commit_seconds_bucket{le=\"0.005\"} 1",
            "comanda_commit_batch_size_bucket{le=\"64\"} 1",
        ] {
            assert!(text.lines().any(|found| found == line), "no `{line}` in:\n{text}");
        }
    }

    #[test]
    fn a_filter_that_makes_no_sense_is_refused() {
        assert!(matches!(init(Format::Text, "comanda=loud"), Err(TelemetryError::Filter(_))));
    }
}
