//! Requests and responses of any service.

pub(crate) mod form;
pub(crate) mod format;
pub(crate) mod headers;
pub(crate) mod path;
pub(crate) mod query;
pub(crate) mod response;
