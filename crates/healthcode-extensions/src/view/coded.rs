//! [`Coded`]: a code of one of Healthcode's systems, as a `valueCodeableConcept` holds it.

use super::value::read_simple;
use super::{Context, Parsed, Value};
use crate::codes::CodeSystem;
use crate::rules;
use healthcode_core::{Detail, Path, Str};
use healthcode_r4::{CodeableConcept, Coding, Extension, OpenType, Primitive};
use std::fmt;

/// A code and what the service shows for it.
///
/// ```
/// use healthcode_extensions::{Coded, codes::Insurer};
/// let insurer = Coded::new(Insurer::Aviva);
/// assert_eq!(insurer.display.as_deref(), Some("Aviva"));
/// assert_eq!(insurer.to_string(), "Aviva (nuh)");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coded<C> {
    /// The code.
    pub code: C,
    /// What to show for it, as the payload has it.
    pub display: Option<Str>,
}

impl<C: CodeSystem> Coded<C> {
    /// A code with the display that is documented for it, if one is.
    #[must_use]
    pub fn new(code: C) -> Self {
        let display = code.display().map(Str::from);
        Coded { code, display }
    }

    /// What to show: the payload's display, or the documented one, or the code.
    #[must_use]
    pub fn label(&self) -> &str {
        let shown = self.display.as_deref().or_else(|| self.code.display());
        shown.unwrap_or(self.code.as_str())
    }
}

impl<C: CodeSystem> From<C> for Coded<C> {
    fn from(code: C) -> Self {
        Coded::new(code)
    }
}

/// `Aviva (nuh)`, or the code alone where nothing else is known.
impl<C: CodeSystem> fmt::Display for Coded<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.code.as_str();
        match self.label() {
            label if label == code => f.write_str(code),
            label => write!(f, "{label} ({code})"),
        }
    }
}

/// The coding that is read: the first of the system with a code, else the first of no system.
fn choose<C: CodeSystem>(concept: &CodeableConcept) -> Option<usize> {
    let coded = |coding: &Coding| coding.code.as_str().is_some();
    let of_system = |coding: &Coding| coding.system == *C::SYSTEM && coded(coding);
    let of_none = |coding: &Coding| coding.system.value().is_none() && coded(coding);
    let codings = &concept.coding;
    codings
        .iter()
        .position(of_system)
        .or_else(|| codings.iter().position(of_none))
}

fn of_coding<C: CodeSystem>(coding: &Coding) -> Option<Coded<C>> {
    Some(Coded {
        code: C::from_code(coding.code.as_str()?),
        display: coding.display.as_str().map(Str::from),
    })
}

fn is_bare<T: healthcode_core::Scalar>(primitive: &Primitive<T>) -> bool {
    primitive.metadata_ref().is_none()
}

/// Whether a concept is one coding of system, code and perhaps display, and nothing else.
fn is_plain(concept: &CodeableConcept, system: &str) -> bool {
    let [coding] = &concept.coding[..] else {
        return false;
    };
    let around = concept.id.is_none()
        && concept.extension.is_empty()
        && concept.text.is_empty()
        && concept.extras.is_empty();
    let inside = coding.id.is_none()
        && coding.extension.is_empty()
        && coding.version.is_empty()
        && coding.user_selected.is_empty()
        && coding.extras.is_empty();
    let bare = is_bare(&coding.system) && is_bare(&coding.code) && is_bare(&coding.display);
    around && inside && bare && coding.system == *system
}

impl<C: CodeSystem> Value for Coded<C> {
    fn read(
        extension: &Extension,
        path: &Path<'_>,
        context: &mut Context<'_>,
    ) -> Option<Parsed<Self>> {
        let mut no_system = false;
        let parsed = read_simple(
            extension,
            path,
            context,
            "valueCodeableConcept with a code of its system",
            |value| match value {
                OpenType::CodeableConcept(concept) => {
                    let coding = &concept.coding[choose::<C>(concept)?];
                    no_system = coding.system.value().is_none();
                    Some(Parsed {
                        value: of_coding(coding)?,
                        lossless: is_plain(concept, C::SYSTEM),
                    })
                }
                _ => None,
            },
            |value| match value {
                OpenType::Coding(coding) if coding.system == *C::SYSTEM => of_coding(coding),
                OpenType::Code(code) => code.as_str().map(|code| Coded {
                    code: C::from_code(code),
                    display: None,
                }),
                _ => None,
            },
        );
        if no_system {
            context.report(&rules::HC_CODE_SYSTEM, path, Detail::Expected(C::SYSTEM));
        }
        parsed
    }

    fn write(&self, into: &mut Extension) {
        if let Some(OpenType::CodeableConcept(concept)) = &mut into.value
            && let Some(index) = choose::<C>(concept)
        {
            let coding = &mut concept.coding[index];
            coding.code.set(self.code.as_str());
            match &self.display {
                Some(display) => coding.display.set(display.as_str()),
                None => coding.display = Primitive::default(),
            }
            return;
        }
        let mut coding = Coding::new(C::SYSTEM, self.code.as_str());
        if let Some(display) = &self.display {
            coding.display.set(display.as_str());
        }
        into.value = Some(OpenType::CodeableConcept(Box::new(coding.into())));
    }

    fn key(&self) -> Option<[&str; 3]> {
        Some([self.code.as_str(), "", ""])
    }
}
