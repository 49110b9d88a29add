//! Spellings that could be mistaken for another name.

/// Returns encoded spellings of a client name in a path that could match `it`, or all clients,
/// after decoding, case folding, trimming, splitting or path normalisation.
#[expect(clippy::too_many_lines, reason = "one list")]
pub(super) fn of_path(it: &str) -> Vec<String> {
    let encoded = |upper: bool| -> String {
        let byte = |byte: u8| if upper { format!("%{byte:02X}") } else { format!("%{byte:02x}") };
        it.bytes().map(byte).collect()
    };
    let behind = [
        "%00",
        "%20",
        "%09",
        "%0A",
        "%0D%0A",
        "%C2%A0",
        "%E2%80%8B",
        "%EF%BB%BF",
        "%CC%81",
        "%23",
        "%23user-123",
        "%2F",
        "%2Fusers%2Fuser-123",
        "%5C",
        ";",
        ";a=b",
        ",",
        "%2C",
        "%3F",
        "%3Fa=b",
        "%26",
        "%7C",
        "%27--",
        "%22",
        ".",
        "%2E",
        "%2F.",
        "%2F..%2F",
        "+",
        "*",
        "%2A",
        "%25",
        "%2500",
    ];
    let before = [
        "%00",
        "%20",
        "%0A",
        "%EF%BB%BF",
        "%E2%80%AE",
        "%23",
        "CLIENT%23",
        "USER%23",
        "..%2F",
        "%2E%2E%2F",
        "..%5C",
        ".%2F",
        "%2F",
        "%2F%2F",
        "client-456%2F",
        "client-456%2F..%2F",
        "client-456%23",
        "client-456,",
        "client-456;",
        "client-456%00",
        "client-456%0A",
        "client-456%20",
        "%5B%22",
        "%7B%22S%22%3A%22",
        "%3C",
        "*",
        "$",
        "%24%7B",
    ];
    let mut list = vec![
        it.to_owned(),
        encoded(true),
        encoded(false),
        encoded(true).replace('%', "%25"),
        it.replacen('c', "%63", 1),
        it.replacen('c', "%2563", 1),
        it.to_uppercase(),
        it.replacen('c', "C", 1),
        it.replace('1', "%EF%BC%91"),
        it.replace('c', "%D1%81"),
        it.replace('e', "%C3%A9"),
        it.replace('-', "%E2%80%90"),
        it.replace('-', "%2D"),
        it.replace('-', "_"),
        it.replace('i', "%C4%B1"),
        it.replace('n', "n%CC%83"),
        it.chars().rev().collect(),
        it[..it.len() - 1].to_owned(),
        it[1..].to_owned(),
        "*".to_owned(),
        "%2A".to_owned(),
        "..".to_owned(),
        ".".to_owned(),
        "%2E%2E".to_owned(),
        "%00".to_owned(),
        "%23".to_owned(),
        "clients".to_owned(),
        "null".to_owned(),
        "CLIENT".to_owned(),
    ];
    list.extend(behind.map(|behind| format!("{it}{behind}")));
    list.extend(before.map(|before| format!("{before}{it}")));
    list
}

/// Returns spellings of a client name in a token that could match `it` or all clients.
pub(super) fn of_token(it: &str) -> Vec<String> {
    let mut list = vec![
        it.to_uppercase(),
        it.replace('1', "\u{ff11}"),
        it.replace('c', "\u{441}"),
        it.replace('-', "\u{2010}"),
        it.replace('n', "n\u{303}"),
        it[..it.len() - 1].to_owned(),
        format!("{}*", &it[..it.len() - 1]),
        it.replace('-', "%2D"),
    ];
    list.extend(
        ["**", "", "%", "%2A", ".", "..", "[*]", "all", "null", ".*", "\u{ff0a}", " *", "* "]
            .map(str::to_owned),
    );
    for behind in [" ", "\0", "\n", "#", "/", "*", ",", "\u{a0}", "\u{200b}", "/..", "%00"] {
        list.push(format!("{it}{behind}"));
        list.push(format!("{behind}{it}"));
    }
    list
}

/// Returns encoded names of users and objects that could refer to `client` after path
/// normalisation, splitting or decoding.
pub(super) fn that_refer_to(client: &str) -> Vec<String> {
    let user = "user-123";
    vec![
        format!("..%2F..%2F{client}%2Fusers%2F{user}"),
        format!("..%2F{client}"),
        format!("%2E%2E%2F%2E%2E%2F{client}"),
        format!("..%5C..%5C{client}%5Cusers%5C{user}"),
        format!("%252E%252E%252F{client}"),
        format!("{user}%23..%23{client}"),
        format!("{client}%23{user}"),
        format!("%23{client}%23{user}"),
        format!("USER%23{client}%23{user}"),
        format!("{user}%23USER"),
        format!("{user}%00"),
        format!("%00{client}%00{user}"),
        format!("{user}%0A{client}"),
        format!("{client}%2F{user}"),
        format!("{client},{user}"),
        format!("%2Fnevisidm%2Fapi%2Fcore%2Fv1%2F{client}%2Fusers%2F{user}"),
        format!("https:%2F%2Fid.example%2F{client}"),
        "dt-123%23".to_owned(),
        "DISPATCH_TARGET%23dt-123".to_owned(),
        "dt-123%23..".to_owned(),
        "%2A".to_owned(),
        "%23".to_owned(),
        "%25".to_owned(),
        "..".to_owned(),
        "%2E".to_owned(),
    ]
}
