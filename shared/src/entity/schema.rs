//! Object schemas: the fields of request and response bodies.

/// An object with known fields.
#[derive(Debug, PartialEq, Eq)]
pub struct ObjectSchema {
    /// Its name in the API description, such as `NewClient`.
    pub name: &'static str,
    /// Its description.
    pub description: &'static str,
    /// Its fields, in groups that objects share.
    pub parts: &'static [&'static [Field]],
}

/// A field of an object.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Whether the field is always present.
    pub required: bool,
    /// Whether `null` in a request stands for no value.
    pub nullable: bool,
    /// The kind of its value.
    pub kind: FieldKind,
    /// Its description.
    pub description: &'static str,
}

/// The kind of a field's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// The name of a new object. The naming policy applies.
    Name,
    /// The external identifier of a new object. The naming policy applies. These texts and malformed
    /// identifiers are excluded.
    ExtId(&'static [&'static str]),
    /// A text.
    Text {
        /// The minimum number of characters.
        min: usize,
        /// The maximum number of characters; `usize::MAX` for no limit.
        max: usize,
    },
    /// A text that matches this pattern of a JSON schema.
    Pattern(&'static str),
    /// One of these texts. Responses can gain others.
    Enum(&'static [&'static str]),
    /// This text, by which the object is told from the others of a list.
    Constant(&'static str),
    /// A text for each language.
    LocalizedText {
        /// Whether the language codes are in lower case.
        lower_case: bool,
    },
    /// A text for each key that the caller chooses.
    TextMap,
    /// An array of distinct texts.
    TextSet,
    /// A URI with a scheme.
    Uri,
    /// A phone number that matches the configured pattern.
    PhoneNumber,
    /// A language code.
    Language,
    /// A date, such as `1970-12-31`.
    Date,
    /// A date and time in UTC.
    DateTime,
    /// `true` or `false`.
    Boolean,
    /// A non-negative integer.
    UnsignedInteger,
    /// An integer from 0 to this one.
    IntegerUpTo(usize),
    /// An object.
    Object(&'static ObjectSchema),
    /// An array of such objects.
    Objects(&'static ObjectSchema),
    /// No value: the object does not have the field.
    Absent,
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

/// The external identifier in the body of a creation.
pub const NEW_EXT_ID: Field =
    Field::optional("extId", FieldKind::ExtId(&[]), "External identifier. Generated if omitted.");

/// The external identifier in the body of a `PATCH`.
pub const UNCHANGED_EXT_ID: Field =
    Field { required: false, description: "External identifier. It cannot be changed.", ..EXT_ID };

/// The version that the body of a `PATCH` may have.
const EXPECTED_VERSION: Field = Field {
    nullable: false,
    ..Field::optional("version", FieldKind::UnsignedInteger, "Version that the change expects.")
};

/// The members that the body of a `PATCH` has besides the fields of the entity.
pub const PATCH: &[Field] = &[UNCHANGED_EXT_ID, EXPECTED_VERSION];

/// Those of a `PATCH` of an entity without an external identifier.
pub const PATCH_OF_UNNAMED: &[Field] = &[EXPECTED_VERSION];

impl ObjectSchema {
    /// Returns the fields, without those that the object does not have.
    pub fn fields(&self) -> impl Iterator<Item = &'static Field> + Clone + use<> {
        self.parts.iter().copied().flatten().filter(|field| field.kind != FieldKind::Absent)
    }
}

impl Field {
    /// A field that is always present.
    #[must_use]
    pub const fn required(name: &'static str, kind: FieldKind, description: &'static str) -> Self {
        Self { name, required: true, nullable: false, kind, description }
    }

    /// A field that may be omitted.
    #[must_use]
    pub const fn optional(name: &'static str, kind: FieldKind, description: &'static str) -> Self {
        Self { name, required: false, nullable: true, kind, description }
    }
}
