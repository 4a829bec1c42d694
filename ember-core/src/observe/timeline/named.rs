//! `EMBER_TIMELINE`: a timeline without a line of code.

use std::cell::OnceCell;
use std::ffi::{OsStr, OsString};
use std::io::{Write as _, stderr};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use super::file::{self, Format};
use super::recording::Recording;
use super::{SaveError, Timeline};
use crate::observe::{Event, Observer, What};
use crate::sync::nanos;

/// The variable that names the file.
const VARIABLE: &str = "EMBER_TIMELINE";

/// Stands for the number of the process in the name.
const PROCESS: &str = "%p";

/// Events that are recorded. A JSON file has about 300 bytes for each node.
const MOST: usize = 100_000;

/// When the file was written, it is not written for so many times as long as that took: so that costs 5 % of the time.
const PAUSE: u32 = 20;

/// The same for a thread that ends, and perhaps the process with it.
const LAST_PAUSE: u32 = 2;

/// In the middle of runs the file is written at most so often.
const WITHIN_RUNS: Duration = Duration::from_secs(1);

static NAMED: OnceLock<Option<Arc<Named>>> = OnceLock::new();

thread_local!(static AT_END: OnceCell<AtEnd> = const { OnceCell::new() });

/// The file that the environment names, which is asked for it once.
pub(crate) fn from_environment() -> Option<Arc<dyn Observer>> {
    let named = NAMED.get_or_init(|| match Named::new(&std::env::var_os(VARIABLE)?) {
        Ok(named) => Some(Arc::new(named)),
        Err(error) => {
            complain(&error);
            None
        }
    });
    named.clone().map(|named| named as Arc<dyn Observer>)
}

/// Keeps the variable from a process that works for this one, if that would write the same file.
#[cfg(feature = "isolate")]
pub(crate) fn withhold(command: &mut std::process::Command) {
    if std::env::var_os(VARIABLE).is_some_and(|name| !name.to_string_lossy().contains(PROCESS)) {
        command.env_remove(VARIABLE);
    }
}

/// A timeline that is written to a file while it is recorded.
struct Named {
    timeline: Timeline,
    path: PathBuf,
    format: Format,
    /// What the times below count from.
    began: Instant,
    /// From then on it may be written again: at the end of a run, and in the middle of one.
    due: [AtomicU64; 2],
    is_broken: AtomicBool,
    written: Mutex<Written>,
}

#[derive(Default)]
struct Written {
    events: usize,
    at: Duration,
    took: Duration,
}

impl Named {
    fn new(name: &OsStr) -> Result<Self, SaveError> {
        let path = path(name);
        Ok(Self {
            timeline: Timeline::new(MOST),
            format: Format::of(&path)?,
            path,
            began: Instant::now(),
            due: Default::default(),
            is_broken: AtomicBool::new(false),
            written: Mutex::default(),
        })
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    fn write_if_due(&self, is_within: bool) {
        if self.is_broken.load(Relaxed) || nanos(self.now()) < self.due[usize::from(is_within)].load(Relaxed)
        {
            return;
        }
        // While another thread writes there is nothing to do.
        if let Ok(mut written) = self.written.try_lock() {
            self.write(&mut written);
        }
    }

    /// A thread ends, and the process with it if it is the main one.
    fn write_at_end(&self, is_main: bool) {
        if self.is_broken.load(Relaxed) {
            return;
        }
        let mut written = self.written.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if is_main || self.now() >= written.at + written.took * LAST_PAUSE {
            self.write(&mut written);
        }
    }

    /// Nothing of a user's runs meanwhile.
    fn write(&self, written: &mut Written) {
        if self.is_broken.load(Relaxed) || self.timeline.0.len() == written.events {
            return;
        }
        let began = self.now();
        let snapshot = self.timeline.0.snapshot();
        // Fewer than there are, if a thread is about to keep one: then it is written again.
        let events = snapshot.0.len();
        let text = self.format.write(&Recording::new(snapshot, self.timeline.dropped()));
        if let Err(source) = file::replace(&self.path, &text) {
            self.is_broken.store(true, Relaxed);
            complain(&SaveError::Io { path: self.path.clone(), source });
        }
        let at = self.now();
        let took = at.saturating_sub(began);
        let pauses = [took * PAUSE, (took * PAUSE).max(WITHIN_RUNS)];
        self.due.iter().zip(pauses).for_each(|(due, pause)| due.store(nanos(at + pause), Relaxed));
        *written = Written { events, at, took };
    }
}

impl Observer for Named {
    fn event(&self, event: &Event<'_>) {
        self.timeline.event(event);
        // Nothing while the thread ends: what is left to tell then, the next one writes.
        let _ = AT_END.try_with(|at_end| {
            at_end.get_or_init(|| AtEnd { is_main: thread::current().name() == Some("main") });
        });
        let is_over = matches!(event.what(), What::RunEnded { .. }) && event.parent().is_none();
        self.write_if_due(!is_over);
    }
}

/// Writes what is not written yet when its thread ends. Where the system lets the values of the main thread go when the
/// process ends, as Linux and macOS do, that is at the end of `main`, also by a panic, and in `std::process::exit`.
struct AtEnd {
    is_main: bool,
}

impl Drop for AtEnd {
    fn drop(&mut self) {
        if let Some(named) = NAMED.get().and_then(Option::as_ref) {
            named.write_at_end(self.is_main);
        }
    }
}

fn path(name: &OsStr) -> PathBuf {
    match name.to_str() {
        Some(name) if name.contains(PROCESS) => name.replace(PROCESS, &std::process::id().to_string()).into(),
        _ => OsString::from(name).into(),
    }
}

/// In one line, and if that cannot be read either the program goes on.
fn complain(error: &SaveError) {
    let source = std::error::Error::source(error).map(|source| format!(": {source}")).unwrap_or_default();
    let _ = writeln!(stderr(), "ember: {VARIABLE}: {error}{source}");
}
