//! The job `sweep-deletions`: goes on with deletions that have not ended.

use std::collections::BTreeSet;

use shared::entity::Entity as _;
use shared::job::{Backlog, Job};
use shared::service::{Beginning, Steps};
use shared::table::{Condition, Item, Key, TableError, Transaction, Update};

use super::plan::{Definitions, Plan, definition_keys};
use super::{Deletion, DeletionKind, DeletionState, entry_lists, key};
use crate::properties;
use crate::users::{self, ARCHIVING, UserPath};

/// The job, as listed in [`JOBS`](crate::JOBS).
pub const JOB: Job = Job {
    id: "sweep-deletions",
    summary: "Go on with deletions that have not ended",
    minutes: 1,
    run: |steps| Box::pin(run(steps)),
};

/// The maximum number of deletions of one partition that a run knows of.
const MAX_ENTRIES: usize = 100;
/// The maximum number of items of a user or a client that one pass reads.
const MAX_ITEMS: usize = 500;
/// The maximum number of users of a client that one pass deletes.
const MAX_USERS: usize = 400;
/// The maximum number of users whose items are read together.
const MAX_USERS_OF_PLAN: usize = 50;
/// The maximum number of items of each of them that are read.
const MAX_ITEMS_OF_EACH: usize = 50;
/// The beginnings of the sort keys of what an archived user loses.
const CREDENTIALS: [&str; 3] = ["CREDENTIAL#", "DISPATCH_TARGET#", "APP_ATTESTATION"];

/// Returns true if an archived user loses the item with this sort key.
pub(super) fn is_of_credentials(sk: &str) -> bool {
    CREDENTIALS.iter().any(|prefix| sk.starts_with(prefix))
}

/// Goes on with all deletions that have not ended, the oldest first.
async fn run(steps: &Steps) -> Result<Backlog, TableError> {
    let lists = entry_lists();
    let lists: Vec<(&str, &str)> = lists.iter().map(|(pk, prefix)| (pk.as_str(), *prefix)).collect();
    let entries = steps.first(&lists, MAX_ENTRIES).await?;
    let entries = entries.iter().flat_map(|list| &list.items);
    let mut running = entries.map(Deletion::load).collect::<Result<Vec<_>, _>>()?;
    running.sort_by_key(|deletion| deletion.begun);
    let mut failure = None;
    let mut left = Vec::new();
    for deletion in running {
        let has_ended = if steps.has_time() { sweep(steps, &deletion).await } else { Ok(false) };
        match has_ended {
            Ok(true) => continue,
            Ok(false) => {}
            // One that cannot go on must not hold up the others.
            Err(error) => {
                tracing::error!(deletion = deletion.id.as_str(), "deletion failed");
                failure = Some(error);
            }
        }
        left.push(deletion.begun);
    }
    match failure {
        Some(error) => Err(error),
        None => Ok(Backlog { left: left.len(), oldest: left.first().copied(), failed: 0 }),
    }
}

/// Goes on with a deletion while there is time. Returns true if it has ended, by this call or by another one.
///
/// It may be broken off anywhere, and called several times at once. Each step deletes items that are as they were read,
/// with what depends on them; if one has changed, the items are read again.
///
/// # Errors
/// See [`TableError`].
pub async fn sweep(steps: &Steps, deletion: &Deletion) -> Result<bool, TableError> {
    let (key, (own_key, mark)) = (key(&deletion.id), deletion.mark());
    let keys = [key, own_key];
    let mut attempt = 0;
    while steps.has_time() {
        let mut found = steps.get_many(&keys).await?;
        let [record, own] = keys.each_ref().map(|key| found.remove(key));
        let Some(record) = record else { return Ok(false) };
        if Deletion::load(&record)?.state == DeletionState::Ended {
            return Ok(true);
        }
        // What was deleted together with its client may have been created again.
        let own = own.filter(|item| item.text(mark).is_ok_and(|id| id == deletion.id.as_str()));
        let pass = match (own, deletion.kind, deletion.owner()) {
            (Some(own), DeletionKind::Client, _) => deletion.sweep_client(&own, steps).await?,
            (Some(own), DeletionKind::User, Some(user)) => deletion.sweep_user(&user, &own, steps).await?,
            (Some(own), DeletionKind::Credentials, Some(user)) => {
                deletion.sweep_credentials(&user, &own, steps).await?
            }
            (Some(_), DeletionKind::User | DeletionKind::Credentials, None) => {
                return Err(TableError::Corrupt);
            }
            (None, ..) => deletion.end(&keys[1], mark, steps).await?,
        };
        match pass {
            Pass::Ended => return Ok(true),
            Pass::Applied => attempt = 0,
            Pass::Changed => {
                attempt += 1;
                steps.back_off(attempt).await?;
            }
        }
    }
    Ok(false)
}

