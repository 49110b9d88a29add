//! App attestations: the device manufacturers' attestations of the applications on dispatch targets.

pub mod create;
pub mod delete;
pub mod get;
pub mod update;

use shared::entity::Entity as _;
use shared::entity::schema::{HISTORY, ObjectSchema};
use shared::error::ApiError;
use shared::http::Request;
use shared::service::{Access, Parents};
use shared::table::{Item, Key};

use crate::dispatch_targets::{self, AppAttestation, DispatchTargetExtId};
use crate::users::UserPath;

/// An app attestation in a response.
const APP_ATTESTATION: ObjectSchema = ObjectSchema {
    name: "AppAttestation",
    description: "The device manufacturer's attestation of the application.",
    parts: &[AppAttestation::SHOWN, HISTORY],
};

/// The example of a new one in a response.
const EXAMPLE: &str = r#"{
    "deviceId": "d1",
    "receipt": "receipt-1",
    "publicKey": "public-key-1",
    "counter": 0,
    "created": "2026-01-01T00:00:00Z",
    "lastModified": "2026-01-01T00:00:00Z",
    "version": 0
}"#;

/// The dispatch target of a request's path.
struct TargetPath {
    user: UserPath,
    ext_id: DispatchTargetExtId,
    /// The keys of the target and of its app attestation.
    keys: [Key; 2],
}

/// A dispatch target and its app attestation, as they were read.
struct Found {
    parents: Parents,
    target: Item,
    attestation: Option<Item>,
}

impl TargetPath {
    /// Returns the dispatch target of a request's path.
    fn of(request: &Request) -> Self {
        let user = UserPath::of(request);
        let ext_id = DispatchTargetExtId::unchecked(request.parameter("dispatchTargetExtId"));
        let keys =
            [dispatch_targets::key(&user, &ext_id), dispatch_targets::app_attestation_key(&user, &ext_id)];
        Self { user, ext_id, keys }
    }

    /// Reads the target and its app attestation.
    ///
    /// # Errors
    /// Those of [`Access::get`], and [`ApiError::NotFound`] if the target does not exist.
    async fn read(&self, access: &Access<'_>) -> Result<Found, ApiError> {
        let (parents, [target, attestation]) = access.get(self.keys.each_ref()).await?;
        let missing = || dispatch_targets::missing(&self.user, &self.ext_id, parents.client_name());
        Ok(Found { target: target.ok_or_else(missing)?, parents, attestation })
    }

    /// Reads the target and its app attestation, which exists.
    ///
    /// # Errors
    /// Those of [`TargetPath::read`], and [`ApiError::NotFound`] if there is no app attestation.
    async fn read_attested(&self, access: &Access<'_>) -> Result<(Found, Item), ApiError> {
        let mut found = self.read(access).await?;
        let attestation = found.attestation.take().ok_or_else(|| missing(&self.ext_id))?;
        Ok((found, attestation))
    }
}

/// Returns the error for a dispatch target without an app attestation.
fn missing(target: &DispatchTargetExtId) -> ApiError {
    ApiError::NotFound(format!("No AppAttestation found for DispatchTarget with extId '{target}'"))
}

/// Returns the error for a dispatch target that has an app attestation.
fn duplicate(target: &DispatchTargetExtId) -> ApiError {
    ApiError::Duplicate(format!("AppAttestation already exists for DispatchTarget with extId '{target}'"))
}

/// Returns examples of the errors of an operation on an app attestation.
fn example_failures() -> Vec<ApiError> {
    let mut failures = dispatch_targets::example_failures();
    failures.push(missing(&DispatchTargetExtId::unchecked("dt-123")));
    failures
}
