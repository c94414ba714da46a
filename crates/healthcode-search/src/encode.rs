//! Encoding: FHIR's escapes, then percent-encoding.

use crate::definition::Definition;
use crate::endpoint::{Method, ParameterLocation};
use crate::issue::{QueryError, of_query};
use crate::query::{Query, sorts_by_words};
use crate::rules;
use crate::scope::{Resolved, Scope};
use crate::value::{Token, Value, Writer};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::fmt::Write;

/// RFC 3986's unreserved characters stay.
const FORM: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// In a query so do those that separate within values, but for the pipe, which RFC 3986 has not.
const QUERY: &AsciiSet = &FORM.remove(b':').remove(b',').remove(b'/').remove(b'$');

/// Appends the text, percent-encoded.
fn encode(text: &str, encoded: &'static AsciiSet, out: &mut String) {
    out.extend(utf8_percent_encode(text, encoded));
}

/// An encoded query: its text, and where it goes.
#[derive(Clone, PartialEq)]
pub struct Encoded {
    text: String,
    scope: Scope,
    posted: bool,
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
        match self.scope {
            Scope::Endpoint(endpoint) => endpoint.method,
            Scope::Resource(_) if self.posted => Method::Post,
            Scope::Resource(_) => Method::Get,
        }
    }

    /// Where the text goes.
    #[must_use]
    pub fn parameter_location(&self) -> ParameterLocation {
        parameter_location(self.scope, self.posted)
    }

    /// What stands for the address until it is known: `{search_practitioner_endpoint}`.
    #[must_use]
    pub fn placeholder(&self) -> String {
        match self.scope {
            Scope::Endpoint(endpoint) => endpoint.placeholder(),
            Scope::Resource(resource) if self.posted => format!("/{resource}/_search"),
            Scope::Resource(resource) => format!("/{resource}"),
        }
    }

    /// The URL, at the endpoint's address.
    #[must_use]
    pub fn url(&self, address: &str) -> String {
        match self.parameter_location() {
            ParameterLocation::Query if !self.text.is_empty() => format!("{address}?{}", self.text),
            _ => address.to_owned(),
        }
    }

    /// A command for a POSIX shell. The token is read from the environment, as `$TOKEN`.
    #[must_use]
    pub fn curl(&self, address: &str) -> String {
        let url = quoted(&self.url(address));
        let method = self.method().as_str();
        let mut out = format!(
            "curl --globoff --request {method} \\\n  --url {url} \\\n  --header \"Authorization: Bearer $TOKEN\""
        );
        if self.parameter_location() == ParameterLocation::Form {
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
        let definitions = self.resolved();
        let mut issues = Vec::new();
        self.check_all(&definitions, &mut issues);
        if self.parameter_location() == ParameterLocation::None && !self.parameters.is_empty() {
            issues.push(of_query(&rules::QUERY_METHOD));
        }
        QueryError::check(issues)?;
        Ok(self.encode_resolved(&definitions))
    }

    /// Encodes the query without any check: whatever was read is written.
    #[must_use]
    pub fn encode_as_it_is(&self) -> Encoded {
        self.encode_resolved(&self.resolved())
    }

    fn encode_resolved(&self, definitions: &[Option<Resolved>]) -> Encoded {
        let parameter_location = self.parameter_location();
        let encoded = match parameter_location {
            ParameterLocation::Form => FORM,
            _ => QUERY,
        };
        let mut text = String::with_capacity(32 * self.parameters.len());
        let mut part = String::with_capacity(64);
        let escapes = self.scope().dialect().escapes();
        for (index, parameter) in self.parameters.iter().enumerate() {
            if index > 0 {
                text.push('&');
            }
            let name = &parameter.name;
            if name.is_plain() {
                encode(&name.code, encoded, &mut text);
            } else {
                part.clear();
                // Writing to a string does not fail.
                let _ = write!(part, "{name}");
                encode(&part, encoded, &mut text);
            }
            text.push('=');
            if let [Value::Text(value) | Value::Word(value) | Value::Token(Token::Code(value))] =
                &parameter.values[..]
                && !escapes
            {
                encode(value, encoded, &mut text);
                continue;
            }
            part.clear();
            self.write_values(
                &parameter.values,
                definitions.get(index).and_then(Option::as_deref),
                &mut part,
            );
            encode(&part, encoded, &mut text);
        }
        Encoded {
            text,
            scope: self.scope(),
            posted: self.posted,
        }
    }

    /// The parameters as names and values before percent-encoding, with FHIR's escapes.
    #[must_use]
    pub fn pairs(&self) -> Vec<(String, String)> {
        let definitions = self.resolved();
        let pairs = self.parameters.iter().zip(definitions);
        let pairs = pairs.map(|(parameter, definition)| {
            let mut value = String::new();
            self.write_values(&parameter.values, definition.as_deref(), &mut value);
            (parameter.name.to_string(), value)
        });
        pairs.collect()
    }

    /// Appends a parameter's values as they are written before percent-encoding.
    pub(crate) fn write_values(
        &self,
        values: &[Value],
        definition: Option<&Definition>,
        out: &mut String,
    ) {
        let mut writer = Writer {
            dialect: self.scope().dialect(),
            sort_words: definition.is_some_and(|definition| sorts_by_words(definition.form)),
            out,
        };
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                writer.out.push(',');
            }
            writer.value(value);
        }
    }

    /// Where its parameters go.
    #[must_use]
    pub fn parameter_location(&self) -> ParameterLocation {
        parameter_location(self.scope(), self.posted)
    }
}

fn parameter_location(scope: Scope, posted: bool) -> ParameterLocation {
    match scope {
        Scope::Endpoint(endpoint) => endpoint.parameter_location,
        Scope::Resource(_) if posted => ParameterLocation::Form,
        Scope::Resource(_) => ParameterLocation::Query,
    }
}
