//! Random steps, mostly valid and on existing objects.

use proptest::prop_oneof;
use proptest::sample::select;
use proptest::strategy::{BoxedStrategy, Just, Strategy, Union};

use super::draw_bodies::{
    body, changed_attestation, changed_authenticator, changed_client, changed_profile, changed_property,
    changed_question, changed_signature, changed_target, changed_terms, changed_unit, changed_user,
    new_attestation, new_authenticator, new_client, new_consent, new_profile, new_property, new_question,
    new_signature, new_target, new_terms, new_unit, new_user, properties, user_properties,
};
use super::operations::text;
use super::reference::Reference;
use super::steps::{Body, Operation, Step};
use crate::support::Caller;
use crate::support::caller::{ROOT, SELF_ADMIN};

fn callers() -> impl Strategy<Value = Option<Caller>> {
    let admin =
        |role: &str, units: Option<&[&str]>| Caller::new("client-123", "admin").with(role, None, units);
    let user = || Caller::new("client-123", "user-123");
    let user_admin = "nevisIdm.UserAdmin";
    let others = vec![
        None,
        Some(admin("nevisIdm.ClientRoot", None)),
        Some(admin(user_admin, Some(&["sales"]))),
        Some(admin(user_admin, Some(&["north", "legal"]))),
        Some(admin("nevisIdm.UserAndUnitAdmin", Some(&["sales"]))),
        Some(Caller::new("client-456", "admin").with(ROOT, None, None)),
        Some(Caller::new("operators", "help").with("nevisIdm.Helpdesk", Some(&["*"]), None)),
        // Each right is granted by one of the two, but with different data rooms.
        Some(admin("nevisIdm.Helpdesk", None).with(
            user_admin,
            Some(&["client-456", "client-123"]),
            Some(&["legal"]),
        )),
        Some(user()),
        Some(user().with(SELF_ADMIN, None, None)),
        Some(user().with(ROOT, None, None)),
    ];
    let root = Caller::new("operators", "root").with(ROOT, Some(&["*"]), None);
    prop_oneof![3 => Just(Some(root)), 1 => select(others)]
}

/// Returns a strategy for the next step.
pub(super) fn any(state: &Reference) -> BoxedStrategy<Step> {
    let key = select(vec!["k-1", "k-2", "k 3", ""]);
    let key = prop_oneof![4 => Just(None), 2 => select(vec!["k-1", "k-2", "k-3"]).prop_map(Some), 1 => key.prop_map(Some)];
    let rest = (callers(), proptest::bool::weighted(0.7), key);
    (operations(state), rest)
        .prop_map(|((operation, body), (caller, has_x_token, key))| {
            let has_x_token = has_x_token && operation.user().is_some();
            Step { operation, caller, has_x_token, key, body }
        })
        .boxed()
}

/// Returns a strategy for generated identifiers of a type, and others.
fn ids(state: &Reference, kind: &str, others: &[&str]) -> impl Strategy<Value = String> + Clone + use<> {
    let made = (1..=state.created).map(|number| format!("<{kind}-{number}>"));
    let latest: Vec<String> = made.rev().take(3).collect();
    select(others.iter().map(|id| (*id).to_owned()).chain(latest).collect::<Vec<_>>())
}

/// Queries for property definitions.
const PROPERTY_QUERIES: &[&[(&str, &str)]] = &[
    &[],
    &[("scope", "USER_GLOBAL")],
    &[("scope", "CREDENTIAL_MOBILE_SIGNATURE_GLOBAL"), ("name", "E")],
    &[("type", "ENUM")],
    &[("clientExtId", "client-123"), ("name", "P-")],
    &[("clientExtId", "client-999"), ("type", "STRING")],
];

