//! [`WriteError`].

/// Why a write was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WriteError {
    /// There is no such resource.
    NotFound,
    /// The resource has another version.
    VersionConflict,
    /// The resource is inactive.
    Inactive,
    /// Another resource has the same identifier, or the same number in a register.
    Duplicate,
    /// There is no resource that a reference leads to.
    MissingReference,
    /// There is no more room.
    Full,
    /// The disk cannot be written.
    Disk,
    /// The system has no randomness, for a new id.
    Random,
}
