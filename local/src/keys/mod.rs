//! The development keys: one signs Bearer tokens, the other signs X-Tokens.
//!
//! The keys are generated on first use. Each is stored as Ed25519 in PKCS#8 in its own file of the data
//! directory, which only its owner can access.

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

/// The two development keys. The service accepts each only for its kind of token.
#[derive(Clone, Debug)]
pub struct DevelopmentKeys {
    /// Signs Bearer tokens.
    pub bearer: SigningKey,
    /// Signs X-Tokens.
    pub x_token: SigningKey,
}

impl DevelopmentKeys {
    /// Generates two keys without storing them.
    ///
    /// # Errors
    /// [`Error::Key`] if the system's random number generator fails.
    pub fn generate() -> Result<Self, Error> {
        Ok(Self { bearer: SigningKey::generate()?, x_token: SigningKey::generate()? })
    }

    /// Reads the keys of the data directory. Generates missing keys.
    ///
    /// # Errors
    /// [`Error::Key`] if a key cannot be read, generated or written, or is not valid.
    pub fn of(folder: &DataFolder) -> Result<Self, Error> {
        Ok(Self {
            bearer: read_or_generate(&folder.path().join("bearer.pk8"))?,
            x_token: read_or_generate(&folder.path().join("x-token.pk8"))?,
        })
    }

    /// Returns a signed Bearer token.
    ///
    /// # Errors
    /// [`Error::Key`] if signing fails.
    pub fn bearer(&self, claims: &BearerClaims) -> Result<String, Error> {
        self.bearer.sign(BEARER_TYP, claims)
    }

    /// Returns a signed X-Token.
    ///
    /// # Errors
    /// [`Error::Key`] if signing fails.
    pub fn x_token(&self, claims: &XTokenClaims) -> Result<String, Error> {
        self.x_token.sign(X_TOKEN_TYP, claims)
    }
}

fn read_or_generate(path: &Path) -> Result<SigningKey, Error> {
    let unusable = |reason: String| Error::Key { what: path.display().to_string(), reason };
    match fs::read(path) {
        Ok(document) => return SigningKey::from_pkcs8(&document, &path.display().to_string()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(unusable(error.to_string())),
    }
    let key = SigningKey::generate()?;
    // Two commands can generate the key concurrently, and a command can be killed while it writes. The key is
    // therefore written to a temporary file, which is renamed unless the file exists by then.
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
    fn keys_are_kept_in_the_data_folder() {
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
    fn a_key_file_is_accessible_only_to_its_owner() {
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
    fn an_invalid_key_file_is_reported() {
        let directory = tempdir().expect("a folder");
        let folder = DataFolder::open(directory.path()).expect("usable");
        let path = directory.path().join("bearer.pk8");
        fs::write(&path, "not a key").expect("written");
        let error = DevelopmentKeys::of(&folder).expect_err("not a key");
        assert_eq!(
            error.to_string(),
            format!(
                "cannot use the development key {}: not an Ed25519 key in PKCS#8 version 1",
                path.display()
            )
        );
    }
}
