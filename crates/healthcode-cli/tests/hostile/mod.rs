//! Inputs, names, profiles and settings that were made to do harm.

mod files;
mod inputs;
#[cfg(target_os = "linux")]
mod scaling;
mod shown;
