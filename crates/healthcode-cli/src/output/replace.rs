//! Replacing a file by a result, without losing changes that other programs make at the same time.

use crate::output::temporary::Temporary;
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;

/// Writes a file beside its place, then moves it there: it is never half-written.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let file = beside(path, bytes)?;
    match fs::metadata(path) {
        Ok(old) => fs::set_permissions(file.path(), old.permissions())?,
        #[cfg(unix)]
        Err(_) => {
            // A new file is readable as its folder's others are, not for its owner alone.
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(file.path(), fs::Permissions::from_mode(0o644))?;
        }
        #[cfg(not(unix))]
        Err(_) => {}
    }
    file.persist(path)
}

/// As [`write`], in the place of a file that held `before`: it keeps its owner, group and mode, and
/// stays as it is if it has other links or if somebody has changed it. Errors end with the advice, if it is not
/// empty.
pub(crate) fn rewrite(path: &Path, before: &[u8], after: &[u8], advice: &str) -> io::Result<()> {
    let advice = if advice.is_empty() {
        String::new()
    } else {
        format!(": {advice}")
    };
    let old = fs::metadata(path)?;
    if links(&old) > 1 {
        let message = format!("it has several hard links, which would be separated{advice}");
        return Err(io::Error::new(ErrorKind::Unsupported, message));
    }
    let file = beside(path, after)?;
    copy_owner(file.as_file(), &old, &advice)?;
    fs::set_permissions(file.path(), old.permissions())?;
    let changed = || {
        let message = "it was changed by another program in the meantime; it is left as it is";
        io::Error::new(ErrorKind::ResourceBusy, message)
    };
    if !holds(path, before)? {
        return Err(changed());
    }
    if exchange(file.path(), path).is_err() {
        // Not every file system can exchange files; then the check above has to do.
        return file.persist(path);
    }
    // After the exchange, the temporary file is the old file, with all changes made to it until then.
    if holds(file.path(), before)? {
        return Ok(());
    }
    exchange(file.path(), path)?;
    Err(changed())
}

/// A temporary file beside a path.
fn beside(path: &Path, bytes: &[u8]) -> io::Result<Temporary> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = Temporary::in_folder(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Whether a file holds these bytes and no others.
fn holds(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    let mut found = Vec::new();
    let most = bytes.len() as u64 + 1;
    File::open(path)?.take(most).read_to_end(&mut found)?;
    Ok(found == bytes)
}

#[cfg(unix)]
fn links(data: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(data)
}

#[cfg(not(unix))]
fn links(_: &Metadata) -> u64 {
    1
}

/// Changes the owner and group of a file to those of another.
#[cfg(unix)]
fn copy_owner(file: &File, to: &Metadata, advice: &str) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let own = file.metadata()?;
    if (own.uid(), own.gid()) == (to.uid(), to.gid()) {
        return Ok(());
    }
    fchown(file, Some(to.uid()), Some(to.gid())).map_err(|error| {
        let message = format!("its owner and group cannot be kept ({error}){advice}");
        io::Error::new(error.kind(), message)
    })
}

#[cfg(not(unix))]
fn copy_owner(_: &File, _: &Metadata, _: &str) -> io::Result<()> {
    Ok(())
}

/// Swaps two files in one step.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(ErrorKind::Unsupported.into())
}
