//! A process of the crowd: one thread that waits for all its clients at once (epoll), so that a client costs a socket
//! and a few hundred bytes. It does what it is asked on its standard input, and ends when that ends.

use super::book::Book;
use super::client::{Client, Heard, Meant, Stage};
use super::words::{Ask, Seat, Status};
use crate::stopwatch::{micros, now_us};
use anyhow::{Context, Result};
use mio::{Events, Interest, Poll, Token, Waker};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::fs::File;
use std::io::{BufRead, BufReader, Write, stdin, stdout};
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::time::Duration;

/// Messages of many clients go through one buffer; it holds what the largest socket buffer does.
const SHARED_BYTES: usize = 512 * 1024;
const EVENTS: usize = 1024;
const ASKED: Token = Token(usize::MAX);
/// As real screens do (W7).
const SHOWN_EVERY_US: u64 = 500_000;
/// Clients with one source address: fewer than there are ports.
const OF_ONE_ADDRESS: usize = 4000;

struct Hands {
    poll: Poll,
    clients: Vec<Client>,
    /// To connect as soon as fewer are under way: from the handshake until they follow their topic.
    waiting: VecDeque<usize>,
    at_once: usize,
    under_way: usize,
    /// What is to happen when, and to whom.
    later: BinaryHeap<Reverse<(u64, usize)>>,
    book: Book,
    process: u8,
}

/// Runs until its standard input ends.
///
/// # Errors
/// A machine that gives no sockets, and words that nobody says.
pub fn run(process: u8) -> Result<()> {
    let poll = Poll::new()?;
    let waker = Arc::new(Waker::new(poll.registry(), ASKED)?);
    let (send, asked) = sync_channel(1);
    std::thread::spawn(move || {
        for line in stdin().lines() {
            if line.is_err() || send.send(line.unwrap_or_default()).is_err() {
                break;
            }
            if waker.wake().is_err() {
                break;
            }
        }
        drop(send);
        waker.wake().ok();
    });
    let mut hands = Hands {
        poll,
        clients: Vec::new(),
        waiting: VecDeque::new(),
        at_once: 1,
        under_way: 0,
        later: BinaryHeap::new(),
        book: Book::new()?,
        process,
    };
    hands.work(&asked)
}

impl Hands {
    fn work(&mut self, asked: &Receiver<String>) -> Result<()> {
        let mut events = Events::with_capacity(EVENTS);
        let mut shared = vec![0; SHARED_BYTES];
        loop {
            match self.poll.poll(&mut events, self.until_next()) {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            }
            for event in &events {
                match event.token() {
                    ASKED => {}
                    Token(at) => self.awake(at, &mut shared),
                }
            }
            loop {
                match asked.try_recv() {
                    Ok(line) => self.answer(&line)?,
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => return Ok(()),
                }
            }
            self.due();
            self.admit();
        }
    }

    fn until_next(&self) -> Option<Duration> {
        let Reverse((at, _)) = self.later.peek()?;
        // epoll waits in milliseconds, rounded down: without one more it would spin.
        Some(Duration::from_micros(at.saturating_sub(now_us())))
    }

    fn answer(&mut self, line: &str) -> Result<()> {
        let mut status = Status::default();
        match serde_json::from_str(line)? {
            Ask::Connect { file, at_once } => self.connect(&file, at_once)?,
            Ask::Status => {}
            Ask::Reset => self.book.reset()?,
            Ask::Screens { screens } => self.book.screens = screens,
            Ask::Cut => {
                self.clients.iter_mut().for_each(Client::leave);
                self.waiting.clear();
                self.later.clear();
                self.under_way = 0;
            }
            Ask::Rejoin { spread_us, events } => self.rejoin(spread_us, events),
            Ask::Times => status.times = self.book.times(),
        }
        let status = Status {
            clients: self.clients.len(),
            ready: self.clients.iter().filter(|client| client.stage == Stage::Ready).count(),
            times: status.times,
            ..self.book.counts.clone()
        };
        let mut out = stdout().lock();
        serde_json::to_writer(&mut out, &status)?;
        out.write_all(b"\n")?;
        Ok(out.flush()?)
    }

