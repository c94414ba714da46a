//! A few of R4's parameters, alone and through references, find what a plain implementation finds; and
//! Healthcode's parameters give what R4's give where they mean the same.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use healthcode_evaluate::Index;
use healthcode_r4::{
    Bundle, HumanName, Observation, ObservationValue, Patient, Practitioner, PractitionerRole,
    Quantity, Reference, list,
};
use healthcode_search::{Captured, Scope};
use proptest::prelude::*;

const FAMILIES: [&str; 6] = ["Clinton", "clinton-Davis", "Élodie", "Elo", "O'Neil", "Zed"];
const GENDERS: [&str; 3] = ["male", "female", "unknown"];
const PREFIXES: [&str; 10] = ["", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"];

#[derive(Clone, Debug)]
struct Person {
    gender: Option<&'static str>,
    family: Option<&'static str>,
    birth: Option<String>,
}

#[derive(Clone, Debug)]
struct Measured {
    subject: usize,
    /// In hundredths, and with how many digits after the point it is written.
    value: Option<(i64, usize)>,
}

fn date() -> impl Strategy<Value = String> {
    (2000..2003u32, 1..=12u32, 1..=28u32, 0..3).prop_map(|(y, m, d, precision)| match precision {
        0 => format!("{y}"),
        1 => format!("{y}-{m:02}"),
        _ => format!("{y}-{m:02}-{d:02}"),
    })
}

fn number() -> impl Strategy<Value = (i64, usize)> {
    (-300..300i64, 0..3usize).prop_map(|(hundredths, digits)| {
        let unit = 10i64.pow(2 - digits as u32);
        (hundredths / unit * unit, digits)
    })
}

fn written((hundredths, digits): (i64, usize)) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let (whole, rest) = (hundredths.abs() / 100, hundredths.abs() % 100);
    match digits {
        0 => format!("{sign}{whole}"),
        digits => format!("{sign}{whole}.{}", &format!("{rest:02}")[..digits]),
    }
}

fn person() -> impl Strategy<Value = Person> {
    let of = proptest::option::of::<proptest::sample::Select<&'static str>>;
    let gender = of(proptest::sample::select(GENDERS.to_vec()));
    let family = of(proptest::sample::select(FAMILIES.to_vec()));
    (gender, family, proptest::option::of(date())).prop_map(|(gender, family, birth)| Person {
        gender,
        family,
        birth,
    })
}

