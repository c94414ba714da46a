//! The enumerations of codes.

use std::fmt::Write as _;

use super::module_list;
use super::plan::Plan;
use super::tables::CodeEnum;

/// The file of one enumeration.
pub(super) fn enumeration(it: &CodeEnum) -> String {
    let mut out = format!(
        "healthcode_core::code_enum! {{\n    /// The codes of <{}>.\n    {}, \"{}\", {{\n",
        it.url, it.name, it.url
    );
    for variant in &it.variants {
        let systems: Vec<_> = variant
            .systems
            .iter()
            .map(|url| format!("<{url}>"))
            .collect();
        let _ = writeln!(
            out,
            "        /// `{}` of {}.",
            variant.code,
            systems.join(", ")
        );
        let _ = writeln!(out, "        {} = {:?},", variant.name, variant.code);
    }
    out.push_str("    }\n}\n");
    out
}

/// The list of all files.
pub(super) fn modules(plan: &Plan) -> String {
    let enums = plan.enums.by_name();
    let mut modules: Vec<_> = enums.iter().map(|it| it.module.as_str()).collect();
    modules.sort_unstable();
    let exports = enums
        .iter()
        .map(|it| format!("pub use {}::{};", it.module, it.name));
    let title = "Enumerations of the codes that elements are required to have.";
    module_list(title, "mod", &modules) + &exports.collect::<Vec<_>>().join("\n")
}
