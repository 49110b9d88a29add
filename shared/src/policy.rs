//! The naming policy for names and external identifiers of new objects.

use serde_json::{Value, json};

use crate::pattern::{self, whole_match};

/// The default pattern of names: ASCII letters, digits and `-@./_:()\{}[]=!~+`.
pub const DEFAULT_PATTERN: &str = r"[A-Za-z0-9\-@./_:()\\{}\[\]=!~+]+";
/// The default pattern of the phone numbers of mobile signatures: those of E.164.
pub const DEFAULT_MSISDN_PATTERN: &str = r"\+[1-9][0-9]{1,14}";
/// The default maximum length of names, in characters.
pub const DEFAULT_MAX_LENGTH: usize = 129;

/// A naming policy: a pattern for the whole name and a maximum length in characters.
#[derive(Clone, Debug)]
pub struct NamingPolicy {
    pattern: String,
    max_length: usize,
}

/// A policy violation of a value, in the terms of the API's `policyViolations`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyViolation {
    /// The violated limit.
    pub limit: Limit,
    /// The value that the caller sent.
    pub supplied: String,
}

/// A limit of the naming policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The maximum length, in characters.
    Length(usize),
    /// The pattern that the whole value must match.
    Pattern(String),
}

impl NamingPolicy {
    /// Creates a policy of a pattern, in the syntax of [`whole_match`], and a maximum length in
    /// characters.
    #[must_use]
    pub fn new(pattern: &str, max_length: usize) -> Self {
        Self { pattern: pattern.to_owned(), max_length }
    }

    /// Compiles the pattern, which takes longer than checking a name.
    ///
    /// # Errors
    /// Returns the reason if the pattern is invalid. A policy with such a pattern rejects all values.
    pub fn prepare(&self) -> Result<(), String> {
        pattern::prepare(&self.pattern)
    }

    /// Returns the pattern that the whole name must match.
    #[must_use]
    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    /// Returns the maximum length of a name, in characters.
    #[must_use]
    pub fn max_length(&self) -> usize {
        self.max_length
    }

    /// Checks a name or an external identifier of a new object.
    ///
    /// # Errors
    /// Returns the violation. The length is checked before the pattern.
    pub fn check(&self, value: &str) -> Result<(), PolicyViolation> {
        let limit = if value.chars().count() > self.max_length {
            Limit::Length(self.max_length)
        } else if !whole_match(&self.pattern).is_ok_and(|whole| whole.is_match(value)) {
            Limit::Pattern(self.pattern.clone())
        } else {
            return Ok(());
        };
        Err(PolicyViolation { limit, supplied: value.to_owned() })
    }

    /// Returns the violation of a value that is never a valid identifier, even if the pattern allows
    /// it.
    #[must_use]
    pub fn forbids(&self, value: &str) -> PolicyViolation {
        PolicyViolation { limit: Limit::Pattern(self.pattern.clone()), supplied: value.to_owned() }
    }
}

impl PolicyViolation {
    /// Returns the measured value: the length, or the value itself if it violates the pattern.
    fn actual(&self) -> String {
        match &self.limit {
            Limit::Length(_) => self.supplied.chars().count().to_string(),
            Limit::Pattern(_) => self.supplied.clone(),
        }
    }

    /// Returns the error message, exactly as in the API documentation.
    #[must_use]
    pub fn message(&self) -> String {
        let limit = match &self.limit {
            Limit::Length(characters) => characters.to_string(),
            Limit::Pattern(pattern) => pattern.clone(),
        };
        format!(
            "ch.nevis.idm.policy.PolicyViolation: Policy failed:\n\
             ch.nevis.idm.policy.element.PolicyElementViolation\
             <element=Regex policy violation limit={limit}, actualValue={}>",
            self.actual()
        )
    }

    /// Returns the violation as a member of `policyViolations`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let (config, limit) = match &self.limit {
            Limit::Length(characters) => (characters.to_string(), json!(characters)),
            Limit::Pattern(pattern) => (pattern.clone(), json!(pattern)),
        };
        json!({
            "displayName": "Regex policy violation",
            "configString": config,
            "suppliedValue": self.supplied,
            "limitValue": limit,
            "actualValue": self.actual(),
        })
    }
}

