//! Building blocks of forgeries: valid claims, keys of every algorithm, and a list of forgeries.

use serde_json::Value;
use signing::SigningKey;

/// The keys and claims with which tokens for one of the two headers are forged.
pub(crate) struct Forge<'a> {
    /// Keys of its own set, of the other header's set, and of no set.
    pub(crate) own: &'a [SigningKey],
    pub(crate) other: &'a [SigningKey],
    pub(crate) stranger: &'a [SigningKey],
    /// Type of a valid token, and that of the other header.
    pub(crate) types: (&'static str, &'static str),
    /// Claims of a valid token, and those of a valid token for the other header.
    pub(crate) claims: (&'a Value, &'a Value),
    /// Time of the service in seconds since 1970.
    pub(crate) now: i64,
}

/// A token that must be rejected.
pub(crate) struct Forgery {
    /// What is wrong with the token.
    pub(crate) what: String,
    /// The token.
    pub(crate) token: String,
    /// Whether the signature is valid, so that the token is rejected for another reason.
    pub(crate) well_signed: bool,
}

/// A list of forgeries.
#[derive(Default)]
pub(crate) struct Forgeries(pub(crate) Vec<Forgery>);

impl Forgeries {
    /// Adds a token without a valid signature.
    pub(crate) fn unsigned(&mut self, what: impl Into<String>, token: impl Into<String>) {
        self.0.push(Forgery { what: what.into(), token: token.into(), well_signed: false });
    }

    /// Adds a token with a valid signature.
    pub(crate) fn signed(&mut self, what: impl Into<String>, token: impl Into<String>) {
        self.0.push(Forgery { what: what.into(), token: token.into(), well_signed: true });
    }
}

/// Returns the key of an algorithm.
pub(crate) fn of<'a>(keys: &'a [SigningKey], algorithm: &str) -> &'a SigningKey {
    keys.iter().find(|key| key.algorithm == algorithm).expect("a key of each algorithm")
}

impl Forge<'_> {
    /// Returns the header of a valid token of this algorithm.
    pub(crate) fn header(&self, algorithm: &str) -> Value {
        of(self.own, algorithm).header(self.types.0)
    }

    /// Returns a valid token of this algorithm.
    pub(crate) fn good(&self, algorithm: &str) -> String {
        self.token(&self.header(algorithm), self.claims.0)
    }

    /// Returns a token with this header and these claims, signed by the key of the algorithm in the
    /// header, or by the `EdDSA` key if there is none.
    pub(crate) fn token(&self, header: &Value, claims: &Value) -> String {
        let algorithm = header["alg"].as_str().unwrap_or("EdDSA");
        let known = self.own.iter().find(|key| key.algorithm == algorithm);
        let key = known.unwrap_or_else(|| of(self.own, "EdDSA"));
        key.token(&header.to_string(), &claims.to_string())
    }
}
