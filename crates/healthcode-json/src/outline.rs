//! [`outline`]: what an object has, without reading it as a resource.

use crate::cursor::{Cursor, Step};

/// Calls `each` with the members of an object in their order: the name, and the value where it is a string. Ends
/// early once it returns false. `None` if the text is not an object, or is not JSON as far as it was looked at.
///
/// ```
/// let json = br#"{"resourceType":"ValueSet","compose":{"include":[]},"url":"http:\/\/a.example"}"#;
/// let mut seen = Vec::new();
/// healthcode_json::outline(json, &mut |name, text| {
///     seen.push(format!("{name} {}", text.unwrap_or("-")));
///     true
/// });
/// assert_eq!(seen, ["resourceType ValueSet", "compose -", "url http://a.example"]);
/// ```
pub fn outline(json: &[u8], each: &mut dyn FnMut(&str, Option<&str>) -> bool) -> Option<()> {
    let body = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
    let text = simdutf8::basic::from_utf8(body).ok()?;
    members(&mut Cursor::new(text), each).ok()
}

fn members(cursor: &mut Cursor<'_>, each: &mut dyn FnMut(&str, Option<&str>) -> bool) -> Step<()> {
    if !cursor.take(b'{') {
        return cursor.fail(&healthcode_core::rules::FHIR_NOT_OBJECT);
    }
    let mut more = cursor.first_member()?;
    while more {
        let quoted = cursor.quoted()?;
        let name = cursor.decoded(quoted).to_owned();
        cursor.colon()?;
        let goes_on = if cursor.peek() == b'"' {
            let value = cursor.quoted()?;
            each(&name, Some(cursor.decoded(value)))
        } else {
            cursor.skip()?;
            each(&name, None)
        };
        if !goes_on {
            return Ok(());
        }
        more = cursor.next_member()?;
    }
    cursor.end()
}
