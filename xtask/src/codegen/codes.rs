//! The enumerations of codes.

use std::fmt::Write as _;

use super::module_list;
use super::plan::Plan;
use super::tables::CodeEnum;

/// The file of one enumeration.
pub(super) fn enumeration(code_enum: &CodeEnum) -> String {
    let mut out = format!(
        "healthcode_core::code_enum! {{\n    /// The codes of <{}>.\n    {}, \"{}\", {{\n",
        code_enum.url, code_enum.name, code_enum.url
    );
    for variant in &code_enum.variants {
        let systems = variant.systems.iter().map(|url| format!("<{url}>"));
        let systems = systems.collect::<Vec<_>>().join(", ");
        let (name, code) = (&variant.name, &variant.code);
        let _ = writeln!(out, "        /// `{code}` of {systems}.");
        let _ = writeln!(out, "        {name} = {code:?},");
    }
    out.push_str("    }\n}\n");
    out
}

/// The list of all files.
pub(super) fn modules(plan: &Plan) -> String {
    let enums = plan.enums.by_name();
    let mut modules: Vec<_> = enums.iter().map(|set| set.module.as_str()).collect();
    modules.sort_unstable();
    let exports = enums
        .iter()
        .map(|code_enum| format!("pub use {}::{};", code_enum.module, code_enum.name));
    let title = "Enumerations of the codes that elements are required to have.";
    module_list(title, "mod", &modules) + &exports.collect::<Vec<_>>().join("\n")
}
