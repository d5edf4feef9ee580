//! What happened to a client, in numbers.

use std::collections::BTreeMap;

/// What happened to it, counted.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    pub connections: u64,
    /// Connections that ended, for whatever reason.
    pub lost: u64,
    /// Attempts that did not come to a `welcome`.
    pub refused: u64,
    /// Subscriptions answered without a snapshot …
    pub replays: u64,
    /// … and with one.
    pub snapshots: u64,
    pub resyncs: u64,
    pub events: u64,
    /// Events that it had heard already, and others that came after later ones.
    pub doubled: usize,
    pub disordered: usize,
    pub beats: u64,
    /// Commands sent again before they were answered.
    pub resent: u64,
    /// Answers to a command that was answered before.
    pub repeated: u64,
    pub not_tried: u64,
    /// Refusals by their code.
    pub refused_as: BTreeMap<String, u64>,
}

impl Counts {
    pub fn add(&mut self, more: &Self) {
        self.connections += more.connections;
        self.lost += more.lost;
        self.refused += more.refused;
        self.replays += more.replays;
        self.snapshots += more.snapshots;
        self.resyncs += more.resyncs;
        self.events += more.events;
        self.doubled += more.doubled;
        self.disordered += more.disordered;
        self.beats += more.beats;
        self.resent += more.resent;
        self.repeated += more.repeated;
        self.not_tried += more.not_tried;
        for (code, count) in &more.refused_as {
            *self.refused_as.entry(code.clone()).or_default() += count;
        }
    }
}
