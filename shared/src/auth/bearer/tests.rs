//! Tests how a Bearer token is located in a request and how its claims are read.

use serde_json::json;
use signing::{ASYMMETRIC, SYMMETRIC, SigningKey};

use super::*;
use crate::auth::keys::Purpose;
use crate::auth::tests::{NOW, key_set, now, request, unreachable_key_set, with};
use crate::error::TokenRefusal::{Malformed, Missing, Repeated, Scheme, Signature};
use crate::ids::MAX_BYTES;
use crate::ids::UserExtId;

/// Returns a caller of the client `100` with these authorizations.
pub(in crate::auth) fn caller(authorizations: Vec<Authorization>) -> Caller {
    let client = ClientExtId::parse("100").expect("an identifier");
    Caller::new(client, "user-123".to_owned(), authorizations)
}

fn issuer(name: &str, keys: KeySet, roles_claim: &str) -> Issuer {
    let expectation = TokenRules {
        issuer: Some(name.to_owned()),
        audiences: vec!["idm".to_owned()],
        types: vec![Some("at+jwt".to_owned())],
        leeway: 5,
        max_age: None,
    };
    Issuer { keys, expectation, roles_claim: roles_claim.to_owned() }
}

fn tokens(keys: KeySet) -> BearerTokens {
    BearerTokens { issuers: vec![issuer("https://issuer.example", keys, "cognito:groups")] }
}

fn claims() -> Value {
    json!({
        "iss": "https://issuer.example",
        "aud": "idm",
        "exp": NOW + 300,
        "sub": "user-123",
        "clientExtId": "100",
    })
}

/// Authenticates a request with these headers.
async fn authenticate(key: &SigningKey, headers: &[(&str, &str)]) -> Result<Caller, TokenRefusal> {
    tokens(key_set(&[key], Purpose::Bearer)).caller(&request(headers), now()).await
}

/// Authenticates a request with a token of these claims.
async fn caller_of(claims: &Value) -> Result<Caller, TokenRefusal> {
    let key = SigningKey::new("EdDSA", "a");
    let token = key.token_of("at+jwt", claims);
    authenticate(&key, &[("authorization", &format!("Bearer {token}"))]).await
}

fn over(role: &str, clients: &[&str], units: Option<&[&str]>) -> Authorization {
    Authorization {
        role: role.to_owned(),
        clients: Clients::Only(clients.iter().map(|client| ClientExtId::unchecked(client)).collect()),
        units: units.map(|units| units.iter().map(|unit| UnitExtId::unchecked(unit)).collect()),
    }
}

#[tokio::test]
async fn a_valid_token_of_every_algorithm_authenticates_the_caller() {
    for algorithm in ASYMMETRIC {
        let key = SigningKey::new(algorithm, "a");
        let authorization = format!("Bearer {}", key.token_of("at+jwt", &claims()));
        let caller = authenticate(&key, &[("Authorization", &authorization)]).await.expect(algorithm);
        assert_eq!((caller.name(), caller.authorizations()), ("100/user-123".to_owned(), &[][..]));
    }
}

#[tokio::test]
async fn bearer_tokens_with_symmetric_signatures_are_rejected() {
    let key = SigningKey::new("EdDSA", "a");
    for algorithm in SYMMETRIC {
        for secret in key.public_forms() {
            let token = SigningKey::of_secret(algorithm, "a", &secret).token_of("at+jwt", &claims());
            let authorization = format!("Bearer {token}");
            let rejected = authenticate(&key, &[("authorization", &authorization)]).await;
            assert_eq!(rejected.err(), Some(TokenRefusal::Alg), "{algorithm}");
        }
    }
}

