//! Invariants: for each a payload that breaks it and one that keeps it.

use healthcode_core::{Invariant, RuleDefault, Severity};
use healthcode_r4::{Resource, schema};
use healthcode_validate::{Policy, Validator, rules};
use std::collections::{BTreeMap, BTreeSet};

/// Every invariant of the tables, under its key.
fn invariants() -> BTreeMap<&'static str, Vec<&'static Invariant>> {
    let mut all: BTreeMap<_, Vec<_>> = BTreeMap::new();
    let mut add = |invariants: &[&'static Invariant]| {
        for invariant in invariants {
            all.entry(invariant.key).or_default().push(*invariant);
        }
    };
    let mut seen = BTreeSet::new();
    let mut open: Vec<_> = [schema::ALL, schema::PROFILES].concat();
    while let Some(schema) = open.pop() {
        if seen.insert(std::ptr::from_ref(schema) as usize) {
            add(schema.invariants);
            for field in schema.fields {
                add(field.invariants);
                open.extend(field.types.iter().filter_map(healthcode_core::Type::schema));
            }
        }
    }
    all
}

#[test]
fn all_are_registered_as_the_definitions_have_them() {
    let invariants = invariants();
    let is_key = |id: &str| id.starts_with(|c: char| c.is_ascii_lowercase());
    let registered: BTreeSet<_> = rules()
        .map(|rule| rule.id)
        .filter(|id| is_key(id))
        .collect();
    let defined: BTreeSet<_> = invariants.keys().copied().collect();
    // All types have ele-1, whose tables do not repeat it.
    assert_eq!(&registered - &defined, BTreeSet::from(["ele-1"]));
    assert!(defined.is_subset(&registered));
    // With inv-1 for three, these are all 241.
    assert_eq!(registered.len(), 239);
    for (key, all) in &invariants {
        let rule = healthcode_validate::rule(key).unwrap();
        for invariant in all {
            assert_eq!(rule.severity == Severity::Error, invariant.error, "{key}");
            assert!(
                invariant.error || rule.severity == Severity::Warning,
                "{key}"
            );
        }
        assert!(rule.help.starts_with("FHIR R4 "), "{key}");
        let best = all.iter().any(|invariant| invariant.best_practice);
        assert_eq!(best, rule.default == RuleDefault::BestPractice, "{key}");
    }
}

