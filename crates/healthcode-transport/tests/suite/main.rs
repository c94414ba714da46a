//! The client and its parts, with a transport and a clock that are made up.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod client;
mod graphnet;
mod healthcode;
mod kit;
mod nhs;
mod spine;
mod tokens;
mod waiting;