/// How a pass over what is left of a deletion went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pass {
    /// Its steps are applied, or as many as there was time for.
    Applied,
    /// Its steps are applied, and nothing is left.
    Ended,
    /// A step is not applied, because something changed since it was read.
    Changed,
}

/// Each function is one pass over what is left.
impl Deletion {
    /// Deletes a user, whose item is `own`.
    async fn sweep_user(&self, user: &UserPath, own: &Item, steps: &Steps) -> Result<Pass, TableError> {
        let Beginning { items, has_more } = first(steps, (&user.partition(), ""), MAX_ITEMS).await?;
        let definitions = definitions_of(&[(user.clone(), &items)], steps).await?;
        let mut plan = Plan::of_user(user, &items, &definitions, steps.stamp())?;
        let ends = !has_more && !plan.is_partial;
        if ends {
            plan.end_user(own, self.id.as_str(), steps.stamp())?;
        }
        self.apply(plan, ends, steps).await
    }

    /// Deletes the credentials and dispatch targets of an archived user, whose item is `own`.
    async fn sweep_credentials(
        &self,
        user: &UserPath,
        own: &Item,
        steps: &Steps,
    ) -> Result<Pass, TableError> {
        let partition = user.partition();
        let lists = CREDENTIALS.map(|prefix| (partition.as_str(), prefix));
        let found = steps.first(&lists, MAX_ITEMS).await?;
        let items: Vec<Item> = found.into_iter().flat_map(|list| list.items).collect();
        if items.is_empty() {
            let mut last = steps.transaction();
            last.update(Update::internal(own.key()?, Condition::as_read(own)?).remove(ARCHIVING));
            return self.step(last, true, steps).await;
        }
        let definitions = definitions_of(&[(user.clone(), &items)], steps).await?;
        let plan = Plan::of_user(user, &items, &definitions, steps.stamp())?;
        self.apply(plan, false, steps).await
    }

    /// Deletes a client, whose item is `own`: first the users, then the definitions of properties, then everything else.
    async fn sweep_client(&self, own: &Item, steps: &Steps) -> Result<Pass, TableError> {
        let (pk, prefix) = users::directory(&self.client);
        let entries = first(steps, (&pk, prefix), MAX_USERS).await?.items;
        if !entries.is_empty() {
            return self.sweep_users(&entries, steps).await;
        }
        let (pk, prefix) = properties::list_of(&self.client);
        let definitions = first(steps, (&pk, prefix), MAX_ITEMS).await?.items;
        if !definitions.is_empty() {
            return self.apply(Plan::of_definitions(&definitions, steps.stamp())?, false, steps).await;
        }
        let Beginning { items, has_more } = first(steps, (own.key()?.pk(), ""), MAX_ITEMS).await?;
        let mut plan = Plan::of_client(&items, steps.stamp())?;
        if !has_more {
            plan.end_client(own, steps.stamp())?;
        }
        self.apply(plan, !has_more, steps).await
    }

    /// Deletes the users of these entries in the list of the users of the client. Reads further ones while it deletes some.
    async fn sweep_users(&self, entries: &[Item], steps: &Steps) -> Result<Pass, TableError> {
        let mut groups = entries.chunks(MAX_USERS_OF_PLAN);
        let mut next = self.plan_users(groups.next().unwrap_or_default(), steps).await?;
        while let Some(plan) = next {
            let Some(group) = groups.next() else { return self.apply(plan, false, steps).await };
            let (pass, following) =
                tokio::try_join!(self.apply(plan, false, steps), self.plan_users(group, steps))?;
            if pass != Pass::Applied {
                return Ok(pass);
            }
            next = following;
        }
        Ok(Pass::Changed)
    }

