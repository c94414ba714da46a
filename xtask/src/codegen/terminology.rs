//! The tables of `healthcode-validate`: value sets and their codes, which codes the standard's code
//! systems have, and the standard's own extensions.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};

use super::output::Output;
use super::profiles;
use crate::spec::facts::{ElementFact, ExtensionFact, Facts, Max, Strength, TypeRef};
use crate::spec::hash;

/// The files of the tables.
pub(super) fn output(facts: &Facts) -> Result<Output> {
    let mut output = Output::default();
    output.add("codes.rs", &codes(facts)?);
    output.add("systems.rs", &systems(facts)?);
    output.add("extensions.rs", &extensions(facts)?);
    output.add("profiles.rs", &profiles::profiles(facts)?);
    output.add(
        "mod.rs",
        "//! Tables made from the definitions.\n\n\
         // Offsets and texts are for programs.\n\
         #![allow(\n    clippy::doc_markdown,\n    clippy::needless_raw_string_hashes,\n    clippy::unreadable_literal\n)]\n\n\
         pub(crate) mod codes;\npub(crate) mod extensions;\npub(crate) mod profiles;\npub(crate) mod systems;",
    );
    Ok(output)
}

/// The order of codes in the tables: the shorter first.
fn order(code: &str) -> (usize, &str) {
    (code.len(), code)
}

/// All codes as one text, with the offsets at which they begin, and value sets as lists of indexes.
fn codes(facts: &Facts) -> Result<String> {
    let mut all: Vec<&str> = facts.codes.iter().map(|code| code.code.as_str()).collect();
    all.sort_unstable_by_key(|code| order(code));
    all.dedup();
    ensure!(
        all.len() < usize::from(u16::MAX),
        "more codes than 16 bits number"
    );
    let mut sets: BTreeMap<&str, BTreeMap<&str, BTreeSet<usize>>> = BTreeMap::new();
    for fact in &facts.codes {
        let index = all
            .binary_search_by_key(&order(&fact.code), |code| order(code))
            .map_err(|_| anyhow::anyhow!("a code is lost"))?;
        let systems = sets.entry(&fact.value_set).or_default();
        systems.entry(&fact.system).or_default().insert(index);
    }
    let mut out = String::from(
        "//! Value sets and their codes.\n\nuse crate::binding::Systems;\n\n/// All codes, those of fewer bytes first.\n#[rustfmt::skip]\npub(crate) static TEXT: &str = \"\\\n",
    );
    let mut offsets = vec![0];
    let mut line = String::new();
    for code in &all {
        // A backslash at the end of a line swallows the white space that begins the next.
        if line.len() > 90 && !code.starts_with(' ') {
            let _ = writeln!(out, "{line}\\");
            line.clear();
        }
        line.extend(code.escape_default());
        offsets.push(offsets.last().copied().unwrap_or_default() + code.len());
    }
    let _ = writeln!(out, "{line}\";\n");
    out.push_str("/// Where each code begins in the text; the last is where the text ends.\n");
    numbers(&mut out, "OFFSETS", "u32", &offsets);
    out.push_str(
        "\n/// By URL, the value sets whose codes are all known: for each code system the indexes of\n\
         /// their codes, in order.\n#[rustfmt::skip]\n\
         pub(crate) static VALUE_SETS: &[(&str, Systems)] = &[\n",
    );
    for (url, systems) in &sets {
        let _ = writeln!(out, "    ({url:?}, &[");
        for (system, indexes) in systems {
            let indexes: Vec<_> = indexes.iter().map(usize::to_string).collect();
            let _ = writeln!(out, "        ({system:?}, &[{}]),", indexes.join(","));
        }
        out.push_str("    ]),\n");
    }
    out.push_str("];\n");
    Ok(out)
}

