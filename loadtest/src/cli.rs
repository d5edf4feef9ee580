//! What can be asked for on the command line, and what a run without a command does.

use crate::cast::Shape;
use crate::fanout::Fanout;
use crate::idle::Idle;
use crate::latency::Latency;
use crate::nodes::Nodes;
use crate::orders::Orders;
use crate::place::{Ground, Kind};
use crate::report::Report;
use crate::rush::Rush;
use crate::steady::Steady;
use crate::storm::Storm;
use anyhow::{Result, ensure};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;

/// Measures Comanda: without a command, everything that a claim may rest on, in less than five minutes.
#[derive(Parser)]
#[command(version, about)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Write what was found as JSON.
    #[arg(long, global = true)]
    pub json: Option<PathBuf>,
    /// Where the databases lie while they are measured: a folder on the disk that matters, with a short name.
    #[arg(long, global = true)]
    pub folder: Option<PathBuf>,
    /// The folder of Postgres' own programs, if it is not where it usually is.
    #[arg(long, global = true, env = "PG_BIN")]
    pub pg_bin: Option<PathBuf>,
}

#[derive(Subcommand)]
pub enum Command {
    /// How long an order takes, from the phone to the kitchen's screen.
    Latency(LatencyArgs),
    /// How many durable orders a second, against writing them one by one.
    Orders(OrdersArgs),
    /// What a guest costs who only waits.
    Idle(IdleArgs),
    /// What one event costs that many hear.
    Fanout(FanoutArgs),
    /// Everybody reconnects and replays what they missed.
    Storm(StormArgs),
    /// The standard crowd, and orders on a schedule that waits for nobody.
    Steady(SteadyArgs),
    /// As many guests as this machine holds, on several nodes over Postgres and Redis.
    Nodes(NodesArgs),
    /// A whole day of many restaurants, replayed fast.
    Rush(RushArgs),
    /// One process of a crowd; a measurement starts them itself.
    #[command(hide = true)]
    Crowd {
        #[arg(long)]
        process: u8,
    },
}

#[derive(Args)]
pub struct LatencyArgs {
    #[arg(long, value_enum, default_value = "both")]
    database: Databases,
    /// Phones that order at the same time, each at a table of its own.
    #[arg(long, default_value_t = 64)]
    senders: usize,
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Orders a second of all senders together; as many as go if not given.
    #[arg(long)]
    rate: Option<u32>,
    #[arg(long, default_value_t = 16)]
    restaurants: usize,
}

#[derive(Args)]
pub struct OrdersArgs {
    #[arg(long, value_enum, default_value = "both")]
    database: Databases,
    /// Orders of each of the writers, over all rounds.
    #[arg(long, default_value_t = 20_000)]
    orders: usize,
    #[arg(long, default_value_t = 64)]
    senders: usize,
    /// Turns of each writer.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// The guests are spread over so many; if not given, over as many as such a database usually has: 4 on SQLite, and
    /// on Postgres one for each sender, so that the naive writer waits for no lock.
    #[arg(long)]
    restaurants: Option<usize>,
}

#[derive(Args)]
pub struct IdleArgs {
    #[arg(long, value_enum, default_value = "sqlite")]
    database: Kind,
    #[arg(long, default_value_t = 10)]
    restaurants: usize,
    #[arg(long, default_value_t = 40)]
    tables: usize,
    /// Guests at the first look; at least one at each table.
    #[arg(long, default_value_t = 4000)]
    few: usize,
    /// Guests at the second look: one server holds less than 20,000.
    #[arg(long, default_value_t = 16_000)]
    many: usize,
    /// Of rest, for the processor time; beats come every 25 s.
    #[arg(long, default_value_t = 50)]
    seconds: u64,
}

#[derive(Args)]
pub struct FanoutArgs {
    #[arg(long, value_enum, default_value = "postgres")]
    database: Kind,
    /// Measure nginx with Nchan, ws and Socket.IO beside it; what is missing is installed as root on Debian.
    #[arg(long)]
    peers: bool,
    /// So many times fewer subscribers and messages than are published.
    #[arg(long, default_value_t = 1)]
    smaller: usize,
    /// Turns of each server.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
}

