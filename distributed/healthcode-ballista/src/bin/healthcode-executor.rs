//! A Ballista executor with the tables of FHIR.

use ballista_executor::executor_process::{ExecutorProcessConfig, start_executor_process};
use clap::Parser;
use healthcode_ballista::{
    FhirLogicalCodec, FhirPhysicalCodec, function_registry, logger, session_config,
};
use healthcode_datafusion::{Engine, runtime};
use log::LevelFilter;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Does work for a scheduler.
///
/// It has to reach the files under the same names as the client: on a shared file system, or in a store like S3, for
/// which it takes the variables of AWS (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT). The ports
/// have no password and no encryption: keep them in a network that you trust.
#[derive(Debug, Parser)]
#[command(name = "healthcode-executor", version)]
struct Args {
    /// The scheduler
    #[arg(long, default_value = "127.0.0.1:50050", value_name = "HOST:PORT")]
    scheduler: String,
    /// The address to listen on; the next port is taken too
    #[arg(long, default_value = "127.0.0.1:50051", value_name = "IP:PORT")]
    listen: SocketAddr,
    /// The name under which other machines reach this one, if that is not the address to listen on
    #[arg(long, value_name = "HOST")]
    external_host: Option<String>,
    /// How many tasks run at the same time; as many as there are cores, if it is not given
    #[arg(
        long,
        default_value_t = 0,
        hide_default_value = true,
        value_name = "COUNT"
    )]
    slots: usize,
    /// Seconds between signs of life
    #[arg(long, default_value_t = 10, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    heartbeat: u64,
    /// The folder for intermediate results, instead of a temporary one
    #[arg(long, value_name = "FOLDER")]
    work_dir: Option<PathBuf>,
    /// The folder with packages, instead of ~/.fhir/packages
    #[arg(long, value_name = "FOLDER")]
    package_cache: Option<PathBuf>,
    /// Log what the executor does
    #[arg(short, long)]
    verbose: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let level = if args.verbose {
        LevelFilter::Info
    } else {
        LevelFilter::Error
    };
    logger::start("healthcode-executor", level);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(32 * 1024 * 1024)
        .build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(run(args)),
        Err(error) => Err(error.to_string()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "healthcode-executor: {error}");
            ExitCode::from(2)
        }
    }
}

async fn run(args: Args) -> Result<(), String> {
    let (host, port) = args
        .scheduler
        .rsplit_once(':')
        .and_then(|(host, port)| Some((host.to_owned(), port.parse().ok()?)))
        .ok_or("--scheduler: invalid value: expected HOST:PORT")?;
    let Some(grpc_port) = args.listen.port().checked_add(1) else {
        return Err("--listen: invalid port: expected at most 65534".to_owned());
    };
    // It is removed when the executor ends.
    let temporary = tempfile::tempdir().map_err(|error| error.to_string())?;
    let folder = args.work_dir.unwrap_or_else(|| temporary.path().to_owned());
    std::fs::create_dir_all(&folder)
        .map_err(|error| format!("--work-dir {}: {error}", folder.display()))?;
    let folder = folder.to_string_lossy().into_owned();
    let engine = Arc::new(Engine::new(args.package_cache));
    let (of_session, of_runtime) = (Arc::clone(&engine), folder.clone());
    let config = ExecutorProcessConfig {
        bind_host: args.listen.ip().to_string(),
        external_host: Some(
            args.external_host
                .unwrap_or_else(|| args.listen.ip().to_string()),
        ),
        port: args.listen.port(),
        grpc_port,
        scheduler_host: host,
        scheduler_port: port,
        scheduler_connect_timeout_seconds: 30,
        vcores: args.slots,
        work_dir: Some(folder),
        executor_heartbeat_interval_seconds: args.heartbeat,
        override_function_registry: Some(Arc::new(function_registry())),
        override_runtime_producer: Some(Arc::new(move |_| runtime(Some(&of_runtime)))),
        override_config_producer: Some(Arc::new(move || session_config(&of_session))),
        override_logical_codec: Some(Arc::new(FhirLogicalCodec::new(Arc::clone(&engine)))),
        override_physical_codec: Some(Arc::new(FhirPhysicalCodec::new(engine))),
        ..ExecutorProcessConfig::default()
    };
    let scheduler = args.scheduler;
    start_executor_process(Arc::new(config))
        .await
        .map_err(|error| format!("{error} (scheduler {scheduler}, address {})", args.listen))
}
