//! What definitions in packages decide: supplements of R4's own code systems, logical models, Bundles of
//! definitions, and elements of other releases.

use super::published::{issues, load, profiles};
use healthcode_core::Severity;
use healthcode_validate::ProfileSet;
use std::fs;
use std::sync::Arc;
use tempfile::TempDir;

/// The profiles of a folder of files, which are read as long as it is there.
fn set(files: &[(&str, &str)]) -> (Arc<ProfileSet>, TempDir) {
    let folder = TempDir::new().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    let given: Vec<String> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path().to_string_lossy().into_owned())
        .collect();
    let packages = load(given.iter().map(String::as_str));
    assert_eq!(packages.take_warnings(), Vec::<String>::new());
    let set = profiles(&packages);
    (Arc::new(set), folder)
}

const GENDER: &str = "http://hl7.org/fhir/administrative-gender";

/// A supplement of a code system that R4 alone has: its properties decide filters, and its names count.
#[test]
fn supplements_of_own_systems() {
    let supplement = format!(
        r#"{{"resourceType":"CodeSystem","url":"http://a.b/more","status":"active","content":"supplement",
        "supplements":"{GENDER}|4.0.1","property":[{{"code":"colour","type":"code"}}],"concept":[
        {{"code":"male","display":"Herr","property":[{{"code":"colour","valueCode":"blue"}}]}},
        {{"code":"female","property":[{{"code":"colour","valueCode":"red"}}]}}]}}"#
    );
    let filter = |url: &str, op: &str, value: &str| {
        format!(
            r#"{{"resourceType":"ValueSet","url":"http://a.b/{url}","status":"active","compose":{{"include":[
            {{"system":"{GENDER}","filter":[{{"property":"colour","op":"{op}","value":"{value}"}}]}}]}}}}"#
        )
    };
    let sets = [
        filter("blue", "=", "blue"),
        filter("any", "exists", "true"),
        filter("none", "exists", "false"),
        filter("other", "not-in", "blue,green"),
    ];
    let mut files = vec![("p/more.json", supplement.as_str())];
    let names = ["p/1.json", "p/2.json", "p/3.json", "p/4.json"];
    files.extend(names.into_iter().zip(sets.iter().map(String::as_str)));
    let (set, _folder) = set(&files);
    let has =
        |url: &str, code: &str| set.value_set_has(&format!("http://a.b/{url}"), Some(GENDER), code);
    for (url, members, others) in [
        ("blue", &["male"][..], &["female", "other", "no-code"][..]),
        ("any", &["male", "female"], &["other", "no-code"]),
        ("none", &["other", "unknown"], &["male", "no-code"]),
        ("other", &["female", "other"], &["male", "no-code"]),
    ] {
        for code in members {
            assert_eq!(has(url, code), Some(true), "{url} {code}");
        }
        for code in others {
            assert_eq!(has(url, code), Some(false), "{url} {code}");
        }
    }
    assert_eq!(set.display_of(GENDER, "male"), Some("Herr"));
    // A supplement of a system of which nothing else is known is not all of it.
    let sct = supplement.replace(&format!("{GENDER}|4.0.1"), "http://snomed.info/sct");
    let (set, _folder) = self::set(&[("p/more.json", sct.as_str())]);
    for (name, count) in [("Herr", 0), ("Male", 0)] {
        let coding =
            format!(r#"{{"system":"http://snomed.info/sct","code":"male","display":"{name}"}}"#);
        let text = format!(r#"{{"resourceType":"Basic","code":{{"coding":[{coding}]}}}}"#);
        let found = issues(&set, text.as_bytes());
        let displays = found
            .iter()
            .filter(|issue| issue.rule.id.contains("DISPLAY"));
        assert_eq!(displays.count(), count, "{name}");
    }
}

/// The value set that a code system names as that of all its codes need not be there.
#[test]
fn value_sets_of_whole_systems() {
    let system = r#"{"resourceType":"CodeSystem","url":"http://a.b/codes","valueSet":"http://a.b/all",
        "status":"active","content":"complete","concept":[{"code":"x"}]}"#;
    let (set, _folder) = set(&[("p/codes.json", system)]);
    let has = |system, code| set.value_set_has("http://a.b/all", Some(system), code);
    assert_eq!(has("http://a.b/codes", "x"), Some(true));
    assert_eq!(has("http://a.b/codes", "y"), Some(false));
    assert_eq!(has("http://a.b/others", "x"), Some(false));
}

