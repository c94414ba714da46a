//! Slicing by each kind of discriminator, closed and open, ordered and not; and faulty profiles.

use crate::profiles::{check, profile, set_of};

/// A differential that slices `path` by a discriminator, with rules, and the slices' elements.
fn sliced(path: &str, by: (&str, &str), rules: &str, slices: &str) -> String {
    let (kind, at) = by;
    format!(
        r#"{{"id":"{path}","path":"{path}","slicing":{{"discriminator":[{{"type":"{kind}","path":"{at}"}}],{rules}}}}},{slices}"#
    )
}

const OPEN: &str = r#""rules":"open""#;
const CLOSED: &str = r#""rules":"closed""#;

const PHONES: &str = r#"
    {"id":"Patient.telecom:a","path":"Patient.telecom","sliceName":"a","min":1,"max":"1"},
    {"id":"Patient.telecom:a.system","path":"Patient.telecom.system","min":1,"fixedCode":"phone"},
    {"id":"Patient.telecom:a.value","path":"Patient.telecom.value","min":1},
    {"id":"Patient.telecom:b","path":"Patient.telecom","sliceName":"b"},
    {"id":"Patient.telecom:b.system","path":"Patient.telecom.system","min":1,"fixedCode":"email"}"#;

#[test]
fn rules_and_order() {
    let (phone, email, fax) = (
        r#"{"system":"phone","value":"1"}"#,
        r#"{"system":"email","value":"1"}"#,
        r#"{"system":"fax","value":"1"}"#,
    );
    let bare = r#"{"system":"phone"}"#;
    for (rules, items, expected) in [
        (OPEN, vec![phone], &[][..]),
        (OPEN, vec![fax, email, phone, email], &[]),
        (OPEN, vec![fax], &["MIN Patient.telecom"]),
        (OPEN, vec![phone, fax, phone], &["MAX Patient.telecom[2]"]),
        (OPEN, vec![bare], &["MIN Patient.telecom[0].value"]),
        (CLOSED, vec![email, phone], &[]),
        (
            CLOSED,
            vec![phone, fax],
            &["SLICE-CLOSED Patient.telecom[1]"],
        ),
        (
            r#""rules":"closed","ordered":true"#,
            vec![phone, email, email],
            &[],
        ),
        (
            r#""rules":"closed","ordered":true"#,
            vec![email, phone],
            &["SLICE-ORDER Patient.telecom[1]"],
        ),
        (
            r#""rules":"open","ordered":true"#,
            vec![fax, phone, fax, email, fax],
            &[],
        ),
        (
            r#""rules":"openAtEnd","ordered":true"#,
            vec![phone, email, fax],
            &[],
        ),
        (
            r#""rules":"openAtEnd","ordered":true"#,
            vec![phone, fax, email],
            &["SLICE-ORDER Patient.telecom[2]"],
        ),
        (r#""rules":"openAtEnd""#, vec![], &["MIN Patient.telecom"]),
        (r#""rules":"openAtEnd""#, vec![email, phone, fax], &[]),
        (
            r#""rules":"openAtEnd""#,
            vec![fax, phone],
            &["SLICE-ORDER Patient.telecom[1]"],
        ),
    ] {
        let elements = sliced("Patient.telecom", ("value", "system"), rules, PHONES);
        let members = if items.is_empty() {
            String::new()
        } else {
            format!(r#","telecom":[{}]"#, items.join(","))
        };
        check("Patient", &elements, &[], &[(&members, expected)]);
    }
}

#[test]
fn by_value() {
    // The constant may be further up, as fixed or as a pattern.
    for constant in [
        r#"{"id":"Observation.category:a","path":"Observation.category","sliceName":"a","min":1,"max":"1","patternCodeableConcept":{"coding":[{"system":"http://s","code":"x"}]}}"#,
        r#"{"id":"Observation.category:a","path":"Observation.category","sliceName":"a","min":1,"max":"1"},
           {"id":"Observation.category:a.coding","path":"Observation.category.coding","patternCoding":{"code":"x"}}"#,
        r#"{"id":"Observation.category:a","path":"Observation.category","sliceName":"a","min":1,"max":"1"},
           {"id":"Observation.category:a.coding.code","path":"Observation.category.coding.code","fixedCode":"x"}"#,
        r#"{"id":"Observation.category:a","path":"Observation.category","sliceName":"a","min":1,"max":"1"},
           {"id":"Observation.category:a.coding","path":"Observation.category.coding","slicing":{"discriminator":[{"type":"value","path":"code"}],"rules":"open"}},
           {"id":"Observation.category:a.coding:c","path":"Observation.category.coding","sliceName":"c","min":1},
           {"id":"Observation.category:a.coding:c.code","path":"Observation.category.coding.code","fixedCode":"x"}"#,
    ] {
        let elements = sliced(
            "Observation.category",
            ("value", "coding.code"),
            OPEN,
            constant,
        );
        let with = |items: &str| {
            format!(r#","status":"final","code":{{"text":"t"}},"category":[{items}]"#)
        };
        let x = r#"{"coding":[{"system":"http://s","code":"x"}]}"#;
        let y = r#"{"coding":[{"system":"http://s","code":"y"}]}"#;
        check(
            "Observation",
            &elements,
            &[],
            &[
                (&with(&format!("{y},{x}")), &[]),
                (&with(y), &["MIN Observation.category"]),
                (
                    &with(&format!("{x},{y},{x}")),
                    &["MAX Observation.category[2]"],
                ),
            ],
        );
    }
}

#[test]
fn by_pattern_on_itself() {
    let elements = sliced(
        "Patient.identifier",
        ("pattern", "$this"),
        CLOSED,
        r#"{"id":"Patient.identifier:nhs","path":"Patient.identifier","sliceName":"nhs","min":1,"patternIdentifier":{"system":"http://n"}}"#,
    );
    check(
        "Patient",
        &elements,
        &[],
        &[
            (r#","identifier":[{"system":"http://n","value":"1"}]"#, &[]),
            (
                r#","identifier":[{"system":"http://m","value":"1"}]"#,
                &[
                    "SLICE-CLOSED Patient.identifier[0]",
                    "MIN Patient.identifier",
                ],
            ),
        ],
    );
}

#[test]
fn by_type() {
    let elements = sliced(
        "Observation.value[x]",
        ("type", "$this"),
        CLOSED,
        r#"{"id":"Observation.value[x]:valueQuantity","path":"Observation.value[x]","sliceName":"valueQuantity","type":[{"code":"Quantity"}]},
           {"id":"Observation.value[x]:valueQuantity.unit","path":"Observation.value[x].unit","min":1},
           {"id":"Observation.value[x]:valueString","path":"Observation.value[x]","sliceName":"valueString"}"#,
    );
    let with = |value: &str| format!(r#","status":"final","code":{{"text":"t"}},{value}"#);
    check(
        "Observation",
        &elements,
        &[],
        &[
            (&with(r#""valueQuantity":{"value":1,"unit":"u"}"#), &[]),
            (
                &with(r#""valueQuantity":{"value":1}"#),
                &["MIN Observation.value.unit"],
            ),
            (&with(r#""valueString":"s""#), &[]),
            (
                &with(r#""valueBoolean":true"#),
                &["SLICE-CLOSED Observation.value"],
            ),
        ],
    );
    // The shortcut leaves only its type.
    check(
        "Observation",
        r#"{"id":"Observation.valueQuantity","path":"Observation.valueQuantity","min":1},
           {"id":"Observation.valueQuantity.unit","path":"Observation.valueQuantity.unit","min":1}"#,
        &[],
        &[
            (&with(r#""valueQuantity":{"value":1,"unit":"u"}"#), &[]),
            (
                &with(r#""valueQuantity":{"value":1}"#),
                &["MIN Observation.value.unit"],
            ),
            (
                &with(r#""valueBoolean":true"#),
                &["TYPE Observation.value", "MIN Observation.value"],
            ),
        ],
    );
    // What is referred to.
    let elements = sliced(
        "Observation.performer",
        ("type", "resolve()"),
        OPEN,
        r#"{"id":"Observation.performer:org","path":"Observation.performer","sliceName":"org","min":1,"type":[{"code":"Reference","targetProfile":["http://hl7.org/fhir/StructureDefinition/Organization"]}]},
           {"id":"Observation.performer:org.display","path":"Observation.performer.display","min":1}"#,
    );
    check(
        "Observation",
        &elements,
        &[],
        &[
            (
                &with(r#""performer":[{"reference":"Organization/1","display":"d"}]"#),
                &[],
            ),
            (
                &with(r#""performer":[{"reference":"Organization/1"}]"#),
                &["MIN Observation.performer[0].display"],
            ),
            (
                &with(r#""performer":[{"reference":"Patient/1"}]"#),
                &["MIN Observation.performer"],
            ),
            (
                &with(r#""performer":[{"reference":"urn:uuid:1"}]"#),
                &["information UNCHECKED Observation"],
            ),
        ],
    );
}

#[test]
fn by_existence() {
    let elements = sliced(
        "Patient.name",
        ("exists", "period"),
        CLOSED,
        r#"{"id":"Patient.name:past","path":"Patient.name","sliceName":"past"},
           {"id":"Patient.name:past.period","path":"Patient.name.period","min":1},
           {"id":"Patient.name:now","path":"Patient.name","sliceName":"now","max":"1"},
           {"id":"Patient.name:now.period","path":"Patient.name.period","max":"0"},
           {"id":"Patient.name:now.family","path":"Patient.name.family","min":1}"#,
    );
    check(
        "Patient",
        &elements,
        &[],
        &[
            (
                r#","name":[{"period":{"start":"2000"}},{"family":"x"}]"#,
                &[],
            ),
            (
                r#","name":[{"text":"x"},{"family":"x"}]"#,
                &["MAX Patient.name[1]", "MIN Patient.name[0].family"],
            ),
        ],
    );
}

#[test]
fn by_profile_and_extension() {
    let others = [profile(
        "grown",
        "Patient",
        r#"{"id":"Patient.active","path":"Patient.active","min":1,"fixedBoolean":true}"#,
    )];
    let elements = sliced(
        "Group.member",
        ("profile", "entity.resolve()"),
        CLOSED,
        r#"{"id":"Group.member:grown","path":"Group.member","sliceName":"grown"},
           {"id":"Group.member:grown.entity","path":"Group.member.entity","type":[{"code":"Reference","targetProfile":["http://a.b/grown"]}]}"#,
    );
    let group = |contained: &str| {
        format!(
            r##","type":"person","actual":true,"contained":[{contained}],"member":[{{"entity":{{"reference":"#p"}}}}]"##
        )
    };
    check(
        "Group",
        &elements,
        &others,
        &[
            (
                &group(r#"{"resourceType":"Patient","id":"p","active":true}"#),
                &[],
            ),
            (
                &group(r#"{"resourceType":"Patient","id":"p"}"#),
                &["SLICE-CLOSED Group.member[0]"],
            ),
            // What is not here is not judged.
            (
                &group(r#"{"resourceType":"Patient","id":"q","active":true}"#),
                &["information UNCHECKED Group"],
            ),
        ],
    );
    let elements = sliced(
        "Patient.name",
        ("value", "extension('http://e.f/kind').value"),
        CLOSED,
        r#"{"id":"Patient.name:k","path":"Patient.name","sliceName":"k"},
           {"id":"Patient.name:k.extension:kind","path":"Patient.name.extension","sliceName":"kind","min":1},
           {"id":"Patient.name:k.extension:kind.url","path":"Patient.name.extension.url","fixedUri":"http://e.f/kind"},
           {"id":"Patient.name:k.extension:kind.value[x]","path":"Patient.name.extension.value[x]","fixedCode":"x"}"#,
    );
    check(
        "Patient",
        &elements,
        &[],
        &[
            (
                r#","name":[{"extension":[{"url":"http://e.f/kind","valueCode":"x"}]}]"#,
                &[],
            ),
            (
                r#","name":[{"extension":[{"url":"http://e.f/kind","valueCode":"y"}]},{"text":"t"}]"#,
                &[
                    "SLICE-CLOSED Patient.name[0]",
                    "SLICE-CLOSED Patient.name[1]",
                ],
            ),
        ],
    );
}

/// What a slicing leaves to words, or a discriminator looks at and a slice does not state, is legal
/// and not judged; what is certain all the same is.
#[test]
fn slices_that_cannot_be_told_apart() {
    let two = r#"{"id":"Patient.address:a","path":"Patient.address","sliceName":"a","min":1,"max":"1"},
        {"id":"Patient.address:a.city","path":"Patient.address.city","min":1,"patternString":"Leeds"},
        {"id":"Patient.address:b","path":"Patient.address","sliceName":"b","max":"1"},
        {"id":"Patient.address:b.city","path":"Patient.address.city","max":"0"}"#;
    let in_words = |rules: &str| {
        format!(
            r#"{{"id":"Patient.address","path":"Patient.address","slicing":{{"description":"by hand","rules":"{rules}"}}}},{two}"#
        )
    };
    let unchecked = "information UNCHECKED Patient";
    for elements in [
        in_words("closed"),
        in_words("open"),
        sliced("Patient.address", ("value", "use"), CLOSED, two),
        sliced("Patient.address", ("exists", "postalCode"), OPEN, two),
        sliced(
            "Patient.address",
            ("value", "extension('http://e.f/x').value"),
            CLOSED,
            two,
        ),
    ] {
        check(
            "Patient",
            &elements,
            &[],
            &[
                // That the one slice is empty is certain.
                ("", &["MIN Patient.address"]),
                (r#","address":[{"city":"York"}]"#, &[unchecked]),
                (
                    r#","address":[{"city":"York"},{"text":"x"},{"city":"Leeds"}]"#,
                    &[unchecked],
                ),
            ],
        );
    }
    // A second discriminator decides where the first does not.
    let elements = r#"{"id":"Patient.address","path":"Patient.address","slicing":{"discriminator":[{"type":"value","path":"use"},{"type":"value","path":"type"}],"rules":"closed"}},
        {"id":"Patient.address:p","path":"Patient.address","sliceName":"p"},
        {"id":"Patient.address:p.type","path":"Patient.address.type","min":1,"fixedCode":"postal"}"#;
    check(
        "Patient",
        elements,
        &[],
        &[
            (r#","address":[{"type":"postal"}]"#, &[]),
            (
                r#","address":[{"type":"physical"}]"#,
                &["SLICE-CLOSED Patient.address[0]"],
            ),
        ],
    );
}

#[test]
fn within_bundles() {
    let elements = sliced(
        "Bundle.entry",
        ("type", "resource"),
        CLOSED,
        r#"{"id":"Bundle.entry:p","path":"Bundle.entry","sliceName":"p","max":"1"},
           {"id":"Bundle.entry:p.resource","path":"Bundle.entry.resource","type":[{"code":"Patient"}]},
           {"id":"Bundle.entry:p.resource.gender","path":"Bundle.entry.resource.gender","min":1}"#,
    );
    let entry = |json: &str| format!(r#","type":"collection","entry":[{{"resource":{json}}}]"#);
    check(
        "Bundle",
        &elements,
        &[],
        &[
            (&entry(r#"{"resourceType":"Patient","gender":"male"}"#), &[]),
            (
                &entry(r#"{"resourceType":"Patient"}"#),
                &["MIN Bundle.entry[0].resource.gender"],
            ),
            (
                &entry(r#"{"resourceType":"Basic","code":{"text":"t"}}"#),
                &["SLICE-CLOSED Bundle.entry[0]"],
            ),
        ],
    );
    let elements = sliced(
        "Observation.performer",
        ("type", "$this.resolve()"),
        CLOSED,
        r#"{"id":"Observation.performer:p","path":"Observation.performer","sliceName":"p","type":[{"code":"Reference","targetProfile":["http://hl7.org/fhir/StructureDefinition/Patient"]}]}"#,
    );
    let set = set_of(&[profile("p", "Observation", &elements)]);
    let validator = healthcode_validate::Validator::default()
        .profiles(std::sync::Arc::new(set))
        .profile("http://a.b/p")
        .unwrap();
    let bundle = |other: &str| {
        format!(
            r#"{{"resourceType":"Bundle","type":"collection","entry":[{{"fullUrl":"urn:uuid:1","resource":{other}}},
            {{"resource":{{"resourceType":"Observation","status":"final","code":{{"text":"t"}},"performer":[{{"reference":"urn:uuid:1"}}]}}}}]}}"#
        )
    };
    let found = |json: &str| crate::profiles::found(&validator, json);
    assert_eq!(found(&bundle(r#"{"resourceType":"Patient"}"#)), [""; 0]);
    assert_eq!(
        found(&bundle(r#"{"resourceType":"Organization","name":"x"}"#)),
        ["SLICE-CLOSED Bundle.entry[1].resource.performer[0]"]
    );
}

#[test]
fn slices_of_slices() {
    let elements = sliced(
        "Patient.telecom",
        ("pattern", "$this"),
        OPEN,
        r#"{"id":"Patient.telecom:p","path":"Patient.telecom","sliceName":"p","patternContactPoint":{"system":"phone"}},
           {"id":"Patient.telecom:p/home","path":"Patient.telecom","sliceName":"p/home","min":1,"max":"1","patternContactPoint":{"system":"phone","use":"home"}}"#,
    );
    check(
        "Patient",
        &elements,
        &[],
        &[
            (
                r#","telecom":[{"system":"phone","value":"1"},{"system":"phone","use":"home","value":"2"}]"#,
                &[],
            ),
            (
                r#","telecom":[{"system":"phone","value":"1"}]"#,
                &["MIN Patient.telecom"],
            ),
        ],
    );
}

/// A slice that is sliced again has discriminators and rules of its own for that.
#[test]
fn slices_of_slices_by_discriminators_of_their_own() {
    let slice = |name: &str, more: &str| {
        format!(
            r#"{{"id":"Patient.telecom:{name}","path":"Patient.telecom","sliceName":"{name}"{more}}}"#
        )
    };
    let fixed = |name: &str, child: &str, code: &str| {
        format!(
            r#"{{"id":"Patient.telecom:{name}.{child}","path":"Patient.telecom.{child}","min":1,"fixedCode":"{code}"}}"#
        )
    };
    let inner = r#","max":"3","slicing":{"discriminator":[{"type":"value","path":"use"}],"rules":"closed"}"#;
    let elements = sliced(
        "Patient.telecom",
        ("value", "system"),
        OPEN,
        &[
            slice("phone", inner),
            fixed("phone", "system", "phone"),
            slice("phone/home", r#","min":1,"max":"1""#),
            fixed("phone/home", "use", "home"),
            r#"{"id":"Patient.telecom:phone/home.rank","path":"Patient.telecom.rank","min":1}"#.to_owned(),
            slice("phone/office", r#","slicing":{"discriminator":[{"type":"exists","path":"period"}],"rules":"open"}"#),
            fixed("phone/office", "use", "work"),
            slice("phone/office/past", r#","max":"1""#),
            r#"{"id":"Patient.telecom:phone/office/past.period","path":"Patient.telecom.period","min":1}"#.to_owned(),
            slice("email", ""),
            fixed("email", "system", "email"),
            // No slice of `email`, but one with a stroke in its name.
            slice("fax/all", r#","max":"1""#),
            fixed("fax/all", "system", "fax"),
        ]
        .join(","),
    );
    let of = |system: &str, rest: &str| format!(r#"{{"system":"{system}","value":"1"{rest}}}"#);
    let list = |items: &[String]| format!(r#","telecom":[{}]"#, items.join(","));
    let home = of("phone", r#","use":"home","rank":1"#);
    let work = of("phone", r#","use":"work""#);
    let past = of("phone", r#","use":"work","period":{"start":"2000"}"#);
    let (email, fax) = (of("email", ""), of("fax", ""));
    check(
        "Patient",
        &elements,
        &[],
        &[
            (
                &list(&[home.clone(), work.clone(), email.clone(), fax.clone()]),
                &[],
            ),
            (&list(&[email.clone(), past.clone(), home.clone()]), &[]),
            (&list(&[of("url", ""), home.clone()]), &[]),
            (&list(std::slice::from_ref(&work)), &["MIN Patient.telecom"]),
            (
                &list(&[home.clone(), home.clone()]),
                &["MAX Patient.telecom[1]"],
            ),
            (
                &list(&[of("phone", r#","use":"home""#)]),
                &["MIN Patient.telecom[0].rank"],
            ),
            (
                &list(&[home.clone(), of("phone", r#","use":"temp""#)]),
                &["SLICE-CLOSED Patient.telecom[1]"],
            ),
            (
                &list(&[home.clone(), past.clone(), past.clone()]),
                &["MAX Patient.telecom[2]"],
            ),
            (
                &list(&[home.clone(), work.clone(), work.clone(), work]),
                &["MAX Patient.telecom[3]"],
            ),
            (
                &list(&[fax.clone(), home, fax]),
                &["MAX Patient.telecom[2]"],
            ),
        ],
    );
}

#[test]
fn default_slices() {
    let elements = sliced(
        "Patient.telecom",
        ("value", "system"),
        CLOSED,
        r#"{"id":"Patient.telecom:phone","path":"Patient.telecom","sliceName":"phone"},
           {"id":"Patient.telecom:phone.system","path":"Patient.telecom.system","min":1,"fixedCode":"phone"},
           {"id":"Patient.telecom:@default","path":"Patient.telecom","sliceName":"@default","max":"1"},
           {"id":"Patient.telecom:@default.rank","path":"Patient.telecom.rank","min":1}"#,
    );
    check(
        "Patient",
        &elements,
        &[],
        &[
            (r#","telecom":[{"system":"phone","value":"1"}]"#, &[]),
            (
                r#","telecom":[{"system":"fax","value":"1","rank":2},{"system":"phone","value":"1"}]"#,
                &[],
            ),
            (
                r#","telecom":[{"system":"fax","value":"1"},{"system":"url","value":"1","rank":1}]"#,
                &["MAX Patient.telecom[1]", "MIN Patient.telecom[0].rank"],
            ),
        ],
    );
}

/// A faulty profile has issues of its own, and what is understood of it still works.
#[test]
fn faulty_profiles() {
    for (elements, expected) in [
        (
            r#"{"id":"Patient.nme","path":"Patient.nme","min":1}"#,
            "Patient has no element nme",
        ),
        (
            r#"{"id":"Patient.name","path":"Patient.name","min":1},{"id":"Group.name","path":"Group.name"}"#,
            "begin with Patient",
        ),
        (
            r#"{"id":"Patient.link.other","path":"Patient.link.other","min":0}"#,
            "minimum is below",
        ),
        (
            r#"{"id":"Patient.gender","path":"Patient.gender","max":"2"}"#,
            "maximum is above",
        ),
        (
            r#"{"id":"Patient.gender","path":"Patient.gender","max":"many"}"#,
            "neither a number",
        ),
        (
            r#"{"id":"Patient.gender","path":"Patient.gender","type":[{"code":"string"}]}"#,
            "types are not among",
        ),
        (
            r#"{"id":"Patient.name:x","path":"Patient.name","sliceName":"x"}"#,
            "a slice of what is not sliced",
        ),
        (r#"{"id":"x"}"#, "has no path"),
        (
            r#"{"id":"Patient.name","path":"Patient.name","slicing":{"discriminator":[{"type":"value","path":"where(x)"}],"rules":"open"}},{"id":"Patient.name:x","path":"Patient.name","sliceName":"x"}"#,
            "not of the kind that slicing allows",
        ),
    ] {
        let set = set_of(&[profile("p", "Patient", elements)]);
        let problems = set.problems("http://a.b/p");
        let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(
            texts.iter().any(|text| text.contains(expected)),
            "{elements}: {texts:?}"
        );
    }
    // Bases that lead nowhere, or to themselves.
    let based = |name: &str, base: &str| {
        let json = profile(name, "Patient", r#"{"id":"Patient","path":"Patient"}"#);
        json.replace("http://hl7.org/fhir/StructureDefinition/Patient", base)
    };
    let set = set_of(&[
        based("lost", "http://nowhere"),
        based("a", "http://a.b/b"),
        based("b", "http://a.b/a"),
    ]);
    for name in ["lost", "a", "b"] {
        let url = format!("http://a.b/{name}");
        let problems = set.problems(&url);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(
            problems[0]
                .to_string()
                .contains("neither loaded nor a type"),
            "{}",
            problems[0]
        );
        assert!(set.generate(&url).is_none());
    }
}
