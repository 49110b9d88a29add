//! Description of the machine, without host or folder names.

use std::fs;
use std::process::Command;

/// Returns the number of cores, the processor, the operating system and the compiler.
pub(crate) fn describe() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let processor = fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("model name"))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    });
    let compiler = Command::new("rustc").arg("--version").output().ok();
    let compiler = compiler.and_then(|output| String::from_utf8(output.stdout).ok());
    // Omits the commit hash and date of the compiler.
    let compiler = compiler.unwrap_or_default();
    let compiler: Vec<&str> = compiler.split_whitespace().take(2).collect();
    format!(
        "{cores} cores of {}, {} {}, {}",
        processor.as_deref().unwrap_or("an unknown processor"),
        std::env::consts::OS,
        std::env::consts::ARCH,
        compiler.join(" ")
    )
}
