//! Tests every pair of authorizations with every kind of operation and object against an independent
//! model.

use super::*;
use crate::auth::bearer::tests::caller;

const CREATE: Right = Right::ClientCreate;
const VIEW: Right = Right::ClientView;
const NEITHER: Right = Right::ConsentView;

/// The client of the object, which is the caller's own, and another client.
const OWN: &str = "100";
const OTHER: &str = "200";

/// The rights that an operation may require, both as `All` and as `AnyOrSelf`.
const NEEDS: [Needs; 5] = [
    Needs::All(&[CREATE]),
    Needs::All(&[CREATE, VIEW]),
    Needs::All(&[VIEW, CREATE]),
    Needs::AnyOrSelf(&[CREATE]),
    Needs::AnyOrSelf(&[CREATE, VIEW]),
];

/// The role that lets users act on themselves.
const SELF_ADMIN: &str = Role::SelfAdmin.name();
/// The roles, named by the rights that they carry.
const ROLES: [&str; 5] = ["none", "creates", "views", "both", SELF_ADMIN];

fn roles() -> RoleTable {
    let (create, view) = (CREATE.name(), VIEW.name());
    let table = serde_json::json!({
        "none": [NEITHER.name()],
        "creates": [create],
        "views": [view],
        "both": [create, view, NEITHER.name()],
        SELF_ADMIN: [],
    });
    RoleTable::parse(&table.to_string()).expect("a table of roles")
}

/// The object of an operation.
#[derive(Clone, Copy, Debug)]
enum Object {
    /// An object of the client.
    OfClient,
    /// A client that does not exist yet.
    NewClient,
    /// An object of a user of the client in the unit `sales`, which is below `europe`.
    OfUser,
    /// An object of a user of the client who is in no unit.
    OfUserWithoutUnit,
}

const OBJECTS: [Object; 4] = [Object::OfClient, Object::NewClient, Object::OfUser, Object::OfUserWithoutUnit];

fn unit_ids(units: &[&str]) -> BTreeSet<UnitExtId> {
    units.iter().map(|unit| UnitExtId::unchecked(unit)).collect()
}

/// Returns the units of a user, each with its ancestors.
fn units_of(object: Object) -> BTreeSet<UnitExtId> {
    match object {
        Object::OfUser => unit_ids(&["sales", "europe"]),
        Object::OfClient | Object::NewClient | Object::OfUserWithoutUnit => unit_ids(&[]),
    }
}

/// The clients and units that an authorization may cover.
type Rooms = (Vec<Clients>, Vec<Option<BTreeSet<UnitExtId>>>);

/// Returns one value of each kind: the object's own, another, all and none.
fn rooms() -> Rooms {
    let only =
        |clients: &[&str]| Clients::Only(clients.iter().map(|id| ClientExtId::unchecked(id)).collect());
    let units: [Option<&[&str]>; 5] = [None, Some(&["sales"]), Some(&["europe"]), Some(&["hr"]), Some(&[])];
    (
        vec![only(&[OWN]), only(&[OTHER]), Clients::All, only(&[])],
        units.map(|units| units.map(unit_ids)).to_vec(),
    )
}

/// Returns lists of several values and values that almost match.
fn more_rooms() -> Rooms {
    let only =
        |clients: &[&str]| Clients::Only(clients.iter().map(|id| ClientExtId::unchecked(id)).collect());
    let (mut clients, mut units) = rooms();
    clients.extend([only(&[OTHER, OWN]), only(&["1000"]), only(&["10"])]);
    let several: [&[&str]; 5] = [&["hr", "sales"], &["sales", "europe"], &["sales-2"], &["SALES"], &["*"]];
    units.extend(several.map(|units| Some(unit_ids(units))));
    (clients, units)
}

