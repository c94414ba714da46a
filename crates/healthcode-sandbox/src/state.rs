//! [`SandboxState`]: what handlers share.

use crate::auth::jwt::PrivateKey;
use crate::auth::tokens::Tokens;
use crate::auth::used_jtis::UsedJtis;
use crate::config::Urls;
use crate::credentials::Credentials;
use crate::faults::Faults;
use crate::log::OnRequest;
use crate::store::disk::Disk;
use crate::store::records::Records;
use crate::store::resources::Resources;
use crate::store::search::SearchPool;
use crate::work::WorkQueue;
use parking_lot::Mutex;
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// What all handlers share.
pub(crate) struct SandboxState {
    pub(crate) urls: Urls,
    pub(crate) credentials: Credentials,
    pub(crate) token_life: Duration,
    pub(crate) key: Option<PrivateKey>,
    pub(crate) tokens: Tokens,
    pub(crate) used_jtis: UsedJtis,
    pub(crate) disk: Arc<Disk>,
    pub(crate) resources: Arc<Resources>,
    pub(crate) search: SearchPool,
    pub(crate) records: Records,
    /// Graphnet's resources but for patients, which are those of the records.
    pub(crate) graphnet: Arc<[Value]>,
    /// The updates of patients that were carried out: ids of requests, and NHS numbers.
    pub(crate) completed: Mutex<VecDeque<(String, String)>>,
    pub(crate) faults: Faults,
    pub(crate) work: WorkQueue,
    pub(crate) hosts: Vec<String>,
    pub(crate) on_request: Option<OnRequest>,
}
