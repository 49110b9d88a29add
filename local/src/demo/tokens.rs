//! The tokens of the printed commands and of the page.

use serde_json::{Value, json};
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
    /// The Bearer token of a caller who helps the users of the client.
    pub(super) helpdesk: Option<String>,
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
            helpdesk: bearer("helpdesk", Role::Helpdesk.name(), None)?,
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
        let another = match self.x_token {
            Some(_) => format!(
                "# X_TOKEN expires first. `cargo run -- x-token --client {CLIENT} --sub {USER}` prints another.\n"
            ),
            None => String::new(),
        };
        variables.map(line).concat() + &another
    }

    /// Returns the callers for the page: for each a name and the tokens by the security schemes of the API
    /// description.
    pub(crate) fn callers(&self) -> Vec<Value> {
        let callers = [
            ("root", &self.root, None),
            ("helpdesk", &self.helpdesk, None),
            (USER, &self.user, self.x_token.as_ref()),
        ];
        let caller = |(name, bearer, x_token): (&str, &Option<String>, Option<&String>)| {
            let bearer = bearer.as_ref()?;
            let mut tokens = json!({"bearerToken": bearer});
            if let Some(x_token) = x_token {
                tokens["xToken"] = x_token.as_str().into();
            }
            Some(json!({"name": name, "tokens": tokens}))
        };
        callers.into_iter().filter_map(caller).collect()
    }
}

#[cfg(test)]
mod tests {
    use shared::clock::Timestamp;

    use super::{Tokens, Value, x_token_claims};
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
        assert_eq!(of_bearer.callers(), Vec::<Value>::new());
        let of_x_token = tokens("X_TOKEN_JWKS");
        assert_eq!(to_set(&of_x_token), ["X_TOKEN"]);
        let callers = of_x_token.callers();
        assert_eq!(callers.len(), 3);
        assert!(callers.iter().all(|caller| caller["tokens"]["xToken"].is_null()));
    }

    #[test]
    fn only_the_user_has_an_x_token_on_the_page() {
        let keys = DevelopmentKeys::generate().expect("made");
        let environment = Environment::new(&keys, None).expect("complete");
        let now = Timestamp::parse("2026-03-01T12:00:00Z").expect("a time");
        let callers = Tokens::new(&keys, &environment, now).expect("named").callers();
        let with_x_token = callers.iter().filter(|caller| caller["tokens"]["xToken"].is_string());
        let names: Vec<&Value> = with_x_token.map(|caller| &caller["name"]).collect();
        assert_eq!(names, ["user-123"]);
    }
}
