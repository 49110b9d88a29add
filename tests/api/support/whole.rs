//! Consistency of the items in the table.

use functions::properties::values::entry_key;
use serde_json::{Map, Value};
use shared::ids::sha256_hex;

/// The initial items of a client: their type and the prefix of their sort key.
const PARTS: [(&str, &str); 4] = [
    ("Unit", "UNIT"),
    ("Policy", "POLICY"),
    ("ApplicationAssignment", "APPLICATION"),
    ("TemplateCollection", "TEMPLATE_COLLECTION"),
];

/// The types of the copies of a user.
const USER_COPIES: [&str; 3] = ["UserEntry", "LoginId", "UserEmail"];

/// Asserts that every client has its name and its initial items, every unit below another one its entry and its
/// name, every user their copies and reservations, every profile its entries and its unit, every property definition
/// its copies, and every value of a property its entry and, if it is unique, its reservation. A user has the
/// memberships of their profiles, of which one is the default one.
///
/// No name, initial item or question exists without its client, no entry, name or copy without its unit or user, and
/// no entry or reservation of a value without the value. `items` contains the table by `PK | SK`. Returns the number
/// of clients.
pub(crate) fn assert_complete(items: &Map<String, Value>) -> usize {
    let text = |item: &Value, name: &str| item[name].as_str().unwrap_or_default().to_owned();
    let of_type = |kind: &'static str| items.values().filter(move |item| item["entityType"] == kind);
    let has = |key: String, what: &Value| assert!(items.contains_key(&key), "{key} is missing: {what}");
    for client in of_type("Client") {
        let (ext_id, name) = (text(client, "extId"), text(client, "name"));
        let name_key = format!("CLIENT_NAME#{} | CLIENT_NAME", sha256_hex(&name));
        assert_eq!(
            items.get(&name_key).map(|item| text(item, "clientExtId")),
            Some(ext_id.clone()),
            "{client}"
        );
        let entry = items.get(&format!("CLIENTS | CLIENT#{ext_id}"));
        let shown = |item: &Value| ["extId", "name", "displayName", "version"].map(|name| item[name].clone());
        assert_eq!(entry.map(shown), Some(shown(client)), "{client}");
        let pk = text(client, "PK");
        has(format!("{pk} | UNIT#{}", text(client, "defaultUnitExtId")), client);
        let policy = items.get(&format!("{pk} | POLICY#{}", text(client, "defaultProfilePolicyExtId")));
        assert_eq!(
            policy.map(|item| item["parameters"]["defaultUnit"].clone()),
            Some(client["defaultUnitExtId"].clone()),
            "{client}"
        );
        has(format!("{pk} | TEMPLATE_COLLECTION#default_for_-{name}"), client);
        has(format!("{pk} | APPLICATION#nevisIdm"), client);
    }
    for name in of_type("ClientName") {
        has(format!("CLIENT#{} | CLIENT", text(name, "clientExtId")), name);
    }
    for entry in of_type("ClientEntry") {
        has(format!("CLIENT#{} | CLIENT", text(entry, "extId")), entry);
    }
    for unit in of_type("Unit").filter(|unit| !unit["parentUnitExtId"].is_null()) {
        let (client, parent) = (text(unit, "clientExtId"), text(unit, "parentUnitExtId"));
        has(format!("CLIENT#{client} | UNIT#{parent}"), unit);
        let below = format!("UNIT#{client}#{parent}");
        let entry = items.get(&format!("{below} | UNIT#{}", text(unit, "extId")));
        let shown = |item: &Value| ["name", "state", "displayName", "version"].map(|name| item[name].clone());
        assert_eq!(entry.map(shown), Some(shown(unit)), "{unit}");
        let name_key = format!("{below} | NAME#{}", sha256_hex(&text(unit, "name")));
        let owner = items.get(&name_key).map(|item| text(item, "unitExtId"));
        assert_eq!(owner, Some(text(unit, "extId")), "{unit}");
    }
    for (kind, member) in [("UnitEntry", "extId"), ("UnitName", "unitExtId")] {
        for part in of_type(kind) {
            has(format!("CLIENT#{} | UNIT#{}", text(part, "clientExtId"), text(part, member)), part);
        }
    }
    for user in of_type("User") {
        let (client, ext_id, login_id) =
            (text(user, "clientExtId"), text(user, "extId"), text(user, "loginId"));
        has(format!("CLIENT#{client} | CLIENT"), user);
        let login_id = login_id.to_lowercase();
        let email =
            user["contacts"]["email"].as_str().filter(|email| !email.is_empty()).map(str::to_lowercase);
        let keys = [
            Some(format!("CLIENT#{client}#USERS | USER#{ext_id}")),
            Some(format!("CLIENT#{client}#LOGINS | LOGIN#{login_id}")),
            email.map(|email| format!("CLIENT#{client}#EMAILS | EMAIL#{email}#{ext_id}")),
        ];
        for key in keys.iter().flatten() {
            assert_eq!(items.get(key).map(of_copy), Some(of_copy(user)), "{key}");
        }
        // No copy remains at an earlier login ID or e-mail address.
        let is_copy = |item: &&Value| {
            USER_COPIES.contains(&item["entityType"].as_str().unwrap_or_default())
                && (&item["clientExtId"], &item["extId"]) == (&user["clientExtId"], &user["extId"])
        };
        assert_eq!(items.values().filter(is_copy).count(), keys.iter().flatten().count(), "{user}");
    }
    assert_reservations_complete(items);
    assert_profiles_complete(items);
    for part in USER_COPIES.into_iter().flat_map(of_type) {
        has(format!("USER#{}#{} | USER", text(part, "clientExtId"), text(part, "extId")), part);
    }
    let places = |item: &Value| {
        let owner = item["clientExtId"].as_str().unwrap_or("*");
        let (scope, name) = (text(item, "scope"), text(item, "name"));
        [
            format!("PROPERTIES#{owner} | PROPERTY#{scope}#{name}"),
            format!("PROPERTIES | PROPERTY#{scope}#{owner}#{name}"),
            format!("PROPERTY_ID#{} | PROPERTY_ID", text(item, "propertyId")),
        ]
    };
    for item in ["PropertyDefinition", "PropertyEntry", "PropertyId"].into_iter().flat_map(of_type) {
        for place in places(item) {
            has(place, item);
        }
    }
    assert_values_found(items);
    assert_devices_complete(items);
    for (kind, prefix) in PARTS {
        for part in of_type(kind) {
            assert!(text(part, "SK").starts_with(prefix), "{part}");
            has(format!("{} | CLIENT", text(part, "PK")), part);
        }
    }
    for question in of_type("PersonalQuestion") {
        has(format!("CLIENT#{} | CLIENT", text(question, "clientExtId")), question);
    }
    of_type("Client").count()
}

