//! The steps of a sequence: valid and invalid requests, and passing time.

use serde_json::Value;

use super::authorisation::Needs;
use crate::support::{Answer, Caller, World};

/// A step.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) operation: Operation,
    /// Caller; `None` for a request without a token.
    pub(super) caller: Option<Caller>,
    /// Whether the request has a valid X-Token.
    pub(super) has_x_token: bool,
    pub(super) key: Option<&'static str>,
    pub(super) body: Body,
}

/// The operations. Identifiers are not encoded.
#[derive(Clone, Debug)]
pub(super) enum Operation {
    CreateClient,
    ListClients,
    GetPermissions,
    CreateTerms,
    ListTerms,
    ListHistory,
    GetTerms {
        terms: String,
    },
    UpdateTerms {
        terms: String,
    },
    GetClient {
        client: String,
    },
    UpdateClient {
        client: String,
    },
    DeleteClient {
        client: String,
    },
    GetDeletion {
        deletion: String,
    },
    CreateQuestion {
        client: String,
    },
    UpdateQuestion {
        client: String,
        question: String,
    },
    GetQuestion {
        client: String,
        question: String,
    },
    ListQuestions {
        client: String,
    },
    CreateUnit {
        client: String,
    },
    GetUnit {
        client: String,
        unit: String,
    },
    UpdateUnit {
        client: String,
        unit: String,
    },
    ListUnits {
        client: String,
    },
    ListUnitChildren {
        client: String,
        unit: String,
    },
    DeleteUnit {
        client: String,
        unit: String,
    },
    CreateProfile {
        client: String,
        user: String,
    },
    ListProfiles {
        client: String,
        user: String,
    },
    GetProfile {
        client: String,
        profile: String,
    },
    UpdateProfile {
        client: String,
        profile: String,
    },
    SetProfileUnit {
        client: String,
        profile: String,
        unit: String,
    },
    DeleteProfile {
        client: String,
        profile: String,
    },
    ListPolicies {
        client: String,
    },
    GetPolicy {
        client: String,
        policy: String,
    },
    CreateUser {
        client: String,
    },
    GetUser {
        client: String,
        user: String,
    },
    ListUsers {
        client: String,
        query: &'static [(&'static str, &'static str)],
    },
    UpdateUser {
        client: String,
        user: String,
    },
    ArchiveUser {
        client: String,
        user: String,
    },
    DeleteUser {
        client: String,
        user: String,
    },
    ListPendingTerms {
        client: String,
        user: String,
    },
    CreateConsent {
        client: String,
        user: String,
    },
    ListConsents {
        client: String,
        user: String,
        withdrawn: bool,
    },
    GetConsent {
        client: String,
        user: String,
        terms: String,
        version: String,
    },
    DeleteConsent {
        client: String,
        user: String,
        terms: String,
        version: String,
    },
    CreateProperty,
    SearchProperties {
        query: &'static [(&'static str, &'static str)],
    },
    ListProperties {
        client: String,
    },
    GetProperty {
        id: String,
    },
    UpdateProperty {
        id: String,
    },
    UpdateProperties {
        client: String,
        user: String,
    },
    CreateSignature {
        client: String,
        user: String,
    },
    GetSignature {
        client: String,
        user: String,
    },
    UpdateSignature {
        client: String,
        user: String,
    },
    DeleteSignature {
        client: String,
        user: String,
    },
    GetSignatureProperties {
        client: String,
        user: String,
    },
    GetUserProperties {
        client: String,
        user: String,
    },
    UpdateUserProperties {
        client: String,
        user: String,
    },
    CreateTarget {
        client: String,
        user: String,
    },
    ListTargets {
        client: String,
        user: String,
    },
    UpdateTarget {
        client: String,
        user: String,
        target: String,
    },
    CreateAttestation {
        client: String,
        user: String,
        target: String,
    },
    GetAttestation {
        client: String,
        user: String,
        target: String,
    },
    UpdateAttestation {
        client: String,
        user: String,
        target: String,
    },
    DeleteAttestation {
        client: String,
        user: String,
        target: String,
    },
    DeleteTarget {
        client: String,
        user: String,
        target: String,
    },
    GetTarget {
        client: String,
        user: String,
        target: String,
    },
    CreateAuthenticator {
        client: String,
        user: String,
    },
    ListAuthenticators {
        client: String,
        user: String,
    },
    ListClientAuthenticators {
        client: String,
    },
    GetAuthenticator {
        client: String,
        user: String,
        authenticator: String,
    },
    UpdateAuthenticator {
        client: String,
        user: String,
        authenticator: String,
    },
    DeleteAuthenticator {
        client: String,
        user: String,
        authenticator: String,
    },
    ListCredentials {
        client: String,
        user: String,
    },
    GetHealth,
    /// Waits half a day and a second.
    Wait,
}

