//! Parts of a document as texts that mean the same outside it.

use crate::lexical::forbidden_character;
use crate::scanner::{FHIR, Scanner, Token};
use std::borrow::Cow;
use std::fmt::Write;

/// A part of a document as a text that means the same where FHIR's is the default namespace: names without
/// prefix, and the namespaces that are not declared in the part declared.
///
/// A part that needs no change is given as it is, but for line ends (XML 1.0 section 2.11).
pub(crate) fn fragment<'x>(source: &'x str, bindings: &[(&'x str, &'x str)]) -> Cow<'x, str> {
    let default = bindings.iter().rfind(|(prefix, _)| prefix.is_empty());
    let default = default.map_or("", |(_, namespace)| namespace);
    let xml = if is_plain(source, default) {
        Cow::Borrowed(source)
    } else {
        Cow::Owned(rewritten(source, bindings))
    };
    if xml.contains('\r') {
        return Cow::Owned(xml.replace("\r\n", "\n").replace('\r', "\n"));
    }
    xml
}

/// Whether no name of a part has a prefix, and its outermost elements are in FHIR's namespace or declare theirs.
fn is_plain(source: &str, default: &str) -> bool {
    let mut scanner = Scanner::part(source, default);
    let mut top = true;
    loop {
        match scanner.next() {
            Ok(Token::Start(tag)) => {
                // What stands outermost is in the namespace around it, or declares its own.
                let declares = scanner
                    .attributes()
                    .iter()
                    .any(|attribute| attribute.name == "xmlns");
                if top && tag.namespace != FHIR && !declares {
                    return false;
                }
                top = top && tag.empty;
                let prefixed = |name: &str| name.contains(':') && !name.starts_with("xml:");
                let mut attributes = scanner.attributes().iter();
                if prefixed(tag.name) || attributes.any(|attribute| prefixed(attribute.name)) {
                    return false;
                }
            }
            Ok(Token::End) => top = scanner.depth() == 0,
            Ok(Token::Text(_)) => {}
            Ok(Token::Eof) => return true,
            // A prefix that is declared outside.
            Err(_) => return false,
        }
    }
}

/// A part with names without prefixes.
fn rewritten<'x>(source: &'x str, bindings: &[(&'x str, &'x str)]) -> String {
    let mut scanner = Scanner::part(source, "");
    for (prefix, namespace) in bindings {
        scanner.declared_outside(prefix, namespace);
    }
    let mut out = String::with_capacity(source.len());
    // The default namespaces that are in force in what is written, and the names that are open.
    let mut defaults = vec![FHIR];
    let mut names: Vec<&str> = Vec::new();
    let mut written = 0;
    while let Ok(token) = scanner.next() {
        match token {
            Token::Start(tag) => {
                out.push_str(text_between(source, written, tag.at));
                let _ = write!(out, "<{}", tag.local);
                if defaults.last() != Some(&tag.namespace) {
                    let _ = write!(out, " xmlns=\"{}\"", tag.namespace);
                }
                for attribute in scanner.attributes() {
                    if attribute.is_declaration() {
                        continue;
                    }
                    if let Some((prefix, _)) = attribute.name.split_once(':')
                        && prefix != "xml"
                    {
                        let namespace = scanner.namespace(prefix).unwrap_or_default();
                        let _ = write!(out, " xmlns:{prefix}=\"{namespace}\"");
                    }
                    let _ = write!(out, " {}", attribute.source(source));
                }
                out.push_str(if tag.empty { "/>" } else { ">" });
                if !tag.empty {
                    defaults.push(tag.namespace);
                    names.push(tag.local);
                }
            }
            Token::End => {
                let end = source[..scanner.at()].rfind("</").unwrap_or(written);
                out.push_str(text_between(source, written, end));
                defaults.pop();
                let _ = write!(out, "</{}>", names.pop().unwrap_or_default());
            }
            Token::Text(text) => {
                out.push_str(text_between(source, written, scanner.at() - text.len()));
                out.push_str(text);
            }
            Token::Eof => {
                out.push_str(text_between(source, written, source.len()));
                break;
            }
        }
        written = scanner.at();
    }
    out
}

/// White space, comments and the like between two tokens.
fn text_between(source: &str, from: usize, to: usize) -> &str {
    source.get(from..to).unwrap_or_default()
}

/// Whether a text is one well-formed element, with white space around it at most, that means the same in any
/// document.
pub(crate) fn is_one_element(text: &str) -> bool {
    let mut scanner = Scanner::part(text, "");
    if !text.trim_ascii_start().starts_with('<') || text.starts_with("<?xml") {
        return false;
    }
    if forbidden_character(text).is_some() {
        return false;
    }
    let mut elements = 0;
    loop {
        let outermost = scanner.depth() == 0;
        match scanner.next() {
            Ok(Token::Start(_)) if outermost => elements += 1,
            Ok(Token::Text(_)) if outermost => return false,
            Ok(Token::Eof) => return elements == 1,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}