/// Code systems by URL with the hashes of their codes, and of their codes with names.
fn systems(facts: &Facts) -> Result<String> {
    let mut hashes: Vec<u32> = Vec::new();
    let mut names: Vec<u32> = Vec::new();
    let mut urls = String::new();
    let mut offsets = vec![0];
    let mut rows = String::new();
    let mut systems: Vec<_> = facts.systems.iter().collect();
    systems.sort_by_key(|system| order(&system.url));
    for system in systems {
        let codes = system.codes.iter();
        let own: BTreeSet<_> = codes
            .map(|code| hash::code(code, system.case_sensitive))
            .collect();
        let start = hashes.len();
        hashes.extend(own);
        let first = names.len();
        for name in &system.names {
            names.push(u32::from_str_radix(name, 16).with_context(|| system.url.clone())?);
        }
        let _ = writeln!(
            rows,
            "    ({start}, {}, {first}, {}, {}),",
            hashes.len(),
            names.len(),
            system.case_sensitive
        );
        let _ = writeln!(urls, "{}\\", system.url.escape_default());
        offsets.push(offsets.last().copied().unwrap_or_default() + system.url.len());
    }
    let mut out = format!(
        "//! Code systems of which all codes are known.\n\n\
         /// Their URLs, those of fewer bytes first.\n#[rustfmt::skip]\n\
         pub(crate) static URLS: &str = \"\\\n{urls}\";\n\n\
         /// Where each URL begins in the text; the last is where the text ends.\n"
    );
    numbers(&mut out, "OFFSETS", "u32", &offsets);
    let _ = write!(
        out,
        "\n/// For each system where its hashes begin and end, those of its names, and whether case matters.\n\
         #[rustfmt::skip]\npub(crate) static SYSTEMS: &[(u16, u16, u16, u16, bool)] = &[\n{rows}];\n\n\
         /// FNV-1a hashes of codes, in order for each system.\n"
    );
    numbers(&mut out, "HASHES", "u32", &hashes);
    out.push_str(
        "\n/// FNV-1a hashes of codes with their names in lower case without white space, in order for\n\
         /// each system; of a code without a name, of the code with none.\n",
    );
    numbers(&mut out, "NAMES", "u32", &names);
    Ok(out)
}

/// A static of numbers.
fn numbers<T: ToString>(out: &mut String, name: &str, kind: &str, values: &[T]) {
    let _ = writeln!(
        out,
        "#[rustfmt::skip]\npub(crate) static {name}: &[{kind}] = &["
    );
    for row in values.chunks(16) {
        let row: Vec<_> = row.iter().map(ToString::to_string).collect();
        let _ = writeln!(out, "    {},", row.join(","));
    }
    out.push_str("];\n");
}

/// The standard's extensions, by the order of their URLs.
fn extensions(facts: &Facts) -> Result<String> {
    let mut out = String::from(
        "//! The standard's own extensions.\n\nuse crate::extension::Definition as D;\n\n\
         /// By URL, those of fewer bytes first.\n#[rustfmt::skip]\npub(crate) static EXTENSIONS: &[D] = &[\n",
    );
    let mut all: Vec<_> = facts.extensions.iter().collect();
    all.sort_by_key(|extension| order(&extension.url));
    for fact in all {
        let row = extension(facts, fact).with_context(|| fact.url.clone())?;
        let _ = writeln!(out, "    {row},");
    }
    out.push_str("];\n");
    Ok(out)
}

/// Places where the standard itself has its extensions although their definitions do not say so: the
/// official definitions of 4.0.1 are full of them, and later versions widened most of these contexts.
const WIDER: Wider = &[
    (
        "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type",
        &["ElementDefinition.type"],
    ),
    (
        "http://hl7.org/fhir/StructureDefinition/regex",
        &["ElementDefinition.type"],
    ),
    (
        "http://hl7.org/fhir/StructureDefinition/structuredefinition-normative-version",
        &[
            "CodeSystem",
            "ElementDefinition",
            "OperationDefinition",
            "ValueSet",
        ],
    ),
    (
        "http://hl7.org/fhir/StructureDefinition/valueset-concept-comments",
        &["CodeSystem.concept"],
    ),
    (
        "http://hl7.org/fhir/StructureDefinition/translation",
        &["ValueSet.expansion.contains"],
    ),
];

/// Where elements are wider than their definitions: URLs of extensions, and their further contexts.
type Wider = &'static [(&'static str, &'static [&'static str])];

