//! Readback: a create, a read, a change and a list show the same entity, and nothing else of the table.
//!
//! Members of JSON objects are sorted, so that equal bodies have equal bytes.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use shared::entity::schema::{FieldKind, ObjectSchema};
use shared::operation::description::{Shape, Success};
use shared::table::key::{PK, SK};

use super::lists::{alone, put, write};
use super::rows::Row;
use super::{all_rows, for_each_operation};
use crate::support::documented::Documented;
use crate::support::world::operation_of;
use crate::support::{Answer, Caller, World};

for_each_operation!(
    responses_contain_nothing_internal,
    a_created_entity_is_the_one_that_is_read_and_listed,
    a_created_entity_has_the_id_of_the_response,
    a_changed_entity_is_the_one_that_is_read_and_listed,
    an_entity_that_is_read_is_listed_as_it_is,
);

/// An attribute that the service does not know, and its value.
const UNKNOWN: &str = "unknownToTheService";

/// Returns the shape of the body of the response to a good request.
fn shape(row: &Row) -> Option<Shape> {
    match row.operation().description.success {
        Success::Ok(body)
        | Success::Entity(body)
        | Success::CreatedEntity(body)
        | Success::Created(Some(body)) => Some(body.shape),
        Success::Created(None) | Success::NoContent | Success::Deletion => None,
    }
}

/// Returns the schema of the entity with which an operation responds.
fn entity_schema(row: &Row) -> Option<&'static ObjectSchema> {
    match shape(row)? {
        Shape::Object(object) => Some(object),
        Shape::List(_) | Shape::Page(_) | Shape::PageOfAny { .. } | Shape::Properties { .. } => None,
    }
}

/// Returns the schema of the entities of which an operation responds with a list.
fn list_schema(row: &Row) -> Option<&'static ObjectSchema> {
    match shape(row)? {
        Shape::List(object) | Shape::Page(object) => Some(object),
        Shape::Object(_) | Shape::PageOfAny { .. } | Shape::Properties { .. } => None,
    }
}

/// Returns a world whose times are earlier than the start of the test, so that they are compared, not replaced.
async fn world_with_times() -> Option<World> {
    let world = alone().await?;
    world.wait(-3600);
    Some(world)
}

/// Sends the good request of an operation.
async fn succeed(world: &World, row: &Row) -> Answer {
    let answer = row.call(world).by(&Caller::root()).send().await;
    assert_eq!(answer.status, row.success, "{answer:?}");
    answer
}

/// Reads the entity to which `Location` leads. Returns the operation that reads it, and the response.
async fn follow(world: &World, created: &Answer) -> (&'static Row, Answer) {
    let path = created.leads_to.as_deref().expect("a Location");
    let sent = world.get(path).by(&Caller::root()).sent();
    let operation = operation_of(&sent).expect("an operation");
    let reader = all_rows().find(|row| row.id == operation.id).expect("a row");
    let read = world.answer(sent).await;
    assert_eq!(read.status, 200, "{read:?}");
    (reader, read)
}

