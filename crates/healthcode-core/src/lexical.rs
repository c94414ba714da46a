//! The lexical forms of R4's primitives (<https://hl7.org/fhir/R4/datatypes.html#primitive>).

use crate::scan::{any_below, any_unseen};
use crate::{PrimitiveKind, TemporalError, temporal};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fmt;

/// The greatest number of bytes of a `string` or `markdown`
/// (<https://hl7.org/fhir/R4/datatypes.html#string>: 1 MB).
pub const MAX_STRING: usize = 1_048_576;

/// What is wrong with a primitive's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Defect {
    /// There is no text.
    Empty,
    /// It does not have the format of its type.
    Form,
    /// There is no such day in the calendar.
    NoSuchDay,
    /// A number is outside the type's range.
    Range,
    /// It is longer than its type allows.
    TooLong,
    /// It holds a control character that its type does not allow.
    ControlCharacter,
    /// It holds nothing but white space.
    Blank,
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "empty text is not allowed here",
            Self::Form => "invalid text: expected the format of its type",
            Self::NoSuchDay => "invalid date: the calendar has no such day",
            Self::Range => "invalid number: outside the range of its type",
            Self::TooLong => "invalid text: longer than its type allows",
            Self::ControlCharacter => "a control character is not allowed here",
            Self::Blank => "white space alone is not allowed here",
        })
    }
}

impl std::error::Error for Defect {}

impl From<TemporalError> for Defect {
    fn from(error: TemporalError) -> Self {
        match error {
            TemporalError::NoSuchDay => Defect::NoSuchDay,
            _ => Defect::Form,
        }
    }
}

/// A sentence that describes the form of a primitive, for messages.
#[must_use]
pub fn expected_form(kind: PrimitiveKind) -> &'static str {
    match kind {
        PrimitiveKind::Boolean => "true or false",
        PrimitiveKind::Integer => "a whole number from -2147483648 to 2147483647",
        PrimitiveKind::Integer64 => {
            "a whole number from -9223372036854775808 to 9223372036854775807"
        }
        PrimitiveKind::PositiveInt => "a whole number from 1 to 2147483647",
        PrimitiveKind::UnsignedInt => "a whole number from 0 to 2147483647",
        PrimitiveKind::Decimal => "a decimal number",
        PrimitiveKind::String | PrimitiveKind::Markdown => {
            "text of up to 1048576 bytes without control characters"
        }
        PrimitiveKind::Code => "text without leading, trailing or double white space",
        PrimitiveKind::Id => "1 to 64 letters, digits, hyphens and dots",
        PrimitiveKind::Uri | PrimitiveKind::Url | PrimitiveKind::Canonical => {
            "a URI, without white space or characters that are not seen"
        }
        PrimitiveKind::Oid => "urn:oid: and numbers separated by dots",
        PrimitiveKind::Uuid => "urn:uuid: and a UUID in lower case",
        PrimitiveKind::Date => "YYYY, YYYY-MM or YYYY-MM-DD",
        PrimitiveKind::DateTime => "YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss with a zone",
        PrimitiveKind::Instant => "YYYY-MM-DDThh:mm:ss with a zone",
        PrimitiveKind::Time => "hh:mm:ss, without a zone",
        PrimitiveKind::Base64Binary => "base64 in groups of four characters",
        PrimitiveKind::Xhtml => "an XHTML div element",
    }
}

