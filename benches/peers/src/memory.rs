//! How much memory the process has had.

use std::fs;

/// The peak of resident memory so far in KiB, where the system tells it (Linux).
pub(crate) fn peak() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}
