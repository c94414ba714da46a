//! Calls of Healthcode, Graphnet and the NHS, with whatever HTTP stack there is.
//!
//! Requests and answers come without I/O: a [`Call`] makes an [`http::Request`] and reads an
//! [`http::Response`]. No runtime, HTTP client or TLS is in any signature; time, sleep, randomness
//! and signing come from outside ([`Timer`], [`Random`], [`nhs::Signer`]).
//!
//! ```
//! use bytes::Bytes;
//! use healthcode_search::PractitionerSearch;
//! use healthcode_transport::healthcode::{Discovery, Healthcode};
//!
//! // What the discovery document says, however it was fetched.
//! let discovery = br#"{"search_practitioner_endpoint": "https://ppr.example.org/practitioner"}"#;
//! let discovery = Discovery::read(discovery)?;
//!
//! let service = Healthcode::production().site_id("HC00ABC");
//! let query = PractitionerSearch::new().family("Clinton").build()?;
//! let call = service.query::<healthcode_r4::Bundle>(&discovery, &query)?;
//! let request = call.request();
//! assert_eq!(request.uri(), "https://ppr.example.org/practitioner?family=Clinton");
//! assert_eq!(request.headers()["su-siteid"], "HC00ABC");
//!
//! // Any HTTP client can send it.
//! let body = Bytes::from(r#"{"resourceType": "Bundle", "type": "searchset", "total": 0}"#);
//! let reply = call.parse(http::Response::new(body))?;
//! assert_eq!(reply.value.total.get(), Some(0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! On that, clients do the rest: [`healthcode::HealthcodeClient`], [`graphnet::GraphnetClient`],
//! [`nhs::SpineClient`], and [`Client`] for any [`Call`]. They take a [`HttpStack`]: a [`Transport`], a
//! timer and randomness. With feature `reqwest`:
//!
#![cfg_attr(feature = "reqwest", doc = "```no_run")]
#![cfg_attr(not(feature = "reqwest"), doc = "```ignore")]
//! use healthcode_search::PractitionerSearch;
//! use healthcode_transport::healthcode::{Healthcode, HealthcodeClient, Pages};
//! use healthcode_transport::{ReqwestTransport, SystemRandom, TokioTimer, HttpStack};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let stack = HttpStack::new(ReqwestTransport::new()?, TokioTimer, SystemRandom);
//! let service = Healthcode::production().site_id("HC00ABC");
//! let key = std::env::var("HEALTHCODE_API_KEY")?;
//! let client = HealthcodeClient::new(service, stack, "account-mykey", key)?;
//!
//! let query = PractitionerSearch::new().family("Clinton").count(50).build()?;
//! let mut pages = client.pages(Pages::new(query));
//! while let Some(page) = pages.next_page().await {
//!     println!("{} practitioners", page?.value.entry.len());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! [Call Healthcode in 30 lines](guide) is a whole program, explained.
//!
//! # What a client does
//!
//! From the outside in: a tracing span, ids of request and workflow, the rate limit, retries, the
//! token, fixed headers, and what sends.
//!
//! - **Tokens** ([`TokenCache`]) are fetched once for all who wait, shortly before the old one ends,
//!   and once more if the service refuses one. How long they live may be a number, text, a claim of
//!   the token, or configured.
//! - **Retries** ([`Retry`]) send again only what is safe ([`Idempotency`]), keep to `Retry-After`, and
//!   have a budget. The request's id stays; assertions and unsigned tokens are made anew.
//! - **Origins** ([`Trust`]): requests go to trusted ones alone, also by redirects and links of
//!   pages; over https, but for this machine if that is allowed.
//! - **Syntax**: FHIR is requested in JSON, or in XML ([`Client::with_xml`]), and read in both.
//! - **Errors** ([`Error`]) keep the status, the OperationOutcome or a bounded body, ids, and when to
//!   come back.
//!
//! # What is not shown
//!
//! Secrets are [`SecretString`]s, and headers with them are sensitive. `Debug`, `Display`, spans and
//! events show no secret, token, body, path or query: NHS numbers are in URLs. Spans have the name
//! of a call, the method, the origin, ids, the status and the number of attempts.
//! **[`show_http`] and [`show_curl`] show everything but secrets.**
//!
//! A transport that records exchanges finds in a request's extensions what it is for ([`Purpose`]),
//! so that it can leave out those that request tokens.
//!
//! # Features
//!
//! None is on by default.
//!
//! - `reqwest`: `ReqwestTransport` (rustls with ring; mutual TLS; private authorities), `TokioTimer`,
//!   `SystemRandom`.
//! - `ring`: `RingSigner` signs assertions with an RSA key.
//! - `tower`: `TowerTransport` makes a transport of any tower service.
//!
//! # What it does not do
//!
//! It signs no user in: smartcards, SAML, NHS login and authorization codes need a browser or a card
//! reader. What comes of them enters as a [`TokenSource`], an id token to be
//! [exchanged](nhs::TokenExchange), or arguments of [claims](nhs::GpConnectClaims). It sends no LDAP;
//! [`nhs::ldap`] has the filters.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod body;
mod call;
mod claims;
mod client;
mod document;
mod error;
mod grant;
pub mod graphnet;
pub mod guide;
pub mod healthcode;
mod json;
mod leaf;
pub mod nhs;
mod origin;
mod pages;
mod reply;
mod retry;
mod secret;
mod single_flight;
mod stu3;
mod time;
mod token;
mod transport;
mod trust;
mod url;

pub use call::{Call, FHIR_JSON, FHIR_XML, FORM, Idempotency, JSON};
pub use claims::UnverifiedClaims;
pub use client::{Client, HttpStack};
pub use error::{Error, ErrorKind, KEPT_BODY, OAuthError};
pub use grant::{ClientAuth, ClientCredentials, DEFAULT_LIFE, FetchToken, Grant};
pub use json::JsonBody;
#[cfg(feature = "reqwest")]
pub use leaf::reqwest::{ReqwestBuilder, ReqwestTransport, SystemRandom, TokioTimer};
#[cfg(feature = "ring")]
pub use leaf::ring::RingSigner;
#[cfg(feature = "tower")]
pub use leaf::tower::TowerTransport;
pub use origin::{InvalidAddress, Origin};
pub use pages::PageStream;
pub use reply::{Head, Reply, X_CORRELATION_ID, X_REQUEST_ID};
pub use retry::{RateLimit, Retry, redirected};
pub use secret::{SecretString, is_credential, secret_header, show_curl, show_http};
pub use stu3::{Stu3Resource, next_link};
pub use time::{BoxFuture, Random, RetryAfter, Timer, uuid};
pub use token::{Token, TokenAnswer, TokenCache, TokenSource};
pub use transport::{MaxBody, Purpose, Transport, TransportError, TransportFault};
pub use trust::Trust;
