//! The data folder, and who works on it at a time.
//!
//! Only one program opens the data file: the one that holds the operating
//! system's lock on the file `lock`. A program that serves its engine to others
//! writes the engine's address into the file `engine`. The operating system
//! frees the lock of a program that dies in whatever way, so an address that is
//! left behind means nothing once the lock is free.

mod lock;

use std::fs::{self, DirBuilder};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::sleep;

pub use self::lock::FolderLock;
use crate::error::Error;

/// How often a busy folder is tried, once every [`PAUSE`], before giving up.
const TRIES: u32 = 200;

/// The pause between two tries: 200 of them are ten seconds.
const PAUSE: Duration = Duration::from_millis(50);

/// A folder that holds the local data and the development keys.
#[derive(Clone, Debug)]
pub struct DataFolder {
    path: PathBuf,
}

/// How a command reaches the data of a folder.
#[derive(Debug)]
pub enum FolderAccess {
    /// No other program works on the folder; this one may open the data file.
    Own(FolderLock),
    /// Another program serves the data, at this endpoint URL.
    Shared(String),
}

impl DataFolder {
    /// Takes the folder at `path`, and makes it when it is not there, readable
    /// by its owner alone.
    ///
    /// # Errors
    /// [`Error::Folder`] when it is not there and cannot be made, or is no folder.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let folder = Self { path: path.to_owned() };
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        match builder.create(path).and_then(|()| fs::read_dir(path)) {
            Ok(_) => Ok(folder),
            Err(reason) if reason.kind() == io::ErrorKind::AlreadyExists => {
                Err(folder.unusable(io::ErrorKind::NotADirectory.into()))
            }
            Err(reason) => Err(folder.unusable(reason)),
        }
    }

    /// The folder, as it was given.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The data file, whether it is there or not.
    #[must_use]
    pub fn data_file(&self) -> PathBuf {
        self.path.join("table.sqlite")
    }

    /// Takes the folder for a program that serves its engine to others.
    ///
    /// # Errors
    /// [`Error::FolderInUse`] when another program works on the folder, at once
    /// when that one serves too, after ten seconds when it does not end;
    /// [`Error::Folder`] when the lock cannot be had for another reason.
    pub async fn own(&self) -> Result<FolderLock, Error> {
        match self.access().await? {
            FolderAccess::Own(lock) => Ok(lock),
            FolderAccess::Shared(endpoint) => {
                Err(Error::FolderInUse { path: self.path.clone(), endpoint: Some(endpoint) })
            }
        }
    }

    /// Finds the way to the folder's data: the engine of the program that
    /// serves it, or else the data file itself.
    ///
    /// # Errors
    /// [`Error::FolderInUse`] when another program works on the folder, serves
    /// no engine and does not end within ten seconds; [`Error::Folder`] when the
    /// lock cannot be had for another reason.
    pub async fn access(&self) -> Result<FolderAccess, Error> {
        for _ in 0..TRIES {
            if let Some(lock) = self.try_lock()? {
                return Ok(FolderAccess::Own(lock));
            }
            if let Some(endpoint) = self.endpoint().await {
                return Ok(FolderAccess::Shared(endpoint));
            }
            sleep(PAUSE).await;
        }
        Err(Error::FolderInUse { path: self.path.clone(), endpoint: None })
    }

    /// The endpoint URL of the engine that another program serves from this
    /// folder now, where there is one.
    ///
    /// # Errors
    /// [`Error::Folder`] when the lock cannot be looked at.
    pub async fn running_engine(&self) -> Result<Option<String>, Error> {
        match self.try_lock()? {
            Some(_) => Ok(None),
            None => Ok(self.endpoint().await),
        }
    }

    fn try_lock(&self) -> Result<Option<FolderLock>, Error> {
        FolderLock::try_take(&self.path.join("lock"), self.engine_file())
            .map_err(|reason| self.unusable(reason))
    }

    /// The published address, if something listens there: an address that was
    /// left behind is of use to nobody.
    async fn endpoint(&self) -> Option<String> {
        let address: SocketAddr = fs::read_to_string(self.engine_file()).ok()?.trim().parse().ok()?;
        TcpStream::connect(address).await.ok()?;
        Some(format!("http://{address}"))
    }

    fn engine_file(&self) -> PathBuf {
        self.path.join("engine")
    }

    fn unusable(&self, reason: io::Error) -> Error {
        Error::Folder { path: self.path.clone(), reason }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use tempfile::tempdir;
    use tokio::net::TcpListener;

    use super::{DataFolder, FolderAccess};
    use crate::error::Error;

    #[tokio::test]
    async fn a_free_folder_is_owned_and_an_address_left_behind_is_removed() {
        let directory = tempdir().expect("a folder");
        fs::write(directory.path().join("engine"), "127.0.0.1:1\n").expect("written");
        let folder = DataFolder::open(directory.path()).expect("usable");
        assert!(matches!(folder.access().await, Ok(FolderAccess::Own(_))));
        assert!(!directory.path().join("engine").exists());
    }

    #[tokio::test]
    async fn a_served_folder_is_reached_through_its_engine_alone() {
        let directory = tempdir().expect("a folder");
        let folder = DataFolder::open(directory.path()).expect("usable");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let lock = folder.own().await.expect("free");
        lock.publish(address).expect("written");

        let Ok(FolderAccess::Shared(endpoint)) = folder.access().await else {
            panic!("the folder is served");
        };
        assert_eq!(endpoint, format!("http://{address}"));
        assert_eq!(folder.running_engine().await.expect("known"), Some(endpoint));
        assert!(matches!(folder.own().await, Err(Error::FolderInUse { endpoint: Some(_), .. })));

        drop(lock);
        assert_eq!(folder.running_engine().await.expect("known"), None);
    }

    #[tokio::test]
    async fn a_file_in_the_folders_place_is_refused() {
        let directory = tempdir().expect("a folder");
        let path = directory.path().join("file");
        fs::write(&path, "").expect("written");
        let error = DataFolder::open(&path).expect_err("no folder");
        assert_eq!(
            error.to_string(),
            format!("the data folder {} is not usable: not a directory", path.display())
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_is_made_belongs_to_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempdir().expect("a folder");
        let path = directory.path().join("a/b");
        DataFolder::open(Path::new(&path)).expect("made");
        let mode = fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }
}
