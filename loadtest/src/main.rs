//! Measures Comanda on this machine, against itself and its peers: private servers, private databases, load only over
//! the loopback. Without arguments it runs everything that a claim about speed may rest on, in less than five minutes.
//! It ends by itself, with all that it started, and fails if something was lost or doubled, whatever the times were.

mod cast;
mod cli;
mod crowd;
mod door;
mod fanout;
mod grouped;
mod guard;
mod idle;
mod latency;
mod nodes;
mod orders;
mod peers;
mod pin;
mod place;
mod postgres;
mod proc;
mod redis;
mod report;
mod restaurants;
mod rush;
mod sender;
mod server;
mod steady;
mod stopwatch;
mod storm;

use anyhow::{Result, bail};
use clap::Parser;
use cli::{Cli, Command};
use place::Ground;
use report::Report;
use std::process::ExitCode;

fn main() -> ExitCode {
    comanda::app::provide_tls();
    let cli = Cli::parse();
    let done = match cli.command {
        Some(Command::Crowd { process }) => crowd::run(process).map(|()| 0),
        _ => measure(cli),
    };
    match done {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("loadtest: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Answers how much was lost or doubled.
fn measure(cli: Cli) -> Result<usize> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        tokio::select! {
            done = run(cli) => done,
            // What was started is dropped, and so ends.
            _ = tokio::signal::ctrl_c() => bail!("stopped"),
        }
    })
}

async fn run(cli: Cli) -> Result<usize> {
    let folder = cli.folder.unwrap_or_else(std::env::temp_dir);
    let mut report = Report::of(&folder)?;
    let mut ground = Ground::new(folder, cli.pg_bin);
    cli::run(cli.command, &mut ground, &mut report).await?;
    print!("{}", report.table()?);
    if let Some(file) = cli.json {
        report.write_json(&file)?;
    }
    Ok(report.wrong())
}
