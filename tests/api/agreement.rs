//! Files that have to match the list of operations, generated or not.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use functions::{JOB_MODULES, JOBS, MODULES, OPERATIONS, STREAM_JOB_MODULES, STREAM_JOBS};
use local::costs::Cost;
use local::generate;
use local::template::TEMPLATE;
use regex::Regex;
use saphyr::{LoadableYamlNode as _, Yaml};
use serde_json::{Value, json};
use shared::clock::Timestamp;
use shared::job::Job;
use shared::metrics::{JobRecord, Namespace, RequestRecord};
use shared::table::Usage;

/// Returns the folder of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Converts an id such as `create-client` to `CreateClient`.
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

/// Returns the modules below a folder with this declaration: `noun::verb`.
fn modules_with(declaration: &str, folder: &Path) -> BTreeSet<String> {
    let mut declared = BTreeSet::new();
    for noun in fs::read_dir(folder).expect("a folder") {
        let noun = noun.expect("an entry").path();
        for file in noun.read_dir().into_iter().flatten() {
            let file = file.expect("an entry").path();
            if fs::read_to_string(&file).is_ok_and(|text| text.contains(declaration)) {
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
    assert_eq!(modules_with("pub const OPERATION: Operation", &root().join("functions/src")), listed);
}

#[test]
fn every_declared_job_is_listed() {
    for (declaration, modules) in [("Job", JOB_MODULES), ("StreamJob", STREAM_JOB_MODULES)] {
        let listed: BTreeSet<String> = modules.iter().map(ToString::to_string).collect();
        let declaration = format!("pub const JOB: {declaration} ");
        assert_eq!(modules_with(&declaration, &root().join("functions/src")), listed);
    }
}

/// Each job, like each operation, has a binary of its name.
#[test]
fn every_job_has_a_name_of_its_own() {
    assert_eq!(functions::ids().collect::<BTreeSet<_>>().len(), functions::ids().count());
}

#[test]
fn every_list_of_actions_belongs_to_a_job() {
    let listed = fs::read_to_string(root().join("functions/jobs.json")).expect("a file");
    let listed: Value = serde_json::from_str(&listed).expect("JSON");
    let listed: BTreeSet<&str> = listed.as_object().expect("an object").keys().map(String::as_str).collect();
    let jobs = JOBS.iter().map(|job| job.id).chain(STREAM_JOBS.iter().map(|job| job.id));
    assert_eq!(listed, jobs.collect());
}

#[test]
fn every_documented_cost_belongs_to_an_operation() {
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

/// Returns the table actions that the template grants the function of an operation or a job.
pub(crate) fn granted_actions(id: &str) -> BTreeSet<String> {
    let documents = Yaml::load_from_str(TEMPLATE).expect("YAML");
    let role = ["Resources", &format!("{}Role", pascal_case(id)), "Properties", "Policies"];
    let policies = role.iter().try_fold(&documents[0], |node, name| node.as_mapping_get(name));
    let statements = policies.and_then(Yaml::as_vec).expect("Policies").iter().flat_map(|policy| {
        let document = policy.as_mapping_get("PolicyDocument").expect("a document");
        document.as_mapping_get("Statement").and_then(Yaml::as_vec).expect("statements")
    });
    let actions = statements.flat_map(|statement| {
        assert_eq!(text(statement, &["Effect"]), "Allow");
        statement.as_mapping_get("Action").and_then(Yaml::as_vec).expect("actions")
    });
    actions.map(|action| action.as_str().expect("an action").to_owned()).collect()
}

/// A function outside the generated parts would belong to no operation and to no job.
#[test]
fn the_template_deploys_one_function_for_each_operation_and_each_job() {
    let deployed = TEMPLATE.matches("Type: AWS::Serverless::Function").count();
    assert_eq!(deployed, functions::ids().count());
}

/// Returns a resource of the template as JSON without its tags.
fn resource(name: &str) -> Value {
    let documents = Yaml::load_from_str(TEMPLATE).expect("YAML");
    let resource = ["Resources", name].iter().try_fold(&documents[0], |node, name| node.as_mapping_get(name));
    plain(resource.unwrap_or_else(|| panic!("no resource {name}")))
}

#[test]
fn the_template_runs_each_job_on_its_schedule() {
    for (job, module) in JOBS.iter().zip(JOB_MODULES) {
        let function = resource(&pascal_case(job.id));
        assert_eq!(function["Metadata"]["BuildProperties"], json!({"Binary": job.id}));
        let binary = root().join(format!("functions/src/bin/{}.rs", job.id));
        let binary = fs::read_to_string(&binary).expect("a binary");
        assert!(binary.contains(&format!("run_job(&functions::{module}::JOB)")), "{binary}");
        let properties = &function["Properties"];
        // A run ends before the next one begins, which repeats what has failed.
        assert_eq!(properties["Timeout"], json!(60 * job.minutes));
        assert_eq!(properties["EventInvokeConfig"], json!({"MaximumRetryAttempts": 0}));
        let unit = if job.minutes == 1 { "minute" } else { "minutes" };
        let rate = format!("rate({} {unit})", job.minutes);
        let schedule = json!({"Type": "Schedule", "Properties": {"Schedule": rate}});
        assert_eq!(properties["Events"], json!({"Schedule": schedule}));
    }
}

/// An alarm fires if a job fails, does not run, or has not finished something for an hour: its figure is missing or
/// too high.
#[test]
fn the_template_has_an_alarm_for_each_job() {
    for job in JOBS {
        let alarm = resource(&format!("{}Alarm", pascal_case(job.id)));
        assert_eq!(
            (&alarm["Type"], &alarm["Condition"]),
            (&json!("AWS::CloudWatch::Alarm"), &json!("HasAlarms"))
        );
        let properties = &alarm["Properties"];
        let line = line_of_a_run(job);
        let [directive] = &line["_aws"]["CloudWatchMetrics"].as_array().expect("directives")[..] else {
            panic!("one directive in {line}")
        };
        assert_eq!(directive["Metrics"][0]["Name"], properties["MetricName"]);
        let dimensions = directive["Dimensions"][0].as_array().expect("dimensions").iter();
        let dimensions =
            dimensions.map(|name| json!({"Name": name, "Value": line[name.as_str().expect("a name")]}));
        assert_eq!(properties["Dimensions"], dimensions.collect::<Value>());
        for (name, value) in [
            ("Namespace", json!("AWS::StackName")),
            ("Statistic", json!("Maximum")),
            ("ComparisonOperator", json!("GreaterThanThreshold")),
            ("Threshold", json!(3600)),
            ("TreatMissingData", json!("breaching")),
        ] {
            assert_eq!(properties[name], value, "{name}");
        }
        assert!(properties["AlarmActions"].is_array() && properties["OKActions"].is_array());
    }
}

/// With a restored table, the functions have the same rights on that table and none on another.
#[test]
fn the_template_lets_every_function_use_a_restored_table() {
    let restored = ["      Resource: !If", "  - HasRestoredTable"].map(str::trim);
    for id in OPERATIONS.iter().map(|operation| operation.id).chain(JOBS.iter().map(|job| job.id)) {
        let block = TEMPLATE.split(&format!("\n  {}Role:\n", pascal_case(id))).nth(1).expect("a block");
        let block = block.split("\n\n").next().expect("a block");
        let resources: Vec<&str> =
            block.lines().map(str::trim).filter(|line| line.starts_with("Resource:")).collect();
        assert_eq!(resources, [restored[0]], "{id}");
        assert!(block.lines().any(|line| line.trim() == restored[1]), "{id}");
    }
}

/// Returns the properties of the resources of this type in the template.
fn resources_of_type(name: &str) -> Vec<Value> {
    let documents = Yaml::load_from_str(TEMPLATE).expect("YAML");
    let resources = documents[0].as_mapping_get("Resources").and_then(Yaml::as_mapping).expect("Resources");
    let of_type = resources.values().filter(|resource| text(resource, &["Type"]) == name);
    of_type.map(|resource| plain(resource.as_mapping_get("Properties").expect("Properties"))).collect()
}

/// Converts a node to JSON without its tags.
fn plain(node: &Yaml<'_>) -> Value {
    match node {
        Yaml::Tagged(_, node) => plain(node),
        Yaml::Sequence(items) => items.iter().map(plain).collect(),
        Yaml::Mapping(members) => {
            let name = |name: &Yaml<'_>| name.as_str().expect("a name").to_owned();
            members.iter().map(|(key, value)| (name(key), plain(value))).collect()
        }
        other => {
            let number = || other.as_integer().map(Value::from);
            other.as_str().map(Value::from).or_else(number).unwrap_or_default()
        }
    }
}

/// Returns the properties of the dashboard widgets of a type.
fn widgets(kind: &str) -> Vec<Value> {
    let [dashboard] = &*resources_of_type("AWS::CloudWatch::Dashboard") else { panic!("one dashboard") };
    let body = dashboard["DashboardBody"][0].as_str().expect("a body");
    let body: Value = serde_json::from_str(body).expect("JSON");
    let widgets = body["widgets"].as_array().expect("widgets").iter();
    widgets.filter(|widget| widget["type"] == kind).map(|widget| widget["properties"].clone()).collect()
}

/// A metric in the namespace of the stack: its name and its dimension.
type Metric = (String, Option<String>);

/// Returns the metric of a dashboard entry.
fn graphed(entry: &Value) -> Option<Metric> {
    if entry[0] == STACK {
        return Some((entry[1].as_str()?.to_owned(), entry[2].as_str().map(str::to_owned)));
    }
    let search = entry[0]["expression"].as_str()?.split_once(&format!("{{\"{STACK}\","))?.1;
    let (dimension, rest) = search.split_once("} MetricName=\"").expect("a dimension and a name");
    Some((rest.split_once('"').expect("a name").0.to_owned(), Some(dimension.to_owned())))
}

const STACK: &str = "${AWS::StackName}";

/// Returns the log line of a failed request.
fn line_of_a_failure() -> Value {
    let answered = RequestRecord {
        at: Timestamp::UNIX_EPOCH,
        operation: "operation",
        noun: "noun",
        request: "request",
        trace: None,
        caller: None,
        status: 500,
        codes: &["errors.fatalError"],
        token_refusal: None,
        x_token_refusal: None,
        latency: Duration::ZERO,
        usage: Usage::default(),
        is_first: true,
    };
    let line = answered.line(Some(&Namespace::parse("namespace").expect("a namespace")));
    serde_json::from_str(&line).expect("JSON")
}

/// Returns the log line of a run of a job that has ended.
fn line_of_a_run(job: &Job) -> Value {
    let run = JobRecord {
        at: Timestamp::UNIX_EPOCH,
        job: job.id,
        run: "run",
        latency: Duration::ZERO,
        usage: Usage::default(),
        backlog: Some((0, Duration::ZERO)),
        failed: 1,
    };
    let line = run.line(Some(&Namespace::parse("namespace").expect("a namespace")));
    serde_json::from_str(&line).expect("JSON")
}

/// The dashboard shows every metric that the functions write, and no other metric of their
/// namespace.
#[test]
fn the_dashboard_shows_the_metrics_that_the_functions_write() {
    let mut written: BTreeSet<Metric> = BTreeSet::new();
    for line in [line_of_a_failure(), line_of_a_run(JOBS[0])] {
        for directive in line["_aws"]["CloudWatchMetrics"].as_array().expect("directives") {
            let [dimensions] = &directive["Dimensions"].as_array().expect("dimensions")[..] else {
                panic!("one set of dimensions")
            };
            let dimension = dimensions[0].as_str().map(str::to_owned);
            let metrics = directive["Metrics"].as_array().expect("metrics").iter();
            let names = metrics.map(|metric| metric["Name"].as_str().expect("a name").to_owned());
            written.extend(names.map(|name| (name, dimension.clone())));
        }
    }
    let widgets = widgets("metric");
    let entries = widgets.iter().flat_map(|widget| widget["metrics"].as_array().expect("metrics"));
    assert_eq!(entries.filter_map(graphed).collect::<BTreeSet<_>>(), written);
}

/// CloudWatch would bill such a metric once for each operation and month.
#[test]
fn no_metric_of_the_functions_has_the_operation_as_a_dimension() {
    let line = line_of_a_failure();
    for directive in line["_aws"]["CloudWatchMetrics"].as_array().expect("directives") {
        let dimensions = &directive["Dimensions"];
        assert!([json!([[]]), json!([["code"]])].contains(dimensions), "{dimensions}");
    }
}

/// Queries and filters of the template use members of the log line.
#[test]
fn the_template_queries_members_of_the_log_line() {
    let line = line_of_a_failure();
    let figure = Regex::new(r"\b[A-Z][A-Za-z]*[a-z]\b").expect("a pattern");
    let queries = widgets("log");
    assert_eq!(queries.len(), 2);
    for query in &queries {
        // A row for each operation would be too many to read.
        let is_short = ["by noun |", "limit 20"];
        assert!(
            is_short.iter().any(|part| query["query"].as_str().is_some_and(|query| query.contains(part)))
        );
        let query =
            query["query"].as_str().expect("a query").strip_prefix("SOURCE '${Logs}' | ").expect("the logs");
        let members: Vec<&str> = figure.find_iter(query).map(|member| member.as_str()).collect();
        assert!(!members.is_empty() && members.iter().all(|member| line[member].is_number()), "{members:?}");
    }
    let filter = resource("HealthFailures");
    let pattern = &filter["Properties"]["FilterPattern"];
    assert_eq!(pattern, r#"{ $.operation = "get-health" && $.status >= 500 }"#);
    assert!(line["operation"].is_string() && line["status"].is_number());
    assert!(OPERATIONS.iter().any(|operation| operation.id == "get-health"));
}

/// An alarm on a metric that nothing writes would never fire. The figures of the jobs are those of
/// [`the_template_has_an_alarm_for_each_job`].
#[test]
fn the_template_has_a_filter_for_each_metric_with_an_alarm() {
    let filters = resources_of_type("AWS::Logs::MetricFilter");
    let written: BTreeSet<&str> = filters
        .iter()
        .filter_map(|filter| filter["MetricTransformations"][0]["MetricName"].as_str())
        .collect();
    let alarms = resources_of_type("AWS::CloudWatch::Alarm");
    let is_of_job = |alarm: &Value| alarm["Dimensions"][0]["Name"] == "job";
    let own = alarms.iter().filter(|alarm| alarm["Namespace"] == "AWS::StackName" && !is_of_job(alarm));
    assert_eq!(own.filter_map(|alarm| alarm["MetricName"].as_str()).collect::<BTreeSet<_>>(), written);
    assert_eq!(alarms.iter().filter(|alarm| is_of_job(alarm)).count(), JOBS.len() + STREAM_JOBS.len());
}
