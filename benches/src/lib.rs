//! How fast healthcode reads, writes and validates, and how much memory it takes, beside its rivals.
//!
//! `cargo run --release -- COMMAND` measures, and `cargo bench` makes criterion's reports.
//!
//! | command | measures |
//! |---|---|
//! | `ratios` | speed and memory against the targets, in one run; fails if one is missed |
//! | `validation` | speed of validation, start-up and memory of the command, against the targets; fails if one is missed |
//! | `end-to-end` | speed from files to reports, against the targets; fails if one is missed |
//! | `xml` | speed of XML beside the same content as JSON, and rivals, against the targets; fails if one is missed |
//! | `views` | speed of a SQL on FHIR view over NDJSON beside reading it, and rivals, against the targets; fails if one is missed |
//! | `memory` | live heap, peak, allocations and resident memory |
//! | `plot` | throughput against size, as a picture |
//!
//! The rules are the same everywhere. A megabyte is 1,000,000 bytes of the JSON text that is read,
//! or that the value was read from, also where the same content is XML. Results are dropped after the clock
//! has stopped, except where a name says "drop". Contestants take turns within each round; the first round
//! only warms up; figures are medians of the others. Timed programs allocate with mimalloc, or, where it
//! says so, with the system's allocator. Memory never comes from a timed program.

/// An enumeration whose variants have names: `NAME = "name"`, each with what it is.
macro_rules! named {
    ($(#[$about:meta])* $enum:ident[$count:literal] { $($(#[$doc:meta])* $variant:ident = $name:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $enum {
            $($(#[$doc])* $variant,)+
        }

        impl $enum {
            /// All of them.
            pub const ALL: [$enum; $count] = [$($enum::$variant),+];

            /// What it is called, in reports and between processes.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $($enum::$variant => $name,)+
                }
            }
        }
    };
}

mod cli;
pub mod contestants;
mod end_to_end;
mod examples;
mod generate;
mod inputs;
pub mod memory;
mod plot;
mod programs;
pub mod ratios;
mod repeated;
mod report;
mod small;
pub mod tasks;
pub mod validation;
mod views;
mod white_space;
mod xml;

pub use cli::main;
pub use inputs::{Input, Inputs, PLACES, files, inputs};
