//! The claims of the tokens.

use serde::Serialize;

/// The claims of a Bearer token (RFC 9068). Times are seconds since 1970.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BearerClaims {
    /// The issuer of the token.
    #[serde(rename = "iss")]
    pub issuer: String,
    /// The audience of the token.
    #[serde(rename = "aud")]
    pub audience: String,
    /// The time of issue.
    #[serde(rename = "iat")]
    pub issued_at: i64,
    /// The expiry time.
    #[serde(rename = "exp")]
    pub expires_at: i64,
    /// The caller's extId.
    #[serde(rename = "sub")]
    pub subject: String,
    /// The extId of the caller's client.
    pub client_ext_id: String,
    /// The roles of the caller and their data rooms.
    pub authorizations: Vec<Authorization>,
}

/// A role and its data room.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Authorization {
    /// The role, such as `nevisIdm.UserAdmin`.
    pub role: String,
    /// The extIds of the clients, or `*` for all clients. Defaults to the caller's client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clients: Option<Vec<String>>,
    /// The extIds of the units, which include their descendants. Defaults to all units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units: Option<Vec<String>>,
}

/// The claims of an X-Token. Times are seconds since 1970.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct XTokenClaims {
    /// The issuer of the token, if the service checks it.
    #[serde(rename = "iss", skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The audience of the token, if the service checks it.
    #[serde(rename = "aud", skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// The time of issue.
    #[serde(rename = "iat")]
    pub issued_at: i64,
    /// The expiry time.
    #[serde(rename = "exp")]
    pub expires_at: i64,
    /// The extId of the re-authenticated user.
    #[serde(rename = "sub")]
    pub subject: String,
    /// The extId of the user's client.
    pub client_ext_id: String,
}