/// Returns what all copies of a user have.
fn of_copy(item: &Value) -> Value {
    let own = [
        "PK",
        "SK",
        "entityType",
        "revision",
        "requestId",
        "memberships",
        "defaultProfileExtId",
        "uniqueMembers",
    ];
    let mut item = item.clone();
    if let Some(members) = item.as_object_mut() {
        members.retain(|name, _| !own.contains(&name.as_str()));
    }
    item
}

/// Asserts that the values that users say are reserved are those that are.
fn assert_reservations_complete(items: &Map<String, Value>) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let of_type = |kind: &'static str| items.iter().filter(move |(_, item)| item["entityType"] == kind);
    let mut expected = Vec::new();
    for (_, user) in of_type("User") {
        for member in user["uniqueMembers"].as_array().into_iter().flatten().map(text) {
            let value = text(&user["contacts"][member.trim_start_matches("contacts.")]);
            let value = if member == "contacts.email" { value.to_lowercase() } else { value };
            let (client, hash) = (text(&user["clientExtId"]), sha256_hex(&value));
            expected
                .push((format!("USER_VALUE#{client}#{member}#{hash} | USER_VALUE"), text(&user["extId"])));
        }
    }
    expected.sort();
    let found: Vec<_> =
        of_type("UserValue").map(|(place, item)| (place.clone(), text(&item["userExtId"]))).collect();
    assert_eq!(found, expected);
}

