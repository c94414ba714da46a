//! [`ReadOptions`]: how texts are read, whatever their format.

/// How to read.
///
/// ```
/// use healthcode_core::ReadOptions;
/// let options = ReadOptions::new().strict(true).max_depth(1_000_000);
/// assert!(options.is_strict());
/// assert_eq!(options.depth_limit(), ReadOptions::MAX_DEPTH);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ReadOptions {
    strict: bool,
    max_depth: u32,
    max_size: usize,
    excerpts: bool,
}

impl Default for ReadOptions {
    fn default() -> Self {
        ReadOptions {
            strict: false,
            max_depth: Self::DEFAULT_DEPTH,
            max_size: usize::MAX,
            excerpts: false,
        }
    }
}

impl ReadOptions {
    /// How deep elements may be nested, unless another limit is set.
    pub const DEFAULT_DEPTH: u32 = 128;

    /// The greatest nesting limit that can be set.
    pub const MAX_DEPTH: u32 = 512;

    /// The defaults: keep and report everything.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether reading fails with the first error among the issues.
    #[must_use]
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// How deep elements may be nested, up to [`ReadOptions::MAX_DEPTH`]. What lies deeper is kept
    /// as text and reported.
    #[must_use]
    pub fn max_depth(mut self, depth: u32) -> Self {
        self.max_depth = depth.clamp(1, Self::MAX_DEPTH);
        self
    }

    /// How many bytes a document, or an entry of a stream, may have.
    #[must_use]
    pub fn max_size(mut self, bytes: usize) -> Self {
        self.max_size = bytes;
        self
    }

    /// Whether issues carry the text around them. It shows what the payload holds.
    #[must_use]
    pub fn excerpts(mut self, excerpts: bool) -> Self {
        self.excerpts = excerpts;
        self
    }

    /// Whether reading fails with the first error among the issues.
    #[must_use]
    pub fn is_strict(&self) -> bool {
        self.strict
    }

    /// How deep elements may be nested.
    #[must_use]
    pub fn depth_limit(&self) -> u32 {
        self.max_depth
    }

    /// How many bytes a document, or an entry of a stream, may have.
    #[must_use]
    pub fn size_limit(&self) -> usize {
        self.max_size
    }

    /// Whether issues carry the text around them.
    #[must_use]
    pub fn has_excerpts(&self) -> bool {
        self.excerpts
    }
}
