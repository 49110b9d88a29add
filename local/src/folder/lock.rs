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
}

impl FolderLock {
    /// Acquires the lock at `path`, unless another program holds it.
    ///
    /// `engine` is the file in which the engine's address is published. Removes a stale address.
    pub(super) fn try_acquire(path: &Path, engine: PathBuf) -> io::Result<Option<Self>> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        match file.try_lock() {
            Ok(()) => {
                let lock = Self { _file: file, engine };
                lock.withdraw();
                Ok(Some(lock))
            }
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(reason)) => Err(reason),
        }
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
