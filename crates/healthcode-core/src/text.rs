//! [`Str`]: the string type of all models.

use lean_string::LeanStr;
use std::borrow::{Borrow, Cow};
use std::fmt;
use std::ops::Deref;

/// A FHIR `string`, and the storage of every text-backed primitive.
///
/// Two words wide: text of up to 16 bytes is held inline, longer text on the heap, where clones
/// share it. It is not changed, only replaced. Dereferences to
/// [`str`]; what is inside may change between releases.
///
/// ```
/// use healthcode_core::Str;
/// let family = Str::from("Clinton");
/// assert_eq!(family, "Clinton");
/// assert!(family.starts_with('C'));
/// ```
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Str(LeanStr);

impl Str {
    /// Text that is part of the program; copies nothing.
    #[must_use]
    pub const fn from_static(text: &'static str) -> Self {
        Str(LeanStr::from_static_str(text))
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
        Str(LeanStr::from(text))
    }
}

impl From<String> for Str {
    fn from(text: String) -> Self {
        Str(LeanStr::from(text))
    }
}

impl From<&String> for Str {
    fn from(text: &String) -> Self {
        Str(LeanStr::from(text))
    }
}

impl From<Box<str>> for Str {
    fn from(text: Box<str>) -> Self {
        Str(LeanStr::from(text))
    }
}

impl From<Cow<'_, str>> for Str {
    fn from(text: Cow<'_, str>) -> Self {
        Str(LeanStr::from(text))
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
