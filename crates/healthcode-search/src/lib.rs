//! Search queries, typed: built, encoded, and explained.
//!
//! - A [`Query`] is an endpoint or type of resource ([`Scope`]) and its [`Parameter`]s. What is no
//!   such parameter, modifier or value is refused, with what was probably meant.
//! - [`ENDPOINTS`] is the one table of documented calls, and [`service`] that of the services that have
//!   them; [`search_parameters`] that of R4.
//! - [`Dialect`] is a value: R4, STU3, Healthcode, PDS and SDS write the same thing differently.
//! - [`Captured`] reads URLs, query strings, form bodies and commands, and names every slip.
//! - [`Command`] reads what command lines for curl, wget or PowerShell request.
//!
//! The crate `healthcode-evaluate` runs queries against parsed Bundles.
//!
//! Errors, issues and `Debug` never show what a query holds: its values may be NHS numbers.

/// An enumeration of words that queries or their services have.
macro_rules! words {
    ($(#[$about:meta])* $name:ident[$count:literal] { $($(#[$doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$doc])* $variant,)+
        }

        impl $name {
            /// All of them.
            pub const ALL: [$name; $count] = [$($name::$variant),+];

            /// The word.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $($name::$variant => $word,)+
                }
            }
        }
    };
}

mod build;
mod capture;
mod command;
mod definition;
mod dialect;
mod encode;
mod endpoint;
mod escape;
mod fit;
mod generated;
mod issue;
mod literal;
mod masked;
mod name;
mod near;
mod query;
mod read;
pub mod rules;
mod scope;
mod table;
mod value;

pub use build::{
    DeviceLookup, EndpointLookup, FindMember, IcePractitionerSearch, PatientTrace,
    PractitionerRoleSearch, PractitionerSearch, RemittanceSearch,
};
pub use capture::Captured;
pub use command::{Command, CommandLines, Program};
pub use definition::{Definition, ValueForm};
pub use dialect::Dialect;
pub use encode::Encoded;
pub use endpoint::{
    Audience, DocCoverage, ENDPOINTS, Endpoint, Method, ParameterLocation, service,
};
pub use healthcode_core::Str;
pub use issue::{QueryError, parameter_index};
pub use literal::{DateTime, Decimal, Prefix};
pub use name::{Has, Link, Modifier, Name};
pub use near::{Distance, Near, Position, Unit};
pub use query::{Parameter, Query};
pub use read::is_url;
pub use scope::Scope;
pub use table::{
    ParameterType, SearchParameter, is_resource, resource, resources, search_parameter,
    search_parameters,
};
pub use value::{Include, Order, Quantity, Reference, SortKey, Token, Value, Values};
