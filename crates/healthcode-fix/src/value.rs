//! Corrections of the values of primitives.

use crate::change::{Change, Correction, sibling, split};
use crate::source::{Corrector, Source};
use crate::{date, xml};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use healthcode_core::{Detail, Issue, PrimitiveKind, Released, lexical};
use healthcode_r4::schema::R4;
use healthcode_validate::facts;

/// What corrects issues, by the ids of their rules.
pub(crate) const CORRECTORS: &[(&str, Corrector)] = &[
    ("R4-DATE", date),
    ("R4-DATETIME", date),
    ("R4-INSTANT", date),
    ("R4-TIME", padding),
    ("R4-PADDED-STRING", padding),
    ("R4-CODE", padding),
    ("R4-ID", padding),
    ("R4-URI", padding),
    ("R4-OID", padding),
    ("R4-UUID", uuid),
    ("R4-BINDING-REQUIRED", required_code),
    ("R4-BINDING-EXTENSIBLE", other_code),
    ("R4-BINDING-MAXIMUM", other_code),
    ("R4-CODE-SYSTEM-UNKNOWN-CODE", system_code),
    ("R4-CODING-DISPLAY", display),
    ("R4-CODING-SYSTEM-MISSPELT", misspelt),
    ("R4-CODING-SYSTEM-IS-VALUE-SET", value_set),
    ("R4-FULL-URL", full_url),
    ("R4-FULL-URL-MISSING", full_url),
    ("bdl-8", version_of_full_url),
    ("R4-ATTACHMENT-BASE64-TWICE", encoded_twice),
    ("HC-BASE64-TWICE", encoded_twice),
    ("HC-DOTTED-DATE", dotted_date),
];

/// The change that writes another text in the place of an issue.
fn rewritten(source: &Source<'_>, issue: &Issue, text: &str) -> Option<Vec<Change>> {
    Some(vec![source.replace(&issue.pointer, text)?])
}

/// The primitive type that a rule is about.
fn kind(issue: &Issue) -> PrimitiveKind {
    match issue.rule.id {
        "R4-DATE" => PrimitiveKind::Date,
        "R4-DATETIME" => PrimitiveKind::DateTime,
        "R4-INSTANT" => PrimitiveKind::Instant,
        "R4-TIME" => PrimitiveKind::Time,
        "R4-CODE" => PrimitiveKind::Code,
        "R4-ID" => PrimitiveKind::Id,
        "R4-URI" => PrimitiveKind::Uri,
        "R4-OID" => PrimitiveKind::Oid,
        _ => PrimitiveKind::String,
    }
}

fn padding(source: &Source<'_>, issue: &Issue) -> Option<Correction> {
    let text = source.text_at(&issue.pointer)?;
    let bare = text.trim();
    if bare == text || bare.is_empty() || lexical::check(kind(issue), bare).is_err() {
        return None;
    }
    Correction::safe(
        "leave out the white space around the value",
        rewritten(source, issue, bare)?,
    )
}

fn date(source: &Source<'_>, issue: &Issue) -> Option<Correction> {
    let text = source.text_at(&issue.pointer)?;
    let bare = text.trim();
    if let Some(padded) = date::padded(bare) {
        lexical::check(kind(issue), &padded).ok()?;
        return Correction::safe(
            "write month and day with two digits",
            rewritten(source, issue, &padded)?,
        );
    }
    padding(source, issue).or_else(|| dotted_date(source, issue))
}

fn dotted_date(source: &Source<'_>, issue: &Issue) -> Option<Correction> {
    let text = date::undotted(source.text_at(&issue.pointer)?.trim())?;
    lexical::check(PrimitiveKind::Date, &text).ok()?;
    let message = "write the date as year, month and day; the day is taken to come first";
    Correction::guess(message, rewritten(source, issue, &text)?)
}

fn uuid(source: &Source<'_>, issue: &Issue) -> Option<Correction> {
    let text = source.text_at(&issue.pointer)?;
    let lower = text.trim().to_ascii_lowercase();
    lexical::check(PrimitiveKind::Uuid, &lower).ok()?;
    let mut changes = source.lower_references(&lower);
    changes.push(source.replace(&issue.pointer, &lower)?);
    Correction::safe(
        "write the UUID in lower case, and references to it",
        changes,
    )
}

