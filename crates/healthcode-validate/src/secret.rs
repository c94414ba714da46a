//! Hashes that nobody who writes payloads can know.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

/// Two secrets of this process; the second is odd.
static SECRETS: LazyLock<[u64; 2]> = LazyLock::new(|| {
    let state = RandomState::new();
    [state.hash_one(1), state.hash_one(2) | 1]
});

/// A hash of 64 bits, of texts and numbers. Each step multiplies by a secret to 128 bits and folds these: without the
/// secret, two inputs with the same hash can only be found by trying.
#[derive(Clone, Copy)]
pub(crate) struct TextHash {
    hash: u64,
    factor: u64,
}

impl TextHash {
    #[inline]
    pub(crate) fn new() -> Self {
        let [hash, factor] = *SECRETS;
        TextHash { hash, factor }
    }

    #[inline]
    pub(crate) fn number(&mut self, number: u64) {
        let product = u128::from(self.hash ^ number) * u128::from(self.factor);
        self.hash = (product as u64) ^ ((product >> 64) as u64);
    }

    /// Adds a text, or its absence.
    #[inline]
    pub(crate) fn text(&mut self, text: Option<&str>) {
        let Some(text) = text else {
            return self.number(u64::MAX);
        };
        let bytes = text.as_bytes();
        self.number(bytes.len() as u64);
        let (blocks, rest) = bytes.as_chunks::<8>();
        for block in blocks {
            self.number(u64::from_le_bytes(*block));
        }
        if rest.is_empty() {
            return;
        }
        // The last block again, with what is left.
        let last = bytes.last_chunk::<8>().map_or_else(
            || {
                rest.iter()
                    .fold(0, |last, byte| last << 8 | u64::from(*byte))
            },
            |block| u64::from_le_bytes(*block),
        );
        self.number(last);
    }

    #[inline]
    pub(crate) fn finish(self) -> u64 {
        self.hash
    }
}

#[cfg(test)]
mod tests {
    use super::TextHash;
    use std::collections::HashSet;

    #[test]
    fn texts_differ_by_each_byte_and_by_where_they_end() {
        let hash = |texts: &[Option<&str>]| {
            let mut hash = TextHash::new();
            for text in texts {
                hash.text(*text);
            }
            hash.finish()
        };
        let mut all = HashSet::new();
        let mut count = 0;
        for len in 0..40 {
            for at in 0..=len {
                let mut text = "a".repeat(len);
                if at < len {
                    text.replace_range(at..=at, "b");
                }
                all.insert(hash(&[Some(&text)]));
                count += 1;
            }
        }
        for texts in [
            [None, Some("ab")],
            [Some("a"), Some("b")],
            [Some(""), Some("ab")],
            [Some("ab"), None],
        ] {
            all.insert(hash(&texts));
            count += 1;
        }
        assert_eq!(all.len(), count);
        assert_eq!(hash(&[Some("ab")]), hash(&[Some("ab")]));
    }
}
