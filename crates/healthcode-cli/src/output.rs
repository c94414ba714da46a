//! Where a report goes, and who writes it.

mod issues;
pub(crate) mod replace;
pub(crate) mod temporary;

use crate::args::{Format, ValidateArgs};
use crate::input::shown;
use comfy_table::{ContentArrangement, Table};
use console::Term;
use healthcode_core::printable_json;
use healthcode_validate::render::{
    GithubRenderer, GitlabRenderer, HtmlRenderer, HumanOptions, HumanRenderer, JsonRenderer,
    JunitRenderer, NdjsonRenderer, OutcomeRenderer, Renderer, SarifRenderer, StatisticsRenderer,
};
use serde::Serialize;
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use temporary::Temporary;

/// Standard output, or a file that appears whole when the report is.
pub(crate) struct Output {
    target: Target,
}

enum Target {
    Stdout,
    /// A pipe or a device, which cannot be replaced.
    Device(File),
    File(Temporary, PathBuf),
}

impl Output {
    /// The output of this name.
    ///
    /// # Errors
    /// If no file can be made there.
    pub(crate) fn open(path: Option<&Path>) -> io::Result<Self> {
        let named = |error: io::Error, path: &Path| {
            io::Error::new(error.kind(), format!("{}: {error}", shown(path)))
        };
        let target = match path {
            None => Target::Stdout,
            Some(path) if path == Path::new("-") => Target::Stdout,
            Some(path) if path.exists() && !path.is_file() => {
                let file = File::options().write(true).open(path);
                Target::Device(file.map_err(|error| named(error, path))?)
            }
            Some(path) => {
                // What a link names is written, not the link.
                let path = &path.canonicalize().unwrap_or_else(|_| path.to_owned());
                let folder = path
                    .parent()
                    .filter(|folder| !folder.as_os_str().is_empty());
                let file = Temporary::in_folder(folder.unwrap_or(Path::new(".")));
                Target::File(file.map_err(|error| named(error, path))?, path.to_owned())
            }
        };
        Ok(Output { target })
    }

    fn writer(&self) -> io::Result<Box<dyn Write + Send>> {
        Ok(match &self.target {
            Target::Stdout => Box::new(BufWriter::new(io::stdout())),
            Target::Device(file) => Box::new(BufWriter::new(file.try_clone()?)),
            Target::File(file, _) => Box::new(BufWriter::new(file.as_file().try_clone()?)),
        })
    }

    /// Whether somebody looks at it as it is written.
    pub(crate) fn is_terminal(&self) -> bool {
        matches!(self.target, Target::Stdout) && io::stdout().is_terminal()
    }

    /// The renderer of the format that was requested.
    ///
    /// # Errors
    /// If the output cannot be written.
    pub(crate) fn renderer(&self, args: &ValidateArgs) -> io::Result<Box<dyn Renderer>> {
        let out = self.writer()?;
        let show = args.show_values;
        Ok(match args.format {
            Format::Human => {
                let terminal = self.is_terminal();
                let mut options = HumanOptions::default();
                options.color = args.color.colors(terminal);
                options.mask = !terminal && !show;
                Box::new(HumanRenderer::new(out, options))
            }
            Format::Ndjson => Box::new(NdjsonRenderer::new(out, show)),
            Format::Json => Box::new(JsonRenderer::new(out, show)),
            Format::Sarif => Box::new(SarifRenderer::new(out, show)),
            Format::Junit => Box::new(JunitRenderer::new(out)),
            Format::Github => Box::new(GithubRenderer::new(out)),
            Format::Gitlab => Box::new(GitlabRenderer::new(out)),
            Format::OperationOutcome => Box::new(OutcomeRenderer::new(out)),
            Format::Html => Box::new(HtmlRenderer::new(out, !show)),
            Format::Statistics => Box::new(StatisticsRenderer::new(out)),
            Format::Csv => Box::new(issues::csv(out, show)?),
            Format::Parquet => issues::parquet(out, show)?,
        })
    }

    /// Puts the file in its place, once the report is written. What shows values stays its owner's.
    ///
    /// # Errors
    /// If that is not allowed.
    pub(crate) fn keep(self, shows_values: bool) -> io::Result<()> {
        if let Target::File(file, path) = self.target {
            if !shows_values {
                publish(file.as_file())?;
            }
            file.persist(&path).map_err(|error| {
                io::Error::new(error.kind(), format!("{}: {error}", shown(&path)))
            })?;
        }
        Ok(())
    }
}

/// Fits a table to the width of the terminal, if it goes to one. Into a pipe or file, lines are as
/// long as they are.
pub(crate) fn fit(table: &mut Table) {
    let terminal = Term::stdout();
    let size = terminal.size_checked().filter(|_| terminal.is_term());
    fit_into(table, size.map(|(_, columns)| columns));
}

fn fit_into(table: &mut Table, columns: Option<u16>) {
    if let Some(columns) = columns.filter(|columns| *columns > 0) {
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(columns);
    }
}

/// Writes JSON that was a payload's: as it is, but a terminal gets escapes for what it would obey.
///
/// # Errors
/// If standard output cannot be written.
pub(crate) fn print_payload(json: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let shown = if out.is_terminal() {
        printable_json(json)
    } else {
        json.into()
    };
    out.write_all(shown.as_bytes())?;
    out.flush()
}

/// Writes a document for programs: indented JSON with escapes for what terminals obey.
///
/// # Errors
/// If standard output cannot be written.
pub(crate) fn print_json(document: &impl Serialize) -> io::Result<()> {
    let text = serde_json::to_string_pretty(document)?;
    let mut out = io::stdout().lock();
    writeln!(out, "{}", printable_json(&text))?;
    out.flush()
}

/// Temporary files are their owner's alone; reports without values need not be.
#[cfg(unix)]
pub(crate) fn publish(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
pub(crate) fn publish(_: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Table, fit_into};

    #[test]
    fn tables_fit() {
        let widest = |columns| {
            let mut table = Table::new();
            table.add_row(["a word ".repeat(30), "another ".repeat(30)]);
            fit_into(&mut table, columns);
            table.lines().map(|line| line.chars().count()).max()
        };
        assert_eq!(widest(Some(80)), Some(80));
        assert_eq!(widest(Some(40)), Some(40));
        assert!(widest(None) > Some(400));
        assert!(widest(Some(0)) > Some(400), "a terminal of unknown width");
    }
}
