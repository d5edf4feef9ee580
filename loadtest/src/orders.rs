//! How many durable orders a second: the committer, against the same orders written one commit each by as many senders,
//! each on a connection of its own. Both on databases of their own, in turns, in one process; whatever one of them
//! answered has to be in its database, once.

mod bulk;
mod naive;

use crate::grouped::Grouped;
use crate::latency::{missing, per_second, surplus};
use crate::place::{Ground, Kind, Place};
use crate::report::Found;
use crate::restaurants::{self, House};
use crate::sender::{Sender, Tickets};
use anyhow::{Context, Result, bail};
use bulk::Limit;
use naive::Naive;
use serde::Serialize;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// One writer's turn ends with this, on a disk too slow for its orders.
const TURN: Duration = Duration::from_secs(8);
/// Orders before the clock starts, as a part of those of a turn: statements are prepared, files grow.
const WARM_UP_PART: usize = 10;

/// What to measure.
#[derive(Clone, Copy, Debug)]
pub struct Orders {
    /// Of each writer, over all rounds.
    pub orders: usize,
    pub senders: usize,
    pub rounds: usize,
    pub restaurants: usize,
}

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    pub database: Kind,
    pub senders: usize,
    pub restaurants: usize,
    /// Orders a second, by round.
    pub grouped: Vec<f64>,
    pub naive: Vec<f64>,
    /// Medians over the rounds, and the first over the second.
    pub grouped_per_second: f64,
    pub naive_per_second: f64,
    pub ratio: f64,
    /// The same rows put in by the database's own fastest way, and the first as a part of it.
    pub bulk_per_second: f64,
    pub of_bulk: f64,
    /// On the disk, with indexes: the order itself with its event and its command.
    pub bytes_per_order: f64,
    /// What the ratio should be at least (DESIGN §10).
    pub goal: f64,
    /// Commands in a commit of the committer, on average.
    pub batch: f64,
    pub lost: usize,
    pub doubled: usize,
}

impl Found for Outcome {
    const HEAD: &str =
        "Durable orders/s               grouped  one by one   ratio  goal   in bulk  of it   a batch   lost doubled";

    fn line(&self) -> String {
        let name = format!("{}, {} senders", self.database.name(), self.senders);
        let met = if self.ratio >= self.goal { "" } else { " missed" };
        format!(
            "{name:<30}{:>8.0}{:>12.0}{:>8.2} {:>4.0}×{:>10.0}{:>6.0}%{:>10.1}{:>7}{:>8}{met}",
            self.grouped_per_second,
            self.naive_per_second,
            self.ratio,
            self.goal,
            self.bulk_per_second,
            self.of_bulk * 100.0,
            self.batch,
            self.lost,
            self.doubled
        )
    }

    fn wrong(&self) -> usize {
        self.lost + self.doubled
    }
}

/// One of the two that write the same orders.
enum Writer {
    Grouped(Grouped),
    Naive(Naive),
}

impl Writer {
    /// # Errors
    /// Any order that was not taken.
    async fn write(&mut self, tickets: Tickets) -> Result<usize> {
        match self {
            Self::Grouped(writer) => writer.write(tickets).await,
            Self::Naive(writer) => writer.write(tickets).await,
        }
    }
}

/// A writer, its database, and how much of it was done.
struct Side {
    place: Place,
    writer: Writer,
    rates: Vec<f64>,
    answered: usize,
}

/// A side whose writer has ended.
struct Closed {
    lost: usize,
    doubled: usize,
    place: Place,
}

