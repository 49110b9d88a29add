//! Policies: rules that apply to the objects of a client. Each client has a default profile policy.

pub mod get;
pub mod list;
pub mod policy;

use shared::entity::Entity as _;
use shared::entity::schema::{EXT_ID, HISTORY, ObjectSchema};
use shared::error::ApiError;

pub use self::policy::{ENTITY_TYPE, Policy, PolicyExtId, PolicyType, key};
use crate::clients;

/// A policy in a response.
const POLICY: ObjectSchema = ObjectSchema {
    name: "Policy",
    description: "A policy.",
    parts: &[&[EXT_ID, clients::OF_CLIENT], Policy::SHOWN, HISTORY],
};

/// Returns the error for a policy that does not exist.
#[must_use]
pub fn missing(policy: &PolicyExtId) -> ApiError {
    ApiError::NotFound(format!("Policy doesn't exist with extId '{policy}'"))
}