/// Queries for users.
const USER_QUERIES: &[&[(&str, &str)]] = &[
    &[],
    &[("extId_SW", "u"), ("userState", "active")],
    &[("loginId", "l-1")],
    &[("loginId_SW", "Login"), ("sortBy", "loginId_ASC")],
    &[("loginId_IEQ", "L-1"), ("returnTotalResultCount", "true")],
    &[("contacts.email", "a@example.com")],
    &[("contacts.email_SW", "A@")],
    &[("contacts.email_IEQ", "B#@example.com"), ("userState", "disabled")],
    &[("sortBy", "contacts.email_DESC"), ("returnTotalResultCount", "true")],
    &[("userState", "disabled"), ("returnTotalResultCount", "true")],
];

/// Returns the identifiers of all property definitions, and some others.
fn property_ids(state: &Reference) -> Vec<String> {
    let places = state.beginning_with("PROPERTY_ID#").map(|(place, _)| place);
    let ids = places.filter_map(|place| place.strip_prefix("PROPERTY_ID#")?.strip_suffix(" | PROPERTY_ID"));
    ids.chain(["1", "a#b"]).map(str::to_owned).collect()
}

fn operations(state: &Reference) -> BoxedStrategy<(Operation, Body)> {
    let client = || {
        let others = ["client-456", "client-999", "new-1", "a#b"];
        prop_oneof![2 => Just("client-123".to_owned()), 1 => ids(state, "client", &others)]
    };
    let user = || {
        let others = ["user-999", "user-123#USER", "u-1"];
        prop_oneof![
            4 => Just("user-123".to_owned()),
            2 => Just("user-456".to_owned()),
            1 => ids(state, "user", &others),
        ]
    };
    let of_user = || (client(), user());
    let none = |operation: Operation| (operation, Body::None);
    let mut drawn = vec![
        (4, body(new_client()).prop_map(|body| (Operation::CreateClient, body)).boxed()),
        (2, client().prop_map(move |client| none(Operation::GetClient { client })).boxed()),
        (2, Just(none(Operation::ListClients)).boxed()),
        (1, Just(none(Operation::GetPermissions)).boxed()),
        (
            3,
            (client(), body(changed_client()))
                .prop_map(|(client, body)| (Operation::UpdateClient { client }, body))
                .boxed(),
        ),
        (
            3,
            (client(), ids(state, "question", &["question-123", "q-1", "q-2"]), body(changed_question()))
                .prop_map(|(client, question, body)| (Operation::UpdateQuestion { client, question }, body))
                .boxed(),
        ),
        (
            4,
            (client(), body(new_question()))
                .prop_map(|(client, body)| (Operation::CreateQuestion { client }, body))
                .boxed(),
        ),
        (
            2,
            (client(), ids(state, "question", &["question-123", "q-1", "q-2"]))
                .prop_map(move |(client, question)| none(Operation::GetQuestion { client, question }))
                .boxed(),
        ),
        (2, client().prop_map(move |client| none(Operation::ListQuestions { client })).boxed()),
        (
            6,
            (client(), body(new_user()))
                .prop_map(|(client, body)| (Operation::CreateUser { client }, body))
                .boxed(),
        ),
        (3, of_user().prop_map(move |(client, user)| none(Operation::GetUser { client, user })).boxed()),
        (
            4,
            (client(), select(USER_QUERIES))
                .prop_map(move |(client, query)| none(Operation::ListUsers { client, query }))
                .boxed(),
        ),
        (
            6,
            (of_user(), body(changed_user()))
                .prop_map(|((client, user), body)| (Operation::UpdateUser { client, user }, body))
                .boxed(),
        ),
        (1, Just(none(Operation::GetHealth)).boxed()),
        (1, Just(none(Operation::Wait)).boxed()),
    ];
    drawn.extend(operations_on_consents(of_user));
    drawn.extend(operations_on_terms(state, of_user()));
    drawn.extend(operations_on_targets(state, of_user));
    drawn.extend(operations_on_authenticators(state, client, of_user));
    drawn.extend(operations_on_signatures(of_user));
    drawn.extend(operations_on_values(of_user));
    drawn.extend(operations_on_properties(state, client()));
    drawn.extend(operations_on_profiles(state, client, of_user));
    drawn.extend(operations_on_policies(state, client));
    drawn.extend(operations_on_units(state, client));
    drawn.extend(deletions(state, of_user));
    Union::new_weighted(drawn).boxed()
}

