//! Tokens in the format of identity providers, with the settings that `docs/deployment.md` documents for each.
//!
//! Cognito has a test of its own, `.ci/cognito`, which also runs the trigger of its user pool.

use std::fs;
use std::sync::Arc;

use serde_json::{Value, json};
use shared::auth::key_set::Fetch;
use shared::clock::{Clock, Timestamp};
use shared::network::NetworkFailure;
use signing::{SigningKey, jwks};

use crate::agreement::root;
use crate::support::World;
use crate::support::answer::invalid_token;
use crate::support::target::{Kind, leaves_out};

/// The time of all tests, in seconds since 1970.
const NOW: i64 = 1_800_000_000;

/// An operation that every valid token may call. It returns the rights of the caller.
const PERMISSIONS: &str = "/nevisidm/api/principal/v1/permissions";

/// A token with a change that makes it another one, and the reason why it is refused.
struct NearMiss {
    change: fn(&mut Value, &mut Value),
    refusal: &'static str,
}

/// A provider: the header and the claims of its access tokens, and the key set that it publishes.
struct Provider {
    name: &'static str,
    header: Value,
    claims: Value,
    key_set: fn(&SigningKey) -> Value,
    near_misses: &'static [NearMiss],
}

/// Returns the documented settings of a provider: the parameters of the block that begins with its name.
fn settings(provider: &str) -> Vec<(String, String)> {
    let page = fs::read_to_string(root().join("docs/deployment.md")).expect("a page");
    let block = page.split(&format!("```yaml\n# {provider}\n")).nth(1).expect("settings");
    let lines = block.split("```").next().unwrap_or_default().lines();
    lines
        .map(|line| {
            let (parameter, value) = line.split_once(": ").expect("a parameter");
            (variable(parameter), value.to_owned())
        })
        .collect()
}

/// Returns `BearerRolesClaim` as `BEARER_ROLES_CLAIM`.
fn variable(parameter: &str) -> String {
    let words = parameter.chars().flat_map(|letter| {
        letter.is_uppercase().then_some('_').into_iter().chain(letter.to_uppercase().collect::<Vec<_>>())
    });
    words.collect::<String>().trim_start_matches('_').to_owned()
}

/// Returns a service with the documented settings, whose key server publishes the set of the provider only at the
/// documented address.
async fn service(provider: &Provider, key: &SigningKey) -> World {
    let settings = settings(provider.name);
    let setting = |name: &str| settings.iter().find(|(key, _)| key == name).expect(name).1.clone();
    let (documented, set) = (setting("BEARER_JWKS"), (provider.key_set)(key).to_string().into_bytes());
    let fetch: Fetch = Arc::new(move |address| {
        let found = (address == documented).then(|| set.clone());
        Box::pin(async move { found.ok_or(NetworkFailure::Dns) })
    });
    let clock = Clock::from_fn(|| Timestamp::from_unix_millis(NOW * 1000).expect("a moment"));
    let variables: Vec<(&str, &str)> =
        settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    World::at(clock, &fetch, &variables).await
}

/// A valid token is accepted with the role of the provider's claim, and each near miss is refused for its reason.
async fn is_accepted_with_the_documented_settings(provider: &Provider) {
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "another issuer") {
        return;
    }
    let key = SigningKey::new("RS256", "key-1");
    let world = service(provider, &key).await;
    let name = provider.name;
    let token = |header: &Value, claims: &Value| key.token(&header.to_string(), &claims.to_string());
    let answer = world.get(PERMISSIONS).bearer(&token(&provider.header, &provider.claims)).send().await;
    let rights =
        answer.body["elementaryPermissions"].as_array().unwrap_or_else(|| panic!("{name}: {answer:?}"));
    let has = |right: &str| rights.contains(&json!(format!("AccessControl.{right}")));
    assert!(has("UserCreate") && !has("ClientCreate"), "{name}: {rights:?}");
    assert!(!provider.near_misses.is_empty());
    for near_miss in provider.near_misses.iter().chain([&WITHOUT_CLIENT]) {
        let (mut header, mut claims) = (provider.header.clone(), provider.claims.clone());
        (near_miss.change)(&mut header, &mut claims);
        let answer = world.get(PERMISSIONS).bearer(&token(&header, &claims)).send().await;
        assert_eq!(answer, invalid_token(), "{name}: {}", near_miss.refusal);
        let lines = world.lines();
        assert_eq!(lines.last().expect("a line")["tokenRefusal"], near_miss.refusal, "{name}");
    }
}

