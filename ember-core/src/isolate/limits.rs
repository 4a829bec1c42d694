//! What a worker may use, told to the kernel by the worker itself before it serves.

use std::time::Duration;

/// What a worker may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    /// Bytes that it can write to, besides the stack of its main thread.
    pub(super) memory: Option<u64>,
    /// Processor time of a call.
    pub(super) cpu: Option<Duration>,
    /// The largest arguments and the largest result, in bytes.
    pub(super) message: usize,
}

/// What the operating system lacks of what is asked for.
pub(super) fn unsupported(limits: &Limits) -> Option<&'static str> {
    if cfg!(not(unix)) {
        Some("way to run operators in processes of their own")
    } else if limits.memory.is_some() && cfg!(not(any(target_os = "linux", target_os = "android"))) {
        Some("limit on the memory of a process that holds")
    } else {
        None
    }
}

#[cfg(unix)]
pub(super) use unix::{allow_cpu, apply};

#[cfg(unix)]
mod unix {
    use std::time::Duration;

    use rustix::io::Result;
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    use rustix::time::{ClockId, clock_gettime};

    use super::Limits;

    /// A main thread's stack may grow so far, if its growth were not bounded otherwise: it is not among what counts as
    /// memory.
    const STACK: u64 = 64 << 20;

    /// Holds this process to limits. What dies leaves no core behind: it would hold what it worked on.
    ///
    /// # Errors
    ///
    /// If the kernel refuses one.
    pub(in super::super) fn apply(limits: &Limits) -> Result<()> {
        set(Resource::Core, 0, true)?;
        if let Some(memory) = limits.memory {
            set(Resource::Data, memory, true)?;
            if getrlimit(Resource::Stack).current.is_none_or(|stack| stack > STACK) {
                set(Resource::Stack, STACK, false)?;
            }
        }
        Ok(())
    }

    /// Lets this process use so much more processor time: of all its threads, to the next full second.
    ///
    /// # Errors
    ///
    /// If the kernel refuses.
    pub(in super::super) fn allow_cpu(time: Duration) -> Result<()> {
        let used = clock_gettime(ClockId::ProcessCPUTime);
        let used = Duration::try_from(used).unwrap_or_default();
        let until = used.saturating_add(time);
        let seconds = until.as_secs() + u64::from(until.subsec_nanos() > 0);
        set(Resource::Cpu, seconds, false)
    }

    /// Never above the limit that was there.
    fn set(resource: Resource, most: u64, for_good: bool) -> Result<()> {
        let was = getrlimit(resource);
        let most = was.maximum.map_or(most, |maximum| most.min(maximum));
        let maximum = if for_good { Some(most) } else { was.maximum };
        setrlimit(resource, Rlimit { current: Some(most), maximum })
    }
}
