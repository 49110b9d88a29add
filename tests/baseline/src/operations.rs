//! The minimum table calls of each operation.

use crate::actions::Action::{Check, CheckCopy, Copies, Delete, Put, Update};
use crate::calls::Call::{self, Query, Read, Write};
use crate::calls::Key;

const CLIENT: Key = ("CLIENT#100", "CLIENT");
const USER: Key = ("USER#100#user-123", "USER");
const TERMS: Key = ("TERMS#terms-123", "TERMS");
const CONSENT: Key = ("USER#100#user-123", "CONSENT#terms-123#1");
const CREDENTIAL: Key = ("USER#100#user-123", "CREDENTIAL#MOBILE_SIGNATURE");
const VALUES: Key = ("USER#100#user-123", "PROPERTIES");
const UNIT: Key = ("CLIENT#100", "UNIT#sales");
const NEW_UNIT: &[(&str, &str)] = &[
    ("clientExtId", "100"),
    ("extId", crate::ID),
    ("parentUnitExtId", "root"),
    ("name", "Marketing"),
    ("state", "active"),
    ("displayName", "Marketing, with the JSON around it"),
    ("abbreviation", "{}"),
    ("profileless", "false"),
    ("ancestors", "root"),
    ("hierarchicalName", "root, 7c9e6679-7425-40de-944b-e07fc1f90ae7"),
];

const NEW_USER: &[(&str, &str)] = &[
    ("clientExtId", "100"),
    ("extId", crate::ID),
    ("loginId", crate::ID),
    ("userState", "active"),
    ("languageCode", "EN"),
    ("isTechnicalUser", "false"),
    ("name", "Richard Roe, with the JSON around it"),
    ("contacts", "richard.roe@example.com, with the JSON around it"),
];

const PROFILE: Key = ("PROFILE#100#profile-123", "PROFILE");
const PROFILE_OF_USER: Key = ("USER#100#user-123", "PROFILE#profile-123");
const USER_ENTRY: Key = ("CLIENT#100#USERS", "USER#user-123");
const NEW_PROFILE: &[(&str, &str)] = &[
    ("clientExtId", "100"),
    ("userExtId", "user-123"),
    ("extId", crate::ID),
    ("unitExtId", "legal"),
    ("profileState", "active"),
    ("name", "Legal adviser"),
    ("isDefaultProfile", "false"),
    ("userState", "active"),
    ("unitsWithAncestors", "root, legal"),
];

const CREATE_PROFILE: &[&[Call]] = &[
    &[Read(&[CLIENT, USER, ("CLIENT#100", "UNIT#legal")])],
    &[Write(&[
        CheckCopy(("CLIENT#100", "UNIT#legal")),
        Put(("PROFILE#100#", "PROFILE"), NEW_PROFILE),
        Put(("USER#100#user-123", "PROFILE#"), NEW_PROFILE),
        Put(("UNIT#100#legal", "PROFILE#"), &[("clientExtId", "100")]),
        Update(USER, ("memberships", "root#legal")),
        Update(USER_ENTRY, ("memberships", "root#legal")),
    ])],
];

const UPDATE_PROFILE: &[&[Call]] = &[
    &[Read(&[CLIENT, PROFILE])],
    &[Write(&[
        Update(PROFILE, ("name", "Sales representative")),
        Update(PROFILE_OF_USER, ("name", "Sales representative")),
    ])],
];

const SET_PROFILE_UNIT: &[&[Call]] = &[
    &[Read(&[CLIENT, PROFILE, UNIT])],
    &[Write(&[
        CheckCopy(UNIT),
        Update(PROFILE, ("unitsWithAncestors", "root, sales")),
        Update(PROFILE_OF_USER, ("unitsWithAncestors", "root, sales")),
        Delete(("UNIT#100#legal", "PROFILE#profile-123")),
        Put(("UNIT#100#sales", "PROFILE#"), &[("clientExtId", "100")]),
        Update(USER, ("memberships", "root#sales")),
        Update(USER_ENTRY, ("memberships", "root#sales")),
    ])],
];

