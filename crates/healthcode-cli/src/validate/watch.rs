//! `healthcode validate --watch`: checks again what changes.

use super::Setup;
use super::baseline::left_out;
use crate::args::Format;
use crate::engine::{Found, STOP};
use crate::input::{self, Input, Stamp};
use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

/// How often files are looked at. A file is checked when it has stayed the same for so long.
const INTERVAL: Duration = Duration::from_millis(200);

/// What is known of a file.
#[derive(Default)]
struct Known {
    seen: Option<Stamp>,
    checked: Option<Option<Stamp>>,
    errors: bool,
}

pub(super) fn run(setup: &Setup) -> io::Result<ExitCode> {
    let invalid = |message| Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    if !matches!(setup.args.format, Format::Human | Format::Ndjson) {
        return invalid("--watch shows human or ndjson: the other formats are whole documents");
    }
    let paths = &setup.settings.inputs.paths;
    if paths.iter().any(|path| path.as_os_str() == "-") {
        return invalid("--watch cannot watch standard input");
    }
    let people = setup.args.format == Format::Human;
    let mut files: BTreeMap<String, Known> = BTreeMap::new();
    let mut first = true;
    while !STOP.load(Ordering::Relaxed) {
        let inputs = input::expand(paths, &setup.settings.inputs.exclude);
        let inputs = left_out(inputs, setup.baseline.as_ref());
        let (changed, gone) = changed(inputs, &mut files, first);
        if first || gone || !changed.is_empty() {
            if people && !first && io::stdout().is_terminal() {
                // Clears the screen, so that what is there is true.
                write!(io::stdout(), "\x1b[2J\x1b[H")?;
            }
            for (name, input) in changed {
                let summary = setup.check(vec![input])?;
                if summary.interrupted {
                    return Ok(ExitCode::from(setup.status(&summary)));
                }
                if let Some(known) = files.get_mut(&name) {
                    known.errors = setup.status(&summary) > 0;
                }
            }
            if people {
                let wrong = files.values().filter(|known| known.errors).count();
                let all = files.len();
                writeln!(
                    io::stdout(),
                    "watching: {wrong} of {all} files have errors; press Ctrl-C to stop\n"
                )?;
            }
        }
        first = false;
        thread::sleep(INTERVAL);
    }
    Ok(ExitCode::SUCCESS)
}

/// The inputs that are new or have changed, and then stayed as they are; `at_once` does not wait
/// for that. And whether some are there no more.
fn changed(
    inputs: Vec<Found>,
    files: &mut BTreeMap<String, Known>,
    at_once: bool,
) -> (Vec<(String, Found)>, bool) {
    let mut changed = Vec::new();
    let mut present = BTreeMap::new();
    for input in inputs {
        let (name, now) = match &input {
            Ok(Input::File(path, _)) => (input::shown(path), input::stamp(path)),
            Ok(Input::Stdin(_)) => continue,
            Err((name, _)) => (name.clone(), None),
        };
        let mut known = files.remove(&name).unwrap_or_default();
        let still = at_once || known.seen == now;
        known.seen = now;
        if still && known.checked != Some(now) {
            known.checked = Some(now);
            changed.push((name.clone(), input));
        }
        present.insert(name, known);
    }
    let gone = !files.is_empty();
    *files = present;
    (changed, gone)
}