/// Whether `text` has the form of the primitive `kind`.
///
/// For booleans and numbers, `text` is what JSON shows.
///
/// # Errors
/// What is wrong with it. [`Defect::Blank`] is worth a warning only: the forms allow it.
pub fn check(kind: PrimitiveKind, text: &str) -> Result<(), Defect> {
    if text.is_empty() {
        return Err(Defect::Empty);
    }
    match kind {
        PrimitiveKind::Boolean => form(matches!(text, "true" | "false")),
        PrimitiveKind::Integer | PrimitiveKind::PositiveInt | PrimitiveKind::UnsignedInt => {
            form(is_whole_number(text))?;
            match text.parse() {
                Ok(number) => check_integer(kind, number),
                Err(_) => Err(Defect::Range),
            }
        }
        PrimitiveKind::Integer64 => {
            form(is_whole_number(text))?;
            text.parse::<i64>().map_or(Err(Defect::Range), |_| Ok(()))
        }
        PrimitiveKind::Decimal => form(is_json_number(text)),
        PrimitiveKind::String | PrimitiveKind::Markdown => string(text),
        PrimitiveKind::Code => form(is_code(text)),
        PrimitiveKind::Id => match text.len() {
            65.. => Err(Defect::TooLong),
            // Counted rather than looked for, which takes many bytes at once.
            _ => form(
                text.bytes()
                    .map(|byte| u8::from(!is_id_byte(byte)))
                    .sum::<u8>()
                    == 0,
            ),
        },
        PrimitiveKind::Uri | PrimitiveKind::Url | PrimitiveKind::Canonical => {
            form(!any_unseen(text.as_bytes()) || !text.chars().any(is_unseen))?;
            if !text.starts_with("urn:") {
                return Ok(());
            }
            // A version, and a fragment, may follow the URL of a canonical.
            let url = match kind {
                PrimitiveKind::Canonical => text.split(['|', '#']).next().unwrap_or_default(),
                _ => text,
            };
            if url.starts_with("urn:oid:") {
                form(is_oid(url))
            } else if url.starts_with("urn:uuid:") {
                form(is_uuid(url))
            } else {
                Ok(())
            }
        }
        PrimitiveKind::Oid => form(is_oid(text)),
        PrimitiveKind::Uuid => form(is_uuid(text)),
        PrimitiveKind::Date => Ok(temporal::parse_date(text).map(drop)?),
        PrimitiveKind::DateTime => Ok(temporal::parse_date_time(text).map(drop)?),
        PrimitiveKind::Instant => Ok(temporal::parse_instant(text).map(drop)?),
        PrimitiveKind::Time => Ok(temporal::parse_time(text).map(drop)?),
        PrimitiveKind::Base64Binary => form(is_base64(text)),
        PrimitiveKind::Xhtml => Ok(()),
    }
}

/// Whether `number` is in the range of the integer type `kind`.
///
/// # Errors
/// [`Defect::Range`] if it is not.
pub fn check_integer(kind: PrimitiveKind, number: i32) -> Result<(), Defect> {
    let least = match kind {
        PrimitiveKind::PositiveInt => 1,
        PrimitiveKind::UnsignedInt => 0,
        _ => i32::MIN,
    };
    if number < least {
        return Err(Defect::Range);
    }
    Ok(())
}

fn form(good: bool) -> Result<(), Defect> {
    if good { Ok(()) } else { Err(Defect::Form) }
}

fn is_white_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

fn string(text: &str) -> Result<(), Defect> {
    if text.len() > MAX_STRING {
        return Err(Defect::TooLong);
    }
    if any_below(text.as_bytes(), b' ') {
        let control = |byte: u8| byte < b' ' && !is_white_space(byte);
        if text.bytes().any(control) {
            return Err(Defect::ControlCharacter);
        }
    }
    if text.bytes().next().is_some_and(is_white_space) && text.bytes().all(is_white_space) {
        return Err(Defect::Blank);
    }
    Ok(())
}

/// Whether a character is invisible: white space, controls, and what only directs the layout of text,
/// as zero-width spaces and joiners, marks of direction, the byte order mark and tags do.
fn is_unseen(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Whether there is a byte of white space or a control character.
#[inline]
fn may_have_white_space(text: &str) -> bool {
    any_below(text.as_bytes(), b' ' + 1)
}

fn is_code(text: &str) -> bool {
    if !may_have_white_space(text) {
        return !text.is_empty();
    }
    let mut before = true;
    for byte in text.bytes() {
        let space = is_white_space(byte);
        if space && before {
            return false;
        }
        before = space;
    }
    !before
}

fn is_id_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.'
}

