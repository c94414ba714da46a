//! The table of endpoints: one row a documented call.

mod graphnet;
pub(crate) mod parameters;
pub mod service;
mod table;

use crate::definition::Definition;
use crate::dialect::Dialect;

pub(crate) use parameters::SHARED;
use service::Service;
pub use table::ENDPOINTS;

/// A documented call of a service.
#[derive(Debug, PartialEq)]
#[non_exhaustive]
pub struct Endpoint {
    /// Its name here: `practitioner-role`.
    pub name: &'static str,
    /// Its name in the documentation.
    pub title: &'static str,
    /// The service that has it, if that is one of those that are documented here.
    pub service: Option<&'static Service>,
    /// How it writes queries.
    pub dialect: Dialect,
    /// The key under which the discovery document has its address, if it is documented.
    pub discovery_key: Option<&'static str>,
    /// The end of its address, below the service's base, if that is documented instead.
    pub path: Option<&'static str>,
    /// The HTTP method.
    pub method: Method,
    /// Where its parameters go.
    pub parameter_location: ParameterLocation,
    /// Its parameters, in the documented order.
    pub parameters: &'static [Definition],
    /// The type of resource of a good answer, if it is documented.
    pub response: Option<&'static str>,
    /// The type of resource that it is about, if there is one.
    pub resource: Option<&'static str>,
    /// How much of its documentation could be read.
    pub coverage: DocCoverage,
    /// For whom it is documented.
    pub audience: Audience,
}

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `GET`.
    Get,
    /// `POST`.
    Post,
}

impl Method {
    /// Its name: `GET`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
        }
    }
}

/// Where parameters go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParameterLocation {
    /// Into the query of the URL.
    Query,
    /// Into a body of `application/x-www-form-urlencoded`.
    Form,
    /// Nowhere: the address ends in an id or code, or the body is a resource.
    None,
}

/// How much of an endpoint's documentation could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DocCoverage {
    /// All of its page.
    Full,
    /// The first part of its page: there may be more parameters.
    Partial,
    /// Only its key or name is documented.
    NameOnly,
}

impl DocCoverage {
    /// In a word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            DocCoverage::Full => "whole",
            DocCoverage::Partial => "part",
            DocCoverage::NameOnly => "named",
        }
    }
}

/// For whom an API is documented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Audience {
    /// For integrators.
    Public,
    /// For Healthcode's own products; not to be consumed by others.
    Restricted,
}

impl Audience {
    /// In a word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Audience::Public => "public",
            Audience::Restricted => "restricted",
        }
    }
}

impl Endpoint {
    /// The endpoint of this name.
    ///
    /// ```
    /// use healthcode_search::{Audience, Endpoint};
    /// let endpoint = Endpoint::named("practitioner-role").unwrap();
    /// assert_eq!(endpoint.discovery_key, Some("search_practitionerrole_endpoint"));
    /// assert_eq!(endpoint.audience, Audience::Restricted);
    /// ```
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Endpoint> {
        ENDPOINTS.iter().find(|endpoint| endpoint.name == name)
    }

    /// The endpoint with this key in the discovery document. Of two, the public one.
    #[must_use]
    pub fn with_key(key: &str) -> Option<&'static Endpoint> {
        let mut found = ENDPOINTS
            .iter()
            .filter(|endpoint| endpoint.discovery_key == Some(key));
        found.next()
    }

    /// What stands for its address until it is resolved: `{search_practitioner_endpoint}`, or the
    /// path.
    #[must_use]
    pub fn placeholder(&self) -> String {
        match (self.discovery_key, self.path) {
            (Some(key), _) => ["{", key, "}"].concat(),
            (None, path) => path.unwrap_or_default().to_owned(),
        }
    }

    pub(crate) const fn new(name: &'static str, title: &'static str, dialect: Dialect) -> Self {
        Endpoint {
            name,
            title,
            service: None,
            dialect,
            discovery_key: None,
            path: None,
            method: Method::Get,
            parameter_location: ParameterLocation::Query,
            parameters: &[],
            response: None,
            resource: None,
            coverage: DocCoverage::Partial,
            audience: Audience::Public,
        }
    }

    pub(crate) const fn service(mut self, service: &'static Service) -> Self {
        self.service = Some(service);
        self
    }

    pub(crate) const fn key(mut self, key: &'static str) -> Self {
        self.discovery_key = Some(key);
        self
    }

    pub(crate) const fn path(mut self, path: &'static str) -> Self {
        self.path = Some(path);
        self
    }

    pub(crate) const fn form(mut self) -> Self {
        self.method = Method::Post;
        self.parameter_location = ParameterLocation::Form;
        self
    }

    pub(crate) const fn no_parameters(mut self, method: Method) -> Self {
        self.method = method;
        self.parameter_location = ParameterLocation::None;
        self
    }

    pub(crate) const fn parameters(mut self, parameters: &'static [Definition]) -> Self {
        self.parameters = parameters;
        self
    }

    pub(crate) const fn response(mut self, response: &'static str) -> Self {
        self.response = Some(response);
        self
    }

    pub(crate) const fn resource(mut self, resource: &'static str) -> Self {
        self.resource = Some(resource);
        self
    }

    pub(crate) const fn coverage(mut self, coverage: DocCoverage) -> Self {
        self.coverage = coverage;
        self
    }

    pub(crate) const fn restricted(mut self) -> Self {
        self.audience = Audience::Restricted;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn rows_are_sound() {
        let mut names = HashSet::new();
        for row in ENDPOINTS {
            assert!(names.insert(row.name), "{} is there twice", row.name);
            let mut own = HashSet::new();
            for parameter in row.parameters {
                assert!(
                    own.insert(parameter.name),
                    "{}: {} twice",
                    row.name,
                    parameter.name
                );
            }
            assert_eq!(
                row.parameter_location == ParameterLocation::Form,
                row.method == Method::Post && !row.parameters.is_empty(),
                "{}",
                row.name
            );
            if row.parameter_location == ParameterLocation::None {
                assert!(row.parameters.is_empty(), "{}", row.name);
            }
            let resource = row.resource.is_none_or(crate::table::is_resource);
            assert!(resource, "{}: resource", row.name);
        }
    }
}
