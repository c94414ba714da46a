//! What XML 1.0 says of characters, names, references and the XML declaration.

use healthcode_core::{Rule, rules};

/// The bytes that names are made of; those of other characters than ASCII are looked at by [`is_name`].
pub(crate) static NAME: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0usize;
    while byte < 256 {
        let c = byte as u8;
        table[byte] =
            c.is_ascii_alphanumeric() || matches!(c, b'_' | b':' | b'-' | b'.') || c >= 0x80;
        byte += 1;
    }
    table
};

/// Whether a text is a name (XML 1.0 section 2.3).
pub(crate) fn is_name(text: &str) -> bool {
    let starts = |c: char| {
        matches!(c,
            ':' | '_' | 'A'..='Z' | 'a'..='z' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}'
            | '\u{f8}'..='\u{2ff}' | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}'
            | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}' | '\u{2c00}'..='\u{2fef}'
            | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}'
            | '\u{10000}'..='\u{effff}')
    };
    let follows = |c: char| {
        starts(c)
            || matches!(c, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
    };
    text.starts_with(starts) && text.chars().all(follows)
}

/// Splits a name with at most one colon into its prefix, which may be empty, and the rest.
pub(crate) fn split(name: &str) -> Option<(&str, &str)> {
    match name.split_once(':') {
        None => Some(("", name)),
        Some((prefix, local)) => {
            let good = !prefix.is_empty() && !local.is_empty() && !local.contains(':');
            let starts = |c: char| c.is_ascii_digit() || c == '-' || c == '.';
            (good && !local.starts_with(starts)).then_some((prefix, local))
        }
    }
}

pub(crate) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\n' | '\t' | '\r')
}

/// Whether XML 1.0 allows a character (section 2.2).
pub(crate) fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// The byte of the first character that XML does not allow.
pub(crate) fn forbidden_character(text: &str) -> Option<usize> {
    let suspect =
        |byte: &u8| *byte < 0x20 && !matches!(*byte, b'\t' | b'\n' | b'\r') || *byte == 0xef;
    // In blocks without branches, which are vectorised.
    let mut start = 0;
    for block in text.as_bytes().chunks(256) {
        if block.iter().fold(false, |any, byte| any | suspect(byte)) {
            let from = text.floor_char_boundary(start);
            let to = text.ceil_char_boundary(start + block.len());
            let found = text[from..to].char_indices().find(|(_, c)| !is_allowed(*c));
            if let Some((at, _)) = found {
                return Some(from + at);
            }
        }
        start += block.len();
    }
    None
}

/// The reference that a text begins with: its character and length, or why it is not allowed. `None` if it
/// is no reference.
pub(crate) fn reference(text: &str) -> Option<Result<(char, usize), &'static Rule>> {
    let rest = text.strip_prefix('&')?;
    let end = rest.bytes().take(64).position(|byte| byte == b';')?;
    let name = &rest[..end];
    let length = end + 2;
    if let Some(digits) = name.strip_prefix('#') {
        let (digits, radix) = match digits.strip_prefix('x') {
            Some(digits) => (digits, 16),
            None => (digits, 10),
        };
        if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
            return None;
        }
        let code = u32::from_str_radix(digits, radix).ok();
        let allowed = code.and_then(char::from_u32).filter(|c| is_allowed(*c));
        return Some(match allowed {
            Some(c) => Ok((c, length)),
            None => Err(&rules::XML_CHARACTER),
        });
    }
    let c = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ if is_name(name) => return Some(Err(&rules::XML_ENTITY)),
        _ => return None,
    };
    Some(Ok((c, length)))
}

/// The value of an attribute: references resolved, line ends and tabs made spaces.
pub(crate) fn decode(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find(['&', '\r', '\n', '\t']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = if rest.starts_with("\r\n") {
            out.push(' ');
            2
        } else if let Some(Ok((c, length))) = reference(rest) {
            out.push(c);
            length
        } else {
            // Only `&` can be no reference; the scanner has refused it.
            out.push(if rest.starts_with('&') { '&' } else { ' ' });
            1
        };
        rest = &rest[length..];
    }
    out.push_str(rest);
    out
}

/// The encoding that an XML declaration names, if any; `None` if it is no declaration.
pub(crate) fn declaration(inner: &str) -> Option<Option<&str>> {
    let mut rest = inner;
    let mut found = None;
    let mut expected = ["version", "encoding", "standalone"].as_slice();
    while !rest.trim_start_matches(is_space).is_empty() {
        let (name, after) = rest.split_once('=')?;
        let spaced = name.starts_with(is_space);
        let name = name.trim_matches(is_space);
        let at = expected.iter().position(|known| *known == name)?;
        // The version comes first, and is required.
        if !spaced || (expected.len() == 3 && at != 0) {
            return None;
        }
        expected = &expected[at + 1..];
        let after = after.trim_start_matches(is_space);
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (value, after) = after[1..].split_once(quote)?;
        match name {
            "version" if !value.starts_with("1.") => return None,
            "encoding" => found = Some(value),
            "standalone" if !matches!(value, "yes" | "no") => return None,
            _ => {}
        }
        rest = after;
    }
    (expected.len() < 3).then_some(found)
}

/// What was expected instead of an encoding.
pub(crate) fn named_encoding(encoding: &str) -> &'static str {
    const KNOWN: &[(&str, &str)] = &[
        ("utf-16", "UTF-8, not UTF-16"),
        ("utf-16le", "UTF-8, not UTF-16"),
        ("utf-16be", "UTF-8, not UTF-16"),
        ("utf-32", "UTF-8, not UTF-32"),
        ("us-ascii", "UTF-8, not US-ASCII"),
        ("ascii", "UTF-8, not US-ASCII"),
        ("iso-8859-1", "UTF-8, not ISO-8859-1"),
        ("latin1", "UTF-8, not ISO-8859-1"),
        ("iso-8859-2", "UTF-8, not ISO-8859-2"),
        ("iso-8859-15", "UTF-8, not ISO-8859-15"),
        ("windows-1250", "UTF-8, not windows-1250"),
        ("windows-1251", "UTF-8, not windows-1251"),
        ("windows-1252", "UTF-8, not windows-1252"),
        ("cp1252", "UTF-8, not windows-1252"),
    ];
    let known = KNOWN
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(encoding));
    known.map_or("UTF-8, not the declared encoding", |(_, text)| text)
}
