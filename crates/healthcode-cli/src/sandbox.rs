//! `healthcode sandbox`: servers on this machine.

use crate::args::SandboxArgs;
use healthcode_sandbox::{Certificates, Config, Data, ExposeSecret, Running, Sandbox};
use std::fs;
use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tempfile::NamedTempFile;

pub(crate) fn run(args: &SandboxArgs) -> io::Result<ExitCode> {
    let mut config = Config::default();
    config.address = (Ipv4Addr::LOCALHOST, args.port).into();
    if let Some(folder) = &args.data {
        config.data = Data::load(folder).map_err(io::Error::other)?;
    }
    config.tls = args.tls;
    config.hosts.clone_from(&args.hosts);
    config.store.clone_from(&args.store);
    // If standard error is closed, requests are not logged.
    config.on_request = Some(Arc::new(|request| {
        drop(writeln!(io::stderr(), "{request}"));
    }));
    let sandbox = Sandbox::start(config).map_err(|error| match error.into_io() {
        Ok(error) => io::Error::new(error.kind(), format!("cannot listen: {error}")),
        Err(error) => io::Error::other(error),
    })?;
    if let Some(path) = &args.nhs_key {
        fs::write(path, sandbox.credentials().nhs.private_key.expose_secret())?;
    }
    let files = sandbox
        .certificates()
        .map(|certificates| written(certificates, args.tls_dir.as_deref()))
        .transpose()?;
    print(&sandbox, files.as_ref())?;
    sandbox.wait();
    Ok(ExitCode::SUCCESS)
}

/// How long the id token lives that is printed.
const DAY: Duration = Duration::from_hours(24);

/// Where the certificates are.
struct Files {
    authority: PathBuf,
    client: PathBuf,
    client_key: PathBuf,
}

/// Writes the certificates into a folder, or a new one for temporary files. The key is for its owner
/// alone.
fn written(certificates: &Certificates, folder: Option<&Path>) -> io::Result<Files> {
    let folder = match folder {
        Some(folder) => {
            fs::create_dir_all(folder)?;
            folder.to_owned()
        }
        None => tempfile::Builder::new()
            .prefix("healthcode-sandbox-")
            .tempdir()?
            .keep(),
    };
    let folder = fs::canonicalize(folder)?;
    let files = Files {
        authority: folder.join("authority.pem"),
        client: folder.join("client.pem"),
        client_key: folder.join("client-key.pem"),
    };
    fs::write(&files.authority, &certificates.authority)?;
    fs::write(&files.client, &certificates.client)?;
    // Made anew, so that it is nobody else's from the beginning.
    let mut key = NamedTempFile::new_in(&folder)?;
    key.write_all(certificates.client_key.expose_secret().as_bytes())?;
    key.persist(&files.client_key)?;
    Ok(files)
}

/// Prints where everything is. The secrets are made for this run and are worth nothing elsewhere.
fn print(sandbox: &Running, files: Option<&Files>) -> io::Result<()> {
    let (urls, own) = (sandbox.urls(), sandbox.credentials());
    let id_token = sandbox.id_token(DAY).map_err(io::Error::other)?;
    let key_id = own.nhs.public_keys.first().map_or("", |key| &key.id);
    let tables = [
        (
            "healthcode",
            vec![
                ("discovery", urls.discovery.as_str()),
                ("sign_on", &urls.sign_on),
                ("site", &own.healthcode.site),
                ("key_id", &own.healthcode.id),
                ("key", own.healthcode.key.expose_secret()),
            ],
        ),
        (
            "nhs",
            vec![
                ("base", urls.nhs.as_str()),
                ("token", &urls.nhs_token),
                ("api_key", own.nhs.api_key.expose_secret()),
                ("kid", key_id),
                ("id_token", id_token.expose_secret()),
            ],
        ),
        (
            "graphnet",
            vec![
                ("base", urls.graphnet.as_str()),
                ("api", &urls.graphnet_api),
                ("token", &urls.graphnet_token),
                ("client_id", &own.graphnet.client_id),
                ("client_secret", own.graphnet.client_secret.expose_secret()),
                (
                    "subscription_key",
                    own.graphnet.subscription_key.expose_secret(),
                ),
                (
                    "demographics_key",
                    own.graphnet.demographics_key.expose_secret(),
                ),
            ],
        ),
    ];
    let shown = |path: &Path| path.display().to_string();
    let paths = files
        .map(|files| [&files.authority, &files.client, &files.client_key].map(|path| shown(path)));
    let mut tables = Vec::from(tables);
    if let (Some([authority, client, key]), Some(proxy)) = (&paths, &urls.spine) {
        tables.push(("tls", vec![("authority", authority.as_str())]));
        let rows = vec![
            ("proxy", proxy.as_str()),
            ("asid", &own.spine.asid),
            ("client_certificate", client),
            ("client_key", key),
        ];
        tables.push(("spine", rows));
    }
    let mut out = Vec::new();
    for (name, rows) in tables {
        writeln!(out, "[{name}]")?;
        for (key, value) in rows {
            writeln!(out, "{key} = {value:?}")?;
        }
        writeln!(out)?;
    }
    writeln!(out, "# Serving; stop it with Ctrl-C.")?;
    // All at once: a call that waits for the file finds it empty or complete.
    let mut stdout = io::stdout().lock();
    stdout.write_all(&out)?;
    stdout.flush()
}
