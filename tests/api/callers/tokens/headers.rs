//! Forged JOSE headers: algorithm, key, type and critical parameters.

use serde_json::{Value, json};
use signing::{ASYMMETRIC, SYMMETRIC, SigningKey, base64url};

use super::forge::{Forge, Forgeries, of};
use crate::support::members::{with, without};

/// Adds tokens with a wrong algorithm: `none`, another algorithm, or a public key used as a shared
/// secret.
pub(crate) fn algorithms(forge: &Forge<'_>, list: &mut Forgeries) {
    for none in ["none", "None", "NONE", "nOnE", "", " none", "none\0", "null"] {
        let header = with(&forge.header("EdDSA"), "alg", none);
        let signed = forge.token(&header, forge.claims.0);
        let unsigned = &signed[..=signed.rfind('.').expect("a signature")];
        list.unsigned(format!("alg {none:?}, signed"), &*signed);
        list.unsigned(format!("alg {none:?}, without a signature"), unsigned);
        list.unsigned(format!("alg {none:?}, with one letter"), format!("{unsigned}A"));
        let bare = base64url(without(&header, "kid").to_string());
        list.unsigned(
            format!("alg {none:?} and no kid"),
            format!("{bare}.{}.", base64url(forge.claims.0.to_string())),
        );
    }
    let own_algorithms = || forge.own.iter().map(|key| key.algorithm);
    for key in forge.own {
        for algorithm in own_algorithms().chain(["ES512", "ES256K", "Ed25519", "RSA1_5", "dir", "A128KW"]) {
            if algorithm != key.algorithm {
                let header = with(&key.header(forge.types.0), "alg", algorithm);
                let token = key.token(&header.to_string(), &forge.claims.0.to_string());
                list.unsigned(format!("a signature of {} called {algorithm}", key.algorithm), token);
            }
        }
        let lower = with(&key.header(forge.types.0), "alg", key.algorithm.to_lowercase());
        let token = key.token(&lower.to_string(), &forge.claims.0.to_string());
        list.unsigned(format!("{} in lower case", key.algorithm), token);
    }
    for key in forge.own.iter().filter(|key| ASYMMETRIC.contains(&key.algorithm)) {
        for (form, secret) in key.public_forms().into_iter().enumerate() {
            for hash in SYMMETRIC {
                let forger = SigningKey::of_secret(hash, &key.id, &secret);
                let token =
                    forger.token(&forger.header(forge.types.0).to_string(), &forge.claims.0.to_string());
                list.unsigned(
                    format!("{hash} with form {form} of the public key of {}", key.algorithm),
                    token,
                );
            }
        }
    }
    // The right key and algorithm name, but another hash or padding.
    let rsa = ASYMMETRIC.into_iter().filter(|name| name.starts_with("RS") || name.starts_with("PS"));
    for named in rsa.clone() {
        for done in rsa.clone().filter(|done| *done != named) {
            let header = base64url(forge.header(named).to_string());
            let payload = base64url(forge.claims.0.to_string());
            let token = of(forge.own, named).token_of_parts(done, &header, &payload);
            list.unsigned(format!("{named} signed as {done}"), token);
        }
    }
}

/// Adds tokens with a key that is not in the set, referenced by an id or embedded.
pub(crate) fn keys(forge: &Forge<'_>, list: &mut Forgeries) {
    let payload = forge.claims.0.to_string();
    for kid in [
        json!("../../../../dev/null"),
        json!("/dev/null"),
        json!("file:///dev/null"),
        json!("' UNION SELECT 'key' --"),
        json!("\" OR 1=1 --"),
        json!("| cat /etc/passwd"),
        json!("https://attacker.example/key"),
        json!(""),
        json!(" "),
        json!("\0"),
        json!("EdDSA-of-bearer "),
        json!("EdDSA-of-bearer\n"),
        json!("eddsa-of-bearer"),
        json!("\u{ff25}dDSA-of-bearer"),
        json!("a".repeat(5000)),
        json!(null),
        json!(0),
        json!(-1.5),
        json!(true),
        json!([]),
        json!(["EdDSA-of-bearer"]),
        json!({"kid": "EdDSA-of-bearer"}),
        json!(of(forge.own, "ES256").id),
        json!(of(forge.other, "EdDSA").id),
    ] {
        let header = with(&forge.header("EdDSA"), "kid", kid.clone());
        let shown: String = kid.to_string().chars().take(40).collect();
        list.unsigned(format!("kid {shown}"), forge.token(&header, forge.claims.0));
        let secret = SigningKey::of_secret("HS256", "", b"");
        let header = with(&header, "alg", "HS256");
        list.unsigned(
            format!("kid {shown}, signed with nothing"),
            secret.token(&header.to_string(), &payload),
        );
    }
    for algorithm in ASYMMETRIC {
        let stranger = of(forge.stranger, algorithm);
        for id in [Some(&*of(forge.own, algorithm).id), Some("foreign"), None] {
            let mut header = stranger.header(forge.types.0);
            match id {
                Some(id) => header["kid"] = id.into(),
                None => header = without(&header, "kid"),
            }
            list.unsigned(
                format!("a stranger's {algorithm} with kid {id:?}"),
                stranger.token(&header.to_string(), &payload),
            );
            for (name, value) in [
                ("jwk", stranger.jwk()),
                ("jku", json!("https://attacker.example/jwks")),
                ("x5u", json!("https://attacker.example/certificate.pem")),
                ("x5c", json!([base64url([0x30, 0x82, 1, 0])])),
                ("x5t#S256", json!(base64url([7; 32]))),
                ("keys", json!([stranger.jwk()])),
            ] {
                let token = stranger.token(&with(&header, name, value).to_string(), &payload);
                list.unsigned(format!("a stranger's {algorithm} with kid {id:?} and {name}"), token);
            }
        }
        let other = of(forge.other, algorithm);
        for (what, id) in [("its own", &other.id), ("our", &of(forge.own, algorithm).id)] {
            let header = with(&other.header(forge.types.0), "kid", &**id);
            let token = other.token(&header.to_string(), &payload);
            list.unsigned(format!("the other header's {algorithm} key with {what} kid"), token);
        }
    }
}

