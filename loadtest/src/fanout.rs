//! What one event costs that many hear: Comanda, and its peers beside it when asked. The server has one processor, all
//! else the other; every server has the same subscribers, the same messages of the same length, and the same turns in
//! the same run. Comanda's messages are real changes: staff change an order, the committer writes it, its table hears
//! it. What the writing costs is measured alone, too, by the same changes while nobody listens.

mod source;

use crate::cast::{Cast, Shape};
use crate::crowd::{Crowd, GUESTS, OF_ONE_PROCESS, Status};
use crate::orders::median;
use crate::peers::{self, ALL};
use crate::pin::Pin;
use crate::place::{Ground, Kind};
use crate::proc::Cpu;
use crate::report::{Found, Percentiles};
use crate::server::{Server, Setup};
use crate::stopwatch::now_us;
use anyhow::{Context, Result};
use serde::Serialize;
use source::Source;
use std::time::Duration;

/// Restaurants over which the topics are spread: 850 topics are 17 tables in each.
const RESTAURANTS: usize = 50;
/// For alarms of the first orders, which no screen shows.
const SETTLE: Duration = Duration::from_secs(2);
/// Changes by which the writing is measured.
const WRITTEN_ALONE: usize = 1000;

/// What to measure.
#[derive(Clone, Copy, Debug)]
pub struct Fanout {
    pub database: Kind,
    pub peers: bool,
    /// Divides numbers of subscribers and messages: 1 is what is published.
    pub smaller: usize,
    pub rounds: usize,
}

/// How topics, subscribers and messages lie.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Pattern {
    pub name: &'static str,
    pub topics: usize,
    /// Of each topic.
    pub subscribers: usize,
    /// To each topic in a turn.
    pub messages: usize,
    pub pace: Pace,
}

/// When the next message is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// When everybody has the one before.
    Single,
    /// When the one before was taken; each topic's next when all topics had theirs.
    Stream,
    /// All of a topic at once.
    Burst,
}

/// What was measured of one server and one pattern.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    pub server: &'static str,
    pub pattern: Pattern,
    /// Of a frame.
    pub bytes: u64,
    pub deliveries: u64,
    pub deliveries_per_second: f64,
    /// Processor time of the server for a million deliveries, in seconds, by round; and the median.
    pub rounds: Vec<f64>,
    pub cpu_seconds: f64,
    /// Of it outside the kernel.
    pub user_seconds: f64,
    /// Of it for taking and writing the changes: what they cost while nobody listens.
    pub writing_seconds: f64,
    /// Against Nchan in this run.
    pub against_nchan: Option<f64>,
    /// From the change being posted to its delivery; in a burst all are posted at once.
    pub times: Percentiles,
    pub lost: u64,
    pub doubled: u64,
}

/// A server with its subscribers.
struct Stand {
    source: Source,
    crowd: Crowd,
    pattern: Pattern,
    expected: u64,
    turns: Vec<Turn>,
    /// Of one change that nobody hears.
    writing: Spent,
}

#[derive(Clone, Copy)]
struct Turn {
    deliveries: u64,
    changes: usize,
    cpu: Cpu,
    took_us: u64,
}

/// Processor time for so many changes.
#[derive(Clone, Copy, Default)]
struct Spent {
    cpu: Cpu,
    changes: usize,
}

impl Fanout {
    fn patterns(self) -> [Pattern; 3] {
        let less = |count: usize| count.div_ceil(self.smaller).max(2);
        [
            Pattern {
                name: "1 × 10,000",
                topics: 1,
                subscribers: less(10_000),
                messages: less(20),
                pace: Pace::Single,
            },
            Pattern { name: "850 × 20", topics: less(850), subscribers: 20, messages: less(8), pace: Pace::Stream },
            Pattern {
                name: "bursts, 10 × 1,000",
                topics: 10,
                subscribers: less(1000),
                messages: less(20),
                pace: Pace::Burst,
            },
        ]
    }

