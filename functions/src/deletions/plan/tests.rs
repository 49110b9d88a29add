use std::collections::HashMap;

use shared::clock::Timestamp;
use shared::entity::{Fixed, NotReturned, OrDefault, Validity};
use shared::ids::{ClientExtId, ExtId, UnitExtId};

use super::*;
use crate::clients::Defaults;
use crate::consents::Consent;
use crate::deletions::{Deletion, entry_key, key};
use crate::mobile_signature::MobileSignature;
use crate::profiles::Holder as ProfileHolder;
use crate::properties::{PropertyName, Scope, Uniqueness};
use crate::units::Place;
use crate::users::{Address, Contacts, Memberships, PersonName, State};

type Table = HashMap<Key, Item>;

/// The identifier of the deletion that a plan is part of.
const OWN: &str = "own";

fn stamp() -> Stamp {
    Stamp { now: Timestamp::UNIX_EPOCH, by: "100/admin".to_owned(), request: "request".to_owned() }
}

/// Returns the items that a transaction creates.
fn created(create: impl FnOnce(&mut Transaction)) -> Table {
    let (mut transaction, mut table) = (Transaction::new(&stamp()), Table::new());
    create(&mut transaction);
    transaction.apply_to(&mut table).expect("a table");
    table
}

/// Returns the items of a partition in the order of their sort keys.
fn of_partition(table: &Table, pk: &str) -> Vec<Item> {
    let mut keys: Vec<&Key> = table.keys().filter(|key| key.pk() == pk).collect();
    keys.sort_by_key(|key| key.sk());
    keys.into_iter().map(|key| table[key].clone()).collect()
}

fn apply(plan: Plan, table: &mut Table) {
    for transaction in plan.transactions(&stamp()) {
        transaction.apply_to(table).expect("a table");
    }
}

/// Returns a transaction that deletes items with these names.
fn part(names: impl IntoIterator<Item = String>) -> Transaction {
    let mut part = Transaction::new(&stamp());
    for name in names {
        part.delete(Key::new(&[&name], &[&name]), Condition::Any);
    }
    part
}

/// Returns the sort keys that transactions change, of each in its order.
fn changed(transactions: &[Transaction]) -> Vec<Vec<String>> {
    let keys = |one: &Transaction| one.changed_keys().iter().map(|key| key.sk().to_owned()).collect();
    transactions.iter().map(keys).collect()
}

/// Returns the transactions of parts with these numbers of actions, as the numbers of the parts in each.
fn packed(sizes: &[usize]) -> Vec<Vec<usize>> {
    let parts = sizes.iter().enumerate();
    let parts = parts.map(|(number, size)| part((0..*size).map(|action| format!("{number}-{action}"))));
    let plan = Plan { parts: parts.collect(), is_partial: false };
    let numbers = changed(&plan.transactions(&stamp())).into_iter().map(|keys| {
        let names =
            keys.iter().map(|key| key.split_once('-').expect("a number").0.parse().expect("a number"));
        let mut numbers: Vec<usize> = names.collect();
        numbers.dedup();
        for number in &numbers {
            let own = keys.iter().filter(|key| key.starts_with(&format!("{number}-"))).count();
            assert_eq!(own, sizes[*number], "all of part {number}");
        }
        numbers
    });
    numbers.collect()
}

#[test]
fn transactions_have_as_many_whole_parts_in_their_order_as_there_is_room_for() {
    let small = [1; 200];
    let all: Vec<usize> = (0..200).collect();
    let [first, second, third] = [&all[..98], &all[98..196], &all[196..]].map(<[usize]>::to_vec);
    assert_eq!(packed(&small), [first, second, third]);
    for (sizes, expected) in [
        (&[][..], &[][..]),
        (&[3], &[&[0][..]][..]),
        (&[98, 1], &[&[0], &[1]]),
        (&[97, 1, 1], &[&[0, 1], &[2]]),
        (&[91, 91, 7, 1], &[&[0], &[1, 2], &[3]]),
        // A later part that has room in an earlier transaction does not overtake others.
        (&[50, 60, 40, 1], &[&[0], &[1], &[2, 3]]),
        (&[60, 60, 10, 28, 1], &[&[0], &[1, 2, 3], &[4]]),
    ] {
        assert_eq!(packed(sizes), expected, "{sizes:?}");
    }
    assert_eq!(MAX_ACTIONS - PROGRESS, 98);
}

#[test]
fn parts_with_the_same_key_are_in_different_transactions() {
    let parts = ["a b", "c", "d a", "e"].map(|names| part(names.split(' ').map(str::to_owned)));
    let plan = Plan { parts: parts.into(), is_partial: false };
    let expected = [&["a", "b", "c"][..], &["d", "a", "e"]];
    assert_eq!(changed(&plan.transactions(&stamp())), expected);
}