const DELETE_PROFILE: &[&[Call]] = &[
    &[Read(&[CLIENT, PROFILE])],
    &[Write(&[
        Delete(PROFILE),
        Delete(PROFILE_OF_USER),
        Delete(("UNIT#100#legal", "PROFILE#profile-123")),
        Update(USER, ("memberships", "root#legal")),
        Update(USER_ENTRY, ("memberships", "root#legal")),
    ])],
];

const DELETE_UNIT: &[&[Call]] = &[
    &[Read(&[CLIENT, UNIT]), Query(("UNIT#100#sales", "UNIT#")), Query(("UNIT#100#sales", "PROFILE#"))],
    &[Write(&[Copies(4, &Update(UNIT, ("isMarked", "true")))])],
    &[Read(&[CLIENT, UNIT]), Query(("UNIT#100#sales", "UNIT#")), Query(("UNIT#100#sales", "PROFILE#"))],
    &[Write(&[
        Copies(4, &Delete(UNIT)),
        Delete(("UNIT#100#root", "UNIT#sales")),
        Delete(("UNIT#100#root", "NAME#")),
    ])],
];

const NEW_PROPERTY: &[(&str, &str)] =
    &[("scope", "CREDENTIAL_MOBILE_SIGNATURE_GLOBAL"), ("name", crate::ID), ("type", "STRING")];

const CREATE_CLIENT: &[&[Call]] = &[&[Write(&[
    Copies(
        4,
        &Put(
            ("CLIENT#", "CLIENT"),
            &[
                ("extId", crate::ID),
                ("name", "Example"),
                ("displayName", "Example, with the JSON around it"),
                ("defaultUnitExtId", crate::ID),
                ("defaultProfilePolicyExtId", crate::ID),
            ],
        ),
    ),
    Put(
        ("CLIENTS", "CLIENT#"),
        &[("extId", crate::ID), ("name", "Example"), ("displayName", "Example, with the JSON around it")],
    ),
    Put(("CLIENT_NAME#", "CLIENT_NAME"), &[("clientExtId", crate::ID), ("name", "Example")]),
    Copies(
        4,
        &Put(
            ("CLIENT#", "UNIT#"),
            &[
                ("clientExtId", crate::ID),
                ("extId", crate::ID),
                ("name", "Default"),
                ("state", "active"),
                ("displayName", "{}"),
                ("abbreviation", "{}"),
                ("profileless", "false"),
                ("hierarchicalName", crate::ID),
            ],
        ),
    ),
    Put(
        ("CLIENT#", "TEMPLATE_COLLECTION#"),
        &[("clientExtId", crate::ID), ("extId", "default_for_-Example")],
    ),
    Put(
        ("CLIENT#", "POLICY#"),
        &[
            ("clientExtId", crate::ID),
            ("extId", crate::ID),
            ("policyType", "ProfilePolicy"),
            ("name", "Default"),
            ("parameters", crate::ID),
            ("defaultPolicy", "true"),
        ],
    ),
    Put(("CLIENT#", "APPLICATION#"), &[("clientExtId", crate::ID), ("extId", "nevisidm")]),
])]];
const CREATE_UNIT: &[&[Call]] = &[
    &[Read(&[CLIENT, ("CLIENT#100", "UNIT#root")])],
    &[Write(&[
        CheckCopy(CLIENT),
        CheckCopy(("CLIENT#100", "UNIT#root")),
        Copies(4, &Put(("CLIENT#100", "UNIT#"), NEW_UNIT)),
        Put(("UNIT#100#root", "UNIT#"), NEW_UNIT),
        Put(("UNIT#100#root", "NAME#"), &[("clientExtId", "100"), ("unitExtId", crate::ID)]),
    ])],
];
const UPDATE_UNIT: &[&[Call]] = &[
    &[Read(&[CLIENT, UNIT])],
    &[Write(&[
        Copies(4, &Update(UNIT, ("name", "Sales-and-service"))),
        Update(("UNIT#100#root", "UNIT#sales"), ("name", "Sales-and-service")),
        Put(("UNIT#100#root", "NAME#"), &[("clientExtId", "100"), ("unitExtId", "sales")]),
        Delete(("UNIT#100#root", "NAME#")),
    ])],
];
const CREATE_USER: &[&[Call]] = &[&[Write(&[
    CheckCopy(CLIENT),
    Put(("USER#100#", "USER"), NEW_USER),
    Put(("CLIENT#100#USERS", "USER#"), NEW_USER),
    Put(("CLIENT#100#LOGINS", "LOGIN#"), NEW_USER),
    Put(("CLIENT#100#EMAILS", "EMAIL#richard.roe@example.com#"), NEW_USER),
])]];
const UPDATE_USER: &[&[Call]] = &[
    &[Read(&[CLIENT, USER])],
    &[Write(&[
        Update(USER, ("contacts", "+41790000001, with the JSON around it")),
        Update(("CLIENT#100#USERS", "USER#user-123"), ("contacts", "+41790000001, with the JSON around it")),
        Update(("CLIENT#100#LOGINS", "LOGIN#jdoe"), ("contacts", "+41790000001, with the JSON around it")),
        Update(
            ("CLIENT#100#EMAILS", "EMAIL#jane.doe@example.com#user-123"),
            ("contacts", "+41790000001, with the JSON around it"),
        ),
    ])],
];