/// A logical model adds elements to its base, another model or none.
#[test]
fn logical_models() {
    let model = |name: &str, base: &str, elements: &str| {
        format!(
            r#"{{"resourceType":"StructureDefinition","url":"http://a.b/{name}","name":"{name}","status":"draft",
            "kind":"logical","abstract":false,"type":"http://a.b/{name}","baseDefinition":"{base}",
            "derivation":"specialization","differential":{{"element":[{{"id":"{name}","path":"{name}"}},{elements}]}}}}"#
        )
    };
    let base = "http://hl7.org/fhir/StructureDefinition/Base";
    let element = "http://hl7.org/fhir/StructureDefinition/Element";
    let files = [
        model(
            "One",
            base,
            r#"{"id":"One.part","path":"One.part","min":1,"max":"*","type":[{"code":"BackboneElement"}]},
            {"id":"One.part.code","path":"One.part.code","min":0,"max":"1","type":[{"code":"code"}]},
            {"id":"One.value[x]","path":"One.value[x]","min":0,"max":"1","type":[{"code":"string"},{"code":"Period"}]}"#,
        ),
        model(
            "Two",
            "http://a.b/One",
            r#"{"id":"Two.part","path":"Two.part","max":"2"},
            {"id":"Two.more","path":"Two.more","min":0,"max":"1","type":[{"code":"Coding"}]}"#,
        ),
        model(
            "Three",
            element,
            r#"{"id":"Three.more","path":"Three.more","min":0,"max":"1","type":[{"code":"Coding"}]},
            {"id":"Three.no.where","path":"Three.no.where","min":0,"max":"1","type":[{"code":"Coding"}]}"#,
        ),
    ];
    let (set, _folder) = set(&[
        ("p/1.json", files[0].as_str()),
        ("p/2.json", &files[1]),
        ("p/3.json", &files[2]),
    ]);
    let paths = |url: &str| -> Vec<String> {
        let elements = set.generate(url).unwrap();
        let paths = elements.iter().map(|element| {
            let (min, max) = (element.min.get().unwrap(), element.max.as_str().unwrap());
            format!("{} {min}..{max}", element.path.as_str().unwrap())
        });
        paths.collect()
    };
    assert_eq!(
        paths("http://a.b/Two"),
        [
            "Two 0..*",
            "Two.part 1..2",
            "Two.part.id 0..1",
            "Two.part.extension 0..*",
            "Two.part.modifierExtension 0..*",
            "Two.part.code 0..1",
            "Two.value[x] 0..1",
            "Two.more 0..1",
        ]
    );
    assert_eq!(
        paths("http://a.b/Three"),
        [
            "Three 0..*",
            "Three.id 0..1",
            "Three.extension 0..*",
            "Three.more 0..1"
        ]
    );
    for (url, problems) in [("One", 0), ("Two", 0), ("Three", 1)] {
        assert_eq!(
            set.problems(&format!("http://a.b/{url}")).len(),
            problems,
            "{url}"
        );
    }
}

/// The definitions of a Bundle in a folder count; those of Bundles in an unpacked package do not.
#[test]
fn bundles_of_definitions() {
    let bundle = r#"{"resourceType":"Bundle","type":"collection","entry":[
        {"resource":{"resourceType":"Patient","id":"p"}},{"fullUrl":"urn:x"},
        {"resource":{"resourceType":"CodeSystem","url":"http://a.b/codes","status":"active","content":"complete",
            "concept":[{"code":"x","display":"Named"}]}},
        {"resource":{"resourceType":"ValueSet","status":"active"}},
        {"resource":{"resourceType":"ValueSet","url":"http://a.b/set","status":"active",
            "compose":{"include":[{"system":"http://a.b/codes"}]}}}]}"#;
    let xml = "<Bundle xmlns='http://hl7.org/fhir'><entry><resource><CodeSystem><url value='http://a.b/more'/>\
        <content value='complete'/><concept><code value='y'/><display value='Why'/></concept></CodeSystem>\
        </resource></entry></Bundle>";
    let (set, _folder) = set(&[("p/all.json", bundle), ("p/deep/all.xml", xml)]);
    assert_eq!(
        set.value_set_has("http://a.b/set", Some("http://a.b/codes"), "x"),
        Some(true)
    );
    assert_eq!(
        set.value_set_has("http://a.b/set", Some("http://a.b/codes"), "y"),
        Some(false)
    );
    assert_eq!(set.display_of("http://a.b/more", "y"), Some("Why"));
    let manifest = r#"{"name":"a.b","version":"1.0.0"}"#;
    let (set, _folder) = self::set(&[
        ("p/package/package.json", manifest),
        ("p/package/Bundle-all.json", bundle),
    ]);
    assert_eq!(
        set.value_set_has("http://a.b/set", Some("http://a.b/codes"), "x"),
        None
    );
}

