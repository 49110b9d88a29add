//! The lock of a data folder.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// The right to open the data file. It ends when the value is dropped.
#[derive(Debug)]
pub struct FolderLock {
    // Held for its lock, which the operating system frees when it is closed.
    _file: File,
    engine: PathBuf,
}

impl FolderLock {
    /// Takes the lock at `path`, if nobody has it. `engine` is where an address is published: one
    /// that was left behind is removed.
    pub(super) fn try_take(path: &Path, engine: PathBuf) -> io::Result<Option<Self>> {
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

    /// Tells other programs where this one serves the folder's data.
    ///
    /// # Errors
    /// [`Error::Stream`] when the file for it cannot be written.
    pub fn publish(&self, address: SocketAddr) -> Result<(), Error> {
        fs::write(&self.engine, format!("{address}\n"))
            .map_err(|reason| Error::Stream { name: self.engine.display().to_string(), reason })
    }

    fn withdraw(&self) {
        // Nothing depends on it: an address without a lock is not believed.
        let _ = fs::remove_file(&self.engine);
    }
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        self.withdraw();
    }
}
