//! An Ed25519 key, which is stored as PKCS#8, published as a JWKS, and signs JWTs.

use std::fmt::{self, Debug, Display, Formatter};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::Ed25519KeyPair;
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;

use crate::error::Error;

/// An Ed25519 key pair. Its key ID is the thumbprint of the public key (RFC 7638, SHA-256).
#[derive(Clone)]
pub struct SigningKey {
    private: EncodingKey,
    public: Jwk,
}

impl SigningKey {
    /// Generates a key.
    ///
    /// # Errors
    /// [`Error::Key`] if the system's random number generator fails.
    pub fn generate() -> Result<Self, Error> {
        let name = "(new)";
        let document =
            Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()).map_err(|error| unusable(name, &error))?;
        Self::from_pkcs8(document.as_ref(), name)
    }

    /// Reads a private key in the format PKCS#8 version 1 (DER). `name` identifies the key in errors.
    ///
    /// # Errors
    /// [`Error::Key`] if the document is not a valid key.
    pub fn from_pkcs8(document: &[u8], name: &str) -> Result<Self, Error> {
        let private = EncodingKey::from_ed_der(document);
        let mut public = Jwk::from_encoding_key(&private, Algorithm::EdDSA)
            .map_err(|_| unusable(name, &"not an Ed25519 key in PKCS#8 version 1"))?;
        let id = public.thumbprint(ThumbprintHash::SHA256).map_err(|error| unusable(name, &error))?;
        public.common.key_id = Some(id);
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self { private, public })
    }

    /// Returns the private key in the format PKCS#8 version 1 (DER).
    pub(crate) fn pkcs8(&self) -> &[u8] {
        self.private.as_bytes()
    }

    /// Returns the public key as a JWKS with one key.
    #[must_use]
    pub fn public_jwks(&self) -> JwkSet {
        JwkSet { keys: vec![self.public.clone()] }
    }

    /// Returns the public key as the JSON text of a JWKS.
    ///
    /// # Errors
    /// [`Error::Key`] if the key cannot be written as JSON.
    pub fn public_jwks_json(&self) -> Result<String, Error> {
        serde_json::to_string(&self.public_jwks()).map_err(|error| unusable("(public part)", &error))
    }

    /// Signs `claims` as a JWT with the header's `typ`, `alg` (`EdDSA`) and `kid`.
    ///
    /// # Errors
    /// [`Error::Key`] if the claims are not a JSON object, or signing fails.
    pub fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<String, Error> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(typ.to_owned());
        header.kid.clone_from(&self.public.common.key_id);
        jsonwebtoken::encode(&header, claims, &self.private).map_err(|error| unusable("(signing)", &error))
    }
}

impl Debug for SigningKey {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SigningKey").field("public", &self.public).finish_non_exhaustive()
    }
}

fn unusable(name: &str, reason: &dyn Display) -> Error {
    Error::Key { what: name.to_owned(), reason: reason.to_string() }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{Algorithm, DecodingKey, Validation};
    use serde_json::{Value, json};

    use super::SigningKey;

    #[test]
    fn a_token_is_verified_only_with_its_public_key() {
        let key = SigningKey::generate().expect("made");
        let other = SigningKey::generate().expect("made");
        let claims = json!({"sub": "caller"});
        let token = key.sign("at+jwt", &claims).expect("signed");

        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        let verify = |key: &SigningKey| {
            let public = DecodingKey::from_jwk(&key.public_jwks().keys[0]).expect("usable");
            jsonwebtoken::decode::<Value>(&token, &public, &validation)
        };
        let verified = verify(&key).expect("verified");
        assert_eq!(verified.claims, claims);
        assert_eq!(verified.header.typ.as_deref(), Some("at+jwt"));
        assert_eq!(verified.header.kid, key.public_jwks().keys[0].common.key_id);
        assert!(verify(&other).is_err());
    }

    #[test]
    fn a_published_key_contains_its_use_and_no_private_part() {
        let key = SigningKey::generate().expect("made");
        let set = serde_json::to_value(key.public_jwks()).expect("JSON");
        let published = &set["keys"][0];
        let names: Vec<&str> = published.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(names, ["alg", "crv", "kid", "kty", "use", "x"]);
        assert_eq!(published["alg"], "EdDSA");
        assert_eq!(published["crv"], "Ed25519");
        assert_eq!(published["kty"], "OKP");
        assert_eq!(published["use"], "sig");
    }
}