#[derive(Args)]
pub struct StormArgs {
    #[arg(long, value_enum, default_value = "postgres")]
    database: Kind,
    #[arg(long, default_value_t = 95)]
    restaurants: usize,
    #[arg(long, default_value_t = 10)]
    tables: usize,
    #[arg(long, default_value_t = 19_000)]
    guests: usize,
    /// That each guest misses.
    #[arg(long, default_value_t = 50)]
    events: usize,
    /// Each guest comes back at some time within it.
    #[arg(long, default_value_t = 1000)]
    spread_ms: u64,
}

#[derive(Args)]
pub struct SteadyArgs {
    #[arg(long, value_enum, default_value = "both")]
    database: Databases,
    #[arg(long, default_value_t = 500)]
    restaurants: usize,
    /// Of each restaurant.
    #[arg(long, default_value_t = 4)]
    screens: usize,
    #[arg(long, default_value_t = 8)]
    tables: usize,
    /// At each table.
    #[arg(long, default_value_t = 2)]
    guests: usize,
    /// Orders a second.
    #[arg(long, default_value_t = PROMISED_RATE)]
    rate: u32,
    #[arg(long, default_value_t = 30)]
    seconds: u64,
}

#[derive(Args)]
pub struct NodesArgs {
    #[arg(long, default_value_t = 100_000)]
    guests: usize,
    #[arg(long, default_value_t = 6)]
    nodes: usize,
    #[arg(long, default_value_t = 100)]
    restaurants: usize,
    #[arg(long, default_value_t = 25)]
    tables: usize,
}

#[derive(Args)]
pub struct RushArgs {
    #[arg(long, value_enum, default_value = "postgres")]
    database: Kind,
    #[arg(long, default_value_t = 200)]
    restaurants: usize,
    #[arg(long, default_value_t = 8)]
    tables: usize,
    /// Of each restaurant.
    #[arg(long, default_value_t = 60)]
    orders: usize,
    /// In which the day passes.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
}

#[derive(Clone, Copy, ValueEnum)]
enum Databases {
    Sqlite,
    Postgres,
    Both,
}

impl Databases {
    fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Sqlite => &[Kind::Sqlite],
            Self::Postgres => &[Kind::Postgres],
            Self::Both => &[Kind::Sqlite, Kind::Postgres],
        }
    }
}

/// The pace at which DESIGN §10 promises a latency.
const PROMISED_RATE: u32 = 500;

/// Does what is asked.
///
/// # Errors
/// Anything but what was lost or doubled, which the report counts.
pub async fn run(command: Option<Command>, ground: &mut Ground, report: &mut Report) -> Result<()> {
    match command {
        Some(Command::Latency(args)) => run_latency(ground, report, &args).await,
        Some(Command::Orders(args)) => run_orders(ground, report, &args).await,
        Some(Command::Idle(args)) => run_idle(ground, report, &args).await,
        Some(Command::Fanout(args)) => run_fanout(ground, report, &args).await,
        Some(Command::Storm(args)) => run_storm(ground, report, &args).await,
        Some(Command::Steady(args)) => run_steady(ground, report, &args).await,
        Some(Command::Nodes(args)) => run_nodes(ground, report, &args).await,
        Some(Command::Rush(args)) => run_rush(ground, report, &args).await,
        Some(Command::Crowd { .. }) => Ok(()),
        None => canonical(ground, report).await,
    }
}

/// Without a command: each as by itself, but shorter, and without what needs more of a machine (`nodes`, `--peers`).
async fn canonical(ground: &mut Ground, report: &mut Report) -> Result<()> {
    let scenarios: [&[&str]; 8] = [
        &["latency", "--seconds", "6"],
        &["latency", "--seconds", "6", "--rate", "500"],
        &["orders"],
        &["idle", "--seconds", "25"],
        &["fanout", "--rounds", "1"],
        &["storm"],
        &["steady", "--seconds", "10"],
        &["rush", "--orders", "30", "--seconds", "30"],
    ];
    for words in scenarios {
        let command = Cli::try_parse_from(["loadtest"].iter().chain(words))?.command;
        Box::pin(run(command, ground, report)).await?;
    }
    Ok(())
}