/// A member of a user about which a deployment can make a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserMember {
    /// The family name.
    FamilyName,
    /// The first name.
    FirstName,
    /// The e-mail address.
    Email,
    /// The mobile number.
    Mobile,
    /// The sex.
    Sex,
    /// The country of the address.
    Country,
}

impl UserMember {
    /// The members that can be mandatory.
    pub const MANDATORY: &'static [Self] =
        &[Self::FamilyName, Self::FirstName, Self::Email, Self::Mobile, Self::Sex, Self::Country];
    /// The members whose values can be unique within a client.
    pub const UNIQUE: &'static [Self] = &[Self::Email, Self::Mobile];

    /// Returns the member as a path, such as `contacts.email`.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::FamilyName => "name.familyName",
            Self::FirstName => "name.firstName",
            Self::Email => "contacts.email",
            Self::Mobile => "contacts.mobile",
            Self::Sex => "sex",
            Self::Country => "address.countryCode",
        }
    }
}

/// The part of the configuration that the operations use.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `MULTI_CLIENT_MODE`
    pub multi_client_mode: bool,
    /// `NAMING_POLICY_REGEX`, `NAMING_POLICY_MAX_LENGTH`
    pub naming_policy: NamingPolicy,
    /// `LANGUAGES`
    pub languages: Vec<String>,
    /// `DEFAULT_APPLICATION`
    pub default_application: String,
    /// `MANDATORY_USER_FIELDS`
    pub mandatory_user_fields: Vec<UserMember>,
    /// `UNIQUE_USER_FIELDS`
    pub unique_user_fields: Vec<UserMember>,
    /// `MSISDN_REGEX`, in the syntax of [`whole_match`].
    pub msisdn_pattern: String,
}

impl Settings {
    /// Prepares the naming policy, for operations that name objects.
    ///
    /// It is not part of reading the configuration, because most functions name nothing.
    ///
    /// # Errors
    /// Returns the reason in one line if the pattern is not supported.
    pub fn prepare_naming_policy(&self) -> Result<(), String> {
        let prepared = self.naming_policy.prepare();
        prepared.map_err(|reason| format!("NAMING_POLICY_REGEX {reason}"))
    }

    /// Prepares the pattern of phone numbers, for operations that read one.
    ///
    /// # Errors
    /// Returns the reason in one line if the pattern is not supported.
    pub fn prepare_msisdn_pattern(&self) -> Result<(), String> {
        pattern::prepare(&self.msisdn_pattern).map_err(|reason| format!("MSISDN_REGEX {reason}"))
    }

    /// Returns true if a text is a valid phone number of a mobile signature.
    #[must_use]
    pub fn is_msisdn(&self, text: &str) -> bool {
        whole_match(&self.msisdn_pattern).is_ok_and(|whole| whole.is_match(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> NamingPolicy {
        NamingPolicy::new(DEFAULT_PATTERN, DEFAULT_MAX_LENGTH)
    }

    #[test]
    fn the_default_policy_allows_129_of_its_characters() {
        assert_eq!(policy().check("-@./_:()\\{}[]=!~+aZ09"), Ok(()));
        assert_eq!(policy().check(&"a".repeat(129)), Ok(()));
        for value in ["a b", "ä", "a#b", "a%b", "a\n", "\u{202e}"] {
            assert_eq!(policy().check(value), Err(policy().forbids(value)));
        }
    }

    #[test]
    fn violation_messages_match_the_api_documentation() {
        let long = "a".repeat(130);
        let violation = policy().check(&long).expect_err("too long");
        assert_eq!(
            violation.message(),
            "ch.nevis.idm.policy.PolicyViolation: Policy failed:\nch.nevis.idm.policy.element.\
             PolicyElementViolation<element=Regex policy violation limit=129, actualValue=130>"
        );
        assert_eq!(
            violation.to_json(),
            json!({"displayName": "Regex policy violation", "configString": "129",
                   "suppliedValue": long, "limitValue": 129, "actualValue": "130"})
        );
        let violation = policy().check("a b").expect_err("a space");
        assert_eq!(
            violation.to_json(),
            json!({"displayName": "Regex policy violation", "configString": DEFAULT_PATTERN,
                   "suppliedValue": "a b", "limitValue": DEFAULT_PATTERN, "actualValue": "a b"})
        );
    }
}
