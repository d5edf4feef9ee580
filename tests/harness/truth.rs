//! What the database says, read from its tables by statements of the test's own: no code of the server's store.
//! With it everything else is compared.

use super::board::{Board, expect, fields_differing, is_open};
use comanda::domain::event::{Event, Kind, State};
use comanda::domain::ids::{CommandId, Epoch, OrderId, RestaurantId, Seq};
use comanda::domain::time::Timestamp;
use comanda::domain::topic::Topic;
use comanda::protocol::server::event_body;
use serde_json::Value;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, Executor};
use std::collections::{BTreeMap, HashMap};
use std::str::FromStr;
use uuid::Uuid;

/// One restaurant, as its rows have it.
pub struct Truth {
    pub restaurant: RestaurantId,
    pub epoch: Epoch,
    pub head: Seq,
    /// All of them, by seq.
    pub events: Vec<Event>,
    pub commands: Vec<CommandRow>,
    pub orders: Vec<OrderRow>,
}

#[derive(Clone, Copy, Debug)]
pub struct CommandRow {
    pub id: Uuid,
    pub seq: Seq,
    /// What it was about: of `order.place` the order.
    pub subject: Uuid,
}

#[derive(Clone, Debug)]
pub struct OrderRow {
    pub id: OrderId,
    pub number: i64,
    pub business_day: i64,
    pub placed_at: Timestamp,
}

/// Between two alarms of an order in the restaurants that are compared, with some slack for clocks, in microseconds.
const ALARMS_APART_US: i64 = 55_000_000;

type EventColumns = (i64, i64, String, String, Uuid, String);

macro_rules! read {
    ($connection:expr, $begin:literal, $slug:expr) => {{
        let mut connection = $connection;
        connection.execute($begin).await.expect("begin");
        let (restaurant, epoch, seq): (Uuid, Uuid, i64) = sqlx::query_as(
            "select r.id, f.epoch, f.seq from restaurants r join feeds f on f.restaurant_id = r.id where r.slug = $1",
        )
        .bind($slug)
        .fetch_one(&mut connection)
        .await
        .expect("the restaurant");
        let events: Vec<EventColumns> = sqlx::query_as(
            "select seq, at, kind, actor, command_id, data from events where restaurant_id = $1 order by seq",
        )
        .bind(restaurant)
        .fetch_all(&mut connection)
        .await
        .expect("events");
        let commands: Vec<(Uuid, i64, Uuid)> =
            sqlx::query_as("select id, seq, subject from commands where restaurant_id = $1")
                .bind(restaurant)
                .fetch_all(&mut connection)
                .await
                .expect("commands");
        let orders: Vec<(Uuid, i64, i64, i64)> =
            sqlx::query_as("select id, number, business_day, placed_at from orders where restaurant_id = $1")
                .bind(restaurant)
                .fetch_all(&mut connection)
                .await
                .expect("orders");
        connection.close().await.expect("close");
        Truth::of((restaurant, epoch, seq), events, commands, orders)
    }};
}