fn user() -> User {
    let path = UserPath::example();
    User {
        client: path.client,
        ext_id: path.user,
        login_id: OrDefault("jdoe".into()),
        state: State::default(),
        language: None,
        is_technical: OrDefault(false),
        name: PersonName::default(),
        sex: None,
        gender: None,
        birth_date: None,
        address: Address::default(),
        contacts: Contacts { email: Some("jane.doe@example.com".into()), ..Contacts::default() },
        validity: Validity::default(),
        remarks: None,
        modification_comment: None,
    }
}

/// Adds a user with an item of each kind to a transaction.
fn create_user(transaction: &mut Transaction) {
    let (user, path) = (user(), UserPath::example());
    let (unit, profile) = (UnitExtId::unchecked("root"), ExtId::unchecked("p"));
    let mut memberships = Memberships { default: Some(profile), ..Memberships::default() };
    memberships.all.insert("p".to_owned(), "root".to_owned());
    user.create(&memberships, &[], transaction);
    let profile = Profile::in_unit(&path, ExtId::unchecked("p"), &unit, true);
    profile.create(&ProfileHolder { state: user.state, units: ["root".to_owned()].into() }, transaction);
    Consent::example().create(&path, transaction);
    let target = DispatchTarget {
        ext_id: ExtId::unchecked("dt"),
        target_type: OrDefault::default(),
        device_id: "device".into(),
        target: "target".into(),
        dispatcher: None,
        user_agent: None,
        encryption_key: None,
        signing_key: "key".into(),
        app_id: "app".into(),
        name: "Phone".into(),
        state: OrDefault::default(),
        identification: None,
    };
    let attestation = AppAttestation {
        name: Some("Phone".into()),
        environment: None,
        device_id: "device".into(),
        receipt: "receipt".into(),
        public_key: "key".into(),
        counter: None,
    };
    target.create(&path, (Some(&attestation), 1), transaction);
    let authenticator = FidoUafCredential {
        ext_id: ExtId::unchecked("uaf"),
        aaid: Fixed("ABCD#0001".into()),
        key_id: Fixed("a2V5".into()),
        authenticator_version: "1.0".into(),
        public_key: Fixed("key".into()),
        public_key_algorithm: Fixed("algorithm".into()),
        app_id: Fixed("app".into()),
        device_id: None,
        state: OrDefault::default(),
        attestation_type: Fixed(None),
        validity: Validity::default(),
        dispatch_target: Some(ExtId::unchecked("dt")),
        modification_comment: None,
    };
    authenticator.create(&path, true, transaction);
}

/// Returns a plan of the whole deletion of the user of [`UserPath::example`].
fn plan_of_user(table: &Table, definitions: &Definitions) -> Plan {
    let path = UserPath::example();
    let items = of_partition(table, &path.partition());
    let mut plan = Plan::of_user(&path, &items, definitions, &stamp()).expect("items");
    if !plan.is_partial {
        plan.end_user(&table[&path.key()], OWN, &stamp()).expect("a user");
    }
    plan
}

#[test]
fn each_part_has_what_depends_on_an_item_and_no_item_is_planned_twice() {
    let table = created(create_user);
    let plan = plan_of_user(&table, &Definitions::new());
    let keys: Vec<Key> = plan.parts.iter().flat_map(Transaction::changed_keys).collect();
    assert_eq!(keys.iter().collect::<BTreeSet<_>>(), table.keys().collect());
    assert_eq!(keys.len(), table.len(), "each item once");
    let sizes: Vec<usize> = plan.parts.iter().map(Transaction::len).collect();
    // An attestation and its name, a consent, an authenticator and its key, a target and its extId, a profile with
    // that of its user and its unit, and the user with three copies.
    assert_eq!(sizes, [2, 1, 2, 2, 3, 4]);
    assert!(plan.parts.iter().all(|part| part.deletions() == part.len() as u64));
    let own = plan.parts.last().map(|part| part.changed_keys()[0].sk().to_owned());
    assert_eq!(own.as_deref(), Some("USER"), "the user is last");
    let mut left = table.clone();
    apply(plan, &mut left);
    assert_eq!(left, Table::new());
}

#[test]
fn a_name_without_its_attestation_is_planned_alone() {
    let mut table = created(create_user);
    let attestation = |key: &&Key| key.sk().starts_with("APP_ATTESTATION#");
    let attestation = table.keys().find(attestation).expect("an attestation").clone();
    table.remove(&attestation);
    let plan = plan_of_user(&table, &Definitions::new());
    assert_eq!(plan.parts[0].len(), 1);
    apply(plan, &mut table);
    assert_eq!(table, Table::new());
}

