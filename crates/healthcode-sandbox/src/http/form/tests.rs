//! Forms as they are read, and in how many steps.

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
