//! A service that is asked for nothing but its decisions: whom it admits, and over which units.

use std::collections::BTreeSet;
use std::time::Duration;

use functions::OPERATIONS;
use serde_json::{Value, json};
use shared::clock::Deadline;
use shared::http::{BASE_PATH, Response};
use shared::ids::UnitExtId;
use shared::operation::{Entry, Operation, route};
use shared::rights::Right;

use super::rules::{Asked, Verdict};
use crate::support::answer::{missing_right, outside_data_room, unauthorized};
use crate::support::call::Sent;
use crate::support::world::incoming;
use crate::support::{Answer, Caller, World, refused};

/// A service and the rules that it has to follow.
pub(crate) struct Gate {
    pub(crate) world: World,
    claims: Value,
}

/// One header of a request: its value, and whether it holds.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) value: Option<String>,
    pub(crate) holds: bool,
}

impl Shown {
    pub(crate) fn nothing() -> Self {
        Self { value: None, holds: false }
    }
}

impl Gate {
    pub(crate) async fn new(variables: &[(&str, &str)]) -> Self {
        let world = World::in_process(variables, |client| client).await;
        let claims = world.claims(&Caller::root());
        Self { world, claims }
    }

    /// The value of `Authorization` of a caller, who has these roles in short form besides.
    pub(crate) fn bearer(&self, caller: &Caller, roles: &[String]) -> Shown {
        let mut claims = self.claims.clone();
        claims["sub"] = json!(caller.subject);
        claims["clientExtId"] = json!(caller.client);
        claims["authorizations"] = json!(caller.authorizations);
        if !roles.is_empty() {
            claims["roles"] = json!(roles);
        }
        let token = self.world.keys().bearer.sign("at+jwt", &claims).expect("a token");
        Shown { value: Some(format!("Bearer {token}")), holds: true }
    }

    /// The X-Token of a user, which holds on the path of that user alone.
    pub(crate) fn x_token(&self, (client, user): (&str, &str), holds: bool) -> Shown {
        Shown { value: Some(self.world.x_token(client, user)), holds }
    }

    /// Compares what the service decides of a request with what the rules say, for the user of the
    /// path in each of these units. `path`: client and user as they stand in the URL.
    ///
    /// # Panics
    /// When they differ.
    pub(crate) async fn compare(
        &self,
        path: (&str, &str),
        asked: Asked<'_>,
        bearer: &Shown,
        x_token: &Shown,
        units: &[&[&str]],
        about: &str,
    ) {
        let headers = [("authorization", bearer), ("x-token", x_token)];
        let headers = headers
            .into_iter()
            .filter_map(|(name, shown)| Some((name.to_owned(), shown.value.clone()?)))
            .collect();
        let operation =
            OPERATIONS.iter().find(|operation| operation.id == asked.row.id).expect("it is listed");
        let sent = Sent {
            method: asked.row.method.to_owned(),
            path: path_of(operation, path),
            headers,
            body: Vec::new(),
        };
        let deadline = Deadline::after(Duration::from_secs(30));
        let (_, request) = route([*operation], incoming(sent), deadline).expect("a route");
        let Entry::Authenticated { needs, subject, .. } = operation.entry else {
            panic!("it is for everybody")
        };
        let admitted = self.world.app().admit(operation.id, (needs, subject), &request).await;
        for units in units {
            let asked = Asked { units, ..asked };
            let expected = expected_answer(asked.verdict());
            let ids: BTreeSet<UnitExtId> = units.iter().map(|unit| UnitExtId::unchecked(unit)).collect();
            let decided = match &admitted {
                Err(error) => Err(error.clone()),
                Ok(access) if asked.row.has_user() => access.require_units(&ids),
                Ok(_) => Ok(()),
            };
            let decided = decided.err().map(|error| Answer::from(Response::from(&error)));
            assert_eq!(
                decided, expected,
                "{about}: {} on {:?} in {units:?} by {:?}",
                asked.row.id, asked.path, asked.caller
            );
            if let (Ok(access), None) = (&admitted, decided) {
                let lifts = access.has_over(Right::PropertyAttributeAccessOverride, Some(&ids));
                let expected = asked.has("PropertyAttributeAccessOverride");
                assert!(
                    !asked.row.has_user() || lifts == expected,
                    "{about}: {} by {:?}",
                    asked.row.id,
                    asked.caller
                );
            }
        }
    }
}

fn path_of(operation: &Operation, (client, user): (&str, &str)) -> String {
    let segments = operation.path.split('/').map(|segment| match segment {
        "{clientExtId}" => client,
        "{userExtId}" => user,
        segment if segment.starts_with('{') => "thing",
        segment => segment,
    });
    format!("{BASE_PATH}{}", segments.collect::<Vec<_>>().join("/"))
}

/// What is answered to a request of which the rules say this; nothing yet to one that is admitted.
fn expected_answer(verdict: Verdict) -> Option<Answer> {
    match verdict {
        Verdict::NoBearerToken => Some(unauthorized()),
        Verdict::NoXToken => Some(refused(422, "errors.invalidJWTToken", "Invalid JWT token.")),
        Verdict::MissingRight(right) => Some(missing_right(right)),
        Verdict::SingleClientMode => Some(refused(
            403,
            "errors.singleClientModeRestriction",
            "Operation not supported in single-client mode",
        )),
        Verdict::OutsideDataRoom(right) => Some(outside_data_room(right)),
        Verdict::Admitted => None,
    }
}
