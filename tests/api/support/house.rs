//! The data that most tests use: two clients with users and the objects of these users.

use std::collections::{BTreeMap, BTreeSet};

use functions::clients::{Client, Defaults};
use functions::consents::Consent;
use functions::credentials::CredentialState;
use functions::deletions::{self, Deletion, DeletionState};
use functions::dispatch_targets::{
    AppAttestation, DispatchTarget, DispatchTargetExtId, DispatchTargetState, DispatchTargetType,
};
use functions::fido_authenticators::{self, FidoUafCredential, FidoUafCredentialExtId, FidoUafState};
use functions::mobile_signature::{MobileSignature, MobileSignatureExtId};
use functions::personal_questions::{PersonalQuestion, PersonalQuestionExtId, PersonalQuestionState};
use functions::policies::PolicyExtId;
use functions::profiles::{self, Holder, Profile, ProfileExtId};
use functions::properties::values::{Applicable, Values};
use functions::properties::{Definition, Scope};
use functions::terms::{Terms, TermsExtId, TermsVersion};
use functions::units::{Place, Unit};
use functions::users::{
    self, Address, Contacts, Memberships, PersonName, User, UserPath, UserState, membership,
};
use shared::clock::Timestamp;
use shared::entity::{Entity as _, FieldValue as _, Fixed, NewExtId, NotReturned, OrDefault, Validity};
use shared::ids::{ClientExtId, UnitExtId, UserExtId};
use shared::table::{Condition, Key, NewItem, Transaction, Update};

use super::world::World;

/// The maximum number of definitions per transaction, each with its copies.
const DEFINITIONS: usize = 10;

impl World {
    /// Creates a furnished world.
    pub(crate) async fn furnished() -> Self {
        let world = Self::new().await;
        world.furnish("{Default}").await;
        world
    }

    /// Creates the following items in the table:
    ///
    /// - `{client-123}` of this name, with the units `root`, below it `sales` and `legal`, below
    ///   `sales` `north` and `south`; `{user-123}` in `sales` with the profiles `{p-user-123}`, which is the default
    ///   one, and `{q-user-123}`; `{user-456}` in `legal` with `{p-user-456}`;
    ///   `{user-789}` in `sales` with `{p-user-789}`, without credentials;
    /// - `{client-456}` named `{Other}`, with `{user-123}` in its `root`;
    /// - `{deletion-123}` of `{user-999}`, which has ended;
    /// - `{terms-123}` in version 1; `{terms-456}` in version 2, consented to by `{user-123}`;
    /// - `{question-123}`; the properties of [`super::properties`];
    /// - of `{user-123}` of `{client-123}`: `{staff_number}` 1 and `{floor}` 3; a mobile signature with `{employee_id}` 1 and
    ///   `{nickname}` Jo; `{dt-123}` with an app attestation, `{uaf-1}` and `{uaf-2}` refer to
    ///   it; `{dt-456}`, to which `{uaf-3}` refers; `{uaf-4}` without a dispatch target.
    pub(crate) async fn furnish(&self, client_name: &str) {
        self.fill_once(client_name, async || self.create_furniture(client_name).await).await;
    }

    /// Creates the items of [`World::furnish`].
    async fn create_furniture(&self, client_name: &str) {
        let user = self.user_path("{client-123}", "{user-123}");
        self.put(|transaction| {
            self.client("{client-123}", client_name).create(&defaults(), "nevisIdm", transaction);
            self.client("{client-456}", "{Other}").create(&defaults(), "nevisIdm", transaction);
            for (unit, place) in self.units("{client-123}") {
                unit.create(&place, transaction);
            }
        })
        .await;
        for (terms, version) in [("{terms-123}", "1"), ("{terms-456}", "2")] {
            self.put_terms(terms, version).await;
        }
        self.put_properties(&[self.properties().as_slice(), &self.user_properties()].concat()).await;
        self.put(|transaction| {
            create_in(&self.user("{client-123}", "{user-123}"), &["p", "q"], &["sales", "root"], transaction);
            create_in(&self.user("{client-123}", "{user-456}"), &["p"], &["legal", "root"], transaction);
            create_in(&self.user("{client-123}", "{user-789}"), &["p"], &["sales", "root"], transaction);
            create_in(&self.user("{client-456}", "{user-123}"), &["p"], &["root"], transaction);
            self.consent("{terms-456}", "2").create(&user, transaction);
            self.question("{question-123}").create(transaction);
            self.dispatch_target("{dt-123}").create(&user, (Some(&attestation()), 0), transaction);
            self.dispatch_target("{dt-456}").create(&user, (None, 0), transaction);
        })
        .await;
        // The transaction that creates a value checks the definition.
        self.put_user_properties("{client-123}", "{user-123}", &[("{staff_number}", "1"), ("{floor}", "3")])
            .await;
        let of_signature = [("{employee_id}", "1"), ("{nickname}", "Jo")];
        self.put_mobile_signature("{client-123}", "{user-123}", &of_signature).await;
        // A transaction can change a target's credential count only once.
        self.put(|transaction| {
            self.credential("{uaf-1}", Some("{dt-123}")).create(&user, false, transaction);
            self.credential("{uaf-3}", Some("{dt-456}")).create(&user, false, transaction);
            self.credential("{uaf-4}", None).create(&user, false, transaction);
        })
        .await;
        self.put_credential("{uaf-2}", Some("{dt-123}")).await;
        self.put(|transaction| {
            let deletion = self.deletion("{deletion-123}");
            transaction.create(deletion.store(NewItem::new(&deletions::key(&deletion.id), "Deletion")));
        })
        .await;
    }

