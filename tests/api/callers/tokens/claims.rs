//! Forged claims in tokens with a valid signature: times, issuer, audience, subject and client.

use serde_json::{Value, json};

use super::forge::{Forge, Forgeries, of};
use crate::support::members::{with, without};

/// Returns invalid time claims, for both tokens.
fn times(now: i64) -> Vec<(&'static str, Value)> {
    let later = now + 3600;
    vec![
        ("exp", json!(now)),
        ("exp", json!(now - 1)),
        ("exp", json!(0)),
        ("exp", json!(-1)),
        ("exp", json!(-1e300)),
        ("exp", json!(i64::MIN)),
        ("exp", json!(1e3)),
        ("exp", json!(0.5)),
        ("exp", json!(null)),
        ("exp", json!(true)),
        ("exp", json!(later.to_string())),
        ("exp", json!("2999-01-01T00:00:00Z")),
        ("exp", json!("NaN")),
        ("exp", json!("Infinity")),
        ("exp", json!([later])),
        ("exp", json!({"$date": later})),
        ("nbf", json!(now + 6)),
        ("nbf", json!(1e300)),
        ("nbf", json!(u64::MAX)),
        ("nbf", json!(null)),
        ("nbf", json!("0")),
        ("nbf", json!(false)),
        ("nbf", json!([])),
        ("iat", json!(now + 6)),
        ("iat", json!(1e300)),
        ("iat", json!(null)),
        ("iat", json!("now")),
        ("iat", json!(true)),
        ("iat", json!({})),
    ]
}

/// Returns payloads that are not a JSON object or have duplicate members.
fn payloads(claims: &Value) -> Vec<(String, String)> {
    let text = claims.to_string();
    let inner = &text[1..text.len() - 1];
    let mut list: Vec<(String, String)> =
        ["", " ", "[]", "null", "0", "true", "\"sub\"", "{", "{}", "exp=1", "<claims/>", "{'sub':'a'}"]
            .map(|payload| (format!("the payload {payload:?}"), payload.to_owned()))
            .to_vec();
    for name in ["exp", "sub", "iat", "clientExtId"] {
        let escaped = format!("\\u{:04x}{}", u32::from(name.as_bytes()[0]), &name[1..]);
        for (how, spelled) in [("twice", name), ("twice, once written otherwise", &*escaped)] {
            list.push((format!("{name} {how}"), format!("{{\"{spelled}\":{},{inner}}}", claims[name])));
            list.push((format!("{name} {how}, last"), format!("{{{inner},\"{spelled}\":{}}}", claims[name])));
        }
    }
    list.push(("a name twice deep inside".to_owned(), format!("{{\"x\":[{{\"a\":1,\"a\":2}}],{inner}}}")));
    let exp = format!("\"exp\":{}", claims["exp"]);
    for number in [
        "NaN",
        "Infinity",
        "-Infinity",
        "1e999",
        "0x7fffffff",
        "+9999999999",
        "09999999999",
        "9999999999.",
        ".9e10",
        "1_000_000_000_000",
    ] {
        list.push((format!("exp {number}"), text.replace(&exp, &format!("\"exp\":{number}"))));
    }
    list.push(("something behind it".to_owned(), format!("{text} x")));
    list.push(("another one behind it".to_owned(), format!("{text}{text}")));
    list.push(("a byte order mark".to_owned(), format!("\u{feff}{text}")));
    list.push(("a comment".to_owned(), format!("{text}/* */")));
    list.push(("a comma too much".to_owned(), format!("{{{inner},}}")));
    list.push(("a lone surrogate".to_owned(), format!("{{\"x\":\"\\ud800\",{inner}}}")));
    list.push(("a control character".to_owned(), format!("{{\"x\":\"\u{1}\",{inner}}}")));
    list.push((
        "too much nesting".to_owned(),
        format!("{{\"x\":{}1{},{inner}}}", "[".repeat(200), "]".repeat(200)),
    ));
    list
}

/// Adds forgeries with claims that are invalid in both tokens.
pub(crate) fn common(forge: &Forge<'_>, list: &mut Forgeries) {
    let header = forge.header("EdDSA");
    let claims = forge.claims.0;
    for (name, value) in times(forge.now) {
        let what = format!("{name} {value}");
        list.signed(what, forge.token(&header, &with(claims, name, value)));
    }
    for name in ["exp", "sub"] {
        list.signed(format!("no {name}"), forge.token(&header, &without(claims, name)));
        list.signed(format!("{name} in another case"), {
            let renamed = with(&without(claims, name), &name.to_uppercase(), claims[name].clone());
            forge.token(&header, &renamed)
        });
    }
    for sub in [json!(""), json!(null), json!(7), json!(["{user-123}"]), json!({"sub": "a"}), json!(true)] {
        let what = format!("sub {sub}");
        list.signed(what, forge.token(&header, &with(claims, "sub", sub)));
    }
    for client in [json!(null), json!(123), json!(["client-123"]), json!(""), json!("*"), json!({})] {
        let what = format!("clientExtId {client}");
        list.signed(what, forge.token(&header, &with(claims, "clientExtId", client)));
    }
    for key in forge.own {
        let expired = with(claims, "exp", forge.now - 1);
        let what = format!("expired, {}", key.algorithm);
        list.signed(what, forge.token(&key.header(forge.types.0), &expired));
    }
    let key = of(forge.own, "EdDSA");
    for (what, payload) in payloads(claims) {
        list.signed(what, key.token(&header.to_string(), &payload));
    }
    list.signed("a token in it", key.token(&with(&header, "cty", "JWT").to_string(), &forge.good("EdDSA")));
    list.signed("more than 8 KiB", forge.token(&header, &with(claims, "x", "x".repeat(8192))));
    for (name, value) in [("iss", "iss"), ("aud", "aud")] {
        for wrong in [
            json!(null),
            json!(7),
            json!(true),
            json!({value: claims[name]}),
            json!(""),
            json!("https://elsewhere.example"),
            json!(format!("{}/", claims[name].as_str().unwrap_or_default())),
            json!(format!(" {}", claims[name].as_str().unwrap_or_default())),
            json!(claims[name].as_str().unwrap_or_default().to_uppercase()),
            json!([]),
            json!([[claims[name]]]),
            json!(["elsewhere"]),
            json!([null, claims[name]]),
            json!([claims[name], 7]),
        ] {
            let what = format!("{name} {wrong}");
            list.signed(what, forge.token(&header, &with(claims, name, wrong)));
        }
        list.signed(format!("no {name}"), forge.token(&header, &without(claims, name)));
    }
    list.signed("an array of issuers", forge.token(&header, &with(claims, "iss", json!([claims["iss"]]))));
}

