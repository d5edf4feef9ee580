//! What a crowd found when it came to rest.

use super::orders::id_of;
use super::{Person, Placed, Tally, percentiles};
use crate::harness::follower::Counts;
use crate::harness::process::Site;
use crate::harness::truth::Truth;
use comanda::domain::ids::Seq;
use comanda::domain::topic::Topic;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;
use uuid::Uuid;

/// What a test says at its end, and what it found.
#[derive(Default)]
pub struct Rest {
    seed: u64,
    pub orders: usize,
    /// Orders that were sent more than once before they were acknowledged.
    pub retried: usize,
    /// Of those: committed at a former try, whose answer was lost on the way.
    pub lost_answers: usize,
    /// Orders that were acknowledged after the copy was taken that the database was restored from.
    pub forgotten: usize,
    pub flaws: Flaws,
    pub unavailable: u64,
    pub events: i64,
    pub counts: Counts,
    /// How long anybody was without a picture that is kept up to date, in order.
    pub dark: Vec<Duration>,
    /// From the phone's last try to each screen that heard of the order, in order.
    pub to_screens: Vec<Duration>,
    pub commands: usize,
    pub closes: Vec<(u16, Value)>,
    pub complaints: Vec<String>,
    pub(super) log: Vec<String>,
}

impl Rest {
    pub(super) fn new(seed: u64, people: &[Person], tally: &Tally, truth: &Truth) -> Self {
        let mut rest =
            Self { seed, events: truth.head, unavailable: tally.unavailable.load(SeqCst), ..Self::default() };
        let placed_at: HashMap<Uuid, i64> = truth.orders.iter().map(|o| (o.id.0, o.placed_at.0)).collect();
        for person in people {
            let follower = &person.follower;
            rest.complaints.extend(follower.wrong.iter().cloned());
            if !person.is_level {
                let (stands, last) = (follower.cursor, truth.last_of(person.topic));
                rest.complaints.push(format!("{} did not catch up: {stands:?} of {last}", follower.name));
            }
            rest.counts.add(&follower.counts);
            rest.dark.extend(&follower.dark);
            rest.closes.extend(follower.closes.iter().cloned());
            rest.commands += follower.acknowledged.len();
            rest.orders += person.orders.len();
            for order in person.orders.iter().filter(|order| order.tries > 1) {
                rest.retried += 1;
                let at = placed_at.get(&id_of(&order.answer)).copied();
                rest.lost_answers += usize::from(at.is_some_and(|at| at < order.asked_at));
            }
        }
        rest.dark.sort_unstable();
        rest.to_screens = to_screens(people);
        let bare = tally.bare.load(SeqCst);
        if bare > 0 {
            rest.complaints.push(format!("{bare} answers of 503 had no Retry-After"));
        }
        rest
    }

    /// Prints the figures; fails if anything was found.
    #[track_caller]
    pub fn expect_nothing_wrong(&self, about: &str, site: &Site) {
        let c = &self.counts;
        println!(
            "{about}, seed {}: {}; {} orders ({} sent again, {} of them had been taken), {} of 503, {} taps, {} events; \
             {} connections, {} lost, {} replays, {} snapshots, {} resyncs, {} events heard, {} beats;\n  without a picture {};\n  from phones to screens {}",
            self.seed,
            self.flaws,
            self.orders,
            self.retried,
            self.lost_answers,
            self.unavailable,
            self.commands,
            self.events,
            c.connections,
            c.lost,
            c.replays,
            c.snapshots,
            c.resyncs,
            c.events,
            c.beats,
            percentiles(&self.dark),
            percentiles(&self.to_screens)
        );
        if !self.complaints.is_empty() {
            let some: Vec<&str> = self.complaints.iter().take(20).map(String::as_str).collect();
            let mut text =
                format!("seed {}: {} things are wrong:\n{}\n", self.seed, self.complaints.len(), some.join("\n"));
            for log in self.log.iter().take(3) {
                text.push_str(log);
            }
            panic!("{text}\n--- server\n{}", site.log());
        }
        assert_eq!(self.flaws, Flaws::default(), "seed {}: nobody complained of it", self.seed);
    }
}

fn to_screens(people: &[Person]) -> Vec<Duration> {
    let orders: HashMap<Uuid, &Placed> =
        people.iter().flat_map(|person| &person.orders).map(|order| (id_of(&order.answer), order)).collect();
    let screens = people.iter().filter(|person| matches!(person.topic, Topic::Kitchen | Topic::Floor));
    let arrived = screens.flat_map(|screen| &screen.follower.arrived);
    let mut times: Vec<Duration> =
        arrived.filter_map(|(id, at)| orders.get(id).map(|order| at.saturating_duration_since(order.asked))).collect();
    times.sort_unstable();
    times
}

/// What must be nothing, counted apart from what the complaints say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flaws {
    /// Orders and taps that were acknowledged and are not in the database, and events that a client should have heard.
    pub lost: usize,
    /// Orders that nobody asked for, commands with more than one row, and events that a client heard twice.
    pub doubled: usize,
    /// Events that came to a client, or stand in the feed, after later ones.
    pub disordered: usize,
}

impl std::fmt::Display for Flaws {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "lost {}, doubled {}, out of order {}", self.lost, self.doubled, self.disordered)
    }
}

impl std::ops::AddAssign for Flaws {
    fn add_assign(&mut self, more: Self) {
        self.lost += more.lost;
        self.doubled += more.doubled;
        self.disordered += more.disordered;
    }
}

impl Flaws {
    pub(super) fn of(people: &[Person], truth: &Truth) -> Self {
        let mut flaws = Self::default();
        let rows: HashSet<Uuid> = truth.orders.iter().map(|row| row.id.0).collect();
        let orders: HashSet<Uuid> =
            people.iter().flat_map(|person| &person.orders).map(|order| id_of(&order.answer)).collect();
        flaws.lost += orders.difference(&rows).count();
        flaws.doubled += rows.difference(&orders).count();
        let mut commands: HashMap<Uuid, usize> = HashMap::new();
        for row in &truth.commands {
            *commands.entry(row.id).or_default() += 1;
        }
        flaws.doubled += commands.values().map(|count| count - 1).sum::<usize>();
        flaws.disordered += truth.events.windows(2).filter(|pair| pair[1].at < pair[0].at).count();
        let mut topics: BTreeMap<Topic, Vec<Seq>> = BTreeMap::new();
        for Person { follower, topic, .. } in people {
            let told = topics.entry(*topic).or_insert_with(|| {
                truth.events.iter().filter(|event| topic.takes(event)).map(|event| event.seq).collect()
            });
            for stretch in follower.stretches().iter().filter(|stretch| stretch.epoch == truth.epoch) {
                let heard: HashSet<Seq> = stretch.heard.iter().copied().collect();
                let between = told.iter().filter(|seq| **seq > stretch.from && **seq <= stretch.upto);
                flaws.lost += between.filter(|seq| !heard.contains(seq)).count();
                flaws.disordered += stretch.heard.windows(2).filter(|pair| pair[1] <= pair[0]).count();
            }
            let lost = follower.acknowledged.keys().filter(|id| !commands.contains_key(id));
            flaws.lost += if follower.stretches().iter().all(|s| s.epoch == truth.epoch) { lost.count() } else { 0 };
            flaws.doubled += follower.counts.doubled;
            flaws.disordered += follower.counts.disordered;
        }
        flaws
    }
}