async fn run_latency(ground: &mut Ground, report: &mut Report, args: &LatencyArgs) -> Result<()> {
    ensure!(args.senders > 0 && args.restaurants > 0, "--senders and --restaurants must be above 0");
    for kind in args.database.kinds() {
        let pace = args.rate.map_or("as many orders as go".to_owned(), |rate| format!("{rate} orders a second"));
        eprintln!("  latency on {}: {} senders, {pace}, {} s", kind.name(), args.senders, args.seconds);
        let (senders, rate, restaurants) = (args.senders, args.rate, args.restaurants);
        let latency = Latency { senders, duration: Duration::from_secs(args.seconds), rate, restaurants };
        report.add("latency", &latency.measure(ground, *kind).await?)?;
    }
    Ok(())
}

async fn run_orders(ground: &mut Ground, report: &mut Report, args: &OrdersArgs) -> Result<()> {
    for kind in args.database.kinds() {
        let (senders, rounds) = (args.senders, args.rounds);
        let restaurants = args.restaurants.unwrap_or(match kind {
            Kind::Sqlite => 4,
            Kind::Postgres => senders,
        });
        let orders = Orders { orders: args.orders, senders, rounds, restaurants };
        report.add("orders", &orders.measure(ground, *kind).await?)?;
    }
    Ok(())
}

async fn run_idle(ground: &mut Ground, report: &mut Report, args: &IdleArgs) -> Result<()> {
    eprintln!("  idle on {}: {} and {} guests", args.database.name(), args.few, args.many);
    let shape = Shape { restaurants: args.restaurants, tables: args.tables };
    let (database, few, many, rest) = (args.database, args.few, args.many, Duration::from_secs(args.seconds));
    report.add("idle", &Idle { database, shape, few, many, rest }.measure(ground).await?)
}

async fn run_fanout(ground: &Ground, report: &mut Report, args: &FanoutArgs) -> Result<()> {
    ensure!(args.smaller > 0 && args.rounds > 0, "--smaller and --rounds must be above 0");
    eprintln!("  fan-out on {}{}", args.database.name(), if args.peers { ", beside its peers" } else { "" });
    let (database, peers, smaller, rounds) = (args.database, args.peers, args.smaller, args.rounds);
    for outcome in (Fanout { database, peers, smaller, rounds }).measure(ground).await? {
        report.add("fanout", &outcome)?;
    }
    Ok(())
}

async fn run_storm(ground: &mut Ground, report: &mut Report, args: &StormArgs) -> Result<()> {
    eprintln!("  storm on {}: {} guests", args.database.name(), args.guests);
    let shape = Shape { restaurants: args.restaurants, tables: args.tables };
    let (database, guests, events) = (args.database, args.guests, args.events);
    let storm = Storm { database, shape, guests, events, spread: Duration::from_millis(args.spread_ms) };
    report.add("storm", &storm.measure(ground).await?)
}

async fn run_steady(ground: &mut Ground, report: &mut Report, args: &SteadyArgs) -> Result<()> {
    for database in args.database.kinds().iter().copied() {
        eprintln!("  steady on {}", database.name());
        let shape = Shape { restaurants: args.restaurants, tables: args.tables };
        let (screens, guests, rate) = (args.screens, args.guests, args.rate);
        let steady = Steady { database, shape, screens, guests, rate, duration: Duration::from_secs(args.seconds) };
        report.add("steady", &steady.measure(ground).await?)?;
    }
    Ok(())
}

async fn run_nodes(ground: &mut Ground, report: &mut Report, args: &NodesArgs) -> Result<()> {
    eprintln!("  {} guests on {} nodes", args.guests, args.nodes);
    let shape = Shape { restaurants: args.restaurants, tables: args.tables };
    report.add("nodes", &Nodes { guests: args.guests, nodes: args.nodes, shape }.measure(ground).await?)
}

async fn run_rush(ground: &mut Ground, report: &mut Report, args: &RushArgs) -> Result<()> {
    eprintln!("  a day of {} restaurants on {}", args.restaurants, args.database.name());
    let shape = Shape { restaurants: args.restaurants, tables: args.tables };
    let (database, orders, duration) = (args.database, args.orders, Duration::from_secs(args.seconds));
    report.add("rush", &Rush { database, shape, orders, duration }.measure(ground).await?)
}
