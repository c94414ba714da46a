//! [`FhirScanExec`]: reads the files of a table.

use crate::files::Piece;
use crate::read::{self, Counted, Object, first_byte, first_line};
use datafusion::arrow::array::UInt64Array;
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::cast::as_uint64_array;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, Result, internal_err};
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{
    Boundedness, EmissionType, ReplaceChildrenOptions,
};
use datafusion::physical_plan::metrics::{
    BaselineMetrics, Count, ExecutionPlanMetricsSet, MetricBuilder, MetricsSet,
};
use datafusion::physical_plan::stream::RecordBatchReceiverStream;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties,
};
use futures::TryStreamExt;
use healthcode_scan::{Definition, Input, LineRange, Problem, Scan, Sink, Table, plain};
use object_store::ObjectStore;
use object_store::path::Path;
use std::fmt::{self, Formatter};
use std::io::{self, Read};
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::sync::mpsc::Sender;
use url::Url;

/// How many batches wait for the next step of a query.
const AHEAD: usize = 2;
/// How many problems of a kind a partition reports; of the others, their number is.
const PROBLEMS: usize = 10;
/// How many ranges EXPLAIN shows.
const SHOWN: usize = 5;

/// Reads the files of a table, a partition at a time, and streams record batches.
///
/// Memory does not grow with the files: a partition holds some hundred kilobytes of text, or the largest resource.
#[derive(Clone)]
pub struct FhirScanExec {
    table: Arc<Table>,
    scan: Arc<Scan>,
    store: Url,
    partitions: Arc<Vec<Vec<Piece>>>,
    /// Lists the numbers of the partitions to read. Ballista assigns each task a part of a stage's partitions, and can
    /// select them only of sources of its own, such as batches in memory: a leaf of ours would be read whole
    /// by each task.
    numbers: Arc<dyn ExecutionPlan>,
    columns: Vec<usize>,
    limit: Option<usize>,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

impl FhirScanExec {
    /// Reads these columns of files of a store; of each partition, `limit` rows at most.
    ///
    /// # Errors
    /// If there is no such column.
    pub fn new(
        table: Arc<Table>,
        store: Url,
        partitions: Vec<Vec<Piece>>,
        columns: Vec<usize>,
        limit: Option<usize>,
    ) -> Result<Self> {
        let scan = Arc::new(table.scan(&columns)?);
        let numbers = numbers(partitions.len())?;
        Ok(FhirScanExec {
            properties: properties(&scan, &numbers),
            table,
            scan,
            store,
            partitions: Arc::new(partitions),
            numbers,
            columns,
            limit,
            metrics: ExecutionPlanMetricsSet::new(),
        })
    }

    /// The same scan, of the partitions whose numbers this plan gives.
    #[must_use]
    pub fn with_numbers(&self, numbers: Arc<dyn ExecutionPlan>) -> Self {
        FhirScanExec {
            properties: properties(&self.scan, &numbers),
            numbers,
            metrics: ExecutionPlanMetricsSet::new(),
            ..self.clone()
        }
    }

    /// The table that is read.
    #[must_use]
    pub fn table(&self) -> &Arc<Table> {
        &self.table
    }

    /// The URL of the store.
    #[must_use]
    pub fn store(&self) -> &Url {
        &self.store
    }

    /// The pieces of files that each partition reads.
    #[must_use]
    pub fn partitions(&self) -> &[Vec<Piece>] {
        &self.partitions
    }

    /// The numbers of the columns that are read.
    #[must_use]
    pub fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// How many rows a partition reads at most.
    #[must_use]
    pub fn limit(&self) -> Option<usize> {
        self.limit
    }
}

/// A plan that returns the numbers from 0 on, one in each partition.
fn numbers(count: usize) -> Result<Arc<dyn ExecutionPlan>> {
    let schema = Arc::new(Schema::new(vec![Field::new(
        "partition",
        DataType::UInt64,
        false,
    )]));
    let batch = |number| {
        let column = UInt64Array::from(vec![number]);
        RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(column)])
    };
    let batches = (0..count as u64).map(|number| Ok(vec![batch(number)?]));
    let batches: Vec<Vec<RecordBatch>> = batches.collect::<Result<_>>()?;
    let plan = MemorySourceConfig::try_new_exec(&batches, Arc::clone(&schema), None)?;
    Ok(plan)
}

fn properties(scan: &Scan, numbers: &Arc<dyn ExecutionPlan>) -> Arc<PlanProperties> {
    let count = numbers.properties().partitioning.partition_count();
    Arc::new(PlanProperties::new(
        EquivalenceProperties::new(Arc::clone(scan.schema())),
        Partitioning::UnknownPartitioning(count),
        EmissionType::Incremental,
        Boundedness::Bounded,
    ))
}

