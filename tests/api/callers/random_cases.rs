//! Random requests of random callers with random role tables: the service decides as the rules do.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use serde_json::json;

use super::cases;
use super::gate::{Gate, Presented};
use super::rules::Case;
use crate::operations::all_rows;
use crate::support::Caller;
use crate::support::caller::SELF_ADMIN;
use crate::support::target::{Kind, leaves_out};

/// Seed of the random cases. A case with a given number is the same in every run.
const SEED: u64 = 0x1d_0001;
/// Number of role tables.
const TABLES: u64 = 20;

/// Names that differ only slightly or resemble `*`.
const CLIENTS: [&str; 10] = ["100", "200", "1000", "10", "100 ", "a/b", "A/b", "\u{ff11}00", "**", "*"];
const USERS: [&str; 5] = ["user", "User", "user ", "admin", "b/user"];
const UNITS: [&str; 6] = ["sales", "europe", "hr", "SALES", "*", ""];
const RIGHTS: [&str; 19] = [
    "ClientCreate",
    "ClientModify",
    "ClientDelete",
    "ClientView",
    "PersonalQuestionCreate",
    "PersonalQuestionView",
    "ConsentCreate",
    "ConsentView",
    "CredentialView",
    "CredentialModify",
    "CredentialDelete",
    "DispatchTargetDelete",
    "PropertyView",
    "PropertyValueView",
    "PropertyAllowedValueView",
    "PropertyValueCreate",
    "PropertyValueDelete",
    "PropertyValueModify",
    "PropertyAttributeAccessOverride",
];

type RoleTable = BTreeMap<String, BTreeSet<&'static str>>;

/// Returns roles with all, some and none of the rights.
fn roles(random: &mut Rng) -> RoleTable {
    let share = [0, 1, 5, 9, 10, 10];
    let roles = share.iter().enumerate().map(|(number, share)| {
        let rights = RIGHTS.into_iter().filter(|_| random.u8(0..10) < *share).collect();
        (format!("role-{number}"), rights)
    });
    roles.chain([(SELF_ADMIN.to_owned(), BTreeSet::new())]).collect()
}

fn some<'a>(random: &mut Rng, of: &[&'a str]) -> Vec<&'a str> {
    (0..random.usize(0..4)).map(|_| of[random.usize(0..of.len())]).collect()
}

fn role(random: &mut Rng, roles: &RoleTable) -> String {
    let known = roles.keys().nth(random.usize(0..=roles.len()));
    known.map_or("unheard.of", String::as_str).to_owned()
}

/// Returns a caller and their roles in short form.
fn caller(random: &mut Rng, path: (&str, &str), roles: &RoleTable) -> (Caller, Vec<String>) {
    // Half of the callers belong to the client of the path, and half have its user's name.
    let client = if random.bool() { path.0 } else { CLIENTS[random.usize(0..CLIENTS.len() - 1)] };
    let subject = if random.bool() { path.1 } else { USERS[random.usize(0..USERS.len())] };
    let mut caller = Caller::new(client, subject);
    for _ in 0..random.usize(0..5) {
        let clients = random.bool().then(|| some(random, &CLIENTS));
        let units = random.bool().then(|| some(random, &UNITS));
        caller = caller.with(&role(random, roles), clients.as_deref(), units.as_deref());
    }
    let short = (0..random.usize(0..3).saturating_sub(1)).map(|_| role(random, roles)).collect();
    (caller, short)
}

async fn compare(gate: &Gate, number: u64, roles: &RoleTable, x_tokens: &BTreeMap<(&str, &str), Presented>) {
    let random = &mut Rng::with_seed(SEED + number);
    let row = all_rows().nth(random.usize(0..all_rows().count())).expect("a row");
    let path = (CLIENTS[random.usize(0..5)], USERS[random.usize(0..4)]);
    let (mut caller, short) = caller(random, path, roles);
    let mut bearer = gate.bearer(&caller, &short);
    if random.u8(0..20) == 0 {
        // The token is truncated.
        bearer.value.as_mut().expect("a token").truncate(40);
        bearer.is_valid = false;
    }
    let x_token = match random.u8(0..4) {
        0 => Presented::absent(),
        1 => {
            let (whose, presented) = x_tokens.iter().nth(random.usize(0..x_tokens.len())).expect("a token");
            Presented { is_valid: *whose == path, ..presented.clone() }
        }
        _ => x_tokens[&path].clone(),
    };
    let units = [some(random, &UNITS), Vec::new()];
    let units: Vec<&[&str]> = units.iter().map(Vec::as_slice).collect();
    for role in &short {
        caller = caller.with(role, None, None);
    }
    let case = Case {
        row,
        caller: bearer.is_valid.then_some(&caller),
        x_token: x_token.is_valid,
        path: (path.0, path.1),
        units: &[],
        carries: &|role, right| roles.get(role).is_some_and(|rights| rights.contains(right)),
        multi_client: true,
    };
    let about = format!("case {number} of seed {SEED:#x}");
    let encoded = (path.0.replace(' ', "%20"), path.1.replace(' ', "%20"));
    gate.compare((&encoded.0, &encoded.1), case, &bearer, &x_token, &units, &about).await;
}

#[tokio::test]
async fn random_callers_are_decided_by_the_rules() {
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "decisions without a request") {
        return;
    }
    let cases = cases(4_000);
    let each = cases.div_ceil(TABLES);
    for table in 0..TABLES {
        let roles = roles(&mut Rng::with_seed(SEED ^ table));
        let json: BTreeMap<&String, Vec<String>> = roles
            .iter()
            .map(|(role, rights)| {
                (role, rights.iter().map(|right| format!("AccessControl.{right}")).collect())
            })
            .collect();
        let gate = Gate::new(&[("ROLE_RIGHTS", &json!(json).to_string())]).await;
        let paths =
            CLIENTS[..5].iter().flat_map(|client| USERS[..4].iter().map(move |user| (*client, *user)));
        let x_tokens = paths.map(|path| (path, gate.x_token(path, true))).collect();
        for number in table * each..(table + 1) * each {
            compare(&gate, number, &roles, &x_tokens).await;
        }
    }
}
