//! The generated sections of the manifests: the binaries of `functions` and the router of
//! `cargo lambda watch`.

use shared::operation::Operation;

use super::{Output, by_path, routed_methods};

/// Returns both sections.
pub(super) fn outputs() -> [Output; 2] {
    [
        Output::Section { path: "functions/Cargo.toml", name: "binaries", content: binaries() },
        Output::Section { path: "Cargo.toml", name: "router", content: router() },
    ]
}

fn binaries() -> String {
    let binaries: Vec<String> =
        functions::ids().map(|id| format!("[[bin]]\nname = \"{id}\"\ntest = false\n")).collect();
    binaries.join("\n")
}

fn router() -> String {
    let paths = by_path().into_iter().map(|(path, operations)| {
        let routes: Vec<String> = operations.into_iter().flat_map(routes).collect();
        let routes = match routes.as_slice() {
            [route] => route.clone(),
            routes => format!("\n    {},\n", routes.join(",\n    ")),
        };
        format!("\"{path}\" = [{routes}]\n")
    });
    format!("[workspace.metadata.lambda.watch.router]\n{}", paths.collect::<String>())
}

/// Returns one route for each method of an operation.
fn routes(operation: &Operation) -> Vec<String> {
    let route = |method| format!("{{ function = \"{}\", method = \"{method}\" }}", operation.id);
    routed_methods(operation).into_iter().map(route).collect()
}
