//! Tests every pair of authorizations with every kind of operation and object against an independent
//! model.

use super::*;
use crate::auth::bearer::tests::caller;
use crate::rights::Role;

const CREATE: Right = Right::ClientCreate;
const VIEW: Right = Right::ClientView;
const NEITHER: Right = Right::ConsentView;

/// The client of the object, which is the caller's own, and another client.
const OWN: &str = "100";
const OTHER: &str = "200";

/// The rights that an operation may require: all of them, or one of them or self-service.
const NEEDS: [Needs; 5] = [
    Needs::all(&[CREATE]),
    Needs::all(&[CREATE, VIEW]),
    Needs::all(&[VIEW, CREATE]),
    Needs::any(&[CREATE]).or_self(SelfService::WithXToken),
    Needs::any(&[CREATE, VIEW]).or_self(SelfService::Allowed),
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
        SELF_ADMIN: [Right::SelfAdmin.name()],
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
    /// An object of such a user in `sales` who is not active.
    OfInactiveUser,
}

const OBJECTS: [Object; 5] =
    [Object::OfClient, Object::NewClient, Object::OfUser, Object::OfUserWithoutUnit, Object::OfInactiveUser];

fn unit_ids(units: &[&str]) -> BTreeSet<UnitExtId> {
    units.iter().map(|unit| UnitExtId::unchecked(unit)).collect()
}

/// Returns the units of a user, each with its ancestors.
fn units_of(object: Object) -> BTreeSet<UnitExtId> {
    match object {
        Object::OfUser | Object::OfInactiveUser => unit_ids(&["sales", "europe"]),
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
        (Some(units), Object::OfUser | Object::OfInactiveUser) => {
            units.iter().any(|unit| unit.as_str() == "sales" || unit.as_str() == "europe")
        }
        (Some(_), Object::OfUserWithoutUnit) => false,
    }
}

/// Models the rules, which are checked in this order for each group of rights: some authorization carries one
/// of them, one of those also covers the client, and one of those also covers the user. An inactive user does
/// not act on themselves.
fn model(given: &[&Authorization], needs: Needs, is_self: bool, object: Object) -> Result<(), ApiError> {
    let serves = |role: &str, rights: &[Right], is_active: bool| {
        let as_self = is_self && is_active && needs.self_service() != SelfService::None && role == SELF_ADMIN;
        as_self || rights.iter().any(|right| carries(role, *right))
    };
    let first_without = |is_active: bool, covers: &dyn Fn(&Authorization) -> bool| {
        let has = |rights| given.iter().any(|one| serves(&one.role, rights, is_active) && covers(one));
        needs.groups().into_iter().find(|rights| !has(rights)).map(|rights| rights[0])
    };
    if let Some(right) = first_without(true, &|_| true) {
        return Err(ApiError::MissingRight(right));
    }
    if let Some(right) = first_without(true, &|one| is_over_client(one, object)) {
        return Err(ApiError::DataRoomDenied(right));
    }
    let is_active = !matches!(object, Object::OfInactiveUser);
    if let Some(right) = first_without(is_active, &|one| is_over_client(one, object)) {
        return Err(ApiError::MissingRight(right));
    }
    let denied = first_without(is_active, &|one| is_over_client(one, object) && is_over_user(one, object));
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
        Object::OfUser | Object::OfUserWithoutUnit | Object::OfInactiveUser => {
            let is_active = !matches!(object, Object::OfInactiveUser);
            grants.over_client(&own)?.require_user(&units_of(object), is_active)
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
fn a_right_that_depends_on_the_body_must_cover_the_object() {
    let (all, roles, own) = (authorizations(&rooms()), roles(), ClientExtId::unchecked(OWN));
    for (at, first) in all.iter().enumerate() {
        for second in &all[at..] {
            let caller = caller(vec![first.clone(), second.clone()]);
            for object in [Object::OfUser, Object::OfUserWithoutUnit] {
                let decided = caller.require_over(CREATE, &roles, &own, Some(&units_of(object)));
                let expected = model(&[first, second], Needs::all(&[CREATE]), false, object);
                assert_eq!(decided, expected, "{object:?}, {first:?}, {second:?}");
            }
        }
    }
}

#[test]
fn needs_state_their_rights_and_whether_users_may_act_on_themselves() {
    let name = |right: Right| right.name().to_owned();
    let [create, view] = [CREATE, VIEW].map(name);
    assert_eq!(NEEDS[1].groups(), [[CREATE], [VIEW]]);
    assert_eq!(NEEDS[4].groups(), [[CREATE, VIEW]]);
    assert_eq!(NEEDS[1].in_words(name), format!("{create}, {view}"));
    assert_eq!(NEEDS[4].in_words(name), format!("{create} or {view}"));
    assert_eq!((NEEDS[1].self_service(), NEEDS[1].requires_x_token()), (SelfService::None, false));
    assert_eq!((NEEDS[3].self_service(), NEEDS[3].requires_x_token()), (SelfService::WithXToken, true));
    assert_eq!((NEEDS[4].self_service(), NEEDS[4].requires_x_token()), (SelfService::Allowed, false));
}
