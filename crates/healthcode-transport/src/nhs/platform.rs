//! [`Platform`]: an environment of the NHS's API platform.

use crate::call::{encoded, endpoint_of};
use crate::error::{Error, ErrorKind};
use crate::trust::Trust;
use crate::url::{join, queried};
use healthcode_search::Query;

/// An environment of the platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Platform {
    base: String,
    loopback_http: bool,
}

impl Platform {
    /// An environment by its base URL: of the caller's own sandbox, for one.
    #[must_use]
    pub fn new(base: impl Into<String>) -> Self {
        Platform {
            base: base.into(),
            loopback_http: false,
        }
    }

    /// The live environment.
    #[must_use]
    pub fn production() -> Self {
        Platform::new("https://api.service.nhs.uk")
    }

    /// The environment for integration tests.
    #[must_use]
    pub fn integration() -> Self {
        Platform::new("https://int.api.service.nhs.uk")
    }

    /// The environment for acceptance tests of deployments.
    #[must_use]
    pub fn deployment() -> Self {
        Platform::new("https://dep.api.service.nhs.uk")
    }

    /// The sandbox, which is open: it takes no tokens, and any API key.
    #[must_use]
    pub fn sandbox() -> Self {
        Platform::new("https://sandbox.api.service.nhs.uk")
    }

    /// Whether http without TLS is taken where the environment is this machine.
    #[must_use]
    pub fn allow_loopback_http(mut self, allow: bool) -> Self {
        self.loopback_http = allow;
        self
    }

    /// Where its tokens are. Assertions name this very text as their audience.
    #[must_use]
    pub fn token_endpoint(&self) -> String {
        join(&self.base, "oauth2/token")
    }

    /// An address of a service on it.
    #[must_use]
    pub fn address(&self, path: &str) -> String {
        join(&self.base, path)
    }

    /// What a client of it trusts.
    ///
    /// # Errors
    /// If its base is no URL.
    pub fn trust(&self) -> Result<Trust, Error> {
        Ok(Trust::of(&self.base, self.loopback_http)?)
    }
}

/// The address of a query below the base of its service, with its endpoint's name.
pub(super) fn query_address(
    base: &str,
    query: &Query,
    name: &'static str,
) -> Result<(&'static str, String), Error> {
    let endpoint = endpoint_of(query)?;
    let resource = endpoint.resource.filter(|_| endpoint.name == name);
    let other = || ErrorKind::Request("invalid query: expected one of this endpoint");
    let resource = resource.ok_or_else(|| Error::new(other()))?;
    let encoded = encoded(query, name)?;
    Ok((name, queried(&join(base, resource), &encoded.url(""))))
}
