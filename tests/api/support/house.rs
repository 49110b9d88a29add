//! The things that most tests need: two clients with users, and all that hangs on them.

use std::collections::BTreeMap;

use functions::clients::{Client, Defaults};
use functions::consents::Consent;
use functions::dispatch_targets::{AppAttestation, DispatchTarget, DispatchTargetExtId};
use functions::fido_uaf_credentials::{FidoUafCredential, FidoUafCredentialExtId};
use functions::mobile_signature::MobileSignature;
use functions::personal_questions::{PersonalQuestion, PersonalQuestionExtId};
use functions::terms::{Terms, TermsExtId, TermsVersion};
use functions::units::Unit;
use functions::users::{User, UserPath};
use shared::clock::Timestamp;
use shared::ids::{ClientExtId, UnitExtId, UserExtId};

use super::world::World;

impl World {
    /// A world with a house in it.
    pub(crate) async fn furnished() -> Self {
        let world = Self::new().await;
        world.furnish("{Default}").await;
        world
    }

    /// Puts the house into the table:
    ///
    /// - `{client-123}` of this name, with the units `root`, below it `sales` and `legal`, below
    ///   `sales` `north`; `{user-123}` in `sales`, `{user-456}` in `legal`;
    /// - `{client-456}` named `{Other}`, with `{user-123}` in its `root`;
    /// - `{terms-123}` in version 1; `{terms-456}` in version 2, consented to by `{user-123}`;
    /// - `{question-123}`; the properties of [`super::properties`];
    /// - of `{user-123}` of `{client-123}`: a mobile signature with `{employee_id}` 1 and
    ///   `{nickname}` Jo; `{dt-123}` with an app attestation, `{uaf-1}` and `{uaf-2}` pointing to
    ///   it; `{dt-456}` with `{uaf-3}` pointing to it; `{uaf-4}` pointing nowhere.
    pub(crate) async fn furnish(&self, client_name: &str) {
        self.put_client("{client-123}", client_name).await;
        self.put_client("{client-456}", "{Other}").await;
        self.put_units("{client-123}").await;
        self.put_user("{client-123}", "{user-123}", &["sales", "root"]).await;
        self.put_user("{client-123}", "{user-456}", &["legal", "root"]).await;
        self.put_user("{client-456}", "{user-123}", &["root"]).await;
        self.put_terms("{terms-123}", "1").await;
        self.put_terms("{terms-456}", "2").await;
        self.put_consent("{terms-456}", "2").await;
        self.put_question().await;
        self.put_properties().await;
        self.put_mobile_signature(
            "{client-123}",
            "{user-123}",
            &[("{employee_id}", "1"), ("{nickname}", "Jo")],
        )
        .await;
        self.put_dispatch_target("{client-123}", "{user-123}", "{dt-123}", true).await;
        self.put_dispatch_target("{client-123}", "{user-123}", "{dt-456}", false).await;
        for (credential, target) in [
            ("{uaf-1}", Some("{dt-123}")),
            ("{uaf-2}", Some("{dt-123}")),
            ("{uaf-3}", Some("{dt-456}")),
            ("{uaf-4}", None),
        ] {
            self.put_credential(credential, target).await;
        }
    }

    fn client_id(&self, name: &str) -> ClientExtId {
        ClientExtId::from_path(&self.names().fill(name))
    }

    /// Where a user stands.
    pub(crate) fn user_path(&self, client: &str, user: &str) -> UserPath {
        UserPath { client: self.client_id(client), user: UserExtId::from_path(&self.names().fill(user)) }
    }

    /// Puts a client, whose default unit is `root`.
    pub(crate) async fn put_client(&self, ext_id: &str, name: &str) {
        let client = Client {
            ext_id: self.client_id(ext_id),
            name: self.names().fill(name),
            display_name: texts(&[("EN", "A client")]),
            remarks: None,
            defaults: Defaults { unit: UnitExtId::from_path("root"), profile_policy: "policy".to_owned() },
        };
        self.put(|transaction| client.create("nevisIdm", transaction)).await;
    }

    async fn put_units(&self, client: &str) {
        let root = Unit::default_of(&self.client_id(client), &UnitExtId::from_path("root"));
        let below = |unit: &Unit, name: &str| unit.child(UnitExtId::from_path(name), name.to_owned());
        let sales = below(&root, "sales");
        let units = [below(&root, "legal"), below(&sales, "north"), sales];
        self.put(|transaction| units.map(|unit| unit.create(transaction))).await;
    }

