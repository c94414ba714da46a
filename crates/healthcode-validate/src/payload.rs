//! Payloads of any release: finding the release, and validation by it.

use crate::Validator;
use crate::detect::{
    Misfit, each_misfit, misfits, of_version, stated, stated_by_entries, suggested,
};
use crate::registry::R4_OTHER_VERSION;
use crate::versions::{FhirVersion, Supported, Versions};
use healthcode_core::{Checked, Detail, Element, Issue, Root, Schema, Severity, Untyped};
use healthcode_json::Error;
use healthcode_r4::Resource;
use healthcode_xml::either;

/// A payload as it is read by one release.
struct Candidate {
    name: &'static str,
    /// How many of its members and types the release does not define.
    misfits: usize,
    /// The release that it states.
    stated: Option<&'static str>,
    /// The value, if the release is not R4.
    read: Option<Checked<Untyped>>,
}

impl Candidate {
    fn of<T: Root>(name: &'static str, read: &Checked<T>) -> Self {
        let element = read.value.as_element();
        Candidate {
            name,
            misfits: misfits(element),
            stated: stated(element),
            read: None,
        }
    }
}

/// The release that a payload has.
enum Decided {
    R4,
    /// Another supported release: the payload as that release reads it.
    Supported(Checked<Untyped>),
    /// A release that is not wanted or not supported, by name.
    Other(&'static str),
}

impl Validator {
    /// Sets the release that payloads must have, and the supported releases beside R4. Payloads of these are
    /// validated as [`Untyped`] elements, by [`Validator::stream`] and [`Validator::check`].
    ///
    /// ```
    /// use healthcode_releases::{R4b, R5, Stu3};
    /// use healthcode_validate::{FhirVersion, Policy, Supported, Validator};
    /// static RELEASES: [Supported; 3] = [
    ///     Supported::of::<Stu3>(), Supported::of::<R4b>(), Supported::of::<R5>(),
    /// ];
    /// let validator = Validator::new(Policy::R4).fhir_version(FhirVersion::Auto, &RELEASES);
    /// let json = br#"{"resourceType": "ReferralRequest", "status": "active", "intent": "order",
    ///     "subject": {"reference": "Patient/1", "type": "Patient"}}"#;
    /// let issues = validator.check(json, None)?;
    /// assert_eq!(issues[0].rule.id, "FHIR-UNKNOWN-MEMBER");
    /// assert_eq!(issues[0].path, "ReferralRequest.subject.type");
    /// # Ok::<(), healthcode_json::Error>(())
    /// ```
    #[must_use]
    pub fn fhir_version(mut self, wanted: FhirVersion, supported: &'static [Supported]) -> Self {
        self.rules.supported = supported;
        self.versions = Versions { wanted, supported };
        self
    }

    /// Validates a payload in JSON or XML of any release that [`Validator::fhir_version`] allows; `version` is
    /// the number that its media type states (`3.0`).
    ///
    /// # Errors
    /// If the text is not UTF-8, or is neither JSON nor XML.
    pub fn check(&self, text: &[u8], version: Option<&str>) -> Result<Vec<Issue>, Error> {
        let read = either::read::<Resource>(text, &self.reading())?;
        let version = version.filter(|_| self.versions.are_several());
        let decided = match version.and_then(of_version) {
            Some(name) => self.as_stated(name, text),
            None => self.decide(text, &read),
        };
        Ok(match self.issues(decided, text, &read) {
            Some(issues) => issues,
            None => self.validate_read(read, text).issues,
        })
    }

