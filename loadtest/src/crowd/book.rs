//! What a process of the crowd has heard: counts, and how long it took.

use super::client::{Client, Meant};
use super::words::{ALL_SCREENS, GROUPS, SCREENS, Status, TIMES};
use crate::report::Times;
use anyhow::Result;
use std::collections::HashMap;
use uuid::Uuid;

pub struct Book {
    pub counts: Status,
    times: [Times; TIMES],
    /// Screens that hear of a command, if that matters, and how many have, for each that not all have.
    pub screens: usize,
    partly: HashMap<Uuid, usize>,
    /// Events after which a client that came back is current.
    replay: Option<u64>,
}

impl Book {
    /// # Errors
    /// Never: the bounds are right.
    pub fn new() -> Result<Self> {
        let times = [Times::new()?, Times::new()?, Times::new()?];
        Ok(Self { counts: Status::default(), times, screens: 0, partly: HashMap::new(), replay: None })
    }

    /// Forgets all but what ended.
    ///
    /// # Errors
    /// Never: the bounds are right.
    pub fn reset(&mut self) -> Result<()> {
        let (ended, screens) = (self.counts.ended, self.screens);
        *self = Self { screens, ..Self::new()? };
        self.counts.ended = ended;
        Ok(())
    }

    /// From here on clients come back, and are current after so many events.
    pub fn replay(&mut self, events: u64) {
        self.replay = Some(events);
        self.counts.current = 0;
    }

    pub fn times(&self) -> [Vec<(u64, u64)>; TIMES] {
        self.times.each_ref().map(Times::list)
    }

    /// Counts what a message meant.
    pub fn note(&mut self, client: &Client, meant: Meant, bytes: usize, now: u64) {
        let group = client.seat.group.min(GROUPS - 1);
        let tally = &mut self.counts.groups[group];
        match meant {
            Meant::Nothing | Meant::Ready => {}
            Meant::Resync => tally.resyncs += 1,
            Meant::Repeated => tally.repeated += 1,
            Meant::Next { due_us, command, hole, .. } => {
                tally.events += 1;
                tally.bytes += bytes as u64;
                tally.holes += u64::from(hole);
                if let Some(due) = due_us {
                    tally.timed += 1;
                    self.counts.last_us = now;
                    let took = now.saturating_sub(due);
                    self.times[group].add_us(took);
                    if self.screens > 0 && group == SCREENS {
                        self.last_screen(command, took);
                    }
                }
                if self.replay == Some(client.since) {
                    self.counts.current += 1;
                    self.counts.current_at_us = now;
                }
            }
        }
    }

    fn last_screen(&mut self, command: Option<Uuid>, took: u64) {
        let Some(command) = command else { return };
        let heard = self.partly.entry(command).or_default();
        *heard += 1;
        if *heard == self.screens {
            self.partly.remove(&command);
            self.times[ALL_SCREENS].add_us(took);
        }
    }
}
