//! A user with everything that a user can have, created through the API.

use serde_json::{Value, json};

use crate::support::{Answer, Caller, World};

/// The names of a user with everything. All unique values end with the number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Everything<'a> {
    /// The path of the client.
    pub(super) client: &'a str,
    /// The external identifier of the user.
    pub(super) user: &'a str,
    /// The number that distinguishes the unique values from those of others.
    pub(super) number: u32,
}

async fn send(world: &World, method: &str, path: &str, body: Value) -> Answer {
    let answer =
        world.call(method, path).by(&Caller::root()).json_if(Some(body).filter(|body| !body.is_null()));
    let answer = answer.send().await;
    assert!(answer.status < 300, "{method} {path}: {answer:?}");
    answer
}

impl Everything<'_> {
    /// Returns the path of the user.
    pub(super) fn path(&self) -> String {
        format!("/{}/users/{}", self.client, self.user)
    }

    /// Creates the user: with profiles in `sales` and `north`, a consent and a withdrawn one, a mobile signature, unique
    /// values of properties, two dispatch targets with a named attestation, and authenticators of both and of none.
    pub(super) async fn create(&self, world: &World) {
        let (number, path) = (self.number, self.path());
        let body = json!({"extId": self.user, "loginId": format!("{{login-{number}}}"), "contacts": {
            "email": format!("{number}@example.com"), "mobile": format!("+4179000{number:04}"),
        }});
        send(world, "POST", &format!("/{}/users", self.client), body).await;
        for (profile, unit) in [("a", "sales"), ("b", "north")] {
            let body = json!({"extId": format!("{{{profile}-{number}}}"), "unitExtId": unit});
            send(world, "POST", &format!("{path}/profiles"), body).await;
        }
        for terms in ["{terms-123}", "{terms-456}"] {
            send(world, "POST", &format!("{path}/consents"), json!({"termsExtId": terms})).await;
        }
        send(world, "DELETE", &format!("{path}/consents/{{terms-456}}/2"), Value::Null).await;
        let body = json!({"{staff_number}": number.to_string(), "{floor}": "1"});
        send(world, "PATCH", &format!("{path}/properties"), body).await;
        self.create_credentials(world).await;
    }

    /// Creates the credentials and dispatch targets of the user.
    pub(super) async fn create_credentials(&self, world: &World) {
        let (number, path) = (self.number, self.path());
        let body = json!({"identificator": "i", "msspIdentifier": "https://mssp.example.com", "msisdn": "+41790000000"});
        send(world, "POST", &format!("{path}/mobile-signature"), body).await;
        let body = json!({"{employee_id}": number.to_string(), "{nickname}": "Jo"});
        send(world, "PATCH", &format!("{path}/mobile-signature/properties"), body).await;
        let attestation =
            |name: &str| json!({"name": name, "deviceId": "d", "receipt": "r", "publicKey": "p"});
        let target = json!({
            "extId": format!("{{t-{number}}}"), "deviceId": "d", "target": "t", "signingKey": "k", "appId": "a", "name": "n",
            "appAttestation": attestation(&format!("{{phone-{number}}}")),
        });
        send(world, "POST", &format!("{path}/dispatch-targets"), target).await;
        let inline = json!({
            "deviceId": "d", "target": "t", "signingKey": "k", "appId": "a", "name": "n",
            "appAttestation": attestation(&format!("{{tablet-{number}}}")),
        });
        for (name, member, value) in [
            ("x", "dispatchTargetExtId", json!(format!("{{t-{number}}}"))),
            ("y", "dispatchTarget", inline),
            ("z", "deviceId", json!("d")),
        ] {
            let mut body = json!({
                "extId": format!("{{{name}-{number}}}"), "aaid": "ABCD#0001",
                "keyId": signing::base64url(format!("{name} {number}")), "authenticatorVersion": "1.0",
                "publicKey": "p", "publicKeyAlgorithm": "ES256", "appId": "a",
            });
            body[member] = value;
            send(world, "POST", &format!("{path}/fido-authenticators"), body).await;
        }
    }
}
