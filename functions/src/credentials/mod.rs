//! Credentials: what all kinds of them share, and the list of all.

pub mod list;

shared::names! {
    /// The state of a credential. Archived credentials do not exist, because archiving deletes them.
    #[derive(Default)]
    pub enum CredentialState {
        /// Not used yet.
        Initial = "initial",
        /// In use.
        #[default]
        Active = "active",
        /// Locked for some time after failures.
        TmpLocked = "tmp-locked",
        /// Locked after failures.
        FailLocked = "fail-locked",
        /// Reset with a code.
        ResetCode = "reset-code",
        /// Changed by an administrator.
        AdminChanged = "admin-changed",
        /// Disabled by an administrator.
        Disabled = "disabled",
    }
}
