//! Forms and queries, as they are sent.

use super::headers::media_type;
use healthcode_search::service::FORM;
use http::HeaderMap;
use percent_encoding::percent_decode_str;
use std::collections::HashSet;
use std::hash::Hash;

/// The fields of a form or query, decoded and in order.
pub(crate) struct Form(Vec<(String, String)>);

/// The most fields that are read, for a form is read before its sender is known. Documented forms have
/// a dozen.
const MAX_FIELDS: usize = 64;

/// What is wrong with a form.
pub(crate) type FormError = &'static str;

impl Form {
    /// The form in a body.
    ///
    /// # Errors
    /// If the body is not a form, has too many fields, or repeats one, which OAuth forbids (RFC 6749,
    /// 3.2).
    pub(crate) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, FormError> {
        const EXPECTED: FormError = "invalid body: expected application/x-www-form-urlencoded";
        if media_type(headers) != FORM {
            return Err(EXPECTED);
        }
        let body = std::str::from_utf8(body).map_err(|_| EXPECTED)?;
        let form = Form::parse(body)?;
        if has_repeats(form.fields().map(|(name, _)| name)) {
            Err("invalid body: a field is there more than once")
        } else {
            Ok(form)
        }
    }

    /// The fields of a query or of a form's body.
    ///
    /// # Errors
    /// If a field is not UTF-8, or there are too many.
    pub(crate) fn parse(text: &str) -> Result<Self, FormError> {
        let mut fields = Vec::new();
        for field in text.split('&').filter(|field| !field.is_empty()) {
            if fields.len() == MAX_FIELDS {
                return Err("too many fields: expected 64 at most");
            }
            let (name, value) = field.split_once('=').unwrap_or((field, ""));
            let field = decode(name).zip(decode(value));
            fields.push(field.ok_or("invalid field: not UTF-8")?);
        }
        Ok(Form(fields))
    }

    /// Names and values.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    /// The first value of a name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut fields = self.fields();
        fields
            .find(|(other, _)| *other == name)
            .map(|(_, value)| value)
    }
}

/// Whether an item is there more than once, in one step for each.
fn has_repeats<T: Eq + Hash>(mut items: impl Iterator<Item = T>) -> bool {
    let mut seen = HashSet::new();
    !items.all(|item| seen.insert(item))
}

/// A text without form encoding: `+` and percent-encoding.
pub(crate) fn decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

#[cfg(test)]
mod tests;
