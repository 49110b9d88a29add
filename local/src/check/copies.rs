//! Comparison of the copies of the items that lie in several.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use rusqlite::{Connection, Statement, params};
use serde_json::{Value, json};
use shared::table::{Item, Key};

use super::facts::{Members, Rule};

/// The statement that adds a copy.
pub(super) const COPY: &str = "INSERT INTO copies VALUES (?1, ?2, ?3, ?4)";

/// Adds a copy of the item at a key.
pub(super) fn add(statement: &mut Statement<'_>, key: &Key, item: &Item) -> rusqlite::Result<()> {
    let members: Members =
        item.shared_attributes().into_iter().map(|(name, value)| (name, canonical(value))).collect();
    statement.execute(params![key.pk(), key.sk(), key.copies().cast_signed(), members.as_str()])?;
    Ok(())
}

/// Finds items whose copies are incomplete or differ.
pub(super) fn compare(database: &Connection, finding: &mut Statement<'_>) -> rusqlite::Result<()> {
    let mut select = database.prepare(
        "SELECT pk, sk, MAX(copies), COUNT(*), MIN(members), MAX(members) FROM copies
         GROUP BY pk, sk HAVING COUNT(*) <> MAX(copies) OR MIN(members) <> MAX(members)",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let [pk, sk]: [String; 2] = [row.get(0)?, row.get(1)?];
        let [copies, found]: [i64; 2] = [row.get(2)?, row.get(3)?];
        let [one, other]: [String; 2] = [row.get(4)?, row.get(5)?];
        let mut texts = Vec::new();
        if found != copies {
            texts.push(format!("{found} of {copies} copies exist"));
        }
        if one != other {
            texts.push(format!("the copies differ in {}", Members::difference(&one, &other)));
        }
        for text in texts {
            finding.execute([Rule::Copy.name(), &pk, &sk, &text])?;
        }
    }
    Ok(())
}

/// Returns a value whose text is the same for equal attributes.
fn canonical(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => json!(text),
        AttributeValue::N(number) => json!({ "N": number }),
        AttributeValue::Bool(flag) => json!(flag),
        AttributeValue::Ss(texts) => json!(texts.iter().collect::<BTreeSet<_>>()),
        AttributeValue::M(map) => map.iter().map(|(name, value)| (name.clone(), canonical(value))).collect(),
        // The service writes no other types.
        other => json!(format!("{other:?}")),
    }
}
