//! Short fuzzing run: all inputs of the corpus, and seeded mutations of them.

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

/// Default seed of the mutations. `FUZZ_SEED` overrides it.
const SEED: u64 = 20_260_401;
/// Default number of mutations per target. `FUZZ_MUTATIONS` overrides it.
const MUTATIONS: u64 = 2000;
/// Time-out per input. The long run allows one second in optimised programs. This run is not optimised, and
/// shares its processors with other tests.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Maximum size of the corpus: number of files and number of bytes.
const MAX_CORPUS: (usize, usize) = (400, 400_000);

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz")
}

/// Returns the corpus of a target, sorted by file name.
fn corpus(target: &Target) -> Vec<Vec<u8>> {
    let folder = fs::read_dir(fuzz().join("corpus").join(target.name)).expect("the folder of the target");
    let mut paths: Vec<PathBuf> = folder.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("an input")).collect()
}

/// Returns the number in an environment variable, or the default.
fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().map_or(default, |text| text.parse().expect("a number"))
}

/// Returns a description of the first input that fails or takes too long.
fn failure(target: Target, inputs: impl Iterator<Item = Vec<u8>> + Send + 'static) -> Option<String> {
    let (input_sender, inputs_tried) = channel();
    let (result_sender, results) = channel();
    // On a separate thread, which is leaked if it hangs.
    thread::spawn(move || {
        for input in inputs {
            let is_received = input_sender.send(input.clone()).is_ok();
            if !is_received || result_sender.send(catch_unwind(|| (target.check)(&input)).is_ok()).is_err() {
                break;
            }
        }
    });
    let mut inputs_tried = inputs_tried.into_iter();
    let failed = inputs_tried.find(|_| results.recv_timeout(TIMEOUT) != Ok(true))?;
    Some(format!("{} with b\"{}\"", target.name, failed.escape_ascii()))
}

#[test]
fn every_target_has_a_program_and_a_small_corpus() {
    let names: BTreeSet<String> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).expect("the manifest of the fuzz programs");
    let programs = manifest.lines().filter_map(|line| line.strip_prefix("path = \"fuzz_targets/"));
    let programs: BTreeSet<String> = programs.map(|path| path.replace(".rs\"", "")).collect();
    let folders = fs::read_dir(fuzz().join("corpus")).expect("the corpus folder");
    let folders: BTreeSet<String> =
        folders.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    assert_eq!((&programs, &folders), (&names, &names));
    assert!(TARGETS.iter().all(|target| !corpus(target).is_empty()), "a target has an empty corpus");
    let inputs: Vec<Vec<u8>> = TARGETS.iter().flat_map(corpus).collect();
    let bytes: usize = inputs.iter().map(Vec::len).sum();
    assert!(
        inputs.len() <= MAX_CORPUS.0 && bytes <= MAX_CORPUS.1,
        "{} inputs of {bytes} bytes",
        inputs.len()
    );
}

#[test]
fn corpus_inputs_violate_no_invariant() {
    let failures: Vec<String> =
        TARGETS.iter().filter_map(|target| failure(*target, corpus(target).into_iter())).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn mutated_inputs_violate_no_invariant() {
    let (seed, count) = (number("FUZZ_SEED", SEED), number("FUZZ_MUTATIONS", MUTATIONS));
    println!("{count} mutations for each target, seed {seed}");
    let mutations = |target: &Target| {
        let (mut rng, inputs) = (Rng::with_seed(seed), corpus(target));
        (0..count).map(move |_| mutated(&mut rng, &inputs))
    };
    let failures: Vec<String> =
        TARGETS.iter().filter_map(|target| failure(*target, mutations(target))).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
