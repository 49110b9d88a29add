//! `/{clientExtId}/users/{userExtId}/mobile-signature`

pub(crate) mod rows;

mod life;
mod properties_rules;
mod unique_values;
mod update_properties;

use serde_json::Value;

use crate::support::call::Call;
use crate::support::items::Changes;
use crate::support::{Caller, World};

const PATH: &str = "/{client-123}/users/{user-123}/mobile-signature/properties";
const KEY: [&str; 2] = ["USER#client-123#user-123", "CREDENTIAL#MOBILE_SIGNATURE"];
const BY: &str = "client-123/admin";

/// Returns a caller with the required rights but without the override right.
fn admin() -> Caller {
    Caller::new("{client-123}", "admin").with("nevisIdm.UserAdmin", None, None)
}

/// Returns a call of the admin that changes the properties of `{user-123}`.
fn patch(world: &World, body: Value) -> Call<'_> {
    world.patch(PATH).by(&admin()).json(body)
}

/// Returns the change of these attributes of the mobile signature of `{user-123}`.
fn changed(version: u64, item: Value) -> Changes {
    Changes::none().changed(BY, KEY, version, item)
}

/// Returns the key that reserves a value of `employee_id`.
fn value_key(world: &World, value: &str) -> String {
    let value = shared::ids::sha256_hex(value);
    let name = world.id("employee_id");
    let key = format!("PROPERTY_VALUE#CREDENTIAL_MOBILE_SIGNATURE_GLOBAL#{name}#{value}");
    world.names().scrub_text(&key)
}

/// Returns the key of the entry of `{user-123}` among those that have a value of a property.
fn entry_key(world: &World, name: &str) -> [String; 2] {
    let mut definitions = world.properties().into_iter();
    let id = world.names().fill(name);
    let definition = definitions.find(|definition| definition.name.as_str() == id).expect("a definition");
    world.entry_key(&definition, "{client-123}", "{user-123}")
}

/// The type of these entries.
const ENTRY: &str = "PropertyHolder";