impl fmt::Debug for FhirScanExec {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.fmt_as(DisplayFormatType::Default, f)
    }
}

impl DisplayAs for FhirScanExec {
    fn fmt_as(&self, kind: DisplayFormatType, f: &mut Formatter<'_>) -> fmt::Result {
        let is_tree = matches!(kind, DisplayFormatType::TreeRender);
        let separator = if is_tree { "\n" } else { ", " };
        if !is_tree {
            write!(f, "FhirScanExec: ")?;
        }
        match self.table.definition() {
            Definition::View { name, .. } => write!(f, "view={name}")?,
            Definition::Issues {
                policy, packages, ..
            } => {
                write!(f, "issues, policy={}", policy.as_str())?;
                if !packages.is_empty() {
                    write!(f, "{separator}packages=[{}]", packages.join(", "))?;
                }
            }
            _ => {}
        }
        let schema = self.scan.schema();
        let names: Vec<&str> = schema
            .fields()
            .iter()
            .map(|field| &**field.name())
            .collect();
        write!(f, "{separator}projection=[{}]", names.join(", "))?;
        if let Some(limit) = self.limit {
            write!(f, "{separator}limit={limit}")?;
        }
        let count = self.properties.partitioning.partition_count();
        write!(f, "{separator}partitions={count}")?;
        let is_verbose = matches!(kind, DisplayFormatType::Verbose);
        let pieces = self.partitions.iter().flatten();
        let count = pieces.clone().count();
        let shown = if is_verbose { count } else { SHOWN };
        let ranges: Vec<String> = pieces
            .take(shown)
            .map(|piece| match piece.is_range {
                true => format!("{}:{}..{}", piece.name, piece.start, piece.end),
                false => piece.name.clone(),
            })
            .collect();
        let more = if count > shown { ", ..." } else { "" };
        write!(f, "{separator}files=[{}{more}]", ranges.join(", "))
    }
}

impl ExecutionPlan for FhirScanExec {
    fn name(&self) -> &'static str {
        "FhirScanExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.numbers]
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        match &*children {
            [numbers] => Ok(Arc::new(self.with_numbers(Arc::clone(numbers)))),
            _ => internal_err!("FhirScanExec has one child"),
        }
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        match &*children {
            [numbers] => Ok(Arc::new(self.with_numbers(Arc::clone(numbers)))),
            _ => internal_err!("FhirScanExec has one child"),
        }
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }

    fn supports_limit_pushdown(&self) -> bool {
        false
    }

    fn fetch(&self) -> Option<usize> {
        self.limit
    }

    fn with_fetch(&self, limit: Option<usize>) -> Option<Arc<dyn ExecutionPlan>> {
        Some(Arc::new(FhirScanExec {
            limit,
            metrics: ExecutionPlanMetricsSet::new(),
            ..self.clone()
        }))
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let numbers = self.numbers.execute(partition, Arc::clone(&context))?;
        let partitions = Arc::clone(&self.partitions);
        let schema = Arc::clone(self.scan.schema());
        let mut builder = RecordBatchReceiverStream::builder(schema, AHEAD);
        let counter =
            |name: &'static str| MetricBuilder::new(&self.metrics).counter(name, partition);
        let mut task = Task {
            scan: Arc::clone(&self.scan),
            store: context
                .runtime_env()
                .object_store_registry
                .get_store(&self.store)?,
            sender: builder.tx(),
            baseline: BaselineMetrics::new(&self.metrics, partition),
            bytes: counter("bytes_scanned"),
            malformed: Problems::new(counter("malformed"), "more resources cannot be read"),
            misfits: Problems::new(
                counter("misfits"),
                "more values are not of their columns' types",
            ),
            left: self.limit,
            is_stopped: false,
        };
        builder.spawn(async move {
            let numbers: Vec<RecordBatch> = numbers.try_collect().await?;
            for piece in pieces(&numbers, &partitions)? {
                if task.is_stopped || task.left == Some(0) {
                    break;
                }
                task = task.read(piece).await?;
            }
            task.malformed.finish();
            task.misfits.finish();
            Ok(())
        });
        Ok(builder.build())
    }
}

/// The pieces of the partitions of these numbers.
fn pieces(numbers: &[RecordBatch], partitions: &[Vec<Piece>]) -> Result<Vec<Piece>> {
    let mut pieces = Vec::new();
    for batch in numbers {
        let column = as_uint64_array(batch.column(0))?;
        for number in column.values() {
            let number = usize::try_from(*number).unwrap_or(usize::MAX);
            let Some(partition) = partitions.get(number) else {
                return internal_err!("FhirScanExec has no partition {number}");
            };
            pieces.extend_from_slice(partition);
        }
    }
    Ok(pieces)
}

