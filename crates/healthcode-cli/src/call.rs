//! `healthcode call`: calls of Healthcode, Graphnet and the NHS.
//!
//! A verb's options become a [`Plan`], the settings file and variables an
//! [`Environment`], and both a [`Service`] that sends. Nothing is sent before all of that is there.

mod advice;
mod endpoint;
mod endpoint_first;
mod environment;
mod get;
mod har;
mod input;
mod plan;
mod printed;
mod read;
mod record;
mod search;
mod service;
mod spine;
mod target;
mod token;
mod write;

use crate::args::call::{CallArgs, CallFormat, CommonArgs, DryRun, Verb};
use crate::config::invalid;
use crate::input::{shown, small};
use crate::output::print_json;
use crate::query::list;
use bytes::Bytes;
use endpoint_first::NoVerb;
use environment::{Choice, Environment, is_below};
use har::Har;
use healthcode_core::printable;
use healthcode_transport::{
    Error, ErrorKind, HttpStack, ReqwestTransport, SystemRandom, TokioTimer, Transport, show_curl,
    show_http,
};
use input::Inputs;
use parking_lot::Mutex;
use plan::{Plan, PlanError};
use record::{DryTransport, Recorder, Recording};
use service::{CallEvent, NOWHERE, SendError, Service, ServiceOptions};
use std::cell::Cell;
use std::io::{self, Write};
use std::process::ExitCode;
use target::Target;

pub(crate) fn run(args: CallArgs) -> io::Result<ExitCode> {
    let mut inputs = Inputs::default();
    let (common, verb) = match args.verb {
        Verb::EndpointFirst(_) => {
            // Those that follow the command's name and `call`.
            let arguments = std::env::args_os().skip(2);
            match endpoint_first::verb_of(arguments, &mut inputs) {
                Ok(found) => found,
                Err(NoVerb::Words(message)) => return Err(invalid(message)),
                Err(NoVerb::Arguments(error)) => return refuse(&error),
            }
        }
        verb => (args.common, verb),
    };
    common.check().map_err(invalid)?;
    let plan = match Target::plan(&verb, &mut inputs, common.dry_run.is_some()) {
        Ok(plan) => plan,
        Err(PlanError::Query(error)) => {
            list(error.issues(), &mut io::stderr().lock())?;
            return Ok(ExitCode::from(2));
        }
        Err(PlanError::Other(message)) => return Err(invalid(message)),
    };
    let environment = environment(&common, &plan)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    match common.dry_run {
        Some(form) => runtime.block_on(print_request(&common, form, &environment, &plan)),
        None => runtime.block_on(send(&common, &environment, &plan)),
    }
}

/// Reports what is wrong with arguments, without what terminals obey.
fn refuse(error: &clap::Error) -> io::Result<ExitCode> {
    if !error.use_stderr() {
        error.exit();
    }
    let mut err = io::stderr().lock();
    for line in error.render().to_string().lines() {
        writeln!(err, "{}", printable(line))?;
    }
    Ok(ExitCode::from(2))
}

/// The environment that is called, if the account may be used with its system.
fn environment(common: &CommonArgs, plan: &Plan<Target>) -> io::Result<Environment> {
    let url = plan.target.url();
    let environment = match &common.sandbox {
        Some(path) => environment::of_sandbox(path, plan.system, url, &plan.account)?,
        None => Choice {
            name: common.environment.as_deref(),
            config: common.config.as_deref(),
            system: plan.system,
            url,
            dry: common.dry_run.is_some(),
            account: &plan.account,
        }
        .find()?,
    };
    let checked = plan.account.check(environment.system());
    checked.map_err(invalid)?;
    Ok(environment)
}

