//! A whole day of many restaurants, replayed fast: parties come when parties come, order, are cooked for and served.
//! The same day every time. Times count from when something was due in the day's own schedule.

use crate::cast::{Cast, Shape};
use crate::crowd::{Crowd, GUESTS, OF_ONE_PROCESS, SCREENS};
use crate::door::{Door, command};
use crate::latency::{missing, surplus};
use crate::pin::Pin;
use crate::place::{Ground, Kind};
use crate::report::{Found, Percentiles};
use crate::server::{Server, Setup};
use crate::stopwatch::{id_due, micros, now_us};
use anyhow::{Result, ensure};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::Serialize;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// How many orders come in each hour from eleven in the morning, as parts of the day's.
const HOURS: [u32; 12] = [1, 4, 9, 8, 3, 1, 1, 2, 6, 10, 9, 3];
const HOUR_US: u64 = 3_600_000_000;
const DAY_US: u64 = HOURS.len() as u64 * HOUR_US;
const MINUTE_US: u64 = 60_000_000;
/// Minutes from the order until the kitchen is done, and from there until it is served.
const COOKED: std::ops::Range<u64> = 6 * MINUTE_US..18 * MINUTE_US;
const SERVED: std::ops::Range<u64> = MINUTE_US..5 * MINUTE_US;
/// Events of one order: placed, done, served.
const EVENTS: u64 = 3;
const CONNECTIONS: usize = 256;
const SEED: u64 = 7;

/// What to measure.
#[derive(Clone, Copy, Debug)]
pub struct Rush {
    pub database: Kind,
    pub shape: Shape,
    /// Of each restaurant.
    pub orders: usize,
    /// In which the day passes.
    pub duration: Duration,
}

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    pub database: Kind,
    pub restaurants: usize,
    pub connections: usize,
    pub orders: usize,
    /// So many times faster than a day.
    pub faster: f64,
    /// Changes in the busiest second: orders, done and served.
    pub peak_per_second: usize,
    /// From when a change was due to the kitchen's screen, and to the phone.
    pub screens: Percentiles,
    pub phones: Percentiles,
    pub lost: usize,
    pub doubled: usize,
}

/// An order of the day, in microseconds of the replay.
#[derive(Clone, Copy)]
struct Visit {
    house: usize,
    table: usize,
    n: usize,
    placed: u64,
    done: u64,
    served: u64,
}

impl Rush {
    /// # Errors
    /// Anything but lost or doubled orders, which are counted.
    pub async fn measure(self, ground: &mut Ground) -> Result<Outcome> {
        ensure!(self.orders > 0 && !self.duration.is_zero(), "orders and seconds, please");
        let place = ground.place(self.database).await?;
        let cast = Arc::new(Cast::seat(&place, self.shape).await?);
        let server = Server::start(&place, &Setup::alone(Pin::ANY)).await?;
        let mut seats = Vec::new();
        for (house, of) in cast.houses.iter().enumerate() {
            let stations = of.menu.stations.iter().map(|station| station.id).collect();
            seats.push(cast.screen(server.address, house, stations));
            seats.extend((0..self.shape.tables).map(|table| cast.phone(server.address, house, table)));
        }
        let connections = seats.len();
        let mut crowd = Crowd::start(connections.div_ceil(OF_ONE_PROCESS), Pin::ANY)?;
        crowd.connect(seats).await?;
        let day = self.day();
        eprintln!("    {} orders of a day in {} s", day.len(), self.duration.as_secs());
        live(&day, &cast, &Door::of(&server, CONNECTIONS)?).await?;
        // A screen and a phone hear each.
        let expected = day.len() as u64 * EVENTS * 2;
        let status = crowd.hear(expected).await?;
        let times = crowd.times().await?;
        drop((crowd, server));
        let (mut rows, written) = (place.rows().await?, i64::try_from(day.len())?);
        // An order's other commands come on top.
        rows.commands -= written * (i64::try_from(EVENTS)? - 1);
        let heard = status.all();
        Ok(Outcome {
            database: self.database,
            restaurants: self.shape.restaurants,
            connections,
            orders: day.len(),
            faster: Duration::from_micros(DAY_US).as_secs_f64() / self.duration.as_secs_f64(),
            peak_per_second: peak(&day),
            screens: times[SCREENS].percentiles(),
            phones: times[GUESTS].percentiles(),
            lost: usize::try_from(expected.saturating_sub(heard.timed))? + status.ended + missing(written, rows),
            doubled: usize::try_from(heard.repeated + heard.timed.saturating_sub(expected))? + surplus(written, rows),
        })
    }

