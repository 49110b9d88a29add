//! The configuration, read once from environment variables when a function starts.

mod issuers;

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

pub use self::issuers::BearerIssuer;
use self::issuers::{DEFAULT_ROLES_CLAIM, DEFAULT_TYP, audiences, entries, token_types};
use crate::auth::jwt::TokenRules;
use crate::auth::key_set::KeySource;
use crate::auth::keys::{ParsedKeys, Purpose};
use crate::auth::roles::RoleTable;
use crate::http::cors::AllowedOrigins;
use crate::ids::{ExtId, MAX_BYTES};
use crate::metrics::Namespace;
use crate::policy::{
    DEFAULT_MAX_LENGTH, DEFAULT_MSISDN_PATTERN, DEFAULT_PATTERN, NamingPolicy, Settings, UserMember,
};
use crate::table::connection;

/// The configuration of a deployment. See the deployment page of the documentation for the variables.
pub struct Config {
    /// `TABLE_NAME`
    pub table_name: String,
    /// `BEARER_ISSUERS`, or [`SINGLE_ISSUER`]
    pub issuers: Vec<BearerIssuer>,
    /// `X_TOKEN_ISSUER`, `X_TOKEN_AUDIENCE`, `X_TOKEN_MAX_AGE`, `TOKEN_CLOCK_LEEWAY`
    pub x_token: TokenRules,
    /// `X_TOKEN_JWKS`
    pub x_token_keys: KeySource,
    /// True in multi-client mode unless `X_TOKEN_CLIENT_CLAIM` is `optional`
    pub requires_x_token_client: bool,
    /// `ROLE_RIGHTS`
    pub roles: RoleTable,
    /// `CORS_ALLOWED_ORIGINS`
    pub allowed_origins: AllowedOrigins,
    /// `METRICS_NAMESPACE`
    pub metrics_namespace: Option<Namespace>,
    /// The settings that the operations use.
    pub settings: Settings,
}

/// The variables of a single issuer, which `BEARER_ISSUERS` replaces.
pub const SINGLE_ISSUER: [&str; 5] =
    ["BEARER_ISSUER", "BEARER_AUDIENCE", "BEARER_JWKS", "BEARER_ROLES_CLAIM", "BEARER_TYP"];

/// The default of `TOKEN_CLOCK_LEEWAY`, in seconds.
pub const DEFAULT_LEEWAY: u32 = 5;
/// The default of `X_TOKEN_MAX_AGE`, in seconds.
pub const DEFAULT_X_TOKEN_MAX_AGE: u32 = 3600;

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
    /// Reads the configuration from the variables that `lookup` returns. White space around a value is
    /// not part of it, and an empty variable counts as missing.
    ///
    /// # Errors
    /// Returns [`ConfigError`] with every missing or invalid variable.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut reader = Reader { lookup, problems: Vec::new() };
        let table_name = reader.required("TABLE_NAME");
        let leeway = reader.number("TOKEN_CLOCK_LEEWAY", DEFAULT_LEEWAY, 0..=60);
        let issuers = reader.issuers(leeway);
        let x_token = TokenRules {
            issuer: reader.optional("X_TOKEN_ISSUER"),
            audiences: reader.parsed("X_TOKEN_AUDIENCE", Vec::new, |list| audiences(entries(list))),
            // Access tokens declare their type, so that none is accepted as X-Token.
            types: token_types("jwt,"),
            leeway,
            max_age: Some(reader.number("X_TOKEN_MAX_AGE", DEFAULT_X_TOKEN_MAX_AGE, 1..=86_400)),
        };
        let claims_client = reader.parsed(
            "X_TOKEN_CLIENT_CLAIM",
            || true,
            |value| match value {
                "required" => Ok(true),
                "optional" => Ok(false),
                _ => Err("is neither 'required' nor 'optional'".to_owned()),
            },
        );
        let x_token_keys = reader.keys("X_TOKEN_JWKS", Purpose::XToken);
        let settings = reader.settings();
        let config = Self {
            table_name,
            issuers,
            x_token,
            x_token_keys,
            requires_x_token_client: settings.multi_client_mode && claims_client,
            roles: reader.parsed("ROLE_RIGHTS", RoleTable::built_in, RoleTable::parse),
            allowed_origins: reader.parsed(
                "CORS_ALLOWED_ORIGINS",
                AllowedOrigins::default,
                AllowedOrigins::parse,
            ),
            metrics_namespace: reader.metrics_namespace(),
            settings,
        };
        reader.require_separate_keys(&config);
        if reader.problems.is_empty() { Ok(config) } else { Err(ConfigError(reader.problems)) }
    }
}

