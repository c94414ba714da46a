//! [`Bound`]: the binding of a field, and the check of codes against it.

use super::table::ValueSet;
use super::{grammar, table};
use crate::registry::terminology as rule;
use crate::rule_set::RuleSet;
use healthcode_core::{Binding, BindingStrength, Detail, Field, Release, Rule, Schema};

/// The binding of a field, if codes can break it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bound {
    /// The value set of the binding itself, and whether it is required rather than extensible.
    set: Option<(Codes, bool)>,
    /// The value set that limits the choice of codes.
    limit: Option<Codes>,
}

/// Codes that a value set has.
#[derive(Clone, Copy, Debug)]
pub(super) enum Codes {
    /// A list of all codes.
    Listed(ValueSet),
    /// MIME types.
    Mime,
    /// MIME types, and the short names of FHIR's own.
    Format,
    /// Language tags.
    Language,
    /// UCUM units, by their grammar.
    Unit,
    /// Codes that are not shipped.
    Unknown,
}

/// Whether a code is in a value set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    In,
    Out,
    /// Unknown, since no system is given.
    WithoutSystem,
    Unknown,
}

impl Verdict {
    pub(super) fn is_silent(self, set: &RuleSet) -> bool {
        self == Verdict::In || (self == Verdict::Unknown && !set.reports(&rule::R4_BINDING_UNKNOWN))
    }
}

impl Bound {
    /// The binding of a field of this type.
    pub(crate) fn of(
        schema: &Schema,
        field: &Field,
        release: Option<&'static Release>,
    ) -> Option<Bound> {
        let binding = field.binding?;
        // `_format` takes `xml` and `json` too, and CapabilityStatements list these.
        let is_format = schema.name == "CapabilityStatement" && field.name() == "format";
        let mut bound = Bound::new(binding, release)?;
        // There are as many of these as fields, and they are kept to the end of the process.
        if let Some((Codes::Listed(codes), _)) = &mut bound.set {
            *codes = codes.prepared();
        }
        if let (Some((codes, _)), true) = (&mut bound.set, is_format) {
            *codes = Codes::Format;
        }
        Some(bound)
    }

    fn new(binding: &Binding, release: Option<&'static Release>) -> Option<Bound> {
        let codes = |url: &str| Codes::of_release(url, release);
        let set = match binding.strength {
            _ if binding.value_set.is_empty() => None,
            BindingStrength::Required => Some((codes(binding.value_set), true)),
            BindingStrength::Extensible => Some((codes(binding.value_set), false)),
            _ => None,
        };
        let limit = Some(binding.max_value_set)
            .filter(|url| !url.is_empty())
            .map(codes);
        (set.is_some() || limit.is_some()).then_some(Bound { set, limit })
    }

    /// A binding to this value set.
    pub(crate) fn to(value_set: &str, required: bool, release: Option<&'static Release>) -> Bound {
        Bound {
            set: Some((Codes::of_release(value_set, release), required)),
            limit: None,
        }
    }

    /// Whether a code whose system the element implies has no issue.
    ///
    /// With `unknown`, codes that cannot be checked have an issue too.
    #[inline]
    pub(crate) fn accepts(&self, code: &str, set: &RuleSet) -> bool {
        let accepts = |codes: Codes| codes.verdict_of_code(code).is_silent(set);
        self.set.is_none_or(|(codes, _)| accepts(codes)) && self.limit.is_none_or(accepts)
    }
}

/// Whether a value set that is shipped, or whose codes have a known form, has a code; `None` where that is not
/// known. Without a system, any system's code will do.
pub(crate) fn shipped_set_has(url: &str, system: Option<&str>, code: &str) -> Option<bool> {
    let codes = Codes::of(url);
    let verdict = match system {
        Some(system) => codes.verdict(Some(system), Some(code)),
        None => codes.verdict_of_code(code),
    };
    match verdict {
        Verdict::In => Some(true),
        Verdict::Out => Some(false),
        Verdict::WithoutSystem | Verdict::Unknown => None,
    }
}

/// Whether a code system that is shipped, or whose codes have a known form, has a code; `None` where that is
/// not known.
pub(crate) fn shipped_system_has(system: &str, code: &str) -> Option<bool> {
    match system {
        "urn:ietf:bcp:13" => Some(grammar::is_mime_type(code)),
        "urn:ietf:bcp:47" => Some(grammar::is_language(code)),
        // A text in the form of a unit need not be a unit.
        "http://unitsofmeasure.org" => (!grammar::is_unit(code)).then_some(false),
        _ => table::system_has(system, code),
    }
}

impl Codes {
    fn of(url: &str) -> Codes {
        Codes::of_release(url, None)
    }

    /// The codes of a value set of a release; of R4 where none is given.
    fn of_release(url: &str, release: Option<&'static Release>) -> Codes {
        let listed = || match release {
            None => ValueSet::of(url),
            Some(release) => ValueSet::of_release(release, url),
        };
        match url {
            "http://hl7.org/fhir/ValueSet/mimetypes"
            | "http://www.rfc-editor.org/bcp/bcp13.txt" => Codes::Mime,
            "http://hl7.org/fhir/ValueSet/all-languages" => Codes::Language,
            "http://hl7.org/fhir/ValueSet/ucum-units"
            | "http://hl7.org/fhir/ValueSet/all-time-units"
            | "http://hl7.org/fhir/ValueSet/all-distance-units" => Codes::Unit,
            _ => listed().map_or(Codes::Unknown, Codes::Listed),
        }
    }

