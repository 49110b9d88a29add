//! The whole truth table of authorisation: roles, rights, clients, units, acting upon oneself.

use serde_json::{Map, json};

use super::gate::{Gate, Shown};
use super::rules::{Asked, built_in};
use crate::operations::rows::Row;
use crate::operations::{all_rows, for_each_operation};
use crate::support::Caller;
use crate::support::caller::{ROOT, SELF_ADMIN};
use crate::support::target::{Kind, leaves_out};

for_each_operation!(
    every_authorization_gives_what_the_rules_say,
    every_pair_of_authorizations_gives_what_the_rules_say,
    every_right_applies_where_its_own_authorization_reaches,
);

/// The path of all requests, and the units of its user, who is in each of these once.
const PATH: (&str, &str) = ("100", "user");
const UNITS: [&[&str]; 4] = [&["sales", "europe"], &["europe"], &[], &["sales", "europe", "hr"]];

const ROLES: [&str; 6] =
    [ROOT, "nevisIdm.ClientRoot", "nevisIdm.UserAdmin", "nevisIdm.Helpdesk", SELF_ADMIN, "unheard.of"];
/// The caller's own client, the path's, another, several, all, all and another, none, none that is.
const CLIENTS: [Option<&[&str]>; 8] = [
    None,
    Some(&["100"]),
    Some(&["200"]),
    Some(&["200", "100"]),
    Some(&["*"]),
    Some(&["200", "*"]),
    Some(&[]),
    Some(&["1", "1000", "10*", ""]),
];
/// Every unit, the user's own, the one above it, one beside it, one below it, several, none.
const ALLOWED: [Option<&[&str]>; 7] = [
    None,
    Some(&["sales"]),
    Some(&["europe"]),
    Some(&["hr"]),
    Some(&["north"]),
    Some(&["north", "sales"]),
    Some(&[]),
];
/// The user of the path, somebody else of the client, the same name in another client, a stranger.
const CALLERS: [(&str, &str); 4] = [("100", "user"), ("100", "admin"), ("200", "user"), ("200", "admin")];

fn left_out() -> bool {
    leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "its decisions by themselves")
}

/// Compares the decisions on a caller.
async fn compare(
    gate: &Gate,
    row: &Row,
    caller: &Caller,
    x_tokens: &[&Shown],
    multi_client: bool,
    carries: &dyn Fn(&str, &str) -> bool,
) -> usize {
    let bearer = gate.bearer(caller, &[]);
    for x_token in x_tokens {
        let asked = Asked {
            row,
            caller: Some(caller),
            x_token: x_token.holds,
            path: PATH,
            units: &[],
            carries,
            multi_client,
        };
        gate.compare(PATH, asked, &bearer, x_token, &UNITS, "the table").await;
    }
    x_tokens.len() * UNITS.len()
}

async fn every_authorization_gives_what_the_rules_say(row: &'static Row) {
    if left_out() {
        return;
    }
    let gate = Gate::new(&[]).await;
    let single = Gate::new(&[("MULTI_CLIENT_MODE", "false")]).await;
    let (good, bad) = (gate.x_token(PATH, true), gate.x_token(("100", "admin"), false));
    let missing = Shown::nothing();
    let x_tokens = [&good, &bad, &missing];
    let mut compared = 0;
    for (client, subject) in CALLERS {
        let nobody = Caller::new(client, subject);
        compared += compare(&gate, row, &nobody, &x_tokens, true, &built_in).await;
        for role in ROLES {
            for clients in CLIENTS {
                for units in ALLOWED {
                    let caller = nobody.clone().with(role, clients, units);
                    // Only the user of the path needs an X-Token: one is enough for the others.
                    let x_tokens = if (client, subject) == PATH { &x_tokens[..] } else { &x_tokens[1..2] };
                    compared += compare(&gate, row, &caller, x_tokens, true, &built_in).await;
                }
                let caller = nobody.clone().with(role, clients, None);
                compared += compare(&single, row, &caller, &[&missing], false, &built_in).await;
            }
        }
    }
    assert!(compared >= 7_800, "{compared} decisions");
}

/// Two authorizations that do not suffice alone are not combined.
async fn every_pair_of_authorizations_gives_what_the_rules_say(row: &'static Row) {
    if left_out() {
        return;
    }
    let gate = Gate::new(&[]).await;
    let good = gate.x_token(PATH, true);
    let mut rooms = Vec::new();
    for role in [ROOT, "nevisIdm.Helpdesk", SELF_ADMIN] {
        for clients in [None, Some(&["200"][..]), Some(&["*"])] {
            for units in [None, Some(&["europe"][..]), Some(&["hr"])] {
                rooms.push((role, clients, units));
            }
        }
    }
    let mut compared = 0;
    for (index, first) in rooms.iter().enumerate() {
        for second in &rooms[index..] {
            for (client, subject) in [("100", "user"), ("200", "admin")] {
                let caller = Caller::new(client, subject)
                    .with(first.0, first.1, first.2)
                    .with(second.0, second.1, second.2);
                compared += compare(&gate, row, &caller, &[&good], true, &built_in).await;
            }
        }
    }
    assert!(compared >= 2_800, "{compared} decisions");
}

/// A list of clients or of units, where there is one.
type Texts = Option<&'static [&'static str]>;

/// Each required right is there, missing, alone, and from a second authorization that reaches as far, or
/// not. Tried on the operation and on all others that require one of its rights.
async fn every_right_applies_where_its_own_authorization_reaches(row: &'static Row) {
    if left_out() {
        return;
    }
    let rooms: [(Texts, Texts); 5] = [
        (None, None),
        (Some(&["*"]), None),
        (Some(&["200"]), None),
        (None, Some(&["hr"])),
        (None, Some(&[])),
    ];
    let carries = |role: &str, right: &str| match role.split_once(' ') {
        Some(("not", other)) => row.rights.contains(&right) && right != other,
        Some(("only", same)) => right == same,
        _ => false,
    };
    let mut table = Map::new();
    for right in row.rights {
        for role in [format!("not {right}"), format!("only {right}")] {
            let rights = row.rights.iter().filter(|right| carries(&role, right));
            let rights = rights.map(|right| json!(format!("AccessControl.{right}"))).collect();
            table.insert(role, rights);
        }
    }
    let table = serde_json::Value::Object(table).to_string();
    let gate = Gate::new(&[("ROLE_RIGHTS", &table)]).await;
    let shares_a_right = |other: &&Row| other.rights.iter().any(|right| row.rights.contains(right));
    let tried: Vec<&Row> = all_rows().filter(shares_a_right).collect();
    let mut compared = 0;
    for right in row.rights {
        let (others, alone) = (format!("not {right}"), format!("only {right}"));
        for first in rooms {
            let base = Caller::new("100", "admin").with(&others, first.0, first.1);
            let pairs = rooms.map(|second| base.clone().with(&alone, second.0, second.1));
            for caller in pairs.into_iter().chain([base]) {
                for row in &tried {
                    compared += compare(&gate, row, &caller, &[&Shown::nothing()], true, &carries).await;
                }
            }
        }
    }
    assert!(compared >= 120 * row.rights.len(), "{compared} decisions");
}
