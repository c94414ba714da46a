//! HAR files: HTTP Archive 1.2, as browsers and proxies export it.
//!
//! Each part is read by itself, so that one that is not as it should be leaves the others.

use crate::capture::Fault;
use crate::{Body, Capture, CaptureError, Exchange, Headers, Part, Request, Response, rules};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// What is expected of an entry and its parts.
const OBJECT: &str = "an object";
const ARRAY: &str = "an array";
const TEXT: &str = "a string";
const NUMBER: &str = "a status from 100 to 599, or 0";
const UNICODE: &str = "text without lone surrogates";
const BASE64: &str = "base64, as encoding has it";

/// The exchanges of a HAR file. A file that is broken has those before the break.
pub(crate) fn read(bytes: &[u8]) -> Result<Capture, CaptureError> {
    let mut entries = Entries::default();
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let read = Object("log", Object("entries", &mut entries)).deserialize(&mut json);
    let read = read.and_then(|()| json.end());
    // Entries that are no array are not what breaks the file.
    let wrong = entries.met && !entries.begun;
    let error = read.err().filter(|error| !(wrong && error.is_data()));
    let error = error.map(|error| (error.line(), error.column()));
    if let Some((line, column)) = error
        && entries.list.is_empty()
    {
        return Err(CaptureError::Har { line, column });
    }
    let mut faults = Vec::new();
    let mut exchanges = Vec::with_capacity(entries.list.len());
    for (index, raw) in entries.list.iter().enumerate() {
        let mut reader = Reader {
            exchange: index,
            faults: &mut faults,
        };
        exchanges.push(reader.entry(raw));
    }
    let fault = |pointer: &str, position| Fault {
        rule: &rules::EXCHANGE_ENTRY,
        exchange: entries.list.len(),
        part: Part::Capture,
        pointer: pointer.to_owned(),
        expected: Some(ARRAY),
        position,
        certain: true,
    };
    if wrong {
        faults.push(fault("/log/entries", None));
    }
    if let Some((line, column)) = error {
        let position = CaptureError::Har { line, column }.position();
        faults.push(Fault {
            rule: &rules::EXCHANGE_CAPTURE,
            expected: None,
            ..fault("", position)
        });
    }
    Ok(Capture { exchanges, faults })
}

/// Reads the member of this name of an object, and passes the others over.
struct Object<S>(&'static str, S);

/// Reads the entries, and keeps those before a break.
#[derive(Default)]
struct Entries<'de> {
    list: Vec<&'de RawValue>,
    /// Whether there is something, and whether it is an array.
    met: bool,
    begun: bool,
}

impl<'de, S: DeserializeSeed<'de, Value = ()>> DeserializeSeed<'de> for Object<S> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, S: DeserializeSeed<'de, Value = ()>> Visitor<'de> for Object<S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(OBJECT)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seed = Some(self.1);
        while let Some(name) = map.next_key::<Text>()? {
            match seed.take_if(|_| name.text == self.0) {
                Some(seed) => map.next_value_seed(seed)?,
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for &mut Entries<'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.met = true;
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for &mut Entries<'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(ARRAY)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        self.begun = true;
        while let Some(entry) = entries.next_element()? {
            self.list.push(entry);
        }
        Ok(())
    }
}

/// A string, in which lone surrogates are replaced.
struct Text {
    text: String,
    whole: bool,
}

impl<'de> serde::Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Lossy;
        impl Visitor<'_> for Lossy {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(TEXT)
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Text, E> {
                Ok(Text {
                    text: String::from_utf8_lossy(bytes).into_owned(),
                    whole: std::str::from_utf8(bytes).is_ok(),
                })
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Text, E> {
                self.visit_bytes(text.as_bytes())
            }
        }
        deserializer.deserialize_bytes(Lossy)
    }
}

/// The members of an object, each as text.
struct Members<'de>(Vec<(String, &'de RawValue)>);

