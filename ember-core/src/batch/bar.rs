//! A bar that shows how far a batch has come.

use std::fmt::{self, Write as _};
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Progress;
use crate::context::printable;
use crate::sync::{Mutex, lock};

/// The longest name in bytes.
const NAME: usize = 64;
/// How often a terminal is written to at most, in times a second.
const HERTZ: u8 = 10;

/// Shows how far a [batch](crate::Batch) has come: a bar in a terminal; elsewhere, in a pipe or a log, plain lines at a bounded
/// rate, without escape codes.
///
/// ```
/// use ember_core::{Bar, Progress};
///
/// // `port` is a graph: `port::batch(texts).progress(Bar::new("ports").hook()).run();`
/// let hook = Bar::new("ports").hook();
/// # let _: &dyn Fn(&Progress) = &hook;
/// ```
#[must_use = "a bar shows nothing until its hook is told"]
pub struct Bar {
    name: String,
    lines: Option<Box<dyn Write + Send>>,
    every: Duration,
}

impl Bar {
    /// On the standard error output, under a name of 64 bytes at most. What would break a line is replaced.
    pub fn new(name: impl AsRef<str>) -> Self {
        let name = printable(name.as_ref(), NAME);
        let lines: Option<Box<dyn Write + Send>> =
            if io::stderr().is_terminal() { None } else { Some(Box::new(io::stderr())) };
        Self { name, lines, every: Duration::from_secs(10) }
    }

    /// Writes plain lines, whatever the standard error output is.
    pub fn lines_to(mut self, to: impl Write + Send + 'static) -> Self {
        self.lines = Some(Box::new(to));
        self
    }

    /// How much time lies between two lines at least, 10 s by default. The last line comes in any case. A terminal is written to
    /// ten times a second at most.
    pub fn lines_every(mut self, time: Duration) -> Self {
        self.every = time;
        self
    }

    /// What [`Batch::progress`](crate::Batch::progress) takes. What cannot be written is left out.
    pub fn hook(self) -> impl Fn(&Progress) + Send + Sync + 'static {
        let Self { name, lines, every } = self;
        let shown = match lines {
            Some(to) => Shown::Lines { name, every, state: Mutex::new(Some(Lines { to, due: every })) },
            None => Shown::Bar(bar(name)),
        };
        move |progress: &Progress| shown.show(progress)
    }
}

enum Shown {
    Bar(ProgressBar),
    /// Nothing while a line is written.
    Lines {
        name: String,
        every: Duration,
        state: Mutex<Option<Lines>>,
    },
}

struct Lines {
    to: Box<dyn Write + Send>,
    /// When the next may come.
    due: Duration,
}

impl Shown {
    fn show(&self, progress: &Progress) {
        match self {
            Self::Bar(bar) => {
                if let Some(total) = progress.total {
                    bar.set_length(total as u64);
                }
                bar.set_message(rest(progress));
                bar.set_position(progress.done as u64);
                if progress.finished {
                    bar.abandon();
                }
            }
            Self::Lines { name, every, state } => {
                let Some(mut lines) = lock(state).take() else { return };
                if progress.finished || progress.elapsed >= lines.due {
                    lines.due = progress.elapsed + *every;
                    let line = format!("{name}: {}{}\n", count(progress), rest(progress));
                    // Who watches is not to stop who works.
                    let _ = lines.to.write_all(line.as_bytes()).and_then(|()| lines.to.flush());
                }
                *lock(state) = Some(lines);
            }
        }
    }
}

fn bar(name: String) -> ProgressBar {
    let target = ProgressDrawTarget::stderr_with_hz(HERTZ);
    let bar = ProgressBar::with_draw_target(None, target).with_prefix(name);
    // The template is a constant.
    match ProgressStyle::with_template("{prefix} {wide_bar} {human_pos}/{human_len}{msg}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// `1200 of 5000 (24 %)`
fn count(progress: &Progress) -> String {
    let Progress { done, total, .. } = progress;
    match total {
        Some(total) if *total > 0 => format!("{done} of {total} ({} %)", percent(*done, *total)),
        Some(total) => format!("{done} of {total}"),
        None => done.to_string(),
    }
}

fn percent(done: usize, total: usize) -> u128 {
    done as u128 * 100 / total as u128
}

/// `, 3 failed, 812/s, 5 s left`
fn rest(progress: &Progress) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    if progress.failed > 0 {
        let _ = write!(text, ", {} failed", progress.failed);
    }
    if let Some(rate) = progress.rate() {
        let _ = write!(text, ", {rate:.0}/s");
    }
    if let Some(left) = progress.left().filter(|_| !progress.finished) {
        let _ = write!(text, ", {} s left", left.as_secs());
    }
    text
}

impl fmt::Debug for Bar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bar").field("name", &self.name).field("every", &self.every).finish_non_exhaustive()
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
