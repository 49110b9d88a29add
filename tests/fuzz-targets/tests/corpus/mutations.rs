//! Mutations of corpus inputs.

use fastrand::Rng;

/// Maximum length of an input in bytes.
const MAX_LEN: usize = 4096;

/// Returns a random input with one to four changes.
pub(crate) fn mutated(rng: &mut Rng, inputs: &[Vec<u8>]) -> Vec<u8> {
    let mut input = rng.choice(inputs).cloned().unwrap_or_default();
    for _ in 0..rng.usize(1..=4) {
        change(rng, &mut input, inputs);
    }
    input.truncate(MAX_LEN);
    input
}

fn change(rng: &mut Rng, input: &mut Vec<u8>, inputs: &[Vec<u8>]) {
    let start = rng.usize(0..=input.len());
    let end = rng.usize(start..=input.len().min(start + 16));
    match rng.u8(0..6) {
        0 => drop(input.drain(start..end)),
        1 => input.insert(start, rng.u8(..)),
        2 => input[start..end].iter_mut().for_each(|byte| *byte ^= 1 << rng.u8(0..8)),
        // Characters that are significant to a parser.
        3 => input.insert(start, *rng.choice(b"\"\\{}[]:,.#%/=\n\0-+eE0189 \t*()|^$?").unwrap_or(&b'"')),
        4 => {
            let piece = input[start..end].repeat(rng.usize(1..=64));
            drop(input.splice(start..start, piece));
        }
        _ => {
            let other = rng.choice(inputs).map_or(&[][..], Vec::as_slice);
            let from = rng.usize(0..=other.len());
            let to = rng.usize(from..=other.len());
            drop(input.splice(start..end, other[from..to].iter().copied()));
        }
    }
}
