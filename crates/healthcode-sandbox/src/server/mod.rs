//! Sockets, and what requests pass on the way to their handlers.

pub(crate) mod connections;
pub(crate) mod fault_response;
pub(crate) mod host;
pub(crate) mod intake;
pub(crate) mod listen;
pub(crate) mod router;
pub(crate) mod sandbox;
pub(crate) mod tls;