/// Returns the deletions, and the operation on these, with their weights.
///
/// They are rare, and mostly of what a sequence has created, because the other operations need users and clients.
fn deletions<User: Strategy<Value = (String, String)> + 'static>(
    state: &Reference,
    of_user: impl Fn() -> User,
) -> Vec<(u32, BoxedStrategy<(Operation, Body)>)> {
    let furnished = ["client-123 user-123", "client-123 user-456"];
    let users = state.beginning_with("USER#").filter(|(_, item)| item["entityType"] == "User");
    let users = users.map(|(_, item)| (text(&item["clientExtId"]), text(&item["extId"])));
    let mut users: Vec<(String, String)> =
        users.filter(|(client, user)| !furnished.contains(&&*format!("{client} {user}"))).collect();
    users.push(("client-123".to_owned(), "user-999".to_owned()));
    let user = move || prop_oneof![4 => select(users.clone()), 1 => of_user()];
    let clients = state.beginning_with("CLIENTS | CLIENT#").map(|(_, item)| text(&item["extId"]));
    let mut clients: Vec<String> = clients.filter(|client| client != "client-123").collect();
    clients.push("client-999".to_owned());
    let client = prop_oneof![12 => select(clients), 1 => Just("client-123".to_owned())];
    let deletions = state.beginning_with("DELETION#").map(|(place, _)| place);
    let ids = deletions.filter_map(|place| place.strip_prefix("DELETION#")?.strip_suffix(" | DELETION"));
    let deletion = select(ids.chain(["absent"]).map(str::to_owned).collect::<Vec<_>>());
    let none = |operation: Operation| (operation, Body::None);
    vec![
        (3, user().prop_map(move |(client, user)| none(Operation::ArchiveUser { client, user })).boxed()),
        (3, user().prop_map(move |(client, user)| none(Operation::DeleteUser { client, user })).boxed()),
        (2, client.prop_map(move |client| none(Operation::DeleteClient { client })).boxed()),
        (2, deletion.prop_map(move |deletion| none(Operation::GetDeletion { deletion })).boxed()),
    ]
}

/// Returns the operations on terms with their weights.
fn operations_on_terms(
    state: &Reference,
    of_user: impl Strategy<Value = (String, String)> + 'static,
) -> Vec<(u32, BoxedStrategy<(Operation, Body)>)> {
    let terms = || prop_oneof![2 => Just("terms-123".to_owned()), 1 => ids(state, "terms", &["terms-456", "terms-999", "t-1"])];
    let none = |operation: Operation| (operation, Body::None);
    vec![
        (
            3,
            of_user
                .prop_map(move |(client, user)| none(Operation::ListPendingTerms { client, user }))
                .boxed(),
        ),
        (3, body(new_terms()).prop_map(|body| (Operation::CreateTerms, body)).boxed()),
        (1, Just(none(Operation::ListTerms)).boxed()),
        (1, Just(none(Operation::ListHistory)).boxed()),
        (2, terms().prop_map(move |terms| none(Operation::GetTerms { terms })).boxed()),
        (
            3,
            (terms(), body(changed_terms()))
                .prop_map(|(terms, body)| (Operation::UpdateTerms { terms }, body))
                .boxed(),
        ),
    ]
}

