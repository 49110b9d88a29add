//! Consistency of the items in the table.

use functions::clients::ENTITY_TYPE;
use local::check::findings;
use shared::table::Item;
use shared::table::item;

/// Asserts that the command `check` finds nothing in these items, which are all items of the table. Returns the number
/// of clients.
pub(crate) fn assert_complete(items: &[Item]) -> usize {
    let findings = findings(items).expect("a check");
    assert!(findings.is_empty(), "{findings:#?}");
    items.iter().filter(|item| item.text(item::ENTITY_TYPE) == Ok(ENTITY_TYPE)).count()
}