#[tokio::test]
async fn the_token_is_in_a_single_header_with_the_case_insensitive_scheme_bearer() {
    let key = SigningKey::new("EdDSA", "a");
    let token = key.token_of("at+jwt", &claims());
    let other = SigningKey::new("EdDSA", "a").token_of("at+jwt", &claims());
    for value in [
        format!("Bearer {token}"),
        format!("bearer {token}"),
        format!("BEARER {token}"),
        format!("bEaReR  {token}"),
        format!(" Bearer {token} "),
    ] {
        assert!(authenticate(&key, &[("aUTHORIZATION", &value)]).await.is_ok(), "{value}");
    }
    let good = format!("Bearer {token}");
    let bad = format!("Bearer {other}");
    let rows = [
        ("no header", Missing, vec![]),
        ("an empty header", Missing, vec![("authorization", String::new())]),
        ("a scheme only", Missing, vec![("authorization", "Bearer".to_owned())]),
        ("a scheme and a space", Missing, vec![("authorization", "Bearer ".to_owned())]),
        ("a token only", Scheme, vec![("authorization", token.clone())]),
        ("the scheme Basic", Scheme, vec![("authorization", format!("Basic {token}"))]),
        ("the scheme DPoP", Scheme, vec![("authorization", format!("DPoP {token}"))]),
        ("a scheme that begins alike", Scheme, vec![("authorization", format!("Bearers {token}"))]),
        ("the scheme twice", Malformed, vec![("authorization", format!("Bearer Bearer {token}"))]),
        ("a colon", Scheme, vec![("authorization", format!("Bearer: {token}"))]),
        ("a tab", Scheme, vec![("authorization", format!("Bearer\t{token}"))]),
        ("no space", Scheme, vec![("authorization", format!("Bearer{token}"))]),
        ("quotes", Malformed, vec![("authorization", format!("Bearer \"{token}\""))]),
        ("a parameter", Malformed, vec![("authorization", format!("Bearer token={token}"))]),
        ("a parameter after it", Signature, vec![("authorization", format!("{good}, realm=x"))]),
        (
            "a space inside",
            Malformed,
            vec![("authorization", format!("Bearer {} {}", &token[..20], &token[20..]))],
        ),
        ("two with a comma", Malformed, vec![("authorization", format!("{good},{good}"))]),
        ("two with a comma and a space", Malformed, vec![("authorization", format!("{good}, {good}"))]),
        ("two tokens with a comma", Malformed, vec![("authorization", format!("Bearer {token},{token}"))]),
        ("a bad and a good one", Malformed, vec![("authorization", format!("{bad}, {good}"))]),
        (
            "the header twice, the same",
            Repeated,
            vec![("authorization", good.clone()), ("authorization", good.clone())],
        ),
        (
            "the header twice, the bad one first",
            Repeated,
            vec![("authorization", bad.clone()), ("Authorization", good.clone())],
        ),
        (
            "the header twice, the bad one last",
            Repeated,
            vec![("Authorization", good.clone()), ("AUTHORIZATION", bad)],
        ),
        (
            "the header twice, once empty",
            Repeated,
            vec![("authorization", good.clone()), ("authorization", String::new())],
        ),
        ("another header", Missing, vec![("x-token", token.clone()), ("proxy-authorization", good)]),
        ("a cookie", Missing, vec![("cookie", format!("access_token={token}"))]),
    ];
    for (name, expected, headers) in rows {
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let rejected = authenticate(&key, &headers).await.err();
        assert_eq!(rejected, Some(expected), "{name}");
    }
}

