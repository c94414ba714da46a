//! StructureDefinitions made of bytes: any byte chooses among paths, types, slicings and constants that
//! profiles are made of, whether these fit or not.

use serde_json::{Map, Value, json};

#[rustfmt::skip]
const PATHS: &[&str] = &[
    "", "id", "meta", "meta.profile", "extension", "extension.url", "extension.value[x]",
    "modifierExtension", "identifier", "identifier.system", "identifier.value", "identifier.type",
    "identifier.type.coding", "identifier.type.coding.code", "identifier.period.start", "name",
    "name.given", "name.family", "telecom", "contact", "contact.name", "contact.telecom",
    "deceased[x]", "deceasedBoolean", "value[x]", "valueQuantity", "value[x].value", "valueQuantity.code",
    "component", "component.code", "component.value[x]", "component.interpretation", "subject",
    "managingOrganization", "generalPractitioner", "contained", "contained.id", "category",
    "category.coding", "code", "code.coding", "code.coding.system", "status", "gender", "birthDate",
    "birthDate.extension", "entry", "entry.resource", "entry.resource.id", "entry.fullUrl", "link",
    "link.other", "nothing", "name.nothing", "name[x]", "..", "entry.resource.entry.resource",
];

#[rustfmt::skip]
const TYPES: &[&str] = &[
    "string", "code", "boolean", "Quantity", "CodeableConcept", "Coding", "Reference", "Extension",
    "Identifier", "HumanName", "Period", "dateTime", "Resource", "Patient", "BackboneElement", "No",
    "canonical", "Range", "",
];

#[rustfmt::skip]
const DISCRIMINATORS: &[&str] = &[
    "url", "$this", "system", "code", "coding.code", "value", "resolve()", "resolve().code",
    "extension('http://a').value", "ofType(Quantity)", "value.ofType(Quantity).code", "type", "use",
    "resource", "entry.resource", "extension", "..", "a b", "", "subject.resolve()",
];

#[rustfmt::skip]
const EXPRESSIONS: &[&str] = &[
    "true", "false", "name.exists()", "subject.resolve().exists()", "conformsTo('http://a/0')",
    "%resource.conformsTo('http://a/1')", "descendants().count() < 3", "1/0", "(", "value > 'a'",
    "memberOf('http://a/v')", "repeat(children()).exists()", "",
];

#[rustfmt::skip]
const URLS: &[&str] = &[
    "http://a/0", "http://a/1", "http://a/2", "http://a/3", "http://a/0|1",
    "http://hl7.org/fhir/StructureDefinition/Patient",
    "http://hl7.org/fhir/StructureDefinition/Observation",
    "http://hl7.org/fhir/StructureDefinition/Bundle",
    "http://hl7.org/fhir/StructureDefinition/Extension",
    "http://hl7.org/fhir/StructureDefinition/HumanName",
    "http://hl7.org/fhir/StructureDefinition/Quantity",
    "http://hl7.org/fhir/StructureDefinition/DomainResource", "http://none", "",
];

#[rustfmt::skip]
const TEXTS: &[&str] = &[
    "a", "male", "http://a", "http://loinc.org", "official", "kg", "", "2020", "final", "1",
];

/// Bytes as choices; when they have run out, the first of all.
pub struct Choices<'b>(pub &'b [u8]);