impl Orders {
    /// # Errors
    /// Anything but lost or doubled orders, which are counted.
    pub async fn measure(self, ground: &mut Ground, kind: Kind) -> Result<Outcome> {
        if self.rounds == 0 || self.senders == 0 || self.restaurants == 0 {
            bail!("rounds, senders and restaurants must be above 0");
        }
        let houses = Arc::new(restaurants::invent(self.restaurants, self.senders.div_ceil(self.restaurants))?);
        let mut sides = [self.grouped(ground, kind, &houses).await?, self.naive(ground, kind, &houses).await?];
        let per_turn = self.orders.div_ceil(self.rounds).max(1);
        for side in &mut sides {
            side.turn(per_turn.div_ceil(WARM_UP_PART)).await?;
            side.place.analyze().await?;
            side.rates.clear();
        }
        for round in 1..=self.rounds {
            for side in &mut sides {
                side.turn(per_turn).await?;
            }
            let [grouped, naive] = sides.each_ref().map(|side| side.rates.last().copied().unwrap_or(0.0));
            eprintln!(
                "  orders on {}, round {round} of {}: {grouped:.0}/s grouped, {naive:.0}/s one by one",
                kind.name(),
                self.rounds
            );
        }
        self.judge(kind, sides).await
    }

    async fn grouped(&self, ground: &mut Ground, kind: Kind, houses: &Arc<Vec<House>>) -> Result<Side> {
        let place = ground.place(kind).await?;
        let writer = Grouped::open(&place, houses, self.senders).await?;
        Ok(Side { place, writer: Writer::Grouped(writer), rates: Vec::new(), answered: 0 })
    }

    async fn naive(&self, ground: &mut Ground, kind: Kind, houses: &Arc<Vec<House>>) -> Result<Side> {
        let place = ground.place(kind).await?;
        // The server makes the schema and seats the guests; then it is gone.
        let grouped = Grouped::open(&place, houses, self.senders).await?;
        let senders: Vec<Sender> = grouped.senders().to_vec();
        grouped.close().await;
        let writer = Naive::open(&place, houses, senders).await?;
        Ok(Side { place, writer: Writer::Naive(writer), rates: Vec::new(), answered: 0 })
    }

    async fn judge(&self, kind: Kind, sides: [Side; 2]) -> Result<Outcome> {
        let batch = match &sides[0].writer {
            Writer::Grouped(grouped) => grouped.batch(),
            Writer::Naive(_) => 1.0,
        };
        let rates = sides.each_ref().map(|side| side.rates.clone());
        let (mut lost, mut doubled) = (0, 0);
        let mut limit = None;
        for side in sides {
            let is_grouped = matches!(side.writer, Writer::Grouped(_));
            let closed = side.close().await?;
            lost += closed.lost;
            doubled += closed.doubled;
            if is_grouped {
                limit = Some(Limit::of(&closed.place).await?);
            }
        }
        let Limit { orders_per_second: bulk_per_second, bytes_per_order } = limit.context("one side is grouped")?;
        let [grouped, naive] = rates;
        let (grouped_per_second, naive_per_second) = (median(&grouped), median(&naive));
        Ok(Outcome {
            database: kind,
            senders: self.senders,
            restaurants: self.restaurants,
            grouped,
            naive,
            grouped_per_second,
            naive_per_second,
            ratio: grouped_per_second / naive_per_second.max(f64::EPSILON),
            bulk_per_second,
            bytes_per_order,
            of_bulk: grouped_per_second / bulk_per_second.max(f64::EPSILON),
            goal: match kind {
                Kind::Sqlite => 3.0,
                Kind::Postgres => 2.0,
            },
            batch,
            lost,
            doubled,
        })
    }
}

impl Side {
    async fn turn(&mut self, orders: usize) -> Result<()> {
        let begin = Instant::now();
        let written = self.writer.write(Tickets::new(orders, begin + TURN)).await?;
        self.rates.push(per_second(written, begin.elapsed()));
        self.answered += written;
        Ok(())
    }

    /// Ends the writer, and counts what is lost and what is doubled.
    async fn close(self) -> Result<Closed> {
        let orders = i64::try_from(self.answered)?;
        let published = match self.writer {
            Writer::Grouped(grouped) => grouped.close().await,
            Writer::Naive(naive) => {
                naive.close().await?;
                self.answered
            }
        };
        let rows = self.place.rows().await?;
        let lost = self.answered.saturating_sub(published) + missing(orders, rows);
        let doubled = published.saturating_sub(self.answered) + surplus(orders, rows);
        Ok(Closed { lost, doubled, place: self.place })
    }
}

