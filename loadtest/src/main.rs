//! Measures Comanda on this machine, against itself: a private server, a private database, load only over the loopback.
//! Without arguments it runs everything that a claim about speed may rest on, in less than three minutes. It ends by
//! itself, with all that it started, and fails if an order was lost or doubled, whatever the times were.

mod guard;
mod latency;
mod orders;
mod place;
mod postgres;
mod report;
mod restaurants;
mod server;

use anyhow::{Result, bail};
use clap::{Args, Parser, Subcommand, ValueEnum};
use latency::Latency;
use orders::Orders;
use place::{Ground, Kind};
use report::Report;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Measures Comanda: without a command, everything, on both databases, in less than three minutes.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// Write what was found as JSON.
    #[arg(long, global = true)]
    json: Option<PathBuf>,
    /// Where the databases lie while they are measured: a folder on the disk that matters, with a short name.
    #[arg(long, global = true)]
    folder: Option<PathBuf>,
    /// The folder of Postgres' own programs, if it is not where it usually is.
    #[arg(long, global = true, env = "PG_BIN")]
    pg_bin: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// How long an order takes, from the phone to the kitchen's screen.
    Latency(LatencyArgs),
    /// How many durable orders a second, against writing them one by one.
    Orders(OrdersArgs),
}

#[derive(Args)]
struct LatencyArgs {
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
struct OrdersArgs {
    #[arg(long, value_enum, default_value = "both")]
    database: Databases,
    /// Orders of each of the two writers, over all rounds.
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

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Into::into).and_then(|runtime| {
            runtime.block_on(async {
                tokio::select! {
                    done = run(cli) => done,
                    // What was started is dropped, and so ends.
                    _ = tokio::signal::ctrl_c() => bail!("stopped"),
                }
            })
        });
    match done {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("loadtest: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Answers how many orders were lost or doubled.
async fn run(cli: Cli) -> Result<usize> {
    let folder = cli.folder.unwrap_or_else(std::env::temp_dir);
    let mut report = Report::of(&folder)?;
    let mut ground = Ground::new(folder, cli.pg_bin);
    match cli.command {
        Some(Command::Latency(args)) => run_latency(&mut ground, &mut report, &args).await?,
        Some(Command::Orders(args)) => run_orders(&mut ground, &mut report, &args).await?,
        None => {
            let mut args =
                LatencyArgs { database: Databases::Both, senders: 64, seconds: 10, rate: None, restaurants: 16 };
            run_latency(&mut ground, &mut report, &args).await?;
            args.rate = Some(PROMISED_RATE);
            run_latency(&mut ground, &mut report, &args).await?;
            let args =
                OrdersArgs { database: Databases::Both, orders: 20_000, senders: 64, rounds: 3, restaurants: None };
            run_orders(&mut ground, &mut report, &args).await?;
        }
    }
    print!("{}", report.table()?);
    if let Some(file) = cli.json {
        report.write_json(&file)?;
    }
    Ok(report.wrong())
}

async fn run_latency(ground: &mut Ground, report: &mut Report, args: &LatencyArgs) -> Result<()> {
    if args.senders == 0 || args.restaurants == 0 {
        bail!("--senders and --restaurants must be above 0");
    }
    for kind in args.database.kinds() {
        let pace = args.rate.map_or("as many orders as go".to_owned(), |rate| format!("{rate} orders a second"));
        eprintln!("  latency on {}: {} senders, {pace}, {} s", kind.name(), args.senders, args.seconds);
        let (senders, rate, restaurants) = (args.senders, args.rate, args.restaurants);
        let latency = Latency { senders, duration: Duration::from_secs(args.seconds), rate, restaurants };
        report.latency.push(latency.measure(ground, *kind).await?);
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
        report.orders.push(orders.measure(ground, *kind).await?);
    }
    Ok(())
}