/// The work of one partition.
struct Task {
    scan: Arc<Scan>,
    store: Arc<dyn ObjectStore>,
    sender: Sender<Result<RecordBatch>>,
    baseline: BaselineMetrics,
    bytes: Count,
    malformed: Problems,
    misfits: Problems,
    /// How many rows are still wanted.
    left: Option<usize>,
    /// No more rows are wanted.
    is_stopped: bool,
}

impl Task {
    async fn read(self, piece: Piece) -> Result<Self> {
        let path = Path::parse(&piece.path)?;
        let start = if piece.is_range {
            first_byte(piece.start)
        } else {
            0
        };
        let object = read::open(&self.store, &path, start).await;
        let object =
            object.map_err(|error| error.context(format!("{} cannot be read", piece.name)))?;
        // Reading and parsing would keep other tasks of the thread waiting.
        let read = tokio::task::spawn_blocking(move || self.read_object(&piece, &path, object));
        read.await
            .map_err(|error| DataFusionError::External(Box::new(error)))?
    }

    fn read_object(mut self, piece: &Piece, path: &Path, object: Object) -> Result<Self> {
        let timer = self.baseline.elapsed_compute().clone();
        let counted = Counted(object, self.bytes.clone());
        let reader: io::Result<Box<dyn Read + Send>> = if piece.is_range {
            Ok(Box::new(LineRange::new(counted, piece.start, piece.end)))
        } else {
            plain(counted)
        };
        let failed = |error: io::Error| {
            let error = DataFusionError::Execution(error.to_string());
            error.context(format!("{} cannot be read", piece.name))
        };
        let input = Input {
            reader: reader.map_err(failed)?,
            file: &piece.name,
            is_ndjson: piece.is_range || crate::files::is_ndjson(&piece.path),
            first_line: piece.first_line.unwrap_or(1),
        };
        let scan = Arc::clone(&self.scan);
        let mut sink = Rows {
            first_line: piece.first_line,
            task: &mut self,
            piece,
            path,
        };
        let timer = timer.timer();
        let outcome = scan.read(input, &mut sink);
        drop(timer);
        match outcome {
            Err(error) if !self.is_stopped => Err(failed(error)),
            _ => Ok(self),
        }
    }
}

/// Sends rows on.
struct Rows<'t> {
    task: &'t mut Task,
    piece: &'t Piece,
    path: &'t Path,
    first_line: Option<u64>,
}

impl Sink for Rows<'_> {
    fn rows(&mut self, mut rows: RecordBatch) -> io::Result<()> {
        let task = &mut *self.task;
        if let Some(left) = &mut task.left {
            if rows.num_rows() > *left {
                rows = rows.slice(0, *left);
            }
            *left -= rows.num_rows();
        }
        task.baseline.record_output(rows.num_rows());
        let is_sent = task.sender.blocking_send(Ok(rows)).is_ok();
        if !is_sent || task.left == Some(0) {
            task.is_stopped = true;
            return Err(io::Error::other("no more rows are wanted"));
        }
        Ok(())
    }

    fn problem(&mut self, problem: Problem) {
        let first = self.first_line();
        let (file, line) = (&self.piece.name, first + problem.line - 1);
        let problems = if problem.is_malformed {
            &mut self.task.malformed
        } else {
            &mut self.task.misfits
        };
        problems.add(|| format!("{file}:{line}: {}", problem.message));
    }
}

impl Rows<'_> {
    /// The number of the piece's first line. Where that is not known yet, the lines before it are counted.
    fn first_line(&mut self) -> u64 {
        if let Some(line) = self.first_line {
            return line;
        }
        let end = first_byte(self.piece.start);
        let counted = read::newlines(&self.task.store, self.path, 0, end);
        let before = Handle::current().block_on(counted);
        let line = before.map_or(1, |before| first_line(self.piece.start, before));
        self.first_line = Some(line);
        line
    }
}

/// What is wrong with resources: all are counted, and the first ones are reported.
struct Problems {
    count: Count,
    found: usize,
    more: &'static str,
}

impl Problems {
    fn new(count: Count, more: &'static str) -> Self {
        Problems {
            count,
            found: 0,
            more,
        }
    }

    fn add(&mut self, message: impl FnOnce() -> String) {
        self.count.add(1);
        self.found += 1;
        if self.found <= PROBLEMS {
            log::warn!(target: "healthcode", "{}", message());
        }
    }

    fn finish(&self) {
        if let Some(more) = self.found.checked_sub(PROBLEMS).filter(|more| *more > 0) {
            log::warn!(target: "healthcode", "{more} {}", self.more);
        }
    }
}
