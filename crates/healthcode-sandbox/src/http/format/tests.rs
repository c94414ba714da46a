//! What clients request, in `_format` and `Accept`.

use super::*;
use http::header::ACCEPT;

/// The media type of XML that is wanted, an empty text for JSON, or `406`.
fn wanted(query: &str, accept: &[&'static str]) -> &'static str {
    let uri: Uri = format!("http://localhost/Patient/1{query}")
        .parse()
        .unwrap();
    let mut headers = HeaderMap::new();
    for value in accept {
        headers.append(ACCEPT, HeaderValue::from_static(value));
    }
    match Wanted::read(&uri, &headers) {
        None => "406",
        Some(wanted) => wanted.xml.unwrap_or(""),
    }
}

#[test]
fn of_parameter() {
    let rows = [
        ("xml", FHIR_XML),
        ("text/xml", "text/xml"),
        ("application/xml", "application/xml"),
        ("application/fhir%2Bxml", FHIR_XML),
        ("application/fhir+xml", FHIR_XML),
        ("application/fhir%2Bxml%3B%20fhirVersion=4.0", FHIR_XML),
        ("XML", FHIR_XML),
        ("json", ""),
        ("application/json", ""),
        ("application/fhir%2Bjson", ""),
        ("ttl", "406"),
        ("text/turtle", "406"),
        ("html", "406"),
        ("", "406"),
    ];
    for (value, expected) in rows {
        let query = format!("?_id=1&_format={value}");
        assert_eq!(wanted(&query, &[]), expected, "{value}");
        // It overrides the header.
        assert_eq!(wanted(&query, &["application/fhir+json"]), expected);
        assert_eq!(wanted(&query, &["text/html"]), expected);
    }
}

#[test]
fn of_header() {
    let rows: [(&[&'static str], _); 16] = [
        (&[], ""),
        (&["application/fhir+xml"], FHIR_XML),
        (&["application/xml"], "application/xml"),
        (&["text/xml; charset=utf-8"], "text/xml"),
        (&["Application/FHIR+XML;fhirVersion=4.0"], FHIR_XML),
        (&["application/fhir+json"], ""),
        (&["*/*"], ""),
        (&["application/*"], ""),
        (&["application/fhir+xml, */*"], FHIR_XML),
        (&["*/*, application/fhir+xml"], FHIR_XML),
        (&["application/fhir+json, application/fhir+xml"], ""),
        (
            &["application/fhir+json;q=0.5, application/fhir+xml;q=0.9"],
            FHIR_XML,
        ),
        (&["application/fhir+json;q=0, application/json"], ""),
        (&["text/html", "application/fhir+xml;q=0.1"], FHIR_XML),
        (&["text/html"], "406"),
        (&["application/fhir+xml;q=0"], "406"),
    ];
    for (accept, expected) in rows {
        assert_eq!(wanted("", accept), expected, "{accept:?}");
    }
}

#[test]
fn addresses_without_the_parameter() {
    let without = |text: &str| without_parameter(&text.parse().unwrap()).map(|uri| uri.to_string());
    assert_eq!(without("/p?_format=xml"), Some("/p".to_owned()));
    assert_eq!(
        without("/p?a=1&_format=xml&b=2"),
        Some("/p?a=1&b=2".to_owned())
    );
    assert_eq!(without("/p?%5Fformat=xml&b=2"), Some("/p?b=2".to_owned()));
    assert_eq!(without("/p?a=1"), None);
    assert_eq!(without("/p"), None);
}
