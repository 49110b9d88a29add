//! What the tokens say.

use serde::Serialize;

/// The claims of a Bearer token (RFC 9068). Times are seconds since 1970.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BearerClaims {
    /// Who issued the token.
    #[serde(rename = "iss")]
    pub issuer: String,
    /// Whom the token is for.
    #[serde(rename = "aud")]
    pub audience: String,
    /// When the token was issued.
    #[serde(rename = "iat")]
    pub issued_at: i64,
    /// From when on the token is not accepted any more.
    #[serde(rename = "exp")]
    pub expires_at: i64,
    /// The caller's extId.
    #[serde(rename = "sub")]
    pub subject: String,
    /// The extId of the client that the caller belongs to.
    pub client_ext_id: String,
    /// What the caller may do, and where.
    pub authorizations: Vec<Authorization>,
}

/// A role, and the data room that it is held over.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Authorization {
    /// The role, such as `nevisIdm.UserAdmin`.
    pub role: String,
    /// The extIds of the clients, or `*` for all; without it the caller's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clients: Option<Vec<String>>,
    /// The extIds of the units, each with all below it; without it every unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units: Option<Vec<String>>,
}

/// The claims of an X-Token. Times are seconds since 1970.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct XTokenClaims {
    /// Who issued the token, where the service checks that.
    #[serde(rename = "iss", skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Whom the token is for, where the service checks that.
    #[serde(rename = "aud", skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// When the token was issued.
    #[serde(rename = "iat")]
    pub issued_at: i64,
    /// From when on the token is not accepted any more.
    #[serde(rename = "exp")]
    pub expires_at: i64,
    /// The extId of the user who was authenticated again.
    #[serde(rename = "sub")]
    pub subject: String,
    /// The extId of the client that the user belongs to.
    pub client_ext_id: String,
}
