//! The table functions `fhir_view` and `fhir_issues`.

use crate::files::Location;
use crate::scalar::scalar_functions;
use crate::table::FhirTable;
use datafusion::catalog::{TableFunctionArgs, TableFunctionImpl, TableProvider};
use datafusion::common::{DataFusionError, Result, ScalarValue, plan_err};
use datafusion::logical_expr::{Expr, ScalarUDF};
use datafusion::prelude::SessionContext;
use healthcode_scan::{Definition, Engine, PolicyName, Table};
use healthcode_views::bundled;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// The largest view that is read.
const MAX_VIEW: u64 = 4 * 1024 * 1024;

/// Adds the table functions and scalar functions to a context.
pub fn register(context: &SessionContext, engine: &Arc<Engine>) {
    let view = ViewFunction(Arc::clone(engine));
    context.register_udtf("fhir_view", Arc::new(view));
    let issues = IssuesFunction(Arc::clone(engine));
    context.register_udtf("fhir_issues", Arc::new(issues));
    for function in scalar_functions() {
        context.register_udf(ScalarUDF::clone(&function));
    }
}

/// The texts that a function was called with.
fn texts(name: &str, args: &TableFunctionArgs<'_, '_>) -> Result<Vec<String>> {
    let text = |(index, expr): (usize, &Expr)| match expr {
        Expr::Literal(
            ScalarValue::Utf8(Some(text))
            | ScalarValue::LargeUtf8(Some(text))
            | ScalarValue::Utf8View(Some(text)),
            _,
        ) => Ok(text.clone()),
        _ => plan_err!(
            "invalid argument {} of {name}(): expected a text in quotes",
            index + 1
        ),
    };
    args.exprs().iter().enumerate().map(text).collect()
}

/// `fhir_view('view.json', 'glob')`
#[derive(Debug)]
struct ViewFunction(Arc<Engine>);

impl TableFunctionImpl for ViewFunction {
    fn call_with_args(&self, args: TableFunctionArgs<'_, '_>) -> Result<Arc<dyn TableProvider>> {
        let texts = texts("fhir_view", &args)?;
        let [view, files] = &*texts else {
            let found = texts.len();
            return plan_err!(
                "invalid arguments of fhir_view(): expected a view, and a path, a glob or an URL of files; found {found}"
            );
        };
        let text = view_text(view)?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.map_or(0, |now| i64::try_from(now.as_secs()).unwrap_or(0));
        let stem = Path::new(view).file_stem().unwrap_or_default();
        let definition = Definition::view(&stem.to_string_lossy(), &text, now);
        let table = Table::new(definition, &self.0).map_err(invalid)?;
        Ok(Arc::new(FhirTable::new(
            Arc::new(table),
            Location::new(files)?,
        )))
    }
}

/// The text of the view in a file, or of the bundled one.
fn view_text(view: &str) -> Result<String> {
    let path = Path::new(view);
    if !path.exists() {
        return match bundled::find(view) {
            Some(text) => Ok(text.to_owned()),
            None => plan_err!("{view}: no such file or bundled view; see `healthcode view list`"),
        };
    }
    let failed = |reason: &dyn std::fmt::Display| {
        DataFusionError::Plan(format!("{view}: the view cannot be read: {reason}"))
    };
    let size = path.metadata().map_err(|error| failed(&error))?.len();
    if size > MAX_VIEW {
        return Err(failed(&"it is larger than 4 MiB"));
    }
    std::fs::read_to_string(path).map_err(|error| failed(&error))
}

fn invalid(error: std::io::Error) -> DataFusionError {
    DataFusionError::Plan(error.to_string())
}

/// `fhir_issues('glob' [, policy [, package]])`
#[derive(Debug)]
struct IssuesFunction(Arc<Engine>);

impl TableFunctionImpl for IssuesFunction {
    fn call_with_args(&self, args: TableFunctionArgs<'_, '_>) -> Result<Arc<dyn TableProvider>> {
        let texts = texts("fhir_issues", &args)?;
        let (files, policy, packages) = match &*texts {
            [files] => (files, "r4", &[][..]),
            [files, policy] => (files, policy.as_str(), &[][..]),
            [files, policy, packages @ ..] => (files, policy.as_str(), packages),
            [] => {
                return plan_err!(
                    "missing arguments of fhir_issues(): expected a path, a glob or an URL of files, and maybe a policy and packages"
                );
            }
        };
        let Some(policy) = PolicyName::named(policy) else {
            return plan_err!("unknown policy {policy}: expected r4 or healthcode");
        };
        let definition = Definition::issues(policy, packages.to_vec());
        let table = Table::new(definition, &self.0).map_err(invalid)?;
        Ok(Arc::new(FhirTable::new(
            Arc::new(table),
            Location::new(files)?,
        )))
    }
}
