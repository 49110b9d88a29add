//! What a forger has at hand: the token that would be good, keys of every kind, and a list to put
//! the forgeries on.

use serde_json::Value;
use signing::SigningKey;

/// One of the two headers that carry tokens, as a forger sees it.
pub(crate) struct Forge<'a> {
    /// The keys of its own set, of the other header's set, and of nobody.
    pub(crate) own: &'a [SigningKey],
    pub(crate) other: &'a [SigningKey],
    pub(crate) stranger: &'a [SigningKey],
    /// The types of a good token and of the other header's.
    pub(crate) types: (&'static str, &'static str),
    /// The claims of a good token, and of a good one for the other header.
    pub(crate) claims: (&'a Value, &'a Value),
    /// The time of the service, in seconds since 1970.
    pub(crate) now: i64,
}

/// A token that has to be refused.
pub(crate) struct Forgery {
    /// What is wrong with it.
    pub(crate) what: String,
    /// The token.
    pub(crate) token: String,
    /// Whether it is well signed, and refused for something else.
    pub(crate) well_signed: bool,
}

/// Forgeries, as they are put together.
#[derive(Default)]
pub(crate) struct Forgeries(pub(crate) Vec<Forgery>);

impl Forgeries {
    /// One that no key of the set has signed.
    pub(crate) fn unsigned(&mut self, what: impl Into<String>, token: impl Into<String>) {
        self.0.push(Forgery { what: what.into(), token: token.into(), well_signed: false });
    }

    /// One that is well signed.
    pub(crate) fn signed(&mut self, what: impl Into<String>, token: impl Into<String>) {
        self.0.push(Forgery { what: what.into(), token: token.into(), well_signed: true });
    }
}

/// The key of an algorithm.
pub(crate) fn of<'a>(keys: &'a [SigningKey], algorithm: &str) -> &'a SigningKey {
    keys.iter().find(|key| key.algorithm == algorithm).expect("a key of each algorithm")
}

impl Forge<'_> {
    /// The header of a good token of this algorithm.
    pub(crate) fn header(&self, algorithm: &str) -> Value {
        of(self.own, algorithm).header(self.types.0)
    }

    /// A good token of this algorithm.
    pub(crate) fn good(&self, algorithm: &str) -> String {
        self.token(&self.header(algorithm), self.claims.0)
    }

    /// A token of this header and these claims, signed by the set's own key of the header's
    /// algorithm, or of `EdDSA` where it names none.
    pub(crate) fn token(&self, header: &Value, claims: &Value) -> String {
        let algorithm = header["alg"].as_str().unwrap_or("EdDSA");
        let known = self.own.iter().find(|key| key.algorithm == algorithm);
        let key = known.unwrap_or_else(|| of(self.own, "EdDSA"));
        key.token(&header.to_string(), &claims.to_string())
    }
}
