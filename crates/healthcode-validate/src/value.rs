//! Values that belong together: the size and the hash of an attachment and its data.

use crate::place::Place;
use crate::policy::Subject;
use crate::registry as rule;
use healthcode_core::{Detail, Issue, Issues, PrimitiveKind, Step, lexical};
use healthcode_r4::Attachment;
use sha1::{Digest, Sha1};

/// How base64 of base64 begins where the content is a JPEG, PNG, GIF, WebP, TIFF (in both orders of bytes) or PDF file:
/// the signature of the format, encoded twice.
const TWICE: [&str; 7] = [
    "LzlqL",
    "aVZCT1J3MEtHZ",
    "UjBsR09E",
    "VWtsR1J",
    "U1VrcUF",
    "VFUwQUt",
    "SlZCRVJpM",
];

/// Reports an attachment whose size or hash is not that of its data, or to whose data base64 was applied twice.
///
/// FHIR R4 datatypes.html#Attachment: size and hash are of the bytes before base64 was applied.
pub(crate) fn check_attachment(place: &Place<'_, '_>, issues: &mut Issues) {
    let Some(attachment) = place.view::<Attachment>() else {
        return;
    };
    let Some(data) = attachment.data.as_str() else {
        return;
    };
    let (size, hash) = (attachment.size.value(), attachment.hash.as_str());
    // Invalid base64 has an issue of its own.
    let is_base64 = |text: &str| lexical::check(PrimitiveKind::Base64Binary, text).is_ok();
    let is_twice = TWICE.iter().any(|start| data.starts_with(start));
    if (size.is_none() && hash.is_none() && !is_twice) || !is_base64(data) {
        return;
    }
    if is_twice {
        let path = place.path.child(Step::field("data"));
        let (rule, subject) = (
            &rule::R4_ATTACHMENT_BASE64_TWICE,
            Subject::Text(data, &path),
        );
        let policy = place.rules.policy;
        policy.report(rule, &path, Detail::None, subject, issues);
    }
    if size.is_some_and(|size| usize::try_from(*size).ok() != Some(decoded_length(data))) {
        let path = place.path.child(Step::field("size"));
        issues.push(Issue::new(&rule::R4_ATTACHMENT_SIZE, &path, Detail::None));
    }
    if hash.is_some_and(|hash| is_base64(hash) && !is_hash(hash, data)) {
        let path = place.path.child(Step::field("hash"));
        issues.push(Issue::new(&rule::R4_ATTACHMENT_HASH, &path, Detail::None));
    }
}

/// Whether a base64 text is the SHA-1 of what another stands for.
#[cold]
#[inline(never)]
fn is_hash(hash: &str, data: &str) -> bool {
    let mut sha1 = Sha1::new();
    decode(data, |bytes| sha1.update(bytes));
    let mut stated = Vec::with_capacity(20);
    decode(hash, |bytes| stated.extend_from_slice(bytes));
    stated == sha1.finalize().as_slice()
}

/// Yields the bytes of a base64 text, a group at a time.
fn decode(text: &str, mut take: impl FnMut(&[u8])) {
    let (mut group, mut count) = (0u32, 0u32);
    for byte in text.bytes() {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => continue,
        };
        group = group << 6 | u32::from(digit);
        count += 1;
        if count == 4 {
            let [_, bytes @ ..] = group.to_be_bytes();
            take(&bytes);
            (group, count) = (0, 0);
        }
    }
    let [_, first, second, _] = (group << (6 * (4 - count))).to_be_bytes();
    match count {
        2 => take(&[first]),
        3 => take(&[first, second]),
        _ => {}
    }
}

/// How many bytes a base64 text stands for.
fn decoded_length(data: &str) -> usize {
    let digits = data.bytes().filter(|byte| !byte.is_ascii_whitespace());
    let (all, padding) = digits.fold((0usize, 0usize), |(all, padding), byte| {
        (all + 1, padding + usize::from(byte == b'='))
    });
    (all / 4 * 3).saturating_sub(padding)
}

#[cfg(test)]
mod tests {
    #[test]
    fn hashes() {
        // FIPS 180, and the hash of nothing.
        for (hash, data, expect) in [
            ("qZk+NkcGgWq6PiVxeFDCbJzQ2J0=", "YWJj", true),
            ("qZk+NkcG\ngWq6PiVxeFDCbJzQ2J0=", "YW Jj", true),
            ("qZk+NkcGgWq6PiVxeFDCbJzQ2J0=", "YWJk", false),
            ("qZk+NkcGgWq6PiVxeFDCbJzQ2J0=", "YWI=", false),
            ("2jmj7l5rSw0yVb/vlWAYkK/YBwk=", "", true),
            ("Ttx1Y5LqOc3iMOF4kCRF0aVJcCI=", "YQ==", false),
            ("hvfkN/qlp/zhXR3cuerq6jd2Z7g=", "YQ==", true),
            ("2iNhDgNGrMuwiLtTINQ+6dZ1tr8=", "YWI=", false),
            ("YWJj", "YWJj", false),
        ] {
            assert_eq!(super::is_hash(hash, data), expect, "{hash} {data}");
        }
    }

    #[test]
    fn lengths() {
        for (data, length) in [
            ("", 0),
            ("QQ==", 1),
            ("QUI=", 2),
            ("QUJD", 3),
            ("QUJD\n RA==", 4),
        ] {
            assert_eq!(super::decoded_length(data), length, "{data}");
        }
    }
}
