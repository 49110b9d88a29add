//! Dependencies between crates, as drawn in `docs/architecture.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use functions::OPERATIONS;

use crate::agreement::root;

/// Splits a text at characters that a crate name cannot contain.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !character.is_alphanumeric() && !"-_".contains(character))
}

/// Returns the folders of the workspace members by crate name, which is the last segment of the
/// folder.
fn crates() -> BTreeMap<String, String> {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("the manifest");
    let members = manifest.lines().find_map(|line| line.strip_prefix("members = ")).expect("the members");
    let folders = members.split('"').filter(|folder| names(folder).any(|name| !name.is_empty()));
    folders
        .map(|folder| (folder.rsplit('/').next().unwrap_or_default().to_owned(), folder.to_owned()))
        .collect()
}

/// Returns the crates of the workspace that a manifest lists as dependencies of any kind.
fn used_by(folder: &str, crates: &BTreeMap<String, String>) -> BTreeSet<String> {
    let manifest = fs::read_to_string(root().join(folder).join("Cargo.toml")).expect("a manifest");
    let mut dependencies = BTreeSet::new();
    let mut in_dependencies = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            in_dependencies = line.contains("dependencies");
        }
        if in_dependencies {
            dependencies.extend(names(line).filter(|&name| crates.contains_key(name)).map(str::to_owned));
        }
    }
    dependencies
}

#[test]
fn crates_depend_on_exactly_the_crates_drawn_below_them() {
    let crates = crates();
    let arrows: BTreeMap<&str, BTreeSet<String>> =
        crates.iter().map(|(user, folder)| (user.as_str(), used_by(folder, &crates))).collect();
    let drawn = [
        ("baseline", &["shared"][..]),
        ("bench", &["baseline", "functions", "limits", "local", "shared"]),
        ("functions", &["shared"]),
        ("fuzz-targets", &["functions", "local", "shared"]),
        ("limits", &["shared"]),
        ("local", &["functions", "shared"]),
        ("shared", &["signing"]),
        ("signing", &[]),
        ("tests", &["functions", "local", "shared", "signing"]),
    ];
    let drawn = drawn.map(|(user, used)| (user, used.iter().map(ToString::to_string).collect()));
    assert_eq!(arrows, BTreeMap::from(drawn));
}

/// Returns the paths and contents of the files in a folder, except those of unit tests.
fn sources(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if !path.ends_with("tests.rs") {
            found.push((path.display().to_string(), fs::read_to_string(&path).expect("a source")));
        }
    }
    found
}

#[test]
fn shared_names_no_operation() {
    let sources = sources(&root().join("shared/src"));
    let named: Vec<(&str, &str)> = OPERATIONS
        .iter()
        .flat_map(|operation| sources.iter().map(move |(path, text)| (path.as_str(), operation.id, text)))
        .filter(|(_, id, text)| names(text).any(|name| name == *id))
        .map(|(path, id, _)| (path, id))
        .collect();
    assert_eq!((named, sources.is_empty()), (Vec::new(), false));
}
