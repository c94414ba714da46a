//! Deterministic Bundles of the shapes that the benchmarks need.

use std::fmt::Write;

/// A small pseudo-random generator (SplitMix64): the same numbers on every run and machine.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }

    pub(crate) fn uuid(&mut self) -> String {
        let (a, b) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
            a >> 32,
            (a >> 16) & 0xffff,
            a & 0xfff,
            b >> 52,
            b & 0xffff_ffff_ffff
        )
    }

    pub(crate) fn date_time(&mut self) -> String {
        format!(
            "{}-{:02}-{:02}T{:02}:{:02}:{:02}+00:00",
            1990 + self.below(30),
            1 + self.below(12),
            1 + self.below(28),
            self.below(24),
            self.below(60),
            self.below(60)
        )
    }
}

pub(crate) const FAMILIES: &[&str] = &[
    "Clinton",
    "Ashworth",
    "Okonkwo",
    "Patel",
    "O'Sullivan",
    "Featherstonehaugh",
    "Ng",
    "Müller",
    "Szymański",
    "Beaumont-Price",
    "Griffiths",
    "Khan",
    "Lindqvist",
    "Abernathy",
    "Roux",
];
pub(crate) const GIVEN: &[&str] = &[
    "Warren",
    "Amelia",
    "Chidi",
    "Priya",
    "Siobhán",
    "Tom",
    "Li",
    "Katharina",
    "Agnieszka",
    "Jonathan",
    "Rhys",
    "Fatima",
    "Astrid",
    "Eleanor",
    "Étienne",
];
const PREFIXES: &[&str] = &["Mr", "Mrs", "Miss", "Dr", "Prof"];
const HOSPITALS: &[(&str, &str, &str)] = &[
    ("St Elsewhere Hospital", "Sutton Place", "London"),
    ("The Harbour Clinic", "14 Quay Street", "Bristol"),
    (
        "Northern Independent Hospital",
        "Moor Lane",
        "Newcastle upon Tyne",
    ),
    (
        "Queen's Park Consulting Rooms",
        "2-6 Park Crescent",
        "Leicester",
    ),
    ("Glenfield House", "High Road", "Edinburgh"),
];
const SPECIALTIES: &[(&str, &str, &str)] = &[
    ("0003A", "Trauma & Orthopaedics", "Hip"),
    ("00011", "Cardiology", "Electrophysiology"),
    ("0002C", "Ophthalmology", "Cataract"),
    ("0005F", "Ear, Nose & Throat", "Otology"),
    ("0001B", "Dermatology", "Mohs surgery"),
];
const INSURERS: &[(&str, &str)] = &[
    ("nuh", "Aviva"),
    ("bup", "Bupa"),
    ("axa", "AXA Health"),
    ("vit", "VitalityHealth"),
    ("wpa", "WPA"),
];

/// How birth dates are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dates {
    /// As the directory is documented to send them: 09.05.1977, which is no date of FHIR.
    Documented,
    /// In FHIR's form: 1977-05-09.
    Standard,
}

/// A searchset of practitioners as Healthcode's directory answers, minified.
pub(crate) fn searchset(practitioners: usize, dates: Dates) -> String {
    let mut random = Random(9000);
    let mut out = String::with_capacity(practitioners * 3000);
    let _ = write!(
        out,
        r#"{{"resourceType":"Bundle","meta":{{"tag":[{{"code":"count","display":"{practitioners}"}},{{"code":"page","display":"1"}},{{"code":"maxCount","display":"{practitioners}"}}]}},"type":"searchset","total":{practitioners},"entry":["#
    );
    for index in 0..practitioners {
        if index > 0 {
            out.push(',');
        }
        practitioner(&mut out, &mut random, index, dates);
    }
    out.push_str("]}");
    out
}

const HEALTHCODE: &str = "https://ref.api.healthcode.co.uk";

