//! Paging, photos, contact points, errors and dates.

use crate::{documented, read};
use healthcode_core::{Checked, Issue};
use healthcode_extensions::adapters::{Counter, DottedDate, Moment, MonthFirst, TextCounter};
use healthcode_extensions::{
    AllTag, Base64Layers, DateForm, DateOrder, ErrorCode, ErrorResponse, Paging, Photo,
    ServiceDate, ServiceDateTime, SizeLevel, TelecomSlice, is_failure,
};
use healthcode_json::to_string;
use healthcode_r4::codes::ContactPointSystem;
use healthcode_r4::{Base64Binary, Bundle, OpenType, OperationOutcome, Parameters, Practitioner};

fn rules(issues: &[Issue]) -> Vec<(&str, &str)> {
    let shown = issues
        .iter()
        .map(|issue| (issue.rule.id, issue.path.as_str()));
    shown.collect()
}

/// A Bundle of no entries with these tags, and this total.
fn bundle(tags: &[(&str, &str)], total: &str) -> Bundle {
    let tags = tags
        .iter()
        .map(|(code, display)| format!(r#"{{"code":"{code}","display":{display}}}"#));
    let tags = tags.collect::<Vec<_>>().join(",");
    read(format!(r#"{{"resourceType":"Bundle","meta":{{"tag":[{tags}]}}{total}}}"#).as_bytes())
}

#[test]
fn paging_counts() {
    for (page, count, all, in_page, pages, next) in [
        (Some(1), Some(1), Some(204), Some(1), Some(204), Some(2)),
        (Some(204), Some(1), Some(204), Some(1), Some(204), None),
        (Some(300), Some(1), Some(204), Some(0), Some(204), None),
        (Some(1), Some(5), Some(6), Some(5), Some(2), Some(2)),
        (Some(1), Some(5), Some(1), Some(1), Some(1), None),
        (Some(1), Some(5), Some(0), Some(0), Some(0), None),
        (
            Some(1),
            Some(2_147_483_647),
            Some(17),
            Some(17),
            Some(1),
            None,
        ),
        (Some(1), Some(0), Some(17), Some(0), None, None),
        (None, Some(5), Some(6), Some(5), Some(2), Some(2)),
        // How many there are is not stated: after a full page there may be another.
        (Some(3), Some(5), None, Some(5), None, Some(4)),
        (Some(3), Some(5), None, Some(4), None, None),
        (Some(3), None, None, Some(4), None, None),
        // Nothing overflows.
        (
            Some(u64::MAX),
            Some(u64::MAX),
            Some(u64::MAX),
            None,
            Some(1),
            None,
        ),
        (Some(u64::MAX), Some(1), None, Some(9), None, Some(u64::MAX)),
        (
            Some(u64::MAX - 1),
            Some(1),
            Some(u64::MAX),
            None,
            Some(u64::MAX),
            Some(u64::MAX),
        ),
    ] {
        let mut paging = Paging::default();
        (paging.page, paging.count, paging.all, paging.in_page) = (page, count, all, in_page);
        assert_eq!(
            (paging.pages(), paging.next_page()),
            (pages, next),
            "{paging:?}"
        );
    }
    let mut far = Paging::new(u64::MAX, u64::MAX, 1);
    assert_eq!(far.offset(), Some(u64::MAX));
    far.page = Some(3);
    far.count = Some(10);
    assert_eq!(far.offset(), Some(20));
}

#[test]
fn paging_tags() {
    let all = &[
        ("page", "\"2\""),
        ("maxRecords", "\"7\""),
        ("count", "\"5\""),
    ];
    let clearing = bundle(all, "");
    let decoded = Paging::decode(&clearing);
    assert_eq!(decoded.issues, []);
    assert_eq!(decoded.value.all_tag, AllTag::MaxRecords);
    assert_eq!(decoded.value.next_page(), None);
    let mut again = clearing.clone();
    decoded.value.encode(&mut again);
    assert_eq!(again, clearing);

    let odd = bundle(
        &[
            ("count", "\"five\""),
            ("count", "5"),
            ("count", "\"6\""),
            ("page", "\"-1\""),
            ("other", "\"x\""),
            ("maxCount", "\"99999999999999999999999\""),
        ],
        r#","total":3"#,
    );
    let decoded = Paging::decode(&odd);
    assert_eq!(
        rules(&decoded.issues),
        [
            ("HC-PAGE-NUMBER", "Bundle.meta.tag[0].display"),
            ("HC-PAGE-REPEATED", "Bundle.meta.tag[2]"),
            ("HC-PAGE-NUMBER", "Bundle.meta.tag[3].display"),
            ("HC-PAGE-TOTAL", "Bundle.total"),
        ]
    );
    let paging = decoded.value;
    assert_eq!(
        (paging.count, paging.page, paging.all),
        (Some(5), None, Some(u64::MAX))
    );
    let mut again = odd.clone();
    paging.encode(&mut again);
    assert_eq!(
        to_string(&again),
        to_string(&odd),
        "what is known already is left alone"
    );

    // An edit changes the tag that is read, and no other.
    let mut paging = paging;
    (paging.count, paging.page, paging.all) = (Some(8), Some(1), Some(9));
    paging.encode(&mut again);
    let mut found = Paging::decode(&again).value;
    assert_eq!(
        (found.count, found.page, found.all),
        (Some(8), Some(1), Some(9))
    );
    assert!(to_string(&again).contains(r#"{"code":"count","display":"five"}"#));
    found.in_page = Some(0);
    found.encode(&mut again);
    assert_eq!(again.total.get(), Some(0));
}

const GIF: &[u8] =
    b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

fn photo(data: &str, more: &str) -> Checked<Photo> {
    let json = format!(
        r#"{{"resourceType":"Parameters","parameter":[{{"name":"other","valueString":"x"}},
        {{"name":"photo","valueAttachment":{{"data":"{data}"{more}}}}}]}}"#
    );
    Photo::decode(&read(json.as_bytes()))
}

fn once(bytes: &[u8]) -> String {
    Base64Binary::encode(bytes).as_str().to_owned()
}

#[test]
fn photos() {
    let (one, two) = (once(GIF), once(once(GIF).as_bytes()));
    let value = |name: &str| format!("Parameters.parameter[1].value.{name}");
    let twice = ("HC-PHOTO-BASE64-TWICE", value("data"));
    let kind = ("HC-PHOTO-CONTENT-TYPE", value("contentType"));
    let check = |data: &str, more: &str, expected: &[&(&str, String)]| {
        let decoded = photo(data, more);
        let expected: Vec<_> = expected
            .iter()
            .map(|(rule, path)| (*rule, path.as_str()))
            .collect();
        assert_eq!(rules(&decoded.issues), expected, "{data} {more}");
        decoded.value
    };
    let good = r#","contentType":"image/gif","size":43"#.replace("43", &GIF.len().to_string());
    let photo = check(&one, &good, &[]);
    assert_eq!(
        (photo.bytes.as_slice(), photo.layers),
        (GIF, Base64Layers::One)
    );
    assert_eq!(photo.size_counts, Some(SizeLevel::Image));
    let photo = check(&two, &good, &[&twice]);
    assert_eq!(
        (photo.bytes.as_slice(), photo.layers),
        (GIF, Base64Layers::Two)
    );
    assert_eq!(photo.extension, Some("gif"));

    // The size of either level is right, no other is.
    let inner = format!(r#","contentType":"UTF-8","size":{}"#, one.len());
    assert_eq!(
        check(&two, &inner, &[&twice, &kind]).size_counts,
        Some(SizeLevel::Inner)
    );
    let size = ("HC-PHOTO-SIZE", value("size"));
    check(&one, &inner, &[&kind, &size]);
    check(
        &two,
        r#","contentType":"image/gif","size":-1"#,
        &[&twice, &size],
    );
    check(&two, r#","contentType":"image/gif""#, &[&twice]);

    // White space is no matter.
    let spaced = format!("{}\\n {}", &two[..5], &two[5..]);
    assert_eq!(check(&spaced, &good, &[&twice]).bytes, GIF);

    // Cut off, at any place: what is there is decoded.
    let cut = ("HC-PHOTO-TRUNCATED", value("data"));
    for length in 12..one.len() {
        let photo = photo_of(&one[..length]);
        assert!(
            GIF.starts_with(&photo.value.bytes) && photo.value.bytes.len() + 3 > length * 3 / 4
        );
        // A text that ends with a group of four may be whole.
        assert_eq!(photo.value.is_complete, length % 4 == 0, "{length}");
    }
    let photo = check(&format!("{}...", &two[..40]), &good, &[&twice, &cut]);
    assert_eq!(photo.bytes, &GIF[..photo.bytes.len()]);
    assert!(photo.bytes.len() > 20 && photo.size_counts.is_none());

    // No image: kept as it is after one decoding.
    let none = ("HC-PHOTO-NOT-IMAGE", value("data"));
    let photo = check(&once(b"%PDF-1.7 SECRET"), "", &[&none]);
    assert_eq!(
        (photo.bytes.as_slice(), photo.mime),
        (&b"%PDF-1.7 SECRET"[..], None)
    );
    assert!(!format!("{photo:?}").contains("SECRET"));
    let text = once(once(b"text only").as_bytes());
    assert_eq!(
        check(&text, "", &[&none]).bytes,
        once(b"text only").as_bytes()
    );
    check("", "", &[&cut, &none]);
    check("...", "", &[&cut, &none]);
}

fn photo_of(data: &str) -> Checked<Photo> {
    photo(data, r#","contentType":"image/gif""#)
}

#[test]
fn photos_that_are_not_there() {
    for json in [
        r#"{"resourceType":"Parameters"}"#,
        r#"{"resourceType":"Parameters","parameter":[{"name":"picture","valueAttachment":{"data":"AAAA"}}]}"#,
        r#"{"resourceType":"Parameters","parameter":[{"name":"photo","valueString":"AAAA"}]}"#,
        r#"{"resourceType":"Parameters","parameter":[{"name":"photo","valueAttachment":{"data":5}}]}"#,
        r#"{"resourceType":"Parameters","parameter":[{"name":"photo","valueAttachment":{"url":"a"}}]}"#,
    ] {
        let decoded = Photo::decode(&read(json.as_bytes()));
        assert_eq!(
            rules(&decoded.issues),
            [("HC-PHOTO-ABSENT", "Parameters")],
            "{json}"
        );
        assert_eq!(decoded.value, Photo::default());
    }
}

/// Encoding restores what was decoded, in both numbers of layers.
#[test]
fn photos_encoded() {
    let documented: Parameters = read(&documented("get-profile-photo"));
    let mut photo = Photo::decode(&documented).value;
    let again = photo.encode();
    let (OpenType::Attachment(a), OpenType::Attachment(b)) = (
        documented.parameter[0].value.as_ref().unwrap(),
        again.parameter[0].value.as_ref().unwrap(),
    ) else {
        panic!("both are attachments")
    };
    assert_eq!(
        (&a.content_type, &a.size, &a.title),
        (&b.content_type, &b.size, &b.title)
    );
    let (sample, whole) = (a.data.as_str().unwrap(), b.data.as_str().unwrap());
    assert!(
        whole[..96] == sample[..96],
        "the same image in the same encoding"
    );
    for layers in [Base64Layers::One, Base64Layers::Two] {
        photo = Photo::new(GIF, "a.gif");
        photo.layers = layers;
        let decoded = Photo::decode(&photo.encode());
        assert_eq!(decoded.value, photo);
    }
}

#[test]
fn contact_points() {
    let json = r#"{"resourceType":"Practitioner","telecom":[
        {"id":"phone","value":"1"},{"id":"email","value":"2"},{"system":"sms","id":"phone","value":"3"},
        {"id":"home","value":"4"},{"value":"5"},{"id":"phone"},{"id":"phone","system":7,"value":"6"}]}"#;
    let mut practitioner: Practitioner = read(json.as_bytes());
    let phones = |practitioner: &Practitioner| -> Vec<String> {
        let values = practitioner.telecom.values_of(ContactPointSystem::Phone);
        values.map(str::to_owned).collect()
    };
    assert_eq!(phones(&practitioner), ["1", "6"]);
    assert_eq!(practitioner.telecom.fill_systems(), 3);
    assert_eq!(phones(&practitioner), ["1", "6"]);
    assert_eq!(practitioner.telecom[0].system, *"phone");
    assert!(to_string(&practitioner).contains(r#"{"id":"phone","system":7,"value":"6"}"#));
    assert_eq!(practitioner.telecom.fill_systems(), 0);
}

#[test]
fn errors() {
    let outcome = |code: &str| {
        format!(
            r#"{{"resourceType":"OperationOutcome","issue":[{{"severity":"error","code":"value",
            "details":{{"coding":[{{"system":"URL","code":"{code}","display":"SECRET"}}]}},
            "diagnostics":"SECRET","location":["Appointment"],"expression":[]}}]}}"#
        )
    };
    for (code, status, shown, reported) in [
        (
            "MSG_PARAM_INVALID",
            422,
            "HTTP status 422, MSG_PARAM_INVALID",
            false,
        ),
        (
            "MSG_PARAM_INVALID",
            400,
            "HTTP status 400, MSG_PARAM_INVALID",
            true,
        ),
        (
            "MSG_DATE_FORMAT",
            404,
            "HTTP status 404, MSG_DATE_FORMAT",
            false,
        ),
        (
            "MSG_SECRET",
            400,
            "HTTP status 400, a code that is not documented",
            false,
        ),
        (
            "FORBIDDEN_UPDATE",
            403,
            "HTTP status 403, FORBIDDEN_UPDATE",
            false,
        ),
        (
            "MISSING_OR_INVALID_HEADER",
            406,
            "HTTP status 406, MISSING_OR_INVALID_HEADER",
            false,
        ),
    ] {
        let body = outcome(code);
        let answer = ErrorResponse::from_body(status, body.clone().into_bytes());
        assert_eq!(answer.value.to_string(), shown);
        assert_eq!(answer.value.codes().next(), Some(ErrorCode::from(code)));
        assert_eq!(
            to_string(answer.value.outcome.as_ref().unwrap()).len(),
            body.replace("\n            ", "").len()
        );
        let place = ("HC-ERROR-STATUS", "OperationOutcome.issue[0].details");
        let expected: &[_] = if reported { &[place] } else { &[] };
        assert_eq!(rules(&answer.issues), expected);
        assert!(!format!("{answer:?} {}", answer.value).contains("SECRET"));
    }
    // Bodies that are none; the second has the quotes of the documentation's sample.
    for body in [
        "<html>SECRET</html>",
        r#"{"resourceType":"OperationOutcome","issue":[{"diagnostics":"a "quoted" SECRET"}]}"#,
        r#"{"resourceType":"Patient"}"#,
        r#"{"error":"invalid_token"}"#,
        "\"SECRET\"",
        "[]",
        "5",
        "null",
        "",
    ] {
        let answer = ErrorResponse::from_body(500, body.into()).value;
        assert!(answer.outcome.is_none(), "{body}");
        assert_eq!(answer.body, body.as_bytes());
        assert_eq!(answer.to_string(), "HTTP status 500");
        assert!(!format!("{answer:?}").contains("SECRET"));
    }
    for (severity, failure) in [
        ("error", true),
        ("fatal", true),
        ("information", false),
        ("warning", false),
        ("x", true),
    ] {
        let outcome: OperationOutcome = read(
            outcome("A")
                .replace(
                    r#""severity":"error""#,
                    &format!(r#""severity":"{severity}""#),
                )
                .as_bytes(),
        );
        assert_eq!(is_failure(&outcome), failure, "{severity}");
    }
}

#[test]
fn dates() {
    for (text, form, day_first, month_first) in [
        ("09.05.1977", DateForm::Dotted, "1977-05-09", "1977-09-05"),
        ("31.12.1999", DateForm::Dotted, "1999-12-31", ""),
        ("12.31.1999", DateForm::Dotted, "", "1999-12-31"),
        ("31.02.2020", DateForm::Dotted, "", ""),
        ("00.00.0000", DateForm::Dotted, "", ""),
        ("1974-11-23", DateForm::Iso, "1974-11-23", "1974-11-23"),
        ("1974-11", DateForm::Iso, "1974-11", "1974-11"),
        ("2023-02-29", DateForm::Iso, "", ""),
        ("9.5.1977", DateForm::Other, "", ""),
        ("09.05.77", DateForm::Other, "", ""),
        ("09.05.1977.", DateForm::Other, "", ""),
        ("\u{660}9.05.1977", DateForm::Other, "", ""),
        ("", DateForm::Other, "", ""),
    ] {
        let date = ServiceDate::from(text);
        assert_eq!(date.form(), form, "{text}");
        for (order, expected) in [
            (DateOrder::DayFirst, day_first),
            (DateOrder::MonthFirst, month_first),
        ] {
            let found = date
                .to_date(order)
                .map_or(String::new(), |date| date.to_string());
            assert_eq!(found, expected, "{text}");
            if let (Ok(day), DateForm::Dotted) = (date.to_naive(order), form) {
                assert_eq!(ServiceDate::with_dots(day, order), date);
            }
        }
    }
    assert!(ServiceDate::from("09.05.1977").is_ambiguous());
    for text in ["05.05.1977", "31.12.1999", "1974-11-23", "x"] {
        assert!(!ServiceDate::from(text).is_ambiguous(), "{text}");
    }
}

#[test]
fn moments() {
    for (text, utc, offset) in [
        (
            "2021-07-11T18:06:05.000+05:30",
            "2021-07-11 12:36:05 UTC",
            Some(true),
        ),
        (
            "2011-01-01T00:00:00+00:00",
            "2011-01-01 00:00:00 UTC",
            Some(true),
        ),
        (
            "2020-03-01T09:00:00Z",
            "2020-03-01 09:00:00 UTC",
            Some(true),
        ),
        (
            "2020-03-01T09:00:00",
            "2020-03-01 09:00:00 UTC",
            Some(false),
        ),
        ("2020-02-30T09:00:00", "", None),
        ("2020-03-01", "", None),
        ("2020-03-01T09:00", "", None),
        ("", "", None),
        ("Z", "", None),
    ] {
        let moment = ServiceDateTime::from(text);
        let found = moment
            .to_chrono()
            .map_or(String::new(), |moment| moment.to_utc().to_string());
        assert_eq!(
            (found.as_str(), moment.has_offset()),
            (utc, offset),
            "{text}"
        );
    }
}

#[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Row {
    #[serde(
        with = "serde_with::As::<Option<Counter>>",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    number: Option<u32>,
    #[serde(
        with = "serde_with::As::<Option<TextCounter>>",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    text: Option<u64>,
    #[serde(
        with = "serde_with::As::<Option<DottedDate<MonthFirst>>>",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    day: Option<chrono::NaiveDate>,
    #[serde(
        with = "serde_with::As::<Option<Moment>>",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    moment: Option<chrono::DateTime<chrono::FixedOffset>>,
}

#[test]
fn adapters() {
    for (json, written) in [
        (r#"{"number":5}"#, r#"{"number":5}"#),
        (r#"{"number":"5"}"#, r#"{"number":5}"#),
        (r#"{"text":5}"#, r#"{"text":"5"}"#),
        (r#"{"text":"2147483647"}"#, r#"{"text":"2147483647"}"#),
        (r#"{"day":"12.31.1977"}"#, r#"{"day":"12.31.1977"}"#),
        (r#"{"day":"1977-12-31"}"#, r#"{"day":"12.31.1977"}"#),
        (
            r#"{"moment":"2020-03-01T09:00:00"}"#,
            r#"{"moment":"2020-03-01T09:00:00Z"}"#,
        ),
        (
            r#"{"moment":"2020-03-01T09:00:00.500+05:30"}"#,
            r#"{"moment":"2020-03-01T09:00:00.500+05:30"}"#,
        ),
    ] {
        let row: Row = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&row).unwrap(), written);
        assert_eq!(serde_json::from_str::<Row>(written).unwrap(), row);
    }
    for json in [
        r#"{"number":"SECRET"}"#,
        r#"{"number":"+5"}"#,
        r#"{"number":""}"#,
        r#"{"number":-77123}"#,
        r#"{"number":77123.5}"#,
        r#"{"number":7712377123}"#,
        r#"{"text":"77123771237712377123"}"#,
        r#"{"day":"31.12.1977"}"#,
        r#"{"day":"SECRET"}"#,
        r#"{"moment":"SECRET"}"#,
    ] {
        let error = serde_json::from_str::<Row>(json).unwrap_err().to_string();
        assert!(
            !error.contains("SECRET") && !error.contains("77"),
            "{error}"
        );
    }
}
