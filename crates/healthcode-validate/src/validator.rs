//! [`Validator`]: the settings of a validation, and its methods.

use crate::bundle::{BundleChecker, EntryFacts};
use crate::profile::Profiles;
use crate::remembered::Remembered;
use crate::rule_set::RuleSet;
use crate::rules::{UnknownName, find};
use crate::versions::Versions;
use crate::walk::{Settings, Walk};
use crate::{Filter, Policy, ProfileSet};
use healthcode_core::{Checked, Element, Issue, Issues, Path, Root, Rule, Step, rules};
use healthcode_json::{Error, ReadOptions};
use healthcode_r4::{Bundle, BundleEntry, Resource};
use healthcode_xml::either;
use std::sync::Arc;

/// How many issues of a Bundle as a whole are reported at a time.
const REPORTED_AT_ONCE: usize = 256;

/// The issues of a value that the caller has.
///
/// ```
/// use healthcode_core::UnknownResource;
/// use healthcode_validate::{Policy, Validator};
/// let report = Validator::new(Policy::R4).validate(&UnknownResource::new("Slto"));
/// assert!(!report.is_valid());
/// assert_eq!(report.issues[0].rule.id, "FHIR-RESOURCE-TYPE-UNKNOWN");
/// ```
pub type Report = Checked<()>;

/// Validates values and payloads.
///
/// ```
/// use healthcode_core::UnknownResource;
/// use healthcode_validate::{Policy, Validator};
/// let validator = Validator::new(Policy::R4).without("JSON-BOM")?;
/// let json = b"\xef\xbb\xbf{\n  \"resourceType\": \"Patiant\"\n}";
/// let checked = validator.read::<UnknownResource>(json)?;
/// assert_eq!(checked.value.resource_type().as_deref(), Some("Patiant"));
/// let issue = &checked.issues[0];
/// assert_eq!(issue.rule.id, "FHIR-RESOURCE-TYPE-UNKNOWN");
/// assert_eq!(issue.position.unwrap().to_string(), "2:19");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Validator {
    pub(crate) rules: RuleSet,
    read: ReadOptions,
    filter: Option<Filter>,
    profiles: Option<Arc<ProfileSet>>,
    applied: Vec<Box<str>>,
    pub(crate) versions: Versions,
}

