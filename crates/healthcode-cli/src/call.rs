//! `healthcode call`: endpoints of Healthcode, Graphnet and the NHS, called.

mod advice;
mod args;
mod closed;
mod environment;
mod har;
mod nhs;
mod record;
mod send;
mod target;
mod words;

pub(crate) use args::CallArgs;

use crate::config::invalid;
use crate::input::small;
use crate::output::print_json;
use crate::query::list;
use args::{CallFormat, DryRun};
use bytes::Bytes;
use environment::{Choice, Environment};
use har::Har;
use healthcode_core::printable_json;
use healthcode_json::{from_slice, to_string, to_string_pretty};
use healthcode_r4::{Bundle, Resource};
use healthcode_transport::{
    Error, ErrorKind, ReqwestTransport, SystemRandom, TokioTimer, Transport, Wire, show_curl,
    show_http,
};
use record::{Dry, Recorder, Seen};
use send::{Came, Service};
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use target::{Plan, Wrong, plan};

pub(crate) fn run(args: &CallArgs) -> io::Result<ExitCode> {
    let plan = match plan(args) {
        Ok(plan) => plan,
        Err(Wrong::Query(error)) => {
            list(error.issues(), &mut io::stderr().lock())?;
            return Ok(ExitCode::from(2));
        }
        Err(Wrong::Other(error)) => return Err(invalid(error)),
    };
    let environment = match &args.sandbox {
        Some(path) => environment::of_sandbox(path, plan.system, args.product.as_deref())?,
        None => Choice {
            name: args.environment.as_deref(),
            config: args.config.as_deref(),
            system: plan.system,
            dry: args.dry_run.is_some(),
            as_user: args.as_user,
            product: args.product.as_deref(),
        }
        .find()?,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    match args.dry_run {
        Some(form) => runtime.block_on(dry(args, form, &environment, &plan)),
        None => runtime.block_on(really(args, &environment, &plan)),
    }
}

/// Prints the request that would be sent.
async fn dry(
    args: &CallArgs,
    form: DryRun,
    environment: &Environment,
    plan: &Plan,
) -> io::Result<ExitCode> {
    let saved = match &args.discovery {
        Some(path) => Some(small(path)?),
        None => None,
    };
    let key = match plan.key {
        "" => TOKEN_KEY,
        key => key,
    };
    let unknown = format!(r#"{{"{key}":"https://{NOWHERE}/{key}"}}"#);
    let discovery = saved.map_or_else(|| Bytes::from(unknown), Bytes::from);
    let dry = Dry::new(discovery);
    let wire = Wire::new(dry.clone(), TokioTimer, SystemRandom);
    let service = Service::dry(environment, wire, args).map_err(failed)?;
    let sent = service.send(&plan.target, Some(1), &mut |_| Ok(())).await;
    let Some(request) = dry.request() else {
        return match sent {
            Err(send::Stopped::Call(error)) => Err(failed(error)),
            Err(send::Stopped::Output(error)) => Err(error),
            Ok(_) => Ok(ExitCode::SUCCESS),
        };
    };
    let text = match form {
        DryRun::Http => show_http(&request),
        DryRun::Curl => format!("{}\n", show_curl(&request)),
    };
    let text = match request.uri().host() == Some(NOWHERE) {
        true => text
            .replace(&format!("https://{NOWHERE}/{key}"), &format!("{{{key}}}"))
            .replacen(&format!(" /{key}"), &format!(" {{{key}}}"), 1)
            .replace(&format!("host: {NOWHERE}\n"), ""),
        false => text,
    };
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// The key of the address of tokens, in what the sign-on server says of itself.
const TOKEN_KEY: &str = "token_endpoint";

/// A host that there is not (RFC 6761), for addresses that only the discovery document tells.
const NOWHERE: &str = "discovery.invalid";

fn failed(error: Error) -> io::Error {
    invalid(error.to_string())
}

/// Sends, and prints the answers, until all are there or Ctrl-C is pressed.
async fn really(args: &CallArgs, environment: &Environment, plan: &Plan) -> io::Result<ExitCode> {
    let seen = Seen::default();
    let recorder = Recorder {
        inner: transport(environment)?,
        seen: seen.clone(),
    };
    let wire = Wire::new(recorder, TokioTimer, SystemRandom);
    let service = Service::new(environment, wire, args).map_err(failed)?;
    if let Some(path) = &args.capture {
        seen.keep(Har::create(path, environment.is_open())?);
    }
    let (interrupt, interrupted) = tokio::sync::oneshot::channel::<()>();
    let interrupt = std::sync::Mutex::new(Some(interrupt));
    ctrlc::set_handler(move || {
        if let Some(interrupt) = record::lock(&interrupt).take() {
            let _ = interrupt.send(());
        }
    })
    .map_err(io::Error::other)?;
    let mut page = |came: Came| match (came, seen.take()) {
        (Came::Token(said), _) => print_json(&said),
        (Came::Other, _) => writeln!(
            io::stderr(),
            "warning: the records were merged: the patient has another NHS number by now"
        ),
        (Came::Answer, Some(body)) => print(&body, args.format),
        (Came::Answer, None) => Ok(()),
    };
    let sent = tokio::select! {
        sent = service.send(&plan.target, args.pages.0, &mut page) => Some(sent),
        _ = interrupted => None,
    };
    let code = match sent {
        Some(Ok(more)) => {
            if more {
                writeln!(
                    io::stderr(),
                    "there are more pages: --pages all fetches them"
                )?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Some(Err(send::Stopped::Output(error))) => Err(error),
        Some(Err(send::Stopped::Call(error))) => {
            // What the service says of a refusal is its answer, too.
            let refused = matches!(error.kind(), ErrorKind::Status | ErrorKind::Outcome);
            if let Some(body) = seen.take().filter(|_| refused) {
                print_refusal(&body, args.format)?;
            }
            advice::tell(&error, environment, &mut io::stderr().lock())?;
            // Nothing could be called, or the call failed.
            let settings = matches!(
                error.kind(),
                ErrorKind::Request(_)
                    | ErrorKind::Query(_)
                    | ErrorKind::Restricted(_)
                    | ErrorKind::Insecure(_)
            );
            Ok(ExitCode::from(if settings { 2 } else { 1 }))
        }
        None => {
            writeln!(io::stderr(), "interrupted")?;
            Ok(ExitCode::from(130))
        }
    };
    captured(args, &seen)?;
    code
}

/// Ends the file of exchanges, and says what is in it.
fn captured(args: &CallArgs, seen: &Seen) -> io::Result<()> {
    let Some(path) = &args.capture else {
        return Ok(());
    };
    let name = path.display();
    let fault = |error: io::Error| io::Error::new(error.kind(), format!("{name}: {error}"));
    let entries = seen.finish().map_err(fault)?;
    writeln!(
        io::stderr(),
        "warning: {name} has {entries} exchanges; their addresses and bodies may be patient data. \
         Credentials are left out, and only you can read it"
    )
}

/// What sends, with the environment's certificates.
fn transport(environment: &Environment) -> io::Result<impl Transport + use<>> {
    let mut builder = ReqwestTransport::builder();
    if let Some(path) = &environment.roots {
        builder = builder.roots(small(path)?);
    }
    if let Some((certificate, key)) = &environment.identity {
        let key = String::from_utf8(small(key)?).unwrap_or_default();
        builder = builder.identity(small(certificate)?, key.into());
    }
    builder.build().map_err(failed)
}

/// Prints an answer: as it came, but for white space, whatever version of FHIR it is of.
fn print(body: &Bytes, format: CallFormat) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let shown = match io::stdout().is_terminal() {
        true => |text: String| printable_json(&text).into_owned(),
        false => |text: String| text,
    };
    let Ok(read) = from_slice::<Resource>(body) else {
        match std::str::from_utf8(body) {
            Ok(text) => out.write_all(shown(text.to_owned()).as_bytes())?,
            Err(_) => out.write_all(body)?,
        }
        return writeln!(out);
    };
    match (format, read.value.get::<Bundle>()) {
        (CallFormat::Json, _) => writeln!(out, "{}", shown(to_string_pretty(&read.value)))?,
        (CallFormat::Ndjson, Some(bundle)) => {
            for resource in bundle.entry.iter().filter_map(|it| it.resource.as_ref()) {
                writeln!(out, "{}", shown(to_string(resource)))?;
            }
        }
        (CallFormat::Ndjson, None) => writeln!(out, "{}", shown(to_string(&read.value)))?,
    }
    out.flush()
}

/// Prints what came instead of the answer, if it is JSON.
fn print_refusal(body: &Bytes, format: CallFormat) -> io::Result<()> {
    match from_slice::<Resource>(body).is_ok() {
        true => print(body, format),
        false => Ok(()),
    }
}
