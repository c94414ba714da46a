//! Servers on this machine that answer as Healthcode, Graphnet and the NHS document it, to test
//! clients against.
//!
//! ```
//! use healthcode_sandbox::{Config, Sandbox};
//! let sandbox = Sandbox::start(Config::default())?;
//! assert!(sandbox.urls().discovery.starts_with("http://127.0.0.1:"));
//! // It serves until it is dropped.
//! # Ok::<(), healthcode_sandbox::StartError>(())
//! ```
//!
//! It listens on loopback addresses alone, and keeps nothing but what is written to it, in the file of
//! [`Config::store`]. Requests are told to
//! [`Config::on_request`] without queries, ids, headers and bodies.
//!
//! # Healthcode
//!
//! The discovery document, the sign-on server with its openid-configuration and tokens by client
//! credentials, the searches of practitioners and roles, and photos. Practitioners, roles, schedules
//! and patients can be created, read, updated and deleted, and searches see what was written; a write
//! is on the disk when it is answered. Queries are evaluated by
//! `healthcode-search`; what cannot be told of a resource does not match.
//!
//! Where nothing is documented, the sandbox is strict, so that it finds what another server may
//! refuse:
//! - parameters that are not in the table of endpoints are refused (`MSG_INVALID_FORMAT`), as are
//!   slips of the query;
//! - `SU-SiteId` has to be sent and to be the credentials' own; `HC-API-Version` may be left out, and
//!   is 1;
//! - bodies that the validator finds errors in are refused, with the code of the documented table that
//!   fits, as are references to what is not there, and identifiers that another resource has;
//! - a call without a valid token gets 401, another site's 403, and an OperationOutcome without a
//!   machine code, as none is documented.
//!
//! # The NHS
//!
//! - The token endpoint takes client credentials by an assertion (RS512, the key found by `kid`), with
//!   the documented checks, texts and order, and token exchange with the id token of a user
//!   ([`Running::id_token`]). An assertion is taken once; unsigned ones never are.
//! - The directory (SDS): Devices and Endpoints, with the accepted combinations of parameters.
//! - Demographics (PDS): reading a patient, with `ETag`, tracing one, who is related to one, and changes
//!   by JSON Patch and `If-Match`, which are kept as Healthcode's resources are. A trace gives one
//!   patient, or for users up to 50. There are no fuzzy matches.
//!
//! - The Spine's proxy (SSP), with [`Config::tls`]: it wants a certificate of the private authority,
//!   its four headers, an address and ASIDs of the directory, nested as the interaction has it, and a
//!   new unsigned token whose claims fit. Behind it is one practice with GP Connect's patients, and
//!   records for the National Record Locator.
//!
//! # Graphnet
//!
//! Tokens without `expires_in`, a gateway that wants a subscription key and whose errors are no FHIR,
//! and Patients.
//!
//! # Faults
//!
//! [`Running::faults`]: latency, 429 and 503, closed connections, ended tokens, answers cut off.
//!
//! # Limits
//!
//! - 256 connections; where there are more, the one that has waited longest for its client is closed.
//!   Heads have 64 KiB at most; a head, and a body, have to come within 30 seconds.
//! - Bodies have 2 MiB at most, forms for tokens 64 KiB and 64 fields, none of them twice. A body is kept
//!   only if the call has a token that was given out. Bodies are read and judged by four threads at most.
//! - 100,000 resources and 64 MiB of JSON are kept beside the data, and as much of changed patients.
//! - A JSON Patch has 1,000 operations at most; the document, with all that they put into it, may take
//!   4 MiB of memory.
//! - `Host` has to be `localhost`, an address of loopback or one of [`Config::hosts`].
//!
//! # Data
//!
//! [`Data::generated`] is the same at every call; people, places and most codes in it are invented.
//! [`Data::load`] takes a directory of Bundles.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod auth;
mod config;
mod data;
mod faults;
mod graphnet;
mod healthcode;
mod http;
mod nhs;
mod server;
mod store;
mod work;

pub use auth::jwt::PublicKey;
pub use config::{
    ApiKey, Config, Credentials, GraphnetClient, NhsApp, SpineSystem, StartError, Tell, Urls,
};
pub use data::{Data, DataError};
pub use faults::{Fault, Faults, Service};
pub use secrecy::{ExposeSecret, SecretString};
pub use server::sandbox::{Running, Sandbox, Seen};
pub use server::tls::Certificates;
