//! [`Terminology`]: what value sets and code systems decide.

use std::fmt::Debug;

/// Value sets and code systems that decide about codes. What they do not decide is `None`.
pub trait Terminology: Debug + Send + Sync {
    /// Whether a value set, by its canonical URL with or without a version, has a code of a system. Without
    /// a system, the code of any will do.
    fn value_set_has(&self, value_set: &str, system: Option<&str>, code: &str) -> Option<bool>;

    /// Whether a code of a system is another one, or below it in the system's hierarchy.
    fn is_or_below(&self, system: &str, code: &str, above: &str) -> Option<bool>;
}
