//! The standard crowd of DESIGN §10 on an ordinary evening: restaurants with screens and guests who all stay connected,
//! and orders on a schedule that waits for nobody. Times count from when an order was due, whether or not the load was
//! late, so that a server that stalls cannot hide it.

use crate::cast::{Cast, Shape};
use crate::crowd::{ALL_SCREENS, Crowd, GUESTS, OF_ONE_PROCESS, SCREENS, Seat};
use crate::door::{Door, Taken};
use crate::latency::{missing, per_second, surplus};
use crate::pin::Pin;
use crate::place::{Ground, Kind};
use crate::report::{Found, Percentiles, Times};
use crate::server::{Server, Setup};
use crate::stopwatch::{id_due, micros, now_us};
use anyhow::{Result, ensure};
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// Connections on which orders are sent, as many as are needed at a time.
const CONNECTIONS: usize = 256;
/// Orders that wait for their answers: more, and the server does not keep up at all.
const UNDER_WAY: usize = 5000;
/// Before the measurement.
const WARM_UP: Duration = Duration::from_secs(3);
/// Between orders of one table: a step that visits all of them.
const STEP: usize = 1009;

/// What to measure.
#[derive(Clone, Copy, Debug)]
pub struct Steady {
    pub database: Kind,
    pub shape: Shape,
    /// Of each restaurant.
    pub screens: usize,
    /// At each table.
    pub guests: usize,
    /// Orders a second.
    pub rate: u32,
    pub duration: Duration,
}

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    pub database: Kind,
    pub connections: usize,
    pub restaurants: usize,
    pub rate: u32,
    pub orders: usize,
    pub orders_per_second: f64,
    /// From when it was due to the last of its kitchen's screens.
    pub all_screens: Percentiles,
    /// To each screen, and to each phone of its table.
    pub screens: Percentiles,
    pub phones: Percentiles,
    /// To the sender's 201.
    pub answer: Percentiles,
    /// Of the server, of one processor.
    pub cpu: f64,
    pub sent_again: usize,
    pub resyncs: u64,
    pub lost: usize,
    pub doubled: usize,
}

/// Orders of a while, and how they were answered.
struct Service {
    taken: usize,
    sent_again: usize,
    answer: Times,
    took: Duration,
}

impl Steady {
    /// # Errors
    /// Anything but lost or doubled orders, which are counted.
    pub async fn measure(self, ground: &mut Ground) -> Result<Outcome> {
        ensure!(self.rate > 0 && self.screens > 0 && self.guests > 0, "a rate, screens and guests, please");
        let place = ground.place(self.database).await?;
        let cast = Arc::new(Cast::seat(&place, self.shape).await?);
        let server = Server::start(&place, &Setup::alone(Pin::ANY)).await?;
        let seats = self.seats(&cast, &server);
        let connections = seats.len();
        ensure!(connections <= OF_ONE_PROCESS, "one server takes at most {OF_ONE_PROCESS} connections here");
        let mut crowd = Crowd::start(1, Pin::ANY)?;
        crowd.connect(seats).await?;
        crowd.screens_of_a_command(self.screens).await?;
        let door = Door::of(&server, CONNECTIONS)?;
        let heard_by = (self.screens + self.guests) as u64;
        eprintln!("    {connections} connections, {} orders a second for {} s", self.rate, self.duration.as_secs());
        let warm = self.serve(&cast, &door, WARM_UP.min(self.duration)).await?;
        crowd.hear(warm.taken as u64 * heard_by).await?;
        crowd.reset().await?;
        let cpu = server.program()?.cpu()?;
        let service = self.serve(&cast, &door, self.duration).await?;
        let cpu = server.program()?.cpu()? - cpu;
        let expected = service.taken as u64 * heard_by;
        let status = crowd.hear(expected).await?;
        let times = crowd.times().await?;
        drop((crowd, server));
        let rows = place.rows().await?;
        let written = i64::try_from(warm.taken + service.taken)?;
        let heard = status.all();
        Ok(Outcome {
            database: self.database,
            connections,
            restaurants: self.shape.restaurants,
            rate: self.rate,
            orders: service.taken,
            orders_per_second: per_second(service.taken, service.took),
            all_screens: times[ALL_SCREENS].percentiles(),
            screens: times[SCREENS].percentiles(),
            phones: times[GUESTS].percentiles(),
            answer: service.answer.percentiles(),
            cpu: Duration::from_micros(cpu.us).as_secs_f64() / service.took.as_secs_f64(),
            sent_again: warm.sent_again + service.sent_again,
            resyncs: heard.resyncs,
            lost: usize::try_from(expected.saturating_sub(heard.timed))? + status.ended + missing(written, rows),
            doubled: usize::try_from(heard.repeated + heard.timed.saturating_sub(expected))? + surplus(written, rows),
        })
    }

