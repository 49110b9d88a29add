//! `serve`: starts the local server.

use std::fs;
use std::future::pending;

use clap::Args;
use shared::auth::fetch::over_the_network;
use shared::clock::{Clock, Random};
use shared::log::log_as_json_to;
use shared::metrics::lines_to;
use shared::policy::Settings;
use shared::service::config::JobConfig;
use shared::service::{App, Worker};

use super::{Data, print};
use crate::demo::{Tokens, curl_lines};
use crate::environment::Environment;
use crate::error::Error;
use crate::events::{EventFile, Follower};
use crate::folder::DataFolder;
use crate::jobs::{run_jobs, without_idle_runs};
use crate::log::{Format, Log};
use crate::page::Page;
use crate::server::serve;
use crate::serving::{address_of, listen};
use crate::signals::Signals;
use crate::store::Store;
use crate::{demo, table};

/// The arguments of `serve`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    data: Data,
    /// Port on 127.0.0.1 (0 selects a free port)
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Keep the data in memory (the development keys are still stored in the data directory)
    #[arg(long)]
    memory: bool,
    /// Start without the demo data if the table is empty
    #[arg(long)]
    no_demo: bool,
    /// Delete all data of the table first, so that it has only the demo data (the development keys are kept)
    #[arg(long, conflicts_with = "memory")]
    reset: bool,
}

/// Serves until a signal requests a stop.
pub(crate) async fn run(arguments: &Arguments) -> Result<(), Error> {
    let mut signals = Signals::listen()?;
    let listener = listen(arguments.port).await?;
    let base_url = format!("http://{}", address_of(&listener)?);
    let (folder, keys, environment) = arguments.data.open()?;
    let config = environment.config()?;
    let publishing = environment.publishing()?;
    let clock = Clock::system();
    let tokens = Tokens::new(&keys, &environment, clock.now())?;
    let store = open_table(arguments, &folder, &environment, &config.settings).await?;
    // Logging starts here, so that an earlier failure is reported only by the error message.
    let format = Format::of_standard_error();
    let log = move || Log(format);
    log_as_json_to(log).map_err(|error| Error::Configuration(error.to_string()))?;
    // Another one at each start, also of two in a second. The property `staff_number` has at most ten digits.
    let number = (clock.now().unix_millis() % 10_000_000_000).to_string();
    // The examples are for the demo data.
    let examples = if arguments.no_demo { String::new() } else { curl_lines(&base_url, &tokens, &number) };
    print(&format!(
        "Serving {base_url}, including a page that sends requests\nData    {}\n\n{}\n",
        data_location(arguments, &folder, &environment),
        examples
    ))?;
    let page = Page::new(&config, keys, environment, clock.clone());
    let worker = Worker::new(JobConfig::from(&config), store.client.clone(), clock.clone(), Random::system())
        .log_to(without_idle_runs(lines_to(log)));
    let (bus, position) = (EventFile::new(folder.event_file()), folder.position_file(arguments.memory));
    let publish = async {
        match store.engine() {
            Some(engine) => {
                let (table, worker) = (store.table_name.as_str(), &worker);
                let follower = Follower {
                    engine,
                    table,
                    worker,
                    publishing: &publishing,
                    bus: &bus,
                    position: &position,
                };
                follower.follow().await
            }
            None => pending().await,
        }
    };
    let app = App::new(config, store.client.clone(), &over_the_network(), clock, Random::system())
        .log_requests_to(lines_to(log));
    let served = tokio::select! {
        served = serve(listener, app, page, async move { signals.stop().await }) => served,
        never = run_jobs(&worker) => match never {},
        never = publish => match never {},
    };
    store.close().await;
    served
}

/// Opens the table, empties it if this is requested, and loads the demo data if it is empty.
async fn open_table(
    arguments: &Arguments,
    folder: &DataFolder,
    environment: &Environment,
    settings: &Settings,
) -> Result<Store, Error> {
    let store = if let Some(endpoint) = environment.endpoint() {
        if arguments.reset {
            let reason =
                format!("--reset deletes only data of a data directory, not the table at {endpoint}");
            return Err(Error::Configuration(reason));
        }
        let store = Store::configured(environment).await;
        table::make(&store.client, &store.table_name).await?;
        store
    } else {
        if arguments.memory {
            // The stream of an earlier run is gone.
            let _ = fs::remove_file(folder.position_file(true));
        }
        let store = Store::served(folder, environment, arguments.memory, 0).await?;
        if arguments.reset {
            table::clear(&store.client, &store.table_name).await?;
        }
        table::enable_stream(&store.client, &store.table_name).await?;
        store
    };
    if !arguments.no_demo && table::is_empty(&store.client, &store.table_name).await? {
        demo::load(&store, settings).await?;
    }
    Ok(store)
}

/// Returns where the data is stored, for display.
fn data_location(arguments: &Arguments, folder: &DataFolder, environment: &Environment) -> String {
    match environment.endpoint() {
        Some(endpoint) => format!("table {} at {endpoint}", environment.table_name()),
        None if arguments.memory => "in memory".to_owned(),
        None => folder.data_file().display().to_string(),
    }
}
