//! Lines that are rejected.

use super::LINES;
use super::table::TestTable;

/// Invalid lines and the reason for their rejection if the table contains [`LINES`].
pub(crate) const REJECTED: &[(&str, &str)] = &[
    ("not JSON", "errors.jsonProcessingError The request body is not a valid JSON object"),
    (
        r#"{"type":"client","type":"client"}"#,
        "errors.jsonProcessingError The request body is not a valid JSON object",
    ),
    (r#"{"type":"policy","extId":"p"}"#, "errors.invalidParameter The following fields are not valid: type"),
    (
        r#"{"type":"client","name":"New"}"#,
        "errors.invalidParameter The following fields are not valid: extId",
    ),
    (r#"{"type":"client","extId":"300","name":"Default"}"#, "errors.duplicateValue Client already exists"),
    (r#"{"type":"client","extId":"100","name":"New"}"#, "errors.duplicateValue Client already exists"),
    (
        r#"{"type":"client","extId":"100","name":"Default","defaultUnitExtId":"top"}"#,
        "errors.duplicateValue Client already exists",
    ),
    (
        r#"{"type":"client","extId":"a b","name":"New"}"#,
        "errors.identifierPolicyViolated ch.nevis.idm.policy.PolicyViolation: Policy failed: \
         ch.nevis.idm.policy.element.PolicyElementViolation<element=Regex policy violation \
         limit=[A-Za-z0-9\\-@./_:()\\\\{}\\[\\]=!~+]+, actualValue=a b>",
    ),
    (
        r#"{"type":"unit","clientExtId":"100","extId":"x","parentUnitExtId":"absent","name":"X"}"#,
        "Unit doesn't exist with extId 'absent'",
    ),
    (
        r#"{"type":"unit","clientExtId":"100","extId":"legal","parentUnitExtId":"top","name":"Legal"}"#,
        "Unit doesn't exist with extId 'top'",
    ),
    (
        r#"{"type":"unit","clientExtId":"100","extId":"root","parentUnitExtId":"sales","name":"Root"}"#,
        "Unit already exists with extId 'root'",
    ),
    (
        r#"{"type":"user","clientExtId":"300","extId":"u","loginId":"u","userState":"active","units":[]}"#,
        "errors.noRecord Client doesn't exist with extId '300'",
    ),
    (
        r#"{"type":"user","clientExtId":"100","extId":"u","loginId":"u","userState":"odd","units":[1,"a","a"],"x":1}"#,
        "errors.invalidParameter The following fields are not valid: units, x",
    ),
    (
        r#"{"type":"user","clientExtId":"100","extId":"u","loginId":"u","userState":"active","units":["legal"]}"#,
        "Unit doesn't exist with extId 'legal'",
    ),
    (
        r#"{"type":"profile","clientExtId":"100","userExtId":"absent","extId":"p","unitExtId":"root"}"#,
        "User doesn't exist with extId 'absent'",
    ),
    (
        r#"{"type":"profile","clientExtId":"100","userExtId":"user-123","extId":"p","unitExtId":"absent"}"#,
        "Unit doesn't exist with extId 'absent'",
    ),
    (
        r#"{"type":"profile","clientExtId":"100","userExtId":"user-123","extId":"p","profileState":"odd","name":""}"#,
        "errors.invalidParameter The following fields are not valid: name, unitExtId",
    ),
    (
        r#"{"type":"user","clientExtId":"100","extId":"u","loginId":"a b","userState":"active"}"#,
        "errors.invalidParameter The following fields are not valid: loginId",
    ),
    (
        r#"{"type":"user","clientExtId":"100","extId":"u","loginId":"\u202ea","userState":"active"}"#,
        "errors.invalidParameter The following fields are not valid: loginId",
    ),
    (
        r#"{"type":"user","clientExtId":"100","extId":"u","loginId":"JDoe"}"#,
        "errors.duplicateValue User already exists with loginId 'JDoe'",
    ),
    (
        r#"{"type":"user","clientExtId":"100","extId":"u","name":{"title":1,"age":2},"contacts":{"email":[]},"validity":{"from":"2026-01-02T00:00:00Z","to":"2026-01-01T00:00:00Z"},"birthDate":"1970-02-30","languageCode":"EO","address":{"countryCode":"ch"}}"#,
        "errors.invalidParameter The following fields are not valid: address.countryCode, birthDate, \
         contacts.email, languageCode, name.age, name.title, validity",
    ),
    (
        r#"{"type":"termsVersion","termsExtId":"t"}"#,
        "errors.invalidParameter The following fields are not valid: termsVersion",
    ),
    (
        r#"{"type":"terms","extId":"t","name":"T","active":"yes","termsVersion":"1","urls":{"xx":"y"}}"#,
        "errors.invalidParameter The following fields are not valid: active, silentAcceptance, urls.xx",
    ),
    (
        r#"{"type":"terms","extId":"terms-456","name":"Use","active":false,"silentAcceptance":true,"termsVersion":"2"}"#,
        "Terms already exists with extId 'terms-456'",
    ),
    (
        r#"{"type":"property","scope":"OTHER","name":"p","valueType":"ENUM","stringMaxLen":0,"stringRegex":"(","uniqueness":"SOME","accessModify":"ALL"}"#,
        "errors.invalidParameter The following fields are not valid: allowedValues, stringMaxLen, stringRegex",
    ),
    (
        r#"{"type":"property","scope":"OTHER","name":"p","valueType":"STRING","accessModify":"ALL"}"#,
        "errors.invalidParameter Invalid Scope name 'OTHER'",
    ),
    (
        r#"{"type":"property","scope":"CREDENTIAL_MOBILE_SIGNATURE_GLOBAL","name":"p","valueType":"STRING","uniqueness":"SOME","accessModify":"OFF"}"#,
        "errors.invalidParameter Invalid Uniqueness name 'SOME'",
    ),
    (
        r#"{"type":"user","clientExtId":"100","extId":"u","loginId":"u","userState":"odd"}"#,
        "errors.invalidParameter Invalid UserState name 'odd'",
    ),
    (
        r#"{"type":"personalQuestion","clientExtId":"100","extId":"q","stateName":"odd"}"#,
        "errors.invalidParameter Invalid PersonalQuestionState name 'odd'",
    ),
    (
        r#"{"type":"personalQuestion","clientExtId":"100","extId":"q-2","stateName":"active"}"#,
        "errors.duplicateValue PersonalQuestion already exists with extId 'q-2'",
    ),
    (
        r#"{"type":"consent","clientExtId":"100","userExtId":"user-123","termsExtId":"terms-123","termsVersion":"1","acceptanceDate":"2026-01-02T00:00:00Z"}"#,
        "errors.duplicateValue A consent for userExtId: 'user-123', termsExtId: 'terms-123' and \
         termsVersion: '1' already exists.",
    ),
    (
        r#"{"type":"consent","clientExtId":"100","userExtId":"user-123","termsExtId":"absent","termsVersion":"1","acceptanceDate":"2026-01-02T00:00:00Z"}"#,
        "errors.noRecord Terms doesn't exist with extId 'absent'",
    ),
    (
        r#"{"type":"consent","clientExtId":"100","userExtId":"user-123","termsExtId":"terms-123","termsVersion":"2","acceptanceDate":"today"}"#,
        "errors.invalidParameter The following fields are not valid: acceptanceDate",
    ),
    (
        r#"{"type":"consent","clientExtId":"100","userExtId":"user-123","termsExtId":"terms-123","termsVersion":"2","acceptanceDate":"2026-01-02T00:00:00Z"}"#,
        "Terms with extId 'terms-123' have no version '2'",
    ),
    (
        r#"{"type":"consent","clientExtId":"100","userExtId":"user-456","termsExtId":"terms-123","termsVersion":"1","acceptanceDate":"2099-01-02T00:00:00Z"}"#,
        "acceptanceDate is in the future",
    ),
    (
        r#"{"type":"consent","clientExtId":"100","userExtId":"user-456","termsExtId":"terms-123","termsVersion":"1","acceptanceDate":"2026-01-02T00:00:00Z","withdrawalDate":"2099-01-02T00:00:00Z"}"#,
        "withdrawalDate is in the future",
    ),
    (
        r#"{"type":"consent","clientExtId":"100","userExtId":"user-456","termsExtId":"terms-123","termsVersion":"1","acceptanceDate":"2026-01-02T00:00:00Z","withdrawalDate":"2026-01-01T00:00:00Z"}"#,
        "errors.invalidParameter The following fields are not valid: withdrawalDate",
    ),
    (
        r#"{"type":"mobileSignature","clientExtId":"100","userExtId":"user-456","extId":"ms","stateName":"active","identificator":"i","msspIdentifier":"urn:a","msisdn":"+411","properties":{"colour":"green","employee_id":"x","other":"y"}}"#,
        "errors.invalidData Value 'green' is not allowed for property 'colour'.; \
         errors.property.stringregex employee_id; \
         errors.invalidData No property exists with the name 'other' for the scope.",
    ),
    (
        r#"{"type":"mobileSignature","clientExtId":"100","userExtId":"user-456","extId":"ms","stateName":"active","identificator":"i","msspIdentifier":"urn:a","msisdn":"+411","properties":{"employee_id":"1"}}"#,
        "errors.propertyUniquenessViolated Property Uniqueness (uScope is 'absolute') constraints violated \
         by value '1' for property 'employee_id'.",
    ),
    (
        r#"{"type":"mobileSignature","clientExtId":"100","userExtId":"absent","extId":"ms","stateName":"active","identificator":"i","msspIdentifier":"urn:a","msisdn":"+411","properties":{"employee_id":""}}"#,
        "errors.invalidParameter The following fields are not valid: properties.employee_id",
    ),
    (
        r#"{"type":"userProperties","clientExtId":"100","userExtId":"user-123","properties":{"floor":"4"}}"#,
        "The user with extId 'user-123' already has properties",
    ),
    (
        r#"{"type":"userProperties","clientExtId":"200","userExtId":"absent","uniqueProperties":["a"],"extId":"a"}"#,
        "errors.invalidParameter The following fields are not valid: extId, uniqueProperties",
    ),
    (
        r#"{"type":"userProperties","clientExtId":"200","userExtId":"absent","properties":{"floor":"1"}}"#,
        "User doesn't exist with extId 'absent'",
    ),
    (
        r#"{"type":"dispatchTarget","clientExtId":"100","userExtId":"user-456","extId":"dt-123","targetType":"fido-uaf","deviceId":"d","target":"t","signingKey":"k","appId":"a","name":"n","stateName":"active"}"#,
        "DispatchTarget already exists with extId 'dt-123'",
    ),
    (
        r#"{"type":"dispatchTarget","clientExtId":"100","userExtId":"absent","extId":"dt","targetType":"fido-uaf","deviceId":"d","target":"t","signingKey":"k","appId":"a","name":"n","stateName":"active"}"#,
        "User doesn't exist with extId 'absent'",
    ),
    (
        r#"{"type":"dispatchTarget","clientExtId":"100","userExtId":"user-123","extId":"dt-456","targetType":"fido-uaf","deviceId":"d","target":"t","signingKey":"k","appId":"a","name":"n","stateName":"active","appAttestation":{"deviceId":"d","receipt":"r","publicKey":"k","counter":0}}"#,
        "DispatchTarget already exists with extId 'dt-456'",
    ),
    (
        r#"{"type":"fidoUafCredential","clientExtId":"200","userExtId":"user-123","extId":"uaf","aaid":"ABCD#0001","keyId":"a2V5","authenticatorVersion":"1.0","publicKey":"p","publicKeyAlgorithm":"ES256","appId":"app","dispatchTargetExtId":"dt-456"}"#,
        "DispatchTarget doesn't exist with extId 'dt-456'",
    ),
    (
        r#"{"type":"fidoUafCredential","clientExtId":"100","userExtId":"user-456","extId":"uaf","aaid":"abcd#0001","keyId":"a2V5LTE","authenticatorVersion":"1.0","publicKey":"p","publicKeyAlgorithm":"ES256","appId":"app"}"#,
        "errors.credentialFidoUaf.notUnique FidoUafCredential already exists with aaid 'abcd#0001' and keyId 'a2V5LTE'",
    ),
];

#[tokio::test]
async fn rejected_lines_are_reported_with_number_and_reason_and_write_nothing() {
    let table = TestTable::new().await;
    table.import_all(LINES).await;
    let before = table.items().await;

    let lines: Vec<&str> = REJECTED.iter().map(|(line, _)| *line).collect();
    let (summary, refused) = table.import(&lines.join("\n")).await;
    let expected: Vec<(usize, String)> =
        (1..).zip(REJECTED).map(|(number, (_, reason))| (number, (*reason).to_owned())).collect();
    assert_eq!(refused, expected);
    assert_eq!((summary.refused, summary.lines()), (REJECTED.len(), REJECTED.len()));
    assert_eq!(table.items().await, before);
}

#[tokio::test]
async fn a_dispatch_target_is_limited_to_90_credentials() {
    let table = TestTable::new().await;
    table.import_all(LINES).await;
    let credential = |number: usize| {
        format!(
            r#"{{"type":"fidoUafCredential","clientExtId":"100","userExtId":"user-123","extId":"n-{number}","aaid":"ABCD#0001","keyId":"{number:04}","authenticatorVersion":"1.0","publicKey":"p","publicKeyAlgorithm":"ES256","appId":"app","dispatchTargetExtId":"dt-456"}}"#
        )
    };
    let lines: Vec<String> = (1..=91).map(credential).collect();
    let (summary, refused) = table.import(&lines.join("\n")).await;
    assert_eq!((summary.written, summary.refused), (90, 1));
    assert_eq!(
        refused,
        [(91, "errors.invalidData DispatchTarget has the maximum of 90 credentials: dt-456".to_owned())]
    );
}

#[tokio::test]
async fn a_line_is_limited_to_32_properties() {
    let table = TestTable::new().await;
    table.import_all(LINES).await;
    let definition = |number: usize| {
        format!(
            r#"{{"type":"property","scope":"USER_GLOBAL","name":"n-{number}","valueType":"STRING","uniquenessScope":"ABSOLUTE"}}"#
        )
    };
    let definitions: Vec<String> = (0..33).map(definition).collect();
    table.import_all(&definitions.join("\n")).await;
    let user = r#"{"type":"user","clientExtId":"100","extId":"u","loginId":"u","userState":"active"}"#;
    let values = |count: usize| {
        let values: Vec<String> = (0..count).map(|number| format!(r#""n-{number}":"a""#)).collect();
        let values = values.join(",");
        format!(
            r#"{{"type":"userProperties","clientExtId":"100","userExtId":"u","properties":{{{values}}}}}"#
        )
    };
    let (summary, refused) = table.import(&[user, &values(33)].join("\n")).await;
    assert_eq!((summary.written, refused), (1, vec![(2, "More than 32 properties".to_owned())]));
    table.import_all(&values(32)).await;
}

/// Patterns are supplied by client administrators, so their cost must be limited.
#[tokio::test]
async fn unsupported_and_expensive_patterns_are_rejected() {
    let table = TestTable::new().await;
    let line = |pattern: &str| {
        let pattern = pattern.replace('\\', r"\\");
        format!(
            r#"{{"type":"property","scope":"CREDENTIAL_MOBILE_SIGNATURE_GLOBAL","name":"p","valueType":"STRING","stringRegex":"{pattern}","accessModify":"READ_WRITE"}}"#
        )
    };
    let (long, deep) = ("a".repeat(501), format!("{}a{}", "(".repeat(33), ")".repeat(33)));
    let patterns = [
        "(?=a)",
        r"(a)\1",
        "a)(b",
        "((a{0,30}){0,30}){0,30}",
        r"(?i)\pL{1000}",
        "[0-9]{1000000}",
        &long,
        &deep,
    ];
    let lines: Vec<String> = patterns.iter().map(|pattern| line(pattern)).collect();
    let (summary, refused) = table.import(&lines.join("\n")).await;
    let reason = "errors.invalidParameter The following fields are not valid: stringRegex";
    let expected: Vec<(usize, String)> =
        (1..=patterns.len()).map(|number| (number, reason.to_owned())).collect();
    assert_eq!((summary.written, refused), (0, expected));
    table.import_all(&line(r"(?i)[\pL\pN ._-]+")).await;
}
