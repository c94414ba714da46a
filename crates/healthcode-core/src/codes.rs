//! Enumerations of codes.

use crate::{Scalar, Str};

/// An enumeration of the codes of a value set that is bound as required.
///
/// Each has a variant for every code of the set and one, `Unrecognized`, that keeps any other
/// text. Made by [`code_enum!`](crate::code_enum).
pub trait CodeEnum: Scalar {
    /// The value set's canonical URL.
    const VALUE_SET: &'static str;
    /// The codes of the value set, in the order of the variants.
    const CODES: &'static [&'static str];
    /// The code as text.
    fn as_str(&self) -> &str;
    /// The variant of this text.
    fn from_code(code: &str) -> Self;
    /// Whether the value set has the code.
    fn is_known(&self) -> bool;
}

/// A place for a code, for readers.
#[doc(hidden)]
pub trait CodeSlot {
    fn set_code(&mut self, code: &str);
}

/// The text of a code that the value set does not have.
///
/// A function of its own, because it would be more than half of each `from_code`'s program code.
#[doc(hidden)]
#[must_use]
#[cold]
#[inline(never)]
pub fn unrecognized(code: &str) -> Str {
    Str::from(code)
}

/// Makes an enumeration of codes; for generated code.
#[doc(hidden)]
#[macro_export]
macro_rules! code_enum {
    ($(#[$doc:meta])* $name:ident, $url:literal, { $($(#[$vdoc:meta])* $variant:ident = $code:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$vdoc])* $variant,)+
            /// Text that is no code of the value set, kept as written.
            Unrecognized($crate::Str),
        }

        impl $name {
            /// The code as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $code,)+
                    Self::Unrecognized(text) => text,
                }
            }
        }

        impl $crate::CodeEnum for $name {
            const VALUE_SET: &'static str = $url;
            const CODES: &'static [&'static str] = &[$($code),+];
            fn as_str(&self) -> &str {
                $name::as_str(self)
            }
            fn from_code(code: &str) -> Self {
                match code {
                    $($code => Self::$variant,)+
                    other => Self::Unrecognized($crate::generated::unrecognized(other)),
                }
            }
            #[inline]
            fn is_known(&self) -> bool {
                !matches!(self, Self::Unrecognized(_))
            }
        }

        impl $crate::generated::CodeSlot for $name {
            fn set_code(&mut self, code: &str) {
                *self = $crate::CodeEnum::from_code(code);
            }
        }

        impl $crate::Scalar for $name {
            fn slot(place: &mut Option<Self>) -> $crate::Slot<'_> {
                $crate::Slot::Code(match place {
                    Some(code) => code,
                    absent => absent.insert(Self::Unrecognized($crate::Str::default())),
                })
            }
            fn value_ref(&self) -> $crate::ValueRef<'_> {
                $crate::ValueRef::Text(self.as_str())
            }
        }

        impl $crate::Text for $name {
            fn as_str(&self) -> &str {
                $name::as_str(self)
            }
        }

        impl From<&str> for $name {
            #[inline]
            fn from(code: &str) -> Self {
                $crate::CodeEnum::from_code(code)
            }
        }

        #[cfg(feature = "serde")]
        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::serde::deserialize_str(deserializer)
            }
        }

        impl std::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Debug::fmt(self.as_str(), f)
            }
        }

        impl std::fmt::Display for $name {
            #[inline]
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
