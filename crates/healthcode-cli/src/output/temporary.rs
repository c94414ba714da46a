//! Files that are moved to their place when they are whole, and of which nothing stays behind.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use tempfile::NamedTempFile;

/// The temporary files that are there now: a signal that ends the command lets no destructor run.
static PRESENT: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn present<T>(change: impl FnOnce(&mut Vec<PathBuf>) -> T) -> T {
    change(&mut PRESENT.lock().unwrap_or_else(PoisonError::into_inner))
}

/// What a shell says of a command that a signal ended.
pub(crate) const INTERRUPTED: u8 = 130;

/// Removes all temporary files, and ends the command as a signal does.
pub(crate) fn exit() -> ! {
    present(|paths| {
        for path in paths.drain(..) {
            let _ = std::fs::remove_file(path);
        }
        // While it is locked, so that no other file comes to be.
        std::process::exit(INTERRUPTED.into())
    })
}

/// A file beside the place that it will have.
#[derive(Debug)]
pub(crate) struct Temporary {
    // In this order: its name is known for as long as it is there.
    file: NamedTempFile,
    name: Name,
}

/// The name of a temporary file, listed until it is dropped.
#[derive(Debug)]
struct Name(PathBuf);

impl Drop for Name {
    fn drop(&mut self) {
        present(|paths| paths.retain(|path| *path != self.0));
    }
}

impl Temporary {
    /// A file in a folder.
    ///
    /// # Errors
    /// If none can be made there; the error does not show the file's name, which nobody requested.
    pub(crate) fn in_folder(folder: &Path) -> io::Result<Self> {
        let make = |paths: &mut Vec<PathBuf>| {
            let mut builder = tempfile::Builder::new();
            let file = builder.prefix(".healthcode-").tempfile_in(folder)?;
            let name = Name(file.path().to_owned());
            paths.push(name.0.clone());
            Ok(Temporary { file, name })
        };
        present(make).map_err(|error: io::Error| match error.get_ref() {
            Some(_) => error.kind().into(),
            None => error,
        })
    }

    pub(crate) fn as_file(&self) -> &File {
        self.file.as_file()
    }

    pub(crate) fn path(&self) -> &Path {
        self.file.path()
    }

    /// Moves the file to its place.
    ///
    /// # Errors
    /// If that is not allowed; the file is gone then.
    pub(crate) fn persist(self, path: &Path) -> io::Result<()> {
        let Temporary { file, name } = self;
        let moved = file.persist(path);
        drop(name);
        moved.map(drop).map_err(|error| error.error)
    }
}

impl Write for Temporary {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