/// The entries of a list, and the operation that returns it.
type List = (&'static Row, Vec<Value>);

/// Returns the lists of the furnished clients, users and units.
async fn lists(world: &World) -> Vec<List> {
    let mut lists = Vec::new();
    for row in all_rows().filter(|row| list_schema(row).is_some()) {
        let list = succeed(world, row).await.body;
        let entries = if list.is_array() { &list } else { &list["items"] };
        lists.push((row, entries.as_array().expect("entries").clone()));
    }
    lists
}

/// Asserts that lists of these entities have gained this one, and nothing else, if there are such lists.
async fn assert_listed(world: &World, before: &[List], schema: &ObjectSchema, entity: &Value) {
    let after = lists(world).await;
    let mut gains = Vec::new();
    for ((row, after), (_, before)) in after.iter().zip(before) {
        if list_schema(row) == Some(schema) {
            let gained: Vec<&Value> = after.iter().filter(|entry| !before.contains(entry)).collect();
            assert!(gained.is_empty() || gained == [entity], "{}: {gained:#?}, not {entity:#}", row.id);
            gains.push(gained.len());
        }
    }
    assert!(gains.is_empty() || gains.contains(&1), "no list has {entity:#}");
}

/// Returns true if an operation creates an entity.
fn creates(row: &Row) -> bool {
    matches!(row.operation().description.success, Success::Created(_) | Success::CreatedEntity(_))
}

/// `Created-Id` is the extId of the new entity, or else the last parameter of its path. A repeated request returns it
/// too.
async fn a_created_entity_has_the_id_of_the_response(row: &'static Row) {
    if !creates(row) {
        return;
    }
    let Some(world) = alone().await else { return };
    let send = || row.call(&world).by(&Caller::root()).header("idempotency-key", "once").send();
    let created = send().await;
    let (reader, read) = follow(&world, &created).await;
    let path = reader.operation().path.split('/');
    let address = created.headers["location"][0].split('/');
    let last = path.zip(address).filter(|(name, _)| name.starts_with('{')).last();
    let id = read.body["extId"].as_str().or(last.map(|(_, segment)| segment)).expect("an identifier");
    let [given] = &created.headers["created-id"][..] else { panic!("not one identifier: {created:?}") };
    let decoded = [given, id].map(|text| percent_decode_str(text).decode_utf8_lossy().into_owned());
    assert_eq!(decoded[0], decoded[1], "{created:?}");
    assert_eq!(send().await, created);
}

async fn a_created_entity_is_the_one_that_is_read_and_listed(row: &'static Row) {
    if !creates(row) {
        return;
    }
    let Some(world) = world_with_times().await else { return };
    let before = lists(&world).await;
    let created = succeed(&world, row).await;
    let (reader, read) = follow(&world, &created).await;
    Documented::get().assert_documented(reader.id, &read, "a new entity");
    let schema = entity_schema(reader).expect("an entity");
    if entity_schema(row) == Some(schema) {
        assert_eq!((&created.body, &created.headers["etag"]), (&read.body, &read.headers["etag"]));
    }
    assert_listed(&world, &before, schema, &read.body).await;
}

async fn a_changed_entity_is_the_one_that_is_read_and_listed(row: &'static Row) {
    if row.method != "PATCH" {
        return;
    }
    let Some(world) = world_with_times().await else { return };
    let before = lists(&world).await;
    let changed = succeed(&world, row).await;
    if row.methods_of_path().contains(&"GET") {
        assert_eq!(world.get(row.path).by(&Caller::root()).send().await, changed);
    }
    if let Some(schema) = entity_schema(row) {
        assert_listed(&world, &before, schema, &changed.body).await;
    }
}

async fn an_entity_that_is_read_is_listed_as_it_is(row: &'static Row) {
    let Some(schema) = entity_schema(row).filter(|_| row.method == "GET") else { return };
    let Some(world) = world_with_times().await else { return };
    let read = succeed(&world, row).await.body;
    let mut lists = lists(&world).await;
    lists.retain(|(row, _)| list_schema(row) == Some(schema));
    assert!(
        lists.is_empty() || lists.iter().any(|(_, entries)| entries.contains(&read)),
        "no list has {read:#}"
    );
}

/// Adds an attribute that the service does not know to all items of the table.
async fn add_unknown_attributes(world: &World) {
    let (client, table) = world.table();
    let scanned = client.scan().table_name(table).send().await.expect("the table can be read");
    assert_eq!(scanned.last_evaluated_key, None);
    let writes = scanned.items.unwrap_or_default().into_iter().map(|mut item| {
        item.insert(UNKNOWN.to_owned(), AttributeValue::S(UNKNOWN.to_owned()));
        put(item)
    });
    write(world, writes.collect()).await;
}

/// Collects the names of the members of an object in a response, at any depth.
fn documented_names(object: &ObjectSchema, names: &mut BTreeSet<&'static str>) {
    for field in object.fields() {
        names.insert(field.name);
        if let FieldKind::Object(inner) | FieldKind::Objects(inner) = field.kind {
            documented_names(inner, names);
        }
    }
}

/// Collects the names of the members of a body and its texts, at any depth.
fn collect<'a>(body: &'a Value, names: &mut BTreeSet<&'a str>, texts: &mut BTreeSet<&'a str>) {
    match body {
        Value::Object(members) => {
            names.extend(members.keys().map(String::as_str));
            members.values().for_each(|value| collect(value, names, texts));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, names, texts)),
        Value::String(text) => drop(texts.insert(text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// No response has an attribute that the operation does not document, even in an object whose names callers choose,
/// or a key.
async fn responses_contain_nothing_internal(row: &'static Row) {
    let Some(world) = alone().await else { return };
    add_unknown_attributes(&world).await;
    let answer = succeed(&world, row).await;
    Documented::get().assert_documented(row.id, &answer, "unknown attributes in the table");

    let mut documented = BTreeSet::new();
    let schemas: Vec<&ObjectSchema> = match shape(row) {
        Some(Shape::PageOfAny { schemas, .. }) => schemas.to_vec(),
        _ => entity_schema(row).or(list_schema(row)).into_iter().collect(),
    };
    for object in schemas {
        documented_names(object, &mut documented);
    }
    let items = world.items().await.into_json();
    let items: Vec<&Map<String, Value>> =
        items.as_object().into_iter().flat_map(Map::values).filter_map(Value::as_object).collect();
    let attributes = items.iter().flat_map(|item| item.keys()).map(String::as_str);
    let internal: BTreeSet<&str> = attributes.filter(|name| !documented.contains(name)).collect();
    let keys: BTreeSet<&str> =
        items.iter().flat_map(|item| [PK, SK].map(|part| item[part].as_str().expect("a key"))).collect();

    let (mut names, mut texts) = (BTreeSet::new(), BTreeSet::new());
    collect(&answer.body, &mut names, &mut texts);
    let shown: Vec<_> = names.intersection(&internal).chain(texts.intersection(&keys)).collect();
    assert!(shown.is_empty() && !texts.contains(UNKNOWN), "{shown:?}: {answer:?}");
}