#[tokio::test]
async fn tokens_of_another_issuer_audience_type_or_time_are_rejected() {
    let key = SigningKey::new("EdDSA", "a");
    for (name, expected, token) in [
        ("another type", TokenRefusal::Typ, key.token_of("JWT", &claims())),
        (
            "no type",
            TokenRefusal::Typ,
            key.token(&with(&key.header(""), "typ", None).to_string(), &claims().to_string()),
        ),
        (
            "another issuer",
            TokenRefusal::Iss,
            key.token_of("at+jwt", &with(&claims(), "iss", Some(json!("https://x.example")))),
        ),
        (
            "another audience",
            TokenRefusal::Aud,
            key.token_of("at+jwt", &with(&claims(), "aud", Some(json!("x")))),
        ),
        ("no end", TokenRefusal::Claim(Claim::Exp), key.token_of("at+jwt", &with(&claims(), "exp", None))),
        ("another key", TokenRefusal::Signature, SigningKey::new("EdDSA", "a").token_of("at+jwt", &claims())),
        (
            "a key id of a wrong type",
            TokenRefusal::Kid,
            key.token(r#"{"alg":"EdDSA","kid":1,"typ":"at+jwt"}"#, &claims().to_string()),
        ),
    ] {
        let rejected = authenticate(&key, &[("authorization", &format!("Bearer {token}"))]).await.err();
        assert_eq!(rejected, Some(expected), "{name}");
    }
}

#[tokio::test]
async fn tokens_without_client_or_subject_are_rejected() {
    let too_long = "a".repeat(MAX_BYTES + 1);
    for (name, value) in [
        ("sub", None),
        ("sub", Some(json!(""))),
        ("sub", Some(json!(null))),
        ("sub", Some(json!(123))),
        ("sub", Some(json!(["user-123"]))),
        ("clientExtId", None),
        ("clientExtId", Some(json!(""))),
        ("clientExtId", Some(json!(null))),
        ("clientExtId", Some(json!(100))),
        ("clientExtId", Some(json!(["100"]))),
        ("clientExtId", Some(json!({"extId": "100"}))),
        ("clientExtId", Some(json!("*"))),
        ("clientExtId", Some(json!("."))),
        ("clientExtId", Some(json!(".."))),
        ("clientExtId", Some(json!("a#b"))),
        ("clientExtId", Some(json!("a\0"))),
        ("clientExtId", Some(json!("a\n"))),
        ("clientExtId", Some(json!(too_long))),
    ] {
        let row = format!("{name} {value:?}");
        let rejected = caller_of(&with(&claims(), name, value)).await.err();
        let claim = if name == "sub" { Claim::Sub } else { Claim::ClientExtId };
        assert_eq!(rejected, Some(TokenRefusal::Claim(claim)), "{row}");
    }
}

#[tokio::test]
async fn authorizations_of_a_wrong_type_are_rejected_at_every_level() {
    let role = "nevisIdm.Root";
    for (name, value) in [
        ("authorizations", json!(null)),
        ("authorizations", json!(role)),
        ("authorizations", json!(1)),
        ("authorizations", json!({"role": role})),
        ("authorizations", json!([null])),
        ("authorizations", json!([role])),
        ("authorizations", json!([[role]])),
        ("authorizations", json!([{}])),
        ("authorizations", json!([{"clients": ["100"]}])),
        ("authorizations", json!([{"role": null}])),
        ("authorizations", json!([{"role": ""}])),
        ("authorizations", json!([{"role": 1}])),
        ("authorizations", json!([{"role": [role]}])),
        ("authorizations", json!([{"role": role, "clients": null}])),
        ("authorizations", json!([{"role": role, "clients": "*"}])),
        ("authorizations", json!([{"role": role, "clients": {"100": true}}])),
        ("authorizations", json!([{"role": role, "clients": [100]}])),
        ("authorizations", json!([{"role": role, "clients": ["100", null]}])),
        ("authorizations", json!([{"role": role, "clients": ["*", 1]}])),
        ("authorizations", json!([{"role": role, "units": null}])),
        ("authorizations", json!([{"role": role, "units": "sales"}])),
        ("authorizations", json!([{"role": role, "units": [1]}])),
        ("authorizations", json!([{"role": role, "units": ["sales", ["x"]]}])),
        ("authorizations", json!([{"role": role}, {"role": role, "units": 1}])),
        ("cognito:groups", json!(null)),
        ("cognito:groups", json!({role: true})),
        ("cognito:groups", json!([1])),
        ("cognito:groups", json!([null])),
        ("cognito:groups", json!([role, [role]])),
    ] {
        let rejected = caller_of(&with(&claims(), name, Some(value.clone()))).await.err();
        let claim = if name == "authorizations" { Claim::Authorizations } else { Claim::Roles };
        assert_eq!(rejected, Some(TokenRefusal::Claim(claim)), "{name} {value}");
    }
}

#[tokio::test]
async fn authorizations_are_read_as_specified() {
    let all = |role: &str| Authorization { role: role.to_owned(), clients: Clients::All, units: None };
    let rows: [(&str, Value, Vec<Authorization>); 12] = [
        ("none", json!([]), vec![]),
        ("clients left out are the caller's own", json!([{"role": "a"}]), vec![over("a", &["100"], None)]),
        ("no clients", json!([{"role": "a", "clients": []}]), vec![over("a", &[], None)]),
        (
            "clients",
            json!([{"role": "a", "clients": ["200", "300"]}]),
            vec![over("a", &["200", "300"], None)],
        ),
        ("all", json!([{"role": "a", "clients": ["*"]}]), vec![all("a")]),
        ("all among others", json!([{"role": "a", "clients": ["200", "*"]}]), vec![all("a")]),
        ("a star within a name", json!([{"role": "a", "clients": ["1*"]}]), vec![over("a", &["1*"], None)]),
        (
            "units",
            json!([{"role": "a", "units": ["sales", "hr"]}]),
            vec![over("a", &["100"], Some(&["sales", "hr"]))],
        ),
        ("no units", json!([{"role": "a", "units": []}]), vec![over("a", &["100"], Some(&[]))]),
        ("a unit of a star", json!([{"role": "a", "units": ["*"]}]), vec![over("a", &["100"], Some(&["*"]))]),
        (
            "several in their order",
            json!([{"role": "b"}, {"role": "a", "clients": ["*"]}, {"role": "b"}]),
            vec![over("b", &["100"], None), all("a"), over("b", &["100"], None)],
        ),
        (
            "other members",
            json!([{"role": "a", "client": "*", "unit": "x"}]),
            vec![over("a", &["100"], None)],
        ),
    ];
    for (name, value, expected) in rows {
        let caller = caller_of(&with(&claims(), "authorizations", Some(value))).await.expect(name);
        assert_eq!(caller.authorizations(), expected, "{name}");
    }
}

#[tokio::test]
async fn short_form_roles_cover_the_callers_own_client_and_come_last() {
    let groups = with(&claims(), "cognito:groups", Some(json!(["b", "*"])));
    let caller = caller_of(&groups).await.expect("a caller");
    assert_eq!(caller.authorizations(), [over("b", &["100"], None), over("*", &["100"], None)]);

    let both = with(&groups, "authorizations", Some(json!([{"role": "a", "clients": ["200"]}])));
    let caller = caller_of(&both).await.expect("a caller");
    let expected = [over("a", &["200"], None), over("b", &["100"], None), over("*", &["100"], None)];
    assert_eq!(caller.authorizations(), expected);

    let other_name = with(&claims(), "roles", Some(json!(["nevisIdm.Root"])));
    let caller = caller_of(&other_name).await.expect("a caller");
    assert_eq!(caller.authorizations(), [], "a claim of another name than the configured one");
}

/// AD FS and WSO2 send a claim with one value as a string.
#[tokio::test]
async fn a_single_short_form_role_may_be_a_string() {
    let caller = caller_of(&with(&claims(), "cognito:groups", Some(json!("a")))).await.expect("a caller");
    assert_eq!(caller.authorizations(), [over("a", &["100"], None)]);
    let caller = caller_of(&with(&claims(), "cognito:groups", Some(json!("a b,c")))).await;
    assert_eq!(caller.expect("a caller").authorizations(), [over("a b,c", &["100"], None)]);
}

/// Keycloak sends the roles as `realm_access.roles`, Auth0 under a URL.
#[tokio::test]
async fn the_roles_claim_is_a_name_or_else_a_path() {
    let wrong = || Err(TokenRefusal::Claim(Claim::Roles));
    let found = |role: &str| Ok(vec![over(role, &["100"], None)]);
    let none = || Ok(Vec::new());
    for (roles_claim, name, value, expected) in [
        ("realm_access.roles", "realm_access", json!({"roles": ["a"]}), found("a")),
        ("realm_access.roles", "realm_access", json!({"roles": "a"}), found("a")),
        ("realm_access.roles", "realm_access.roles", json!(["a"]), found("a")),
        ("realm_access.roles", "realm_access", json!({}), none()),
        ("realm_access.roles", "realm_access", json!({"roles": {"a": true}}), wrong()),
        ("realm_access.roles", "realm_access", json!(["a"]), wrong()),
        ("realm_access.roles", "realm_access", json!(null), wrong()),
        ("realm_access.roles", "roles", json!(["a"]), none()),
        ("a.b.c", "a", json!({"b": {"c": ["x"]}}), found("x")),
        ("a.b.c", "a", json!({"b": "c"}), wrong()),
        ("a.b.c", "a", json!({"x": 1}), none()),
        ("https://idm.example/roles", "https://idm.example/roles", json!(["a"]), found("a")),
        ("https://idm.example/roles", "roles", json!(["a"]), none()),
        ("roles", "realm_access", json!({"roles": ["a"]}), none()),
    ] {
        let key = SigningKey::new("EdDSA", "a");
        let keys = key_set(&[&key], Purpose::Bearer);
        let tokens = BearerTokens { issuers: vec![issuer("https://issuer.example", keys, roles_claim)] };
        let token = key.token_of("at+jwt", &with(&claims(), name, Some(value.clone())));
        let request = request(&[("authorization", &format!("Bearer {token}"))]);
        let read = tokens.caller(&request, now()).await.map(|caller| caller.authorizations().to_vec());
        assert_eq!(read, expected, "{roles_claim} in {name} {value}");
    }
    let both = with(&claims(), "a.b", Some(json!(["name"])));
    let both = with(&both, "a", Some(json!({"b": ["path"]})));
    let key = SigningKey::new("EdDSA", "a");
    let tokens = BearerTokens {
        issuers: vec![issuer("https://issuer.example", key_set(&[&key], Purpose::Bearer), "a.b")],
    };
    let authorization = format!("Bearer {}", key.token_of("at+jwt", &both));
    let caller = tokens.caller(&request(&[("authorization", &authorization)]), now()).await;
    assert_eq!(caller.expect("a caller").authorizations(), [over("name", &["100"], None)]);
}

#[tokio::test]
async fn a_token_is_verified_only_with_the_keys_of_its_issuer() {
    let (a, b) = (SigningKey::new("EdDSA", "k"), SigningKey::new("EdDSA", "k"));
    let tokens = BearerTokens {
        issuers: vec![
            issuer("https://a.example", key_set(&[&a], Purpose::Bearer), "roles"),
            issuer("https://b.example", key_set(&[&b], Purpose::Bearer), "groups"),
            issuer("https://c.example", unreachable_key_set(Purpose::Bearer), "roles"),
        ],
    };
    for (key, iss, expected) in [
        (&a, "https://a.example", Ok("a")),
        (&b, "https://b.example", Ok("b")),
        (&a, "https://b.example", Err(TokenRefusal::Signature)),
        (&b, "https://a.example", Err(TokenRefusal::Signature)),
        (&a, "https://c.example", Err(TokenRefusal::Keys)),
        (&a, "https://d.example", Err(TokenRefusal::Iss)),
        (&a, "https://A.example", Err(TokenRefusal::Iss)),
        (&a, "", Err(TokenRefusal::Claim(Claim::Iss))),
    ] {
        let claims = with(&claims(), "iss", Some(json!(iss)));
        let claims = with(&with(&claims, "roles", Some(json!("a"))), "groups", Some(json!("b")));
        let authorization = format!("Bearer {}", key.token_of("at+jwt", &claims));
        let caller = tokens.caller(&request(&[("authorization", &authorization)]), now()).await;
        let roles = caller.map(|caller| caller.authorizations()[0].role.clone());
        assert_eq!(roles, expected.map(str::to_owned), "{iss}");
    }
}

#[tokio::test]
async fn a_caller_is_the_user_in_the_path_if_client_and_subject_match() {
    let caller = caller_of(&claims()).await.expect("a caller");
    for (client, user, expected) in [
        ("100", "user-123", true),
        ("200", "user-123", false),
        ("100", "user-124", false),
        ("100", "USER-123", false),
        ("100", "", false),
        ("", "100/user-123", false),
    ] {
        let (client, user) = (ClientExtId::unchecked(client), UserExtId::unchecked(user));
        assert_eq!(caller.is(&client, &user), expected, "{client} {user}");
    }
}

#[tokio::test]
async fn caller_names_and_keys_are_unique() {
    let of = async |client: &str, subject: &str| {
        let claims = with(&claims(), "clientExtId", Some(json!(client)));
        caller_of(&with(&claims, "sub", Some(json!(subject)))).await.expect("a caller")
    };
    let (one, other) = (of("100", "a/b").await, of("100/a", "b").await);
    assert_eq!([one.name(), other.name()], ["100/a%2Fb", "100%2Fa/b"]);
    let (encoded, again) = (of("100", "a%2Fb").await, of("100%2Fa", "b").await);
    assert_eq!([encoded.name(), again.name()], ["100/a%252Fb", "100%252Fa/b"]);
    let ordinary = of("client-1:(x)", "j.doe@example.org ä").await;
    assert_eq!(ordinary.name(), "client-1:(x)/j.doe@example.org ä");
    assert_eq!([one.key(), other.key()], ["100\na/b", "100/a\nb"]);
}

#[tokio::test]
async fn a_missing_key_set_is_reported_as_unavailable() {
    let token = SigningKey::new("EdDSA", "a").token_of("at+jwt", &claims());
    let request = |value: &str| request(&[("authorization", value)]);
    let tokens = tokens(unreachable_key_set(Purpose::Bearer));
    let result = tokens.caller(&request(&format!("Bearer {token}")), now()).await;
    assert_eq!(result.err(), Some(TokenRefusal::Keys));
    let result = tokens.caller(&request("Bearer x"), now()).await;
    assert_eq!(result.err(), Some(TokenRefusal::Malformed), "that it is no token is seen without keys");
}
