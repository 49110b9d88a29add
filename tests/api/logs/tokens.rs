//! Tokens with marks in all claims, valid and invalid, in both headers.

use serde_json::{Value, json};

use super::log::mark;
use super::{Marked, somebody};
use crate::operations::rows::Row;
use crate::support::members::with;
use crate::support::{Caller, World};

/// Returns the requests to an operation with marked tokens. The tokens are added to `secrets`.
pub(super) fn of(world: &World, row: &Row, secrets: &mut Vec<String>) -> Vec<Marked> {
    let mut all = Vec::new();
    let by = somebody();
    let good = world.claims(&by);
    let sign = |typ: &str, claims: &Value| world.keys().bearer.sign(typ, claims).expect("a token");
    let values = [
        format!("Bearer {}", sign("at+jwt", &with(&good, "iss", json!(mark())))),
        format!("Bearer {}", sign("at+jwt", &with(&good, "aud", json!(mark())))),
        format!("Bearer {}", sign("at+jwt", &with(&good, "exp", json!(mark())))),
        format!("Bearer {}", sign("at+jwt", &with(&good, "exp", json!(1)))),
        format!("Bearer {}", sign("at+jwt", &with(&good, "sub", json!([mark()])))),
        format!("Bearer {}", sign(&mark(), &good)),
        format!("Bearer {}", mark()),
        format!("Bearer {0}.{0}.{0}", mark()),
        format!("Bearer {} {}", sign("at+jwt", &good), mark()),
        format!("Basic {}", mark()),
        mark(),
    ];
    for value in values {
        let call = row.call(world).header("authorization", &value).json_if(row.good_body());
        all.push(Marked::new("an invalid token", &by, call));
        secrets.push(value.replace(' ', "."));
    }
    let claims = with(&good, &mark(), json!({mark(): mark()}));
    let claims =
        with(&claims, "authorizations", json!([{"role": mark(), "clients": [mark()], "units": [mark()]}]));
    let token = sign("at+jwt", &with(&claims, "roles", json!([mark()])));
    all.push(Marked::new("no right", &by, row.call(world).bearer(&token)));
    secrets.push(token);
    if row.takes_x_token() {
        let myself = Caller::the_user();
        let good = world.x_claims("{client-123}", "{user-123}");
        let sign = |claims: &Value| world.keys().x_token.sign("JWT", claims).expect("a token");
        for value in [
            sign(&with(&good, "sub", json!(mark()))),
            sign(&with(&good, "clientExtId", json!(mark()))),
            sign(&with(&good, "exp", json!(mark()))),
            mark(),
            sign(&with(&good, &mark(), json!(mark()))),
        ] {
            all.push(Marked::new("an X-Token", &myself, row.call(world).by(&myself).x_token(&value)));
            secrets.push(value);
        }
    }
    all
}