pub fn median(rates: &[f64]) -> f64 {
    let mut rates = rates.to_vec();
    rates.sort_by(f64::total_cmp);
    let upper = rates.get(rates.len() / 2).copied().unwrap_or(0.0);
    let lower = rates.get(rates.len().saturating_sub(1) / 2).copied().unwrap_or(0.0);
    f64::midpoint(lower, upper)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use uuid::Uuid;

    /// Everything that the store knows of a database with one order, without ids and times.
    async fn facts(place: &Place, house: &House) -> Value {
        let store = place.open().await.unwrap();
        let (_, events) = store.events_after(house.id(), 0, 100).await.unwrap().unwrap();
        let placed = events.iter().find(|event| event.order().is_some()).unwrap();
        let id = placed.order().unwrap().id;
        let (head, stored) = store.order(house.id(), id).await.unwrap().unwrap();
        let receipt = &stored.receipt;
        let wait = receipt.unseen_due.unwrap().since(receipt.released_at.unwrap());
        let mut facts = serde_json::json!({
            "head": head, "order": stored.order, "event": placed.state, "by": placed.by, "kind": placed.kind.name(),
            "seq": placed.seq, "released": receipt.released_seq, "seen": receipt.seen_stations,
            "wait": wait.as_micros().to_string(), "nth": receipt.unseen_nth,
        });
        store.db.close().await;
        mask(&mut facts);
        facts
    }

    fn mask(value: &mut Value) {
        match value {
            Value::String(text) if Uuid::try_parse(text).is_ok() => *text = "id".to_owned(),
            Value::String(text) if text.len() > 19 && text.ends_with('Z') => *text = "time".to_owned(),
            Value::Array(values) => values.iter_mut().for_each(mask),
            Value::Object(fields) => {
                // What the server has learned of its kitchen; the naive writer learns nothing.
                fields.remove("expected");
                fields.values_mut().for_each(mask);
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    async fn both_write_the_same(kind: Kind) {
        let mut ground = Ground::new(std::env::temp_dir(), None);
        let orders = Orders { orders: 1, senders: 1, rounds: 1, restaurants: 1 };
        let houses = Arc::new(restaurants::invent(1, 1).unwrap());
        let mut all = Vec::new();
        for mut side in [
            orders.grouped(&mut ground, kind, &houses).await.unwrap(),
            orders.naive(&mut ground, kind, &houses).await.unwrap(),
        ] {
            side.turn(1).await.unwrap();
            all.push((facts(&side.place, &houses[0]).await, side.place.rows().await.unwrap()));
            let grouped = matches!(side.writer, Writer::Grouped(_));
            let closed = side.close().await.unwrap();
            assert_eq!((closed.lost, closed.doubled), (0, 0));
            if grouped {
                let before = closed.place.rows().await.unwrap();
                assert!(Limit::of(&closed.place).await.unwrap().orders_per_second > 0.0);
                assert_eq!(closed.place.rows().await.unwrap(), before, "the same rows are back");
            }
        }
        assert_eq!(all[0], all[1]);
        assert_eq!(all[0].1.orders, 1);
        assert!(all[0].0["order"]["lines"][2]["tasks"][0]["station"].is_string(), "{:#}", all[0].0);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn both_writers_write_the_same_rows_to_sqlite() {
        both_write_the_same(Kind::Sqlite).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn both_writers_write_the_same_rows_to_postgres() {
        both_write_the_same(Kind::Postgres).await;
    }

    #[test]
    fn the_median_of_two_lies_between_them() {
        assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < 1e-9 && (median(&[1.0, 2.0]) - 1.5).abs() < 1e-9);
    }
}