fn is_whole_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty()
        && digits.bytes().all(|b| b.is_ascii_digit())
        && (digits == "0" || !digits.starts_with('0'))
}

/// Whether `text` is a JSON number (RFC 8259 section 6), which is also the form of `decimal`.
#[must_use]
pub fn is_json_number(text: &str) -> bool {
    split_decimal(text).is_some()
}

/// Sign, whole digits, fraction digits, exponent text.
fn split_decimal(text: &str) -> Option<(bool, &str, &str, &str)> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    // Where the digits end that a text begins with.
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let (whole, rest) = rest.split_at_checked(digits(rest))?;
    if whole.is_empty() || (whole.len() > 1 && whole.starts_with('0')) {
        return None;
    }
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => rest
            .split_at_checked(digits(rest))
            .filter(|parts| !parts.0.is_empty())?,
        None => ("", rest),
    };
    let exponent = match rest.strip_prefix(['e', 'E']) {
        Some(exponent) => {
            let bare = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            let good = !bare.is_empty() && digits(bare) == bare.len();
            good.then_some(exponent)?
        }
        None => rest.is_empty().then_some("0")?,
    };
    Some((negative, whole, fraction, exponent))
}

/// A decimal as sign, digits without leading or trailing zeros, and power of ten; equal for equal
/// numbers. `None` if it is no number or its exponent is beyond 64 bits.
pub(crate) fn normal_decimal(text: &str) -> Option<(bool, String, i64)> {
    let (negative, whole, fraction, exponent) = split_decimal(text)?;
    let all = format!("{whole}{fraction}");
    let digits = all.trim_start_matches('0');
    let significant = digits.trim_end_matches('0');
    if significant.is_empty() {
        return Some((false, String::new(), 0));
    }
    let exponent: i64 = exponent.parse().ok()?;
    let power = exponent
        .checked_sub(i64::try_from(fraction.len()).ok()?)?
        .checked_add(i64::try_from(digits.len() - significant.len()).ok()?)?;
    Some((negative, significant.to_owned(), power))
}

fn is_oid(text: &str) -> bool {
    let Some(numbers) = text.strip_prefix("urn:oid:") else {
        return false;
    };
    let mut arcs = numbers.split('.');
    let root = matches!(arcs.next(), Some("0" | "1" | "2"));
    let mut count = 0;
    let good = arcs.all(|arc| {
        count += 1;
        is_whole_number(arc) && !arc.starts_with('-')
    });
    root && good && count > 0
}

fn is_uuid(text: &str) -> bool {
    let Some(uuid) = text.strip_prefix("urn:uuid:") else {
        return false;
    };
    let Ok(uuid) = <&[u8; 36]>::try_from(uuid.as_bytes()) else {
        return false;
    };
    // Counted rather than looked for, which takes all bytes at once: there are many UUIDs, and nearly all are right.
    let is_digit = |byte: &u8| u8::from(byte.is_ascii_digit() | (b'a'..=b'f').contains(byte));
    let digits = uuid.iter().map(is_digit).sum::<u8>();
    digits == 32 && [8, 13, 18, 23].iter().all(|at| uuid[*at] == b'-')
}

/// Groups of four characters, padding only at the end, white space only between groups' characters.
fn is_base64(text: &str) -> bool {
    let mut count = 0usize;
    let mut padding = 0usize;
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' if padding == 0 => count += 1,
            b'=' => padding += 1,
            byte if is_white_space(byte) => {}
            _ => return false,
        }
    }
    count > 0 && padding <= 2 && (count + padding).is_multiple_of(4)
}

pub(crate) fn base64_encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub(crate) fn base64_decode(text: &str) -> Result<Vec<u8>, Defect> {
    let decoded = if text.bytes().any(is_white_space) {
        let dense: Vec<u8> = text.bytes().filter(|b| !is_white_space(*b)).collect();
        STANDARD.decode(dense)
    } else {
        STANDARD.decode(text)
    };
    decoded.map_err(|_| Defect::Form)
}

#[cfg(test)]
mod tests;
