//! What bounds a survey.

/// How much is read, compared and shown.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Files of more bytes than this are skipped. Below 4 GiB, so that lines are numbered in 32 bits.
    pub max_bytes: u64,
    /// How many rows each list of the report shows at most.
    pub top: usize,
    /// The fewest lines of code that count as a repeated passage; at least 1.
    pub min_lines: usize,
    /// Whether symbolic links are followed. A file with two ways to it is then counted twice.
    pub follow: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_bytes: 8 << 20, top: 10, min_lines: 10, follow: false }
    }
}
