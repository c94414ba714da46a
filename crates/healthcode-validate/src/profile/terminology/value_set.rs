//! [`CompiledSet`]: a value set in a form for looking up codes, and [`Lookup`]: whether it has a code.

use super::super::ProfileSet;
use super::super::node::BASE;
use super::super::slices::any;
use super::code_system::CodeSystemIndex;
use super::filter::Filter;
use super::shipped;
use crate::binding::shipped_set_has;
use healthcode_r4::{
    OpenType, ValueSet, ValueSetComposeInclude, ValueSetExpansion, ValueSetExpansionContains,
    ValueSetExpansionParameterValue as ParameterValue,
};
use std::collections::{HashMap, HashSet};

/// A canonical URL and the version behind its bar.
pub(super) fn split(canonical: &str) -> (&str, Option<&str>) {
    match canonical.split_once('|') {
        Some((url, version)) => (url, Some(version)),
        None => (canonical, None),
    }
}

/// How deep value sets may include each other.
const DEPTH: usize = 32;

/// How many value sets are consulted for one code.
const STEPS: u32 = 10_000;

/// A value set in a form for looking up codes.
#[derive(Debug)]
pub(in super::super) struct CompiledSet {
    version: Option<Box<str>>,
    expansion: Option<Expansion>,
    composed: Option<Composed>,
}

/// Codes by their systems.
type Codes = HashMap<Box<str>, HashSet<Box<str>>>;

/// The codes of an expansion.
#[derive(Debug)]
struct Expansion {
    codes: Codes,
    /// Whether the expansion is complete.
    whole: bool,
}

/// The composition of a value set (`ValueSet.compose`).
#[derive(Debug)]
struct Composed {
    included: Vec<Part>,
    excluded: Vec<Part>,
    /// Whether codes that are no longer in use are left out.
    active_only: bool,
}

/// Codes that are included or excluded together.
#[derive(Debug)]
struct Part {
    /// The value sets of which at least one must have the code too.
    value_sets: Vec<Box<str>>,
    system: Option<Box<str>>,
    version: Option<Box<str>>,
    /// The listed codes; empty for all codes of the system.
    concepts: HashSet<Box<str>>,
    filters: Vec<Filter>,
}

impl CompiledSet {
    pub(in super::super) fn new(set: &ValueSet) -> Self {
        let part = |include: &ValueSetComposeInclude| Part::of(include);
        CompiledSet {
            version: set.version.as_str().map(Box::from),
            expansion: set.expansion.as_deref().and_then(Expansion::of),
            composed: set.compose.as_ref().map(|compose| Composed {
                included: compose.include.iter().map(part).collect(),
                excluded: compose.exclude.iter().map(part).collect(),
                active_only: compose.inactive.get() == Some(false),
            }),
        }
    }

    /// The value set's version.
    pub(super) fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }
}

impl Expansion {
    fn of(expansion: &ValueSetExpansion) -> Option<Self> {
        let mut codes = Codes::new();
        let count = collect(&expansion.contains, &mut codes);
        let total = expansion.total.get();
        let total = total.and_then(|total| usize::try_from(total).ok());
        // Neither a page nor what passed a filter shows that a code is missing.
        let is_part = expansion.offset.get().is_some_and(|offset| offset > 0)
            || expansion
                .parameter
                .iter()
                .any(|parameter| match parameter.name.as_str() {
                    Some("filter" | "exclude-system") => true,
                    Some("count" | "offset") => total.is_none(),
                    Some(
                        "activeOnly"
                        | "excludeNotForUI"
                        | "excludePostCoordinated"
                        | "limitedExpansion",
                    ) => parameter.value == Some(ParameterValue::Boolean(true.into())),
                    _ => false,
                })
            || expansion.extension.iter().any(|extension| {
                let url = extension
                    .url
                    .as_deref()
                    .and_then(|url| url.strip_prefix(BASE));
                matches!(url, Some("valueset-unclosed" | "valueset-toocostly"))
                    && extension.value == Some(OpenType::Boolean(true.into()))
            });
        let whole = !is_part && total.is_none_or(|total| total <= count);
        if codes.is_empty() && total != Some(0) {
            return None;
        }
        Some(Expansion { codes, whole })
    }

    fn has(&self, system: Option<&str>, code: &str) -> Option<bool> {
        let found = match system {
            Some(system) => self
                .codes
                .get(system)
                .is_some_and(|codes| codes.contains(code)),
            None => self
                .codes
                .values()
                .any(|of_system| of_system.contains(code)),
        };
        (found || self.whole).then_some(found)
    }
}

/// Collects the codes that are listed, and returns how many entries there are with those that only group others.
fn collect(contains: &[ValueSetExpansionContains], codes: &mut Codes) -> usize {
    let mut count = 0;
    let mut open: Vec<&ValueSetExpansionContains> = contains.iter().collect();
    while let Some(one) = open.pop() {
        count += 1;
        if let Some(code) = one.code.as_str()
            && one.abstract_.get() != Some(true)
        {
            let system = one.system.as_str().unwrap_or_default();
            codes.entry(system.into()).or_default().insert(code.into());
        }
        open.extend(&one.contains);
    }
    count
}

impl Part {
    fn of(include: &ValueSetComposeInclude) -> Self {
        let urls = include.value_set.iter().filter_map(|url| url.as_str());
        let codes = include
            .concept
            .iter()
            .filter_map(|concept| concept.code.as_str());
        Part {
            value_sets: urls.map(Box::from).collect(),
            system: include.system.as_str().map(Box::from),
            version: include.version.as_str().map(Box::from),
            concepts: codes.map(Box::from).collect(),
            filters: include.filter.iter().map(Filter::new).collect(),
        }
    }
}

