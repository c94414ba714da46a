//! The environment of a running sandbox, from what it has printed.

use super::{Environment, Service, System, read};
use crate::config::invalid;
use healthcode_sandbox::Credentials;
use healthcode_transport::SecretString;
use std::io;
use std::path::{Path, PathBuf};
use toml::Table;

/// The environment of a system of it.
///
/// # Errors
/// If the file cannot be read or is something else.
pub(crate) fn of_sandbox(
    path: &Path,
    system: System,
    product: Option<&str>,
) -> io::Result<Environment> {
    let unfit = |key: &str| {
        let path = path.display();
        invalid(format!(
            "{path}: {key} is missing; it is no output of healthcode sandbox"
        ))
    };
    let name = system.as_str();
    let file = read(path)?.parse::<Table>().ok();
    let value = |table: &str, key: &str| {
        let text = file.as_ref()?.get(table)?.get(key)?.as_str();
        text.map(str::to_owned)
    };
    if file.as_ref().and_then(|it| it.get(name)).is_none() {
        return Err(unfit(name));
    }
    let text = |key: &str| value(name, key).ok_or_else(|| unfit(&format!("{name}.{key}")));
    let secret = |key: &str| text(key).map(SecretString::from);
    let service = match system {
        System::Healthcode => Service::Healthcode {
            addresses: Some((text("discovery")?, text("sign_on")?)),
            key_id: text("key_id")?,
            key: secret("key")?,
            site: Some(text("site")?),
            api_version: None,
            allow_origins: Vec::new(),
        },
        System::Nhs => Service::Nhs {
            base: text("base")?,
            api_key: secret("api_key")?,
            // The same for all sandboxes.
            signer: Some((
                text("kid")?,
                Credentials::new()
                    .map_err(io::Error::other)?
                    .nhs
                    .private_key,
            )),
            organization: None,
            role: None,
            id_token: value(name, "id_token").map(SecretString::from),
            spine: value("spine", "proxy").zip(value("spine", "asid")),
        },
        System::Graphnet => Service::Graphnet {
            base: text("base")?,
            api: value(name, "api"),
            token: text("token")?,
            client_id: text("client_id")?,
            client_secret: secret("client_secret")?,
            subscription_key: match product {
                None | Some("fhir") => secret("subscription_key")?,
                Some("demographics") => secret("demographics_key")?,
                Some(_) => {
                    return Err(invalid(
                        "--product: the sandbox has fhir and demographics".to_owned(),
                    ));
                }
            },
            product: product.unwrap_or("fhir").to_owned(),
        },
    };
    let folder = path.parent().unwrap_or(Path::new(""));
    let file =
        |table: &str, key: &str| -> Option<PathBuf> { value(table, key).map(|it| folder.join(it)) };
    let identity = file("spine", "client_certificate").zip(file("spine", "client_key"));
    Ok(Environment {
        name: "sandbox".to_owned(),
        service,
        roots: file("tls", "authority"),
        identity: identity.filter(|_| system == System::Nhs),
    })
}
