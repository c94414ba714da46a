//! [`Flatten`]: the rows of views over one input.

use super::table::{Encoder, Rows};
use crate::args::{FhirVersionArg, InputArgs, ViewFormat};
use crate::engine::{Outbox, Watched, Work, stopped};
use crate::input::{self, Input};
use healthcode_core::{
    Detail, Element, Issue, Path, Position, ReadOptions, Root, Rule, RuleDefault, SchemaKind,
    Severity, UntypedEntry, UntypedResource,
};
use healthcode_json::Wanted;
use healthcode_r4::{BundleEntry, Resource};
use healthcode_releases::{R4b, R5, Stu3};
use healthcode_validate::{ResourceText, for_each_group};
use healthcode_views::{Misfit, RunError, RunOptions, View, entry_resource, for_each_resource};
use indicatif::ProgressBar;
use std::collections::HashMap;
use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};

/// Stands for a value that is not of its column's type, where its position is looked for.
static MISFIT: Rule = Rule::new(
    "VIEW-MISFIT",
    Severity::Error,
    RuleDefault::On,
    "value",
    "value is not of its column's type",
    "",
);

/// A view that is run.
pub(super) struct Running {
    pub(super) name: String,
    pub(super) view: View,
    /// An error has ended it.
    pub(super) stopped: AtomicBool,
}

/// How inputs are flattened.
pub(super) struct Flatten {
    pub(super) args: InputArgs,
    pub(super) views: Vec<Running>,
    pub(super) wanted: Wanted,
    pub(super) format: ViewFormat,
    /// Of the resources; not `Auto`.
    pub(super) release: FhirVersionArg,
    pub(super) options: RunOptions,
    pub(super) progress: ProgressBar,
    /// How many threads read the entries or lines of one input.
    pub(super) threads: usize,
}

/// What comes of an input, part by part.
pub(super) enum Part {
    /// Rows of the view of this number.
    Rows(usize, Rows),
    /// Rows that cannot be written.
    Failed(io::Error),
    /// Something that cannot be read.
    Unread(Issue),
    /// A value that is not of its column's type.
    Misfit(usize, Misfit, Position),
    /// An error that ends the view of this number, and the place of the resource.
    Stopped(usize, Position, RunError),
}

impl Work for Flatten {
    type Part = Part;

    // Each has the rows of many resources.
    const BATCH: usize = 1;

    const AHEAD: usize = 16;

    fn process(&self, input: &Input, outbox: &Outbox<Part>) -> io::Result<()> {
        let bar = self.progress.clone();
        let wrap = |reader| Box::new(Watched(reader, bar)) as Box<dyn Read>;
        let opened = input::open(input, &self.args, wrap)?;
        if opened.capture {
            let message = "captured exchanges are not allowed here: views are run over resources";
            return Err(io::Error::new(io::ErrorKind::Unsupported, message));
        }
        let options = input::options(&self.args);
        let work = |texts: &[ResourceText]| match self.release {
            FhirVersionArg::Auto | FhirVersionArg::R4 => {
                self.group::<Resource, BundleEntry>(texts, &options)
            }
            FhirVersionArg::Stu3 => {
                self.group::<UntypedResource<Stu3>, UntypedEntry<Stu3>>(texts, &options)
            }
            FhirVersionArg::R4b => {
                self.group::<UntypedResource<R4b>, UntypedEntry<R4b>>(texts, &options)
            }
            FhirVersionArg::R5 => {
                self.group::<UntypedResource<R5>, UntypedEntry<R5>>(texts, &options)
            }
        };
        let mut take = |parts| {
            stopped()?;
            outbox.add(parts)
        };
        let kind = Some(opened.kind);
        for_each_group(opened.reader, kind, options, self.threads, &work, &mut take)
    }

    fn begin(&self, name: String) {
        self.progress.set_message(name);
    }
}

/// What has come of a group of resources.
struct Group<'f> {
    flatten: &'f Flatten,
    encoders: Vec<Encoder>,
    parts: Vec<Part>,
}

