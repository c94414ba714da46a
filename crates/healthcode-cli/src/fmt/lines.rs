//! NDJSON as XML: a document for each line, since no form of several in one text is defined.

use super::{Tally, document, report, target, write};
use crate::args::{FmtArgs, Syntax};
use crate::input::{self, Input};
use crate::releases::Reader;
use healthcode_json::stream::NdjsonReader;
use healthcode_r4::Resource;
use std::collections::HashSet;
use std::io::{self, ErrorKind};
use std::path::PathBuf;

/// Writes each line into a file of its own below the folder of results, by the input's name and the number of
/// the resource.
pub(super) fn to_xml(
    input: &Input,
    text: &[u8],
    args: &FmtArgs,
    written: &mut HashSet<PathBuf>,
    tally: &mut Tally,
) -> io::Result<()> {
    let (Input::File(path, folder), Some(out)) = (input, &args.out_dir) else {
        let message = "XML has no form for several resources in one text: --out-dir DIR writes a file for \
                       each line";
        return Err(io::Error::new(ErrorKind::InvalidInput, message));
    };
    let place = target(path, folder.as_deref(), out, true);
    let stem = place.file_stem().unwrap_or_default().to_string_lossy();
    let options = input::options(&args.inputs);
    let mut documents = Vec::new();
    let invalid = |error: String| io::Error::new(ErrorKind::InvalidData, error);
    let reader = Reader::new(args.inputs.fhir_version, options);
    let mut lines = NdjsonReader::<_, Resource>::new(text, options);
    while let Some(line) = lines.next() {
        line.map_err(|error| invalid(error.to_string()))?;
        let value = reader.read(lines.last_line()).map_err(invalid)?;
        documents.push(document(&value, Syntax::Xml, args.compact));
    }
    // Once all lines have been read.
    for (index, (after, left_out)) in documents.iter().enumerate() {
        let number = index + 1;
        report(&format!("{}: {number}", input.name()), left_out, tally)?;
        let target = place.with_file_name(format!("{stem}-{number}.xml"));
        write(target, after, written)?;
    }
    Ok(())
}
