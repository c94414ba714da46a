//! Captured queries: the documented requests as they are written, and each slip by itself.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use healthcode_search::{Captured, Scope};

fn documented(name: &str) -> String {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/fixtures/documented"
    );
    std::fs::read_to_string(format!("{folder}/restricted-ppr.{name}.request.curl.txt")).unwrap()
}

/// All that is read, for a snapshot.
fn shown(captured: &Captured) -> String {
    let mut out = format!(
        "{} at {:?}\n",
        captured.query.scope().name(),
        captured.address
    );
    for (name, value) in captured.query.pairs() {
        out.push_str(&format!("  {name} = {value:?}\n"));
    }
    for issue in &captured.issues {
        out.push_str(&format!("{issue}\n"));
    }
    out
}

fn read(text: &str, scope: &str) -> Captured {
    let scope = (!scope.is_empty()).then(|| Scope::named(scope).unwrap());
    Captured::parse(text, scope).unwrap()
}

#[test]
fn documented_practitioner() {
    insta::assert_snapshot!(shown(&read(&documented("search-practitioner"), "")));
}

#[test]
fn documented_practitioner_role() {
    let captured = read(&documented("search-practitionerrole"), "");
    insta::assert_snapshot!(shown(&captured));
    // What was understood is what the builders build, and can be sent.
    let built = include_str!("snapshots/documented__practitioner_role.snap");
    assert!(built.contains(captured.query.encode().unwrap().as_str()));
}

#[test]
fn documented_photo() {
    insta::assert_snapshot!(shown(&read(&documented("get-profile-photo"), "")));
}

/// The slips of a text by rule, and what is sent instead.
fn slips(scope: &str, text: &str) -> (Vec<&'static str>, String) {
    let captured = read(text, scope);
    let rules = captured.issues.iter().map(|issue| issue.rule.id);
    let slips = rules.filter(|rule| !matches!(*rule, "QUERY-RESTRICTED" | "QUERY-SAMPLE-ONLY"));
    let encoded = captured.query.encode_as_it_is().as_str().to_owned();
    (slips.collect(), encoded)
}

#[test]
fn each_slip() {
    for (scope, text, rules, encoded) in [
        (
            "practitioner",
            "family=Clinton&given=Warren",
            &[][..],
            "family=Clinton&given=Warren",
        ),
        (
            "practitioner",
            "given=Warren is-onlinebooking-available=false",
            &["SLIP-AMPERSAND"],
            "given=Warren&is-onlinebooking-available=false",
        ),
        (
            "practitioner",
            "given=Warrenis-onlinebooking-available=false",
            &["SLIP-AMPERSAND"],
            "given=Warren&is-onlinebooking-available=false",
        ),
        (
            "ice-practitioner",
            "postcode=W1H 3DAnear=51.4:-0.4:20:km",
            &["SLIP-SPACE", "SLIP-AMPERSAND"],
            "postcode=W1H%203DA&near=51.4:-0.4:20:km",
        ),
        (
            "practitioner-role",
            "near=1:1&sort=distance:desc",
            &["SLIP-UNDERSCORE"],
            "near=1:1&_sort=distance:desc",
        ),
        (
            "practitioner-role",
            "_sort=name:desc& (OR name:asc)",
            &["SLIP-PROSE"],
            "_sort=name:desc",
        ),
        (
            "practitioner-role",
            "practitioner=SP00123, SP00456",
            &["SLIP-LIST-SPACE"],
            "practitioner=SP00123,SP00456",
        ),
        (
            "ice-practitioner",
            "_since= 2020-03-01T09:00:00",
            &["SLIP-OUTER-SPACE"],
            "_since=2020-03-01T09:00:00",
        ),
        (
            "find-member",
            "insurerIdentifier=bup&dateOfBirth=1998-08-08",
            &["SLIP-CASE"],
            "insurerIdentifier=bup&dateOfbirth=1998-08-08",
        ),
        (
            "find-member",
            "insurerIdentifier=bup&postCode=BT43%25207BU",
            &["SLIP-ENCODED-TWICE"],
            "insurerIdentifier=bup&postCode=BT43%25207BU",
        ),
        (
            "",
            "curl '{find_member_endpoint}'? --data 'insurerIdentifier=bup'",
            &["SLIP-QUESTION-MARK"],
            "insurerIdentifier=bup",
        ),
        (
            "",
            "curl --request POST --url '{find_member_endpoint}' --data-urlencode 'insurerIdentifier=bup' --data-urlencode 'postCode=BT43%207BU'",
            &["SLIP-ENCODED-TWICE"],
            "insurerIdentifier=bup&postCode=BT43%25207BU",
        ),
        (
            "",
            "curl --url 'search_booking_practitioner_endpoint?family=A\n--header 'SU-SiteId': 'HC00ABC'",
            &[
                "SLIP-QUOTE",
                "SLIP-CONTINUATION",
                "SLIP-HEADER",
                "SLIP-BRACES",
            ],
            "family=A",
        ),
        (
            "",
            "curl -G -d family=A -X GET {search_practitioner_endpoint}",
            &[],
            "family=A",
        ),
        (
            "",
            "curl -d family=A {search_practitioner_endpoint}",
            &["QUERY-METHOD"],
            "family=A",
        ),
        (
            "",
            "https://example.org/Patient?&family=A&&?given=B&x",
            &[
                "SLIP-QUESTION-MARK",
                "SLIP-EMPTY-PIECE",
                "SLIP-EMPTY-PIECE",
                "SLIP-NO-EQUALS",
            ],
            "family=A&given=B",
        ),
        (
            "",
            "/Patient?_lastUpdated=ge2020-01-01T00:00:00+01:00",
            &["SLIP-PLUS"],
            "_lastUpdated=ge2020-01-01T00:00:00%2B01:00",
        ),
        (
            "",
            "/Patient?family=50%&given=%FF",
            &["SLIP-PERCENT", "SLIP-UTF8"],
            "family=50%25&given=%EF%BF%BD",
        ),
        (
            "",
            "/ValueSet?url=http://example.org/x?version=2",
            &[],
            "url=http://example.org/x%3Fversion%3D2",
        ),
        (
            "practitioner",
            "colour=red&page=01",
            &["QUERY-NAME", "QUERY-VALUE"],
            "colour=red&page=01",
        ),
        (
            "sds-device",
            "organization=a|b&identifier=c|d&identifier=e|f",
            &[],
            "organization=a%7Cb&identifier=c%7Cd&identifier=e%7Cf",
        ),
        (
            "practitioner-role",
            "near=53.4|-2.2|4|mi",
            &["QUERY-VALUE"],
            "near=53.4%7C-2.2%7C4%7Cmi",
        ),
    ] {
        let (found, again) = slips(scope, text);
        assert_eq!((&found[..], again.as_str()), (rules, encoded), "{text}");
        let (_, twice) = slips(read(text, scope).query.scope().name(), &again);
        assert_eq!(twice, again, "{text}: not idempotent");
    }
}

#[test]
fn without_an_endpoint_or_a_command() {
    for text in [
        "",
        "family=Clinton",
        "https://example.org/other?a=b",
        "curl 'x",
    ] {
        let error = Captured::parse(text, None).unwrap_err();
        assert_eq!(error.issues()[0].rule.id, "QUERY-ENDPOINT", "{text}");
    }
    for text in ["curl", "wget -i urls.txt", "Invoke-RestMethod $uri"] {
        let error = Captured::parse(text, None).unwrap_err();
        assert_eq!(error.issues()[0].rule.id, "QUERY-COMMAND", "{text}");
    }
}
