//! What must agree with the list of operations, whether generated or not.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use functions::{MODULES, OPERATIONS};
use local::costs::Cost;
use local::generate;
use local::template::TEMPLATE;
use saphyr::{LoadableYamlNode as _, Yaml};
use shared::clock::Timestamp;
use shared::metrics::{Namespace, RequestRecord};
use shared::table::Usage;

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// `create-client` as `CreateClient`.
fn pascal_case(id: &str) -> String {
    let words = id.split('-').map(|word| word[..1].to_uppercase() + &word[1..]);
    words.collect()
}

#[test]
fn generated_files_are_current() {
    if let Err(error) = generate::check(&root()) {
        panic!("{error}");
    }
}

/// Returns the modules below a folder that declare an operation: `noun::verb`.
fn declared_operations(folder: &Path) -> BTreeSet<String> {
    let mut declared = BTreeSet::new();
    for noun in fs::read_dir(folder).expect("a folder") {
        let noun = noun.expect("an entry").path();
        for file in noun.read_dir().into_iter().flatten() {
            let file = file.expect("an entry").path();
            if fs::read_to_string(&file).is_ok_and(|text| text.contains("pub const OPERATION: Operation")) {
                let [noun, verb] =
                    [&noun, &file].map(|path| path.file_stem().expect("a name").to_string_lossy());
                declared.insert(format!("{noun}::{verb}"));
            }
        }
    }
    declared
}

#[test]
fn every_declared_operation_is_listed() {
    let listed: BTreeSet<String> = MODULES.iter().map(ToString::to_string).collect();
    assert_eq!(declared_operations(&root().join("functions/src")), listed);
}

#[test]
fn every_entry_of_the_costs_belongs_to_an_operation() {
    let costs: BTreeSet<String> = Cost::all().expect("costs").into_keys().collect();
    let ids: BTreeSet<String> = OPERATIONS.iter().map(|operation| operation.id.to_owned()).collect();
    assert_eq!(costs, ids);
}

#[test]
fn every_operation_is_listed_once() {
    let ids: BTreeSet<&str> = OPERATIONS.iter().map(|operation| operation.id).collect();
    let routes: BTreeSet<String> =
        OPERATIONS.iter().map(|operation| format!("{} {}", operation.method, operation.path)).collect();
    assert_eq!((ids.len(), routes.len()), (OPERATIONS.len(), OPERATIONS.len()));
}

fn text<'a>(node: &'a Yaml<'_>, path: &[&str]) -> &'a str {
    let found = path.iter().try_fold(node, |node, name| node.as_mapping_get(name));
    found.and_then(Yaml::as_str).unwrap_or_else(|| panic!("no text at {path:?} in {node:?}"))
}

/// The actions that the template lets the function of an operation do on the table.
pub(crate) fn granted_actions(operation: &str) -> BTreeSet<String> {
    let documents = Yaml::load_from_str(TEMPLATE).expect("YAML");
    let function = ["Resources", &pascal_case(operation), "Properties", "Policies"];
    let policies = function.iter().try_fold(&documents[0], |node, name| node.as_mapping_get(name));
    let statements =
        policies.and_then(Yaml::as_vec).expect("Policies").iter().flat_map(|policy| {
            policy.as_mapping_get("Statement").and_then(Yaml::as_vec).expect("statements")
        });
    let actions = statements.flat_map(|statement| {
        assert_eq!(text(statement, &["Effect"]), "Allow");
        statement.as_mapping_get("Action").and_then(Yaml::as_vec).expect("actions")
    });
    actions.map(|action| action.as_str().expect("an action").to_owned()).collect()
}

/// A function that is written by hand would belong to no operation.
#[test]
fn the_template_deploys_the_operations_and_nothing_else() {
    let functions = TEMPLATE.matches("Type: AWS::Serverless::Function").count();
    assert_eq!(functions, OPERATIONS.len());
}

/// A stack that uses a restored table may do there what its functions do, and nothing elsewhere.
#[test]
fn the_template_lets_every_function_use_a_restored_table() {
    let restored = ["      Resource: !If", "  - HasRestoredTable"].map(str::trim);
    for operation in OPERATIONS {
        let block = TEMPLATE.split(&format!("\n  {}:\n", pascal_case(operation.id))).nth(1).expect("a block");
        let block = block.split("\n\n").next().expect("a block");
        let resources: Vec<&str> =
            block.lines().map(str::trim).filter(|line| line.starts_with("Resource:")).collect();
        assert_eq!(resources, [restored[0]], "{}", operation.id);
        assert!(block.lines().any(|line| line.trim() == restored[1]), "{}", operation.id);
    }
}

/// The names of metrics that the template's dashboard and alarms ask for in the stack's own namespace.
fn metrics_of_template() -> BTreeSet<&'static str> {
    let own = |text: &&str| text.contains(r#"SEARCH('{\"${AWS::StackName}\","#);
    let searched = TEMPLATE.lines().filter(own).map(|line| {
        let name = line.split(r#"MetricName=\""#).nth(1).expect("a name");
        name.split('\\').next().expect("a name")
    });
    let mut alarmed = BTreeSet::new();
    for part in TEMPLATE.split("Namespace: !Ref AWS::StackName").skip(1) {
        let name = part.split("MetricName: ").nth(1).expect("a name");
        alarmed.extend(name.lines().next());
    }
    assert!(!alarmed.is_empty());
    searched.chain(alarmed).collect()
}

/// Every metric of the dashboard and the alarms is one that the functions write, and the other way
/// round.
#[test]
fn the_template_watches_the_metrics_that_the_functions_write() {
    let answered = RequestRecord {
        at: Timestamp::UNIX_EPOCH,
        operation: "operation",
        request: "request",
        trace: None,
        caller: None,
        status: 500,
        codes: &["errors.fatalError"],
        latency: Duration::ZERO,
        usage: Usage::default(),
        is_first: true,
    };
    let line = answered.line(Some(&Namespace::parse("namespace").expect("a namespace")));
    let line: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    let directives = line["_aws"]["CloudWatchMetrics"].as_array().expect("directives");
    let metrics = directives.iter().flat_map(|directive| directive["Metrics"].as_array().expect("metrics"));
    let written: BTreeSet<&str> = metrics.map(|metric| metric["Name"].as_str().expect("a name")).collect();
    assert_eq!(metrics_of_template(), written);
}
