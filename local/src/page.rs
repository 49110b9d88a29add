//! The page of the API, which is part of this program.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};
use shared::clock::Clock;
use shared::policy::Settings;
use shared::service::config::{BearerIssuer, Config};

use crate::demo::Tokens;
use crate::environment::Environment;
use crate::keys::DevelopmentKeys;
use crate::openapi::{Server, describe, version_3_0};
use crate::refusal::Refusal;

/// The content security policy of the page. It allows nothing from other hosts.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// The files of `local/page`: path, media type, content, and whether the content is compressed.
const FILES: [(&str, &str, &[u8], bool); 5] = [
    ("/", "text/html; charset=utf-8", include_bytes!("../page/index.html"), false),
    ("/page.js", "text/javascript; charset=utf-8", include_bytes!("../page/page.js"), false),
    ("/page.css", "text/css; charset=utf-8", include_bytes!("../page/page.css"), false),
    (
        "/swagger-ui/swagger-ui-bundle.js",
        "text/javascript; charset=utf-8",
        include_bytes!("../page/swagger-ui/swagger-ui-bundle.js.gz"),
        true,
    ),
    (
        "/swagger-ui/swagger-ui.css",
        "text/css; charset=utf-8",
        include_bytes!("../page/swagger-ui/swagger-ui.css.gz"),
        true,
    ),
];

/// The data of the page.
pub(crate) struct Page {
    /// The settings of the API.
    settings: Settings,
    /// The issuers that the service trusts: for each its name and the claim with the roles.
    issuers: Vec<Value>,
    /// The keys that sign the tokens of the page.
    keys: DevelopmentKeys,
    /// The configuration that the tokens follow.
    environment: Environment,
    /// The clock from which unique names and the times of the tokens are derived.
    clock: Clock,
}

impl Page {
    /// Returns the page of a service with this configuration.
    pub(crate) fn new(
        config: &Config,
        keys: DevelopmentKeys,
        environment: Environment,
        clock: Clock,
    ) -> Self {
        let issuer = |it: &BearerIssuer| json!({"name": it.rules.issuer, "rolesClaim": it.roles_claim});
        let issuers = config.issuers.iter().map(issuer).collect();
        Self { settings: config.settings.clone(), issuers, keys, environment, clock }
    }

    /// Returns the routes of the page.
    pub(crate) fn router<S: Clone + Send + Sync + 'static>(self) -> Router<S> {
        let mut router = Router::new()
            .route("/page.json", get(configuration))
            .route("/openapi.json", get(description))
            .route("/openapi-3.0.json", get(description_3_0))
            .with_state(Arc::new(self));
        for (path, media_type, content, is_compressed) in FILES {
            router = router.route(path, get(move || async move { file(media_type, content, is_compressed) }));
        }
        router.layer(middleware::from_fn(local_hosts_only))
    }
}

type SharedPage = State<Arc<Page>>;

/// Returns new tokens, because an X-Token is valid for a short time only, and the issuers that the service trusts.
async fn configuration(State(page): SharedPage) -> Response {
    match Tokens::new(&page.keys, &page.environment, page.clock.now()) {
        Ok(tokens) => json_response(&json!({"callers": tokens.callers(), "issuers": page.issuers})),
        Err(_) => Refusal::Failed.into_response(),
    }
}

/// Returns the API description, with unique names in its examples.
async fn description(State(page): SharedPage) -> Response {
    described(&page, |description| description)
}

/// Returns the API description in OpenAPI 3.0.
async fn description_3_0(State(page): SharedPage) -> Response {
    described(&page, version_3_0)
}

fn described(page: &Page, convert: impl FnOnce(Value) -> Value) -> Response {
    let unique = page.clock.now().unix_seconds().to_string();
    match describe(&page.settings, &Server::same_host(), Some(&unique)) {
        Ok(description) => json_response(&convert(description)),
        Err(_) => Refusal::Failed.into_response(),
    }
}

fn json_response(value: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

fn file(media_type: &'static str, content: &'static [u8], is_compressed: bool) -> Response {
    let mut response = ([(header::CONTENT_TYPE, media_type)], content).into_response();
    if is_compressed {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

/// Rejects requests whose `Host` is not an address of this machine.
///
/// The page contains tokens. The check prevents DNS rebinding: a foreign host name that resolves to this
/// machine.
async fn local_hosts_only(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if !matches!(name, "127.0.0.1" | "localhost") {
        return Refusal::Misdirected.into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
