//! What happens to objects.

shared::names! {
    /// What happened to an object.
    pub enum ChangeType {
        /// It is new.
        Created = "created",
        /// Some of its fields changed.
        Changed = "changed",
        /// It no longer exists.
        Deleted = "deleted",
    }
}

impl ChangeType {
    /// All changes.
    pub const ALL: [Self; 3] = [Self::Created, Self::Changed, Self::Deleted];

    /// The letters of all changes.
    pub const LETTERS: &'static [&'static str] =
        &[Self::Created.letter(), Self::Changed.letter(), Self::Deleted.letter()];

    /// Returns the letter of the operation in the history.
    #[must_use]
    pub const fn letter(self) -> &'static str {
        match self {
            Self::Created => "i",
            Self::Changed => "u",
            Self::Deleted => "d",
        }
    }
}
