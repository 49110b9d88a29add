//! The binaries of the functions in `functions/src/bin`.

use functions::{MODULES, OPERATIONS};

use super::Output;

/// The folder of the binaries.
pub(super) const FOLDER: &str = "functions/src/bin";

/// Returns one binary per operation.
pub(super) fn outputs() -> Vec<Output> {
    let binaries = OPERATIONS.iter().zip(MODULES).map(|(operation, module)| Output::File {
        path: format!("{FOLDER}/{}.rs", operation.id),
        content: binary(operation.id, module),
    });
    binaries.collect()
}

fn binary(id: &str, module: &str) -> String {
    format!(
        "//! Entry point of the function `{id}`.\n\n\
         #[tokio::main(flavor = \"current_thread\")]\n\
         async fn main() -> std::process::ExitCode {{\n    \
             shared::host::run(&functions::{module}::OPERATION).await\n\
         }}\n"
    )
}
