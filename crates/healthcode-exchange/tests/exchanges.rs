//! Captures, and what is found in them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod kit;

use healthcode_exchange::{Capture, CaptureError, Checker};
use kit::*;

/// A HAR file of one exchange.
fn har(request: &str, response: &str) -> String {
    format!(
        r#"{{"log":{{"version":"1.2","entries":[{{"request":{{{request}}},"response":{{{response}}}}}]}}}}"#
    )
}

const SDS: &str = "https://int.api.service.nhs.uk/spine-directory/FHIR/R4/Device?\
    organization=https://fhir.nhs.uk/Id/ods-organization-code%7CA1001&\
    identifier=https://fhir.nhs.uk/Id/nhsServiceInteractionId%7Curn:nhs:names:services:psis:REPC_IN150016UK05";

/// A request to SDS with these header fields, and an answer.
fn sds(headers: &str, status: u16, answer_headers: &str, body: &str) -> String {
    let text = serde_json::to_string(body).unwrap();
    har(
        &format!(r#""method":"GET","url":"{SDS}","headers":[{headers}]"#),
        &format!(r#""status":{status},"headers":[{answer_headers}],"content":{{"text":{text}}}"#),
    )
}

#[test]
fn headers_and_status() {
    let key = field("apikey", "[redacted]");
    let fhir = field("Content-Type", "application/fhir+json");
    check(&sds(&key, 200, &fhir, BUNDLE), &[]);
    check(
        &sds("", 200, &fhir, BUNDLE),
        &["0 request EXCHANGE-HEADER-MISSING apikey"],
    );
    check(
        &sds(&field("apikey", "s3cr3t"), 200, &fhir, BUNDLE),
        &["0 request EXCHANGE-CREDENTIALS apikey"],
    );
    let correlated = format!("{key},{}", field("x-correlation-id", "12"));
    check(
        &sds(&correlated, 200, &fhir, BUNDLE),
        &["0 request EXCHANGE-HEADER-VALUE X-Correlation-Id"],
    );
    let id = "60e0b220-8136-4ca5-ae46-1d97ef59d068";
    let correlated = format!("{key},{}", field("X-Correlation-Id", id));
    let other = format!(
        "{fhir},{}",
        field("x-correlation-id", &id.replace('6', "7"))
    );
    check(
        &sds(&correlated, 200, &other, BUNDLE),
        &["0 response EXCHANGE-CORRELATION X-Correlation-ID"],
    );
    let accepts = format!("{key},{}", field("Accept", "text/html"));
    check(
        &sds(&accepts, 200, &fhir, BUNDLE),
        &["0 request EXCHANGE-MEDIA-TYPE Accept"],
    );
    check(
        &sds(&key, 200, &field("Content-Type", "text/plain"), BUNDLE),
        &["0 response EXCHANGE-ANSWER-MEDIA-TYPE Content-Type"],
    );
    check(
        &sds(&key, 404, "", "<html>"),
        &["0 response EXCHANGE-STATUS -"],
    );
    check(
        &sds(&key, 302, "", ""),
        &["0 response EXCHANGE-REDIRECT Location"],
    );
    check(
        &sds(
            &key,
            200,
            &fhir,
            r#"{"resourceType":"Patient","birthDate":"1.2.1990"}"#,
        ),
        &[
            "0 response.body EXCHANGE-ANSWER-TYPE -",
            "0 response.body R4-DATE Patient.birthDate",
        ],
    );
    let outcome =
        r#"{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"value"}]}"#;
    check(
        &sds(&key, 200, &fhir, outcome),
        &["0 response EXCHANGE-STATUS -"],
    );
    check(&sds(&key, 400, &fhir, outcome), &[]);
    check(&sds(&key, 0, "", ""), &["0 response EXCHANGE-NO-ANSWER -"]);
}

/// Healthcode's addresses are known by the discovery document of the same capture.
#[test]
fn discovered() {
    let discovery = r#"{"search_practitionerrole_endpoint":"https://x.example/ppr/roles",
        "find_member_endpoint":"https://x.example/member","version":1}"#;
    let own = "Authorization: Bearer [redacted]\n> SU-SiteId: HC00ABC\n> HC-API-Version: 1";
    let call = |request: &str, headers: &str, answer: &str| {
        format!(
            "$ curl -v https://x.example/.well-known/discovery-document.json\n\
             * Connected to x.example\n> GET /.well-known/discovery-document.json HTTP/1.1\n\
             > Host: x.example\n>\n< HTTP/1.1 200 OK\n< Content-Type: application/json\n<\n{discovery}\n\
             $ curl -v {request}\n> Host: x.example\n> {headers}\n>\n< HTTP/1.1 200 OK\n\
             < Content-Type: application/fhir+json\n<\n{answer}* Connection #0 to host x.example left intact\n"
        )
    };
    let roles = "https://x.example/ppr/roles?count=1'\n> GET /ppr/roles?count=1 HTTP/2";
    check(
        &call(&format!("'{roles}"), own, BUNDLE),
        &[
            "1 request EXCHANGE-RESTRICTED -",
            "1 request.query QUERY-SAMPLE-ONLY count",
        ],
    );
    check(
        &call(&format!("'{roles}"), "Accept: */*", BUNDLE),
        &[
            "1 request EXCHANGE-RESTRICTED -",
            "1 request EXCHANGE-HEADER-MISSING Authorization",
            "1 request EXCHANGE-HEADER-MISSING SU-SiteId",
            "1 request EXCHANGE-HEADER-RECOMMENDED HC-API-Version",
            "1 request.query QUERY-SAMPLE-ONLY count",
        ],
    );
    let two = r#"{"resourceType":"Bundle","type":"searchset","entry":[
        {"resource":{"resourceType":"Basic","id":"a","code":{"text":"a"}}},{"resource":{"resourceType":"Basic","id":"b","code":{"text":"a"}}}]}"#;
    check(
        &call(&format!("'{roles}"), own, two),
        &[
            "1 request EXCHANGE-RESTRICTED -",
            "1 request.query QUERY-SAMPLE-ONLY count",
            "1 response.body EXCHANGE-ANSWER-SIZE Bundle.entry",
        ],
    );
    // An unknown parameter, and a form that is sent as a query.
    let wrong =
        "'https://x.example/ppr/roles?familly=X' --compressed\n> GET /ppr/roles?familly=X HTTP/2";
    check(
        &call(wrong, own, BUNDLE),
        &[
            "1 request EXCHANGE-RESTRICTED -",
            "1 request.query QUERY-NAME parameter[0]",
        ],
    );
}