    /// # Errors
    /// Anything but lost or doubled messages, which are counted.
    pub async fn measure(self, ground: &Ground) -> Result<Vec<Outcome>> {
        if self.peers {
            peers::need()?;
        }
        let (pin, ours) = Pin::apart();
        let _held = ours.hold_this()?;
        let mut ground = ground.pinned(ours);
        let mut outcomes = Vec::new();
        for pattern in self.patterns() {
            let mut stands = self.stands(&mut ground, pattern, (pin, ours)).await?;
            // The first is to get warm, and to learn how long a message is.
            for round in 0..=self.rounds {
                for stand in &mut stands {
                    stand.turn().await.with_context(|| format!("{} as {}", pattern.name, stand.source.name()))?;
                }
                if round == 0 {
                    forget(&mut stands).await?;
                } else {
                    eprintln!("    {}, round {round} of {}: {}", pattern.name, self.rounds, so_far(&stands));
                }
            }
            for stand in stands {
                outcomes.push(stand.judge().await?);
            }
            compare(&mut outcomes, pattern.name);
        }
        Ok(outcomes)
    }

    /// Comanda first, then its peers, all with their subscribers.
    async fn stands(self, ground: &mut Ground, pattern: Pattern, (pin, ours): (Pin, Pin)) -> Result<Vec<Stand>> {
        let restaurants = RESTAURANTS.min(pattern.topics);
        let shape = Shape { restaurants, tables: pattern.topics.div_ceil(restaurants) };
        let place = ground.place(self.database).await?;
        let cast = Cast::seat(&place, shape).await?;
        let server = Server::start(&place, &Setup::alone(pin)).await?;
        let mut sources = vec![Source::comanda(server, cast, place)?];
        if self.peers {
            for peer in ALL {
                sources.push(Source::peer(peer.start(ground.folder(), pin).await?)?);
            }
        }
        let mut stands = Vec::new();
        for source in sources {
            eprintln!(
                "    {}: {} subscribers at {}",
                pattern.name,
                pattern.subscribers * pattern.topics,
                source.name()
            );
            stands.push(Stand::open(source, pattern, self.smaller, ours).await?);
        }
        Ok(stands)
    }
}

impl Stand {
    async fn open(mut source: Source, pattern: Pattern, smaller: usize, pin: Pin) -> Result<Self> {
        source.open(pattern.topics).await?;
        let writing = if source.writes() { writing(&mut source, pattern, smaller).await? } else { Spent::default() };
        let subscribers = pattern.topics * pattern.subscribers;
        let mut crowd = Crowd::start(subscribers.div_ceil(OF_ONE_PROCESS), pin)?;
        crowd.connect((0..subscribers).map(|n| source.subscriber(n % pattern.topics))).await?;
        Ok(Self { source, crowd, pattern, expected: 0, turns: Vec::new(), writing })
    }

    /// Publishes, and waits until everybody has heard it.
    async fn turn(&mut self) -> Result<()> {
        let (before, begin) = (self.source.program()?.cpu()?, now_us());
        let heard = self.crowd.status().await?.all().timed;
        let (singles, each) = match self.pattern.pace {
            Pace::Single => (self.pattern.messages, 1),
            Pace::Stream | Pace::Burst => (1, self.pattern.messages),
        };
        let mut status = Status::default();
        for _ in 0..singles {
            let count = self.source.publish(0..self.pattern.topics, each, self.pattern.pace == Pace::Burst).await?;
            self.expected += (count * self.pattern.subscribers) as u64;
            status = self.crowd.hear(self.expected).await?;
        }
        self.turns.push(Turn {
            deliveries: status.all().timed - heard,
            changes: self.pattern.topics * self.pattern.messages,
            cpu: self.source.program()?.cpu()? - before,
            took_us: status.last_us.saturating_sub(begin),
        });
        Ok(())
    }