    /// Puts a user who is in the first of these units; the others are its ancestors.
    pub(crate) async fn put_user(&self, client: &str, user: &str, units: &[&str]) {
        let path = self.user_path(client, user);
        let ids = |units: &[&str]| units.iter().map(|unit| UnitExtId::from_path(unit)).collect();
        let user = User {
            login_id: format!("login-{}", path.user),
            client: path.client,
            ext_id: path.user,
            state: "active".to_owned(),
            units: ids(&units[..1]),
            units_with_ancestors: ids(units),
        };
        self.put(|transaction| user.create(transaction)).await;
    }

    /// Puts terms.
    pub(crate) async fn put_terms(&self, ext_id: &str, version: &str) {
        let terms = Terms {
            ext_id: TermsExtId::from_path(&self.names().fill(ext_id)),
            name: "Privacy".to_owned(),
            active: true,
            silent_acceptance: false,
            version: TermsVersion::from_path(version),
            urls: texts(&[("en", "https://example.com/privacy")]),
        };
        self.put(|transaction| terms.create(transaction)).await;
    }

    async fn put_consent(&self, terms: &str, version: &str) {
        let consent = Consent {
            terms: TermsExtId::from_path(&self.names().fill(terms)),
            version: TermsVersion::from_path(version),
            acceptance_date: Timestamp::parse("2025-12-24T18:00:00Z").expect("a time"),
        };
        let user = self.user_path("{client-123}", "{user-123}");
        self.put(|transaction| consent.create(&user, transaction)).await;
    }

    async fn put_question(&self) {
        let question = PersonalQuestion {
            client: self.client_id("{client-123}"),
            ext_id: PersonalQuestionExtId::from_path(&self.id("question-123")),
            description: Some("About pets".to_owned()),
            state: "active".to_owned(),
            display_name: texts(&[("EN", "Pet")]),
            content: texts(&[("DE", "Wie hieß Ihr erstes Haustier?"), ("EN", "Your first pet?")]),
        };
        self.put(|transaction| question.create(transaction)).await;
    }

    /// Puts the mobile signature of a user, with these values; that of `{employee_id}` is unique.
    pub(crate) async fn put_mobile_signature(&self, client: &str, user: &str, properties: &[(&str, &str)]) {
        let user = self.user_path(client, user);
        let properties = texts(properties);
        let properties: BTreeMap<String, String> =
            properties.into_iter().map(|(name, value)| (self.names().fill(&name), value)).collect();
        let unique = self.id("employee_id");
        let signature = MobileSignature {
            ext_id: "ms-1".to_owned(),
            state: "active".to_owned(),
            identificator: Some("identificator".to_owned()),
            mssp_identifier: Some("https://mssp.example.com".to_owned()),
            msisdn: Some("+41790000000".to_owned()),
            unique_properties: properties.keys().filter(|name| **name == unique).cloned().collect(),
            properties,
        };
        self.put(|transaction| signature.create(&user, transaction)).await;
    }

    /// Puts a dispatch target.
    pub(crate) async fn put_dispatch_target(&self, client: &str, user: &str, ext_id: &str, attested: bool) {
        let user = self.user_path(client, user);
        let target = DispatchTarget {
            ext_id: DispatchTargetExtId::from_path(&self.names().fill(ext_id)),
            device_id: Some("device-1".to_owned()),
            target: Some("push-address".to_owned()),
            signing_key: Some("key".to_owned()),
            app_id: Some("app".to_owned()),
            name: Some("Phone".to_owned()),
        };
        let attestation = attested.then(|| AppAttestation {
            device_id: "device-1".to_owned(),
            receipt: "receipt".to_owned(),
            public_key: "public-key".to_owned(),
            counter: 0,
        });
        self.put(|transaction| target.create(&user, attestation.as_ref(), transaction)).await;
    }

    /// Puts a FIDO UAF credential of `{user-123}`, pointing to a dispatch target or not.
    pub(crate) async fn put_credential(&self, ext_id: &str, target: Option<&str>) {
        let user = self.user_path("{client-123}", "{user-123}");
        let credential = FidoUafCredential {
            ext_id: FidoUafCredentialExtId::from_path(&self.names().fill(ext_id)),
            aaid: "ABCD#0001".to_owned(),
            key_id: "key-id".to_owned(),
            app_id: Some("app".to_owned()),
            dispatch_target: target.map(|target| DispatchTargetExtId::from_path(&self.names().fill(target))),
        };
        self.put(|transaction| credential.create(&user, transaction)).await;
    }
}

fn texts(texts: &[(&str, &str)]) -> BTreeMap<String, String> {
    texts.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}