/// Returns every combination of role, clients and units.
fn authorizations((clients, units): &Rooms) -> Vec<Authorization> {
    let mut all = Vec::new();
    for role in ROLES {
        for clients in clients {
            for units in units {
                let (clients, units) = (clients.clone(), units.clone());
                all.push(Authorization { role: role.to_owned(), clients, units });
            }
        }
    }
    all
}

fn carries(role: &str, right: Right) -> bool {
    role == "both" || role == if right == CREATE { "creates" } else { "views" }
}

fn is_over_client(authorization: &Authorization, object: Object) -> bool {
    match &authorization.clients {
        Clients::All => true,
        Clients::Only(clients) => {
            !matches!(object, Object::NewClient) && clients.iter().any(|client| client.as_str() == OWN)
        }
    }
}

fn is_over_user(authorization: &Authorization, object: Object) -> bool {
    match (&authorization.units, object) {
        (None, _) | (_, Object::OfClient | Object::NewClient) => true,
        (Some(units), Object::OfUser) => {
            units.iter().any(|unit| unit.as_str() == "sales" || unit.as_str() == "europe")
        }
        (Some(_), Object::OfUserWithoutUnit) => false,
    }
}

/// Models the rules, which are checked in this order for each right: some authorization carries it,
/// one of those also covers the client, and one of those also covers the user.
fn model(given: &[&Authorization], needs: Needs, is_self: bool, object: Object) -> Result<(), ApiError> {
    let named = if matches!(needs, Needs::All(_)) { needs.rights() } else { &needs.rights()[..1] };
    let serves = |role: &str, right: Right| match needs {
        Needs::All(_) => carries(role, right),
        Needs::AnyOrSelf(rights) => {
            rights.iter().any(|right| carries(role, *right)) || (is_self && role == SELF_ADMIN)
        }
    };
    let first_without = |covers: &dyn Fn(&Authorization) -> bool| {
        let has = |right| given.iter().any(|one| serves(&one.role, right) && covers(one));
        named.iter().copied().find(|right| !has(*right))
    };
    if let Some(right) = first_without(&|_| true) {
        return Err(ApiError::MissingRight(right));
    }
    let denied = first_without(&|one| is_over_client(one, object))
        .or_else(|| first_without(&|one| is_over_client(one, object) && is_over_user(one, object)));
    denied.map_or(Ok(()), |right| Err(ApiError::DataRoomDenied(right)))
}

/// Performs the checks of an operation on such an object.
fn decide(
    caller: &Caller,
    roles: &RoleTable,
    needs: Needs,
    is_self: bool,
    object: Object,
) -> Result<(), ApiError> {
    let grants = caller.require(needs, roles, is_self)?;
    let own = ClientExtId::unchecked(OWN);
    match object {
        Object::NewClient => grants.over_all_clients().map(|_| ()),
        Object::OfClient => grants.over_client(&own).map(|_| ()),
        Object::OfUser | Object::OfUserWithoutUnit => {
            grants.over_client(&own)?.require_units(&units_of(object))
        }
    }
}

fn assert_matches_model(given: &[&Authorization], roles: &RoleTable) {
    let caller = caller(given.iter().copied().cloned().collect());
    for needs in NEEDS {
        for is_self in [false, true] {
            for object in OBJECTS {
                let decided = decide(&caller, roles, needs, is_self, object);
                let expected = model(given, needs, is_self, object);
                assert_eq!(decided, expected, "{needs:?}, self {is_self}, {object:?}, {given:?}");
            }
        }
    }
}

#[test]
fn without_authorizations_the_first_right_is_reported_as_missing() {
    assert_matches_model(&[], &roles());
    let decided = decide(&caller(vec![]), &roles(), NEEDS[1], true, Object::OfClient);
    assert_eq!(decided, Err(ApiError::MissingRight(CREATE)));
}

#[test]
fn every_single_authorization_matches_the_model() {
    let (all, roles) = (authorizations(&more_rooms()), roles());
    assert_eq!(all.len(), 5 * 7 * 10);
    for authorization in &all {
        assert_matches_model(&[authorization], &roles);
    }
}