/// Adds headers with critical or duplicate parameters or wrong types, and headers that are not JSON
/// objects.
pub(crate) fn parameters(forge: &Forge<'_>, list: &mut Forgeries) {
    let header = forge.header("EdDSA");
    for (name, value) in [
        ("crit", json!([])),
        ("crit", json!(["exp"])),
        ("crit", json!(["b64"])),
        ("crit", json!(["http://example.com/UNDEFINED"])),
        ("crit", json!(null)),
        ("crit", json!("exp")),
        ("b64", json!(true)),
        ("b64", json!(false)),
        ("b64", json!(null)),
        ("typ", json!(null)),
        ("typ", json!(7)),
        ("typ", json!([forge.types.0])),
        ("typ", json!("")),
        ("typ", json!(forge.types.1)),
        ("typ", json!("id+jwt")),
        ("typ", json!("logout+jwt")),
        ("typ", json!("dpop+jwt")),
        ("typ", json!("at+jwt;v=1")),
        ("typ", json!("at+jwt ")),
        ("typ", json!("\u{212a}jwt")),
        ("typ", json!("JWE")),
        ("typ", json!("JOSE+JSON")),
        ("typ", json!("text/at+jwt")),
        ("typ", json!("application/application/at+jwt")),
    ] {
        let token = forge.token(&with(&header, name, value.clone()), forge.claims.0);
        list.signed(format!("{name} {value}"), token);
    }
    for value in [json!(null), json!(256), json!(["EdDSA"]), json!({"alg": "EdDSA"}), json!(true)] {
        let token = forge.token(&with(&header, "alg", value.clone()), forge.claims.0);
        list.unsigned(format!("alg {value}"), token);
    }
    list.unsigned("no alg", forge.token(&without(&header, "alg"), forge.claims.0));
    let key = of(forge.own, "EdDSA");
    let text = header.to_string();
    let inner = &text[1..text.len() - 1];
    for (what, header) in [
        ("alg twice", format!("{{\"alg\":\"none\",{inner}}}")),
        ("alg twice, equal", format!("{{\"alg\":\"EdDSA\",{inner}}}")),
        ("alg twice, once written otherwise", format!("{{\"\\u0061lg\":\"none\",{inner}}}")),
        ("kid twice", format!("{{\"kid\":\"a\",{inner}}}")),
        ("typ twice", format!("{{\"typ\":\"JWT\",{inner}}}")),
        ("a name twice deep inside", format!("{{\"x\":{{\"a\":1,\"a\":2}},{inner}}}")),
    ] {
        let token = key.token(&header, &forge.claims.0.to_string());
        list.signed(format!("a header with {what}"), token);
    }
    for header in [
        "",
        " ",
        "[]",
        "null",
        "0",
        "\"EdDSA\"",
        "{",
        "{}",
        "{\"alg\"}",
        "{'alg':'EdDSA'}",
        "alg=EdDSA",
        &format!("{text}{text}"),
        &format!("{text} x"),
        &format!("\u{feff}{text}"),
        &format!("[{text}]"),
        &text.replace(':', "="),
        &format!("{text}//"),
        &format!("{{{inner},}}"),
        &text.replace("EdDSA\"", "EdDSA\u{0}\""),
    ] {
        list.unsigned(format!("the header {header:?}"), key.token(header, &forge.claims.0.to_string()));
    }
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let payload = base64url(forge.claims.0.to_string());
    list.unsigned("a header in UTF-16", key.token_of_parts("EdDSA", &base64url(wide), &payload));
}

/// Adds tokens that are valid in the other header.
pub(crate) fn swapped(forge: &Forge<'_>, list: &mut Forgeries) {
    for key in forge.other.iter().filter(|key| ASYMMETRIC.contains(&key.algorithm)) {
        let header: Value = key.header(forge.types.1);
        let token = key.token(&header.to_string(), &forge.claims.1.to_string());
        list.unsigned(format!("the other header's token, {}", key.algorithm), token);
    }
    for key in forge.own {
        let token = key.token(&key.header(forge.types.1).to_string(), &forge.claims.0.to_string());
        list.signed(format!("the other header's type, {}", key.algorithm), token);
    }
}
