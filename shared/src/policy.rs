//! The naming policy: which names and external identifiers may be given to new things.

use serde_json::{Value, json};

use crate::pattern::{self, whole_match};

/// The characters of a name unless configured otherwise: ASCII letters, digits and
/// `-@./_:()\{}[]=!~+`.
pub const DEFAULT_PATTERN: &str = r"[A-Za-z0-9\-@./_:()\\{}\[\]=!~+]+";
/// The longest name unless configured otherwise, in characters.
pub const DEFAULT_MAX_LENGTH: usize = 129;

/// A naming policy: a pattern for the whole name and a greatest length in characters.
#[derive(Clone, Debug)]
pub struct NamingPolicy {
    pattern: String,
    max_length: usize,
}

/// How a value broke a policy, in the terms of the API's `policyViolations`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyViolation {
    /// What the element of the policy demands: a number of characters or a pattern.
    pub limit: Limit,
    /// The value that the caller sent.
    pub supplied: String,
}

/// The element of the naming policy that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The greatest length, in characters.
    Length(usize),
    /// The pattern that the whole value has to match.
    Pattern(String),
}

impl NamingPolicy {
    /// A policy of a pattern, as [`whole_match`] reads it, which has to match the whole name, and a
    /// greatest length in characters.
    #[must_use]
    pub fn new(pattern: &str, max_length: usize) -> Self {
        Self { pattern: pattern.to_owned(), max_length }
    }

    /// Reads the pattern, which takes longer than to check a name.
    ///
    /// # Errors
    /// The reason, when it cannot be read. A policy with such a pattern admits nothing.
    pub fn prepare(&self) -> Result<(), String> {
        pattern::prepare(&self.pattern)
    }

    /// The pattern that a whole name has to match.
    #[must_use]
    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    /// The greatest length of a name, in characters.
    #[must_use]
    pub fn max_length(&self) -> usize {
        self.max_length
    }

    /// Checks a name or an external identifier that a caller gives to a new thing.
    ///
    /// # Errors
    /// The element that the value breaks, the length before the pattern.
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

    /// The violation of a value that the pattern may admit but that no identifier can be.
    #[must_use]
    pub fn forbids(&self, value: &str) -> PolicyViolation {
        PolicyViolation { limit: Limit::Pattern(self.pattern.clone()), supplied: value.to_owned() }
    }
}

impl PolicyViolation {
    /// What was measured: the length, or the value itself where the pattern was broken.
    fn actual(&self) -> String {
        match &self.limit {
            Limit::Length(_) => self.supplied.chars().count().to_string(),
            Limit::Pattern(_) => self.supplied.clone(),
        }
    }

    /// The message of the error, to the letter as the API's pages show it.
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

    /// The member of `policyViolations` that describes this violation.
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

/// The part of the configuration that the rules of the operations ask for.
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
}

impl Settings {
    /// Makes the naming policy ready, for an operation that names something. It is no part of reading the
    /// configuration: most functions name nothing.
    ///
    /// # Errors
    /// The reason, in one line, if the pattern is not supported.
    pub fn prepare_naming_policy(&self) -> Result<(), String> {
        let prepared = self.naming_policy.prepare();
        prepared.map_err(|reason| format!("NAMING_POLICY_REGEX {reason}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> NamingPolicy {
        NamingPolicy::new(DEFAULT_PATTERN, DEFAULT_MAX_LENGTH)
    }

    #[test]
    fn the_default_admits_its_characters_and_129_of_them() {
        assert_eq!(policy().check("-@./_:()\\{}[]=!~+aZ09"), Ok(()));
        assert_eq!(policy().check(&"a".repeat(129)), Ok(()));
        for value in ["a b", "ä", "a#b", "a%b", "a\n", "\u{202e}"] {
            assert_eq!(policy().check(value), Err(policy().forbids(value)));
        }
    }

    #[test]
    fn a_violation_is_told_to_the_letter_of_the_pages() {
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
