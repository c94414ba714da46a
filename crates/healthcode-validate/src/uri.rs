//! The forms of URIs.

use healthcode_core::{PrimitiveKind, lexical};

/// Whether a URI has a scheme (RFC 3986 section 3.1).
#[inline]
pub(crate) fn is_absolute(uri: &str) -> bool {
    if uri.starts_with("http://") || uri.starts_with("https://") || uri.starts_with("urn:") {
        return true;
    }
    let is_scheme = |scheme: &str| {
        let mut bytes = scheme.bytes();
        bytes.next().is_some_and(|b| b.is_ascii_alphabetic())
            && bytes.all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
    };
    memchr::memchr(b':', uri.as_bytes()).is_some_and(|end| is_scheme(&uri[..end]))
}

/// Whether a text is an absolute URI of the form that its scheme has. Letters of a UUID may be of
/// either case (RFC 4122 section 3).
pub(crate) fn is_uri(text: &str) -> bool {
    let is_good = |text: &str| lexical::check(PrimitiveKind::Uri, text).is_ok();
    let good = match text.strip_prefix("urn:uuid:") {
        Some(_) => is_good(&text.to_ascii_lowercase()),
        None => is_good(text),
    };
    good && is_absolute(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes() {
        for (uri, expect) in [
            ("http://a.b", true),
            ("urn:oid:1.2", true),
            ("mailto:a@b", true),
            ("x+y.z-1:", true),
            ("", false),
            ("a/b:c", false),
            ("1a:b", false),
            (":x", false),
            ("ValueSet/x", false),
            ("//host/x", false),
        ] {
            assert_eq!(is_absolute(uri), expect, "{uri}");
        }
    }

    #[test]
    fn uris() {
        for (text, expect) in [
            ("http://a.b/c", true),
            ("mailto:a@b.c", true),
            ("urn:oid:1.2.3", true),
            ("urn:uuid:C757873D-ec9a-4326-a141-556f43239520", true),
            ("urn:iso-astm:E1762-95:2013", true),
            ("urn:oid:1.02", false),
            ("urn:oid:", false),
            ("urn:uuid:1", false),
            ("urn:uuid:{c757873d-ec9a-4326-a141-556f43239520}", false),
            ("1.2.3", false),
            ("c757873d-ec9a-4326-a141-556f43239520", false),
            ("http://a.b/c d", false),
            (" http://a.b", false),
            ("a/b", false),
            ("", false),
        ] {
            assert_eq!(is_uri(text), expect, "{text:?}");
        }
    }
}
