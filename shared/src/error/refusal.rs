//! Reasons why a token is refused. Only the log contains them: all refused callers receive the same body.

use std::fmt;

/// Declares the claims once: the variant, the name.
macro_rules! claims {
    ($($variant:ident = $name:literal),+ $(,)?) => {
        /// The claims that the service reads.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each is documented by its name")]
        pub enum Claim { $($variant),+ }

        impl Claim {
            /// All claims.
            pub const ALL: &'static [Claim] = &[$(Claim::$variant),+];

            /// Returns the name of the claim. The name of `roles` is configurable, and the log contains
            /// this one.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Claim::$variant => $name),+ }
            }
        }
    };
}

claims! {
    Iss = "iss",
    Aud = "aud",
    Exp = "exp",
    Nbf = "nbf",
    Iat = "iat",
    AuthTime = "auth_time",
    Sub = "sub",
    ClientExtId = "clientExtId",
    Authorizations = "authorizations",
    Roles = "roles",
}

/// Declares the reasons once: the variant, the word, what it means.
macro_rules! refusals {
    ($($variant:ident = $word:literal, $meaning:literal;)+) => {
        /// Why a token is refused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum TokenRefusal {
            $(#[doc = $meaning] $variant,)+
            /// The claim is missing or has a wrong type.
            Claim(Claim),
        }

        impl TokenRefusal {
            /// Returns all reasons.
            pub fn all() -> impl Iterator<Item = TokenRefusal> {
                let words = [$(TokenRefusal::$variant),+];
                words.into_iter().chain(Claim::ALL.iter().copied().map(TokenRefusal::Claim))
            }
        }

        impl fmt::Display for TokenRefusal {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$variant => formatter.write_str($word),)+
                    Self::Claim(claim) => write!(formatter, "claim:{}", claim.name()),
                }
            }
        }
    };
}

refusals! {
    Missing = "missing", "The request has no token.";
    Scheme = "scheme", "The `Authorization` header has another scheme than `Bearer`.";
    Repeated = "repeated", "The header is repeated.";
    Size = "size", "The token is too long.";
    Malformed = "malformed", "The token is not a signed JWT in compact serialisation.";
    Crit = "crit", "The header of the token requires an extension (`crit` or `b64`).";
    Iss = "iss", "The issuer is not a configured one.";
    Keys = "keys", "No usable key set is available.";
    Alg = "alg", "The key set has no key of the token's algorithm.";
    Kid = "kid", "The key set has no key of the algorithm with the token's key ID.";
    Signature = "signature", "The signature is not that of the key.";
    Typ = "typ", "The type of the token is not allowed.";
    Aud = "aud", "The audience is not a configured one.";
    Exp = "exp", "The token is expired.";
    Nbf = "nbf", "The token is not yet valid.";
    Iat = "iat", "The token was issued in the future.";
    Age = "age", "The X-Token is valid for too long, or the authentication is not recent.";
    Sub = "sub", "The X-Token is that of another user.";
    Client = "client", "The X-Token is that of another client.";
}

impl TokenRefusal {
    /// Returns true if the request carries no token that could be refused.
    #[must_use]
    pub const fn is_absence(self) -> bool {
        matches!(self, Self::Missing | Self::Scheme)
    }
}
