//! The NHS's services.

pub(crate) mod assertion;
pub(crate) mod directory;
pub(crate) mod oauth_error;
pub(crate) mod pds;
pub(crate) mod pds_access;
pub(crate) mod pds_update;
pub(crate) mod responses;
pub(crate) mod sds;
pub(crate) mod spine_claims;
pub(crate) mod spine_proxy;
pub(crate) mod token;
pub(crate) mod token_exchange;