    /// The issues of entries of a Bundle that state another release than the Bundle is of, by their numbers.
    fn entries_of_others(
        &self,
        bundle: &dyn Element,
        release: &str,
        text: &[u8],
    ) -> Vec<(usize, Vec<Issue>)> {
        let wanted = self.versions.wanted == FhirVersion::Auto;
        if bundle.schema().name != "Bundle" || !self.versions.are_several() || !wanted {
            return Vec::new();
        }
        let mut stated = stated_by_entries(bundle);
        stated.retain(|(_, name)| *name != release);
        if stated.is_empty() {
            return Vec::new();
        }
        let Ok(entries) = healthcode_json::stream::entries(text) else {
            return Vec::new();
        };
        let entries = entries.map_while(Result::ok).filter_map(|entry| {
            let index = entry.index();
            let (_, name) = stated.iter().find(|(number, _)| *number == index)?;
            let resource = entry.resource_json()?.as_bytes();
            let read = either::read::<Resource>(resource, &self.reading()).ok()?;
            let issues = self.issues(self.as_stated(name, resource), resource, &read);
            let issues = issues.unwrap_or_else(|| self.validate_read(read, resource).issues);
            Some((index, issues))
        });
        entries.collect()
    }

    /// The issues of a Bundle with those of some of its entries replaced.
    fn with_entries(
        &self,
        mut issues: Vec<Issue>,
        others: Vec<(usize, Vec<Issue>)>,
        text: &[u8],
    ) -> Vec<Issue> {
        for (index, own) in others {
            let (path, pointer) = (
                format!("Bundle.entry[{index}].resource"),
                format!("/entry/{index}/resource"),
            );
            let is_inside = |issue: &Issue| {
                let rest = issue.pointer.strip_prefix(&pointer);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            let at = issues.iter().position(is_inside).unwrap_or(issues.len());
            issues.retain(|issue| !is_inside(issue));
            let mut own = own;
            for issue in &mut own {
                let dot = issue.path.find('.');
                let below = dot
                    .and_then(|dot| issue.path.get(dot..))
                    .unwrap_or_default();
                issue.path = format!("{path}{below}");
                issue.pointer = format!("{pointer}{}", issue.pointer);
                issue.position = None;
                issue.excerpt = None;
            }
            either::locate(text, &mut own, self.reading().has_excerpts());
            let at = at.min(issues.len());
            issues.splice(at..at, own);
        }
        issues
    }

    /// Whether [`Validator::check`] validates payloads of a version of FHIR (`3.0`), or reports the version as
    /// unsupported.
    #[must_use]
    pub fn supports(&self, version: &str) -> bool {
        self.versions.are_several() || of_version(version) == Some("R4")
    }

    /// A payload of another release than R4 as an element of that release; `None` if it is R4. `read` is the
    /// payload as R4 reads it.
    ///
    /// # Errors
    /// The name of the payload's release, if [`Validator::fhir_version`] does not allow it.
    pub fn untyped(
        &self,
        text: &[u8],
        read: &Checked<Resource>,
    ) -> Result<Option<Untyped>, &'static str> {
        match self.decide(text, read) {
            Decided::R4 => Ok(None),
            Decided::Supported(read) => Ok(Some(read.value)),
            Decided::Other(name) => Err(name),
        }
    }

    /// The issues of a payload of another release than R4; `None` if it is validated as R4. `read` is the payload
    /// as R4 reads it.
    pub(crate) fn other_release(
        &self,
        text: &[u8],
        read: &Checked<Resource>,
    ) -> Option<Vec<Issue>> {
        self.issues(self.decide(text, read), text, read)
    }

    fn issues(
        &self,
        decided: Decided,
        text: &[u8],
        read: &Checked<Resource>,
    ) -> Option<Vec<Issue>> {
        match decided {
            Decided::R4 => {
                let others = self.entries_of_others(read.value.as_element(), "R4", text);
                if others.is_empty() {
                    return None;
                }
                let read = either::read::<Resource>(text, &self.reading()).ok()?;
                Some(self.with_entries(self.validate_read(read, text).issues, others, text))
            }
            Decided::Supported(read) => {
                let element = read.value.as_element();
                let name = read.value.release().name;
                let others = self.entries_of_others(element, name, text);
                let issues = self.validate_read(read, text).issues;
                Some(self.with_entries(issues, others, text))
            }
            Decided::Other(name) => {
                let root = read.value.as_element().schema().name;
                let (root, detail) = (root.to_owned(), Detail::Name(name));
                let mut issue = Issue::at(&R4_OTHER_VERSION, root, String::new(), detail);
                issue.severity = Severity::Error;
                Some(self.reported(vec![issue]))
            }
        }
    }

