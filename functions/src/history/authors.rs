//! The authors of changes: whom the item names, or who deleted it.

use std::collections::HashMap;

use shared::clock::Timestamp;
use shared::ids::ExtId;
use shared::service::Steps;
use shared::table::{Item, Key, TableError, tombstone};

use super::change::{Author, Change, Source, author_of};
use crate::clients::{self, CLIENT_EXT_ID};
use crate::deletions;
use crate::users::{USER_EXT_ID, UserPath};

/// The maximum number of deletions of an owner that are read to find the one that deleted an object. A user or client
/// that is deleted more often within two days gets the last one of these.
const MAX_DELETIONS: usize = 100;

/// Returns the author of each of these changes, or `None` if nothing tells any longer who deleted an object.
///
/// # Errors
/// See [`TableError`].
pub(super) async fn authors_of(changes: &[Change], steps: &Steps) -> Result<Vec<Option<Author>>, TableError> {
    let mut keys = Vec::new();
    for change in changes {
        keys.extend(keys_of(change)?);
    }
    keys.sort_unstable();
    keys.dedup();
    let found = if keys.is_empty() { HashMap::new() } else { steps.get_many(&keys).await? };
    let mut authors = Vec::with_capacity(changes.len());
    for change in changes {
        authors.push(match (&change.source, stated(change, &found)?) {
            (Source::Item(author), _) => Some(author.clone()),
            (Source::Tombstone(item), None) => of_owner(change, item, steps).await?,
            (Source::Deletion(_) | Source::Tombstone(_), stated) => stated,
        });
    }
    Ok(authors)
}

/// Returns the keys of the tombstones that may state the author.
fn keys_of(change: &Change) -> Result<Vec<Key>, TableError> {
    Ok(match &change.source {
        Source::Item(_) => Vec::new(),
        Source::Deletion(id) => {
            owners_of(change).iter().map(|owner| deletions::tombstone_key(owner, id)).collect()
        }
        Source::Tombstone(item) => vec![tombstone::key_of(item)?],
    })
}

/// Returns the author whom one of the tombstones states.
fn stated(change: &Change, found: &HashMap<Key, Item>) -> Result<Option<Author>, TableError> {
    let keys = keys_of(change)?;
    keys.iter().find_map(|key| found.get(key)).map(author_of).transpose()
}

/// Returns the author of the deletion of the owner of an object: the first one that began after the object was last
/// changed.
async fn of_owner(change: &Change, item: &Item, steps: &Steps) -> Result<Option<Author>, TableError> {
    let changed = Timestamp::parse(item.text("lastModified")?);
    for owner in owners_of(change) {
        let partition = tombstone::key_below(&owner, &[]);
        let lists = [(partition.pk(), deletions::TOMBSTONE_PREFIX)];
        let begun = steps.first(&lists, MAX_DELETIONS).await?.into_iter().flat_map(|list| list.items);
        let mut authors = begun.map(|item| author_of(&item)).collect::<Result<Vec<_>, _>>()?;
        authors.sort_by_cached_key(|author| Timestamp::parse(&author.at));
        let after = authors.iter().position(|author| Timestamp::parse(&author.at) >= changed);
        if let Some(author) = after.map(|index| authors.swap_remove(index)).or_else(|| authors.pop()) {
            return Ok(Some(author));
        }
    }
    Ok(None)
}

/// Returns the partitions of the user and the client of an object, whose deletion deletes it too.
fn owners_of(change: &Change) -> Vec<String> {
    let Some(client) = change.identifier(CLIENT_EXT_ID) else { return Vec::new() };
    let client = ExtId::unchecked(client);
    let user = change
        .identifier(USER_EXT_ID)
        .map(|user| UserPath { client: client.clone(), user: ExtId::unchecked(user) }.partition());
    user.into_iter().chain([clients::key(&client).pk().to_owned()]).collect()
}
