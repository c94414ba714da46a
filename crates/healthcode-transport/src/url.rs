//! Percent-encoding.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// RFC 3986's unreserved characters stay.
const COMPONENT: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Text as one part of a URL or form.
pub(crate) fn encode_component(text: &str) -> String {
    utf8_percent_encode(text, &COMPONENT).to_string()
}

/// An id as the last part of an address; `None` if it would be another part of it.
pub(crate) fn segment(id: &str) -> Option<String> {
    (!matches!(id, "" | "." | "..")).then(|| encode_component(id))
}

/// An address with another part after its path, and one slash between them. A query stays behind it;
/// a fragment is nobody's but the reader's.
pub(crate) fn join(address: &str, part: &str) -> String {
    let address = address.split('#').next().unwrap_or_default();
    let (path, query) = match address.find('?') {
        Some(at) => address.split_at(at),
        None => (address, ""),
    };
    let (path, part) = (path.trim_end_matches('/'), part.trim_start_matches('/'));
    format!("{path}/{part}{query}")
}

/// An address with a query, which begins with a question mark or is empty; after its own, if it has one.
pub(crate) fn queried(address: &str, query: &str) -> String {
    let address = address.split('#').next().unwrap_or_default();
    match query.strip_prefix('?') {
        Some(pairs) if address.ends_with(['?', '&']) => format!("{address}{pairs}"),
        Some(pairs) if address.contains('?') => format!("{address}&{pairs}"),
        _ => format!("{address}{query}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_join_the_path() {
        let check = |address: &str, part: &str, expect: &str| {
            assert_eq!(join(address, part), expect, "{address} {part}");
        };
        check("https://a.example/b", "c", "https://a.example/b/c");
        check("https://a.example/b//", "/c", "https://a.example/b/c");
        check("https://a.example", "c?d=e", "https://a.example/c?d=e");
        check(
            "https://a.example/b?d=e/",
            "c",
            "https://a.example/b/c?d=e/",
        );
        check("https://a.example/b/#c", "d", "https://a.example/b/d");
        check("https://a.example/b#c?d", "e", "https://a.example/b/e");
    }

    #[test]
    fn queries_join_the_query() {
        let check = |address: &str, query: &str, expect: &str| {
            assert_eq!(queried(address, query), expect, "{address} {query}");
        };
        check("https://a.example/b", "?c=d", "https://a.example/b?c=d");
        check("https://a.example/b", "", "https://a.example/b");
        check(
            "https://a.example/b?e=f",
            "?c=d",
            "https://a.example/b?e=f&c=d",
        );
        check("https://a.example/b?e=f", "", "https://a.example/b?e=f");
        check("https://a.example/b?", "?c=d", "https://a.example/b?c=d");
        check("https://a.example/b#e", "?c=d", "https://a.example/b?c=d");
    }

    #[test]
    fn ids_that_are_one_segment() {
        let check = |id: &str, expect: Option<&str>| {
            assert_eq!(segment(id).as_deref(), expect, "{id}");
        };
        check("SP09000", Some("SP09000"));
        check("", None);
        check(".", None);
        check("..", None);
        check("../x", Some("..%2Fx"));
        check("%2e%2e", Some("%252e%252e"));
        check("a?b#c\\d\r\nx: y", Some("a%3Fb%23c%5Cd%0D%0Ax%3A%20y"));
    }
}
