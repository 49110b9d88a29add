#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz_targets::key_sets::check(input));
