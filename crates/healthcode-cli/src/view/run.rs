//! `healthcode view run`.

use super::flatten::{Flatten, Part, Running};
use super::source::{Source, version};
use super::table::Table;
use crate::args::view::ViewRunArgs;
use crate::args::{FhirVersionArg, ViewFormat};
use crate::config::invalid;
use crate::engine::{self, Sink};
use crate::input::{self, shown};
use crate::output::temporary::INTERRUPTED;
use healthcode_core::{Issue, Position, printable};
use healthcode_fhirpath::Temporal;
use healthcode_json::Wanted;
use healthcode_views::{Misfit, RunOptions, View};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// How many values of a column are reported that are not of its type; of the others, their number is.
const MISFITS: usize = 10;

pub(super) fn run(mut args: ViewRunArgs) -> io::Result<ExitCode> {
    let names = split(&mut args.inputs.paths)?;
    let Some((views, release)) = load(&names, &args)? else {
        return Ok(ExitCode::from(2));
    };
    if views.len() > 1 && args.output.is_none() {
        let message = "missing --output: the tables of several views go into a folder";
        return Err(invalid(message.to_owned()));
    }
    engine::stop_on_ctrl_c();
    let tables = tables(&views, &args)?;
    let mut wanted = Wanted::new();
    for running in &views {
        running.view.add_wanted(&mut wanted);
    }
    let inputs = input::expand(&args.inputs.paths, &args.inputs.exclude);
    let progress = engine::progress(&inputs);
    let jobs = engine::jobs(args.jobs);
    let mut options = RunOptions::default();
    options.now = now();
    options.exact_decimals = args.format == ViewFormat::Parquet;
    let flatten = Arc::new(Flatten {
        views,
        wanted,
        format: args.format,
        release,
        options,
        progress: progress.clone(),
        threads: jobs / inputs.len().clamp(1, jobs),
        args: args.inputs,
    });
    let count = tables.len();
    let mut report = Report {
        flatten: Arc::clone(&flatten),
        tables,
        stopped: vec![false; count],
        file: String::new(),
        unreadable: false,
        reported: false,
        misfits: BTreeMap::new(),
    };
    let whole = engine::run(&flatten, inputs, jobs, &mut report)?;
    progress.finish_and_clear();
    report.finish(whole)
}

fn now() -> Option<Temporal> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    Temporal::from_unix(i64::try_from(now.as_secs()).ok()?, now.subsec_nanos())
}

/// Takes the views from the front of the arguments.
fn split(arguments: &mut Vec<PathBuf>) -> io::Result<Vec<PathBuf>> {
    let more = arguments.iter().skip(1);
    let count = 1 + more.take_while(|path| Source::is_view(path)).count();
    let rest = arguments.split_off(count.min(arguments.len()));
    if rest.is_empty() {
        let message = "missing PATH: expected views, then files, folders or - for standard input";
        return Err(invalid(message.to_owned()));
    }
    Ok(std::mem::replace(arguments, rest))
}

/// The views with the release that they are for; `None` if one is invalid, which is said on standard error.
fn load(
    names: &[PathBuf],
    args: &ViewRunArgs,
) -> io::Result<Option<(Vec<Running>, FhirVersionArg)>> {
    let mut views: Vec<Running> = Vec::new();
    let mut common = None;
    let mut is_valid = true;
    for path in names {
        let source = Source::open(&path.to_string_lossy())?;
        let release = source.release(args.inputs.fhir_version);
        if *common.get_or_insert(release) != release {
            return Err(invalid(format!(
                "{}: this view is for another release of FHIR than those before it; --fhir-version names one for all",
                shown(path)
            )));
        }
        let compiled = View::compile(&source.text, version(release));
        let findings = match &compiled {
            Ok(view) => view.findings(),
            Err(findings) => findings,
        };
        for finding in findings {
            let kind = if finding.fatal { "error" } else { "warning" };
            writeln!(
                io::stderr(),
                "healthcode: {}:{finding} ({kind})",
                shown(path)
            )?;
        }
        let Ok(view) = compiled else {
            is_valid = false;
            continue;
        };
        let stated = view.name().filter(|_| !source.is_bundled);
        let name = stated.map_or_else(
            || {
                let stem = Path::new(&source.name).file_stem().unwrap_or_default();
                stem.to_string_lossy().into_owned()
            },
            str::to_owned,
        );
        if views.iter().any(|other| other.name == name) {
            return Err(invalid(format!(
                "{}: repeated name {name}: expected views whose names differ",
                shown(path)
            )));
        }
        views.push(Running {
            name,
            view,
            stopped: false.into(),
        });
    }
    let common = common.unwrap_or(FhirVersionArg::R4);
    Ok(is_valid.then_some((views, common)))
}

