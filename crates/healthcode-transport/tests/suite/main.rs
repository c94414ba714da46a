//! The client and its parts, with a transport and a clock that are made up.

mod client;
mod graphnet;
mod healthcode;
mod kit;
mod nhs;
mod spine;
mod tokens;
