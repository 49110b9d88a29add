//! Tests the contract's section 4: the codes, the statuses, the exact messages, and the members of
//! error responses.

use std::collections::BTreeSet;
use std::mem::discriminant;

use super::*;
use crate::http::Response;
use crate::policy::{DEFAULT_PATTERN, Limit};

/// The codes that the API documentation lists, and one that it uses without listing it.
const CLOSED_LIST: &str = "errors.singleClientModeRestriction \
    errors.fatalError errors.unknownReason errors.inconsistentData errors.duplicateName \
    errors.invalidData errors.duplicateValue errors.duplicateEmail errors.duplicateMobile \
    errors.undeletedDependencies errors.noRecord errors.invalidConfig errors.missingReferenceData \
    errors.recordDeleted errors.modifyReadonlyData errors.tooManySearchResults \
    errors.pessimisticLockingFailure errors.policyViolation errors.deleteDefaultEntityFailure \
    errors.emailChannel errors.noSmtpConnection errors.SmtpNotConfigured \
    errors.propertyUniquenessViolated errors.property.stringmaxlen errors.property.stringregex \
    errors.property.regexinv errors.pwdPolicyViolated errors.certificatePolicyViolated \
    errors.identifierPolicyViolated errors.passwordExists errors.mtanFormatViolated \
    errors.mtanFormatE164Violated errors.tempStrongPasswordExists errors.safewordExists \
    errors.securidExists errors.ticketExists errors.kerberosExists errors.tooManyOTPCards \
    errors.urlTicketMissingURLPrefix errors.certificateExists errors.vascoExists errors.PUKExists \
    errors.URLTicketExists errors.mobileSignatureExists errors.securityQuestionsExists \
    errors.recoveryCodeExists errors.securityQuestionsMaxReached errors.qrCodeGenerationFailed \
    errors.oathSecretIsShared errors.nocertcred errors.CredTypeUnitPolicyViolated \
    errors.CredTypeClientPolicyViolated errors.credentialNotActive errors.dimensionNotMatch \
    errors.noTemplate errors.pdfPrintingFailure errors.missingMandatoryPlaceholder \
    errors.defaultCollectionDelete errors.tableTypeMismatch errors.nullRequestBody \
    errors.deserialization errors.nullParameter errors.invalidParameter errors.invalidDate \
    errors.invalidDateOrDateTime errors.invalidDateInterval errors.invalidMobile \
    errors.mobileCannotBeDeleted errors.mobileMissing errors.userLoginIdNull errors.userLoginFailed \
    errors.userNameNull errors.userFirstNameNull errors.userSexNull errors.userCountryNull \
    errors.userEmailNull errors.userMobileNull errors.userPhoneFormat errors.userEmailFormat \
    errors.msisdnFormat errors.applicationNameNull \
    errors.credentialFidoUaf.invalidAuthVersionFormat \
    errors.credentialFidoUaf.invalidPublicKeyAlgorithm errors.credentialFidoUaf.invalidKeyIdFormat \
    errors.credentialFidoUaf.invalidAaidFormat errors.credentialFidoUaf.emptyAppId \
    errors.credentialFidoUaf.notUnique errors.msspIdentifierMissing errors.invalidTimeInterval \
    errors.unitInvalidValidityPeriodParent errors.unitInvalidValidFromParameterParent \
    errors.unitInvalidValidUntilParameterParent errors.unitInvalidValidityPeriodChild \
    errors.unitInvalidValidFromParameterChild errors.unitInvalidValidUntilParameterChild \
    errors.noClientFound errors.inconsistentClientAssignment errors.noDefaultUnitInClient \
    errors.samlAttributeFormat errors.insufficientRightsFunction errors.maxResetCount \
    errors.insufficientFineGrainedRights errors.potentialPrivilegeEscalation \
    errors.applDataroomDenied errors.unitDataroomDenied errors.eRoleDataroomDenied \
    errors.combinedDataroomDenied errors.clientDataroomDenied errors.referenceDataChangeDenied \
    errors.attrAccessForbidden errors.filesystemIO errors.reporting.tooManyRequests \
    errors.modifyArchivedUser errors.modifyArchivedCredential errors.archiveCredentialDenied \
    errors.modifyArchivedProfile errors.assignDisabledUnit errors.assignProfilelessUnit \
    errors.profilelessFlagCannotBeSet errors.modifyExtId errors.docTypeNotModifiable \
    errors.addIdmToApplDataroom errors.applicationLimitsDataroomUnitsMaxExceeded \
    errors.assignSubunitAsParent errors.history.norecord errors.loginIdGeneratorFailed \
    errors.fileupload.vasco errors.techUser.oneProfile errors.urlTicket.invalidFormat \
    errors.passwordChangeDeadlineExceeded errors.pcyconf.invalidParamValue \
    errors.pcyconf.missingParam errors.pcyconf.missingProfilePolicy \
    errors.pcyconf.multipleClientPolicy errors.pcyconf.invalidParamName \
    errors.userImport.fileupload.invalidTemplate errors.enterpriseRolesDisabled \
    errors.queryServiceDisabled errors.serviceDisabled errors.invalidUri \
    errors.unsupportedMediaType errors.jsonProcessingError errors.unsupportedOperation \
    errors.unsupportedCredentialTypeToCreate errors.unsupportedCredentialTypeToDelete \
    errors.credentialTypeWithoutProperties errors.invalidAssignIdmroleToErole \
    errors.invalidJWTToken errors.modifyProtectedFieldInvalidJWTToken \
    errors.optimisticLockingFailure errors.deleteDefaultUnitCredPolicyFailure \
    errors.otherGenderPolicyDisabled error.login.userState error.job.execution.failure \
    errors.invalidSyntax errors.mandatoryParameterMissing errors.fieldIsNotIndexed \
    errors.fieldIsNotDirectlyIndexed errors.entityManagerNotOpen errors.unsuccessfulQuery \
    errors.queryHasTimedOut errors.emailPolicyViolated errors.policyInconsistency";
