//! The rules of the operations that apply to an import with `--replace`.

use super::replace::{Items, replace, table};
use super::table::TestTable;

/// Invalid lines and the reason for their rejection if the table contains [`LINES`](super::LINES).
const REJECTED: &[(&str, &str)] = &[
    // A reserved value belongs to another object.
    (r#"{"type":"client","extId":"100","name":"Other"}"#, "errors.duplicateValue Client already exists"),
    (
        r#"{"type":"user","clientExtId":"100","extId":"user-123","loginId":"RRoe","userState":"active"}"#,
        "errors.duplicateValue User already exists with loginId 'RRoe'",
    ),
    (
        r#"{"type":"mobileSignature","clientExtId":"200","userExtId":"user-123","extId":"ms-1","stateName":"active","identificator":"i","msspIdentifier":"urn:a","msisdn":"+411","properties":{"employee_id":"1"}}"#,
        "errors.propertyUniquenessViolated Property Uniqueness (uScope is 'absolute') constraints violated by value '1' for property 'employee_id'.",
    ),
    // What is set at creation.
    (
        r#"{"type":"client","extId":"100","name":"Default","defaultUnitExtId":"sales","defaultProfilePolicyExtId":"p"}"#,
        "errors.invalidParameter The following fields are not valid: defaultUnitExtId, defaultProfilePolicyExtId",
    ),
    (
        r#"{"type":"unit","clientExtId":"100","extId":"north","parentUnitExtId":"root","name":"North"}"#,
        "errors.invalidParameter The following fields are not valid: parentUnitExtId",
    ),
    (
        r#"{"type":"unit","clientExtId":"100","extId":"depot","parentUnitExtId":"root","name":"Depot"}"#,
        "errors.invalidParameter The following fields are not valid: parentUnitExtId, profileless",
    ),
    (
        r#"{"type":"terms","extId":"terms-123","name":"Privacy","active":true,"silentAcceptance":true,"termsVersion":"1"}"#,
        "errors.invalidParameter The following fields are not valid: silentAcceptance",
    ),
    (
        r#"{"type":"property","propertyId":9,"scope":"USER_GLOBAL","name":"floor","valueType":"STRING"}"#,
        "errors.invalidParameter The following fields are not valid: propertyId",
    ),
    (
        r#"{"type":"profile","clientExtId":"200","userExtId":"user-123","extId":"p-9","unitExtId":"absent"}"#,
        "Unit doesn't exist with extId 'absent'",
    ),
    (
        r#"{"type":"profile","clientExtId":"100","userExtId":"user-456","extId":"p-1","unitExtId":"north"}"#,
        "errors.invalidParameter The following fields are not valid: userExtId",
    ),
    (
        r#"{"type":"mobileSignature","clientExtId":"200","userExtId":"user-123","extId":"ms-2","stateName":"active","identificator":"i","msspIdentifier":"urn:a","msisdn":"+411"}"#,
        "errors.modifyExtId The extId can not be modified",
    ),
    // A former version.
    (
        r#"{"type":"terms","extId":"terms-123","name":"Privacy","active":true,"silentAcceptance":false,"termsVersion":"0"}"#,
        "errors.invalidData Terms with extId 'terms-123' had the version '0' before",
    ),
    // Archived users and profiles.
    (
        r#"{"type":"user","clientExtId":"100","extId":"user-456","loginId":"rroe","userState":"active"}"#,
        "errors.modifyArchivedUser User is archived: user-456",
    ),
    (
        r#"{"type":"user","clientExtId":"100","extId":"user-123","loginId":"jdoe","userState":"archived"}"#,
        "errors.invalidParameter The following fields are not valid: userState",
    ),
    (
        r#"{"type":"profile","clientExtId":"100","userExtId":"user-456","extId":"p-3","unitExtId":"sales","name":"N"}"#,
        "errors.modifyArchivedUser User is archived: user-456",
    ),
    (
        r#"{"type":"userProperties","clientExtId":"100","userExtId":"user-456","properties":{"floor":"1"}}"#,
        "errors.modifyArchivedUser User is archived: user-456",
    ),
    // Profiles.
    (
        r#"{"type":"profile","clientExtId":"100","userExtId":"user-123","extId":"p-2","unitExtId":"sales","isDefaultProfile":false}"#,
        "errors.invalidParameter The following fields are not valid: isDefaultProfile",
    ),
    (
        r#"{"type":"profile","clientExtId":"100","userExtId":"user-123","extId":"p-1","unitExtId":"absent"}"#,
        "Unit doesn't exist with extId 'absent'",
    ),
    (
        r#"{"type":"profile","clientExtId":"100","userExtId":"user-123","extId":"p-1","unitExtId":"depot"}"#,
        "errors.assignDisabledUnit Unit is disabled: depot",
    ),
    // Property definitions with values, and their values.
    (
        r#"{"type":"property","propertyId":102,"scope":"USER_GLOBAL","name":"floor","valueType":"STRING","stringMaxLen":3}"#,
        "errors.invalidData Property with propertyId '102' has values that the change could make invalid",
    ),
    (
        r#"{"type":"property","propertyId":102,"scope":"USER_GLOBAL","name":"floor","valueType":"STRING","uniquenessScope":"ABSOLUTE"}"#,
        "errors.invalidData Property with propertyId '102' has values that the change could make invalid",
    ),
    (
        r#"{"type":"userProperties","clientExtId":"100","userExtId":"user-123","properties":{"staff_number":"x","room":"1"}}"#,
        "errors.invalidData No property exists with the name 'room' for the scope.; errors.property.stringregex staff_number",
    ),
    // What no operation changes.
    (
        r#"{"type":"consent","clientExtId":"100","userExtId":"user-123","termsExtId":"terms-123","termsVersion":"0","acceptanceDate":"2025-01-02T00:00:00Z"}"#,
        "errors.duplicateValue A consent for userExtId: 'user-123', termsExtId: 'terms-123' and termsVersion: '0' already exists; objects of this type cannot be replaced",
    ),
    (
        r#"{"type":"fidoUafCredential","clientExtId":"100","userExtId":"user-123","extId":"uaf-2","aaid":"ABCD#0001","keyId":"a2V5","authenticatorVersion":"1.0","publicKey":"p","publicKeyAlgorithm":"ES256","appId":"app"}"#,
        "errors.invalidParameter The following fields are not valid: keyId",
    ),
    (
        r#"{"type":"fidoUafCredential","clientExtId":"100","userExtId":"user-123","extId":"uaf-2","aaid":"ABCD#0001","keyId":"a2V5LTI","authenticatorVersion":"1.0","publicKey":"p","publicKeyAlgorithm":"ES256","appId":"app","dispatchTargetExtId":"absent"}"#,
        "DispatchTarget doesn't exist with extId 'absent'",
    ),
];

#[tokio::test]
async fn lines_that_the_operations_would_reject_are_reported_and_write_nothing() {
    let table = table().await;
    let before = table.items().await;
    let lines: Vec<&str> = REJECTED.iter().map(|(line, _)| *line).collect();
    let (summary, refused) = table.replace(&lines.join("\n")).await;
    let expected: Vec<(usize, String)> =
        (1..).zip(REJECTED).map(|(number, (_, reason))| (number, (*reason).to_owned())).collect();
    assert_eq!(refused, expected);
    assert_eq!((summary.refused, summary.lines()), (REJECTED.len(), REJECTED.len()));
    assert_eq!(table.items().await, before);
}

/// In one import, the first line releases what the second one reserves.
#[tokio::test]
async fn unique_values_move() {
    let table = TestTable::with(&[("UNIQUE_USER_FIELDS", "contacts.email,contacts.mobile")]).await;
    let lines = |[a, b]: [&str; 2]| {
        let of = |id: &str, value: &str| {
            format!(
                r#"{{"type":"client","extId":"c-{id}","name":"Client-{value}"}}
{{"type":"unit","clientExtId":"100","extId":"u-{id}","parentUnitExtId":"root","name":"Unit-{value}"}}
{{"type":"user","clientExtId":"100","extId":"{id}","loginId":"login-{value}","contacts":{{"email":"{value}@example.com","mobile":"+{value}"}}}}
{{"type":"userProperties","clientExtId":"100","userExtId":"{id}","properties":{{"badge":"{value}"}}}}
{{"type":"mobileSignature","clientExtId":"100","userExtId":"{id}","extId":"m","stateName":"active","identificator":"i","msspIdentifier":"urn:a","msisdn":"+411","properties":{{"badge":"{value}"}}}}
"#
            )
        };
        of("1", a) + &of("2", b)
    };
    let property = |scope: &str| {
        format!(
            r#"{{"type":"property","scope":"{scope}","name":"badge","valueType":"STRING","uniquenessScope":"ABSOLUTE"}}"#
        )
    };
    table.import_all(r#"{"type":"client","extId":"100","name":"Default"}"#).await;
    table.import_all(&["USER_GLOBAL", "CREDENTIAL_MOBILE_SIGNATURE_GLOBAL"].map(property).join("\n")).await;
    table.import_all(&lines(["10", "20"])).await;
    let before = table.items().await;
    // The other object has each value.
    let taken: String = lines(["20", "30"]).lines().take(5).map(|line| line.to_owned() + "\n").collect();
    let (_, refused) = table.replace(&taken).await;
    let unique = "errors.propertyUniquenessViolated Property Uniqueness (uScope is 'absolute') constraints violated by value '20' for property 'badge'.";
    let reasons = [
        "errors.duplicateValue Client already exists",
        "errors.duplicateValue Unit already exists with name 'Unit-20'",
        "errors.duplicateValue User already exists with loginId 'login-20'",
        unique,
        unique,
    ];
    assert_eq!(refused, (1..).zip(reasons.map(str::to_owned)).collect::<Vec<_>>());
    assert_eq!(table.items().await, before);
    for (member, value, code) in
        [("email", "20@example.com", "duplicateEmail"), ("mobile", "+20", "duplicateMobile")]
    {
        let line = format!(
            r#"{{"type":"user","clientExtId":"100","extId":"1","loginId":"login-10","contacts":{{"{member}":"{value}"}}}}"#
        );
        let reason = format!("errors.{code} User already exists with contacts.{member} '{value}'");
        assert_eq!(table.replace(&line).await.1, [(1, reason)]);
    }
    // The first object gives the values up, and the second one takes them.
    assert_eq!(replace(&table, &lines(["30", "10"])).await, [0, 10, 0, 0]);
    // Then they are free for the first one.
    assert_eq!(replace(&table, &lines(["20", "10"])).await, [0, 5, 5, 0]);
    let other = TestTable::with(&[("UNIQUE_USER_FIELDS", "contacts.email,contacts.mobile")]).await;
    other.import_all(&table.export(None).await).await;
    // Renaming a client does not rename its template collection.
    let is_named = |key: &[String; 2]| !key[1].starts_with("TEMPLATE_COLLECTION#");
    let keys = |items: Items| items.into_keys().filter(is_named).collect::<Vec<_>>();
    assert_eq!(keys(table.items().await), keys(other.items().await));
}

#[tokio::test]
async fn a_definition_can_change_in_any_way_once_no_value_exists() {
    let table = table().await;
    let shorter = r#"{"type":"property","propertyId":102,"scope":"USER_GLOBAL","name":"floor","valueType":"STRING","stringMaxLen":1}"#;
    let values = |client: &str, floor: &str| {
        format!(
            r#"{{"type":"userProperties","clientExtId":"{client}","userExtId":"user-123","properties":{{{floor}}}}}"#
        )
    };
    let (none, one, two) =
        (values("200", ""), values("200", r#""floor":"1""#), values("200", r#""floor":"22""#));
    let lines = [shorter, &values("100", ""), shorter, &none, shorter, &one, shorter, &two];
    let (summary, refused) = table.replace(&lines.join("\n")).await;
    let has_values =
        "errors.invalidData Property with propertyId '102' has values that the change could make invalid";
    let reasons = [(1, has_values), (3, has_values), (8, "errors.property.stringmaxlen floor")];
    assert_eq!(refused, reasons.map(|(line, reason)| (line, reason.to_owned())));
    assert_eq!((summary.replaced, summary.unchanged), (4, 1));
    assert!(table.export(None).await.contains(shorter));
}

/// The default profile of a user remains it until another one becomes it.
#[tokio::test]
async fn the_default_profile_moves_and_is_never_lost() {
    let table = table().await;
    let profile = |id: &str, unit: &str, rest: &str| {
        format!(
            r#"{{"type":"profile","clientExtId":"100","userExtId":"user-123","extId":"{id}","unitExtId":"{unit}"{rest}}}"#
        )
    };
    // A line that does not state it changes nothing about it.
    assert_eq!(replace(&table, &profile("p-2", "sales", "")).await, [0, 0, 1, 0]);
    assert_eq!(replace(&table, &profile("p-2", "sales", r#","name":"N""#)).await, [0, 1, 0, 0]);
    assert!(
        table
            .export(None)
            .await
            .contains(r#""extId":"p-2","unitExtId":"sales","name":"N","isDefaultProfile":true"#)
    );
    let new = profile("p-4", "root", r#","isDefaultProfile":true"#);
    assert_eq!(replace(&table, &new).await, [1, 0, 0, 0]);
    let lines = [profile("p-2", "sales", r#","isDefaultProfile":true"#), new.clone(), new];
    assert_eq!(replace(&table, &lines.join("\n")).await, [0, 2, 1, 0]);
    let export = table.export(None).await;
    let is_default = |line: &&str| line.contains(r#""userExtId":"user-123""#) && line.contains("isDefault");
    assert_eq!(export.lines().filter(is_default).collect::<Vec<_>>(), [lines[1].as_str()]);
}

/// A line with `units` replaces the user and creates the profiles that are missing.
#[tokio::test]
async fn units_of_a_replaced_user_are_read_as_profiles() {
    let table = TestTable::new().await;
    let user =
        |rest: &str| format!(r#"{{"type":"user","clientExtId":"100","extId":"u","loginId":"u"{rest}}}"#);
    let lines = format!(
        r#"{{"type":"client","extId":"100","name":"Default"}}
{{"type":"unit","clientExtId":"100","extId":"a","parentUnitExtId":"root","name":"A"}}
{{"type":"unit","clientExtId":"100","extId":"b","parentUnitExtId":"a","name":"B","profileless":true}}
{}"#,
        user(r#","units":["a"]"#)
    );
    table.import_all(&lines).await;
    let (only, both) = (user(r#","units":["root"]"#), user(r#","remarks":"R","units":["a","root"]"#));
    assert_eq!(replace(&table, &user("")).await, [0, 0, 1, 0]);
    assert_eq!(replace(&table, &only).await, [0, 1, 0, 0]);
    assert_eq!(replace(&table, &both).await, [0, 1, 0, 0]);
    assert_eq!(replace(&table, &both).await, [0, 0, 1, 0]);
    let export = table.export(None).await;
    let profiles: Vec<&str> = export.lines().filter(|line| line.contains(r#""type":"profile""#)).collect();
    assert_eq!(
        profiles,
        [
            r#"{"type":"profile","clientExtId":"100","userExtId":"u","extId":"u:a","unitExtId":"a","isDefaultProfile":true}"#,
            r#"{"type":"profile","clientExtId":"100","userExtId":"u","extId":"u:root","unitExtId":"root"}"#,
        ]
    );
    let moved = r#"{"type":"profile","clientExtId":"100","userExtId":"u","extId":"u:a","unitExtId":"root"}"#;
    let technical = user(r#","isTechnicalUser":true"#);
    let (_, refused) =
        table.replace(&[moved, &both, &user(r#","units":["b"]"#), &technical].join("\n")).await;
    let reasons = [
        (2, "errors.duplicateValue Profile already exists with extId 'u:a'"),
        (3, "errors.assignProfilelessUnit Unit is profileless: b"),
        (4, "errors.techUser.oneProfile Technical user can only have one profile: u"),
    ];
    assert_eq!(refused, reasons.map(|(line, reason)| (line, reason.to_owned())));
}

/// A change may leave out a mandatory member that the user lacks, because it became mandatory later.
#[tokio::test]
async fn mandatory_members_cannot_be_removed() {
    let user =
        |rest: &str| format!(r#"{{"type":"user","clientExtId":"100","extId":"u","loginId":"u"{rest}}}"#);
    let (named, all) = (r#","name":{"familyName":"Doe"}"#, r#","name":{"familyName":"Doe"},"sex":"female""#);
    let table = TestTable::new().await;
    table.import_all(r#"{"type":"client","extId":"100","name":"Default"}"#).await;
    table.import_all(&user(named)).await;
    let table = table.configured(&[("MANDATORY_USER_FIELDS", "name.familyName,sex")]);
    let missing = |code: &str, name: &str| vec![(1, format!("{code} Mandatory field is missing: {name}"))];
    let created = user("").replace(r#""u""#, r#""v""#);
    let both = "errors.userNameNull Mandatory field is missing: name.familyName; errors.userSexNull Mandatory field is missing: sex";
    assert_eq!(table.replace(&created).await.1, [(1, both.to_owned())]);
    assert_eq!(replace(&table, &user(named)).await, [0, 0, 1, 0]);
    assert_eq!(replace(&table, &user(&format!(r#","remarks":"R"{named}"#))).await, [0, 1, 0, 0]);
    assert_eq!(table.replace(&user("")).await.1, missing("errors.userNameNull", "name.familyName"));
    assert_eq!(replace(&table, &user(all)).await, [0, 1, 0, 0]);
    assert_eq!(table.replace(&user(named)).await.1, missing("errors.userSexNull", "sex"));
}

/// Changes of many values that do not fit into a transaction are rejected.
#[tokio::test]
async fn a_change_of_too_many_values_is_rejected() {
    let table = table().await;
    let definition = |number: usize| {
        format!(
            r#"{{"type":"property","scope":"USER_GLOBAL","name":"n-{number}","valueType":"STRING","uniquenessScope":"ABSOLUTE"}}"#
        )
    };
    let of_client = |line: &String| line.replace(r#","name""#, r#","clientExtId":"100","name""#);
    let values = |value: &str| {
        let values: Vec<String> = (0..32).map(|number| format!(r#""n-{number}":"{value}""#)).collect();
        let values = values.join(",");
        format!(
            r#"{{"type":"userProperties","clientExtId":"100","userExtId":"user-123","properties":{{{values}}}}}"#
        )
    };
    let definitions: Vec<String> = (0..32).map(definition).collect();
    table.import_all(&definitions.join("\n")).await;
    let none = r#"{"type":"userProperties","clientExtId":"100","userExtId":"user-123"}"#;
    for line in [none, &values("a"), &values("b")] {
        assert_eq!(replace(&table, line).await, [0, 1, 0, 0]);
    }
    let of_client: Vec<String> = definitions.iter().map(of_client).collect();
    table.import_all(&of_client.join("\n")).await;
    let reason = "The change of the properties takes more than 100 actions of a transaction".to_owned();
    assert_eq!(table.replace(&values("c")).await.1, [(1, reason)]);
}