/// Positions are those of the transcript.
#[test]
fn positions() {
    let text = format!(
        "$ curl -i '{SDS}' \\\n  -H 'apikey: $KEY'\nHTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\n\r\n\
         {{\"resourceType\": \"Bundle\",\n \"type\": \"searchset\", \"total\": -1}}\n"
    );
    let capture = Capture::read(text.as_bytes()).unwrap();
    let findings = Checker::default().check(&capture);
    assert_eq!(findings.len(), 1);
    let issue = findings[0].in_capture(&capture);
    assert_eq!(issue.path, "exchange[0].response.body: Bundle.total");
    assert_eq!(issue.position.unwrap().to_string(), "7:32");
    let offset = issue.position.unwrap().offset as usize;
    assert_eq!(&text[offset..offset + 2], "-1");
}

#[test]
fn credentials() {
    let token = r#"{"access_token":"eyJhbGciOi","expires_in":"599"}"#;
    let text = serde_json::to_string(token).unwrap();
    check(
        &har(
            r#""method":"POST","url":"https://int.api.service.nhs.uk/oauth2/token","headers":[],
               "postData":{"params":[{"name":"client_assertion","value":"eyJ0"}]}"#,
            &format!(r#""status":200,"headers":[],"content":{{"text":{text}}}"#),
        ),
        &[
            "0 request EXCHANGE-CREDENTIALS client_assertion",
            "0 response EXCHANGE-CREDENTIALS access_token",
        ],
    );
}

/// Redirects that curl follows, informational answers, and bodies that are encoded.
#[test]
fn forms_of_captures() {
    let followed = format!(
        "curl -iL '{SDS}' -H 'apikey: ***'\nHTTP/1.1 100 Continue\n\nHTTP/1.1 301 Moved\nLocation: /b?{}\n\n\
         HTTP/1.1 200 OK\nContent-Type: application/fhir+json\n\n{BUNDLE}\n",
        SDS.split_once('?').unwrap().1
    );
    let capture = Capture::read(followed.as_bytes()).unwrap();
    let status =
        |exchange: &healthcode_exchange::Exchange| exchange.response.as_ref().unwrap().status;
    assert_eq!(
        capture.exchanges.iter().map(status).collect::<Vec<_>>(),
        [301, 200]
    );
    assert_eq!(found(&capture), Vec::<String>::new());

    let encoded = har(
        r#""method":"get","url":"https://other.example/x","headers":[{"name":":path","value":"/x"}]"#,
        r#""status":200,"headers":[],"content":{"text":"eyJyZXNvdXJjZVR5cGUiOiJTbG90In0=","encoding":"base64"}"#,
    );
    let capture = Capture::read(encoded.as_bytes()).unwrap();
    let body = capture.exchanges[0]
        .response
        .as_ref()
        .unwrap()
        .body
        .as_ref()
        .unwrap();
    assert_eq!(body.bytes, br#"{"resourceType":"Slot"}"#);
    assert_eq!(
        found(&capture)[..2],
        [
            "0 request EXCHANGE-UNKNOWN -",
            "0 response.body R4-REQUIRED Slot.schedule"
        ]
    );
}

#[test]
fn no_captures() {
    for bytes in [&b""[..], b"{}", b"\xff\xfe", b"hello", b"{\"log\""] {
        assert!(
            matches!(Capture::read(bytes), Err(CaptureError::NoCapture)),
            "{bytes:?}"
        );
    }
    let error = Capture::read(b"{\"log\":{\"entries\":[{]}}").unwrap_err();
    assert_eq!(
        error.to_string(),
        "this HAR file is broken at line 1, column 21"
    );
    for text in [
        "Script started on 2026-11-29\n",
        "$ ls\ncurl: (6) Could not resolve host: x\n",
    ] {
        let error = Capture::read(text.as_bytes()).unwrap_err();
        assert!(matches!(error, CaptureError::NoExchange), "{text}");
    }
    let empty = Capture::read(b"{\"log\":{}}").unwrap();
    assert!(Checker::default().check(&empty).is_empty());
}

#[test]
fn nothing_is_shown() {
    let key = field("apikey", "s3cr3t");
    let text = sds(
        &key,
        200,
        "",
        r#"{"resourceType":"Patient","birthDate":"s3cr3t"}"#,
    );
    let capture = Capture::read(text.as_bytes()).unwrap();
    let findings = Checker::default().check(&capture);
    assert!(findings.len() > 1);
    let shown = format!("{capture:?} {findings:?}");
    assert!(
        !shown.contains("s3cr3t") && !shown.contains("A1001"),
        "{shown}"
    );
}

/// An exchange with Healthcode's roles, or another endpoint: what is found of the answer.
fn answered(key: &str, query: &str, bundle: &str) -> Vec<String> {
    let discovery = format!(r#"{{"{key}":"https://x.example/e"}}"#);
    let [discovery, bundle] =
        [&discovery[..], bundle].map(|text| serde_json::to_string(text).unwrap());
    let headers = [
        field("Authorization", "[redacted]"),
        field("SU-SiteId", "HC00ABC"),
        field("HC-API-Version", "1"),
    ];
    let text = format!(
        r#"{{"log":{{"entries":[
        {{"request":{{"method":"GET","url":"https://x.example/.well-known/d"}},"response":{{"status":200,"content":{{"text":{discovery}}}}}}},
        {{"request":{{"method":"GET","url":"https://x.example/e?{query}","headers":[{}]}},
          "response":{{"status":200,"headers":[{}],"content":{{"text":{bundle}}}}}}}]}}}}"#,
        headers.join(","),
        field("content-type", "application/fhir+json"),
    );
    let capture = Capture::read(text.as_bytes()).unwrap();
    let all = found(&capture).into_iter();
    let answers = all.filter_map(|line| line.strip_prefix("1 response.body ").map(str::to_owned));
    answers
        .filter(|answer| answer.starts_with("EXCHANGE-"))
        .collect()
}