    /// Creates definitions of properties.
    pub(crate) async fn put_properties(&self, definitions: &[Definition]) {
        for definitions in definitions.chunks(DEFINITIONS) {
            self.put(|transaction| {
                for definition in definitions {
                    definition.create(transaction);
                }
            })
            .await;
        }
    }

    /// Returns the deletion of a user that has ended.
    fn deletion(&self, id: &str) -> Deletion {
        let user = self.user_path("{client-123}", "{user-999}");
        let [begun, ended] = ["2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"];
        let time = |text| Timestamp::parse(text).expect("a time");
        let deletion = Deletion::of_user(&self.names().fill(id), user, time(begun));
        Deletion { state: DeletionState::Ended, deleted: 7, ended: Some(time(ended)), ..deletion }
    }

    pub(crate) fn client_id(&self, name: &str) -> ClientExtId {
        ClientExtId::unchecked(&self.names().fill(name))
    }

    /// Returns the path of a user.
    pub(crate) fn user_path(&self, client: &str, user: &str) -> UserPath {
        UserPath { client: self.client_id(client), user: UserExtId::unchecked(&self.names().fill(user)) }
    }

    fn client(&self, ext_id: &str, name: &str) -> Client {
        Client {
            ext_id: self.client_id(ext_id),
            name: self.names().fill(name).into(),
            display_name: texts(&[("EN", "A client")]).into(),
            remarks: NotReturned(Some("A remark".into())),
        }
    }

    /// Sets the state of a user who has the profiles with which this module creates users.
    pub(crate) async fn put_user_state(&self, client: &str, user: &str, state: UserState) {
        let path = self.user_path(client, user);
        let copies = self.user(client, user).copy_keys().into_iter().flatten();
        let prefixes =
            if (client, user) == ("{client-123}", "{user-123}") { &["p", "q"][..] } else { &["p"] };
        let profiles =
            prefixes.iter().map(|prefix| ProfileExtId::unchecked(&format!("{prefix}-{}", path.user)));
        let profiles: Vec<Key> = profiles.map(|profile| profiles::key(&path.client, &profile)).collect();
        self.put(|transaction| {
            for key in copies.chain([path.key()]).chain(profiles) {
                let update = Update::internal(key, Condition::Exists);
                transaction.update(update.set("userState", state.attribute()));
            }
        })
        .await;
    }

    /// Creates a client with the default unit `root`.
    pub(crate) async fn put_client(&self, ext_id: &str, name: &str) {
        self.put(|transaction| self.client(ext_id, name).create(&defaults(), "nevisIdm", transaction)).await;
    }

    fn units(&self, client: &str) -> [(Unit, Place); 4] {
        let client = self.client_id(client);
        let id = UnitExtId::unchecked;
        let below = |parent: &str, place: &Place, name: &str| {
            let unit = Unit::named(&client, &id(name), Some(&id(parent)), name.into());
            (unit, place.below(&id(parent), &id(name)).expect("a place"))
        };
        let root = Place::at_top(&id("root"));
        let sales = below("root", &root, "sales");
        let [north, south] = ["north", "south"].map(|name| below("sales", &sales.1, name));
        [below("root", &root, "legal"), north, south, sales]
    }

