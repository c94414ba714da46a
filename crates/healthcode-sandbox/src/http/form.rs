//! Forms and credentials of requests, as they are sent.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName};
use percent_encoding::percent_decode_str;
use std::collections::HashSet;
use std::hash::Hash;

/// The fields of a form, decoded and in order: [`FIELDS`] at most.
pub(crate) struct Form(Vec<(String, String)>);

/// The most fields of a form or a query. What is documented has a dozen; more are not read, for nobody
/// is known yet who sends them.
const FIELDS: usize = 64;

/// What is wrong with a form.
pub(crate) type Malformed = &'static str;

impl Form {
    /// A body that says of itself that it is a form, and is one.
    ///
    /// # Errors
    /// If it is not a form, has too many fields, or has one of them twice, as OAuth forbids (RFC 6749, 3.2).
    pub(crate) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, Malformed> {
        const EXPECTED: Malformed = "The body is no application/x-www-form-urlencoded form";
        let media = text(headers, &CONTENT_TYPE).and_then(|it| it.split(';').next());
        let media = media.unwrap_or_default().trim();
        if !media.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(EXPECTED);
        }
        let body = std::str::from_utf8(body).map_err(|_| EXPECTED)?;
        let form = Form::parse(body)?;
        match repeats(form.pairs().map(|it| it.0)) {
            true => Err("A field is there more than once"),
            false => Ok(form),
        }
    }

    /// The pairs of a query or form body.
    ///
    /// # Errors
    /// If something is not UTF-8, or there are too many.
    pub(crate) fn parse(body: &str) -> Result<Self, Malformed> {
        let mut fields = Vec::new();
        for piece in body.split('&').filter(|it| !it.is_empty()) {
            if fields.len() == FIELDS {
                return Err("There are too many fields: expected 64 at most");
            }
            let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
            let pair = decode(name).zip(decode(value));
            fields.push(pair.ok_or("A field is not UTF-8")?);
        }
        Ok(Form(fields))
    }

    /// All fields.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    /// The first field of a name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.pairs().find(|it| it.0 == name).map(|it| it.1)
    }
}

/// Whether something is there more than once, in one step for each.
fn repeats<T: Eq + Hash>(mut all: impl Iterator<Item = T>) -> bool {
    let mut seen = HashSet::new();
    !all.all(|it| seen.insert(it))
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

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use std::cell::Cell;
    use std::hash::Hasher;

    fn form(body: &str) -> Result<Form, Malformed> {
        let media = "Application/X-WWW-Form-URLEncoded; charset=utf-8";
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
        Form::read(&headers, body.as_bytes())
    }

    #[test]
    fn forms() {
        let check = |body: &str, expect: Result<&[(&str, &str)], &str>| {
            let found = form(body);
            let pairs = found.as_ref().map(|it| it.pairs().collect::<Vec<_>>());
            match (pairs, expect) {
                (Ok(pairs), Ok(expect)) => assert_eq!(pairs, expect, "{body}"),
                (Err(error), Err(expect)) => assert!(error.contains(expect), "{body}: {error}"),
                (found, _) => panic!("{body}: {found:?}"),
            }
        };
        check("", Ok(&[]));
        check("&&a=1&", Ok(&[("a", "1")]));
        check(
            "a=1&b=%C3%A9+x&c&=d",
            Ok(&[("a", "1"), ("b", "é x"), ("c", ""), ("", "d")]),
        );
        check("a=1&b=2&a=1", Err("more than once"));
        // The same name, written otherwise.
        check("client_id=1&client%5Fid=2", Err("more than once"));
        check("=1&=2", Err("more than once"));
        check("a=%FF", Err("not UTF-8"));
        let many = |count: usize| (0..count).map(|it| format!("f{it}=&")).collect::<String>();
        assert!(form(&many(FIELDS)).is_ok());
        check(&many(FIELDS + 1), Err("too many"));
        check(&many(100_000), Err("too many"));
        assert!(Form::read(&HeaderMap::new(), b"a=1").is_err());
    }

    thread_local! {
        static STEPS: Cell<u64> = const { Cell::new(0) };
    }

    /// A name that counts how often it is looked at.
    struct Counted(u64);

    fn step() {
        STEPS.with(|it| it.set(it.get() + 1));
    }

    impl PartialEq for Counted {
        fn eq(&self, other: &Self) -> bool {
            step();
            self.0 == other.0
        }
    }

    impl Eq for Counted {}

    impl Hash for Counted {
        fn hash<H: Hasher>(&self, state: &mut H) {
            step();
            self.0.hash(state);
        }
    }

    /// Twice the names take at most 2.3 times the steps, whether or not there is one twice.
    #[test]
    fn repeats_are_found_in_linear_steps() {
        let steps = |count: u64, last: u64, expect: bool| {
            STEPS.with(|it| it.set(0));
            let all = (0..count).chain([last]);
            assert_eq!(repeats(all.map(Counted)), expect);
            STEPS.with(Cell::get) as f64
        };
        for count in [1_000, 20_000, 250_000] {
            for (last, expect) in [(u64::MAX, false), (0, true)] {
                let factor = steps(2 * count, last, expect) / steps(count, last, expect);
                assert!(factor <= 2.3, "{count}: {factor}");
            }
        }
    }
}