    /// Checks a code whose system the element implies.
    #[inline]
    pub(super) fn verdict_of_code(self, code: &str) -> Verdict {
        let is_in = match self {
            Codes::Listed(set) => set.has_code(code) || is_system_type(set, code),
            Codes::Mime => grammar::is_mime_type(code),
            Codes::Format => matches!(code, "xml" | "json" | "ttl") || grammar::is_mime_type(code),
            Codes::Language => grammar::is_language(code),
            Codes::Unit if grammar::is_unit(code) => return Verdict::Unknown,
            Codes::Unit => false,
            Codes::Unknown => return Verdict::Unknown,
        };
        if is_in { Verdict::In } else { Verdict::Out }
    }

    /// Checks a code with its system.
    pub(super) fn verdict(self, system: Option<&str>, code: Option<&str>) -> Verdict {
        let Some(code) = code else {
            return Verdict::Out;
        };
        let Some(system) = system else {
            return match self.verdict_of_code(code) {
                Verdict::In => Verdict::WithoutSystem,
                other => other,
            };
        };
        match self {
            Codes::Listed(set) if set.has(system, code) => Verdict::In,
            Codes::Unknown => Verdict::Unknown,
            Codes::Listed(_) => Verdict::Out,
            open if open.draws_from(system) => open.verdict_of_code(code),
            _ => Verdict::Out,
        }
    }

    /// Whether it has codes of this system.
    pub(super) fn draws_from(self, system: &str) -> bool {
        match self {
            Codes::Listed(set) => set.draws_from(system),
            Codes::Mime | Codes::Format => system == "urn:ietf:bcp:13",
            Codes::Language => system == "urn:ietf:bcp:47",
            Codes::Unit => system == "http://unitsofmeasure.org",
            Codes::Unknown => false,
        }
    }

    /// The rule that a code of its systems breaks, and the detail of the issue.
    pub(super) fn broken(
        self,
        rule: &'static Rule,
        system: Option<&str>,
        code: &str,
    ) -> (&'static Rule, Detail) {
        match self {
            Codes::Mime | Codes::Format => (&rule::R4_MIME_TYPE, Detail::None),
            Codes::Language => (&rule::R4_LANGUAGE, Detail::None),
            Codes::Unit => (&rule::R4_UCUM, Detail::None),
            Codes::Unknown => (rule, Detail::None),
            Codes::Listed(set) => {
                // An extensible binding allows other codes: one that its system has was probably meant.
                let meant = rule == &rule::R4_BINDING_EXTENSIBLE
                    && system.is_some_and(|system| set.system_has(system, code) == Some(true));
                let nearest = if meant {
                    None
                } else {
                    suggest(code, set.codes(system))
                };
                let detail = nearest.map_or(Detail::Expected(set.url), Detail::Nearest);
                (rule, detail)
            }
        }
    }
}

/// Whether a code is a type of FHIRPath's, which the standard's definitions have beside their own types
/// (FHIR R4 elementdefinition.html#primitives).
fn is_system_type(set: ValueSet, code: &str) -> bool {
    code.starts_with("http://hl7.org/fhirpath/System.")
        && set.url == "http://hl7.org/fhir/ValueSet/defined-types"
}

/// The value sets of a binding, each with the rule for it: what is an error first.
pub(super) fn rules(bound: &Bound) -> impl Iterator<Item = (Codes, &'static Rule)> {
    let set = bound.set.map(|(codes, required)| {
        let rule: &'static Rule = if required {
            &rule::R4_BINDING_REQUIRED
        } else {
            &rule::R4_BINDING_EXTENSIBLE
        };
        (codes, rule)
    });
    let limit = bound.limit.map(|codes| {
        let rule: &'static Rule = &rule::R4_BINDING_MAXIMUM;
        (codes, rule)
    });
    let is_required = bound.set.is_some_and(|(_, required)| required);
    let (first, last) = if is_required {
        (set, limit)
    } else {
        (limit, set)
    };
    first.into_iter().chain(last)
}

/// The code that was probably meant: the only one that differs in case, one that is spelt much the same, or the
/// only one to begin so.
fn suggest(code: &str, codes: impl Iterator<Item = &'static str> + Clone) -> Option<&'static str> {
    let same = |known: &&str| known.eq_ignore_ascii_case(code);
    let begins = |known: &&str| {
        let start = known.get(..code.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(code))
    };
    let only = || {
        let mut found = codes.clone().filter(begins).take(2);
        let first = found.next().filter(|_| !code.is_empty());
        first.filter(|_| found.next().is_none())
    };
    let mut alike: Vec<&'static str> = codes.clone().filter(same).collect();
    alike.sort_unstable();
    alike.dedup();
    match alike[..] {
        [] => {}
        [only] => return Some(only),
        // Codes of which one may be as well meant as another.
        _ => return None,
    }
    healthcode_core::nearest(code, codes.clone()).or_else(only)
}
