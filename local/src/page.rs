//! The page on which the API can be read and tried: Swagger UI, shipped in this program.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};
use shared::clock::Clock;
use shared::policy::Settings;

use crate::demo::Tokens;
use crate::openapi::{Server, describe};

/// What a browser may load on the page: nothing of another host.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// The files as they stand in `local/page`: path, media type, content, whether that is compressed.
const FILES: [(&str, &str, &[u8], bool); 4] = [
    ("/", "text/html; charset=utf-8", include_bytes!("../page/index.html"), false),
    ("/page.js", "text/javascript; charset=utf-8", include_bytes!("../page/page.js"), false),
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

/// What the page is made from.
pub(crate) struct Page {
    /// How the API is configured.
    settings: Settings,
    /// The development tokens, by the security scheme that takes them.
    tokens: Value,
    /// Tells names that were not taken before from each other.
    clock: Clock,
}

impl Page {
    /// The page of a service that trusts these tokens.
    pub(crate) fn new(settings: Settings, tokens: &Tokens, clock: Clock) -> Self {
        Self { settings, tokens: json!(tokens.by_scheme()), clock }
    }

    /// The routes of the page.
    pub(crate) fn router<S: Clone + Send + Sync + 'static>(self) -> Router<S> {
        let mut router = Router::new()
            .route("/page.json", get(configuration))
            .route("/openapi.json", get(description))
            .with_state(Arc::new(self));
        for (path, media_type, content, is_compressed) in FILES {
            router = router.route(path, get(move || async move { file(media_type, content, is_compressed) }));
        }
        router.layer(middleware::from_fn(for_this_machine))
    }
}

type SharedPage = State<Arc<Page>>;

async fn configuration(State(page): SharedPage) -> Response {
    in_json(&json!({"tokens": page.tokens}))
}

/// The description, with names in its examples that are not taken.
async fn description(State(page): SharedPage) -> Response {
    let unique = page.clock.now().unix_seconds().to_string();
    match describe(&page.settings, &Server::same_host(), Some(&unique)) {
        Ok(description) => in_json(&description),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

fn in_json(value: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

fn file(media_type: &'static str, content: &'static [u8], is_compressed: bool) -> Response {
    let mut response = ([(header::CONTENT_TYPE, media_type)], content).into_response();
    if is_compressed {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

/// The page holds tokens. It is answered only where it was asked for by an address of this machine:
/// a name that somebody else lets point here is none.
async fn for_this_machine(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if !matches!(name, "127.0.0.1" | "localhost") {
        return StatusCode::MISDIRECTED_REQUEST.into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
