//! The short form of the fuzzing: every input that is kept, and mutations of it from a seed.

mod mutations;

use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use fastrand::Rng;
use fuzz_targets::{TARGETS, Target};

use mutations::mutated;

/// The seed of the mutations, unless `FUZZ_SEED` names another.
const SEED: u64 = 20_260_401;
/// How many mutations of each target's inputs are tried, unless `FUZZ_MUTATIONS` names another number.
const MUTATIONS: u64 = 2000;
/// How long one input may take. The long form allows a second, in programs that are made to be fast;
/// this one is not, and shares its processors with other tests.
const LONGEST: Duration = Duration::from_secs(10);
/// The most that the kept inputs may take together: files and bytes.
const MOST: (usize, usize) = (400, 400_000);

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz")
}

/// The kept inputs of a target, in the order of their names.
fn kept(target: &Target) -> Vec<Vec<u8>> {
    let folder = fs::read_dir(fuzz().join("corpus").join(target.name)).expect("a folder of inputs");
    let mut paths: Vec<PathBuf> = folder.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("an input")).collect()
}

/// The number in a variable, or another one.
fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).ok().map_or(otherwise, |text| text.parse().expect("a number"))
}

/// The first of these inputs with which a target does not hold or which takes too long.
fn failure(target: Target, inputs: impl Iterator<Item = Vec<u8>> + Send + 'static) -> Option<String> {
    let (give, given) = channel();
    let (end, ended) = channel();
    // On a thread of its own, which can be left behind when it hangs.
    thread::spawn(move || {
        for input in inputs {
            let told = give.send(input.clone()).is_ok();
            if !told || end.send(catch_unwind(|| (target.check)(&input)).is_ok()).is_err() {
                break;
            }
        }
    });
    let mut given = given.into_iter();
    let failed = given.find(|_| ended.recv_timeout(LONGEST) != Ok(true))?;
    Some(format!("{} with b\"{}\"", target.name, failed.escape_ascii()))
}

#[test]
fn a_target_has_a_program_and_inputs_and_they_are_few() {
    let names: BTreeSet<String> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).expect("the manifest of the programs");
    let programs = manifest.lines().filter_map(|line| line.strip_prefix("path = \"fuzz_targets/"));
    let programs: BTreeSet<String> = programs.map(|path| path.replace(".rs\"", "")).collect();
    let folders = fs::read_dir(fuzz().join("corpus")).expect("the inputs");
    let folders: BTreeSet<String> =
        folders.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    assert_eq!((&programs, &folders), (&names, &names));
    assert!(TARGETS.iter().all(|target| !kept(target).is_empty()), "a target has no inputs");
    let inputs: Vec<Vec<u8>> = TARGETS.iter().flat_map(kept).collect();
    let bytes: usize = inputs.iter().map(Vec::len).sum();
    assert!(inputs.len() <= MOST.0 && bytes <= MOST.1, "{} inputs of {bytes} bytes", inputs.len());
}

#[test]
fn every_kept_input_holds() {
    let failures: Vec<String> =
        TARGETS.iter().filter_map(|target| failure(*target, kept(target).into_iter())).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_mutation_of_a_kept_input_holds() {
    let (seed, count) = (number("FUZZ_SEED", SEED), number("FUZZ_MUTATIONS", MUTATIONS));
    println!("{count} mutations for each target, seed {seed}");
    let mutations = |target: &Target| {
        let (mut rng, inputs) = (Rng::with_seed(seed), kept(target));
        (0..count).map(move |_| mutated(&mut rng, &inputs))
    };
    let failures: Vec<String> =
        TARGETS.iter().filter_map(|target| failure(*target, mutations(target))).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