/// A searchset with these tags and entries.
fn searchset(tags: &[(&str, u64)], entries: &[String]) -> String {
    let tags: Vec<_> = tags
        .iter()
        .map(|(code, display)| format!(r#"{{"code":"{code}","display":"{display}"}}"#))
        .collect();
    format!(
        r#"{{"resourceType":"Bundle","type":"searchset","total":{},"meta":{{"tag":[{}]}},"entry":[{}]}}"#,
        entries.len(),
        tags.join(","),
        entries.join(",")
    )
}

fn practitioner(id: &str, family: &str, gender: &str) -> String {
    format!(
        r#"{{"resource":{{"resourceType":"Practitioner","id":"{id}","gender":"{gender}","name":[{{"family":"{family}"}}]}}}}"#
    )
}

fn role(practitioner: &str, location: &str) -> String {
    format!(
        r#"{{"resource":{{"resourceType":"PractitionerRole","practitioner":{{"reference":"Practitioner/{practitioner}"}},
        "location":[{{"reference":"Location/{location}"}}]}},"search":{{"mode":"match"}}}}"#
    )
}

fn location(id: &str, longitude: f64) -> String {
    format!(
        r#"{{"resource":{{"resourceType":"Location","id":"{id}","position":{{"latitude":51.5,"longitude":{longitude}}}}},
        "search":{{"mode":"include"}}}}"#
    )
}

