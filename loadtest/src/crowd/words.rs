//! What a measurement and the processes of its crowd say to each other: one JSON a line.

use comanda::domain::ids::StationId;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::PathBuf;

/// One client to be.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Seat {
    pub server: SocketAddr,
    /// With its query.
    pub path: String,
    pub speaks: Speech,
    /// Whose counts it belongs to: a number below [`GROUPS`].
    pub group: usize,
}

pub const GROUPS: usize = 2;
pub const GUESTS: usize = 0;
pub const SCREENS: usize = 1;
/// Times of both groups, and of the last screen of each command.
pub const TIMES: usize = 3;
pub const ALL_SCREENS: usize = 2;

/// What a client says once it is connected.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Speech {
    /// `hello` and `subscribe`; who has stations says what it has drawn.
    Comanda { token: String, topic: String, stations: Vec<StationId> },
    /// Nothing: the path is the topic.
    Plain,
    /// Engine.IO 4 over a WebSocket, without its polling.
    SocketIo { topic: String },
}

/// To a process of the crowd. Each is answered with one [`Status`].
#[derive(Debug, Serialize, Deserialize)]
pub enum Ask {
    /// Connect the clients of this file too, one JSON each a line; at most so many handshakes at once.
    Connect {
        file: PathBuf,
        at_once: usize,
    },
    Status,
    /// Forget all counts and times.
    Reset,
    /// Drop every connection, as a network does.
    Cut,
    /// Connect again, each at some time within `spread_us`; each is current after so many events.
    Rejoin {
        spread_us: u64,
        events: u64,
    },
    /// Tell the times, too.
    Times,
    /// So many screens hear of a command.
    Screens {
        screens: usize,
    },
}

/// How it stands.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Status {
    pub clients: usize,
    /// Connected, let in and subscribed.
    pub ready: usize,
    /// Have what they were to replay.
    pub current: usize,
    /// When the last of them had.
    pub current_at_us: u64,
    /// Handshakes that were put off.
    pub put_off: usize,
    /// Connections that the server ended.
    pub ended: usize,
    pub groups: [Tally; GROUPS],
    /// The first thing that should not have happened.
    pub fault: Option<String>,
    /// Times from due to heard: microseconds, and how many.
    pub times: [Vec<(u64, u64)>; TIMES],
    /// When the newest timed message was heard.
    pub last_us: u64,
}

/// What a group of clients heard.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Events, or messages of peers.
    pub events: u64,
    /// Of them those that say when they were due.
    pub timed: u64,
    pub bytes: u64,
    /// Holes in a client's sequence.
    pub holes: u64,
    /// Numbers that a client had already.
    pub repeated: u64,
    /// Told to begin anew.
    pub resyncs: u64,
}

impl Status {
    /// Takes in what another process says.
    pub fn add(&mut self, other: Self) {
        self.clients += other.clients;
        self.ready += other.ready;
        self.current += other.current;
        self.current_at_us = self.current_at_us.max(other.current_at_us);
        self.put_off += other.put_off;
        self.ended += other.ended;
        self.last_us = self.last_us.max(other.last_us);
        self.fault = self.fault.take().or(other.fault);
        for (mine, theirs) in self.groups.iter_mut().zip(other.groups) {
            mine.add(theirs);
        }
        for (mine, theirs) in self.times.iter_mut().zip(other.times) {
            mine.extend(theirs);
        }
    }

    /// Of all groups.
    pub fn all(&self) -> Tally {
        let mut all = Tally::default();
        self.groups.iter().for_each(|group| all.add(*group));
        all
    }
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.events += other.events;
        self.timed += other.timed;
        self.bytes += other.bytes;
        self.holes += other.holes;
        self.repeated += other.repeated;
        self.resyncs += other.resyncs;
    }
}
