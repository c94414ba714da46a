//! `call get`: any FHIR resource by its URL.

use super::input::Inputs;
use super::plan::{Plan, Result};
use super::service::Service;
use crate::args::call::{AccountArgs, GetArgs};
use healthcode_transport::Error;

/// A GET of a URL.
pub(super) struct Get {
    pub(super) url: String,
}

impl GetArgs {
    pub(super) fn plan(&self, inputs: &mut Inputs) -> Result<Plan<Get>> {
        Ok(Plan {
            system: None,
            discovery_key: None,
            account: AccountArgs {
                as_user: self.as_user,
                product: self.product.clone(),
                restricted: false,
            },
            target: Get {
                url: inputs.line(&self.url, "URL")?,
            },
        })
    }
}

impl Get {
    /// Sends it.
    ///
    /// # Errors
    /// If the origin is not trusted, or the call failed.
    pub(super) async fn send(&self, service: &Service) -> std::result::Result<(), Error> {
        match service {
            Service::Healthcode(healthcode) => {
                let call = healthcode.client.service().get(&self.url)?;
                healthcode.client.send(&call).await.map(drop)
            }
            Service::Graphnet(graphnet) => {
                let (client, product) = (&graphnet.client, &graphnet.product);
                if graphnet.is_api {
                    let call = client.service().get_json(product, &self.url)?;
                    return client.client().send(&call).await.map(drop);
                }
                let call = client.service().get(product, &self.url)?;
                client.client().send(&call).await.map(drop)
            }
            Service::Nhs(nhs) => nhs.get(&self.url).await,
        }
    }
}
