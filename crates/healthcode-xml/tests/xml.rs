//! Reading and writing FHIR XML: what is reported, what is kept, and what is left out.

use healthcode_core::ReadOptions;
use healthcode_r4::{Patient, Resource};
use healthcode_xml::{from_slice, from_slice_with, from_str, is_xml, to_string};
use proptest::prelude::*;

const FHIR: &str = "http://hl7.org/fhir";

/// A Patient in the namespace of FHIR with this content.
fn patient(content: &str) -> String {
    format!("<Patient xmlns=\"{FHIR}\">{content}</Patient>")
}

/// Reads a Patient's content, compares its issues, and what it is as JSON and again as XML.
fn check(content: &str, issues: &[&str], json: &str) {
    let xml = patient(content);
    let read = from_str::<Resource>(&xml).unwrap_or_else(|error| panic!("{content}: {error}"));
    let found: Vec<String> = read
        .issues
        .iter()
        .map(|issue| format!("{} {}", issue.rule.id, issue.path))
        .collect();
    assert_eq!(found, issues, "{content}");
    let written = healthcode_json::to_string(&read.value);
    assert_eq!(
        written,
        format!("{{\"resourceType\":\"Patient\"{json}}}"),
        "{content}"
    );
    for issue in &read.issues {
        let position = issue.position.expect("a position");
        assert!(position.offset < xml.len() as u64, "{content}");
        assert!(issue.xpath.is_some(), "{content}");
    }
    // Written and read again, it is the same.
    let again = to_string(&read.value);
    assert_eq!(again.issues, [], "{content}");
    let second = from_str::<Resource>(&again.value).expect("what was written");
    assert_eq!(
        healthcode_json::to_string(&second.value),
        written,
        "{content}"
    );
    assert_eq!(to_string(&second.value).value, again.value, "{content}");
}

#[test]
fn values() {
    check(
        r#"<active value="true"/><birthDate value="1980"/>"#,
        &[],
        r#","active":true,"birthDate":"1980""#,
    );
    check(
        r#"<active value="1"/>"#,
        &["FHIR-XML-VALUE Patient.active"],
        r#","active":"1""#,
    );
    check(
        r#"<multipleBirthInteger value="+3"/>"#,
        &[],
        r#","multipleBirthInteger":3"#,
    );
    check(
        r#"<multipleBirthInteger value="+0"/>"#,
        &["FHIR-XML-VALUE Patient.multipleBirth"],
        r#","multipleBirthInteger":"+0""#,
    );
    check(
        r#"<multipleBirthInteger value="007"/>"#,
        &["FHIR-XML-VALUE Patient.multipleBirth"],
        r#","multipleBirthInteger":"007""#,
    );
    // White space in values is what XML makes of it.
    check(
        "<name><text value=\"a\tb\r\nc&#10;d&#9;&amp;&lt;\"/></name>",
        &[],
        r#","name":[{"text":"a b c\nd\t&<"}]"#,
    );
}

#[test]
fn primitives_with_ids_and_extensions() {
    check(
        r#"<birthDate id="b" value="1980"><extension url="u"><valueCode value="x"/></extension></birthDate>"#,
        &[],
        r#","birthDate":"1980","_birthDate":{"id":"b","extension":[{"url":"u","valueCode":"x"}]}"#,
    );
    check(
        r#"<name><given><extension url="u"><valueCode value="x"/></extension></given><given value="A"/></name>"#,
        &[],
        r#","name":[{"given":[null,"A"],"_given":[{"extension":[{"url":"u","valueCode":"x"}]},null]}]"#,
    );
    check(
        r"<birthDate/>",
        &["FHIR-EMPTY-OBJECT Patient.birthDate"],
        r#","_birthDate":{}"#,
    );
    check(
        "<active value=\"true\">&#32;<!-- c -->&#10;</active>",
        &[],
        r#","active":true"#,
    );
    check(
        r#"<active value="true"></active>"#,
        &[],
        r#","active":true"#,
    );
}

