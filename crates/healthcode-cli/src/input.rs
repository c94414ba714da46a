//! Inputs: files, folders and standard input, compressed or not.

use crate::args::InputArgs;
use flate2::read::MultiGzDecoder;
use globset::GlobMatcher;
use healthcode_exchange::Capture;
use healthcode_json::ReadOptions;
use healthcode_json::stream::{Kind, sniff};
use std::fs::File;
use std::io::{self, Cursor, ErrorKind, Read};
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// How much of an input is looked at to tell what it is.
const HEAD: usize = 64 * 1024;

/// Something to read.
#[derive(Clone, Debug)]
pub(crate) enum Input {
    /// A file, and the folder that it was found in if it was not named itself.
    File(PathBuf, Option<PathBuf>),
    Stdin,
}

impl Input {
    pub(crate) fn name(&self) -> String {
        match self {
            Input::File(path, _) => path.display().to_string(),
            Input::Stdin => "-".to_owned(),
        }
    }

    /// Bytes on disk, where known.
    pub(crate) fn size(&self) -> Option<u64> {
        match self {
            Input::File(path, _) => path.metadata().ok().map(|data| data.len()),
            Input::Stdin => None,
        }
    }
}

/// An input, or the name of what is none and why.
type Found = Result<Input, (String, io::Error)>;

/// The inputs that paths stand for, in order; a folder's by name, but for what is excluded. Errors
/// stand where their input would.
pub(crate) fn expand(paths: &[PathBuf], exclude: &[GlobMatcher]) -> Vec<Found> {
    let mut inputs = Vec::new();
    for path in paths {
        if path == Path::new("-") {
            // It can be read once.
            if !inputs.iter().any(|input| matches!(input, Ok(Input::Stdin))) {
                inputs.push(Ok(Input::Stdin));
            }
        } else if path.is_dir() {
            walk(path, exclude, &mut inputs);
        } else {
            inputs.push(Ok(Input::File(path.clone(), None)));
        }
    }
    inputs
}