fn coded_extension(out: &mut String, name: &str, code: &str, display: &str) {
    let _ = write!(
        out,
        r#"{{"id":"{name}","url":"{HEALTHCODE}/extension/{name}","valueCodeableConcept":{{"coding":[{{"system":"{HEALTHCODE}/{name}","code":"{code}","display":"{display}"}}]}}}}"#
    );
}

fn text_extension(out: &mut String, name: &str, value: &str) {
    let _ = write!(
        out,
        r#"{{"id":"{name}","url":"{HEALTHCODE}/extension/{name}","valueString":"{value}"}}"#
    );
}

fn open_extension(out: &mut String, name: &str) {
    let _ = write!(
        out,
        r#"{{"id":"{name}","url":"{HEALTHCODE}/extension/{name}","extension":["#
    );
}

fn practitioner(out: &mut String, random: &mut Random, index: usize, dates: Dates) {
    let (family, given) = (random.pick(FAMILIES), random.pick(GIVEN));
    let (specialty, specialty_name, subspecialty) = random.pick(SPECIALTIES);
    let (hospital, street, city) = random.pick(HOSPITALS);
    let _ = write!(
        out,
        r#"{{"resource":{{"resourceType":"Practitioner","id":"SP{:05}","extension":["#,
        9000 + index
    );
    text_extension(out, "indemnityStatus", random.pick(&["N", "Y"]));
    let _ = write!(
        out,
        r#",{{"id":"isOnlineBookingAvailable","url":"{HEALTHCODE}/extension/onlineBookingStatus","valueBoolean":{}}},"#,
        random.below(2) == 0
    );
    open_extension(out, "profession");
    coded_extension(out, "profession", "00U", "Surgeon");
    out.push(',');
    coded_extension(out, "specialty", specialty, specialty_name);
    out.push(',');
    let code = format!("{:04X}L", random.below(0x10000));
    coded_extension(out, "subspecialty", &code, subspecialty);
    out.push_str("]},");
    open_extension(out, "registrationnumbers");
    coded_extension(out, "regulatorybody", "GMC", "General Medical Council");
    out.push(',');
    let number = (1_000_000 + random.below(9_000_000)).to_string();
    text_extension(out, "regulatorreference", &number);
    out.push(',');
    let (day, month) = (1 + random.below(28), 1 + random.below(12));
    let date = format!("{day:02}.{month:02}.{}", 1970 + random.below(50));
    text_extension(out, "registrationdate", &date);
    out.push_str("]},");
    open_extension(out, "insurers");
    let (insurer, insurer_name) = random.pick(INSURERS);
    coded_extension(out, "insurer", insurer, insurer_name);
    out.push(',');
    let provider = (100_000_000 + random.below(900_000_000)).to_string();
    text_extension(out, "insurerprovidercode", &provider);
    out.push(',');
    coded_extension(out, "recognitionstatus", "Y", "Recognised");
    out.push_str("]}],");
    let _ = write!(
        out,
        r#""name":[{{"family":"{family}","given":["{given}"],"prefix":["{}"]}}],"#,
        random.pick(PREFIXES)
    );
    let _ = write!(
        out,
        r#""telecom":[{{"id":"phone","value":"020 7{:03} {:04}"}},{{"id":"email","value":"{given}.{family}@example.com"}}],"#,
        random.below(1000),
        random.below(10_000)
    );
    let _ = write!(
        out,
        r#""address":[{{"type":"postal","text":"{hospital}, {street}, {city}","line":["{hospital}","{street}","{city}"],"postalCode":"W{}H {}DA"}}],"#,
        1 + random.below(9),
        1 + random.below(9)
    );
    let gender = random.pick(&["female", "male"]);
    let (day, month) = (1 + random.below(28), 1 + random.below(12));
    let year = 1950 + random.below(45);
    let birth_date = match dates {
        Dates::Documented => format!("{day:02}.{month:02}.{year}"),
        Dates::Standard => format!("{year}-{month:02}-{day:02}"),
    };
    let _ = write!(out, r#""gender":"{gender}","birthDate":"{birth_date}","#);
    let _ = write!(
        out,
        r#""qualification":[{{"id":"FRCS","code":{{"coding":[{{"system":"{HEALTHCODE}/qualification","code":"FRCS","display":"Fellow Royal College of Surgeons"}}]}},"period":{{"start":"{}"}}}}]}}}}"#,
        random.date_time()
    );
}

const FINDINGS: &[(&str, &str, &str)] = &[
    ("8302-2", "Body Height", "cm"),
    ("29463-7", "Body Weight", "kg"),
    ("39156-5", "Body Mass Index", "kg/m2"),
    ("2339-0", "Glucose", "mg/dL"),
    ("38483-4", "Creatinine", "mg/dL"),
    ("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood", "%"),
];
const META: &str =
    r#""meta":{"tag":[{"system":"https://smarthealthit.org/tags","code":"synthea-5-2019"}]}"#;

/// A transaction Bundle of about `bytes` of the shape of Synthea's, minified.
pub(crate) fn transaction(bytes: usize) -> String {
    let mut random = Random(2019);
    let patient = random.uuid();
    let practitioner = random.uuid();
    let mut out = String::with_capacity(bytes + 10_000);
    out.push_str(r#"{"resourceType":"Bundle","type":"transaction","entry":["#);
    entry(&mut out, "Patient", &patient, |out| {
        let _ = write!(
            out,
            r#""text":{{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">Generated by <a href=\"https://github.com/synthetichealth/synthea\">Synthea</a>.\n</div>"}},"identifier":[{{"system":"https://github.com/synthetichealth/synthea","value":"{patient}"}}],"name":[{{"use":"official","family":"Koelpin146","given":["Rufus188"],"prefix":["Mr."]}}],"gender":"male","birthDate":"1928-10-01","maritalStatus":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/v3-MaritalStatus","code":"M","display":"M"}}],"text":"M"}},"multipleBirthBoolean":false"#
        );
    });
    while out.len() < bytes {
        let encounter = random.uuid();
        let claim = random.uuid();
        let (start, end) = (random.date_time(), random.date_time());
        let subject = format!(r#"{{"reference":"urn:uuid:{patient}"}}"#);
        let check_up = r#"{"coding":[{"system":"http://snomed.info/sct","code":"000000000","display":"Encounter for check up (procedure)"}],"text":"Encounter for check up (procedure)"}"#;
        out.push(',');
        entry(&mut out, "Encounter", &encounter, |out| {
            let _ = write!(
                out,
                r#""status":"finished","class":{{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"}},"type":[{check_up}],"subject":{subject},"participant":[{{"individual":{{"reference":"urn:uuid:{practitioner}"}}}}],"period":{{"start":"{start}","end":"{end}"}}"#
            );
        });
        for _ in 0..8 {
            let (code, display, unit) = random.pick(FINDINGS);
            let id = random.uuid();
            let value = format!(
                "{}.{}",
                random.below(200),
                random.next() % 10_000_000_000_000
            );
            out.push(',');
            entry(&mut out, "Observation", &id, |out| {
                let _ = write!(
                    out,
                    r#""status":"final","category":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs","display":"vital-signs"}}]}}],"code":{{"coding":[{{"system":"http://loinc.org","code":"{code}","display":"{display}"}}],"text":"{display}"}},"subject":{subject},"encounter":{{"reference":"urn:uuid:{encounter}"}},"effectiveDateTime":"{start}","issued":"{start}","valueQuantity":{{"value":{value},"unit":"{unit}","system":"http://unitsofmeasure.org","code":"{unit}"}}"#
                );
            });
        }
        let cents = random.below(100_000);
        let total = format!("{}.{:02}", cents / 100, cents % 100);
        out.push(',');
        entry(&mut out, "Claim", &claim, |out| {
            let _ = write!(
                out,
                r#""status":"active","type":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/claim-type","code":"institutional"}}]}},"use":"claim","patient":{subject},"billablePeriod":{{"start":"{start}","end":"{end}"}},"created":"{end}","provider":{{"reference":"urn:uuid:{practitioner}"}},"priority":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/processpriority","code":"normal"}}]}},"insurance":[{{"sequence":1,"focal":true,"coverage":{{"display":"private"}}}}],"item":[{{"sequence":1,"productOrService":{check_up},"encounter":[{{"reference":"urn:uuid:{encounter}"}}]}}],"total":{{"value":{total},"currency":"USD"}}"#
            );
        });
        let benefit = random.uuid();
        out.push(',');
        entry(&mut out, "ExplanationOfBenefit", &benefit, |out| {
            let _ = write!(
                out,
                r##""contained":[{{"resourceType":"Coverage","id":"coverage","status":"active","type":{{"text":"private"}},"beneficiary":{subject},"payor":[{{"display":"private"}}]}}],"identifier":[{{"system":"https://bluebutton.cms.gov/resources/variables/clm_id","value":"{claim}"}}],"status":"active","type":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/claim-type","code":"institutional"}}]}},"use":"claim","patient":{subject},"billablePeriod":{{"start":"{start}","end":"{end}"}},"created":"{end}","insurer":{{"display":"private"}},"provider":{{"reference":"urn:uuid:{practitioner}"}},"claim":{{"reference":"urn:uuid:{claim}"}},"outcome":"complete","insurance":[{{"focal":true,"coverage":{{"reference":"#coverage","display":"private"}}}}],"item":[{{"sequence":1,"productOrService":{check_up},"servicedPeriod":{{"start":"{start}","end":"{end}"}},"net":{{"value":{total},"currency":"USD"}}}}],"payment":{{"amount":{{"value":0.0,"currency":"USD"}}}}"##
            );
        });
    }
    out.push_str("]}");
    out
}

fn entry(out: &mut String, kind: &str, id: &str, body: impl FnOnce(&mut String)) {
    let _ = write!(
        out,
        r#"{{"fullUrl":"urn:uuid:{id}","resource":{{"resourceType":"{kind}","id":"{id}","#
    );
    body(out);
    let _ = write!(
        out,
        r#",{META}}},"request":{{"method":"POST","url":"{kind}"}}}}"#
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use healthcode_json::from_str;
    use healthcode_r4::Bundle;

    /// A digest that does not depend on the version of a crate (FNV-1a).
    fn digest(text: &str) -> u64 {
        text.bytes().fold(0xcbf2_9ce4_8422_2325, |digest, byte| {
            (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    }

    /// The same bytes on every run and machine, or figures could not be compared.
    #[test]
    fn texts_are_always_the_same() {
        for (text, length, expect) in [
            (
                searchset(20, Dates::Documented),
                57_842,
                10_186_568_208_145_003_374,
            ),
            (transaction(100_000), 108_934, 10_192_585_364_077_989_437),
        ] {
            assert_eq!((text.len(), digest(&text)), (length, expect));
        }
    }

    #[test]
    fn texts_have_the_wanted_size_and_no_defects() {
        for (text, entries) in [
            (searchset(20, Dates::Documented), 20),
            (searchset(20, Dates::Standard), 20),
            (transaction(50_000), 56),
        ] {
            let read = from_str::<Bundle>(&text).unwrap();
            assert_eq!(read.issues, []);
            assert_eq!(read.value.entry.len(), entries);
        }
        assert!((100_000..110_000).contains(&transaction(100_000).len()));
    }

    #[test]
    fn only_birth_dates_differ() {
        let documented = searchset(20, Dates::Documented);
        let standard = searchset(20, Dates::Standard);
        let without_dates = |text: &str| -> Vec<String> {
            let parts = text.split(r#""birthDate":""#);
            parts.map(|part| part.chars().skip(10).collect()).collect()
        };
        assert_eq!(documented.matches("birthDate").count(), 20);
        assert_ne!(documented, standard);
        assert_eq!(without_dates(&documented), without_dates(&standard));
    }
}
