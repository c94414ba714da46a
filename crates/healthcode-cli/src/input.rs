//! Inputs: files, folders and standard input, compressed or not.

mod compressed;

use crate::args::{InputArgs, MIB};
use crate::pattern::Pattern;
use healthcode_core::printable;
use healthcode_exchange::Capture;
use healthcode_json::ReadOptions;
use healthcode_json::stream::{Kind, sniff};
use std::fs::File;
use std::io::{self, Cursor, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use walkdir::WalkDir;

/// How many bytes of an input are read to recognise its format.
const HEAD: usize = 64 * 1024;

/// The greatest size of settings and other small files.
const SMALL: u64 = 4 * MIB;

/// Something to read.
#[derive(Clone, Debug)]
pub(crate) enum Input {
    /// A file, and the folder that it was found in if it was not named itself.
    File(PathBuf, Option<PathBuf>),
    /// Standard input, maybe under the name of a file.
    Stdin(Option<PathBuf>),
}

impl Input {
    /// What it is called, as it can be shown.
    pub(crate) fn name(&self) -> String {
        match self {
            Input::File(path, _) => shown(path),
            Input::Stdin(name) => name.as_deref().map_or_else(|| "-".to_owned(), shown),
        }
    }

    /// Bytes on disk, where known.
    pub(crate) fn size(&self) -> Option<u64> {
        match self {
            Input::File(path, _) => path.metadata().ok().map(|data| data.len()),
            Input::Stdin(_) => None,
        }
    }
}

/// The name of a file as it can be shown: names may contain control sequences of terminals.
pub(crate) fn shown(path: &Path) -> String {
    printable(&path.display().to_string())
}

/// The whole of a small file that is no payload, such as settings.
///
/// # Errors
/// If it cannot be read, or is larger than [`SMALL`]. The error names it.
pub(crate) fn small(path: &Path) -> io::Result<Vec<u8>> {
    let read = File::open(path).and_then(at_most);
    read.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", shown(path))))
}

/// The bytes of a reader that is not a payload.
///
/// # Errors
/// If it cannot be read, or is longer than [`SMALL`].
pub(crate) fn at_most(reader: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(SMALL + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > SMALL {
        Err(too_large(&format!("it is larger than {} MiB", SMALL / MIB)))
    } else {
        Ok(bytes)
    }
}

/// As [`small`], of a text in UTF-8.
///
/// # Errors
/// As [`small`], or if it is something else.
pub(crate) fn small_text(path: &Path) -> io::Result<String> {
    String::from_utf8(small(path)?).map_err(|_| {
        let message = format!("{}: the text is not UTF-8", shown(path));
        io::Error::new(ErrorKind::InvalidData, message)
    })
}

fn too_large(message: &str) -> io::Error {
    io::Error::new(ErrorKind::FileTooLarge, message)
}

/// An input, or the name of something that cannot be read and the reason.
type Found = Result<Input, (String, io::Error)>;

/// The inputs that paths stand for, in order; a folder's by name, but for what is excluded. Errors
/// are where their input would.
pub(crate) fn expand(paths: &[PathBuf], exclude: &[Pattern]) -> Vec<Found> {
    let mut inputs = Vec::new();
    for path in paths {
        if path == Path::new("-") {
            // It can be read once.
            if !inputs
                .iter()
                .any(|input| matches!(input, Ok(Input::Stdin(_))))
            {
                inputs.push(Ok(Input::Stdin(None)));
            }
        } else if path.is_dir() {
            walk(path, exclude, &mut inputs);
        } else {
            inputs.push(Ok(Input::File(path.clone(), None)));
        }
    }
    inputs
}

fn walk(folder: &Path, exclude: &[Pattern], inputs: &mut Vec<Found>) {
    let visible = |entry: &walkdir::DirEntry| {
        let name = entry.file_name();
        let inside = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        let out = |pattern: &Pattern| pattern.is_match(name) || pattern.is_match(inside);
        let hidden = name.to_string_lossy().starts_with('.');
        entry.depth() == 0 || !hidden && !exclude.iter().any(out)
    };
    let before = inputs.len();
    let entries = WalkDir::new(folder).sort_by_file_name().into_iter();
    for entry in entries.filter_entry(visible) {
        match entry {
            Ok(entry) if entry.path().is_dir() => {}
            Ok(entry) if is_payload(entry.path()) || is_fhir_xml_file(entry.path()) => {
                let name = shown(entry.path());
                inputs.push(if is_special(entry.path()) {
                    Err((name, unsupported("not a regular file: name it to read it")))
                } else {
                    Ok(Input::File(entry.into_path(), Some(folder.to_owned())))
                });
            }
            Ok(_) => {}
            Err(error) => {
                let place = shown(error.path().unwrap_or(folder));
                let error = match error.into_io_error() {
                    Some(error) => error,
                    None => io::Error::other("it is a link to a folder around it"),
                };
                inputs.push(Err((place, error)));
            }
        }
    }
    if inputs.len() == before {
        let none = match exclude {
            [] => "it has no .json, .xml, .ndjson or .jsonl files",
            _ => "it has no .json, .xml, .ndjson or .jsonl files that are not excluded",
        };
        let error = io::Error::new(ErrorKind::NotFound, none);
        inputs.push(Err((shown(folder), error)));
    }
}

fn unsupported(message: &str) -> io::Error {
    io::Error::new(ErrorKind::Unsupported, message)
}

/// When a file was changed last, and its size; others once it is changed.
pub(crate) type Stamp = (SystemTime, u64);

/// The stamp of a file, if it exists.
pub(crate) fn stamp(path: &Path) -> Option<Stamp> {
    let data = path.metadata().ok()?;
    Some((data.modified().ok()?, data.len()))
}

/// Whether a path names a pipe, a device or a socket, maybe by a link: reading it may never end. A path that does
/// not exist fails later, when it is opened.
pub(crate) fn is_special(path: &Path) -> bool {
    path.metadata().is_ok_and(|data| !data.is_file())
}

/// Whether a file of a folder is FHIR in XML. Other XML is no payload.
fn is_fhir_xml_file(path: &Path) -> bool {
    if !names(path, &[".xml"]) || is_special(path) {
        return false;
    }
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(HEAD as u64).read_to_end(&mut head));
    // Compressed files are taken without a check.
    read.is_ok()
        && (healthcode_xml::is_fhir(&head)
            || !path
                .extension()
                .is_some_and(|end| end.eq_ignore_ascii_case("xml")))
}

/// Whether a file's name says that it is JSON or NDJSON, maybe compressed.
fn is_payload(path: &Path) -> bool {
    names(path, &[".json", ".ndjson", ".jsonl"])
}

/// Whether a file's name has one of these endings, maybe with that of compressed files behind it.
fn names(path: &Path, endings: &[&str]) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.to_ascii_lowercase();
    let name = name
        .strip_suffix(".gz")
        .or(name.strip_suffix(".zst"))
        .unwrap_or(&name);
    endings.iter().any(|ending| name.ends_with(ending))
}

