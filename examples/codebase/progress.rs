//! A progress bar for work that takes long enough to be wondered about.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Work that ends sooner than this shows no bar.
const LONG: Duration = Duration::from_millis(400);

/// How long one picture of the bar stays.
const FRAME: Duration = Duration::from_millis(100);

/// How far a survey has come, on the terminal's error stream.
pub struct Progress {
    bar: ProgressBar,
    since: Instant,
    /// Whether the bar may still be drawn for the first time.
    waiting: AtomicBool,
}

impl Progress {
    /// A bar that appears when the work turns out long, where `terminal` says that somebody sees it.
    pub fn new(terminal: bool) -> Self {
        let bar = ProgressBar::hidden();
        if let Ok(style) = ProgressStyle::with_template("{bar:30.cyan/dim} {pos}/{len} {msg}") {
            bar.set_style(style.progress_chars("━╸─"));
        }
        bar.set_message("files");
        Self { bar, since: Instant::now(), waiting: AtomicBool::new(terminal) }
    }

    /// A bar that nobody sees.
    pub fn hidden() -> Self {
        Self::new(false)
    }

    pub(crate) fn expect(&self, files: usize) {
        self.bar.set_length(files as u64);
    }

    /// Counts one file.
    pub(crate) fn step(&self) {
        self.bar.inc(1);
        if self.since.elapsed() > LONG && self.waiting.swap(false, Ordering::Relaxed) {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
            // What follows the last file takes its time too, and counts nothing.
            self.bar.enable_steady_tick(FRAME);
        }
        if self.bar.length() == Some(self.bar.position()) {
            self.bar.set_message("files, comparing passages");
        }
    }

    /// Takes the bar off the screen.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}
