//! Puts what rooms count into metrics, whose recorder is one per process.

use crate::relay;
use crate::store::committer;
use crate::telemetry;
use anyhow::{Context, Result};
use metrics_exporter_prometheus::PrometheusHandle;
use std::sync::OnceLock;
use std::time::Duration;

/// One recorder per process; tests start many servers in one.
pub fn recorder() -> Result<PrometheusHandle> {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    if let Some(handle) = RECORDER.get() {
        return Ok(handle.clone());
    }
    match telemetry::install_recorder() {
        Ok(handle) => Ok(RECORDER.get_or_init(|| handle).clone()),
        Err(error) => RECORDER.get().cloned().ok_or(error).context("the metrics could not be set up"),
    }
}

/// Puts what rooms count into metrics.
pub struct Counts;

impl committer::Observe for Counts {
    fn batch(&self, commands: usize, took: Duration) {
        #[expect(clippy::cast_precision_loss, reason = "a batch has at most 64 commands")]
        metrics::histogram!(telemetry::COMMIT_BATCH_SIZE).record(commands as f64);
        metrics::histogram!(telemetry::COMMIT_SECONDS).record(took.as_secs_f64());
    }

    fn halved(&self) {
        metrics::counter!(telemetry::COMMIT_HALVED).increment(1);
    }

    fn unknown(&self) {
        metrics::counter!(telemetry::COMMIT_UNKNOWN).increment(1);
    }
}

impl relay::Observe for Counts {
    fn gap_healed(&self) {
        metrics::counter!(telemetry::GAPS_HEALED).increment(1);
    }

    fn feed_read(&self) {
        metrics::counter!(telemetry::FEED_READS).increment(1);
    }

    fn snapshot_read(&self) {
        metrics::counter!(telemetry::SNAPSHOT_READS).increment(1);
    }
}
