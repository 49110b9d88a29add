//! Cross-origin resource sharing (CORS): which web pages may read the responses in a browser.
//!
//! Callers authenticate with headers that a page sets itself. No response allows credentials that a
//! browser adds, such as cookies.

use super::Header;

/// The methods that a page may use.
pub const ALLOWED_METHODS: &str = "DELETE, GET, HEAD, PATCH, POST, PUT";
/// The request headers that a page may set.
const ALLOWED_HEADERS: &str = "Authorization, Content-Type, Idempotency-Key, If-Match, X-Token";
/// The response headers that a page may read. A REST API of API Gateway renames one and adds another.
const EXPOSED_HEADERS: &str = "Allow, Created-Id, ETag, Location, Retry-After, WWW-Authenticate, \
    x-amzn-Remapped-WWW-Authenticate, x-amzn-RequestId";
/// How long a browser may reuse the response to a preflight request, in seconds: the maximum of
/// Chromium.
const MAX_AGE_SECONDS: &str = "7200";

/// The origins whose pages may call the API.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AllowedOrigins {
    /// No origin.
    #[default]
    None,
    /// Every origin.
    Any,
    /// These origins.
    Listed(Vec<String>),
}

impl AllowedOrigins {
    /// Parses `*` or a comma-separated list of origins.
    ///
    /// # Errors
    /// Returns the reason if an entry is not an origin as browsers send it.
    pub fn parse(list: &str) -> Result<Self, String> {
        if list.trim() == "*" {
            return Ok(Self::Any);
        }
        let origins: Vec<String> = list.split(',').map(|origin| origin.trim().to_owned()).collect();
        if origins.iter().all(|origin| is_origin(origin)) {
            Ok(Self::Listed(origins))
        } else {
            Err("is neither '*' nor a list of origins such as https://app.example.com".to_owned())
        }
    }

    /// Returns the headers of the response to a request with this `Origin`.
    #[must_use]
    pub fn headers(&self, origin: Header<'_>, is_preflight: bool) -> Vec<(&'static str, String)> {
        let (allowed, mut headers) = match (self, origin) {
            (Self::None, _) => return Vec::new(),
            (Self::Any, _) => ("*", Vec::new()),
            (Self::Listed(origins), origin) => {
                let vary = vec![("vary", "Origin".to_owned())];
                match origin {
                    Header::One(origin) if origins.iter().any(|listed| listed == origin) => (origin, vary),
                    Header::One(_) | Header::Missing | Header::Repeated => return vary,
                }
            }
        };
        headers.push(("access-control-allow-origin", allowed.to_owned()));
        if is_preflight {
            headers.extend([
                ("access-control-allow-methods", ALLOWED_METHODS.to_owned()),
                ("access-control-allow-headers", ALLOWED_HEADERS.to_owned()),
                ("access-control-max-age", MAX_AGE_SECONDS.to_owned()),
            ]);
        } else {
            headers.push(("access-control-expose-headers", EXPOSED_HEADERS.to_owned()));
        }
        headers
    }
}

/// Returns true if a text is an origin as browsers send it: scheme and host in lower case, no default
/// port and no path.
fn is_origin(text: &str) -> bool {
    let Some((scheme, authority)) = text.split_once("://") else { return false };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        Some(_) | None => (authority, None),
    };
    let is_port = |port: &str| {
        let is_default = matches!((scheme, port), ("http", "80") | ("https", "443"));
        !is_default && port.parse::<u16>().is_ok_and(|number| number.to_string() == port)
    };
    is_scheme(scheme) && is_host(host) && port.is_none_or(is_port)
}

fn is_scheme(scheme: &str) -> bool {
    scheme.starts_with(|first: char| first.is_ascii_lowercase())
        && scheme.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'+' | b'-' | b'.'))
}

fn is_host(host: &str) -> bool {
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let (text, others) = address.map_or((host, "-._"), |address| (address, ":"));
    let is_of_host = |character: char| {
        character.is_ascii_lowercase() || character.is_ascii_digit() || others.contains(character)
    };
    !text.is_empty() && text.chars().all(is_of_host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_listed_as_browsers_send_them() {
        for list in [
            "https://app.example.com",
            "http://localhost:5173",
            "https://a.example,https://b_c.example:8443",
            "https://a.example, capacitor://localhost",
            "http://[::1]:3000,http://[::1]",
        ] {
            let origins = list.split(',').map(|origin| origin.trim().to_owned()).collect();
            assert_eq!(AllowedOrigins::parse(list), Ok(AllowedOrigins::Listed(origins)), "{list}");
        }
        assert_eq!(AllowedOrigins::parse("*"), Ok(AllowedOrigins::Any));
        for list in [
            "app.example.com",
            "null",
            "https://",
            "://a.example",
            "https://*",
            "https://*.example.com",
            "*,https://a.example",
            "https://a.example/",
            "https://a.example/path",
            "https://a.example?q",
            "https://user@a.example",
            "https://A.example",
            "HTTPS://a.example",
            "https://a.example:443",
            "http://a.example:80",
            "https://a.example:0443",
            "https://a.example:70000",
            "https://a.example:",
            "https://[a.example]",
            "https://a.example,",
            "https://a.example;https://b.example",
            "https://a.example https://b.example",
            "https://\u{e4}.example",
        ] {
            assert!(AllowedOrigins::parse(list).is_err(), "{list}");
        }
    }

    #[test]
    fn only_allowed_origins_receive_headers() {
        let names = |origins: &AllowedOrigins, origin: Header<'_>| {
            let headers = origins.headers(origin, false);
            headers.into_iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>()
        };
        let listed = AllowedOrigins::parse("https://a.example,https://b.example").expect("a list");
        let exposed = format!("access-control-expose-headers: {EXPOSED_HEADERS}");
        assert_eq!(
            names(&listed, Header::One("https://b.example")),
            ["vary: Origin", "access-control-allow-origin: https://b.example", &exposed]
        );
        for origin in [
            Header::Missing,
            Header::Repeated,
            Header::One("null"),
            Header::One("https://c.example"),
            Header::One("https://a.example.evil.example"),
            Header::One("https://a.example,https://b.example"),
            Header::One("*"),
        ] {
            assert_eq!(names(&listed, origin), ["vary: Origin"], "{origin:?}");
        }
        let any = ["access-control-allow-origin: *", &exposed];
        assert_eq!(names(&AllowedOrigins::Any, Header::One("https://c.example")), any);
        assert_eq!(names(&AllowedOrigins::None, Header::One("https://c.example")), [""; 0]);
    }
}