const CHANGED_PROPERTY: (&str, &str) = ("displayName", "Employee number, with the JSON around it");
const CREATE_PROPERTY: &[&[Call]] = &[&[Write(&[
    Copies(8, &Put(("PROPERTIES#*", "PROPERTY#CREDENTIAL_MOBILE_SIGNATURE_GLOBAL#"), NEW_PROPERTY)),
    Put(("PROPERTIES", "PROPERTY#CREDENTIAL_MOBILE_SIGNATURE_GLOBAL#*#"), NEW_PROPERTY),
    Put(("PROPERTY_ID#", "PROPERTY_ID"), NEW_PROPERTY),
])]];
const UPDATE_PROPERTY: &[&[Call]] = &[
    &[Read(&[("PROPERTY_ID#100", "PROPERTY_ID")])],
    &[Write(&[
        Update(("PROPERTY_ID#100", "PROPERTY_ID"), CHANGED_PROPERTY),
        Copies(
            8,
            &Update(
                ("PROPERTIES#*", "PROPERTY#CREDENTIAL_MOBILE_SIGNATURE_GLOBAL#employee_id"),
                CHANGED_PROPERTY,
            ),
        ),
        Update(("PROPERTIES", "PROPERTY#CREDENTIAL_MOBILE_SIGNATURE_GLOBAL#*#employee_id"), CHANGED_PROPERTY),
    ])],
];
const UPDATE_USER_PROPERTIES: &[&[Call]] = &[
    &[Read(&[
        CLIENT,
        USER,
        VALUES,
        ("PROPERTIES#*", "PROPERTY#USER_GLOBAL#staff_number"),
        ("PROPERTIES#100", "PROPERTY#USER_GLOBAL#staff_number"),
    ])],
    &[Write(&[
        Check(USER),
        Update(VALUES, ("properties", "staff_number, with the JSON around it")),
        CheckCopy(("PROPERTIES#*", "PROPERTY#USER_GLOBAL#staff_number")),
        Delete(("PROPERTY_VALUE#USER_GLOBAL#", "PROPERTY_VALUE")),
        Put(
            ("PROPERTY_VALUE#USER_GLOBAL#", "PROPERTY_VALUE"),
            &[("owner", "USER#100#user-123"), ("name", "staff_number"), ("value", "4711")],
        ),
    ])],
];

