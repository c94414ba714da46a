//! The checks of a Bundle as a whole.

use super::deferred::{Deferred, Kind, is_closed, is_sent_to_server};
use super::index::Found;
use super::{BundleChecker, Entry, relations, xpaths};
use crate::Policy;
use crate::invariant::foundation as invariants;
use crate::policy::Subject;
use crate::reference;
use crate::registry as rule;
use healthcode_core::{Detail, Issue, Issues, Path, Rule, Severity, Step};
use healthcode_r4::Bundle;
use healthcode_r4::codes::BundleType;

impl BundleChecker {
    /// Checks the Bundle when all its entries are known; it need not hold them. `whole` if all of it could be
    /// read.
    pub(crate) fn finish(
        &mut self,
        bundle: &Bundle,
        whole: bool,
        policy: Policy,
        path: &Path<'_>,
        report: &mut dyn FnMut(Issue),
    ) {
        let kind = bundle.type_.value();
        let kind = kind.filter(|kind| !matches!(kind, BundleType::Unrecognized(_)));
        let mut issues = Issues::new();
        if let Some(kind) = kind {
            if whole {
                self.head(bundle, kind, policy, path, &mut issues);
            }
            issues.drain().for_each(&mut *report);
            if self.known.is_none() {
                for (index, entry) in self.entries.iter().enumerate() {
                    self.presence(index, *entry, kind, policy, &mut issues);
                    for mut issue in issues.drain() {
                        issue.position = self.spots.get(index).and_then(|spot| spot.position());
                        report(issue);
                    }
                }
            }
        }
        if kind == Some(&BundleType::Document) {
            self.unreachable(report);
        }
        self.links.clear();
        for one in &self.deferred {
            if let Some((rule, detail)) = self.broken_rule(one, kind, policy) {
                let mut issue = self.issue(rule, one);
                issue.detail = detail;
                let unresolved =
                    rule == &rule::R4_REFERENCE_UNRESOLVED || rule == &rule::R4_REFERENCE_VERSION;
                let needed = kind == Some(&BundleType::Document)
                    || (one.included && kind.is_some_and(is_closed));
                if unresolved && needed {
                    issue.severity = Severity::Error;
                }
                report(issue);
            }
        }
    }

    /// The members of a Bundle beside its entries, and the first entry.
    fn head(
        &self,
        bundle: &Bundle,
        kind: &BundleType,
        policy: Policy,
        path: &Path<'_>,
        issues: &mut Issues,
    ) {
        let counted = matches!(kind, BundleType::Searchset | BundleType::History);
        if !bundle.total.is_empty() && !counted && self.release.is_none() {
            let path = path.child(Step::field("total"));
            let subject = Subject::Bundle(kind);
            policy.report(&invariants::BDL_1, &path, Detail::None, subject, issues);
        }
        relations::check(bundle, kind, policy, path, issues);
        if let Some((index, spot)) = self.without_url
            && *kind == BundleType::Searchset
            && relations::is_search(bundle)
            && let Some(rule) = policy.reported(&rule::R4_FULL_URL_MISSING, Subject::Bundle(kind))
        {
            let mut issue = self.of_entry(rule, index);
            issue.position = spot.position();
            issues.push(issue);
        }
        if self.release.is_some() {
            // The invariants of other releases are evaluated.
            return;
        }
        let first = match kind {
            BundleType::Document => "Composition",
            BundleType::Message => "MessageHeader",
            _ => return,
        };
        if *kind == BundleType::Document {
            let identifier = bundle.identifier.as_deref();
            if !identifier.is_some_and(|identifier| {
                !identifier.system.is_empty() && !identifier.value.is_empty()
            }) {
                issues.push(Issue::new(&invariants::BDL_9, path, Detail::None));
            }
            if bundle.timestamp.value().is_none() {
                issues.push(Issue::new(&invariants::BDL_10, path, Detail::None));
            }
        }
        let rule = match kind {
            BundleType::Document => &invariants::BDL_11,
            _ => &invariants::BDL_12,
        };
        match self.entries.first() {
            None => issues.push(Issue::new(rule, path, Detail::None)),
            Some(entry) if entry.whole && self.name_of(entry.type_index) != Some(first) => {
                let mut issue = self.of_entry(rule, 0);
                issue.position = self.spots.first().and_then(|spot| spot.position());
                issues.push(issue);
            }
            Some(_) => {}
        }
    }