/// Asserts that no reference to a dispatch target dangles, that each target counts the authenticators that refer to it,
/// and that the extIds, names and keys that are reserved are those that are in use.
fn assert_devices_complete(items: &Map<String, Value>) {
    let text = |item: &Value, name: &str| item[name].as_str().unwrap_or_default().to_owned();
    let of_type = |kind: &'static str| items.iter().filter(move |(_, item)| item["entityType"] == kind);
    let places = |kind: &'static str| of_type(kind).map(|(place, _)| place.clone()).collect::<Vec<_>>();
    let sorted = |mut places: Vec<String>| {
        places.sort_unstable();
        places
    };
    let target_of =
        |item: &Value, name: &str| format!("{} | DISPATCH_TARGET#{}", text(item, "PK"), text(item, name));
    let [mut ids, mut names, mut keys] = [const { Vec::new() }; 3];
    for (_, attestation) in of_type("AppAttestation") {
        let target = target_of(attestation, "extId");
        assert!(items.contains_key(&target), "{target} is missing: {attestation}");
        if let Some(name) = attestation["name"].as_str() {
            names.push(format!("{} | APP_ATTESTATION_NAME#{}", text(attestation, "PK"), sha256_hex(name)));
        }
    }
    let mut counts: Map<String, Value> = Map::new();
    for (place, target) in of_type("DispatchTarget") {
        let [client, ext_id] = ["clientExtId", "extId"].map(|name| text(target, name));
        ids.push(format!("DISPATCH_TARGET_ID#{client}#{ext_id} | DISPATCH_TARGET_ID"));
        counts.insert(place.clone(), 0.into());
    }
    for (_, authenticator) in of_type("FidoUafCredential") {
        let [client, aaid, key_id] = ["clientExtId", "aaid", "keyId"].map(|name| text(authenticator, name));
        keys.push(format!(
            "CLIENT#{client}#FIDO_UAF | FIDO_UAF#{}#{}",
            aaid.to_ascii_uppercase(),
            sha256_hex(&key_id)
        ));
        if !authenticator["dispatchTargetExtId"].is_null() {
            let target = target_of(authenticator, "dispatchTargetExtId");
            let count =
                counts.get_mut(&target).unwrap_or_else(|| panic!("{target} is missing: {authenticator}"));
            *count = (count.as_u64().unwrap_or_default() + 1).into();
        }
    }
    for (place, count) in counts {
        assert_eq!(text(&items[&place], "credentials"), count.to_string(), "{place}");
    }
    for (kind, used) in [("DispatchTargetExtId", ids), ("AppAttestationName", names), ("FidoUafKey", keys)] {
        assert_eq!(sorted(places(kind)), sorted(used), "{kind}");
    }
}