fn rules(codes: &[Code]) -> ApiError {
    ApiError::Rules(codes.iter().map(|code| (*code, "a message".to_owned())).collect())
}

fn too_long() -> PolicyViolation {
    PolicyViolation { limit: Limit::Length(129), supplied: "a".repeat(130) }
}

/// Returns the errors whose message the contract fixes: the error, its status, its code, its message.
fn fixed_texts() -> Vec<(ApiError, u16, &'static str, String)> {
    let of_policy = |end: &str| {
        "ch.nevis.idm.policy.PolicyViolation: Policy failed:\n\
         ch.nevis.idm.policy.element.PolicyElementViolation<element=Regex policy violation "
            .to_owned()
            + end
    };
    let rows: Vec<(ApiError, u16, &'static str, &str)> = vec![
        (
            ApiError::MissingRight(Right::ClientCreate),
            403,
            "errors.insufficientRightsFunction",
            "Permission denied: Caller does not have the required right 'AccessControl.ClientCreate' to perform this action",
        ),
        (
            ApiError::DataRoomDenied(Right::ClientCreate),
            403,
            "errors.combinedDataroomDenied",
            "Permission denied: AccessControl.ClientCreate",
        ),
        (
            ApiError::SingleClientMode,
            403,
            "errors.singleClientModeRestriction",
            "Operation not supported in single-client mode",
        ),
        (
            ApiError::InvalidFields(vec!["name".to_owned()]),
            422,
            "errors.invalidParameter",
            "The following fields are not valid: name",
        ),
        (
            ApiError::InvalidFields(["displayName.XX", "extId", "name"].map(str::to_owned).to_vec()),
            422,
            "errors.invalidParameter",
            "The following fields are not valid: displayName.XX, extId, name",
        ),
        (
            ApiError::InvalidName { kind: "PersonalQuestionState", value: "invalid_state".to_owned() },
            422,
            "errors.invalidParameter",
            "Invalid PersonalQuestionState name 'invalid_state'",
        ),
        (ApiError::ModifyExtId, 422, "errors.modifyExtId", "The extId can not be modified"),
        (
            ApiError::IdempotencyKeyReused,
            422,
            "errors.invalidData",
            "The Idempotency-Key was used for another request",
        ),
        (
            ApiError::OptimisticLocking,
            409,
            "errors.optimisticLockingFailure",
            "The record was modified by another user",
        ),
        (ApiError::InvalidXToken(TokenRefusal::Sub), 422, "errors.invalidJWTToken", "Invalid JWT token."),
    ];
    let naming = [
        (too_long(), of_policy("limit=129, actualValue=130>")),
        (
            PolicyViolation { limit: Limit::Pattern("[a-z]+".to_owned()), supplied: "a b".to_owned() },
            of_policy("limit=[a-z]+, actualValue=a b>"),
        ),
    ];
    let naming = naming.map(|(violation, message)| {
        (ApiError::NamingPolicy(vec![violation]), 422, "errors.identifierPolicyViolated", message)
    });
    let rows =
        rows.into_iter().map(|(error, status, code, message)| (error, status, code, message.to_owned()));
    rows.chain(naming).collect()
}

