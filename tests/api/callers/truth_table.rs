//! The complete truth table of authorisation: roles, rights, clients, units, and acting upon
//! oneself.

use serde_json::{Map, json};

use super::gate::{Gate, Presented};
use super::rules::{Case, built_in};
use crate::operations::rows::Row;
use crate::operations::{all_rows, for_each_operation};
use crate::support::Caller;
use crate::support::caller::{ROOT, SELF_ADMIN};
use crate::support::target::{Kind, leaves_out};

for_each_operation!(
    every_authorization_is_decided_by_the_rules,
    every_pair_of_authorizations_is_decided_by_the_rules,
    every_right_applies_within_its_own_data_room,
);

/// The path of all requests, and the units of its user: each entry is tried.
const PATH: (&str, &str) = ("100", "user");
const UNITS: [&[&str]; 4] = [&["sales", "europe"], &["europe"], &[], &["sales", "europe", "hr"]];

const ROLES: [&str; 9] = [
    ROOT,
    "nevisIdm.ClientRoot",
    "nevisIdm.UserAdmin",
    "nevisIdm.UserAndUnitAdmin",
    "nevisIdm.Helpdesk",
    SELF_ADMIN,
    "nevisIdm.TemplateAdmin",
    "nevisIdm.TechUser",
    "unheard.of",
];
/// The default (the caller's own client), the client of the path, another, several, all, all and
/// another, none, and clients that do not exist.
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
/// Every unit, the user's unit, its parent, a sibling, a child, several, and none.
const ALLOWED: [Option<&[&str]>; 7] = [
    None,
    Some(&["sales"]),
    Some(&["europe"]),
    Some(&["hr"]),
    Some(&["north"]),
    Some(&["north", "sales"]),
    Some(&[]),
];
/// The user of the path, another user of the client, the same user name in another client, and a
/// user of another client.
const CALLERS: [(&str, &str); 4] = [("100", "user"), ("100", "admin"), ("200", "user"), ("200", "admin")];

fn left_out() -> bool {
    leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "decisions without a request")
}

/// Compares the decisions on a caller and returns their number.
async fn compare(
    gate: &Gate,
    row: &Row,
    caller: &Caller,
    x_tokens: &[&Presented],
    multi_client: bool,
    carries: &dyn Fn(&str, &str) -> bool,
) -> usize {
    let bearer = gate.bearer(caller, &[]);
    for x_token in x_tokens {
        let case = Case {
            row,
            caller: Some(caller),
            x_token: x_token.is_valid,
            path: PATH,
            units: &[],
            carries,
            multi_client,
        };
        gate.compare(PATH, case, &bearer, x_token, &UNITS, "the table").await;
    }
    x_tokens.len() * UNITS.len()
}

async fn every_authorization_is_decided_by_the_rules(row: &'static Row) {
    if left_out() {
        return;
    }
    let gate = Gate::new(&[]).await;
    let single = Gate::new(&[("MULTI_CLIENT_MODE", "false")]).await;
    let (good, bad) = (gate.x_token(PATH, true), gate.x_token(("100", "admin"), false));
    let missing = Presented::absent();
    let x_tokens = [&good, &bad, &missing];
    let mut compared = 0;
    for (client, subject) in CALLERS {
        let nobody = Caller::new(client, subject);
        compared += compare(&gate, row, &nobody, &x_tokens, true, &built_in).await;
        for role in ROLES {
            for clients in CLIENTS {
                for units in ALLOWED {
                    let caller = nobody.clone().with(role, clients, units);
                    // Only the user of the path needs an X-Token; for the others one variant is
                    // enough.
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

/// Two authorizations that do not suffice separately are not combined.
async fn every_pair_of_authorizations_is_decided_by_the_rules(row: &'static Row) {
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

/// An optional list of clients or units.
type Texts = Option<&'static [&'static str]>;

/// Each required right is granted, missing, granted alone, or granted by a second authorization
/// with the same or another data room. This is tried on the operation and on all others that
/// require one of its rights.
async fn every_right_applies_within_its_own_data_room(row: &'static Row) {
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
                    compared += compare(&gate, row, &caller, &[&Presented::absent()], true, &carries).await;
                }
            }
        }
    }
    assert!(compared >= 120 * row.rights.len(), "{compared} decisions");
}
