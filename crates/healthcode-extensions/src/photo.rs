//! [`Photo`]: a practitioner's photo, out of the Parameters that Get Profile Photo answers with.

use crate::rules;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, Engine, GeneralPurpose, GeneralPurposeConfig};
use healthcode_core::{Base64Binary, Checked, Detail, Issue, Path, Rule, Step, list};
use healthcode_r4::{Attachment, OpenType, Parameters, ParametersParameter};
use std::fmt;

/// How the last group of characters may end: with or without padding, and with loose bits where
/// the text was cut off.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What the service sends as `contentType`; it is not a media type.
pub const PHOTO_CONTENT_TYPE: &str = "UTF-8";

/// A practitioner's photo.
///
/// The sample in the documentation is base64 of base64 of a JPEG, says that its type is `UTF-8`, and
/// does not say what its `size` counts: base64 is undone once or twice, as the data shows, and the
/// media type is taken from the first bytes.
///
/// ```
/// use healthcode_extensions::{Base64Layers, Photo};
/// let gif = b"GIF89a\x01\0\x01\0\0\0\0;";
/// let photo = Photo::new(&gif[..], "face.gif");
/// let decoded = Photo::decode(&photo.encode());
/// assert_eq!(decoded.value.bytes, gif);
/// assert_eq!(decoded.value.mime, Some("image/gif"));
/// assert_eq!(decoded.value.layers, Base64Layers::Two);
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Photo {
    /// The image, or as much of it as there is.
    pub bytes: Vec<u8>,
    /// The image's media type, by its first bytes; `None` if it is not a known image.
    pub mime: Option<&'static str>,
    /// What names of such files end in, without a dot: `jpg`.
    pub extension: Option<&'static str>,
    /// How often base64 was applied.
    pub layers: Base64Layers,
    /// `contentType` as it was given.
    pub content_type: Option<String>,
    /// `title` as it was given: a file name. Not to be trusted as one.
    pub title: Option<String>,
    /// `size` as it was given.
    pub size: Option<i32>,
    /// What `size` counts, if anything.
    pub size_counts: Option<SizeLevel>,
    /// Whether the data was whole base64 to its end.
    pub is_complete: bool,
}

/// How often base64 was applied to an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Base64Layers {
    /// Once, as in FHIR.
    One,
    /// Twice, as in the documented sample.
    #[default]
    Two,
}

/// What the `size` of a photo counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SizeLevel {
    /// The bytes of the image, as in FHIR.
    Image,
    /// The characters of base64 that the image becomes first, where base64 was applied twice.
    Inner,
}

/// Shows neither the image nor its title.
impl fmt::Debug for Photo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Photo")
            .field("bytes", &self.bytes.len())
            .field("mime", &self.mime)
            .field("layers", &self.layers)
            .field("size", &self.size)
            .field("size_counts", &self.size_counts)
            .field("is_complete", &self.is_complete)
            .finish_non_exhaustive()
    }
}

/// Nothing, as an answer without a photo is decoded.
impl Default for Photo {
    fn default() -> Self {
        Photo {
            bytes: Vec::new(),
            mime: None,
            extension: None,
            layers: Base64Layers::default(),
            content_type: None,
            title: None,
            size: None,
            size_counts: None,
            is_complete: true,
        }
    }
}

impl Photo {
    /// A photo as the service would send it: base64 twice, `size` that of the image.
    pub fn new(bytes: impl Into<Vec<u8>>, title: &str) -> Self {
        let bytes = bytes.into();
        let image = image_type(&bytes);
        Photo {
            mime: image.map(|image| image.mime_type()),
            extension: image.map(|image| image.extension()),
            content_type: Some(PHOTO_CONTENT_TYPE.to_owned()),
            title: Some(title.to_owned()),
            size: i32::try_from(bytes.len()).ok(),
            size_counts: i32::try_from(bytes.len()).ok().map(|_| SizeLevel::Image),
            bytes,
            ..Self::default()
        }
    }

    /// The photo in Parameters; an empty one if absent.
    ///
    /// Data that is cut off is decoded as far as it goes, and reported.
    #[must_use]
    pub fn decode(parameters: &Parameters) -> Checked<Self> {
        Self::decode_at(parameters, &Path::root("Parameters"))
    }

    /// The photo in Parameters whose place is `path`.
    #[must_use]
    pub fn decode_at(parameters: &Parameters, path: &Path<'_>) -> Checked<Self> {
        let mut issues = Vec::new();
        let list = path.child(Step::field("parameter"));
        let mut found = parameters.parameter.iter().enumerate();
        let found = found.find_map(|(index, parameter)| match &parameter.value {
            Some(OpenType::Attachment(attachment)) if parameter.name == *"photo" => {
                Some((index, attachment))
            }
            _ => None,
        });
        let photo = found.and_then(|(index, attachment)| {
            let place = list.child(Step::Index(index));
            let value = Step::Field {
                name: "value",
                suffix: "Attachment",
                metadata: false,
            };
            of_attachment(attachment, &place.child(value), &mut issues)
        });
        if photo.is_none() {
            issues.push(Issue::new(&rules::HC_PHOTO_ABSENT, path, Detail::None));
        }
        Checked::new(photo.unwrap_or_default(), issues)
    }

