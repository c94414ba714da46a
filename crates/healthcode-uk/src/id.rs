//! What all identifiers have in common.

use crate::error::{IdError, Kind, Problem};
use crate::system::IdentifierSystem;
use healthcode_core::Str;
use std::fmt;

/// An identifier with a system of its own in FHIR. Sealed: this crate's types implement it.
pub trait UkIdentifier: sealed::Sealed + Sized {
    /// The system that it is written with, and looked for in.
    const SYSTEM: IdentifierSystem;

    /// Reads what a payload holds; the same as the type's own `from_payload`.
    fn read(text: &str) -> Written<Self>;
}

pub(crate) mod sealed {
    pub trait Sealed {}
}

/// What a payload holds where an identifier belongs: the text as it was written, and what it means.
///
/// `Debug` shows no text, since anything may have been written there.
#[derive(Clone, PartialEq, Eq)]
pub struct Written<T> {
    raw: Str,
    parsed: Result<T, IdError>,
}

impl<T> Written<T> {
    /// The text as it was written. It may be personal.
    #[must_use]
    pub fn as_written(&self) -> &str {
        &self.raw
    }

    /// The identifier, if the text is one.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        self.parsed.as_ref().ok()
    }

    /// The identifier, or what is wrong with the text.
    ///
    /// # Errors
    /// If the text is no such identifier, however leniently it is read.
    pub fn result(&self) -> Result<&T, IdError> {
        self.parsed.as_ref().map_err(|error| *error)
    }
}

impl<T: fmt::Debug> fmt::Debug for Written<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Written").field(&self.parsed).finish()
    }
}

type Check = fn(&str) -> Result<(), Problem>;

pub(crate) fn parse(text: &str, kind: &'static Kind, check: Check) -> Result<Str, IdError> {
    match check(text) {
        Ok(()) => Ok(text.into()),
        Err(problem) => Err(IdError::new(kind, problem)),
    }
}

pub(crate) fn from_payload<T>(
    text: &str,
    parse: fn(&str) -> Result<T, IdError>,
    clean: fn(&str) -> String,
) -> Written<T> {
    Written {
        raw: text.into(),
        parsed: parse(text).or_else(|_| parse(&clean(text))),
    }
}

/// An identifier over its canonical text: its constructors, and how it shows itself.
macro_rules! identifier {
    (
        $(#[$doc:meta])*
        $shown:ident $name:ident {
            name: $label:literal,
            form: $form:literal,
            check: $check:expr,
            clean: $clean:expr,
            $(system: $system:ident,)?
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(healthcode_core::Str);

        impl $name {
            const KIND: &'static crate::error::Kind = &crate::error::Kind {
                name: $label,
                form: $form,
            };

            /// Takes the canonical text and no other.
            ///
            /// # Errors
            /// States what is wrong and what is expected, without the text.
            pub fn parse(text: &str) -> Result<Self, crate::IdError> {
                crate::id::parse(text, Self::KIND, $check).map($name)
            }

            /// Reads what a payload holds: passes over spaces, hyphens and case where they have no
            /// meaning, keeps what was written, and never fails.
            #[must_use]
            pub fn from_payload(text: &str) -> crate::Written<Self> {
                crate::id::from_payload(text, Self::parse, $clean)
            }
        }

        impl std::str::FromStr for $name {
            type Err = crate::IdError;
            fn from_str(text: &str) -> Result<Self, crate::IdError> {
                Self::parse(text)
            }
        }

        impl TryFrom<&str> for $name {
            type Error = crate::IdError;
            fn try_from(text: &str) -> Result<Self, crate::IdError> {
                Self::parse(text)
            }
        }

        crate::id::identifier!(@$shown $name);
        $(crate::id::identifier!(@system $name $system);)?
    };
    (@open $name:ident) => {
        impl $name {
            /// The canonical text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&self.0)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    };
    (@expose $name:ident) => {
        impl $name {
            /// The canonical text, in plain: keep it out of logs.
            #[must_use]
            pub fn expose(&self) -> &str {
                &self.0
            }
        }
    };
    (@personal $name:ident) => {
        crate::id::identifier!(@expose $name);

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(***)"))
            }
        }
    };
    (@place $name:ident) => {
        crate::id::identifier!(@expose $name);

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let (name, text) = (stringify!($name), self.0.as_str());
                match text.split_once(' ') {
                    Some((outward, _)) => write!(f, "{name}({outward} ***)"),
                    None => write!(f, "{name}({text})"),
                }
            }
        }
    };
    (@system $name:ident $system:ident) => {
        #[cfg(feature = "r4")]
        impl $name {
            /// A FHIR identifier: system and canonical value, in plain. No `use` is documented for
            /// it, so that it has none.
            #[must_use]
            pub fn to_identifier(&self) -> healthcode_r4::Identifier {
                let system = <Self as crate::UkIdentifier>::SYSTEM;
                healthcode_r4::Identifier::new(system.uri(), &self.0)
            }
        }

        impl crate::id::sealed::Sealed for $name {}

        impl crate::UkIdentifier for $name {
            const SYSTEM: crate::IdentifierSystem = crate::IdentifierSystem::$system;

            fn read(text: &str) -> crate::Written<Self> {
                Self::from_payload(text)
            }
        }
    };
}
pub(crate) use identifier;
