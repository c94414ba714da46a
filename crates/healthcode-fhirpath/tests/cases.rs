//! Every function and operator over small resources, as tables of expression and result.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use healthcode_core::{Element, Root};
use healthcode_fhirpath::{
    Collection, Environment, Expression, Item, Resolved, Services, Temporal, function_names,
};
use healthcode_r4::Resource;
use std::cell::RefCell;

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
        Some(Resolved::Type(healthcode_r4::schema::find(name)?))
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
    ("'x'.allTrue()", "error allTrue takes booleans, not String"),
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
        "error a condition needs a single item, and there are several",
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
    ("name['x']", "error an index takes an integer, not String"),
    (
        "name.single().given",
        "error single needs a single item, and there are several",
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
    ("name.sort(family).given.first()", "Jim"),
    (
        "(1 | 'a').sort()",
        "error sort() takes items of one type that has an order, not Integer",
    ),
    ("iif(active, 'yes', 'no')", "yes"),
    ("iif({}, 'yes')", ""),
    ("photo.iif(empty(), 'none', 'some')", "none"),
    (
        "iif(name, 1, 2)",
        "error iif() needs a single item, and there are several",
    ),
    ("name.trace('n').count()", "3"),
    ("name.trace('n', given).count()", "3"),
    ("children().count()", "19"),
    ("gender.children()", "g"),
    ("text.descendants()", "generated, <div>x</div>"),
    (
        "strict: children().skip(1)",
        "error skip relies on the order of items that have none",
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
        "error Patient has no element deceasedBoolean",
    ),
    ("strict: name.foo", "error HumanName has no element foo"),
    ("strict: gender.foo", "error Element has no element foo"),
    ("strict: active.foo", "error boolean has no element foo"),
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
    ("%other", "error there is no variable %other"),
    ("`name`.`family`", "Chalmers"),
    ("name.$this.family // and a comment", "Chalmers"),
    ("/* a comment */ name.family", "Chalmers"),
    ("$this.id", "p1"),
    ("managingOrganization.resolve().name", "Ward"),
    ("generalPractitioner.resolve() is Practitioner", "true"),
    ("generalPractitioner.resolve().type().name", "Practitioner"),
    ("gender.memberOf('http://vs')", "true"),
    ("gender.memberOf('http://other')", ""),
    ("'a'.subsumes('ab')", "true"),
    ("'a'.subsumedBy('ab')", "false"),
    ("conformsTo('http://p/Patient')", "true"),
    ("conformsTo('http://q')", "error this profile is not known"),
    ("text.`div`.htmlChecks()", "true"),
    ("'<script/>'.htmlChecks()", "false"),
    ("checkModifiers('http://m').id", "p1"),
    (
        "checkModifiers('http://n')",
        "error there is a modifier extension that is not understood",
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
        "error is needs a single item, and there are several",
    ),
    ("{} is String", ""),
    ("1 is Integer", "true"),
    ("1 is System.Integer", "true"),
    ("1 is FHIR.integer", "false"),
    ("1 'mg' is Quantity", "true"),
    ("(deceased as boolean)", "false"),
    ("deceased.as(dateTime)", ""),
    ("extension.value as string", "x"),
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

const CONVERSIONS: &[(&str, &str)] = &[
    ("'yes'.toBoolean()", "true"),
    ("0.0.toBoolean()", "false"),
    ("2.toBoolean()", ""),
    ("'maybe'.convertsToBoolean()", "false"),
    ("active.toInteger()", "1"),
    ("'-12'.toInteger()", "-12"),
    ("'1.5'.toInteger()", ""),
    ("'99999999999'.convertsToInteger()", "false"),
    ("'1.50'.toDecimal()", "1.50"),
    ("'1e3'.convertsToDecimal()", "false"),
    ("true.toDecimal()", "1"),
    ("multipleBirth.toString()", "2"),
    ("birthDate.toString()", "1974-12-25"),
    (
        "name.convertsToString()",
        "error convertsToString needs a single item, and there are several",
    ),
    ("text.convertsToString()", "false"),
    ("'2015-02-30'.toDate()", ""),
    ("'2015-02-28'.toDate()", "2015-02-28"),
    ("@2015-02-28T10:00.toDate()", "2015-02-28"),
    ("'2015'.convertsToDate()", "true"),
    ("'2015-02-28T10:11Z'.toDateTime()", "2015-02-28T10:11Z"),
    ("birthDate.toDateTime()", "1974-12-25"),
    ("'x'.convertsToDateTime()", "false"),
    ("'10:30'.toTime()", "10:30"),
    ("'25:00'.convertsToTime()", "false"),
    ("'4 days'.toQuantity()", "4 days"),
    ("'1.5 \\'mg\\''.toQuantity()", "1.5 'mg'"),
    ("1 'kg'.toQuantity('g')", "1000 'g'"),
    ("3.toQuantity()", "3 '1'"),
    ("'1 mg'.convertsToQuantity()", "false"),
    ("'x'.convertsToQuantity()", "false"),
    (
        "(1 | 2).toString()",
        "error toString needs a single item, and there are several",
    ),
];

#[test]
fn conversions() {
    check(PATIENT, CONVERSIONS);
}

const STRINGS: &[(&str, &str)] = &[
    ("'äbc'.indexOf('c')", "2"),
    ("'abcabc'.lastIndexOf('b')", "4"),
    ("'abc'.indexOf('x')", "-1"),
    ("'äbc'.substring(1)", "bc"),
    ("'äbc'.substring(0, 1)", "ä"),
    ("'abc'.substring(1, 0)", ""),
    ("'abc'.substring(3)", ""),
    ("'abc'.startsWith('ab')", "true"),
    ("'abc'.endsWith('bc')", "true"),
    ("'abc'.contains('b')", "true"),
    ("{}.contains('b')", ""),
    ("('a' | 'b').join(', ')", "a, b"),
    ("{}.join(', ').empty()", "true"),
    ("'abc'.replaceMatches('(b)', '[$1]')", "a[b]c"),
    ("'abc'.replaceMatches('(b)', '$1x')", "abxc"),
    (
        "'abc'.replaceMatches('(?<second>b)', '${second}$$1')",
        "ab$1c",
    ),
    ("'abc'.replaceMatches('b', '$')", "a$c"),
    ("'abc'.replaceMatches('b', '$9')", "ac"),
    ("'aß'.upper()", "ASS"),
    ("'AB'.lower()", "ab"),
    ("'abab'.replace('b', 'x')", "axax"),
    ("'ab'.replace('', '-')", "-a-b-"),
    ("'abc'.matches('^[a-c]+$')", "true"),
    ("'abc'.matches('b')", "true"),
    ("'abc'.matchesFull('b')", "false"),
    (
        "'abc'.matches('(')",
        "error the pattern is no regular expression, or too large a one",
    ),
    ("'a1b2'.replaceMatches('[0-9]', '')", "ab"),
    ("'a-b'.replaceMatches('(a)-(b)', '$2-$1')", "b-a"),
    ("gender.matches('m' & 'ale')", "true"),
    ("'äb'.length()", "2"),
    ("'ab'.toChars()", "a, b"),
    ("'a,b,,c'.split(',')", "a, b, , c"),
    (
        "name.given.where(hasValue()).join('+')",
        "Peter+James+Jim+Ann",
    ),
    ("name.use.join()", "officialusual"),
    ("'  a '.trim()", "a"),
    ("'a?b>'.encode('base64')", "YT9iPg=="),
    ("'a?b>~'.encode('urlbase64')", "YT9iPn4="),
    ("'ab'.encode('hex')", "6162"),
    ("'YT9iPg=='.decode('base64')", "a?b>"),
    ("'6162'.decode('hex')", "ab"),
    ("'6'.decode('hex')", ""),
    (
        "'a'.encode('rot13')",
        "error encode takes one of the formats base64, urlbase64 and hex",
    ),
    ("'<a>'.escape('html')", "&lt;a&gt;"),
    ("'&lt;a&amp;'.unescape('html')", "<a&"),
    ("'a\"b'.escape('json')", "a\\\"b"),
    ("'a\\\\u0041\\\\n'.unescape('json')", "aA\n"),
    ("1.upper()", "error upper takes a string, not Integer"),
    (
        "name.given.upper()",
        "error upper needs a single item, and there are several",
    ),
];

#[test]
fn strings() {
    check(PATIENT, STRINGS);
}

const MATH: &[(&str, &str)] = &[
    ("(-5).abs()", "5"),
    ("(-5.5 'mg').abs()", "5.5 'mg'"),
    ("1.1.ceiling()", "2"),
    ("(-1.1).floor()", "-2"),
    ("(-1.9).truncate()", "-1"),
    ("0.exp()", "1"),
    ("1.ln()", "0"),
    ("0.ln()", ""),
    ("100.log(10)", "2"),
    ("2.power(10)", "1024"),
    ("2.power(-1)", "0.5"),
    ("2.power(40)", ""),
    ("2.5.power(2)", "6.25"),
    ("(-1).power(0.5)", ""),
    ("3.14159.round(2)", "3.14"),
    ("2.5.round()", "3"),
    (
        "2.5.round(-1)",
        "error round takes a number of digits that is not negative",
    ),
    ("16.sqrt()", "4"),
    ("(-1).sqrt()", ""),
    ("1.587.lowBoundary(2)", "1.58"),
    ("1.587.highBoundary(2)", "1.59"),
    ("1.587.highBoundary(99)", ""),
    ("@2014.lowBoundary(8)", "2014-01-01"),
    ("@2014-02.highBoundary(8)", "2014-02-28"),
    ("@T10:30.highBoundary(9)", "10:30:59.999"),
    ("@2014.highBoundary(5)", ""),
    (
        "'x'.lowBoundary()",
        "error lowBoundary takes a number, quantity, date or time, not String",
    ),
    ("1.500.precision()", "3"),
    ("@2014-01.precision()", "6"),
    ("1 'cm'.comparable(1 '[in_i]')", "true"),
    ("1 'cm'.comparable(1 's')", "false"),
    (
        "name.abs()",
        "error abs needs a single item, and there are several",
    ),
    ("'x'.sqrt()", "error sqrt takes a number, not String"),
];

#[test]
fn math() {
    check(PATIENT, MATH);
}

const OPERATORS: &[(&str, &str)] = &[
    ("1 + 2 * 3", "7"),
    ("(1 + 2) * 3", "9"),
    ("7 / 2", "3.5"),
    ("1 / 0", ""),
    ("7 div 2", "3"),
    ("-7 mod 3", "-1"),
    ("5.5 mod 2", "1.5"),
    ("2147483647 + 1", ""),
    ("0.1 + 0.2", "0.3"),
    ("1 - 0.5", "0.5"),
    ("+1", "1"),
    ("--1", "1"),
    ("-'a'", "error - takes a number or quantity, not String"),
    ("'a' + 'b'", "ab"),
    ("'a' & {}", "a"),
    ("'a' + {}", ""),
    (
        "1 + 'a'",
        "error + takes two numbers, or other values that it is defined for, not String",
    ),
    ("1 | 2 | 1", "1, 2"),
    ("1 < 2", "true"),
    ("2 <= 2.0", "true"),
    ("'a' > 'b'", "false"),
    ("@2020 >= @2019", "true"),
    ("{} < 1", ""),
    (
        "1 < 'a'",
        "error < takes two values of one type that has an order, not String",
    ),
    (
        "active > 1",
        "error > takes two values of one type that has an order, not boolean",
    ),
    ("1 = 1.0", "true"),
    ("1 = '1'", "false"),
    ("1 != 2", "true"),
    ("{} = {}", ""),
    ("(1 | 2) = (2 | 1)", "false"),
    ("(1 | 2) ~ (2 | 1)", "true"),
    ("'A b' ~ 'a\\tB'", "true"),
    ("1.0 !~ 1", "false"),
    ("{} ~ {}", "true"),
    ("1 in (1 | 2)", "true"),
    ("{} in (1 | 2)", ""),
    ("(1 | 2) contains 3", "false"),
    ("true and {}", ""),
    ("false and {}", "false"),
    ("{} or true", "true"),
    ("true xor false", "true"),
    ("{} implies true", "true"),
    ("false implies {}", "true"),
    ("true and 'x'", "true"),
    (
        "name and true",
        "error a condition needs a single item, and there are several",
    ),
    ("1 'kg' = 1000 'g'", "true"),
    ("1 'kg' > 999 'g'", "true"),
    ("1 'kg' > 1 's'", ""),
    ("1 year = 1 'a'", ""),
    ("1 year ~ 1 'a'", "true"),
    ("1 year = 12 months", "true"),
    ("7 days = 1 week", "true"),
    ("1 'm' + 1 'cm'", "1.01 'm'"),
    ("1 'm' + 1 's'", ""),
    ("2 'm' * 3 'm'", "6 'm.m'"),
    ("6 'm' / 2 's'", "3 'm/s'"),
    ("6 'kg' / 2 'g'", "3000 '1'"),
    ("2 * 3 'mg'", "6 'mg'"),
];

#[test]
fn operators() {
    check(PATIENT, OPERATORS);
}

const TIMES: &[(&str, &str)] = &[
    ("now()", "2024-02-29T12:30:15.250+01:00"),
    ("today()", "2024-02-29"),
    ("timeOfDay()", "12:30:15.250"),
    ("today() + 1 year", "2025-02-28"),
    ("today() - 1 month", "2024-01-29"),
    ("@2023-01-31 + 1 month", "2023-02-28"),
    ("@2024-02-29 - 4 years", "2020-02-29"),
    ("@2024-02-28 + 2 days", "2024-03-01"),
    ("@2024-01-01 - 1 week", "2023-12-25"),
    ("@2024 + 24 months", "2026"),
    ("@2024-01 + 45 days", "2024-02"),
    ("@2024-02-29 + 25 hours", "2024-03-01"),
    ("@2024-02-29T23:30:00Z + 1 hour", "2024-03-01T00:30:00Z"),
    (
        "@2024-02-29T23:30:00Z - 0.5 's'",
        "2024-02-29T23:29:59.500Z",
    ),
    ("@T23:30 + 45 minutes", "00:15"),
    (
        "@T23:30 + 1 day",
        "error + cannot be used with quantities of this unit",
    ),
    (
        "@T23:30 - 1 year",
        "error - cannot be used with quantities of this unit",
    ),
    (
        "@2024-01-01 + 1 'a'",
        "error + cannot be used with quantities of this unit",
    ),
    ("@9999-12-31 + 1 day", ""),
    ("@2012-01 < @2012-01-05", ""),
    ("@2012-01 < @2012-02-05", "true"),
    ("@2012-01-01T10:00:00+02:00 = @2012-01-01T08:00:00Z", "true"),
    ("@2012-01-01T10:00:00 = @2012-01-01T09:00:00Z", "true"),
    ("@2012-01-01T10:00 = @2012-01-01T10:00:00", ""),
    ("@2012-01-01T10:00 ~ @2012-01-01T10:00:00", "false"),
    ("@T10:00 < @T10:01", "true"),
    ("birthDate < today()", "true"),
    ("birthDate = @1974-12-25", "true"),
    ("birthDate = '1974-12-25'", "false"),
];

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
fn faults_of_texts() {
    check(
        PATIENT,
        &[
            ("", "parse 1:1: the expression is empty"),
            ("name.", "parse 1:6: a name or function should stand here"),
            (
                "name name",
                "parse 1:6: here stands `name`, where the end or an operator should",
            ),
            (
                "name..given",
                "parse 1:6: a name or function should stand here",
            ),
            (
                "where(",
                "parse 1:7: here stands the end, where a value, name or function should",
            ),
            ("where()", "parse 1:1: where() takes 1 argument(s), not 0"),
            (
                "name.\n  exsts()",
                "parse 2:3: there is no function exsts(); exists() is one",
            ),
            ("'abc", "parse 1:1: nothing ends this text; ' would"),
            (
                "'a\\qb'",
                "parse 1:3: after \\ stands one of ' \" ` \\ / f n r t, or u and four digits; \\\\ is a backslash",
            ),
            (
                "\"a\"",
                "parse 1:1: the character '\"' has no meaning here; strings stand in single quotes",
            ),
            (
                "@2015-13",
                "parse 1:1: this is no date that exists; dates are like @2015-02-04 and @2015-02-04T14:30:00Z",
            ),
            ("@T10:00Z", "parse 1:8: a time of day has no zone"),
            (
                "$that",
                "parse 1:1: after $ stands this, index or total, as in $this",
            ),
            (
                "% + 1",
                "parse 1:1: after % stands a variable's name, as in %resource or %`vs-name`",
            ),
            (
                "3000000000",
                "parse 1:1: whole numbers go up to 2147483647; with .0 after it a number is a decimal",
            ),
            (
                "a is 5",
                "parse 1:6: here stands a number, where a type's name should",
            ),
            ("/* a", "parse 1:1: this comment has no end; */ ends it"),
            ("'\\ud83d\\ude00'", "😀"),
            (
                "a and",
                "parse 1:6: here stands the end, where a value, name or function should",
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
        ("abatement is Range", true),
        ("abatement is Age", false),
    ] {
        let compiled = Expression::compile(expression).unwrap();
        let truth = compiled.evaluate_boolean(&Environment::new(&condition));
        assert_eq!(truth.unwrap(), Some(found), "{expression}");
    }
}
