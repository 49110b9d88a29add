//! Generates files from the list of operations and `functions/costs.json`.
//!
//! Some files are generated completely. In others, only the lines between `BEGIN generated: NAME` and
//! `END generated: NAME` are generated.

mod binaries;
mod description;
mod events;
mod functions;
mod manifests;
mod pages;
mod paths;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use ::functions::OPERATIONS;
use shared::operation::Operation;

use crate::error::Error;

/// The folders that contain only generated files, and the extension of these files.
const FOLDERS: [(&str, &str); 3] =
    [(binaries::FOLDER, "rs"), (events::FOLDER, "json"), (description::EVENTS, "json")];

/// Returns the root of the repository that this program was built from.
#[must_use]
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A generated file or section of a file. Paths are relative to the repository.
enum Output {
    /// A file.
    File { path: String, content: String },
    /// The lines between two markers of a file.
    Section { path: &'static str, name: &'static str, content: String },
}

/// A file that differs from its generated content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The path, relative to the repository.
    pub path: String,
    /// The generated content. `None` if the file must be deleted because it belongs to no operation.
    pub content: Option<String>,
}

/// Checks that all generated files of the repository at `root` are up to date.
///
/// # Errors
/// [`Error::Stale`] with the outdated files, and the errors of [`changes`].
pub fn check(root: &Path) -> Result<(), Error> {
    let changes = changes(root)?;
    if changes.is_empty() {
        return Ok(());
    }
    Err(Error::Stale(changes.into_iter().map(|change| change.path).collect()))
}

/// Writes all outdated files of the repository at `root` and returns their changes.
///
/// # Errors
/// [`Error::Generated`] if a file cannot be written, and the errors of [`changes`].
pub fn write(root: &Path) -> Result<Vec<Change>, Error> {
    let changes = changes(root)?;
    for Change { path, content } in &changes {
        let file = root.join(path);
        let written = match content {
            Some(content) => fs::write(file, content),
            None => fs::remove_file(file),
        };
        written.map_err(|reason| failed(path, &reason))?;
    }
    Ok(changes)
}

/// Returns the outdated files of the repository at `root` with their generated content.
///
/// # Errors
/// [`Error::Costs`] if an operation has no entry in `functions/costs.json`, [`Error::Parameter`] if a
/// parameter of a path has no description, [`Error::Generated`] if a file cannot be read or lacks its
/// markers.
pub fn changes(root: &Path) -> Result<Vec<Change>, Error> {
    let mut wanted = BTreeMap::new();
    for output in outputs()? {
        match output {
            Output::File { path, content } => {
                wanted.insert(path, content);
            }
            Output::Section { path, name, content } => {
                let text = match wanted.remove(path) {
                    Some(text) => text,
                    None => read(root, path)?.unwrap_or_default(),
                };
                let text = with_section(&text, name, &content)
                    .ok_or_else(|| failed(path, &format!("no section {name:?} between markers")))?;
                wanted.insert(path.to_owned(), text);
            }
        }
    }
    let mut changes = Vec::new();
    for (folder, extension) in FOLDERS {
        let stale = files(root, folder, extension)?.into_iter().filter(|path| !wanted.contains_key(path));
        changes.extend(stale.map(|path| Change { path, content: None }));
    }
    for (path, content) in wanted {
        if read(root, &path)?.as_ref() != Some(&content) {
            changes.push(Change { path, content: Some(content) });
        }
    }
    Ok(changes)
}

fn outputs() -> Result<Vec<Output>, Error> {
    let mut outputs = binaries::outputs();
    outputs.extend(events::outputs()?);
    outputs.extend(manifests::outputs());
    outputs.extend(pages::outputs()?);
    outputs.extend([functions::output()?, functions::jobs()?, paths::output()]);
    outputs.extend(description::outputs()?);
    Ok(outputs)
}

