//! The row of the table of payload defects that is about narratives.

use crate::check;

/// A patient with this narrative, which begins on line 2.
fn patient(text: &str) -> String {
    format!("{{\"resourceType\":\"Patient\",\"text\":{{\"status\":\"generated\",\n{text}}}}}")
}

fn div(inner: &str) -> String {
    let div = format!("<div xmlns='http://www.w3.org/1999/xhtml'>{inner}</div>");
    patient(&format!("\"div\":\"{div}\""))
}

/// Row 45: what is wrong, and where inside the string.
#[test]
fn narratives() {
    let at = |rule, column: u64| [(rule, "Patient.text.div", 2, column)];
    // The narrative's content begins in column 50.
    let inner = |rule, ahead: u64| at(rule, 50 + ahead);
    check(&div("<p>x</p>"), &[]);
    check(
        &patient("\"id\":\"x\""),
        &[("R4-REQUIRED", "Patient.text.div", 1, 34)],
    );
    check(&div(" \\n"), &at("txt-2", 7));
    check(&div("x<script>SECRET</script>"), &inner("txt-1", 1));
    check(&div("x<style>SECRET</style>"), &inner("txt-1", 1));
    check(&div("<p onclick='SECRET'>x</p>"), &inner("txt-1", 3));
    check(
        &div("\\u00e4\\n\\\"x\\ud83d\\ude00<SECRET/>"),
        &inner("txt-1", 23),
    );
    check(&div("x &reg; y"), &inner("R4-NARRATIVE-ENTITY", 2));
    check(&div("ä &reg; y"), &inner("R4-NARRATIVE-ENTITY", 2));
    check(&div("<p>x"), &inner("R4-NARRATIVE-XML", 4));
    check(&div("<p>x</b>"), &inner("R4-NARRATIVE-XML", 4));
    check(&div("x\\u0001"), &inner("R4-CONTROL-CHARACTER", 1));
    let bare = |div: &str| patient(&format!("\"div\":\"{div}\""));
    check(&bare("<div>x</div>"), &at("R4-NARRATIVE-DIV", 7));
    check(&bare("x"), &at("R4-NARRATIVE-DIV", 7));
    check(&bare(""), &at("R4-EMPTY-STRING", 7));
}

/// Elements where they are not allowed, which hide nothing else.
#[test]
fn contents() {
    let at = |rule, ahead: u64| (rule, "Patient.text.div", 2, 50 + ahead);
    check(
        &div("<table><p>SECRET</p></table>"),
        &[at("R4-NARRATIVE-CONTENT", 7)],
    );
    check(
        &div("<ul>SECRET</ul><li>x</li><script/>"),
        &[at("R4-NARRATIVE-CONTENT", 4), at("txt-1", 25)],
    );
    check(&div("<ul><li>x<p>y</p></li></ul>"), &[]);
}

/// Images that are said to be in the resource.
#[test]
fn images() {
    let with = |source: &str, more: &str| {
        let text = div(&format!("<img alt='x' src='{source}'/>"));
        let text = text.strip_suffix('}').expect("an object");
        format!("{text}{more}}}")
    };
    let missing = [("R4-NARRATIVE-IMAGE", "Patient.text.div", 2, 63)];
    check(&with("#SECRET", ""), &missing);
    check(&with("#", ""), &missing);
    check(
        &with("#b", ",\"photo\":[{\"id\":\"a\"}]"),
        &[missing[0], ("ele-1", "Patient.photo[0]", 2, 91)],
    );
    for source in [
        "http://a.b/x.png",
        "data:image/png;base64,QUJD",
        "Binary/1",
        "x.png#y",
    ] {
        check(&with(source, ""), &[]);
    }
    let photo = ",\"photo\":[{\"id\":\"pic\",\"title\":\"x\"}]";
    check(&with("#pic", photo), &[]);
    check(
        &with(
            "#pic",
            ",\"_birthDate\":{\"id\":\"pic\",\"extension\":[{\"url\":\"http://a.b\",\"valueCode\":\"x\"}]}",
        ),
        &[],
    );
    let contained = ",\"generalPractitioner\":[{\"reference\":\"#pic\"}],\"contained\":[{\"resourceType\":\"Organization\",\"id\":\"pic\",\"name\":\"x\"}]";
    check(&with("#pic", contained), &[]);
}

/// XHTML has no extensions; it may have an id.
#[test]
fn extensions() {
    let with = |metadata: &str| {
        patient(&format!(
            "\"div\":\"<div xmlns='http://www.w3.org/1999/xhtml'>x</div>\",\n\"_div\":{metadata}"
        ))
    };
    let extension = "{\"extension\":[{\"url\":\"http://a.b\",\"valueString\":\"SECRET\"}]}";
    let at = [("R4-MAXIMUM", "Patient.text.div.extension", 3, 21)];
    check(&with(extension), &at);
    check(&with("{\"id\":\"x\"}"), &[]);
}
