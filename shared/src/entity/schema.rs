//! Object schemas: the fields of request and response bodies.

/// An object with known fields.
pub struct ObjectSchema {
    /// Its name in the description: `NewClient`.
    pub name: &'static str,
    /// What it is.
    pub description: &'static str,
    /// Its fields.
    pub fields: &'static [Field],
}

/// A field of an object.
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Whether it has to be there.
    pub required: bool,
    /// What its value is.
    pub kind: FieldKind,
    /// What it tells.
    pub description: &'static str,
}

/// What the value of a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// A name that is given to something: the naming policy holds for it.
    Name,
    /// An external identifier that is given to something: the naming policy holds for it, and it is
    /// none of these texts, nor any that no identifier can be.
    ExtId(&'static [&'static str]),
    /// A text that is not empty.
    Text,
    /// A text of at most so many characters, which may be empty.
    TextUpTo(usize),
    /// One of these texts.
    Enum(&'static [&'static str]),
    /// A text for each language.
    LocalizedText,
    /// A moment in UTC.
    DateTime,
    /// A whole number, 0 or more.
    UnsignedInteger,
}

impl Field {
    /// A field that has to be there.
    #[must_use]
    pub const fn required(name: &'static str, kind: FieldKind, description: &'static str) -> Self {
        Self { name, required: true, kind, description }
    }

    /// A field that may be left out.
    #[must_use]
    pub const fn optional(name: &'static str, kind: FieldKind, description: &'static str) -> Self {
        Self { name, required: false, kind, description }
    }
}
