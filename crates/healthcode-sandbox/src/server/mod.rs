//! Sockets, and which handler answers which request.

pub(crate) mod connections;
pub(crate) mod host;
pub(crate) mod listen;
pub(crate) mod sandbox;
pub(crate) mod tls;