#[test]
fn order_and_repetition() {
    check(
        r#"<birthDate value="1980"/><gender value="female"/>"#,
        &["FHIR-XML-ORDER Patient.gender"],
        r#","gender":"female","birthDate":"1980""#,
    );
    check(
        r#"<name><text value="a"/></name><active value="true"/><name><text value="b"/></name>"#,
        &["FHIR-XML-ORDER Patient.active"],
        r#","active":true,"name":[{"text":"a"},{"text":"b"}]"#,
    );
    check(
        r#"<name><given value="a"/><prefix value="p"/><given value="b"/></name>"#,
        &["FHIR-XML-ORDER Patient.name[0].given[1]"],
        r#","name":[{"given":["a","b"],"prefix":["p"]}]"#,
    );
    check(
        r#"<active value="true"/><active value="false"/>"#,
        &["FHIR-XML-REPEATED Patient.active"],
        r#","active":true"#,
    );
    check(
        r#"<maritalStatus><text value="a"/></maritalStatus><maritalStatus><text value="b"/></maritalStatus>"#,
        &["FHIR-XML-REPEATED Patient.maritalStatus"],
        r#","maritalStatus":{"text":"a"}"#,
    );
    check(
        r#"<deceasedBoolean value="true"/><deceasedDateTime value="2020"/>"#,
        &["FHIR-SECOND-CHOICE Patient.deceasedDateTime"],
        r#","deceasedBoolean":true"#,
    );
}

#[test]
fn what_fhir_does_not_define_is_kept() {
    check(
        r#"<mood value="good"/>"#,
        &["FHIR-UNKNOWN-MEMBER Patient.mood"],
        "",
    );
    check(
        r#"<active value="true" by="me"/>"#,
        &["FHIR-XML-ATTRIBUTE Patient.active.by"],
        r#","active":true"#,
    );
    check(
        r#"<active value="true"/>stray"#,
        &["FHIR-XML-TEXT Patient"],
        r#","active":true"#,
    );
    check(
        r#"<x:shoe xmlns:x="urn:x" x:size="9"><x:lace/></x:shoe>"#,
        &["FHIR-XML-NAMESPACE Patient.shoe"],
        "",
    );
    check(
        r#"<name value="Ada"><text value="a"/></name>"#,
        &["FHIR-XML-ATTRIBUTE Patient.name[0].value"],
        r#","name":[{"text":"a"}]"#,
    );
    check(
        r#"<name><id value="n"/><text value="a"/></name>"#,
        &["FHIR-XML-ATTRIBUTE-EXPECTED Patient.name[0].id"],
        r#","name":[{"text":"a"}]"#,
    );
    check(
        "<_active value=\"true\"/>",
        &["FHIR-UNKNOWN-MEMBER Patient._active"],
        "",
    );
}

