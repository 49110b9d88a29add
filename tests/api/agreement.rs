//! What has to agree with the list of operations: the binaries, the template, the router of
//! `cargo lambda watch`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use functions::OPERATIONS;
use local::template::TEMPLATE;
use regex::Regex;
use saphyr::{LoadableYamlNode as _, Yaml};
use serde_json::{Value, json};
use shared::clock::Timestamp;
use shared::http::BASE_PATH;
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
fn every_operation_has_its_binary_and_every_binary_its_operation() {
    let folder = root().join("functions/src/bin");
    let binaries: BTreeSet<String> = fs::read_dir(&folder)
        .expect("the binaries")
        .map(|entry| entry.expect("a binary").file_name().into_string().expect("a name"))
        .collect();
    let expected: BTreeSet<String> =
        OPERATIONS.iter().map(|operation| format!("{}.rs", operation.id)).collect();
    assert_eq!(binaries, expected);
}

/// A binary is wiring: it names the operation of its own name, and does nothing besides.
#[test]
fn a_binary_runs_the_operation_of_its_name() {
    for operation in OPERATIONS {
        let path = root().join(format!("functions/src/bin/{}.rs", operation.id));
        let text = fs::read_to_string(&path).expect("a binary");
        let named = text.split("functions::").nth(1).expect("an operation");
        let module = named.split("::OPERATION").next().expect("a module").replace("::", "/");
        let module = root().join(format!("functions/src/{module}.rs"));
        let module = fs::read_to_string(&module).expect("the operation's module");
        assert!(module.contains(&format!("id: \"{}\"", operation.id)), "{}", operation.id);
        assert!(text.lines().count() <= 12, "{}", operation.id);
    }
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

/// The functions of the template: logical id, binary, method and path.
fn functions_of_template() -> BTreeMap<String, [String; 3]> {
    let documents = Yaml::load_from_str(TEMPLATE).expect("YAML");
    let resources = documents[0].as_mapping_get("Resources").and_then(Yaml::as_mapping).expect("Resources");
    let mut functions = BTreeMap::new();
    for (id, resource) in resources {
        if text(resource, &["Type"]) != "AWS::Serverless::Function" {
            continue;
        }
        let events = resource.as_mapping_get("Properties").and_then(|it| it.as_mapping_get("Events"));
        let events = events.and_then(Yaml::as_mapping).expect("Events");
        let (_, event) = events.front().expect("an event");
        assert_eq!((events.len(), text(event, &["Type"])), (1, "Api"));
        let function = [
            text(resource, &["Metadata", "BuildProperties", "Binary"]),
            text(event, &["Properties", "Method"]),
            text(event, &["Properties", "Path"]),
        ];
        functions.insert(id.as_str().expect("a name").to_owned(), function.map(str::to_owned));
    }
    functions
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

/// The resources of the template that have this type.
fn resources_of_type(name: &str) -> Vec<Value> {
    let documents = Yaml::load_from_str(TEMPLATE).expect("YAML");
    let resources = documents[0].as_mapping_get("Resources").and_then(Yaml::as_mapping).expect("Resources");
    let of_type = resources.values().filter(|resource| text(resource, &["Type"]) == name);
    of_type.map(|resource| plain(resource.as_mapping_get("Properties").expect("Properties"))).collect()
}

/// A node as JSON, without its tags.
fn plain(node: &Yaml<'_>) -> Value {
    match node {
        Yaml::Tagged(_, node) => plain(node),
        Yaml::Sequence(items) => items.iter().map(plain).collect(),
        Yaml::Mapping(members) => {
            let name = |name: &Yaml<'_>| name.as_str().expect("a name").to_owned();
            members.iter().map(|(key, value)| (name(key), plain(value))).collect()
        }
        other => other.as_str().map_or(Value::Null, Value::from),
    }
}

/// The properties of the dashboard's widgets of a type.
fn widgets(kind: &str) -> Vec<Value> {
    let [dashboard] = &*resources_of_type("AWS::CloudWatch::Dashboard") else { panic!("one dashboard") };
    let body = dashboard["DashboardBody"][0].as_str().expect("a body");
    let body: Value = serde_json::from_str(body).expect("JSON");
    let widgets = body["widgets"].as_array().expect("widgets").iter();
    widgets.filter(|widget| widget["type"] == kind).map(|widget| widget["properties"].clone()).collect()
}

/// A metric in the stack's namespace: its name and its dimension.
type Metric = (String, Option<String>);

/// The metric that an entry of the dashboard names.
fn graphed(entry: &Value) -> Option<Metric> {
    if entry[0] == STACK {
        return Some((entry[1].as_str()?.to_owned(), None));
    }
    let search = entry[0]["expression"].as_str()?.split_once(&format!("{{\"{STACK}\","))?.1;
    let (dimension, rest) = search.split_once("} MetricName=\"").expect("a dimension and a name");
    Some((rest.split_once('"').expect("a name").0.to_owned(), Some(dimension.to_owned())))
}

const STACK: &str = "${AWS::StackName}";

/// The line of a request that failed.
fn line_of_a_failure() -> Value {
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
    serde_json::from_str(&line).expect("JSON")
}

/// The dashboard shows every metric that the functions write, and no other one of their namespace.
#[test]
fn the_template_watches_the_metrics_that_the_functions_write() {
    let line = line_of_a_failure();
    let mut written: BTreeSet<Metric> = BTreeSet::new();
    for directive in line["_aws"]["CloudWatchMetrics"].as_array().expect("directives") {
        let [dimensions] = &directive["Dimensions"].as_array().expect("dimensions")[..] else {
            panic!("one set of dimensions")
        };
        let dimension = dimensions[0].as_str().map(str::to_owned);
        let metrics = directive["Metrics"].as_array().expect("metrics").iter();
        let names = metrics.map(|metric| metric["Name"].as_str().expect("a name").to_owned());
        written.extend(names.map(|name| (name, dimension.clone())));
    }
    let widgets = widgets("metric");
    let entries = widgets.iter().flat_map(|widget| widget["metrics"].as_array().expect("metrics"));
    assert_eq!(entries.filter_map(graphed).collect::<BTreeSet<_>>(), written);
}

/// CloudWatch bills a metric per operation once for each operation, every month.
#[test]
fn no_metric_of_the_functions_has_the_operation_as_a_dimension() {
    let line = line_of_a_failure();
    for directive in line["_aws"]["CloudWatchMetrics"].as_array().expect("directives") {
        let dimensions = &directive["Dimensions"];
        assert!([json!([[]]), json!([["code"]])].contains(dimensions), "{dimensions}");
    }
}

/// What a query or a filter of the template names is a member of the line.
#[test]
fn the_template_queries_the_members_of_the_line() {
    let line = line_of_a_failure();
    let figure = Regex::new(r"\b[A-Z][A-Za-z]*[a-z]\b").expect("a pattern");
    let queries = widgets("log");
    assert_eq!(queries.len(), 2);
    for query in &queries {
        let query =
            query["query"].as_str().expect("a query").strip_prefix("SOURCE '${Logs}' | ").expect("the logs");
        let members: Vec<&str> = figure.find_iter(query).map(|member| member.as_str()).collect();
        assert!(!members.is_empty() && members.iter().all(|member| line[member].is_number()), "{members:?}");
    }
    let [filter] = &*resources_of_type("AWS::Logs::MetricFilter") else { panic!("one filter") };
    assert_eq!(filter["FilterPattern"], r#"{ $.operation = "get-health" && $.status >= 500 }"#);
    assert!(line["operation"].is_string() && line["status"].is_number());
    assert!(OPERATIONS.iter().any(|operation| operation.id == "get-health"));
}

/// An alarm on a metric that nobody writes would never be raised.
#[test]
fn the_template_alarms_on_metrics_that_a_filter_of_it_writes() {
    let filters = resources_of_type("AWS::Logs::MetricFilter");
    let written: BTreeSet<&str> = filters
        .iter()
        .filter_map(|filter| filter["MetricTransformations"][0]["MetricName"].as_str())
        .collect();
    let alarms = resources_of_type("AWS::CloudWatch::Alarm");
    let own = alarms.iter().filter(|alarm| alarm["Namespace"] == "AWS::StackName");
    assert_eq!(own.filter_map(|alarm| alarm["MetricName"].as_str()).collect::<BTreeSet<_>>(), written);
}

#[test]
fn the_template_deploys_every_operation_at_its_route_and_nothing_else() {
    let expected: BTreeMap<String, [String; 3]> = OPERATIONS
        .iter()
        .map(|operation| {
            let path = format!("{BASE_PATH}{}", operation.path);
            (pascal_case(operation.id), [operation.id.to_owned(), operation.method.to_string(), path])
        })
        .collect();
    assert_eq!(functions_of_template(), expected);
}

/// What the gateway answers itself to a wrong method names the methods that the path has.
#[test]
fn the_template_answers_other_methods_at_every_path() {
    let documents = Yaml::load_from_str(TEMPLATE).expect("YAML");
    let path = ["Resources", "Api", "Properties", "DefinitionBody", "paths"];
    let paths = path.iter().try_fold(&documents[0], |node, name| node.as_mapping_get(name));
    let paths = paths.and_then(Yaml::as_mapping).expect("paths");
    let mut allowed = BTreeMap::new();
    for (path, item) in
        paths.iter().filter(|(path, _)| path.as_str().is_some_and(|path| path.contains("nevisidm")))
    {
        let integration =
            ["x-amazon-apigateway-any-method", "x-amazon-apigateway-integration", "responses", "default"];
        let response =
            integration.iter().try_fold(item, |node, name| node.as_mapping_get(name)).expect("an answer");
        assert_eq!(text(response, &["statusCode"]), "405");
        let allow = text(response, &["responseParameters", "method.response.header.Allow"]);
        allowed.insert(path.as_str().expect("a path").to_owned(), allow.trim_matches('\'').to_owned());
    }
    let mut expected: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for operation in OPERATIONS {
        let path = format!("{BASE_PATH}{}", operation.path);
        expected.entry(path).or_default().insert(operation.method.as_str());
    }
    let expected: BTreeMap<String, String> = expected
        .into_iter()
        .map(|(path, methods)| (path, methods.into_iter().collect::<Vec<_>>().join(", ")))
        .collect();
    assert_eq!(allowed, expected);
}

/// The router of `cargo lambda watch`, from the workspace's manifest: `path method function`.
fn routes_of_manifest() -> BTreeSet<String> {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("the manifest");
    let (_, table) = manifest.split_once("[workspace.metadata.lambda.watch.router]\n").expect("the router");
    let table = table.split("\n[").next().expect("the table");
    let mut routes = BTreeSet::new();
    let mut path = String::new();
    for line in table.lines() {
        if let Some((key, _)) = line.split_once(" = [") {
            key.trim_matches('"').clone_into(&mut path);
        }
        for entry in line.split("{ function = \"").skip(1) {
            let (function, rest) = entry.split_once("\", method = \"").expect("a method");
            let (method, _) = rest.split_once('"').expect("a method");
            routes.insert(format!("{path} {method} {function}"));
        }
    }
    routes
}

#[test]
fn the_router_of_cargo_lambda_watch_has_every_operation() {
    let expected: BTreeSet<String> = OPERATIONS
        .iter()
        .map(|operation| format!("{BASE_PATH}{} {} {}", operation.path, operation.method, operation.id))
        .collect();
    assert_eq!(routes_of_manifest(), expected);
}

/// Each operation has an event to invoke its function with.
#[test]
fn every_operation_has_its_event() {
    for operation in OPERATIONS {
        let path = root().join(format!("tests/events/{}.json", operation.id));
        let event = fs::read_to_string(&path).unwrap_or_else(|_| panic!("no event {}", path.display()));
        let event: serde_json::Value = serde_json::from_str(&event).expect("JSON");
        let expected = format!("{BASE_PATH}{}", operation.path);
        assert_eq!(
            (event["resource"].as_str(), event["httpMethod"].as_str()),
            (Some(&*expected), Some(operation.method.as_str()))
        );
    }
}
