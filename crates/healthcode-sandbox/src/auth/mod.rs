//! Tokens and keys.

pub(crate) mod jwt;
pub(crate) mod tokens;
