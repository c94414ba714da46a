//! No issue of a profile hides another, and what is inherited is reported once.

use crate::profiles::{found, profile, set_of};
use healthcode_validate::{Filter, Policy, Validator};
use std::sync::Arc;

const BASE: &str = r#""baseDefinition":"http://hl7.org/fhir/StructureDefinition/Patient""#;

/// A profile of Patient that is based on `http://a.b/<base>`.
fn derived(name: &str, base: &str, elements: &str) -> String {
    let json = profile(name, "Patient", elements);
    json.replace(BASE, &format!(r#""baseDefinition":"http://a.b/{base}""#))
}

/// What a Patient that claims these profiles is reported for, each issue kept once.
#[track_caller]
fn check(set: &[String], cases: &[(&[&str], &str, &[&str])]) {
    let set = set_of(set);
    let urls: Vec<String> = set.urls().map(str::to_owned).collect();
    for url in urls {
        assert_eq!(set.problems(&url), [], "{url}");
    }
    let validator = Validator::new(Policy::R4)
        .profiles(Arc::new(set))
        .filter(Filter::new());
    for (claims, members, expected) in cases {
        let claims: Vec<String> = claims
            .iter()
            .map(|name| format!(r#""http://a.b/{name}""#))
            .collect();
        let claims = claims.join(",");
        let json =
            format!(r#"{{"resourceType":"Patient","meta":{{"profile":[{claims}]}}{members}}}"#);
        assert_eq!(found(&validator, &json), *expected, "{claims} {members}");
    }
}

fn constraint(key: &str, severity: &str, expression: &str) -> String {
    format!(
        r#"{{"key":"{key}","severity":"{severity}","human":"text of {key}","expression":"{expression}"}}"#
    )
}

#[test]
fn constraints_of_one_place() {
    let all = [
        constraint("w-1", "warning", "gender.exists()"),
        constraint("e-1", "error", "birthDate.exists()"),
        constraint("e-2", "error", "address.exists()"),
        constraint("w-2", "warning", "photo.exists()"),
    ]
    .join(",");
    let elements = format!(
        r#"{{"id":"Patient","path":"Patient","constraint":[{all}]}},
        {{"id":"Patient.name","path":"Patient.name","patternHumanName":{{"use":"official"}},
          "constraint":[{},{}]}}"#,
        constraint("n-1", "error", "family.exists()"),
        constraint("n-2", "warning", "given.exists()"),
    );
    check(
        &[profile("p", "Patient", &elements)],
        &[
            (
                &["p"],
                "",
                &[
                    "INVARIANT Patient",
                    "INVARIANT Patient",
                    "warning INVARIANT Patient",
                    "warning INVARIANT Patient",
                ],
            ),
            (
                &["p"],
                r#","gender":"male","birthDate":"1970","address":[{"text":"x"}],"photo":[{"url":"http://a"}],"name":[{"text":"x"}]"#,
                &[
                    "INVARIANT Patient.name[0]",
                    "PATTERN Patient.name[0]",
                    "warning INVARIANT Patient.name[0]",
                ],
            ),
        ],
    );
}

#[test]
fn slices_and_their_element() {
    let sliced = |name: &str| {
        format!(
            r#"{{"id":"Patient.identifier:{name}","path":"Patient.identifier","sliceName":"{name}","min":1}},
            {{"id":"Patient.identifier:{name}.system","path":"Patient.identifier.system","min":1,"fixedUri":"http://e.f/{name}"}}"#
        )
    };
    let elements = format!(
        r#"{{"id":"Patient.identifier","path":"Patient.identifier",
          "slicing":{{"discriminator":[{{"type":"value","path":"system"}}],"rules":"open"}},
          "constraint":[{}]}},
        {{"id":"Patient.identifier.value","path":"Patient.identifier.value","min":1,"maxLength":3}},
        {},{},
        {{"id":"Patient.identifier:b.assigner","path":"Patient.identifier.assigner","min":1,"mustSupport":true}}"#,
        constraint("i-1", "error", "use.exists()"),
        sliced("a"),
        sliced("b"),
    );
    let of = |name: &str, more: &str| format!(r#"{{"system":"http://e.f/{name}"{more}}}"#);
    let both = |a: &str, b: &str| format!(r#","identifier":[{},{}]"#, of("a", a), of("b", b));
    let whole = r#","use":"usual","value":"1","assigner":{"display":"x"}"#;
    check(
        &[profile("p", "Patient", &elements)],
        &[
            (&["p"], &both(whole, whole), &[]),
            (
                &["p"],
                "",
                &["MIN Patient.identifier", "MIN Patient.identifier"],
            ),
            // What the element requires is not reported again for the slice.
            (
                &["p"],
                &both("", whole),
                &[
                    "INVARIANT Patient.identifier[0]",
                    "MIN Patient.identifier[0].value",
                ],
            ),
            (
                &["p"],
                &both(r#","use":"usual","value":"1234""#, r#","value":"1""#),
                &[
                    "INVARIANT Patient.identifier[1]",
                    "LIMIT Patient.identifier[0].value",
                    "MIN Patient.identifier[1].assigner",
                ],
            ),
        ],
    );
}

#[test]
fn profiles_that_inherit() {
    let born = constraint("b-1", "error", "birthDate.exists()");
    let root = |constraint: &str| {
        format!(r#"{{"id":"Patient","path":"Patient","constraint":[{constraint}]}}"#)
    };
    let base = format!(
        r#"{},{{"id":"Patient.name","path":"Patient.name","min":1}}"#,
        root(&born)
    );
    let narrower = r#"{"id":"Patient.name","path":"Patient.name","min":2}"#;
    let set = [
        profile("base", "Patient", &base),
        derived(
            "one",
            "base",
            &root(&constraint("g-1", "error", "gender.exists()")),
        ),
        derived("two", "base", narrower),
        // The same key, but another profile's.
        profile("other", "Patient", &root(&born)),
    ];
    check(
        &set,
        &[
            (&["base"], "", &["INVARIANT Patient", "MIN Patient.name"]),
            (
                &["one"],
                "",
                &["INVARIANT Patient", "INVARIANT Patient", "MIN Patient.name"],
            ),
            // Inherited from one place, in whichever order.
            (
                &["one", "base"],
                "",
                &["INVARIANT Patient", "INVARIANT Patient", "MIN Patient.name"],
            ),
            (
                &["one", "two"],
                "",
                &[
                    "INVARIANT Patient",
                    "INVARIANT Patient",
                    "MIN Patient.name",
                    "MIN Patient.name",
                ],
            ),
            (
                &["base", "other"],
                r#","name":[{"text":"x"}]"#,
                &["INVARIANT Patient", "INVARIANT Patient"],
            ),
            (
                &["one", "two", "base", "other"],
                r#","gender":"male","birthDate":"1970","name":[{"text":"x"}]"#,
                &["MIN Patient.name"],
            ),
        ],
    );
}

#[test]
fn types_with_profiles_of_their_own() {
    let name = r#"{"id":"HumanName.family","path":"HumanName.family","min":1},
        {"id":"HumanName.given","path":"HumanName.given","max":"1"}"#;
    let elements = r#"{"id":"Patient.name","path":"Patient.name","type":[{"code":"HumanName","profile":["http://a.b/name"]}]},
        {"id":"Patient.name.given","path":"Patient.name.given","min":1},
        {"id":"Patient.name.text","path":"Patient.name.text","max":"0"}"#;
    check(
        &[
            profile("name", "HumanName", name),
            profile("p", "Patient", elements),
        ],
        &[
            (&["p"], r#","name":[{"family":"x","given":["y"]}]"#, &[]),
            (
                &["p"],
                r#","name":[{"text":"x","given":["y","z"]}]"#,
                &[
                    "MAX Patient.name[0].given[1]",
                    "MAX Patient.name[0].text",
                    "MIN Patient.name[0].family",
                ],
            ),
            (
                &["p"],
                r#","name":[{"family":"x"}]"#,
                &["MIN Patient.name[0].given"],
            ),
        ],
    );
}

/// An empty result is not true, except for limits.
#[test]
fn invariants_that_give_nothing() {
    let elements = format!(
        r#"{{"id":"Patient","path":"Patient","constraint":[{}]}},
        {{"id":"Patient.name","path":"Patient.name","constraint":[{},{}]}},
        {{"id":"Patient.birthDate","path":"Patient.birthDate","minValueDate":"1900-01-01"}}"#,
        constraint("p-1", "error", "gender = 'female'"),
        constraint("n-1", "error", "given.first().startsWith('A')"),
        constraint("n-2", "warning", "period.start <= period.end"),
    );
    check(
        &[profile("p", "Patient", &elements)],
        &[
            (&["p"], r#","gender":"female""#, &[]),
            (
                &["p"],
                r#","gender":"female","name":[{"given":["Ann"],"period":{"start":"2000","end":"2001"}}]"#,
                &[],
            ),
            (
                &["p"],
                r#","name":[{"text":"x"}]"#,
                &[
                    "INVARIANT Patient",
                    "INVARIANT Patient.name[0]",
                    "warning INVARIANT Patient.name[0]",
                ],
            ),
            (
                &["p"],
                r#","gender":"female","_birthDate":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]}"#,
                &[],
            ),
            (
                &["p"],
                r#","gender":"female","birthDate":"1899-12-31""#,
                &["LIMIT Patient.birthDate"],
            ),
        ],
    );
}