/// Returns the operations on consents with their weights.
fn operations_on_consents<User: Strategy<Value = (String, String)> + 'static>(
    of_user: impl Fn() -> User,
) -> Vec<(u32, BoxedStrategy<(Operation, Body)>)> {
    let none = |operation: Operation| (operation, Body::None);
    let texts = |choices: &[&str]| select(choices.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
    vec![
        (
            4,
            (of_user(), body(new_consent()))
                .prop_map(|((client, user), body)| (Operation::CreateConsent { client, user }, body))
                .boxed(),
        ),
        (
            3,
            (of_user(), select(vec![false, true]))
                .prop_map(move |((client, user), withdrawn)| {
                    none(Operation::ListConsents { client, user, withdrawn })
                })
                .boxed(),
        ),
        (
            6,
            (
                of_user(),
                select(vec![("terms-456", "2"), ("terms-456", "2"), ("terms-123", "1"), ("terms-999", "1")]),
            )
                .prop_map(move |((client, user), (terms, version))| {
                    let (terms, version) = (terms.to_owned(), version.to_owned());
                    none(Operation::DeleteConsent { client, user, terms, version })
                })
                .boxed(),
        ),
        (
            8,
            (of_user(), texts(&["terms-123", "terms-456", "terms-999"]), texts(&["1", "2", "1#"]))
                .prop_map(move |((client, user), terms, version)| {
                    none(Operation::GetConsent { client, user, terms, version })
                })
                .boxed(),
        ),
    ]
}

/// Returns the operations on dispatch targets and app attestations with their weights.
fn operations_on_targets<User: Strategy<Value = (String, String)> + 'static>(
    state: &Reference,
    of_user: impl Fn() -> User,
) -> Vec<(u32, BoxedStrategy<(Operation, Body)>)> {
    let none = |operation: Operation| (operation, Body::None);
    let target = || {
        let others = ["dt-456", "dt-999", "dt-1", "dt-2"];
        (of_user(), prop_oneof![1 => Just("dt-123".to_owned()), 2 => ids(state, "target", &others)])
    };
    let list = |(client, user)| Operation::ListTargets { client, user };
    let get = |((client, user), target)| Operation::GetTarget { client, user, target };
    let delete = |((client, user), target)| Operation::DeleteTarget { client, user, target };
    let attestation = |((client, user), target)| Operation::GetAttestation { client, user, target };
    let detach = |((client, user), target)| Operation::DeleteAttestation { client, user, target };
    vec![
        (2, of_user().prop_map(move |user| none(list(user))).boxed()),
        (2, target().prop_map(move |target| none(get(target))).boxed()),
        (3, target().prop_map(move |target| none(delete(target))).boxed()),
        (4, target().prop_map(move |target| none(attestation(target))).boxed()),
        (3, target().prop_map(move |target| none(detach(target))).boxed()),
        (
            6,
            (of_user(), body(new_target()))
                .prop_map(|((client, user), body)| (Operation::CreateTarget { client, user }, body))
                .boxed(),
        ),
        (
            6,
            (target(), body(changed_target()))
                .prop_map(|(((client, user), target), body)| {
                    (Operation::UpdateTarget { client, user, target }, body)
                })
                .boxed(),
        ),
        (
            9,
            (target(), body(new_attestation()))
                .prop_map(|(((client, user), target), body)| {
                    (Operation::CreateAttestation { client, user, target }, body)
                })
                .boxed(),
        ),
        (
            4,
            (target(), body(changed_attestation()))
                .prop_map(|(((client, user), target), body)| {
                    (Operation::UpdateAttestation { client, user, target }, body)
                })
                .boxed(),
        ),
    ]
}

/// Returns the operations on FIDO UAF authenticators with their weights.
fn operations_on_authenticators<
    Client: Strategy<Value = String> + 'static,
    User: Strategy<Value = (String, String)> + 'static,