    fn connect(&mut self, file: &Path, at_once: usize) -> Result<()> {
        self.at_once = at_once;
        for line in BufReader::new(File::open(file)?).lines() {
            let seat: Seat = serde_json::from_str(&line?)?;
            self.waiting.push_back(self.clients.len());
            self.clients.push(Client::new(seat));
        }
        Ok(())
    }

    fn rejoin(&mut self, spread_us: u64, events: u64) {
        self.book.replay(events);
        // Who comes back in its own time waits for nobody.
        self.at_once = usize::MAX;
        let now = now_us();
        for (at, client) in self.clients.iter_mut().enumerate() {
            client.since = 0;
            self.later.push(Reverse((now + rand::random_range(0..spread_us.max(1)), at)));
        }
    }

    /// Begins with more guests, as many as may be under way; who was put off keeps its place among them.
    fn admit(&mut self) {
        while self.under_way < self.at_once
            && let Some(at) = self.waiting.pop_front()
        {
            self.under_way += 1;
            self.knock(at);
        }
    }

    fn knock(&mut self, at: usize) {
        let address = u8::try_from(2 + at / OF_ONE_ADDRESS).unwrap_or(u8::MAX);
        let from = Ipv4Addr::new(127, 0, 1 + self.process, address);
        let begun = self.clients[at].knock(from).and_then(|socket| {
            let interest = Interest::READABLE | Interest::WRITABLE;
            self.poll.registry().register(socket, Token(at), interest).context("epoll")
        });
        match begun {
            Ok(()) => {}
            Err(error) => self.fault(&error),
        }
    }

    fn due(&mut self) {
        let now = now_us();
        while let Some(Reverse((when, at))) = self.later.peek().copied()
            && when <= now
        {
            self.later.pop();
            if self.clients[at].stage == Stage::Away {
                self.knock(at);
            } else if let Err(error) = self.clients[at].tell_drawn() {
                self.end(at, &error.to_string());
            }
        }
    }

    /// Something can be read or written.
    fn awake(&mut self, at: usize, shared: &mut [u8]) {
        let client = &mut self.clients[at];
        if client.socket.is_none() {
            return;
        }
        let was_ready = client.stage == Stage::Ready;
        let (book, later) = (&mut self.book, &mut self.later);
        let now = now_us();
        let mut hear = |client: &mut Client, meant, bytes| {
            book.note(client, meant, bytes, now);
            if matches!(meant, Meant::Next { ticket: true, .. }) && client.has_drawn() {
                later.push(Reverse((now + SHOWN_EVERY_US, at)));
            }
        };
        let heard = client.flush().and_then(|()| client.read(shared, &mut hear));
        let client = &mut self.clients[at];
        if !was_ready && client.stage == Stage::Ready {
            self.under_way = self.under_way.saturating_sub(1);
        }
        match heard {
            Ok(Heard::All) => {}
            Ok(Heard::Later(wait)) => {
                client.leave();
                self.book.counts.put_off += 1;
                // Who was sent away together does not come back together.
                let wait = micros(wait) + rand::random_range(0..1_000_000);
                self.later.push(Reverse((now + wait, at)));
            }
            Ok(Heard::Ended(why)) => self.end(at, &why),
            Err(error) => self.end(at, &format!("{error:#}")),
        }
    }

    /// A connection that should have stayed is gone.
    fn end(&mut self, at: usize, why: &str) {
        let client = &mut self.clients[at];
        self.under_way = self.under_way.saturating_sub(usize::from(client.stage != Stage::Ready));
        let fault = anyhow::anyhow!("client {at} of {}, {:?}: {why}", client.seat.path, client.stage);
        client.leave();
        self.book.counts.ended += 1;
        self.fault(&fault);
    }

    fn fault(&mut self, error: &anyhow::Error) {
        self.book.counts.fault.get_or_insert_with(|| format!("{error:#}"));
    }
}
