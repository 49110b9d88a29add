//! The configuration, read once from environment variables when a function starts.

use std::fmt;

use crate::auth::jwt::TokenRules;
use crate::auth::key_set::KeySource;
use crate::auth::keys::Purpose;
use crate::auth::roles::RoleTable;
use crate::http::cors::AllowedOrigins;
use crate::ids::{ExtId, MAX_BYTES};
use crate::metrics::Namespace;
use crate::policy::{DEFAULT_MAX_LENGTH, DEFAULT_PATTERN, NamingPolicy, Settings};

/// The configuration of a deployment. See the deployment page of the documentation for the variables.
pub struct Config {
    /// `TABLE_NAME`
    pub table_name: String,
    /// `BEARER_ISSUER`, `BEARER_AUDIENCE`, `BEARER_TYP`
    pub bearer: TokenRules,
    /// `BEARER_JWKS`
    pub bearer_keys: KeySource,
    /// `BEARER_ROLES_CLAIM`
    pub roles_claim: String,
    /// `X_TOKEN_ISSUER`, `X_TOKEN_AUDIENCE`
    pub x_token: TokenRules,
    /// `X_TOKEN_JWKS`
    pub x_token_keys: KeySource,
    /// `ROLE_RIGHTS`
    pub roles: RoleTable,
    /// `CORS_ALLOWED_ORIGINS`
    pub allowed_origins: AllowedOrigins,
    /// `METRICS_NAMESPACE`
    pub metrics_namespace: Option<Namespace>,
    /// The settings that the operations use.
    pub settings: Settings,
}

/// An error that lists every missing or invalid variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError(Vec<String>);

impl fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the configuration is not valid: {}", self.0.join("; "))
    }
}

impl std::error::Error for ConfigError {}

impl From<String> for ConfigError {
    fn from(problem: String) -> Self {
        Self(vec![problem])
    }
}

impl Config {
    /// Reads the configuration from the variables that `lookup` returns. An empty variable counts as
    /// missing.
    ///
    /// # Errors
    /// Returns [`ConfigError`] with every missing or invalid variable.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut reader = Reader { lookup, problems: Vec::new() };
        let config = Self {
            table_name: reader.required("TABLE_NAME"),
            bearer: TokenRules {
                issuer: Some(reader.required("BEARER_ISSUER")),
                audience: Some(reader.required("BEARER_AUDIENCE")),
                types: token_types(&reader.optional("BEARER_TYP").unwrap_or_else(|| "at+jwt".to_owned())),
            },
            bearer_keys: reader.keys("BEARER_JWKS", Purpose::Bearer),
            roles_claim: reader.optional("BEARER_ROLES_CLAIM").unwrap_or_else(|| "roles".to_owned()),
            x_token: TokenRules {
                issuer: reader.optional("X_TOKEN_ISSUER"),
                audience: reader.optional("X_TOKEN_AUDIENCE"),
                // Access tokens declare their type, so that none is accepted as X-Token.
                types: token_types("jwt,"),
            },
            x_token_keys: reader.keys("X_TOKEN_JWKS", Purpose::XToken),
            roles: reader.parsed("ROLE_RIGHTS", RoleTable::built_in, RoleTable::parse),
            allowed_origins: reader.parsed(
                "CORS_ALLOWED_ORIGINS",
                AllowedOrigins::default,
                AllowedOrigins::parse,
            ),
            metrics_namespace: reader.parsed(
                "METRICS_NAMESPACE",
                || None,
                |text| Namespace::parse(text).map(Some),
            ),
            settings: reader.settings(),
        };
        reader.require_separate_keys(&config);
        if reader.problems.is_empty() { Ok(config) } else { Err(ConfigError(reader.problems)) }
    }
}

/// Parses a comma-separated list of types, in lower case. An empty entry allows the absence of a type.
fn token_types(list: &str) -> Vec<Option<String>> {
    let entries = list.split(',').map(|entry| entry.trim().to_ascii_lowercase());
    entries.map(|entry| Some(entry).filter(|entry| !entry.is_empty())).collect()
}

struct Reader<L> {
    lookup: L,
    problems: Vec<String>,
}

impl<L: Fn(&str) -> Option<String>> Reader<L> {
    fn optional(&self, name: &str) -> Option<String> {
        (self.lookup)(name).filter(|value| !value.is_empty())
    }

    fn required(&mut self, name: &str) -> String {
        self.optional(name).unwrap_or_else(|| {
            self.problems.push(format!("{name} is missing"));
            String::new()
        })
    }

