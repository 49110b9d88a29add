//! Compares the error messages of the operations with the contract.

use shared::error::ApiError;
use shared::ids::ExtId;

use crate::consents::Consent;
use crate::personal_questions;
use crate::properties::{self, PropertyFailure};
use crate::users::{self, UserPath};
use crate::{clients, deletions, terms};

fn id<Kind>(text: &str) -> ExtId<Kind> {
    ExtId::unchecked(text)
}

fn property(failure: PropertyFailure) -> ApiError {
    PropertyFailure::error(&[failure])
}

#[test]
fn messages_match_the_contract_exactly() {
    let name = || "employee_id".to_owned();
    let value = || "123".to_owned();
    for (error, code, message) in [
        (
            clients::missing(&id("client-123")),
            "errors.noRecord",
            "Client doesn't exist with extId 'client-123'",
        ),
        (clients::duplicate(), "errors.duplicateValue", "Client already exists"),
        (
            UserPath::example().missing("Default"),
            "errors.noRecord",
            "A user with extId 'user-123' doesn't exist on client with name Default",
        ),
        (
            users::duplicate(&id("user-123")),
            "errors.duplicateValue",
            "User already exists with extId 'user-123'",
        ),
        (
            users::duplicate_login_id("jdoe"),
            "errors.duplicateValue",
            "User already exists with loginId 'jdoe'",
        ),
        (users::archived(&id("user-123")), "errors.modifyArchivedUser", "User is archived: user-123"),
        (deletions::missing("d-123"), "errors.noRecord", "Deletion doesn't exist with id 'd-123'"),
        (terms::missing(&id("terms-123")), "errors.noRecord", "Terms doesn't exist with extId 'terms-123'"),
        (
            terms::duplicate(&id("terms-123")),
            "errors.duplicateValue",
            "Terms already exists with extId 'terms-123'",
        ),
        (
            terms::version_used(&id("terms-123"), &id("1")),
            "errors.invalidData",
            "Terms with extId 'terms-123' had the version '1' before",
        ),
        (
            Consent::example().duplicate(&UserPath::example()),
            "errors.duplicateValue",
            "A consent for userExtId: 'user-123', termsExtId: 'terms-123' and termsVersion: '1' already exists.",
        ),
        (
            personal_questions::missing(&id("q-123")),
            "errors.noRecord",
            "PersonalQuestion doesn't exist with extId 'q-123'",
        ),
        (
            personal_questions::duplicate(&id("q-123")),
            "errors.duplicateValue",
            "PersonalQuestion already exists with extId 'q-123'",
        ),
        (properties::missing("100"), "errors.noRecord", "Property doesn't exist with propertyId '100'"),
        (
            properties::duplicate(&id("employee_id")),
            "errors.duplicateValue",
            "Property already exists with name 'employee_id'",
        ),
        (
            property(PropertyFailure::Unknown { name: "additionalProp1".to_owned() }),
            "errors.invalidData",
            "No property exists with the name 'additionalProp1' for the scope.",
        ),
        (property(PropertyFailure::TooLong { name: name() }), "errors.property.stringmaxlen", "employee_id"),
        (
            property(PropertyFailure::PatternMismatch { name: name() }),
            "errors.property.stringregex",
            "employee_id",
        ),
        (
            property(PropertyFailure::NotUnique { name: name(), value: value() }),
            "errors.propertyUniquenessViolated",
            "Property Uniqueness (uScope is 'absolute') constraints violated by value '123' for property 'employee_id'.",
        ),
    ] {
        let entries: Vec<(&str, String)> =
            error.entries().into_iter().map(|(code, message)| (code.as_str(), message)).collect();
        assert_eq!(entries, [(code, message.to_owned())]);
    }
}
