//! Complete flows over sockets: the transport's clients, and plain requests, against a sandbox.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod assertions;
mod crud;
mod exchange;
mod faults;
mod graphnet;
mod healthcode;
mod kit;
mod limits;
mod nhs;
mod page;
mod secrets;
mod spine;
mod stu3;
mod syntax;
#[path = "../../../healthcode-transport/tests/watch/mod.rs"]
mod watch;