/// Extensions that stand for elements of R5 are checked where R5 is there, and noted where it is not.
#[test]
fn elements_of_other_releases() {
    let core = |name: &str, elements: &str| {
        format!(
            r#"{{"resourceType":"StructureDefinition","url":"http://hl7.org/fhir/StructureDefinition/{name}",
            "version":"5.0.0","name":"{name}","status":"active","kind":"resource","abstract":false,"type":"{name}",
            "snapshot":{{"element":[{{"id":"{name}","path":"{name}"}}{elements}]}}}}"#
        )
    };
    let patient = core(
        "Patient",
        r#",{"id":"Patient.mood","path":"Patient.mood","type":[{"code":"code"},{"code":"Coding"}]},
        {"id":"Patient.size[x]","path":"Patient.size[x]","type":[{"code":"Quantity"}]},
        {"id":"Patient.odd","path":"Patient.odd","type":[{"code":"integer64"}]},
        {"id":"Patient.part","path":"Patient.part","type":[{"code":"BackboneElement"}]},
        {"id":"Patient.part.id","path":"Patient.part.id","type":[{"code":"http://hl7.org/fhirpath/System.String"}]},
        {"id":"Patient.part.name","path":"Patient.part.name","type":[{"code":"string"}]},
        {"id":"Patient.part.inner","path":"Patient.part.inner","type":[{"code":"BackboneElement"}]},
        {"id":"Patient.part.inner.on","path":"Patient.part.inner.on","type":[{"code":"boolean"}]},
        {"id":"Patient.one","path":"Patient.one","min":0,"max":"1","type":[{"code":"BackboneElement"}]},
        {"id":"Patient.one.name","path":"Patient.one.name","min":1,"max":"1","type":[{"code":"string"}]},
        {"id":"Patient.one.age","path":"Patient.one.age","min":0,"max":"*","type":[{"code":"string"}]}"#,
    );
    let (r5, _folder) = set(&[
        (
            "r5/package/package.json",
            r#"{"name":"hl7.fhir.r5.core","version":"5.0.0","fhirVersions":["5.0.0"]}"#,
        ),
        ("r5/package/Patient.json", patient.as_str()),
        ("r5/package/Element.json", &core("Element", "")),
    ]);
    let without = Arc::new(ProfileSet::new());
    let report = |set: &Arc<ProfileSet>, extension: &str| -> Vec<String> {
        let text = format!(r#"{{"resourceType":"Patient","extension":[{extension}]}}"#);
        let found = issues(set, text.as_bytes());
        let lines = found.iter().map(|issue| {
            let grave = if issue.severity < Severity::Warning {
                "note "
            } else {
                ""
            };
            format!(
                "{grave}{} {}",
                issue.rule.id,
                issue.path.replace("Patient.extension[0]", "")
            )
        });
        lines.collect()
    };
    let url =
        |id: &str| format!(r#""url":"http://hl7.org/fhir/5.0/StructureDefinition/extension-{id}""#);
    for (id, more, expect) in [
        ("Patient.mood", r#""valueCode":"x""#, &[][..]),
        (
            "Patient.mood",
            r#""valueString":"x""#,
            &["R4-EXTENSION-VALUE .value"],
        ),
        ("Patient.size[x]", r#""valueQuantity":{"value":1}"#, &[]),
        (
            "Patient.size",
            r#""valueInteger":1"#,
            &["R4-EXTENSION-VALUE .value"],
        ),
        // R4 has no such type: what stands for it is not known.
        ("Patient.odd", r#""valueString":"1""#, &[]),
        (
            "Patient.none",
            r#""valueString":"1""#,
            &["R4-EXTENSION-UNKNOWN .url"],
        ),
        (
            "Nothing.none",
            r#""valueString":"1""#,
            &["R4-EXTENSION-UNKNOWN .url"],
        ),
        (
            "Patient.part",
            r#""valueString":"1""#,
            &["R4-EXTENSION-VALUE .value"],
        ),
        (
            "Patient.part",
            r#""extension":[{"url":"name","valueString":"a"},
                {"url":"inner","extension":[{"url":"on","valueBoolean":true}]}]"#,
            &[],
        ),
        (
            "Patient.part",
            r#""extension":[{"url":"nome","valueString":"a"},
                {"url":"inner","extension":[{"url":"on","valueString":"a"}]}]"#,
            &[
                "R4-EXTENSION-PART-UNKNOWN .extension[0].url",
                "R4-EXTENSION-VALUE .extension[1].extension[0].value",
            ],
        ),
        (
            "Patient.one",
            r#""extension":[{"url":"name","valueString":"a"},
                {"url":"age","valueString":"1"},{"url":"age","valueString":"2"}]"#,
            &[],
        ),
        (
            "Patient.one",
            r#""extension":[{"url":"age","valueString":"1"}]"#,
            &["R4-EXTENSION-PART-MISSING "],
        ),
        (
            "Patient.one",
            r#""extension":[{"url":"name","valueString":"a"},{"url":"name","valueString":"b"}]"#,
            &["R4-EXTENSION-REPEATED .extension[1].url"],
        ),
    ] {
        let extension = format!("{{{},{more}}}", url(id));
        assert_eq!(report(&r5, &extension), expect, "{id} {more}");
        assert_eq!(
            report(&without, &extension),
            ["note R4-EXTENSION-UNKNOWN .url"],
            "{id} {more}"
        );
    }
    // An element that occurs once at most.
    let one = r#""extension":[{"url":"name","valueString":"a"}]"#;
    let one = format!("{{{},{one}}}", url("Patient.one"));
    assert_eq!(
        report(&r5, &format!("{one},{one}")),
        ["R4-EXTENSION-REPEATED Patient.extension[1].url"]
    );
    // Of a release that is not there, nothing is known.
    let other = r#"{"url":"http://hl7.org/fhir/3.0/StructureDefinition/extension-Patient.animal","valueCode":"x"}"#;
    assert_eq!(report(&r5, other), ["note R4-EXTENSION-UNKNOWN .url"]);
}
