//! # Call Healthcode in 30 lines
//!
//! This is a whole program. It needs an API key, and the site that it is for, in environment
//! variables; `reqwest` as feature of this crate; and tokio, whose runtime runs it.
//!
#![cfg_attr(feature = "reqwest", doc = "```no_run")]
#![cfg_attr(not(feature = "reqwest"), doc = "```ignore")]
#![doc = include_str!("../examples/call.rs")]
//! ```
//!
//! What happens in it:
//!
//! - The first page requests the discovery document, which says where practitioners are searched, and
//!   for the sign-on server's openid-configuration, which says where tokens are. Both are kept as long
//!   as HTTP says that they are fresh.
//! - The token is fetched once, with the key's id and the key, and is renewed before it ends.
//! - What fails for a while is sent again, if that is safe: [`Retry`](crate::Retry).
//! - Redirects are followed to origins that the discovery document names, and to no others.
//! - `next_page` fetches a page on request, by Healthcode's numbers, and finds out a service
//!   that returns the same page again.
//! - The error says what the service said: its [status](crate::Error::status), its
//!   [codes](crate::Error::codes), its [OperationOutcome](crate::Error::outcome).
//!
//! Against `healthcode sandbox`, on this machine, the client is given every address:
//!
//! ```
//! use healthcode_transport::healthcode::Healthcode;
//! # let (discovery, sign_on) = ("http://127.0.0.1:8080/d", "http://127.0.0.1:8080/s");
//! // What it has printed under [healthcode].
//! let service = Healthcode::new(discovery, sign_on)
//!     .site_id("HC00ABC")
//!     .allow_loopback_http(true);
//! ```
//!
//! Another HTTP stack takes a [`Transport`](crate::Transport), which has one method, a
//! [`Timer`](crate::Timer) and [`Random`](crate::Random) in place of those three of the feature.
