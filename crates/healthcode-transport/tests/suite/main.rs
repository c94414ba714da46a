//! The client and its parts, with a transport and a clock that are made up.

mod client;
mod healthcode;
mod kit;
mod tokens;
