//! Endpoints and accounts: what may be called, and for whom.

use super::plan::{PlanError, Result};
use crate::args::call::{AccountArgs, System};
use healthcode_search::service::Operator;
use healthcode_search::{Audience, ENDPOINTS, Endpoint};

impl AccountArgs {
    /// That each option is one of the system that is called.
    ///
    /// # Errors
    /// If one is not.
    pub(super) fn check(&self, system: System) -> std::result::Result<(), String> {
        let (name, whose) = if self.as_user && system != System::Nhs {
            ("--as-user", "the NHS's platform")
        } else if self.product.is_some() && system != System::Graphnet {
            ("--product", "Graphnet")
        } else if self.restricted && system != System::Healthcode {
            ("--restricted", "Healthcode")
        } else {
            return Ok(());
        };
        Err(format!("{name} is not allowed here: it is for {whose}"))
    }
}

/// The system of an endpoint, if the account may call it.
///
/// # Errors
/// If it may not, or no service is called that has the endpoint.
pub(super) fn system_of(endpoint: &Endpoint, account: &AccountArgs) -> Result<System> {
    let name = endpoint.name;
    let system = operating(endpoint)
        .ok_or_else(|| format!("{name} is not allowed here: it belongs to no known service"))?;
    if endpoint.audience == Audience::Restricted && !account.restricted {
        return Err(restricted(endpoint));
    }
    account.check(system)?;
    Ok(system)
}

/// Why a reserved endpoint is not called, and what to call in its place.
fn restricted(endpoint: &Endpoint) -> PlanError {
    let name = endpoint.name;
    let public = ENDPOINTS.iter().find(|other| {
        other.audience == Audience::Public
            && other.discovery_key.is_some()
            && other.discovery_key == endpoint.discovery_key
    });
    let instead = public.map_or_else(String::new, |other| {
        format!("; {} is the public call of the same address", other.name)
    });
    format!(
        "{name} is not allowed here: it is documented as reserved for Healthcode's own products, and \
         external integrators must not use it{instead}. --restricted calls it for those who may"
    )
    .into()
}

/// The system that an endpoint is of.
fn operating(endpoint: &Endpoint) -> Option<System> {
    Some(match endpoint.service?.operator {
        Operator::Healthcode => System::Healthcode,
        Operator::Nhs => System::Nhs,
        Operator::Graphnet => System::Graphnet,
    })
}
