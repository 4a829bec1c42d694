//! How much memory the process has had.

use std::fs;

/// The peak of resident memory in KiB since it was last forgotten, where the system tells it (Linux).
pub(crate) fn peak() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Forgets the peak, so that it is what is resident. Where that cannot be done it stays.
pub(crate) fn forget_peak() {
    let _ = fs::write("/proc/self/clear_refs", "5");
}