/// Returns the text with the lines of a section replaced. `None` if a marker is missing.
fn with_section(text: &str, name: &str, content: &str) -> Option<String> {
    let is = |line: &str, marker: &str| {
        line.trim_matches(|character: char| " #<!->".contains(character))
            == format!("{marker} generated: {name}")
    };
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let begin = lines.iter().position(|line| is(line.trim_end(), "BEGIN"))?;
    let length = lines[begin..].iter().position(|line| is(line.trim_end(), "END"))?;
    Some(lines[..=begin].concat() + content + &lines[begin + length..].concat())
}

/// Returns the operations of each whole path, in the order of the list.
fn by_path() -> Vec<(String, Vec<&'static Operation>)> {
    let mut paths: Vec<(String, Vec<&Operation>)> = Vec::new();
    for operation in OPERATIONS {
        let whole = operation.full_path();
        match paths.iter_mut().find(|(path, _)| *path == whole) {
            Some((_, operations)) => operations.push(operation),
            None => paths.push((whole, vec![operation])),
        }
    }
    paths
}

/// Returns the methods that the gateway routes to an operation. `OPTIONS` of a path is routed to its first
/// operation.
fn routed_methods(operation: &Operation) -> Vec<&str> {
    let of_path = OPERATIONS.iter().find(|other| other.path == operation.path);
    let options = of_path.filter(|first| first.id == operation.id).map(|_| "OPTIONS");
    operation.methods().chain(options).collect()
}

fn files(root: &Path, folder: &str, extension: &str) -> Result<BTreeSet<String>, Error> {
    let entries = fs::read_dir(root.join(folder)).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let names = entries.map_err(|reason| failed(folder, &reason))?.into_iter().map(|entry| entry.file_name());
    let is_generated = |name: &String| Path::new(name).extension().is_some_and(|it| it == extension);
    let names = names.filter_map(|name| name.into_string().ok()).filter(is_generated);
    Ok(names.map(|name| format!("{folder}/{name}")).collect())
}

fn read(root: &Path, path: &str) -> Result<Option<String>, Error> {
    match fs::read_to_string(root.join(path)) {
        Ok(text) => Ok(Some(text)),
        Err(reason) if reason.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(reason) => Err(failed(path, &reason)),
    }
}

fn failed(path: &str, reason: &dyn ToString) -> Error {
    Error::Generated { path: path.to_owned(), reason: reason.to_string() }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::tempdir;

    use super::{FOLDERS, Output, changes, check, outputs, repository, with_section, write};

    #[test]
    fn only_the_lines_between_the_markers_are_replaced() {
        for (begin, end) in [("  # ", ""), ("<!-- ", " -->")] {
            let [begin, end] =
                ["BEGIN", "END"].map(|marker| format!("{begin}{marker} generated: some{end}\n"));
            let text = |content: &str| format!("a\n{begin}{content}{end}b\n");
            assert_eq!(with_section(&text("x\ny\n"), "some", "z\n"), Some(text("z\n")));
        }
    }

    #[test]
    fn a_section_requires_both_markers() {
        for text in
            ["", "# BEGIN generated: some\n", "# END generated: some\n", "# BEGIN generated: some more\n"]
        {
            assert_eq!(with_section(text, "some", "z\n"), None, "{text}");
        }
    }

    #[test]
    fn write_creates_missing_files_and_deletes_obsolete_ones() {
        let folder = tempdir().expect("a folder");
        for (path, _) in FOLDERS {
            fs::create_dir_all(folder.path().join(path)).expect("a folder");
        }
        for output in outputs().expect("outputs") {
            if let Output::Section { path, .. } = output {
                let copy = folder.path().join(path);
                fs::create_dir_all(copy.parent().expect("a folder")).expect("a folder");
                fs::copy(repository().join(path), copy).expect("a copy");
            }
        }
        let other = folder.path().join("tests/events/get-other.json");
        fs::write(&other, "{}").expect("written");
        let error = check(folder.path()).expect_err("stale").to_string();
        assert!(error.contains("functions/src/bin/get-client.rs"), "{error}");
        assert!(error.ends_with(".json; run `cargo run -- generate`"), "{error}");
        write(folder.path()).expect("written");
        assert!(!other.exists());
        assert_eq!(changes(folder.path()).expect("changes"), []);
    }
}