>(
    state: &Reference,
    client: impl Fn() -> Client,
    of_user: impl Fn() -> User,
) -> Vec<(u32, BoxedStrategy<(Operation, Body)>)> {
    let none = |operation: Operation| (operation, Body::None);
    let authenticator = || {
        let others = ["uaf-1", "uaf-2", "uaf-5", "uaf-6", "uaf-9"];
        (of_user(), ids(state, "authenticator", &others))
    };
    let list = |(client, user)| Operation::ListAuthenticators { client, user };
    let list_all = |(client, user)| Operation::ListCredentials { client, user };
    let get = |((client, user), authenticator)| Operation::GetAuthenticator { client, user, authenticator };
    let delete =
        |((client, user), authenticator)| Operation::DeleteAuthenticator { client, user, authenticator };
    vec![
        (2, of_user().prop_map(move |user| none(list(user))).boxed()),
        (2, of_user().prop_map(move |user| none(list_all(user))).boxed()),
        (2, client().prop_map(move |client| none(Operation::ListClientAuthenticators { client })).boxed()),
        (2, authenticator().prop_map(move |one| none(get(one))).boxed()),
        (3, authenticator().prop_map(move |one| none(delete(one))).boxed()),
        (
            6,
            (of_user(), body(new_authenticator()))
                .prop_map(|((client, user), body)| (Operation::CreateAuthenticator { client, user }, body))
                .boxed(),
        ),
        (
            4,
            (authenticator(), body(changed_authenticator()))
                .prop_map(|(((client, user), authenticator), body)| {
                    (Operation::UpdateAuthenticator { client, user, authenticator }, body)
                })
                .boxed(),
        ),
    ]
}

/// Returns the operations on mobile signatures with their weights.
fn operations_on_signatures<User: Strategy<Value = (String, String)> + 'static>(
    of_user: impl Fn() -> User,
) -> Vec<(u32, BoxedStrategy<(Operation, Body)>)> {
    let none = |operation: Operation| (operation, Body::None);
    let get = |(client, user)| Operation::GetSignature { client, user };
    let get_properties = |(client, user)| Operation::GetSignatureProperties { client, user };
    let delete = |(client, user)| Operation::DeleteSignature { client, user };
    vec![
        (2, of_user().prop_map(move |user| none(get(user))).boxed()),
        (2, of_user().prop_map(move |user| none(get_properties(user))).boxed()),
        (2, of_user().prop_map(move |user| none(delete(user))).boxed()),
        (
            8,
            (of_user(), body(new_signature()))
                .prop_map(|((client, user), body)| (Operation::CreateSignature { client, user }, body))
                .boxed(),
        ),
        (
            3,
            (of_user(), body(changed_signature()))
                .prop_map(|((client, user), body)| (Operation::UpdateSignature { client, user }, body))
                .boxed(),
        ),
    ]
}

/// Returns the operations on the values of properties with their weights.
fn operations_on_values<User: Strategy<Value = (String, String)> + 'static>(
    of_user: impl Fn() -> User,
) -> Vec<(u32, BoxedStrategy<(Operation, Body)>)> {
    let none = |operation: Operation| (operation, Body::None);
    vec![
        (
            6,
            (of_user(), body(properties()))
                .prop_map(|((client, user), body)| (Operation::UpdateProperties { client, user }, body))
                .boxed(),
        ),
        (
            2,
            of_user()
                .prop_map(move |(client, user)| none(Operation::GetUserProperties { client, user }))
                .boxed(),
        ),
        (
            6,
            (of_user(), body(user_properties()))
                .prop_map(|((client, user), body)| (Operation::UpdateUserProperties { client, user }, body))
                .boxed(),
        ),
    ]
}

/// Returns the operations on property definitions with their weights.
fn operations_on_properties(
    state: &Reference,
    client: impl Strategy<Value = String> + 'static,
) -> Vec<(u32, BoxedStrategy<(Operation, Body)>)> {
    let none = |operation: Operation| (operation, Body::None);
    vec![
        (2, client.prop_map(move |client| none(Operation::ListProperties { client })).boxed()),
        (
            3,
            select(PROPERTY_QUERIES)
                .prop_map(move |query| none(Operation::SearchProperties { query }))
                .boxed(),
        ),
        (4, body(new_property()).prop_map(|body| (Operation::CreateProperty, body)).boxed()),
        (2, select(property_ids(state)).prop_map(move |id| none(Operation::GetProperty { id })).boxed()),
        (
            4,
            (select(property_ids(state)), body(changed_property()))
                .prop_map(|(id, body)| (Operation::UpdateProperty { id }, body))
                .boxed(),
        ),
    ]
}