#[test]
fn the_last_part_ends_the_other_deletions_of_the_user() {
    let path = UserPath::example();
    let begun = |id: &str, transaction: &mut Transaction| {
        let deletion = Deletion::of_user(id, path.clone(), Timestamp::UNIX_EPOCH);
        deletion.begin(transaction);
    };
    for (marks, ended) in [
        (&[][..], &[][..]),
        (&[(DELETION, OWN)], &[]),
        (&[(DELETION, "other")], &["other"]),
        (&[(DELETION, OWN), (ARCHIVING, "older")], &["older"]),
        (&[(DELETION, "other"), (ARCHIVING, "older")], &["older", "other"]),
    ] {
        let mut table = created(|transaction| {
            create_user(transaction);
            for id in [OWN, "other", "older"] {
                begun(id, transaction);
            }
        });
        let mut marked = Transaction::new(&stamp());
        let update = Update::internal(path.key(), Condition::Exists);
        let mark = |update: Update, (name, id): &(&'static str, &str)| {
            update.set(name, Some(shared::table::attribute::text(id)))
        };
        marked.update(marks.iter().fold(update, mark));
        marked.apply_to(&mut table).expect("a table");
        apply(plan_of_user(&table, &Definitions::new()), &mut table);
        for id in [OWN, "other", "older"] {
            let (id, is_ended) = (ExtId::unchecked(id), ended.contains(&id));
            let state = table[&key(&id)].text("state").expect("a state");
            assert_eq!(state == "ended", is_ended, "{id} {marks:?}");
            assert_eq!(table.contains_key(&entry_key(&id)), !is_ended, "{id} {marks:?}");
        }
    }
}

/// Returns the definitions of a property, for all clients and, if `is_replaced`, for one client, and their items.
fn define(scope: Scope, names: &[String], is_replaced: bool) -> (Table, Definitions) {
    let clients = if is_replaced { vec![None, Some(UserPath::example().client)] } else { vec![None] };
    let mut table = Table::new();
    let owned = names.iter().flat_map(|name| clients.iter().map(move |client| (name, client)));
    for (id, (name, client)) in (1..).zip(owned) {
        let definition = Definition {
            id,
            client: client.clone(),
            uniqueness: Some(Uniqueness::Absolute),
            ..Definition::of_text(scope, PropertyName::unchecked(name))
        };
        table.extend(created(|transaction| {
            definition.create(transaction);
        }));
    }
    let definitions = table.iter().filter(|(key, _)| key.pk().starts_with("PROPERTIES#"));
    (table.clone(), definitions.map(|(key, item)| (key.clone(), item.clone())).collect())
}

fn signature() -> MobileSignature {
    MobileSignature {
        ext_id: ExtId::unchecked("ms"),
        state: OrDefault::default(),
        identificator: "identificator".into(),
        mssp_identifier: "https://mssp.example.com".into(),
        msisdn: "+41790000000".into(),
        signer_cert: None,
        modification_comment: None,
    }
}

/// Returns the items of a user who has a value of each property. Those of a client that has definitions of its own are
/// from before and after it had them.
fn create_values(scope: Scope, names: &[String], definitions: &Definitions) -> Table {
    let path = UserPath::example();
    let values = |names: &[String]| {
        let properties: BTreeMap<String, String> =
            names.iter().map(|name| (name.clone(), "value".to_owned())).collect();
        Values { properties: properties.into(), unique: names.iter().cloned().collect() }
    };
    let (holder, item) = if scope == Scope::User {
        let holder = users::properties::holder(&path);
        let item = path.new_item(&holder.key, users::properties::ENTITY_TYPE);
        (holder, item)
    } else {
        let holder = mobile_signature::holder(&path);
        let item = path.new_item(&holder.key, mobile_signature::ENTITY_TYPE);
        (holder, signature().store(item))
    };
    let mut table = created(|transaction| {
        user().create(&Memberships::default(), &[], transaction);
        transaction.create(values(names).store(item));
    });
    // All values together are more than a transaction has room for.
    for name in names {
        let [of_all, of_client] = holder.definition_keys(name).map(|key| definitions.get(&key));
        for items in [[of_all, None], [of_all, of_client]] {
            let applicable = Applicable::of(items).expect("definitions").expect("a definition");
            let defined = [(name.clone(), applicable)].into();
            table.extend(created(|transaction| {
                let one = values(std::slice::from_ref(name));
                one.change(&Values::default(), &holder, &defined, transaction).expect("definitions");
            }));
        }
    }
    table
}

