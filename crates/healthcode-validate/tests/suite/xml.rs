//! Issues of payloads in XML, as they are shown.

use healthcode_r4::Resource;
use healthcode_validate::render::{HumanOptions, HumanRenderer, NdjsonRenderer, Renderer};
use healthcode_validate::{Policy, Validator};

/// A payload with much that XML and R4 do not allow.
const BAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!-- made up -->
<Patient xmlns="http://hl7.org/fhir" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
         xsi:schemaLocation="http://hl7.org/fhir fhir-all.xsd" version="4.0.1">
  <id value="p 1"/>
  <text>
    <status value="generated"/>
    <div xmlns="http://www.w3.org/1999/xhtml"><p>Ada <script>x()</script></p></div>
  </text>
  <contained>
    <Organization><id value="o1"/></Organization>
    <Location><id value="l1"/></Location>
  </contained>
  <extension>
    <url value="http://hl7.org/fhir/StructureDefinition/patient-birthPlace"/>
  </extension>
  <active value="yes"/>
  <name value="Ada"><familyName value="Quill"/></name>
  <gender value="Female"/>
  <telecom><value value="020"/></telecom>
  <birthDate value="1980-02-30">stray</birthDate>
  <birthDate value="1980-02-28"/>
  <h:br xmlns:h="http://www.w3.org/1999/xhtml"/>
  <deceasedBoolean value="false"/>
  <deceasedDateTime value="2020"/>
  <maritalStatus/>
  <multipleBirthInteger value="01"/>
</Patient>
"#;

const BROKEN: [&str; 6] = [
    "<Patient><active value='true'/></Patient>",
    "<Patient xmlns='http://hl7.org/fhir'><name><family value='A&B'/></name></Patient>",
    "<Patient xmlns='http://hl7.org/fhir'><name><family value='A&nbsp;B'/></name></Patient>",
    "<Patient xmlns='http://hl7.org/fhir'><name></Patient>",
    "<?xml version='1.0' encoding='windows-1252'?><Patient xmlns='http://hl7.org/fhir'/>",
    "<!DOCTYPE Patient><Patient xmlns='http://hl7.org/fhir'/>",
];

fn rendered(make: impl Fn(&mut Vec<u8>) -> Box<dyn Renderer + '_>) -> String {
    let validator = Validator::new(Policy::R4).excerpts(true);
    let mut out = Vec::new();
    {
        let mut renderer = make(&mut out);
        let files = std::iter::once(BAD).chain(BROKEN);
        for (number, xml) in files.enumerate() {
            renderer.begin_file(&format!("{number}.xml")).unwrap();
            let issues = match validator.read::<Resource>(xml.as_bytes()) {
                Ok(read) => read.issues,
                Err(error) => vec![error.into_issue()],
            };
            for issue in issues {
                renderer.issue(&issue).unwrap();
            }
            renderer.end_file().unwrap();
        }
    }
    String::from_utf8(out).unwrap()
}

#[test]
fn human() {
    let options = HumanOptions::default();
    insta::assert_snapshot!(rendered(|out| Box::new(HumanRenderer::new(out, options))));
}

#[test]
fn ndjson() {
    insta::assert_snapshot!(rendered(|out| Box::new(NdjsonRenderer::new(out, false))));
}
