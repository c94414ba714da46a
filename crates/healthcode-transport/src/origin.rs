//! Addresses and their origins.

use http::Uri;
use std::fmt;

/// Why a text is not an address that can be called. It does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidAddress(pub(crate) &'static str);

/// Scheme, host and port of an address.
///
/// ```
/// use healthcode_transport::Origin;
/// let origin = Origin::read("https://API.example.org/Slot?page=1")?;
/// assert_eq!(origin.to_string(), "https://api.example.org");
/// assert_eq!(origin, Origin::read("https://api.example.org:443")?);
/// assert_ne!(origin, Origin::read("https://api.example.org:8443")?);
/// # Ok::<(), healthcode_transport::InvalidAddress>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin {
    secure: bool,
    host: String,
    port: u16,
}

impl Origin {
    /// The origin of an absolute address.
    ///
    /// # Errors
    /// If it is no absolute address of http or https, or has a user name in it.
    pub fn of(uri: &Uri) -> Result<Self, InvalidAddress> {
        let unfit = || InvalidAddress("invalid address: expected an absolute http(s) URL");
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(unfit()),
        };
        let authority = uri.authority().ok_or_else(unfit)?;
        if authority.as_str().contains('@') || authority.host().is_empty() {
            return Err(unfit());
        }
        let port = match uri.port_u16() {
            Some(port) => port,
            // A colon with nothing after it, or with what is no port.
            None if !authority.as_str().ends_with(authority.host()) => return Err(unfit()),
            None if secure => 443,
            None => 80,
        };
        Ok(Origin {
            secure,
            host: authority.host().to_ascii_lowercase(),
            port,
        })
    }

    /// The origin of an address.
    ///
    /// # Errors
    /// As [`Origin::of`].
    pub fn read(address: &str) -> Result<Self, InvalidAddress> {
        Self::of(&uri(address)?)
    }

    /// Whether it is this machine, by name or by number.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        let number = host.parse::<std::net::IpAddr>();
        host == "localhost" || number.is_ok_and(|number| number.is_loopback())
    }

    /// Whether it is https.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.secure
    }
}

/// As RFC 6454 writes it: without a port that is the usual one.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, usual) = if self.secure {
            ("https", 443)
        } else {
            ("http", 80)
        };
        write!(f, "{scheme}://{}", self.host)?;
        if self.port == usual {
            Ok(())
        } else {
            write!(f, ":{}", self.port)
        }
    }
}

/// An address from text.
pub(crate) fn uri(address: &str) -> Result<Uri, InvalidAddress> {
    let parsed = address.parse();
    parsed.map_err(|_| InvalidAddress("invalid address: expected a URL"))
}

/// What a `Location` means at an address (RFC 3986, 5.2, without fragments).
pub(crate) fn resolve(base: &Uri, location: &str) -> Option<Uri> {
    let location = location.split('#').next().unwrap_or_default();
    let origin = format!("{}://{}", base.scheme_str()?, base.authority()?);
    let scheme_end = location.find(':');
    let has_scheme = scheme_end.is_some_and(|at| {
        let scheme = location.get(..at).unwrap_or_default();
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|c| c.is_ascii_alphanumeric() || b"+-.".contains(&c))
    });
    let text = if has_scheme {
        location.to_owned()
    } else if location.starts_with("//") {
        format!("{}:{location}", base.scheme_str()?)
    } else if location.starts_with('/') {
        format!("{origin}{location}")
    } else if location.is_empty() {
        base.to_string()
    } else if location.starts_with('?') {
        format!("{origin}{}{location}", base.path())
    } else {
        let folder = base.path().rfind('/').and_then(|at| base.path().get(..=at));
        let path = format!("{}{location}", folder.unwrap_or("/"));
        format!("{origin}{}", without_dots(&path))
    };
    text.parse().ok()
}

fn without_dots(path: &str) -> String {
    let (path, query) = path.find('?').map_or((path, ""), |at| path.split_at(at));
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        match segment {
            "." | ".." => {
                if segment == ".." {
                    kept.pop();
                }
                if last {
                    kept.push("");
                }
            }
            segment => kept.push(segment),
        }
    }
    format!("/{}{query}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations() {
        let check = |location: &str, expect: &str| {
            let base = "https://a.example/b/c?d=e".parse().unwrap();
            let found = resolve(&base, location).map(|uri| uri.to_string());
            assert_eq!(found.as_deref(), Some(expect), "{location}");
        };
        check("https://x.example/y?z=1#part", "https://x.example/y?z=1");
        check("//x.example/y", "https://x.example/y");
        check("/y?z", "https://a.example/y?z");
        check("y", "https://a.example/b/y");
        check("../y", "https://a.example/y");
        check("../../../y/.", "https://a.example/y/");
        check("", "https://a.example/b/c?d=e");
        check("?z=1", "https://a.example/b/c?z=1");
        assert!(resolve(&"https://a.example/b".parse().unwrap(), "y:z/w").is_none());
        check("./y:z", "https://a.example/b/y:z");
    }

    #[test]
    fn origins_that_are_none() {
        for address in [
            "ftp://a.example/",
            "/path",
            "https://user@a.example/",
            "https://user:secret@a.example/",
            "https://a.example:/",
            "https://a.example:99999/",
        ] {
            assert!(Origin::read(address).is_err(), "{address}");
        }
    }

    #[test]
    fn loopback() {
        for (address, expect) in [
            ("http://localhost:1", true),
            ("http://127.9.9.9", true),
            ("http://[::1]:8080", true),
            ("http://localhost.example.org", false),
            ("http://127.0.0.1.example.org", false),
            ("http://128.0.0.1", false),
        ] {
            assert_eq!(
                Origin::read(address).unwrap().is_loopback(),
                expect,
                "{address}"
            );
        }
    }
}
