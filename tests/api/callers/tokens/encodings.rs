//! Forged encodings: another serialization, another base64 alphabet, truncated or repeated tokens.

use serde_json::json;
use signing::base64url;

use super::forge::{Forge, Forgeries, of};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Adds valid tokens in an invalid form.
pub(crate) fn forms(forge: &Forge<'_>, list: &mut Forgeries) {
    let good = forge.good("EdDSA");
    let parts: Vec<&str> = good.split('.').collect();
    let [header, payload, signature] = [parts[0], parts[1], parts[2]];
    let json = json!({"payload": payload, "signatures": [{"protected": header, "signature": signature}]});
    let flat = json!({"protected": header, "payload": payload, "signature": signature});
    for (what, token) in [
        ("nothing", String::new()),
        ("a dot", ".".to_owned()),
        ("two dots", "..".to_owned()),
        ("three dots", "...".to_owned()),
        ("words", "not a token".to_owned()),
        ("one part", header.to_owned()),
        ("two parts", format!("{header}.{payload}")),
        ("no header", format!(".{payload}.{signature}")),
        ("no payload", format!("{header}..{signature}")),
        ("no signature", format!("{header}.{payload}.")),
        ("four parts", format!("{good}.{signature}")),
        ("an empty fourth part", format!("{good}.")),
        ("an empty part before", format!(".{good}")),
        ("five parts, as if encrypted", format!("{header}..{payload}.{signature}.{signature}")),
        (
            "five parts, as if encrypted for somebody",
            format!("{header}.{payload}.{payload}.{signature}.{signature}"),
        ),
        ("the general JSON serialization", json.to_string()),
        ("the flattened JSON serialization", flat.to_string()),
        ("that in base64url", base64url(flat.to_string())),
        ("text in place of base64url", format!("{}.{}.{signature}", forge.header("EdDSA"), forge.claims.0)),
        ("twice with a comma", format!("{good},{good}")),
        ("twice with a comma and a space", format!("{good}, {good}")),
        ("twice with a space", format!("{good} {good}")),
        ("twice with nothing between", format!("{good}{good}")),
        ("in quotes", format!("\"{good}\"")),
        ("in angle brackets", format!("<{good}>")),
        ("with a scheme", format!("Bearer {good}")),
        ("with a name", format!("token={good}")),
        ("with a semicolon", format!("{good};")),
        ("percent-encoded dots", good.replace('.', "%2E")),
        ("full-width dots", good.replace('.', "\u{ff0e}")),
        ("colons for dots", good.replace('.', ":")),
        ("backwards", good.chars().rev().collect()),
        ("in capitals", good.to_uppercase()),
        ("in small letters", good.to_lowercase()),
        ("in hexadecimal", hexadecimal(&good)),
        ("in base64url once more", base64url(&good)),
        ("its parts turned around", format!("{signature}.{payload}.{header}")),
        ("header and payload exchanged", format!("{payload}.{header}.{signature}")),
        ("the signature over the payload alone", {
            let key = of(forge.own, "EdDSA");
            format!("{header}.{payload}.{}", base64url(key.sign("EdDSA", payload)))
        }),
        ("the signature over the texts themselves", {
            let signed = format!("{}.{}", forge.header("EdDSA"), forge.claims.0);
            format!("{header}.{payload}.{}", base64url(of(forge.own, "EdDSA").sign("EdDSA", &signed)))
        }),
        ("60 KB of dots", ".".repeat(60_000)),
        ("8193 letters", "A".repeat(8193)),
    ] {
        list.unsigned(what, token);
    }
    for at in 0..3 {
        let changed = |part: String| {
            let mut parts: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
            parts[at] = part;
            parts.join(".")
        };
        let part = parts[at];
        for padding in
            ["=", "==", "===", "%3D", "A", "AA", "AAAA", "\0", "\n", "\r\n", "\t", "\u{a0}", "\u{200b}"]
        {
            let token = changed(format!("{part}{padding}"));
            // Trailing white space belongs to the header, not to the token.
            if token.trim() == token {
                list.unsigned(format!("part {at} with {padding:?} behind it"), token);
            }
            list.unsigned(format!("part {at} with {padding:?} in it"), {
                let (front, back) = part.split_at(part.len() / 2);
                changed(format!("{front}{padding}{back}"))
            });
        }
        for length in [1, 2, 3, part.len() / 2, part.len() - 1] {
            list.unsigned(format!("{length} characters of part {at}"), changed(part[..length].to_owned()));
        }
    }
    for length in (1..good.len()).step_by(good.len() / 20) {
        list.unsigned(format!("the first {length} characters"), &good[..length]);
        list.unsigned(format!("the last {length} characters"), &good[good.len() - length..]);
    }
}

/// Adds tokens whose unused trailing bits are not zero: a second encoding of a valid signature.
pub(crate) fn unused_bits(forge: &Forge<'_>, list: &mut Forgeries) {
    for key in forge.own {
        let good = forge.good(key.algorithm);
        let signature = &good[good.rfind('.').expect("a signature") + 1..];
        let unused = match signature.len() % 4 {
            2 => 15,
            3 => 3,
            _ => continue,
        };
        let end = good.bytes().last().and_then(|end| ALPHABET.iter().position(|letter| *letter == end));
        for bits in 1..=unused {
            let other = char::from(ALPHABET[end.expect("base64url") | bits]);
            let token = format!("{}{other}", &good[..good.len() - 1]);
            list.unsigned(format!("unused bits {bits:b} of a signature of {}", key.algorithm), token);
        }
    }
}

fn hexadecimal(text: &str) -> String {
    let digits = text.bytes().flat_map(|byte| [byte >> 4, byte & 0xf]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}
