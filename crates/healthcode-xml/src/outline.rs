//! [`outline`]: what a document has, without reading it as a resource.

use crate::scanner::{Scanner, Token};

/// Calls `each` as [`healthcode_json::outline`] does for the same resource in JSON: first `resourceType` with
/// the name of the root element, then the names of its children in their order, with their values where they
/// have one. Ends early once it returns false. `None` if the text is not well-formed XML as far as it was looked
/// at.
pub fn outline(xml: &[u8], each: &mut dyn FnMut(&str, Option<&str>) -> bool) -> Option<()> {
    let body = xml.strip_prefix(b"\xef\xbb\xbf").unwrap_or(xml);
    let text = simdutf8::basic::from_utf8(body).ok()?;
    let mut scanner = Scanner::new(text);
    scanner.prolog().ok()?;
    loop {
        let depth = scanner.depth();
        match scanner.next().ok()? {
            Token::Eof => return Some(()),
            Token::Start(tag) => {
                let goes_on = match depth {
                    0 => each("resourceType", Some(tag.local)),
                    1 => {
                        let mut attributes = scanner.attributes().iter();
                        let value = attributes.find(|attribute| attribute.name == "value");
                        let value = value.map(super::scanner::Attribute::decoded);
                        each(tag.local, value.as_deref())
                    }
                    _ => true,
                };
                if !goes_on {
                    return Some(());
                }
            }
            Token::End | Token::Text(_) => {}
        }
    }
}
