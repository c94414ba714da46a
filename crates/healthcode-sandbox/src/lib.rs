//! Servers on this machine that respond as Healthcode, Graphnet and the NHS document it, for testing
//! clients.
//!
//! ```
//! use healthcode_sandbox::{Config, Sandbox};
//! let sandbox = Sandbox::start(Config::default())?;
//! assert!(sandbox.urls().discovery.starts_with("http://127.0.0.1:"));
//! // It serves until it is dropped.
//! # Ok::<(), healthcode_sandbox::StartError>(())
//! ```
//!
//! It listens on loopback addresses only, and keeps nothing but what is written to it, in the file of
//! [`Config::store`]. [`Config::on_request`] gets each request without queries, ids, headers and bodies.
//!
//! # Syntax
//!
//! FHIR is answered in JSON or in XML, as `_format` and `Accept` request (R4 http.html#mime-type), errors too, and
//! bodies are read in the syntax that `Content-Type` names. Of these services, Graphnet and GP Connect document
//! XML; Healthcode and PDS say nothing of it, and answer it here as R4 has it. SDS documents that it refuses all
//! but JSON, and searches of PDS refuse `_format` as any parameter that is not documented. Formats that the
//! sandbox has not get 406 and 415.
//!
//! # Healthcode
//!
//! The discovery document, the sign-on server with its openid-configuration and tokens by client
//! credentials, searches of practitioners and roles, and photos. Practitioners, roles, schedules and
//! patients can be created, read, updated and deleted, and searches see what was written; a write is on
//! disk when its response is sent. `healthcode-search` evaluates queries; a resource for which the result
//! is unknown does not match.
//!
//! Where nothing is documented, the sandbox is strict, so that it finds what another server may refuse:
//! - Parameters that are not in the table of endpoints are refused (`MSG_INVALID_FORMAT`), as are
//!   malformed queries.
//! - `SU-SiteId` is required, and must be the credentials' own; `HC-API-Version` may be left out, and
//!   is 1.
//! - Bodies in which the validator finds errors are refused, with the documented code that fits, as are
//!   references to missing resources, and identifiers that another resource has.
//! - A call without a valid token gets 401 and one for another site 403, with an OperationOutcome without
//!   a machine code, since none is documented.
//!
//! # The NHS
//!
//! - The token endpoint accepts client credentials by an assertion (RS512, with a key named by `kid`),
//!   with the documented checks, messages and order, and token exchange with a user's id token
//!   ([`Running::id_token`]). An assertion is accepted once, an unsigned one never.
//! - The directory (SDS) has Devices and Endpoints, with the accepted combinations of parameters.
//! - Demographics (PDS) has reading a patient, with `ETag`, tracing one, related persons, and changes by
//!   JSON Patch and `If-Match`, which are kept like Healthcode's resources. A trace finds one patient, or
//!   up to 50 for users. There are no fuzzy matches.
//! - The Spine's proxy (SSP), with [`Config::tls`], requires a certificate of the private authority, its
//!   four headers, an address and ASIDs of the directory, nested as the interaction has it, and a new
//!   unsigned token with the right claims. Behind it are one practice with GP Connect's patients, and
//!   records for the National Record Locator.
//!
//! # Graphnet
//!
//! Tokens without `expires_in`, a gateway that requires a subscription key and whose errors are not FHIR, and
//! the documented types of STU3, with a `CapabilityStatement`. Searches by GET and by POST name one patient, take the
//! documented parameters but for `code:in` and `getAllLinkedPatients`, and have links to other pages. Patients are
//! those of the data as STU3 has them; the other resources are those of [`Data::with_graphnet`].
//!
//! # Faults
//!
//! [`Running::faults`]: latency, 429 and 503, closed connections, expired tokens, truncated bodies.
//!
//! # Limits
//!
//! - 256 connections; beyond that, the one that has waited longest for its client is closed. Heads have at
//!   most 64 KiB; a head, and then a body, must arrive within 30 seconds.
//! - Bodies have at most 2 MiB, forms for tokens 64 KiB and 64 fields, none of them repeated. A body is
//!   kept only if the call has a token that was issued. At most four threads parse and validate bodies.
//! - 100,000 resources and 64 MiB of JSON are kept besides the data, and as much of changed patients.
//! - A JSON Patch has at most 1,000 operations; the document, with all that they add to it, may take 4 MiB
//!   of memory.
//! - `Host` must be `localhost`, a loopback address or one of [`Config::hosts`].
//!
//! # Data
//!
//! [`Data::generated`] is always the same; people, places and most codes in it are invented.
//! [`Data::load`] reads a directory of Bundles.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod auth;
mod clock;
mod config;
mod credentials;
mod data;
mod error;
mod faults;
mod graphnet;
mod healthcode;
mod http;
mod json;
mod log;
mod nhs;
mod random;
mod server;
mod state;
mod store;
mod work;

pub use auth::jwt::PublicKey;
pub use config::{Config, Urls};
pub use credentials::{ApiKey, Credentials, GraphnetClient, NhsApp, SpineSystem};
pub use data::{Data, DataError};
pub use error::StartError;
pub use faults::{Fault, Faults, Service};
pub use log::{LoggedRequest, OnRequest};
pub use secrecy::{ExposeSecret, SecretString};
pub use server::sandbox::{Running, Sandbox};
pub use server::tls::Certificates;
