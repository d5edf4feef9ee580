//! The developers' mailbox: takes every message and sends none, as mail catchers do. Only the newest are kept, in
//! memory.

use super::{Doing, Found, Messenger, Outgoing, Sent, Sought};
use crate::clock::Clock;
use crate::domain::message::Stage;
use crate::domain::order::Channel;
use crate::domain::time::Timestamp;
use parking_lot::Mutex;
use std::collections::VecDeque;

/// The newest that are kept.
pub const KEPT: usize = 200;

/// A message that was not sent.
#[derive(Clone)]
pub struct Caught {
    pub at: Timestamp,
    pub channel: Channel,
    pub to: String,
    pub body: String,
}

pub struct Mailbox {
    clock: Clock,
    caught: Mutex<VecDeque<Caught>>,
}

impl Mailbox {
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self { clock, caught: Mutex::default() }
    }

    /// Newest first.
    #[must_use]
    pub fn caught(&self) -> Vec<Caught> {
        self.caught.lock().iter().rev().cloned().collect()
    }
}

impl Messenger for Mailbox {
    fn send<'a>(&'a self, message: &'a Outgoing) -> Doing<'a, Sent> {
        let caught = Caught {
            at: self.clock.now(),
            channel: message.channel,
            to: message.to.clone(),
            body: message.content.body().to_owned(),
        };
        let mut all = self.caught.lock();
        all.push_back(caught);
        if all.len() > KEPT {
            all.pop_front();
        }
        drop(all);
        Box::pin(std::future::ready(Ok(Sent { id: None, stage: Stage::Delivered, error: None })))
    }

    fn find<'a>(&'a self, _: &'a Sought) -> Doing<'a, Found> {
        Box::pin(std::future::ready(Ok(Found::Unsure)))
    }
}