/// A body.
#[derive(Clone, Debug)]
pub(super) enum Body {
    None,
    /// Not declared as JSON.
    Untyped(Value),
    /// Not JSON.
    Broken,
    Json(Value),
}

impl Operation {
    pub(super) fn id(&self) -> &'static str {
        match self {
            Self::CreateClient => "create-client",
            Self::ListClients => "list-clients",
            Self::GetPermissions => "get-permissions",
            Self::CreateTerms => "create-terms",
            Self::ListTerms => "list-terms",
            Self::ListHistory => "list-history",
            Self::GetTerms { .. } => "get-terms",
            Self::UpdateTerms { .. } => "update-terms",
            Self::GetClient { .. } => "get-client",
            Self::UpdateClient { .. } => "update-client",
            Self::DeleteClient { .. } => "delete-client",
            Self::GetDeletion { .. } => "get-deletion",
            Self::CreateQuestion { .. } => "create-personal-question",
            Self::UpdateQuestion { .. } => "update-personal-question",
            Self::GetQuestion { .. } => "get-personal-question",
            Self::ListQuestions { .. } => "list-personal-questions",
            Self::CreateUnit { .. } => "create-unit",
            Self::GetUnit { .. } => "get-unit",
            Self::UpdateUnit { .. } => "update-unit",
            Self::ListUnits { .. } => "list-units",
            Self::ListUnitChildren { .. } => "list-unit-children",
            Self::DeleteUnit { .. } => "delete-unit",
            Self::CreateProfile { .. } => "create-profile",
            Self::ListProfiles { .. } => "list-profiles",
            Self::GetProfile { .. } => "get-profile",
            Self::UpdateProfile { .. } => "update-profile",
            Self::SetProfileUnit { .. } => "set-profile-unit",
            Self::DeleteProfile { .. } => "delete-profile",
            Self::ListPolicies { .. } => "list-policies",
            Self::GetPolicy { .. } => "get-policy",
            Self::CreateUser { .. } => "create-user",
            Self::GetUser { .. } => "get-user",
            Self::ListUsers { .. } => "list-users",
            Self::UpdateUser { .. } => "update-user",
            Self::ArchiveUser { .. } => "archive-user",
            Self::DeleteUser { .. } => "delete-user",
            Self::ListPendingTerms { .. } => "list-pending-terms",
            Self::CreateConsent { .. } => "create-consent",
            Self::ListConsents { .. } => "list-consents",
            Self::GetConsent { .. } => "get-consent",
            Self::DeleteConsent { .. } => "delete-consent",
            Self::CreateProperty => "create-property",
            Self::SearchProperties { .. } => "search-properties",
            Self::ListProperties { .. } => "list-client-properties",
            Self::GetProperty { .. } => "get-property",
            Self::UpdateProperty { .. } => "update-property",
            Self::UpdateProperties { .. } => "update-mobile-signature-properties",
            Self::CreateSignature { .. } => "create-mobile-signature",
            Self::GetSignature { .. } => "get-mobile-signature",
            Self::UpdateSignature { .. } => "update-mobile-signature",
            Self::DeleteSignature { .. } => "delete-mobile-signature",
            Self::GetSignatureProperties { .. } => "get-mobile-signature-properties",
            Self::GetUserProperties { .. } => "get-user-properties",
            Self::UpdateUserProperties { .. } => "update-user-properties",
            Self::CreateTarget { .. } => "create-dispatch-target",
            Self::ListTargets { .. } => "list-dispatch-targets",
            Self::UpdateTarget { .. } => "update-dispatch-target",
            Self::CreateAttestation { .. } => "create-app-attestation",
            Self::GetAttestation { .. } => "get-app-attestation",
            Self::UpdateAttestation { .. } => "update-app-attestation",
            Self::DeleteAttestation { .. } => "delete-app-attestation",
            Self::DeleteTarget { .. } => "delete-dispatch-target",
            Self::GetTarget { .. } => "get-dispatch-target",
            Self::CreateAuthenticator { .. } => "create-fido-authenticator",
            Self::ListAuthenticators { .. } => "list-fido-authenticators",
            Self::ListClientAuthenticators { .. } => "list-client-fido-authenticators",
            Self::GetAuthenticator { .. } => "get-fido-authenticator",
            Self::UpdateAuthenticator { .. } => "update-fido-authenticator",
            Self::DeleteAuthenticator { .. } => "delete-fido-authenticator",
            Self::ListCredentials { .. } => "list-user-credentials",
            Self::GetHealth | Self::Wait => "get-health",
        }
    }

    pub(super) fn method(&self) -> &'static str {
        match self {
            Self::CreateClient
            | Self::CreateProperty
            | Self::CreateTerms
            | Self::CreateQuestion { .. }
            | Self::CreateUnit { .. }
            | Self::CreateUser { .. }
            | Self::ArchiveUser { .. }
            | Self::CreateProfile { .. }
            | Self::CreateSignature { .. }
            | Self::CreateTarget { .. }
            | Self::CreateAttestation { .. }
            | Self::CreateAuthenticator { .. }
            | Self::CreateConsent { .. } => "POST",
            Self::UpdateTerms { .. }
            | Self::UpdateClient { .. }
            | Self::UpdateQuestion { .. }
            | Self::UpdateUnit { .. }
            | Self::UpdateUser { .. }
            | Self::UpdateProfile { .. }
            | Self::UpdateProperties { .. }
            | Self::UpdateProperty { .. }
            | Self::UpdateSignature { .. }
            | Self::UpdateTarget { .. }
            | Self::UpdateAttestation { .. }
            | Self::UpdateAuthenticator { .. }
            | Self::UpdateUserProperties { .. } => "PATCH",
            Self::SetProfileUnit { .. } => "PUT",
            Self::DeleteClient { .. }
            | Self::DeleteUser { .. }
            | Self::DeleteUnit { .. }
            | Self::DeleteProfile { .. }
            | Self::DeleteSignature { .. }
            | Self::DeleteAttestation { .. }
            | Self::DeleteConsent { .. }
            | Self::DeleteAuthenticator { .. }
            | Self::DeleteTarget { .. } => "DELETE",
            _ => "GET",
        }
    }

    /// Returns true if rights over any client suffice.
    pub(super) fn is_over_any_client(&self) -> bool {
        matches!(
            self,
            Self::ListClients
                | Self::GetPermissions
                | Self::GetDeletion { .. }
                | Self::CreateProperty
                | Self::SearchProperties { .. }
                | Self::GetProperty { .. }
                | Self::UpdateProperty { .. }
                | Self::ListTerms
                | Self::ListHistory
                | Self::GetTerms { .. }
        )
    }

    /// Returns true if the operation deletes in several steps.
    pub(super) fn is_deletion(&self) -> bool {
        matches!(self, Self::ArchiveUser { .. } | Self::DeleteUser { .. } | Self::DeleteClient { .. })
    }

    pub(super) fn is_change(&self) -> bool {
        self.method() != "GET"
    }

    pub(super) fn path(&self) -> String {
        match self {
            Self::CreateClient | Self::ListClients => "/clients".to_owned(),
            Self::CreateTerms | Self::ListTerms => "/terms".to_owned(),
            Self::ListHistory => "/history/terms".to_owned(),
            Self::GetTerms { terms } | Self::UpdateTerms { terms } => format!("/terms/{terms}"),
            Self::GetPermissions => "/nevisidm/api/principal/v1/permissions".to_owned(),
            Self::GetClient { client } | Self::UpdateClient { client } | Self::DeleteClient { client } => {
                format!("/clients/{client}")
            }
            Self::GetDeletion { deletion } => format!("/deletions/{deletion}"),
            Self::CreateQuestion { client } | Self::ListQuestions { client } => {
                format!("/{client}/personal-questions")
            }
            Self::GetQuestion { client, question } | Self::UpdateQuestion { client, question } => {
                format!("/{client}/personal-questions/{question}")
            }
            Self::CreateUnit { client } => format!("/{client}/units"),
            Self::GetUnit { client, unit }
            | Self::UpdateUnit { client, unit }
            | Self::DeleteUnit { client, unit } => {
                format!("/{client}/units/{unit}")
            }
            Self::ListUnits { client } => format!("/clients/{client}/units"),
            Self::ListUnitChildren { client, unit } => format!("/{client}/units/{unit}/children"),
            Self::CreateProfile { client, user } | Self::ListProfiles { client, user } => {
                format!("/{client}/users/{user}/profiles")
            }
            Self::GetProfile { client, profile }
            | Self::UpdateProfile { client, profile }
            | Self::DeleteProfile { client, profile } => format!("/{client}/profiles/{profile}"),
            Self::SetProfileUnit { client, profile, unit } => {
                format!("/{client}/profiles/{profile}/unit/{unit}")
            }
            Self::ListPolicies { client } => format!("/clients/{client}/policies"),
            Self::GetPolicy { client, policy } => format!("/{client}/policies/{policy}"),
            Self::CreateUser { client } => format!("/{client}/users"),
            Self::ListUsers { client, query } => {
                format!("/clients/{client}/users?{}", query_string(query))
            }
            Self::GetUser { client, user }
            | Self::UpdateUser { client, user }
            | Self::DeleteUser { client, user } => format!("/{client}/users/{user}"),
            Self::ArchiveUser { client, user } => format!("/{client}/users/{user}/archive"),
            Self::CreateConsent { client, user } => format!("/{client}/users/{user}/consents"),
            Self::ListConsents { client, user, withdrawn } => {
                format!("/{client}/users/{user}/consents?withdrawn={withdrawn}")
            }
            Self::ListPendingTerms { client, user } => format!("/{client}/users/{user}/terms-pending"),
            Self::GetConsent { client, user, terms, version }
            | Self::DeleteConsent { client, user, terms, version } => {
                format!("/{client}/users/{user}/consents/{terms}/{version}")
            }
            Self::CreateProperty => "/properties".to_owned(),
            Self::SearchProperties { query } => {
                format!("/properties?{}", query_string(query))
            }
            Self::ListProperties { client } => format!("/clients/{client}/properties"),
            Self::GetProperty { id } | Self::UpdateProperty { id } => format!("/properties/{id}"),
            Self::CreateSignature { client, user }
            | Self::GetSignature { client, user }
            | Self::UpdateSignature { client, user }
            | Self::DeleteSignature { client, user } => format!("/{client}/users/{user}/mobile-signature"),
            Self::UpdateProperties { client, user } | Self::GetSignatureProperties { client, user } => {
                format!("/{client}/users/{user}/mobile-signature/properties")
            }
            Self::GetUserProperties { client, user } | Self::UpdateUserProperties { client, user } => {
                format!("/{client}/users/{user}/properties")
            }
            Self::CreateTarget { client, user } | Self::ListTargets { client, user } => {
                format!("/{client}/users/{user}/dispatch-targets")
            }
            Self::CreateAttestation { client, user, target }
            | Self::GetAttestation { client, user, target }
            | Self::UpdateAttestation { client, user, target }
            | Self::DeleteAttestation { client, user, target } => {
                format!("/{client}/users/{user}/dispatch-targets/{target}/app-attestation")
            }
            Self::UpdateTarget { client, user, target }
            | Self::DeleteTarget { client, user, target }
            | Self::GetTarget { client, user, target } => {
                format!("/{client}/users/{user}/dispatch-targets/{target}")
            }
            Self::CreateAuthenticator { client, user } | Self::ListAuthenticators { client, user } => {
                format!("/{client}/users/{user}/fido-authenticators")
            }
            Self::ListClientAuthenticators { client } => format!("/clients/{client}/fido-uaf"),
            Self::ListCredentials { client, user } => format!("/{client}/users/{user}/credentials"),
            Self::GetAuthenticator { client, user, authenticator }
            | Self::UpdateAuthenticator { client, user, authenticator }
            | Self::DeleteAuthenticator { client, user, authenticator } => {
                format!("/{client}/users/{user}/fido-authenticators/{authenticator}")
            }
            Self::GetHealth | Self::Wait => "/health".to_owned(),
        }
    }

    pub(super) fn client(&self) -> Option<&String> {
        match self {
            Self::CreateClient
            | Self::ListClients
            | Self::GetPermissions
            | Self::CreateProperty
            | Self::SearchProperties { .. }
            | Self::GetProperty { .. }
            | Self::UpdateProperty { .. }
            | Self::CreateTerms
            | Self::ListTerms
            | Self::ListHistory
            | Self::GetTerms { .. }
            | Self::UpdateTerms { .. }
            | Self::GetDeletion { .. }
            | Self::GetHealth
            | Self::Wait => None,
            Self::GetClient { client }
            | Self::UpdateClient { client }
            | Self::DeleteClient { client }
            | Self::CreateQuestion { client }
            | Self::UpdateQuestion { client, .. }
            | Self::GetQuestion { client, .. }
            | Self::ListQuestions { client }
            | Self::CreateUnit { client }
            | Self::GetUnit { client, .. }
            | Self::UpdateUnit { client, .. }
            | Self::ListUnits { client }
            | Self::ListUnitChildren { client, .. }
            | Self::DeleteUnit { client, .. }
            | Self::CreateProfile { client, .. }
            | Self::ListProfiles { client, .. }
            | Self::GetProfile { client, .. }
            | Self::UpdateProfile { client, .. }
            | Self::SetProfileUnit { client, .. }
            | Self::DeleteProfile { client, .. }
            | Self::ListPolicies { client }
            | Self::GetPolicy { client, .. }
            | Self::CreateUser { client }
            | Self::GetUser { client, .. }
            | Self::ListUsers { client, .. }
            | Self::ListProperties { client }
            | Self::UpdateUser { client, .. }
            | Self::ArchiveUser { client, .. }
            | Self::DeleteUser { client, .. }
            | Self::ListPendingTerms { client, .. }
            | Self::CreateConsent { client, .. }
            | Self::ListConsents { client, .. }
            | Self::GetConsent { client, .. }
            | Self::DeleteConsent { client, .. }
            | Self::CreateSignature { client, .. }
            | Self::GetSignature { client, .. }
            | Self::UpdateSignature { client, .. }
            | Self::DeleteSignature { client, .. }
            | Self::GetSignatureProperties { client, .. }
            | Self::UpdateProperties { client, .. }
            | Self::GetUserProperties { client, .. }
            | Self::UpdateUserProperties { client, .. }
            | Self::CreateTarget { client, .. }
            | Self::ListTargets { client, .. }
            | Self::UpdateTarget { client, .. }
            | Self::CreateAttestation { client, .. }
            | Self::GetAttestation { client, .. }
            | Self::UpdateAttestation { client, .. }
            | Self::DeleteAttestation { client, .. }
            | Self::ListClientAuthenticators { client }
            | Self::CreateAuthenticator { client, .. }
            | Self::ListAuthenticators { client, .. }
            | Self::ListCredentials { client, .. }
            | Self::GetAuthenticator { client, .. }
            | Self::UpdateAuthenticator { client, .. }
            | Self::DeleteAuthenticator { client, .. }
            | Self::DeleteTarget { client, .. }
            | Self::GetTarget { client, .. } => Some(client),
        }
    }

    /// Returns true if only the object tells to which user it belongs.
    pub(super) fn has_owner(&self) -> bool {
        matches!(
            self,
            Self::GetProfile { .. }
                | Self::UpdateProfile { .. }
                | Self::SetProfileUnit { .. }
                | Self::DeleteProfile { .. }
        )
    }

    pub(super) fn user(&self) -> Option<&String> {
        match self {
            Self::GetUser { user, .. }
            | Self::UpdateUser { user, .. }
            | Self::ArchiveUser { user, .. }
            | Self::DeleteUser { user, .. }
            | Self::CreateProfile { user, .. }
            | Self::ListProfiles { user, .. }
            | Self::ListPendingTerms { user, .. }
            | Self::CreateConsent { user, .. }
            | Self::ListConsents { user, .. }
            | Self::GetConsent { user, .. }
            | Self::DeleteConsent { user, .. }
            | Self::CreateSignature { user, .. }
            | Self::GetSignature { user, .. }
            | Self::UpdateSignature { user, .. }
            | Self::DeleteSignature { user, .. }
            | Self::GetSignatureProperties { user, .. }
            | Self::UpdateProperties { user, .. }
            | Self::GetUserProperties { user, .. }
            | Self::UpdateUserProperties { user, .. }
            | Self::CreateTarget { user, .. }
            | Self::ListTargets { user, .. }
            | Self::UpdateTarget { user, .. }
            | Self::CreateAttestation { user, .. }
            | Self::GetAttestation { user, .. }
            | Self::UpdateAttestation { user, .. }
            | Self::DeleteAttestation { user, .. }
            | Self::CreateAuthenticator { user, .. }
            | Self::ListAuthenticators { user, .. }
            | Self::ListCredentials { user, .. }
            | Self::GetAuthenticator { user, .. }
            | Self::UpdateAuthenticator { user, .. }
            | Self::DeleteAuthenticator { user, .. }
            | Self::DeleteTarget { user, .. }
            | Self::GetTarget { user, .. } => Some(user),
            _ => None,
        }
    }

    pub(super) fn needs(&self) -> Needs {
        Needs::All(match self {
            Self::CreateClient => &["ClientCreate"],
            Self::GetClient { .. } | Self::ListClients => &["ClientView"],
            Self::UpdateClient { .. } => &["ClientModify"],
            Self::DeleteClient { .. } => &["ClientDelete"],
            Self::UpdateQuestion { .. } => {
                &["PersonalQuestionView", "PersonalQuestionModify", "CredentialView"]
            }
            Self::CreateQuestion { .. } => &["ClientView", "PersonalQuestionCreate"],
            Self::GetQuestion { .. } => &["PersonalQuestionView", "CredentialView"],
            Self::ListQuestions { .. } => &["ClientView", "PersonalQuestionView"],
            Self::CreateUnit { .. } => &["UnitCreate"],
            Self::GetUnit { .. } | Self::ListUnitChildren { .. } => &["UnitView"],
            Self::UpdateUnit { .. } => &["UnitView", "UnitModify"],
            Self::ListUnits { .. } => &["ClientView", "UnitView"],
            Self::DeleteUnit { .. } => &["UnitDelete"],
            Self::CreateProfile { .. } => &["ProfileCreate", "AuthorizationCreate"],
            Self::ListProfiles { .. } => return Needs::AllOrSelf(&["UserView", "ProfileView"]),
            Self::GetProfile { .. } => return Needs::AllOrSelf(&["ProfileView"]),
            Self::UpdateProfile { .. } => &["ProfileView", "ProfileModify"],
            Self::SetProfileUnit { .. } => &["ProfileModify"],
            Self::DeleteProfile { .. } => &["ProfileDelete"],
            Self::ListPolicies { .. } => &["ClientView", "PolicyConfigurationView"],
            Self::GetPolicy { .. } => &["PolicyConfigurationView"],
            Self::CreateUser { .. } => &["UserCreate"],
            Self::GetUser { .. } | Self::GetUserProperties { .. } => {
                return Needs::AllOrSelf(&[
                    "UserView",
                    "PropertyView",
                    "PropertyValueView",
                    "PropertyAllowedValueView",
                ]);
            }
            Self::ListUsers { .. } => {
                &["ClientView", "UserView", "PropertyView", "PropertyValueView", "PropertyAllowedValueView"]
            }
            Self::UpdateUser { .. } => return Needs::AllOrSelfWithXToken(&["UserView", "UserModify"]),
            Self::ArchiveUser { .. } => &["UserView", "UserArchive"],
            Self::DeleteUser { .. } => &["UserDelete"],
            Self::CreateConsent { .. } => &["ConsentCreate"],
            Self::ListPendingTerms { .. } => &["ConsentView", "TermsView"],
            Self::ListConsents { .. } | Self::GetConsent { .. } => &["ConsentView"],
            Self::DeleteConsent { .. } => return Needs::AllOrSelfWithXToken(&["ConsentDelete"]),
            Self::CreateProperty => &["PropertyCreate"],
            Self::GetProperty { .. } | Self::SearchProperties { .. } => &["PropertyView"],
            Self::UpdateProperty { .. } => &["PropertyModify"],
            Self::ListProperties { .. } => &["PropertyView", "PropertyAllowedValueView"],
            Self::UpdateProperties { .. } => &[
                "CredentialView",
                "CredentialModify",
                "PropertyView",
                "PropertyValueView",
                "PropertyAllowedValueView",
                "PropertyValueCreate",
                "PropertyValueDelete",
                "PropertyValueModify",
            ],
            Self::UpdateUserProperties { .. } => &[
                "UserView",
                "UserModify",
                "PropertyView",
                "PropertyValueView",
                "PropertyAllowedValueView",
                "PropertyValueCreate",
                "PropertyValueDelete",
                "PropertyValueModify",
            ],
            Self::CreateTerms => &["TermsCreate"],
            Self::ListTerms | Self::GetTerms { .. } => &["TermsView"],
            Self::ListHistory => &["HistoryView"],
            Self::UpdateTerms { .. } => &["TermsView", "TermsModify"],
            Self::GetPermissions | Self::GetDeletion { .. } | Self::GetHealth | Self::Wait => &[],
            operation => return operation.needs_of_devices(),
        })
    }

    /// Returns what an operation on the devices of a user needs.
    fn needs_of_devices(&self) -> Needs {
        Needs::All(match self {
            Self::DeleteTarget { .. } => {
                return Needs::AnyOrSelf(&["CredentialDelete", "DispatchTargetDelete"]);
            }
            Self::CreateTarget { .. } | Self::CreateAttestation { .. } => {
                return Needs::Any(&["CredentialCreate", "DispatchTargetCreate"]);
            }
            Self::UpdateTarget { .. } | Self::UpdateAttestation { .. } => {
                return Needs::EachOrSelf(&[
                    &["CredentialModify", "DispatchTargetModify"],
                    &["CredentialView", "DispatchTargetView"],
                ]);
            }
            Self::DeleteAttestation { .. } => {
                return Needs::EachOrSelf(&[
                    &["CredentialDelete", "DispatchTargetDelete"],
                    &["CredentialView", "DispatchTargetView"],
                ]);
            }
            Self::GetTarget { .. } | Self::ListTargets { .. } | Self::GetAttestation { .. } => {
                return Needs::AnyOrSelf(&["CredentialView", "DispatchTargetView"]);
            }
            Self::CreateAuthenticator { .. } => &["CredentialCreate", "CredentialView"],
            Self::ListClientAuthenticators { .. } => &["ClientView", "CredentialView"],
            Self::GetAuthenticator { .. }
            | Self::ListAuthenticators { .. }
            | Self::ListCredentials { .. } => {
                return Needs::AllOrSelf(&["CredentialView"]);
            }
            Self::UpdateAuthenticator { .. } => {
                return Needs::AllOrSelfWithXToken(&["CredentialView", "CredentialModify"]);
            }
            Self::DeleteAuthenticator { .. } => return Needs::AllOrSelfWithXToken(&["CredentialDelete"]),
            Self::CreateSignature { .. } => &["CredentialCreate"],
            Self::GetSignature { .. } => &["CredentialView"],
            Self::UpdateSignature { .. } => &["CredentialModify"],
            Self::DeleteSignature { .. } => &["CredentialDelete"],
            Self::GetSignatureProperties { .. } => {
                &["CredentialView", "PropertyView", "PropertyValueView", "PropertyAllowedValueView"]
            }
            other => unreachable!("{other:?} is on no device"),
        })
    }
}