    fn decide(&self, text: &[u8], read: &Checked<Resource>) -> Decided {
        if !self.versions.are_several() {
            return Decided::R4;
        }
        let element = read.value.as_element();
        match self.versions.wanted {
            FhirVersion::Auto => match stated(element) {
                Some(name) => self.as_stated(name, text),
                None => match self.as_suggested(element, text) {
                    Some(read) => Decided::Supported(read),
                    None if read.issues.is_empty() => Decided::R4,
                    None => self.by_members(text, read),
                },
            },
            wanted => self.as_wanted(wanted.name(), text, read),
        }
    }

    fn as_stated(&self, name: &'static str, text: &[u8]) -> Decided {
        if name == "R4" {
            return Decided::R4;
        }
        let one = self.supported(name);
        match one.and_then(|one| (one.read)(text, &self.reading()).ok()) {
            Some(read) => Decided::Supported(read),
            None => Decided::Other(name),
        }
    }

    /// A payload as it is read by the release that its extensions suggest, if that defines all of its members.
    fn as_suggested(&self, element: &dyn Element, text: &[u8]) -> Option<Checked<Untyped>> {
        let head = text.get(..HEAD).unwrap_or(text);
        memchr::memmem::find(head, b"/STU3/")?;
        let found = self.candidate(suggested(element)?, text)?;
        found.read.filter(|_| found.misfits == 0)
    }

    #[cold]
    fn by_members(&self, text: &[u8], read: &Checked<Resource>) -> Decided {
        let own = Candidate::of("R4", read);
        let differs = own.misfits > 0 && self.may_be_of_others(read.value.as_element());
        let better = differs.then(|| self.better(&own, text, read));
        match better.flatten() {
            None => Decided::R4,
            Some(found) => match found.read {
                Some(read) => Decided::Supported(read),
                None => Decided::Other(found.name),
            },
        }
    }

    fn as_wanted(&self, wanted: &'static str, text: &[u8], read: &Checked<Resource>) -> Decided {
        let own = match self.candidate(wanted, text) {
            Some(own) => own,
            None => Candidate::of("R4", read),
        };
        // One misfit may be a mistake; with more of them, a release that fits better is taken.
        if own.misfits > 1
            && let Some(better) = self.better(&own, text, read)
        {
            return Decided::Other(better.name);
        }
        match (own.stated, own.read) {
            // R4B has what R4 has, but for some types.
            (Some(name), _)
                if name != wanted
                    && (own.misfits > 0
                        || !matches!((name, wanted), ("R4", "R4B") | ("R4B", "R4"))) =>
            {
                Decided::Other(name)
            }
            (_, Some(read)) => Decided::Supported(read),
            (_, None) => Decided::R4,
        }
    }

    fn supported(&self, name: &str) -> Option<&'static Supported> {
        let mut all = self.versions.supported.iter();
        all.find(|one| (one.name)() == name)
    }

    /// A payload as it is read by a release other than R4.
    fn candidate(&self, name: &str, text: &[u8]) -> Option<Candidate> {
        let one = self.supported(name)?;
        let read = (one.read)(text, &self.reading()).ok()?;
        let mut candidate = Candidate::of((one.name)(), &read);
        candidate.read = Some(read);
        Some(candidate)
    }

    /// The release that has fewest misfits in a payload, if these are fewer than those of the release `than`.
    /// `read` is the payload as R4 reads it.
    fn better(&self, than: &Candidate, text: &[u8], read: &Checked<Resource>) -> Option<Candidate> {
        let r4 = (than.name != "R4").then(|| Candidate::of("R4", read));
        let others = self.versions.supported.iter();
        let names = others.map(|one| (one.name)());
        let others = names.filter(|name| *name != than.name);
        let others = others.filter_map(|name| self.candidate(name, text));
        let all: Vec<Candidate> = r4.into_iter().chain(others).collect();
        // What a payload states is not seen by releases that lack its type, so all of them are tried.
        if let Some(name) = all.iter().find_map(|one| one.stated)
            && name != than.name
        {
            let mut named = all.into_iter().filter(|one| one.name == name);
            return Some(named.next().unwrap_or(Candidate {
                name,
                misfits: 0,
                stated: None,
                read: None,
            }));
        }
        let best = all.into_iter().min_by_key(|one| one.misfits)?;
        (best.misfits < than.misfits).then_some(best)
    }

