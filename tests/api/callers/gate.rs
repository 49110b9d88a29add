//! A service of which only the authorisation decisions are tested: who is admitted, and to which
//! units.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use shared::clock::Deadline;
use shared::http::Response;
use shared::ids::{UnitExtId, UserExtId};
use shared::operation::{Entry, Operation, route};
use shared::rights::Right;
use shared::service::UserAccess;

use super::rules::{Case, Verdict};
use crate::support::answer::{invalid_token, missing_right, outside_data_room, unauthorized};
use crate::support::call::Sent;
use crate::support::world::incoming;
use crate::support::{Answer, Caller, World, refused};

/// A service that is compared with the rules.
pub(crate) struct Gate {
    pub(crate) world: World,
    claims: Value,
}

/// The value of a header, and whether it is valid.
#[derive(Clone, Debug)]
pub(crate) struct Presented {
    pub(crate) value: Option<String>,
    pub(crate) is_valid: bool,
}

impl Presented {
    pub(crate) fn absent() -> Self {
        Self { value: None, is_valid: false }
    }
}

impl Gate {
    pub(crate) async fn new(variables: &[(&str, &str)]) -> Self {
        let world = World::in_process(variables, |client| client).await;
        let claims = world.claims(&Caller::root());
        Self { world, claims }
    }

    /// Returns the `Authorization` header of a caller with these additional roles in short form.
    pub(crate) fn bearer(&self, caller: &Caller, roles: &[String]) -> Presented {
        let mut claims = self.claims.clone();
        claims["sub"] = json!(caller.subject);
        claims["clientExtId"] = json!(caller.client);
        claims["authorizations"] = json!(caller.authorizations);
        match roles {
            [] => {}
            // As some issuers do.
            [role] => claims["roles"] = json!(role),
            roles => claims["roles"] = json!(roles),
        }
        let token = self.world.keys().bearer.sign("at+jwt", &claims).expect("a token");
        Presented { value: Some(format!("Bearer {token}")), is_valid: true }
    }

    /// Returns the X-Token of a user, which is valid only on the path of that user.
    pub(crate) fn x_token(&self, (client, user): (&str, &str), is_valid: bool) -> Presented {
        Presented { value: Some(self.world.x_token(client, user)), is_valid }
    }

    /// Asserts that the service decides a request as the rules do, for the user of the path in each
    /// of these units. `path` contains the encoded client and user.
    ///
    /// # Panics
    /// Panics if the decisions differ.
    pub(crate) async fn compare(
        &self,
        path: (&str, &str),
        case: Case<'_>,
        bearer: &Presented,
        x_token: &Presented,
        units: &[&[&str]],
        about: &str,
    ) {
        let headers = [("authorization", bearer), ("x-token", x_token)];
        let headers = headers
            .into_iter()
            .filter_map(|(name, presented)| Some((name.to_owned(), presented.value.clone()?)))
            .collect();
        let operation = case.row.operation();
        let sent = Sent {
            method: case.row.method.to_owned(),
            path: path_of(operation, path),
            headers,
            body: Vec::new(),
        };
        let deadline = Deadline::after(Duration::from_secs(30));
        let (_, request) = route([operation], incoming(sent), deadline).expect("a route");
        let Entry::Authenticated { needs, subject, .. } = operation.entry else {
            panic!("the operation is public")
        };
        let admitted = self.world.app().admit(operation.id, (needs, subject), &request).await;
        for units in units {
            let case = Case { units, ..case };
            let expected = expected_answer(case.verdict(), bearer);
            let ids: BTreeSet<UnitExtId> = units.iter().map(|unit| UnitExtId::unchecked(unit)).collect();
            let decided = match &admitted {
                Err(error) => Err(error.clone()),
                // Only what is read tells whether the caller made it.
                Ok(access) if case.row.is_for_its_author() => {
                    access.require_over_all_clients(Right::ClientDelete)
                }
                Ok(access) if case.row.has_units() => {
                    let owner = case.row.has_owner().then(|| UserExtId::unchecked(case.path.1));
                    access.require_user(&UserAccess { units: ids.clone(), is_active: true, owner })
                }
                Ok(_) => Ok(()),
            };
            let decided = decided.err().map(|error| Answer::from(Response::from(&error)));
            assert_eq!(
                decided, expected,
                "{about}: {} on {:?} in {units:?} by {:?}",
                case.row.id, case.path, case.caller
            );
            if let (Ok(access), None) = (&admitted, decided) {
                let lifts = access.has_over(Right::PropertyAttributeAccessOverride, Some(&ids));
                let expected = case.has("PropertyAttributeAccessOverride");
                assert!(
                    !case.row.has_units() || lifts == expected,
                    "{about}: {} by {:?}",
                    case.row.id,
                    case.caller
                );
            }
        }
    }
}

fn path_of(operation: &Operation, (client, user): (&str, &str)) -> String {
    let path = operation.full_path();
    let segments = path.split('/').map(|segment| match segment {
        "{clientExtId}" => client,
        "{userExtId}" => user,
        segment if segment.starts_with('{') => "thing",
        segment => segment,
    });
    segments.collect::<Vec<_>>().join("/")
}

/// Returns the response that a verdict on a request with this Bearer token requires; `None` if the request
/// is admitted.
fn expected_answer(verdict: Verdict, bearer: &Presented) -> Option<Answer> {
    match verdict {
        Verdict::NoBearerToken if bearer.value.is_none() => Some(unauthorized()),
        Verdict::NoBearerToken => Some(invalid_token()),
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
