//! Errors that callers can receive: codes, statuses and messages.
//!
//! Internal details are logged and never part of a response.

mod refusal;

use lambda_http::http::StatusCode;
use serde_json::{Value, json};

pub use self::refusal::{Claim, TokenRefusal};
use crate::policy::PolicyViolation;
use crate::rights::Right;
use crate::table::TableError;

/// Declares the codes once: the variant, the text.
macro_rules! codes {
    ($($variant:ident = $text:literal),+ $(,)?) => {
        /// The error codes of this service, a subset of the API's closed list.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each is documented by its text")]
        pub enum Code { $($variant),+ }

        impl Code {
            /// All codes.
            pub const ALL: &'static [Code] = &[$(Code::$variant),+];

            /// Returns the code as it appears in responses.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $text),+ }
            }
        }
    };
}

codes! {
    AssignDisabledUnit = "errors.assignDisabledUnit",
    AssignProfilelessUnit = "errors.assignProfilelessUnit",
    AttrAccessForbidden = "errors.attrAccessForbidden",
    CombinedDataroomDenied = "errors.combinedDataroomDenied",
    CredentialFidoUafEmptyAppId = "errors.credentialFidoUaf.emptyAppId",
    CredentialFidoUafInvalidAaidFormat = "errors.credentialFidoUaf.invalidAaidFormat",
    CredentialFidoUafInvalidAuthVersionFormat = "errors.credentialFidoUaf.invalidAuthVersionFormat",
    CredentialFidoUafInvalidKeyIdFormat = "errors.credentialFidoUaf.invalidKeyIdFormat",
    CredentialFidoUafInvalidPublicKeyAlgorithm = "errors.credentialFidoUaf.invalidPublicKeyAlgorithm",
    CredentialFidoUafNotUnique = "errors.credentialFidoUaf.notUnique",
    DeleteDefaultEntityFailure = "errors.deleteDefaultEntityFailure",
    DuplicateEmail = "errors.duplicateEmail",
    DuplicateMobile = "errors.duplicateMobile",
    DuplicateValue = "errors.duplicateValue",
    FatalError = "errors.fatalError",
    IdentifierPolicyViolated = "errors.identifierPolicyViolated",
    InsufficientRightsFunction = "errors.insufficientRightsFunction",
    InvalidData = "errors.invalidData",
    InvalidJwtToken = "errors.invalidJWTToken",
    InvalidParameter = "errors.invalidParameter",
    InvalidUri = "errors.invalidUri",
    JsonProcessingError = "errors.jsonProcessingError",
    MobileSignatureExists = "errors.mobileSignatureExists",
    ModifyArchivedProfile = "errors.modifyArchivedProfile",
    ModifyArchivedUser = "errors.modifyArchivedUser",
    ModifyExtId = "errors.modifyExtId",
    ModifyReadonlyData = "errors.modifyReadonlyData",
    MsisdnFormat = "errors.msisdnFormat",
    NoRecord = "errors.noRecord",
    NullRequestBody = "errors.nullRequestBody",
    OptimisticLockingFailure = "errors.optimisticLockingFailure",
    PropertyStringMaxLen = "errors.property.stringmaxlen",
    PropertyStringRegex = "errors.property.stringregex",
    PropertyUniquenessViolated = "errors.propertyUniquenessViolated",
    SingleClientModeRestriction = "errors.singleClientModeRestriction",
    TechUserOneProfile = "errors.techUser.oneProfile",
    UndeletedDependencies = "errors.undeletedDependencies",
    UnsupportedMediaType = "errors.unsupportedMediaType",
    UnsupportedOperation = "errors.unsupportedOperation",
    UserCountryNull = "errors.userCountryNull",
    UserEmailNull = "errors.userEmailNull",
    UserFirstNameNull = "errors.userFirstNameNull",
    UserMobileNull = "errors.userMobileNull",
    UserNameNull = "errors.userNameNull",
    UserSexNull = "errors.userSexNull",
}

