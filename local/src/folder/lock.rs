//! The lock of a data directory.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// The right to open the data file. Dropping the value releases the lock.
#[derive(Debug)]
pub struct FolderLock {
    // The operating system releases the lock when the file is closed.
    _file: File,
    engine: PathBuf,
    queue: PathBuf,
}

/// The right to be the next program that acquires the lock. Dropping the value gives it up.
#[derive(Debug)]
pub(super) struct Place {
    // The operating system releases the place when the file is closed.
    _file: File,
}

impl Place {
    /// Takes the place at `path`, unless another program has it.
    pub(super) fn try_take(path: &Path) -> io::Result<Option<Self>> {
        Ok(try_lock(path)?.map(|file| Self { _file: file }))
    }
}

/// Opens the file at `path` and locks it. Returns `None` if another program has locked it.
fn try_lock(path: &Path) -> io::Result<Option<File>> {
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(reason)) => Err(reason),
    }
}

impl FolderLock {
    /// Acquires the lock at `path`, unless another program holds it.
    ///
    /// `engine` is the file in which the engine's address is published, `queue` the one that a waiting
    /// program locks. Removes a stale address.
    pub(super) fn try_acquire(path: &Path, engine: PathBuf, queue: PathBuf) -> io::Result<Option<Self>> {
        let lock = try_lock(path)?.map(|file| Self { _file: file, engine, queue });
        if let Some(lock) = &lock {
            lock.withdraw();
        }
        Ok(lock)
    }

    /// Returns true if another program waits for the lock.
    ///
    /// # Errors
    /// [`Error::Stream`] if the file that a waiting program locks cannot be opened.
    pub fn is_awaited(&self) -> Result<bool, Error> {
        let place = Place::try_take(&self.queue)
            .map_err(|reason| Error::Stream { name: self.queue.display().to_string(), reason })?;
        Ok(place.is_none())
    }

    /// Publishes the address of this program's engine for other programs.
    ///
    /// # Errors
    /// [`Error::Stream`] if the file cannot be written.
    pub fn publish(&self, address: SocketAddr) -> Result<(), Error> {
        fs::write(&self.engine, format!("{address}\n"))
            .map_err(|reason| Error::Stream { name: self.engine.display().to_string(), reason })
    }

    fn withdraw(&self) {
        // A failure has no effect, because an address is ignored if the lock is free.
        let _ = fs::remove_file(&self.engine);
    }
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        self.withdraw();
    }
}
