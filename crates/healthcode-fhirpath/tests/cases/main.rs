//! Every function and operator over small resources, as tables of expression and result.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use healthcode_core::{Element, Root};
use healthcode_fhirpath::{
    Collection, Environment, Expression, Item, Resolved, Services, Temporal, function_names,
};
use healthcode_r4::{Resource, schema};
use std::cell::RefCell;
use values::{CONVERSIONS, MATH, OPERATORS, STRINGS, TIMES};

mod values;

const PATIENT: &str = r##"{
    "resourceType": "Patient", "id": "p1",
    "text": {"status": "generated", "div": "<div>x</div>"},
    "contained": [{"resourceType": "Organization", "id": "o1", "name": "Ward"}],
    "extension": [{"url": "http://a", "valueInteger": 7}, {"url": "http://b", "valueString": "x"}],
    "modifierExtension": [{"url": "http://m", "valueBoolean": true}],
    "active": true,
    "name": [
        {"use": "official", "family": "Chalmers", "given": ["Peter", "James"]},
        {"use": "usual", "given": ["Jim"]},
        {"given": ["Ann", null], "_given": [null, {"extension": [{"url": "http://absent"}]}]}
    ],
    "telecom": [{"system": "phone", "value": "1", "rank": 2}, {"system": "email", "value": "2", "rank": 1}],
    "gender": "male", "_gender": {"id": "g"},
    "birthDate": "1974-12-25", "_birthDate": {"extension": [{"url": "http://t", "valueDateTime": "1974-12-25T14:35:45-05:00"}]},
    "deceasedBoolean": false,
    "multipleBirthInteger": 2,
    "managingOrganization": {"reference": "#o1"},
    "generalPractitioner": [{"reference": "Practitioner/1"}, {"reference": "http://elsewhere/x"}]
}"##;

