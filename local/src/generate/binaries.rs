//! The binaries of the functions in `functions/src/bin`.

use functions::{JOB_MODULES, JOBS, MODULES, OPERATIONS, STREAM_JOB_MODULES, STREAM_JOBS};

use super::Output;

/// The folder of the binaries.
pub(super) const FOLDER: &str = "functions/src/bin";

/// Returns one binary per operation and per job.
pub(super) fn outputs() -> Vec<Output> {
    let binaries = OPERATIONS.iter().zip(MODULES).map(|(operation, module)| Output::File {
        path: format!("{FOLDER}/{}.rs", operation.id),
        content: binary(operation.id, "run", &format!("{module}::OPERATION")),
    });
    let jobs = JOBS.iter().zip(JOB_MODULES).map(|(job, module)| Output::File {
        path: format!("{FOLDER}/{}.rs", job.id),
        content: binary(job.id, "run_job", &format!("{module}::JOB")),
    });
    let stream_jobs = STREAM_JOBS.iter().zip(STREAM_JOB_MODULES).map(|(job, module)| Output::File {
        path: format!("{FOLDER}/{}.rs", job.id),
        content: binary(job.id, "run_stream_job", &format!("{module}::JOB")),
    });
    binaries.chain(jobs).chain(stream_jobs).collect()
}

fn binary(id: &str, host: &str, item: &str) -> String {
    format!(
        "//! Entry point of the function `{id}`.\n\n\
         #[tokio::main(flavor = \"current_thread\")]\n\
         async fn main() -> std::process::ExitCode {{\n    \
             shared::host::{host}(&functions::{item}).await\n\
         }}\n"
    )
}
