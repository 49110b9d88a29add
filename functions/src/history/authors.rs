//! The authors of changes: whom the item names, or who deleted it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use shared::clock::Timestamp;
use shared::ids::ExtId;
use shared::service::Steps;
use shared::table::{Item, Key, TableError, tombstone};

use super::change::{Author, Change, Removed, Source, author_of};
use crate::clients::{self, CLIENT_EXT_ID};
use crate::deletions;
use crate::users::{USER_EXT_ID, UserPath};

/// The maximum number of deletions of an owner that are read to find the one that deleted an object. A user or client
/// that is deleted more often while the tombstones are kept gets the last one of these.
const MAX_DELETIONS: usize = 100;

/// Returns the author of each of these changes, or `None` if nothing tells any longer who deleted an object.
///
/// # Errors
/// See [`TableError`].
pub(super) async fn authors_of(changes: &[Change], steps: &Steps) -> Result<Vec<Option<Author>>, TableError> {
    let keys: Vec<Vec<Key>> = changes.iter().map(keys_of).collect();
    let mut all: Vec<Key> = keys.iter().flatten().cloned().collect();
    all.sort_unstable();
    all.dedup();
    let found = if all.is_empty() { HashMap::new() } else { steps.get_many(&all).await? };
    let mut deletions = Deletions { steps, read: HashMap::new() };
    let mut authors = Vec::with_capacity(changes.len());
    for (change, keys) in changes.iter().zip(&keys) {
        let stated = keys.iter().find_map(|key| author_of(found.get(key)?).ok());
        authors.push(match (&change.source, stated) {
            (Source::Item(author), _) => Some(author.clone()),
            (Source::Tombstone(removed), None) => deletions.author_of(change, removed).await?,
            (Source::Deletion(_) | Source::Tombstone(_), stated) => stated,
        });
    }
    Ok(authors)
}

/// Returns the keys of the tombstones that may state the author.
fn keys_of(change: &Change) -> Vec<Key> {
    match &change.source {
        Source::Item(_) => Vec::new(),
        Source::Deletion(id) => {
            owners_of(change).iter().map(|owner| deletions::tombstone_key(owner, id)).collect()
        }
        Source::Tombstone(removed) => vec![removed.tombstone.clone()],
    }
}

/// The deletions of users and clients. Those of an owner are read once, because most of what a deletion deletes has the
/// same one.
struct Deletions<'a> {
    steps: &'a Steps,
    /// The tombstones of the deletions of each owner.
    read: HashMap<String, Vec<Item>>,
}

impl Deletions<'_> {
    /// Returns the author of the deletion that deleted an object with its user or client: the first one that began after
    /// the object was last changed or, if the clocks of the two differ, the last one before.
    async fn author_of(&mut self, change: &Change, removed: &Removed) -> Result<Option<Author>, TableError> {
        let mut authors = Vec::new();
        for owner in owners_of(change) {
            let begun = self.of(owner).await?.iter();
            let begun = begun.filter(|tombstone| deletions::includes(tombstone, removed.key.sk()));
            authors.extend(begun.filter_map(|tombstone| {
                let author = author_of(tombstone).ok()?;
                Some((Timestamp::parse(&author.at), author))
            }));
        }
        authors.sort_by_key(|(at, _)| *at);
        let after = authors.iter().position(|(at, _)| *at >= removed.changed);
        let index = after.or(authors.len().checked_sub(1));
        Ok(index.map(|index| authors.swap_remove(index).1))
    }

    /// Returns the tombstones of the deletions of an owner.
    async fn of(&mut self, owner: String) -> Result<&[Item], TableError> {
        Ok(match self.read.entry(owner) {
            Entry::Occupied(read) => read.into_mut(),
            Entry::Vacant(place) => {
                let partition = tombstone::key_below(place.key(), &[]);
                let lists = [(partition.pk(), deletions::TOMBSTONE_PREFIX)];
                let begun = self.steps.first(&lists, MAX_DELETIONS).await?;
                place.insert(begun.into_iter().flat_map(|list| list.items).collect())
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