impl Flatten {
    fn group<T: Root, E: Root>(&self, texts: &[ResourceText], options: &ReadOptions) -> Vec<Part> {
        let encoders = self.views.iter();
        let mut group = Group {
            flatten: self,
            encoders: encoders
                .map(|running| Encoder::new(self.format, &running.view))
                .collect(),
            parts: Vec::new(),
        };
        for text in texts {
            let first = group.parts.len();
            let unread = if text.is_entry() {
                let read = text.read::<E>(options, &self.wanted);
                read.map(|entry| {
                    let pointer = text.pointer() + "/resource";
                    if let Some(resource) = entry_resource(entry.as_element()) {
                        group.resources(resource, text, &pointer);
                    }
                })
            } else {
                let read = text.read::<T>(options, &self.wanted);
                read.map(|resource| {
                    let resource = resource.as_element();
                    if is_resource(resource) {
                        group.resources(resource, text, "");
                    } else {
                        group.no_resource(resource, text);
                    }
                })
            };
            locate(&mut group.parts[first..], text);
            let unread = unread.err().map(healthcode_json::Error::into_issue);
            group.parts.extend(unread.map(Part::Unread));
        }
        let Group {
            encoders,
            mut parts,
            ..
        } = group;
        let rows = encoders.into_iter().enumerate();
        parts.extend(rows.filter_map(|(index, encoder)| match encoder.finish() {
            Ok(rows) => Some(Part::Rows(index, rows?)),
            Err(error) => Some(Part::Failed(error)),
        }));
        parts
    }
}

impl Group<'_> {
    /// Reports a line or document that is not a resource: an array, or an object without `resourceType`.
    fn no_resource(&mut self, read: &dyn Element, text: &ResourceText) {
        let mut issues = healthcode_json::defects::element_issues_of(read, &Path::root(""));
        issues.truncate(1);
        text.locate(&mut issues);
        self.parts.extend(issues.into_iter().map(Part::Unread));
    }

    fn resources(&mut self, resource: &dyn Element, text: &ResourceText, pointer: &str) {
        for_each_resource(resource, pointer, &mut |resource, pointer| {
            self.resource(resource, text, pointer);
        });
    }

    fn resource(&mut self, resource: &dyn Element, text: &ResourceText, pointer: &str) {
        let flatten = self.flatten;
        let name = resource.schema().name;
        for (index, running) in flatten.views.iter().enumerate() {
            if running.view.resource() != name || running.stopped.load(Ordering::Relaxed) {
                continue;
            }
            let Some(encoder) = self.encoders.get_mut(index) else {
                continue;
            };
            let parts = &mut self.parts;
            let mut misfits = |mut misfit: Misfit| {
                // From that of the resource to that of the text.
                let inner = misfit.pointer.take();
                misfit.pointer = inner.map(|inner| format!("{pointer}{inner}"));
                parts.push(Part::Misfit(index, misfit, text.position()));
            };
            let rows = running
                .view
                .rows(resource, &flatten.options, encoder, &mut misfits);
            if let Err(error) = rows {
                running.stopped.store(true, Ordering::Relaxed);
                self.parts
                    .push(Part::Stopped(index, text.position(), error));
            }
        }
    }
}

/// Whether what was read is a resource, of whatever type.
fn is_resource(read: &dyn Element) -> bool {
    // The name of a type that the release does not define is kept.
    let name = read.extras().get("resourceType");
    read.schema().kind != SchemaKind::UnknownResource
        || name.is_some_and(|name| name.starts_with('"'))
}

/// Finds where the values are that are not of their columns' types, all in one pass over the text.
fn locate(parts: &mut [Part], text: &ResourceText) {
    let misfits = parts.iter().filter_map(|part| match part {
        Part::Misfit(_, misfit, _) => Some((misfit.path.clone(), misfit.pointer.clone()?)),
        _ => None,
    });
    let issue = |(path, pointer)| Issue::at(&MISFIT, path, pointer, Detail::None);
    let mut issues: Vec<Issue> = misfits.map(issue).collect();
    if issues.is_empty() {
        return;
    }
    text.locate(&mut issues);
    let places = issues.iter().map(|issue| (&*issue.pointer, issue.position));
    let places: HashMap<&str, Option<Position>> = places.collect();
    for part in parts {
        if let Part::Misfit(_, misfit, position) = part
            && let Some(pointer) = &misfit.pointer
            && let Some(Some(found)) = places.get(pointer.as_str())
        {
            *position = *found;
        }
    }
}
