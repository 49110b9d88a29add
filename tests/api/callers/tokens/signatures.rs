//! Forged signatures: numbers that pass an incomplete check, other encodings and lengths.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use signing::base64url;

use super::forge::{Forge, Forgeries, of};
use crate::support::members::with;

/// Returns the group order, most significant byte first.
fn order(algorithm: &str) -> Option<Vec<u8>> {
    let hexadecimal = match algorithm {
        "ES256" => "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        "ES384" => {
            "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973"
        }
        "EdDSA" => "1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed",
        _ => return None,
    };
    let digits = (0..hexadecimal.len()).step_by(2).map(|at| u8::from_str_radix(&hexadecimal[at..at + 2], 16));
    Some(digits.map(|byte| byte.expect("a byte")).collect())
}

/// Returns `a + b` of equal length, most significant byte first, without the carry.
fn sum(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut carry = 0;
    let mut bytes: Vec<u8> = a
        .iter()
        .zip(b)
        .rev()
        .map(|(a, b)| {
            let sum = u16::from(*a) + u16::from(*b) + carry;
            carry = sum >> 8;
            sum.to_le_bytes()[0]
        })
        .collect();
    bytes.reverse();
    bytes
}

/// Returns `a - b` of equal length, most significant byte first.
fn difference(a: &[u8], b: &[u8]) -> Vec<u8> {
    let inverted: Vec<u8> = b.iter().map(|byte| !byte).collect();
    let mut one = vec![0; a.len()];
    *one.last_mut().expect("a byte") = 1;
    sum(&sum(a, &inverted), &one)
}

fn reversed(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().rev().copied().collect()
}

/// Returns the second valid form of an ECDSA signature: `(r, n - s)`.
pub(crate) fn twin(algorithm: &str, signature: &[u8]) -> Option<Vec<u8>> {
    let order = order(algorithm).filter(|_| algorithm != "EdDSA")?;
    let (r, s) = signature.split_at(signature.len() / 2);
    Some([r, &difference(&order, s)].concat())
}

/// Encodes a number in DER.
fn der(number: &[u8]) -> Vec<u8> {
    let number = [&[0], number].concat();
    [&[2, u8::try_from(number.len()).expect("short")], &*number].concat()
}

/// Returns signatures that can be made from a valid one without the key.
fn variants(algorithm: &str, good: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let length = good.len();
    let (r, s) = good.split_at(length / 2);
    let zero = vec![0; length / 2];
    let mut one = zero.clone();
    *one.last_mut().expect("a byte") = 1;
    let mut list = vec![
        ("nothing but zeros", vec![0; length]),
        ("nothing but ones", vec![0xff; length]),
        ("one and one", [&*one, &*one].concat()),
        ("zero and the second half", [&*zero, s].concat()),
        ("the first half and zero", [r, &*zero].concat()),
        ("one and the second half", [&*one, s].concat()),
        ("the halves exchanged", [s, r].concat()),
        ("the first half twice", [r, r].concat()),
        ("half of it", r.to_vec()),
        ("all of it twice", [good, good].concat()),
        ("a zero before it", [&[0], good].concat()),
        ("a zero behind it", [good, &[0]].concat()),
        ("without its last byte", good[..length - 1].to_vec()),
        ("without its first byte", good[1..].to_vec()),
        ("backwards", reversed(good)),
        ("one byte", vec![0]),
        ("its first bit flipped", [&[good[0] ^ 0x80], &good[1..]].concat()),
        ("its last bit flipped", [&good[..length - 1], &[good[length - 1] ^ 1]].concat()),
        ("inverted", good.iter().map(|byte| !byte).collect()),
    ];
    let Some(order) = order(algorithm) else { return list };
    if algorithm == "EdDSA" {
        let s = reversed(s);
        list.extend([
            ("s beyond the order", [r, &*reversed(&sum(&s, &order))].concat()),
            ("s twice beyond the order", [r, &*reversed(&sum(&sum(&s, &order), &order))].concat()),
            ("s negated", [r, &*reversed(&difference(&order, &s))].concat()),
            ("the neutral point and zero", [&*reversed(&one), &*zero].concat()),
            ("the neutral point and s", [&*reversed(&one), &*reversed(&s)].concat()),
            ("r with its sign turned", [&r[..31], &[r[31] ^ 0x80], &*reversed(&s)].concat()),
        ]);
    } else {
        list.extend([
            ("the order and the order", [&*order, &*order].concat()),
            ("the order and s", [&*order, s].concat()),
            ("r and the order", [r, &*order].concat()),
            ("r negated", [&*difference(&order, r), s].concat()),
            ("r beyond the order", [&*sum(r, &order), s].concat()),
            ("the order less one, twice", [&*difference(&order, &one), &*difference(&order, &one)].concat()),
            ("in DER", {
                let numbers = [der(r), der(s)].concat();
                [&[0x30, u8::try_from(numbers.len()).expect("short")], &*numbers].concat()
            }),
        ]);
    }
    list
}

/// Adds valid tokens with another signature.
pub(crate) fn signatures(forge: &Forge<'_>, list: &mut Forgeries) {
    for key in forge.own {
        let good = forge.good(key.algorithm);
        let (signed, signature) = good.rsplit_once('.').expect("a signature");
        let bytes = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
        for (what, bytes) in variants(key.algorithm, &bytes) {
            let token = format!("{signed}.{}", base64url(bytes));
            list.unsigned(format!("{}: {what}", key.algorithm), token);
        }
        // The signatures of two valid tokens exchanged.
        let later = with(forge.claims.0, "exp", forge.now + 299);
        let other = forge.token(&key.header(forge.types.0), &later);
        let (other_signed, other_signature) = other.rsplit_once('.').expect("a signature");
        list.unsigned(format!("{}: another's", key.algorithm), format!("{signed}.{other_signature}"));
        list.unsigned(format!("{}: of other claims", key.algorithm), format!("{other_signed}.{signature}"));
    }
    let modulus = of(forge.own, "RS256").jwk()["n"].as_str().expect("a modulus").to_owned();
    let modulus = URL_SAFE_NO_PAD.decode(modulus).expect("base64url");
    let mut one = vec![0; modulus.len()];
    *one.last_mut().expect("a byte") = 1;
    for key in
        forge.own.iter().filter(|key| key.algorithm.starts_with("RS") || key.algorithm.starts_with("PS"))
    {
        let good = forge.good(key.algorithm);
        let (signed, signature) = good.rsplit_once('.').expect("a signature");
        let bytes = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
        for (what, number) in [
            ("one", one.clone()),
            ("the modulus", modulus.clone()),
            ("the modulus less one", difference(&modulus, &one)),
            ("negated", difference(&modulus, &bytes)),
            ("beyond the modulus", [&[0], &*sum(&modulus, &bytes)].concat()),
            ("the same beyond the modulus", sum(&modulus, &bytes)),
        ] {
            let token = format!("{signed}.{}", base64url(number));
            list.unsigned(format!("{}: {what}", key.algorithm), token);
        }
    }
}
