//! A Ballista scheduler with the tables of FHIR.

use ballista_scheduler::cluster::BallistaCluster;
use ballista_scheduler::config::SchedulerConfig;
use ballista_scheduler::scheduler_process::start_server;
use clap::Parser;
use healthcode_ballista::{
    FhirLogicalCodec, FhirPhysicalCodec, logger, session_config, session_state,
};
use healthcode_datafusion::Engine;
use log::LevelFilter;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Plans the queries of `healthcode-sql --ballista`, and assigns work to executors.
///
/// The port has no password and no encryption: keep it in a network that you trust.
#[derive(Debug, Parser)]
#[command(name = "healthcode-scheduler", version)]
struct Args {
    /// The address to listen on
    #[arg(long, default_value = "127.0.0.1:50050", value_name = "IP:PORT")]
    listen: SocketAddr,
    /// Seconds without a sign of life after which an executor counts as lost, and its work is done again
    #[arg(long, default_value_t = 60, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(2..))]
    executor_timeout: u64,
    /// The folder with packages, instead of ~/.fhir/packages
    #[arg(long, value_name = "FOLDER")]
    package_cache: Option<PathBuf>,
    /// Log what the scheduler does
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
    logger::start("healthcode-scheduler", level);
    // Plans are nested deep, and each level takes much of the stack where nothing is optimised.
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
            let _ = writeln!(std::io::stderr(), "healthcode-scheduler: {error}");
            ExitCode::from(2)
        }
    }
}

async fn run(args: Args) -> Result<(), String> {
    let engine = Arc::new(Engine::new(args.package_cache));
    let of_session = Arc::clone(&engine);
    let config = SchedulerConfig {
        bind_host: args.listen.ip().to_string(),
        external_host: args.listen.ip().to_string(),
        bind_port: args.listen.port(),
        executor_timeout_seconds: args.executor_timeout,
        expire_dead_executor_interval_seconds: (args.executor_timeout / 4).max(1),
        no_executors_grace_period_seconds: args.executor_timeout,
        override_config_producer: Some(Arc::new(move || session_config(&of_session))),
        override_session_builder: Some(Arc::new(session_state)),
        override_logical_codec: Some(Arc::new(FhirLogicalCodec::new(Arc::clone(&engine)))),
        override_physical_codec: Some(Arc::new(FhirPhysicalCodec::new(engine))),
        ..SchedulerConfig::default()
    };
    // The server's own error does not say which address it is.
    drop(std::net::TcpListener::bind(args.listen).map_err(|error| {
        format!(
            "{}: cannot listen there: {error}; see --listen",
            args.listen
        )
    })?);
    let cluster = BallistaCluster::new_from_config(&config).await;
    let cluster = cluster.map_err(|error| error.to_string())?;
    start_server(cluster, args.listen, Arc::new(config))
        .await
        .map_err(|error| error.to_string())
}