#[test]
fn answers_and_their_queries() {
    let key = "search_practitioner_endpoint";
    let all = |tags: &[(&str, u64)]| {
        let women = practitioner("1", "Smith", "female");
        searchset(tags, &[women, practitioner("2", "Smithers", "male")])
    };
    let check = |query: &str, bundle: &str, expect: &[&str]| {
        assert_eq!(answered(key, query, bundle), expect, "{query}");
    };
    check("family=Smith", &all(&[]), &[]);
    check(
        "family=Smith&gender=male",
        &all(&[]),
        &["EXCHANGE-ANSWER-MATCH Bundle.entry[0].resource"],
    );
    // What is unknown is not reported.
    let silent = r#"{"resource":{"resourceType":"Practitioner","id":"3"}}"#.to_owned();
    let silent = searchset(&[], &[silent]);
    check("is-onlinebooking-available=true", &silent, &[]);
    check(
        "gender=male&is-onlinebooking-available=true",
        &silent,
        &["EXCHANGE-ANSWER-MATCH Bundle.entry[0].resource"],
    );
    // What is included need not match.
    let included =
        practitioner("2", "Jones", "male").replace("}}", "},\"search\":{\"mode\":\"include\"}}");
    let bundle = searchset(&[], &[practitioner("1", "Smith", "female"), included]);
    check("family=Smith", &bundle, &[]);

    check(
        "page=2&count=2&family=Smith",
        &all(&[("page", 2), ("count", 2), ("maxCount", 4)]),
        &[],
    );
    let page = "EXCHANGE-ANSWER-PAGE Bundle.meta.tag";
    check(
        "page=2&count=2&family=Smith",
        &all(&[("page", 1), ("count", 2), ("maxCount", 4)]),
        &[page],
    );
    check(
        "page=1&count=5&family=Smith",
        &all(&[("page", 1), ("count", 9), ("maxCount", 2)]),
        &[page],
    );
    check(
        "page=2&count=2&family=Smith",
        &all(&[("page", 2), ("count", 2), ("maxCount", 3)]),
        &[page],
    );
    // Without a count, the tag says what the service likes.
    check(
        "family=Smith",
        &all(&[("page", 1), ("count", 2_147_483_647), ("maxCount", 2)]),
        &[],
    );
}

