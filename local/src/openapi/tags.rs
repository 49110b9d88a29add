//! The tags of operations, their nouns, which group them in clients and on pages.

use serde_json::{Value, json};
use shared::operation::Operation;

/// The tags with a sentence about each, in alphabetical order.
const TAGS: [(&str, &str); 20] = [
    ("archive", "Archives users for good, with what belongs to them."),
    ("clients", "Clients are the tenants of the service, to which users, units and policies belong."),
    ("consents", "A consent records that a user has accepted a version of the terms."),
    ("credentials", "Credentials are the means of authentication of a user, of all kinds."),
    ("deletions", "A deletion shows the progress of a request that deletes more than one transaction can."),
    ("dispatch-targets", "A dispatch target is a device of a user that receives messages."),
    ("fido-authenticators", "A FIDO UAF authenticator is a credential of a user on a device."),
    ("fido-uaf", "Lists the FIDO UAF authenticators of all users of a client."),
    ("health", "Tells load balancers and monitors whether everything works that requests need."),
    ("history", "The history shows who changed or deleted what, and the state after each change."),
    ("mobile-signature", "A mobile signature is the credential with which a user signs on a phone."),
    ("permissions", "Permissions are the rights that the roles of the caller carry."),
    ("personal-questions", "Personal questions are asked when users recover their access."),
    ("policies", "Policies are settings of a client, which are created together with it."),
    ("profiles", "A profile makes a user belong to a unit."),
    ("properties", "Property definitions are the rules for values that users and credentials can have."),
    ("terms", "Terms are the conditions that users accept, in versions."),
    ("terms-pending", "Lists the terms that await the consent of a user."),
    ("units", "Units are the organisation of a client, in a tree."),
    ("users", "Users are the people and technical accounts of a client."),
];

/// Returns the tags of these operations with their sentences, in the order of the operations.
pub(super) fn of_all(operations: &[&Operation]) -> Value {
    let mut tags: Vec<&str> = Vec::new();
    for name in operations.iter().map(|operation| operation.noun()) {
        if !tags.contains(&name) {
            tags.push(name);
        }
    }
    let about = |name: &str| TAGS.iter().find(|(tag, _)| *tag == name).map(|(_, about)| *about);
    tags.into_iter().map(|name| json!({"name": name, "description": about(name)})).collect()
}