#[test]
fn the_values_of_properties_are_released_in_portions_of_thirty() {
    let path = UserPath::example();
    for (scope, is_replaced) in [
        (Scope::User, false),
        (Scope::User, true),
        (Scope::MobileSignature, false),
        (Scope::MobileSignature, true),
    ] {
        for (count, passes) in [(1, &[1][..]), (30, &[30]), (31, &[30, 1]), (65, &[30, 30, 5])] {
            let names: Vec<String> = (0..count).map(|number| format!("p-{number:02}")).collect();
            let (defined, definitions) = define(scope, &names, is_replaced);
            let mut table = create_values(scope, &names, &definitions);
            table.extend(defined.clone());
            for (number, released) in passes.iter().enumerate() {
                let items = of_partition(&table, &path.partition());
                let keys = definition_keys(&path, &items).expect("items");
                assert_eq!(keys.len(), 2 * released, "the definitions that the client can have too");
                let known: Definitions = definitions
                    .iter()
                    .filter(|(key, _)| keys.contains(key))
                    .map(|(key, item)| (key.clone(), item.clone()))
                    .collect();
                let plan = plan_of_user(&table, &known);
                assert_eq!(plan.is_partial, number + 1 < passes.len(), "{scope:?} {count}");
                let of_each = if is_replaced { 3 } else { 2 };
                assert_eq!(plan.parts[0].len(), 1 + of_each * released, "{scope:?} {count}");
                let before = table.len();
                apply(plan, &mut table);
                if number + 1 < passes.len() {
                    let values = Values::load(&table[&items[0].key().expect("a key")]).expect("values");
                    let left: Vec<&String> = values.properties.keys().collect();
                    assert_eq!(left, names[30 * (number + 1)..].iter().collect::<Vec<_>>());
                    assert_eq!(values.unique.iter().collect::<Vec<_>>(), left);
                    assert_eq!(before - table.len(), of_each * released, "entries and values");
                }
            }
            assert_eq!(table, defined, "{scope:?} {count}");
        }
    }
    const { assert!(1 + 3 * MAX_PROPERTIES + PROGRESS <= MAX_ACTIONS) };
}

#[test]
fn a_value_without_its_definition_is_corrupt() {
    let names = ["p".to_owned()];
    let (_, definitions) = define(Scope::User, &names, false);
    let table = create_values(Scope::User, &names, &definitions);
    let items = of_partition(&table, &UserPath::example().partition());
    let planned = Plan::of_user(&UserPath::example(), &items, &Definitions::new(), &stamp());
    assert_eq!(planned.err(), Some(TableError::Corrupt));
}

#[test]
fn definitions_are_planned_with_their_copies() {
    let names = ["p", "q"].map(str::to_owned);
    let (mut table, definitions) = define(Scope::User, &names, false);
    let items: Vec<Item> = definitions.into_values().collect();
    let plan = Plan::of_definitions(&items, &stamp()).expect("definitions");
    assert_eq!(plan.parts.iter().map(Transaction::len).collect::<Vec<_>>(), [8 + 2; 2]);
    assert!(!plan.is_partial);
    apply(plan, &mut table);
    assert_eq!(table, Table::new());
}

#[test]
fn a_client_is_planned_last() {
    let client = ClientExtId::unchecked("100");
    let mut table = created(|transaction| {
        let unit = UnitExtId::unchecked("root");
        let own = Client {
            ext_id: client.clone(),
            name: "Default".into(),
            display_name: BTreeMap::new().into(),
            remarks: NotReturned(None),
        };
        let defaults = Defaults { unit: unit.clone(), profile_policy: ExtId::unchecked("policy") };
        own.create(&defaults, "nevisIdm", transaction);
        let sales = UnitExtId::unchecked("sales");
        let place = Place::at_top(&unit).below(&unit, &sales).expect("a place");
        Unit::named(&client, &sales, Some(&unit), "Sales".into()).create(&place, transaction);
    });
    let items = of_partition(&table, "CLIENT#100");
    let partial = Plan::of_client(&items, &stamp()).expect("items");
    let mut complete = Plan::of_client(&items, &stamp()).expect("items");
    let own = &table[&clients::key(&client)];
    complete.end_client(own, &stamp()).expect("a client");
    let sizes = |plan: &Plan| plan.parts.iter().map(Transaction::len).collect::<Vec<_>>();
    // The default application, policy, template collection and unit; a unit with its entry and its name; the client
    // and its name. Units and clients lie in four copies.
    let expected = (vec![1, 1, 1, 4, 4 + 2], vec![1, 1, 1, 4, 4 + 2, 4 + 1]);
    assert_eq!((sizes(&partial), sizes(&complete)), expected);
    let mut left = table.clone();
    apply(partial, &mut left);
    let mut places: Vec<&str> = left.keys().map(Key::sk).collect();
    places.sort_unstable();
    assert_eq!(places, ["CLIENT", "CLIENT#100", "CLIENT_NAME"]);
    apply(complete, &mut table);
    // The deletion has removed it when it began.
    assert_eq!(table.keys().map(Key::sk).collect::<Vec<_>>(), ["CLIENT#100"]);
}
