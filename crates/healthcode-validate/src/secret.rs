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

    #[inline]
    fn two(&mut self, first: [u8; 8], second: [u8; 8]) {
        let (first, second) = (u64::from_le_bytes(first), u64::from_le_bytes(second));
        let product = u128::from(self.hash ^ first) * u128::from(self.factor ^ second);
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
        let (pairs, rest) = bytes.as_chunks::<16>();
        for pair in pairs {
            let (halves, _) = pair.as_chunks::<8>();
            self.two(halves[0], halves[1]);
        }
        if rest.is_empty() {
            return;
        }
        // What is left is hashed with what comes before it, as often as that may be.
        let (halves, _) = bytes
            .last_chunk::<16>()
            .map_or(&[][..], |last| last)
            .as_chunks::<8>();
        match (halves, bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
            ([first, second], ..) => self.two(*first, *second),
            (_, Some(first), Some(last)) => self.two(*first, *last),
            _ => self.number(
                bytes
                    .iter()
                    .fold(0, |all, byte| all << 8 | u64::from(*byte)),
            ),
        }
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