/// An error of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiError {
    /// No operation has this path.
    NoRoute,
    /// No operation with this path has this method.
    MethodNotAllowed {
        /// The allowed methods, as in the `Allow` header.
        allowed: String,
    },
    /// The headers or the body exceed the size limit.
    TooLarge,
    /// The Bearer token is missing or invalid, or no key set is available to verify it.
    InvalidBearerToken(TokenRefusal),
    /// The required X-Token is missing or invalid, or no key set is available to verify it.
    InvalidXToken(TokenRefusal),
    /// None of the caller's roles has the right.
    MissingRight(Right),
    /// The caller has the right, but not over this object.
    DataRoomDenied(Right),
    /// The deployment is in single-client mode.
    SingleClientMode,
    /// The media type of the body is not JSON.
    UnsupportedMediaType,
    /// The body has a content coding, such as `gzip`.
    UnsupportedEncoding,
    /// The body is empty.
    EmptyBody,
    /// The body is not a JSON object, or has duplicate member names.
    MalformedJson,
    /// Fields that are missing, of a wrong type, too long or unknown, by name.
    InvalidFields(Vec<String>),
    /// A text that is not a name of an enumerated value, such as a state.
    InvalidName {
        /// The type of the value, such as `PersonalQuestionState`.
        kind: &'static str,
        /// The text.
        value: String,
    },
    /// A change names another external identifier than that of the object.
    ModifyExtId,
    /// Names or external identifiers that break the naming policy.
    NamingPolicy(Vec<PolicyViolation>),
    /// The body requests more changes than one request may make. The text is the message.
    InvalidData(String),
    /// The `Idempotency-Key` was used for another request.
    IdempotencyKeyReused,
    /// An object that the request refers to does not exist. The noun provides the message.
    NotFound(String),
    /// An object with this unique value exists already. The noun provides the message.
    Duplicate(String),
    /// Rules of a noun that the body violates, in the order in which they are reported. The noun
    /// provides the messages.
    Rules(Vec<(Code, String)>),
    /// The object was modified concurrently during every attempt of this request.
    OptimisticLocking,
    /// The table did not respond in time, or its response was lost. The request may be retried.
    Unavailable,
    /// The health check found a part of the service that does not work. The value is the `checks` of the
    /// response.
    Unhealthy(Value),
    /// An internal error. The reason is logged.
    Internal,
}

/// The number of seconds after which a caller should retry.
const RETRY_AFTER_SECONDS: &str = "1";

