//! What is included: `_include`, `_revinclude`, also all references and again and again.

use super::Index;
use super::effort::Effort;
use super::outcome::Hit;
use super::source::{Source, referred};
use super::walk::Found;
use healthcode_search::{Include, Modifier, Parameter, ParameterType, Value};
use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

/// A reference that is followed to include what it leads to.
#[derive(Debug)]
pub(super) struct Following<'q> {
    /// The type of resource that has the reference.
    resource: &'static str,
    source: Source,
    target: Option<&'q str>,
    reverse: bool,
    iterate: bool,
    /// What refers to each item, where that is requested.
    known: OnceCell<HashMap<u32, Vec<u32>>>,
}

impl<'q> Following<'q> {
    /// Adds what a value of `_include` or `_revinclude` includes; none if that is not supported.
    pub(super) fn add(
        included: &'q Parameter,
        value: &'q Value,
        out: &mut Vec<Following<'q>>,
    ) -> Option<()> {
        let following = |resource: &str, parameter: &str, target| {
            Some(Following {
                resource: healthcode_search::resource(resource)?,
                source: Source::of(resource, parameter)?,
                target,
                reverse: included.name.code == "_revinclude",
                iterate: included.name.modifier == Some(Modifier::Iterate),
                known: OnceCell::new(),
            })
        };
        match value {
            Value::Names(names) => {
                for name in names {
                    out.push(following("PractitionerRole", name, None)?);
                }
            }
            Value::Include(Include {
                source,
                parameter,
                target,
            }) if parameter == "*" => {
                let references = healthcode_search::search_parameters(source)
                    .filter(|parameter| parameter.parameter_type() == ParameterType::Reference);
                out.extend(references.filter_map(|reference| {
                    following(source, reference.name(), target.as_deref())
                }));
            }
            Value::Include(Include {
                source,
                parameter,
                target,
            }) => out.push(following(source, parameter, target.as_deref())?),
            _ => return None,
        }
        Some(())
    }

    /// Where the references of an item lead: nowhere, if that was not given.
    fn referred(&self, index: &Index<'_>, effort: &Effort, item: u32) -> Vec<Option<u32>> {
        let (name, _) = index.identity(item);
        let Some(element) = index.element(item).filter(|_| name == self.resource) else {
            return Vec::new();
        };
        let values = self.source.values(element).into_iter();
        let values = values.take_while(|_| effort.follow());
        let found = values.filter_map(|value| {
            // Canonical URLs name more than resources.
            let canonical = matches!(value.found, Found::Text(_));
            let target = index.resolve(item, referred(value.found)?);
            let named = match target {
                Some(target) => Some(index.identity(target).0),
                None => super::source::named_type(value.found),
            };
            let wrong = named.is_some_and(|name| {
                self.target.is_some_and(|wanted| wanted != name) || !self.source.means(name)
            });
            (!wrong && (target.is_some() || !canonical)).then_some(target)
        });
        found.collect()
    }

    /// What refers to an item.
    fn referring(&self, index: &Index<'_>, effort: &Effort, item: u32) -> Vec<Option<u32>> {
        let (name, _) = index.identity(item);
        if self.target.is_some_and(|wanted| wanted != name) {
            return Vec::new();
        }
        let known = self.known.get_or_init(|| {
            let mut known: HashMap<u32, Vec<u32>> = HashMap::new();
            let mut sources = index.all_of_type(self.resource);
            while let Some(source) = sources.next().filter(|_| !effort.is_spent()) {
                for target in self.referred(index, effort, source).into_iter().flatten() {
                    known.entry(target).or_default().push(source);
                }
            }
            known
        });
        let found = known.get(&item).into_iter().flatten();
        found.copied().map(Some).collect()
    }
}

impl<'a> Index<'a> {
    /// What the references of the items lead to, each once and none of the items themselves; and the
    /// items of which one leads nowhere, each once.
    pub(super) fn included(
        &self,
        shown: &[u32],
        includes: &[Following<'_>],
        effort: &Effort,
    ) -> (Vec<Hit<'a>>, Vec<Hit<'a>>) {
        let mut seen: HashSet<u32> = shown.iter().copied().collect();
        let (mut included, mut missing) = (Vec::new(), Vec::new());
        let mut from = shown.to_vec();
        let mut first = true;
        while !from.is_empty() {
            let mut next = Vec::new();
            for item in &from {
                let mut nowhere = false;
                let followed = includes.iter().filter(|include| first || include.iterate);
                for following in followed.take_while(|_| !effort.is_spent()) {
                    let targets = if following.reverse {
                        following.referring(self, effort, *item)
                    } else {
                        following.referred(self, effort, *item)
                    };
                    for target in targets {
                        match target {
                            Some(target) if seen.insert(target) => next.push(target),
                            Some(_) => {}
                            None => nowhere = true,
                        }
                    }
                }
                missing.extend(self.hit(*item).filter(|_| nowhere));
            }
            included.extend(next.iter().filter_map(|item| self.hit(*item)));
            from = next;
            first = false;
        }
        (included, missing)
    }
}
