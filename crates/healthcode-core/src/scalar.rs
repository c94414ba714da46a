//! The values of primitives: booleans, integers and text of many kinds.

use crate::{PrimitiveKind, Slot, Str, ValueRef};
use std::fmt::Debug;
use std::ops::Deref;

/// What a [`Primitive`](crate::Primitive) can hold.
pub trait Scalar: Clone + Debug + PartialEq + Send + Sync + Sized + 'static {
    /// Fills `place` with an empty value and returns it to be overwritten.
    #[doc(hidden)]
    fn slot(place: &mut Option<Self>) -> Slot<'_>;
    /// The value for walkers.
    fn value_ref(&self) -> ValueRef<'_>;
}

/// A [`Scalar`] whose value is text.
pub trait Text: Scalar + for<'a> From<&'a str> {
    /// The text as it was written.
    fn as_str(&self) -> &str;
}

impl Scalar for bool {
    #[inline]
    fn slot(place: &mut Option<Self>) -> Slot<'_> {
        Slot::Boolean(place.get_or_insert(false))
    }
    #[inline]
    fn value_ref(&self) -> ValueRef<'_> {
        ValueRef::Boolean(*self)
    }
}

impl Scalar for i32 {
    #[inline]
    fn slot(place: &mut Option<Self>) -> Slot<'_> {
        Slot::Integer(place.get_or_insert(0))
    }
    #[inline]
    fn value_ref(&self) -> ValueRef<'_> {
        ValueRef::Integer(*self)
    }
}

impl Scalar for Str {
    #[inline]
    fn slot(place: &mut Option<Self>) -> Slot<'_> {
        Slot::Text(place.get_or_insert_default())
    }
    #[inline]
    fn value_ref(&self) -> ValueRef<'_> {
        ValueRef::Text(self)
    }
}

impl Text for Str {
    fn as_str(&self) -> &str {
        self
    }
}

/// Makes newtypes of [`Str`] with an `as_str` out of texts, and shows them as the texts they are.
#[doc(hidden)]
#[macro_export]
macro_rules! shows_text {
    ($($name:ident),+) => {$(
        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Debug::fmt(self.as_str(), f)
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(self.as_str(), f)
            }
        }

        impl ::std::convert::From<&str> for $name {
            fn from(text: &str) -> Self {
                $name(text.into())
            }
        }
    )+};
}