    /// Plans the deletion of the users of these entries, after it has marked them. Returns `None` if one has changed since
    /// it was read.
    async fn plan_users(&self, entries: &[Item], steps: &Steps) -> Result<Option<Plan>, TableError> {
        let users = entries.iter().map(UserPath::of_copy).collect::<Result<Vec<_>, _>>()?;
        // Marked first, because a request that began before the deletion may still create something below the user.
        let mut marks = steps.transaction();
        for (user, _) in users.iter().zip(entries).filter(|(_, entry)| !entry.is_being_deleted()) {
            marks.begin_deletion_at(user.key(), Condition::Exists, self.id.as_str());
        }
        if !marks.is_empty() && !steps.apply(&marks).await? && !self.mark_remaining(&users, steps).await? {
            return Ok(None);
        }
        let partitions: Vec<String> = users.iter().map(UserPath::partition).collect();
        let lists: Vec<(&str, &str)> = partitions.iter().map(|pk| (pk.as_str(), "")).collect();
        let lists = steps.first(&lists, MAX_ITEMS_OF_EACH).await?;
        let read: Vec<(UserPath, &Vec<Item>)> =
            users.into_iter().zip(lists.iter().map(|list| &list.items)).collect();
        let definitions = definitions_of(&read, steps).await?;
        let mut all = Plan::default();
        for (((user, items), list), entry) in read.iter().zip(&lists).zip(entries) {
            let mut plan = Plan::of_user(user, items, &definitions, steps.stamp())?;
            let own = items.iter().find(|item| item.key().is_ok_and(|key| key == user.key()));
            if let Some(own) = own.filter(|_| !list.has_more && !plan.is_partial) {
                plan.end_user(own, self.id.as_str(), steps.stamp())?;
            }
            // An entry without its user is left over, and must not hold up the deletion.
            if items.is_empty() {
                let mut left_over = steps.transaction();
                left_over.delete_item(entry)?;
                plan.parts.push(left_over);
            }
            all.parts.append(&mut plan.parts);
        }
        Ok(Some(all))
    }

    /// Marks those of these users who are not marked yet, as after a run that was broken off. Returns false if one has
    /// changed since it was read.
    async fn mark_remaining(&self, users: &[UserPath], steps: &Steps) -> Result<bool, TableError> {
        let keys: Vec<Key> = users.iter().map(UserPath::key).collect();
        let found = steps.get_many(&keys).await?;
        let mut marks = steps.transaction();
        for item in found.values().filter(|item| !item.is_being_deleted()) {
            marks.begin_deletion(item, self.id.as_str())?;
        }
        if marks.is_empty() { Ok(true) } else { steps.apply(&marks).await }
    }

    /// Applies the transactions of a plan. The deletion ends with the last of them if `ends`.
    async fn apply(&self, plan: Plan, ends: bool, steps: &Steps) -> Result<Pass, TableError> {
        let mut transactions = plan.transactions(steps.stamp());
        if transactions.is_empty() && ends {
            transactions.push(steps.transaction());
        }
        let count = transactions.len();
        // A pass that has nothing to do although something is left has read what another one changes.
        let mut pass = Pass::Changed;
        for (number, transaction) in transactions.into_iter().enumerate() {
            if !steps.has_time() {
                return Ok(Pass::Applied);
            }
            pass = self.step(transaction, ends && number + 1 == count, steps).await?;
            if pass == Pass::Changed {
                break;
            }
        }
        Ok(pass)
    }

    /// Ends a deletion if the item at a key is gone, or is not the one with its identifier in the attribute `mark`.
    async fn end(&self, key: &Key, mark: &'static str, steps: &Steps) -> Result<Pass, TableError> {
        let mut last = steps.transaction();
        last.check(key.clone(), Condition::AbsentOrOtherText(mark, self.id.to_string()));
        self.step(last, true, steps).await
    }

    /// Applies a transaction together with the progress of the deletion.
    async fn step(
        &self,
        mut transaction: Transaction,
        ends: bool,
        steps: &Steps,
    ) -> Result<Pass, TableError> {
        self.progress(ends, &mut transaction);
        let is_applied = steps.apply(&transaction).await?;
        Ok(match (is_applied, ends) {
            (true, true) => Pass::Ended,
            (true, false) => Pass::Applied,
            (false, _) => Pass::Changed,
        })
    }
}

/// Reads the definitions of the properties that a pass over the items of these users releases.
async fn definitions_of(read: &[(UserPath, &Vec<Item>)], steps: &Steps) -> Result<Definitions, TableError> {
    let mut keys = BTreeSet::new();
    for (user, items) in read {
        keys.extend(definition_keys(user, items)?);
    }
    let keys: Vec<Key> = keys.into_iter().collect();
    Ok(steps.get_many(&keys).await?.into_iter().collect())
}

/// Reads the first items of one list.
async fn first(steps: &Steps, list: (&str, &str), limit: usize) -> Result<Beginning, TableError> {
    steps.first(&[list], limit).await?.pop().ok_or(TableError::Corrupt)
}
