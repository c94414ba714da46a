//! Sessions of clients, schedulers and executors.

use crate::codec::{FhirLogicalCodec, FhirPhysicalCodec};
use ballista::prelude::{SessionConfigExt, SessionContextExt};
use ballista_core::config::BALLISTA_SCHEDULER_MAX_PARTITIONS_PER_TASK;
use ballista_core::extension::{
    ballista_aggregate_functions, ballista_scalar_functions, ballista_window_functions,
};
use ballista_core::registry::BallistaFunctionRegistry;
use datafusion::common::Result;
use datafusion::execution::{SessionState, SessionStateBuilder};
use datafusion::prelude::{SessionConfig, SessionContext};
use healthcode_datafusion::{Engine, register, runtime, scalar_functions};
use std::sync::Arc;

/// How a client runs its queries.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ClientOptions {
    /// Into how many partitions files are divided: a few for each slot of the cluster.
    pub partitions: usize,
    /// The size in bytes from which on a file is divided.
    pub divide_from: usize,
}

impl Default for ClientOptions {
    fn default() -> Self {
        ClientOptions {
            partitions: 16,
            divide_from: 10 * 1024 * 1024,
        }
    }
}

/// The settings of a session with tables of FHIR.
#[must_use]
pub fn session_config(engine: &Arc<Engine>) -> SessionConfig {
    SessionConfig::new_with_ballista()
        .with_ballista_logical_extension_codec(Arc::new(FhirLogicalCodec::new(Arc::clone(engine))))
        .with_ballista_physical_extension_codec(Arc::new(FhirPhysicalCodec::new(Arc::clone(
            engine,
        ))))
}

/// A session with these settings, the functions of Ballista and of FHIR, and stores like S3.
///
/// # Errors
/// If the runtime cannot be made.
pub fn session_state(config: SessionConfig) -> Result<SessionState> {
    let mut functions = ballista_scalar_functions();
    functions.extend(scalar_functions());
    Ok(SessionStateBuilder::new()
        .with_config(config)
        .with_runtime_env(runtime(None)?)
        .with_default_features()
        .with_scalar_functions(functions)
        .with_aggregate_functions(ballista_aggregate_functions())
        .with_window_functions(ballista_window_functions())
        .build())
}

/// The functions that executors have.
#[must_use]
pub fn function_registry() -> BallistaFunctionRegistry {
    let mut registry = BallistaFunctionRegistry::default();
    // The default has no functions of lists.
    for function in ballista_scalar_functions()
        .into_iter()
        .chain(scalar_functions())
    {
        let name = function.name().to_owned();
        registry.scalar_functions.insert(name, function);
    }
    registry
}

/// A context whose queries run on the cluster of a scheduler (`df://HOST:PORT`). The connection is made with the first
/// query.
///
/// # Errors
/// If the URL is invalid.
pub async fn connect(
    url: &str,
    engine: &Arc<Engine>,
    options: &ClientOptions,
) -> Result<SessionContext> {
    let config = session_config(engine)
        .with_target_partitions(options.partitions)
        .with_repartition_file_min_size(options.divide_from)
        // A task for each partition: an executor that is lost takes little work with it.
        .set_str(BALLISTA_SCHEDULER_MAX_PARTITIONS_PER_TASK, "1");
    let state = session_state(config)?;
    let context = SessionContext::remote_with_state(url, state).await?;
    register(&context, engine);
    Ok(context)
}