#[test]
fn orders_and_distinct_entries() {
    let check = |query: &str, entries: &[String], expect: &[&str]| {
        let bundle = searchset(&[], entries);
        let found = answered("search_practitionerrole_endpoint", query, &bundle);
        assert_eq!(found, expect, "{query}");
    };
    let near = "near=51.5:0:500:km";
    let places = [
        location("a", 0.1),
        location("b", 0.2),
        location("c", 0.2005),
    ];
    let roles = |order: &[(&str, &str)]| {
        let roles = order.iter().map(|pair| role(pair.0, pair.1));
        roles.chain(places.clone()).collect::<Vec<_>>()
    };
    let sorted = roles(&[("1", "a"), ("2", "b"), ("3", "c")]);
    let order = |entry: usize| format!("EXCHANGE-ANSWER-ORDER Bundle.entry[{entry}].resource");
    check(&format!("{near}&_sort=distance:asc"), &sorted, &[]);
    check(
        &format!("{near}&_sort=distance:desc"),
        &sorted,
        &[&order(1)],
    );
    // A service that measures otherwise may see near equals the other way round.
    let close = roles(&[("1", "a"), ("3", "c"), ("2", "b")]);
    check(&format!("{near}&_sort=distance:asc"), &close, &[]);
    let wrong = roles(&[("1", "b"), ("3", "c"), ("2", "a")]);
    check(&format!("{near}&_sort=distance:asc"), &wrong, &[&order(2)]);
    // Places that are not there have no distance.
    let unplaced = [role("1", "b"), role("2", "x"), role("3", "a")];
    check(&format!("{near}&_sort=distance:asc"), &unplaced, &[]);

    let named = |id: &str, family: &str| {
        practitioner(id, family, "male").replace("}}", "},\"search\":{\"mode\":\"include\"}}")
    };
    let people = [
        named("1", "Adams"),
        named("2", "Öztürk"),
        named("3", "Parr"),
    ];
    let by_name = |order: &[&str]| {
        let roles = order.iter().map(|name| role(name, "x"));
        roles.chain(people.clone()).collect::<Vec<_>>()
    };
    check("_sort=name:asc", &by_name(&["1", "2", "9", "3"]), &[]);
    check(
        "_sort=name:asc",
        &by_name(&["1", "3", "9", "2"]),
        &[&order(3)],
    );
    check("_sort=name:desc", &by_name(&["3", "2", "2", "1"]), &[]);
    check("_sort=name:desc", &by_name(&["1", "2", "3"]), &[&order(1)]);

    let again = |entry: usize| format!("EXCHANGE-ANSWER-DISTINCT Bundle.entry[{entry}].resource");
    let twice = [role("1", "a"), role("2", "a"), role("1", "b")];
    check("", &twice, &[]);
    check("distinct-by=practitioner", &twice, &[&again(2)]);
    check("distinct-by=location", &twice, &[&again(1)]);
}

/// Findings of answers have their places in the capture.
#[test]
fn where_answers_miss() {
    let body = format!(
        "{{\"resourceType\": \"Bundle\", \"type\": \"searchset\",\n \"entry\": [{}]}}",
        r#"{"resource": {"resourceType": "Device", "id": "d", "identifier": [{"system": "https://fhir.nhs.uk/Id/nhsServiceInteractionId", "value": "x"}],
        "owner": {"identifier": {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "B2"}}}}"#
    );
    let text = format!(
        "$ curl -i '{SDS}' -H 'apikey: $KEY'\nHTTP/1.1 200 OK\nContent-Type: application/fhir+json\n\n{body}\n"
    );
    let capture = Capture::read(text.as_bytes()).unwrap();
    for finding in Checker::default().check(&capture) {
        let issue = finding.in_capture(&capture);
        if issue.rule.id == "EXCHANGE-ANSWER-MATCH" {
            assert!(!format!("{issue:?} {issue}").contains("B2"));
            assert_eq!(issue.position.unwrap().line, 6);
            return;
        }
    }
    panic!("the owner is another one");
}

