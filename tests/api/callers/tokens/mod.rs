//! Invalid tokens: a list of forgeries, and mutations of valid tokens.

mod claims;
mod encodings;
mod forge;
mod headers;
pub(crate) mod keys;
mod mutations;
mod refused;
mod second_opinion;
mod signatures;
mod weak_keys;

use serde_json::Value;
use signing::{SigningKey, jwks};

use self::forge::{Forge, Forgeries};
use crate::support::recorder::Recorder;
use crate::support::{Caller, World};

/// A service with a key of every algorithm in each of its two sets.
struct Trusting {
    world: World,
    recorder: Recorder,
    bearer: Set,
    x_token: Set,
    stranger: Vec<SigningKey>,
}

/// A key set, its public form, and the claims of a valid token.
struct Set {
    keys: Vec<SigningKey>,
    jwks: Value,
    claims: Value,
}

impl Trusting {
    async fn new() -> Self {
        let mut bearer = keys::keys("bearer");
        bearer.retain(|key| signing::ASYMMETRIC.contains(&key.algorithm));
        let x_token = keys::keys("x-token");
        let (bearer_jwks, x_token_jwks) = (jwks(&bearer), jwks(&x_token));
        let recorder = Recorder::default();
        let variables = [
            ("BEARER_JWKS", &*bearer_jwks.to_string()),
            ("X_TOKEN_JWKS", &*x_token_jwks.to_string()),
            ("X_TOKEN_ISSUER", "urn:local:login"),
            ("X_TOKEN_AUDIENCE", "urn:local:re-authentication"),
        ];
        let world = World::in_process(&variables, |client| recorder.watch(&client)).await;
        world.furnish("{Default}").await;
        recorder.trips();
        let claims = world.claims(&Caller::root());
        let bearer = Set { keys: bearer, jwks: bearer_jwks, claims };
        let claims = world.x_claims("{client-123}", "{user-123}");
        let x_token = Set { keys: x_token, jwks: x_token_jwks, claims };
        Self { world, recorder, bearer, x_token, stranger: keys::keys("stranger") }
    }

    fn forge_bearer(&self) -> Forge<'_> {
        self.forge(&self.bearer, &self.x_token, ("at+jwt", "JWT"))
    }

    fn forge_x_token(&self) -> Forge<'_> {
        self.forge(&self.x_token, &self.bearer, ("JWT", "at+jwt"))
    }

    fn forge<'a>(&'a self, own: &'a Set, other: &'a Set, types: (&'static str, &'static str)) -> Forge<'a> {
        Forge {
            own: &own.keys,
            other: &other.keys,
            stranger: &self.stranger,
            types,
            claims: (&own.claims, &other.claims),
            now: self.world.now(),
        }
    }

    /// Returns a valid Bearer token of a caller.
    fn bearer_of(&self, caller: &Caller) -> String {
        let forge = self.forge_bearer();
        forge.token(&forge.header("EdDSA"), &self.world.claims(caller))
    }
}

/// Returns all forgeries of either token.
fn forgeries(forge: &Forge<'_>) -> Forgeries {
    let mut list = Forgeries::default();
    headers::algorithms(forge, &mut list);
    headers::keys(forge, &mut list);
    headers::parameters(forge, &mut list);
    headers::swapped(forge, &mut list);
    claims::common(forge, &mut list);
    encodings::forms(forge, &mut list);
    encodings::unused_bits(forge, &mut list);
    signatures::signatures(forge, &mut list);
    list
}