fn assert_profiles_complete(items: &Map<String, Value>) {
    let text = |item: &Value, name: &str| item[name].as_str().unwrap_or_default().to_owned();
    let of_type = |kind: &'static str| items.values().filter(move |item| item["entityType"] == kind);
    for profile in of_type("Profile") {
        let [client, user, unit, ext_id] =
            ["clientExtId", "userExtId", "unitExtId", "extId"].map(|name| text(profile, name));
        let names = ["unitExtId", "profileState", "isDefaultProfile", "unitsWithAncestors", "version"];
        let shown = |item: &Value| names.map(|name| item[name].clone());
        let entry = items.get(&format!("USER#{client}#{user} | PROFILE#{ext_id}"));
        assert_eq!(entry.map(shown), Some(shown(profile)), "{profile}");
        for key in
            [format!("UNIT#{client}#{unit} | PROFILE#{ext_id}"), format!("CLIENT#{client} | UNIT#{unit}")]
        {
            assert!(items.contains_key(&key), "{key} is missing: {profile}");
        }
        let user = &items[&format!("USER#{client}#{user} | USER")];
        let mut units: Vec<&str> = profile["unitsWithAncestors"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        units.sort_unstable();
        assert_eq!(user["memberships"][&ext_id], units.join("#"), "{profile}");
        assert_eq!(profile["userState"], user["userState"], "{profile}");
        assert_eq!(profile["isDefaultProfile"], user["defaultProfileExtId"] == *ext_id, "{profile}");
    }
    for user in of_type("User") {
        let (client, ext_id) = (text(user, "clientExtId"), text(user, "extId"));
        let profiles: Vec<&String> =
            user["memberships"].as_object().into_iter().flat_map(Map::keys).collect();
        for profile in &profiles {
            assert!(items.contains_key(&format!("PROFILE#{client}#{profile} | PROFILE")), "{user}");
        }
        let default = user["defaultProfileExtId"].as_str();
        assert_eq!(default.is_some(), !profiles.is_empty(), "{user}");
        let entry = &items[&format!("CLIENT#{client}#USERS | USER#{ext_id}")];
        for name in ["memberships", "defaultProfileExtId"] {
            assert_eq!(entry[name], user[name], "{user}");
        }
    }
    for entry in of_type("ProfileEntry") {
        let key = format!("PROFILE#{}#{} | PROFILE", text(entry, "clientExtId"), text(entry, "extId"));
        assert!(items.contains_key(&key), "{key} is missing: {entry}");
    }
    for entry in of_type("ProfileOfUnit") {
        let profile = text(entry, "SK").trim_start_matches("PROFILE#").to_owned();
        let key = format!("PROFILE#{}#{profile} | PROFILE", text(entry, "clientExtId"));
        let unit = text(entry, "PK").rsplit_once('#').map(|(_, unit)| unit.to_owned());
        assert_eq!(items.get(&key).map(|profile| text(profile, "unitExtId")), unit, "{entry}");
    }
}

/// Asserts that the values of properties have their entries, and that the unique ones are those that are reserved.
fn assert_values_found(items: &Map<String, Value>) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (mut reserved, mut entries) = (Vec::new(), Vec::new());
    for item in items.values() {
        let scope = match item["entityType"].as_str() {
            Some("UserProperties") => "USER_GLOBAL",
            Some("MobileSignature") => "CREDENTIAL_MOBILE_SIGNATURE_GLOBAL",
            _ => continue,
        };
        let owner = text(&item["PK"]);
        for name in item["uniqueProperties"].as_array().into_iter().flatten().map(text) {
            let hash = sha256_hex(&text(&item["properties"][&name]));
            reserved.push((format!("PROPERTY_VALUE#{scope}#{name}#{hash} | PROPERTY_VALUE"), owner.clone()));
        }
        let client = owner.split('#').nth(1).unwrap_or_default().to_owned();
        for name in item["properties"].as_object().into_iter().flat_map(Map::keys) {
            let definition =
                |client: &str| items.get(&format!("PROPERTIES#{client} | PROPERTY#{scope}#{name}"));
            let definition = definition(&client).or_else(|| definition("*")).expect("a definition");
            let id = text(&definition["propertyId"]).parse().expect("a number");
            let key = entry_key(id, &owner);
            entries.push(format!("{} | {}", key.pk(), key.sk()));
        }
    }
    reserved.sort();
    entries.sort();
    let of_type = |kind: &'static str| items.iter().filter(move |(_, item)| item["entityType"] == kind);
    let found: Vec<_> =
        of_type("PropertyValue").map(|(place, item)| (place.clone(), text(&item["owner"]))).collect();
    assert_eq!(found, reserved);
    assert_eq!(of_type("PropertyHolder").map(|(place, _)| place.clone()).collect::<Vec<_>>(), entries);
}
