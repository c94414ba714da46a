//! The environment of a running sandbox, from what it has printed.

use super::{Environment, GraphnetSettings, HealthcodeSettings, NhsSettings, Settings, is_below};
use crate::args::call::{AccountArgs, System};
use crate::config::invalid;
use crate::input::{shown, small_text};
use healthcode_sandbox::Credentials;
use healthcode_transport::SecretString;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};
use toml::Table;

/// How long a sandbox may take to start.
const START: Duration = Duration::from_secs(3);

/// The text of a file into which a sandbox writes that may still be starting: the file is empty until it serves.
///
/// # Errors
/// If the file cannot be read.
fn once_written(path: &Path) -> io::Result<String> {
    let begun = Instant::now();
    loop {
        let text = small_text(path)?;
        if !text.trim().is_empty() || begun.elapsed() >= START {
            return Ok(text);
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// The environment of a system of it; without a system, of the one that has the URL.
///
/// # Errors
/// If the file cannot be read or is something else.
pub(crate) fn of_sandbox(
    path: &Path,
    system: Option<System>,
    url: Option<&str>,
    account: &AccountArgs,
) -> io::Result<Environment> {
    let unfit = |key: &str| {
        let path = shown(path);
        invalid(format!(
            "{path}: missing {key}: expected the output of healthcode sandbox"
        ))
    };
    let file = once_written(path)?.parse::<Table>().ok();
    let value = |table: &str, key: &str| {
        let text = file.as_ref()?.get(table)?.get(key)?.as_str();
        text.map(str::to_owned)
    };
    // The services may have one origin: the longest base is that of the URL's service.
    let by_url = || {
        let bases = [
            (System::Healthcode, value("healthcode", "discovery")),
            (System::Nhs, value("nhs", "base")),
            (System::Graphnet, value("graphnet", "base")),
            (System::Graphnet, value("graphnet", "api")),
        ];
        let bases = bases.into_iter().filter_map(|(system, address)| {
            let address = address?;
            let base = address.split("/.well-known/").next()?;
            is_below(url?, base).then_some((base.len(), system))
        });
        bases.max_by_key(|found| found.0).map(|found| found.1)
    };
    let Some(system) = system.or_else(by_url) else {
        let path = shown(path);
        return Err(invalid(format!(
            "{path}: the sandbox has no service at this URL"
        )));
    };
    let name = system.as_str();
    if file.as_ref().and_then(|table| table.get(name)).is_none() {
        return Err(unfit(name));
    }
    let text = |key: &str| value(name, key).ok_or_else(|| unfit(&format!("{name}.{key}")));
    let secret = |key: &str| text(key).map(SecretString::from);
    let settings = match system {
        System::Healthcode => Settings::Healthcode(HealthcodeSettings {
            discovery: Some(text("discovery")?),
            sign_on: Some(text("sign_on")?),
            key_id: Some(text("key_id")?),
            key: secret("key")?,
            site: Some(text("site")?),
            api_version: None,
            allow_origins: Vec::new(),
        }),
        System::Nhs => {
            let (proxy, asid) = value("spine", "proxy").zip(value("spine", "asid")).unzip();
            let credentials = Credentials::new().map_err(io::Error::other)?;
            Settings::Nhs(NhsSettings {
                base: Some(text("base")?),
                pds_base: None,
                sds_base: None,
                open: false,
                kid: Some(text("kid")?),
                private_key_file: None,
                organization: None,
                role: None,
                proxy,
                asid,
                api_key: secret("api_key")?,
                // The same for all sandboxes.
                private_key: Some(credentials.nhs.private_key),
                id_token: value(name, "id_token").map(SecretString::from),
            })
        }
        System::Graphnet => Settings::Graphnet(GraphnetSettings {
            base: text("base")?,
            api: value(name, "api"),
            token: text("token")?,
            client_id: text("client_id")?,
            client_secret: secret("client_secret")?,
            subscription_key: match account.product.as_deref() {
                None | Some("fhir") => secret("subscription_key")?,
                Some("demographics") => secret("demographics_key")?,
                Some(_) => {
                    return Err(invalid(
                        "invalid --product: expected fhir or demographics, which the sandbox has"
                            .to_owned(),
                    ));
                }
            },
        }),
    };
    let folder = path.parent().unwrap_or(Path::new(""));
    let file = |table: &str, key: &str| -> Option<PathBuf> {
        value(table, key).map(|name| folder.join(name))
    };
    let identity = file("spine", "client_certificate").zip(file("spine", "client_key"));
    Ok(Environment {
        name: "sandbox".to_owned(),
        file: path.to_owned(),
        settings,
        roots: file("tls", "authority"),
        identity: identity.filter(|_| system == System::Nhs),
    })
}