const OBSERVATION: &str = r#"{
    "resourceType": "Observation", "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
    "effectiveDateTime": "2020-01-02T10:00:00Z",
    "issued": "2020-01-02T11:00:00.5Z",
    "valueQuantity": {"value": 185.50, "unit": "lbs", "system": "http://unitsofmeasure.org", "code": "[lb_av]"},
    "referenceRange": [
        {"low": {"value": 80, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"}, "age": {"low": {"value": 20, "system": "http://unitsofmeasure.org", "code": "a"}}},
        {"high": {"value": 90, "comparator": "<", "unit": "kg"}}
    ],
    "component": [
        {"code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]}, "valueInteger": 3},
        {"code": {"text": "b"}, "valueTime": "10:30:00"}
    ]
}"#;

struct Host {
    traced: RefCell<Vec<String>>,
}

impl<'a> Services<'a> for Host {
    fn resolve(&self, reference: &str, _: Option<&'a dyn Element>) -> Option<Resolved<'a>> {
        let (name, _) = reference.split_once('/')?;
        Some(Resolved::Type(schema::find(name)?))
    }
    fn member_of(&self, item: &Item<'a>, value_set: &str) -> Option<bool> {
        (value_set == "http://vs").then(|| item.text() == Some("male"))
    }
    fn subsumes(&self, general: &Item<'a>, special: &Item<'a>) -> Option<bool> {
        Some(special.text()?.starts_with(general.text()?))
    }
    fn conforms_to(&self, element: &'a dyn Element, profile: &str) -> Option<bool> {
        let name = profile.strip_prefix("http://p/")?;
        Some(element.schema().name == name)
    }
    fn html_checks(&self, xhtml: &str) -> bool {
        !xhtml.contains("script")
    }
    fn trace(&self, name: &str, items: &[Item<'a>]) {
        self.traced
            .borrow_mut()
            .push(format!("{name}:{}", items.len()));
    }
}

fn read(json: &str) -> Resource {
    healthcode_json::from_str(json).unwrap().value
}

/// The result, items by commas; or what is wrong.
fn result(resource: &Resource, text: &str, strict: bool) -> String {
    let expression = match Expression::compile(text) {
        Ok(expression) => expression,
        Err(error) => return format!("parse {error}"),
    };
    let again = Expression::compile(&expression.to_string());
    assert_eq!(again.as_ref(), Ok(&expression), "{text} printed");
    let host = Host {
        traced: RefCell::default(),
    };
    let environment = Environment::new(resource.as_element())
        .services(&host)
        .now(Temporal::parse_date_time("2024-02-29T12:30:15.250+01:00").unwrap())
        .variable("seven", Item::Integer(7).into())
        .variable("none", Collection::new())
        .types(schema::VERSION, schema::find)
        .strict(strict);
    match expression.evaluate(&environment) {
        Ok(items) => {
            let items = items.iter().map(|item| match item.system() {
                Some(Item::Quantity(quantity)) => quantity.to_string(),
                _ => item.to_string(),
            });
            items.collect::<Vec<_>>().join(", ")
        }
        Err(error) => format!("error {error}"),
    }
}

/// Runs a table; `$` before an expression makes it strict.
fn check(json: &str, cases: &[(&str, &str)]) {
    let resource = read(json);
    let mut wrong = Vec::new();
    for (text, expected) in cases {
        let found = match text.strip_prefix("strict: ") {
            Some(text) => result(&resource, text, true),
            None => result(&resource, text, false),
        };
        if found != *expected {
            wrong.push(format!("{text}\n   gives {found}\n   not   {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const EXISTENCE: &[(&str, &str)] = &[
    ("name.empty()", "false"),
    ("photo.empty()", "true"),
    ("name.exists()", "true"),
    ("name.exists(use = 'usual')", "true"),
    ("name.exists(use = 'old')", "false"),
    ("name.all(given.exists())", "true"),
    ("name.all(family.exists())", "false"),
    ("{}.all(false)", "true"),
    ("name.select(use.exists()).allTrue()", "false"),
    ("name.select(use.exists()).anyTrue()", "true"),
    ("name.select(use.exists()).allFalse()", "false"),
    ("name.select(use.exists()).anyFalse()", "true"),
    ("{}.allTrue()", "true"),
    (
        "'x'.allTrue()",
        "error invalid input of allTrue: expected booleans; found String",
    ),
    ("(1 | 2).subsetOf(1 | 2 | 3)", "true"),
    ("(1 | 2).supersetOf(1 | 2 | 3)", "false"),
    ("(1 | 2 | 3).supersetOf(2)", "true"),
    ("name.given.count()", "5"),
    ("1.combine(1).distinct()", "1"),
    ("1.combine(1).isDistinct()", "false"),
    ("name.isDistinct()", "true"),
    ("name.combine(name).distinct().count()", "3"),
    ("active.not()", "false"),
    ("(1).not()", "false"),
    ("{}.not()", ""),
    (
        "name.not()",
        "error invalid input of a condition: expected a single item; found several",
    ),
];

#[test]
fn existence() {
    check(PATIENT, EXISTENCE);
}

const COLLECTIONS: &[(&str, &str)] = &[
    ("name.where(use = 'usual').given", "Jim"),
    ("name.where($index = 1).given", "Jim"),
    ("name.select(given.first())", "Peter, Jim, Ann"),
    ("name.select($index)", "0, 1, 2"),
    ("contained.repeat(extension).count()", "0"),
    ("text.repeat(children()).count()", "2"),
    ("(extension.value).ofType(integer)", "7"),
    ("extension.value.ofType(System.Integer)", ""),
    ("name[1].given", "Jim"),
    ("name[9].given", ""),
    ("name[-1]", ""),
    (
        "name['x']",
        "error invalid input of an index: expected an integer; found String",
    ),
    (
        "name.single().given",
        "error invalid input of single: expected a single item; found several",
    ),
    ("gender.single()", "male"),
    ("name.given.first()", "Peter"),
    ("(1 | 2 | 3).last()", "3"),
    ("(1 | 2 | 3).tail()", "2, 3"),
    ("(1 | 2 | 3).skip(2)", "3"),
    ("(1 | 2 | 3).skip(-1)", "1, 2, 3"),
    ("(1 | 2 | 3).take(2)", "1, 2"),
    ("(1 | 2 | 3).take(0)", ""),
    ("(1 | 2 | 3 | 3).intersect(3 | 2 | 9)", "2, 3"),
    ("(1 | 2 | 3).exclude(2)", "1, 3"),
    ("1.union(2).union(1)", "1, 2"),
    ("1.combine(2).combine(1)", "1, 2, 1"),
    ("(1 | 2 | 3).aggregate($total + $this, 0)", "6"),
    (
        "(1 | 2 | 3).aggregate(iif($total.empty(), $this, $total * $this))",
        "6",
    ),
    ("(3 | 1 | 2).sort()", "1, 2, 3"),
    ("(3 | 1 | 2).sort(-$this)", "3, 2, 1"),
    ("telecom.sort(rank).value", "2, 1"),
    ("telecom.sort(-system).value", "1, 2"),
    ("telecom.sort(-rank).value", "1, 2"),
    ("('b' | 'a' | 'c').sort(-$this)", "c, b, a"),
    ("(@2021 | @2023 | @2022).sort(-$this)", "2023, 2022, 2021"),
    ("name.sort(family).given.first()", "Jim"),
    ("name.sort(-family).use", "usual, official"),
    ("name.sort(-family, -given.first()).given.first()", "Jim"),
    (
        "name.given.where(hasValue()).sort(-length(), $this)",
        "James, Peter, Ann, Jim",
    ),
    (
        "name.given.where(hasValue()).sort(length(), -$this)",
        "Jim, Ann, Peter, James",
    ),
    (
        "telecom.sort(-$this)",
        "error invalid input of sort(): expected a primitive value; found ContactPoint",
    ),
    (
        "(1 | 'a').sort()",
        "error invalid input of sort(): expected items of one type that has an order; found Integer",
    ),
    ("iif(active, 'yes', 'no')", "yes"),
    ("iif({}, 'yes')", ""),
    ("photo.iif(empty(), 'none', 'some')", "none"),
    ("iif(active, 'yes')", "yes"),
    ("iif(deceased, 'yes').empty()", "true"),
    ("{}.iif(true, 'yes', 'no')", "yes"),
    (
        "gender.iif($this = 'male', select($this & '!'), 'no')",
        "male!",
    ),
    ("name.select(iif($index = 1, use, {}))", "usual"),
    (
        "iif(name, 1, 2)",
        "error invalid input of the criterion of iif(): expected a single item; found several",
    ),
    (
        "iif('true', 1, 2)",
        "error invalid input of the criterion of iif(): expected a boolean; found String",
    ),
    (
        "iif(gender, 1, 2)",
        "error invalid input of the criterion of iif(): expected a boolean; found code",
    ),
    (
        "iif(1, 1, 2)",
        "error invalid input of the criterion of iif(): expected a boolean; found Integer",
    ),
    (
        "iif(text, 1, 2)",
        "error invalid input of the criterion of iif(): expected a boolean; found Narrative",
    ),
    (
        "name.iif(true, 1, 2)",
        "error invalid input of iif(): expected a single item; found several",
    ),
    (
        "(1 | 2).iif(true, 1)",
        "error invalid input of iif(): expected a single item; found several",
    ),
    ("name.trace('n').count()", "3"),
    ("name.trace('n', given).count()", "3"),
    ("children().count()", "19"),
    ("gender.children()", "g"),
    ("text.descendants()", "generated, <div>x</div>"),
    (
        "strict: children().skip(1)",
        "error skip is not allowed here: the items have no order",
    ),
];

#[test]
fn collections() {
    check(PATIENT, COLLECTIONS);
}

const PATHS: &[(&str, &str)] = &[
    ("Patient.name.family", "Chalmers"),
    ("DomainResource.id", "p1"),
    ("Resource.id", "p1"),
    ("Observation.id", ""),
    ("deceased", "false"),
    ("deceasedBoolean", ""),
    (
        "strict: deceasedBoolean",
        "error unknown element deceasedBoolean of Patient",
    ),
    ("strict: name.foo", "error unknown element foo of HumanName"),
    ("strict: gender.foo", "error unknown element foo of Element"),
    ("strict: active.foo", "error unknown element foo of boolean"),
    ("gender.id", "g"),
    ("gender.extension", ""),
    ("birthDate.extension.value", "1974-12-25T14:35:45-05:00"),
    ("extension('http://a').value", "7"),
    ("extension('http://c').value", ""),
    ("birthDate.extension('http://t').exists()", "true"),
    (
        "name.given.where(hasValue().not()).extension.url",
        "http://absent",
    ),
    ("name.given.hasValue()", "false"),
    ("gender.hasValue()", "true"),
    ("name.hasValue()", "false"),
    ("gender.getValue()", "male"),
    ("text.getValue()", ""),
    ("%resource.id", "p1"),
    ("%rootResource.id", "p1"),
    ("%context.id", "p1"),
    ("%ucum", "http://unitsofmeasure.org"),
    ("%sct", "http://snomed.info/sct"),
    ("%loinc", "http://loinc.org"),
    ("%\"vs-x\"", "http://hl7.org/fhir/ValueSet/x"),
    ("%`vs-x`", "http://hl7.org/fhir/ValueSet/x"),
    ("%'ext-y'", "http://hl7.org/fhir/StructureDefinition/y"),
    ("%seven", "7"),
    ("%none", ""),
    ("%other", "error unknown variable %other"),
    ("`name`.`family`", "Chalmers"),
    ("name.$this.family // and a comment", "Chalmers"),
    ("/* a comment */ name.family", "Chalmers"),
    ("$this.id", "p1"),
    ("managingOrganization.resolve().name", "Ward"),
    ("generalPractitioner.resolve() is Practitioner", "true"),
    ("generalPractitioner.resolve().type().name", "Practitioner"),
    ("getResourceKey()", "p1"),
    ("name.getResourceKey()", ""),
    ("generalPractitioner.getReferenceKey()", "1"),
    ("generalPractitioner.getReferenceKey(Practitioner)", "1"),
    ("generalPractitioner.getReferenceKey(Patient)", ""),
    ("gender.memberOf('http://vs')", "true"),
    ("gender.memberOf('http://other')", ""),
    ("'a'.subsumes('ab')", "true"),
    ("'a'.subsumedBy('ab')", "false"),
    ("conformsTo('http://p/Patient')", "true"),
    ("conformsTo('http://q')", "error unknown profile"),
    ("text.`div`.htmlChecks()", "true"),
    ("'<script/>'.htmlChecks()", "false"),
    (
        "conformsTo('http://hl7.org/fhir/StructureDefinition/Patient')",
        "true",
    ),
    (
        "conformsTo('http://hl7.org/fhir/StructureDefinition/Patient|4.0.1')",
        "true",
    ),
    (
        "conformsTo('http://hl7.org/fhir/StructureDefinition/Patient|4.0')",
        "true",
    ),
    (
        "conformsTo('http://hl7.org/fhir/StructureDefinition/Patient|5.0.0')",
        "error unknown profile",
    ),
    (
        "conformsTo('http://hl7.org/fhir/StructureDefinition/DomainResource')",
        "true",
    ),
    (
        "conformsTo('http://hl7.org/fhir/StructureDefinition/Observation')",
        "false",
    ),
    (
        "conformsTo('http://hl7.org/fhir/StructureDefinition/Patience')",
        "error unknown profile",
    ),
    (
        "name.first().conformsTo('http://hl7.org/fhir/StructureDefinition/HumanName')",
        "true",
    ),
    (
        "name.first().conformsTo('http://hl7.org/fhir/StructureDefinition/Address')",
        "false",
    ),
    (
        "name.first().conformsTo('http://hl7.org/fhir/StructureDefinition/Element')",
        "true",
    ),
    (
        "birthDate.conformsTo('http://hl7.org/fhir/StructureDefinition/date')",
        "true",
    ),
    (
        "birthDate.conformsTo('http://hl7.org/fhir/StructureDefinition/dateTime')",
        "false",
    ),
    ("photo.conformsTo('http://q')", ""),
    ("checkModifiers('http://m').id", "p1"),
    (
        "checkModifiers('http://n')",
        "error a modifier extension is not allowed here: its meaning is unknown",
    ),
    (
        "elementDefinition()",
        "error elementDefinition is not supported",
    ),
    ("slice('http://p', 'x')", "error slice is not supported"),
];

#[test]
fn paths_and_what_fhir_adds() {
    check(PATIENT, PATHS);
}

const TYPES: &[(&str, &str)] = &[
    ("active is boolean", "true"),
    ("active is Boolean", "false"),
    ("active.is(FHIR.boolean)", "true"),
    ("gender is string", "true"),
    ("gender is code", "true"),
    ("gender is uri", "false"),
    ("$this is DomainResource", "true"),
    ("$this is Resource", "true"),
    ("$this is Element", "false"),
    ("name.first() is Element", "true"),
    (
        "name is HumanName",
        "error invalid input of is: expected a single item; found several",
    ),
    ("{} is String", ""),
    ("1 is Integer", "true"),
    ("1 is System.Integer", "true"),
    ("1 is FHIR.integer", "false"),
    ("1 'mg' is Quantity", "true"),
    ("(deceased as boolean)", "false"),
    ("deceased.as(dateTime)", ""),
    (
        "extension.value as string",
        "error invalid input of as: expected a single item; found several",
    ),
    (
        "name.as(HumanName).use",
        "error invalid input of as: expected a single item; found several",
    ),
    ("extension.value.ofType(string)", "x"),
    ("extension('http://b').value as string", "x"),
    ("gender.as(code)", "male"),
    ("gender.as(string)", ""),
    ("gender as string", ""),
    ("gender.ofType(string)", ""),
    ("gender.ofType(FHIR.code)", "male"),
    ("gender.ofType(Element)", "male"),
    ("id.ofType(string)", ""),
    ("id is string", "true"),
    ("extension.url.first() as uri", "http://a"),
    ("ofType(DomainResource).id", "p1"),
    ("(1 | 2).ofType(Integer)", "1, 2"),
    (
        "(1 | 'a') as Integer",
        "error invalid input of as: expected a single item; found several",
    ),
    ("$this is Patience", "error unknown type Patience"),
    ("name.ofType(HumanNam)", "error unknown type HumanNam"),
    ("gender.is(string1)", "error unknown type string1"),
    ("gender.as(string1)", "error unknown type string1"),
    ("gender as Code", "error unknown type Code"),
    (
        "photo.ofType(Attachement)",
        "error unknown type Attachement",
    ),
    ("{} is Foo", "error unknown type Foo"),
    ("active is System.Foo", "error unknown type Foo"),
    ("active is FHIR.foo", "error unknown type foo"),
    ("$this is System.Patient", "false"),
    ("photo.as(Attachment).title", ""),
    (
        "strict: photo.as(Attachment).titel",
        "error unknown element titel of Attachment",
    ),
    (
        "strict: (deceased as Period).foo",
        "error unknown element foo of Period",
    ),
    ("strict: (deceased as Period).start", ""),
    ("1.type().name", "Integer"),
    (
        "active.type().namespace & '.' & active.type().name",
        "FHIR.boolean",
    ),
    ("type()", "FHIR.Patient"),
    ("name.first().type().name", "HumanName"),
    ("today().type().name", "Date"),
];

#[test]
fn types() {
    check(PATIENT, TYPES);
}

#[test]
fn conversions() {
    check(PATIENT, CONVERSIONS);
}

#[test]
fn strings() {
    check(PATIENT, STRINGS);
}

#[test]
fn math() {
    check(PATIENT, MATH);
}

#[test]
fn operators() {
    check(PATIENT, OPERATORS);
}

#[test]
fn times() {
    check(PATIENT, TIMES);
}

#[test]
fn over_an_observation() {
    check(
        OBSERVATION,
        &[
            ("value", "185.50 '[lb_av]'"),
            ("value.value", "185.50"),
            ("value > 84 'kg'", "true"),
            ("value = 185.5 '[lb_av]'", "true"),
            ("value.is(Quantity)", "true"),
            ("value.toString()", "185.50 '[lb_av]'"),
            ("(value as Quantity).unit", "lbs"),
            ("value.ofType(Period)", ""),
            ("referenceRange.low.is(Quantity)", "true"),
            ("referenceRange.age.low", "20 years"),
            ("referenceRange.high < 1 'kg'", ""),
            (
                "component.where(code.coding.intersect(%resource.code.coding).exists()).value",
                "3",
            ),
            ("component.value", "3, 10:30:00"),
            ("component.value.ofType(time) = @T10:30:00.000", "true"),
            ("issued > effective", "true"),
            ("issued is instant", "true"),
            ("referenceRange.first().is(BackboneElement)", "true"),
            ("descendants().ofType(Coding).count()", "2"),
        ],
    );
}

#[test]
fn references_to_what_entries_contain() {
    let holder = |id: &str, name: &str| {
        format!(
            r##"{{"resourceType": "Patient", "id": "{id}",
                "contained": [{{"resourceType": "Organization", "id": "o", "name": "{name}",
                    "partOf": {{"reference": "#o"}}, "endpoint": [{{"reference": "#"}}]}}],
                "managingOrganization": {{"reference": "#o"}},
                "_birthDate": {{"extension": [{{"url": "http://a", "valueReference": {{"reference": "#o"}}}}]}},
                "link": [{{"type": "seealso", "other": {{"reference": "#other"}}}}]}}"##
        )
    };
    let (a, b) = (holder("a", "First"), holder("b", "Second"));
    let bundle = format!(
        r#"{{"resourceType": "Bundle", "type": "collection",
            "entry": [{{"resource": {a}}}, {{"resource": {b}}}]}}"#
    );
    let parameters = format!(
        r#"{{"resourceType": "Parameters", "parameter":
            [{{"name": "x", "resource": {a}}}, {{"name": "x", "resource": {b}}}]}}"#
    );
    for (json, path) in [(bundle, "entry"), (parameters, "parameter")] {
        let cases = [
            ("managingOrganization.resolve().name", "First, Second"),
            (
                "managingOrganization.reference.resolve().name",
                "First, Second",
            ),
            ("contained.partOf.resolve().name", "First, Second"),
            ("contained.endpoint.resolve().id", "a, b"),
            ("birthDate.extension.value.resolve().name", "First, Second"),
            ("link.other.resolve().exists()", "false"),
        ];
        for (text, expected) in cases {
            check(&json, &[(&format!("{path}.resource.{text}"), expected)]);
        }
    }
}

#[test]
fn faults_of_texts() {
    check(
        PATIENT,
        &[
            ("", "parse 1:1: missing expression"),
            (
                "name.",
                "parse 1:6: invalid syntax: expected a name or function",
            ),
            (
                "name name",
                "parse 1:6: invalid syntax: expected the end or an operator; found `name`",
            ),
            (
                "name..given",
                "parse 1:6: invalid syntax: expected a name or function",
            ),
            (
                "where(",
                "parse 1:7: invalid syntax: expected a value, name or function; found the end",
            ),
            (
                "where()",
                "parse 1:1: invalid arguments of where(): expected 1; found 0",
            ),
            (
                "name.\n  exsts()",
                "parse 2:3: unknown function exsts(); did you mean exists()?",
            ),
            ("'abc", "parse 1:1: missing end of text; ' ends it"),
            (
                "'a\\qb'",
                "parse 1:3: invalid escape: expected one of ' \" ` \\ / f n r t, or u and four digits; \\\\ is a backslash",
            ),
            (
                "\"a\"",
                "parse 1:1: '\"' is not allowed here: strings have single quotes",
            ),
            (
                "@2015-13",
                "parse 1:1: invalid date: expected one that exists, like @2015-02-04 or @2015-02-04T14:30:00Z",
            ),
            (
                "@T10:00Z",
                "parse 1:8: a zone is not allowed here: times of day have no zone",
            ),
            (
                "$that",
                "parse 1:1: invalid name after $: expected this, index or total",
            ),
            (
                "% + 1",
                "parse 1:1: missing name after %; variables are like %resource or %`vs-name`",
            ),
            (
                "3000000000",
                "parse 1:1: invalid whole number: expected at most 2147483647; with .0 after it a number is a decimal",
            ),
            (
                "a is 5",
                "parse 1:6: invalid syntax: expected a type's name; found a number",
            ),
            ("/* a", "parse 1:1: missing end of comment; */ ends it"),
            ("'\\ud83d\\ude00'", "😀"),
            (
                "a and",
                "parse 1:6: invalid syntax: expected a value, name or function; found the end",
            ),
        ],
    );
}

#[test]
fn every_function_and_operator_has_a_case() {
    let tables = [
        EXISTENCE,
        COLLECTIONS,
        PATHS,
        TYPES,
        CONVERSIONS,
        STRINGS,
        MATH,
        OPERATORS,
        TIMES,
    ];
    let texts: Vec<&str> = tables.concat().into_iter().map(|(text, _)| text).collect();
    let called = |name: &str| {
        let call = format!("{name}(");
        texts.iter().any(|text| {
            text.match_indices(&call)
                .any(|(at, _)| !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric()))
        })
    };
    let missing: Vec<&str> = function_names().filter(|name| !called(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    for operator in [
        "*", "/", "div", "mod", "+", "-", "&", "|", "<", "<=", ">", ">=", "=", "!=", "~", "!~",
        "in", "contains", "and", "or", "xor", "implies", "is", "as",
    ] {
        let written = format!(" {operator} ");
        assert!(
            texts.iter().any(|text| text.contains(&written)),
            "{operator}"
        );
    }
}

#[test]
fn restrictions_of_quantity_are_the_types_that_fields_name() {
    let json = br#"{"resourceType": "Condition", "onsetAge": {"value": 52}, "abatementRange": {}}"#;
    let condition: healthcode_r4::Condition = healthcode_json::from_slice(json).unwrap().value;
    for (expression, found) in [
        ("onset is Age", true),
        ("onset.as(Age).value = 52", true),
        ("onset is Quantity", true),
        ("onset is Duration", false),
        ("onset.ofType(Quantity).value = 52", true),
        ("(onset as Quantity).exists()", true),
        ("onset.ofType(Age).exists()", true),
        ("onset.ofType(Duration).empty()", true),
        ("onset.type().name = 'Age'", true),
        ("abatement is Range", true),
        ("abatement is Age", false),
    ] {
        let compiled = Expression::compile(expression).unwrap();
        let truth = compiled.evaluate_boolean(&Environment::new(&condition));
        assert_eq!(truth.unwrap(), Some(found), "{expression}");
    }
}