    /// Returns a user.
    pub(crate) fn user(&self, client: &str, user: &str) -> User {
        let path = self.user_path(client, user);
        User {
            login_id: OrDefault(format!("login-{}", path.user).as_str().into()),
            client: path.client,
            ext_id: path.user,
            state: users::State(UserState::Active),
            language: Some("EN".into()),
            is_technical: OrDefault(false),
            name: PersonName {
                first_name: Some("Jane".into()),
                family_name: Some("Doe".into()),
                ..PersonName::default()
            },
            sex: None,
            gender: None,
            birth_date: None,
            address: Address::default(),
            contacts: Contacts { email: Some("jane@example.com".into()), ..Contacts::default() },
            validity: Validity::default(),
            remarks: None,
            modification_comment: None,
        }
    }

    /// Creates a user with a profile in the first of these units, if there is one. The other units are its
    /// ancestors.
    pub(crate) async fn put_user(&self, client: &str, user: &str, units: &[&str]) {
        self.put(|transaction| create_in(&self.user(client, user), &["p"], units, transaction)).await;
    }

    fn terms(&self, ext_id: &str, version: &str) -> Terms {
        Terms {
            ext_id: TermsExtId::unchecked(&self.names().fill(ext_id)),
            name: "Privacy".into(),
            active: true,
            silent_acceptance: Fixed(false),
            version: NewExtId(TermsVersion::unchecked(version)),
            urls: texts(&[("en", "https://example.com/privacy")]).into(),
        }
    }

    /// Creates terms.
    pub(crate) async fn put_terms(&self, ext_id: &str, version: &str) {
        self.put(|transaction| self.terms(ext_id, version).create(transaction)).await;
    }

    fn consent(&self, terms: &str, version: &str) -> Consent {
        Consent {
            terms: TermsExtId::unchecked(&self.names().fill(terms)),
            version: TermsVersion::unchecked(version),
            acceptance_date: Timestamp::parse("2025-12-24T18:00:00Z").expect("a time"),
            withdrawal_date: None,
        }
    }

    fn question(&self, ext_id: &str) -> PersonalQuestion {
        PersonalQuestion {
            client: self.client_id("{client-123}"),
            ext_id: PersonalQuestionExtId::unchecked(&self.names().fill(ext_id)),
            description: Some("About pets".into()),
            state: PersonalQuestionState::Active,
            display_name: texts(&[("EN", "Pet")]).into(),
            content: texts(&[("DE", "Wie hieß Ihr erstes Haustier?"), ("EN", "Your first pet?")]).into(),
        }
    }

    /// Returns values of properties, and the definitions of these.
    fn values(&self, scope: Scope, values: &[(&str, &str)]) -> (Values, BTreeMap<String, Applicable>) {
        let properties: BTreeMap<String, String> =
            values.iter().map(|(name, value)| (self.names().fill(name), (*value).to_owned())).collect();
        let definitions = self.properties().into_iter().chain(self.user_properties());
        let definitions =
            definitions.filter(|one| one.scope == scope && properties.contains_key(one.name.as_str()));
        let defined: BTreeMap<String, Applicable> =
            definitions.map(|one| (one.name.to_string(), Self::applicable(&one))).collect();
        let is_unique = |name: &&String| defined[*name].definition.is_unique();
        let unique = properties.keys().filter(is_unique).cloned().collect();
        (Values { properties: properties.into(), unique }, defined)
    }

    /// Creates the mobile signature of a user with these property values.
    pub(crate) async fn put_mobile_signature(&self, client: &str, user: &str, properties: &[(&str, &str)]) {
        let (user, (values, defined)) =
            (self.user_path(client, user), self.values(Scope::MobileSignature, properties));
        self.put(|transaction| {
            mobile_signature().create((&values, &defined), &user, transaction).expect("definitions")
        })
        .await;
    }

    /// Creates the properties of a user with these values.
    pub(crate) async fn put_user_properties(&self, client: &str, user: &str, properties: &[(&str, &str)]) {
        let (user, (values, defined)) = (self.user_path(client, user), self.values(Scope::User, properties));
        self.put(|transaction| {
            users::properties::create(&values, &user, &defined, transaction).expect("definitions")
        })
        .await;
    }

    /// Returns a dispatch target.
    pub(crate) fn dispatch_target(&self, ext_id: &str) -> DispatchTarget {
        DispatchTarget {
            ext_id: DispatchTargetExtId::unchecked(&self.names().fill(ext_id)),
            target_type: OrDefault(DispatchTargetType::FidoUaf),
            device_id: "device-1".into(),
            target: "push-address".into(),
            dispatcher: None,
            user_agent: None,
            encryption_key: None,
            signing_key: "key".into(),
            app_id: "app".into(),
            name: "Phone".into(),
            state: OrDefault(DispatchTargetState::Active),
            identification: None,
        }
    }