impl Validator {
    /// A validator with the rules of `policy`.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Validator {
            rules: RuleSet::new(policy),
            ..Validator::default()
        }
    }

    /// Whether [`Validator::read`] adds the text around them to issues. It shows what the payload
    /// holds.
    #[must_use]
    pub fn excerpts(mut self, excerpts: bool) -> Self {
        self.read = self.read.excerpts(excerpts);
        self
    }

    /// Whether rules are checked that the definitions call best practice, such as that every resource
    /// has a narrative (`dom-6`). By default they are not.
    ///
    /// ```
    /// use healthcode_r4::Patient;
    /// use healthcode_validate::{Policy, Validator};
    /// let validator = Validator::new(Policy::R4);
    /// assert!(validator.validate(&Patient::default()).issues.is_empty());
    /// let issues = validator.best_practice(true).validate(&Patient::default()).issues;
    /// assert_eq!(issues[0].rule.id, "dom-6");
    /// ```
    #[must_use]
    pub fn best_practice(mut self, best_practice: bool) -> Self {
        self.rules.best_practice = best_practice;
        self
    }

    /// How deep [`Validator::read`] lets elements be nested; see [`ReadOptions::max_depth`].
    #[must_use]
    pub fn max_depth(mut self, depth: u32) -> Self {
        self.read = self.read.max_depth(depth);
        self
    }

    /// The options of reading for [`Validator::read`], excerpts included.
    #[must_use]
    pub fn read_options(mut self, options: ReadOptions) -> Self {
        self.read = options;
        self
    }

    /// Switches a rule off, by its id.
    ///
    /// # Errors
    /// If no rule has the id.
    pub fn without(mut self, rule_id: &str) -> Result<Self, UnknownName> {
        self.rules.disable(find(rule_id)?);
        Ok(self)
    }

    /// Passes all issues through a filter.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = Some(filter);
        self
    }

    /// Switches a rule on that is off by default ([`RuleDefault`](healthcode_core::RuleDefault)), by its id.
    ///
    /// ```
    /// use healthcode_r4::HumanName;
    /// use healthcode_validate::{Policy, Validator};
    /// let name = HumanName { family: " Chalmers".into(), ..HumanName::default() };
    /// let validator = Validator::new(Policy::R4);
    /// assert!(validator.validate(&name).issues.is_empty());
    /// let issues = validator.with("R4-PADDED-STRING")?.validate(&name).issues;
    /// assert_eq!(issues[0].path, "HumanName.family");
    /// # Ok::<(), healthcode_validate::UnknownName>(())
    /// ```
    ///
    /// # Errors
    /// If no rule has the id.
    pub fn with(mut self, rule_id: &str) -> Result<Self, UnknownName> {
        self.rules.enable(find(rule_id)?);
        Ok(self)
    }

    /// Checks resources against those of these profiles that their `meta.profile` names.
    #[must_use]
    pub fn profiles(mut self, profiles: Arc<ProfileSet>) -> Self {
        self.profiles = Some(profiles);
        self
    }

    /// Checks all resources of its type, contained ones aside, against the profile of this canonical
    /// URL, whatever they claim.
    ///
    /// # Errors
    /// If the profile is neither R4's own nor among those that [`Validator::profiles`] was given before.
    pub fn profile(mut self, canonical: &str) -> Result<Self, UnknownName> {
        let known = match &self.profiles {
            Some(profiles) => profiles.contains(canonical),
            None => ProfileSet::new().contains(canonical),
        };
        if !known {
            return Err(UnknownName::profile(canonical));
        }
        self.applied.push(canonical.into());
        Ok(self)
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> Policy {
        self.rules.policy
    }

    /// Whether issues of this rule are reported.
    #[must_use]
    pub fn reports(&self, rule: &'static Rule) -> bool {
        self.rules.reports(rule)
    }

    /// Validates a value. Its issues have no positions, the text being unknown.
    pub fn validate<T: Root>(&self, value: &T) -> Report {
        Checked::new(
            (),
            self.validate_element(value.as_element(), &Path::root("")),
        )
    }

    /// Validates an element that is at `path` in something larger: paths and pointers of the
    /// issues begin there, and they have no positions. An empty root stands for the element's
    /// type.
    pub fn validate_element(&self, element: &dyn Element, path: &Path<'_>) -> Vec<Issue> {
        let named;
        let path = match path.step() {
            Step::Root { path: "", pointer } => {
                named = Path::with_root(element.schema().name, pointer);
                &named
            }
            _ => path,
        };
        self.reported(Walk::run(self.settings(), element, path))
    }

    /// Validates the next of many resources.
    pub(crate) fn validate_next(
        &self,
        resource: &Resource,
        remembered: &mut Remembered,
    ) -> Vec<Issue> {
        let element = resource.as_element();
        let path = Path::root(element.schema().name);
        self.reported(Walk::next(self.settings(), element, &path, remembered))
    }

    /// Validates the next entry of a Bundle, beside those before it. Gives the checker back.
    pub(crate) fn validate_entry(
        &self,
        checker: Box<BundleChecker>,
        entry: &BundleEntry,
    ) -> (Vec<Issue>, Box<BundleChecker>) {
        let (issues, checker) = Walk::entry(self.settings(), entry, checker);
        (self.reported(issues), checker)
    }

    /// Validates the entry of this number by itself, on any thread; its facts are for
    /// [`Validator::relate_entry`]. `checker` comes from [`BundleChecker::for_worker`].
    pub(crate) fn validate_entry_alone(
        &self,
        mut checker: Box<BundleChecker>,
        index: usize,
        entry: &BundleEntry,
    ) -> (Vec<Issue>, EntryFacts, Box<BundleChecker>) {
        checker.go_to(index);
        let (issues, checker) = Walk::entry(self.settings(), entry, checker);
        let facts = checker.facts();
        (self.reported(issues), facts, checker)
    }

    /// Takes the facts of the next entry: what is wrong with it beside those before it.
    pub(crate) fn relate_entry(
        &self,
        checker: &mut BundleChecker,
        facts: &EntryFacts,
    ) -> Vec<Issue> {
        let mut issues = Issues::new();
        checker.take(facts, self.rules.policy, &mut issues);
        self.reported(issues.into_vec(&Path::root("Bundle")))
    }

    /// Validates a Bundle, which holds no entries itself, when `checker` has had all of them. Calls
    /// `report` with some hundred issues at a time: there may be more than one for each entry. Those of
    /// entries have positions, others have none.
    pub(crate) fn validate_bundle(
        &self,
        checker: Box<BundleChecker>,
        bundle: &Bundle,
        report: &mut dyn FnMut(Vec<Issue>),
    ) {
        let path = Path::root("Bundle");
        let (mut issues, mut checker) = Walk::shell(self.settings(), bundle, checker, &path);
        let whole = crate::element::is_whole(bundle);
        checker.finish(bundle, whole, self.rules.policy, &path, &mut |issue| {
            issues.push(issue);
            if issues.len() >= REPORTED_AT_ONCE {
                report(self.reported(std::mem::take(&mut issues)));
            }
        });
        report(self.reported(issues));
    }

    /// Whether resources may be checked against loaded profiles.
    pub(crate) fn has_profiles(&self) -> bool {
        self.profiles.is_some()
    }

    /// How resources are read.
    pub(crate) fn reading(&self) -> ReadOptions {
        self.read
    }

    fn settings(&self) -> Settings<'_> {
        let is_healthcode = self.rules.policy == Policy::Healthcode;
        Settings {
            rules: &self.rules,
            profiles: Profiles {
                rules: &self.rules,
                loaded: self.profiles.as_deref(),
                of_policy: is_healthcode.then(ProfileSet::healthcode),
                applied: &self.applied,
            },
        }
    }

    /// The issues that the filter and the settings leave.
    pub(crate) fn reported(&self, mut issues: Vec<Issue>) -> Vec<Issue> {
        if self.rules.has_disabled() {
            issues.retain(|issue| self.reports(issue.rule));
        }
        self.filtered(&mut issues);
        issues
    }

    /// Reads a payload in JSON or XML, validates it, and finds the place of each issue in the text.
    ///
    /// # Errors
    /// If the text is not UTF-8, is neither JSON nor XML, or is another resource than `T`.
    pub fn read<T: Root>(&self, text: &[u8]) -> Result<Checked<T>, Error> {
        let read = either::read::<T>(text, &self.read)?;
        Ok(self.validate_read(read, text))
    }

    /// Validates a value that was read from a text, and finds the place of each issue in it.
    pub(crate) fn validate_read<T: Root>(&self, read: Checked<T>, text: &[u8]) -> Checked<T> {
        let mut issues = self.validate_element(read.value.as_element(), &Path::root(""));
        either::locate(text, &mut issues, self.reading().has_excerpts());
        // The walk repeats the issues of reading, but for the byte order mark, which is not in the value.
        let mark = |issue: &Issue| issue.rule == &rules::JSON_BOM && self.reports(issue.rule);
        if let Some(mark) = read.issues.into_iter().find(mark) {
            issues.insert(0, mark);
            self.filtered(&mut issues);
        }
        Checked::new(read.value, issues)
    }

    pub(crate) fn filtered(&self, issues: &mut Vec<Issue>) {
        if let Some(filter) = &self.filter {
            filter.apply(issues);
        }
    }
}
