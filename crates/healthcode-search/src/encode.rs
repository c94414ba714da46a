//! Encoding: FHIR's escapes, then percent-encoding.

use crate::endpoint::{Carriage, Method};
use crate::issue::{Issue, QueryError};
use crate::query::{Parameter, Query, sorts_by_words};
use crate::rules;
use crate::scope::Scope;
use crate::value::Writer;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// RFC 3986's unreserved characters stay.
const FORM: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// In a query so do those that separate within values, but for the pipe, which RFC 3986 has not.
const QUERY: AsciiSet = FORM.remove(b':').remove(b',').remove(b'/').remove(b'$');

/// An encoded query: its text, and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    text: String,
    method: Method,
    carriage: Carriage,
    placeholder: String,
}

impl Encoded {
    /// The query string without `?`, or the form body.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The HTTP method.
    #[must_use]
    pub fn method(&self) -> Method {
        self.method
    }

    /// Where the text goes.
    #[must_use]
    pub fn carriage(&self) -> Carriage {
        self.carriage
    }

    /// What stands for the address until it is known: `{search_practitioner_endpoint}`.
    #[must_use]
    pub fn placeholder(&self) -> &str {
        &self.placeholder
    }

    /// The URL, at the endpoint's address.
    #[must_use]
    pub fn url(&self, address: &str) -> String {
        match self.carriage {
            Carriage::Query if !self.text.is_empty() => format!("{address}?{}", self.text),
            _ => address.to_owned(),
        }
    }

    /// A command for a POSIX shell. The token is read from the environment, as `$TOKEN`.
    #[must_use]
    pub fn curl(&self, address: &str) -> String {
        let url = quoted(&self.url(address));
        let method = self.method.as_str();
        let mut out = format!(
            "curl --globoff --request {method} \\\n  --url {url} \\\n  --header \"Authorization: Bearer $TOKEN\""
        );
        if self.carriage == Carriage::Form {
            out.push_str(
                " \\\n  --header 'Content-Type: application/x-www-form-urlencoded' \\\n  --data ",
            );
            out.push_str(&quoted(&self.text));
        }
        out
    }
}

/// A word for the shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

impl Query {
    /// Encodes the query: its parameters in their order, percent-encoded after FHIR's escaping.
    ///
    /// # Errors
    /// If [`Query::check`] finds errors.
    pub fn encode(&self) -> Result<Encoded, QueryError> {
        let mut issues = self.check();
        if self.carriage() == Carriage::None && !self.parameters.is_empty() {
            issues.push(Issue::new(&rules::QUERY_METHOD));
        }
        QueryError::check(issues)?;
        Ok(self.encode_as_it_is())
    }

    /// Encodes the query without any check: whatever was read is written.
    #[must_use]
    pub fn encode_as_it_is(&self) -> Encoded {
        let carriage = self.carriage();
        let set = match carriage {
            Carriage::Form => &FORM,
            _ => &QUERY,
        };
        let mut text = String::new();
        for (name, value) in self.pairs() {
            if !text.is_empty() {
                text.push('&');
            }
            text.extend(utf8_percent_encode(&name, set));
            text.push('=');
            text.extend(utf8_percent_encode(&value, set));
        }
        let (method, placeholder) = match self.scope() {
            Scope::Endpoint(endpoint) => (endpoint.method, endpoint.placeholder()),
            Scope::Resource(resource) => (Method::Get, format!("/{resource}")),
        };
        Encoded {
            text,
            method,
            carriage,
            placeholder,
        }
    }

    /// The parameters as names and values before percent-encoding, with FHIR's escapes.
    #[must_use]
    pub fn pairs(&self) -> Vec<(String, String)> {
        let pairs = self.parameters.iter();
        pairs
            .map(|it| (it.name.to_string(), self.text_of(it)))
            .collect()
    }

    /// The text of the last parameter's values.
    pub(crate) fn last_text(&self) -> Option<String> {
        self.parameters.last().map(|it| self.text_of(it))
    }

    fn text_of(&self, parameter: &Parameter) -> String {
        let definition = self.scope().definition(&parameter.name.code);
        let mut out = String::new();
        for (index, value) in parameter.values.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            let mut writer = Writer {
                dialect: self.scope().dialect(),
                sort_words: definition.is_some_and(|it| sorts_by_words(it.kind)),
                out: &mut out,
            };
            writer.value(value);
        }
        out
    }

    /// Where its parameters go.
    #[must_use]
    pub fn carriage(&self) -> Carriage {
        match self.scope() {
            Scope::Endpoint(endpoint) => endpoint.carriage,
            Scope::Resource(_) => Carriage::Query,
        }
    }
}