    /// Creates a dispatch target.
    pub(crate) async fn put_dispatch_target(&self, client: &str, user: &str, ext_id: &str, attested: bool) {
        let user = self.user_path(client, user);
        let attestation = attested.then(|| AppAttestation { name: None, ..attestation() });
        let target = self.dispatch_target(ext_id);
        self.put(|transaction| target.create(&user, (attestation.as_ref(), 0), transaction)).await;
    }

    fn credential(&self, ext_id: &str, target: Option<&str>) -> FidoUafCredential {
        FidoUafCredential {
            ext_id: FidoUafCredentialExtId::unchecked(&self.names().fill(ext_id)),
            aaid: Fixed("ABCD#0001".into()),
            key_id: Fixed(signing::base64url(ext_id).as_str().into()),
            authenticator_version: "1.0".into(),
            public_key: Fixed("public-key".into()),
            public_key_algorithm: Fixed("SHA256withECDSA".into()),
            app_id: Fixed("app".into()),
            device_id: None,
            state: OrDefault(FidoUafState::Active),
            attestation_type: Fixed(None),
            validity: Validity::default(),
            dispatch_target: target.map(|target| DispatchTargetExtId::unchecked(&self.names().fill(target))),
            modification_comment: None,
        }
    }

    /// Creates a FIDO UAF credential of `{user-123}` with an optional dispatch target.
    pub(crate) async fn put_credential(&self, ext_id: &str, target: Option<&str>) {
        let user = self.user_path("{client-123}", "{user-123}");
        self.put(|transaction| self.credential(ext_id, target).create(&user, false, transaction)).await;
    }

    /// Deletes a FIDO UAF credential of `{user-123}`.
    pub(crate) async fn delete_credential(&self, ext_id: &str) {
        let user = self.user_path("{client-123}", "{user-123}");
        let credential = self.credential(ext_id, None);
        let (aaid, key_id) = (&credential.aaid.0, &credential.key_id.0);
        self.put(|transaction| {
            transaction.delete(fido_authenticators::key(&user, &credential.ext_id), Condition::Any);
            let registration = fido_authenticators::directory_key(&user.client, aaid, key_id);
            transaction.delete(registration, Condition::Any);
        })
        .await;
    }
}

/// Creates a user with profiles in the first of these units, if there is one. The other units are its ancestors.
/// The extIds of the profiles are that of the user after each of the prefixes and `-`; the first is the default
/// one.
fn create_in(user: &User, prefixes: &[&str], units: &[&str], transaction: &mut Transaction) {
    let mut memberships = Memberships::default();
    for (prefix, unit) in prefixes.iter().filter_map(|prefix| Some((prefix, units.first()?))) {
        let ext_id = ProfileExtId::unchecked(&format!("{prefix}-{}", user.ext_id));
        let units: BTreeSet<String> = units.iter().map(ToString::to_string).collect();
        memberships.all.insert(ext_id.to_string(), membership(&units));
        let is_default = memberships.default.is_none();
        memberships.default.get_or_insert_with(|| ext_id.clone());
        let profile = Profile::in_unit(&user.path(), ext_id, &UnitExtId::unchecked(unit), is_default);
        profile.create(&Holder { state: user.state, units }, transaction);
    }
    user.create(&memberships, &[], transaction);
}

fn defaults() -> Defaults {
    Defaults { unit: UnitExtId::unchecked("root"), profile_policy: PolicyExtId::unchecked("policy") }
}

fn mobile_signature() -> MobileSignature {
    MobileSignature {
        ext_id: MobileSignatureExtId::unchecked("ms-1"),
        state: OrDefault(CredentialState::Active),
        identificator: "identificator".into(),
        mssp_identifier: "https://mssp.example.com".into(),
        msisdn: "+41790000000".into(),
        signer_cert: None,
        modification_comment: None,
    }
}

fn attestation() -> AppAttestation {
    AppAttestation {
        name: Some("iPhone".into()),
        environment: None,
        device_id: "device-1".into(),
        receipt: "receipt".into(),
        public_key: "public-key".into(),
        counter: Some(0),
    }
}

fn texts(texts: &[(&str, &str)]) -> BTreeMap<String, String> {
    texts.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}