/// Returns the errors whose message the contract leaves open: the error, its status, its code.
fn free_texts() -> Vec<(ApiError, u16, &'static str)> {
    vec![
        (ApiError::EmptyBody, 400, "errors.nullRequestBody"),
        (ApiError::MalformedJson, 400, "errors.jsonProcessingError"),
        (ApiError::InvalidBearerToken(TokenRefusal::Signature), 401, "errors.invalidJWTToken"),
        (ApiError::InvalidBearerToken(TokenRefusal::Keys), 503, "errors.fatalError"),
        (ApiError::InvalidXToken(TokenRefusal::Keys), 503, "errors.fatalError"),
        (rules(&[Code::AttrAccessForbidden]), 403, "errors.attrAccessForbidden"),
        (ApiError::NoRoute, 404, "errors.invalidUri"),
        (ApiError::NotFound("a message".to_owned()), 404, "errors.noRecord"),
        (ApiError::MethodNotAllowed { allowed: "GET, POST".to_owned() }, 405, "errors.unsupportedOperation"),
        (ApiError::TooLarge, 413, "errors.invalidData"),
        (ApiError::UnsupportedMediaType, 415, "errors.unsupportedMediaType"),
        (ApiError::UnsupportedEncoding, 415, "errors.unsupportedMediaType"),
        (ApiError::InvalidData("At most 40 at once.".to_owned()), 422, "errors.invalidData"),
        (ApiError::Duplicate("a message".to_owned()), 422, "errors.duplicateValue"),
        (rules(&[Code::AssignDisabledUnit]), 422, "errors.assignDisabledUnit"),
        (rules(&[Code::AssignProfilelessUnit]), 422, "errors.assignProfilelessUnit"),
        (rules(&[Code::DeleteDefaultEntityFailure]), 422, "errors.deleteDefaultEntityFailure"),
        (rules(&[Code::ModifyArchivedProfile]), 422, "errors.modifyArchivedProfile"),
        (rules(&[Code::TechUserOneProfile]), 422, "errors.techUser.oneProfile"),
        (rules(&[Code::UndeletedDependencies]), 422, "errors.undeletedDependencies"),
        (rules(&[Code::DuplicateEmail]), 422, "errors.duplicateEmail"),
        (rules(&[Code::DuplicateMobile]), 422, "errors.duplicateMobile"),
        (rules(&[Code::UserCountryNull]), 422, "errors.userCountryNull"),
        (rules(&[Code::UserEmailNull]), 422, "errors.userEmailNull"),
        (rules(&[Code::UserFirstNameNull]), 422, "errors.userFirstNameNull"),
        (rules(&[Code::UserMobileNull]), 422, "errors.userMobileNull"),
        (rules(&[Code::UserNameNull]), 422, "errors.userNameNull"),
        (rules(&[Code::UserSexNull]), 422, "errors.userSexNull"),
        (rules(&[Code::CredentialFidoUafEmptyAppId]), 422, "errors.credentialFidoUaf.emptyAppId"),
        (
            rules(&[Code::CredentialFidoUafInvalidAaidFormat]),
            422,
            "errors.credentialFidoUaf.invalidAaidFormat",
        ),
        (
            rules(&[Code::CredentialFidoUafInvalidAuthVersionFormat]),
            422,
            "errors.credentialFidoUaf.invalidAuthVersionFormat",
        ),
        (
            rules(&[Code::CredentialFidoUafInvalidKeyIdFormat]),
            422,
            "errors.credentialFidoUaf.invalidKeyIdFormat",
        ),
        (
            rules(&[Code::CredentialFidoUafInvalidPublicKeyAlgorithm]),
            422,
            "errors.credentialFidoUaf.invalidPublicKeyAlgorithm",
        ),
        (rules(&[Code::CredentialFidoUafNotUnique]), 422, "errors.credentialFidoUaf.notUnique"),
        (rules(&[Code::MobileSignatureExists]), 422, "errors.mobileSignatureExists"),
        (rules(&[Code::MsisdnFormat]), 422, "errors.msisdnFormat"),
        (rules(&[Code::ModifyArchivedUser]), 422, "errors.modifyArchivedUser"),
        (rules(&[Code::ModifyReadonlyData]), 422, "errors.modifyReadonlyData"),
        (rules(&[Code::PropertyStringMaxLen]), 422, "errors.property.stringmaxlen"),
        (rules(&[Code::PropertyStringRegex]), 422, "errors.property.stringregex"),
        (rules(&[Code::PropertyUniquenessViolated]), 422, "errors.propertyUniquenessViolated"),
        (ApiError::Internal, 500, "errors.fatalError"),
        (ApiError::Unavailable, 503, "errors.fatalError"),
        (ApiError::Unhealthy(json!({})), 503, "errors.fatalError"),
    ]
}

