//! Healthcode's services.

pub(crate) mod crud;
pub(crate) mod search;
pub(crate) mod sign_on;
