//! The configuration of the functions, with defaults for all variables.

use std::collections::BTreeMap;

use functions::OPERATIONS;
use shared::service::config::{Config, DEFAULT_X_TOKEN_MAX_AGE, Publishing, SINGLE_ISSUER};

use crate::engine::{ACCESS_KEY, REGION};
use crate::error::Error;
use crate::keys::DevelopmentKeys;

/// The AWS SDK's variable for the DynamoDB endpoint URL.
pub const ENDPOINT: &str = "AWS_ENDPOINT_URL_DYNAMODB";

/// The variable for the name of the table.
pub const TABLE_NAME: &str = "TABLE_NAME";

/// The issuer of the development tokens.
const ISSUER: &str = "urn:local:issuer";

/// The audience of the development tokens.
const AUDIENCE: &str = "urn:local:nevisidm";

/// The environment variables of the functions. Variables of the process override the development defaults.
#[derive(Clone, Debug)]
pub struct Environment {
    variables: BTreeMap<String, String>,
    trusts_bearer_key: bool,
    trusts_x_token_key: bool,
}

impl Environment {
    /// Returns the development defaults, overridden by the variables in `set`. By default, the public parts of
    /// `keys` are trusted.
    ///
    /// # Errors
    /// [`Error::Key`] if a key cannot be written as JSON.
    pub fn new(
        keys: &DevelopmentKeys,
        set: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Error> {
        let bearer_jwks = keys.bearer.public_jwks_json()?;
        let x_token_jwks = keys.x_token.public_jwks_json()?;
        let defaults = [
            (TABLE_NAME, "nevisidm".to_owned()),
            ("MULTI_CLIENT_MODE", "true".to_owned()),
            ("BEARER_ISSUER", ISSUER.to_owned()),
            ("BEARER_AUDIENCE", AUDIENCE.to_owned()),
            ("BEARER_JWKS", bearer_jwks.clone()),
            ("X_TOKEN_JWKS", x_token_jwks.clone()),
        ];
        let mut variables: BTreeMap<String, String> =
            defaults.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        // Like the functions, ignores white space around values, and variables with an empty value.
        let set = set.into_iter().map(|(name, value)| (name, value.trim().to_owned()));
        let set: BTreeMap<String, String> =
            set.filter(|(name, value)| is_read(name) && !value.is_empty()).collect();
        if set.contains_key("BEARER_ISSUERS") {
            variables.retain(|name, _| !SINGLE_ISSUER.contains(&name.as_str()));
        }
        variables.extend(set);
        let trusts_bearer_key = variables.get("BEARER_JWKS") == Some(&bearer_jwks);
        let trusts_x_token_key = variables.get("X_TOKEN_JWKS") == Some(&x_token_jwks);
        Ok(Self { variables, trusts_bearer_key, trusts_x_token_key })
    }

    /// Returns the development defaults, overridden by the environment of this process.
    ///
    /// # Errors
    /// The errors of [`new`](Self::new).
    pub fn of_process(keys: &DevelopmentKeys) -> Result<Self, Error> {
        // Ignores variables that are not Unicode: the functions read none of them.
        let set = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Self::new(keys, set)
    }

    /// Returns true if the environment of this process contains a DynamoDB endpoint URL.
    #[must_use]
    pub fn process_has_endpoint() -> bool {
        std::env::var_os(ENDPOINT).is_some_and(|endpoint| !endpoint.is_empty())
    }

    /// Returns the value of a variable.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// Returns the configuration from the variables.
    ///
    /// # Errors
    /// [`Error::Configuration`] with all invalid variables.
    pub fn config(&self) -> Result<Config, Error> {
        let config = Config::read(|name| self.get(name).map(str::to_owned));
        let prepared = config.and_then(|config| {
            let prepared = OPERATIONS.iter().try_for_each(|operation| operation.prepare_by(&config.settings));
            prepared.map(|()| config)
        });
        prepared.map_err(|error| Error::Configuration(error.to_string()))
    }

    /// Returns how changes are published.
    ///
    /// # Errors
    /// [`Error::Configuration`] with all invalid variables.
    pub fn publishing(&self) -> Result<Publishing, Error> {
        let publishing = Publishing::read(|name| self.get(name).map(str::to_owned));
        publishing.map_err(|error| Error::Configuration(error.to_string()))
    }

    /// Returns the name of the table.
    #[must_use]
    pub fn table_name(&self) -> &str {
        self.get(TABLE_NAME).unwrap_or_default()
    }

    /// Returns the DynamoDB endpoint URL, if it is set.
    #[must_use]
    pub fn endpoint(&self) -> Option<&str> {
        self.get(ENDPOINT)
    }

    /// Returns true if Bearer tokens signed with the development key are trusted.
    #[must_use]
    pub fn trusts_bearer_key(&self) -> bool {
        self.trusts_bearer_key
    }

    /// Returns true if X-Tokens signed with the development key are trusted.
    #[must_use]
    pub fn trusts_x_token_key(&self) -> bool {
        self.trusts_x_token_key
    }

    /// Returns the maximum lifetime of X-Tokens in seconds; the default if the variable is invalid.
    #[must_use]
    pub fn x_token_max_age(&self) -> u32 {
        let max_age = self.get("X_TOKEN_MAX_AGE").and_then(|value| value.parse().ok());
        max_age.unwrap_or(DEFAULT_X_TOKEN_MAX_AGE)
    }

    /// Returns the environment in which the functions' binaries use the engine at `engine`: one `NAME=value`
    /// per line, ordered by name. An endpoint in the environment of the process takes precedence.
    #[must_use]
    pub fn lines(&self, engine: Option<&str>) -> String {
        let mut variables = self.variables.clone();
        if self.endpoint().is_none() {
            if let Some(engine) = engine {
                variables.insert(ENDPOINT.to_owned(), engine.to_owned());
            }
            for (name, value) in [
                ("AWS_ACCESS_KEY_ID", ACCESS_KEY),
                ("AWS_SECRET_ACCESS_KEY", ACCESS_KEY),
                ("AWS_REGION", REGION),
            ] {
                variables.insert(name.to_owned(), value.to_owned());
            }
        }
        variables.iter().fold(String::new(), |text, (name, value)| text + name + "=" + value + "\n")
    }
}

/// Returns true if the functions read a variable, including the AWS SDK's variable for the endpoint.
fn is_read(name: &str) -> bool {
    const PREFIXES: [&str; 3] = ["BEARER_", "X_TOKEN_", "NAMING_POLICY_"];
    const NAMES: [&str; 15] = [
        TABLE_NAME,
        ENDPOINT,
        "CORS_ALLOWED_ORIGINS",
        "MULTI_CLIENT_MODE",
        "TOKEN_CLOCK_LEEWAY",
        "ROLE_RIGHTS",
        "LANGUAGES",
        "DEFAULT_APPLICATION",
        "MANDATORY_USER_FIELDS",
        "UNIQUE_USER_FIELDS",
        "MSISDN_REGEX",
        "METRICS_NAMESPACE",
        "HISTORY_RETENTION_DAYS",
        "EVENT_SOURCE",
        "EVENT_TYPE_PREFIX",
    ];
    NAMES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::{Environment, SINGLE_ISSUER};
    use crate::keys::DevelopmentKeys;

    fn environment(set: &[(&str, &str)]) -> (DevelopmentKeys, Environment) {
        let keys = DevelopmentKeys::generate().expect("made");
        let set = set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let environment = Environment::new(&keys, set).expect("complete");
        (keys, environment)
    }

    #[test]
    fn defaults_are_complete() {
        let (keys, environment) = environment(&[]);
        let bearer = keys.bearer.public_jwks_json().expect("JSON");
        let x_token = keys.x_token.public_jwks_json().expect("JSON");
        assert_eq!(
            environment.lines(Some("http://127.0.0.1:1")),
            format!(
                "AWS_ACCESS_KEY_ID=local\n\
                 AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:1\n\
                 AWS_REGION=eu-central-1\n\
                 AWS_SECRET_ACCESS_KEY=local\n\
                 BEARER_AUDIENCE=urn:local:nevisidm\n\
                 BEARER_ISSUER=urn:local:issuer\n\
                 BEARER_JWKS={bearer}\n\
                 MULTI_CLIENT_MODE=true\n\
                 TABLE_NAME=nevisidm\n\
                 X_TOKEN_JWKS={x_token}\n"
            )
        );
        assert!(environment.trusts_bearer_key() && environment.trusts_x_token_key());
    }

    #[test]
    fn set_variables_override_defaults_and_other_variables_are_ignored() {
        let (_, environment) = environment(&[
            ("TABLE_NAME", "other"),
            ("BEARER_JWKS", "{\"keys\":[]}"),
            ("BEARER_TYP", "JWT"),
            ("BEARER_ISSUER", ""),
            ("HOME", "/"),
        ]);
        assert_eq!(environment.table_name(), "other");
        assert_eq!(environment.get("BEARER_TYP"), Some("JWT"));
        assert_eq!(environment.get("BEARER_ISSUER"), Some("urn:local:issuer"));
        assert_eq!(environment.get("HOME"), None);
        assert!(!environment.trusts_bearer_key() && environment.trusts_x_token_key());
    }

    #[test]
    fn several_issuers_replace_the_development_issuer() {
        let jwks = "https://id.example/jwks";
        let issuers = format!(r#"[{{"issuer":"a","audience":"x","jwks":"{jwks}"}}]"#);
        let (_, environment) = environment(&[("BEARER_ISSUERS", &issuers)]);
        for name in SINGLE_ISSUER {
            assert_eq!(environment.get(name), None, "{name}");
        }
        assert!(environment.config().is_ok_and(|config| config.issuers.len() == 1));
        assert!(!environment.trusts_bearer_key() && environment.trusts_x_token_key());
    }

    /// The tokens of this program contain the values, so they must be those that the functions compare.
    #[test]
    fn white_space_around_values_is_ignored() {
        let (_, environment) =
            environment(&[("BEARER_ISSUER", " https://id.example\n"), ("BEARER_AUDIENCE", "  ")]);
        assert_eq!(environment.get("BEARER_ISSUER"), Some("https://id.example"));
        assert_eq!(environment.get("BEARER_AUDIENCE"), Some("urn:local:nevisidm"));
    }

    #[test]
    fn a_configured_endpoint_keeps_its_credentials() {
        let (_, environment) = environment(&[("AWS_ENDPOINT_URL_DYNAMODB", "https://example.com")]);
        let lines = environment.lines(Some("http://127.0.0.1:1"));
        assert!(lines.starts_with("AWS_ENDPOINT_URL_DYNAMODB=https://example.com\nBEARER_"));
    }
}