fn walk(folder: &Path, exclude: &[GlobMatcher], inputs: &mut Vec<Found>) {
    let visible = |entry: &walkdir::DirEntry| {
        let name = entry.file_name();
        let inside = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        let out = |glob: &GlobMatcher| glob.is_match(name) || glob.is_match(inside);
        let hidden = name.to_string_lossy().starts_with('.');
        entry.depth() == 0 || !hidden && !exclude.iter().any(out)
    };
    let before = inputs.len();
    let entries = WalkDir::new(folder).sort_by_file_name().into_iter();
    for entry in entries.filter_entry(visible) {
        match entry {
            Ok(entry) if is_file(&entry) && is_payload(entry.path()) => {
                inputs.push(Ok(Input::File(entry.into_path(), Some(folder.to_owned()))));
            }
            Ok(_) => {}
            Err(error) => {
                let place = error.path().unwrap_or(folder).display().to_string();
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
            [] => "it has no .json, .ndjson or .jsonl files",
            _ => "it has no .json, .ndjson or .jsonl files that are not excluded",
        };
        let error = io::Error::new(ErrorKind::NotFound, none);
        inputs.push(Err((folder.display().to_string(), error)));
    }
}

/// Whether it is a file, or a link that names one; a link that names nothing cannot be read, which
/// is said.
fn is_file(entry: &walkdir::DirEntry) -> bool {
    let linked = || entry.path_is_symlink() && !entry.path().is_dir();
    entry.file_type().is_file() || linked()
}

/// Whether a file's name says that it is JSON or NDJSON, maybe compressed.
fn is_payload(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.to_ascii_lowercase();
    let name = name
        .strip_suffix(".gz")
        .or(name.strip_suffix(".zst"))
        .unwrap_or(&name);
    [".json", ".ndjson", ".jsonl"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

/// An opened input: what it is, and its decompressed bytes.
pub(crate) struct Opened {
    pub(crate) kind: Kind,
    /// Whether it is a capture of HTTP exchanges.
    pub(crate) capture: bool,
    pub(crate) compressed: bool,
    pub(crate) reader: Box<dyn Read>,
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
    let raw: Box<dyn Read> = match input {
        Input::Stdin => Box::new(io::stdin().lock()),
        Input::File(path, _) => {
            let file = File::open(path)?;
            if file.metadata()?.is_dir() {
                return Err(ErrorKind::IsADirectory.into());
            }
            Box::new(file)
        }
    };
    let (start, raw) = peek(progress(raw), 4)?;
    let limit = args.decompressed_bytes();
    let mut compressed = true;
    let plain: Box<dyn Read> = if start.starts_with(b"\x1f\x8b") {
        Box::new(Limited::new(MultiGzDecoder::new(raw), limit))
    } else if start == b"\x28\xb5\x2f\xfd" {
        Box::new(Limited::new(Zstd::new(raw), limit))
    } else {
        compressed = false;
        raw
    };
    let (head, reader) = peek(plain, HEAD)?;
    let mut kind = sniff(&head);
    if let Input::File(path, _) = input
        && names_ndjson(path)
    {
        kind = Kind::Ndjson;
    }
    Ok(Opened {
        kind,
        capture: Capture::is_har(&head) || Capture::is_transcript(&head),
        compressed,
        reader,
    })
}

fn names_ndjson(path: &Path) -> bool {
    let name = path.to_string_lossy().to_ascii_lowercase();
    let name = name
        .strip_suffix(".gz")
        .or(name.strip_suffix(".zst"))
        .unwrap_or(&name);
    name.ends_with(".ndjson") || name.ends_with(".jsonl")
}

/// The first bytes of a reader, and the reader as if they had not been read.
fn peek(mut reader: Box<dyn Read>, count: usize) -> io::Result<(Vec<u8>, Box<dyn Read>)> {
    let mut head = Vec::new();
    reader.by_ref().take(count as u64).read_to_end(&mut head)?;
    let whole = Cursor::new(head.clone()).chain(reader);
    Ok((head, Box::new(whole)))
}

/// A reader that fails when more comes out of it than is allowed.
struct Limited<R> {
    reader: R,
    left: u64,
}

impl<R> Limited<R> {
    fn new(reader: R, limit: u64) -> Self {
        Limited {
            reader,
            left: limit,
        }
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        match self.left.checked_sub(count as u64) {
            Some(left) => self.left = left,
            None => {
                return Err(io::Error::new(
                    ErrorKind::FileTooLarge,
                    "the decompressed input is larger than --max-decompressed allows",
                ));
            }
        }
        Ok(count)
    }
}

/// Decompresses zstd, frame after frame.
struct Zstd {
    state: ZstdState,
}

enum ZstdState {
    Between(Box<dyn Read>),
    Inside(Box<ruzstd::decoding::StreamingDecoder<Box<dyn Read>, ruzstd::decoding::FrameDecoder>>),
    Done,
}

impl Zstd {
    fn new(reader: Box<dyn Read>) -> Self {
        Zstd {
            state: ZstdState::Between(reader),
        }
    }
}

impl Read for Zstd {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match std::mem::replace(&mut self.state, ZstdState::Done) {
                ZstdState::Done => return Ok(0),
                ZstdState::Between(reader) => {
                    let (start, reader) = peek(reader, 1)?;
                    if start.is_empty() {
                        return Ok(0);
                    }
                    let decoder =
                        ruzstd::decoding::StreamingDecoder::new(reader).map_err(|error| {
                            io::Error::new(ErrorKind::InvalidData, error.to_string())
                        })?;
                    self.state = ZstdState::Inside(Box::new(decoder));
                }
                ZstdState::Inside(mut decoder) => {
                    let count = decoder.read(buffer)?;
                    if count > 0 || buffer.is_empty() {
                        self.state = ZstdState::Inside(decoder);
                        return Ok(count);
                    }
                    self.state = ZstdState::Between(decoder.into_inner());
                }
            }
        }
    }
}