    /// The Parameters that hold the photo, as the service sends them.
    #[must_use]
    pub fn encode(&self) -> Parameters {
        let mut text = LENIENT.encode(&self.bytes);
        if self.layers == Base64Layers::Two {
            text = LENIENT.encode(text);
        }
        let mut attachment = Attachment {
            data: Base64Binary::from(text).into(),
            ..Attachment::default()
        };
        if let Some(content_type) = &self.content_type {
            attachment.content_type.set(content_type.as_str());
        }
        if let Some(size) = self.size {
            attachment.size.set(size);
        }
        if let Some(title) = &self.title {
            attachment.title.set(title.as_str());
        }
        Parameters {
            parameter: list![ParametersParameter {
                name: "photo".into(),
                value: Some(OpenType::Attachment(Box::new(attachment))),
                ..ParametersParameter::default()
            }],
            ..Parameters::default()
        }
    }
}

fn of_attachment(
    attachment: &Attachment,
    path: &Path<'_>,
    issues: &mut Vec<Issue>,
) -> Option<Photo> {
    let data = attachment.data.as_str()?;
    let content_type = attachment.content_type.as_str();
    let size = attachment.size.get();
    let mut report = |rule: &'static Rule, name: &str, detail| {
        issues.push(Issue::new(rule, &path.child(Step::field(name)), detail));
    };

    let outer = decode_prefix(data.as_bytes());
    let mut photo = Photo {
        bytes: outer.bytes,
        layers: Base64Layers::One,
        content_type: content_type.map(str::to_owned),
        title: attachment.title.as_str().map(str::to_owned),
        size,
        is_complete: outer.is_complete,
        ..Photo::default()
    };
    // Text in base64 is no image, so that only one of the two can be one.
    let mut image = image_type(&photo.bytes);
    let mut inner_size = None;
    if image.is_none() {
        let inner = decode_prefix(&photo.bytes);
        image = image_type(&inner.bytes);
        if image.is_some() {
            inner_size = Some(photo.bytes.len());
            photo.bytes = inner.bytes;
            photo.layers = Base64Layers::Two;
            photo.is_complete &= inner.is_complete;
            report(&rules::HC_PHOTO_BASE64_TWICE, "data", Detail::None);
        }
    }
    photo.mime = image.map(|image| image.mime_type());
    photo.extension = image.map(|image| image.extension());

    if !photo.is_complete {
        report(&rules::HC_PHOTO_TRUNCATED, "data", Detail::None);
    }
    match photo.mime {
        None => report(&rules::HC_PHOTO_NOT_IMAGE, "data", Detail::None),
        Some(mime) if content_type != Some(mime) => {
            let detail = Detail::Expected(mime);
            report(&rules::HC_PHOTO_CONTENT_TYPE, "contentType", detail);
        }
        Some(_) => {}
    }
    let counts = |length: usize| size.is_some_and(|size| usize::try_from(size) == Ok(length));
    if counts(photo.bytes.len()) {
        photo.size_counts = Some(SizeLevel::Image);
    } else if inner_size.is_some_and(counts) {
        photo.size_counts = Some(SizeLevel::Inner);
    } else if size.is_some() && photo.is_complete {
        report(&rules::HC_PHOTO_SIZE, "size", Detail::None);
    }
    Some(photo)
}

/// What comes out of a text that begins as base64.
struct Prefix {
    bytes: Vec<u8>,
    /// Whether all of the text was base64.
    is_complete: bool,
}

/// Decodes base64 up to the first character that is not base64, ignoring white space.
fn decode_prefix(text: &[u8]) -> Prefix {
    let mut characters = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    for byte in rest.by_ref() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => characters.push(*byte),
            b' ' | b'\t' | b'\r' | b'\n' => {}
            _ => {
                rest = text[text.len() - rest.len() - 1..].iter();
                break;
            }
        }
    }
    // One character of a group of four is less than a byte.
    let loose = characters.len() % 4;
    let whole = characters.len() - usize::from(loose == 1);
    let bytes = LENIENT.decode(&characters[..whole]).unwrap_or_default();
    let padding = rest.filter(|byte| !byte.is_ascii_whitespace());
    let padding: Vec<u8> = padding.take(3).copied().collect();
    let is_complete = match loose {
        0 => padding.is_empty() && !characters.is_empty(),
        2 => padding == b"==",
        3 => padding == b"=",
        _ => false,
    };
    Prefix { bytes, is_complete }
}

fn image_type(bytes: &[u8]) -> Option<infer::Type> {
    let found = infer::get(bytes)?;
    (found.matcher_type() == infer::MatcherType::Image).then_some(found)
}
