//! Tests that no identifier, however unusual, produces the key of another one.

use std::collections::BTreeMap;
use std::slice::from_ref;

use super::*;
use crate::ids::{ExtId, MAX_BYTES, sha256_hex};

/// Returns unusual identifiers: empty, with separators, with words and hashes from keys, too long, or
/// visually similar.
fn odd_ids() -> Vec<String> {
    let hash = sha256_hex("a#b");
    let longest = "a".repeat(MAX_BYTES);
    let words = [
        "",
        "*",
        ".",
        "..",
        "...",
        "#",
        "##",
        "a",
        "b",
        "A",
        "a#",
        "#a",
        "a#b",
        "b#a",
        "a##b",
        "##a",
        "a#b#a",
        "a#*",
        "*#a",
        "a/b",
        "a%23b",
        "a%2Fb",
        "a%252Fb",
        "%",
        " ",
        " a",
        "a ",
        "a\0",
        "a\nb",
        "\u{85}",
        "\u{202e}a",
        "ä",
        "a\u{308}",
        "UNIT",
        "CLIENT",
        "CLIENT#a",
        "USER",
        "USER#a",
        "USER#a#b",
        "CONSENT#a#b",
        "a#CONSENT#b",
        "COPY",
        "COPY#3",
        "3",
        "CREDENTIAL#MOBILE_SIGNATURE",
        "MOBILE_SIGNATURE",
        "FIDO_UAF",
        "FIDO_UAF#a",
        "TERMS#a",
        "DISPATCH_TARGET#a",
        "PROPERTY_VALUE",
    ];
    let mut ids = words.map(str::to_owned).to_vec();
    ids.extend([
        format!("#{hash}"),
        format!("##{hash}"),
        format!("{hash}#"),
        format!("a#{hash}"),
        sha256_hex(""),
        sha256_hex("a"),
        format!("#{}", sha256_hex("#")),
        format!("#{}", sha256_hex(&format!("#{hash}"))),
        format!("{longest}a"),
        format!("{longest}b"),
        format!("{longest}#"),
        hash,
        longest,
    ]);
    ids
}