    /// Whether a supported release may define what R4 does not define of a value. Where none has a member of the same
    /// name, no release is unpacked, which takes longer than validating most payloads.
    fn may_be_of_others(&self, element: &dyn Element) -> bool {
        let mut may_be = false;
        each_misfit(element, &mut |misfit| {
            may_be |= match misfit {
                Misfit::Member(name) => {
                    let mut supported = self.versions.supported.iter();
                    !may_be && supported.any(|one| (one.may_have_member)(name))
                }
                Misfit::Type | Misfit::Shape => true,
            };
        });
        may_be
    }

    /// Whether the beginning of a Bundle has no signs of a release other than R4, so that its entries can be read
    /// one by one; `whole` if the beginning is the whole Bundle.
    pub(crate) fn begins_as_r4(&self, head: &[u8], whole: bool) -> bool {
        match self.versions.wanted {
            _ if !self.versions.are_several() => return true,
            FhirVersion::Auto | FhirVersion::R4 => {}
            _ => return false,
        }
        let named: [&[u8]; 2] = [b"/STU3/", b"/fhir/3.0/"];
        let names = |name: &&[u8]| memchr::memmem::find(head, name).is_some();
        if named.iter().any(names) {
            return false;
        }
        if healthcode_xml::is_xml(head) {
            let read = whole.then(|| either::read::<Resource>(head, &self.reading()));
            let fits = |read: Checked<Resource>| fits(&read);
            return read.and_then(Result::ok).is_none_or(fits);
        }
        let valid = match std::str::from_utf8(head) {
            Ok(text) => text.as_bytes(),
            Err(error) => head.get(..error.valid_up_to()).unwrap_or_default(),
        };
        let Ok(entries) = healthcode_json::stream::entries(valid) else {
            return true;
        };
        if whole && self.has_foreign_member(valid) {
            return false;
        }
        let most = if whole { usize::MAX } else { ENTRIES };
        let resources = entries.map_while(Result::ok).take(most);
        let mut resources = resources.filter_map(|entry| entry.read_resource::<Resource>()?.ok());
        resources.all(|read| fits(&read))
    }

    /// Whether a Bundle has a member that another release defines, and R4 does not.
    fn has_foreign_member(&self, text: &[u8]) -> bool {
        let mut found = false;
        let defined = |schema: Option<&'static Schema>, name: &str| {
            schema.is_some_and(|schema| schema.member(name).is_some())
        };
        healthcode_json::outline(text, &mut |name, _| {
            if name != "resourceType" && !defined(healthcode_r4::schema::find("Bundle"), name) {
                let may_have = |one: &&Supported| (one.may_have_member)(name);
                let mut others = self.versions.supported.iter().filter(may_have);
                found = others.any(|one| defined(one.release().find("Bundle"), name));
            }
            !found
        });
        found
    }

    /// The issues of a Bundle of another release than R4, from its text.
    pub(crate) fn other_bundle(&self, text: &[u8]) -> Option<Vec<Issue>> {
        let read = either::read::<Resource>(text, &self.reading()).ok()?;
        self.other_release(text, &read)
    }
}

/// Whether R4 defines all members of a resource, and it states no other release.
fn fits(read: &Checked<Resource>) -> bool {
    let element = read.value.as_element();
    stated(element).is_none_or(|name| name == "R4")
        && (read.issues.is_empty() || misfits(element) == 0)
}

/// How many bytes are searched for URLs that suggest a release.
const HEAD: usize = 16_384;

/// How many entries of a large Bundle are read to find its release.
const ENTRIES: usize = 8;
