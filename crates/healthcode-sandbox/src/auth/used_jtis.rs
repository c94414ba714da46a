//! [`UsedJtis`]: so that an assertion is accepted only once.

use parking_lot::Mutex;
use std::collections::HashMap;

/// The `jti`s that were used, each until its assertion expires, after which it cannot be sent again.
///
/// None is removed before that: while there are too many, no assertion is accepted.
#[derive(Default)]
pub(crate) struct UsedJtis(Mutex<HashMap<String, i64>>);

/// The most that are kept.
const MAX_JTIS: usize = 200_000;

/// Why a `jti` cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JtiError {
    Used,
    Full,
}

impl UsedJtis {
    pub(crate) fn contains(&self, jti: &str) -> bool {
        self.0.lock().contains_key(jti)
    }

    /// Marks a `jti` as used.
    pub(crate) fn add(&self, jti: &str, expiry: i64, now: i64) -> Result<(), JtiError> {
        let mut expiries = self.0.lock();
        if expiries.contains_key(jti) {
            return Err(JtiError::Used);
        }
        if expiries.len() >= MAX_JTIS {
            expiries.retain(|_, expiry| *expiry > now);
        }
        if expiries.len() >= MAX_JTIS {
            return Err(JtiError::Full);
        }
        expiries.insert(jti.to_owned(), expiry);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_kept_until_it_expires() {
        let used = UsedJtis::default();
        for number in 0..MAX_JTIS {
            let expiry = if number < 10 { 100 } else { 300 };
            assert_eq!(used.add(&number.to_string(), expiry, 0), Ok(()));
        }
        assert_eq!(used.add("7", 300, 50), Err(JtiError::Used));
        assert!(used.contains("7") && used.contains("99999"));
        assert_eq!(used.add("new", 300, 50), Err(JtiError::Full));
        // Expired ones make room.
        assert_eq!(used.add("new", 300, 200), Ok(()));
        assert!(!used.contains("7") && used.contains("99999") && used.contains("new"));
    }
}
