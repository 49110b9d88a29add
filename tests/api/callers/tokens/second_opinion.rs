//! Signature verification with other libraries: `RustCrypto` for elliptic curves, ring for RSA and
//! shared secrets. They only verify that a key of the set has signed the token.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::Verifier as _;
use ring::{hmac, signature};
use serde_json::Value;

/// Returns true if the key of the set with the id and algorithm in the header has signed the token.
/// Without an id, any key of the algorithm is accepted.
pub(crate) fn verifies(token: &str, set: &Value) -> bool {
    verdict(token, set).unwrap_or(false)
}

fn verdict(token: &str, set: &Value) -> Option<bool> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, payload) = signed.split_once('.')?;
    if payload.contains('.') {
        return None;
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
    let keys = set["keys"].as_array()?.iter().filter(|key| key["alg"] == header["alg"]);
    let mut keys = keys.filter(|key| header.get("kid").is_none_or(|id| *id == key["kid"]));
    Some(keys.any(|key| has_signed(key, signed.as_bytes(), &signature).unwrap_or(false)))
}

fn has_signed(jwk: &Value, signed: &[u8], signature: &[u8]) -> Option<bool> {
    let bytes = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str()?).ok();
    let point = || Some([vec![4], bytes("x")?, bytes("y")?].concat());
    let rsa = |parameters: &'static signature::RsaParameters| {
        let key = signature::RsaPublicKeyComponents { n: bytes("n")?, e: bytes("e")? };
        Some(key.verify(parameters, signed, signature).is_ok())
    };
    let secret = |algorithm| {
        let key = hmac::Key::new(algorithm, &bytes("k")?);
        Some(hmac::verify(&key, signed, signature).is_ok())
    };
    match jwk["alg"].as_str()? {
        "EdDSA" => {
            let key = ed25519_dalek::VerifyingKey::from_bytes(&bytes("x")?.try_into().ok()?).ok()?;
            let signature = ed25519_dalek::Signature::from_slice(signature).ok()?;
            Some(key.verify_strict(signed, &signature).is_ok())
        }
        "ES256" => {
            let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&point()?).ok()?;
            let signature = p256::ecdsa::Signature::from_slice(signature).ok()?;
            Some(key.verify(signed, &signature).is_ok())
        }
        "ES384" => {
            let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(&point()?).ok()?;
            let signature = p384::ecdsa::Signature::from_slice(signature).ok()?;
            Some(key.verify(signed, &signature).is_ok())
        }
        "RS256" => rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
        "RS384" => rsa(&signature::RSA_PKCS1_2048_8192_SHA384),
        "RS512" => rsa(&signature::RSA_PKCS1_2048_8192_SHA512),
        "PS256" => rsa(&signature::RSA_PSS_2048_8192_SHA256),
        "PS384" => rsa(&signature::RSA_PSS_2048_8192_SHA384),
        "PS512" => rsa(&signature::RSA_PSS_2048_8192_SHA512),
        "HS256" => secret(hmac::HMAC_SHA256),
        "HS384" => secret(hmac::HMAC_SHA384),
        "HS512" => secret(hmac::HMAC_SHA512),
        _ => None,
    }
}