/// An attribute with the name of an element leaves no trace of the element.
#[test]
fn attributes_with_names_of_elements() {
    for (attributes, name) in [
        (r#"id="a""#, "id"),
        (r#"active="true""#, "active"),
        (r#"gender="male""#, "gender"),
        (r#"birthDate="1980""#, "birthDate"),
        (r#"name="a""#, "name"),
    ] {
        let xml =
            format!("<Patient xmlns=\"{FHIR}\" {attributes}><language value=\"en\"/></Patient>");
        let read = from_str::<Patient>(&xml).unwrap();
        let found: Vec<_> = read
            .issues
            .iter()
            .map(|issue| (issue.rule.id, &*issue.path))
            .collect();
        assert_eq!(found, [("FHIR-XML-ATTRIBUTE", &*format!("Patient.{name}"))]);
        let json = healthcode_json::to_string(&read.value);
        assert_eq!(json, r#"{"resourceType":"Patient","language":"en"}"#);
        assert_eq!(to_string(&read.value).value.matches(attributes).count(), 1);
    }
    check(
        r#"<name text="a" url="b"><family value="c"/></name>"#,
        &[
            "FHIR-XML-ATTRIBUTE Patient.name[0].text",
            "FHIR-XML-ATTRIBUTE Patient.name[0].url",
        ],
        r#","name":[{"family":"c"}]"#,
    );
}

/// A namespace is what its references stand for.
#[test]
fn namespaces_with_references() {
    let xml = "<Patient xmlns='http://hl7.org/fhi&#114;'><text><status value='empty'/>\
               <h:div xmlns:h='http://www.w3.org/1999/xhtm&#x6c;'>a</h:div></text></Patient>";
    let read = from_str::<Patient>(xml).unwrap();
    assert!(read.is_valid(), "{:?}", read.issues);
    let div = read.value.text.unwrap().div;
    assert_eq!(
        div.as_str(),
        Some("<div xmlns=\"http://www.w3.org/1999/xhtml\">a</div>")
    );
}

/// An element whose content is left out is written as one without content.
#[test]
fn elements_without_content_are_closed_by_their_start_tag() {
    let json = r#"{"resourceType":"Patient","name":[{"text":"a\ufffe"}],"contact":[{"name":{"text":"\u0001"}}]}"#;
    let read = healthcode_json::from_str::<Resource>(json).unwrap();
    let written = to_string(&read.value);
    assert_eq!(written.value, patient("<name/><contact><name/></contact>"));
    assert_eq!(written.issues.len(), 2);
}

/// Whole numbers may have a plus sign, but for those that may be 0.
#[test]
fn signs() {
    check(
        r#"<telecom><value value="1"/><rank value="+2"/></telecom><multipleBirthInteger value="+3"/>"#,
        &[],
        r#","telecom":[{"value":"1","rank":2}],"multipleBirthInteger":3"#,
    );
    check(
        r#"<photo><size value="+2"/></photo>"#,
        &["FHIR-XML-VALUE Patient.photo[0].size"],
        r#","photo":[{"size":"+2"}]"#,
    );
}

/// What is kept is written once, in a form that can be read.
#[test]
fn what_is_kept_is_stable() {
    for content in [
        "<contained>text</contained>",
        "<contained id=\"a\">text<!-- c --></contained>",
        "<contained><P-x/></contained><active value=\"true\"/>",
        "<contained><P\u{e4}/></contained><contained><Patient/></contained>",
        "<active value=\"true\"/><active id=\"a\"/><gender value=\"male\"/><active id=\"b\"/>",
        "<contact xmlns:q=\"urn:q\" q:a=\"1\" q:b=\"2\"><gender value=\"male\"/></contact>",
    ] {
        let read = from_str::<Resource>(&patient(content)).unwrap();
        let written = to_string(&read.value);
        assert_eq!(written.issues, [], "{content}");
        let again = from_str::<Resource>(&written.value).unwrap();
        assert_eq!(to_string(&again.value).value, written.value, "{content}");
    }
    // A document may have any name.
    for name in ["foo", "P-x", "P\u{e4}"] {
        let xml = format!("<{name} xmlns=\"{FHIR}\"><a/></{name}>");
        let read = from_str::<Resource>(&xml).unwrap();
        assert_eq!(to_string(&read.value).value, xml);
    }
    // Attributes of what holds a resource are kept outside it, unless there is one of the name.
    let bundle = format!(
        "<Bundle xmlns=\"{FHIR}\"><entry id=\"e\"><resource id=\"r\" x=\"1\"><Patient/></resource></entry></Bundle>"
    );
    let written = to_string(&from_str::<Resource>(&bundle).unwrap().value);
    assert_eq!(written.issues.len(), 1);
    assert!(
        written
            .value
            .contains("<entry id=\"e\" x=\"1\"><resource><Patient/>")
    );
    assert!(from_str::<Resource>(&written.value).is_ok());
}

/// White space between elements may be written in any way.
#[test]
fn white_space_between_elements() {
    check(
        " <![CDATA[\n ]]>&#32;<!-- c --><active value=\"true\"/>&#9;<![CDATA[]]>",
        &[],
        r#","active":true"#,
    );
    check("<![CDATA[ x]]>", &["FHIR-XML-TEXT Patient"], "");
    check(
        "<contained>x<Device/></contained>",
        &["FHIR-XML-TEXT Patient.contained"],
        r#","contained":[{"resourceType":"Device"}]"#,
    );
}

#[test]
fn resources_inside() {
    check(
        r#"<contained><Organization><id value="o"/></Organization></contained>"#,
        &[],
        r#","contained":[{"resourceType":"Organization","id":"o"}]"#,
    );
    check(
        r#"<contained><id value="o"/></contained>"#,
        &["FHIR-XML-RESOURCE Patient.contained"],
        "",
    );
    check(
        r#"<contained><Channel fee="1"><rate value="2"/></Channel></contained>"#,
        &[
            "FHIR-RESOURCE-TYPE-UNKNOWN Patient.contained[0].resourceType",
            "FHIR-XML-ATTRIBUTE Patient.contained[0].fee",
        ],
        r#","contained":[{"resourceType":"Channel"}]"#,
    );
    let two = r#"<contained><Organization><id value="o"/></Organization><Location><id value="l"/></Location></contained>"#;
    let read = from_str::<Patient>(&patient(two)).unwrap();
    assert_eq!(read.value.contained.len(), 2);
    assert_eq!(read.issues[0].rule.id, "FHIR-XML-RESOURCE");
}

#[test]
fn narratives_stay_as_they_are() {
    let xhtml = "http://www.w3.org/1999/xhtml";
    let div = format!("<div xmlns=\"{xhtml}\"> <p>A&#160;b<br/></p><!-- c -->\n</div>");
    let text = format!("<text><status value=\"generated\"/>{div}</text>");
    let read = from_str::<Patient>(&patient(&text)).unwrap();
    assert_eq!(read.issues, []);
    let narrative = read.value.text.as_ref().unwrap();
    assert_eq!(narrative.div.as_str(), Some(div.as_str()));
    // A prefix becomes the default namespace.
    let prefixed = format!(
        "<text><status value=\"generated\"/><h:div xmlns:h=\"{xhtml}\"><h:p>A</h:p></h:div></text>"
    );
    let read = from_str::<Patient>(&patient(&prefixed)).unwrap();
    let narrative = read.value.text.as_ref().unwrap();
    let expected = format!("<div xmlns=\"{xhtml}\"><p>A</p></div>");
    assert_eq!(narrative.div.as_str(), Some(expected.as_str()));
}

/// Reads a text that is not FHIR in well-formed XML: the rule, what was expected, and where.
fn refused(xml: &[u8], rule: &str, line: u64, column: u64) {
    let text = String::from_utf8_lossy(xml);
    let error = from_slice::<Resource>(xml).expect_err(&text);
    let position = error.position().expect("a position");
    let found = (error.rule().id, position.line, position.column);
    assert_eq!(found, (rule, line, column), "{text}: {error}");
}

#[test]
fn what_cannot_be_read() {
    let cases: &[(&str, &str, u64, u64)] = &[
        ("", "XML-TRUNCATED", 1, 1),
        ("<!-- only -->", "XML-TRUNCATED", 1, 14),
        ("<Patient", "XML-TRUNCATED", 1, 9),
        ("<Patient/>", "XML-NAMESPACE", 1, 1),
        ("<a xmlns='http://hl7.org/fhir/'/>", "XML-NAMESPACE", 1, 1),
        ("<!DOCTYPE a><a/>", "XML-DTD", 1, 1),
        ("<f:Patient/>", "XML-SYNTAX", 1, 1),
        (
            "<?xml version='1.0' encoding='latin1'?><a/>",
            "XML-ENCODING",
            1,
            1,
        ),
        (" <?xml version='1.0'?><a/>", "XML-SYNTAX", 1, 2),
        ("<?xml encoding='utf-8'?><a/>", "XML-SYNTAX", 1, 1),
        ("OK", "XML-SYNTAX", 1, 1),
    ];
    for (xml, rule, line, column) in cases {
        refused(xml.as_bytes(), rule, *line, *column);
    }
    for start in [
        b"\xff\xfe<\0".as_slice(),
        b"\xfe\xff\0<",
        b"\xff\xfe\0\0<\0\0\0",
        b"\0\0\xfe\xff\0\0\0<",
    ] {
        refused(start, "XML-ENCODING", 1, 1);
        assert!(is_xml(start));
    }
    let inside: &[(&str, &str, u64, u64)] = &[
        ("<active value='true' value='x'/>", "XML-SYNTAX", 2, 22),
        ("<active value=true/>", "XML-SYNTAX", 2, 15),
        ("<active value='a'b='c'/>", "XML-SYNTAX", 2, 18),
        ("<active value='<'/>", "XML-SYNTAX", 2, 16),
        ("<active value='&'/>", "XML-SYNTAX", 2, 16),
        ("<active value='&nbsp;'/>", "XML-ENTITY", 2, 16),
        ("<active value='&#0;'/>", "XML-CHARACTER", 2, 16),
        ("<active value='&#xD800;'/>", "XML-CHARACTER", 2, 16),
        ("<active value='\u{1}'/>", "XML-CHARACTER", 2, 16),
        ("<active value='\u{ffff}'/>", "XML-CHARACTER", 2, 16),
        ("<active x:y='' value='true'/>", "XML-SYNTAX", 2, 9),
        ("<name></active>", "XML-SYNTAX", 2, 7),
        ("<1a/>", "XML-SYNTAX", 2, 2),
        ("<!-- a -- b -->", "XML-SYNTAX", 2, 8),
        ("a ]]> b", "XML-SYNTAX", 2, 3),
        ("<a:b:c xmlns:a='urn:a'/>", "XML-SYNTAX", 2, 1),
        ("</Patient></Patient>", "XML-TRAILING", 2, 11),
        ("</Patient>x", "XML-TRAILING", 2, 11),
    ];
    for (content, rule, line, column) in inside {
        let mut xml = format!("<Patient xmlns=\"{FHIR}\">\n{content}");
        if !content.starts_with("</Patient>") {
            xml.push_str("</Patient>");
        } else if content.ends_with("</Patient>") {
            xml.truncate(xml.len() - "</Patient>".len());
            xml.push_str("<a/>");
        }
        refused(xml.as_bytes(), rule, *line, *column);
    }
    refused(b"\xff\xfe<\0a\0/\0>\0", "XML-ENCODING", 1, 1);
    refused(b"<a>\n\xe9</a>", "XML-ENCODING", 2, 1);
    refused(
        b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\xe9</a>",
        "XML-ENCODING",
        1,
        1,
    );
}

#[test]
fn limits() {
    let deep = format!("{}{}", "<item>".repeat(100_000), "</item>".repeat(100_000));
    let xml = format!("<Questionnaire xmlns=\"{FHIR}\">{deep}</Questionnaire>");
    let read = from_str::<Resource>(&xml).unwrap();
    assert!(read.issues.iter().any(|issue| issue.rule.id == "XML-DEPTH"));
    assert_eq!(
        from_str::<Resource>(&to_string(&read.value).value)
            .unwrap()
            .value,
        read.value
    );
    let options = ReadOptions::new().max_size(20);
    let error = from_slice_with::<Resource>(xml.as_bytes(), &options).unwrap_err();
    assert_eq!(error.rule().id, "XML-SIZE");
    let attributes: String = (0..50_000).map(|n| format!(" a{n}=''")).collect();
    let xml = format!("<Patient xmlns=\"{FHIR}\"{attributes}/>");
    assert!(from_str::<Resource>(&xml).is_ok());
}

#[test]
fn what_xml_has_no_form_for_is_left_out() {
    let left_out = |json: &str| {
        let read = healthcode_json::from_str::<Resource>(json).unwrap();
        let written = to_string(&read.value);
        // Whatever was left out, the rest can be read.
        from_str::<Resource>(&written.value).unwrap();
        let paths: Vec<String> = written.issues.into_iter().map(|issue| issue.path).collect();
        paths.join(" ")
    };
    let cases = [
        (r#"{"resourceType":"Patient","mood":1}"#, "Patient.mood"),
        (
            "{\"resourceType\":\"Patient\",\"language\":\"e\\u0001n\"}",
            "Patient.language",
        ),
        (
            r#"{"resourceType":"Patient","text":{"div":"<div><p></div>"}}"#,
            "Patient.text.div",
        ),
        (
            r#"{"resourceType":"Patient","text":{"div":"<div/><active value='true'/>"}}"#,
            "Patient.text.div",
        ),
        (
            r#"{"resourceType":"Patient","active":{"a":1}}"#,
            "Patient.active",
        ),
        (
            r#"{"resourceType":"Patient","name":{"text":"a"}}"#,
            "Patient.name",
        ),
        (
            r#"{"resourceType":"Patient","name":[{"given":[null,"a"]}]}"#,
            "Patient.name[0].given[0]",
        ),
        (
            r#"{"resourceType":"Patient","contained":[{"resourceType":"a b"}]}"#,
            "Patient.contained[0]",
        ),
        (
            r#"{"resourceType":"Patient","contained":[{"resourceType":"foo"}],"active":true}"#,
            "Patient.contained[0]",
        ),
        (r#"{"resourceType":"Patient","active":true}"#, ""),
    ];
    for (json, paths) in cases {
        assert_eq!(left_out(json), paths, "{json}");
    }
}

/// Texts that are nearly FHIR XML.
fn nearly_xml() -> impl Strategy<Value = String> {
    let parts = prop::sample::select(vec![
        "<Patient xmlns=\"http://hl7.org/fhir\">",
        "</Patient>",
        "<name>",
        "</name>",
        "<given value=\"a\"/>",
        "<given id='g'>",
        "</given>",
        "<active value=\"true\"/>",
        "<contained>",
        "</contained>",
        "<text>",
        "</text>",
        "<div xmlns=\"http://www.w3.org/1999/xhtml\">",
        "<h:div xmlns:h=\"http://www.w3.org/1999/xhtml\">",
        "</div>",
        "</h:div>",
        "<x:y xmlns:x='urn:x' x:z='1'/>",
        "<!-- c -->",
        "<?p i?>",
        "<![CDATA[d]]>",
        "&amp;",
        "&#10;",
        " ",
        "\r\n",
        "text",
        "<extension url='u'>",
        "</extension>",
        "<valueString value=' a&#9;'/>",
        "<mood a='1'>",
        "</mood>",
        "<Organization>",
        "</Organization>",
        "<",
        "&",
        "\u{1}",
    ]);
    prop::collection::vec(parts, 0..24).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    /// Whatever is read is the same after it was written and read again, and its issues have places.
    #[test]
    fn reading_is_stable(text in nearly_xml(), wrapped in any::<bool>()) {
        let xml = if wrapped { patient(&text) } else { text };
        let Ok(read) = from_str::<Resource>(&xml) else { return Ok(()) };
        for issue in &read.issues {
            prop_assert!(issue.position.unwrap().offset <= xml.len() as u64);
        }
        let once = to_string(&read.value);
        let again = from_str::<Resource>(&once.value);
        let again = again.map_err(|error| TestCaseError::fail(format!("{error}: {xml}\n{}", once.value)))?;
        prop_assert_eq!(&to_string(&again.value).value, &once.value, "{}", xml);
        prop_assert_eq!(
            healthcode_json::to_string(&again.value),
            healthcode_json::to_string(&read.value),
            "{}",
            xml
        );
    }
}
