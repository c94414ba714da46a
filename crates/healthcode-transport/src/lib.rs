//! Calls of Healthcode, Graphnet and the NHS, with whatever HTTP stack there is.

mod call;
mod claims;
mod client;
mod document;
mod error;
mod flight;
mod grant;
pub mod graphnet;
pub mod healthcode;
pub mod nhs;
mod origin;
mod pages;
mod reply;
mod retry;
mod secret;
mod stu3;
mod time;
mod token;
mod transport;
mod url;

pub use call::{Call, FHIR_JSON, FORM, JSON, Repeat};
pub use claims::UnverifiedClaims;
pub use client::{Client, Wire};
pub use error::{Error, ErrorKind, KEPT_BODY, OAuthError};
pub use grant::{ClientAuth, ClientCredentials, DEFAULT_LIFE, FetchToken, Grant};
pub use origin::{Origin, Trust};
pub use pages::PageStream;
pub use reply::{Head, Reply, X_CORRELATION_ID, X_REQUEST_ID};
pub use retry::{RateLimit, Retry, redirected};
pub use secret::{SecretString, secret_header, show_curl, show_http};
pub use stu3::Stu3;
pub use time::{BoxFuture, Random, RetryAfter, Timer, uuid};
pub use token::{Token, TokenAnswer, TokenCache, TokenSource};
pub use transport::{MaxBody, Transport, TransportError, TransportFault};
