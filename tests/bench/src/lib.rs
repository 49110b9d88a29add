//! What the functions cost, beside the least that is possible.

mod building;
mod callers;
mod harness;
mod limits;
mod measure;
mod moment;
mod processors;
mod report;
mod sample;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};

use crate::harness::{Harness, Request};
use crate::measure::{instructions, memory, patterns, scale, server, sizes, starts, times, warm};
use crate::report::prices::Prices;
use crate::report::{Figures, tables};

/// What ends a run.
type Error = Box<dyn std::error::Error + Send + Sync>;
/// What a part of a run ends with.
type Result<T> = std::result::Result<T, Error>;

/// Warm requests of each kind to each function and each floor.
const WARM: usize = 3_000;

/// Measures the functions beside the baseline, prints the tables and writes docs/performance.md.
#[derive(Debug, Parser)]
#[command(name = "bench")]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// How often a function is started
    #[arg(long, default_value_t = 100)]
    rounds: u32,
    /// Take what an earlier run built
    #[arg(long, global = true)]
    no_build: bool,
    /// Measure the times and the memory of this operation alone; they are printed and written nowhere
    #[arg(long, value_name = "OPERATION")]
    only: Option<String>,
    /// Measure also how long it takes to build the functions, which takes minutes
    #[arg(long)]
    build_times: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Fail unless counts, units and sizes of a sample of the functions keep their limits; print some
    /// times, without judging them
    Check {
        /// Build and judge all functions
        #[arg(long)]
        all: bool,
    },
    /// Measure the local server alone; the table is printed and written nowhere
    Server,
}

/// The benchmark, as the arguments of the process want it.
pub async fn run() -> ExitCode {
    let cli = Cli::parse();
    let run = async {
        match cli.command {
            Some(Command::Check { all }) => check(&cli, all).await,
            Some(Command::Server) => measure_server(&cli).await,
            None => measure(&cli).await,
        }
    };
    // A run that is stopped takes what it has started with it.
    let ended = tokio::select! {
        ended = run => ended,
        () = stopped() => Err("stopped".into()),
    };
    told(ended)
}

/// The callers of the local server, whose rates go to standard output as lines of JSON. They end with
/// standard input, and take what they have started with them.
pub async fn call() -> ExitCode {
    let ended = tokio::select! {
        rates = callers::rates() => rates.and_then(|rates| callers::print(&rates)),
        () = callers::input_ended() => Err("stopped".into()),
    };
    told(ended)
}

fn told(ended: Result<()>) -> ExitCode {
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn check(cli: &Cli, all: bool) -> Result<()> {
    let operations = if all { sample::all() } else { sample::sample()? };
    if !cli.no_build {
        building::build(&operations)?;
    }
    let harness = Harness::open().await?;
    let requests = harness.requests(&operations).await?;
    let baseline = harness.floor_requests(&requests).await?;
    let sizes = sizes::measure(&operations, &["floor-table", "floor-empty"])?;
    println!("{}\n{}", tables::counts(&requests, &baseline, &Prices::read()?), tables::sizes(&sizes));
    let (mut starts, mut warm) = (Vec::new(), Vec::new());
    for request in &requests {
        starts.push(starts::measure(&harness, request, 5).await?);
        warm.push(warm::measure(&harness, request, 300).await?);
    }
    println!("{}\n{}", tables::starts(&starts), tables::warm(&warm));
    let mut broken = limits::broken_counts(&requests, &baseline)?;
    broken.extend(limits::broken_sizes(&sizes));
    if all {
        broken.extend(sample::outside(&sizes));
    }
    if broken.is_empty() { Ok(()) } else { Err(broken.join("\n").into()) }
}

async fn measure_server(cli: &Cli) -> Result<()> {
    if !cli.no_build {
        building::build_local()?;
    }
    println!("{}", tables::rates(&server::measure().await?));
    Ok(())
}

async fn measure(cli: &Cli) -> Result<()> {
    let is_complete = cli.only.is_none();
    let counts_instructions = is_complete && instructions::is_possible();
    let operations = sample::all();
    if !cli.no_build {
        building::build(&operations)?;
        if is_complete {
            building::build_others()?;
        }
        if counts_instructions {
            building::build_with_symbols(&instructions::TOLD_APART)?;
        }
    }
    let harness = Harness::open().await?;
    let requests = harness.requests(&operations).await?;
    let baseline = harness.floor_requests(&requests).await?;
    let (mut starts, mut warm, mut memory) = (Vec::new(), Vec::new(), Vec::new());
    let mut instructions = Vec::new();
    let is_wanted = |request: &&Request| cli.only.as_ref().is_none_or(|only| only == request.operation.id);
    for request in requests.iter().filter(is_wanted) {
        eprintln!("measuring {}", request.operation.id);
        starts.push(starts::measure(&harness, request, cli.rounds).await?);
        warm.push(warm::measure(&harness, request, WARM).await?);
        memory.push(memory::measure(&harness, request).await?);
        if counts_instructions {
            instructions.push(instructions::measure(&harness, request).await?);
        }
    }
    if !is_complete {
        let parts = [tables::starts(&starts), tables::warm(&warm), tables::memory(&memory)];
        println!("{}", parts.join("\n"));
        return Ok(());
    }
    let one = requests.iter().find(|request| request.operation.id == "get-client").ok_or("no get-client")?;
    let defaults = starts::defaults(&harness, one, cli.rounds).await?;
    drop(harness);
    eprintln!("measuring large tables");
    let scale = scale::measure(cli.rounds).await?;
    eprintln!("measuring the local server");
    let rates = server::measure().await?;
    let figures = Figures {
        broken: limits::broken_counts(&requests, &baseline)?,
        requests,
        baseline,
        prices: Prices::read()?,
        sizes: sizes::measure(&operations, &["floor-table", "floor-empty", "floor-defaults"])?,
        starts,
        defaults,
        warm,
        memory,
        instructions,
        scale,
        patterns: patterns::measure()?,
        rates,
        times: cli.build_times.then(times::measure).transpose()?,
    };
    println!("{}", figures.text());
    figures.write()
}

/// Waits until somebody wants this process to end.
async fn stopped() {
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
        }
        Err(_) => std::future::pending().await,
    }
}

/// The folder of the repository.
fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}
