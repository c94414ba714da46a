//! `healthcode sandbox`: servers on this machine.

use crate::args::SandboxArgs;
use healthcode_sandbox::{Config, Data, ExposeSecret, Running, Sandbox};
use std::fs;
use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::sync::Arc;

pub(crate) fn run(args: &SandboxArgs) -> io::Result<ExitCode> {
    let mut config = Config::default();
    config.address = (Ipv4Addr::LOCALHOST, args.port).into();
    if let Some(folder) = &args.data {
        config.data = Data::load(folder).map_err(io::Error::other)?;
    }
    config.store.clone_from(&args.store);
    // Who is not there to read is not told.
    config.on_request = Some(Arc::new(|seen| drop(writeln!(io::stderr(), "{seen}"))));
    let sandbox = Sandbox::start(config).map_err(|error| match error.into_io() {
        Ok(error) => io::Error::new(error.kind(), format!("cannot listen: {error}")),
        Err(error) => io::Error::other(error),
    })?;
    if let Some(path) = &args.nhs_key {
        fs::write(path, sandbox.credentials().nhs.private_key.expose_secret())?;
    }
    tell(&sandbox)?;
    sandbox.wait();
    Ok(ExitCode::SUCCESS)
}

/// Where everything is. The secrets are made for this run and are worth nothing elsewhere.
fn tell(sandbox: &Running) -> io::Result<()> {
    let (urls, own) = (sandbox.urls(), sandbox.credentials());
    let key_id = own.nhs.public_keys.first().map_or("", |it| &it.id);
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
            ],
        ),
        (
            "graphnet",
            vec![
                ("base", urls.graphnet.as_str()),
                ("token", &urls.graphnet_token),
                ("client_id", &own.graphnet.client_id),
                ("client_secret", own.graphnet.client_secret.expose_secret()),
                (
                    "subscription_key",
                    own.graphnet.subscription_key.expose_secret(),
                ),
            ],
        ),
    ];
    let mut out = io::stdout().lock();
    for (name, rows) in tables {
        writeln!(out, "[{name}]")?;
        for (key, value) in rows {
            writeln!(out, "{key} = {value:?}")?;
        }
        writeln!(out)?;
    }
    writeln!(out, "# Serving; stop it with Ctrl-C.")?;
    out.flush()
}
