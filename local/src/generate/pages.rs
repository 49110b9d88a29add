//! The tables of operations in the documentation and in the README.

use functions::OPERATIONS;
use shared::auth::SelfService;
use shared::operation::{Entry, Operation};

use super::Output;
use crate::costs::{Cost, Share};
use crate::error::Error;

/// Returns the generated sections of the pages.
pub(super) fn outputs() -> Result<[Output; 4], Error> {
    Ok([
        Output::Section { path: "README.md", name: "operations", content: overview() },
        Output::Section {
            path: "docs/contract.md",
            name: "operations",
            content: table(
                ["operation", "method and path", "required rights (`AccessControl.…`)"],
                |operation| Ok([route(operation), rights(operation)]),
            )?,
        },
        Output::Section {
            path: "docs/table.md",
            name: "calls",
            content: table(["operation", "trips", "calls", "read units", "write units"], calls)?,
        },
        Output::Section {
            path: "docs/scale.md",
            name: "units",
            content: table(["operation", "read units", "write units"], |operation| {
                let cost = Cost::of(operation.id)?;
                Ok([units(&cost.read), units(&cost.write)])
            })?,
        },
    ])
}

/// Returns a table with one row per noun, in the order of the operations.
fn overview() -> String {
    let mut groups: Vec<(&str, Vec<String>)> = Vec::new();
    for operation in OPERATIONS {
        let (noun, id) = (operation.noun(), format!("`{}`", operation.id));
        match groups.iter_mut().find(|(group, _)| *group == noun) {
            Some((_, ids)) => ids.push(id),
            None => groups.push((noun, vec![id])),
        }
    }
    let mut rows = vec![row(&["group", "operations"]), format!("|{}", "---|".repeat(2))];
    rows.extend(groups.iter().map(|(noun, ids)| row(&[*noun, &ids.join(", ")])));
    format!("\n{}\n\n", rows.join("\n"))
}

/// Returns a table with one row per operation. The first cell of each row is the id of the operation.
fn table<const CELLS: usize, const COLUMNS: usize>(
    head: [&str; COLUMNS],
    cells: impl Fn(&Operation) -> Result<[String; CELLS], Error>,
) -> Result<String, Error> {
    let mut rows = vec![row(&head), format!("|{}", "---|".repeat(COLUMNS))];
    for operation in OPERATIONS {
        let id = format!("`{}`", operation.id);
        let cells = cells(operation)?;
        let cells: Vec<&str> = std::iter::once(&id).chain(&cells).map(String::as_str).collect();
        rows.push(row(&cells));
    }
    // A blank line separates the table from the comments around it.
    Ok(format!("\n{}\n\n", rows.join("\n")))
}

fn row(cells: &[&str]) -> String {
    format!("| {} |", cells.join(" | "))
}

fn route(operation: &Operation) -> String {
    format!("`{} {}`", operation.method, operation.path)
}

fn rights(operation: &Operation) -> String {
    let Entry::Authenticated { needs, .. } = operation.entry else {
        return "none (no token required)".to_owned();
    };
    let rights = needs.in_words(|right| format!("`{}`", right.name().trim_start_matches("AccessControl.")));
    match needs.self_service() {
        SelfService::None if rights.is_empty() => "none".to_owned(),
        SelfService::None => rights,
        SelfService::Allowed => format!("{rights}, or the users themselves as `SelfAdmin`"),
        SelfService::WithXToken => {
            format!("{rights}, or the users themselves as `SelfAdmin` with an X-Token")
        }
    }
}

fn calls(operation: &Operation) -> Result<[String; 4], Error> {
    let cost = Cost::of(operation.id)?;
    let trips: Vec<String> = cost
        .trips
        .iter()
        .map(|calls| calls.iter().map(|call| call_in_words(call)).collect::<Vec<_>>().join(" and "))
        .collect();
    Ok([
        cost.trips.len().to_string(),
        trips.join(", then "),
        cost.read.units.to_string(),
        cost.write.units.to_string(),
    ])
}

/// Returns `TransactWriteItems of check check put` as `` `TransactWriteItems` of 2 × check, put ``.
fn call_in_words(call: &str) -> String {
    let Some((name, of)) = call.split_once(" of ") else { return format!("`{call}`") };
    let words: Vec<&str> = of.split(' ').collect();
    let words: Vec<String> = words
        .chunk_by(|left, right| left == right)
        .map(|same| match same.len() {
            1 => same[0].to_owned(),
            count => format!("{count} × {}", same[0]),
        })
        .collect();
    format!("`{name}` of {}", words.join(", "))
}

fn units(share: &Share) -> String {
    let units = match share.items.as_str() {
        "" => share.units.to_string(),
        items => format!("{items}: {}", share.units),
    };
    share.more.as_ref().map_or(units.clone(), |more| format!("{units}, plus {more}"))
}

#[cfg(test)]
mod tests {
    use super::{OPERATIONS, overview};

    #[test]
    fn the_overview_has_each_operation_once() {
        let overview = overview();
        for operation in OPERATIONS {
            assert_eq!(overview.matches(&format!("`{}`", operation.id)).count(), 1, "{}", operation.id);
        }
    }
}
