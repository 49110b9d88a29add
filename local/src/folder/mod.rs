//! The data directory and its lock.
//!
//! Only the program that holds the operating system's lock on the file `lock` opens the data file. A program
//! that serves its engine to others writes the engine's address to the file `engine`. The operating system
//! releases the lock when the program ends for any reason. An address is ignored if the lock is free.
//!
//! A program that waits for the lock locks the file `queue`. A command that takes long passes the lock on
//! when it notices this, and then waits itself.

mod lock;

use std::fs::{self, DirBuilder};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::sleep;

pub use self::lock::FolderLock;
use self::lock::Place;
use crate::error::Error;

/// The number of attempts to acquire the lock of a directory that is in use.
const MAX_ATTEMPTS: u32 = 600;

/// The pause between two attempts. All attempts together take half a minute.
const PAUSE: Duration = Duration::from_millis(50);

/// The directory with the local data and the development keys.
#[derive(Clone, Debug)]
pub struct DataFolder {
    path: PathBuf,
}

/// How a command accesses the data of a directory.
#[derive(Debug)]
pub enum FolderAccess {
    /// No other program uses the directory. This program can open the data file.
    Own(FolderLock),
    /// Another program serves the data at this endpoint URL.
    Shared(String),
}

impl DataFolder {
    /// Opens the directory at `path`. Creates it if it does not exist, with access only for its owner.
    ///
    /// # Errors
    /// [`Error::Folder`] if the directory cannot be created or read, or is not a directory.
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

    /// Opens the directory at `path`, which must exist.
    ///
    /// # Errors
    /// [`Error::Folder`] if the directory cannot be read, or is not a directory.
    pub fn existing(path: &Path) -> Result<Self, Error> {
        let folder = Self { path: path.to_owned() };
        match fs::read_dir(path) {
            Ok(_) => Ok(folder),
            Err(reason) => Err(folder.unusable(match reason.kind() {
                kind @ (io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => kind.into(),
                _ => reason,
            })),
        }
    }

    /// Returns the path of the directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the path of the data file, which may not exist.
    #[must_use]
    pub fn data_file(&self) -> PathBuf {
        self.path.join("table.sqlite")
    }

    /// Returns the path of the file with the events of the changes, which may not exist.
    #[must_use]
    pub fn event_file(&self) -> PathBuf {
        self.path.join("events.jsonl")
    }

    /// Returns the path of the file with the position in the stream of the table in the data file or in memory, which may
    /// not exist.
    #[must_use]
    pub fn position_file(&self, is_in_memory: bool) -> PathBuf {
        self.path.join(if is_in_memory { "stream-position-in-memory" } else { "stream-position" })
    }

    /// Acquires the lock of the directory, for a program that serves its engine to others.
    ///
    /// # Errors
    /// [`Error::FolderInUse`] if another program uses the directory: immediately if that program serves an
    /// engine, otherwise after half a minute. [`Error::Folder`] if the lock cannot be acquired for another
    /// reason.
    pub async fn own(&self) -> Result<FolderLock, Error> {
        match self.access().await? {
            FolderAccess::Own(lock) => Ok(lock),
            FolderAccess::Shared(endpoint) => Err(self.in_use(Some(endpoint))),
        }
    }

    /// Acquires the lock of the directory like [`own`](Self::own), but does not make a command pass it on.
    /// For a program that serves other data, with which the command must not continue.
    ///
    /// # Errors
    /// The errors of [`own`](Self::own).
    pub async fn own_if_unused(&self) -> Result<FolderLock, Error> {
        for _ in 0..MAX_ATTEMPTS {
            match self.try_lock()? {
                // A place is taken if a command has just passed the lock on.
                Some(lock) if !lock.is_awaited()? => return Ok(lock),
                Some(_) => {}
                None => {
                    if let Some(endpoint) = self.endpoint().await {
                        return Err(self.in_use(Some(endpoint)));
                    }
                }
            }
            sleep(PAUSE).await;
        }
        Err(self.in_use(None))
    }

    /// Returns how to access the data of the directory: through the engine of the program that serves it, or
    /// else directly, with the lock acquired.
    ///
    /// # Errors
    /// [`Error::FolderInUse`] if another program uses the directory for more than half a minute without
    /// serving an engine. [`Error::Folder`] if the lock cannot be acquired for another reason.
    pub async fn access(&self) -> Result<FolderAccess, Error> {
        let mut place = None;
        for _ in 0..MAX_ATTEMPTS {
            if place.is_none() {
                place = Place::try_take(&self.queue_file()).map_err(|reason| self.unusable(reason))?;
            }
            // Without a place, the lock is left to the program that waits for it.
            if place.is_some()
                && let Some(lock) = self.try_lock()?
            {
                return Ok(FolderAccess::Own(lock));
            }
            if let Some(endpoint) = self.running_engine().await? {
                return Ok(FolderAccess::Shared(endpoint));
            }
            sleep(PAUSE).await;
        }
        Err(self.in_use(None))
    }

    /// Returns the endpoint URL of the engine that another program serves from this directory, if any.
    ///
    /// # Errors
    /// [`Error::Folder`] if the lock cannot be checked.
    pub async fn running_engine(&self) -> Result<Option<String>, Error> {
        match self.try_lock()? {
            Some(_) => Ok(None),
            None => Ok(self.endpoint().await),
        }
    }

    fn try_lock(&self) -> Result<Option<FolderLock>, Error> {
        FolderLock::try_acquire(&self.path.join("lock"), self.engine_file(), self.queue_file())
            .map_err(|reason| self.unusable(reason))
    }

    /// Returns the endpoint URL of the published address, if a program listens there.
    async fn endpoint(&self) -> Option<String> {
        let address: SocketAddr = fs::read_to_string(self.engine_file()).ok()?.trim().parse().ok()?;
        TcpStream::connect(address).await.ok()?;
        Some(format!("http://{address}"))
    }

    fn engine_file(&self) -> PathBuf {
        self.path.join("engine")
    }

    fn queue_file(&self) -> PathBuf {
        self.path.join("queue")
    }

    fn in_use(&self, endpoint: Option<String>) -> Error {
        Error::FolderInUse { path: self.path.clone(), endpoint }
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
    async fn a_free_folder_is_locked_and_a_stale_address_is_removed() {
        let directory = tempdir().expect("a folder");
        fs::write(directory.path().join("engine"), "127.0.0.1:1\n").expect("written");
        let folder = DataFolder::open(directory.path()).expect("usable");
        assert!(matches!(folder.access().await, Ok(FolderAccess::Own(_))));
        assert!(!directory.path().join("engine").exists());
    }

    #[tokio::test]
    async fn a_served_folder_is_accessible_only_through_its_engine() {
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
    async fn a_file_is_rejected_as_data_folder() {
        let directory = tempdir().expect("a folder");
        let path = directory.path().join("file");
        fs::write(&path, "").expect("written");
        let error = DataFolder::open(&path).expect_err("not a folder");
        assert_eq!(
            error.to_string(),
            format!("cannot use the data directory {}: not a directory", path.display())
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_created_folder_is_accessible_only_to_its_owner() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempdir().expect("a folder");
        let path = directory.path().join("a/b");
        DataFolder::open(Path::new(&path)).expect("made");
        let mode = fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }
}
