//! [`Tokens`]: the access tokens that a sandbox has issued.

use crate::error::StartError;
use crate::random::secret;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::fmt;
use std::time::{Duration, Instant};

/// The issuer of a token. Services accept the tokens of their own issuer only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Issuer {
    Healthcode,
    /// The NHS, for an application.
    Nhs,
    /// The NHS, for a user of an application.
    NhsUser,
    Graphnet,
}

/// Whether a token can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenStatus {
    Valid,
    Expired,
    Unknown,
}

/// The most tokens that are kept. Beyond that, the one that expires first is removed, which is an expired
/// one if there is any.
const MAX_TOKENS: usize = 10_000;

/// Tokens and when they expire.
#[derive(Default)]
pub(crate) struct Tokens(Mutex<Table>);

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tokens({})", self.0.lock().tokens.len())
    }
}

#[derive(Default)]
struct Table {
    tokens: HashMap<String, (Issuer, Expiry)>,
    /// How many were added so far: of two that expire at the same time, the older one is removed first.
    count: u64,
}

type Expiry = (Instant, u64);

impl Table {
    fn insert(&mut self, issuer: Issuer, token: String, expiry: Instant) {
        self.tokens.remove(&token);
        if self.tokens.len() >= MAX_TOKENS {
            let first = self.tokens.iter().min_by_key(|(_, (_, expiry))| *expiry);
            let first = first.map(|(token, _)| token.clone());
            first.and_then(|token| self.tokens.remove(&token));
        }
        self.count += 1;
        self.tokens.insert(token, (issuer, (expiry, self.count)));
    }
}

impl Tokens {
    /// A new opaque token.
    pub(crate) fn issue(&self, issuer: Issuer, life: Duration) -> Result<String, StartError> {
        let token = secret()?;
        self.add(issuer, token.clone(), life);
        Ok(token)
    }

    /// Adds a token that was created elsewhere.
    pub(crate) fn add(&self, issuer: Issuer, token: String, life: Duration) {
        let now = Instant::now();
        let expiry = now.checked_add(life).unwrap_or(now);
        self.0.lock().insert(issuer, token, expiry);
    }

    /// Makes a token expire now.
    pub(crate) fn expire(&self, token: &str) {
        let mut table = self.0.lock();
        if let Some((token, (issuer, _))) = table.tokens.remove_entry(token) {
            table.insert(issuer, token, Instant::now());
        }
    }

    /// Whether a token was issued, even if it has expired.
    pub(crate) fn is_known(&self, token: &str) -> bool {
        self.0.lock().tokens.contains_key(token)
    }

    /// Whether a token of an issuer can be used.
    pub(crate) fn status(&self, issuer: Issuer, token: &str) -> TokenStatus {
        match self.0.lock().tokens.get(token) {
            Some((found, (expiry, _))) if *found == issuer => {
                if *expiry > Instant::now() {
                    TokenStatus::Valid
                } else {
                    TokenStatus::Expired
                }
            }
            _ => TokenStatus::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    fn status(tokens: &Tokens, token: &str) -> TokenStatus {
        tokens.status(Issuer::Nhs, token)
    }

    #[test]
    fn the_first_to_expire_is_removed() {
        let tokens = Tokens::default();
        let add = |token: String, life| tokens.add(Issuer::Nhs, token, life);
        for number in 0..MAX_TOKENS {
            add(number.to_string(), HOUR);
        }
        let valid = |token: &str| status(&tokens, token) == TokenStatus::Valid;
        assert!((0..MAX_TOKENS).all(|number| valid(&number.to_string())));
        // An expired one is removed before the oldest, wherever it is.
        tokens.expire("5000");
        assert_eq!(status(&tokens, "5000"), TokenStatus::Expired);
        add("a".to_owned(), HOUR);
        assert_eq!(status(&tokens, "5000"), TokenStatus::Unknown);
        assert!(valid("0") && valid("a"));
        // Then the oldest one.
        add("b".to_owned(), HOUR);
        assert_eq!(status(&tokens, "0"), TokenStatus::Unknown);
        assert!(valid("1") && valid("a") && valid("b"));
        // A new one is never removed, however soon it expires.
        add("soon".to_owned(), Duration::from_mins(1));
        assert!(valid("soon") && !valid("1") && valid("2"));
        add("c".to_owned(), HOUR);
        assert!(!valid("soon") && valid("2") && valid("c"));
        assert_eq!(tokens.0.lock().tokens.len(), MAX_TOKENS);
    }

    #[test]
    fn added_twice_counts_once() {
        let tokens = Tokens::default();
        tokens.add(Issuer::Nhs, "a".to_owned(), Duration::ZERO);
        tokens.add(Issuer::Nhs, "a".to_owned(), HOUR);
        assert_eq!(status(&tokens, "a"), TokenStatus::Valid);
        assert_eq!(tokens.status(Issuer::Graphnet, "a"), TokenStatus::Unknown);
        tokens.expire("a");
        tokens.expire("b");
        assert_eq!(status(&tokens, "a"), TokenStatus::Expired);
        assert_eq!(tokens.0.lock().tokens.len(), 1);
        // A life that ends beyond all clocks counts as zero.
        tokens.add(Issuer::Nhs, "c".to_owned(), Duration::MAX);
        assert_eq!(status(&tokens, "c"), TokenStatus::Expired);
    }
}
