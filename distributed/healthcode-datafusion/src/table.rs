//! [`FhirTable`]: a table for DataFusion.

use crate::files::Location;
use crate::plan::{Division, plan};
use crate::scan::FhirScanExec;
use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Result;
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;
use healthcode_scan::Table;
use std::sync::Arc;

/// A table over files: the rows of a view, or the issues of validation.
///
/// Projection and limit reach the scan. NDJSON that is not compressed is divided into ranges of bytes, as many as
/// `datafusion.execution.target_partitions`, if it has at least `datafusion.optimizer.repartition_file_min_size`.
#[derive(Clone, Debug)]
pub struct FhirTable {
    table: Arc<Table>,
    location: Location,
}

impl FhirTable {
    /// A table over the files of a location.
    #[must_use]
    pub fn new(table: Arc<Table>, location: Location) -> Self {
        FhirTable { table, location }
    }

    /// What is read of the files.
    #[must_use]
    pub fn table(&self) -> &Arc<Table> {
        &self.table
    }

    /// Where the files are.
    #[must_use]
    pub fn location(&self) -> &Location {
        &self.location
    }
}

#[async_trait]
impl TableProvider for FhirTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(self.table.schema())
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let all = || (0..self.table.schema().fields().len()).collect();
        let columns = projection.cloned().unwrap_or_else(all);
        let options = state.config_options();
        let division = Division {
            partitions: options.execution.target_partitions,
            from: options.optimizer.repartition_file_min_size as u64,
            count_lines: self.table.has_lines(&columns),
        };
        let url = self.location.store()?;
        let store = state.runtime_env().object_store_registry.get_store(&url)?;
        let partitions = plan(&store, &self.location, division).await?;
        let table = Arc::clone(&self.table);
        let scan = FhirScanExec::new(table, url, partitions, columns, limit)?;
        Ok(Arc::new(scan))
    }
}
