//! [`runtime`]: where files are.

use datafusion::common::{DataFusionError, Result};
use datafusion::execution::object_store::{DefaultObjectStoreRegistry, ObjectStoreRegistry};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use object_store::ObjectStore;
use object_store::aws::AmazonS3Builder;
use std::sync::Arc;
use url::Url;

/// A runtime whose tables may be on this machine or in stores like S3, which are set up by the variables of AWS:
/// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, and for other services than Amazon's `AWS_ENDPOINT` and
/// `AWS_ALLOW_HTTP`. So no secret is part of a query.
///
/// # Errors
/// If the runtime cannot be made.
pub fn runtime(folder: Option<&str>) -> Result<Arc<RuntimeEnv>> {
    let mut builder =
        RuntimeEnvBuilder::new().with_object_store_registry(Arc::new(Stores::default()));
    if let Some(folder) = folder {
        builder = builder.with_temp_file_path(folder);
    }
    builder.build_arc()
}

/// Stores by URL. Those of S3 are made when they are first requested.
#[derive(Debug, Default)]
struct Stores(DefaultObjectStoreRegistry);

impl ObjectStoreRegistry for Stores {
    fn register_store(
        &self,
        url: &Url,
        store: Arc<dyn ObjectStore>,
    ) -> Option<Arc<dyn ObjectStore>> {
        self.0.register_store(url, store)
    }

    fn deregister_store(&self, url: &Url) -> Result<Arc<dyn ObjectStore>> {
        self.0.deregister_store(url)
    }

    fn get_store(&self, url: &Url) -> Result<Arc<dyn ObjectStore>> {
        if let Ok(store) = self.0.get_store(url) {
            return Ok(store);
        }
        let bucket = url.host_str().filter(|_| url.scheme() == "s3");
        let Some(bucket) = bucket else {
            let message = format!("unknown store {url}: expected a path or s3://BUCKET/PATH");
            return Err(DataFusionError::Configuration(message));
        };
        let builder = AmazonS3Builder::from_env().with_bucket_name(bucket);
        let store: Arc<dyn ObjectStore> = Arc::new(builder.build()?);
        self.0.register_store(url, Arc::clone(&store));
        Ok(store)
    }
}