/// Returns an error of every kind, with its status and its code.
fn all() -> Vec<(ApiError, u16, &'static str)> {
    let fixed = fixed_texts().into_iter().map(|(error, status, code, _)| (error, status, code));
    fixed.chain(free_texts()).collect()
}

/// Returns the number of error kinds.
///
/// A new kind does not compile until it is counted here. It is then missing in the rows above until it
/// is added.
fn number_of_kinds(error: &ApiError) -> usize {
    match error {
        ApiError::NoRoute
        | ApiError::MethodNotAllowed { .. }
        | ApiError::TooLarge
        | ApiError::InvalidBearerToken(_)
        | ApiError::InvalidXToken(_)
        | ApiError::MissingRight(_)
        | ApiError::DataRoomDenied(_)
        | ApiError::SingleClientMode
        | ApiError::UnsupportedMediaType
        | ApiError::UnsupportedEncoding
        | ApiError::EmptyBody
        | ApiError::MalformedJson
        | ApiError::InvalidFields(_)
        | ApiError::InvalidName { .. }
        | ApiError::ModifyExtId
        | ApiError::NamingPolicy(_)
        | ApiError::InvalidData(_)
        | ApiError::IdempotencyKeyReused
        | ApiError::NotFound(_)
        | ApiError::Duplicate(_)
        | ApiError::Rules(_)
        | ApiError::OptimisticLocking
        | ApiError::Unavailable
        | ApiError::Unhealthy(_)
        | ApiError::Internal => 25,
    }
}