impl<'de> serde::Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(OBJECT)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some((name, value)) = map.next_entry::<Text, &RawValue>()? {
                    members.push((name.text, value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(All)
    }
}

impl<'de> Members<'de> {
    /// A member that is there and not null.
    fn get(&self, name: &str) -> Option<&'de RawValue> {
        let mut all = self.0.iter();
        let found = all.find(|member| member.0 == name).map(|member| member.1);
        found.filter(|raw| raw.get() != "null")
    }
}

/// Reads one entry.
struct Reader<'f> {
    exchange: usize,
    faults: &'f mut Vec<Fault>,
}

impl Reader<'_> {
    fn fault(&mut self, part: Part, pointer: &str, expected: &'static str) {
        self.faults.push(Fault {
            rule: &rules::EXCHANGE_ENTRY,
            exchange: self.exchange,
            part,
            pointer: pointer.to_owned(),
            expected: Some(expected),
            position: None,
            certain: true,
        });
    }

    fn entry(&mut self, raw: &RawValue) -> Exchange {
        let pointer = format!("/log/entries/{}", self.exchange);
        let mut exchange = Exchange {
            request: Request::default(),
            response: None,
            pointer: pointer.clone(),
            open: false,
            readable: false,
        };
        let Some(entry) = self.object(Part::Capture, Some(raw), &pointer) else {
            return exchange;
        };
        exchange.open = is_open(&entry);
        let at = format!("{pointer}/request");
        if let Some(request) = self.object(Part::Request, entry.get("request"), &at) {
            exchange.readable = true;
            exchange.request = self.request(&request, &at);
        }
        let at = format!("{pointer}/response");
        // A request that was given up has no answer.
        if entry.get("response").is_some()
            && let Some(response) = self.object(Part::Response, entry.get("response"), &at)
        {
            exchange.response = self.response(&response, &at);
            exchange.readable = true;
        }
        exchange
    }

    /// An object; a fault if it is missing or of another type.
    fn object<'de>(
        &mut self,
        part: Part,
        raw: Option<&'de RawValue>,
        pointer: &str,
    ) -> Option<Members<'de>> {
        let members = raw.and_then(|raw| serde_json::from_str(raw.get()).ok());
        if members.is_none() {
            self.fault(part, pointer, OBJECT);
        }
        members
    }

    /// The string of a member; a fault if it is something else.
    fn text(&mut self, part: Part, members: &Members<'_>, name: &str, at: &str) -> Option<String> {
        let raw = members.get(name)?;
        let pointer = || format!("{at}/{name}");
        if let Ok(text) = serde_json::from_str::<Text>(raw.get()) {
            if !text.whole {
                self.fault(part, &pointer(), UNICODE);
            }
            Some(text.text)
        } else {
            self.fault(part, &pointer(), TEXT);
            None
        }
    }

    /// Names and values of a list.
    fn pairs(
        &mut self,
        part: Part,
        members: &Members<'_>,
        name: &str,
        at: &str,
    ) -> Vec<(String, String)> {
        let Some(raw) = members.get(name) else {
            return Vec::new();
        };
        let at = format!("{at}/{name}");
        let Ok(list) = serde_json::from_str::<Vec<&RawValue>>(raw.get()) else {
            self.fault(part, &at, ARRAY);
            return Vec::new();
        };
        let mut pairs = Vec::with_capacity(list.len());
        for (index, raw) in list.into_iter().enumerate() {
            let at = format!("{at}/{index}");
            if let Some(pair) = self.object(part, Some(raw), &at) {
                let name = self.text(part, &pair, "name", &at).unwrap_or_default();
                let value = self.text(part, &pair, "value", &at).unwrap_or_default();
                pairs.push((name, value));
            }
        }
        pairs
    }

    fn headers(&mut self, part: Part, members: &Members<'_>, at: &str) -> Headers {
        let mut headers = Headers::default();
        for (name, value) in self.pairs(part, members, "headers", at) {
            // The pseudo header fields of HTTP/2 are no header fields.
            if !name.starts_with(':') && !name.is_empty() {
                headers.push(&name, &value);
            }
        }
        headers
    }

    fn request(&mut self, members: &Members<'_>, at: &str) -> Request {
        let part = Part::Request;
        let mut text = |name| self.text(part, members, name, at).unwrap_or_default();
        let (method, url) = (text("method"), text("url"));
        let mut headers = self.headers(part, members, at);
        let mut body = None;
        if members.get("postData").is_some() {
            let at = format!("{at}/postData");
            if let Some(data) = self.object(Part::RequestBody, members.get("postData"), &at) {
                let text = self.text(Part::RequestBody, &data, "text", &at);
                let params = self.pairs(Part::RequestBody, &data, "params", &at);
                let text = text.filter(|text| !text.is_empty());
                body = Body::new(text.unwrap_or_else(|| form(&params)).into_bytes());
                self.media_type(Part::RequestBody, &data, &at, &mut headers);
            }
        }
        Request {
            method: method.to_ascii_uppercase(),
            url,
            headers,
            body,
        }
    }

    /// Takes the media type of a body where the header fields have none.
    fn media_type(&mut self, part: Part, members: &Members<'_>, at: &str, headers: &mut Headers) {
        let stated = self.text(part, members, "mimeType", at);
        if let Some(stated) = stated.filter(|stated| stated.contains('/'))
            && headers.get("content-type").is_none()
        {
            headers.stated = Some(stated);
        }
    }

    /// The answer; none if its status says that there was none.
    fn response(&mut self, members: &Members<'_>, at: &str) -> Option<Response> {
        let part = Part::Response;
        let status = members.get("status").map_or("0", RawValue::get);
        // Some exporters write numbers as strings.
        let status = status.trim_matches('"').parse::<f64>().ok();
        let status = status.filter(|status| status.fract() == 0.0 && *status < 600.0);
        let status = match status {
            // An exporter writes 0 or -1 where there was no answer.
            Some(status) if status <= 0.0 => return None,
            Some(status) => status as u16,
            None => {
                self.fault(part, &format!("{at}/status"), NUMBER);
                0
            }
        };
        let mut response = Response {
            status,
            headers: self.headers(part, members, at),
            ..Response::default()
        };
        if members.get("content").is_some() {
            let at = format!("{at}/content");
            if let Some(content) = self.object(Part::ResponseBody, members.get("content"), &at) {
                response.body = self.content(&content, &at);
                self.media_type(Part::ResponseBody, &content, &at, &mut response.headers);
            }
        }
        Some(response)
    }

    fn content(&mut self, content: &Members<'_>, at: &str) -> Option<Body> {
        let part = Part::ResponseBody;
        let text = self.text(part, content, "text", at)?;
        let encoding = self.text(part, content, "encoding", at).unwrap_or_default();
        if !encoding.eq_ignore_ascii_case("base64") {
            return Body::new(text.into_bytes());
        }
        let plain: Vec<u8> = text
            .bytes()
            .filter(|byte| !byte.is_ascii_whitespace())
            .collect();
        if let Ok(bytes) = STANDARD.decode(plain) {
            Body::new(bytes)
        } else {
            self.fault(part, &format!("{at}/text"), BASE64);
            Body::new(text.into_bytes())
        }
    }
}

/// Whether `healthcode call` wrote that the service takes calls without credentials.
fn is_open(entry: &Members<'_>) -> bool {
    entry.get("_open").is_some_and(|raw| raw.get() == "true")
}

/// What a form encodes: all but the unreserved characters of RFC 3986.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A form's body from its decoded pairs.
fn form(params: &[(String, String)]) -> String {
    let encode = |text: &str| utf8_percent_encode(text, ENCODED).to_string();
    let pairs = params
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}
