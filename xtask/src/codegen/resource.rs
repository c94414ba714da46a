//! The `Resource` enum.

use std::fmt::Write as _;

use super::plan::Plan;
use crate::spec::facts::TypeKind;

/// The file of the enum.
pub(super) fn resource(plan: &Plan) -> String {
    let resources = plan
        .definitions
        .iter()
        .filter(|d| d.kind == TypeKind::Resource);
    let mut out = String::from(
        "//! Resources of all types.\n\nuse super::model::*;\n\nhealthcode_core::resources! {\n",
    );
    for definition in resources {
        let _ = writeln!(out, "    {0} = \"{0}\",", definition.name);
    }
    out.push_str("}\n");
    out
}
