//! Tokens and keys, whatever service they are for.

pub(crate) mod jwt;
pub(crate) mod tokens;
pub(crate) mod used_jtis;
