//! The table of payload defects, row by row: each a minimal payload, and all that is said of it, with
//! rule, FHIRPath, JSON pointer and place in the text. What the table tolerates is said nothing of.

use healthcode_core::Severity::{Error, Information, Warning};
use healthcode_core::{Issue, Severity};
use healthcode_r4::Resource;
use healthcode_validate::{Policy, Validator};

/// Rule, severity, path, pointer.
type ExpectedIssue = (&'static str, Severity, &'static str, &'static str);

const UUID: &str = "urn:uuid:04121321-4af5-424c-a0e1-ed3aab1c349d";

/// Row, payload, what is said of it. Where an issue is, the payload has a `¶`, for each issue one.
/// `Type|members` stands for a resource of that type, `$1` for [`UUID`].
#[rustfmt::skip]
const ROWS: &[(u8, &str, &[ExpectedIssue])] = &[
    (1, "¶\u{feff}Patient|", &[("JSON-BOM", Information, "Patient", "")]),
    (5, r#"Patient|"active":true,¶"active":false"#, &[("JSON-REPEATED-NAME", Error, "Patient.active", "/active")]),
    (6, r#"¶[{"resourceType":"Patient"}]"#, &[("FHIR-ARRAY-UNEXPECTED", Error, "Resource", "")]),
    (7, r#"¶{"id":"x"}"#, &[("FHIR-RESOURCE-TYPE-MISSING", Error, "Resource", "")]),
    (7, r#"{"resourceType":¶"patient"}"#, &[("FHIR-RESOURCE-TYPE-UNKNOWN", Error, "Resource.resourceType", "/resourceType")]),
    (7, r#"{"resourceType":¶"Site"}"#, &[("FHIR-RESOURCE-TYPE-UNKNOWN", Error, "Resource.resourceType", "/resourceType")]),
    (8, r#"Patient|¶"birthdate":"1974""#, &[("FHIR-UNKNOWN-MEMBER", Error, "Patient.birthdate", "/birthdate")]),
    (8, r#"Patient|"name":[{¶"fhir_comments":["x"],"text":"x"}]"#, &[("FHIR-UNKNOWN-MEMBER", Error, "Patient.name[0].fhir_comments", "/name/0/fhir_comments")]),
    (9, r#"Patient|"name":¶[]"#, &[("FHIR-EMPTY-ARRAY", Error, "Patient.name", "/name")]),
    (9, r#"Patient|"name":[{"given":¶[],"text":"x"}]"#, &[("FHIR-EMPTY-ARRAY", Error, "Patient.name[0].given", "/name/0/given")]),
    (10, r#"Patient|"maritalStatus":¶{}"#, &[("FHIR-EMPTY-OBJECT", Error, "Patient.maritalStatus", "/maritalStatus")]),
    (11, r#"Patient|"name":[{"family":¶""}]"#, &[("R4-EMPTY-STRING", Error, "Patient.name[0].family", "/name/0/family")]),
    (11, r#"Patient|"name":[{"family":¶" \t"}]"#, &[("R4-BLANK-STRING", Warning, "Patient.name[0].family", "/name/0/family")]),
    (12, r#"Patient|"active":¶null"#, &[("FHIR-NULL", Error, "Patient.active", "/active")]),
    (12, r#"Patient|"name":[¶null]"#, &[("FHIR-NULL", Error, "Patient.name[0]", "/name/0")]),
    (13, r#"Patient|"name":[{"given":["A",¶null],"_given":[{"id":"x"},null]}]"#, &[("FHIR-NULL-PAIR", Error, "Patient.name[0].given[1]", "/name/0/given/1")]),
    (14, r#"Patient|"name":[{"given":¶["A"],"_given":[null,{"id":"x"}]}]"#, &[("FHIR-ARRAY-PAIRING", Error, "Patient.name[0].given", "/name/0/given")]),
    (15, r#"Patient|¶"_name":[{"id":"x"}]"#, &[("FHIR-UNDERSCORE", Error, "Patient._name", "/_name")]),
    (15, r#"Patient|"_birthDate":¶"x""#, &[("FHIR-NOT-OBJECT", Error, "Patient.birthDate", "/_birthDate")]),
    (15, r#"Patient|"_birthDate":¶[{"id":"x"}]"#, &[("FHIR-ARRAY-UNEXPECTED", Error, "Patient.birthDate", "/_birthDate")]),
    (16, r#"Patient|"_birthDate":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]}"#, &[]),
    (16, r#"Patient|"_birthDate":¶{"id":"x"}"#, &[("ele-1", Error, "Patient.birthDate", "/_birthDate")]),
    (16, r#"Observation|"_status":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]},"code":{"text":"x"}"#, &[]),
    (17, r#"Patient|"birthDate":¶["1974"]"#, &[("FHIR-ARRAY-UNEXPECTED", Error, "Patient.birthDate", "/birthDate")]),
    (17, r#"Patient|"name":¶{"text":"x"}"#, &[("FHIR-ARRAY-EXPECTED", Error, "Patient.name", "/name")]),
    (18, r#"¶Observation|"status":"final""#, &[("R4-REQUIRED", Error, "Observation.code", "/code")]),
    (18, r#"Patient|"link":[{"other":{"display":"x"},"type":"seealso"},¶{"type":"seealso"}]"#, &[("R4-REQUIRED", Error, "Patient.link[1].other", "/link/1/other")]),
    (18, r#"¶MedicationRequest|"status":"active","intent":"order","subject":{"display":"x"}"#, &[("R4-REQUIRED", Error, "MedicationRequest.medication", "/medication")]),
    (19, r#"Patient|"deceasedBoolean":true,¶"deceasedDateTime":"2020""#, &[("FHIR-SECOND-CHOICE", Error, "Patient.deceasedDateTime", "/deceasedDateTime")]),
    (19, r#"Patient|¶"deceasedString":"x""#, &[("FHIR-UNKNOWN-MEMBER", Error, "Patient.deceasedString", "/deceasedString")]),
    (20, r#"Patient|"active":¶"true""#, &[("FHIR-JSON-TYPE", Error, "Patient.active", "/active")]),
    (20, r#"Patient|"multipleBirthInteger":¶"72""#, &[("FHIR-JSON-TYPE", Error, "Patient.multipleBirth", "/multipleBirthInteger")]),
    (20, r#"Patient|"language":¶1"#, &[("FHIR-JSON-TYPE", Error, "Patient.language", "/language")]),
    (21, r#"Patient|"birthDate":¶"1974-1-5""#, &[("R4-DATE", Error, "Patient.birthDate", "/birthDate")]),
    (21, r#"Patient|"birthDate":¶"1974-13-01""#, &[("R4-DATE", Error, "Patient.birthDate", "/birthDate")]),
    (21, r#"Patient|"birthDate":¶"1974-02-30""#, &[("R4-NO-SUCH-DAY", Error, "Patient.birthDate", "/birthDate")]),
    (21, r#"Patient|"birthDate":¶"0000""#, &[("R4-DATE", Error, "Patient.birthDate", "/birthDate")]),
    (22, r#"Patient|"birthDate":"1974""#, &[]),
    (22, r#"Patient|"birthDate":"1974-05""#, &[]),
    (22, r#"Patient|"deceasedDateTime":"2020-01""#, &[]),
    (23, r#"Patient|"deceasedDateTime":¶"2020-01-01T10:00:00""#, &[("R4-DATETIME", Error, "Patient.deceased", "/deceasedDateTime")]),
    (23, r#"Patient|"deceasedDateTime":¶"2020-01-01T10:00Z""#, &[("R4-DATETIME", Error, "Patient.deceased", "/deceasedDateTime")]),
    (23, r#"Patient|"deceasedDateTime":¶"2020-01-01T24:00:00Z""#, &[("R4-DATETIME", Error, "Patient.deceased", "/deceasedDateTime")]),
    (23, r#"Patient|"deceasedDateTime":¶"2020-01-01T10:00:00+14:30""#, &[("R4-DATETIME", Error, "Patient.deceased", "/deceasedDateTime")]),
    (24, r#"Patient|"deceasedDateTime":"2016-12-31T23:59:60.123456789012345678Z""#, &[]),
    (25, r#"Patient|"meta":{"lastUpdated":¶"2020-01-01"}"#, &[("R4-INSTANT", Error, "Patient.meta.lastUpdated", "/meta/lastUpdated")]),
    (25, r#"Patient|"meta":{"lastUpdated":¶"2020-01-01T10:00:00"}"#, &[("R4-INSTANT", Error, "Patient.meta.lastUpdated", "/meta/lastUpdated")]),
    (26, r#"Observation|"status":"final","code":{"text":"x"},"valueQuantity":{"value":1.00}"#, &[]),
    (26, r#"Observation|"status":"final","code":{"text":"x"},"valueQuantity":{"value":-1.5E+10}"#, &[]),
    (26, r#"Observation|"status":"final","code":{"text":"x"},"valueQuantity":{"value":0.123456789012345678901234567890}"#, &[]),
    (27, r#"Patient|"multipleBirthInteger":¶1.5"#, &[("FHIR-INTEGER", Error, "Patient.multipleBirth", "/multipleBirthInteger")]),
    (27, r#"Patient|"multipleBirthInteger":¶1e3"#, &[("FHIR-INTEGER", Error, "Patient.multipleBirth", "/multipleBirthInteger")]),
    (27, r#"Patient|"multipleBirthInteger":¶2147483648"#, &[("FHIR-INTEGER", Error, "Patient.multipleBirth", "/multipleBirthInteger")]),
    (27, r#"Patient|"telecom":[{"rank":¶0}]"#, &[("R4-INTEGER-RANGE", Error, "Patient.telecom[0].rank", "/telecom/0/rank")]),
    (27, r#"Patient|"photo":[{"size":¶-1}]"#, &[("R4-INTEGER-RANGE", Error, "Patient.photo[0].size", "/photo/0/size")]),
    (28, r#"Patient|"photo":[{"contentType":"image/png","data":¶"QUJ-"}]"#, &[("R4-BASE64", Error, "Patient.photo[0].data", "/photo/0/data")]),
    (28, r#"Patient|"photo":[{"contentType":"image/png","data":¶"QUJ"}]"#, &[("R4-BASE64", Error, "Patient.photo[0].data", "/photo/0/data")]),
    (28, r#"Patient|"photo":[{"contentType":"image/png","data":"QUJD\n RA=="}]"#, &[]),
    (28, r#"Patient|"photo":[¶{"data":"QUJD"}]"#, &[("att-1", Error, "Patient.photo[0]", "/photo/0")]),
    (28, r#"Patient|"photo":[{"contentType":"image/png","data":"QUJD","size":¶4}]"#, &[("R4-ATTACHMENT-SIZE", Error, "Patient.photo[0].size", "/photo/0/size")]),
    (28, r#"Patient|"photo":[{"contentType":"text/plain","data":"YWJj","hash":"qZk+NkcGgWq6PiVxeFDCbJzQ2J0=","size":3}]"#, &[]),
    (28, r#"Patient|"photo":[{"contentType":"image/jpeg","data":¶"LzlqLzRBQVE="}]"#, &[("R4-ATTACHMENT-BASE64-TWICE", Warning, "Patient.photo[0].data", "/photo/0/data")]),
    (28, r#"Patient|"photo":[{"contentType":"text/plain","data":"YWJk","hash":¶"qZk+NkcGgWq6PiVxeFDCbJzQ2J0="}]"#, &[("R4-ATTACHMENT-HASH", Error, "Patient.photo[0].hash", "/photo/0/hash")]),
    (29, r#"Patient|"id":¶"a_b""#, &[("R4-ID", Error, "Patient.id", "/id")]),
    (29, r#"Patient|"id":¶"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa""#, &[("R4-ID", Error, "Patient.id", "/id")]),
    (29, r##"Patient|"managingOrganization":{"reference":"#a b"},"contained":[{"resourceType":"Organization","id":¶"a b","name":"x"}]"##, &[("R4-ID", Error, "Patient.contained[0].id", "/contained/0/id")]),
    (29, r#"Patient|"name":[{"id":"an-element's_id/is:free","text":"x"}]"#, &[]),
    (30, r#"Patient|"language":¶"en-GB ""#, &[("R4-CODE", Error, "Patient.language", "/language")]),
    (30, r#"Patient|"language":¶" en-GB""#, &[("R4-CODE", Error, "Patient.language", "/language")]),
    (30, r#"Observation|"status":"final","code":{"coding":[{"system":"http://a.b","code":¶"a  b"}]}"#, &[("R4-CODE", Error, "Observation.code.coding[0].code", "/code/coding/0/code")]),
    (31, r#"Patient|"gender":¶"M""#, &[("R4-BINDING-REQUIRED", Error, "Patient.gender", "/gender")]),
    (31, r#"Patient|"gender":¶"Male""#, &[("R4-BINDING-REQUIRED", Error, "Patient.gender", "/gender")]),
    (31, r#"Patient|"maritalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-MaritalStatus","code":¶"x"}]}"#, &[("R4-BINDING-EXTENSIBLE", Warning, "Patient.maritalStatus.coding[0].code", "/maritalStatus/coding/0/code")]),
    (31, r#"Encounter|"status":"planned","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"},"priority":{"coding":[{"system":"http://a.b","code":"x"}]}"#, &[]),
    (31, r#"Patient|"photo":[{"contentType":¶"UTF-8","url":"http://a.b"}]"#, &[("R4-MIME-TYPE", Error, "Patient.photo[0].contentType", "/photo/0/contentType")]),
    (32, r#"Patient|"implicitRules":¶"http://a b""#, &[("R4-URI", Error, "Patient.implicitRules", "/implicitRules")]),
    (32, r#"Observation|"status":"final","code":{"coding":[{"system":¶"loinc","code":"x"}]}"#, &[("R4-CODING-SYSTEM-RELATIVE", Error, "Observation.code.coding[0].system", "/code/coding/0/system")]),
    (32, r#"Observation|"status":"final","code":{"coding":[{"system":¶"http://hl7.org/fhir/ValueSet/observation-codes","code":"x"}]}"#, &[("R4-CODING-SYSTEM-IS-VALUE-SET", Error, "Observation.code.coding[0].system", "/code/coding/0/system")]),
    (33, r#"Patient|"identifier":[{"system":¶"urn:oid:1.2.03","value":"x"}]"#, &[("R4-OID", Error, "Patient.identifier[0].system", "/identifier/0/system")]),
    (33, r#"Patient|"identifier":[{"system":¶"urn:uuid:C757873d-ec9a-4326-a141-556f43239520","value":"x"}]"#, &[("R4-UUID", Error, "Patient.identifier[0].system", "/identifier/0/system")]),
    (34, r#"Patient|"extension":[¶{"valueCode":"x"}]"#, &[("R4-REQUIRED", Error, "Patient.extension[0].url", "/extension/0/url")]),
    (34, r#"Patient|"extension":[¶{"url":¶"http://a.b","valueCode":"x","extension":[{"url":"c","valueCode":"x"}]}]"#, &[("ext-1", Error, "Patient.extension[0]", "/extension/0"), ("R4-EXTENSION-UNKNOWN", Warning, "Patient.extension[0].url", "/extension/0/url")]),
    (34, r#"Patient|"extension":[¶{"url":¶"http://a.b"}]"#, &[("ext-1", Error, "Patient.extension[0]", "/extension/0"), ("R4-EXTENSION-UNKNOWN", Warning, "Patient.extension[0].url", "/extension/0/url")]),
    (35, r#"Patient|"extension":[{"url":¶"http://a.b","valueCode":"x"}]"#, &[("R4-EXTENSION-UNKNOWN", Warning, "Patient.extension[0].url", "/extension/0/url")]),
    (36, r#"Patient|"name":[{"text":"x",¶"modifierExtension":[{"url":"http://a.b","valueCode":"x"}]}]"#, &[("R4-MODIFIER-EXTENSION-PLACE", Error, "Patient.name[0].modifierExtension", "/name/0/modifierExtension")]),
    (36, r#"Patient|"modifierExtension":[{"url":¶"http://a.b","valueCode":"x"}]"#, &[("R4-MODIFIER-EXTENSION-UNKNOWN", Warning, "Patient.modifierExtension[0].url", "/modifierExtension/0/url")]),
    (37, r##"¶Basic|"code":{"text":"x"},"subject":{"reference":"#a"},"contained":[{"resourceType":"Patient","id":"a","contained":[{"resourceType":"Practitioner","id":"b","extension":[{"url":¶"http://a.b","valueReference":{"reference":"#"}}]}]}]"##, &[("dom-2", Error, "Basic", ""), ("R4-EXTENSION-UNKNOWN", Warning, "Basic.contained[0].contained[0].extension[0].url", "/contained/0/contained/0/extension/0/url")]),
    (37, r##"¶Basic|"code":{"text":"x"},"subject":{"reference":"#a"},"contained":[{"resourceType":"Patient","id":"a","meta":{"versionId":"1"}}]"##, &[("dom-4", Error, "Basic", "")]),
    (37, r##"¶Basic|"code":{"text":"x"},"subject":{"reference":"#a"},"contained":[{"resourceType":"Patient","id":"a","meta":{"lastUpdated":"2020-01-01T00:00:00Z"}}]"##, &[("dom-4", Error, "Basic", "")]),
    (37, r##"¶Basic|"code":{"text":"x"},"subject":{"reference":"#a"},"contained":[{"resourceType":"Patient","id":"a","meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}]}}]"##, &[("dom-5", Error, "Basic", "")]),
    (37, r#"¶Basic|"code":{"text":"x"},"contained":[{"resourceType":"Patient","id":"a"}]"#, &[("dom-3", Error, "Basic", "")]),
    (38, r##"Basic|"code":{"text":"x"},"subject":¶{"reference":"#x"}"##, &[("ref-1", Error, "Basic.subject", "/subject")]),
    (38, r#"Basic|"code":{"text":"x"},"subject":{"reference":¶"John Smith"}"#, &[("R4-REFERENCE", Error, "Basic.subject.reference", "/subject/reference")]),
    (38, r#"Basic|"code":{"text":"x"},"author":{"reference":¶"Device/1"}"#, &[("R4-REFERENCE-TARGET", Error, "Basic.author.reference", "/author/reference")]),
    (39, r#"Bundle|"type":"collection","entry":[{"fullUrl":"$1","resource":{"resourceType":"Basic","code":{"text":"x"},"author":{"reference":¶"Patient/1"}}}]"#, &[("R4-REFERENCE-UNRESOLVED", Warning, "Bundle.entry[0].resource.author.reference", "/entry/0/resource/author/reference")]),
    (39, r#"Bundle|"type":"document","timestamp":"2020-01-01T00:00:00Z","identifier":{"system":"http://a.b","value":"x"},"entry":[{"fullUrl":"$1","resource":{"resourceType":"Composition","status":"final","type":{"text":"x"},"date":"2020","title":"x","author":[{"reference":¶"Patient/1"}]}}]"#, &[("R4-REFERENCE-UNRESOLVED", Error, "Bundle.entry[0].resource.author[0].reference", "/entry/0/resource/author/0/reference")]),
    (39, r#"Bundle|"type":"collection","entry":[{"fullUrl":"http://a.b/Basic/1","resource":{"resourceType":"Basic","id":"1","code":{"text":"x"},"author":{"reference":¶"Patient/1/_history/2"}}},{"fullUrl":"http://a.b/Patient/1","resource":{"resourceType":"Patient","id":"1","meta":{"versionId":"3"}}}]"#, &[("R4-REFERENCE-VERSION", Warning, "Bundle.entry[0].resource.author.reference", "/entry/0/resource/author/reference")]),
    (40, r#"Bundle|"type":"collection","total":¶1"#, &[("bdl-1", Error, "Bundle.total", "/total")]),
    (40, r#"Bundle|"type":"collection","entry":[¶{"fullUrl":"$1","resource":{"resourceType":"Patient"},"search":{"mode":"match"}}]"#, &[("bdl-2", Error, "Bundle.entry[0]", "/entry/0")]),
    (40, r#"Bundle|"type":"batch","entry":[¶{"fullUrl":"$1","resource":{"resourceType":"Patient"}}]"#, &[("bdl-3", Error, "Bundle.entry[0]", "/entry/0")]),
    (40, r#"Bundle|"type":"collection","entry":[¶{"fullUrl":"$1","resource":{"resourceType":"Patient"},"request":{"method":"GET","url":"Patient"}}]"#, &[("bdl-3", Error, "Bundle.entry[0]", "/entry/0")]),
    (40, r#"Bundle|"type":"batch-response","entry":[¶{"resource":{"resourceType":"Patient"}}]"#, &[("bdl-4", Error, "Bundle.entry[0]", "/entry/0")]),
    (40, r#"Bundle|"type":"searchset","link":[{"relation":"self","url":"Patient"}],"entry":[¶{"fullUrl":"$1","resource":{"resourceType":"Patient","id":"1"},"response":{"status":"200"}}]"#, &[("bdl-4", Error, "Bundle.entry[0]", "/entry/0")]),
    (40, r#"Bundle|"type":"collection","entry":[¶{"fullUrl":"$1"}]"#, &[("bdl-5", Error, "Bundle.entry[0]", "/entry/0")]),
    (40, r#"Bundle|"type":"collection","entry":[{"fullUrl":"$1","resource":{"resourceType":"Patient"}},{"fullUrl":¶"$1","resource":{"resourceType":"Patient"}}]"#, &[("bdl-7", Error, "Bundle.entry[1].fullUrl", "/entry/1/fullUrl")]),
    (40, r#"Bundle|"type":"collection","entry":[¶{"fullUrl":"http://a.b/Patient/1/_history/2","resource":{"resourceType":"Patient","id":"1"}}]"#, &[("bdl-8", Error, "Bundle.entry[0]", "/entry/0")]),
    (40, r#"¶¶Bundle|"type":"document","entry":[{"fullUrl":"$1","resource":{"resourceType":"Composition","status":"final","type":{"text":"x"},"date":"2020","title":"x","author":[{"display":"x"}]}}]"#, &[("bdl-9", Error, "Bundle", ""), ("bdl-10", Error, "Bundle", "")]),
    (40, r#"Bundle|"type":"document","timestamp":"2020-01-01T00:00:00Z","identifier":{"system":"http://a.b","value":"x"},"entry":[¶{"fullUrl":"$1","resource":{"resourceType":"Patient"}}]"#, &[("bdl-11", Error, "Bundle.entry[0]", "/entry/0")]),
    (40, r#"Bundle|"type":"message","entry":[¶{"fullUrl":"$1","resource":{"resourceType":"Patient"}}]"#, &[("bdl-12", Error, "Bundle.entry[0]", "/entry/0")]),
    (41, r#"Bundle|"type":"collection","entry":[{"fullUrl":¶"Patient/1","resource":{"resourceType":"Patient","id":"1"}}]"#, &[("R4-FULL-URL", Error, "Bundle.entry[0].fullUrl", "/entry/0/fullUrl")]),
    (41, r#"Bundle|"type":"collection","entry":[{"fullUrl":¶"http://a.b/Patient/2","resource":{"resourceType":"Patient","id":"1"}}]"#, &[("R4-FULL-URL-ID", Error, "Bundle.entry[0].fullUrl", "/entry/0/fullUrl")]),
    (42, r#"Patient|"name":[{"period":¶{"start":"2020-02","end":"2020-01-31"}}]"#, &[("per-1", Error, "Patient.name[0].period", "/name/0/period")]),
    (42, r#"Patient|"name":[{"period":{"start":"2020-01-31","end":"2020-01"}}]"#, &[]),
    (42, r#"Observation|"status":"final","code":{"text":"x"},"valueRange":¶{"low":{"value":2},"high":{"value":1}}"#, &[("rng-2", Error, "Observation.value", "/valueRange")]),
    (42, r#"Observation|"status":"final","code":{"text":"x"},"valueRatio":¶{"numerator":{"value":1}}"#, &[("rat-1", Error, "Observation.value", "/valueRatio")]),
    (42, r#"Observation|"status":"final","code":{"text":"x"},"valueQuantity":¶{"value":1,"code":"mg"}"#, &[("qty-3", Error, "Observation.value", "/valueQuantity")]),
    (42, r#"Observation|"status":"final","code":{"text":"x"},"valueRange":{"low":¶{"value":2,"comparator":"<"}}"#, &[("sqty-1", Error, "Observation.value.low", "/valueRange/low")]),
    (43, r#"Patient|"telecom":[¶{"value":"1"}]"#, &[("cpt-2", Error, "Patient.telecom[0]", "/telecom/0")]),
    (43, r#"Patient|"contact":[¶{"gender":"male"}]"#, &[("pat-1", Error, "Patient.contact[0]", "/contact/0")]),
    (43, r#"¶Organization|"active":true"#, &[("org-1", Error, "Organization", "")]),
    (43, r#"¶Observation|"status":"final","code":{"text":"x"},"valueString":"x","dataAbsentReason":{"text":"x"}"#, &[("obs-6", Error, "Observation", "")]),
    (43, r#"¶Observation|"status":"final","code":{"coding":[{"system":"http://a.b","code":"a"}]},"valueString":"x","component":[{"code":{"coding":[{"system":"http://a.b","code":"a"}]},"valueString":"x"}]"#, &[("obs-7", Error, "Observation", "")]),
    (44, r#"Observation|"status":"final","code":{"text":"x"},"effectiveTiming":{"repeat":¶{"duration":1}}"#, &[("tim-1", Error, "Observation.effective.repeat", "/effectiveTiming/repeat")]),
    (44, r#"Observation|"status":"final","code":{"text":"x"},"effectiveTiming":{"repeat":¶{"period":1}}"#, &[("tim-2", Error, "Observation.effective.repeat", "/effectiveTiming/repeat")]),
    (44, r#"Observation|"status":"final","code":{"text":"x"},"effectiveTiming":{"repeat":¶{"duration":-1,"durationUnit":"d"}}"#, &[("tim-4", Error, "Observation.effective.repeat", "/effectiveTiming/repeat")]),
    (44, r#"Observation|"status":"final","code":{"text":"x"},"effectiveTiming":{"repeat":¶{"period":-1,"periodUnit":"d"}}"#, &[("tim-5", Error, "Observation.effective.repeat", "/effectiveTiming/repeat")]),
    (44, r#"Observation|"status":"final","code":{"text":"x"},"effectiveTiming":{"repeat":¶{"periodMax":1}}"#, &[("tim-6", Error, "Observation.effective.repeat", "/effectiveTiming/repeat")]),
    (44, r#"Observation|"status":"final","code":{"text":"x"},"effectiveTiming":{"repeat":¶{"durationMax":1}}"#, &[("tim-7", Error, "Observation.effective.repeat", "/effectiveTiming/repeat")]),
    (44, r#"Observation|"status":"final","code":{"text":"x"},"effectiveTiming":{"repeat":¶{"countMax":1}}"#, &[("tim-8", Error, "Observation.effective.repeat", "/effectiveTiming/repeat")]),
    (44, r#"Observation|"status":"final","code":{"text":"x"},"effectiveTiming":{"repeat":¶{"offset":1}}"#, &[("tim-9", Error, "Observation.effective.repeat", "/effectiveTiming/repeat")]),
    (44, r#"Observation|"status":"final","code":{"text":"x"},"effectiveTiming":{"repeat":¶{"when":["AC"],"timeOfDay":["10:00:00"]}}"#, &[("tim-10", Error, "Observation.effective.repeat", "/effectiveTiming/repeat")]),
    (45, r#"Patient|"text":¶{"status":"generated"}"#, &[("R4-REQUIRED", Error, "Patient.text.div", "/text/div")]),
    (45, r#"Patient|"text":{"status":"generated","div":¶"<div xmlns=\"http://www.w3.org/1999/xhtml\"> </div>"}"#, &[("txt-2", Error, "Patient.text.div", "/text/div")]),
    (45, r#"Patient|"text":{"status":"generated","div":¶"<div>x</div>"}"#, &[("R4-NARRATIVE-DIV", Error, "Patient.text.div", "/text/div")]),
    (45, r#"Patient|"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x¶<script>y</script></div>"}"#, &[("txt-1", Error, "Patient.text.div", "/text/div")]),
    (45, r#"Patient|"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x¶<style>y</style></div>"}"#, &[("txt-1", Error, "Patient.text.div", "/text/div")]),
    (45, r#"Patient|"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p ¶onclick=\"y\">x</p></div>"}"#, &[("txt-1", Error, "Patient.text.div", "/text/div")]),
    (45, r#"Patient|"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x¶&reg;</div>"}"#, &[("R4-NARRATIVE-ENTITY", Error, "Patient.text.div", "/text/div")]),
    (45, r#"Patient|"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>x¶</div>"}"#, &[("R4-NARRATIVE-XML", Error, "Patient.text.div", "/text/div")]),
    (46, r#"Patient|"active":true"#, &[]),
    (47, r#"Patient|"identifier":[{"value":"x"},{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9434765918"}]"#, &[]),
    (48, r#"Patient|"name":[{"text":¶"\u0007"}]"#, &[("R4-CONTROL-CHARACTER", Error, "Patient.name[0].text", "/name/0/text")]),
    (48, r#"Patient|"name":[{"text":"a\tb\r\nc"}]"#, &[]),
    (49, r#"Patient|"name":[{"text":" x "}]"#, &[]),
    (52, r#"Patient|"meta":{"profile":[¶"http://a.b"]}"#, &[("R4-PROFILE-UNKNOWN", Warning, "Patient.meta.profile[0]", "/meta/profile/0")]),
    (53, r#"¶Patient|¶"animal":{"species":{"text":"x"}}"#, &[("R4-OTHER-VERSION", Information, "Patient", ""), ("FHIR-UNKNOWN-MEMBER", Error, "Patient.animal", "/animal")]),
    (53, r#"¶{"resourceType":¶"ReferralRequest"}"#, &[("R4-OTHER-VERSION", Information, "Resource", ""), ("FHIR-RESOURCE-TYPE-UNKNOWN", Error, "Resource.resourceType", "/resourceType")]),
];

/// Rows of rules that are off by default.
#[rustfmt::skip]
const ON_REQUEST: &[(u8, &str, &str, &[ExpectedIssue])] = &[
    (46, "dom-6", r#"¶Patient|"active":true"#, &[("dom-6", Warning, "Patient", "")]),
    (46, "dom-6", r#"Patient|"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"}"#, &[]),
    (47, "HC-IDENTIFIER-SYSTEM", r#"Patient|"identifier":[¶{"value":"x"},{"system":"http://a.b","value":"x"},{"type":{"text":"x"}},{"_system":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]},"value":"x"}]"#, &[("HC-IDENTIFIER-SYSTEM", Warning, "Patient.identifier[0]", "/identifier/0")]),
    (47, "HC-NHS-NUMBER", r#"Patient|"identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":¶"9434765918"},{"value":"1"},{"system":"http://a.b","value":"1"}]"#, &[("HC-NHS-NUMBER", Warning, "Patient.identifier[0].value", "/identifier/0/value")]),
    (47, "HC-NHS-NUMBER", r#"Patient|"identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9434765919"},{"system":"https://fhir.nhs.uk/Id/nhs-number","value":¶"943 476 5919"}]"#, &[("HC-NHS-NUMBER", Warning, "Patient.identifier[1].value", "/identifier/1/value")]),
    (49, "R4-PADDED-STRING", r#"Patient|"name":[{"family":¶" x","given":["x",¶"x\n"],"text":"a b"}]"#, &[("R4-PADDED-STRING", Warning, "Patient.name[0].family", "/name/0/family"), ("R4-PADDED-STRING", Warning, "Patient.name[0].given[1]", "/name/0/given/1")]),
];

/// Rows of texts that are not JSON: where they end to be.
const NOT_JSON: &[(u8, &[u8], &str, u64)] = &[
    (2, b"{\"resourceType\":\"Pat\xff\"}", "JSON-UTF8", 20),
    (2, br#"{"id":"\ud800"}"#, "JSON-SURROGATE", 7),
    (3, br#"{"id":"x"/* */}"#, "JSON-SYNTAX", 9),
    (3, br#"{"id":"x",}"#, "JSON-SYNTAX", 10),
    (3, br#"{'id':"x"}"#, "JSON-SYNTAX", 1),
    (3, br#"{"value":NaN}"#, "JSON-SYNTAX", 9),
    (4, br#"{"name":[{"text":"x"}"#, "JSON-TRUNCATED", 21),
    (4, br#"{"name":[{"text":"x"}}"#, "JSON-SYNTAX", 21),
    (
        6,
        br#"{"resourceType":"Patient"} {"resourceType":"Patient"}"#,
        "JSON-TRAILING",
        27,
    ),
    (26, br#"{"value":+1}"#, "JSON-SYNTAX", 9),
    (26, br#"{"value":.5}"#, "JSON-SYNTAX", 9),
    (26, br#"{"value":01}"#, "JSON-SYNTAX", 9),
];

/// Rows whose payloads are made: [`long_strings`](crate::structure) and [`deep`](crate::limits).
const ELSEWHERE: &[u8] = &[50, 51];

/// A payload of a table, and the places of its marks.
fn payload(text: &str) -> (String, Vec<u64>) {
    let text = text.replace("$1", UUID);
    let text = match text.split_once('|') {
        Some((start, members)) if !start.contains('{') && !start.contains('[') => {
            let name = start.trim_start_matches(['¶', '\u{feff}']);
            let before = &start[..start.len() - name.len()];
            let comma = if members.is_empty() { "" } else { "," };
            format!("{before}{{\"resourceType\":\"{name}\"{comma}{members}}}")
        }
        _ => text,
    };
    let mut json = String::new();
    let mut marks = Vec::new();
    for (at, piece) in text.split('¶').enumerate() {
        if at > 0 {
            marks.push(json.len() as u64);
        }
        json.push_str(piece);
    }
    (json, marks)
}

#[track_caller]
fn check(validator: &Validator, row: u8, text: &str, expected: &[ExpectedIssue]) {
    let (json, marks) = payload(text);
    let report = validator.read::<Resource>(json.as_bytes()).expect("JSON");
    let line = |(rule, severity, path, pointer): ExpectedIssue, offset: u64| {
        format!("{offset} {rule} {severity} {path} {pointer:?}")
    };
    assert_eq!(expected.len(), marks.len(), "row {row}: {text}");
    let mut expected: Vec<String> = expected
        .iter()
        .zip(&marks)
        .map(|(expected, at)| line(*expected, *at))
        .collect();
    let show = |issue: &Issue| {
        let (severity, offset) = (issue.severity, issue.position.expect("a position").offset);
        format!(
            "{offset} {} {severity} {} {:?}",
            issue.rule.id, issue.path, issue.pointer
        )
    };
    let mut found: Vec<String> = report.issues.iter().map(show).collect();
    expected.sort();
    found.sort();
    assert_eq!(found, expected, "row {row}: {json}");
    // Whatever is wrong, nothing of it is lost.
    let written = healthcode_json::to_vec(&report.value);
    let again = validator.read::<Resource>(&written).expect("JSON");
    let known = |issue: &&Issue| issue.rule.id != "JSON-BOM";
    assert_eq!(
        again.issues.len(),
        report.issues.iter().filter(known).count(),
        "row {row}: {json}"
    );
}

#[test]
fn rows() {
    for (row, text, expected) in ROWS {
        check(&Validator::new(Policy::R4), *row, text, expected);
    }
}

#[test]
fn rows_on_request() {
    for (row, rule, text, expected) in ON_REQUEST {
        let validator = Validator::new(Policy::R4);
        let validator = match *rule {
            "dom-6" => validator.best_practice(true),
            rule => validator.with(rule).unwrap(),
        };
        check(&validator, *row, text, expected);
    }
}

#[test]
fn rows_of_what_is_not_json() {
    for (row, json, rule, offset) in NOT_JSON {
        let text = String::from_utf8_lossy(json);
        let read = Validator::new(Policy::R4).read::<Resource>(json);
        let error = read.err().unwrap_or_else(|| panic!("row {row}: {text}"));
        let found = (error.rule().id, error.offset());
        assert_eq!(found, (*rule, Some(*offset)), "row {row}: {text}");
    }
}

#[test]
fn no_row_is_missed() {
    let mut rows: Vec<u8> = ROWS.iter().map(|row| row.0).collect();
    rows.extend(ON_REQUEST.iter().map(|row| row.0));
    rows.extend(NOT_JSON.iter().map(|row| row.0));
    rows.extend(ELSEWHERE);
    rows.sort_unstable();
    rows.dedup();
    assert_eq!(rows, (1..=53).collect::<Vec<u8>>());
}
