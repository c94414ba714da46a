//! Contestants that read documents.

use std::hint::black_box;
use std::panic::catch_unwind;
use std::time::{Duration, Instant};

/// Something that reads JSON documents.
pub trait Reader {
    /// Its name, with the version for a rival.
    const NAME: &'static str;
    /// What a document becomes.
    type Value;

    /// Reads a document; `None` if it is refused.
    fn read(document: &str) -> Option<Self::Value>;
}

/// A [`Reader`] as a value.
#[derive(Clone, Copy, Debug)]
pub struct Contestant {
    /// [`Reader::NAME`].
    pub name: &'static str,
    /// Times the reading of documents, of which none may be [refused](Self::refuses).
    pub time: fn(&[&str]) -> Duration,
    /// Whether a document is refused. A panic is a refusal too.
    pub refuses: fn(&str) -> bool,
}

impl Contestant {
    /// A reader's.
    #[must_use]
    pub fn of<R: Reader>() -> Self {
        Contestant {
            name: R::NAME,
            time: |documents| kept(documents, |document| R::read(document)),
            refuses: |document| !catch_unwind(|| R::read(document).is_some()).unwrap_or(false),
        }
    }
}

/// Times `each` over all documents; its results are dropped after the clock has stopped.
pub fn kept<D: Copy, T>(documents: &[D], each: impl Fn(D) -> T) -> Duration {
    let mut results = Vec::with_capacity(documents.len());
    let start = Instant::now();
    results.extend(documents.iter().map(|document| each(black_box(*document))));
    let time = start.elapsed();
    drop(black_box(results));
    time
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Digits;

    impl Reader for Digits {
        const NAME: &'static str = "digits";
        type Value = u32;

        fn read(document: &str) -> Option<u32> {
            assert!(!document.is_empty(), "empty");
            document.parse().ok()
        }
    }

    #[test]
    fn refusals_are_reported() {
        let contestant = Contestant::of::<Digits>();
        for (document, refused) in [("12", false), ("x", true), ("", true)] {
            assert_eq!((contestant.refuses)(document), refused, "{document:?}");
        }
        assert!((contestant.time)(&["1", "2"]) > Duration::ZERO);
    }

    #[test]
    fn dropping_what_is_kept_is_not_timed() {
        struct Slow;
        impl Drop for Slow {
            fn drop(&mut self) {
                std::thread::sleep(Duration::from_millis(40));
            }
        }
        assert!(kept(&["a", "b"], |_| Slow) < Duration::from_millis(40));
        assert!(kept(&["a", "b"], |_| drop(Slow)) >= Duration::from_millis(80));
    }
}