/// A token whose provider lacks the mapping of the caller's client.
const WITHOUT_CLIENT: NearMiss = NearMiss {
    change: |_, claims| {
        claims.as_object_mut().expect("claims").remove("clientExtId");
    },
    refusal: "claim:clientExtId",
};

/// Returns a key set whose keys name their algorithm and use.
fn complete(key: &SigningKey) -> Value {
    jwks([key])
}

/// Returns a key set whose keys name no algorithm, and have members that the service does not read.
fn without_algorithm(key: &SigningKey) -> Value {
    let mut jwk = key.bare_jwk();
    for (name, value) in [("kid", "key-1"), ("use", "sig"), ("x5t", "key-1")] {
        jwk[name] = value.into();
    }
    jwk["x5c"] = json!(["MIIC"]);
    json!({"keys": [jwk]})
}

/// Returns the set of Keycloak, which has a key for encryption, too.
fn with_encryption_key(key: &SigningKey) -> Value {
    let mut set = complete(key);
    let mut other = key.bare_jwk();
    for (name, value) in [("kid", "key-2"), ("use", "enc"), ("alg", "RSA-OAEP")] {
        other[name] = value.into();
    }
    set["keys"].as_array_mut().expect("keys").insert(0, other);
    set
}

#[tokio::test]
async fn tokens_of_keycloak_are_accepted() {
    is_accepted_with_the_documented_settings(&Provider {
        name: "Keycloak",
        header: json!({"alg": "RS256", "typ": "JWT", "kid": "key-1"}),
        claims: json!({
            "exp": NOW + 300,
            "iat": NOW,
            "auth_time": NOW - 10,
            "jti": "onrtac:aaaaaaaa-bbbb-cccc-dddd-ffffffffffff",
            "iss": "https://id.example.com/realms/main",
            "aud": ["https://identity.example.com/", "account"],
            "sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
            "typ": "Bearer",
            "azp": "portal",
            "sid": "aaaaaaaa-bbbb-cccc-dddd-000000000000",
            "acr": "1",
            "allowed-origins": ["https://portal.example.com"],
            "realm_access": {"roles": ["default-roles-main", "offline_access", "nevisIdm.UserAdmin"]},
            "resource_access": {"account": {"roles": ["manage-account"]}},
            "scope": "openid profile",
            "clientExtId": "100",
            "authorizations": [{"role": "nevisIdm.Helpdesk", "clients": ["200"]}],
        }),
        key_set: with_encryption_key,
        near_misses: &[
            // The ID token of an application.
            NearMiss {
                change: |_, claims| {
                    claims["typ"] = json!("ID");
                    claims["aud"] = json!("portal");
                },
                refusal: "aud",
            },
            // A token without the mapper of the audience.
            NearMiss { change: |_, claims| claims["aud"] = json!("account"), refusal: "aud" },
            // Another realm.
            NearMiss {
                change: |_, claims| claims["iss"] = json!("https://id.example.com/realms/master"),
                refusal: "iss",
            },
            // The setting of the application for `at+jwt`, without a change of `BearerTyp`.
            NearMiss { change: |header, _| header["typ"] = json!("at+jwt"), refusal: "typ" },
        ],
    })
    .await;
}

