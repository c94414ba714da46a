//! What reads whole documents in these programs themselves. Rivals that would clash with them have
//! [programs of their own](crate::ratios).

use healthcode_bench_harness::reading::Reader;
use healthcode_json::{Checked, from_slice};
use healthcode_r4::Resource;

/// Our own reader: any resource of R4, and what is wrong with it.
#[derive(Debug)]
pub struct Healthcode;

impl Reader for Healthcode {
    const NAME: &'static str = "healthcode";
    type Value = Checked<Resource>;

    fn read(document: &str) -> Option<Checked<Resource>> {
        from_slice(document.as_bytes()).ok()
    }
}

/// Our own reader of XML.
#[derive(Debug)]
pub struct HealthcodeXml;

impl Reader for HealthcodeXml {
    const NAME: &'static str = "healthcode, XML";
    type Value = Checked<Resource>;

    fn read(document: &str) -> Option<Checked<Resource>> {
        healthcode_xml::from_str(document).ok()
    }
}

/// The generic tree of `sonic_rs`.
#[derive(Debug)]
pub struct SonicValue;

impl Reader for SonicValue {
    const NAME: &'static str = "sonic_rs::Value";
    type Value = sonic_rs::Value;

    fn read(document: &str) -> Option<sonic_rs::Value> {
        sonic_rs::from_slice(document.as_bytes()).ok()
    }
}

/// The generic tree of `serde_json`.
#[derive(Debug)]
pub struct SerdeValue;

impl Reader for SerdeValue {
    const NAME: &'static str = "serde_json::Value";
    type Value = serde_json::Value;

    fn read(document: &str) -> Option<serde_json::Value> {
        serde_json::from_slice(document.as_bytes()).ok()
    }
}