/// One lookup, and the value sets that it is in the middle of.
pub(super) struct Lookup<'s> {
    set: &'s ProfileSet,
    open: Vec<*const CompiledSet>,
    steps: u32,
}

/// A code, with its system where that is known.
#[derive(Clone, Copy)]
struct Candidate<'c> {
    system: Option<&'c str>,
    code: &'c str,
}

impl<'s> Lookup<'s> {
    pub(super) fn new(set: &'s ProfileSet) -> Self {
        Lookup {
            set,
            open: Vec::new(),
            steps: STEPS,
        }
    }

    /// Whether a value set has a code; `None` where that is not known.
    pub(super) fn has(
        &mut self,
        canonical: &str,
        system: Option<&str>,
        code: &str,
    ) -> Option<bool> {
        let (url, version) = split(canonical);
        let answer = match self.set.value_set(url, version) {
            Some(set) => self.look(set, Candidate { system, code }),
            // A code system may say which value set has all of its codes.
            None => self.set.whole_system(url).and_then(|own| match system {
                Some(system) if system != own => Some(false),
                _ => self.set.has_code(own, None, code),
            }),
        };
        answer.or_else(|| shipped_set_has(url, system, code))
    }

    /// Whether an expansion has a code in another case, which its system says does not matter.
    fn folded(&self, expansion: &Expansion, Candidate { system, code }: Candidate<'_>) -> bool {
        let mut systems = expansion.codes.iter();
        systems.any(|(own, codes)| {
            system.is_none_or(|system| system == &**own)
                && codes.iter().any(|listed| listed.eq_ignore_ascii_case(code))
                && self
                    .set
                    .code_system(own, None)
                    .is_some_and(CodeSystemIndex::folds)
        })
    }

    fn look(&mut self, set: &'s CompiledSet, candidate: Candidate<'_>) -> Option<bool> {
        let Candidate { system, code } = candidate;
        if let Some(expansion) = &set.expansion {
            match expansion.has(system, code) {
                Some(true) => return Some(true),
                _ if self.folded(expansion, candidate) => return Some(true),
                Some(false) => return Some(false),
                None => {}
            }
        }
        let composed = set.composed.as_ref()?;
        // A value set that includes itself gets no further codes by that.
        if self.open.contains(&std::ptr::from_ref(set)) {
            return Some(false);
        }
        self.steps = self.steps.checked_sub(1)?;
        if self.open.len() > DEPTH {
            return None;
        }
        self.open.push(set);
        let included = self.any_of(&composed.included, composed, candidate);
        let excluded = match included {
            Some(false) => Some(false),
            _ => self.any_of(&composed.excluded, composed, candidate),
        };
        self.open.pop();
        match (included, excluded) {
            (Some(false), _) | (_, Some(true)) => Some(false),
            (Some(true), Some(false)) => Some(true),
            _ => None,
        }
    }

    fn any_of(
        &mut self,
        parts: &'s [Part],
        composed: &Composed,
        candidate: Candidate<'_>,
    ) -> Option<bool> {
        any(parts
            .iter()
            .map(|part| self.includes(part, composed, candidate)))
    }

    fn includes(
        &mut self,
        part: &'s Part,
        composed: &Composed,
        candidate: Candidate<'_>,
    ) -> Option<bool> {
        let of_system = match part.system.as_deref() {
            Some(system) => self.of_system(part, system, composed, candidate),
            None if part.value_sets.is_empty() => return None,
            None => Some(true),
        };
        if of_system == Some(false) || part.value_sets.is_empty() {
            return of_system;
        }
        // Several value sets are united (ValueSet.compose.include.valueSet).
        let urls = part.value_sets.iter();
        let of_sets = any(urls.map(|url| self.has(url, candidate.system, candidate.code)));
        match of_sets {
            Some(true) => of_system,
            other => other,
        }
    }

    /// Whether a code is among those of the system that are meant.
    fn of_system(
        &self,
        part: &Part,
        own: &str,
        composed: &Composed,
        Candidate { system, code }: Candidate<'_>,
    ) -> Option<bool> {
        if system.is_some_and(|system| system != own) {
            return Some(false);
        }
        let version = part.version.as_deref();
        let found = self
            .set
            .code_system(own, version.filter(|version| *version != "*"));
        if composed.active_only && found.is_some_and(|index| index.is_inactive(code)) {
            return Some(false);
        }
        if !part.concepts.is_empty() {
            let same = |index: &CodeSystemIndex| {
                part.concepts
                    .iter()
                    .any(|listed| index.is_same(listed, code))
            };
            let folding = found.filter(|index| index.folds());
            return Some(part.concepts.contains(code) || folding.is_some_and(same));
        }
        if part.filters.is_empty() {
            return self.set.has_code(own, version, code);
        }
        let mut all = Some(true);
        for filter in &part.filters {
            let passes = match found {
                Some(index) => index.passes(filter, code),
                None => shipped::passes(own, filter, code),
            };
            match passes.or_else(|| self.supplemented(own, version, filter, code)) {
                Some(true) => {}
                Some(false) => return Some(false),
                None => all = None,
            }
        }
        all
    }

    /// Whether a code passes a filter on a property that supplements of its system state.
    fn supplemented(
        &self,
        system: &str,
        version: Option<&str>,
        filter: &Filter,
        code: &str,
    ) -> Option<bool> {
        let mut stating = self.set.supplements(system);
        let mut stating = stating
            .by_ref()
            .filter(|index| index.states(filter))
            .peekable();
        stating.peek()?;
        // What the system does not have passes no filter on it.
        if self.set.has_code(system, version, code)? {
            let mut answers = stating.map(|index| index.passes_supplement(filter, code));
            return answers.find(Option::is_some).unwrap_or(None);
        }
        Some(false)
    }
}