fn names(value: &Value) -> BTreeSet<&str> {
    value.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn all_codes_are_in_the_closed_list() {
    let list: BTreeSet<&str> = CLOSED_LIST.split_whitespace().collect();
    assert_eq!(list.len(), 163, "the list of the pages and errors.singleClientModeRestriction");
    for code in Code::ALL {
        assert!(list.contains(code.as_str()), "{}", code.as_str());
    }
    let codes: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(codes.len(), Code::ALL.len(), "no two codes share a text");
}

#[test]
fn every_error_kind_and_every_code_has_a_row() {
    let rows = all();
    let kinds: Vec<_> = rows.iter().map(|(error, ..)| discriminant(error)).collect();
    let different = kinds.iter().enumerate().filter(|(at, kind)| !kinds[..*at].contains(kind)).count();
    assert_eq!(different, number_of_kinds(&ApiError::Internal));
    let rows: BTreeSet<&str> = rows.iter().map(|(.., code)| *code).collect();
    assert_eq!(rows, Code::ALL.iter().map(|code| code.as_str()).collect());
}

#[test]
fn every_error_has_its_status_and_code() {
    for (error, status, code) in all() {
        assert_eq!(error.status().as_u16(), status, "{error:?}");
        let codes: Vec<&str> = error.entries().iter().map(|(code, _)| code.as_str()).collect();
        assert_eq!(codes, [code], "{error:?}");
    }
}

#[test]
fn messages_are_exact() {
    for (error, _, code, message) in fixed_texts() {
        assert_eq!(error.body()["errors"], json!([{"code": code, "message": message}]), "{error:?}");
    }
}

#[test]
fn error_bodies_contain_only_errors_policy_violations_or_checks() {
    for (error, ..) in all() {
        let body = error.body();
        let expected: &[&str] = match error {
            ApiError::NamingPolicy(_) => &["errors", "policyViolations"],
            ApiError::Unhealthy(_) => &["checks", "status"],
            _ => &["errors"],
        };
        assert_eq!(names(&body), expected.iter().copied().collect(), "{error:?}");
        for entry in body["errors"].as_array().into_iter().flatten() {
            assert_eq!(names(entry), BTreeSet::from(["code", "message"]), "{error:?}");
            assert!(entry["message"].as_str().is_some_and(|message| !message.is_empty()), "{error:?}");
        }
        for violation in body["policyViolations"].as_array().into_iter().flatten() {
            let members = ["displayName", "configString", "suppliedValue", "limitValue", "actualValue"];
            assert_eq!(names(violation), BTreeSet::from(members), "{error:?}");
        }
    }
}

#[test]
fn every_policy_violation_has_its_own_error() {
    let pattern =
        PolicyViolation { limit: Limit::Pattern(DEFAULT_PATTERN.to_owned()), supplied: "ä".to_owned() };
    let body = ApiError::NamingPolicy(vec![too_long(), pattern.clone()]).body();
    assert_eq!(body["policyViolations"], json!([too_long().to_json(), pattern.to_json()]));
    let messages = [too_long().message(), pattern.message()];
    let errors =
        messages.map(|message| json!({"code": "errors.identifierPolicyViolated", "message": message}));
    assert_eq!(body["errors"], json!(errors));
}

#[test]
fn violated_rules_are_reported_in_order() {
    let codes = [Code::AttrAccessForbidden, Code::PropertyStringMaxLen, Code::InvalidData];
    let error = rules(&codes);
    assert_eq!(error.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(error.entries().into_iter().map(|(code, _)| code).collect::<Vec<_>>(), codes);
    let forbidden = rules(&[Code::AttrAccessForbidden, Code::AttrAccessForbidden]);
    assert_eq!(forbidden.status(), StatusCode::FORBIDDEN);
}

#[test]
fn error_responses_have_the_headers_of_their_status_and_are_not_cached() {
    for (error, status, _) in all() {
        let expected = match status {
            401 => Some(("www-authenticate", r#"Bearer error="invalid_token""#)),
            405 => Some(("allow", "GET, POST")),
            503 => Some(("retry-after", "1")),
            _ => None,
        };
        let expected: BTreeSet<(&str, &str)> =
            [("cache-control", "no-store"), ("content-type", "application/json")]
                .into_iter()
                .chain(expected)
                .collect();
        let response = Response::from(&error);
        let headers = response.headers.iter().map(|(name, value)| (*name, value.as_str()));
        assert_eq!(headers.collect::<BTreeSet<_>>(), expected, "{error:?}");
        assert_eq!(response.headers.len(), expected.len(), "{error:?}");
        assert_eq!((response.status.as_u16(), response.body), (status, Some(error.body())));
    }
}

#[test]
fn invalid_tokens_always_receive_the_same_response() {
    let unavailable = Response::from(&ApiError::Unavailable);
    for refusal in TokenRefusal::all() {
        let of_bearer = Response::from(&ApiError::InvalidBearerToken(refusal));
        let of_x_token = Response::from(&ApiError::InvalidXToken(refusal));
        if refusal == TokenRefusal::Keys {
            assert_eq!([&of_bearer, &of_x_token], [&unavailable; 2]);
            continue;
        }
        let bodies = [&of_bearer, &of_x_token].map(|it| it.body.as_ref().map(ToString::to_string));
        let expected = r#"{"errors":[{"code":"errors.invalidJWTToken","message":"Invalid JWT token."}]}"#;
        assert_eq!(bodies, [Some(expected.to_owned()), Some(expected.to_owned())], "{refusal}");
        assert_eq!([of_bearer.status.as_u16(), of_x_token.status.as_u16()], [401, 422], "{refusal}");
    }
}

/// RFC 6750, section 3.1: a caller that sent no token receives no error code.
#[test]
fn the_challenge_names_an_error_only_if_a_token_came() {
    for refusal in TokenRefusal::all().filter(|refusal| *refusal != TokenRefusal::Keys) {
        let came = !matches!(refusal, TokenRefusal::Missing | TokenRefusal::Scheme);
        let challenge = if came { r#"Bearer error="invalid_token""# } else { "Bearer" };
        let header = ApiError::InvalidBearerToken(refusal).header();
        assert_eq!(header, Some(("www-authenticate", challenge.to_owned())), "{refusal}");
        assert_eq!(ApiError::InvalidXToken(refusal).header(), None, "{refusal}");
    }
}

#[test]
fn only_refused_tokens_have_a_reason_in_the_log() {
    for (error, ..) in all() {
        let reasons = (error.token_refusal(), error.x_token_refusal());
        let expected = match error {
            ApiError::InvalidBearerToken(refusal) => (Some(refusal), None),
            ApiError::InvalidXToken(refusal) => (None, Some(refusal)),
            _ => (None, None),
        };
        assert_eq!(reasons, expected, "{error:?}");
    }
}

#[test]
fn reasons_are_different_words() {
    let words: Vec<String> = TokenRefusal::all().map(|refusal| refusal.to_string()).collect();
    assert_eq!(words.iter().collect::<BTreeSet<_>>().len(), words.len());
    for word in words {
        let is_word = |byte: u8| byte.is_ascii_alphabetic() || b":_".contains(&byte);
        assert!(word.bytes().all(is_word), "{word}");
    }
}
