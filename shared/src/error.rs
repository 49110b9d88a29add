//! Every failure that a caller can see: its code, its status, its text. What happened inside
//! goes into the log, never into an answer.

use lambda_http::http::StatusCode;
use serde_json::{Value, json};

use crate::policy::PolicyViolation;
use crate::rights::Right;
use crate::table::TableError;

/// Declares the codes once: the variant, the text.
macro_rules! codes {
    ($($variant:ident = $text:literal),+ $(,)?) => {
        /// The codes that this service answers with, a part of the API's closed list.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each is documented by its text")]
        pub enum Code { $($variant),+ }

        impl Code {
            /// All of them.
            pub const ALL: &'static [Code] = &[$(Code::$variant),+];

            /// The code as it stands in an answer.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $text),+ }
            }
        }
    };
}

codes! {
    AttrAccessForbidden = "errors.attrAccessForbidden",
    CombinedDataroomDenied = "errors.combinedDataroomDenied",
    DuplicateValue = "errors.duplicateValue",
    FatalError = "errors.fatalError",
    IdentifierPolicyViolated = "errors.identifierPolicyViolated",
    InsufficientRightsFunction = "errors.insufficientRightsFunction",
    InvalidData = "errors.invalidData",
    InvalidJwtToken = "errors.invalidJWTToken",
    InvalidParameter = "errors.invalidParameter",
    InvalidUri = "errors.invalidUri",
    JsonProcessingError = "errors.jsonProcessingError",
    ModifyReadonlyData = "errors.modifyReadonlyData",
    NoRecord = "errors.noRecord",
    NullRequestBody = "errors.nullRequestBody",
    OptimisticLockingFailure = "errors.optimisticLockingFailure",
    PropertyStringMaxLen = "errors.property.stringmaxlen",
    PropertyStringRegex = "errors.property.stringregex",
    PropertyUniquenessViolated = "errors.propertyUniquenessViolated",
    SingleClientModeRestriction = "errors.singleClientModeRestriction",
    UnsupportedMediaType = "errors.unsupportedMediaType",
    UnsupportedOperation = "errors.unsupportedOperation",
}

/// A request that was refused or failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiError {
    /// No operation has this path.
    NoRoute,
    /// The path has operations, but not of this method.
    MethodNotAllowed {
        /// The methods that it has, as in the header `Allow`.
        allowed: String,
    },
    /// The headers or the body are larger than the service reads.
    TooLarge,
    /// No Bearer token, or none that holds.
    InvalidBearerToken,
    /// No X-Token where one is needed, or none that holds.
    InvalidXToken,
    /// None of the caller's roles has the right.
    MissingRight(Right),
    /// The caller has the right, but not over this object.
    DataRoomDenied(Right),
    /// The deployment has one client only.
    SingleClientMode,
    /// The body is not declared as JSON.
    UnsupportedMediaType,
    /// There is no body.
    EmptyBody,
    /// The body is no JSON object or names a member twice.
    MalformedJson,
    /// Fields of the body that are missing, of a wrong type, too long or unknown, by name.
    InvalidFields(Vec<String>),
    /// A text that is not the name of a state or another enumerated value.
    InvalidName {
        /// The type of the value, such as `PersonalQuestionState`.
        kind: &'static str,
        /// The text.
        value: String,
    },
    /// Names or external identifiers that break the naming policy.
    NamingPolicy(Vec<PolicyViolation>),
    /// The body demands more than one request may change; the text says what.
    InvalidData(String),
    /// The `Idempotency-Key` was used for another request.
    IdempotencyKeyReused,
    /// Something that the request names does not exist. The noun words the message.
    NotFound(String),
    /// Something that must be unique exists already. The noun words the message.
    Duplicate(String),
    /// Rules of a noun that the body breaks, in the order in which they are reported. The noun words the
    /// messages.
    Rules(Vec<(Code, String)>),
    /// The object changed under this request more often than it could be tried again.
    OptimisticLocking,
    /// The table did not answer in time, or its answer was lost; a retry may help.
    Unavailable,
    /// A fault of this service; the reason is in the log.
    Internal,
}

/// How many seconds a caller should wait before a retry.
const RETRY_AFTER_SECONDS: &str = "1";

impl ApiError {
    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::EmptyBody | Self::MalformedJson => StatusCode::BAD_REQUEST,
            Self::InvalidBearerToken => StatusCode::UNAUTHORIZED,
            Self::MissingRight(_) | Self::DataRoomDenied(_) | Self::SingleClientMode => StatusCode::FORBIDDEN,
            Self::NoRoute | Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::OptimisticLocking => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::InvalidXToken
            | Self::InvalidFields(_)
            | Self::InvalidName { .. }
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
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The codes and messages of the answer, in its order.
    #[must_use]
    pub fn entries(&self) -> Vec<(Code, String)> {
        let one = |code, message: &str| vec![(code, message.to_owned())];
        match self {
            Self::NoRoute => one(Code::InvalidUri, "No resource exists at this address"),
            Self::MethodNotAllowed { .. } => one(Code::UnsupportedOperation, "Method not allowed"),
            Self::TooLarge => one(Code::InvalidData, "Request too large"),
            Self::InvalidBearerToken | Self::InvalidXToken => {
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
            Self::Unavailable => one(Code::FatalError, "Service unavailable, try again later"),
            Self::Internal => one(Code::FatalError, "Internal error"),
        }
    }

    /// The body of the answer.
    #[must_use]
    pub fn body(&self) -> Value {
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

    /// The header that this error demands besides those of every answer.
    #[must_use]
    pub fn header(&self) -> Option<(&'static str, String)> {
        if let Self::MethodNotAllowed { allowed } = self {
            return Some(("allow", allowed.clone()));
        }
        let fixed = match self.status() {
            StatusCode::UNAUTHORIZED => ("www-authenticate", "Bearer"),
            StatusCode::SERVICE_UNAVAILABLE => ("retry-after", RETRY_AFTER_SECONDS),
            _ => return None,
        };
        Some((fixed.0, fixed.1.to_owned()))
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
