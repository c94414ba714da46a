//! [`Str`]: the string type of all models.

use crate::outlined::{Outlined, Owner};
use lean_string::LeanStr;
use std::borrow::{Borrow, Cow};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

/// A FHIR `string`, and the storage of every text-backed primitive.
///
/// Two words wide: text of up to 16 bytes is held inline, longer text on the heap, where clones
/// share it. It is not changed, only replaced. Dereferences to [`str`]; what is inside may change
/// between releases.
///
/// ```
/// use healthcode_core::Str;
/// let family = Str::from("Clinton");
/// assert_eq!(family, "Clinton");
/// assert!(family.starts_with('C'));
/// ```
pub struct Str(Outlined<LeanStr>);

impl Owner for LeanStr {
    #[inline]
    fn owns_nothing(&self) -> bool {
        !self.is_heap_allocated()
    }
}

impl Str {
    /// Text that is part of the program; copies nothing.
    #[must_use]
    pub const fn from_static(text: &'static str) -> Self {
        Str(Outlined::new(LeanStr::from_static_str(text)))
    }

    /// The text.
    #[inline]
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The text as an owned [`String`].
    #[must_use]
    pub fn into_string(self) -> String {
        self.as_str().to_owned()
    }
}

impl Default for Str {
    #[inline]
    fn default() -> Self {
        Str(Outlined::new(LeanStr::new()))
    }
}

impl Clone for Str {
    fn clone(&self) -> Self {
        Str(Outlined::new(LeanStr::clone(&self.0)))
    }
}

impl Deref for Str {
    type Target = str;
    #[inline]
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Str {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl Borrow<str> for Str {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Debug for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), f)
    }
}

impl From<&str> for Str {
    #[inline]
    fn from(text: &str) -> Self {
        Str(Outlined::new(LeanStr::from(text)))
    }
}

impl From<String> for Str {
    fn from(text: String) -> Self {
        Str(Outlined::new(LeanStr::from(text)))
    }
}

impl From<&String> for Str {
    fn from(text: &String) -> Self {
        Str(Outlined::new(LeanStr::from(text)))
    }
}

impl From<Box<str>> for Str {
    fn from(text: Box<str>) -> Self {
        Str(Outlined::new(LeanStr::from(text)))
    }
}

impl From<Cow<'_, str>> for Str {
    fn from(text: Cow<'_, str>) -> Self {
        Str(Outlined::new(LeanStr::from(text)))
    }
}

impl From<char> for Str {
    fn from(text: char) -> Self {
        Str::from(text.encode_utf8(&mut [0; 4]) as &str)
    }
}

impl From<Str> for String {
    fn from(text: Str) -> Self {
        text.into_string()
    }
}

impl PartialEq for Str {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Str {}

impl PartialOrd for Str {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Str {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for Str {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl PartialEq<str> for Str {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Str {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialEq<String> for Str {
    fn eq(&self, other: &String) -> bool {
        self.as_str() == other
    }
}