#[derive(Clone, Debug)]
enum Criterion {
    Gender(&'static str, bool),
    Family(String, &'static str),
    Birth(&'static str, String),
    Missing(bool),
}

impl Criterion {
    fn text(&self) -> String {
        match self {
            Criterion::Gender(code, false) => format!("gender={code}"),
            Criterion::Gender(code, true) => format!("gender:not={code}"),
            Criterion::Family(text, modifier) => format!("family{modifier}={text}"),
            Criterion::Birth(prefix, date) => format!("birthdate={prefix}{date}"),
            Criterion::Missing(missing) => format!("birthdate:missing={missing}"),
        }
    }

    fn is(&self, person: &Person) -> bool {
        let plain = |text: &str| text.to_lowercase().replace('é', "e");
        match self {
            Criterion::Gender(code, not) => (person.gender == Some(code)) != *not,
            Criterion::Family(text, modifier) => {
                person.family.is_some_and(|family| match *modifier {
                    ":exact" => family == text,
                    ":contains" => plain(family).contains(&plain(text)),
                    _ => plain(family).starts_with(&plain(text)),
                })
            }
            Criterion::Birth(prefix, wanted) => {
                let birth = person.birth.as_ref();
                birth.is_some_and(|date| dates(prefix, date, wanted))
            }
            Criterion::Missing(missing) => person.birth.is_none() == *missing,
        }
    }
}

fn criterion() -> impl Strategy<Value = Criterion> {
    let text = prop_oneof![
        proptest::sample::select(FAMILIES.to_vec()).prop_map(str::to_owned),
        proptest::sample::select(vec!["cli", "elo", "ÉLO", "davis", "o'n", "e"])
            .prop_map(str::to_owned),
    ];
    let modifier = proptest::sample::select(vec!["", ":exact", ":contains"]);
    let prefix = proptest::sample::select(PREFIXES.to_vec());
    prop_oneof![
        (proptest::sample::select(GENDERS.to_vec()), any::<bool>())
            .prop_map(|(code, not)| Criterion::Gender(code, not)),
        (text, modifier).prop_map(|(text, modifier)| Criterion::Family(text, modifier)),
        (prefix, date()).prop_map(|(prefix, date)| Criterion::Birth(prefix, date)),
        any::<bool>().prop_map(Criterion::Missing),
    ]
}

/// Every day of the years in question, as text: a date covers the days that begin with it.
fn days() -> Vec<String> {
    let leap = |y: u32| u32::from(y.is_multiple_of(4));
    let length = |y, m| match m {
        2 => 28 + leap(y),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let months = (1999..2005u32).flat_map(|y| (1..=12u32).map(move |m| (y, m)));
    months
        .flat_map(|(y, m)| (1..=length(y, m)).map(move |d| format!("{y}-{m:02}-{d:02}")))
        .collect()
}

fn dates(prefix: &str, value: &str, wanted: &str) -> bool {
    let days = days();
    let of = |text: &str| {
        let first = days.iter().position(|day| day.starts_with(text)).unwrap();
        let last = days.iter().rposition(|day| day.starts_with(text)).unwrap();
        (first, last)
    };
    let ((first, last), (from, to)) = (of(value), of(wanted));
    let within = from <= first && last <= to;
    match prefix {
        "" | "eq" => within,
        "ne" => !within,
        "gt" => last > to,
        "lt" => first < from,
        "ge" => last >= from,
        "le" => first <= to,
        "sa" => first > to,
        "eb" => last < from,
        _ => first <= to && from <= last,
    }
}

/// All in thousandths, so that half a hundredth is whole.
fn numbers(prefix: &str, value: i64, (wanted, digits): (i64, usize)) -> bool {
    let (value, middle) = (value * 10, wanted * 10);
    let half = 500 / 10i64.pow(digits as u32);
    let equal = middle - half <= value && value < middle + half;
    match prefix {
        "" | "eq" => equal,
        "ne" => !equal,
        "gt" | "sa" => value > middle,
        "lt" | "eb" => value < middle,
        "ge" => value >= middle,
        "le" => value <= middle,
        _ => (value - middle).abs() * 10 <= middle.abs(),
    }
}

fn bundle(people: &[Person], measured: &[Measured]) -> Bundle {
    let mut bundle = Bundle::default();
    for (at, person) in people.iter().enumerate() {
        let mut patient = Patient {
            id: format!("p{at}").into(),
            ..Patient::default()
        };
        if let Some(gender) = person.gender {
            patient.gender = gender.into();
        }
        if let Some(family) = person.family {
            patient.name = list![HumanName {
                family: family.into(),
                ..HumanName::default()
            }];
        }
        if let Some(birth) = &person.birth {
            patient.birth_date = birth.as_str().into();
        }
        bundle.entry.push(patient.into());
    }
    for (at, measure) in measured.iter().enumerate() {
        let value = measure.value.map(|value| {
            ObservationValue::Quantity(Box::new(Quantity {
                value: healthcode_r4::Decimal::from(written(value).as_str()).into(),
                ..Quantity::default()
            }))
        });
        let observation = Observation {
            id: format!("o{at}").into(),
            subject: Some(Box::new(Reference::to(
                "Patient",
                &format!("p{}", measure.subject),
            ))),
            value,
            ..Observation::default()
        };
        bundle.entry.push(observation.into());
    }
    bundle
}

/// The ids that are found, and those that are not known to match.
fn run(bundle: &Bundle, scope: &str, query: &str) -> (Vec<String>, Vec<String>) {
    let scope = Scope::named(scope).unwrap();
    let query = Captured::parse(query, Some(scope)).unwrap().query;
    let index = Index::new([bundle], []);
    let outcome = index.run(&query).unwrap();
    let id = |hit: &healthcode_evaluate::Hit<'_>| hit.resource.id().unwrap().to_owned();
    let found = outcome.entries.iter().map(id).collect();
    (
        found,
        outcome
            .unknown
            .iter()
            .map(|unknown| id(&unknown.hit))
            .collect(),
    )
}

fn ids(letter: char, truths: impl Iterator<Item = bool>) -> Vec<String> {
    let found = truths.enumerate().filter(|pair| pair.1);
    found.map(|pair| format!("{letter}{}", pair.0)).collect()
}

fn case() -> impl Strategy<Value = (Vec<Person>, Vec<Measured>)> {
    let measured = (0..8usize, proptest::option::of(number()))
        .prop_map(|(subject, value)| Measured { subject, value });
    (
        proptest::collection::vec(person(), 1..8),
        proptest::collection::vec(measured, 1..12),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn parameters((people, measured) in case(), criterion in proptest::collection::vec(criterion(), 1..4)) {
        let bundle = bundle(&people, &measured);
        let texts: Vec<_> = criterion.iter().map(Criterion::text).collect();
        let found = run(&bundle, "Patient", &texts.join("&"));
        let truths = people.iter().map(|person| criterion.iter().all(|criterion| criterion.is(person)));
        prop_assert_eq!(found, (ids('p', truths), Vec::new()));
    }

    #[test]
    fn quantities(
        (people, measured) in case(),
        prefix in proptest::sample::select(PREFIXES.to_vec()),
        number in number(),
    ) {
        let bundle = bundle(&people, &measured);
        let wanted = format!("{prefix}{}", written(number));
        let is = |measured: &Measured| measured.value.is_some_and(|(value, _)| numbers(prefix, value, number));
        let found = run(&bundle, "Observation", &format!("value-quantity={wanted}"));
        prop_assert_eq!(found, (ids('o', measured.iter().map(is)), Vec::new()));

        let query = format!("_has:Observation:patient:value-quantity={wanted}");
        let found = run(&bundle, "Patient", &query);
        let referred = |at: usize| measured.iter().any(|one| one.subject == at && is(one));
        let expected = ids('p', (0..people.len()).map(referred));
        prop_assert_eq!(found, (expected, Vec::new()));
    }

    #[test]
    fn chains((people, measured) in case(), criterion in criterion()) {
        let bundle = bundle(&people, &measured);
        let found = run(&bundle, "Observation", &format!("patient.{}", criterion.text()));
        let matching = |one: &Measured| people.get(one.subject).is_some_and(|person| criterion.is(person));
        // Whom nobody has given may match or not.
        let nowhere = |one: &Measured| one.subject >= people.len();
        let expected = (
            ids('o', measured.iter().map(matching)),
            ids('o', measured.iter().map(nowhere)),
        );
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn healthcode_as_r4(
        people in proptest::collection::vec(person(), 1..8),
        roles in proptest::collection::vec((0..8usize, 0..3usize, 0..3usize), 0..12),
        criterion in prop_oneof![
            proptest::sample::select(FAMILIES.to_vec()).prop_map(|name| ("family", name)),
            proptest::sample::select(FAMILIES.to_vec()).prop_map(|name| ("given", name)),
            proptest::sample::select(GENDERS.to_vec()).prop_map(|gender| ("gender", gender)),
        ],
        role_asked in prop_oneof![
            (0..8usize).prop_map(|number| ("practitioner", format!("p{number}"))),
            (0..3usize).prop_map(|number| ("location", format!("l{number}"))),
            (0..3usize).prop_map(|number| ("specialty", format!("s{number}"))),
        ],
    ) {
        let mut bundle = Bundle::default();
        for (at, person) in people.iter().enumerate() {
            let mut practitioner = Practitioner { id: format!("p{at}").into(), ..Practitioner::default() };
            if let Some(gender) = person.gender {
                practitioner.gender = gender.into();
            }
            if let Some(family) = person.family {
                let name = HumanName {
                    family: family.into(),
                    given: list![family.into()],
                    ..HumanName::default()
                };
                practitioner.name = list![name];
            }
            bundle.entry.push(practitioner.into());
        }
        for (at, (practitioner, location, specialty)) in roles.iter().enumerate() {
            let coding = healthcode_r4::Coding {
                code: format!("s{specialty}").as_str().into(),
                ..healthcode_r4::Coding::default()
            };
            let concept = healthcode_r4::CodeableConcept {
                coding: list![coding],
                ..healthcode_r4::CodeableConcept::default()
            };
            let practitioner = Reference::to("Practitioner", &format!("p{practitioner}"));
            let role = PractitionerRole {
                id: format!("r{at}").into(),
                practitioner: Some(Box::new(practitioner)),
                location: list![Reference::to("Location", &format!("l{location}"))],
                specialty: list![concept],
                ..PractitionerRole::default()
            };
            bundle.entry.push(role.into());
        }
        let query = format!("{}={}", criterion.0, criterion.1);
        let ours = run(&bundle, "practitioner", &query);
        prop_assert_eq!(ours, run(&bundle, "Practitioner", &query));
        let query = format!("{}={}", role_asked.0, role_asked.1);
        let ours = run(&bundle, "practitioner-role", &query);
        prop_assert_eq!(ours, run(&bundle, "PractitionerRole", &query));
    }
}