impl Choices<'_> {
    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        *first
    }

    fn choose(&mut self, of: &'static [&'static str]) -> &'static str {
        of[usize::from(self.byte()) % of.len()]
    }

    fn rarely(&mut self) -> bool {
        self.byte() % 6 == 5
    }

    fn value(&mut self) -> (&'static str, Value) {
        let text = self.choose(TEXTS);
        match self.byte() % 8 {
            0 => ("String", json!(text)),
            1 => ("Code", json!(text)),
            2 => ("Uri", json!(text)),
            3 => ("Boolean", json!(true)),
            4 => ("Coding", json!({"system": "http://a", "code": text})),
            5 => ("CodeableConcept", json!({"coding": [{"code": text}]})),
            6 => ("Quantity", json!({"value": 1.5, "code": text})),
            _ => ("Integer", json!(7)),
        }
    }

    fn element(&mut self, of_type: &str) -> Value {
        let path = self.choose(PATHS);
        let path = match path {
            "" => of_type.to_owned(),
            path => format!("{of_type}.{path}"),
        };
        let mut element = Map::new();
        let slice = self.byte() % 8;
        let mut id = path.clone();
        if slice < 3 {
            id = match (self.rarely(), path.rsplit_once('.')) {
                (true, Some((parent, name))) => format!("{parent}:s{slice}.{name}"),
                _ => format!("{path}:s{slice}"),
            };
            element.insert("sliceName".into(), json!(format!("s{slice}")));
        }
        element.insert("id".into(), json!(id));
        element.insert("path".into(), json!(path));
        if self.byte() % 3 == 0 {
            element.insert("min".into(), json!(self.byte() % 3));
        }
        if self.byte() % 3 == 0 {
            let max = ["*", "0", "1", "2", "x"][usize::from(self.byte() % 5)];
            element.insert("max".into(), json!(max));
        }
        if self.byte() % 3 == 0 {
            let (name, value) = self.value();
            let kind = ["fixed", "pattern", "minValue", "maxValue"][usize::from(self.byte() % 4)];
            element.insert(format!("{kind}{name}"), value);
        }
        if self.rarely() {
            element.insert("maxLength".into(), json!(self.byte()));
        }
        if self.byte() % 3 == 0 {
            let profile = if self.byte() % 2 == 0 {
                vec![self.choose(URLS)]
            } else {
                vec![]
            };
            let mut types = vec![json!({"code": self.choose(TYPES), "profile": profile})];
            if self.rarely() {
                types.push(
                    json!({"code": self.choose(TYPES), "targetProfile": [self.choose(URLS)]}),
                );
            }
            element.insert("type".into(), Value::Array(types));
        }
        if self.byte() % 4 == 0 {
            let mut by = Vec::new();
            for _ in 0..=self.byte() % 2 {
                let kind = ["value", "pattern", "type", "exists", "profile", "no"];
                let kind = kind[usize::from(self.byte() % 6)];
                by.push(json!({"type": kind, "path": self.choose(DISCRIMINATORS)}));
            }
            let rules = ["open", "closed", "openAtEnd", "no"][usize::from(self.byte() % 4)];
            let ordered = self.rarely();
            let slicing = json!({"discriminator": by, "rules": rules, "ordered": ordered});
            element.insert("slicing".into(), slicing);
        }
        if self.rarely() {
            let strength = ["required", "extensible"][usize::from(self.byte() % 2)];
            let binding = json!({"strength": strength, "valueSet": "http://a/v"});
            element.insert("binding".into(), binding);
        }
        if self.rarely() {
            let invariant = json!({"key": "k", "severity": "error", "human": "h",
                "expression": self.choose(EXPRESSIONS)});
            element.insert("constraint".into(), json!([invariant]));
        }
        if self.rarely() {
            element.insert(
                "contentReference".into(),
                json!(format!("#{}", self.choose(PATHS))),
            );
        }
        Value::Object(element)
    }

    /// A definition, of the `index`th URL.
    pub fn definition(&mut self, index: u8) -> Value {
        let types = [
            "Patient",
            "Observation",
            "Bundle",
            "Extension",
            "HumanName",
            "Quantity",
            "No",
        ];
        let of_type = types[usize::from(self.byte() % 7)];
        let base = match self.choose(URLS) {
            base if self.rarely() => base.to_owned(),
            _ => format!("http://hl7.org/fhir/StructureDefinition/{of_type}"),
        };
        let elements: Vec<Value> = (0..1 + self.byte() % 12)
            .map(|_| self.element(of_type))
            .collect();
        let view = if self.rarely() {
            "snapshot"
        } else {
            "differential"
        };
        json!({
            "resourceType": "StructureDefinition", "url": format!("http://a/{index}"),
            "name": "A", "status": "draft", "kind": "resource", "abstract": false, "version": "1",
            "type": of_type, "baseDefinition": base, "derivation": "constraint",
            (view): {"element": elements},
        })
    }
}
