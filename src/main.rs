//! Arguments and exit code.

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use comanda::app;
use comanda::clock::Clock;
use comanda::config::Config;
use comanda::domain::restaurant::GateRule;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

/// Least memory for many small things that live long (docs/ARCHITECTURE.md).
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// A real-time order hub for restaurants.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve orders.
    Serve(Serve),
    /// Play a lunch service into a running demo: guests order, cooks tap.
    Lunch(app::lunch::Lunch),
    /// Ask the server on this machine whether it is alive; for health checks.
    Health(Settings),
    /// Copy the database into a new file, while the server serves (SQLite).
    Backup(Backup),
    /// Put a backup in the database's place, and begin a new history of every restaurant.
    Restore(Restore),
    /// Play a simulated week of service, and say how wrong the estimated times were.
    EstimateWeek {
        /// Another seed, another week.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Print a new key for push to browsers (`push.key`).
    Vapid,
    /// Make this network's own authority and a certificate for this machine, for HTTPS without the internet.
    Tls(Settings),
    /// Print the wire types as TypeScript.
    WireTypes,
}

#[derive(Args)]
struct ConfigFile {
    /// Settings over the built-in ones; config/default.toml explains every key.
    #[arg(long, env = "COMANDA_CONFIG")]
    config: Option<PathBuf>,
}

#[derive(Args)]
struct Settings {
    #[command(flatten)]
    file: ConfigFile,
    /// Where to listen, such as 0.0.0.0:8080, instead of what the settings say.
    #[arg(long)]
    listen: Option<SocketAddr>,
}

#[derive(Args)]
struct Backup {
    /// The new file. It is complete once it has this name; nothing is written over.
    file: PathBuf,
    #[command(flatten)]
    settings: ConfigFile,
}

#[derive(Args)]
struct Restore {
    /// A backup of an SQLite database. The server must not run.
    #[arg(required_unless_present = "in_place", conflicts_with = "in_place")]
    file: Option<PathBuf>,
    /// The database was restored already, by its own tools (Postgres): only begin the new histories.
    #[arg(long)]
    in_place: bool,
    #[command(flatten)]
    settings: ConfigFile,
}

#[derive(Args)]
struct Serve {
    #[command(flatten)]
    settings: Settings,
    /// Make the demo restaurant if the database is empty, and print its links.
    #[arg(long)]
    demo: bool,
    /// Who lets the demo's guests order: `none` (as it is), `seating`, `phone` or `pin`.
    #[arg(long, value_parser = gate, requires = "demo")]
    demo_gate: Option<GateRule>,
}

fn gate(name: &str) -> Result<GateRule, String> {
    GateRule::parse(name).ok_or_else(|| "one of none, seating, phone, pin".to_owned())
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    match runtime.block_on(run(cli.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("comanda: {error:#}");
    ExitCode::FAILURE
}

async fn run(command: Command) -> Result<()> {
    app::provide_tls();
    match command {
        Command::Serve(serve) => self::serve(serve).await,
        Command::Lunch(lunch) => app::lunch::play(lunch).await,
        Command::Health(settings) => health(&settings).await,
        Command::Backup(backup) => self::backup(&backup).await,
        Command::Restore(restore) => self::restore(&restore).await,
        Command::EstimateWeek { seed } => {
            print!("{}", app::week::told(&app::week::play(seed).map_err(anyhow::Error::msg)?));
            Ok(())
        }
        Command::Vapid => {
            println!("{}", comanda::gateway::push::new_key()?);
            Ok(())
        }
        Command::Tls(settings) => tls(&settings),
        Command::WireTypes => {
            print!("{}", comanda::protocol::typescript::wire_types());
            Ok(())
        }
    }
}

fn load(settings: &Settings) -> Result<Config> {
    let mut config = Config::load(settings.file.config.as_deref())?;
    if let Some(listen) = settings.listen {
        config.server.listen = listen;
    }
    Ok(config)
}

async fn serve(arguments: Serve) -> Result<()> {
    let config = load(&arguments.settings)?;
    app::init(&config)?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut server = app::start(&config, Clock::system()).await?;
    if arguments.demo {
        app::demo::seed(&server.commands, arguments.demo_gate).await?;
        match app::demo::welcome(&server.commands, server.address, &server.public_url).await {
            Ok(words) => println!("{words}"),
            // It serves all the same.
            Err(error) => tracing::warn!(%error, "the demo's codes and links cannot be shown"),
        }
    }
    let failed = tokio::select! {
        _ = terminate.recv() => None,
        _ = interrupt.recv() => None,
        error = server.failed() => Some(error),
    };
    match failed {
        None => {
            server.stop().await;
            Ok(())
        }
        Some(error) => Err(error).context("the listener ended"),
    }
}

async fn backup(arguments: &Backup) -> Result<()> {
    let config = Config::load(arguments.settings.config.as_deref())?;
    app::init(&config)?;
    app::backup::backup(&config, &arguments.file).await?;
    println!("{}", arguments.file.display());
    Ok(())
}

async fn restore(arguments: &Restore) -> Result<()> {
    let config = Config::load(arguments.settings.config.as_deref())?;
    app::init(&config)?;
    let restored = match &arguments.file {
        Some(file) => app::backup::restore(&config, file, &Clock::system()).await?,
        None => app::backup::restored_in_place(&config).await?,
    };
    println!("Restaurants that begin a new history: {}", restored.restaurants);
    if let Some(kept) = restored.kept {
        println!("The database before is kept as {}", kept.display());
    }
    Ok(())
}

fn tls(settings: &Settings) -> Result<()> {
    let config = load(settings)?;
    let made = app::tls::make(&config, Clock::system().now())?;
    let names = made.names.hosts.iter().cloned().chain(made.names.addresses.iter().map(ToString::to_string));
    println!("{}: {}", if made.is_new { "A new authority" } else { "The authority" }, made.authority.display());
    println!("Its fingerprint (SHA-256): {}", made.fingerprint);
    println!("The certificate is for: {}", names.collect::<Vec<_>>().join(", "));
    println!(
        "\nServe with it:\n\n  [server]\n  listen = \"0.0.0.0:8443\"\n  [tls]\n  local = true\n  \
         plain_listen = \"0.0.0.0:8080\"\n\nThen open http://<this machine>:8080/trust once on each screen. \
         Guests' phones need nothing."
    );
    Ok(())
}

async fn health(settings: &Settings) -> Result<()> {
    let config = load(settings)?;
    let scheme = if config.tls.source().is_some() { "https" } else { "http" };
    let mut address = config.server.listen;
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    // It asks this very machine: whose certificate it is does not matter.
    let client = reqwest::Client::builder().tls_danger_accept_invalid_certs(true);
    let client = client.timeout(std::time::Duration::from_secs(2)).build()?;
    client.get(format!("{scheme}://{address}/healthz")).send().await?.error_for_status()?;
    Ok(())
}