/// An opened input: what it is, and its decompressed bytes.
pub(crate) struct Opened {
    pub(crate) kind: Kind,
    /// Whether it is a capture of HTTP exchanges.
    pub(crate) capture: bool,
    pub(crate) compressed: bool,
    pub(crate) reader: Box<dyn Read>,
}

impl Opened {
    /// All bytes, for commands that need the whole input.
    ///
    /// # Errors
    /// If it cannot be read, or is larger than a resource may be.
    pub(crate) fn whole(self, args: &InputArgs) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let limit = args.resource_bytes();
        Limited::new(self.reader, limit, "--max-resource").read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// Limits and reading options from the command line.
pub(crate) fn options(args: &InputArgs) -> ReadOptions {
    let bytes = args.resource_bytes();
    ReadOptions::new()
        .max_depth(args.max_depth.unwrap_or(128))
        .max_size(usize::try_from(bytes).unwrap_or(usize::MAX))
}

/// Opens an input; `progress` wraps the bytes as they come, before decompression.
pub(crate) fn open(
    input: &Input,
    args: &InputArgs,
    progress: impl FnOnce(Box<dyn Read>) -> Box<dyn Read>,
) -> io::Result<Opened> {
    let (raw, name): (Box<dyn Read>, _) = match input {
        Input::Stdin(name) => (Box::new(io::stdin().lock()), name.as_deref()),
        Input::File(path, _) => {
            let file = File::open(path)?;
            if file.metadata()?.is_dir() {
                return Err(ErrorKind::IsADirectory.into());
            }
            (Box::new(file), Some(path.as_path()))
        }
    };
    open_reader(progress(raw), name, args)
}

/// Opens what a reader has, under the name of a file: endings of names decide what is NDJSON.
///
/// # Errors
/// If it cannot be read.
pub(crate) fn open_reader(
    raw: Box<dyn Read>,
    name: Option<&Path>,
    args: &InputArgs,
) -> io::Result<Opened> {
    let (start, raw) = peek(raw, compressed::MAGIC)?;
    let limit = args.decompressed_bytes();
    let (compressed, plain): (bool, Box<dyn Read>) = match compressed::open(&start, raw) {
        Ok(plain) => (
            true,
            Box::new(Limited::new(plain, limit, "--max-decompressed")),
        ),
        Err(raw) => (false, raw),
    };
    let (head, reader) = peek(plain, HEAD)?;
    let mut kind = sniff(&head);
    if name.is_some_and(|name| names(name, &[".ndjson", ".jsonl"])) {
        kind = Kind::Ndjson;
    }
    Ok(Opened {
        kind,
        capture: Capture::is_har(&head) || Capture::is_transcript(&head),
        compressed,
        reader,
    })
}

/// The first bytes of a reader, and the reader as if they had not been read.
fn peek(mut reader: Box<dyn Read>, count: usize) -> io::Result<(Vec<u8>, Box<dyn Read>)> {
    let mut head = Vec::new();
    reader.by_ref().take(count as u64).read_to_end(&mut head)?;
    let whole = Cursor::new(head.clone()).chain(reader);
    Ok((head, Box::new(whole)))
}

/// A reader that fails when more comes out of it than is allowed.
pub(crate) struct Limited<R> {
    reader: R,
    left: u64,
    /// The option that sets the limit.
    option: &'static str,
}

impl<R> Limited<R> {
    pub(crate) fn new(reader: R, limit: u64, option: &'static str) -> Self {
        Limited {
            reader,
            left: limit,
            option,
        }
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        if let Some(left) = self.left.checked_sub(count as u64) {
            self.left = left;
        } else {
            let option = self.option;
            return Err(too_large(&format!("it is larger than {option} allows")));
        }
        Ok(count)
    }
}