/// Where the members of a case are.
pub(crate) enum At {
    /// In a resource of this type.
    In(&'static str),
    /// In the value of an extension, of this type.
    Value(&'static str),
    /// In an element of a differential below the first.
    Element,
    /// In an action of a test script.
    Action(&'static str),
}
use At::{Action, Element, In, Value};

impl At {
    pub(crate) fn payload(&self, members: &str) -> String {
        match self {
            In(type_) => {
                let members = with_needed(type_, members);
                let comma = if members.is_empty() { "" } else { "," };
                format!(r#"{{"resourceType":"{type_}"{comma}{members}}}"#)
            }
            Value(type_) => format!(
                r#"{{"resourceType":"Basic","extension":[{{"url":"http://x","value{type_}":{{{}}}}}]}}"#,
                with_needed(type_, members)
            ),
            Element => In("StructureDefinition").payload(&format!(
                r#""differential":{{"element":[{{"id":"X","path":"X"}},{{"id":"X.a","path":"X.a",{members}}}]}}"#
            )),
            Action(part) => format!(
                r#"{{"resourceType":"TestScript","{part}":{}{{"action":[{{{members}}}]}}{}}}"#,
                if *part == "test" { "[" } else { "" },
                if *part == "test" { "]" } else { "" },
            ),
        }
    }
}

/// The members with those of the type that its invariants compare, and which are always there.
fn with_needed(of_type: &str, members: &str) -> String {
    let needed: &[(&str, &str)] = match of_type {
        "StructureDefinition" => &[
            ("kind", r#""logical""#),
            ("type", r#""X""#),
            ("abstract", "true"),
        ],
        "CapabilityStatement" | "TerminologyCapabilities" => &[("kind", r#""x""#)],
        "MeasureReport" | "TriggerDefinition" => &[("type", r#""x""#)],
        "MolecularSequence" => &[("coordinateSystem", "1")],
        _ => &[],
    };
    let own: serde_json::Value = serde_json::from_str(&format!("{{{members}}}")).expect("JSON");
    let absent = needed.iter().filter(|(name, _)| own.get(name).is_none());
    let absent = absent.map(|(name, value)| format!(r#""{name}":{value}"#));
    let members = Some(members.to_owned()).filter(|members| !members.is_empty());
    absent.chain(members).collect::<Vec<_>>().join(",")
}

/// The keys of the invariants that a payload breaks, in order.
fn broken(json: &str) -> Vec<&'static str> {
    let validator = Validator::new(Policy::R4)
        .best_practice(true)
        .without("dom-6")
        .unwrap();
    let report = validator.read::<Resource>(json.as_bytes()).expect("JSON");
    let keys = report.issues.iter().map(|issue| issue.rule.id);
    let mut keys: Vec<_> = keys
        .filter(|id| id.starts_with(|c: char| c.is_ascii_lowercase()))
        .collect();
    keys.dedup();
    keys
}

const UCUM: &str = r#""system":"http://unitsofmeasure.org""#;

/// Key, place, what breaks it and nothing else, what keeps all. `UCUM` stands for the system.
#[rustfmt::skip]
pub(crate) const CASES: &[(&str, At, &str, &str)] = &[
    ("att-1", Value("Attachment"), r#""data":"QUJD""#, r#""data":"QUJD","contentType":"a/b""#),
    ("cpt-2", Value("ContactPoint"), r#""value":"1""#, r#""value":"1","system":"phone""#),
    ("ext-1", Value("Period"), r#""extension":[{"url":"u"}]"#, r#""extension":[{"url":"u","valueCode":"a"}]"#),
    ("ext-1", Value("Period"), r#""extension":[{"url":"u","valueCode":"a","extension":[{"url":"u","valueCode":"a"}]}]"#, r#""extension":[{"url":"u","extension":[{"url":"u","valueCode":"a"}]}]"#),
    ("ref-1", Value("Reference"), r##""reference":"#a""##, r##""reference":"#""##),
    ("per-1", Value("Period"), r#""start":"2021-02-01","end":"2021-01""#, r#""start":"2021-02-01","end":"2021-02""#),
    ("per-1", Value("Period"), r#""start":"2021-02-01T10:00:00Z","end":"2021-02-01T10:30:00+01:00""#, r#""start":"2021-02-01T10:00:00+01:00","end":"2021-02-01T09:00:00Z""#),
    ("qty-3", Value("Quantity"), r#""code":"mg""#, r#""code":"mg",UCUM"#),
    ("sqty-1", Value("Range"), r#""low":{"value":1,"comparator":"<"}"#, r#""low":{"value":1}"#),
    ("age-1", Value("Age"), r#""value":0,"code":"a",UCUM"#, r#""value":0.1,"code":"a",UCUM"#),
    ("age-1", Value("Age"), r#""value":3"#, r#""unit":"years""#),
    ("age-1", Value("Age"), r#""value":3,"code":"a","system":"http://x""#, r#""value":3,"code":"a",UCUM"#),
    ("cnt-3", Value("Count"), r#""value":1.0,"code":"1",UCUM"#, r#""value":1,"code":"1",UCUM"#),
    ("cnt-3", Value("Count"), r#""value":1,"code":"2",UCUM"#, r#""unit":"pieces""#),
    ("dis-1", Value("Distance"), r#""value":1"#, r#""value":1,"code":"m",UCUM"#),
    ("drt-1", Value("Duration"), r#""code":"s",UCUM"#, r#""value":1,"code":"s",UCUM"#),
    ("rng-2", Value("Range"), r#""low":{"value":10.0},"high":{"value":9.99}"#, r#""low":{"value":10.0},"high":{"value":10}"#),
    ("rng-2", Value("Range"), r#""low":{"value":2,"code":"g",UCUM},"high":{"value":1,"code":"g",UCUM}"#, r#""low":{"value":2,"code":"g",UCUM},"high":{"value":1,"code":"kg",UCUM}"#),
    ("rat-1", Value("Ratio"), r#""numerator":{"value":1}"#, r#""numerator":{"value":1},"denominator":{"value":2}"#),
    ("tim-1", Value("Timing"), r#""repeat":{"duration":1}"#, r#""repeat":{"duration":1,"durationUnit":"s"}"#),
    ("tim-2", Value("Timing"), r#""repeat":{"period":1}"#, r#""repeat":{"period":1,"periodUnit":"s"}"#),
    ("tim-4", Value("Timing"), r#""repeat":{"duration":-1,"durationUnit":"s"}"#, r#""repeat":{"duration":0,"durationUnit":"s"}"#),
    ("tim-5", Value("Timing"), r#""repeat":{"period":-0.1,"periodUnit":"s"}"#, r#""repeat":{"period":-0.0,"periodUnit":"s"}"#),
    ("tim-6", Value("Timing"), r#""repeat":{"periodMax":1}"#, r#""repeat":{"periodMax":2,"period":1,"periodUnit":"s"}"#),
    ("tim-7", Value("Timing"), r#""repeat":{"durationMax":1}"#, r#""repeat":{"durationMax":2,"duration":1,"durationUnit":"s"}"#),
    ("tim-8", Value("Timing"), r#""repeat":{"countMax":1}"#, r#""repeat":{"countMax":2,"count":1}"#),
    ("tim-9", Value("Timing"), r#""repeat":{"offset":1,"when":["CM"]}"#, r#""repeat":{"offset":1,"when":["ACM"]}"#),
    ("tim-9", Value("Timing"), r#""repeat":{"offset":1}"#, r#""repeat":{"when":["CM"]}"#),
    ("tim-10", Value("Timing"), r#""repeat":{"timeOfDay":["10:00:00"],"when":["CM"]}"#, r#""repeat":{"timeOfDay":["10:00:00"]}"#),
    ("drq-1", Value("DataRequirement"), r#""codeFilter":[{"path":"a","searchParam":"b"}]"#, r#""codeFilter":[{"path":"a"}]"#),
    ("drq-2", Value("DataRequirement"), r#""dateFilter":[{"valueDateTime":"2020"}]"#, r#""dateFilter":[{"searchParam":"a"}]"#),
    ("exp-1", Value("Expression"), r#""language":"text/cql""#, r#""expression":"a""#),
    ("trd-1", Value("TriggerDefinition"), r#""data":[{"type":"Patient"}],"timingDate":"2020""#, r#""timingDate":"2020""#),
    ("trd-2", Value("TriggerDefinition"), r#""condition":{"expression":"a"}"#, r#""condition":{"expression":"a"},"data":[{"type":"Patient"}]"#),
    ("trd-3", Value("TriggerDefinition"), r#""type":"data-added""#, r#""type":"data-added","data":[{"type":"Patient"}]"#),
    ("trd-3", Value("TriggerDefinition"), r#""type":"periodic""#, r#""type":"periodic","timingDate":"2020""#),
    ("trd-3", Value("TriggerDefinition"), r#""type":"named-event""#, r#""type":"named-event","name":"a""#),

    ("dom-2", In("Basic"), r##""contained":[{"resourceType":"Basic","id":"a","contained":[{"resourceType":"Basic","subject":{"reference":"#"}}]}],"subject":{"reference":"#a"}"##, r##""contained":[{"resourceType":"Basic","id":"a"}],"subject":{"reference":"#a"}"##),
    ("dom-3", In("Basic"), r#""contained":[{"resourceType":"Basic","id":"a"}]"#, r##""contained":[{"resourceType":"Basic","id":"a","subject":{"reference":"#"}}]"##),
    ("dom-3", In("Basic"), r##""contained":[{"resourceType":"Basic","id":"a"}],"extension":[{"url":"u","valueString":"#a"}]"##, r##""contained":[{"resourceType":"Basic","id":"a"}],"extension":[{"url":"u","valueCanonical":"#a"}]"##),
    ("dom-4", In("Basic"), r##""contained":[{"resourceType":"Basic","id":"a","meta":{"versionId":"1"}}],"subject":{"reference":"#a"}"##, r##""contained":[{"resourceType":"Basic","id":"a","meta":{"source":"u"}}],"subject":{"reference":"#a"}"##),
    ("dom-4", In("Basic"), r##""contained":[{"resourceType":"Bundle","id":"a","meta":{"lastUpdated":"2020-01-01T00:00:00Z"}}],"subject":{"reference":"#a"}"##, r##""contained":[{"resourceType":"Bundle","id":"a"}],"subject":{"reference":"#a"}"##),
    ("dom-5", In("Basic"), r##""contained":[{"resourceType":"Basic","id":"a","meta":{"security":[{"code":"R"}]}}],"subject":{"reference":"#a"}"##, r##""contained":[{"resourceType":"Basic","id":"a","meta":{"tag":[{"code":"R"}]}}],"subject":{"reference":"#a"}"##),
    ("inv-1", In("Parameters"), r#""parameter":[{"name":"a"}]"#, r#""parameter":[{"name":"a","valueCode":"b"}]"#),
    ("inv-1", In("Parameters"), r#""parameter":[{"name":"a","part":[{"name":"a","valueCode":"b"}],"valueCode":"b"}]"#, r#""parameter":[{"name":"a","part":[{"name":"a","resource":{"resourceType":"Basic"}}]}]"#),
    ("inv-1", In("Task"), r#""authoredOn":"2020-02","lastModified":"2020-01-31""#, r#""authoredOn":"2020-02","lastModified":"2020-02""#),
    ("inv-1", In("TestReport"), r#""setup":{"action":[{"extension":[{"url":"u","valueCode":"a"}]}]}"#, r#""setup":{"action":[{"assert":{"result":"pass"}}]}"#),
    ("inv-2", In("TestReport"), r#""test":[{"action":[{"extension":[{"url":"u","valueCode":"a"}]}]}]"#, r#""test":[{"action":[{"operation":{"result":"pass"}}]}]"#),

    ("ait-1", In("AllergyIntolerance"), r#""verificationStatus":{"coding":[{"system":"http://x","code":"entered-in-error"}]}"#, r#""verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-verification","code":"entered-in-error"}]}"#),
    ("ait-2", In("AllergyIntolerance"), r#""clinicalStatus":{"text":"a"},"verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-verification","code":"entered-in-error"}]}"#, r#""clinicalStatus":{"text":"a"}"#),
    ("cpl-3", In("CarePlan"), r#""activity":[{"reference":{"display":"a"},"detail":{"status":"scheduled"}}]"#, r#""activity":[{"reference":{"display":"a"}}]"#),
    ("ctm-1", In("CareTeam"), r##""contained":[{"resourceType":"Patient","id":"a"}],"participant":[{"member":{"reference":"#a"},"onBehalfOf":{"display":"a"}}]"##, r##""contained":[{"resourceType":"Practitioner","id":"a"}],"participant":[{"member":{"reference":"#a"},"onBehalfOf":{"display":"a"}},{"member":{"reference":"Patient/1"},"onBehalfOf":{"display":"a"}}]"##),
    ("cmp-1", In("Composition"), r#""section":[{"title":"a"}]"#, r#""section":[{"section":[{"text":{"status":"empty"}}]}]"#),
    ("cmp-2", In("Composition"), r#""section":[{"emptyReason":{"text":"a"},"entry":[{"display":"a"}]}]"#, r#""section":[{"entry":[{"display":"a"}]}]"#),
    ("con-1", In("Condition"), r#""clinicalStatus":{"text":"a"},"stage":[{"type":{"text":"a"}}]"#, r#""clinicalStatus":{"text":"a"},"stage":[{"summary":{"text":"a"}}]"#),
    ("con-2", In("Condition"), r#""clinicalStatus":{"text":"a"},"evidence":[{"extension":[{"url":"u","valueCode":"a"}]}]"#, r#""clinicalStatus":{"text":"a"},"evidence":[{"code":[{"text":"a"}]}]"#),
    ("con-3", In("Condition"), r#""category":[{"coding":[{"code":"problem-list-item"}]}]"#, r#""category":[{"coding":[{"code":"encounter-diagnosis"}]}]"#),
    ("con-4", In("Condition"), r#""clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},"abatementString":"a""#, r#""clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"resolved"}]},"abatementString":"a""#),
    ("con-5", In("Condition"), r#""clinicalStatus":{"text":"a"},"verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"entered-in-error"}]}"#, r#""verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"entered-in-error"}]}"#),
    ("fhs-1", In("FamilyMemberHistory"), r#""ageString":"a","bornString":"a""#, r#""ageString":"a""#),
    ("fhs-2", In("FamilyMemberHistory"), r#""estimatedAge":true"#, r#""estimatedAge":true,"ageString":"a""#),
    ("gol-1", In("Goal"), r#""target":[{"detailString":"a"}]"#, r#""target":[{"detailString":"a","measure":{"text":"a"}}]"#),
    ("grp-1", In("Group"), r#""actual":false,"member":[{"entity":{"display":"a"}}]"#, r#""actual":true,"member":[{"entity":{"display":"a"}}]"#),
    ("imm-1", In("Immunization"), r#""education":[{"publicationDate":"2020"}]"#, r#""education":[{"documentType":"a"}]"#),
    ("imr-1", In("ImmunizationRecommendation"), r#""recommendation":[{"series":"a"}]"#, r#""recommendation":[{"targetDisease":{"text":"a"}}]"#),
    ("lst-1", In("List"), r#""entry":[{"item":{"display":"a"}}],"emptyReason":{"text":"a"}"#, r#""emptyReason":{"text":"a"}"#),
    ("lst-2", In("List"), r#""mode":"working","entry":[{"deleted":false}]"#, r#""mode":"changes","entry":[{"deleted":true}]"#),
    ("lst-3", In("List"), r#""mode":"changes","entry":[{"date":"2020"}]"#, r#""mode":"working","entry":[{"date":"2020"}]"#),
    ("mad-1", In("MedicationAdministration"), r#""dosage":{"text":"a"}"#, r#""dosage":{"dose":{"value":1}}"#),
    ("mdd-1", In("MedicationDispense"), r#""whenPrepared":"2020-02","whenHandedOver":"2020-01""#, r#""whenPrepared":"2020-02","whenHandedOver":"2020-02""#),
    ("msq-3", In("MolecularSequence"), r#""coordinateSystem":2"#, r#""coordinateSystem":1"#),
    ("msq-5", In("MolecularSequence"), r#""referenceSeq":{"chromosome":{"text":"1"},"referenceSeqString":"A"}"#, r#""referenceSeq":{"chromosome":{"text":"1"},"genomeBuild":"A"}"#),
    ("msq-6", In("MolecularSequence"), r#""referenceSeq":{"strand":"watson"}"#, r#""referenceSeq":{"referenceSeqString":"A"}"#),
    ("nor-1", In("NutritionOrder"), "", r#""supplement":[{"productName":"a"}]"#),
    ("obs-3", In("Observation"), r#""referenceRange":[{"type":{"text":"a"}}]"#, r#""component":[{"referenceRange":[{"text":"a"}]}]"#),
    ("obs-6", In("Observation"), r#""valueString":"a","dataAbsentReason":{"text":"a"}"#, r#""dataAbsentReason":{"text":"a"}"#),
    ("obs-7", In("Observation"), r#""valueString":"a","code":{"coding":[{"code":"a"},{"code":"b"}]},"component":[{"code":{"coding":[{"code":"b"}]}}]"#, r#""code":{"coding":[{"code":"a"}]},"component":[{"code":{"coding":[{"code":"a"}]}}]"#),
    ("pat-1", In("Patient"), r#""contact":[{"gender":"male"}]"#, r#""contact":[{"organization":{"display":"a"}}]"#),
    ("prr-1", In("ServiceRequest"), r#""orderDetail":[{"text":"a"}]"#, r#""orderDetail":[{"text":"a"}],"code":{"text":"a"}"#),
    ("qrs-1", In("QuestionnaireResponse"), r#""item":[{"linkId":"1","answer":[{"valueBoolean":true}],"item":[{"linkId":"2"}]}]"#, r#""item":[{"linkId":"1","answer":[{"valueBoolean":true,"item":[{"linkId":"2"}]}]}]"#),
    ("ras-1", In("RiskAssessment"), r#""prediction":[{"probabilityRange":{"low":{"value":1}}}]"#, r#""prediction":[{"probabilityRange":{"low":{"value":1,"code":"%",UCUM}}}]"#),
    ("ras-2", In("RiskAssessment"), r#""prediction":[{"probabilityDecimal":100.01}]"#, r#""prediction":[{"probabilityDecimal":100.0}]"#),
    ("ras-2", In("RiskAssessment"), r#""prediction":[{"probabilityDecimal":1e30}]"#, r#""prediction":[{"probabilityDecimal":1e-30}]"#),
    ("rqg-1", In("RequestGroup"), r#""action":[{"title":"a"}]"#, r#""action":[{"action":[{"resource":{"display":"a"}}]}]"#),

    ("app-1", In("Appointment"), r#""status":"proposed","participant":[{"status":"accepted"}]"#, r#""status":"proposed","participant":[{"actor":{"display":"a"}}]"#),
    ("app-2", In("Appointment"), r#""status":"proposed","start":"2020-01-01T00:00:00Z""#, r#""status":"booked","start":"2020-01-01T00:00:00Z","end":"2020-01-01T00:00:00Z""#),
    ("app-3", In("Appointment"), r#""status":"booked""#, r#""status":"waitlist""#),
    ("app-4", In("Appointment"), r#""status":"waitlist","cancelationReason":{"text":"a"}"#, r#""status":"cancelled","cancelationReason":{"text":"a"}"#),
    ("apr-1", In("AppointmentResponse"), "", r#""actor":{"display":"a"}"#),
    ("ces-1", In("CoverageEligibilityResponse"), r#""insurance":[{"item":[{"name":"a"}]}]"#, r#""insurance":[{"item":[{"category":{"text":"a"}}]}]"#),
    ("ipn-1", In("InsurancePlan"), "", r#""name":"a""#),
    ("lnk-1", In("Linkage"), r#""item":[{"type":"source"}]"#, r#""item":[{"type":"source"},{"type":"alternate"}]"#),
    ("org-1", In("Organization"), "", r#""identifier":[{"value":"a"}]"#),
    ("org-2", In("Organization"), r#""name":"a","address":[{"use":"home"}]"#, r#""name":"a","contact":[{"address":{"use":"home"}}]"#),
    ("org-3", In("Organization"), r#""name":"a","telecom":[{"use":"home"}]"#, r#""name":"a","telecom":[{"use":"work"}]"#),
    ("ppc-1", In("Consent"), "", r#""policyRule":{"text":"a"}"#),
    ("ppc-2", In("Consent"), r#""policyRule":{"text":"a"},"scope":{"coding":[{"system":"something","code":"patient-privacy"}]}"#, r#""policyRule":{"text":"a"},"scope":{"coding":[{"code":"patient-privacy"}]}"#),
    ("ppc-3", In("Consent"), r#""policyRule":{"text":"a"},"scope":{"coding":[{"system":"something","code":"research"}]}"#, r#""policyRule":{"text":"a"},"patient":{"display":"a"},"scope":{"coding":[{"system":"something","code":"research"}]}"#),
    ("ppc-4", In("Consent"), r#""policyRule":{"text":"a"},"scope":{"coding":[{"system":"something","code":"adr"}]}"#, r#""policyRule":{"text":"a"},"scope":{"coding":[{"system":"else","code":"adr"}]}"#),
    ("ppc-5", In("Consent"), r#""policyRule":{"text":"a"},"scope":{"coding":[{"system":"something","code":"treatment"}]}"#, r#""policyRule":{"text":"a"},"scope":{"coding":[{"system":"else","code":"treatment"}]}"#),
    ("sev-1", In("AuditEvent"), r#""entity":[{"name":"a","query":"QUJD"}]"#, r#""entity":[{"name":"a"}]"#),
    ("mea-1", In("Measure"), r#""name":"A","group":[{"stratifier":[{"extension":[{"url":"u","valueCode":"a"}]}]}]"#, r#""group":[{"stratifier":[{"component":[{"description":"a"}]},{"description":"a"}]}]"#),
    ("mrp-1", In("MeasureReport"), r#""type":"data-collection","group":[{"extension":[{"url":"u","valueCode":"a"}]}]"#, r#""type":"summary","group":[{"extension":[{"url":"u","valueCode":"a"}]}]"#),
    ("mrp-2", In("MeasureReport"), r#""group":[{"stratifier":[{"stratum":[{"extension":[{"url":"u","valueCode":"a"}]}]}]}]"#, r#""group":[{"stratifier":[{"stratum":[{"value":{"text":"a"}}]}]}]"#),

    ("cmd-1", In("ConceptMap"), r#""group":[{"element":[{"target":[{"equivalence":"narrower"}]}]}]"#, r#""group":[{"element":[{"target":[{"equivalence":"equal"}]}]}]"#),
    ("cmd-2", In("ConceptMap"), r#""group":[{"unmapped":{"mode":"fixed"}}]"#, r#""group":[{"unmapped":{"mode":"fixed","code":"a"}}]"#),
    ("cmd-3", In("ConceptMap"), r#""group":[{"unmapped":{"mode":"other-map"}}]"#, r#""group":[{"unmapped":{"mode":"other-map","url":"http://x"}}]"#),
    ("cpb-1", In("CapabilityStatement"), r#""description":"a""#, r#""description":"a","rest":[{"mode":"client"}]"#),
    ("cpb-2", In("CapabilityStatement"), r#""rest":[{"mode":"client"}]"#, r#""software":{"name":"a"},"rest":[{"mode":"client"}]"#),
    ("cpb-3", In("CapabilityStatement"), r#""description":"a","kind":"requirements","messaging":[{"endpoint":[{"address":"a"}]}]"#, r#""implementation":{"description":"a"},"kind":"instance","messaging":[{"endpoint":[{"address":"a"}]}]"#),
    ("cpb-7", In("CapabilityStatement"), r#""description":"a","document":[{"profile":"a","mode":"producer"},{"profile":"a","mode":"producer"}]"#, r#""description":"a","document":[{"profile":"a","mode":"producer"},{"profile":"a","mode":"consumer"}]"#),
    ("cpb-9", In("CapabilityStatement"), r#""description":"a","rest":[{"resource":[{"type":"Basic"},{"type":"Basic"}]}]"#, r#""description":"a","rest":[{"resource":[{"type":"Basic"},{"type":"Task"}]}]"#),
    ("cpb-12", In("CapabilityStatement"), r#""description":"a","rest":[{"resource":[{"searchParam":[{"name":"a"},{"name":"a"}]}]}]"#, r#""description":"a","rest":[{"searchParam":[{"name":"a"},{"name":"a"}]}]"#),
    ("cpb-14", In("CapabilityStatement"), r#""description":"a","kind":"instance","rest":[{"mode":"client"}]"#, r#""implementation":{"description":"a"},"kind":"instance","rest":[{"mode":"client"}]"#),
    ("cpb-15", In("CapabilityStatement"), r#""description":"a","kind":"capability","rest":[{"mode":"client"}]"#, r#""software":{"name":"a"},"kind":"capability","rest":[{"mode":"client"}]"#),
    ("cpb-16", In("CapabilityStatement"), r#""software":{"name":"a"},"kind":"requirements","rest":[{"mode":"client"}]"#, r#""description":"a","kind":"requirements","rest":[{"mode":"client"}]"#),
    ("csd-1", In("CodeSystem"), r#""concept":[{"code":"a","concept":[{"code":"b","concept":[{"code":"a"}]}]}]"#, r#""concept":[{"code":"a","concept":[{"code":"b"}]},{"code":"c"},{"code":"d"},{"code":"e"},{"code":"f"},{"code":"g"},{"code":"h"},{"code":"i"},{"code":"j"}]"#),
    ("md-1", In("MessageDefinition"), r#""focus":[{"max":"0"}]"#, r#""focus":[{"max":"*"},{"max":"1"}]"#),
    ("nsd-1", In("NamingSystem"), r#""kind":"root","uniqueId":[{"type":"uuid"}]"#, r#""kind":"identifier","uniqueId":[{"type":"uuid"}]"#),
    ("nsd-2", In("NamingSystem"), r#""uniqueId":[{"type":"uri","preferred":true},{"type":"uri","preferred":true}]"#, r#""uniqueId":[{"type":"uri","preferred":true},{"type":"uri","preferred":false},{"type":"oid","preferred":true}]"#),
    ("opd-1", In("OperationDefinition"), r#""parameter":[{"name":"a"}]"#, r#""parameter":[{"name":"a","part":[{"type":"string"}]}]"#),
    ("opd-2", In("OperationDefinition"), r#""parameter":[{"type":"code","searchType":"token"}]"#, r#""parameter":[{"type":"string","searchType":"token"}]"#),
    ("opd-3", In("OperationDefinition"), r#""parameter":[{"type":"code","targetProfile":["http://x"]}]"#, r#""parameter":[{"type":"canonical","targetProfile":["http://x"]}]"#),
    ("spd-1", In("SearchParameter"), r#""xpath":"a""#, r#""xpath":"a","xpathUsage":"normal""#),
    ("spd-2", In("SearchParameter"), r#""type":"token","chain":["a"]"#, r#""type":"reference","chain":["a"]"#),
    ("tcp-1", In("TerminologyCapabilities"), r#""description":"a","codeSystem":[{"version":[{"code":"1"},{"isDefault":true}]}]"#, r#""description":"a","codeSystem":[{"version":[{"isDefault":true}]}]"#),
    ("tcp-2", In("TerminologyCapabilities"), "", r#""description":"a""#),
    ("tcp-3", In("TerminologyCapabilities"), r#""description":"a","kind":"instance""#, r#""kind":"instance","implementation":{"description":"a"}"#),
    ("tcp-4", In("TerminologyCapabilities"), r#""description":"a","kind":"capability""#, r#""kind":"capability","software":{"name":"a"}"#),
    ("tcp-5", In("TerminologyCapabilities"), r#""software":{"name":"a"},"kind":"requirements""#, r#""description":"a","kind":"requirements""#),
    ("vsd-1", In("ValueSet"), r#""compose":{"include":[{"version":"1"}]}"#, r#""compose":{"include":[{"valueSet":["http://x"]}]}"#),
    ("vsd-2", In("ValueSet"), r#""compose":{"include":[{"valueSet":["http://x"],"concept":[{"code":"a"}]}]}"#, r#""compose":{"include":[{"system":"http://x","concept":[{"code":"a"}]}]}"#),
    ("vsd-3", In("ValueSet"), r#""compose":{"exclude":[{"system":"http://x","concept":[{"code":"a"}],"filter":[{"value":"a"}]}]}"#, r#""compose":{"exclude":[{"system":"http://x","filter":[{"value":"a"}]}]}"#),
    ("vsd-6", In("ValueSet"), r#""expansion":{"contains":[{"abstract":true}]}"#, r#""expansion":{"contains":[{"abstract":true,"display":"a"}]}"#),
    ("vsd-9", In("ValueSet"), r#""expansion":{"contains":[{"display":"a"}]}"#, r#""expansion":{"contains":[{"display":"a","code":"a","system":"http://x"}]}"#),
    ("vsd-10", In("ValueSet"), r#""expansion":{"contains":[{"code":"a"}]}"#, r#""expansion":{"contains":[{"code":"a","system":"http://x"}]}"#),

    ("ig-1", In("ImplementationGuide"), r#""definition":{"grouping":[{"id":"a","name":"a"}],"resource":[{"groupingId":"b"}]}"#, r#""definition":{"grouping":[{"id":"a","name":"a"}],"resource":[{"groupingId":"a"}]}"#),
    ("ig-2", In("ImplementationGuide"), r#""fhirVersion":["4.0.1"],"definition":{"resource":[{"fhirVersion":["3.0.1"]}]}"#, r#""fhirVersion":["4.0.1"],"definition":{"resource":[{"fhirVersion":["4.0.1"]}]}"#),
    ("que-1", In("Questionnaire"), r#""item":[{"type":"group"}]"#, r#""item":[{"type":"group","item":[{"type":"display"}]}]"#),
    ("que-1", In("Questionnaire"), r#""item":[{"type":"display","item":[{"type":"string"}]}]"#, r#""item":[{"type":"string","item":[{"type":"display"}]}]"#),
    ("que-2", In("Questionnaire"), r#""item":[{"linkId":"a","type":"string","item":[{"linkId":"b","type":"string"}]},{"linkId":"b","type":"string"}]"#, r#""item":[{"linkId":"a","type":"string","item":[{"linkId":"b","type":"string"}]},{"linkId":"c","type":"string"}]"#),
    ("que-3", In("Questionnaire"), r#""item":[{"type":"display","code":[{"code":"a"}]}]"#, r#""item":[{"type":"string","code":[{"code":"a"}]}]"#),
    ("que-4", In("Questionnaire"), r#""item":[{"type":"choice","answerValueSet":"http://x","answerOption":[{"valueString":"a"}]}]"#, r#""item":[{"type":"choice","answerOption":[{"valueString":"a"}]}]"#),
    ("que-5", In("Questionnaire"), r#""item":[{"type":"boolean","answerOption":[{"valueString":"a"}]}]"#, r#""item":[{"type":"boolean"}]"#),
    ("que-6", In("Questionnaire"), r#""item":[{"type":"display","repeats":false}]"#, r#""item":[{"type":"string","repeats":false}]"#),
    ("que-7", In("Questionnaire"), r#""item":[{"type":"string","enableWhen":[{"operator":"exists","answerString":"a"}]}]"#, r#""item":[{"type":"string","enableWhen":[{"operator":"exists","answerBoolean":true}]}]"#),
    ("que-8", In("Questionnaire"), r#""item":[{"type":"display","initial":[{"valueString":"a"}]}]"#, r#""item":[{"type":"string","initial":[{"valueString":"a"}]}]"#),
    ("que-9", In("Questionnaire"), r#""item":[{"type":"display","readOnly":true}]"#, r#""item":[{"type":"string","readOnly":true}]"#),
    ("que-10", In("Questionnaire"), r#""item":[{"type":"choice","maxLength":1}]"#, r#""item":[{"type":"text","maxLength":1}]"#),
    ("que-11", In("Questionnaire"), r#""item":[{"type":"choice","initial":[{"valueString":"a"}],"answerOption":[{"valueString":"a"}]}]"#, r#""item":[{"type":"choice","answerOption":[{"valueString":"a","initialSelected":true}]}]"#),
    ("que-12", In("Questionnaire"), r#""item":[{"type":"string","item":[{"type":"string","enableWhen":[{"question":"a"},{"question":"a"}]}]}]"#, r#""item":[{"type":"string","enableWhen":[{"question":"a"}]},{"type":"string","enableBehavior":"all","enableWhen":[{"question":"a"},{"question":"a"}]}]"#),
    ("que-13", In("Questionnaire"), r#""item":[{"type":"string","initial":[{"valueString":"a"},{"valueString":"a"}]}]"#, r#""item":[{"type":"string","repeats":true,"initial":[{"valueString":"a"},{"valueString":"a"}]}]"#),
    ("smp-1", In("StructureMap"), r#""group":[{"rule":[{"target":[{"element":"a"}]}]}]"#, r#""group":[{"rule":[{"target":[{"element":"a","context":"a","contextType":"type"}]}]}]"#),
    ("smp-2", In("StructureMap"), r#""group":[{"rule":[{"target":[{"context":"a"}]}]}]"#, r#""group":[{"rule":[{"target":[{"variable":"a"}]}]}]"#),
    ("tst-1", Action("setup"), r#""extension":[{"url":"u","valueCode":"a"}]"#, r#""operation":{"sourceId":"a"}"#),
    ("tst-2", Action("test"), r#""extension":[{"url":"u","valueCode":"a"}]"#, r#""assert":{"label":"a"}"#),
    ("tst-3", In("TestScript"), r#""variable":[{"expression":"a","headerField":"a","path":"a"}]"#, r#""variable":[{"expression":"a","headerField":"a"}]"#),
    ("tst-4", In("TestScript"), r#""metadata":{"capability":[{"description":"a"}]}"#, r#""metadata":{"capability":[{"required":true}]}"#),
    ("tst-5", Action("setup"), r#""assert":{"path":"a","expression":"a"}"#, r#""assert":{"path":"a"}"#),
    ("tst-7", Action("setup"), r#""operation":{"label":"a"}"#, r#""operation":{"type":{"code":"search"}}"#),
    ("tst-10", Action("setup"), r#""assert":{"compareToSourceId":"a"}"#, r#""assert":{"compareToSourceId":"a","compareToSourcePath":"a"}"#),
    ("tst-11", Action("test"), r#""assert":{"compareToSourcePath":"a"}"#, r#""assert":{"compareToSourceId":"a","compareToSourceExpression":"a"}"#),
    ("tst-12", Action("setup"), r#""assert":{"direction":"request","responseCode":"200"}"#, r#""assert":{"direction":"response","responseCode":"200"}"#),
    ("tst-13", Action("test"), r#""assert":{"direction":"request","response":"okay"}"#, r#""assert":{"direction":"request"}"#),

    ("eld-1", Element, r#""slicing":{"rules":"open"}"#, r#""slicing":{"description":"a"}"#),
    ("eld-2", Element, r#""min":2,"max":"1""#, r#""min":2,"max":"*""#),
    ("eld-3", Element, r#""max":"many""#, r#""max":"0""#),
    ("eld-4", Element, r#""type":[{"code":"code","aggregation":["contained"]}]"#, r#""type":[{"code":"Reference","aggregation":["contained"]}]"#),
    ("eld-5", Element, r##""contentReference":"#a","maxLength":1"##, r##""contentReference":"#a","min":1"##),
    ("eld-6", Element, r#""type":[{"code":"a"},{"code":"b"}],"fixedCode":"a""#, r#""type":[{"code":"code"}],"fixedCode":"a""#),
    ("eld-7", Element, r#""type":[{"code":"a"},{"code":"b"}],"patternCode":"a""#, r#""type":[{"code":"code"}],"patternCode":"a""#),
    ("eld-8", Element, r#""patternCode":"a","fixedCode":"a""#, r#""patternCode":"a""#),
    ("eld-11", Element, r#""binding":{"description":"a"},"type":[{"_code":{"extension":[{"url":"u","valueCode":"a"}]}}]"#, r#""binding":{"description":"a"},"type":[{"code":"code"}]"#),
    ("eld-12", Element, r#""binding":{"valueSet":"ValueSet/1"}"#, r#""binding":{"valueSet":"urn:oid:1.2"}"#),
    ("eld-13", Element, r#""type":[{"code":"a"},{"code":"a"}]"#, r#""type":[{"code":"a"},{"code":"b"}]"#),
    ("eld-14", Element, r#""constraint":[{"key":"a","expression":"a"},{"key":"a","expression":"a"}]"#, r#""constraint":[{"key":"a","expression":"a"},{"key":"b","expression":"a"}]"#),
    ("eld-15", In("StructureDefinition"), r#""derivation":"specialization","differential":{"element":[{"id":"X","path":"X.a","defaultValueCode":"a","meaningWhenMissing":"a"}]}"#, r#""differential":{"element":[{"id":"X","path":"X.a","meaningWhenMissing":"a"}]}"#),
    ("eld-16", Element, r#""sliceName":"a b""#, r#""sliceName":"a/b-c_[d]@e""#),
    ("eld-17", Element, r#""type":[{"code":"code","targetProfile":["http://x"]}]"#, r#""type":[{"code":"canonical","targetProfile":["http://x"]}]"#),
    ("eld-18", Element, r#""isModifier":true"#, r#""isModifier":false"#),
    ("eld-20", In("StructureDefinition"), r#""differential":{"element":[{"id":"a","path":"1"}]}"#, r#""differential":{"element":[{"id":"a","path":"X1"}]}"#),
    ("eld-21", Element, r#""constraint":[{"key":"a"}]"#, r#""constraint":[{"expression":"a"}]"#),
    ("eld-22", Element, r#""sliceIsConstraining":true"#, r#""sliceIsConstraining":true,"sliceName":"a""#),
    ("sdf-1", In("StructureDefinition"), r#""derivation":"specialization","snapshot":{"element":[{"id":"X","path":"X","definition":"a","min":0,"max":"1","base":{"min":0}},{"id":"b","path":"X.a","definition":"a","min":0,"max":"1","base":{"min":0}},{"id":"c","path":"X.a","definition":"a","min":0,"max":"1","base":{"min":0}}]}"#, r#""snapshot":{"element":[{"id":"X","path":"X","definition":"a","min":0,"max":"1","base":{"min":0}}]}"#),
    ("sdf-2", In("StructureDefinition"), r#""differential":{"element":[{"id":"X","path":"X"}]},"mapping":[{"identity":"a"}]"#, r#""differential":{"element":[{"id":"X","path":"X"}]},"mapping":[{"name":"a"}]"#),
    ("sdf-3", In("StructureDefinition"), r#""snapshot":{"element":[{"id":"X","path":"X","definition":"a","min":0,"base":{"min":0}}]}"#, r#""snapshot":{"element":[{"id":"X","path":"X","definition":"a","min":0,"max":"1","base":{"min":0}}]}"#),
    ("sdf-4", In("StructureDefinition"), r#""abstract":false,"differential":{"element":[{"id":"X","path":"X"}]}"#, r#""abstract":true,"differential":{"element":[{"id":"X","path":"X"}]}"#),
    ("sdf-5", In("StructureDefinition"), r#""type":"Extension","differential":{"element":[{"id":"Extension","path":"Extension"}]}"#, r#""type":"Extension","context":[{"type":"element"}],"differential":{"element":[{"id":"Extension","path":"Extension"}]}"#),
    ("sdf-6", In("StructureDefinition"), "", r#""differential":{"element":[{"id":"X","path":"X"}]}"#),
    ("sdf-8", In("StructureDefinition"), r#""snapshot":{"element":[{"id":"X","path":"X","definition":"a","min":0,"max":"1","base":{"min":0}},{"id":"Y","path":"Y.a","definition":"a","min":0,"max":"1","base":{"min":0}}]}"#, r#""snapshot":{"element":[{"id":"X","path":"X","definition":"a","min":0,"max":"1","base":{"min":0}},{"id":"Y","path":"X.a","definition":"a","min":0,"max":"1","base":{"min":0}}]}"#),
    ("sdf-8a", In("StructureDefinition"), r#""kind":"resource","type":"X","differential":{"element":[{"id":"Y","path":"Y"}]}"#, r#""kind":"resource","type":"X","differential":{"element":[{"id":"a","path":"X.a"},{"id":"b","path":"X.b"}]}"#),
    ("sdf-8b", In("StructureDefinition"), r#""snapshot":{"element":[{"id":"X","path":"X","definition":"a","min":0,"max":"1"}]}"#, r#""snapshot":{"element":[{"id":"X","path":"X","definition":"a","min":0,"max":"1","base":{"min":0}}]}"#),
    ("sdf-9", In("StructureDefinition"), r#""differential":{"element":[{"id":"X","path":"X","label":"a"}]}"#, r#""differential":{"element":[{"id":"X","path":"X.a","label":"a"}]}"#),
    ("sdf-10", In("StructureDefinition"), r#""snapshot":{"element":[{"id":"X","path":"X","definition":"a","min":0,"max":"1","base":{"min":0},"binding":{"strength":"example"}}]}"#, r#""differential":{"element":[{"id":"X","path":"X","binding":{"strength":"example"}}]}"#),
    ("sdf-15", In("StructureDefinition"), r#""kind":"resource","snapshot":{"element":[{"id":"X","path":"X","definition":"a","min":0,"max":"1","base":{"min":0},"type":[{"code":"a"}]}]}"#, r#""kind":"logical","snapshot":{"element":[{"id":"X","path":"X","definition":"a","min":0,"max":"1","base":{"min":0},"type":[{"code":"a"}]}]}"#),
    ("sdf-15a", In("StructureDefinition"), r#""kind":"resource","differential":{"element":[{"id":"X","path":"X","type":[{"code":"a"}]}]}"#, r#""kind":"resource","differential":{"element":[{"id":"X","path":"X.a","type":[{"code":"a"}]}]}"#),
    ("sdf-16", In("StructureDefinition"), r#""snapshot":{"element":[{"id":"X","path":"X","definition":"a","min":0,"max":"1","base":{"min":0}},{"id":"X","path":"X.a","definition":"a","min":0,"max":"1","base":{"min":0}}]}"#, r#""snapshot":{"element":[{"id":"X","path":"X","definition":"a","min":0,"max":"1","base":{"min":0}}]}"#),
    ("sdf-17", In("StructureDefinition"), r#""differential":{"element":[{"id":"X","path":"X"},{"id":"X","path":"X.a"}]}"#, r#""differential":{"element":[{"id":"X","path":"X"},{"id":"Y","path":"X.a"}]}"#),
    ("sdf-18", In("StructureDefinition"), r#""type":"X","contextInvariant":["a"],"differential":{"element":[{"id":"X","path":"X"}]}"#, r#""type":"Extension","context":[{"type":"element"}],"contextInvariant":["a"],"differential":{"element":[{"id":"X","path":"X"}]}"#),
    ("sdf-19", In("StructureDefinition"), r#""url":"http://hl7.org/fhir/StructureDefinition/a","differential":{"element":[{"id":"X","path":"X.a","type":[{"code":"a.b"}]}]}"#, r#""url":"http://hl7.org/fhir/StructureDefinition/a","differential":{"element":[{"id":"X","path":"X.a","type":[{"code":"http://hl7.org/fhirpath/System.String"}]}]}"#),
    ("sdf-20", In("StructureDefinition"), r#""differential":{"element":[{"id":"X","path":"X","slicing":{"description":"a"}}]}"#, r#""differential":{"element":[{"id":"X","path":"X.a","slicing":{"description":"a"}}]}"#),
    ("sdf-21", In("StructureDefinition"), r#""differential":{"element":[{"id":"X","path":"X.a","defaultValueCode":"a"}]}"#, r#""derivation":"specialization","differential":{"element":[{"id":"X","path":"X.a","defaultValueCode":"a"}]}"#),
    ("sdf-22", In("StructureDefinition"), r#""url":"http://hl7.org/fhir/StructureDefinition/a","derivation":"specialization","differential":{"element":[{"id":"X","path":"X.a","defaultValueCode":"a"}]}"#, r#""url":"http://x","derivation":"specialization","differential":{"element":[{"id":"X","path":"X.a","defaultValueCode":"a"}]}"#),
    ("sdf-23", In("StructureDefinition"), r#""differential":{"element":[{"id":"X","path":"X","sliceName":"a"}]}"#, r#""differential":{"element":[{"id":"X","path":"X.a","sliceName":"a"}]}"#),
];

/// Those that are not broken alone.
#[rustfmt::skip]
const TOGETHER: &[(&[&str], At, &str)] = &[
    (&["tst-5", "tst-6"], Action("test"), r#""assert":{"path":"a","expression":"a"}"#),
    (&["tst-7", "tst-8"], Action("test"), r#""operation":{"url":"a","params":"a"}"#),
    (&["tst-7", "tst-9"], In("TestScript"), r#""teardown":{"action":[{"operation":{"label":"a"}}]}"#),
    (&["eld-19", "eld-20"], In("StructureDefinition"), r#""differential":{"element":[{"id":"a","path":". :"}]}"#),
    (&["sdf-14", "sdf-17"], In("StructureDefinition"), r#""differential":{"element":[{"path":"X"}]}"#),
    (&["sdf-11", "sdf-8"], In("StructureDefinition"), r#""kind":"resource","type":"Y","snapshot":{"element":[{"id":"X","path":"X","definition":"a","min":0,"max":"1","base":{"min":0}}]}"#),
];

#[test]
fn each_is_broken_and_kept() {
    let mut seen = BTreeSet::new();
    for (key, at, breaks, keeps) in CASES {
        let payload = |members: &str| at.payload(&members.replace("UCUM", UCUM));
        assert_eq!(broken(&payload(breaks)), [*key], "{}", payload(breaks));
        assert!(
            broken(&payload(keeps)).is_empty(),
            "{}: {:?}",
            payload(keeps),
            broken(&payload(keeps))
        );

        seen.insert(*key);
    }
    for (keys, at, breaks) in TOGETHER {
        let mut found = broken(&at.payload(breaks));
        found.sort_unstable();
        assert_eq!(found, *keys, "{breaks}");
        seen.extend(*keys);
    }
    for schema in schema::ALL {
        for invariant in schema
            .invariants
            .iter()
            .filter(|invariant| invariant.key.ends_with("-0"))
        {
            seen.insert(invariant.key);
            if schema.field("name").is_none() {
                assert_eq!(invariant.key, "cid-0", "it is on a type that has no name");
                continue;
            }
            let named = |name: &str| {
                let json = In(schema.name).payload(&format!(r#""name":"{name}""#));
                broken(&json).contains(&invariant.key)
            };
            assert!(named("name") && !named("Name"), "{}", invariant.key);
        }
    }
    let bundles = |key: &&str| key.starts_with("bdl-") || *key == "dom-6";
    let all = invariants();
    let missing: Vec<_> = all
        .keys()
        .filter(|key| !seen.contains(*key) && !bundles(key))
        .collect();
    // No element has the type of one, and two are of narratives.
    assert_eq!(missing, [&"mqty-1", &"txt-1", &"txt-2"]);
}

/// Where the expression's result is empty: what is broken if it compares, and what is kept.
#[test]
fn expressions_that_give_nothing() {
    let none: &[&str] = &[];
    for (at, members, expected) in [
        (Value("Period"), r#""start":"2020-02","end":"2020""#, none),
        (Value("Period"), r#""start":"x","end":"2020""#, none),
        (
            Value("Period"),
            r#""start":"2020-01-01","end":"2020-01-01T00:00:00Z""#,
            none,
        ),
        (Value("Reference"), r#""display":"a""#, none),
        (
            Value("Timing"),
            r#""repeat":{"offset":1,"when":["CM","CD"]}"#,
            none,
        ),
        (
            In("StructureDefinition"),
            r#""differential":{"element":[{"id":"X","short":"a"}]}"#,
            none,
        ),
        (In("Bundle"), r#""total":1"#, none),
        (
            In("Bundle"),
            r#""type":"document","identifier":{"system":"u","value":"a"},"timestamp":"2020-01-01T00:00:00Z""#,
            &["bdl-11"],
        ),
        (In("Bundle"), r#""type":"message""#, &["bdl-12"]),
        // What is compared is absent.
        (
            In("Questionnaire"),
            r#""item":[{"linkId":"a"}]"#,
            &["que-1"],
        ),
        (
            In("Appointment"),
            r#""cancelationReason":{"text":"a"}"#,
            &["app-4"],
        ),
        (
            In("List"),
            r#""entry":[{"date":"2020","item":{"display":"a"}}]"#,
            &["lst-3"],
        ),
        (
            In("Group"),
            r#""member":[{"entity":{"display":"a"}}]"#,
            &["grp-1"],
        ),
        (
            In("MessageDefinition"),
            r#""focus":[{"code":"Basic","max":"many"}]"#,
            &["md-1"],
        ),
        (
            In("MessageDefinition"),
            r#""focus":[{"code":"Basic"}]"#,
            none,
        ),
        // What is compared is not as precise, or of another kind.
        (
            In("Task"),
            r#""authoredOn":"2020-02","lastModified":"2020-02-01""#,
            &["inv-1"],
        ),
        (
            In("MedicationDispense"),
            r#""whenPrepared":"2020-02","whenHandedOver":"2020""#,
            &["mdd-1"],
        ),
        (
            Value("Range"),
            r#""low":{"value":1,"unit":"a"},"high":{"value":2,"unit":"b"}"#,
            &["rng-2"],
        ),
        (
            Value("Range"),
            r#""low":{"value":2,"code":"kg","system":"http://unitsofmeasure.org"},"high":{"value":500,"code":"g","system":"http://unitsofmeasure.org"}"#,
            &["rng-2"],
        ),
        // What is in place of a value is not compared.
        (
            In("Task"),
            r#""authoredOn":"2020","_lastModified":{"extension":[{"url":"u","valueCode":"a"}]}"#,
            none,
        ),
        (
            Value("Range"),
            r#""low":{"value":1,"unit":"a"},"high":{"unit":"a"}"#,
            none,
        ),
        // What could not be read is not judged by what is missing then.
        (In("Organization"), r#""name":["a"]"#, none),
        (Value("Reference"), r##""reference":["#a"]"##, none),
        // What is there and has no value is there, and differs from every value.
        (
            In("CapabilityStatement"),
            r#""_kind":{"extension":[{"url":"u","valueCode":"a"}]},"kind":null,"rest":[{"mode":"client"}],"description":"a""#,
            none,
        ),
        (
            In("Organization"),
            r#""_name":{"extension":[{"url":"u","valueCode":"a"}]}"#,
            none,
        ),
    ] {
        assert_eq!(broken(&at.payload(members)), expected, "{members}");
    }
}
