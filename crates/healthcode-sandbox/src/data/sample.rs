//! The data that a sandbox has of its own: the same at every call, and invented.

mod nhs;

use crate::data::Data;
use healthcode_r4::Bundle;
use serde_json::{Value, json};

const EXTENSION: &str = "https://ref.api.healthcode.co.uk/extension/";
const SYSTEM: &str = "https://ref.api.healthcode.co.uk/";
/// As many as the documented sample says there are.
const PRACTITIONERS: usize = 204;

type Coded = (&'static str, &'static str);

/// Professions with a specialty and subspecialties. The first is documented, the others are not.
const FIELDS: &[(Coded, Coded, &[Coded])] = &[
    (
        ("00U", "Surgeon"),
        ("0003A", "Trauma & Orthopaedics"),
        &[("0000L", "Hip"), ("X001K", "Knee"), ("X002H", "Hand")],
    ),
    (
        ("00U", "Surgeon"),
        ("X010G", "General Surgery"),
        &[("X011H", "Hernia"), ("X012C", "Colorectal")],
    ),
    (
        ("X0P", "Physician"),
        ("X020C", "Cardiology"),
        &[("X021E", "Electrophysiology"), ("X022I", "Imaging")],
    ),
    (
        ("X0P", "Physician"),
        ("X030D", "Dermatology"),
        &[("X031A", "Allergy")],
    ),
    (
        ("X0T", "Physiotherapist"),
        ("X040M", "Musculoskeletal"),
        &[("X041S", "Sports")],
    ),
];
/// Insurers and their documented codes.
const INSURERS: &[Coded] = &[
    ("nuh", "Aviva"),
    ("bup", "Bupa"),
    ("ppp", "AXA Health"),
    ("slh", "Vitality Health"),
    ("wpa", "WPA"),
];
const AGES: &[Coded] = &[("C0", "0-3 Years"), ("C1", "4-12 Years")];
const GIVEN: &[(&str, &str)] = &[
    ("Amelia", "female"),
    ("Arjun", "male"),
    ("Beth", "female"),
    ("Callum", "male"),
    ("Chloé", "female"),
    ("Daniel", "male"),
    ("Eira", "female"),
    ("Hamza", "male"),
    ("Isla", "female"),
    ("Noor", "other"),
    ("Owen", "male"),
    ("Zofia", "female"),
];
const FAMILY: &[&str] = &[
    "Adeyemi",
    "Begum",
    "Campbell",
    "Davies",
    "Evans",
    "Fraser",
    "Grünwald",
    "Hughes",
    "Iqbal",
    "Jones",
    "Kowalski",
    "Lewis",
    "MacLeod",
    "Nguyen",
    "O'Brien",
    "Patel",
    "Quinn",
    "Roberts",
    "Smith",
    "Taylor",
    "Walker",
    "Young",
];
/// Hospitals that do not exist, in places that do: name, town, postcode, latitude, longitude.
const HOSPITALS: &[(&str, &str, &str, &str, &str)] = &[
    (
        "St Elsewhere Hospital",
        "London",
        "W1H 3DA",
        "51.5171",
        "-0.1629",
    ),
    (
        "Example Clinic",
        "Manchester",
        "M22 4ZZ",
        "53.385225",
        "-2.231105",
    ),
    (
        "Sample Park Hospital",
        "Leeds",
        "LS1 9ZZ",
        "53.7997",
        "-1.5492",
    ),
    (
        "Testbridge Hospital",
        "Bristol",
        "BS1 9ZZ",
        "51.4545",
        "-2.5879",
    ),
    (
        "Placeholder House",
        "Birmingham",
        "B1 9ZZ",
        "52.4796",
        "-1.9026",
    ),
    (
        "Model Street Clinic",
        "Glasgow",
        "G1 9ZZ",
        "55.8609",
        "-4.2514",
    ),
    (
        "Specimen Bay Hospital",
        "Cardiff",
        "CF10 9ZZ",
        "51.4816",
        "-3.1791",
    ),
    (
        "Mockingham Hospital",
        "Nottingham",
        "NG1 9ZZ",
        "52.9548",
        "-1.1581",
    ),
    (
        "Dummyside Hospital",
        "Newcastle upon Tyne",
        "NE1 9ZZ",
        "54.9738",
        "-1.6132",
    ),
    (
        "Fictional Green Clinic",
        "Norwich",
        "NR1 9ZZ",
        "52.6309",
        "1.2974",
    ),
];

/// SplitMix64: deterministic, and good enough to mix.
struct Mixer(u64);

