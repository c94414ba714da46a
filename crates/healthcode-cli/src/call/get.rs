//! `call get`: any FHIR resource by its URL.

use super::endpoint::AccountArgs;
use super::input::{Inputs, Quiet, Word, url_word};
use super::service::Service;
use super::target::{Plan, Result, Target};
use clap::Args;
use healthcode_transport::Error;

#[derive(Debug, Args)]
pub(super) struct GetArgs {
    /// The URL, whose origin is one of the environment's; - takes it from standard input, @FILE from a
    /// file: a URL with an NHS number is taken from there alone
    #[arg(value_name = "URL", value_parser = Quiet(url_word))]
    url: Word,
    /// Call the NHS for a user who has signed in: their id token is exchanged
    #[arg(long)]
    as_user: bool,
    /// The product of Graphnet whose subscription key is sent
    #[arg(long, value_name = "NAME")]
    product: Option<String>,
}

/// A GET of a URL.
pub(super) struct Get {
    pub(super) url: String,
}

impl GetArgs {
    pub(super) fn plan(&self, inputs: &mut Inputs) -> Result<Plan> {
        Ok(Plan {
            system: None,
            discovery_key: None,
            account: AccountArgs {
                as_user: self.as_user,
                product: self.product.clone(),
                restricted: false,
            },
            target: Target::Get(Get {
                url: inputs.line(&self.url, "URL")?,
            }),
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
                let client = &graphnet.client;
                let call = client.service().get(&graphnet.product, &self.url)?;
                client.client().send(&call).await.map(drop)
            }
            Service::Nhs(nhs) => nhs.get(&self.url).await,
        }
    }
}