#[tokio::test]
async fn tokens_of_entra_id_are_accepted() {
    is_accepted_with_the_documented_settings(&Provider {
        name: "Entra ID",
        header: json!({"typ": "JWT", "alg": "RS256", "kid": "key-1"}),
        claims: json!({
            "aud": "66666666-7777-8888-9999-EXAMPLE",
            "iss": "https://login.microsoftonline.com/11111111-2222-3333-4444-EXAMPLE/v2.0",
            "iat": NOW,
            "nbf": NOW,
            "exp": NOW + 4000,
            "aio": "AXQAi/8",
            "azp": "aaaaaaaa-0000-0000-0000-000000000000",
            "azpacr": "1",
            "oid": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
            "rh": "0.AAAA",
            "roles": ["nevisIdm.UserAdmin"],
            "scp": "access",
            "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
            "tid": "11111111-2222-3333-4444-EXAMPLE",
            "uti": "fqiBqXLPj0eQa82S",
            "ver": "2.0",
            "clientExtId": "100",
        }),
        key_set: without_algorithm,
        near_misses: &[
            // Version 1, the default of an application.
            NearMiss {
                change: |_, claims| {
                    claims["ver"] = json!("1.0");
                    claims["iss"] = json!("https://sts.windows.net/11111111-2222-3333-4444-EXAMPLE/");
                    claims["aud"] = json!("api://66666666-7777-8888-9999-EXAMPLE");
                },
                refusal: "iss",
            },
            // The token for another application of the same tenant.
            NearMiss {
                change: |_, claims| claims["aud"] = json!("00000003-0000-0000-c000-000000000000"),
                refusal: "aud",
            },
        ],
    })
    .await;
}

#[tokio::test]
async fn tokens_of_ad_fs_are_accepted() {
    is_accepted_with_the_documented_settings(&Provider {
        name: "AD FS",
        header: json!({"typ": "JWT", "alg": "RS256", "x5t": "key-1", "kid": "key-1"}),
        claims: json!({
            "aud": "https://identity.example.com/",
            "iss": "http://sts.example.com/adfs/services/trust",
            "iat": NOW,
            "nbf": NOW,
            "exp": NOW + 3600,
            "sub": "S-1-5-21-1-2-3-1104",
            "apptype": "Confidential",
            "appid": "aaaaaaaa-0000-0000-0000-000000000000",
            "authmethod": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
            // AD FS writes this claim as text.
            "auth_time": "2027-01-15T08:00:00.000Z",
            "ver": "1.0",
            "scp": "openid",
            // One value of a claim is no array.
            "roles": "nevisIdm.UserAdmin",
            "clientExtId": "100",
        }),
        key_set: |key| {
            let mut set = without_algorithm(key);
            set["keys"][0]["alg"] = json!("RS256");
            set
        },
        near_misses: &[
            // An ID token.
            NearMiss {
                change: |_, claims| claims["iss"] = json!("https://sts.example.com/adfs"),
                refusal: "iss",
            },
            // A web API whose identifier is no URL.
            NearMiss {
                change: |_, claims| claims["aud"] = json!("microsoft:identityserver:identity"),
                refusal: "aud",
            },
            // No rule for the subject.
            NearMiss {
                change: |_, claims| {
                    claims.as_object_mut().expect("claims").remove("sub");
                },
                refusal: "claim:sub",
            },
        ],
    })
    .await;
}

#[tokio::test]
async fn tokens_of_okta_are_accepted() {
    is_accepted_with_the_documented_settings(&Provider {
        name: "Okta",
        header: json!({"kid": "key-1", "alg": "RS256"}),
        claims: json!({
            "ver": 1,
            "jti": "AT.aaaaaaaa",
            "iss": "https://id.example.com/oauth2/EXAMPLE",
            "aud": "https://identity.example.com/",
            "iat": NOW,
            "exp": NOW + 3600,
            "cid": "0oaEXAMPLE",
            "uid": "00uEXAMPLE",
            "scp": ["openid"],
            "auth_time": NOW - 10,
            "sub": "jane@example.com",
            "groups": ["nevisIdm.UserAdmin"],
            "clientExtId": "100",
        }),
        key_set: complete,
        near_misses: &[
            // An ID token of the same authorization server.
            NearMiss { change: |_, claims| claims["aud"] = json!("0oaEXAMPLE"), refusal: "aud" },
            // The org authorization server.
            NearMiss {
                change: |header, claims| {
                    header["typ"] = json!("application/okta-internal-at+jwt");
                    claims["iss"] = json!("https://id.example.com");
                },
                refusal: "iss",
            },
        ],
    })
    .await;
}