/// The configuration of a job, which has no callers.
pub struct JobConfig {
    /// `TABLE_NAME`
    pub table_name: String,
    /// `METRICS_NAMESPACE`
    pub metrics_namespace: Option<Namespace>,
}

/// How changes are published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publishing {
    /// `HISTORY_RETENTION_DAYS`: how long the history is kept; `None` for ever.
    pub retention_days: Option<u64>,
    /// `EVENT_BUS_NAME`: the bus of the events; `None` for no events.
    pub bus_name: Option<String>,
    /// `EVENT_TYPE_PREFIX`: the beginning of the types of events.
    pub type_prefix: String,
    /// `EVENT_SOURCE`: the source of events, a URI reference.
    pub source: String,
}

/// The default of `HISTORY_RETENTION_DAYS`.
pub const DEFAULT_RETENTION_DAYS: u64 = 400;
/// The default of `EVENT_TYPE_PREFIX`.
pub const DEFAULT_TYPE_PREFIX: &str = "com.example";
/// The default of `EVENT_SOURCE`.
pub const DEFAULT_SOURCE: &str = "/nevisidm/api/core/v1";

impl Publishing {
    /// Reads the configuration like [`Config::read`].
    ///
    /// # Errors
    /// Returns [`ConfigError`] with every invalid variable.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut reader = Reader { lookup, problems: Vec::new() };
        let days = reader.number("HISTORY_RETENTION_DAYS", DEFAULT_RETENTION_DAYS, 0..=36_500);
        let type_prefix = reader.parsed(
            "EVENT_TYPE_PREFIX",
            || DEFAULT_TYPE_PREFIX.to_owned(),
            |prefix| {
                let is_valid = prefix.len() <= MAX_TYPE_PREFIX && prefix.split('.').all(is_label);
                if is_valid { Ok(prefix.to_owned()) } else { Err("is not a reversed domain name".to_owned()) }
            },
        );
        let source = reader.parsed(
            "EVENT_SOURCE",
            || DEFAULT_SOURCE.to_owned(),
            |source| {
                let is_valid =
                    source.len() <= MAX_SOURCE && source.bytes().all(|byte| byte.is_ascii_graphic());
                if is_valid {
                    Ok(source.to_owned())
                } else {
                    Err(format!("is not a URI reference of at most {MAX_SOURCE} visible ASCII characters"))
                }
            },
        );
        let publishing = Self {
            retention_days: Some(days).filter(|days| *days > 0),
            bus_name: reader.optional("EVENT_BUS_NAME"),
            type_prefix,
            source,
        };
        if reader.problems.is_empty() { Ok(publishing) } else { Err(ConfigError(reader.problems)) }
    }
}

/// The maximum length of the beginning of a type, which is the detail type of an event in EventBridge.
const MAX_TYPE_PREFIX: usize = 64;
/// The maximum length of a source in EventBridge.
const MAX_SOURCE: usize = 256;

/// Returns true for a part of a domain name.
fn is_label(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

impl From<&Config> for JobConfig {
    fn from(config: &Config) -> Self {
        Self { table_name: config.table_name.clone(), metrics_namespace: config.metrics_namespace.clone() }
    }
}

impl JobConfig {
    /// Reads the configuration like [`Config::read`].
    ///
    /// # Errors
    /// Returns [`ConfigError`] with every missing or invalid variable.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut reader = Reader { lookup, problems: Vec::new() };
        let config =
            Self { table_name: reader.required("TABLE_NAME"), metrics_namespace: reader.metrics_namespace() };
        if reader.problems.is_empty() { Ok(config) } else { Err(ConfigError(reader.problems)) }
    }
}

struct Reader<L> {
    lookup: L,
    problems: Vec<String>,
}

