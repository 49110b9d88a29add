//! The development keys: one that signs Bearer tokens, one that signs X-Tokens.
//!
//! They are made on first use and kept in the data folder, each in a file of its
//! own that only its owner can read, as Ed25519 in PKCS#8.

mod claims;
mod signing_key;

use std::fs;
use std::io;
use std::io::Write;
use std::path::Path;

use tempfile::NamedTempFile;

pub use self::claims::{Authorization, BearerClaims, XTokenClaims};
pub use self::signing_key::SigningKey;
use crate::error::Error;
use crate::folder::DataFolder;

/// The `typ` of an access token (RFC 9068).
const BEARER_TYP: &str = "at+jwt";

/// The `typ` of an X-Token.
const X_TOKEN_TYP: &str = "JWT";

/// The two keys. Neither is accepted in the other's place.
#[derive(Clone, Debug)]
pub struct DevelopmentKeys {
    /// Signs Bearer tokens.
    pub bearer: SigningKey,
    /// Signs X-Tokens.
    pub x_token: SigningKey,
}

impl DevelopmentKeys {
    /// Makes two new keys that are kept nowhere.
    ///
    /// # Errors
    /// [`Error::Key`] when the system gives no randomness.
    pub fn generate() -> Result<Self, Error> {
        Ok(Self { bearer: SigningKey::generate()?, x_token: SigningKey::generate()? })
    }

    /// Reads the keys of the data folder, and makes the ones that are missing.
    ///
    /// # Errors
    /// [`Error::Key`] when a key cannot be read, used, made or written.
    pub fn of(folder: &DataFolder) -> Result<Self, Error> {
        Ok(Self {
            bearer: read_or_make(&folder.path().join("bearer.pk8"))?,
            x_token: read_or_make(&folder.path().join("x-token.pk8"))?,
        })
    }

    /// A signed Bearer token.
    ///
    /// # Errors
    /// [`Error::Key`] when the key refuses to sign.
    pub fn bearer(&self, claims: &BearerClaims) -> Result<String, Error> {
        self.bearer.sign(BEARER_TYP, claims)
    }

    /// A signed X-Token.
    ///
    /// # Errors
    /// [`Error::Key`] when the key refuses to sign.
    pub fn x_token(&self, claims: &XTokenClaims) -> Result<String, Error> {
        self.x_token.sign(X_TOKEN_TYP, claims)
    }
}

fn read_or_make(path: &Path) -> Result<SigningKey, Error> {
    let unusable = |reason: String| Error::Key { what: path.display().to_string(), reason };
    match fs::read(path) {
        Ok(document) => return SigningKey::from_pkcs8(&document, &path.display().to_string()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(unusable(error.to_string())),
    }
    let key = SigningKey::generate()?;
    // Two commands may come here at once, and one may die while it writes: the
    // key is written aside, then takes its name if that is still free.
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = NamedTempFile::new_in(folder).map_err(|error| unusable(error.to_string()))?;
    file.write_all(key.pkcs8())
        .and_then(|()| file.as_file().sync_all())
        .map_err(|error| unusable(error.to_string()))?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(key),
        Err(refusal) if refusal.error.kind() == io::ErrorKind::AlreadyExists => {
            let document = fs::read(path).map_err(|error| unusable(error.to_string()))?;
            SigningKey::from_pkcs8(&document, &path.display().to_string())
        }
        Err(refusal) => Err(unusable(refusal.error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::tempdir;

    use super::DevelopmentKeys;
    use crate::folder::DataFolder;

    #[test]
    fn the_keys_of_a_folder_stay_the_same() {
        let directory = tempdir().expect("a folder");
        let folder = DataFolder::open(directory.path()).expect("usable");
        let first = DevelopmentKeys::of(&folder).expect("made");
        let second = DevelopmentKeys::of(&folder).expect("read");
        assert_eq!(first.bearer.public_jwks(), second.bearer.public_jwks());
        assert_eq!(first.x_token.public_jwks(), second.x_token.public_jwks());
        assert_ne!(first.bearer.public_jwks(), first.x_token.public_jwks());
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_belongs_to_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempdir().expect("a folder");
        let folder = DataFolder::open(directory.path()).expect("usable");
        DevelopmentKeys::of(&folder).expect("made");
        for name in ["bearer.pk8", "x-token.pk8"] {
            let file = fs::metadata(directory.path().join(name)).expect("there");
            assert_eq!(file.permissions().mode() & 0o777, 0o600, "{name}");
        }
    }

    #[test]
    fn a_broken_key_file_is_named() {
        let directory = tempdir().expect("a folder");
        let folder = DataFolder::open(directory.path()).expect("usable");
        let path = directory.path().join("bearer.pk8");
        fs::write(&path, "no key").expect("written");
        let error = DevelopmentKeys::of(&folder).expect_err("no key");
        assert_eq!(
            error.to_string(),
            format!(
                "the development key {} is not usable: it is no Ed25519 key in PKCS#8 version 1",
                path.display()
            )
        );
    }
}