const CREATE_PERSONAL_QUESTION: &[&[Call]] = &[&[Write(&[
    CheckCopy(CLIENT),
    Put(
        ("CLIENT#100", "PERSONAL_QUESTION#"),
        &[
            ("clientExtId", "100"),
            ("extId", crate::ID),
            ("stateName", "active"),
            ("content", "What was the name of your first pet?, with the JSON around it"),
            ("displayName", "{}"),
        ],
    ),
])]];

const DELETE_CONSENT: &[&[Call]] = &[
    &[Read(&[CLIENT, USER, CONSENT])],
    &[Write(&[
        Delete(CONSENT),
        Put(
            (USER.0, "CONSENT_WITHDRAWN#terms-123#1#2026-01-02T00:00:00Z#2026-01-01T00:00:00Z"),
            &[
                ("clientExtId", "100"),
                ("userExtId", "user-123"),
                ("termsExtId", "terms-123"),
                ("termsVersion", "1"),
                ("acceptanceDate", "2026-01-01T00:00:00Z"),
                ("withdrawalDate", "2026-01-02T00:00:00Z"),
            ],
        ),
    ])],
];

const CREATE_CONSENT: &[&[Call]] = &[
    &[Read(&[CLIENT, USER, TERMS])],
    &[Write(&[
        Check(USER),
        CheckCopy(TERMS),
        Put(
            CONSENT,
            &[
                ("clientExtId", "100"),
                ("userExtId", "user-123"),
                ("termsExtId", "terms-123"),
                ("termsVersion", "1"),
                ("acceptanceDate", "2026-01-01T00:00:00Z"),
            ],
        ),
    ])],
];

const UPDATE_MOBILE_SIGNATURE_PROPERTIES: &[&[Call]] = &[
    &[Read(&[
        CLIENT,
        USER,
        CREDENTIAL,
        ("PROPERTIES#*", "PROPERTY#CREDENTIAL_MOBILE_SIGNATURE_GLOBAL#employee_id"),
        ("PROPERTIES#100", "PROPERTY#CREDENTIAL_MOBILE_SIGNATURE_GLOBAL#employee_id"),
    ])],
    &[Write(&[
        Update(CREDENTIAL, ("properties", "employee_id, with the JSON around it")),
        CheckCopy(("PROPERTIES#*", "PROPERTY#CREDENTIAL_MOBILE_SIGNATURE_GLOBAL#employee_id")),
        Delete(("PROPERTY_VALUE#CREDENTIAL_MOBILE_SIGNATURE_GLOBAL#", "PROPERTY_VALUE")),
        Put(
            ("PROPERTY_VALUE#CREDENTIAL_MOBILE_SIGNATURE_GLOBAL#", "PROPERTY_VALUE"),
            &[("owner", "USER#100#user-123"), ("name", "employee_id"), ("value", "4711")],
        ),
    ])],
];

const TARGET: Key = (USER.0, "DISPATCH_TARGET#dt-123");
const ATTESTATION: Key = (USER.0, "APP_ATTESTATION#dt-123");
const TARGET_WITH_ATTESTATION: &[Key] = &[CLIENT, USER, TARGET, ATTESTATION];
const NEW_ATTESTATION: &[(&str, &str)] = &[
    ("clientExtId", "100"),
    ("userExtId", "user-123"),
    ("extId", "dt-123"),
    ("deviceId", "d1"),
    ("receipt", "receipt-1"),
    ("publicKey", "public-key-1"),
    ("counter", "0"),
];

