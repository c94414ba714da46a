//! `healthcode-sql`: SQL over FHIR resources, on this machine or on a Ballista cluster.

mod rows;

use clap::Parser;
use datafusion::common::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::prelude::{SessionConfig, SessionContext};
use datafusion::sql::parser::DFParser;
use futures::TryStreamExt;
use healthcode_ballista::{ClientOptions, connect, logger};
use healthcode_datafusion::{Engine, register, runtime};
use log::LevelFilter;
use rows::{Format, Writer};
use std::io::{self, BufWriter, ErrorKind, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Runs SQL over FHIR resources.
///
/// Tables are made by functions: fhir_view('VIEW', 'FILES') has the rows of a view (a file with a ViewDefinition, or a
/// name that `healthcode view list` shows), and fhir_issues('FILES' [, 'r4' or 'healthcode' [, 'PACKAGE']]) what
/// validation finds. FILES is a file, a folder, a glob, or s3://BUCKET/PATH. fhirpath(RESOURCE, EXPRESSION) and
/// fhir_valid(RESOURCE) take a resource as text.
///
/// The exit status is 0, 1 if a resource cannot be read or a value is not of its column's type (on this machine: a
/// cluster's executors say so), and 2 if the query fails.
#[derive(Debug, Parser)]
#[command(name = "healthcode-sql", version)]
struct Args {
    /// A query, or several with semicolons between them; - reads them from standard input
    sql: String,
    /// How results are written
    #[arg(long, value_enum, default_value_t = Format::Table, value_name = "FORMAT")]
    format: Format,
    /// Run it on the cluster of this scheduler, such as df://127.0.0.1:50050
    #[arg(long, value_name = "URL")]
    ballista: Option<String>,
    /// Into how many parts files are divided: by default as many as there are cores, or 16 for a cluster
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..))]
    partitions: Option<u16>,
    /// The size in bytes from which on a file of NDJSON is divided
    #[arg(long, default_value_t = 10 * 1024 * 1024, value_name = "BYTES")]
    divide_from: usize,
    /// The folder with packages, instead of ~/.fhir/packages
    #[arg(long, value_name = "FOLDER")]
    package_cache: Option<PathBuf>,
}

fn main() -> ExitCode {
    let args = Args::parse();
    logger::start("healthcode-sql", LevelFilter::Off);
    // The planner of SQL is recursive, and takes much of the stack where nothing is optimised.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(32 * 1024 * 1024)
        .build();
    let outcome = match runtime {
        // On a worker, whose stack is as large as that.
        Ok(runtime) => runtime.block_on(async {
            match tokio::spawn(run(args)).await {
                Ok(outcome) => outcome,
                Err(error) => Err(error.to_string()),
            }
        }),
        Err(error) => Err(error.to_string()),
    };
    match outcome {
        Ok(()) => ExitCode::from(u8::from(logger::problems() > 0)),
        Err(error) => {
            let _ = writeln!(io::stderr(), "healthcode-sql: {error}");
            ExitCode::from(2)
        }
    }
}

async fn run(args: Args) -> Result<(), String> {
    let engine = Arc::new(Engine::new(args.package_cache.clone()));
    let context = match &args.ballista {
        None => local(&args, &engine),
        Some(url) => {
            let mut options = ClientOptions::default();
            options.divide_from = args.divide_from;
            if let Some(count) = args.partitions {
                options.partitions = count.into();
            }
            connect(url, &engine, &options).await
        }
    };
    let url = args.ballista.as_deref();
    let failed = |error: DataFusionError| plain(&error, url);
    let context = context.map_err(|error| match url {
        Some(url) => format!(
            "--ballista {url}: invalid URL: expected df://HOST:PORT ({})",
            failed(error)
        ),
        None => failed(error),
    })?;
    let text = text(&args.sql).map_err(|error| format!("standard input: {error}"))?;
    let statements = DFParser::parse_sql(&text).map_err(failed)?;
    if statements.is_empty() {
        return Err("missing query: expected SQL".to_owned());
    }
    for statement in statements {
        let plan = context.state().statement_to_plan(statement).await;
        let frame = context.execute_logical_plan(plan.map_err(failed)?).await;
        let frame = frame.map_err(failed)?;
        let mut stream = frame.execute_stream().await.map_err(failed)?;
        let out = BufWriter::new(io::stdout());
        let written = write(&mut stream, args.format, out).await;
        match written {
            Ok(()) => {}
            Err(Failed::Query(error)) => return Err(failed(*error)),
            // The reader has seen enough.
            Err(Failed::Output(error)) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
            Err(Failed::Output(error)) => return Err(format!("standard output: {error}")),
        }
    }
    Ok(())
}

/// A context that runs queries in this process.
fn local(args: &Args, engine: &Arc<Engine>) -> Result<SessionContext, DataFusionError> {
    let mut config = SessionConfig::new()
        .with_information_schema(true)
        .with_repartition_file_min_size(args.divide_from);
    if let Some(count) = args.partitions {
        config = config.with_target_partitions(count.into());
    }
    let context = SessionContext::new_with_config_rt(config, runtime(None)?);
    register(&context, engine);
    Ok(context)
}

fn text(sql: &str) -> io::Result<String> {
    if sql != "-" {
        return Ok(sql.to_owned());
    }
    let mut text = String::new();
    io::stdin().lock().read_to_string(&mut text)?;
    Ok(text)
}

enum Failed {
    Query(Box<DataFusionError>),
    Output(io::Error),
}

async fn write(
    stream: &mut SendableRecordBatchStream,
    format: Format,
    out: impl Write,
) -> Result<(), Failed> {
    let mut writer = Writer::new(format, &stream.schema(), out).map_err(Failed::Output)?;
    while let Some(batch) = stream
        .try_next()
        .await
        .map_err(|error| Failed::Query(Box::new(error)))?
    {
        writer.write(batch).map_err(Failed::Output)?;
    }
    writer.finish().map_err(Failed::Output)
}

/// What went wrong, without the names of DataFusion's kinds of errors.
fn plain(error: &DataFusionError, url: Option<&str>) -> String {
    let message = match error {
        DataFusionError::Plan(message)
        | DataFusionError::Execution(message)
        | DataFusionError::Configuration(message) => message.clone(),
        DataFusionError::SQL(error, _) => format!("invalid SQL: {error}"),
        DataFusionError::Context(context, inner) => format!("{context}: {}", plain(inner, None)),
        DataFusionError::Diagnostic(_, inner) => plain(inner, None),
        DataFusionError::Shared(inner) => plain(inner, None),
        other => other.strip_backtrace(),
    };
    match url {
        Some(url) if is_connection(&message) => {
            format!(
                "{url}: no scheduler answers there; start healthcode-scheduler, or see --ballista ({message})"
            )
        }
        _ => message,
    }
}

fn is_connection(message: &str) -> bool {
    [
        "transport error",
        "Could not connect",
        "GrpcConnectionError",
        "ConnectError",
    ]
    .iter()
    .any(|text| message.contains(text))
}
