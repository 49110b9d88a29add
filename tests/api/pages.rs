//! Links between the pages of the repository, and paths in its configuration.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

use crate::agreement::root;

/// The folders that contain pages.
const FOLDERS: [&str; 6] = ["", ".ci", ".github", "docs", "local", "tests"];

/// Returns the paths of all pages.
fn pages() -> Vec<PathBuf> {
    let folders = FOLDERS.iter().map(|folder| root().join(folder).read_dir());
    let files = folders.flatten().flatten().map(|entry| entry.expect("an entry").path());
    files.filter(|path| path.extension().is_some_and(|end| end == "md")).collect()
}

/// Returns the anchors of the headings of a page, as GitHub derives them.
fn anchors(page: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(page).expect("a page");
    // Comments in code blocks look like headings.
    let prose: String = text.split("```").step_by(2).collect();
    let headings = prose.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|heading| {
            let title = heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
            title.chars().filter(|&letter| letter.is_alphanumeric() || "-_".contains(letter)).collect()
        })
        .collect()
}

#[test]
fn links_between_pages_have_targets() {
    let link = Regex::new(r"\]\(([^)\s#]*)(?:#([^)\s]*))?\)").expect("a pattern");
    let mut links = 0;
    let mut broken = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(&page).expect("a page");
        for captures in link.captures_iter(&text).filter(|captures| !captures[1].contains("://")) {
            links += 1;
            let target = match &captures[1] {
                "" => page.clone(),
                path => page.with_file_name(path),
            };
            let has_anchor = |anchor: regex::Match<'_>| anchors(&target).contains(anchor.as_str());
            if !target.exists() || !captures.get(2).is_none_or(has_anchor) {
                broken.push(format!("{}: {}", page.display(), &captures[0]));
            }
        }
    }
    assert_eq!((broken, links > 100), (Vec::new(), true));
}

/// A path that does not exist would silently exclude a file from mutation testing, or exclude no mutant.
#[test]
fn paths_of_the_mutation_tests_exist() {
    let configuration = fs::read_to_string(root().join(".cargo/mutants.toml")).expect("the configuration");
    let path = Regex::new(r#"^ +["']((?:functions|shared)/[\w/]+)(\\?\.rs)?"#).expect("a pattern");
    let paths: Vec<String> = configuration
        .lines()
        .filter_map(|line| path.captures(line))
        .map(|captures| captures[1].to_owned() + captures.get(2).map_or("", |_| ".rs"))
        .collect();
    let missing: Vec<&String> = paths.iter().filter(|path| !root().join(path).exists()).collect();
    assert_eq!((missing, paths.is_empty()), (Vec::new(), false));
}