/// Adds forgeries with claims that are invalid in a Bearer token only.
pub(crate) fn of_bearer(forge: &Forge<'_>, list: &mut Forgeries) {
    let header = forge.header("EdDSA");
    let claims = forge.claims.0;
    list.signed("no clientExtId", forge.token(&header, &without(claims, "clientExtId")));
    let root = "nevisIdm.Root";
    for (name, value) in [
        ("clientExtId", json!("a#b")),
        ("clientExtId", json!("..")),
        ("clientExtId", json!("a\nb")),
        ("clientExtId", json!("a".repeat(481))),
        ("authorizations", json!(null)),
        ("authorizations", json!({"role": root, "clients": ["*"]})),
        ("authorizations", json!(root)),
        ("authorizations", json!([root])),
        ("authorizations", json!([null])),
        ("authorizations", json!([[{"role": root, "clients": ["*"]}]])),
        ("authorizations", json!([{"clients": ["*"]}])),
        ("authorizations", json!([{"role": ""}])),
        ("authorizations", json!([{"role": null}])),
        ("authorizations", json!([{"role": [root]}])),
        ("authorizations", json!([{"role": root, "clients": "*"}])),
        ("authorizations", json!([{"role": root, "clients": null}])),
        ("authorizations", json!([{"role": root, "clients": {"*": true}}])),
        ("authorizations", json!([{"role": root, "clients": ["*", 1]}])),
        ("authorizations", json!([{"role": root, "clients": ["*"], "units": null}])),
        ("authorizations", json!([{"role": root, "clients": ["*"], "units": "root"}])),
        ("authorizations", json!([{"role": root, "clients": ["*"], "units": [7]}])),
        ("authorizations", json!([{"role": root, "clients": ["*"]}, 7])),
        ("roles", json!(null)),
        ("roles", json!([root, 7])),
        ("roles", json!([[root]])),
        ("roles", json!({"role": root})),
    ] {
        let what: String = format!("{name} {value}").chars().take(100).collect();
        list.signed(what, forge.token(&header, &with(claims, name, value)));
    }
}

/// Adds X-Tokens of other users, of no client, and of no recent authentication.
pub(crate) fn of_x_token(forge: &Forge<'_>, (client, user): (&str, &str), list: &mut Forgeries) {
    let header = forge.header("EdDSA");
    let claims = forge.claims.0;
    list.signed("no clientExtId", forge.token(&header, &without(claims, "clientExtId")));
    let years = 30 * 365 * 86_400;
    for (name, value) in [
        ("exp", json!(forge.now + 3601)),
        ("exp", json!(forge.now + years)),
        ("exp", json!(1e300)),
        ("exp", json!(u64::MAX)),
        ("iat", json!(forge.now - 3601)),
        ("iat", json!(forge.now - years)),
        ("iat", json!(0)),
        ("iat", json!(-1e300)),
        ("auth_time", json!(forge.now - 3601)),
        ("auth_time", json!(forge.now + 6)),
        ("auth_time", json!(0)),
        ("auth_time", json!(null)),
        ("auth_time", json!(forge.now.to_string())),
        ("auth_time", json!([forge.now])),
    ] {
        let what = format!("{name} {value}");
        list.signed(what, forge.token(&header, &with(claims, name, value)));
    }
    for sub in [
        user.to_uppercase(),
        format!("{user} "),
        format!(" {user}"),
        format!("{user}\0"),
        format!("{user}\n"),
        format!("{user}4"),
        user[..user.len() - 1].to_owned(),
        format!("{client}/{user}"),
        format!("{client}#{user}"),
        format!("{user}\u{301}"),
        user.replace('u', "\u{ff55}"),
        user.replace('e', "\u{435}"),
        user.replace('s', "\u{17f}"),
        user.replace('-', "%2D"),
        user.replace('-', "\u{2010}"),
        format!("{user}\u{200b}"),
        format!("\u{feff}{user}"),
        "*".to_owned(),
        ".".to_owned(),
        "user-456".to_owned(),
        "root".to_owned(),
        client.to_owned(),
    ] {
        list.signed(format!("of {sub:?}"), forge.token(&header, &with(claims, "sub", sub)));
    }
    for other in [
        client.to_uppercase(),
        format!("{client} "),
        format!("{client}4"),
        format!("{client}\0"),
        client.replace('c', "\u{441}"),
        client.replace('i', "\u{131}"),
        client.replace('-', "\u{ad}-"),
        "client-456".to_owned(),
        "..".to_owned(),
    ] {
        list.signed(
            format!("of client {other:?}"),
            forge.token(&header, &with(claims, "clientExtId", other)),
        );
    }
}
