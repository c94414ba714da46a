//! Which origins are trusted with credentials and patient data.

use crate::error::{Error, ErrorKind};
use crate::origin::{InvalidAddress, Origin};
use http::Uri;

/// Where calls may go: credentials and patient data are sent to these origins and no other.
///
/// ```
/// use healthcode_transport::{Origin, Trust};
/// let mut trust = Trust::new();
/// trust.allow(Origin::read("https://api.example.org")?);
/// assert!(trust.check(&"https://api.example.org/Slot".parse()?).is_ok());
/// let error = trust.check(&"https://api.example.com/Slot".parse()?).unwrap_err();
/// assert_eq!(error.to_string(), "the origin https://api.example.com is not trusted");
///
/// // http is for this machine alone, and only on request.
/// trust.allow(Origin::read("http://127.0.0.1:8080")?);
/// assert!(trust.check(&"http://127.0.0.1:8080/Slot".parse()?).is_err());
/// trust.allow_loopback_http(true);
/// assert!(trust.check(&"http://127.0.0.1:8080/Slot".parse()?).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust {
    origins: Vec<Origin>,
    loopback_http: bool,
}

impl Trust {
    /// Nothing is trusted.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What has this address is trusted, where http without TLS is taken only if it may be.
    pub(crate) fn of(address: &str, loopback_http: bool) -> Result<Self, InvalidAddress> {
        Ok(Trust {
            origins: vec![Origin::read(address)?],
            loopback_http,
        })
    }

    /// Trusts an origin.
    pub fn allow(&mut self, origin: Origin) -> &mut Self {
        if !self.origins.contains(&origin) {
            self.origins.push(origin);
        }
        self
    }

    /// Trusts all that another trust does.
    pub fn allow_all(&mut self, other: &Trust) -> &mut Self {
        for origin in &other.origins {
            self.allow(origin.clone());
        }
        self.loopback_http |= other.loopback_http;
        self
    }

    /// Whether http without TLS is taken where the host is this machine.
    pub fn allow_loopback_http(&mut self, allow: bool) -> &mut Self {
        self.loopback_http = allow;
        self
    }

    pub(crate) fn allows_loopback_http(&self) -> bool {
        self.loopback_http
    }

    /// What is trusted.
    #[must_use]
    pub fn origins(&self) -> &[Origin] {
        &self.origins
    }

    /// The origin of an address, if it is trusted.
    ///
    /// # Errors
    /// If it is not trusted or not secure.
    pub fn check(&self, uri: &Uri) -> Result<Origin, Error> {
        let origin = Origin::of(uri)?;
        let own = self.loopback_http && origin.is_loopback();
        if !origin.is_secure() && !own {
            return Err(Error::new(ErrorKind::Insecure(origin)));
        }
        if self.origins.contains(&origin) {
            Ok(origin)
        } else {
            Err(Error::new(ErrorKind::Origin(origin)))
        }
    }
}
