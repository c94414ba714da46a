//! Healthcode's services.

pub(crate) mod access;
pub(crate) mod crud;
pub(crate) mod discovery;
pub(crate) mod outcome;
pub(crate) mod photo;
pub(crate) mod search;
pub(crate) mod sign_on;
