//! The authors of changes: whom the item names, or who deleted it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

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
    let keys = changes.iter().map(keys_of).collect::<Result<Vec<_>, _>>()?;
    let mut all: Vec<Key> = keys.iter().flatten().cloned().collect();
    all.sort_unstable();
    all.dedup();
    let found = if all.is_empty() { HashMap::new() } else { steps.get_many(&all).await? };
    let mut deletions = Deletions { steps, read: HashMap::new() };
    let mut authors = Vec::with_capacity(changes.len());
    for (change, keys) in changes.iter().zip(&keys) {
        let stated = keys.iter().find_map(|key| found.get(key)).map(author_of).transpose()?;
        authors.push(match (&change.source, stated) {
            (Source::Item(author), _) => Some(author.clone()),
            (Source::Tombstone(item), None) => deletions.author_of(change, item).await?,
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

/// The deletions of users and clients. Those of an owner are read once, because most of what a deletion deletes has the
/// same one.
struct Deletions<'a> {
    steps: &'a Steps,
    /// The authors of the deletions of each owner, in the order of their begin.
    read: HashMap<String, Vec<Author>>,
}

impl Deletions<'_> {
    /// Returns the author of the deletion of the owner of an object: the first one that began after the object was last
    /// changed.
    async fn author_of(&mut self, change: &Change, item: &Item) -> Result<Option<Author>, TableError> {
        let changed = Timestamp::parse(item.text("lastModified")?);
        for owner in owners_of(change) {
            let authors = self.of(owner).await?;
            let after = authors.iter().find(|author| Timestamp::parse(&author.at) >= changed);
            if let Some(author) = after.or(authors.last()) {
                return Ok(Some(author.clone()));
            }
        }
        Ok(None)
    }

    /// Returns the authors of the deletions of an owner.
    async fn of(&mut self, owner: String) -> Result<&[Author], TableError> {
        Ok(match self.read.entry(owner) {
            Entry::Occupied(read) => read.into_mut(),
            Entry::Vacant(place) => {
                let partition = tombstone::key_below(place.key(), &[]);
                let lists = [(partition.pk(), deletions::TOMBSTONE_PREFIX)];
                let begun = self.steps.first(&lists, MAX_DELETIONS).await?;
                let begun = begun.iter().flat_map(|list| &list.items);
                let mut authors = begun.map(author_of).collect::<Result<Vec<_>, _>>()?;
                authors.sort_by_cached_key(|author| Timestamp::parse(&author.at));
                place.insert(authors)
            }
        })
    }
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
