//! Signals that stop the program.

use std::io;

use crate::error::Error;

/// The signals that request a stop: Ctrl-C, and `SIGTERM` on Unix.
#[derive(Debug)]
pub(crate) struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(windows)]
    interrupt: tokio::signal::windows::CtrlC,
}

impl Signals {
    /// Starts listening. Called early, so that no signal is lost while the program starts.
    #[cfg(unix)]
    pub(crate) fn listen() -> Result<Self, Error> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt()).map_err(unusable)?,
            terminate: signal(SignalKind::terminate()).map_err(unusable)?,
        })
    }

    /// Starts listening. Called early, so that no signal is lost while the program starts.
    #[cfg(windows)]
    pub(crate) fn listen() -> Result<Self, Error> {
        Ok(Self { interrupt: tokio::signal::windows::ctrl_c().map_err(unusable)? })
    }

    /// Waits for a signal.
    #[cfg(unix)]
    pub(crate) async fn stop(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }

    /// Waits for a signal.
    #[cfg(windows)]
    pub(crate) async fn stop(&mut self) {
        let _ = self.interrupt.recv().await;
    }
}

fn unusable(reason: io::Error) -> Error {
    Error::Stream { name: "signals".to_owned(), reason }
}