impl ApiError {
    /// Returns the status code of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::EmptyBody | Self::MalformedJson => StatusCode::BAD_REQUEST,
            Self::InvalidBearerToken(TokenRefusal::Keys)
            | Self::InvalidXToken(TokenRefusal::Keys)
            | Self::Unavailable
            | Self::Unhealthy(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::InvalidBearerToken(_) => StatusCode::UNAUTHORIZED,
            Self::MissingRight(_) | Self::DataRoomDenied(_) | Self::SingleClientMode => StatusCode::FORBIDDEN,
            Self::NoRoute | Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::OptimisticLocking => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType | Self::UnsupportedEncoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::InvalidXToken(_)
            | Self::InvalidFields(_)
            | Self::InvalidName { .. }
            | Self::ModifyExtId
            | Self::NamingPolicy(_)
            | Self::InvalidData(_)
            | Self::IdempotencyKeyReused
            | Self::Duplicate(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Rules(broken) => {
                if broken.iter().all(|(code, _)| *code == Code::AttrAccessForbidden) {
                    StatusCode::FORBIDDEN
                } else {
                    StatusCode::UNPROCESSABLE_ENTITY
                }
            }
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Returns the codes and messages of the response, in their order.
    #[must_use]
    pub fn entries(&self) -> Vec<(Code, String)> {
        let one = |code, message: &str| vec![(code, message.to_owned())];
        match self {
            Self::NoRoute => one(Code::InvalidUri, "No resource exists at this address"),
            Self::MethodNotAllowed { .. } => one(Code::UnsupportedOperation, "Method not allowed"),
            Self::TooLarge => one(Code::InvalidData, "Request too large"),
            Self::InvalidBearerToken(TokenRefusal::Keys)
            | Self::InvalidXToken(TokenRefusal::Keys)
            | Self::Unavailable
            | Self::Unhealthy(_) => one(Code::FatalError, "Service unavailable, try again later"),
            Self::InvalidBearerToken(_) | Self::InvalidXToken(_) => {
                one(Code::InvalidJwtToken, "Invalid JWT token.")
            }
            Self::MissingRight(right) => vec![(
                Code::InsufficientRightsFunction,
                format!(
                    "Permission denied: Caller does not have the required right '{right}' to perform this action"
                ),
            )],
            Self::DataRoomDenied(right) => {
                vec![(Code::CombinedDataroomDenied, format!("Permission denied: {right}"))]
            }
            Self::SingleClientMode => {
                one(Code::SingleClientModeRestriction, "Operation not supported in single-client mode")
            }
            Self::UnsupportedMediaType => {
                one(Code::UnsupportedMediaType, "Content-Type must be application/json")
            }
            Self::UnsupportedEncoding => one(Code::UnsupportedMediaType, "Content-Encoding must be identity"),
            Self::EmptyBody => one(Code::NullRequestBody, "The request body must not be empty"),
            Self::MalformedJson => {
                one(Code::JsonProcessingError, "The request body is not a valid JSON object")
            }
            Self::InvalidFields(names) => vec![(
                Code::InvalidParameter,
                format!("The following fields are not valid: {}", names.join(", ")),
            )],
            Self::InvalidName { kind, value } => {
                vec![(Code::InvalidParameter, format!("Invalid {kind} name '{value}'"))]
            }
            Self::ModifyExtId => one(Code::ModifyExtId, "The extId can not be modified"),
            Self::NamingPolicy(violations) => violations
                .iter()
                .map(|violation| (Code::IdentifierPolicyViolated, violation.message()))
                .collect(),
            Self::InvalidData(message) => one(Code::InvalidData, message),
            Self::IdempotencyKeyReused => {
                one(Code::InvalidData, "The Idempotency-Key was used for another request")
            }
            Self::NotFound(message) => one(Code::NoRecord, message),
            Self::Duplicate(message) => one(Code::DuplicateValue, message),
            Self::Rules(broken) => broken.clone(),
            Self::OptimisticLocking => {
                one(Code::OptimisticLockingFailure, "The record was modified by another user")
            }
            Self::Internal => one(Code::FatalError, "Internal error"),
        }
    }

    /// Returns the body of the response.
    #[must_use]
    pub fn body(&self) -> Value {
        if let Self::Unhealthy(checks) = self {
            return json!({"status": "fail", "checks": checks});
        }
        let errors: Vec<Value> = self
            .entries()
            .into_iter()
            .map(|(code, message)| json!({"code": code.as_str(), "message": message}))
            .collect();
        if let Self::NamingPolicy(violations) = self {
            let violations: Vec<Value> = violations.iter().map(PolicyViolation::to_json).collect();
            return json!({"errors": errors, "policyViolations": violations});
        }
        json!({"errors": errors})
    }

    /// Returns the response header that is specific to this error.
    #[must_use]
    pub fn header(&self) -> Option<(&'static str, String)> {
        if let Self::MethodNotAllowed { allowed } = self {
            return Some(("allow", allowed.clone()));
        }
        let fixed = match self.status() {
            StatusCode::UNAUTHORIZED => ("www-authenticate", self.challenge()),
            StatusCode::SERVICE_UNAVAILABLE => ("retry-after", RETRY_AFTER_SECONDS),
            _ => return None,
        };
        Some((fixed.0, fixed.1.to_owned()))
    }

    /// Returns the challenge of a 401 as defined by RFC 6750, which names an error only if a token came.
    fn challenge(&self) -> &'static str {
        match self.token_refusal() {
            Some(refusal) if !refusal.is_absence() => r#"Bearer error="invalid_token""#,
            Some(_) | None => "Bearer",
        }
    }

    /// Returns why the Bearer token was refused, if this is the error.
    #[must_use]
    pub fn token_refusal(&self) -> Option<TokenRefusal> {
        if let Self::InvalidBearerToken(refusal) = self { Some(*refusal) } else { None }
    }

    /// Returns why the X-Token was refused, if this is the error.
    #[must_use]
    pub fn x_token_refusal(&self) -> Option<TokenRefusal> {
        if let Self::InvalidXToken(refusal) = self { Some(*refusal) } else { None }
    }
}

impl From<TableError> for ApiError {
    fn from(error: TableError) -> Self {
        match error {
            TableError::Unavailable => Self::Unavailable,
            TableError::Refused | TableError::Corrupt => Self::Internal,
        }
    }
}

#[cfg(test)]
mod tests;
