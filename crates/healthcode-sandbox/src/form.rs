//! Forms and credentials of requests, as they are sent.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName};
use percent_encoding::percent_decode_str;

/// The fields of a form, decoded and in order.
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// A body that says of itself that it is a form, and is one.
    pub(crate) fn read(headers: &HeaderMap, body: &[u8]) -> Option<Self> {
        let media = text(headers, &CONTENT_TYPE)?.split(';').next()?.trim();
        let is_form = media.eq_ignore_ascii_case("application/x-www-form-urlencoded");
        let body = std::str::from_utf8(body).ok().filter(|_| is_form)?;
        Form::parse(body)
    }

    /// The pairs of a query or form body; none if something is not UTF-8.
    pub(crate) fn parse(body: &str) -> Option<Self> {
        let pieces = body.split('&').filter(|it| !it.is_empty());
        let pair = |piece: &str| {
            let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
            Some((decode(name)?, decode(value)?))
        };
        pieces.map(pair).collect::<Option<_>>().map(Form)
    }

    /// All fields.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    /// The first field of a name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.pairs().find(|it| it.0 == name).map(|it| it.1)
    }

    /// Whether a field stands there more than once, as OAuth forbids (RFC 6749, 3.2).
    pub(crate) fn repeats(&self) -> bool {
        let before = |at: usize, name| self.pairs().take(at).any(|it| it.0 == name);
        self.pairs().enumerate().any(|(at, it)| before(at, it.0))
    }
}

pub(crate) fn decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

/// A header's text.
pub(crate) fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn credentials<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a str> {
    let (found, rest) = text(headers, &AUTHORIZATION)?.split_once(' ')?;
    found.eq_ignore_ascii_case(scheme).then_some(rest.trim())
}

/// The token of `Authorization: Bearer`.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    credentials(headers, "Bearer")
}

/// Id and secret of `Authorization: Basic`, form-encoded in it as OAuth has it (RFC 6749, 2.3.1).
pub(crate) fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let decoded = STANDARD.decode(credentials(headers, "Basic")?).ok()?;
    let (id, secret) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some((decode(id)?, decode(secret)?))
}
