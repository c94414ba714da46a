//! The leaves: reqwest against servers on this machine, keys of ring, services of tower; all under the
//! watch for what is logged.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod keys;
mod logs;
mod server;
mod sockets;
mod tls;
mod towers;
#[path = "../watch/mod.rs"]
mod watch;