    /// Each station has a screen, and whatever more there are show all of them.
    fn seats(&self, cast: &Cast, server: &Server) -> Vec<Seat> {
        let mut seats = Vec::new();
        for (house, of) in cast.houses.iter().enumerate() {
            let stations: Vec<_> = of.menu.stations.iter().map(|station| station.id).collect();
            for screen in 0..self.screens {
                let one = (self.screens > stations.len()).then(|| stations.get(screen).copied()).flatten();
                let shows = one.map_or_else(|| stations.clone(), |station| vec![station]);
                seats.push(cast.screen(server.address, house, shows));
            }
            for guest in 0..self.guests * self.shape.tables {
                seats.push(cast.phone(server.address, house, guest % self.shape.tables));
            }
        }
        seats
    }

    /// Sends what is due, when it is due, and waits for all answers at the end.
    async fn serve(&self, cast: &Arc<Cast>, door: &Door, duration: Duration) -> Result<Service> {
        let begin = now_us();
        let count = u64::from(self.rate) * micros(duration) / 1_000_000;
        let mut under_way = JoinSet::new();
        let mut service = Service { taken: 0, sent_again: 0, answer: Times::new()?, took: Duration::ZERO };
        for n in 0..count {
            let due = begin + n * 1_000_000 / u64::from(self.rate);
            // tokio's timers tell milliseconds: what is due within one is sent together.
            let early = due.saturating_sub(now_us());
            if early > 0 {
                tokio::time::sleep(Duration::from_micros(early)).await;
            }
            while let Some(done) = under_way.try_join_next() {
                service.note(done?)?;
            }
            ensure!(under_way.len() < UNDER_WAY, "{UNDER_WAY} orders wait for their answers: it does not keep up");
            let (cast, door) = (Arc::clone(cast), door.clone());
            under_way.spawn(order(cast, door, usize::try_from(n)?, due));
        }
        while let Some(done) = under_way.join_next().await {
            service.note(done?)?;
        }
        service.took = Duration::from_micros(now_us() - begin);
        Ok(service)
    }
}

async fn order(cast: Arc<Cast>, door: Door, n: usize, due: u64) -> Result<(Taken, u64)> {
    let (house, table) = cast.nth(n * STEP);
    let draft = serde_json::to_string(&cast.houses[house].draft(n))?;
    let taken = door.order(&cast.guest(house, table), id_due(due), draft).await?;
    Ok((taken, now_us().saturating_sub(due)))
}

impl Service {
    fn note(&mut self, done: Result<(Taken, u64)>) -> Result<()> {
        let (taken, us) = done?;
        self.taken += 1;
        self.sent_again += taken.sent_again;
        self.answer.add_us(us);
        Ok(())
    }
}

impl Found for Outcome {
    const HEAD: &str = "An evening: from when an order is due, ms         to all its screens        to each phone           to its 201   server\n\
        \x20                                 orders/s    p50    p99  p99.9    p50    p99  p99.9    p50    p99  p99.9     cpu   lost doubled";

    fn line(&self) -> String {
        let times = [self.all_screens, self.phones, self.answer];
        let times = times.map(|of| format!("{:>7.1}{:>7.1}{:>7.1}", of.p50_ms, of.p99_ms, of.p999_ms)).concat();
        let name = format!("{}, {} connections", self.database.name(), self.connections);
        let again = match (self.resyncs, self.sent_again) {
            (0, 0) => String::new(),
            (resyncs, again) => format!("\n    {resyncs} resyncs, {again} sent again"),
        };
        format!(
            "{name:<32}{:>10.0}{times}{:>7.0}%{:>7}{:>8}{again}",
            self.orders_per_second,
            self.cpu * 100.0,
            self.lost,
            self.doubled
        )
    }

    fn wrong(&self) -> usize {
        self.lost + self.doubled
    }
}