    async fn judge(mut self) -> Result<Outcome> {
        let all = self.crowd.status().await?;
        let times = self.crowd.times().await?[GUESTS].percentiles();
        let heard = all.all();
        let sum = |of: fn(&Turn) -> u64| self.turns.iter().map(of).sum::<u64>();
        let deliveries = sum(|turn| turn.deliveries);
        let user_us = sum(|turn| turn.cpu.user_us);
        let changes: usize = self.turns.iter().map(|turn| turn.changes).sum();
        let rounds: Vec<f64> = self.turns.iter().map(|turn| per_million(turn.cpu.us, turn.deliveries)).collect();
        let written_us = self.writing.cpu.us * changes as u64 / self.writing.changes.max(1) as u64;
        Ok(Outcome {
            server: self.source.name(),
            pattern: self.pattern,
            bytes: heard.bytes / heard.events.max(1),
            deliveries,
            deliveries_per_second: per_million(deliveries, sum(|turn| turn.took_us)) * 1e6,
            cpu_seconds: median(&rounds),
            rounds,
            user_seconds: per_million(user_us, deliveries),
            writing_seconds: per_million(written_us, deliveries),
            against_nchan: None,
            times,
            lost: self.expected.saturating_sub(heard.timed) + all.ended as u64,
            doubled: heard.repeated,
        })
    }
}

/// What taking and writing a change costs while nobody listens.
async fn writing(source: &mut Source, pattern: Pattern, smaller: usize) -> Result<Spent> {
    tokio::time::sleep(SETTLE / u32::try_from(smaller)?).await;
    let each = WRITTEN_ALONE.div_ceil(smaller).div_ceil(pattern.topics);
    let before = source.program()?.cpu()?;
    let changes = source.publish(0..pattern.topics, each, pattern.pace == Pace::Burst).await?;
    Ok(Spent { cpu: source.program()?.cpu()? - before, changes })
}

/// Begins the counts anew, with messages of the length that Comanda's have.
async fn forget(stands: &mut [Stand]) -> Result<()> {
    let mut bytes = 0;
    for stand in stands {
        let heard = stand.crowd.status().await?.all();
        if stand.source.writes() {
            bytes = heard.bytes / heard.events.max(1);
        }
        stand.source.payload_bytes = usize::try_from(bytes)?;
        stand.crowd.reset().await?;
        stand.expected = 0;
        stand.turns.clear();
    }
    Ok(())
}

fn so_far(stands: &[Stand]) -> String {
    let told = stands.iter().filter_map(|stand| {
        let turn = stand.turns.last()?;
        Some(format!("{} {:.1}", stand.source.name(), per_million(turn.cpu.us, turn.deliveries)))
    });
    format!("{} s of processor for a million deliveries", told.collect::<Vec<_>>().join(", "))
}

/// Each server against Nchan, as the same pattern went in the same run.
fn compare(outcomes: &mut [Outcome], pattern: &str) {
    let of_pattern = |outcome: &&mut Outcome| outcome.pattern.name == pattern;
    let nchan = outcomes.iter().find(|o| o.pattern.name == pattern && o.server == "nchan").map(|o| o.cpu_seconds);
    for outcome in outcomes.iter_mut().filter(of_pattern) {
        outcome.against_nchan = nchan.map(|nchan| outcome.cpu_seconds / nchan.max(f64::EPSILON));
    }
}

/// Microseconds for so many, in seconds for a million of them.
#[expect(clippy::cast_precision_loss, reason = "far less than 2^52")]
fn per_million(us: u64, count: u64) -> f64 {
    us as f64 / count.max(1) as f64
}

impl Found for Outcome {
    const HEAD: &str = "Fan-out, the server on one processor        s of it for a million     p50     p99  deliveries  \n\
        \x20                                 bytes    all  user  writing  ÷ nchan      ms      ms   a second    lost doubled";

    fn line(&self) -> String {
        let against = self.against_nchan.map_or(String::new(), |ratio| format!("{ratio:.2}"));
        format!(
            "{:<20}{:<11}{:>8}{:>7.2}{:>6.2}{:>9.2}{:>9}{:>8.1}{:>8.1}{:>11.0}{:>8}{:>8}",
            self.pattern.name,
            self.server,
            self.bytes,
            self.cpu_seconds,
            self.user_seconds,
            self.writing_seconds,
            against,
            self.times.p50_ms,
            self.times.p99_ms,
            self.deliveries_per_second,
            self.lost,
            self.doubled
        )
    }

    fn wrong(&self) -> usize {
        usize::try_from(self.lost + self.doubled).unwrap_or(usize::MAX)
    }
}
