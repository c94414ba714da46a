//! Which requests of entries are good.

use super::{ResourceView, sends, target};
use healthcode_r4::codes::HTTPVerb;
use healthcode_r4::{Patient, Resource};

fn is_type(name: &str) -> bool {
    Resource::TYPE_NAMES.contains(&name)
}

#[test]
fn resources() {
    let patient = Resource::from(Patient {
        id: "1".into(),
        ..Patient::default()
    });
    let without_id = Resource::from(Patient::default());
    for (method, url, resource, expect) in [
        ("POST", "Patient", &patient, true),
        ("POST", "/Patient", &patient, true),
        ("POST", "Observation", &patient, false),
        ("POST", "Observation/$lastn", &patient, true),
        ("POST", "$process-message", &patient, true),
        ("POST", "", &patient, true),
        ("PUT", "Patient/1", &patient, true),
        ("PUT", "Patient/1", &without_id, true),
        ("PUT", "Patient/2", &patient, false),
        ("PUT", "Observation/1", &patient, false),
        ("PUT", "Patient?identifier=x", &patient, true),
        ("PUT", "Observation?identifier=x", &patient, false),
        ("PATCH", "Observation/1", &patient, true),
        ("DELETE", "Observation/1", &patient, true),
        ("GET", "Observation/1", &patient, true),
    ] {
        let found = sends(
            url,
            &HTTPVerb::from(method),
            ResourceView::of_r4(resource),
            is_type,
        );
        assert_eq!(found, expect, "{method} {url}");
    }
}

#[test]
fn targets() {
    for (method, url, expect) in [
        ("POST", "Patient", Some(None)),
        ("POST", "Patient/$match", Some(None)),
        ("POST", "Patient/1/$everything", Some(None)),
        ("POST", "Patient/_search", Some(None)),
        ("POST", "$process-message", Some(None)),
        ("POST", "Patient/1", None),
        ("POST", "Patiant", None),
        ("POST", "http://a.b/Patient", None),
        ("PUT", "Patient/1", Some(Some("Patient/1"))),
        ("PUT", "Patient?identifier=x", Some(None)),
        ("PUT", "Patient", None),
        ("PUT", "Patient/", None),
        ("PUT", "Patient/1/_history/2", None),
        ("PATCH", "Patient/1", Some(Some("Patient/1"))),
        ("DELETE", "/Patient/1", Some(Some("Patient/1"))),
        ("DELETE", "Patient", None),
        ("GET", "Patient/1/_history/2", Some(None)),
        ("GET", "metadata", Some(None)),
        ("GET", "Patient?name=x", Some(None)),
        ("GET", "patient", None),
    ] {
        assert_eq!(
            target(url, &HTTPVerb::from(method), is_type),
            expect,
            "{method} {url}"
        );
    }
}
