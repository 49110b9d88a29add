//! The commands that print tokens.

use clap::Args;
use shared::clock::{Clock, Timestamp};

use super::{Data, print};
use crate::environment::Environment;
use crate::error::Error;
use crate::keys::{Authorization, BearerClaims, XTokenClaims};

/// The arguments of `token`.
#[derive(Args, Debug)]
pub(crate) struct BearerArguments {
    #[command(flatten)]
    data: Data,
    /// External identifier of the caller's client
    #[arg(long)]
    client: String,
    /// External identifier of the caller
    #[arg(long)]
    sub: String,
    /// Role of the caller, such as nevisIdm.UserAdmin (repeatable)
    #[arg(long = "role", value_name = "ROLE", required = true)]
    roles: Vec<String>,
    /// Comma-separated clients to which the roles apply, or * for all clients
    /// [default: the caller's client]
    #[arg(long, value_delimiter = ',')]
    clients: Option<Vec<String>>,
    /// Comma-separated units to which the roles apply, including their descendants [default: all units]
    #[arg(long, value_delimiter = ',')]
    units: Option<Vec<String>>,
    /// Lifetime of the token in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 3600, value_parser = clap::value_parser!(u32).range(1..))]
    ttl: u32,
}

/// The arguments of `x-token`.
#[derive(Args, Debug)]
pub(crate) struct XTokenArguments {
    #[command(flatten)]
    data: Data,
    /// External identifier of the user's client
    #[arg(long)]
    client: String,
    /// External identifier of the user
    #[arg(long)]
    sub: String,
    /// Lifetime of the token in seconds. By default, the service accepts at most 3600
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..))]
    ttl: u32,
}

/// Prints a Bearer token.
pub(crate) fn print_bearer(arguments: &BearerArguments) -> Result<(), Error> {
    let (_, keys, environment) = arguments.data.existing()?;
    let roles = environment.config()?.roles;
    for role in arguments.roles.iter().filter(|role| !roles.names().any(|name| name == role.as_str())) {
        let known = roles.names().collect::<Vec<_>>().join(", ");
        eprintln!("warning: the role {role} is unknown and grants no rights; known roles: {known}");
    }
    let authorizations = arguments.roles.iter().map(|role| Authorization {
        role: role.clone(),
        clients: arguments.clients.clone(),
        units: arguments.units.clone(),
    });
    let claims = bearer_claims(
        &environment,
        &arguments.client,
        &arguments.sub,
        authorizations.collect(),
        (Clock::system().now(), arguments.ttl),
    );
    print(&format!("{}\n", keys.bearer(&claims)?))
}

/// Prints an X-Token.
pub(crate) fn print_x_token(arguments: &XTokenArguments) -> Result<(), Error> {
    let (_, keys, environment) = arguments.data.existing()?;
    let claims = x_token_claims(
        &environment,
        &arguments.client,
        &arguments.sub,
        (Clock::system().now(), arguments.ttl),
    );
    print(&format!("{}\n", keys.x_token(&claims)?))
}

/// Returns the first audience of a comma-separated list.
fn first(audiences: Option<&str>) -> Option<String> {
    audiences?.split(',').next().map(|audience| audience.trim().to_owned())
}

/// Returns the claims of a Bearer token that is issued at `now` and expires after `ttl` seconds. The issuer
/// and the audience are those of `environment`.
pub(crate) fn bearer_claims(
    environment: &Environment,
    client: &str,
    subject: &str,
    authorizations: Vec<Authorization>,
    (now, ttl): (Timestamp, u32),
) -> BearerClaims {
    let issued_at = now.unix_seconds();
    BearerClaims {
        issuer: environment.get("BEARER_ISSUER").unwrap_or_default().to_owned(),
        audience: first(environment.get("BEARER_AUDIENCE")).unwrap_or_default(),
        issued_at,
        expires_at: issued_at + i64::from(ttl),
        subject: subject.to_owned(),
        client_ext_id: client.to_owned(),
        authorizations,
    }
}

/// Returns the claims of an X-Token that is issued at `now` and expires after `ttl` seconds. The issuer and
/// the audience are those of `environment`.
pub(crate) fn x_token_claims(
    environment: &Environment,
    client: &str,
    subject: &str,
    (now, ttl): (Timestamp, u32),
) -> XTokenClaims {
    let issued_at = now.unix_seconds();
    XTokenClaims {
        issuer: environment.get("X_TOKEN_ISSUER").map(str::to_owned),
        audience: first(environment.get("X_TOKEN_AUDIENCE")),
        issued_at,
        expires_at: issued_at + i64::from(ttl),
        subject: subject.to_owned(),
        client_ext_id: client.to_owned(),
    }
}
