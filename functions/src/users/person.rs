//! The values of a user's fields.

use shared::clock::Timestamp;
use shared::entity::schema::{FieldKind, ObjectSchema};
use shared::entity::{AnyText, Entity, FieldValue, Fields, Object, Text};

shared::names! {
    /// The state of a user.
    #[derive(Default)]
    pub enum UserState {
        /// The user is active.
        #[default]
        Active = "active",
        /// The user is disabled and can be activated again.
        Disabled = "disabled",
        /// The user is archived permanently.
        Archived = "archived",
    }
}

/// The state of a user as a field: `active` by default. A body is described without `archived`, to which only
/// archiving leads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State(pub UserState);

impl FieldValue for State {
    const KIND: FieldKind = FieldKind::Enum(&[UserState::Active.as_str(), UserState::Disabled.as_str()]);
    const KIND_SHOWN: FieldKind = UserState::KIND;
    const REQUIRED: bool = false;
    const SHOWN: bool = true;

    fn read(fields: &mut Fields<'_>, name: &str) -> Self {
        Self(Option::<UserState>::read(fields, name).unwrap_or_default())
    }

    shared::stored_as_its_value!();
}

shared::names! {
    /// The gender or the sex of a user.
    pub enum Gender {
        /// Male.
        Male = "male",
        /// Female.
        Female = "female",
        /// Another one.
        Other = "other",
    }
}

/// The maximum length of a login ID, in characters.
pub(super) const MAX_LOGIN_ID: usize = 300;

shared::texts! {
    /// A name that a user logs in with.
    pub struct LoginId: FieldKind::Pattern("^[!-~]{1,300}$"), |text, _| is_login_id(text);
}

shared::texts! {
    /// The code of a configured language.
    pub struct LanguageCode: FieldKind::Language, |text, settings| {
        settings.languages.iter().any(|language| language == text)
    };
}

shared::texts! {
    /// A country code of ISO 3166-1 alpha-2.
    pub struct CountryCode: FieldKind::Pattern("^[A-Z]{2}$"), |text, _| {
        text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
    };
}

shared::texts! {
    /// A date of ISO 8601, such as `1970-12-31`.
    pub struct Date: FieldKind::Date, |text, _| {
        text.len() == "1970-12-31".len() && Timestamp::parse(&format!("{text}T00:00:00Z")).is_some()
    };
}

/// Returns true if a text can be a login ID: 1 to 300 printable ASCII characters without blanks.
pub(super) fn is_login_id(text: &str) -> bool {
    (1..=MAX_LOGIN_ID).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

shared::entity! {
    /// The name of a person.
    #[derive(Default)]
    pub struct PersonName {
        title: Option<AnyText> = "title", "Title.", disclosed;
        first_name: Option<AnyText> = "firstName", "First name.", disclosed;
        family_name: Option<AnyText> = "familyName", "Family name.", disclosed;
    }
}

impl Object for PersonName {
    const SCHEMA: &'static ObjectSchema = &ObjectSchema {
        name: "PersonName",
        description: "Name of a person.",
        parts: &[<Self as Entity>::SHOWN],
    };
}

shared::entity! {
    /// A postal address.
    #[derive(Default)]
    pub struct Address {
        line_1: Option<Text<0, 100>> = "addressline1", "First line.", disclosed;
        line_2: Option<Text<0, 100>> = "addressline2", "Second line.", disclosed;
        postal_code: Option<AnyText> = "postalCode", "Postal code.", disclosed;
        city: Option<Text<0, 50>> = "city", "City.", disclosed;
        street: Option<AnyText> = "street", "Street.", disclosed;
        house_number: Option<AnyText> = "houseNumber", "House number.", disclosed;
        country_code: Option<CountryCode> = "countryCode", "Country code (ISO 3166-1 alpha-2).", disclosed;
        post_office_box_text: Option<AnyText> = "postOfficeBoxText", "Text of the post office box.", disclosed;
        post_office_box_number: Option<AnyText> = "postOfficeBoxNumber", "Number of the post office box.", disclosed;
        dwelling_number: Option<AnyText> = "dwellingNumber", "Number of the dwelling.", disclosed;
        locality: Option<AnyText> = "locality", "Locality.", disclosed;
    }
}

impl Object for Address {
    const SCHEMA: &'static ObjectSchema =
        &ObjectSchema { name: "Address", description: "Postal address.", parts: &[<Self as Entity>::SHOWN] };
}

shared::entity! {
    /// How a user is reached.
    #[derive(Default)]
    pub struct Contacts {
        telephone: Option<AnyText> = "telephone", "Telephone number.", disclosed;
        telefax: Option<AnyText> = "telefax", "Fax number.", disclosed;
        mobile: Option<AnyText> = "mobile", "Mobile number.", disclosed;
        email: Option<AnyText> = "email", "E-mail address.", disclosed;
    }
}

impl Object for Contacts {
    const SCHEMA: &'static ObjectSchema = &ObjectSchema {
        name: "Contacts",
        description: "Contact details.",
        parts: &[<Self as Entity>::SHOWN],
    };
}

#[cfg(test)]
mod tests {
    use super::is_login_id;

    #[test]
    fn login_ids_are_1_to_300_printable_ascii_characters_without_blanks() {
        for valid in ["a", "!~", "a.b@example.com", &"x".repeat(300)] {
            assert!(is_login_id(valid), "{valid}");
        }
        for invalid in ["", " ", "a b", "a\u{0}", "a\u{7f}", "\u{202e}a", "\u{e4}", "\t", &"x".repeat(301)] {
            assert!(!is_login_id(invalid), "{invalid:?}");
        }
    }
}