/// The shapes of partition keys: fixed words, and `None` for identifiers.
const PARTITIONS: [&[Option<&str>]; 27] = [
    &[Some("CLIENTS")],
    &[Some("CLIENT"), None],
    &[Some("CLIENT"), None, Some("USERS")],
    &[Some("CLIENT"), None, Some("LOGINS")],
    &[Some("CLIENT"), None, Some("EMAILS")],
    &[Some("CLIENT"), None, Some("FIDO_UAF")],
    &[Some("CLIENT_NAME"), Some("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")],
    &[Some("UNIT"), None, None],
    &[Some("PROFILE"), None, None],
    &[Some("USER"), None, None],
    &[
        Some("USER_VALUE"),
        None,
        Some("contacts.email"),
        Some("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
    ],
    &[Some("DISPATCH_TARGET_ID"), None, None],
    &[Some("TERMS")],
    &[Some("TERMS"), None],
    &[Some("PROPERTIES")],
    &[Some("PROPERTIES"), Some("*")],
    &[Some("PROPERTIES"), None],
    &[Some("PROPERTY_ID"), None],
    &[Some("PROPERTY_VALUE"), Some("SCOPE"), None],
    &[Some("PROPERTY_VALUES"), Some("100"), Some("15")],
    &[Some("DELETION"), None],
    &[Some("DELETIONS"), Some("5")],
    &[Some("CLIENT"), None, Some("COPY"), Some("3")],
    &[Some("TERMS"), Some("COPY"), Some("3")],
    &[Some("TERMS"), None, Some("COPY"), Some("3")],
    &[Some("PROPERTIES"), Some("*"), Some("COPY"), Some("3")],
    &[Some("PROPERTIES"), None, Some("COPY"), Some("3")],
];

/// The shapes of sort keys.
const SORTS: [&[Option<&str>]; 33] = [
    &[Some("CLIENT")],
    &[Some("CLIENT_NAME")],
    &[Some("UNIT"), None],
    &[Some("NAME"), Some("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")],
    &[Some("CLIENT"), None],
    &[Some("TEMPLATE_COLLECTION"), None],
    &[Some("POLICY"), None],
    &[Some("APPLICATION"), None],
    &[Some("PERSONAL_QUESTION"), None],
    &[Some("PROFILE")],
    &[Some("PROFILE"), None],
    &[Some("USER")],
    &[Some("USER"), None, None],
    &[Some("USER_VALUE")],
    &[Some("LOGIN"), Some("jdoe")],
    &[Some("EMAIL"), Some("jane.doe@example.com"), None],
    &[Some("PROPERTIES")],
    &[Some("CONSENT"), None, None],
    &[Some("CONSENT_WITHDRAWN"), None, None, Some("2026-01-02T00:00:00Z"), Some("2026-01-01T00:00:00Z")],
    &[Some("CREDENTIAL"), Some("MOBILE_SIGNATURE")],
    &[Some("CREDENTIAL"), Some("FIDO_UAF"), None],
    &[
        Some("FIDO_UAF"),
        Some("ABCD#0001"),
        Some("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
    ],
    &[Some("DISPATCH_TARGET"), None],
    &[Some("APP_ATTESTATION"), None],
    &[Some("APP_ATTESTATION_NAME"), Some("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")],
    &[Some("DISPATCH_TARGET_ID")],
    &[Some("TERMS")],
    &[Some("VERSION"), None],
    &[Some("PROPERTY"), Some("SCOPE"), None],
    &[Some("PROPERTY_ID")],
    &[Some("PROPERTY_VALUE")],
    &[Some("DELETION")],
    &[Some("DELETION"), None],
];

/// The shapes of sort keys in the list of all property definitions: for all clients, and for one client.
const DEFINITIONS: [&[Option<&str>]; 2] =
    [&[Some("PROPERTY"), Some("SCOPE"), Some("*"), None], &[Some("PROPERTY"), Some("SCOPE"), None, None]];

/// Returns all ways to fill a shape with identifiers.
fn fillings(shape: &[Option<&str>], ids: &[String]) -> Vec<Vec<String>> {
    let places = shape.iter().filter(|part| part.is_none()).count();
    let mut fillings = vec![Vec::new()];
    for _ in 0..places {
        fillings = fillings
            .into_iter()
            .flat_map(|filling: Vec<String>| ids.iter().map(move |id| [&filling[..], from_ref(id)].concat()))
            .collect();
    }
    fillings
}

/// Returns the parts of a key of this shape.
fn parts(shape: &[Option<&str>], filling: &[String]) -> Vec<String> {
    let mut ids = filling.iter();
    let mut next = || ExtId::<()>::unchecked(ids.next().expect("an identifier")).key_part().into_owned();
    shape.iter().map(|part| part.map_or_else(&mut next, str::to_owned)).collect()
}

fn joined(parts: &[String]) -> (String, String) {
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let key = Key::new(&parts, &parts);
    (key.pk().to_owned(), key.sk().to_owned())
}

/// Asserts that every combination of a shape and identifiers has a unique key.
fn assert_all_differ(shapes: &[&[Option<&str>]], longest: usize) {
    let ids = odd_ids();
    let mut seen: BTreeMap<String, (usize, Vec<String>)> = BTreeMap::new();
    for (number, shape) in shapes.iter().enumerate() {
        for filling in fillings(shape, &ids) {
            let (pk, sk) = joined(&parts(shape, &filling));
            assert_eq!(pk, sk);
            assert!(!pk.is_empty() && pk.len() <= longest, "{} bytes: {filling:?}", pk.len());
            if let Some(other) = seen.insert(pk.clone(), (number, filling.clone())) {
                panic!("{filling:?} in {shape:?} and {other:?} both have the key {pk}");
            }
        }
    }
}

#[test]
fn partitions_are_only_shared_if_the_identifiers_are_equal() {
    assert_all_differ(&PARTITIONS, 2048);
}

#[test]
fn sort_keys_are_unique_in_a_partition() {
    assert_all_differ(&SORTS, 1024);
    assert_all_differ(&DEFINITIONS, 1024);
}

/// A query by prefix of the sort key returns items of its kind only.
#[test]
fn no_sort_key_begins_with_the_prefix_of_another_kind() {
    let ids = odd_ids();
    let prefixes = [
        "CONSENT#",
        "CREDENTIAL#FIDO_UAF#",
        "DISPATCH_TARGET#",
        "APP_ATTESTATION#",
        "UNIT#",
        "POLICY#",
        "PROFILE#",
        "PERSONAL_QUESTION#",
        "PROPERTY#SCOPE#",
        "DELETION#",
    ];
    for shape in SORTS {
        let words: Vec<&str> = shape.iter().map_while(|part| *part).collect();
        let own = words.join("#") + "#";
        for filling in fillings(shape, &ids) {
            let (_, sk) = joined(&parts(shape, &filling));
            let found: Vec<&str> = prefixes.into_iter().filter(|prefix| sk.starts_with(prefix)).collect();
            assert!(found.is_empty() || found == [own.as_str()], "{sk} is found by {found:?}");
        }
    }
}

#[test]
fn a_key_joins_its_parts_with_separators() {
    let key = Key::new(&["USER", "100", "user-123"], &["CONSENT", "terms-123", "1"]);
    assert_eq!((key.pk(), key.sk()), ("USER#100#user-123", "CONSENT#terms-123#1"));
    let text = |value: &str| AttributeValue::S(value.to_owned());
    let attributes = HashMap::from([
        ("PK".to_owned(), text("USER#100#user-123")),
        ("SK".to_owned(), text("CONSENT#terms-123#1")),
    ]);
    assert_eq!(key.attributes(0), attributes);
}

/// Returns the partition key of a copy, as the table has it.
fn partition(key: &Key, copy: u64) -> String {
    key.attributes(copy)["PK"].as_s().expect("a text").clone()
}

#[test]
fn all_copies_but_the_first_have_a_partition_of_their_own() {
    let key = Key::copied(32, &["TERMS", "t"], &["TERMS"]);
    let partitions = [0, 1, 31].map(|copy| partition(&key, copy));
    assert_eq!(partitions, ["TERMS#t", "TERMS#t#COPY#1", "TERMS#t#COPY#31"]);
    assert_eq!((key.pk(), key.sk(), key.copies()), ("TERMS#t", "TERMS", 32));
    assert_eq!(key.attributes(31)["SK"], AttributeValue::S("TERMS".to_owned()));
    let copies: Vec<Key> = key.all_copies().collect();
    assert_eq!(copies.len(), 32);
    for (place, copy) in [0, 1, 31].into_iter().zip(partitions) {
        assert_eq!(copies[place], Key::new(&[&copy], &["TERMS"]));
    }
}

#[test]
fn all_copies_have_the_key_of_the_first() {
    let key = Key::copied(32, &["TERMS", "t"], &["TERMS"]);
    for copy in 0..32 {
        let partition = partition(&key, copy);
        assert_eq!(Key::of_copy(32, &partition, "TERMS"), key);
        assert_eq!(split_copy(&partition), ("TERMS#t", copy));
    }
}

#[test]
fn a_partition_without_the_number_of_a_copy_is_that_of_the_first() {
    for pk in ["TERMS#t", "TERMS#COPY", "TERMS#t#COPY#", "TERMS#t#COPY#x", "TERMS#tCOPY#1", "COPY#1", ""] {
        assert_eq!(split_copy(pk), (pk, 0));
    }
}