/// Prints the request that would be sent.
async fn print_request(
    common: &CommonArgs,
    form: DryRun,
    environment: &Environment,
    plan: &Plan<Target>,
) -> io::Result<ExitCode> {
    let saved = match &common.discovery {
        Some(path) => Some(small(path)?),
        None => None,
    };
    let key = plan.discovery_key.unwrap_or(TOKEN_KEY);
    let unknown = format!(r#"{{"{key}":"https://{NOWHERE}/{key}"}}"#);
    let discovery = saved.map_or_else(|| Bytes::from(unknown), Bytes::from);
    let dry = DryTransport::new(discovery);
    let stack = HttpStack::new(dry.clone(), TokioTimer, SystemRandom);
    let service = service(environment, stack, common, plan)?;
    writeln!(
        io::stderr(),
        "healthcode: environment {} of {}",
        printable(&environment.name),
        shown(&environment.file)
    )?;
    let sent = plan.target.send(&service, &mut |_| Ok(())).await;
    let Some(request) = dry.request() else {
        return match sent {
            Err(SendError::Call(error)) => Err(failed(error)),
            Err(SendError::Output(error)) => Err(error),
            Ok(()) => Ok(ExitCode::SUCCESS),
        };
    };
    let text = match form {
        DryRun::Http => show_http(&request),
        DryRun::Curl => format!("{}\n", show_curl(&request)),
    };
    let text = if request.uri().host() == Some(NOWHERE) {
        text.replace(&format!("https://{NOWHERE}/{key}"), &format!("{{{key}}}"))
            .replacen(&format!(" /{key}"), &format!(" {{{key}}}"), 1)
            .replace(&format!("host: {NOWHERE}\n"), "")
    } else {
        text
    };
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// The key of the token endpoint in the sign-on server's configuration.
const TOKEN_KEY: &str = "token_endpoint";

fn failed(error: Error) -> io::Error {
    invalid(error.to_string())
}

fn service(
    environment: &Environment,
    stack: HttpStack,
    common: &CommonArgs,
    plan: &Plan<Target>,
) -> io::Result<Service> {
    let is_api = |base: &str| match &plan.target {
        Target::Post(_) => true,
        target => target.url().is_some_and(|url| is_below(url, base)),
    };
    let options = ServiceOptions {
        account: &plan.account,
        is_api: &is_api,
        dry: common.dry_run.is_some(),
        correlation: common.correlation_id.as_deref(),
        xml: common.format == CallFormat::Xml,
    };
    Service::new(environment, stack, &options).map_err(failed)
}

/// Sends, and prints the answers, until all are there or Ctrl-C is pressed.
async fn send(
    common: &CommonArgs,
    environment: &Environment,
    plan: &Plan<Target>,
) -> io::Result<ExitCode> {
    let seen = Recording::default();
    let recorder = Recorder {
        inner: transport(environment)?,
        seen: seen.clone(),
    };
    let stack = HttpStack::new(recorder, TokioTimer, SystemRandom);
    let service = service(environment, stack, common, plan)?;
    if let Some(path) = &common.capture {
        seen.keep(Har::create(path, environment.is_open())?);
    }
    let (interrupt, interrupted) = tokio::sync::oneshot::channel::<()>();
    let interrupt = Mutex::new(Some(interrupt));
    ctrlc::set_handler(move || {
        if let Some(interrupt) = interrupt.lock().take() {
            let _ = interrupt.send(());
        }
    })
    .map_err(io::Error::other)?;
    let code = Cell::new(0);
    let mut on_event = |event: CallEvent| match event {
        CallEvent::Token(summary) => print_json(&summary),
        CallEvent::Answer => match seen.take() {
            Some(body) => {
                if !printed::answer(&body, common.format)? {
                    code.set(1);
                }
                Ok(())
            }
            None => Ok(()),
        },
        CallEvent::Superseded => writeln!(
            io::stderr(),
            "warning: the records were merged: the patient has another NHS number now"
        ),
        CallEvent::MorePages => writeln!(
            io::stderr(),
            "there are more pages: --pages all fetches them"
        ),
        CallEvent::Failed(line, error) => {
            code.set(1);
            writeln!(io::stderr(), "line {line}:")?;
            report(&error, &seen, common, environment)
        }
    };
    let sent = tokio::select! {
        sent = plan.target.send(&service, &mut on_event) => Some(sent),
        _ = interrupted => None,
    };
    let code = match sent {
        Some(Ok(())) => Ok(ExitCode::from(code.get())),
        Some(Err(SendError::Output(error))) => Err(error),
        Some(Err(SendError::Call(error))) => {
            report(&error, &seen, common, environment)?;
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
    captured(common, &seen)?;
    code
}

/// Reports why a call failed; a refusal of the service is printed as its answer.
fn report(
    error: &Error,
    seen: &Recording,
    common: &CommonArgs,
    environment: &Environment,
) -> io::Result<()> {
    let refused = matches!(error.kind(), ErrorKind::Status | ErrorKind::Outcome);
    if let Some(body) = seen.take().filter(|_| refused) {
        printed::refusal(&body, common.format)?;
    }
    advice::write(error, environment, &mut io::stderr().lock())
}

/// Ends the file of exchanges, and prints what is in it.
fn captured(common: &CommonArgs, seen: &Recording) -> io::Result<()> {
    let Some(path) = &common.capture else {
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
