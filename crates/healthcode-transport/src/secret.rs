//! Secrets: what is never shown, and how it gets into a header.

use crate::error::{Error, ErrorKind};
use healthcode_core::credentials::{self, REDACTED};
use http::{HeaderName, HeaderValue, Request};
use secrecy::ExposeSecret;

pub use secrecy::SecretString;

/// A header value that nothing shows.
///
/// # Errors
/// If the text has characters that no header may have.
pub fn secret_header(secret: &SecretString) -> Result<HeaderValue, Error> {
    prefixed("", secret)
}

/// A secret after a word, as in `Bearer …`.
pub(crate) fn prefixed(prefix: &str, secret: &SecretString) -> Result<HeaderValue, Error> {
    let text = format!("{prefix}{}", secret.expose_secret());
    let value = HeaderValue::from_str(text.trim());
    let unfit = || ErrorKind::Request("invalid secret: expected characters that a header may have");
    let mut value = value.map_err(|_| Error::new(unfit()))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Fields of a form that are hidden as well: in a token request they name a person, or are exchanged for
/// a token.
const HIDDEN_FIELDS: &[&str] = &["code", "username"];

/// Whether a header of a request or an answer is a credential: by its name, or because its value is
/// marked as sensitive. For code that shows or stores headers.
///
/// ```
/// use healthcode_transport::is_credential;
/// use http::{HeaderValue, header};
/// let value = HeaderValue::from_static("Bearer x");
/// assert!(is_credential(&header::AUTHORIZATION, &value));
/// assert!(!is_credential(&header::ACCEPT, &value));
/// ```
#[must_use]
pub fn is_credential(name: &HeaderName, value: &HeaderValue) -> bool {
    value.is_sensitive() || credentials::HEADERS.contains(&name.as_str())
}

/// A request in the form of HTTP/1.1, with `[redacted]` for what is secret: values of sensitive headers
/// and the secret fields of forms. **Parameters, forms and bodies are shown**, and may be patient
/// data.
///
/// ```
/// use healthcode_transport::{SecretString, secret_header, show_http};
/// let mut request = http::Request::new(bytes::Bytes::new());
/// *request.uri_mut() = "https://api.example.org/Slot?page=1".parse()?;
/// let key = secret_header(&SecretString::from("s3cret"))?;
/// request.headers_mut().insert("apikey", key);
/// assert_eq!(
///     show_http(&request),
///     "GET /Slot?page=1 HTTP/1.1\nhost: api.example.org\napikey: [redacted]\n\n"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn show_http(request: &Request<bytes::Bytes>) -> String {
    let uri = request.uri();
    let target = uri.path_and_query().map_or("/", |path| path.as_str());
    let host = uri.authority().map_or("", |host| host.as_str());
    let method = request.method();
    let mut out = format!("{method} {target} HTTP/1.1\nhost: {host}\n");
    for (name, value) in shown_headers(request) {
        out.push_str(&format!("{name}: {value}\n"));
    }
    out.push('\n');
    out.push_str(&shown_body(request));
    out
}

/// A request as a command for a POSIX shell, with `[redacted]` as in [`show_http`].
#[must_use]
pub fn show_curl(request: &Request<bytes::Bytes>) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
    let mut out = format!(
        "curl --globoff --path-as-is --request {} \\\n  --url {}",
        request.method(),
        quoted(&request.uri().to_string())
    );
    for (name, value) in shown_headers(request) {
        let header = quoted(&format!("{name}: {value}"));
        out.push_str(&format!(" \\\n  --header {header}"));
    }
    if !request.body().is_empty() {
        out.push_str(&format!(
            " \\\n  --data-raw {}",
            quoted(&shown_body(request))
        ));
    }
    out
}

fn shown_headers(request: &Request<bytes::Bytes>) -> impl Iterator<Item = (&str, String)> {
    request.headers().iter().map(|(name, value)| {
        let shown = if is_credential(name, value) {
            REDACTED.to_owned()
        } else {
            String::from_utf8_lossy(value.as_bytes()).into_owned()
        };
        (name.as_str(), shown)
    })
}

fn shown_body(request: &Request<bytes::Bytes>) -> String {
    let text = String::from_utf8_lossy(request.body());
    let kind = request.headers().get(http::header::CONTENT_TYPE);
    if kind.is_none_or(|kind| !kind.as_bytes().starts_with(crate::call::FORM.as_bytes())) {
        return text.into_owned();
    }
    let secret = |name: &str| {
        let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
        let name = name.trim_matches('+');
        credentials::FIELDS.contains(&name) || HIDDEN_FIELDS.contains(&name)
    };
    let fields = text.split('&').map(|field| match field.split_once('=') {
        Some((name, _)) if secret(name) => format!("{name}={REDACTED}"),
        _ => field.to_owned(),
    });
    fields.collect::<Vec<_>>().join("&")
}