    /// What comes when.
    fn day(&self) -> Vec<Visit> {
        let mut dice = StdRng::seed_from_u64(SEED);
        let parts: u32 = HOURS.iter().sum();
        let replayed = |us: u64| u64::try_from(u128::from(us) * self.duration.as_micros() / u128::from(DAY_US));
        let mut day = Vec::new();
        for n in 0..self.shape.restaurants * self.orders {
            let mut part = dice.random_range(0..parts);
            let hour = HOURS.iter().position(|of| part.checked_sub(*of).map(|left| part = left).is_none());
            let placed = hour.unwrap_or(0) as u64 * HOUR_US + dice.random_range(0..HOUR_US);
            let done = placed + dice.random_range(COOKED);
            let served = done + dice.random_range(SERVED);
            let [placed, done, served] = [placed, done, served].map(|us| replayed(us).unwrap_or(0));
            let (house, table) = (n % self.shape.restaurants, dice.random_range(0..self.shape.tables));
            day.push(Visit { house, table, n, placed, done, served });
        }
        day
    }
}

/// Lets the day pass.
async fn live(day: &[Visit], cast: &Arc<Cast>, door: &Door) -> Result<()> {
    let begin = now_us();
    let mut visits: JoinSet<Result<()>> = JoinSet::new();
    for visit in day.iter().copied() {
        let (cast, door) = (Arc::clone(cast), door.clone());
        visits.spawn(async move {
            let at = |us: u64| begin + us;
            until(at(visit.placed)).await;
            let draft = serde_json::to_string(&cast.houses[visit.house].draft(visit.n))?;
            let token = cast.guest(visit.house, visit.table);
            let order = door.order(&token, id_due(at(visit.placed)), draft).await?.id;
            let staff = cast.staff(visit.house);
            for (us, name) in [(visit.done, "order.bump"), (visit.served, "order.complete")] {
                until(at(us)).await;
                door.commands(&staff, &[command(id_due(at(us)), name, json!({ "order": order }))]).await?;
            }
            Ok(())
        });
    }
    while let Some(visit) = visits.join_next().await {
        visit??;
    }
    Ok(())
}

async fn until(us: u64) {
    tokio::time::sleep(Duration::from_micros(us.saturating_sub(now_us()))).await;
}

fn peak(day: &[Visit]) -> usize {
    let mut seconds: std::collections::HashMap<u64, usize> = std::collections::HashMap::new();
    let second = micros(Duration::from_secs(1));
    for us in day.iter().flat_map(|visit| [visit.placed, visit.done, visit.served]) {
        *seconds.entry(us / second).or_default() += 1;
    }
    seconds.into_values().max().unwrap_or(0)
}

impl Found for Outcome {
    const HEAD: &str = "A day, replayed: from when a change is due, ms       times      peak          to the screen          to the phone\n\
        \x20                                   orders  faster  changes/s    p50    p99  p99.9    p50    p99  p99.9    lost doubled";

    fn line(&self) -> String {
        let times = [self.screens, self.phones];
        let times = times.map(|of| format!("{:>7.1}{:>7.1}{:>7.1}", of.p50_ms, of.p99_ms, of.p999_ms)).concat();
        format!(
            "{:<33}{:>9}{:>8.0}{:>11}{times}{:>8}{:>8}",
            format!("{}, {} restaurants", self.database.name(), self.restaurants),
            self.orders,
            self.faster,
            self.peak_per_second,
            self.lost,
            self.doubled
        )
    }

    fn wrong(&self) -> usize {
        self.lost + self.doubled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_the_same_every_time_and_has_its_rush() {
        let rush = Rush {
            database: Kind::Sqlite,
            shape: Shape { restaurants: 20, tables: 8 },
            orders: 60,
            duration: Duration::from_secs(12),
        };
        let (day, again) = (rush.day(), rush.day());
        assert_eq!(day.len(), 1200);
        assert!(day.iter().zip(&again).all(|(a, b)| (a.placed, a.table, a.served) == (b.placed, b.table, b.served)));
        assert!(day.iter().all(|visit| visit.placed < visit.done && visit.done < visit.served));
        let second = |n: u64| day.iter().filter(|visit| visit.placed / 1_000_000 == n).count();
        assert!(second(9) > 3 * second(5), "{} in the evening, {} in the afternoon", second(9), second(5));
    }
}
