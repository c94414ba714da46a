//! [`Tokens`]: the access tokens that a sandbox has given out.

use crate::config::{StartError, secret};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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

/// The most that are kept; then the one that ends first goes, which is an ended one if there is any.
const KEPT: usize = 10_000;

/// Tokens and when they end.
#[derive(Default)]
pub(crate) struct Tokens(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    tokens: HashMap<Arc<str>, (Issuer, End)>,
    ends: BTreeMap<End, Arc<str>>,
    /// How many were kept so far: of two that end at one time, the older one goes first.
    count: u64,
}

type End = (Instant, u64);

impl Kept {
    fn insert(&mut self, issuer: Issuer, token: Arc<str>, end: Instant) {
        if let Some((_, old)) = self.tokens.remove(&token) {
            self.ends.remove(&old);
        }
        while self.ends.len() >= KEPT {
            let first = self.ends.pop_first();
            first.and_then(|(_, token)| self.tokens.remove(&token));
        }
        self.count += 1;
        let end = (end, self.count);
        self.tokens.insert(token.clone(), (issuer, end));
        self.ends.insert(end, token);
    }
}

impl Tokens {
    fn lock(&self) -> MutexGuard<'_, Kept> {
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
        let end = now.checked_add(life).unwrap_or(now);
        self.lock().insert(issuer, token.into(), end);
    }

    /// Lets a token end now.
    pub(crate) fn end(&self, token: &str) {
        let mut kept = self.lock();
        if let Some((token, (issuer, end))) = kept.tokens.remove_entry(token) {
            kept.ends.remove(&end);
            kept.insert(issuer, token, Instant::now());
        }
    }

    /// Whether it is a token that was given out, be it ended.
    pub(crate) fn has(&self, token: &str) -> bool {
        self.lock().tokens.contains_key(token)
    }

    pub(crate) fn standing(&self, issuer: Issuer, token: &str) -> Standing {
        match self.lock().tokens.get(token) {
            Some((of, (end, _))) if *of == issuer => match *end > Instant::now() {
                true => Standing::Valid,
                false => Standing::Expired,
            },
            _ => Standing::Unknown,
        }
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tokens({})", self.lock().tokens.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn standing(tokens: &Tokens, token: &str) -> Standing {
        tokens.standing(Issuer::Nhs, token)
    }

    #[test]
    fn the_first_to_end_makes_room() {
        let tokens = Tokens::default();
        let keep = |token: String, life| tokens.keep(Issuer::Nhs, token, life);
        for number in 0..KEPT {
            keep(number.to_string(), HOUR);
        }
        let valid = |token: &str| standing(&tokens, token) == Standing::Valid;
        assert!((0..KEPT).all(|it| valid(&it.to_string())));
        // One that has ended goes before the oldest, wherever it stands.
        tokens.end("5000");
        assert_eq!(standing(&tokens, "5000"), Standing::Expired);
        keep("a".to_owned(), HOUR);
        assert_eq!(standing(&tokens, "5000"), Standing::Unknown);
        assert!(valid("0") && valid("a"));
        // Then the oldest, one for one.
        keep("b".to_owned(), HOUR);
        assert_eq!(standing(&tokens, "0"), Standing::Unknown);
        assert!(valid("1") && valid("a") && valid("b"));
        // What is new is never what goes, however soon it ends.
        keep("soon".to_owned(), Duration::from_secs(60));
        assert!(valid("soon") && !valid("1") && valid("2"));
        keep("c".to_owned(), HOUR);
        assert!(!valid("soon") && valid("2") && valid("c"));
        let kept = tokens.lock();
        assert_eq!((kept.tokens.len(), kept.ends.len()), (KEPT, KEPT));
    }

    #[test]
    fn kept_twice_counts_once() {
        let tokens = Tokens::default();
        tokens.keep(Issuer::Nhs, "a".to_owned(), Duration::ZERO);
        tokens.keep(Issuer::Nhs, "a".to_owned(), HOUR);
        assert_eq!(standing(&tokens, "a"), Standing::Valid);
        assert_eq!(tokens.standing(Issuer::Graphnet, "a"), Standing::Unknown);
        tokens.end("a");
        tokens.end("b");
        assert_eq!(standing(&tokens, "a"), Standing::Expired);
        assert_eq!(tokens.lock().ends.len(), 1);
        // A life beyond all clocks is none.
        tokens.keep(Issuer::Nhs, "c".to_owned(), Duration::MAX);
        assert_eq!(standing(&tokens, "c"), Standing::Expired);
    }
}