impl<L: Fn(&str) -> Option<String>> Reader<L> {
    fn optional(&self, name: &str) -> Option<String> {
        connection::value_of(&self.lookup, name)
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

    fn metrics_namespace(&mut self) -> Option<Namespace> {
        self.parsed("METRICS_NAMESPACE", || None, |text| Namespace::parse(text).map(Some))
    }

    /// Reads a variable like [`Reader::parsed`], and reports it if it is missing.
    fn required_parsed<T>(
        &mut self,
        name: &str,
        otherwise: impl FnOnce() -> T,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> T {
        if self.required(name).is_empty() { otherwise() } else { self.parsed(name, otherwise, parse) }
    }

    fn keys(&mut self, name: &str, purpose: Purpose) -> KeySource {
        let none = || KeySource::Inline(ParsedKeys { keys: Vec::new(), passed_over: Vec::new() });
        self.required_parsed(name, none, |text| KeySource::parse(text, purpose))
    }

    fn number<T>(&mut self, name: &str, default: T, range: RangeInclusive<T>) -> T
    where
        T: Copy + FromStr + PartialOrd + fmt::Display,
    {
        let parse = |value: &str| {
            let number = value.parse().ok().filter(|number| range.contains(number));
            number.ok_or_else(|| format!("is not a number from {} to {}", range.start(), range.end()))
        };
        self.parsed(name, || default, parse)
    }

    fn issuers(&mut self, leeway: u32) -> Vec<BearerIssuer> {
        if self.optional("BEARER_ISSUERS").is_none() {
            return vec![self.single_issuer(leeway)];
        }
        for name in SINGLE_ISSUER {
            if self.optional(name).is_some() {
                self.problems.push(format!("{name} is set in addition to BEARER_ISSUERS"));
            }
        }
        self.parsed("BEARER_ISSUERS", Vec::new, |text| issuers::parse(text, leeway))
    }

    fn single_issuer(&mut self, leeway: u32) -> BearerIssuer {
        let issuer = self.required("BEARER_ISSUER");
        let audiences = self.required_parsed("BEARER_AUDIENCE", Vec::new, |list| audiences(entries(list)));
        let typ = self.optional("BEARER_TYP");
        let roles_claim = self.optional("BEARER_ROLES_CLAIM");
        BearerIssuer {
            rules: TokenRules {
                issuer: Some(issuer),
                audiences,
                types: token_types(typ.as_deref().unwrap_or(DEFAULT_TYP)),
                leeway,
                max_age: None,
            },
            keys: self.keys("BEARER_JWKS", Purpose::Bearer),
            roles_claim: roles_claim.unwrap_or_else(|| DEFAULT_ROLES_CLAIM.to_owned()),
        }
    }

    fn settings(&mut self) -> Settings {
        let max_length = self.number("NAMING_POLICY_MAX_LENGTH", DEFAULT_MAX_LENGTH, 1..=MAX_BYTES);
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
            languages: entries(&languages),
            default_application: self.parsed("DEFAULT_APPLICATION", || "nevisIdm".to_owned(), application),
            mandatory_user_fields: self.user_members("MANDATORY_USER_FIELDS", UserMember::MANDATORY),
            unique_user_fields: self.user_members("UNIQUE_USER_FIELDS", UserMember::UNIQUE),
            msisdn_pattern: self
                .optional("MSISDN_REGEX")
                .unwrap_or_else(|| DEFAULT_MSISDN_PATTERN.to_owned()),
        }
    }

    fn user_members(&mut self, name: &str, allowed: &[UserMember]) -> Vec<UserMember> {
        let parse = |path: &String| allowed.iter().copied().find(|member| member.path() == path);
        self.parsed(name, Vec::new, |list| {
            entries(list).iter().map(parse).collect::<Option<_>>().ok_or_else(|| {
                let paths: Vec<&str> = allowed.iter().map(|member| member.path()).collect();
                format!("is not a list of {}", paths.join(", "))
            })
        })
    }

    /// Requires that no key set for Bearer tokens shares a key with that for X-Tokens, so that no token is
    /// accepted in place of the other.
    fn require_separate_keys(&mut self, config: &Config) {
        let shared = config.issuers.iter().any(|issuer| match (&issuer.keys, &config.x_token_keys) {
            (KeySource::Inline(bearer), KeySource::Inline(x_token)) => {
                bearer.keys.iter().any(|key| x_token.keys.iter().any(|it| it.material() == key.material()))
            }
            (KeySource::Remote(bearer), KeySource::Remote(x_token)) => bearer == x_token,
            (KeySource::Inline(_), KeySource::Remote(_)) | (KeySource::Remote(_), KeySource::Inline(_)) => {
                false
            }
        });
        if shared {
            let name =
                if self.optional("BEARER_ISSUERS").is_some() { "BEARER_ISSUERS" } else { "BEARER_JWKS" };
            self.problems.push(format!("{name} and X_TOKEN_JWKS share a key"));
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

    fn publishing(variables: &[(&str, &str)]) -> Result<Publishing, String> {
        let variables: BTreeMap<&str, &str> = variables.iter().copied().collect();
        let read = Publishing::read(|name| variables.get(name).map(|value| (*value).to_owned()));
        read.map_err(|error| error.to_string())
    }

    #[test]
    fn changes_are_published_with_defaults_and_without_a_bus() {
        let expected = Publishing {
            retention_days: Some(400),
            bus_name: None,
            type_prefix: "com.example".to_owned(),
            source: "/nevisidm/api/core/v1".to_owned(),
        };
        assert_eq!(publishing(&[("EVENT_BUS_NAME", " ")]), Ok(expected));
        let set = [
            ("HISTORY_RETENTION_DAYS", "0"),
            ("EVENT_BUS_NAME", "bus"),
            ("EVENT_TYPE_PREFIX", "org.example-1"),
            ("EVENT_SOURCE", "urn:idm:1"),
        ];
        let expected = Publishing {
            retention_days: None,
            bus_name: Some("bus".to_owned()),
            type_prefix: "org.example-1".to_owned(),
            source: "urn:idm:1".to_owned(),
        };
        assert_eq!(publishing(&set), Ok(expected));
    }

    #[test]
    fn invalid_variables_of_the_job_are_reported_together() {
        let set =
            [("HISTORY_RETENTION_DAYS", "-1"), ("EVENT_TYPE_PREFIX", "com..x"), ("EVENT_SOURCE", "a b")];
        let expected = "the configuration is not valid: HISTORY_RETENTION_DAYS is not a number from 0 to 36500; \
                        EVENT_TYPE_PREFIX is not a reversed domain name; \
                        EVENT_SOURCE is not a URI reference of at most 256 visible ASCII characters";
        assert_eq!(publishing(&set), Err(expected.to_owned()));
    }

    #[test]
    fn optional_variables_have_defaults() {
        let config = read(&[("ROLE_RIGHTS", ""), ("X_TOKEN_ISSUER", "")]).expect("a configuration");
        let [issuer] = &config.issuers[..] else { panic!("one issuer") };
        assert_eq!(issuer.rules.types, [Some("at+jwt".to_owned())]);
        assert_eq!((issuer.rules.leeway, issuer.rules.max_age), (5, None));
        assert_eq!((config.x_token.leeway, config.x_token.max_age), (5, Some(3600)));
        assert!(config.requires_x_token_client);
        assert_eq!(config.x_token.types, [Some("jwt".to_owned()), None]);
        assert_eq!((config.x_token.issuer, config.x_token.audiences), (None, Vec::new()));
        assert_eq!(issuer.roles_claim, "roles");
        assert_eq!(config.roles, RoleTable::built_in());
        assert_eq!(config.allowed_origins, AllowedOrigins::None);
        assert_eq!(config.metrics_namespace, None);
        assert_eq!(config.settings.languages, ["EN", "DE", "FR", "IT"]);
        assert_eq!(config.settings.default_application, "nevisIdm");
        assert_eq!(config.settings.mandatory_user_fields, []);
        assert_eq!(config.settings.unique_user_fields, []);
        let config = read(&[("BEARER_TYP", "JWT,")]).expect("a configuration");
        assert_eq!(config.issuers[0].rules.types, [Some("jwt".to_owned()), None]);
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
            ("BEARER_JWKS", r#"{"keys":[]}"#, "BEARER_JWKS has no key"),
            ("BEARER_JWKS", KEY_B, "BEARER_JWKS and X_TOKEN_JWKS share a key"),
            ("NAMING_POLICY_MAX_LENGTH", "0", "NAMING_POLICY_MAX_LENGTH is not a number from 1 to 480"),
            ("ROLE_RIGHTS", "[]", "ROLE_RIGHTS is not a JSON object, or has duplicate member names"),
            ("DEFAULT_APPLICATION", "a#b", "DEFAULT_APPLICATION is not an identifier"),
            (
                "MANDATORY_USER_FIELDS",
                "sex,gender",
                "MANDATORY_USER_FIELDS is not a list of name.familyName, name.firstName, contacts.email, \
                 contacts.mobile, sex, address.countryCode",
            ),
            (
                "UNIQUE_USER_FIELDS",
                "sex",
                "UNIQUE_USER_FIELDS is not a list of contacts.email, contacts.mobile",
            ),
            (
                "CORS_ALLOWED_ORIGINS",
                "*,https://app.example.com",
                "CORS_ALLOWED_ORIGINS is neither '*' nor a list of origins such as https://app.example.com",
            ),
            ("METRICS_NAMESPACE", "AWS/Lambda", "METRICS_NAMESPACE is not a CloudWatch metrics namespace"),
            ("BEARER_AUDIENCE", "idm,,other", "BEARER_AUDIENCE has an empty entry"),
            ("X_TOKEN_AUDIENCE", ",", "X_TOKEN_AUDIENCE has an empty entry"),
            ("TOKEN_CLOCK_LEEWAY", "61", "TOKEN_CLOCK_LEEWAY is not a number from 0 to 60"),
            ("TOKEN_CLOCK_LEEWAY", "-1", "TOKEN_CLOCK_LEEWAY is not a number from 0 to 60"),
            ("X_TOKEN_MAX_AGE", "0", "X_TOKEN_MAX_AGE is not a number from 1 to 86400"),
            ("X_TOKEN_MAX_AGE", "1h", "X_TOKEN_MAX_AGE is not a number from 1 to 86400"),
            ("X_TOKEN_CLIENT_CLAIM", "no", "X_TOKEN_CLIENT_CLAIM is neither 'required' nor 'optional'"),
        ] {
            let message = read(&[(name, value)]).err();
            assert_eq!(message, Some(format!("the configuration is not valid: {problem}")));
        }
    }

    fn read_of_job(variables: &[(&str, &str)]) -> Result<(String, Option<Namespace>), String> {
        let variables: BTreeMap<&str, &str> = variables.iter().copied().collect();
        let config = JobConfig::read(|name| variables.get(name).map(|value| (*value).to_owned()));
        config.map(|config| (config.table_name, config.metrics_namespace)).map_err(|error| error.to_string())
    }

    #[test]
    fn a_job_requires_a_table_only() {
        let table = "table".to_owned();
        assert_eq!(read_of_job(&[("TABLE_NAME", " table\n")]), Ok((table.clone(), None)));
        let namespace = Namespace::parse("identity").ok();
        let variables = [("TABLE_NAME", "table"), ("METRICS_NAMESPACE", "identity")];
        assert_eq!(read_of_job(&variables), Ok((table.clone(), namespace.clone())));
        let config = read(&[("METRICS_NAMESPACE", "identity")]).expect("a configuration");
        let of_job = JobConfig::from(&config);
        assert_eq!((of_job.table_name, of_job.metrics_namespace), (table, namespace));
    }

    #[test]
    fn all_missing_and_invalid_variables_of_a_job_are_reported_in_one_line() {
        let missing = "the configuration is not valid: TABLE_NAME is missing";
        assert_eq!(read_of_job(&[]), Err(missing.to_owned()));
        assert_eq!(read_of_job(&[("TABLE_NAME", " ")]), Err(missing.to_owned()));
        let both = "METRICS_NAMESPACE is not a CloudWatch metrics namespace";
        let invalid = read_of_job(&[("METRICS_NAMESPACE", "AWS/Lambda")]);
        assert_eq!(invalid, Err(format!("{missing}; {both}")));
    }

    /// A blank behind the issuer would refuse every token.
    #[test]
    fn white_space_around_values_is_ignored() {
        let config = read(&[
            ("TABLE_NAME", " table\n"),
            ("MULTI_CLIENT_MODE", "false "),
            ("BEARER_ISSUER", "https://issuer.example "),
            ("BEARER_AUDIENCE", " idm , other\t"),
            ("BEARER_JWKS", "\u{a0}https://keys.example/jwks\r\n"),
            ("BEARER_TYP", " at+jwt, "),
            ("BEARER_ROLES_CLAIM", " groups"),
            ("TOKEN_CLOCK_LEEWAY", " 0 "),
            ("X_TOKEN_MAX_AGE", "60 "),
            ("X_TOKEN_ISSUER", "  "),
            ("NAMING_POLICY_MAX_LENGTH", " 10"),
        ]);
        let config = config.expect("a configuration");
        let [issuer] = &config.issuers[..] else { panic!("one issuer") };
        let rules = TokenRules {
            issuer: Some("https://issuer.example".to_owned()),
            audiences: vec!["idm".to_owned(), "other".to_owned()],
            types: vec![Some("at+jwt".to_owned()), None],
            leeway: 0,
            max_age: None,
        };
        assert_eq!((&issuer.rules, issuer.roles_claim.as_str()), (&rules, "groups"));
        assert!(matches!(&issuer.keys, KeySource::Remote(url) if url == "https://keys.example/jwks"));
        assert_eq!((config.table_name.as_str(), config.x_token.issuer), ("table", None));
        assert_eq!((config.x_token.max_age, config.settings.naming_policy.max_length()), (Some(60), 10));
    }

    #[test]
    fn the_client_claim_of_x_tokens_is_required_in_multi_client_mode() {
        for (mode, claim, expected) in [
            ("true", "", true),
            ("true", "required", true),
            ("true", "optional", false),
            ("false", "", false),
            ("false", "required", false),
            ("false", "optional", false),
        ] {
            let config = read(&[("MULTI_CLIENT_MODE", mode), ("X_TOKEN_CLIENT_CLAIM", claim)]);
            let requires = config.expect("a configuration").requires_x_token_client;
            assert_eq!(requires, expected, "{mode} {claim}");
        }
    }

    /// The variables of a single issuer, emptied.
    const NO_SINGLE: [(&str, &str); 3] =
        [("BEARER_ISSUER", ""), ("BEARER_AUDIENCE", ""), ("BEARER_JWKS", "")];

    fn read_issuers(issuers: &str) -> Result<Vec<BearerIssuer>, String> {
        let changes = [&NO_SINGLE[..], &[("BEARER_ISSUERS", issuers)]].concat();
        read(&changes).map(|config| config.issuers)
    }

    #[test]
    fn several_issuers_each_have_their_own_rules_and_keys() {
        let issuers = read_issuers(&format!(
            r#"[{{"issuer":"a","audience":"x, y","jwks":{KEY_A}}},
                {{"issuer":"b","audience":["x","z"],"jwks":"https://b.example/jwks","rolesClaim":"groups","typ":"JWT,"}},
                {{"issuer":"c","audience":"x","jwks":{KEY_A:?}}}]"#
        ));
        let issuers = issuers.expect("issuers");
        let rules = |issuer: &str, audiences: [&str; 2], types: &[Option<&str>]| TokenRules {
            issuer: Some(issuer.to_owned()),
            audiences: audiences.into_iter().filter(|it| !it.is_empty()).map(str::to_owned).collect(),
            types: types.iter().map(|typ| typ.map(str::to_owned)).collect(),
            leeway: 5,
            max_age: None,
        };
        let expected = [
            (rules("a", ["x", "y"], &[Some("at+jwt")]), "roles", "1 keys"),
            (rules("b", ["x", "z"], &[Some("jwt"), None]), "groups", "https://b.example/jwks"),
            (rules("c", ["x", ""], &[Some("at+jwt")]), "roles", "1 keys"),
        ];
        for (issuer, (rules, roles_claim, keys)) in issuers.iter().zip(expected) {
            let source = match &issuer.keys {
                KeySource::Inline(keys) => format!("{} keys", keys.keys.len()),
                KeySource::Remote(address) => address.clone(),
            };
            assert_eq!((&issuer.rules, issuer.roles_claim.as_str()), (&rules, roles_claim));
            assert_eq!(source, keys);
        }
        assert_eq!(issuers.len(), 3);
    }

    #[test]
    fn malformed_issuers_are_rejected() {
        let good = format!(r#"{{"issuer":"a","audience":"x","jwks":{KEY_A}}}"#);
        let with = |from: &str, to: &str| format!("[{}]", good.replace(from, to));
        let shared = good.replace(KEY_A, KEY_B);
        for (issuers, problem) in [
            ("{}".to_owned(), "is not a JSON array, or has duplicate member names"),
            ("https://a.example".to_owned(), "is not a JSON array, or has duplicate member names"),
            (
                with(r#""issuer":"a""#, r#""issuer":"a","issuer":"a""#),
                "is not a JSON array, or has duplicate member names",
            ),
            ("[]".to_owned(), "has no issuer"),
            (r#"["a"]"#.to_owned(), "has an issuer 0 that is not an object"),
            (with(r#""issuer":"a","#, ""), "has an issuer 0 without 'issuer'"),
            (with(r#""audience":"x","#, ""), "has an issuer 0 without 'audience'"),
            (with(&format!(r#","jwks":{KEY_A}"#), ""), "has an issuer 0 without 'jwks'"),
            (
                with(r#""issuer":"a""#, r#""issuer":" ""#),
                "has an issuer 0 whose 'issuer' is not a string with content",
            ),
            (
                with(r#""issuer":"a""#, r#""issuer":["a"]"#),
                "has an issuer 0 whose 'issuer' is not a string with content",
            ),
            (
                with(r#""audience":"x""#, r#""audience":"x,""#),
                "has an issuer 0 whose 'audience' has an empty entry",
            ),
            (
                with(r#""audience":"x""#, r#""audience":[]"#),
                "has an issuer 0 whose 'audience' has an empty entry",
            ),
            (
                with(r#""audience":"x""#, r#""audience":["x",1]"#),
                "has an issuer 0 whose 'audience' is not an array of strings",
            ),
            (
                with(r#""audience":"x""#, r#""audience":null"#),
                "has an issuer 0 whose 'audience' is not a string with content",
            ),
            (
                with(r#""issuer":"a""#, r#""issuer":"a","typ":1"#),
                "has an issuer 0 whose 'typ' is not a string with content",
            ),
            (
                with(r#""issuer":"a""#, r#""issuer":"a","rolesClaim":"""#),
                "has an issuer 0 whose 'rolesClaim' is not a string with content",
            ),
            (
                with(r#""issuer":"a""#, r#""issuer":"a","clients":"x""#),
                "has an issuer 0 with the unknown member \"clients\"",
            ),
            (
                with(KEY_A, r#""http://keys""#),
                "has an issuer 0 whose 'jwks' is neither a JSON Web Key Set nor an https URL",
            ),
            (with(KEY_A, r#"{"keys":[]}"#), "has an issuer 0 whose 'jwks' has no key"),
            (format!("[{good},{good}]"), "has an issuer 1 that is a duplicate"),
            (format!("[{good},{}]", shared.replace(r#""a""#, r#""b""#)), "and X_TOKEN_JWKS share a key"),
        ] {
            let message = read_issuers(&issuers).err();
            assert_eq!(
                message,
                Some(format!("the configuration is not valid: BEARER_ISSUERS {problem}")),
                "{issuers}"
            );
        }
    }

    #[test]
    fn several_issuers_exclude_the_variables_of_a_single_one() {
        let issuers = format!(r#"[{{"issuer":"a","audience":"x","jwks":{KEY_A}}}]"#);
        for name in SINGLE_ISSUER {
            let value = if name == "BEARER_JWKS" { KEY_A } else { "x" };
            let changes = [&NO_SINGLE[..], &[("BEARER_ISSUERS", &issuers), (name, value)]].concat();
            let problem =
                format!("the configuration is not valid: {name} is set in addition to BEARER_ISSUERS");
            assert_eq!(read(&changes).err(), Some(problem));
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
