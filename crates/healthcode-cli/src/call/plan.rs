//! [`Plan`]: what is called, for whom, and where.

use crate::args::call::{AccountArgs, System};
use healthcode_search::{Endpoint, QueryError};

/// Why nothing can be called.
pub(super) enum PlanError {
    Query(QueryError),
    Other(String),
}

impl From<QueryError> for PlanError {
    fn from(error: QueryError) -> Self {
        PlanError::Query(error)
    }
}

impl From<String> for PlanError {
    fn from(message: String) -> Self {
        PlanError::Other(message)
    }
}

impl From<&str> for PlanError {
    fn from(message: &str) -> Self {
        PlanError::Other(message.to_owned())
    }
}

pub(super) type Result<T> = std::result::Result<T, PlanError>;

/// A target, the account that it is called for, and where it is.
pub(super) struct Plan<T> {
    /// The system; without one, that of the environment that has the URL.
    pub(super) system: Option<System>,
    /// The key of the address in the discovery document, if it has one.
    pub(super) discovery_key: Option<&'static str>,
    pub(super) account: AccountArgs,
    pub(super) target: T,
}

impl<T> Plan<T> {
    /// A plan for a system without discovery.
    pub(super) fn of(system: System, account: AccountArgs, target: T) -> Self {
        Plan {
            system: Some(system),
            discovery_key: None,
            account,
            target,
        }
    }

    /// A plan for an endpoint.
    pub(super) fn of_endpoint(
        endpoint: &Endpoint,
        system: System,
        account: AccountArgs,
        target: T,
    ) -> Self {
        Plan {
            discovery_key: endpoint.discovery_key,
            ..Plan::of(system, account, target)
        }
    }

    /// The same plan for a target made from this one.
    pub(super) fn map<U>(self, target: impl FnOnce(T) -> U) -> Plan<U> {
        Plan {
            system: self.system,
            discovery_key: self.discovery_key,
            account: self.account,
            target: target(self.target),
        }
    }
}
