//! Property definitions, and the values of properties.

use functions::mobile_signature;
use functions::properties::values::{Holder, Values, entry_key};
use functions::properties::{self, Definition, PropertyName};
use functions::users::{UserPath, properties as user_properties};
use shared::entity::Entity as _;
use shared::ids::{ClientExtId, UserExtId};
use shared::table::{Item, TableError};

use super::super::facts::{Expectation, Facts, Members, Rule, Tolerance, Valued};
use super::{kinds, user_of};

/// The attributes of the reservation of a value.
const OWNER: [&str; 2] = ["owner", "name"];

/// A definition has its entry in the list of all definitions and a copy at its identifier. That of a client is below
/// the client.
pub(super) fn definition(item: &Item) -> Result<Facts, TableError> {
    let definition = Definition::load(item)?;
    let (scope, client, name) = (definition.scope, definition.client.as_ref(), &definition.name);
    let copies = [
        (properties::directory_key(scope, client, name), kinds::PROPERTY_ENTRY),
        (properties::id_key(&definition.id.to_string()), kinds::PROPERTY_ID),
    ];
    let mut facts = client.map(Facts::of_client).unwrap_or_default().below_client();
    facts.property = Some(definition.id);
    for (key, kind) in copies {
        let copy = Expectation::exists(Rule::Copy, key, kind).with(shown(&definition, item)?);
        facts = facts.expecting([copy.owned()]);
    }
    facts.at(item, &properties::key(scope, client, name))
}

fn shown(definition: &Definition, item: &Item) -> Result<Members, TableError> {
    Members::of(definition).with_history_of(item)
}

pub(super) fn copy(item: &Item) -> Result<Facts, TableError> {
    let definition = Definition::load(item)?;
    let facts = definition.client.as_ref().map(Facts::of_client).unwrap_or_default();
    let facts = facts.with(shown(&definition, item)?);
    Ok(facts.owned_by(Rule::Copy, properties::ENTITY_TYPE, Tolerance::Never))
}

pub(super) fn of_user(item: &Item) -> Result<Facts, TableError> {
    let user = user_of(item)?;
    values(item, &user, &user_properties::holder(&user))
}

pub(super) fn of_mobile_signature(item: &Item) -> Result<Facts, TableError> {
    let user = user_of(item)?;
    // The other fields refer to nothing.
    mobile_signature::MobileSignature::load(item)?;
    values(item, &user, &mobile_signature::holder(&user))
}

/// Values are below a user. Those that are unique are reserved, and each has a definition and an entry.
fn values(item: &Item, user: &UserPath, holder: &Holder) -> Result<Facts, TableError> {
    let (values, owner) = (Values::load(item)?, holder.key.pk());
    let mut facts = Facts::of_user(user).below_user();
    for name in &values.unique {
        let Some(value) = values.properties.get(name) else {
            let text = format!("{name} is reserved but has no value");
            facts = facts.with_fault(Rule::Reservation, &text, Tolerance::Never);
            continue;
        };
        let key = properties::value_key(holder.scope, &PropertyName::unchecked(name), value);
        let members = OWNER.into_iter().zip([owner.into(), name.as_str().into()]).collect();
        let reserved = Expectation::exists(Rule::Reservation, key, kinds::PROPERTY_VALUE).with(members);
        facts = facts.expecting([reserved.owned()]);
    }
    let names = values.properties.keys();
    let properties = names.map(|name| (name.clone(), holder.definition_keys(name))).collect();
    facts.valued = Some(Valued { owner: owner.to_owned(), properties });
    facts.at(item, &holder.key)
}

/// Returns the expectation that an entity is listed among those that have a value of a property. `owner` is its
/// partition.
pub(in super::super) fn entry_of_value(id: u64, owner: &str) -> Expectation {
    let entry = Expectation::exists(Rule::Entry, entry_key(id, owner), kinds::PROPERTY_HOLDER);
    entry.owned().unless_deleting(Tolerance::Client)
}

pub(super) fn reservation(item: &Item) -> Result<Facts, TableError> {
    let facts = Facts::default().with(Members::of_texts(item, &OWNER)?);
    Ok(facts.owned_by(Rule::Reservation, "value", Tolerance::Never))
}

pub(super) fn holder(item: &Item) -> Result<Facts, TableError> {
    let key = item.key()?;
    let facts = user_at(key.sk()).map_or_else(Facts::default, |user| Facts::of_user(&user));
    Ok(facts.below_user().owned_by(Rule::Entry, "value", Tolerance::Client))
}

/// Returns the user of a partition, if it is one of a user.
fn user_at(partition: &str) -> Option<UserPath> {
    let (client, user) = partition.split_once('#')?.1.split_once('#')?;
    let user = UserPath { client: ClientExtId::unchecked(client), user: UserExtId::unchecked(user) };
    (user.partition() == partition).then_some(user)
}
