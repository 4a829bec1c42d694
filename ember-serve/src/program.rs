//! The program that is asked.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Program {
    /// The file's name, without its folder.
    name: String,
    pid: u32,
    ember: &'static str,
    /// When it began to serve, in milliseconds since 1970.
    started: u64,
}

impl Program {
    pub(crate) fn this() -> Self {
        let file = std::env::current_exe().ok();
        let name = file.as_deref().and_then(std::path::Path::file_stem);
        Self {
            name: name.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            pid: std::process::id(),
            ember: env!("CARGO_PKG_VERSION"),
            started: unix_millis(SystemTime::now()),
        }
    }
}

/// Milliseconds since 1970.
pub(crate) fn unix_millis(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
