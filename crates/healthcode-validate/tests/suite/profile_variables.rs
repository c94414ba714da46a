//! The variables of invariants in profiles.

use crate::profiles::check;

/// A type, the path in it of a resource, what `%rootResource` is there, a payload with that resource
/// in it, and its place.
type Case<'c> = (
    &'c str,
    &'c str,
    &'c str,
    &'c dyn Fn(&str) -> String,
    &'c str,
);

/// `%resource` is the resource that holds the value, wherever that resource is.
#[test]
fn variables_of_invariants() {
    let known = |of: &str, root: &str| {
        format!(
            r#""constraint":[
                 {{"key":"v-1","severity":"error","human":"resource","expression":"%resource is {of}"}},
                 {{"key":"v-2","severity":"error","human":"root","expression":"%rootResource is {root}"}},
                 {{"key":"v-3","severity":"error","human":"id","expression":"%resource.id = 'inner'"}},
                 {{"key":"v-4","severity":"error","human":"none of an outer resource","expression":"%resource.gender.exists()"}}]"#
        )
    };
    let inner = r#"{"resourceType":"Person","id":"inner","gender":"male","name":[{"text":"x"}]}"#;
    let wrong = r#"{"resourceType":"Person","id":"other","gender":"male","name":[{"text":"x"}]}"#;
    let cases: [Case<'_>; 3] = [
        (
            "Patient",
            "contained",
            "Patient",
            &|resource| {
                format!(
                    r##","id":"outer","contained":[{resource}],"link":[{{"type":"seealso","other":{{"reference":"#inner"}}}},{{"type":"seealso","other":{{"reference":"#other"}}}}]"##
                )
            },
            "Patient.contained[0]",
        ),
        (
            "Parameters",
            "parameter.resource",
            "Person",
            &|resource| {
                format!(r#","id":"outer","parameter":[{{"name":"a","resource":{resource}}}]"#)
            },
            "Parameters.parameter[0].resource",
        ),
        (
            "Bundle",
            "entry.resource",
            "Person",
            &|resource| {
                format!(
                    r#","id":"outer","type":"collection","entry":[{{"fullUrl":"urn:uuid:5b5b5b5b-0000-4000-8000-000000000001","resource":{resource}}}]"#
                )
            },
            "Bundle.entry[0].resource",
        ),
    ];
    for (outer, path, root, json, place) in cases {
        let known = known("Person", root);
        let elements = format!(
            r#"{{"id":"{outer}","path":"{outer}"}},
               {{"id":"{outer}.{path}","path":"{outer}.{path}","type":[{{"code":"Person"}}],{known}}},
               {{"id":"{outer}.{path}.name","path":"{outer}.{path}.name",{known}}}"#
        );
        let broken = [
            format!("INVARIANT {place}"),
            format!("INVARIANT {place}.name[0]"),
        ];
        let broken: Vec<&str> = broken.iter().map(String::as_str).collect();
        check(
            outer,
            &elements,
            &[],
            &[(&json(inner), &[]), (&json(wrong), &broken)],
        );
    }
}