const CREATE_DISPATCH_TARGET: &[&[Call]] = &[
    &[Read(&[CLIENT, USER]), Query((USER.0, "DISPATCH_TARGET#"))],
    &[Write(&[
        Update(USER, ("", "")),
        Put(
            TARGET,
            &[
                ("clientExtId", "100"),
                ("userExtId", "user-123"),
                ("extId", "dt-123"),
                ("type", "fido-uaf"),
                ("deviceId", "d1"),
                ("target", "target-1"),
                ("signingKey", "signing-key-1"),
                ("appId", "app"),
                ("name", "Phone"),
                ("stateName", "active"),
                ("credentials", "0"),
            ],
        ),
        Put(
            ("DISPATCH_TARGET_ID#100#dt-123", "DISPATCH_TARGET_ID"),
            &[("extId", "dt-123"), ("owner", "USER#100#user-123")],
        ),
        Put(ATTESTATION, NEW_ATTESTATION),
    ])],
];

const CREATE_MOBILE_SIGNATURE: &[&[Call]] = &[
    &[Read(&[CLIENT, USER])],
    &[Write(&[
        Check(USER),
        Put(
            CREDENTIAL,
            &[
                ("clientExtId", "100"),
                ("userExtId", "user-123"),
                ("extId", "ms-1"),
                ("stateName", "active"),
                ("identificator", "+41790000000"),
                ("msspIdentifier", "https://mssp.example.com"),
                ("msisdn", "+41790000000"),
                ("properties", "{}"),
            ],
        ),
    ])],
];

const DELETE_MOBILE_SIGNATURE: &[&[Call]] = &[
    &[Read(&[CLIENT, USER, CREDENTIAL])],
    &[Read(&[
        CLIENT,
        USER,
        CREDENTIAL,
        ("PROPERTIES#*", "PROPERTY#CREDENTIAL_MOBILE_SIGNATURE_GLOBAL#employee_id"),
        ("PROPERTIES#100", "PROPERTY#CREDENTIAL_MOBILE_SIGNATURE_GLOBAL#employee_id"),
    ])],
    &[Write(&[
        Delete(CREDENTIAL),
        Delete(("PROPERTY_VALUES#100#0", "USER#100#user-123")),
        Delete(("PROPERTY_VALUE#CREDENTIAL_MOBILE_SIGNATURE_GLOBAL#", "PROPERTY_VALUE")),
    ])],
];

const DELETE_DISPATCH_TARGET: &[&[Call]] = &[
    &[Read(TARGET_WITH_ATTESTATION), Query((USER.0, "CREDENTIAL#FIDO_UAF#"))],
    &[Write(&[
        Delete((USER.0, "DISPATCH_TARGET#dt-123")),
        Delete((USER.0, "APP_ATTESTATION#dt-123")),
        Delete(("DISPATCH_TARGET_ID#100#dt-123", "DISPATCH_TARGET_ID")),
        Update((USER.0, "CREDENTIAL#FIDO_UAF#uaf-1"), ("dispatchTargetExtId", "")),
    ])],
];

const AUTHENTICATOR: Key = (USER.0, "CREDENTIAL#FIDO_UAF#uaf-1");
const AUTHENTICATOR_KEY: Key = ("CLIENT#100#FIDO_UAF", "FIDO_UAF#ABCD#0001#");
const CREATE_FIDO_AUTHENTICATOR: &[&[Call]] = &[
    &[Read(&[CLIENT, USER]), Query((USER.0, "CREDENTIAL#FIDO_UAF#"))],
    &[Write(&[
        Update(USER, ("", "")),
        Put(
            AUTHENTICATOR,
            &[
                ("clientExtId", "100"),
                ("userExtId", "user-123"),
                ("extId", "uaf-1"),
                ("aaid", "ABCD#0001"),
                ("keyId", "a2V5LTE"),
                ("authenticatorVersion", "1.0"),
                ("publicKey", "public-key-1"),
                ("publicKeyAlgorithm", "SHA256withECDSA"),
                ("appId", "app"),
                ("stateName", "active"),
                ("signCounter", "0"),
            ],
        ),
        Put(AUTHENTICATOR_KEY, &[("clientExtId", "100"), ("userExtId", "user-123"), ("extId", "uaf-1")]),
    ])],
];

