//! Rust names made from FHIR's.

use std::collections::BTreeMap;

use anyhow::{Result, bail, ensure};
use heck::{ToShoutySnakeCase, ToSnakeCase};

/// Words that cannot be names of fields or modules, of all editions.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// The name of the field or module for an element or definition: `type` is `type_`.
pub(super) fn field(name: &str) -> String {
    let snake = name.to_snake_case();
    if KEYWORDS.contains(&snake.as_str()) {
        snake + "_"
    } else {
        snake
    }
}

/// The name of a static: `Observation.value[x]` is `OBSERVATION_VALUE`.
pub(super) fn screaming(name: &str) -> String {
    name.trim_end_matches("[x]").to_shouty_snake_case()
}

/// `dateTime` as `DateTime`.
pub(super) fn capital(name: &str) -> String {
    let mut letters = name.chars();
    match letters.next() {
        Some(first) => first.to_ascii_uppercase().to_string() + letters.as_str(),
        None => String::new(),
    }
}

/// The name of the type declared for a path: `Observation.value[x]` is `ObservationValue`.
pub(super) fn type_name(path: &str) -> String {
    let path = path.trim_end_matches("[x]");
    path.split('.').map(capital).collect()
}

/// Codes made of symbols.
const SYMBOLS: &[(&str, &str)] = &[
    ("<", "LessThan"),
    ("<=", "LessOrEqual"),
    (">=", "GreaterOrEqual"),
    (">", "GreaterThan"),
    ("=", "Equal"),
    ("!=", "NotEqual"),
    ("+", "Plus"),
    ("-", "Minus"),
    ("*", "Star"),
];

/// The variant for a code: `entered-in-error` is `EnteredInError`, `HTTP-GET` is `HttpGet`, `4.0.1`
/// is `V4_0_1`, `12` is `N12`.
pub(super) fn variant(code: &str) -> Result<String> {
    if let Some((_, word)) = SYMBOLS.iter().find(|(symbol, _)| *symbol == code) {
        return Ok((*word).to_owned());
    }
    let mut name = String::new();
    for word in code.split(|c: char| !c.is_ascii_alphanumeric()) {
        let Some(first) = word.chars().next() else {
            continue;
        };
        let follows_digit = name.ends_with(|c: char| c.is_ascii_digit());
        if first.is_ascii_digit() && follows_digit {
            name.push('_');
        }
        let shouts = word.len() > 1 && !word.contains(|c: char| c.is_ascii_lowercase());
        if shouts {
            name.push_str(&capital(&word.to_ascii_lowercase()));
        } else {
            name.push_str(&capital(word));
        }
    }
    ensure!(!name.is_empty(), "no name for the code `{code}`");
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        let prefix = if code.contains('.') { 'V' } else { 'N' };
        name.insert(0, prefix);
    }
    if name == "Self" || name == "Unrecognized" {
        name.push_str("Code");
    }
    Ok(name)
}

/// The variants for codes, in their order. Where two would share a name, the later one gets a
/// number.
pub(super) fn variants<'a>(codes: impl IntoIterator<Item = &'a str>) -> Result<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    for code in codes {
        let plain = variant(code)?;
        let mut name = plain.clone();
        for number in 2.. {
            if !names.contains(&name) {
                break;
            }
            ensure!(number < 10, "no name for the code `{code}`");
            name = format!("{plain}{number}");
        }
        names.push(name);
    }
    Ok(names)
}

/// Names given out once each.
#[derive(Default)]
pub(super) struct Unique(BTreeMap<String, String>);

impl Unique {
    /// Takes `name` for `what`; an error if something else has it.
    pub(super) fn take(&mut self, name: &str, what: &str) -> Result<()> {
        if let Some(other) = self.0.insert(name.to_owned(), what.to_owned()) {
            bail!("`{other}` and `{what}` would both be named `{name}`");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_and_definitions() {
        assert_eq!(field("birthDate"), "birth_date");
        assert_eq!(field("type"), "type_");
        assert_eq!(field("carrierAIDC"), "carrier_aidc");
        assert_eq!(field("lethalDose50"), "lethal_dose50");
        assert_eq!(field("RTCPeer"), "rtc_peer");
        assert_eq!(
            screaming("Observation.component.value[x]"),
            "OBSERVATION_COMPONENT_VALUE"
        );
        assert_eq!(screaming("dom-2"), "DOM_2");
        assert_eq!(
            type_name("Observation.component.value[x]"),
            "ObservationComponentValue"
        );
    }

    #[test]
    fn codes() {
        let names = |codes: &[&str]| variants(codes.iter().copied()).unwrap();
        assert_eq!(
            names(&["entered-in-error", "GET", "h"]),
            ["EnteredInError", "Get", "H"]
        );
        assert_eq!(names(&["<", ">="]), ["LessThan", "GreaterOrEqual"]);
        assert_eq!(names(&["4.0.1", "0.11", "12"]), ["V4_0_1", "V0_11", "N12"]);
        assert_eq!(
            names(&["CodeableConcept", "MORN.early"]),
            ["CodeableConcept", "MornEarly"]
        );
        assert_eq!(names(&["a-b", "a.b", "aB"]), ["AB", "AB2", "AB3"]);
        assert_eq!(
            names(&["unrecognized", "self"]),
            ["UnrecognizedCode", "SelfCode"]
        );
        assert!(variant("??").is_err());
    }

    #[test]
    fn names_are_given_once() {
        let mut names = Unique::default();
        names.take("A", "a").unwrap();
        let error = names.take("A", "b").unwrap_err().to_string();
        assert_eq!(error, "`a` and `b` would both be named `A`");
    }
}
