//! Collects violations of the naming policy.

use crate::error::ApiError;
use crate::ids::ExtId;
use crate::policy::{NamingPolicy, PolicyViolation};

/// Checks the names of one request and collects all policy violations.
pub struct Naming<'a> {
    policy: &'a NamingPolicy,
    violations: Vec<PolicyViolation>,
}

impl<'a> Naming<'a> {
    /// Checks by this policy.
    #[must_use]
    pub fn new(policy: &'a NamingPolicy) -> Self {
        Self { policy, violations: Vec::new() }
    }

    /// Checks a name.
    pub fn name(&mut self, value: &str) {
        self.violations.extend(self.policy.check(value).err());
    }

    /// Checks an external identifier against the policy and the format of identifiers.
    ///
    /// The result is valid only if [`Naming::finish`] succeeds.
    pub fn ext_id<Kind>(&mut self, value: &str) -> ExtId<Kind> {
        let checked = self.policy.check(value);
        let malformed = ExtId::<Kind>::parse(value).is_err();
        let violation = checked.err().or_else(|| malformed.then(|| self.policy.forbids(value)));
        self.violations.extend(violation);
        ExtId::unchecked(value)
    }

    /// Checks an external identifier of the caller, or generates one, to which the policy does not
    /// apply.
    pub fn ext_id_or<Kind>(&mut self, value: Option<&str>, new_id: impl FnOnce() -> String) -> ExtId<Kind> {
        match value {
            Some(value) => self.ext_id(value),
            None => ExtId::unchecked(&new_id()),
        }
    }

    /// Refuses a value that the policy admits.
    pub fn refuse(&mut self, value: &str) {
        self.violations.push(self.policy.forbids(value));
    }

    /// Ends the checks.
    ///
    /// # Errors
    /// [`ApiError::NamingPolicy`] with all violations, in the order of the checks.
    pub fn finish(self) -> Result<(), ApiError> {
        if self.violations.is_empty() { Ok(()) } else { Err(ApiError::NamingPolicy(self.violations)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ClientExtId;
    use crate::policy::{DEFAULT_MAX_LENGTH, DEFAULT_PATTERN};

    #[test]
    fn all_policy_violations_are_reported_in_the_order_of_the_checks() {
        let policy = NamingPolicy::new(DEFAULT_PATTERN, DEFAULT_MAX_LENGTH);
        assert_eq!((policy.pattern(), policy.max_length()), (DEFAULT_PATTERN, DEFAULT_MAX_LENGTH));
        let mut naming = Naming::new(&policy);
        naming.name("a b");
        naming.name("good");
        let id: ClientExtId = naming.ext_id("c d");
        assert_eq!(id.as_str(), "c d");
        naming.refuse("reserved");
        let violations = ["a b", "c d", "reserved"].map(|value| policy.forbids(value));
        assert_eq!(naming.finish(), Err(ApiError::NamingPolicy(violations.to_vec())));
        let mut naming = Naming::new(&policy);
        naming.name("good");
        assert_eq!(naming.finish(), Ok(()));
    }
}
