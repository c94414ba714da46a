//! Writes what is logged to standard error.

use log::{LevelFilter, Log, Metadata, Record};
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};

/// The target of what is wrong with resources.
const TARGET: &str = "healthcode";

static PROBLEMS: AtomicU64 = AtomicU64::new(0);

struct Logger {
    name: &'static str,
    others: LevelFilter,
}

impl Log for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == TARGET || metadata.level() <= self.others
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let line = if record.target() == TARGET {
            PROBLEMS.fetch_add(1, Ordering::Relaxed);
            format!("{}: {}\n", self.name, record.args())
        } else {
            let level = record.level().as_str().to_ascii_lowercase();
            format!("{}: {level}: {}\n", self.name, record.args())
        };
        // In one piece: processes may share standard error. Nothing can be done if it is closed.
        let _ = std::io::stderr().lock().write_all(line.as_bytes());
    }

    fn flush(&self) {}
}

/// Writes what is wrong with resources to standard error, and of all else what is of this level or graver. It has an
/// effect once.
pub fn start(name: &'static str, others: LevelFilter) {
    let logger = Box::leak(Box::new(Logger { name, others }));
    if log::set_logger(logger).is_ok() {
        log::set_max_level(others.max(LevelFilter::Warn));
    }
}

/// How many problems of resources were written.
#[must_use]
pub fn problems() -> u64 {
    PROBLEMS.load(Ordering::Relaxed)
}