const KEY: &str = "Ocp-Apim-Subscription-Key: [redacted]";
/// Graphnet's base is not documented: its header shows it, also for calls that lack the header.
#[test]
fn calls_of_graphnet() {
    let base = "https://gateway.example.org/care/fhir";
    let get = |path: &str, fields: &[&str], answer| {
        exchange("GET", &format!("{base}/{path}"), fields, "", answer)
    };
    let both = &[BEARER, KEY][..];
    let empty = (200, BUNDLE);
    together(&[get("Patient?family=Smith", both, empty)], &[]);
    together(
        &[get("Patient?familly=Smith", both, empty)],
        &["0 request.query QUERY-NAME parameter[0]"],
    );
    // Links to other pages are the server's own, and only those.
    let next = format!("{base}/Patient?family=Smith&_token=2");
    let paged = format!(
        r#"{{"resourceType":"Bundle","type":"searchset","link":[{{"relation":"next","url":"{next}"}}]}}"#
    );
    let first = get("Patient?family=Smith", both, (200, &paged));
    let second = get("Patient?family=Smith&_token=2", both, empty);
    let third = get("Patient?family=Smith&_token=3", both, empty);
    together(
        &[first, second, third],
        &["2 request.query QUERY-NAME parameter[1]"],
    );
    // Without the header it may be anybody's.
    let other = get("Patient?family=Smith", &[BEARER], empty);
    together(std::slice::from_ref(&other), &[]);
    together(
        &[get("Condition?patient=Patient/1", both, empty), other],
        &["1 request EXCHANGE-HEADER-MISSING Ocp-Apim-Subscription-Key"],
    );
    // Documented hosts are known without it.
    together(
        &[exchange(
            "GET",
            "https://api.graphnethealth.com/f/Patient?family=Smith",
            &[BEARER],
            "",
            empty,
        )],
        &["0 request EXCHANGE-HEADER-MISSING Ocp-Apim-Subscription-Key"],
    );
    together(
        &[exchange(
            "GET",
            "https://graphnethealth.com.example.org/f/Patient?family=Smith",
            &[],
            "",
            empty,
        )],
        &[],
    );
    // Reads: nothing of STU3 is held to R4.
    let patient = r#"{"resourceType":"Patient","id":"1","animal":{"species":1},"birthDate":"x"}"#;
    together(&[get("Patient/1", both, (200, patient))], &[]);
    together(
        &[get("Patient/1", &[KEY], (200, BUNDLE))],
        &[
            "0 request EXCHANGE-HEADER-MISSING Authorization",
            "0 response.body EXCHANGE-ANSWER-TYPE -",
        ],
    );
    together(
        &[exchange(
            "PUT",
            &format!("{base}/Patient/1"),
            both,
            "",
            (200, patient),
        )],
        &["0 request EXCHANGE-METHOD -"],
    );
    // The gateway's own answers are no FHIR; those of the service are.
    let message = r#"{"statusCode":401,"message":"no key"}"#;
    together(&[get("Patient/1", both, (401, message))], &[]);
    together(
        &[get("Patient/1", both, (404, message))],
        &["0 response EXCHANGE-STATUS -"],
    );
    // JSON of its other APIs, on the same origin.
    let find = "https://gateway.example.org/demographics/PatientSearch";
    let find =
        |fields: &[&str]| exchange("POST", find, fields, r#"{"Surname":"Smith"}"#, (200, "{}"));
    // By its media type it is FHIR.
    let unknown = "0 request EXCHANGE-UNKNOWN -";
    let nameless = "0 response.body FHIR-RESOURCE-TYPE-MISSING Resource";
    together(&[find(both)], &[unknown, nameless]);
    let search = get("Patient?family=Smith", both, empty);
    together(&[search.clone(), find(both)], &[]);
    together(
        &[search, find(&[KEY])],
        &["1 request EXCHANGE-HEADER-MISSING Authorization"],
    );
    // What has a documented path of somebody else is theirs.
    together(&[sds_exchange(&["apikey: [redacted]", KEY])], &[]);
}

fn sds_exchange(fields: &[&str]) -> String {
    exchange("GET", SDS, fields, "", (200, BUNDLE))
}

#[test]
fn patients_of_pds() {
    let base = "https://int.api.service.nhs.uk/personal-demographics/FHIR/R4/Patient/9000000009";
    let patient = (200, r#"{"resourceType":"Patient","id":"9000000009"}"#);
    let call = |method: &str, below: &str, fields: &[&str], body: &str, answer| {
        let url = format!("{base}{below}");
        exchange(
            method,
            &url,
            &[&[BEARER, ID], fields].concat(),
            body,
            answer,
        )
    };
    together(&[call("GET", "", &[], "", patient)], &[]);
    together(
        &[call("GET", "/RelatedPerson", &[], "", (200, BUNDLE))],
        &[],
    );
    let (patients, _) = base.rsplit_once('/').unwrap();
    let coverage = patients.replace("/Patient", "/Coverage");
    let fhir = "Content-Type: application/fhir+json";
    let version = "If-Match: W/\\\"2\\\"";
    let post = |url: &str, fields: &[&str], body: &str, answer| {
        exchange("POST", url, &[&[BEARER, ID], fields].concat(), body, answer)
    };
    let new = r#"{"resourceType":"Patient","gender":"female"}"#;
    together(&[post(patients, &[fhir], new, patient)], &[]);
    let birth = format!("{patients}/$process-birth-details");
    let notification = r#"{"resourceType":"Bundle","type":"collection"}"#;
    together(&[post(&birth, &[fhir], notification, patient)], &[]);
    together(
        &[post(&birth, &[fhir], notification, (200, BUNDLE))],
        &["0 response.body EXCHANGE-ANSWER-TYPE -"],
    );
    together(
        &[exchange("GET", &birth, &[BEARER, ID], "", patient)],
        &["0 request EXCHANGE-METHOD -"],
    );
    let requested = format!("{coverage}?subscriber:identifier=9000000009");
    together(
        &[exchange(
            "GET",
            &requested,
            &[BEARER, ID],
            "",
            (200, BUNDLE),
        )],
        &[],
    );
    let own = r#"{"resourceType":"Coverage","status":"active","beneficiary":{"display":"x"},"payor":[{"display":"y"}]}"#;
    together(
        &[post(&coverage, &[fhir, version], own, (201, BUNDLE))],
        &[],
    );
    together(
        &[post(&coverage, &[fhir], own, (201, BUNDLE))],
        &["0 request EXCHANGE-HEADER-MISSING If-Match"],
    );
    together(
        &[exchange(
            "DELETE",
            &coverage,
            &[BEARER, ID],
            "",
            (200, BUNDLE),
        )],
        &["0 request EXCHANGE-METHOD -"],
    );
    together(
        &[exchange("GET", base, &[], "", (200, BUNDLE))],
        &[
            "0 request EXCHANGE-HEADER-MISSING Authorization",
            "0 request EXCHANGE-HEADER-MISSING X-Request-ID",
            "0 response.body EXCHANGE-ANSWER-TYPE -",
        ],
    );
    let patch = "Content-Type: application/json-patch+json";
    let body = r#"{"patches":[{"op":"remove","path":"/telecom/0"}]}"#;
    together(
        &[call(
            "PATCH",
            "",
            &[patch, "If-Match: W/\\\"2\\\""],
            body,
            patient,
        )],
        &[],
    );
    together(
        &[call("PATCH", "", &["If-Match: 2"], body, patient)],
        &[
            "0 request EXCHANGE-HEADER-VALUE If-Match",
            "0 request EXCHANGE-MEDIA-TYPE Content-Type",
        ],
    );
    together(
        &[call("PATCH", "", &[patch], body, patient)],
        &["0 request EXCHANGE-HEADER-MISSING If-Match"],
    );
    together(
        &[call("DELETE", "", &[], "", patient)],
        &["0 request EXCHANGE-METHOD -"],
    );
}

#[test]
fn resources_of_healthcode() {
    let document = r#"{"create_schedule_endpoint":"https://ice.example.org/schedule","codes_valueset_namespace":"https://ref.example.org/valueset","find_member_endpoint":"https://auth.example.org/member"}"#;
    let discovery = "https://api.example.org/.well-known/discovery-document.json";
    let discovery = exchange("GET", discovery, &[], "", (200, document));
    let fields = &[
        BEARER,
        "SU-SiteId: HC00ABC",
        "HC-API-Version: 1",
        "Content-Type: application/fhir+json",
    ];
    let schedule = r#"{"resourceType":"Schedule","id":"1","actor":[{"display":"x"}]}"#;
    let outcome = r#"{"resourceType":"OperationOutcome","issue":[{"severity":"information","code":"informational"}]}"#;
    let check = |method: &str, url: &str, body: &str, answer: &str, expect: &[&str]| {
        let call = exchange(method, url, fields, body, (200, answer));
        together(&[discovery.clone(), call], expect);
    };
    let one = "https://ice.example.org/schedule/1";
    check("GET", one, "", schedule, &[]);
    check("PUT", one, schedule, schedule, &[]);
    check("DELETE", one, "", outcome, &[]);
    check(
        "GET",
        one,
        "",
        r#"{"resourceType":"Basic","code":{"text":"x"}}"#,
        &["1 response.body EXCHANGE-ANSWER-TYPE -"],
    );
    check(
        "PATCH",
        one,
        "",
        schedule,
        &["1 request EXCHANGE-UNKNOWN -"],
    );
    check(
        "GET",
        "https://ref.example.org/valueset/procedure-code/CCSD",
        "",
        r#"{"resourceType":"ValueSet","status":"active"}"#,
        &[],
    );
    check(
        "GET",
        "https://auth.example.org/member/1",
        "",
        "{}",
        &[
            "1 request EXCHANGE-UNKNOWN -",
            "1 response.body FHIR-RESOURCE-TYPE-MISSING Resource",
        ],
    );
}

#[test]
fn providers_behind_the_proxy() {
    let trace = "Ssp-TraceID: 60e0b220-8136-4ca5-ae46-1d97ef59d068";
    let connect = "Ssp-InteractionID: urn:nhs:names:services:gpconnect:fhir:rest:read:patient-1";
    let locator = "Ssp-InteractionID: urn:nhs:names:services:nrl:SspRetrieval.read";
    let asids = ["Ssp-From: 200000000205", "Ssp-To: 928942012545"];
    let raw = "https://proxy.example.nhs.uk/https://gp.example.nhs.uk/T99999/STU3/1/Patient/1";
    let encoded = "https://proxy.example.nhs.uk/https%3A%2F%2Fgp.example.nhs.uk%2Frecords%2F1";
    let patient = r#"{"resourceType":"Patient","animal":{}}"#;
    let check = |url: &str, fields: &[&str], expect: &[&str]| {
        let all = [&[BEARER, asids[0], asids[1]], fields].concat();
        together(&[exchange("GET", url, &all, "", (200, patient))], expect);
    };
    check(raw, &[trace, connect], &[]);
    check(encoded, &[trace, locator], &[]);
    check(
        encoded,
        &[trace, connect],
        &["0 request EXCHANGE-NESTING -"],
    );
    check(raw, &[trace, locator], &["0 request EXCHANGE-NESTING -"]);
    check(
        raw,
        &["Ssp-TraceID: 1", connect],
        &["0 request EXCHANGE-HEADER-VALUE Ssp-TraceID"],
    );
    together(
        &[exchange("GET", raw, &[trace], "", (200, patient))],
        &[
            "0 request EXCHANGE-HEADER-MISSING Authorization",
            "0 request EXCHANGE-HEADER-MISSING Ssp-From",
            "0 request EXCHANGE-HEADER-MISSING Ssp-To",
            "0 request EXCHANGE-HEADER-MISSING Ssp-InteractionID",
        ],
    );
}