    /// Reports an entry with members that Bundles of this type do not have, or without those that they require.
    pub(super) fn presence(
        &self,
        index: usize,
        entry: Entry,
        kind: &BundleType,
        policy: Policy,
        issues: &mut Issues,
    ) {
        use BundleType::{Batch, BatchResponse, History, Transaction, TransactionResponse};
        if !entry.whole {
            return;
        }
        let search = *kind == BundleType::Searchset;
        let request = matches!(kind, Batch | Transaction | History);
        let response = matches!(kind, BatchResponse | TransactionResponse | History);
        let is_checked = self.release.is_none();
        if is_checked && entry.search && !search {
            issues.push(self.of_entry(&invariants::BDL_2, index));
        }
        if is_checked && entry.request != request {
            issues.push(self.of_entry(&invariants::BDL_3, index));
        }
        if is_checked && entry.response != response {
            issues.push(self.of_entry(&invariants::BDL_4, index));
        }
        if let Some((rule, severity)) = entry.unidentified.fault(kind, policy) {
            let mut issue = self.of_entry(rule, index);
            issue.severity = severity;
            issues.push(issue);
        }
    }

    /// Reports entries of a document that its Composition does not refer to, directly or through other entries.
    fn unreachable(&self, report: &mut dyn FnMut(Issue)) {
        let name = |index: usize| {
            self.entries
                .get(index)
                .and_then(|entry| self.name_of(entry.type_index))
        };
        // Content that could not be read may refer to any entry; so may resources that R4 does not define.
        let known = self.entries.iter().enumerate();
        let mut known = known.map(|(index, entry)| entry.whole && name(index).is_some());
        if name(0) != Some("Composition") || !known.all(|known| known) {
            return;
        }
        let follows = |index| name(index) == Some("Provenance");
        let reached = self.links.reached(self.entries.len(), follows);
        for (index, reached) in reached.into_iter().enumerate() {
            if !reached && name(index) != Some("Binary") {
                let mut issue = self.of_entry(&rule::R4_DOCUMENT_UNREACHABLE, index);
                issue.position = self.spots.get(index).and_then(|spot| spot.position());
                report(issue);
            }
        }
    }

    pub(super) fn of_entry(&self, rule: &'static Rule, index: usize) -> Issue {
        let path = format!("{}.entry[{index}]", self.path);
        let pointer = format!("{}/entry/{index}", self.pointer);
        let mut issue = Issue::at(rule, path, pointer, Detail::None);
        issue.xpath = self.is_xml.then(|| xpaths::of_entry(index).into());
        issue
    }

    /// The rule that a deferred check finds broken, if any.
    pub(super) fn broken_rule(
        &self,
        one: &Deferred,
        kind: Option<&BundleType>,
        policy: Policy,
    ) -> Option<(&'static Rule, Detail)> {
        let is = |wanted: BundleType| kind == Some(&wanted);
        let none = |rule| Some((rule, Detail::None));
        let submitted = is(BundleType::Transaction) || is(BundleType::Batch);
        let transaction = is(BundleType::Transaction);
        match one.kind {
            Kind::Repeated if is(BundleType::History) => return None,
            Kind::Repeated if self.release.is_some() => return None,
            Kind::Repeated => return none(&invariants::BDL_7),
            Kind::RepeatedRequest if transaction => {
                return none(&rule::R4_TRANSACTION_IDENTITY);
            }
            Kind::RequestUrl if submitted => return none(&rule::R4_REQUEST_URL),
            Kind::RepeatedRequest | Kind::RequestUrl => return None,
            Kind::Conditional if transaction => return None,
            Kind::Conditional => {
                let detail = Detail::Expected("Type/id, an absolute URL or URN, or #id");
                return Some((&rule::R4_REFERENCE, detail));
            }
            Kind::Urn | Kind::Absolute | Kind::Based | Kind::Rootless | Kind::Loose => {}
        }
        match self.find(one.kind, one.key, one.version, policy) {
            Found::Yes(type_index) => {
                let targets = self.sites.get(one.site).targets;
                let name = self.name_of(type_index)?;
                let unfit = !reference::fits(targets, name);
                unfit.then(|| (&rule::R4_REFERENCE_TARGET, reference::expected(targets)))
            }
            Found::OtherVersion => none(&rule::R4_REFERENCE_VERSION),
            Found::No => {
                let included = one.included && kind.is_some_and(is_closed);
                let missing = match one.kind {
                    Kind::Urn => true,
                    Kind::Based => included || is(BundleType::Document),
                    Kind::Absolute => included,
                    Kind::Rootless | Kind::Loose => !kind.is_some_and(is_sent_to_server),
                    _ => false,
                };
                let unresolved = &rule::R4_REFERENCE_UNRESOLVED;
                let rule = match one.kind {
                    _ if !missing => None,
                    Kind::Loose => policy.reported(unresolved, Subject::LooseReference(kind)),
                    _ => Some(unresolved),
                };
                rule.and_then(none)
            }
        }
    }
}