const DELETION: Key = ("DELETION#", "DELETION");
const DELETION_ENTRY: Key = ("DELETIONS#7", "DELETION#");
const DELETION_OF_CLIENT: &[(&str, &str)] = &[
    ("deletionId", crate::ID),
    ("kind", "client"),
    ("clientExtId", "200"),
    ("state", "running"),
    ("begun", "2026-01-01T00:00:00Z"),
    ("deleted", "0"),
];
const DELETION_OF_USER: &[(&str, &str)] = &[
    ("deletionId", crate::ID),
    ("kind", "user"),
    ("clientExtId", "100"),
    ("userExtId", "user-456"),
    ("state", "running"),
    ("begun", "2026-01-01T00:00:00Z"),
    ("deleted", "0"),
];
const DELETION_OF_CREDENTIALS: &[(&str, &str)] = &[
    ("deletionId", crate::ID),
    ("kind", "credentials"),
    ("clientExtId", "100"),
    ("userExtId", "user-789"),
    ("state", "running"),
    ("begun", "2026-01-01T00:00:00Z"),
    ("deleted", "0"),
];

const DELETED_CLIENT: Key = ("CLIENT#200", "CLIENT");
const DELETE_CLIENT: &[&[Call]] = &[
    &[Read(&[DELETED_CLIENT])],
    &[Write(&[
        Delete(("CLIENTS", "CLIENT#200")),
        Copies(4, &Update(DELETED_CLIENT, ("deletion", crate::ID))),
        Put(DELETION, DELETION_OF_CLIENT),
        Put(DELETION_ENTRY, DELETION_OF_CLIENT),
    ])],
    &[Read(&[DELETION, DELETED_CLIENT])],
    &[Query(("CLIENT#200#USERS", "USER#"))],
    &[Query(("PROPERTIES#200", "PROPERTY#"))],
    &[Query((DELETED_CLIENT.0, ""))],
    &[Write(&[
        Delete((DELETED_CLIENT.0, "APPLICATION#nevisidm")),
        Delete((DELETED_CLIENT.0, "POLICY#default")),
        Delete((DELETED_CLIENT.0, "TEMPLATE_COLLECTION#default_for_-Trial")),
        Copies(4, &Delete((DELETED_CLIENT.0, "UNIT#root"))),
        Copies(4, &Delete(DELETED_CLIENT)),
        Delete(("CLIENT_NAME#", "CLIENT_NAME")),
        Update(DELETION, ("state", "ended")),
        Delete(DELETION_ENTRY),
    ])],
];

const DELETED_USER: Key = ("USER#100#user-456", "USER");
const DELETE_USER: &[&[Call]] = &[
    &[Read(&[CLIENT, DELETED_USER])],
    &[Write(&[
        Update(DELETED_USER, ("deletion", crate::ID)),
        Update(("CLIENT#100#USERS", "USER#user-456"), ("deletion", crate::ID)),
        Update(("CLIENT#100#LOGINS", "LOGIN#user-456"), ("deletion", crate::ID)),
        Put(DELETION, DELETION_OF_USER),
        Put(DELETION_ENTRY, DELETION_OF_USER),
    ])],
    &[Read(&[DELETION, DELETED_USER])],
    &[Query((DELETED_USER.0, ""))],
    &[Write(&[
        Delete(DELETED_USER),
        Delete(("CLIENT#100#USERS", "USER#user-456")),
        Delete(("CLIENT#100#LOGINS", "LOGIN#user-456")),
        Update(DELETION, ("state", "ended")),
        Delete(DELETION_ENTRY),
    ])],
];

