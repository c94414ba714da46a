//! Whose a file of settings is: one that was found, not named, is taken from its user or root alone,
//! as git takes a repository's settings.

use std::io;
use std::path::Path;

/// Refuses a file that somebody else owns, or may replace: the file, what it is a link to, and the
/// folders that hold these are looked at.
///
/// # Errors
/// If it is somebody else's, or its owner cannot be found out.
#[cfg(unix)]
pub(super) fn check(path: &Path) -> io::Result<()> {
    use crate::input::shown;
    use std::os::unix::fs::MetadataExt;
    let refused = |why: &str| {
        let path = shown(path);
        let message = format!(
            "{path}: {why}; --config {path} takes it all the same, --no-config of validate goes without"
        );
        io::Error::new(io::ErrorKind::PermissionDenied, message)
    };
    let mut looked_at = vec![path.to_owned()];
    // A link to nothing is looked at alone, and cannot be read later.
    looked_at.extend(path.canonicalize());
    for file in looked_at {
        let folder = file.parent().map(Path::symlink_metadata);
        for data in std::iter::once(file.symlink_metadata()).chain(folder) {
            let data = data.map_err(|error| refused(&error.to_string()))?;
            if !is_trusted(data.uid()) {
                return Err(refused("it, or its folder, is another user's"));
            }
        }
    }
    Ok(())
}

/// Whether a user's files can be trusted: those of root, of who runs this, and of who runs it by
/// `sudo`.
#[cfg(unix)]
fn is_trusted(owner: u32) -> bool {
    let user = rustix::process::geteuid().as_raw();
    let sudo = || std::env::var("SUDO_UID").ok()?.parse::<u32>().ok();
    owner == 0 || owner == user || user == 0 && sudo() == Some(owner)
}

#[cfg(not(unix))]
pub(super) fn check(_: &Path) -> io::Result<()> {
    Ok(())
}
