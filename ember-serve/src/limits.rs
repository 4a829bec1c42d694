//! What clients may use up.

use std::time::Duration;

use crate::Invalid;

/// Bounds that hold for clients, each with a default.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) connections: usize,
    pub(crate) listeners: usize,
    pub(crate) head_bytes: usize,
    pub(crate) head_time: Duration,
    pub(crate) work_time: Duration,
    pub(crate) write_time: Duration,
    pub(crate) grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 64,
            listeners: 16,
            head_bytes: 16 * 1024,
            head_time: Duration::from_secs(10),
            work_time: Duration::from_secs(5),
            write_time: Duration::from_secs(10),
            grace: Duration::from_secs(2),
        }
    }
}

/// More than any program needs, and far from what the clocks cannot hold.
const LONGEST: Duration = Duration::from_hours(1);

impl Limits {
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        if !(2..=4096).contains(&self.connections) {
            return Err(Invalid::new("connections", self.connections, "between 2 and 4096"));
        }
        if self.listeners == 0 || self.listeners >= self.connections {
            return Err(Invalid::new("listeners", self.listeners, "at least 1, and less than `connections`"));
        }
        if !(1024..=1024 * 1024).contains(&self.head_bytes) {
            return Err(Invalid::new("head_bytes", self.head_bytes, "between 1024 and 1048576"));
        }
        let times = [
            ("head_time", self.head_time),
            ("work_time", self.work_time),
            ("write_time", self.write_time),
            ("grace", self.grace),
        ];
        for (setting, time) in times {
            if time < Duration::from_millis(1) || time > LONGEST {
                return Err(Invalid::new(setting, format!("{time:?}"), "between 1 ms and 1 hour"));
            }
        }
        Ok(())
    }
}