impl Mixer {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    fn pick<T: Copy + Default>(&mut self, from: &[T]) -> T {
        from.get(self.below(from.len()))
            .copied()
            .unwrap_or_default()
    }
}

impl Data {
    /// Invented practitioners with roles at invented hospitals: always the same ones. The first is
    /// as in the documentation, and has the codes that it shows; codes that begin with `X` are none
    /// of Healthcode's.
    #[must_use]
    pub fn generated() -> Self {
        Data::new([
            bundle(&register()),
            bundle(&nhs::patients()),
            bundle(&nhs::directory()),
        ])
    }
}

/// A Bundle of resources. What is written here is always read whole.
pub(crate) fn bundle(resources: &[Value]) -> Bundle {
    let entries: Vec<_> = resources.iter().map(|it| json!({"resource": it})).collect();
    let text = json!({"resourceType": "Bundle", "type": "collection", "entry": entries});
    let read = healthcode_json::from_slice(text.to_string().as_bytes());
    read.map(|it| it.value).unwrap_or_default()
}

fn register() -> Vec<Value> {
    let mut mixer = Mixer(0);
    let mut out: Vec<_> = (0..HOSPITALS.len()).filter_map(location).collect();
    for at in 0..PRACTITIONERS {
        let person = Person::new(at, &mut mixer);
        out.push(person.practitioner(&mut mixer));
        for number in 0..1 + mixer.below(2) {
            out.push(person.role(number, &mut mixer));
        }
    }
    out
}

fn location_id(at: usize) -> String {
    format!("HP{:06}", 5000 + at)
}

fn location(at: usize) -> Option<Value> {
    let (name, town, postcode, latitude, longitude) = HOSPITALS.get(at)?;
    let number = |text: &str| text.parse::<f64>().unwrap_or_default();
    Some(json!({
        "resourceType": "Location", "id": location_id(at), "status": "active", "name": name,
        "address": {"line": [name], "city": town, "postalCode": postcode},
        "position": {"longitude": number(longitude), "latitude": number(latitude)},
    }))
}

fn concept(name: &str, (code, display): Coded) -> Value {
    json!({"coding": [{"system": format!("{SYSTEM}{name}"), "code": code, "display": display}]})
}

/// An extension as the service has them: with an id, and an absolute url in every one.
fn extension(id: &str, kind: &str, value: Value) -> Value {
    let mut out = json!({"id": id, "url": format!("{EXTENSION}{id}")});
    if let Some(members) = out.as_object_mut() {
        members.insert(kind.to_owned(), value);
    }
    out
}

fn coded(name: &str, code: Coded) -> Value {
    extension(name, "valueCodeableConcept", concept(name, code))
}

struct Person {
    at: usize,
    id: String,
    prefix: &'static str,
    given: &'static str,
    family: &'static str,
    gender: &'static str,
    field: usize,
}

impl Person {
    fn new(at: usize, mixer: &mut Mixer) -> Self {
        let (given, gender) = mixer.pick(GIVEN);
        let mut person = Person {
            at,
            id: format!("SP{:05}", 9000 + at),
            prefix: mixer.pick(&["Dr", "Mr", "Ms", "Prof"]),
            given,
            family: mixer.pick(FAMILY),
            gender,
            field: mixer.below(FIELDS.len()),
        };
        if at == 0 {
            (person.prefix, person.given, person.family) = ("Mr", "Warren", "Clinton");
            (person.gender, person.field) = ("female", 0);
        }
        person
    }