fn columns(facts: &Facts, fact: &ExtensionFact, wider: Wider) -> Result<Packed> {
    let contexts = fact.contexts.iter().map(|place| context(facts, place));
    let mut contexts: BTreeSet<_> = contexts.collect();
    let wider = wider.iter().filter(|(url, _)| *url == fact.url);
    for place in wider.flat_map(|(_, places)| *places) {
        let is_new = contexts.insert((*place).to_owned());
        ensure!(
            is_new,
            "the definition has the context {place}: take it out of WIDER"
        );
    }
    let contexts: Vec<_> = contexts.into_iter().collect();
    let codes = |types: &[TypeRef]| {
        let codes = types.iter().map(|type_ref| type_ref.code.as_str());
        codes.collect::<Vec<_>>().join(";")
    };
    let types = codes(&fact.types);
    let parts = fact.parts.iter().map(|part| {
        let (max, types) = (max(part.max), codes(&part.types));
        format!("{}|{}|{max}|{types}", part.url, part.min)
    });
    let parts: Vec<_> = parts.collect();
    ensure!(
        !types.is_empty() || !parts.is_empty(),
        "neither value nor parts"
    );
    Ok(Packed {
        contexts: contexts.join(","),
        types,
        parts: parts.join(" "),
    })
}

/// The columns of an extension that the validator reads as texts.
struct Packed {
    contexts: String,
    types: String,
    parts: String,
}

/// An extension as an expression.
fn extension(facts: &Facts, fact: &ExtensionFact) -> Result<String> {
    let packed = columns(facts, fact, WIDER)?;
    let mut row = format!(
        "D::new({:?}, {}, {:?}, {:?}, {:?})",
        fact.url,
        max(fact.max),
        packed.contexts,
        packed.types,
        packed.parts
    );
    if fact.is_modifier {
        row.push_str(".modifier()");
    }
    if let Some(expression) = &fact.context_invariant {
        write!(row, ".where_true({expression:?})")?;
    }
    if let (Some(strength), Some(url)) = (fact.strength, &fact.value_set) {
        match strength {
            Strength::Required => write!(row, ".required({url:?})")?,
            Strength::Extensible => write!(row, ".extensible({url:?})")?,
            _ => {}
        }
    }
    Ok(row)
}

/// An extension as a record: URL, greatest number (0 for any), whether it modifies, contexts, rule of
/// the context, types, parts, strength of the binding (`r`, `e` or none), value set.
pub(super) fn packed_extension(facts: &Facts, fact: &ExtensionFact) -> Result<String> {
    let version = facts.source.iter().find(|fact| fact.key == "version");
    // R4B's definitions have the contexts of R4's.
    let wider = match version {
        Some(version) if version.value == "4.3.0" => WIDER,
        _ => &[],
    };
    let packed = columns(facts, fact, wider)?;
    let strength = match fact.strength {
        Some(Strength::Required) => "r",
        Some(Strength::Extensible) => "e",
        _ => "",
    };
    let columns = [
        fact.url.as_str(),
        &max(fact.max).to_string(),
        if fact.is_modifier { "1" } else { "0" },
        &packed.contexts,
        fact.context_invariant.as_deref().unwrap_or_default(),
        &packed.types,
        &packed.parts,
        strength,
        fact.value_set.as_deref().unwrap_or_default(),
    ];
    Ok(columns.join("\t"))
}

/// The greatest number of occurrences; 0 stands for any.
fn max(max: Max) -> u32 {
    match max {
        Max::Count(count) => count,
        Max::Unbounded => 0,
    }
}

/// A context as the validator names places: by the type or backbone that has the element, and by no
/// path that leads through another type or the content of another element.
fn context(facts: &Facts, context: &str) -> String {
    if context.contains(':') {
        return context.to_owned();
    }
    let mut steps = context.split('.');
    let mut place = steps.next().unwrap_or_default().to_owned();
    for step in steps {
        let element = find(facts, &place).filter(|_| place.contains('.'));
        // What is a type of its own, or has the content of another element, is named by that.
        if let Some([only]) = element.map(|element| element.types.as_slice())
            && !matches!(only.code.as_str(), "BackboneElement" | "Element")
        {
            place = only.code.clone();
        }
        place = format!("{place}.{step}");
        let element = find(facts, &place);
        if let Some(shared) = element.and_then(|element| element.content_reference.as_ref()) {
            place = shared.trim_start_matches('#').to_owned();
        }
    }
    place
}

fn find<'a>(facts: &'a Facts, path: &str) -> Option<&'a ElementFact> {
    facts.elements.iter().find(|element| element.path == path)
}