/// Changes the database behind the server's back, in one transaction, as its owner; again, as the server does at its
/// start, if it waited for orders that waited for it.
pub async fn execute(url: &str, statements: &[&'static str]) {
    for _ in 0..10 {
        let done = if url.starts_with("sqlite:") {
            let options = SqliteConnectOptions::from_str(url).expect("a URL");
            all(&mut SqliteConnection::connect_with(&options).await.expect("the file"), statements).await
        } else {
            all(&mut PgConnection::connect(url).await.expect("Postgres"), statements).await
        };
        match done {
            Err(sqlx::Error::Database(error)) if error.code().is_some_and(|code| code == "40P01") => {}
            done => return done.expect("the statements are good"),
        }
    }
    panic!("a deadlock, again and again");
}

async fn all<C>(connection: &mut C, statements: &[&'static str]) -> sqlx::Result<()>
where
    C: Connection,
    for<'c> &'c mut C: Executor<'c, Database = C::Database>,
{
    (&mut *connection).execute("begin").await?;
    for statement in statements {
        (&mut *connection).execute(*statement).await?;
    }
    (&mut *connection).execute("commit").await?;
    Ok(())
}

impl Truth {
    /// Reads a restaurant in one consistent look.
    pub async fn read(url: &str, slug: &str) -> Self {
        if url.starts_with("sqlite:") {
            let options = SqliteConnectOptions::from_str(url).expect("a URL").read_only(true);
            let connection = SqliteConnection::connect_with(&options).await.expect("the file");
            read!(connection, "begin", slug)
        } else {
            // Row-level security keeps the server's own role from what it has not named.
            let url = url.replacen("postgres://comanda@", "postgres://postgres@", 1);
            let connection = PgConnection::connect(&url).await.expect("Postgres");
            read!(connection, "begin isolation level repeatable read read only", slug)
        }
    }

    fn of(
        (restaurant, epoch, head): (Uuid, Uuid, Seq),
        events: Vec<EventColumns>,
        commands: Vec<(Uuid, i64, Uuid)>,
        orders: Vec<(Uuid, i64, i64, i64)>,
    ) -> Self {
        let (restaurant, epoch) = (RestaurantId(restaurant), Epoch(epoch));
        let event = |(seq, at, kind, by, command, data): EventColumns| Event {
            restaurant,
            epoch,
            seq,
            at: Timestamp(at),
            kind: Kind::parse(&kind).expect("a kind"),
            by: serde_json::from_str(&by).expect("an actor"),
            command: CommandId(command),
            state: serde_json::from_str::<State>(&data).expect("a state"),
        };
        let order = |(id, number, business_day, placed_at)| OrderRow {
            id: OrderId(id),
            number,
            business_day,
            placed_at: Timestamp(placed_at),
        };
        Self {
            restaurant,
            epoch,
            head,
            events: events.into_iter().map(event).collect(),
            commands: commands.into_iter().map(|(id, seq, subject)| CommandRow { id, seq, subject }).collect(),
            orders: orders.into_iter().map(order).collect(),
        }
    }

    /// Seq of the newest event of a topic; 0 when it has none.
    pub fn last_of(&self, topic: Topic) -> Seq {
        self.events.iter().rev().find(|event| topic.takes(event)).map_or(0, |event| event.seq)
    }

    /// What does not hold of the history by itself: L2, L4 and L11, and the numbers of orders.
    pub fn complaints(&self) -> Vec<String> {
        let mut complaints = Vec::new();
        let mut complain = |holds: bool, what: String| {
            if !holds {
                complaints.push(what);
            }
        };
        let seqs: Vec<Seq> = self.events.iter().map(|event| event.seq).collect();
        complain(seqs == (1..=self.head).collect::<Vec<_>>(), format!("the feed up to {} has a hole", self.head));
        let in_time = self.events.windows(2).all(|pair| pair[0].at <= pair[1].at);
        complain(in_time, "`at` goes back in the feed".to_owned());
        let mut numbers: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        for order in &self.orders {
            numbers.entry(order.business_day).or_default().push(order.number);
        }
        for (day, mut numbers) in numbers {
            numbers.sort_unstable();
            let counted = (1..).zip(&numbers).all(|(expected, number)| expected == *number);
            complain(counted, format!("numbers of {day}: {numbers:?}"));
        }
        let mut placed: HashMap<OrderId, u32> = HashMap::new();
        for event in self.events.iter().filter(|event| event.kind == Kind::OrderPlaced) {
            let order = event.order().expect("an order");
            *placed.entry(order.id).or_default() += 1;
        }
        for order in &self.orders {
            let events = placed.remove(&order.id);
            complain(events == Some(1), format!("order {} was placed by {events:?} events", order.id));
        }
        complain(placed.is_empty(), format!("events of orders that have no row: {placed:?}"));
        let mut versions: HashMap<OrderId, i64> = HashMap::new();
        for order in self.events.iter().filter_map(Event::order) {
            let before = versions.insert(order.id, order.version).unwrap_or(0);
            complain(order.version == before + 1, format!("order {}: {before} before {}", order.id, order.version));
        }
        complaints.extend(self.alarm_complaints());
        complaints
    }

    /// W7: each alarm of an order is raised once, whichever nodes noticed it, and not before its time.
    fn alarm_complaints(&self) -> Vec<String> {
        let mut complaints = Vec::new();
        let mut alarms: HashMap<OrderId, (i64, Timestamp)> = HashMap::new();
        for event in &self.events {
            let State::Unseen { unseen } = &event.state else { continue };
            let (before, at) = alarms.insert(unseen.order, (unseen.nth, event.at)).unwrap_or((0, Timestamp(0)));
            let apart = event.at.0 - at.0;
            if unseen.nth != before + 1 || apart < ALARMS_APART_US {
                complaints
                    .push(format!("order {}: alarm {} after {before}, {apart} us later", unseen.order, unseen.nth));
            }
        }
        complaints
    }

    pub fn view(&self, topic: Topic) -> View<'_> {
        let of_topic = self.events.iter().filter(|event| topic.takes(event));
        let events = of_topic.map(|event| {
            let body = event_body(event, topic);
            (event.seq, serde_json::from_slice(&body).expect("JSON"))
        });
        View { truth: self, topic, events: events.collect() }
    }
}

/// The history as one topic tells it.
pub struct View<'a> {
    truth: &'a Truth,
    topic: Topic,
    events: Vec<(Seq, Value)>,
}

/// A stretch in which a client had no need of a snapshot.
#[derive(Clone, Debug)]
pub struct Stretch {
    pub epoch: Epoch,
    /// Where its events begin: they come after it.
    pub from: Seq,
    /// For which seq its snapshot was true.
    pub began: Seq,
    pub snapshot: Board,
    /// Every event that was applied, in order.
    pub heard: Vec<Seq>,
    /// Where it stood at the end.
    pub upto: Seq,
    /// What it showed at the end.
    pub board: Board,
}

impl View<'_> {
    /// Of the history that it tells.
    pub fn epoch(&self) -> Epoch {
        self.truth.epoch
    }

    /// What a client may not have: a missing, doubled or foreign event, a snapshot that was not the truth of
    /// its seq, another board than the events give.
    pub fn complaints(&self, stretch: &Stretch) -> Vec<String> {
        let mut complaints = Vec::new();
        if stretch.epoch != self.truth.epoch {
            return vec![format!("another epoch: {:?}", stretch.epoch)];
        }
        let between = |seq: &Seq| *seq > stretch.from && *seq <= stretch.upto;
        let told: Vec<Seq> = self.events.iter().map(|(seq, _)| *seq).filter(between).collect();
        if told != stretch.heard {
            let missing: Vec<_> = told.iter().filter(|seq| !stretch.heard.contains(seq)).collect();
            let foreign: Vec<_> = stretch.heard.iter().filter(|seq| !told.contains(seq)).collect();
            complaints.push(format!("{:?}: missing {missing:?}, foreign {foreign:?}", self.topic));
        }
        complaints.extend(self.snapshot_complaints(stretch));
        let mut board = stretch.snapshot.clone();
        self.newest(between).onto(&mut board);
        if board != stretch.board {
            let differences = stretch.board.differences(&board);
            complaints.push(format!("{:?}: not the board that the events give: {differences:?}", self.topic));
        }
        complaints
    }

    /// A snapshot has every open order, and nothing but the truth of its seq.
    fn snapshot_complaints(&self, stretch: &Stretch) -> Vec<String> {
        let (at, snapshot) = (stretch.began, &stretch.snapshot);
        let truth = self.newest(|seq| *seq <= at);
        let mut complaints = Vec::new();
        let states = [(&snapshot.orders, "order"), (&snapshot.seatings, "seating")];
        for ((id, state), what) in
            states.iter().flat_map(|(states, what)| states.iter().map(move |state| (state, what)))
        {
            let then = truth.state(what, id);
            if then != *state {
                complaints.push(format!("snapshot at {at}: {what} {id} differs: {}", fields_differing(state, &then)));
            }
        }
        for ((what, id), state) in &truth.states {
            let missing = match *what {
                "order" => is_open(state) && !snapshot.orders.contains_key(*id),
                "seating" => state["closed_at"].is_null() && !snapshot.seatings.contains_key(*id),
                _ => false,
            };
            if missing {
                complaints.push(format!("snapshot at {at}: {what} {id} is missing"));
            }
        }
        let known = |order: &&str| snapshot.orders.contains_key(*order);
        let seen: BTreeMap<_, _> = truth.seen.into_iter().filter(|(order, _)| known(order)).collect();
        // Kitchens hear of it, since it ends alarms, but neither is in their snapshot.
        let seen = if self.topic == Topic::Kitchen { BTreeMap::new() } else { seen };
        let told: BTreeMap<_, _> = snapshot.seen.iter().map(|(order, at)| (order.as_str(), at.as_str())).collect();
        if seen != told {
            complaints.push(format!("snapshot at {at}: seen are {seen:?}, told {told:?}"));
        }
        complaints
    }

    /// The newest state of every subject that some of the events tell.
    fn newest(&self, which: impl Fn(&Seq) -> bool) -> Newest<'_> {
        let mut newest = Newest { states: BTreeMap::new(), seen: BTreeMap::new(), expected: BTreeMap::new() };
        for (_, event) in self.events.iter().filter(|(seq, _)| which(seq)) {
            for what in SUBJECTS {
                if let Some(id) = event[what]["id"].as_str() {
                    newest.states.insert((what, id), &event[what]);
                    newest.expected.remove(id);
                }
            }
            for one in event["expected"].as_array().into_iter().flatten() {
                newest.expected.extend(one["order"].as_str().map(|order| (order, one)));
            }
            for one in event["seen"].as_array().into_iter().flatten() {
                if let (Some(order), Some(at)) = (one["order"].as_str(), one["at"].as_str()) {
                    newest.seen.insert(order, at);
                }
            }
        }
        newest
    }
}

const SUBJECTS: [&str; 4] = ["order", "seating", "table", "item"];

/// Borrowed, since there are many events and clients. Versions only rise along a history.
struct Newest<'a> {
    states: BTreeMap<(&'static str, &'a str), &'a Value>,
    seen: BTreeMap<&'a str, &'a str>,
    /// What is expected of orders, where that was told after their state.
    expected: BTreeMap<&'a str, &'a Value>,
}

impl Newest<'_> {
    fn state(&self, what: &'static str, id: &str) -> Value {
        let mut state = self.states.get(&(what, id)).map_or(Value::Null, |state| (*state).clone());
        if let Some(told) = self.expected.get(id).filter(|_| what == "order") {
            expect(&mut state, told);
        }
        state
    }

    fn onto(&self, board: &mut Board) {
        for ((what, _), state) in &self.states {
            board.take(&serde_json::json!({ *what: state }));
        }
        for told in self.expected.values() {
            board.take(&serde_json::json!({ "expected": [told] }));
        }
        board.seen.extend(self.seen.iter().map(|(order, at)| ((*order).to_owned(), (*at).to_owned())));
    }
}
