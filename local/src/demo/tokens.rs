//! The tokens of the printed commands and of the page.

use std::collections::BTreeMap;

use shared::clock::Timestamp;
use shared::rights::Role;

use crate::commands::token::{bearer_claims, x_token_claims};
use crate::environment::Environment;
use crate::error::Error;
use crate::keys::{Authorization, DevelopmentKeys};

/// The client of the demo data.
pub(super) const CLIENT: &str = "100";
/// The user of the demo data.
pub(super) const USER: &str = "user-123";

/// The lifetime of the Bearer tokens in seconds: twelve hours. The service does not accept such an
/// X-Token, whose lifetime is the maximum.
const TTL: u32 = 12 * 60 * 60;

/// The tokens of the callers. A token is `None` if the service does not trust the development key.
pub(crate) struct Tokens {
    /// The Bearer token of a caller with all rights over all clients.
    pub(super) root: Option<String>,
    /// The Bearer token of the user.
    pub(super) user: Option<String>,
    /// The X-Token of the user.
    pub(super) x_token: Option<String>,
}

impl Tokens {
    /// Signs tokens with the development keys that the service trusts.
    pub(crate) fn new(
        keys: &DevelopmentKeys,
        environment: &Environment,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let bearer = |subject, role: &str, clients| {
            if !environment.trusts_bearer_key() {
                return Ok(None);
            }
            let authorization = Authorization { role: role.to_owned(), clients, units: None };
            keys.bearer(&bearer_claims(environment, CLIENT, subject, vec![authorization], (now, TTL)))
                .map(Some)
        };
        let x_token = if environment.trusts_x_token_key() {
            let ttl = environment.x_token_max_age();
            Some(keys.x_token(&x_token_claims(environment, CLIENT, USER, (now, ttl)))?)
        } else {
            None
        };
        Ok(Self {
            root: bearer("root", Role::Root.name(), Some(vec!["*".to_owned()]))?,
            user: bearer(USER, Role::SelfAdmin.name(), None)?,
            x_token,
        })
    }

    /// Returns the lines that set the variables of the printed commands. A variable without a token remains
    /// for the reader to set.
    pub(super) fn shell_variables(&self) -> String {
        let variables = [("TOKEN", &self.root), ("USER_TOKEN", &self.user), ("X_TOKEN", &self.x_token)];
        let line = |(name, token): (&str, &Option<String>)| match token {
            Some(token) => format!("{name}={token}\n"),
            None => format!("# Set {name}: this server does not accept the tokens of this program.\n"),
        };
        variables.map(line).concat()
    }

    /// Returns the tokens for the Swagger UI page, by the security schemes of the API description.
    pub(crate) fn by_scheme(&self) -> BTreeMap<&'static str, &str> {
        let tokens = [("bearerToken", &self.root), ("xToken", &self.x_token)];
        tokens.into_iter().filter_map(|(scheme, token)| Some((scheme, token.as_deref()?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use shared::clock::Timestamp;

    use super::{Tokens, x_token_claims};
    use crate::environment::Environment;
    use crate::keys::DevelopmentKeys;

    /// The service refuses an X-Token with a longer lifetime.
    #[test]
    fn the_x_token_is_valid_for_the_maximum_time() {
        let keys = DevelopmentKeys::generate().expect("made");
        let now = Timestamp::parse("2026-03-01T12:00:00Z").expect("a time");
        for (max_age, lifetime) in [(None, 3600), (Some("60"), 60)] {
            let set = max_age.map(|value| ("X_TOKEN_MAX_AGE".to_owned(), value.to_owned()));
            let environment = Environment::new(&keys, set).expect("complete");
            let tokens = Tokens::new(&keys, &environment, now).expect("named");
            let claims = x_token_claims(&environment, "100", "user-123", (now, lifetime));
            assert_eq!(tokens.x_token, keys.x_token(&claims).ok());
        }
    }

    #[test]
    fn tokens_of_other_keys_are_left_to_the_reader() {
        let keys = DevelopmentKeys::generate().expect("made");
        let foreign = DevelopmentKeys::generate().expect("made").bearer.public_jwks_json().expect("JSON");
        let now = Timestamp::parse("2026-03-01T12:00:00Z").expect("a time");
        let tokens = |name: &str| {
            let set = [(name.to_owned(), foreign.clone())];
            let environment = Environment::new(&keys, set).expect("complete");
            Tokens::new(&keys, &environment, now).expect("named")
        };
        let to_set = |tokens: &Tokens| -> Vec<String> {
            let lines = tokens.shell_variables();
            let names = lines.lines().filter_map(|line| line.strip_prefix("# Set ")?.split_once(':'));
            names.map(|(name, _)| name.to_owned()).collect()
        };
        let of_bearer = tokens("BEARER_JWKS");
        assert_eq!(to_set(&of_bearer), ["TOKEN", "USER_TOKEN"]);
        assert_eq!(of_bearer.by_scheme().into_keys().collect::<Vec<_>>(), ["xToken"]);
        let of_x_token = tokens("X_TOKEN_JWKS");
        assert_eq!(to_set(&of_x_token), ["X_TOKEN"]);
        assert_eq!(of_x_token.by_scheme().into_keys().collect::<Vec<_>>(), ["bearerToken"]);
    }
}
