//! [`Document`]: a document that is fetched, and kept as long as HTTP says that it is fresh.

use crate::call::Call;
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::reply::Head;
use crate::single_flight::{Freshness, SingleFlight};
use http::{StatusCode, header};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// How long a document is fresh that does not say it.
const USUAL: Duration = Duration::from_mins(5);
/// The longest that a document is taken to be fresh.
const MOST: Duration = Duration::from_hours(24);

/// A document at an address. It is requested again, with its validators, when it is no longer fresh.
pub(crate) struct Document<T> {
    name: &'static str,
    address: String,
    parse: fn(&[u8]) -> Result<T, Error>,
    fetch: SingleFlight<Arc<Fetched<T>>>,
}

struct Fetched<T> {
    value: Arc<T>,
    fresh_until: SystemTime,
    etag: Option<String>,
    modified: Option<String>,
}

impl<T> Document<T> {
    pub(crate) fn new(
        name: &'static str,
        address: String,
        parse: fn(&[u8]) -> Result<T, Error>,
    ) -> Self {
        Document {
            name,
            address,
            parse,
            fetch: SingleFlight::default(),
        }
    }

    /// Where it is.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The document, which `client` fetches without credentials.
    pub(crate) async fn get(&self, client: &Client) -> Result<Arc<T>, Error> {
        let timer = client.stack().timer().clone();
        let judge = |held: &Arc<Fetched<T>>, now| {
            if now < held.fresh_until {
                Freshness::Fresh
            } else {
                Freshness::Stale
            }
        };
        let fetch = |old| self.fetch(client, old);
        let held = self.fetch.get(&*timer, judge, fetch).await?;
        Ok(held.value.clone())
    }

    async fn fetch(
        &self,
        client: &Client,
        old: Option<Arc<Fetched<T>>>,
    ) -> Result<Arc<Fetched<T>>, Error> {
        let mut call = Call::bytes(self.name, &self.address)?;
        call = call.with_text_header(header::ACCEPT, crate::call::JSON)?;
        if let Some(etag) = old.as_ref().and_then(|old| old.etag.as_deref()) {
            call = call.with_text_header(header::IF_NONE_MATCH, etag)?;
        }
        if let Some(modified) = old.as_ref().and_then(|old| old.modified.as_deref()) {
            call = call.with_text_header(header::IF_MODIFIED_SINCE, modified)?;
        }
        let requested_at = client.stack().timer().now();
        let response = client.clone().without_tokens().send_raw(&call).await?;
        let (parts, body) = response.into_parts();
        let head = Head::new(parts.status, parts.headers);
        let value = match (head.status, &old) {
            (StatusCode::NOT_MODIFIED, Some(old)) => old.value.clone(),
            (StatusCode::NOT_MODIFIED, None) => {
                return Err(Error::of_response(ErrorKind::Body, &head, &body).of(self.name));
            }
            _ => {
                let value = (self.parse)(&body);
                let unfit = |error: Error| {
                    Error::of_response(error.kind().clone(), &head, &body).of(self.name)
                };
                Arc::new(value.map_err(unfit)?)
            }
        };
        let text = |name| head.text(&name).map(str::to_owned);
        let kept = |own: Option<String>, old: Option<&String>| own.or_else(|| old.cloned());
        let old = old.as_deref();
        Ok(Arc::new(Fetched {
            value,
            fresh_until: requested_at
                .checked_add(freshness(&head))
                .unwrap_or(requested_at),
            etag: kept(text(header::ETAG), old.and_then(|old| old.etag.as_ref())),
            modified: kept(
                text(header::LAST_MODIFIED),
                old.and_then(|old| old.modified.as_ref()),
            ),
        }))
    }
}

/// How long an answer is fresh for one who keeps it for himself (RFC 9111, 4.2): by `max-age`, or
/// else by `Expires`, less its age.
fn freshness(head: &Head) -> Duration {
    let lines = head.headers.get_all(header::CACHE_CONTROL).iter();
    let lines = lines.filter_map(|line| line.to_str().ok());
    let mut directives = lines.flat_map(|line| line.split(',')).map(str::trim);
    let mut max_age = None;
    for directive in &mut directives {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        match &name.to_ascii_lowercase()[..] {
            "no-store" | "no-cache" => return Duration::ZERO,
            "max-age" => max_age = value.trim_matches('"').parse().ok().or(Some(0)),
            _ => {}
        }
    }
    let date = |name| httpdate::parse_http_date(head.text(&name)?).ok();
    let by_expires = || {
        head.headers.get(header::EXPIRES)?;
        // What is no date is over (RFC 9111, 5.3).
        let expires = date(header::EXPIRES).zip(date(header::DATE));
        let life = expires.and_then(|(until, from)| until.duration_since(from).ok());
        Some(life.unwrap_or_default())
    };
    let life = max_age.map(Duration::from_secs).or_else(by_expires);
    let age = head.text(&header::AGE).and_then(|text| text.parse().ok());
    let age = Duration::from_secs(age.unwrap_or(0));
    life.map_or(USUAL, |life| life.saturating_sub(age))
        .min(MOST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, HeaderName, HeaderValue};

    #[test]
    fn how_long_answers_are_fresh() {
        let check = |headers: &[(&str, &str)], expect: u64| {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                let name: HeaderName = name.parse().unwrap();
                map.append(name, HeaderValue::from_str(value).unwrap());
            }
            let head = Head::new(StatusCode::OK, map);
            assert_eq!(freshness(&head), Duration::from_secs(expect), "{headers:?}");
        };
        let date = ("date", "Fri, 20 Nov 2026 08:00:00 GMT");
        let later = ("expires", "Fri, 20 Nov 2026 08:01:00 GMT");
        check(&[], 300);
        check(&[("cache-control", "max-age=60")], 60);
        check(&[("cache-control", "public, Max-Age=\"60\"")], 60);
        check(&[("cache-control", "max-age=60"), ("age", "20")], 40);
        check(&[("cache-control", "max-age=60"), ("age", "90")], 0);
        check(
            &[
                ("cache-control", "max-age=60"),
                ("cache-control", "no-cache"),
            ],
            0,
        );
        check(&[("cache-control", "no-store, max-age=60")], 0);
        check(&[("cache-control", "max-age=soon")], 0);
        check(&[("cache-control", "max-age=99999999")], 86_400);
        check(&[date, later], 60);
        check(&[date, later, ("cache-control", "max-age=5")], 5);
        check(&[later], 0);
        check(&[date, ("expires", "0")], 0);
    }
}
