//! The rows and the operations of the service.

use shared::auth::Needs;
use shared::operation::Entry;

use super::all_rows;

/// Every operation that requires a token has a row, which agrees with the contract.
#[test]
fn the_rows_match_the_operations() {
    let authenticated = functions::OPERATIONS.iter().filter_map(|operation| match operation.entry {
        Entry::Authenticated { needs, .. } => Some((operation, needs)),
        Entry::Public { .. } => None,
    });
    let listed = authenticated.map(|(operation, needs)| {
        let (rights, any_right) = match needs {
            Needs::All(rights) => (rights, false),
            Needs::AnyOrSelf(rights) => (rights, true),
        };
        let rights: Vec<&str> = rights.iter().map(|right| right.name()).collect();
        format!("{} {} {} {rights:?} {any_right}", operation.id, operation.method, operation.path)
    });
    let rows = all_rows().map(|row| {
        let rights: Vec<String> = row.rights.iter().map(|right| format!("AccessControl.{right}")).collect();
        format!("{} {} {} {rights:?} {}", row.id, row.method, row.template, row.any_right)
    });
    let (mut listed, mut rows): (Vec<_>, Vec<_>) = (listed.collect(), rows.collect());
    listed.sort_unstable();
    rows.sort_unstable();
    assert_eq!(rows, listed);
}
