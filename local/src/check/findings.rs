//! Comparison of what items expect with what there is.

use rusqlite::{Connection, Row, Statement, params};
use shared::table::Key;

use super::facts::{Members, Rule};
use super::rules::entry_of_value;
use super::{EXPECTED, add_expected, copies};

/// The indexes, which are faster to build at once than with each item.
const INDEXES: &str = "
    CREATE INDEX items_by_key ON items (pk, sk);
    CREATE INDEX expected_by_key ON expected (pk, sk);";

/// The query of the lines of the findings, in a stable order. Several items can report the same one.
pub(super) const LINES: &str = "
    SELECT DISTINCT rule || ': ' || pk || ' | ' || sk || ': ' || text AS line
    FROM findings
    WHERE NOT EXISTS (SELECT 1 FROM deleting WHERE scope IN (client, user))
    ORDER BY rule, pk, sk, text";

/// Finds what is inconsistent.
pub(super) fn compare(database: &Connection) -> rusqlite::Result<()> {
    database.execute_batch(INDEXES)?;
    expect_entries_of_values(database)?;
    let mut finding = database.prepare("INSERT INTO findings VALUES (?1, ?2, ?3, ?4, NULL, NULL)")?;
    compare_expected(database, &mut finding)?;
    find_ownerless(database, &mut finding)?;
    compare_counts(database, &mut finding)?;
    find_missing_parts(database, &mut finding)?;
    copies::compare(database, &mut finding)
}

/// Adds what the values of properties expect, which depends on the identifiers in the definitions.
fn expect_entries_of_values(database: &Connection) -> rusqlite::Result<()> {
    let mut select = database.prepare(
        "SELECT valued.pk, valued.sk, owner, name, client, user,
            (SELECT property FROM items WHERE (items.pk, items.sk) = (all_pk, all_sk)),
            (SELECT property FROM items WHERE (items.pk, items.sk) = (own_pk, own_sk))
         FROM valued",
    )?;
    let mut has = database.prepare("SELECT 1 FROM items WHERE (pk, sk) = (?1, ?2)")?;
    let mut expect = database.prepare(EXPECTED)?;
    let mut finding = database.prepare("INSERT INTO findings VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let [pk, sk, owner, name] = texts(row)?;
        let scopes: [Option<String>; 2] = [row.get(4)?, row.get(5)?];
        let [of_all, of_client]: [Option<i64>; 2] = [row.get(6)?, row.get(7)?];
        let Some(id) = of_client.or(of_all) else {
            let text = format!("{name} has a value but no definition");
            finding.execute(params![Rule::Definition.name(), pk, sk, text, scopes[0], scopes[1]])?;
            continue;
        };
        let mut expected = entry_of_value(id.cast_unsigned(), &owner);
        // The value may be from before the client had a definition of its own.
        if let Some(replaced) = of_all.filter(|replaced| *replaced != id)
            && !has.exists([expected.key.pk(), expected.key.sk()])?
        {
            let earlier = entry_of_value(replaced.cast_unsigned(), &owner);
            if has.exists([earlier.key.pk(), earlier.key.sk()])? {
                expected = earlier;
            }
        }
        add_expected(&mut expect, &Key::new(&[&pk], &[&sk]), &expected, &scopes)?;
    }
    Ok(())
}

/// Finds items that are missing, of another type, or that differ from what another item expects.
fn compare_expected(database: &Connection, finding: &mut Statement<'_>) -> rusqlite::Result<()> {
    let mut select = database.prepare(
        "SELECT expected.rule, by_pk, by_sk, expected.pk || ' | ' || expected.sk, expected.kind, items.kind, expected.members,
            items.members, is_mark, expected.mark, items.mark
         FROM expected LEFT JOIN items ON (items.pk, items.sk) = (expected.pk, expected.sk)
         WHERE CASE
                WHEN is_mark THEN items.kind = expected.kind AND items.mark IS NOT expected.mark
                ELSE items.kind IS NOT expected.kind OR expected.members <> items.members
            END
            AND NOT EXISTS (SELECT 1 FROM deleting WHERE scope IN (expected.client, expected.user))",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let [rule, pk, sk, place, kind] = texts(row)?;
        let found: Option<String> = row.get(5)?;
        let difference = match found {
            None => "is missing".to_owned(),
            Some(found) if found != kind => format!("is of type {found}"),
            Some(_) if row.get(8)? => match row.get::<_, Option<String>>(9)? {
                Some(mark) => format!("does not carry the mark of the deletion {mark}"),
                None => "carries the mark of a deletion".to_owned(),
            },
            Some(_) => {
                let [expected, found]: [String; 2] = [row.get(6)?, row.get(7)?];
                format!("differs in {}", Members::difference(&expected, &found))
            }
        };
        let text = format!("{kind} at {place} {difference}");
        finding.execute([rule, pk, sk, text])?;
    }
    Ok(())
}

/// Finds items that exist only because of another one, which does not exist or no longer expects them.
fn find_ownerless(database: &Connection, finding: &mut Statement<'_>) -> rusqlite::Result<()> {
    let mut select = database.prepare(
        "SELECT rule, pk, sk, kind, owner FROM items
         WHERE owner IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM deleting WHERE scope IN (items.client, items.user))
            AND NOT EXISTS (
            SELECT 1 FROM expected WHERE owns AND (expected.pk, expected.sk) = (items.pk, items.sk)
         )",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let [rule, pk, sk, kind, owner] = texts(row)?;
        finding.execute([rule, pk, sk, format!("no {owner} has this {kind}")])?;
    }
    Ok(())
}

/// Finds items that another number of items refer to than they say.
fn compare_counts(database: &Connection, finding: &mut Statement<'_>) -> rusqlite::Result<()> {
    let mut select = database.prepare(
        "SELECT pk, sk, count, found FROM (
            SELECT pk, sk, count, count_client, count_user, (
                SELECT COUNT(*) FROM expected WHERE counts AND (expected.pk, expected.sk) = (items.pk, items.sk)
            ) AS found FROM items WHERE count IS NOT NULL
         )
         WHERE count <> found AND NOT EXISTS (SELECT 1 FROM deleting WHERE scope IN (count_client, count_user))",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let [pk, sk] = texts(row)?;
        let [count, found]: [i64; 2] = [row.get(2)?, row.get(3)?];
        let text = format!("counts {count} references, found {found}");
        finding.execute([Rule::Count.name(), &pk, &sk, &text])?;
    }
    Ok(())
}

/// Finds items without the items that must be in their partition. The deletion of what they are excuses them.
fn find_missing_parts(database: &Connection, finding: &mut Statement<'_>) -> rusqlite::Result<()> {
    let mut select = database.prepare(
        "SELECT pk, sk, kind FROM parts
         WHERE pk NOT IN (SELECT scope FROM deleting)
            AND NOT EXISTS (SELECT 1 FROM items WHERE items.pk = parts.pk AND items.kind = parts.kind)",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let [pk, sk, kind] = texts(row)?;
        finding.execute([Rule::Initial.name(), &pk, &sk, &format!("{kind} is missing")])?;
    }
    Ok(())
}

/// Returns the first columns of a row.
fn texts<const COUNT: usize>(row: &Row<'_>) -> rusqlite::Result<[String; COUNT]> {
    let mut texts = [const { String::new() }; COUNT];
    for (index, text) in texts.iter_mut().enumerate() {
        *text = row.get(index)?;
    }
    Ok(texts)
}