macro_rules! text_scalar {
    ($(#[$doc:meta])* $name:ident, $slot:ident, $kind:ident) => {
        $(#[$doc])*
        ///
        /// Holds what was written, well-formed or not; `check` says which, and equality is by
        /// text.
        #[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Str);

        impl $name {
            /// The text as it was written.
            #[inline]
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Whether the text has this type's form.
            ///
            /// # Errors
            /// What is wrong with it, without showing it.
            pub fn check(&self) -> Result<(), crate::lexical::Defect> {
                crate::lexical::check(PrimitiveKind::$kind, &self.0)
            }
        }

        impl Scalar for $name {
            #[inline]
            fn slot(place: &mut Option<Self>) -> Slot<'_> {
                Slot::$slot(&mut place.get_or_insert_default().0)
            }
            #[inline]
            fn value_ref(&self) -> ValueRef<'_> {
                ValueRef::$slot(&self.0)
            }
        }

        impl Text for $name {
            fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Deref for $name {
            type Target = str;
            #[inline]
            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        $crate::shows_text!($name);

        impl From<String> for $name {
            fn from(text: String) -> Self {
                $name(text.into())
            }
        }

        impl From<Str> for $name {
            fn from(text: Str) -> Self {
                $name(text)
            }
        }

        impl From<$name> for Str {
            fn from(text: $name) -> Self {
                text.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.as_str() == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.as_str() == *other
            }
        }
    };
}

text_scalar! {
    /// A FHIR `markdown`.
    Markdown, Text, Markdown
}
text_scalar! {
    /// A FHIR `code`: text without leading, trailing or double spaces.
    Code, Text, Code
}
text_scalar! {
    /// A FHIR `id`: 1 to 64 of `A-Z a-z 0-9 - .`.
    Id, Text, Id
}
text_scalar! {
    /// A FHIR `uri`.
    Uri, Text, Uri
}
text_scalar! {
    /// A FHIR `url`.
    Url, Text, Url
}
text_scalar! {
    /// A FHIR `canonical`: a URL, with a version after `|` where it names one.
    Canonical, Text, Canonical
}
text_scalar! {
    /// A FHIR `oid`: `urn:oid:` and the identifier.
    Oid, Text, Oid
}
text_scalar! {
    /// A FHIR `uuid`: `urn:uuid:` and the identifier in lower case.
    Uuid, Text, Uuid
}
text_scalar! {
    /// A FHIR `date`: `1974-12-25`, `1974-12` or `1974`.
    Date, Text, Date
}
text_scalar! {
    /// A FHIR `dateTime`: a date, or one with a time and zone.
    DateTime, Text, DateTime
}
text_scalar! {
    /// A FHIR `instant`: a date and time to at least the second, with its zone.
    Instant, Text, Instant
}
text_scalar! {
    /// A FHIR `time`: a time of day, without a zone.
    Time, Text, Time
}
text_scalar! {
    /// A FHIR `base64Binary`: bytes in base64.
    Base64Binary, Text, Base64Binary
}
text_scalar! {
    /// A FHIR `xhtml`: the `div` of a narrative.
    Xhtml, Text, Xhtml
}
text_scalar! {
    /// A FHIR `integer64`, of R5: a whole number of 64 bits, which is a text in JSON.
    Integer64, Text, Integer64
}
text_scalar! {
    /// A FHIR `decimal`: a JSON number's text, with the precision it was written in.
    ///
    /// `1.0` and `1.00` are different values; [`Decimal::same_value`] compares numerically.
    Decimal, Decimal, Decimal
}

impl From<i32> for Decimal {
    fn from(number: i32) -> Self {
        Decimal::from(number.to_string())
    }
}

impl From<i64> for Decimal {
    fn from(number: i64) -> Self {
        Decimal::from(number.to_string())
    }
}

impl From<i64> for Integer64 {
    fn from(number: i64) -> Self {
        Integer64::from(number.to_string())
    }
}

impl Integer64 {
    /// The number; `None` if the text is not a whole number of 64 bits.
    #[must_use]
    pub fn to_i64(&self) -> Option<i64> {
        self.check().ok()?;
        self.as_str().parse().ok()
    }
}

impl Canonical {
    /// The URL, without version and fragment.
    #[must_use]
    pub fn url(&self) -> &str {
        self.split(['|', '#']).next().unwrap_or_default()
    }

    /// The version after `|`, if there is one.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        let (_, rest) = self.split_once('|')?;
        rest.split('#').next()
    }
}

impl Decimal {
    /// Whether both are the same number, whatever their precision and notation: `1.0`, `1.00` and
    /// `10e-1` are. `None` if one of them is no number.
    #[must_use]
    pub fn same_value(&self, other: &Decimal) -> Option<bool> {
        Some(crate::lexical::normal_decimal(self)? == crate::lexical::normal_decimal(other)?)
    }

    /// The nearest 64-bit float; `None` if the text is no number. Loses precision: for display
    /// and plotting, not for money or doses.
    #[must_use]
    pub fn to_f64_lossy(&self) -> Option<f64> {
        self.check().ok()?;
        self.as_str().parse().ok()
    }

    /// The digits written after the decimal point.
    #[must_use]
    pub fn scale(&self) -> usize {
        let mantissa = self.split(['e', 'E']).next().unwrap_or_default();
        mantissa.split_once('.').map_or(0, |(_, f)| f.len())
    }
}

impl Base64Binary {
    /// Encodes bytes, in the standard alphabet with padding.
    #[must_use]
    pub fn encode(bytes: &[u8]) -> Self {
        Base64Binary::from(crate::lexical::base64_encode(bytes))
    }

    /// The bytes; white space between the characters is passed over.
    ///
    /// # Errors
    /// If the text is not base64.
    pub fn decode(&self) -> Result<Vec<u8>, crate::lexical::Defect> {
        crate::lexical::base64_decode(self)
    }
}
