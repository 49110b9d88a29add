//! Benchmark of the functions against minimal baselines.
//!
//! `bench check` compares counts, units and sizes with their limits. A full run also measures times and
//! memory, and updates `docs/performance.md`.

mod building;
mod callers;
mod harness;
mod limits;
mod measure;
mod moment;
mod processors;
mod report;
mod sample;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};

use crate::harness::Harness;
use crate::measure::million::Part;
use crate::measure::{
    contention, deletions, import, instructions, memory, million, patterns, scale, server, sizes, starts,
    times, warm, wave,
};
use crate::report::prices::Prices;
use crate::report::{Figures, simulation, tables};

/// Any error that ends a run.
type Error = Box<dyn std::error::Error + Send + Sync>;
/// The result of a part of a run.
type Result<T> = std::result::Result<T, Error>;

/// Number of warm requests of each kind to each function and each baseline.
const WARM: usize = 3_000;

/// Measure the functions against the baselines, print the tables and update docs/performance.md.
#[derive(Debug, Parser)]
#[command(name = "bench")]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// Number of cold starts of each function
    #[arg(long, default_value_t = 100)]
    rounds: u32,
    /// Use the programs of an earlier build
    #[arg(long, global = true)]
    no_build: bool,
    /// Measure only the times and the memory of this operation, and print them without updating the page
    #[arg(long, value_name = "OPERATION")]
    only: Option<String>,
    /// Also measure the build times of the functions (takes minutes)
    #[arg(long)]
    build_times: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check the counts, units and sizes of a sample of the functions against their limits, and print some
    /// times for information
    Check {
        /// Build and check all functions
        #[arg(long)]
        all: bool,
    },
    /// Measure only the patterns, and print the tables without updating the page
    Patterns {
        /// Also measure every `pattern` in the JSON files of this directory, such as JSON schemas
        schemas: Option<PathBuf>,
    },
    /// Measure only the import and export of a large file, and print the table
    Import,
    /// Measure the tools, `list-users` and `create-client` with a million lines, users and clients, and print the
    /// tables
    Million {
        /// Number of lines, users and clients
        #[arg(default_value_t = 1_000_000)]
        count: usize,
        /// Measure only this part
        #[arg(long)]
        part: Option<Part>,
    },
    /// Measure only the deletion of a client with 100,000 items, and print the table
    Deletions,
    /// Simulate requests that share an item, with the limits of DynamoDB, and update docs/scale.md
    Contention,
    /// Simulate consents during which the terms get a new version, and compare the table with the responses
    Wave {
        /// Number of consents, each of another user
        #[arg(default_value_t = 100_000)]
        consents: usize,
        /// Apply the limits of DynamoDB
        #[arg(long)]
        limits: bool,
    },
    /// Measure only the local server, and print the table without updating the page
    Server,
}

/// Runs the benchmark with the arguments of the process.
pub async fn run() -> ExitCode {
    let cli = Cli::parse();
    let run = async {
        match cli.command {
            Some(Command::Check { all }) => check(&cli, all).await,
            Some(Command::Patterns { schemas }) => measure_patterns(schemas.as_deref()),
            Some(Command::Import) => measure_import(&cli).await,
            Some(Command::Million { count, part }) => measure_million(&cli, count, part).await,
            Some(Command::Deletions) => measure_deletions().await,
            Some(Command::Contention) => simulate_contention().await,
            Some(Command::Wave { consents, limits }) => simulate_wave(consents, limits).await,
            Some(Command::Server) => measure_server(&cli).await,
            None => measure(&cli).await,
        }
    };
    // On a stop signal, dropping the run kills the processes that it started.
    let result = tokio::select! {
        result = run => result,
        () = stopped() => Err("stopped".into()),
    };
    exit_code(result)
}

/// Runs the load generator, which prints its rates as lines of JSON.
///
/// At the end of standard input, it stops and kills the processes that it started.
pub async fn call() -> ExitCode {
    let result = tokio::select! {
        rates = callers::rates() => rates.and_then(|rates| callers::print(&rates)),
        () = callers::input_ended() => Err("stopped".into()),
    };
    exit_code(result)
}

/// Prints what patterns cost, also those of JSON schemas.
fn measure_patterns(schemas: Option<&Path>) -> Result<()> {
    let mut requests = patterns::measure_requests();
    if let Some(schemas) = schemas {
        requests.push(patterns::measure_schemas(schemas)?);
    }
    println!("{}\n{}", tables::patterns(&patterns::measure()?), tables::requests(&requests));
    Ok(())
}

