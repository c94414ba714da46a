//! The documents that say where everything is: [`Discovery`], [`OpenIdConfiguration`].

use crate::error::{Error, ErrorKind};
use crate::grant::ClientAuth;
use crate::origin::{Origin, uri};
use crate::trust::Trust;
use serde_json::{Map, Value};

/// Healthcode's discovery document: addresses by their keys.
///
/// Its contents are documented as key-value pairs only; values may be of any JSON type.
///
/// ```
/// use healthcode_transport::healthcode::Discovery;
/// let json = br#"{"search_practitioner_endpoint": "https://ppr.example.org/practitioner"}"#;
/// let document = Discovery::read(json)?;
/// let address = document.address("search_practitioner_endpoint")?;
/// assert_eq!(address, "https://ppr.example.org/practitioner");
/// let error = document.address("create_schedule_endpoint").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "the discovery document has no address under create_schedule_endpoint"
/// );
/// # Ok::<(), healthcode_transport::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Discovery(Map<String, Value>);

impl Discovery {
    /// Reads a document.
    ///
    /// # Errors
    /// If it is no JSON object.
    pub fn read(json: &[u8]) -> Result<Self, Error> {
        object(json).map(Discovery)
    }

    /// The address under a key.
    ///
    /// # Errors
    /// If it is missing, or is not an absolute URL.
    pub fn address(&self, key: &'static str) -> Result<&str, Error> {
        let text = self.0.get(key).and_then(Value::as_str);
        let address = text.filter(|text| Origin::read(text).is_ok());
        address.ok_or_else(|| Error::new(ErrorKind::MissingKey(key)))
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// The keys.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The origins of all addresses in it.
    #[must_use]
    pub fn trust(&self) -> Trust {
        let mut trust = Trust::new();
        self.0.values().for_each(|value| origins(value, &mut trust));
        trust
    }
}

fn origins(value: &Value, trust: &mut Trust) {
    match value {
        Value::String(text) => {
            if let Ok(origin) = Origin::read(text) {
                trust.allow(origin);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| origins(item, trust)),
        Value::Object(members) => members.values().for_each(|member| origins(member, trust)),
        _ => {}
    }
}

/// What is between an issuer's address and its configuration.
const WELL_KNOWN: &str = "/.well-known/openid-configuration";

/// The path of an address that has neither query nor fragment.
fn path(address: &str) -> Option<String> {
    let plain = !address.contains(['?', '#']);
    let uri = uri(address).ok().filter(|_| plain)?;
    Some(uri.path().to_owned())
}

fn object(json: &[u8]) -> Result<Map<String, Value>, Error> {
    serde_json::from_slice(json).map_err(|_| Error::new(ErrorKind::Body))
}

/// What the authorization server says of itself (OpenID Connect Discovery 1.0).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct OpenIdConfiguration {
    /// Where tokens are.
    pub token_endpoint: String,
    /// Who issues them.
    pub issuer: Option<String>,
    /// Where users sign in.
    pub authorization_endpoint: Option<String>,
    /// Where the keys are that tokens are verified with.
    pub jwks_uri: Option<String>,
    /// Everything that it says.
    pub all: Map<String, Value>,
}

impl OpenIdConfiguration {
    /// Reads a document.
    ///
    /// # Errors
    /// If it is no JSON object, or has no token endpoint.
    pub fn read(json: &[u8]) -> Result<Self, Error> {
        let all = object(json)?;
        let text = |name: &str| all.get(name).and_then(Value::as_str).map(str::to_owned);
        let endpoint = text("token_endpoint").filter(|text| uri(text).is_ok());
        let missing = || Error::new(ErrorKind::MissingKey("token_endpoint"));
        Ok(OpenIdConfiguration {
            token_endpoint: endpoint.ok_or_else(missing)?,
            issuer: text("issuer"),
            authorization_endpoint: text("authorization_endpoint"),
            jwks_uri: text("jwks_uri"),
            all,
        })
    }

    /// Whether it may be what it says it is (OpenID Connect Discovery 1.0, 4.3): its issuer is the one
    /// whose configuration is at the address that it was fetched from. One that names no issuer says
    /// nothing wrong.
    ///
    /// ```
    /// use healthcode_transport::healthcode::OpenIdConfiguration;
    /// let json = br#"{"issuer": "https://auth.example.org", "token_endpoint": "https://a.example/t"}"#;
    /// let document = OpenIdConfiguration::read(json)?;
    /// assert!(document.is_of("https://auth.example.org/.well-known/openid-configuration"));
    /// assert!(!document.is_of("https://auth.example.com/.well-known/openid-configuration"));
    /// # Ok::<(), healthcode_transport::Error>(())
    /// ```
    #[must_use]
    pub fn is_of(&self, address: &str) -> bool {
        let Some(issuer) = &self.issuer else {
            return true;
        };
        let origins = (Origin::read(issuer), Origin::read(address));
        let address = address.split(['?', '#']).next().unwrap_or_default();
        let paths = (path(issuer), path(address));
        let ((Ok(issuer), Ok(from)), (Some(own), Some(path))) = (origins, paths) else {
            return false;
        };
        // Elsewhere nothing but the origin is known of the issuer.
        let Some((before, after)) = path.split_once(WELL_KNOWN) else {
            return issuer == from;
        };
        // A slash at the end of the issuer is taken off before (4.1); servers of several issuers put
        // their paths at the end (RFC 8414, 3).
        let expected = format!("{before}{after}");
        issuer == from && own.trim_end_matches('/') == expected.trim_end_matches('/')
    }

    /// Where clients put their secret: into the header, unless only the form is offered.
    #[must_use]
    pub fn client_auth(&self) -> ClientAuth {
        let offered = self.all.get("token_endpoint_auth_methods_supported");
        let offered = offered.and_then(Value::as_array);
        let has = |name: &str| offered.is_some_and(|names| names.iter().any(|own| own == name));
        if has("client_secret_post") && !has("client_secret_basic") {
            ClientAuth::Body
        } else {
            ClientAuth::Basic
        }
    }
}
