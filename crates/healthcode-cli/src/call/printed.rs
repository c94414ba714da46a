//! How answers are printed.

use crate::args::call::CallFormat;
use bytes::Bytes;
use healthcode_core::{Issue, ReadOptions, printable_json};
use healthcode_json::{to_string, to_string_pretty};
use healthcode_r4::{Bundle, Resource};
use healthcode_xml::either;
use std::io::{self, IsTerminal, Write};

/// Prints an answer as it came, except for white space, or in the other syntax, whatever version of FHIR it is
/// of. Returns whether it is all there: what the syntax has no form for is left out.
pub(super) fn answer(body: &Bytes, format: CallFormat) -> io::Result<bool> {
    let mut out = io::stdout().lock();
    let shown = if io::stdout().is_terminal() {
        |text: String| printable_json(&text).into_owned()
    } else {
        |text: String| text
    };
    let Ok(read) = either::read::<Resource>(body, &ReadOptions::new()) else {
        match std::str::from_utf8(body) {
            Ok(text) => out.write_all(shown(text.to_owned()).as_bytes())?,
            Err(_) => out.write_all(body)?,
        }
        writeln!(out)?;
        return Ok(true);
    };
    let left_out = match format {
        CallFormat::Xml => {
            let written = healthcode_xml::to_string_pretty(&read.value);
            out.write_all(shown(written.value).as_bytes())?;
            written.issues
        }
        CallFormat::Json => {
            writeln!(out, "{}", shown(to_string_pretty(&read.value)))?;
            healthcode_xml::left_out_of_json(&read.value)
        }
        CallFormat::Ndjson => {
            match read.value.get::<Bundle>() {
                Some(bundle) => {
                    let entries = bundle.entry.iter();
                    for resource in entries.filter_map(|entry| entry.resource.as_ref()) {
                        writeln!(out, "{}", shown(to_string(resource)))?;
                    }
                }
                None => writeln!(out, "{}", shown(to_string(&read.value)))?,
            }
            healthcode_xml::left_out_of_json(&read.value)
        }
    };
    out.flush()?;
    report(&left_out)?;
    Ok(left_out.is_empty())
}

/// Reports what was left out.
fn report(left_out: &[Issue]) -> io::Result<()> {
    for issue in left_out {
        writeln!(
            io::stderr(),
            "healthcode: {}: {}",
            issue.shown_path(),
            issue.rule.title
        )?;
    }
    Ok(())
}

/// Prints what came instead of the answer, if it is FHIR.
pub(super) fn refusal(body: &Bytes, format: CallFormat) -> io::Result<()> {
    match either::read::<Resource>(body, &ReadOptions::new()) {
        Ok(_) => answer(body, format).map(drop),
        Err(_) => Ok(()),
    }
}