/// Returns the operations on profiles with their weights.
fn operations_on_profiles<
    Client: Strategy<Value = String> + 'static,
    User: Strategy<Value = (String, String)> + 'static,
>(
    state: &Reference,
    client: impl Fn() -> Client,
    of_user: impl Fn() -> User,
) -> Vec<(u32, BoxedStrategy<(Operation, Body)>)> {
    let profile = || {
        let others = ["p-user-123", "q-user-123", "p-user-456", "p-1", "p-2", "absent"];
        (client(), ids(state, "profile", &others))
    };
    let unit = select(["root", "sales", "north", "legal", "u-1", "absent"].map(str::to_owned).to_vec());
    let none = |operation: Operation| (operation, Body::None);
    vec![
        (
            6,
            (of_user(), body(new_profile()))
                .prop_map(|((client, user), body)| (Operation::CreateProfile { client, user }, body))
                .boxed(),
        ),
        (2, of_user().prop_map(move |(client, user)| none(Operation::ListProfiles { client, user })).boxed()),
        (
            2,
            profile()
                .prop_map(move |(client, profile)| none(Operation::GetProfile { client, profile }))
                .boxed(),
        ),
        (
            4,
            (profile(), body(changed_profile()))
                .prop_map(|((client, profile), body)| (Operation::UpdateProfile { client, profile }, body))
                .boxed(),
        ),
        (
            4,
            (profile(), unit)
                .prop_map(move |((client, profile), unit)| {
                    none(Operation::SetProfileUnit { client, profile, unit })
                })
                .boxed(),
        ),
        (
            3,
            profile()
                .prop_map(move |(client, profile)| none(Operation::DeleteProfile { client, profile }))
                .boxed(),
        ),
    ]
}

/// Returns the operations on policies with their weights.
fn operations_on_policies<Client: Strategy<Value = String> + 'static>(
    state: &Reference,
    client: impl Fn() -> Client,
) -> Vec<(u32, BoxedStrategy<(Operation, Body)>)> {
    let none = |operation: Operation| (operation, Body::None);
    let policy = ids(state, "policy", &["policy", "policy#", "absent"]);
    vec![
        (1, client().prop_map(move |client| none(Operation::ListPolicies { client })).boxed()),
        (
            2,
            (client(), policy)
                .prop_map(move |(client, policy)| none(Operation::GetPolicy { client, policy }))
                .boxed(),
        ),
    ]
}

/// Returns the operations on units with their weights.
fn operations_on_units<Client: Strategy<Value = String> + 'static>(
    state: &Reference,
    client: impl Fn() -> Client,
) -> Vec<(u32, BoxedStrategy<(Operation, Body)>)> {
    let unit = || {
        let others = ["root", "legal", "north", "u-1", "absent"];
        (client(), prop_oneof![1 => Just("sales".to_owned()), 2 => ids(state, "unit", &others)])
    };
    let none = |operation: Operation| (operation, Body::None);
    vec![
        (
            5,
            (client(), body(new_unit()))
                .prop_map(|(client, body)| (Operation::CreateUnit { client }, body))
                .boxed(),
        ),
        (2, unit().prop_map(move |(client, unit)| none(Operation::GetUnit { client, unit })).boxed()),
        (
            4,
            (unit(), body(changed_unit()))
                .prop_map(|((client, unit), body)| (Operation::UpdateUnit { client, unit }, body))
                .boxed(),
        ),
        (2, client().prop_map(move |client| none(Operation::ListUnits { client })).boxed()),
        (8, unit().prop_map(move |(client, unit)| none(Operation::DeleteUnit { client, unit })).boxed()),
        (
            2,
            unit().prop_map(move |(client, unit)| none(Operation::ListUnitChildren { client, unit })).boxed(),
        ),
    ]
}
