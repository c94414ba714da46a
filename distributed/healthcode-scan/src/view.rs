//! [`ViewScan`]: the rows of a view.

use crate::release::Release;
use crate::scan::{Input, Problem, Sink, kind_of};
use crate::table::arrange;
use arrow_schema::SchemaRef;
use healthcode_core::{Element, ReadOptions, Root, UntypedEntry, UntypedResource};
use healthcode_fhirpath::Temporal;
use healthcode_json::Wanted;
use healthcode_r4::{BundleEntry, Resource};
use healthcode_releases::{R4b, R5, Stu3};
use healthcode_validate::{ResourceText, for_each_group};
use healthcode_views::{
    Batch, Misfit, RecordBatch, RunError, RunOptions, View, entry_resource, for_each_resource,
};
use std::io;

/// The rows of a view, with the columns that are wanted.
#[derive(Debug)]
pub struct ViewScan {
    name: String,
    view: View,
    wanted: Wanted,
    release: Release,
    options: RunOptions,
    schema: SchemaRef,
}

/// What comes of a group of resources.
struct Group {
    rows: io::Result<Option<RecordBatch>>,
    problems: Vec<Problem>,
    /// Why the view cannot be evaluated, and the line.
    stopped: Option<(u64, RunError)>,
}

impl ViewScan {
    pub(crate) fn new(name: &str, text: &str, now: i64, schema: SchemaRef) -> io::Result<Self> {
        let names: Vec<&str> = schema
            .fields()
            .iter()
            .map(|field| &**field.name())
            .collect();
        let view = View::compile_columns(text, Release::of_view(text).version(), &names);
        let view = view.map_err(|_| io::Error::other("invalid view; please report this"))?;
        let mut wanted = Wanted::new();
        view.add_wanted(&mut wanted);
        let mut options = RunOptions::default();
        options.now = Temporal::from_unix(now, 0);
        options.exact_decimals = true;
        Ok(ViewScan {
            name: name.to_owned(),
            view,
            wanted,
            release: Release::of_view(text),
            options,
            schema,
        })
    }

    pub(crate) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    pub(crate) fn read(&self, input: Input<'_>, sink: &mut dyn Sink) -> io::Result<()> {
        let kind = kind_of(&input);
        let (file, before) = (input.file, input.first_line.saturating_sub(1));
        let options = ReadOptions::new();
        let work = |texts: &[ResourceText]| match self.release {
            Release::R4 => self.group::<Resource, BundleEntry>(texts, &options),
            Release::Stu3 => {
                self.group::<UntypedResource<Stu3>, UntypedEntry<Stu3>>(texts, &options)
            }
            Release::R4b => self.group::<UntypedResource<R4b>, UntypedEntry<R4b>>(texts, &options),
            Release::R5 => self.group::<UntypedResource<R5>, UntypedEntry<R5>>(texts, &options),
        };
        let mut take = |group: Group| {
            for problem in group.problems {
                sink.problem(problem);
            }
            if let Some((line, error)) = group.stopped {
                let name = &self.name;
                let line = line + before;
                let message = format!("{file}:{line}: the view {name} was stopped: {error}");
                return Err(io::Error::other(message));
            }
            match group.rows? {
                Some(rows) => sink.rows(arrange(rows, &self.schema)?),
                None => Ok(()),
            }
        };
        for_each_group(input.reader, kind, options, 1, &work, &mut take)
    }

    fn group<T: Root, E: Root>(&self, texts: &[ResourceText], options: &ReadOptions) -> Group {
        let mut batch = Batch::new(self.view.columns());
        let mut problems = Vec::new();
        let mut stopped = None;
        for text in texts {
            let read = if text.is_entry() {
                text.read::<E>(options, &self.wanted).map(|entry| {
                    match entry_resource(entry.as_element()) {
                        Some(resource) => self.rows(resource, text, &mut batch, &mut problems),
                        None => Ok(()),
                    }
                })
            } else {
                text.read::<T>(options, &self.wanted)
                    .map(|root| self.rows(root.as_element(), text, &mut batch, &mut problems))
            };
            match read {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    stopped = Some((text.position().line, error));
                    break;
                }
                Err(error) => {
                    let issue = error.into_issue();
                    let line = issue.position.unwrap_or(text.position()).line;
                    let message =
                        format!("{}{} ({})", issue.rule.title, issue.detail, issue.rule.id);
                    problems.push(Problem {
                        line,
                        is_malformed: true,
                        message,
                    });
                }
            }
        }
        let is_empty = batch.is_empty();
        let rows = if is_empty {
            Ok(None)
        } else {
            batch.finish().map(Some).map_err(io::Error::other)
        };
        Group {
            rows,
            problems,
            stopped,
        }
    }

    fn rows(
        &self,
        resource: &dyn Element,
        text: &ResourceText,
        batch: &mut Batch,
        problems: &mut Vec<Problem>,
    ) -> Result<(), RunError> {
        let mut misfits = |misfit: Misfit| {
            let column = self.view.columns().get(misfit.column);
            let column = column.map_or("", |column| &*column.name);
            let message = format!(
                "{}: invalid value: expected {}; column {column} of the view {} is null",
                misfit.path, misfit.expected, self.name
            );
            problems.push(Problem {
                line: text.position().line,
                is_malformed: false,
                message,
            });
        };
        let mut outcome = Ok(());
        for_each_resource(resource, "", &mut |resource, _| {
            if outcome.is_ok() {
                outcome = self.view.rows(resource, &self.options, batch, &mut misfits);
            }
        });
        outcome
    }
}
