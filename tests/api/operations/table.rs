//! The rows and the operations of the service.

use shared::http::Method;
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
        let groups: Vec<Vec<&str>> =
            needs.groups().iter().map(|group| group.iter().map(|right| right.name()).collect()).collect();
        let entry = (operation.id, &operation.method, operation.path);
        format!("{entry:?} {groups:?} {:?}", needs.self_service())
    });
    let rows = all_rows().map(|row| {
        let name = |right: &&str| format!("AccessControl.{right}");
        let groups = if row.is_for_its_author() { Vec::new() } else { row.groups() };
        let groups: Vec<Vec<String>> = groups.iter().map(|group| group.iter().map(name).collect()).collect();
        let method = Method::from_bytes(row.method.as_bytes()).expect("a method");
        let entry = (row.id, &method, row.template);
        format!("{entry:?} {groups:?} {:?}", row.self_service)
    });
    let (mut listed, mut rows): (Vec<_>, Vec<_>) = (listed.collect(), rows.collect());
    listed.sort_unstable();
    rows.sort_unstable();
    assert_eq!(rows, listed);
}
