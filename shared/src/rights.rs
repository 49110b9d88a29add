//! Elementary rights and the built-in roles that carry them.

use std::fmt;

/// Declares each right once, with the built-in roles that carry it.
///
/// A right without a role does not compile.
macro_rules! rights {
    ($($right:ident: [$($role:ident),+ $(,)?]),+ $(,)?) => {
        /// An elementary right, written `AccessControl.<name>`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "each right is named as in the API")]
        pub enum Right { $($right),+ }

        impl Right {
            /// All rights.
            pub const ALL: &'static [Right] = &[$(Right::$right),+];

            /// Returns the name of the right, as in messages and role tables.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Right::$right => concat!("AccessControl.", stringify!($right))),+ }
            }

            /// Returns the built-in roles that carry the right.
            #[must_use]
            pub const fn roles(self) -> &'static [Role] {
                match self { $(Right::$right => &[$(Role::$role),+]),+ }
            }
        }
    };
}

rights! {
    ClientCreate: [Root],
    ClientModify: [Root],
    ClientDelete: [Root],
    ClientView: [Root, ClientRoot, UserAdmin, UserAndUnitAdmin, Helpdesk],
    UnitCreate: [Root, ClientRoot, UserAndUnitAdmin],
    UnitCreateTopUnit: [Root, ClientRoot],
    UnitDelete: [Root, ClientRoot, UserAndUnitAdmin],
    UnitModify: [Root, ClientRoot, UserAndUnitAdmin],
    UnitView: [Root, ClientRoot, UserAdmin, UserAndUnitAdmin, Helpdesk],
    UserCreate: [Root, ClientRoot, UserAdmin, UserAndUnitAdmin],
    UserCreateTechUser: [Root, ClientRoot],
    UserDelete: [Root, ClientRoot, UserAdmin, UserAndUnitAdmin],
    UserArchive: [Root, ClientRoot, UserAdmin, UserAndUnitAdmin],
    UserArchiveTechUser: [Root, ClientRoot],
    UserModify: [Root, ClientRoot, UserAdmin, UserAndUnitAdmin],
    UserView: [Root, ClientRoot, UserAdmin, UserAndUnitAdmin, Helpdesk],
    ProfileCreate: [Root, ClientRoot, UserAdmin, UserAndUnitAdmin],
    ProfileDelete: [Root, ClientRoot, UserAdmin, UserAndUnitAdmin],
    ProfileModify: [Root, ClientRoot, UserAdmin, UserAndUnitAdmin],
    ProfileView: [Root, ClientRoot, UserAdmin, UserAndUnitAdmin, Helpdesk],
    AuthorizationCreate: [Root, ClientRoot, UserAdmin, UserAndUnitAdmin],
    PolicyConfigurationView: [Root, ClientRoot, UserAdmin, UserAndUnitAdmin, Helpdesk],
    PersonalQuestionCreate: [Root, ClientRoot],
    PersonalQuestionModify: [Root, ClientRoot],
    PersonalQuestionView: [Root, ClientRoot, UserAdmin, UserAndUnitAdmin, Helpdesk],
    TermsCreate: [Root, ClientRoot],
    TermsModify: [Root, ClientRoot],
    TermsView: [Root, ClientRoot, UserAdmin, UserAndUnitAdmin, Helpdesk],
    ConsentCreate: [Root, ClientRoot, UserAdmin, UserAndUnitAdmin],
    ConsentDelete: [Root, ClientRoot, UserAdmin, UserAndUnitAdmin],
    ConsentView: [Root, ClientRoot, UserAdmin, UserAndUnitAdmin, Helpdesk],
    CredentialCreate: [Root, ClientRoot, UserAdmin, UserAndUnitAdmin, Helpdesk],
    CredentialView: [Root, ClientRoot, UserAdmin, UserAndUnitAdmin, Helpdesk],
    CredentialModify: [Root, ClientRoot, UserAdmin, UserAndUnitAdmin, Helpdesk],
    CredentialChangeState: [Root, ClientRoot, UserAdmin, UserAndUnitAdmin, Helpdesk],
    CredentialDelete: [Root, ClientRoot, UserAdmin, UserAndUnitAdmin, Helpdesk],
    DispatchTargetCreate: [Root, ClientRoot, UserAdmin, UserAndUnitAdmin, Helpdesk],
    DispatchTargetModify: [Root, ClientRoot, UserAdmin, UserAndUnitAdmin, Helpdesk],
    DispatchTargetDelete: [Root, ClientRoot, UserAdmin, UserAndUnitAdmin, Helpdesk],
    DispatchTargetView: [Root, ClientRoot, UserAdmin, UserAndUnitAdmin, Helpdesk],
    PropertyCreate: [Root, ClientRoot],
    PropertyModify: [Root, ClientRoot],
    PropertyView: [Root, ClientRoot, UserAdmin, UserAndUnitAdmin, Helpdesk],
    PropertyValueView: [Root, ClientRoot, UserAdmin, UserAndUnitAdmin, Helpdesk],
    PropertyAllowedValueView: [Root, ClientRoot, UserAdmin, UserAndUnitAdmin, Helpdesk],
    PropertyValueCreate: [Root, ClientRoot, UserAdmin, UserAndUnitAdmin, Helpdesk],
    PropertyValueDelete: [Root, ClientRoot, UserAdmin, UserAndUnitAdmin, Helpdesk],
    PropertyValueModify: [Root, ClientRoot, UserAdmin, UserAndUnitAdmin, Helpdesk],
    PropertyAttributeAccessOverride: [Root, ClientRoot],
    HistoryView: [Root],
    SelfAdmin: [Root, SelfAdmin],
}

/// Declares the built-in roles once.
macro_rules! roles {
    ($($(#[$doc:meta])* $role:ident),+ $(,)?) => {
        /// A built-in role, written `nevisIdm.<name>`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Role { $($(#[$doc])* $role),+ }

        impl Role {
            /// All built-in roles.
            pub const ALL: &'static [Role] = &[$(Role::$role),+];

            /// Returns the name of the role, as in tokens and role tables.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Role::$role => concat!("nevisIdm.", stringify!($role))),+ }
            }
        }
    };
}

roles! {
    /// Every right.
    Root,
    /// Every right within a client, but not the administration of clients.
    ClientRoot,
    /// Administers users and their objects.
    UserAdmin,
    /// Administers users, their objects and units.
    UserAndUnitAdmin,
    /// Views users and their objects, and creates, changes and deletes their credentials.
    Helpdesk,
    /// Lets users act on themselves.
    SelfAdmin,
    /// Administers templates, for which there are no operations: no right.
    TemplateAdmin,
    /// Marks the users of programs: no right.
    TechUser,
}

impl fmt::Display for Right {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
