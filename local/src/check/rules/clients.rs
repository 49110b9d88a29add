//! Clients and their initial objects.

use functions::clients::{self, Client, Defaults};
use functions::personal_questions::{self, PersonalQuestion};
use functions::policies::{self, Policy};
use functions::units;
use shared::entity::Entity as _;
use shared::ids::UnitExtId;
use shared::table::{Item, TableError};

use super::super::facts::{Expectation, Facts, Members, Rule, Tolerance};
use super::{CLIENT, deletions, kinds, of_client, records};

/// The attributes of the reservation of a name.
const NAME: [&str; 2] = [CLIENT, "name"];

/// A client has its name, its entry in the list of all clients unless it is being deleted, and its initial objects.
pub(super) fn client(item: &Item) -> Result<Facts, TableError> {
    let (client, defaults) = (Client::load(item)?, Defaults::load(item)?);
    let (ext_id, key) = (&client.ext_id, clients::key(&client.ext_id));
    let mark = records::mark_of(item)?;
    let owner = NAME.into_iter().zip([ext_id.as_str().into(), client.name.to_string().into()]);
    let name = Expectation::exists(Rule::Reservation, clients::name_key(&client.name), kinds::CLIENT_NAME);
    let entry = Expectation::exists(Rule::Copy, clients::directory_key(ext_id), kinds::CLIENT_ENTRY);
    let entry = entry.with(shown(&client, item)?).owned();
    let unit = Expectation::exists(Rule::Initial, units::key(ext_id, &defaults.unit), units::ENTITY_TYPE);
    let policy = policies::key(ext_id, &defaults.profile_policy);
    let policy = Expectation::exists(Rule::Initial, policy, policies::ENTITY_TYPE);
    let policy = policy.with(default_unit(Some(&defaults.unit)));
    let initial = [unit, policy].map(|expected| expected.unless_deleting(Tolerance::Client));
    let facts = Facts {
        deleting: mark.is_some().then(|| key.pk().to_owned()),
        parts: &[kinds::TEMPLATE_COLLECTION, kinds::APPLICATION],
        ..Facts::of_client(ext_id)
    };
    facts
        .at(item, &key)?
        .expecting([name.with(owner.collect()).owned()])
        .expecting(mark.is_none().then_some(entry))
        .expecting(initial)
        .expecting(mark.as_deref().map(|mark| deletions::running(mark, ext_id)))
        .marked(item)
}

fn shown(client: &Client, item: &Item) -> Result<Members, TableError> {
    Members::of(client).with_history_of(item)
}

pub(super) fn entry(item: &Item) -> Result<Facts, TableError> {
    let client = Client::load(item)?;
    let facts = Facts::of_client(&client.ext_id).with(shown(&client, item)?);
    Ok(facts.owned_by(Rule::Copy, clients::ENTITY_TYPE, Tolerance::Never))
}

pub(super) fn name(item: &Item) -> Result<Facts, TableError> {
    let facts = of_client(item)?.with(Members::of_texts(item, &NAME)?);
    Ok(facts.owned_by(Rule::Reservation, clients::ENTITY_TYPE, Tolerance::Never))
}

/// The default unit of a policy exists.
pub(super) fn policy(item: &Item) -> Result<Facts, TableError> {
    let policy = Policy::load(item)?;
    let default = policy.default_unit();
    let unit = default.as_ref().map(|unit| {
        let key = units::key(&policy.client, unit);
        Expectation::exists(Rule::Reference, key, units::ENTITY_TYPE).unless_deleting(Tolerance::Client)
    });
    let facts = Facts::of_client(&policy.client).with(default_unit(default.as_ref()));
    facts.below_client().expecting(unit).at(item, &policies::key(&policy.client, &policy.ext_id))
}

fn default_unit(unit: Option<&UnitExtId>) -> Members {
    unit.map(|unit| ("defaultUnit", unit.as_str().into())).into_iter().collect()
}

pub(super) fn question(item: &Item) -> Result<Facts, TableError> {
    let question = PersonalQuestion::load(item)?;
    let facts = Facts::of_client(&question.client).below_client();
    facts.at(item, &personal_questions::key(&question.client, &question.ext_id))
}