const ARCHIVED_USER: Key = ("USER#100#user-789", "USER");
const ARCHIVE_USER: &[&[Call]] = &[
    &[Read(&[CLIENT, ARCHIVED_USER])],
    &[Write(&[
        Update(ARCHIVED_USER, ("userState", "archived")),
        Update(("CLIENT#100#USERS", "USER#user-789"), ("userState", "archived")),
        Update(("CLIENT#100#LOGINS", "LOGIN#user-789"), ("userState", "archived")),
        Put(DELETION, DELETION_OF_CREDENTIALS),
        Put(DELETION_ENTRY, DELETION_OF_CREDENTIALS),
    ])],
    &[Read(&[DELETION, ARCHIVED_USER])],
    &[
        Query((ARCHIVED_USER.0, "CREDENTIAL#")),
        Query((ARCHIVED_USER.0, "DISPATCH_TARGET#")),
        Query((ARCHIVED_USER.0, "APP_ATTESTATION")),
    ],
    &[Write(&[
        Update(ARCHIVED_USER, ("archiving", "")),
        Update(DELETION, ("state", "ended")),
        Delete(DELETION_ENTRY),
    ])],
];

/// Returns the trips of an operation. Trips are sequential, and the calls of a trip are concurrent.
pub(crate) fn trips(operation: &str) -> Option<&'static [&'static [Call]]> {
    Some(match operation {
        "create-client" => CREATE_CLIENT,
        "get-client" => &[&[Read(&[CLIENT])]],
        "delete-client" => DELETE_CLIENT,
        "get-deletion" => &[&[Read(&[("DELETION#deletion-123", "DELETION")])]],
        "get-permissions" => &[],
        "create-property" => CREATE_PROPERTY,
        "search-properties" => &[&[Query(("PROPERTIES", "PROPERTY#"))]],
        "list-client-properties" => &[&[Read(&[CLIENT]), Query(("PROPERTIES#100", "PROPERTY#"))]],
        "update-property" => UPDATE_PROPERTY,
        "get-property" => &[&[Read(&[("PROPERTY_ID#100", "PROPERTY_ID")])]],
        "get-terms" => &[&[Read(&[TERMS])]],
        "list-terms" => &[&[Query(("TERMS", "TERMS#"))]],
        "list-pending-terms" => {
            &[&[Read(&[CLIENT, USER]), Query(("TERMS", "TERMS#")), Query((USER.0, "CONSENT#"))]]
        }
        "list-clients" => &[&[Query(("CLIENTS", "CLIENT#"))]],
        "create-unit" => CREATE_UNIT,
        "get-unit" => &[&[Read(&[CLIENT, UNIT])]],
        "update-unit" => UPDATE_UNIT,
        "list-units" => &[&[Read(&[CLIENT]), Query((CLIENT.0, "UNIT#"))]],
        "list-unit-children" => &[&[Read(&[CLIENT, UNIT]), Query(("UNIT#100#sales", "UNIT#"))]],
        "delete-unit" => DELETE_UNIT,
        "create-profile" => CREATE_PROFILE,
        "list-profiles" => &[&[Read(&[CLIENT, USER]), Query((USER.0, "PROFILE#"))]],
        "get-profile" => &[&[Read(&[CLIENT, PROFILE])]],
        "update-profile" => UPDATE_PROFILE,
        "set-profile-unit" => SET_PROFILE_UNIT,
        "delete-profile" => DELETE_PROFILE,
        "list-policies" => &[&[Read(&[CLIENT]), Query((CLIENT.0, "POLICY#"))]],
        "get-policy" => &[&[Read(&[CLIENT, ("CLIENT#100", "POLICY#default")])]],
        "create-user" => CREATE_USER,
        "get-user" => &[&[Read(&[CLIENT, USER])]],
        "list-users" => &[&[Read(&[CLIENT]), Query(("CLIENT#100#USERS", "USER#"))]],
        "update-user" => UPDATE_USER,
        "archive-user" => ARCHIVE_USER,
        "delete-user" => DELETE_USER,
        "get-user-properties" => &[&[Read(&[CLIENT, USER, VALUES])]],
        "update-user-properties" => UPDATE_USER_PROPERTIES,
        "create-personal-question" => CREATE_PERSONAL_QUESTION,
        "get-personal-question" => &[&[Read(&[CLIENT, ("CLIENT#100", "PERSONAL_QUESTION#q-1")])]],
        "list-personal-questions" => &[&[Read(&[CLIENT]), Query((CLIENT.0, "PERSONAL_QUESTION#"))]],
        "create-consent" => CREATE_CONSENT,
        "list-consents" => &[&[Read(&[CLIENT, USER]), Query((USER.0, "CONSENT#"))]],
        "get-consent" => {
            &[&[Read(&[CLIENT, USER, CONSENT]), Query((USER.0, "CONSENT_WITHDRAWN#terms-123#1#"))]]
        }
        "delete-consent" => DELETE_CONSENT,
        "create-mobile-signature" => CREATE_MOBILE_SIGNATURE,
        "get-mobile-signature" | "get-mobile-signature-properties" => &[&[Read(&[CLIENT, USER, CREDENTIAL])]],
        "update-mobile-signature" => &[
            &[Read(&[CLIENT, USER, CREDENTIAL])],
            &[Write(&[Update(CREDENTIAL, ("stateName", "disabled"))])],
        ],
        "update-mobile-signature-properties" => UPDATE_MOBILE_SIGNATURE_PROPERTIES,
        "delete-mobile-signature" => DELETE_MOBILE_SIGNATURE,
        "create-dispatch-target" => CREATE_DISPATCH_TARGET,
        "list-dispatch-targets" => &[&[
            Read(&[CLIENT, USER]),
            Query((USER.0, "DISPATCH_TARGET#")),
            Query((USER.0, "APP_ATTESTATION#")),
        ]],
        "get-dispatch-target" | "get-app-attestation" => &[&[Read(TARGET_WITH_ATTESTATION)]],
        "update-dispatch-target" => {
            &[&[Read(TARGET_WITH_ATTESTATION)], &[Write(&[Update(TARGET, ("name", "Old phone"))])]]
        }
        "create-app-attestation" => &[
            &[Read(TARGET_WITH_ATTESTATION)],
            &[Write(&[Check(USER), Update(TARGET, ("", "")), Put(ATTESTATION, NEW_ATTESTATION)])],
        ],
        "update-app-attestation" => &[
            &[Read(TARGET_WITH_ATTESTATION)],
            &[Write(&[Update(ATTESTATION, ("counter", "1")), Update(TARGET, ("", ""))])],
        ],
        "delete-app-attestation" => {
            &[&[Read(TARGET_WITH_ATTESTATION)], &[Write(&[Delete(ATTESTATION), Update(TARGET, ("", ""))])]]
        }
        "delete-dispatch-target" => DELETE_DISPATCH_TARGET,
        "create-fido-authenticator" => CREATE_FIDO_AUTHENTICATOR,
        "list-fido-authenticators" => &[&[Read(&[CLIENT, USER]), Query((USER.0, "CREDENTIAL#FIDO_UAF#"))]],
        "list-user-credentials" => &[&[Read(&[CLIENT, USER]), Query((USER.0, "CREDENTIAL#"))]],
        "list-client-fido-authenticators" => {
            &[&[Read(&[CLIENT]), Query(("CLIENT#100#FIDO_UAF", "FIDO_UAF#"))], &[Read(&[AUTHENTICATOR])]]
        }
        "get-fido-authenticator" => &[&[Read(&[CLIENT, USER, AUTHENTICATOR])]],
        "update-fido-authenticator" => &[
            &[Read(&[CLIENT, USER, AUTHENTICATOR])],
            &[Write(&[Update(AUTHENTICATOR, ("stateName", "disabled"))])],
        ],
        "delete-fido-authenticator" => &[
            &[Read(&[CLIENT, USER, AUTHENTICATOR])],
            &[Write(&[Delete(AUTHENTICATOR), Delete(AUTHENTICATOR_KEY), Update(TARGET, ("", ""))])],
        ],
        "get-health" => &[&[Read(&[("NOTHING", "NOTHING")])]],
        _ => return None,
    })
}
