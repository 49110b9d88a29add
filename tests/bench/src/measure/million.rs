//! The tools and the functions with a million lines, users and clients, compared with fewer.

use clap::ValueEnum;
use serde_json::Value;
use shared::operation::Operation;

use super::import::{ImportedFile, import_and_export};
use super::memory::peak_of;
use super::scale::{Scaled, creations, tables};
use crate::Result;
use crate::harness::function::{Function, Response};
use crate::harness::{Harness, status};
use crate::moment::median;

/// The operations that are measured.
pub(crate) const OPERATIONS: [&Operation; 2] =
    [&functions::clients::create::OPERATION, &functions::users::list::OPERATION];
/// The number of users of a page, which is the maximum.
const PAGE: usize = 1_000;
/// The number of clients that are created in each table.
const CREATIONS: u32 = 500;
/// The query string of the stored event, which has none.
const NO_QUERY: &str = r#""multiValueQueryStringParameters":null"#;

/// A part of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Import and export
    Lines,
    /// List of users
    Users,
    /// Creation of a client
    Clients,
}

/// Figures of a list that is read page by page.
#[derive(Clone, Debug)]
pub(crate) struct Walk {
    /// The number of users of the list.
    pub(crate) users: usize,
    /// The first tenth of the pages.
    pub(crate) begin: Page,
    /// The last tenth of the pages.
    pub(crate) end: Page,
}

/// Figures of a page, or the medians of several.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    /// The time, in milliseconds.
    pub(crate) millis: f64,
    /// The number of calls to the table.
    pub(crate) calls: usize,
    /// The read units.
    pub(crate) read: f64,
    /// The peak memory of the function until then, in MB.
    pub(crate) memory: f64,
}

/// Imports and exports a tenth of this number of lines, all of them, and a tenth again, which shows how much other work
/// on the machine affects the figures.
pub(crate) async fn lines(count: usize) -> Result<Vec<ImportedFile>> {
    let mut files = Vec::new();
    for lines in [count / 10, count, count / 10] {
        eprintln!("importing {lines} lines");
        files.push(import_and_export(lines).await?);
    }
    Ok(files)
}

/// Creates clients in a table without others and in one with this number of clients.
pub(crate) async fn clients(count: usize) -> Result<Vec<Scaled>> {
    creations(&tables(&[0, count]).await?, CREATIONS).await
}

/// Reads the list of all users page by page, in a table with this number of users more than the demo data has.
pub(crate) async fn users(count: usize) -> Result<Walk> {
    let operation = &functions::users::list::OPERATION;
    let harness = Harness::open().await?;
    harness.put_users(count).await?;
    let mut function = Function::start(&harness.function(operation)).await?;
    function.ready().await?;
    let (mut users, mut pages, mut token) = (0, Vec::new(), None);
    loop {
        // The recorded calls of a page are needed for its counts only.
        harness.table.record(false);
        harness.table.counts();
        let query = query(token.as_deref());
        let event = harness.events.event_with(operation, &[(NO_QUERY, query)])?;
        let response = function.invoke_for(event, status(operation)).await?;
        let counts = harness.table.counts();
        pages.push(Page {
            millis: response.millis(),
            calls: counts.calls.len(),
            read: counts.units.read,
            memory: peak_of(&function)?,
        });
        let body = body(&response)?;
        users += body["items"].as_array().map_or(0, Vec::len);
        token = body["_pagination"]["continuationToken"].as_str().map(str::to_owned);
        if token.is_none() {
            break;
        }
    }
    if users < count {
        return Err(format!("the list has {users} users").into());
    }
    let tenth = pages.len().div_ceil(10);
    let [begin, end] = [&pages[..tenth], &pages[pages.len() - tenth..]].map(Page::median_of);
    Ok(Walk { users, begin, end })
}

/// Returns the query string of a page as it is in an event.
fn query(token: Option<&str>) -> String {
    let token = token.map_or_else(String::new, |token| format!(r#","continuationToken":["{token}"]"#));
    format!(r#""multiValueQueryStringParameters":{{"limit":["{PAGE}"]{token}}}"#)
}

/// Returns the body of a response of a function.
fn body(response: &Response) -> Result<Value> {
    let response: Value = serde_json::from_slice(&response.body)?;
    Ok(serde_json::from_str(response["body"].as_str().unwrap_or_default())?)
}

impl Page {
    fn median_of(pages: &[Self]) -> Self {
        Self {
            millis: median_by(pages, |page| page.millis),
            calls: median_by(pages, |page| page.calls),
            read: median_by(pages, |page| page.read),
            memory: median_by(pages, |page| page.memory),
        }
    }
}

fn median_by<T: Copy + Default + PartialOrd>(pages: &[Page], value: impl Fn(&Page) -> T) -> T {
    let mut values: Vec<T> = pages.iter().map(value).collect();
    median(&mut values).unwrap_or_default()
}
