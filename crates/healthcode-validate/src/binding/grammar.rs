//! Codes of systems that no list can hold, by their grammars: MIME types, languages, units.

use crate::uri::is_absolute;

/// Whether a text has the form of a MIME type: RFC 6838 names, RFC 2045 parameters.
///
/// A wildcard subtype or type (`image/*`) is no MIME type.
pub(crate) fn is_mime_type(text: &str) -> bool {
    let mut parts = text.split(';');
    let essence = parts.next().unwrap_or_default().trim_end_matches(' ');
    let names = essence
        .split_once('/')
        .is_some_and(|(kind, subtype)| is_name(kind) && is_name(subtype));
    names && are_parameters(text.get(essence.len()..).unwrap_or_default())
}

/// RFC 6838 section 4.2: `restricted-name`.
fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    text.len() <= 127
        && bytes.next().is_some_and(|b| b.is_ascii_alphanumeric())
        && bytes.all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
}

/// RFC 2045 section 5.1: `*(";" parameter)`, with white space around; a last `;` is let pass, and so is
/// the URL of a canonicalization without quotes, as FHIR R4 signatures.html writes it.
fn are_parameters(text: &str) -> bool {
    let mut rest = text.trim_matches(' ');
    while let Some(after) = rest.strip_prefix(';') {
        let parameter = after.trim_start_matches(' ');
        if parameter.is_empty() {
            return true;
        }
        let Some((name, value)) = parameter.split_once('=') else {
            return false;
        };
        let length = if value.starts_with('"') {
            quoted(value)
        } else {
            Some(value.find([';', ' ']).unwrap_or(value.len()))
        };
        let Some(length) = length else {
            return false;
        };
        let (value, after) = value.split_at(length);
        let is_value = value.starts_with('"')
            || is_token(value)
            || (name.eq_ignore_ascii_case("canonicalization") && is_url(value));
        if !is_token(name) || !is_value {
            return false;
        }
        rest = after.trim_start_matches(' ');
    }
    rest.is_empty()
}

/// How long the quoted string is that the text begins with.
fn quoted(text: &str) -> Option<usize> {
    let mut escaped = false;
    let end = text.char_indices().skip(1).find(|&(_, c)| {
        let end = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        end
    });
    end.map(|(at, _)| at + 1)
}

/// Whether a text is an absolute URL or URN of characters that URIs have (RFC 3986 section 2).
fn is_url(text: &str) -> bool {
    let part = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,=%".contains(&b);
    is_absolute(text) && text.bytes().all(part)
}

fn is_token(text: &str) -> bool {
    let special = |b| b"()<>@,;:\\\"/[]?=".contains(&b);
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic() && !special(b))
}

/// Whether a text has the form of a language tag: RFC 5646 section 2.1, well-formed.
pub(crate) fn is_language(text: &str) -> bool {
    let mut parts = text.split('-').peekable();
    let alpha = |part: &str| part.bytes().all(|b| b.is_ascii_alphabetic());
    let alphanumeric = |part: &str| part.bytes().all(|b| b.is_ascii_alphanumeric());
    let digit_first = |part: &str| part.as_bytes().first().is_some_and(u8::is_ascii_digit);
    let language = parts.next().unwrap_or_default();
    let in_private = matches!(language, "x" | "X");
    let irregular = matches!(language, "i" | "I") && parts.peek().is_some();
    if !in_private && !irregular {
        if !(2..=8).contains(&language.len()) || !alpha(language) {
            return false;
        }
        let short = language.len() < 4;
        for _ in 0..3 {
            // Extended languages.
            parts.next_if(|part| short && part.len() == 3 && alpha(part));
        }
        parts.next_if(|part| part.len() == 4 && alpha(part));
        parts.next_if(|part| match part.len() {
            2 => alpha(part),
            3 => part.bytes().all(|b| b.is_ascii_digit()),
            _ => false,
        });
        let variant = |part: &&str| {
            alphanumeric(part)
                && ((5..=8).contains(&part.len()) || (part.len() == 4 && digit_first(part)))
        };
        while parts.next_if(variant).is_some() {}
    }
    // Extensions and private use: a singleton, then at least one part.
    let mut private = in_private || irregular;
    let (mut open, mut expects_part) = (private, private);
    for part in parts {
        let singleton = part.len() == 1 && !private;
        let long = if private { 1..=8 } else { 2..=8 };
        let sound = if singleton {
            !expects_part
        } else {
            open && long.contains(&part.len())
        };
        if !sound || !alphanumeric(part) {
            return false;
        }
        private |= singleton && part.eq_ignore_ascii_case("x");
        open = true;
        expects_part = singleton;
    }
    !expects_part
}

