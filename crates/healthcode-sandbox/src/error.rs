//! [`StartError`].

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address is not a loopback address.
    #[error("invalid address {0}: expected a loopback address")]
    NotLoopback(SocketAddr),
    /// The address cannot be listened on, or a thread cannot be started.
    #[error("the sandbox cannot listen")]
    Io(#[from] io::Error),
    /// The store is in use, is not a store, or cannot be read or written.
    #[error("the store {path} cannot be used: {cause}", path = path.display())]
    #[non_exhaustive]
    Store {
        /// The file.
        path: PathBuf,
        /// The cause.
        cause: Box<dyn Error + Send + Sync>,
    },
    /// Certificates could not be issued.
    #[error("certificates cannot be issued")]
    Tls(#[source] Box<dyn Error + Send + Sync>),
    /// The system has no randomness.
    #[error("the system has no randomness")]
    Random,
}

impl StartError {
    /// The I/O error, if it is one.
    ///
    /// # Errors
    /// The error itself, if it is another one.
    pub fn into_io(self) -> Result<io::Error, Self> {
        match self {
            StartError::Io(error) => Ok(error),
            other => Err(other),
        }
    }
}
