//! The parameters of Healthcode's searches, which look at extensions and through references.
//!
//! The documentation says what is given, not how it is compared. Taken here: names begin so, without
//! case and accents; postcodes are equal without case and spaces; all else is equal as it is written. What
//! is said of an insurer (`insurer`, its number and status) has to hold of one and the same insurer.

use super::text::{fold, postcode};
use super::time::Span;
use super::truth::Truth;
use super::walk::text_at;
use super::{Index, Reason};
use healthcode_extensions::{HasExtensions, PractitionerExtensions, ProfessionGroup};
use healthcode_r4::{Location, Practitioner, PractitionerRole};
use healthcode_search::{Prefix, Query, Value};

/// What a parameter requires.
#[derive(Clone, Debug)]
pub(super) enum Wanted<'q> {
    Practitioner(Vec<&'q str>),
    Location(&'q str),
    Id(&'q str),
    Ages(&'q str),
    Gender(&'q str),
    /// Folded.
    Family(String),
    Given(String),
    Postcode(String),
    Profession(&'q str),
    Specialty(&'q str),
    Subspecialty(&'q str),
    Regulator(&'q str),
    Online(bool),
    Insurance(Insurance<'q>),
    Since(Span),
}

/// What has to hold of one insurer.
#[derive(Clone, Debug, Default)]
pub(super) struct Insurance<'q> {
    insurers: Vec<&'q str>,
    number: Option<&'q str>,
    status: Option<&'q str>,
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

impl<'q> Wanted<'q> {
    /// What a parameter of an endpoint requires; none if that is not supported.
    pub(super) fn of(query: &'q Query, name: &str, values: &'q [Value]) -> Option<Self> {
        let first = values.first()?;
        Some(match (name, first) {
            ("practitioner", _) => Wanted::Practitioner(values.iter().filter_map(text).collect()),
            ("location", Value::Text(id)) => Wanted::Location(id),
            ("id", Value::Text(id)) => Wanted::Id(id),
            ("ages-treated", Value::Text(code)) => Wanted::Ages(code),
            ("gender", Value::Text(code)) => Wanted::Gender(code),
            ("family", Value::Text(name)) => Wanted::Family(fold(name)),
            ("given", Value::Text(name)) => Wanted::Given(fold(name)),
            ("address-postalcode" | "postcode", Value::Text(code)) => {
                Wanted::Postcode(postcode(code))
            }
            ("profession", Value::Text(code)) => Wanted::Profession(code),
            ("specialty", Value::Text(code)) => Wanted::Specialty(code),
            ("subspecialty", Value::Text(code)) => Wanted::Subspecialty(code),
            ("regulator-reference" | "registeredno", Value::Text(text)) => Wanted::Regulator(text),
            ("is-onlinebooking-available", Value::Boolean(value)) => Wanted::Online(*value),
            ("insurer" | "insurer-provider-number" | "insurer-recognition-status", _) => {
                Wanted::Insurance(Insurance::of(query))
            }
            ("_since", Value::Date(_, date)) => Wanted::Since(Span::of(date.as_str())?),
            _ => return None,
        })
    }

    /// Whether an item, a practitioner or a role, matches.
    pub(super) fn matches(&self, index: &Index<'_>, item: u32) -> Truth {
        let role = index.get::<PractitionerRole>(item);
        match (self, role) {
            (Wanted::Id(id), _) => Truth::from(index.identity(item).1 == Some(id)),
            (Wanted::Since(since), _) => self.updated(*since, index, item),
            (Wanted::Practitioner(ids), Some(role)) => {
                let reference = role.practitioner.as_deref();
                let text = reference.and_then(|reference| reference.reference.as_str());
                Truth::from(ids.iter().any(|id| leads_to(index, item, text, id)))
            }
            (Wanted::Location(id), Some(role)) => {
                let texts = role.location.iter();
                let mut texts = texts.map(|location| location.reference.as_str());
                Truth::from(texts.any(|text| leads_to(index, item, text, id)))
            }
            (Wanted::Ages(code), Some(role)) => {
                let decoded = role.decode_extensions();
                let mut ages = decoded.value.ages_treated.iter();
                Truth::from(ages.any(|age| age.code.as_str() == *code))
            }
            (Wanted::Postcode(wanted), Some(role)) => {
                let codes = role.location.iter().map(|reference| {
                    let found = index.follow(item, reference);
                    let Some(location) = found.and_then(|item| index.get::<Location>(item)) else {
                        return Truth::Unknown(Reason::Unresolved);
                    };
                    let address = location.address.as_deref();
                    let code = address.and_then(|address| address.postal_code.as_str());
                    Truth::from(code.is_some_and(|code| postcode(code) == *wanted))
                });
                Truth::any(codes)
            }
            (Wanted::Specialty(code), Some(role)) => Truth::from(has_code(role, code)),
            (Wanted::Subspecialty(code) | Wanted::Profession(code), Some(role)) => {
                if has_code(role, code) {
                    Truth::Yes
                } else {
                    self.of_practitioner(index, item, Some(role))
                }
            }
            // Where practitioners are is what their roles say.
            (Wanted::Location(id), None) => {
                let roles = index.all_of_type("PractitionerRole").filter(|role| {
                    let links = index.links.get(*role as usize);
                    links.is_some_and(|links| links.practitioner == item)
                });
                let mut roles = roles.peekable();
                match roles.peek() {
                    None => Truth::Unknown(Reason::Unresolved),
                    Some(_) => {
                        Truth::any(roles.map(|role| Wanted::Location(id).matches(index, role)))
                    }
                }
            }
            _ => self.of_practitioner(index, item, role),
        }
    }

    /// Whether the practitioner matches: the item, or whom the role is of.
    fn of_practitioner(
        &self,
        index: &Index<'_>,
        item: u32,
        role: Option<&PractitionerRole>,
    ) -> Truth {
        let found = match role {
            None => Some(item),
            Some(role) => {
                let reference = role.practitioner.as_deref();
                reference.and_then(|reference| index.follow(item, reference))
            }
        };
        let Some(practitioner) = found.and_then(|item| index.get::<Practitioner>(item)) else {
            return Truth::Unknown(Reason::Unresolved);
        };
        let begins = |name: Option<&str>, wanted: &str| {
            name.is_some_and(|name| fold(name).starts_with(wanted))
        };
        let extensions = || practitioner.decode_extensions().value;
        Truth::from(match self {
            Wanted::Gender(code) => practitioner.gender.as_str() == Some(*code),
            Wanted::Family(name) => {
                let mut names = practitioner.name.iter();
                names.any(|human_name| begins(human_name.family.as_str(), name))
            }
            Wanted::Given(name) => {
                let mut names = practitioner.name.iter().flat_map(|name| name.given.iter());
                names.any(|given| begins(given.as_str(), name))
            }
            Wanted::Postcode(wanted) => {
                let addresses = practitioner.address.iter();
                let mut codes = addresses.filter_map(|address| address.postal_code.as_str());
                codes.any(|code| postcode(code) == *wanted)
            }
            Wanted::Profession(code) => any_group(&extensions(), code, |group| {
                Some(group.profession.as_ref()?.code.as_str())
            }),
            Wanted::Specialty(code) => any_group(&extensions(), code, |group| {
                Some(group.specialty.as_ref()?.code.as_str())
            }),
            Wanted::Subspecialty(code) => any_group(&extensions(), code, |group| {
                Some(group.subspecialty.as_ref()?.code.as_str())
            }),
            Wanted::Regulator(number) => {
                let view = extensions();
                let mut numbers = view.registrations.iter();
                numbers.any(|registration| {
                    registration
                        .reference
                        .as_deref()
                        .map(|reference| &**reference)
                        == Some(*number)
                })
            }
            Wanted::Online(wanted) => match extensions().online_booking {
                Some(online) => *online == *wanted,
                None => return Truth::Unknown(Reason::NoSchedule),
            },
            Wanted::Insurance(wanted) => wanted.holds(&extensions()),
            _ => false,
        })
    }

    fn updated(&self, since: Span, index: &Index<'_>, item: u32) -> Truth {
        let element = index.element(item);
        match element.and_then(|element| text_at(element, "meta.lastUpdated")) {
            Some(text) => super::time::matches(text, Some(Prefix::Ge), since),
            None => Truth::Unknown(Reason::NotSaid),
        }
    }
}

impl<'q> Insurance<'q> {
    fn of(query: &'q Query) -> Self {
        let named = |name: &str| {
            let mut all = query.parameters().iter();
            let found = all.find(|parameter| parameter.name.code == name);
            found.map_or(&[][..], |parameter| &parameter.values)
        };
        let one = |name| named(name).first().and_then(text);
        Insurance {
            insurers: named("insurer").iter().filter_map(text).collect(),
            number: one("insurer-provider-number"),
            status: one("insurer-recognition-status"),
        }
    }

    fn holds(&self, view: &PractitionerExtensions) -> bool {
        view.insurers.iter().any(|group| {
            let code = group.insurer.as_ref().map(|insurer| insurer.code.as_str());
            let status = group.status.as_ref().map(|status| status.code.as_str());
            let number = group.provider_code.as_ref().map(|code| code.as_str());
            let among = |code| self.insurers.contains(&code);
            (self.insurers.is_empty() || code.is_some_and(among))
                && self.number.is_none_or(|wanted| number == Some(wanted))
                && self.status.is_none_or(|wanted| status == Some(wanted))
        })
    }
}

/// Whether a reference leads to a resource of this id.
fn leads_to(index: &Index<'_>, from: u32, text: Option<&str>, id: &str) -> bool {
    let Some(text) = text else { return false };
    let target = index.resolve(from, text);
    let found = target.and_then(|target| index.identity(target).1);
    found == Some(id) || text.rsplit('/').next() == Some(id)
}

/// Whether any of the professions has a code where `of` looks for it.
fn any_group(
    view: &PractitionerExtensions,
    code: &str,
    of: fn(&ProfessionGroup) -> Option<&str>,
) -> bool {
    let mut groups = view.professions.iter();
    groups.any(|group| of(group) == Some(code))
}

/// Whether a role says the code itself.
fn has_code(role: &PractitionerRole, code: &str) -> bool {
    let concepts = role.specialty.iter().chain(&role.code);
    let mut codings = concepts.flat_map(|concept| concept.coding.iter());
    codings.any(|coding| coding.code.as_str() == Some(code))
}