#[test]
fn every_pair_of_authorizations_matches_the_model() {
    let (all, roles) = (authorizations(&rooms()), roles());
    assert_eq!(all.len(), 5 * 4 * 5);
    for (at, first) in all.iter().enumerate() {
        for second in &all[at + 1..] {
            assert_matches_model(&[first, second], &roles);
        }
    }
}

/// The least obvious rows of the truth table, spelled out.
#[test]
fn rights_may_come_from_different_authorizations_that_each_cover_the_object() {
    let roles = roles();
    let of = |role: &str, client: &str, units: Option<&[&str]>| Authorization {
        role: role.to_owned(),
        clients: Clients::Only(BTreeSet::from([ClientExtId::unchecked(client)])),
        units: units.map(unit_ids),
    };
    let decide = |given: Vec<Authorization>, needs, is_self, object| {
        decide(&caller(given), &roles, needs, is_self, object)
    };
    let both = NEEDS[1];
    let apart = vec![of("views", OWN, None), of("creates", OWN, None)];
    assert_eq!(decide(apart, both, false, Object::OfClient), Ok(()));
    let one_elsewhere = vec![of("creates", OWN, None), of("views", OTHER, None)];
    assert_eq!(decide(one_elsewhere, both, false, Object::OfClient), Err(ApiError::DataRoomDenied(VIEW)));
    let client_here_unit_there = vec![of("both", OWN, Some(&["hr"])), of("both", OTHER, Some(&["sales"]))];
    let denied = decide(client_here_unit_there, both, false, Object::OfUser);
    assert_eq!(denied, Err(ApiError::DataRoomDenied(CREATE)), "no single one covers client and unit");
    let unheard_of = vec![of("not in the table", OWN, None)];
    assert_eq!(decide(unheard_of, both, true, Object::OfClient), Err(ApiError::MissingRight(CREATE)));
    let right_here_client_there = vec![of("none", OWN, None), of("both", OTHER, None)];
    let denied = decide(right_here_client_there, both, false, Object::OfClient);
    assert_eq!(denied, Err(ApiError::DataRoomDenied(CREATE)), "no single one has right and client");

    let own = || vec![of(SELF_ADMIN, OWN, None)];
    assert_eq!(decide(own(), NEEDS[4], true, Object::OfUser), Ok(()));
    assert_eq!(decide(own(), NEEDS[4], false, Object::OfUser), Err(ApiError::MissingRight(CREATE)));
    assert_eq!(decide(own(), NEEDS[0], true, Object::OfUser), Err(ApiError::MissingRight(CREATE)));
    let elsewhere = vec![of(SELF_ADMIN, OTHER, None)];
    assert_eq!(decide(elsewhere, NEEDS[4], true, Object::OfUser), Err(ApiError::DataRoomDenied(CREATE)));
}

/// A single authorization must carry the right and cover both client and units.
#[test]
fn a_right_that_lifts_a_rule_must_cover_the_object() {
    let (all, roles, own) = (authorizations(&rooms()), roles(), ClientExtId::unchecked(OWN));
    for (at, first) in all.iter().enumerate() {
        for second in &all[at..] {
            let caller = caller(vec![first.clone(), second.clone()]);
            for object in [Object::OfUser, Object::OfUserWithoutUnit] {
                let lifted = caller.has_over(CREATE, &roles, &own, Some(&units_of(object)));
                let expected = model(&[first, second], Needs::All(&[CREATE]), false, object).is_ok();
                assert_eq!(lifted, expected, "{object:?}, {first:?}, {second:?}");
            }
        }
    }
}

#[test]
fn needs_report_their_rights_and_whether_users_may_act_on_themselves() {
    assert_eq!((NEEDS[1].admits_self(), NEEDS[1].rights()), (false, &[CREATE, VIEW][..]));
    assert_eq!((NEEDS[4].admits_self(), NEEDS[4].rights()), (true, &[CREATE, VIEW][..]));
}
