//! [`StartError`].

use std::error::Error;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why a sandbox did not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The address is not a loopback address.
    NotLoopback(SocketAddr),
    /// The address cannot be listened on, or a thread cannot be started.
    Io(io::Error),
    /// The store is in use, is not a store, or cannot be read or written.
    #[non_exhaustive]
    Store {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: Box<dyn Error + Send + Sync>,
    },
    /// Certificates could not be issued.
    Tls(Box<dyn Error + Send + Sync>),
    /// The system has no randomness.
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

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StartError::NotLoopback(address) => {
                write!(f, "invalid address {address}: expected a loopback address")
            }
            StartError::Io(_) => f.write_str("the sandbox cannot listen"),
            StartError::Store { path, source } => {
                write!(f, "the store {} cannot be used: {source}", path.display())
            }
            StartError::Tls(_) => f.write_str("certificates cannot be issued"),
            StartError::Random => f.write_str("the system has no randomness"),
        }
    }
}

impl Error for StartError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            StartError::Io(error) => Some(error),
            StartError::Tls(error) => Some(&**error),
            _ => None,
        }
    }
}

impl From<io::Error> for StartError {
    fn from(error: io::Error) -> Self {
        StartError::Io(error)
    }
}
