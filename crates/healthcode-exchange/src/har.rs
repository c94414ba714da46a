//! HAR files: HTTP Archive 1.2, as browsers and proxies export it.

use crate::{Body, Capture, CaptureError, Exchange, Headers, Request, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

#[derive(Deserialize)]
struct Har {
    log: Log,
}

#[derive(Deserialize)]
struct Log {
    #[serde(default)]
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    request: HarRequest,
    response: Option<HarResponse>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HarRequest {
    #[serde(default)]
    method: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    headers: Vec<Pair>,
    post_data: Option<PostData>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PostData {
    text: Option<String>,
    #[serde(default)]
    params: Vec<Pair>,
}

#[derive(Deserialize)]
struct HarResponse {
    #[serde(default)]
    status: i64,
    #[serde(default)]
    headers: Vec<Pair>,
    content: Option<Content>,
}

#[derive(Deserialize)]
struct Content {
    text: Option<String>,
    encoding: Option<String>,
}

#[derive(Deserialize)]
struct Pair {
    #[serde(default)]
    name: String,
    #[serde(default)]
    value: Option<String>,
}

/// The exchanges of a HAR file.
pub(crate) fn read(bytes: &[u8]) -> Result<Capture, CaptureError> {
    let har: Har = serde_json::from_slice(bytes).map_err(|error| CaptureError::Har {
        line: error.line(),
        column: error.column(),
    })?;
    let exchanges = har.log.entries.into_iter().enumerate();
    let exchanges = exchanges.map(|(index, entry)| Exchange {
        request: request(entry.request),
        // An exporter writes status 0 where there was no answer.
        response: entry.response.filter(|it| it.status > 0).map(response),
        pointer: format!("/log/entries/{index}"),
    });
    Ok(Capture {
        exchanges: exchanges.collect(),
    })
}

fn headers(pairs: Vec<Pair>) -> Headers {
    let mut headers = Headers::default();
    for pair in pairs {
        // The pseudo header fields of HTTP/2 are no header fields.
        if !pair.name.starts_with(':') {
            headers.push(&pair.name, pair.value.as_deref().unwrap_or_default());
        }
    }
    headers
}

fn request(request: HarRequest) -> Request {
    let body = request.post_data.and_then(|data| {
        let text = data.text.filter(|text| !text.is_empty());
        Body::new(text.unwrap_or_else(|| form(&data.params)).into_bytes())
    });
    Request {
        method: request.method.to_ascii_uppercase(),
        url: request.url,
        headers: headers(request.headers),
        body,
    }
}

/// What a form encodes: all but the unreserved characters of RFC 3986.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A form's body from its decoded pairs.
fn form(params: &[Pair]) -> String {
    let encode = |text: &str| utf8_percent_encode(text, ENCODED).to_string();
    let pairs = params.iter().map(|pair| {
        let value = pair.value.as_deref().unwrap_or_default();
        format!("{}={}", encode(&pair.name), encode(value))
    });
    pairs.collect::<Vec<_>>().join("&")
}

fn response(response: HarResponse) -> Response {
    let body = response.content.and_then(|content| {
        let text = content.text?;
        let encoded = content
            .encoding
            .is_some_and(|it| it.eq_ignore_ascii_case("base64"));
        let bytes = match encoded {
            true => STANDARD
                .decode(text.trim())
                .unwrap_or_else(|_| text.into_bytes()),
            false => text.into_bytes(),
        };
        Body::new(bytes)
    });
    Response {
        status: u16::try_from(response.status).unwrap_or(0),
        headers: headers(response.headers),
        body,
    }
}
