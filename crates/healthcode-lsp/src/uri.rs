//! Files and the URIs that clients name them by.

use lsp_types::Uri;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// What is not written as it is in the path of a URI.
const ESCAPED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The file that a URI names; `None` for other schemes, such as that of texts without a file.
pub(crate) fn file(uri: &Uri) -> Option<PathBuf> {
    let rest = uri.as_str().strip_prefix("file://")?;
    // An authority, such as a server of files, is part of the path on Windows alone.
    let path = rest.get(rest.find('/')?..)?;
    let path = path.split(['?', '#']).next()?;
    let path = percent_decode_str(path).decode_utf8().ok()?;
    // On Windows a drive follows: /c:/a.json.
    let bytes = path.as_bytes();
    let has_drive = cfg!(windows)
        && bytes.get(1).is_some_and(u8::is_ascii_alphabetic)
        && bytes.get(2) == Some(&b':');
    let path = if has_drive { path.get(1..)? } else { &*path };
    Some(PathBuf::from(path))
}

/// The URI of a file; `None` if its path is no text, or is relative.
pub(crate) fn of_file(path: &Path) -> Option<Uri> {
    let path = path.is_absolute().then(|| path.to_str())??;
    let path = if cfg!(windows) {
        format!("/{}", path.replace('\\', "/"))
    } else {
        path.to_owned()
    };
    let path = utf8_percent_encode(&path, ESCAPED);
    Uri::from_str(&format!("file://{path}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn files() {
        for (uri, expect) in [
            ("file:///a/b.json", Some("/a/b.json")),
            ("file:///a%20b/%C3%A9.json", Some("/a b/é.json")),
            ("file://server/a", Some("/a")),
            ("file://server", None),
            ("file:///%ff", None),
            ("untitled:Untitled-1", None),
            ("a", None),
        ] {
            let parsed = Uri::from_str(uri).unwrap();
            assert_eq!(file(&parsed).as_deref(), expect.map(Path::new), "{uri}");
        }
        let odd = Path::new("/a b/#1%?é.json");
        assert_eq!(file(&of_file(odd).unwrap()).as_deref(), Some(odd));
        assert_eq!(of_file(Path::new("a.json")), None);
    }
}