/// How deep parentheses may be nested in a unit; real ones have one level.
const DEEPEST: u8 = 16;

/// Whether a text has the form of a case-sensitive UCUM unit (UCUM sections 2.1 and 2.2). Whether
/// there are such units is not known here.
pub(crate) fn is_unit(text: &str) -> bool {
    let mut rest = text.as_bytes();
    let whole = rest.len() <= 256 && main_term(&mut rest);
    whole && rest.is_empty()
}

/// A term that may begin with `/`.
fn main_term(rest: &mut &[u8]) -> bool {
    take(rest, b'/');
    term(rest, 0)
}

/// Components joined by `.` and `/`.
fn term(rest: &mut &[u8], depth: u8) -> bool {
    loop {
        if !component(rest, depth) {
            return false;
        }
        if !take(rest, b'.') && !take(rest, b'/') {
            return true;
        }
    }
}

fn take(rest: &mut &[u8], byte: u8) -> bool {
    match rest.split_first() {
        Some((first, after)) if *first == byte => {
            *rest = after;
            true
        }
        _ => false,
    }
}

fn component(rest: &mut &[u8], depth: u8) -> bool {
    if take(rest, b'(') {
        return depth < DEEPEST && term(rest, depth + 1) && take(rest, b')');
    }
    if rest.first() == Some(&b'{') {
        return annotation(rest);
    }
    let Some(length) = symbol(rest) else {
        return false;
    };
    let (unit, after) = rest.split_at(length);
    *rest = after;
    let number = unit.iter().all(u8::is_ascii_digit);
    let digits = unit.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    // An exponent ends the symbol: digits, with a sign where there is one.
    let before = unit.get(..unit.len() - digits).unwrap_or_default();
    let signed = before.last().is_some_and(|b| b"+-".contains(b));
    let base = before.len() - usize::from(signed);
    let base = before.get(..base).unwrap_or_default();
    let inner_sign = base.iter().any(|b| b"+-".contains(b)) && !base.contains(&b'[');
    let sound = number || (!base.is_empty() && !inner_sign && (digits > 0 || !signed));
    sound && (rest.first() != Some(&b'{') || annotation(rest))
}

/// The length of the symbol, with its exponent, that the text begins with.
fn symbol(rest: &[u8]) -> Option<usize> {
    let mut bracket = false;
    for (at, byte) in rest.iter().enumerate() {
        match byte {
            b'[' if bracket => return None,
            b'[' => bracket = true,
            b']' if !bracket => return None,
            b']' => bracket = false,
            b'{' | b'.' | b'/' | b'(' | b')' if !bracket => return (at > 0).then_some(at),
            b'"' | b'=' | b'{' | b'}' => return None,
            byte if !byte.is_ascii_graphic() => return None,
            _ => {}
        }
    }
    (!bracket && !rest.is_empty()).then_some(rest.len())
}

fn annotation(rest: &mut &[u8]) -> bool {
    let Some(end) = rest.iter().position(|b| *b == b'}') else {
        return false;
    };
    let (inner, after) = rest.split_at(end + 1);
    *rest = after;
    let inner = inner.get(1..end).unwrap_or_default();
    inner
        .iter()
        .all(|b| (b' '..=b'~').contains(b) && *b != b'{')
}

#[cfg(test)]
mod tests;