    fn parsed<T>(
        &mut self,
        name: &str,
        default: impl FnOnce() -> T,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> T {
        match self.optional(name).map(|value| parse(&value)) {
            None => default(),
            Some(Ok(value)) => value,
            Some(Err(reason)) => {
                self.problems.push(format!("{name} {reason}"));
                default()
            }
        }
    }

    fn keys(&mut self, name: &str, purpose: Purpose) -> KeySource {
        let text = self.required(name);
        let none = || KeySource::Inline(Vec::new());
        if text.is_empty() {
            return none();
        }
        self.parsed(name, none, |text| KeySource::parse(text, purpose))
    }

    fn settings(&mut self) -> Settings {
        let max_length = self.parsed(
            "NAMING_POLICY_MAX_LENGTH",
            || DEFAULT_MAX_LENGTH,
            |value| {
                let length = value.parse().ok().filter(|length| (1..=MAX_BYTES).contains(length));
                length.ok_or_else(|| format!("is not a number from 1 to {MAX_BYTES}"))
            },
        );
        let pattern = self.optional("NAMING_POLICY_REGEX");
        let naming_policy = NamingPolicy::new(pattern.as_deref().unwrap_or(DEFAULT_PATTERN), max_length);
        let multi_client_mode = match self.required("MULTI_CLIENT_MODE").as_str() {
            "true" => true,
            "false" | "" => false,
            _ => {
                self.problems.push("MULTI_CLIENT_MODE is neither 'true' nor 'false'".to_owned());
                false
            }
        };
        let languages = self.optional("LANGUAGES").unwrap_or_else(|| "EN,DE,FR,IT".to_owned());
        let application = |value: &str| match ExtId::<()>::parse(value) {
            Ok(_) => Ok(value.to_owned()),
            Err(_) => Err("is not an identifier".to_owned()),
        };
        Settings {
            multi_client_mode,
            naming_policy,
            languages: languages.split(',').map(|language| language.trim().to_owned()).collect(),
            default_application: self.parsed("DEFAULT_APPLICATION", || "nevisIdm".to_owned(), application),
        }
    }

    /// Requires that the two key sets share no key, so that no token is accepted in place of the other.
    fn require_separate_keys(&mut self, config: &Config) {
        let shared = match (&config.bearer_keys, &config.x_token_keys) {
            (KeySource::Inline(bearer), KeySource::Inline(x_token)) => {
                bearer.iter().any(|key| x_token.iter().any(|other| other.material() == key.material()))
            }
            (KeySource::Remote(bearer), KeySource::Remote(x_token)) => bearer == x_token,
            (KeySource::Inline(_), KeySource::Remote(_)) | (KeySource::Remote(_), KeySource::Inline(_)) => {
                false
            }
        };
        if shared {
            self.problems.push("BEARER_JWKS and X_TOKEN_JWKS share a key".to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    const KEY_A: &str =
        r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
    const KEY_B: &str =
        r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg"}]}"#;

    fn read(changes: &[(&str, &str)]) -> Result<Config, String> {
        let mut variables = BTreeMap::from([
            ("TABLE_NAME", "table"),
            ("MULTI_CLIENT_MODE", "true"),
            ("BEARER_ISSUER", "https://issuer.example"),
            ("BEARER_AUDIENCE", "idm"),
            ("BEARER_JWKS", KEY_A),
            ("X_TOKEN_JWKS", KEY_B),
        ]);
        variables.extend(changes.iter().copied());
        Config::read(|name| variables.get(name).map(|value| (*value).to_owned()))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn optional_variables_have_defaults() {
        let config = read(&[("ROLE_RIGHTS", ""), ("X_TOKEN_ISSUER", "")]).expect("a configuration");
        assert_eq!(config.bearer.types, [Some("at+jwt".to_owned())]);
        assert_eq!(config.x_token.types, [Some("jwt".to_owned()), None]);
        assert_eq!((config.x_token.issuer, config.x_token.audience), (None, None));
        assert_eq!(config.roles_claim, "roles");
        assert_eq!(config.roles, RoleTable::built_in());
        assert_eq!(config.allowed_origins, AllowedOrigins::None);
        assert_eq!(config.metrics_namespace, None);
        assert_eq!(config.settings.languages, ["EN", "DE", "FR", "IT"]);
        assert_eq!(config.settings.default_application, "nevisIdm");
        let config = read(&[("BEARER_TYP", "JWT,")]).expect("a configuration");
        assert_eq!(config.bearer.types, [Some("jwt".to_owned()), None]);
    }

    #[test]
    fn all_missing_and_invalid_variables_are_reported_in_one_line() {
        let Err(message) = Config::read(|_| None).map_err(|error| error.to_string()) else {
            panic!("nothing is not a configuration");
        };
        assert_eq!(
            message,
            "the configuration is not valid: TABLE_NAME is missing; BEARER_ISSUER is missing; \
             BEARER_AUDIENCE is missing; BEARER_JWKS is missing; X_TOKEN_JWKS is missing; MULTI_CLIENT_MODE is missing"
        );
        for (name, value, problem) in [
            ("MULTI_CLIENT_MODE", "yes", "MULTI_CLIENT_MODE is neither 'true' nor 'false'"),
            ("BEARER_JWKS", "http://keys", "BEARER_JWKS is neither a JSON Web Key Set nor an https URL"),
            ("BEARER_JWKS", r#"{"keys":[]}"#, "BEARER_JWKS has no key that verifies signatures"),
            ("BEARER_JWKS", KEY_B, "BEARER_JWKS and X_TOKEN_JWKS share a key"),
            ("NAMING_POLICY_MAX_LENGTH", "0", "NAMING_POLICY_MAX_LENGTH is not a number from 1 to 480"),
            ("ROLE_RIGHTS", "[]", "ROLE_RIGHTS is not a JSON object, or has duplicate member names"),
            ("DEFAULT_APPLICATION", "a#b", "DEFAULT_APPLICATION is not an identifier"),
            (
                "CORS_ALLOWED_ORIGINS",
                "*,https://app.example.com",
                "CORS_ALLOWED_ORIGINS is neither '*' nor a list of origins such as https://app.example.com",
            ),
            ("METRICS_NAMESPACE", "AWS/Lambda", "METRICS_NAMESPACE is not a CloudWatch metrics namespace"),
        ] {
            let message = read(&[(name, value)]).err();
            assert_eq!(message, Some(format!("the configuration is not valid: {problem}")));
        }
    }

    #[test]
    fn invalid_naming_policies_are_reported_when_prepared() {
        let prepare = |pattern| {
            let config = read(&[("NAMING_POLICY_REGEX", pattern)]).expect("a configuration");
            config.settings.prepare_naming_policy()
        };
        assert_eq!((prepare("[a-z]+"), prepare("")), (Ok(()), Ok(())));
        let problem = "NAMING_POLICY_REGEX is not a pattern that this service supports";
        assert_eq!(prepare("("), Err(problem.to_owned()));
    }
}
