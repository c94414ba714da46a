//! Timing in turns, between processes.
//!
//! A contestant that cannot live in one program with the others (its dependencies exclude theirs,
//! change them, or it needs another allocator) gets a process of its own. It reads the same
//! documents from a [packed](documents) file and times on request, [one request after the
//! other](turns), so that the rounds of all contestants alternate.

pub mod documents;
pub mod reading;
pub mod rounds;
pub mod stats;
pub mod turns;
