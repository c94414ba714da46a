//! [`Tokens`]: the access tokens that a sandbox has given out.

use crate::config::{StartError, secret};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Whose tokens; one's are nothing to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Issuer {
    Healthcode,
    /// The NHS, for an application.
    Nhs,
    /// The NHS, for a user of one.
    NhsUser,
    Graphnet,
}

/// What is known of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Valid,
    Expired,
    Unknown,
}

/// The most that are kept; then the ended ones go, and all if that does not help.
const KEPT: usize = 10_000;

/// Tokens and when they end.
#[derive(Default)]
pub(crate) struct Tokens(Mutex<HashMap<String, (Issuer, Instant)>>);

impl Tokens {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, (Issuer, Instant)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new opaque token.
    pub(crate) fn issue(&self, issuer: Issuer, life: Duration) -> Result<String, StartError> {
        let token = secret()?;
        self.keep(issuer, token.clone(), life);
        Ok(token)
    }

    /// Keeps a token that was made elsewhere.
    pub(crate) fn keep(&self, issuer: Issuer, token: String, life: Duration) {
        let now = Instant::now();
        let mut tokens = self.lock();
        if tokens.len() >= KEPT {
            tokens.retain(|_, it| it.1 > now);
        }
        if tokens.len() >= KEPT {
            tokens.clear();
        }
        tokens.insert(token, (issuer, now + life));
    }

    /// Lets a token end now.
    pub(crate) fn end(&self, token: &str) {
        if let Some(it) = self.lock().get_mut(token) {
            it.1 = Instant::now();
        }
    }

    pub(crate) fn standing(&self, issuer: Issuer, token: &str) -> Standing {
        match self.lock().get(token) {
            Some((of, end)) if *of == issuer => match *end > Instant::now() {
                true => Standing::Valid,
                false => Standing::Expired,
            },
            _ => Standing::Unknown,
        }
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tokens({})", self.lock().len())
    }
}
