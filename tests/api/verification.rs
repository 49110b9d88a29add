//! Everything that `docs/verification.md` names exists.

use std::fs;
use std::path::{Path, PathBuf};

use crate::agreement::root;

/// Extensions of the files in the root folder of the repository.
const ENDS: [&str; 5] = [".json", ".lock", ".md", ".toml", ".yaml"];

fn page() -> String {
    fs::read_to_string(root().join("docs/verification.md")).expect("the page")
}

/// Returns the rows of the page's tables as cells.
fn rows(page: &str) -> impl Iterator<Item = Vec<&str>> {
    let rows = page.lines().filter_map(|line| line.strip_prefix('|')?.strip_suffix('|'));
    rows.map(|row| row.split('|').map(str::trim).collect())
}

/// Returns the parts of a text in code quotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Returns the file of a module in a folder.
fn file_of(folder: &Path, modules: &[&str]) -> Option<PathBuf> {
    let path = folder.join(modules.join("/"));
    [path.with_extension("rs"), path.join("mod.rs")].into_iter().find(|file| file.is_file())
}

/// Returns true if a source file contains a test with this name, or a rule with a test for each
/// operation.
fn has_test(text: &str, name: &str) -> bool {
    let Some((before, _)) = text.split_once(&format!("fn {name}(")) else { return false };
    let own_lines = before.rsplit("\n\n").next().unwrap_or_default();
    let lists = text.split("for_each_operation!(").skip(1).filter_map(|rest| rest.split_once(");"));
    let is_rule = lists.flat_map(|(list, _)| list.split(',')).any(|rule| rule.trim() == name);
    is_rule || own_lines.contains("#[test]") || own_lines.contains("#[tokio::test")
}

/// Returns true if a path such as `callers::truth_table` names a module or a test. A path without a
/// crate belongs to this suite.
fn resolves(path: &str) -> bool {
    let names: Vec<&str> = path.split("::").collect();
    let (folder, names) = match names.as_slice() {
        [name @ ("functions" | "local" | "shared"), names @ ..] => (root().join(name).join("src"), names),
        names => (root().join("tests/api"), names),
    };
    if file_of(&folder, names).is_some() {
        return true;
    }
    let Some((name, modules)) = names.split_last() else { return false };
    // A few unit tests are in the same file as the tested code, most in a separate file.
    let file = file_of(&folder, modules).or_else(|| match modules {
        [modules @ .., "tests"] => file_of(&folder, modules),
        _ => None,
    });
    file.is_some_and(|file| has_test(&fs::read_to_string(file).expect("a source"), name))
}

/// Returns whether a test or file exists, or `None` if the name is neither.
fn exists(name: &str) -> Option<bool> {
    if name.contains("::") {
        return Some(resolves(name));
    }
    let is_file = name.contains('/') || ENDS.iter().any(|end| name.ends_with(end));
    is_file.then(|| root().join(name).exists())
}

#[test]
fn everything_that_the_page_names_exists() {
    let page = page();
    let named: Vec<(&str, bool)> =
        quoted(&page).filter_map(|name| exists(name).map(|exists| (name, exists))).collect();
    let missing: Vec<&str> = named.iter().filter(|(_, exists)| !exists).map(|(name, _)| *name).collect();
    assert_eq!((missing, named.len() > 200), (Vec::new(), true));
}

#[test]
fn missing_names_are_detected() {
    for name in [
        "callers::no_such_module",
        "callers::truth_table::no_such_test",
        // A function of a row that is not a rule.
        "faults::scenes::good",
        "shared::ids::tests::no_such_test",
        "shared::no_such_module::tests::a_uuid_is_of_version_4",
        // A function that is not a test.
        "verification::resolves",
        "no/such/file.rs",
        "missing.toml",
    ] {
        assert_eq!(exists(name), Some(false), "{name}");
    }
}

/// Every row ends with a test or a reason, and all ten risks are listed.
#[test]
fn every_row_has_a_test_or_a_reason() {
    let page = page();
    let is_held = |row: &Vec<&str>| {
        let last = row.last().copied().unwrap_or_default();
        last.to_lowercase().contains("reason") || quoted(last).any(|name| exists(name) == Some(true))
    };
    let is_of_three = |row: &Vec<&str>| row.len() == 3 && !row[0].starts_with("---");
    let unheld: Vec<Vec<&str>> = rows(&page).filter(|row| is_of_three(row) && !is_held(row)).collect();
    assert_eq!(unheld, Vec::<Vec<&str>>::new());
    let risks = rows(&page).filter(|row| row[0].starts_with("API")).map(|row| row[0]);
    let numbers: Vec<&str> = risks.map(|risk| risk.split(' ').next().unwrap_or_default()).collect();
    let expected: Vec<String> = (1..=10).map(|number| format!("API{number}")).collect();
    assert_eq!(numbers, expected);
}
