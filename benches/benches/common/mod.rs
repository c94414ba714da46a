//! What criterion's reports have in common.

use criterion::Criterion;
use std::time::Duration;

/// Few samples, for inputs are large.
pub(crate) fn config() -> Criterion {
    Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
}
