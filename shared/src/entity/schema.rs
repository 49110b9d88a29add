//! Object schemas: the fields of request and response bodies.

/// An object with known fields.
#[derive(Debug, PartialEq, Eq)]
pub struct ObjectSchema {
    /// Its name in the API description, such as `NewClient`.
    pub name: &'static str,
    /// What it is.
    pub description: &'static str,
    /// Its fields, in parts that objects share.
    pub parts: &'static [&'static [Field]],
}

/// A field of an object.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Whether every object has it.
    pub required: bool,
    /// What its value is.
    pub kind: FieldKind,
    /// What it means.
    pub description: &'static str,
}

/// What the value of a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// A name that is given to something. The naming policy applies.
    Name,
    /// An external identifier that is given to something. The naming policy applies. It is none of these
    /// texts, and none that no identifier can be.
    ExtId(&'static [&'static str]),
    /// A text.
    Text {
        /// The least number of characters.
        min: usize,
        /// The greatest number of characters; `usize::MAX` for no limit.
        max: usize,
    },
    /// One of these texts.
    Enum(&'static [&'static str]),
    /// A text for each language.
    LocalizedText {
        /// Whether the languages are in lower case.
        lower_case: bool,
    },
    /// A text for each key that the caller chooses.
    TextMap,
    /// An array of different texts.
    TextSet,
    /// A date and time in UTC.
    DateTime,
    /// `true` or `false`.
    Boolean,
    /// A whole number, 0 or more.
    UnsignedInteger,
    /// A whole number from 0 to this one.
    IntegerUpTo(usize),
    /// An object.
    Object(&'static ObjectSchema),
}

/// The external identifier of an entity.
pub const EXT_ID: Field =
    Field::required("extId", FieldKind::Text { min: 1, max: usize::MAX }, "External identifier.");

/// The version of an entity, and when it was created and changed.
pub const HISTORY: &[Field] = &[
    Field::required("created", FieldKind::DateTime, "Time of creation."),
    Field::required("lastModified", FieldKind::DateTime, "Time of the last change."),
    Field::required("version", FieldKind::UnsignedInteger, "Number of changes."),
];

impl ObjectSchema {
    /// Returns the fields.
    pub fn fields(&self) -> impl Iterator<Item = &'static Field> + Clone + use<> {
        self.parts.iter().copied().flatten()
    }
}

impl Field {
    /// A field that every object has.
    #[must_use]
    pub const fn required(name: &'static str, kind: FieldKind, description: &'static str) -> Self {
        Self { name, required: true, kind, description }
    }

    /// A field that may be omitted.
    #[must_use]
    pub const fn optional(name: &'static str, kind: FieldKind, description: &'static str) -> Self {
        Self { name, required: false, kind, description }
    }
}
