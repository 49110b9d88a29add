//! Groups the functions of a program by purpose, based on their names.

/// Groups and the name prefixes of their functions. The first match applies.
const GROUPS: [(&str, &[&str]); 9] = [
    (
        "signatures and hashes",
        &[
            "aws_lc",
            "ed25519",
            "curve25519",
            "x25519",
            "sha256",
            "SHA256",
            "sha2::",
            "SHA512",
            "sha512",
            "hmac",
            "HMAC",
            "ge_",
            "fe_",
            "bignum",
            "fiat_",
        ],
    ),
    ("token", &["shared::auth", "jsonwebtoken"]),
    ("log line", &["tracing", "shared::metrics", "EnvFilter"]),
    ("rules and items", &["shared::", "functions::", "baseline::"]),
    ("JSON", &["serde", "itoa", "ryu"]),
    ("SDK", &["aws_", "aws_smithy", "typed_builders"]),
    ("Lambda runtime", &["lambda_"]),
    ("HTTP", &["hyper", "http::", "http_body", "httparse", "h2::", "tower", "url::"]),
    ("tokio", &["tokio", "mio::", "futures", "std::sys", "epoll"]),
];

/// Returns the group of a function.
pub(crate) fn group_of(function: &str) -> &'static str {
    // The name starts with the crate of the function or of its type.
    let of = |(_, marks): &&(&str, &[&str])| marks.iter().any(|mark| begins_with(function, mark));
    if [
        "malloc", "free", "realloc", "calloc", "memcpy", "memmove", "memset", "memcmp", "bcmp", "__rust",
        "_int_",
    ]
    .iter()
    .any(|mark| function.contains(mark) && !function.contains("::"))
    {
        return "memory";
    }
    GROUPS.iter().find(of).map_or("other", |(name, _)| name)
}

fn begins_with(function: &str, mark: &str) -> bool {
    let begin = function.trim_start_matches(['<', '&', '(', '*', '_', ' ']);
    begin.trim_start_matches("mut ").trim_start_matches("dyn ").starts_with(mark.trim_start_matches('_'))
}