fn tables(views: &[Running], args: &ViewRunArgs) -> io::Result<Vec<Table>> {
    if let Some(folder) = &args.output {
        std::fs::create_dir_all(folder)
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", shown(folder))))?;
    }
    let mut tables = Vec::new();
    for running in views {
        let path = args.output.as_ref().map(|folder| {
            // A name from a view has letters, digits and underscores alone, unless it is a file's.
            folder.join(format!("{}.{}", running.name, args.format.ending()))
        });
        tables.push(Table::open(path.as_deref(), args.format, &running.view)?);
    }
    Ok(tables)
}

/// Writes rows, and says what is wrong.
struct Report {
    flatten: Arc<Flatten>,
    tables: Vec<Table>,
    stopped: Vec<bool>,
    /// The input whose rows come.
    file: String,
    unreadable: bool,
    reported: bool,
    /// How many values are not of their column's type, by view and column.
    misfits: BTreeMap<(usize, usize), usize>,
}

impl Sink<Part> for Report {
    fn begin(&mut self, name: &str) -> io::Result<()> {
        name.clone_into(&mut self.file);
        Ok(())
    }

    fn parts(&mut self, parts: Vec<Part>) -> io::Result<()> {
        for part in parts {
            match part {
                Part::Rows(view, rows) => {
                    if let Some(table) = self.tables.get_mut(view) {
                        table.add(&rows)?;
                    }
                }
                Part::Failed(error) => return Err(error),
                Part::Unread(issue) => self.unread(&issue)?,
                Part::Misfit(view, misfit, position) => self.misfit(view, &misfit, position)?,
                Part::Stopped(view, position, error) => {
                    let first = self
                        .stopped
                        .get_mut(view)
                        .is_some_and(|stopped| !std::mem::replace(stopped, true));
                    if first {
                        let name = self.name(view);
                        let message = format!("the view {name} was stopped: {error}");
                        self.say(Some(position), &message)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn unreadable(&mut self, _: &str, error: &io::Error) -> io::Result<()> {
        self.unreadable = true;
        self.say(None, &error.to_string())
    }

    fn end(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Report {
    fn name(&self, view: usize) -> &str {
        let running = self.flatten.views.get(view);
        running.map_or("", |running| running.name.as_str())
    }

    /// Says something about a place in the input.
    fn say(&self, position: Option<Position>, message: &str) -> io::Result<()> {
        let file = &self.file;
        let place = position.map_or(String::new(), |position| format!(":{position}"));
        let message = printable(message);
        self.flatten
            .progress
            .suspend(|| writeln!(io::stderr(), "healthcode: {file}{place}: {message}"))
    }

    fn unread(&mut self, issue: &Issue) -> io::Result<()> {
        self.reported = true;
        let message = format!("{}{} ({})", issue.rule.title, issue.detail, issue.rule.id);
        self.say(issue.position, &message)
    }

    fn misfit(&mut self, view: usize, misfit: &Misfit, position: Position) -> io::Result<()> {
        self.reported = true;
        let count = self.misfits.entry((view, misfit.column)).or_insert(0);
        *count += 1;
        if *count > MISFITS {
            return Ok(());
        }
        let column = self.column(view, misfit.column);
        let message = format!(
            "{}: invalid value: expected {}; column {column} of the view {} is null",
            misfit.path,
            misfit.expected,
            self.name(view)
        );
        self.say(Some(position), &message)
    }

    fn column(&self, view: usize, column: usize) -> &str {
        let running = self.flatten.views.get(view);
        let column = running.and_then(|running| running.view.columns().get(column));
        column.map_or("", |column| &*column.name)
    }

    /// Puts the tables of views that were not stopped in their places.
    fn finish(mut self, whole: bool) -> io::Result<ExitCode> {
        for ((view, column), count) in &self.misfits {
            if *count > MISFITS {
                let more = count - MISFITS;
                let (column, name) = (self.column(*view, *column), self.name(*view));
                writeln!(
                    io::stderr(),
                    "healthcode: {more} more values are not of the type of column {column} of the view {name}"
                )?;
            }
        }
        let stopped = self.stopped.contains(&true);
        for (table, stopped) in self.tables.drain(..).zip(&self.stopped) {
            table.end(whole && !stopped)?;
        }
        Ok(ExitCode::from(if !whole {
            INTERRUPTED
        } else if self.unreadable || stopped {
            2
        } else {
            u8::from(self.reported)
        }))
    }
}
