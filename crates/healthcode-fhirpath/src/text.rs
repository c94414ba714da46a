//! [`Text`]: a string that is borrowed from an element, or shared.

use healthcode_core::Str;
use std::fmt;
use std::ops::Deref;

/// A string of the result: borrowed from the element, or made.
#[derive(Clone)]
#[non_exhaustive]
pub enum Text<'a> {
    /// From the element.
    Borrowed(&'a str),
    /// Made by the evaluation, or from the expression.
    Made(Str),
}

impl Deref for Text<'_> {
    type Target = str;
    fn deref(&self) -> &str {
        match self {
            Text::Borrowed(text) => text,
            Text::Made(text) => text,
        }
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Text::Borrowed(text)
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Text::Made(text.into())
    }
}

impl From<Str> for Text<'_> {
    fn from(text: Str) -> Self {
        Text::Made(text)
    }
}
