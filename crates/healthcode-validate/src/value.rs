//! Values that belong together: the size of an attachment and its data.

use crate::place::Place;
use crate::registry as rule;
use healthcode_core::{Detail, Issue, PrimitiveKind, Step, lexical};
use healthcode_r4::Attachment;

/// Reports an attachment whose size is not that of its data.
///
/// FHIR R4 datatypes.html#Attachment: size counts bytes before base64 was applied.
pub(crate) fn judge_attachment(place: &Place<'_, '_>, issues: &mut Vec<Issue>) {
    let Some(attachment) = place.get::<Attachment>() else {
        return;
    };
    let (Some(data), Some(size)) = (attachment.data.as_str(), attachment.size.value()) else {
        return;
    };
    // What is no base64 has been said.
    if lexical::check(PrimitiveKind::Base64Binary, data).is_ok()
        && usize::try_from(*size).ok() != Some(decoded_length(data))
    {
        let path = place.path.then(Step::field("size"));
        issues.push(Issue::new(&rule::R4_ATTACHMENT_SIZE, &path, Detail::None));
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