    fn practitioner(&self, mixer: &mut Mixer) -> Value {
        let Person {
            prefix,
            given,
            family,
            gender,
            ..
        } = self;
        let sample = self.at == 0;
        let mut extensions = vec![extension("indemnityStatus", "valueString", json!("N"))];
        let bookable = !sample && mixer.below(3) == 0;
        let mut online = extension("onlineBookingStatus", "valueBoolean", json!(bookable));
        if let Some(id) = online.get_mut("id") {
            *id = json!("isOnlineBookingAvailable");
        }
        extensions.push(online);
        if let Some((profession, specialty, subspecialties)) = FIELDS.get(self.field) {
            let sub = match sample {
                true => ("0000L", "Hip"),
                false => mixer.pick(subspecialties),
            };
            let parts = [
                coded("profession", *profession),
                coded("specialty", *specialty),
                coded("subspecialty", sub),
            ];
            extensions.push(extension("profession", "extension", json!(parts)));
        }
        let number = match sample {
            true => "1234567".to_owned(),
            false => format!("{:07}", 2_000_000 + self.at * 37),
        };
        let registration = [
            coded("regulatorybody", ("GMC", "General Medical Council")),
            extension("regulatorreference", "valueString", json!(number)),
            extension(
                "registrationdate",
                "valueString",
                json!(dotted(mixer, 1990)),
            ),
        ];
        let parts = json!(registration);
        extensions.push(extension("registrationnumbers", "extension", parts));
        let first = if sample {
            0
        } else {
            mixer.below(INSURERS.len())
        };
        let count = if sample { 1 } else { 1 + mixer.below(2) };
        for insurer in INSURERS.iter().cycle().skip(first).take(count) {
            let number = match sample {
                true => "984572186".to_owned(),
                false => format!("{:09}", 100_000_000 + mixer.below(800_000_000)),
            };
            let parts = [
                coded("insurer", *insurer),
                extension("insurerprovidercode", "valueString", json!(number)),
                coded("recognitionstatus", ("Y", "Recognised")),
            ];
            extensions.push(extension("insurers", "extension", json!(parts)));
        }
        let (hospital, town, postcode, ..) = self.hospital(0);
        json!({
            "resourceType": "Practitioner",
            "id": self.id,
            "extension": extensions,
            "name": [{"family": family, "given": [given], "prefix": [prefix]}],
            "telecom": [
                {"id": "phone", "value": format!("01632 960{:03}", self.at % 1000)},
                {"id": "email", "value": format!("{}@example.org", self.id.to_lowercase())},
            ],
            "address": [{
                "type": "postal",
                "text": format!("{hospital}, {town}"),
                "line": [hospital, town],
                "postalCode": postcode,
            }],
            "gender": gender,
            "birthDate": dotted(mixer, 1955),
            "qualification": [{
                "id": "FRCS",
                "code": concept("qualification", ("FRCS", "Fellow Royal College of Surgeons")),
                "period": {"start": "2011-01-01T00:00:00+00:00"},
            }],
        })
    }

    /// Where the role of a number is: each next one at the next hospital but two.
    fn place(&self, number: usize) -> usize {
        (self.at + number * 3) % HOSPITALS.len().max(1)
    }

    fn hospital(&self, number: usize) -> (&str, &str, &str, &str, &str) {
        let place = HOSPITALS.get(self.place(number));
        place.copied().unwrap_or_default()
    }

    fn role(&self, number: usize, mixer: &mut Mixer) -> Value {
        let Person {
            id,
            prefix,
            given,
            family,
            ..
        } = self;
        let ages = match (self.at, mixer.below(3)) {
            (0, _) | (_, 0) => AGES,
            (_, 1) => AGES.get(..1).unwrap_or_default(),
            _ => AGES.get(1..).unwrap_or_default(),
        };
        let ages: Vec<_> = ages.iter().map(|it| coded("agestreated", *it)).collect();
        let field = FIELDS.get(self.field);
        let specialty = field.map_or(("", ""), |it| it.1);
        json!({
            "resourceType": "PractitionerRole",
            "id": format!("2018082811{:07}{number}LBf{:04}", self.at, mixer.below(10_000)),
            "extension": ages,
            "practitioner": {
                "reference": format!("Practitioner/{id}"),
                "display": format!("{prefix} {given} {family}"),
            },
            "specialty": [concept("specialty", specialty)],
            "location": [{
                "reference": format!("Location/{}", location_id(self.place(number))),
                "display": self.hospital(number).0,
            }],
        })
    }
}

/// A day as the service writes some: with dots.
fn dotted(mixer: &mut Mixer, from: usize) -> String {
    let (day, month) = (1 + mixer.below(28), 1 + mixer.below(12));
    format!("{day:02}.{month:02}.{}", from + mixer.below(25))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_read_and_the_same_each_time() {
        let (data, again) = (Data::generated(), Data::generated());
        assert_eq!(data.bundles, again.bundles);
        let count = |name| {
            let of = data
                .resources()
                .filter(|it| it.resource_type() == Some(name));
            of.count()
        };
        assert_eq!(count("Practitioner"), PRACTITIONERS);
        assert_eq!(count("Location"), HOSPITALS.len());
        assert!(count("PractitionerRole") > PRACTITIONERS);
        let ids: std::collections::HashSet<_> = data.resources().map(|it| it.id()).collect();
        assert_eq!(ids.len(), data.resources().count());
        assert!(ids.iter().flatten().filter(|it| it.len() == 25).count() > PRACTITIONERS);
        for resource in data.resources() {
            assert!(healthcode_json::issues_of(resource).len() <= 1);
        }
    }
}
