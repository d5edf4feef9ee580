//! Everybody comes back at once: thousands of guests lose their connections, miss news, reconnect to a server that has
//! stayed, and replay what they missed. A warm server takes all of that from memory.

use crate::cast::{Cast, Shape};
use crate::crowd::{Crowd, OF_ONE_PROCESS};
use crate::door::{Door, command};
use crate::pin::Pin;
use crate::place::{Ground, Kind};
use crate::report::Found;
use crate::server::{Server, Setup};
use crate::stopwatch::{id_due, now_us};
use anyhow::{Result, ensure};
use comanda::telemetry::{FEED_READS, SNAPSHOT_READS};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use serde_json::json;
use std::time::Duration;

/// Kitchens that send at the same time.
const SENDERS: usize = 32;

/// What to measure.
#[derive(Clone, Copy, Debug)]
pub struct Storm {
    pub database: Kind,
    pub shape: Shape,
    pub guests: usize,
    /// That each guest misses.
    pub events: usize,
    /// Each comes back at some time within it, as clients do.
    pub spread: Duration,
}

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    pub database: Kind,
    pub guests: usize,
    pub events: usize,
    pub spread_seconds: f64,
    /// From the first who comes to the last who has everything.
    pub seconds: f64,
    /// Processor time of the server for it.
    pub cpu_seconds: f64,
    /// Reads of the database that it took.
    pub feed_reads: f64,
    pub snapshot_reads: f64,
    /// Handshakes that were put off.
    pub put_off: usize,
    pub lost: usize,
    pub doubled: u64,
}

impl Storm {
    /// # Errors
    /// Anything but lost or doubled events, which are counted.
    pub async fn measure(self, ground: &mut Ground) -> Result<Outcome> {
        let tables = self.shape.restaurants * self.shape.tables;
        ensure!(tables > 0 && self.guests > 0 && self.events > 0, "restaurants, tables, guests and events, please");
        let place = ground.place(self.database).await?;
        let cast = Cast::seat(&place, self.shape).await?;
        let server = Server::start(&place, &Setup::alone(Pin::ANY)).await?;
        // Two at least: the reading of so much must not be what is measured.
        let mut crowd = Crowd::start(self.guests.div_ceil(OF_ONE_PROCESS).max(2), Pin::ANY)?;
        let guest = |n| {
            let (house, table) = cast.nth(n);
            cast.phone(server.address, house, table)
        };
        crowd.connect((0..self.guests).map(guest)).await?;
        crowd.cut().await?;
        self.happen(&server, &cast).await?;
        crowd.reset().await?;
        let before = (server.metric(FEED_READS).await?, server.metric(SNAPSHOT_READS).await?);
        let (cpu, begin) = (server.program()?.cpu()?, now_us());
        crowd.rejoin(self.spread, self.events as u64).await?;
        let status = crowd.wait("current", |status| (status.current, status.clients)).await?;
        let after = (server.metric(FEED_READS).await?, server.metric(SNAPSHOT_READS).await?);
        let spent = server.program()?.cpu()? - cpu;
        let heard = status.all();
        Ok(Outcome {
            database: self.database,
            guests: self.guests,
            events: self.events,
            spread_seconds: self.spread.as_secs_f64(),
            seconds: Duration::from_micros(status.current_at_us.saturating_sub(begin)).as_secs_f64(),
            cpu_seconds: Duration::from_micros(spent.us).as_secs_f64(),
            feed_reads: after.0 - before.0,
            snapshot_reads: after.1 - before.1,
            put_off: status.put_off,
            lost: usize::try_from(heard.holes + heard.resyncs)? + status.ended,
            doubled: heard.repeated,
        })
    }

    /// A dish is sold out and back again, so often, in every restaurant: all tables hear it.
    async fn happen(&self, server: &Server, cast: &Cast) -> Result<()> {
        eprintln!("    {} events in each of {} restaurants", self.events, self.shape.restaurants);
        let door = Door::of(server, SENDERS)?;
        let door = &door;
        let kitchens = stream::iter(0..self.shape.restaurants).map(async |house| {
            let item = cast.houses[house].menu.items().next().map(|item| item.id);
            let set = |n: usize| {
                let args = json!({ "item": item, "available": n % 2 == 1 });
                command(id_due(now_us()), "item.set", args)
            };
            let commands: Vec<_> = (0..self.events).map(set).collect();
            door.commands(&cast.staff(house), &commands).await
        });
        kitchens.buffer_unordered(SENDERS).try_collect().await
    }
}

impl Found for Outcome {
    const HEAD: &str = "All come back at once              events  within s  all current after s  server's s  reads of feeds, snapshots   put off    lost doubled";

    fn line(&self) -> String {
        format!(
            "{:<33}{:>8}{:>10.1}{:>21.2}{:>12.2}{:>21.0}{:>7.0}{:>10}{:>8}{:>8}",
            format!("{}, {} guests", self.database.name(), self.guests),
            self.events,
            self.spread_seconds,
            self.seconds,
            self.cpu_seconds,
            self.feed_reads,
            self.snapshot_reads,
            self.put_off,
            self.lost,
            self.doubled
        )
    }

    fn wrong(&self) -> usize {
        self.lost + usize::try_from(self.doubled).unwrap_or(usize::MAX)
    }
}
