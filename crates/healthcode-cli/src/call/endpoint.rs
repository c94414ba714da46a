//! Endpoints and accounts: what may be called, and for whom.

use super::environment::System;
use super::target::{Result, TargetError};
use clap::Args;
use healthcode_search::{Audience, ENDPOINTS, Endpoint, Scope};

/// For whom a call is made.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct AccountArgs {
    /// Call the NHS for a user who has signed in: their id token is exchanged
    #[arg(long)]
    pub(super) as_user: bool,
    /// The product of Graphnet whose subscription key is sent
    #[arg(long, value_name = "NAME")]
    pub(super) product: Option<String>,
    /// Call also what is reserved for Healthcode's own products
    #[arg(long)]
    pub(super) restricted: bool,
}

impl AccountArgs {
    /// That each option is one of the system that is called.
    ///
    /// # Errors
    /// If one is not.
    pub(super) fn check(&self, system: System) -> Result<()> {
        let (name, whose) = if self.as_user && system != System::Nhs {
            ("--as-user", "the NHS's platform")
        } else if self.product.is_some() && system != System::Graphnet {
            ("--product", "Graphnet")
        } else if self.restricted && system != System::Healthcode {
            ("--restricted", "Healthcode")
        } else {
            return Ok(());
        };
        Err(format!("{name} is not allowed here: it is for {whose}").into())
    }
}

/// The endpoint of this name.
pub(super) fn listed(name: &str) -> std::result::Result<&'static Endpoint, String> {
    match Scope::named(name) {
        Ok(Scope::Endpoint(endpoint)) => Ok(endpoint),
        Ok(Scope::Resource(_)) => Err(
            "not an endpoint but a type of resource: healthcode query endpoints lists endpoints"
                .to_owned(),
        ),
        Err(error) => Err(error.to_string()),
    }
}

/// The system of an endpoint, if the account may call it.
///
/// # Errors
/// If it may not, or no service is called that has the endpoint.
pub(super) fn system_of(endpoint: &Endpoint, account: &AccountArgs) -> Result<System> {
    let name = endpoint.name;
    let system = System::of(endpoint)
        .ok_or_else(|| format!("{name} is not allowed here: it belongs to no known service"))?;
    if endpoint.audience == Audience::Restricted && !account.restricted {
        return Err(restricted(endpoint));
    }
    account.check(system)?;
    Ok(system)
}

/// Why a reserved endpoint is not called, and what to call in its place.
fn restricted(endpoint: &Endpoint) -> TargetError {
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
