//! [`Error`]: what the functions of all crates can fail with.

use std::error::Error as StdError;
use std::fmt;

/// Why something failed: the errors of all crates in one type, for the `?` of programs.
///
/// Functions return the error of their own crate, which has most details: [`json::Error`](crate::json::Error) has a
/// position, for example. Each of these turns into this one. What kind of failure it is, the predicates say,
/// and [`get`](Error::get) gives back the error of the crate. Displays as that error does, and has its source.
///
/// `Display` and `Debug` show no values of payloads and no secrets.
///
/// ```
/// use healthcode::{Resource, from_slice, uk::NhsNumber};
///
/// fn number(json: &[u8], text: &str) -> Result<(Resource, NhsNumber), healthcode::Error> {
///     Ok((from_slice(json)?.value, NhsNumber::parse(text)?))
/// }
///
/// let error = number(b"{\"resourceType\": ", "9000000009").unwrap_err();
/// assert!(error.is_syntax() && error.is_truncated());
/// let error = error.get::<healthcode::json::Error>().unwrap();
/// assert_eq!(error.rule().id, "JSON-TRUNCATED");
///
/// assert!(number(b"{}", "9000000000").unwrap_err().is_invalid_value());
/// ```
pub struct Error(Box<Kind>);

macro_rules! errors {
    ($($(#[$feature:meta])? $variant:ident($error:ty),)+) => {
        enum Kind {
            $($(#[$feature])? $variant($error),)+
        }

        impl Kind {
            fn error(&self) -> &(dyn StdError + 'static) {
                match self {
                    $($(#[$feature])? Self::$variant(error) => error,)+
                }
            }
        }

        $($(#[$feature])? impl From<$error> for Error {
            fn from(error: $error) -> Self {
                Error(Box::new(Kind::$variant(error)))
            }
        })+
    };
}

errors! {
    Io(std::io::Error),
    Read(healthcode_json::Error),
    Defect(healthcode_core::lexical::Defect),
    Temporal(healthcode_core::TemporalError),
    Id(healthcode_uk::IdError),
    #[cfg(feature = "validate")] Name(healthcode_validate::UnknownName),
    #[cfg(feature = "validate")] Filter(healthcode_validate::FilterError),
    #[cfg(feature = "search")] Query(healthcode_search::QueryError),
    #[cfg(feature = "fhirpath")] Parse(healthcode_fhirpath::ParseError),
    #[cfg(feature = "fhirpath")] Evaluate(healthcode_fhirpath::EvalError),
    #[cfg(feature = "exchange")] Capture(healthcode_exchange::CaptureError),
    #[cfg(feature = "extensions")] Response(healthcode_extensions::ErrorResponse),
    #[cfg(feature = "transport")] Address(healthcode_transport::InvalidAddress),
    #[cfg(feature = "transport")] Call(healthcode_transport::Error),
}

impl From<healthcode_json::stream::Error> for Error {
    fn from(error: healthcode_json::stream::Error) -> Self {
        use healthcode_json::stream;
        match error {
            stream::Error::Io(error) => error.into(),
            stream::Error::Json(error) => error.into(),
            // There are no others yet.
            other => std::io::Error::other(other).into(),
        }
    }
}

impl Error {
    /// The error of a crate that this one was made from, if it is an `E`.
    #[must_use]
    pub fn get<E: StdError + 'static>(&self) -> Option<&E> {
        self.0.error().downcast_ref()
    }

    /// Whether bytes could not be read or written.
    #[must_use]
    pub fn is_io(&self) -> bool {
        matches!(*self.0, Kind::Io(_))
    }

    /// Whether a text is not JSON or XML at all.
    #[must_use]
    pub fn is_syntax(&self) -> bool {
        matches!(&*self.0, Kind::Read(error) if error.is_syntax())
    }

    /// Whether a text ends too early.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        matches!(&*self.0, Kind::Read(error) if error.is_truncated())
    }

    /// Whether a text is JSON or XML, but not the FHIR that was requested: another resource, or, in strict
    /// reading, one with defects.
    #[must_use]
    pub fn is_defect(&self) -> bool {
        matches!(&*self.0, Kind::Read(error) if !error.is_syntax())
    }

    /// Whether a value, such as a date or an identifier, does not have the form of its type.
    #[must_use]
    pub fn is_invalid_value(&self) -> bool {
        matches!(*self.0, Kind::Defect(_) | Kind::Temporal(_) | Kind::Id(_))
    }

    /// Whether a rule, profile or path that a validator or filter was given is unknown or invalid.
    #[cfg(feature = "validate")]
    #[must_use]
    pub fn is_setting(&self) -> bool {
        matches!(*self.0, Kind::Name(_) | Kind::Filter(_))
    }

    /// Whether a query is not one that its service takes; also one that a call was made for.
    #[cfg(feature = "search")]
    #[must_use]
    pub fn is_query(&self) -> bool {
        match &*self.0 {
            Kind::Query(_) => true,
            #[cfg(feature = "transport")]
            Kind::Call(error) => matches!(error.kind(), healthcode_transport::ErrorKind::Query(_)),
            _ => false,
        }
    }

    /// Whether a FHIRPath expression is invalid or has no result.
    #[cfg(feature = "fhirpath")]
    #[must_use]
    pub fn is_expression(&self) -> bool {
        matches!(*self.0, Kind::Parse(_) | Kind::Evaluate(_))
    }

    /// Whether a file is not a capture of exchanges.
    #[cfg(feature = "exchange")]
    #[must_use]
    pub fn is_capture(&self) -> bool {
        matches!(*self.0, Kind::Capture(_))
    }

    /// Whether a call failed.
    #[cfg(feature = "transport")]
    #[must_use]
    pub fn is_call(&self) -> bool {
        matches!(*self.0, Kind::Call(_) | Kind::Address(_))
    }

    /// Whether the same call may succeed later.
    #[cfg(feature = "transport")]
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(&*self.0, Kind::Call(error) if error.is_retryable())
    }

    /// Whether a service answered with an error.
    #[cfg(feature = "extensions")]
    #[must_use]
    pub fn is_response(&self) -> bool {
        match &*self.0 {
            Kind::Response(_) => true,
            #[cfg(feature = "transport")]
            Kind::Call(error) => error.status().is_some(),
            _ => false,
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.0.error(), f)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.0.error(), f)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.error().source()
    }
}
