//! The functions `fhirpath` and `fhir_valid`.

use datafusion::arrow::array::{ArrayRef, BooleanArray, ListBuilder, StringArray, StringBuilder};
use datafusion::arrow::datatypes::{DataType, Field};
use datafusion::common::cast::as_string_array;
use datafusion::common::{DataFusionError, Result, ScalarValue, exec_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use healthcode_fhirpath::Expression;
use healthcode_scan::resource::{evaluate, is_valid};
use std::collections::HashMap;
use std::sync::Arc;

/// The scalar functions `fhirpath` and `fhir_valid`.
#[must_use]
pub fn scalar_functions() -> Vec<Arc<ScalarUDF>> {
    vec![
        Arc::new(ScalarUDF::new_from_impl(Fhirpath::new())),
        Arc::new(ScalarUDF::new_from_impl(Valid::new())),
    ]
}

/// The values of a function: one for all rows, if no argument is a column.
fn result(values: ArrayRef, args: &ScalarFunctionArgs) -> Result<ColumnarValue> {
    let is_column = |arg: &ColumnarValue| matches!(arg, ColumnarValue::Array(_));
    if args.args.iter().any(is_column) {
        return Ok(ColumnarValue::Array(values));
    }
    Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(
        &values, 0,
    )?))
}

/// `fhirpath(resource, expression)`: a list of texts.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Fhirpath(Signature);

impl Fhirpath {
    fn new() -> Self {
        let texts = vec![DataType::Utf8, DataType::Utf8];
        Fhirpath(Signature::exact(texts, Volatility::Immutable))
    }
}

impl ScalarUDFImpl for Fhirpath {
    fn name(&self) -> &'static str {
        "fhirpath"
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        let item = Field::new_list_field(DataType::Utf8, true);
        Ok(DataType::List(Arc::new(item)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [resources, expressions] = &*arrays else {
            return exec_err!(
                "invalid arguments of fhirpath(): expected a resource and an expression"
            );
        };
        let (resources, expressions) = (as_string_array(resources)?, as_string_array(expressions)?);
        let mut compiled: HashMap<&str, Expression> = HashMap::new();
        let mut lists = ListBuilder::new(StringBuilder::new());
        for (resource, text) in resources.iter().zip(expressions) {
            let (Some(resource), Some(text)) = (resource, text) else {
                lists.append(false);
                continue;
            };
            if !compiled.contains_key(text) {
                let expression = Expression::compile(text)
                    .map_err(|error| DataFusionError::Execution(format!("fhirpath(): {error}")))?;
                compiled.insert(text, expression);
            }
            let Some(expression) = compiled.get(text) else {
                continue;
            };
            let found = evaluate(resource, expression)
                .map_err(|error| DataFusionError::Execution(format!("fhirpath(): {error}")))?;
            for item in found {
                lists.values().append_value(item);
            }
            lists.append(true);
        }
        result(Arc::new(lists.finish()), &args)
    }
}

/// `fhir_valid(resource)`
#[derive(Debug, PartialEq, Eq, Hash)]
struct Valid(Signature);

impl Valid {
    fn new() -> Self {
        Valid(Signature::exact(
            vec![DataType::Utf8],
            Volatility::Immutable,
        ))
    }
}

impl ScalarUDFImpl for Valid {
    fn name(&self) -> &'static str {
        "fhir_valid"
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [resources] = &*arrays else {
            return exec_err!("invalid arguments of fhir_valid(): expected a resource");
        };
        let resources: &StringArray = as_string_array(resources)?;
        let valid: BooleanArray = resources
            .iter()
            .map(|resource| resource.map(is_valid))
            .collect();
        result(Arc::new(valid), &args)
    }
}
