//! Codecs of tables and scans, around those of Ballista.

use ballista_core::serde::{BallistaLogicalExtensionCodec, BallistaPhysicalExtensionCodec};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::common::{DataFusionError, Result, TableReference, exec_err};
use datafusion::datasource::file_format::FileFormatFactory;
use datafusion::execution::TaskContext;
use datafusion::logical_expr::{Extension, LogicalPlan, ScalarUDF};
use datafusion::physical_plan::ExecutionPlan;
use datafusion_proto::logical_plan::LogicalExtensionCodec;
use datafusion_proto::physical_plan::{PhysicalExtensionCodec, PhysicalProtoConverterExtension};
use healthcode_datafusion::{
    Definition, Engine, FhirScanExec, FhirTable, Location, Piece, Table, scalar_functions,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::any::Any;
use std::sync::Arc;

/// What the bytes of a table begin with; Ballista's own begin with a tag of Protocol Buffers, which this is not.
const TABLE: &[u8] = b"\0healthcode-table-1\0";
/// What the bytes of a scan begin with.
const SCAN: &[u8] = b"\0healthcode-scan-1\0";

/// A table as it travels from the client to the scheduler.
#[derive(Serialize, Deserialize)]
struct SentTable {
    digest: String,
    definition: Definition,
    location: Location,
}

/// A scan as it travels from the scheduler to executors.
#[derive(Serialize, Deserialize)]
struct SentScan {
    digest: String,
    definition: Definition,
    store: String,
    partitions: Vec<Vec<Piece>>,
    columns: Vec<usize>,
    limit: Option<usize>,
}

fn encode(mark: &[u8], value: &impl Serialize, buffer: &mut Vec<u8>) -> Result<()> {
    buffer.extend_from_slice(mark);
    serde_json::to_writer(buffer, value).map_err(external)
}

fn decode<T: DeserializeOwned>(json: &[u8]) -> Result<T> {
    serde_json::from_slice(json).map_err(external)
}

fn external(error: impl std::error::Error + Send + Sync + 'static) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

/// The table of a definition, if it is the same here as where it comes from.
fn table(definition: Definition, digest: &str, engine: &Engine) -> Result<Arc<Table>> {
    let table = Table::new(definition, engine)?;
    if table.digest() == digest {
        return Ok(Arc::new(table));
    }
    exec_err!(
        "rules or packages differ: the digest is {} here and {digest} where the query comes from; \
         install the same version of healthcode, and the same packages, on all machines",
        table.digest()
    )
}

/// The scalar function of this name, if it is one of `healthcode-datafusion`.
fn scalar_function(name: &str) -> Option<Arc<ScalarUDF>> {
    let mut functions = scalar_functions().into_iter();
    functions.find(|function| function.name() == name)
}

/// Ballista's codec of logical plans, with tables of FHIR.
#[derive(Debug)]
pub struct FhirLogicalCodec {
    inner: BallistaLogicalExtensionCodec,
    engine: Arc<Engine>,
}

impl FhirLogicalCodec {
    /// A codec whose tables take their packages from an engine.
    #[must_use]
    pub fn new(engine: Arc<Engine>) -> Self {
        FhirLogicalCodec {
            inner: BallistaLogicalExtensionCodec::default(),
            engine,
        }
    }
}

impl LogicalExtensionCodec for FhirLogicalCodec {
    fn try_decode(
        &self,
        buffer: &[u8],
        inputs: &[LogicalPlan],
        context: &TaskContext,
    ) -> Result<Extension> {
        self.inner.try_decode(buffer, inputs, context)
    }

    fn try_encode(&self, node: &Extension, buffer: &mut Vec<u8>) -> Result<()> {
        self.inner.try_encode(node, buffer)
    }

    fn try_decode_table_provider(
        &self,
        buffer: &[u8],
        name: &TableReference,
        schema: SchemaRef,
        context: &TaskContext,
    ) -> Result<Arc<dyn TableProvider>> {
        let Some(json) = buffer.strip_prefix(TABLE) else {
            return self
                .inner
                .try_decode_table_provider(buffer, name, schema, context);
        };
        let sent: SentTable = decode(json)?;
        let table = table(sent.definition, &sent.digest, &self.engine)?;
        Ok(Arc::new(FhirTable::new(table, sent.location)))
    }

    fn try_encode_table_provider(
        &self,
        name: &TableReference,
        node: Arc<dyn TableProvider>,
        buffer: &mut Vec<u8>,
    ) -> Result<()> {
        let any: &dyn Any = node.as_ref();
        let Some(table) = any.downcast_ref::<FhirTable>() else {
            return self.inner.try_encode_table_provider(name, node, buffer);
        };
        let sent = SentTable {
            digest: table.table().digest().to_owned(),
            definition: table.table().definition().clone(),
            location: table.location().clone(),
        };
        encode(TABLE, &sent, buffer)
    }

    fn try_decode_file_format(
        &self,
        buffer: &[u8],
        context: &TaskContext,
    ) -> Result<Arc<dyn FileFormatFactory>> {
        self.inner.try_decode_file_format(buffer, context)
    }

    fn try_encode_file_format(
        &self,
        buffer: &mut Vec<u8>,
        node: Arc<dyn FileFormatFactory>,
    ) -> Result<()> {
        self.inner.try_encode_file_format(buffer, node)
    }

    fn try_decode_udf(&self, name: &str, buffer: &[u8]) -> Result<Arc<ScalarUDF>> {
        match scalar_function(name) {
            Some(function) => Ok(function),
            None => self.inner.try_decode_udf(name, buffer),
        }
    }
}

/// Ballista's codec of physical plans, with scans of FHIR.
#[derive(Debug)]
pub struct FhirPhysicalCodec {
    inner: BallistaPhysicalExtensionCodec,
    engine: Arc<Engine>,
}

impl FhirPhysicalCodec {
    /// A codec whose scans take their packages from an engine.
    #[must_use]
    pub fn new(engine: Arc<Engine>) -> Self {
        FhirPhysicalCodec {
            inner: BallistaPhysicalExtensionCodec::default(),
            engine,
        }
    }
}

impl PhysicalExtensionCodec for FhirPhysicalCodec {
    fn try_decode(
        &self,
        buffer: &[u8],
        inputs: &[Arc<dyn ExecutionPlan>],
        context: &TaskContext,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let Some(json) = buffer.strip_prefix(SCAN) else {
            return self.inner.try_decode(buffer, inputs, context, converter);
        };
        let [numbers] = inputs else {
            return exec_err!("a scan of healthcode has one input; please report this");
        };
        let sent: SentScan = decode(json)?;
        let table = table(sent.definition, &sent.digest, &self.engine)?;
        let store = sent.store.parse().map_err(external)?;
        let scan = FhirScanExec::new(table, store, sent.partitions, sent.columns, sent.limit)?;
        Ok(Arc::new(scan.with_numbers(Arc::clone(numbers))))
    }

    fn try_encode(
        &self,
        node: Arc<dyn ExecutionPlan>,
        buffer: &mut Vec<u8>,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<()> {
        let Some(scan) = node.downcast_ref::<FhirScanExec>() else {
            return self.inner.try_encode(node, buffer, converter);
        };
        let sent = SentScan {
            digest: scan.table().digest().to_owned(),
            definition: scan.table().definition().clone(),
            store: scan.store().to_string(),
            partitions: scan.partitions().to_vec(),
            columns: scan.columns().to_vec(),
            limit: scan.limit(),
        };
        encode(SCAN, &sent, buffer)
    }

    fn try_decode_udf(&self, name: &str, buffer: &[u8]) -> Result<Arc<ScalarUDF>> {
        match scalar_function(name) {
            Some(function) => Ok(function),
            None => self.inner.try_decode_udf(name, buffer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{FhirLogicalCodec, FhirPhysicalCodec};
    use datafusion::common::TableReference;
    use datafusion::physical_plan::ExecutionPlan;
    use datafusion::prelude::SessionContext;
    use datafusion_proto::logical_plan::LogicalExtensionCodec;
    use datafusion_proto::physical_plan::{DefaultPhysicalProtoConverter, PhysicalExtensionCodec};
    use healthcode_datafusion::{
        Definition, Engine, FhirScanExec, FhirTable, Location, PolicyName, Table,
    };
    use std::sync::Arc;

    const VIEW: &str =
        r#"{"resource": "Patient", "select": [{"column": [{"name": "id", "path": "id"}]}]}"#;

    /// The bytes with another digest.
    fn forged(buffer: &[u8], digest: &str) -> Vec<u8> {
        let text = String::from_utf8(buffer.to_vec()).unwrap();
        assert!(text.contains(digest), "the digest is sent");
        text.replace(digest, &"0".repeat(digest.len())).into_bytes()
    }

    #[tokio::test]
    async fn tables_and_scans_are_sent_with_their_digest() {
        let engine = Arc::new(Engine::new(None));
        let context = SessionContext::new().task_ctx();
        let definitions = [
            Definition::view("patients", VIEW, 0),
            Definition::issues(PolicyName::Healthcode, Vec::new()),
        ];
        for definition in definitions {
            let table = Arc::new(Table::new(definition.clone(), &engine).unwrap());
            let digest = table.digest();
            let location = Location::new("/data/*.ndjson").unwrap();
            let provider = Arc::new(FhirTable::new(Arc::clone(&table), location.clone()));
            let codec = FhirLogicalCodec::new(Arc::clone(&engine));
            let name = TableReference::bare("t");
            let mut buffer = Vec::new();
            codec
                .try_encode_table_provider(&name, provider, &mut buffer)
                .unwrap();
            let schema = Arc::clone(table.schema());
            let read = |buffer: &[u8]| {
                codec.try_decode_table_provider(buffer, &name, Arc::clone(&schema), &context)
            };
            assert_eq!(read(&buffer).unwrap().schema(), schema);
            let error = read(&forged(&buffer, digest)).unwrap_err().to_string();
            assert!(error.contains("rules or packages differ"), "{error}");

            let codec = FhirPhysicalCodec::new(Arc::clone(&engine));
            let store = location.store().unwrap();
            let scan = FhirScanExec::new(Arc::clone(&table), store, vec![vec![]], vec![0], Some(3));
            let scan = Arc::new(scan.unwrap());
            let converter = DefaultPhysicalProtoConverter {};
            let inputs: Vec<_> = scan.children().into_iter().cloned().collect();
            let mut buffer = Vec::new();
            codec
                .try_encode(Arc::clone(&scan) as _, &mut buffer, &converter)
                .unwrap();
            let read = codec
                .try_decode(&buffer, &inputs, &context, &converter)
                .unwrap();
            let read = read.downcast_ref::<FhirScanExec>().unwrap();
            assert_eq!(format!("{read:?}"), format!("{scan:?}"));
            assert_eq!(read.table().definition(), &definition);
            let forged = forged(&buffer, digest);
            let error = codec.try_decode(&forged, &inputs, &context, &converter);
            let error = error.unwrap_err().to_string();
            assert!(error.contains("rules or packages differ"), "{error}");
        }
    }
}
