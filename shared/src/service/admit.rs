//! Admission of callers to operations.

use super::access::Access;
use super::app::App;
use super::idempotency::Idempotency;
use super::preconditions::Preconditions;
use super::subject::{ResourceScope, Subject};
use crate::auth::{Needs, SelfService};
use crate::error::ApiError;
use crate::http::Request;
use crate::table::Stamp;

impl App {
    /// Authenticates the caller of an operation and checks their rights as far as possible without the
    /// table.
    ///
    /// The checks are: the Bearer token, the X-Token if required, the rights, and the data room.
    ///
    /// # Errors
    /// Returns the first of [`ApiError::InvalidBearerToken`], [`ApiError::InvalidXToken`],
    /// [`ApiError::MissingRight`], [`ApiError::SingleClientMode`] and [`ApiError::DataRoomDenied`], in
    /// this order. Then [`ApiError::InvalidFields`] reports a malformed `Idempotency-Key` or
    /// `If-Match`.
    pub async fn admit<'a>(
        &'a self,
        operation: &'static str,
        (needs, subject): (Needs, Subject),
        request: &'a Request,
    ) -> Result<Access<'a>, ApiError> {
        let now = self.clock.now();
        let caller = self.bearer.caller(request, now).await.map_err(ApiError::InvalidBearerToken)?;
        let by = caller.name();
        request.note_caller(&by);
        let (client, user) = (request.client(), request.user());
        // If the path does not name the user, only the stored object tells whether it is the caller's.
        let may_be_self = if subject.has_owner { caller.is_of(&client) } else { caller.is(&client, &user) };
        let is_self = needs.self_service() != SelfService::None && may_be_self;
        if is_self && needs.requires_x_token() {
            self.x_tokens.check(request, &client, &user, now).await.map_err(ApiError::InvalidXToken)?;
        }
        let grants = caller.require(needs, &self.roles, is_self)?;
        let grants = match subject.scope {
            ResourceScope::Client => grants.over_client(&client)?,
            ResourceScope::NewClient if !self.settings.multi_client_mode => {
                return Err(ApiError::SingleClientMode);
            }
            ResourceScope::NewClient | ResourceScope::AllClients => grants.over_all_clients()?,
            ResourceScope::AnyClient => grants.over_any_client()?,
        };
        let (idempotency, preconditions) =
            match (Idempotency::of(request, operation, &caller.key(), now), Preconditions::of(request)) {
                (Ok(idempotency), Ok(preconditions)) => (idempotency, preconditions),
                (idempotency, preconditions) => {
                    let invalid = idempotency.err().into_iter().chain(preconditions.err());
                    return Err(ApiError::InvalidFields(invalid.map(str::to_owned).collect()));
                }
            };
        Ok(Access {
            app: self,
            request,
            subject,
            table: self.table.metered(&request.meter),
            idempotency,
            preconditions,
            stamp: Stamp { now, by, request: request.id().to_owned() },
            caller,
            grants,
        })
    }
}
