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
mod tests {
    use super::*;
    use http::HeaderValue;
    use http::header::CONTENT_TYPE;
    use std::cell::Cell;
    use std::hash::Hasher;

    fn form(body: &str) -> Result<Form, FormError> {
        let media = "Application/X-WWW-Form-URLEncoded; charset=utf-8";
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
        Form::read(&headers, body.as_bytes())
    }

    #[test]
    fn forms() {
        let check = |body: &str, expect: Result<&[(&str, &str)], &str>| {
            let found = form(body);
            let pairs = found.as_ref().map(|form| form.fields().collect::<Vec<_>>());
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
        let many = |count: usize| {
            (0..count)
                .map(|number| format!("f{number}=&"))
                .collect::<String>()
        };
        assert!(form(&many(MAX_FIELDS)).is_ok());
        check(&many(MAX_FIELDS + 1), Err("too many"));
        check(&many(100_000), Err("too many"));
        assert!(Form::read(&HeaderMap::new(), b"a=1").is_err());
    }

    thread_local! {
        static STEPS: Cell<u64> = const { Cell::new(0) };
    }

    /// A name that counts how often it is looked at.
    struct Counted(u64);

    fn step() {
        STEPS.with(|steps| steps.set(steps.get() + 1));
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
            STEPS.with(|steps| steps.set(0));
            let all = (0..count).chain([last]);
            assert_eq!(has_repeats(all.map(Counted)), expect);
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
