//! Lists the practitioners that an insurer recognises: `recognised nuh captured-bundle.json`.
#![allow(clippy::print_stdout, reason = "a tool prints")]

use healthcode_extensions::{HasExtensions, codes::Insurer};
use healthcode_json::from_slice;
use healthcode_r4::{Bundle, HumanName, Practitioner};
use std::error::Error;

/// One line for each practitioner: number at the insurer, name, professions.
pub(crate) fn recognised(json: &[u8], insurer: &Insurer) -> Result<Vec<String>, Box<dyn Error>> {
    let bundle = from_slice::<Bundle>(json)?.value;
    let mut lines = Vec::new();
    for practitioner in bundle.resources::<Practitioner>() {
        let view = practitioner.decode_extensions().value;
        if !view.is_recognised_by(insurer) {
            continue;
        }
        let group = view.recognition(insurer);
        let number = group.and_then(|group| group.provider_code.as_ref());
        let number = number.map_or("no number", |item| item.as_str());
        let name = practitioner.name.first().map(HumanName::display);
        let name = name.unwrap_or_default();
        let labels = view.professions.iter();
        let labels = labels.filter_map(|group| Some(group.profession.as_ref()?.label()));
        let professions = labels.collect::<Vec<_>>().join(", ");
        lines.push(format!("{number} {name} ({professions})"));
    }
    Ok(lines)
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(insurer), Some(file)) = (args.next(), args.next()) else {
        return Err("usage: recognised INSURER FILE".into());
    };
    for line in recognised(&std::fs::read(file)?, &insurer.as_str().into())? {
        println!("{line}");
    }
    Ok(())
}