/// The code of an issue's detail, if it differs from what is written by case alone.
fn of_other_case(source: &Source<'_>, issue: &Issue) -> Option<&'static str> {
    let nearest = match issue.detail {
        Detail::Nearest(code) => code,
        Detail::OneOf { nearest, .. } => nearest?,
        _ => return None,
    };
    let text = source.text_at(&issue.pointer)?;
    (nearest != text && nearest.eq_ignore_ascii_case(&text)).then_some(nearest)
}

fn required_code(source: &Source<'_>, issue: &Issue) -> Option<Correction> {
    let code = of_other_case(source, issue)?;
    Correction::safe(
        "write the code in the case of the value set",
        rewritten(source, issue, code)?,
    )
}

fn other_code(source: &Source<'_>, issue: &Issue) -> Option<Correction> {
    let code = of_other_case(source, issue)?;
    let message = "write the code in the case of the value set; another code may be meant";
    Correction::guess(message, rewritten(source, issue, code)?)
}

fn system_code(source: &Source<'_>, issue: &Issue) -> Option<Correction> {
    let code = source.text_at(&issue.pointer)?;
    let system = source.text_at(&sibling(&issue.pointer, "system")?)?;
    let mut words = code.chars();
    let capital = words.next()?.to_ascii_uppercase();
    let capitalized = format!("{capital}{}", words.as_str().to_ascii_lowercase());
    let forms = [
        code.to_ascii_lowercase(),
        code.to_ascii_uppercase(),
        capitalized,
    ];
    let has = |form: &&String| {
        **form != code && facts::system_has(R4::release(), &system, form) == Some(true)
    };
    let mut found: Vec<&String> = forms.iter().filter(has).collect();
    found.dedup();
    let [only] = found[..] else {
        return None;
    };
    let message = "write the code in the case of the code system; another code may be meant";
    Correction::guess(message, rewritten(source, issue, only)?)
}

fn display(source: &Source<'_>, issue: &Issue) -> Option<Correction> {
    let change = source.remove(&issue.pointer, 0).or_else(|| {
        // An element of XML with a value is no empty one.
        let element = source.xml()?.at(&issue.pointer, 0)?;
        xml::outer(source.bytes, element)
    })?;
    Correction::guess(
        "leave out the display; the code may be what is wrong",
        vec![change],
    )
}

fn encoded_twice(source: &Source<'_>, issue: &Issue) -> Option<Correction> {
    let mut text = source.text_at(&issue.pointer)?;
    text.retain(|c| !c.is_ascii_whitespace());
    let once = String::from_utf8(STANDARD.decode(text).ok()?).ok()?;
    lexical::check(PrimitiveKind::Base64Binary, &once).ok()?;
    let message = "write base64 of the content once; the content may be base64 itself";
    Correction::guess(message, rewritten(source, issue, &once)?)
}

fn misspelt(source: &Source<'_>, issue: &Issue) -> Option<Correction> {
    let text = source.text_at(&issue.pointer)?;
    let spelt = facts::assigned_system(&text)?;
    let message = "write the code system's URL as the standard does";
    Correction::safe(message, rewritten(source, issue, &spelt)?)
}

fn value_set(source: &Source<'_>, issue: &Issue) -> Option<Correction> {
    let url = source.text_at(&issue.pointer)?;
    let code = source.text_at(&sibling(&issue.pointer, "code")?)?;
    let codes = facts::codes(R4::release(), &url)?;
    let mut systems = codes.iter().filter(|(_, known)| **known == *code);
    let (system, _) = systems.next()?;
    if systems.next().is_some() {
        return None;
    }
    let message = "write the code system of the code instead of the value set";
    Correction::safe(message, rewritten(source, issue, system)?)
}

/// The base of the addresses that the entries of a Bundle have, if it is the same for all.
fn base_of_entries(source: &Source<'_>, bundle: &str) -> Option<String> {
    let list = format!("{bundle}/entry");
    let mut found: Option<String> = None;
    for index in 0..source.count(&list) {
        let entry = format!("{list}/{index}");
        let Some(url) = source.text_at(&format!("{entry}/fullUrl")) else {
            continue;
        };
        if !url.starts_with("http://") && !url.starts_with("https://") {
            continue;
        }
        let kind = source.resource_type(&format!("{entry}/resource"))?;
        let id = source.text_at(&format!("{entry}/resource/id"))?;
        let base = url.strip_suffix(&format!("/{kind}/{id}"))?;
        if found.as_deref().is_some_and(|other| other != base) {
            return None;
        }
        found = Some(base.to_owned());
    }
    found
}

/// Writes the full URL of an entry in a Bundle whose other entries all have addresses of one server.
fn full_url(source: &Source<'_>, issue: &Issue) -> Option<Correction> {
    let entry = match issue.pointer.strip_suffix("/fullUrl") {
        Some(entry) => entry,
        None => &issue.pointer,
    };
    let (bundle, _) = split(entry).and_then(|(list, _)| split(list))?;
    let is_restful = source.text_at(&format!("{bundle}/type"))?;
    if !matches!(is_restful.as_str(), "searchset" | "history") {
        return None;
    }
    let kind = source.resource_type(&format!("{entry}/resource"))?;
    let id = source.text_at(&format!("{entry}/resource/id"))?;
    lexical::check(PrimitiveKind::Id, &id).ok()?;
    let base = source.base_of(bundle, || base_of_entries(source, bundle))?;
    let address = format!("{base}/{kind}/{id}");
    let message = "write the address that the entry has on the server of the other entries";
    match source.text_at(&format!("{entry}/fullUrl")) {
        Some(relative) if relative == format!("{kind}/{id}") => {
            Correction::safe(message, rewritten(source, issue, &address)?)
        }
        Some(_) => None,
        None => {
            let change = source.insert_first(entry, "fullUrl", &address)?;
            Correction::safe(message, vec![change])
        }
    }
}

fn version_of_full_url(source: &Source<'_>, issue: &Issue) -> Option<Correction> {
    let pointer = if issue.pointer.ends_with("/fullUrl") {
        issue.pointer.clone()
    } else {
        format!("{}/fullUrl", issue.pointer)
    };
    let text = source.text_at(&pointer)?;
    let (bare, version) = text.split_once("/_history/")?;
    if version.contains(['/', '?', '#']) {
        return None;
    }
    let change = source.replace(&pointer, bare)?;
    Correction::safe("leave the version out of the full URL", vec![change])
}
