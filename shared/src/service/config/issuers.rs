//! The issuers of Bearer tokens in `BEARER_ISSUERS`.

use serde_json::{Map, Value};

use crate::auth::jwt::TokenRules;
use crate::auth::key_set::KeySource;
use crate::auth::keys::Purpose;
use crate::http::json::parse_array;

/// The default of `BEARER_ROLES_CLAIM` and of `rolesClaim`.
pub(super) const DEFAULT_ROLES_CLAIM: &str = "roles";
/// The default of `BEARER_TYP` and of `typ`.
pub(super) const DEFAULT_TYP: &str = "at+jwt";

/// The members of an issuer.
const MEMBERS: [&str; 5] = ["issuer", "audience", "jwks", "rolesClaim", "typ"];

/// An issuer of Bearer tokens.
pub struct BearerIssuer {
    /// The requirements on its tokens.
    pub rules: TokenRules,
    /// Its key set.
    pub keys: KeySource,
    /// The claim with the roles in short form: its name, or else its path with dots.
    pub roles_claim: String,
}

/// Parses a JSON array of issuers.
///
/// # Errors
/// Returns the reason in one line.
pub(super) fn parse(text: &str, leeway: u32) -> Result<Vec<BearerIssuer>, String> {
    let entries = parse_array(text.as_bytes())
        .map_err(|_| "is not a JSON array, or has duplicate member names".to_owned())?;
    if entries.is_empty() {
        return Err("has no issuer".to_owned());
    }
    let mut issuers: Vec<BearerIssuer> = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let issuer = issuer(entry, leeway).map_err(|reason| format!("has an issuer {index} {reason}"))?;
        if issuers.iter().any(|other| other.rules.issuer == issuer.rules.issuer) {
            return Err(format!("has an issuer {index} that is a duplicate"));
        }
        issuers.push(issuer);
    }
    Ok(issuers)
}

fn issuer(entry: &Value, leeway: u32) -> Result<BearerIssuer, String> {
    let entry = entry.as_object().ok_or("that is not an object")?;
    if let Some(unknown) = entry.keys().find(|name| !MEMBERS.contains(&name.as_str())) {
        return Err(format!("with the unknown member {unknown:?}"));
    }
    let required = |name: &str| text(entry, name)?.ok_or_else(|| format!("without '{name}'"));
    let issuer = required("issuer")?.to_owned();
    let audience = match entry.get("audience") {
        Some(Value::Array(audiences)) => {
            let audiences = audiences.iter().map(|audience| audience.as_str().map(str::to_owned));
            audiences.collect::<Option<Vec<_>>>().ok_or("whose 'audience' is not an array of strings")?
        }
        _ => entries(required("audience")?),
    };
    let jwks = match entry.get("jwks") {
        Some(set @ Value::Object(_)) => set.to_string(),
        _ => required("jwks")?.to_owned(),
    };
    let typ = text(entry, "typ")?.unwrap_or(DEFAULT_TYP);
    Ok(BearerIssuer {
        rules: TokenRules {
            issuer: Some(issuer),
            audiences: audiences(audience).map_err(|reason| format!("whose 'audience' {reason}"))?,
            types: token_types(typ),
            leeway,
            max_age: None,
        },
        keys: KeySource::parse(&jwks, Purpose::Bearer).map_err(|reason| format!("whose 'jwks' {reason}"))?,
        roles_claim: text(entry, "rolesClaim")?.unwrap_or(DEFAULT_ROLES_CLAIM).to_owned(),
    })
}

/// Returns a member, which must be a non-empty string if present.
fn text<'a>(entry: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, String> {
    let text = |value: &'a Value| value.as_str().map(str::trim).filter(|text| !text.is_empty());
    let value = entry.get(name);
    value
        .map(|value| text(value).ok_or_else(|| format!("whose '{name}' is not a string with content")))
        .transpose()
}

/// Returns the entries of a comma-separated list, without the white space around them.
pub(super) fn entries(list: &str) -> Vec<String> {
    list.split(',').map(|entry| entry.trim().to_owned()).collect()
}

/// Returns the audiences if there is at least one and none is empty.
///
/// # Errors
/// Returns the reason in one line.
pub(super) fn audiences(entries: Vec<String>) -> Result<Vec<String>, String> {
    if entries.is_empty() || entries.iter().any(String::is_empty) {
        return Err("has an empty entry".to_owned());
    }
    Ok(entries)
}

/// Parses a comma-separated list of types, in lower case. An empty entry allows the absence of a type.
pub(super) fn token_types(list: &str) -> Vec<Option<String>> {
    let entries = entries(&list.to_ascii_lowercase()).into_iter();
    entries.map(|entry| Some(entry).filter(|entry| !entry.is_empty())).collect()
}
