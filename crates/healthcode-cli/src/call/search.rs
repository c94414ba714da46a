//! `call search`: searches, and their pages.

use super::endpoint::system_of;
use super::input::Inputs;
use super::plan::{Plan, Result};
use super::service::{CallEvent, OnEvent, SendError, Service, output};
use crate::args::call::SearchArgs;
use crate::query::assemble;
use healthcode_r4::{Bundle, Resource};
use healthcode_search::{Endpoint, ParameterLocation, Query};
use healthcode_transport::graphnet::GraphnetClient;
use healthcode_transport::healthcode::{HealthcodeClient, Pages};
use healthcode_transport::next_link;

/// A query, and how many pages of its answer are wanted; all if there is no number.
pub(super) struct Search {
    query: Query,
    pages: Option<usize>,
}

impl SearchArgs {
    pub(super) fn plan(&self, inputs: &mut Inputs) -> Result<Plan<Search>> {
        let Endpoint {
            name,
            parameter_location,
            ..
        } = *self.endpoint;
        let system = system_of(self.endpoint, &self.account)?;
        if parameter_location == ParameterLocation::None {
            return Err(format!("{name} is not allowed here: it takes no parameters").into());
        }
        let parameters = inputs.lines(&self.words)?;
        if parameters.iter().any(|word| !word.contains('=')) {
            return Err("invalid parameter: expected NAME=VALUE; ids are for call read".into());
        }
        let search = Search {
            query: assemble(name, &parameters)?,
            pages: self.pages.0,
        };
        let account = self.account.clone();
        Ok(Plan::of_endpoint(self.endpoint, system, account, search))
    }
}

impl Search {
    /// Sends the query, and reports each page.
    ///
    /// # Errors
    /// If a call failed, or a page could not be printed.
    pub(super) async fn send(
        &self,
        service: &Service,
        on_event: OnEvent<'_>,
    ) -> std::result::Result<(), SendError> {
        let more = match service {
            Service::Healthcode(healthcode) => self.numbered(&healthcode.client, on_event).await?,
            Service::Graphnet(graphnet) => {
                self.linked(&graphnet.client, &graphnet.product, on_event)
                    .await?
            }
            Service::Nhs(nhs) => {
                nhs.search(&self.query).await?;
                output(on_event, CallEvent::Answer)?;
                false
            }
        };
        if more {
            output(on_event, CallEvent::MorePages)
        } else {
            Ok(())
        }
    }

    /// Pages by Healthcode's numbers; returns whether there are more than were wanted.
    async fn numbered(
        &self,
        client: &HealthcodeClient,
        on_event: OnEvent<'_>,
    ) -> std::result::Result<bool, SendError> {
        let mut pages = Pages::new(self.query.clone());
        let mut count = 0;
        while let Some(query) = pages.next_query()? {
            if self.pages.is_some_and(|most| count >= most) {
                return Ok(true);
            }
            let reply = client.query::<Resource>(&query).await?;
            count += 1;
            let page = reply.value.get::<Bundle>();
            let accepted = page.map(|bundle| pages.accept(bundle));
            output(on_event, CallEvent::Answer)?;
            match accepted {
                Some(accepted) => accepted?,
                // Not a list.
                None => return Ok(false),
            }
        }
        Ok(false)
    }

    /// Pages by links; returns whether there are more than were wanted.
    async fn linked(
        &self,
        client: &GraphnetClient,
        product: &str,
        on_event: OnEvent<'_>,
    ) -> std::result::Result<bool, SendError> {
        let mut pages = client.pages(product, &self.query)?;
        let mut count = 0;
        while let Some(page) = pages.next_page().await {
            let page = page?.value;
            count += 1;
            output(on_event, CallEvent::Answer)?;
            if self.pages.is_some_and(|most| count >= most) {
                return Ok(next_link(&page).is_some());
            }
        }
        Ok(false)
    }
}
