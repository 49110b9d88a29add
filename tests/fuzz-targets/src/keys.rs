//! Table keys. The input is the identifiers of two clients, two users and two other objects. The separator is
//! the byte 255, which never occurs in UTF-8.
//!
//! Invariants:
//!
//! - Two keys are equal only if they have the same kind and the same identifiers.
//! - No key exceeds the limits of DynamoDB.
//! - A query of a user's items by sort key prefix matches items of one kind only.

use functions::properties::values::entry_key;
use functions::users::{self, UserPath};
use functions::{
    clients, consents, dispatch_targets, fido_authenticators, mobile_signature, personal_questions, profiles,
    properties, terms, units,
};
use shared::ids::{ClientExtId, ExtId, MAX_BYTES, UserExtId};
use shared::table::Key;

/// Maximum lengths of a partition key and of a sort key in DynamoDB, in bytes.
const MAX_LENGTHS: (usize, usize) = (2048, 1024);

/// A kind, the identifiers, and the key that is built from them.
type Built = (&'static str, Vec<String>, Key);

/// Checks the keys that are built from some identifiers.
///
/// # Panics
/// If an invariant is violated.
pub fn check(input: &[u8]) {
    let ids: Vec<String> =
        input.split(|byte| *byte == 255).map(|id| String::from_utf8_lossy(id).into_owned()).collect();
    for id in &ids {
        assert_eq!(ExtId::<()>::parse(id).is_ok(), is_valid(id), "{id:?}");
    }
    let id = |place: usize| ids.get(place).map_or("", String::as_str);
    let mut made: Vec<Built> = Vec::new();
    for client in [id(0), id(1)] {
        for user in [id(2), id(3)] {
            made.extend(keys(client, user, [id(4), id(5)]));
        }
    }
    // Equal identifiers build equal keys, which are removed. Sorting makes equal keys adjacent.
    made.sort_by(|(kind, ids, key), other| (key, kind, ids).cmp(&(&other.2, &other.0, &other.1)));
    made.dedup();
    for one in &made {
        assert_size(one);
        assert_prefix(one);
    }
    for pair in made.windows(2) {
        assert_ne!(pair[0].2, pair[1].2, "{:?} and {:?} have the same key", pair[0], pair[1]);
    }
}

/// Returns true if an identifier is valid for a stored object, independently of the service's parser.
fn is_valid(id: &str) -> bool {
    let characters = id.chars().all(|character| character != '#' && !character.is_control());
    characters && (1..=MAX_BYTES).contains(&id.len()) && id != "*" && id != "." && id != ".."
}

fn assert_size(made: &Built) {
    let (_, _, key) = made;
    assert!(key.pk().len() <= MAX_LENGTHS.0 && key.sk().len() <= MAX_LENGTHS.1, "{made:?} is too long");
}

/// Asserts that among the keys of a user, the prefix of a query matches one kind only.
fn assert_prefix(made: &Built) {
    let (kind, _, key) = made;
    if !key.pk().starts_with("USER#") {
        return;
    }
    for (queried, prefix) in
        [("consent", consents::SK_PREFIX), ("FIDO credential", fido_authenticators::SK_PREFIX)]
    {
        assert_eq!(key.sk().starts_with(prefix), *kind == queried, "{made:?}");
    }
}

/// Builds the keys of all kinds from these identifiers.
fn keys(client_id: &str, user_id: &str, others: [&str; 2]) -> Vec<Built> {
    let client = ClientExtId::unchecked(client_id);
    let user = UserPath { client: client.clone(), user: UserExtId::unchecked(user_id) };
    let of = |kind, ids: &[&str], key| (kind, ids.iter().map(ToString::to_string).collect(), key);
    let mut made = vec![
        of("client", &[client_id], clients::key(&client)),
        of("user", &[client_id, user_id], user.key()),
        of("properties of a user", &[client_id, user_id], users::properties::key(&user)),
        of("entry of a value", &[client_id, user_id], entry_key(100, &user.partition())),
        of("mobile signature", &[client_id, user_id], mobile_signature::key(&user)),
    ];
    for other in others {
        made.extend([
            of("name of a client", &[other], clients::name_key(other)),
            of("unit", &[client_id, other], units::key(&client, &ExtId::unchecked(other))),
            of("profile", &[client_id, other], profiles::key(&client, &ExtId::unchecked(other))),
            of("question", &[client_id, other], personal_questions::key(&client, &ExtId::unchecked(other))),
            of("terms", &[other], terms::key(&ExtId::unchecked(other))),
            of("entry of terms", &[other], terms::directory_key(&ExtId::unchecked(other))),
            of(
                "id of a target",
                &[client_id, other],
                dispatch_targets::id_key(&client, &ExtId::unchecked(other)),
            ),
            of("property", &[client_id, other], property(Some(&client), other)),
            of("property of all", &[other], property(None, other)),
        ]);
        for (kind, key) in [
            ("target", dispatch_targets::key(&user, &ExtId::unchecked(other))),
            ("profile of the user", profiles::entry_key(&user, &ExtId::unchecked(other))),
            ("attestation", dispatch_targets::app_attestation_key(&user, &ExtId::unchecked(other))),
            ("FIDO credential", fido_authenticators::key(&user, &ExtId::unchecked(other))),
        ] {
            made.push(of(kind, &[client_id, user_id, other], key));
        }
        for second in others {
            let (terms, version) = (ExtId::unchecked(other), ExtId::unchecked(second));
            let of_terms = terms::version_key(&terms, &version);
            made.push(of("version of terms", &[other, second], of_terms));
            let consent = consents::key(&user, &terms, &version);
            made.push(of("consent", &[client_id, user_id, other, second], consent));
            let value = properties::value_key(SCOPE, &ExtId::unchecked(other), second);
            made.push(of("value of a property", &[other, second], value));
        }
    }
    made
}

const SCOPE: properties::Scope = properties::Scope::MobileSignature;

fn property(client: Option<&ClientExtId>, name: &str) -> Key {
    properties::key(SCOPE, client, &ExtId::unchecked(name))
}