fn exit_code(result: Result<()>) -> ExitCode {
    match result {
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
    let baselines = harness.baseline_requests(&requests).await?;
    let sizes = sizes::measure(&operations, &["baseline-table", "baseline-empty"])?;
    println!("{}\n{}", tables::counts(&requests, &baselines, &Prices::read()?), tables::sizes(&sizes));
    let (mut starts, mut warm) = (Vec::new(), Vec::new());
    for request in requests.iter().filter(|request| request.can_be_replayed()) {
        starts.push(starts::measure(&harness, request, 5).await?);
        warm.push(warm::measure(&harness, request, 300).await?);
    }
    println!("{}\n{}", tables::starts(&starts), tables::warm(&warm));
    let mut broken = limits::broken_counts(&requests, &baselines)?;
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

async fn measure_deletions() -> Result<()> {
    println!("{}", tables::deletions(deletions::measure().await?));
    Ok(())
}

async fn simulate_contention() -> Result<()> {
    let contention = moment::simulate(contention::measure).await?;
    println!("{}", contention.text());
    contention.write()
}

async fn simulate_wave(consents: usize, has_limits: bool) -> Result<()> {
    let wave = moment::simulate(move || wave::measure(consents, has_limits)).await?;
    println!("{}", simulation::wave(&wave));
    if wave.broken.is_empty() { Ok(()) } else { Err(wave.broken.join("\n").into()) }
}

async fn measure_import(cli: &Cli) -> Result<()> {
    if !cli.no_build {
        building::build_local()?;
    }
    println!("{}", tables::import(&import::measure().await?));
    Ok(())
}

async fn measure_million(cli: &Cli, count: usize, part: Option<Part>) -> Result<()> {
    if !cli.no_build {
        building::build_local()?;
        building::build(&million::OPERATIONS)?;
    }
    let is_wanted = |of| part.is_none_or(|part| part == of);
    if is_wanted(Part::Lines) {
        println!("{}", tables::files(&million::lines(count).await?));
    }
    if is_wanted(Part::Users) {
        println!("{}", tables::walk(&million::users(count).await?));
    }
    if is_wanted(Part::Clients) {
        println!("{}", tables::creations(&million::clients(count).await?));
    }
    Ok(())
}

async fn measure(cli: &Cli) -> Result<()> {
    let is_complete = cli.only.is_none();
    let counts_instructions = is_complete && instructions::is_possible();
    let operations = cli.only.as_deref().map_or_else(|| Ok(sample::all()), sample::only)?;
    if !cli.no_build {
        building::build(&operations)?;
        if is_complete {
            building::build_others()?;
        }
        if counts_instructions {
            building::build_with_symbols(&instructions::GROUPED)?;
        }
    }
    let harness = Harness::open().await?;
    let requests = harness.requests(&operations).await?;
    let baselines = harness.baseline_requests(&requests).await?;
    let (mut starts, mut warm, mut memory) = (Vec::new(), Vec::new(), Vec::new());
    let mut instructions = Vec::new();
    for request in requests.iter().filter(|request| request.can_be_replayed()) {
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
    let one = requests
        .iter()
        .find(|request| request.operation.id == "get-client")
        .ok_or("get-client was not measured")?;
    let defaults = starts::defaults(&harness, one, cli.rounds).await?;
    drop(harness);
    eprintln!("measuring large tables");
    let scale = scale::measure(cli.rounds).await?;
    eprintln!("measuring the local server");
    let rates = server::measure().await?;
    let figures = Figures {
        broken: limits::broken_counts(&requests, &baselines)?,
        requests,
        baselines,
        prices: Prices::read()?,
        sizes: sizes::measure(&operations, &["baseline-table", "baseline-empty", "baseline-defaults"])?,
        starts,
        defaults,
        warm,
        memory,
        instructions,
        scale,
        patterns: patterns::measure()?,
        pattern_requests: patterns::measure_requests(),
        rates,
        times: cli.build_times.then(times::measure).transpose()?,
    };
    println!("{}", figures.text());
    figures.write()
}

/// Waits for SIGTERM or Ctrl-C.
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

/// Returns the root folder of the repository.
fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}