impl Step {
    /// Performs the step with a service. `made` translates the names of the model to identifiers of
    /// the service.
    pub(super) async fn send(&self, world: &World, made: &dyn Fn(&str) -> String) -> Option<Answer> {
        if matches!(self.operation, Operation::Wait) {
            world.wait(HALF_A_DAY);
            return None;
        }
        let encode = |text: &str| text.replace('<', "%3C").replace('>', "%3E").replace('#', "%23");
        let mut call = world.call(self.operation.method(), &encode(&made(&self.operation.path())));
        if let Some(caller) = &self.caller {
            call = call.by(caller);
        }
        if self.has_x_token {
            let part = |part: Option<&String>| made(part.map_or("", String::as_str));
            call = call.x_token(&world.x_token(&part(self.operation.client()), &part(self.operation.user())));
        }
        if let Some(key) = self.key {
            call = call.header("idempotency-key", key);
        }
        let call = match &self.body {
            Body::None => call,
            Body::Untyped(body) => call.text(body.to_string()),
            Body::Broken => call.header("content-type", "application/json").text("{"),
            Body::Json(body) => call.json(body.clone()),
        };
        Some(call.send().await)
    }
}

/// Duration of a wait in seconds.
pub(super) const HALF_A_DAY: i64 = 12 * 3600 + 1;

/// Returns a query string of parameters that need no encoding.
fn query_string(query: &[(&str, &str)]) -> String {
    query.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}
