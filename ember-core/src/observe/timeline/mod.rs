//! Recordings of who ran where and when, and pictures of them.
//!
//! In reading order: `record` is what is kept of an event, in a `buffer`; `recording` reads records together as bars,
//! `critical` finds the chain of nodes that determined the end. `chrome` writes that as JSON; `layout` gives each bar its
//! place, `svg` draws them and `html` makes a page of the drawing, with `words` beside. `file` saves any of these, and `named` does so for
//! `EMBER_TIMELINE`. `escape` is how text stands in all of them.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::buffer::{Buffer, Said, thread_number};
use self::record::Note;
use self::recording::Recording;
use super::{Event, Observer};

mod buffer;
mod chrome;
mod critical;
mod escape;
mod file;
mod html;
mod layout;
mod named;
mod record;
mod recording;
mod svg;
mod words;

#[cfg(all(test, not(loom)))]
mod tests;

pub use self::critical::{CriticalNode, CriticalPath};

pub(super) use self::named::from_environment;
#[cfg(feature = "isolate")]
pub(crate) use self::named::withhold;

/// Records runs, to be looked at: as a trace for [Perfetto](https://ui.perfetto.dev) and Chrome, or as a picture.
///
/// It shows on which thread each node ran and when, what it waited for (permits, rates, the time before another attempt), how
/// it ended, and which nodes the end of the run waited for. A clone is another handle on the same recording.
///
/// An event takes about 150 bytes, and more where something failed. Of the text of a failure the first 400 bytes are kept.
/// Nothing is written anywhere before it is asked for.
///
/// ```
/// use ember_core::Context;
/// use ember_core::observe::Timeline;
///
/// let timeline = Timeline::new(100_000);
/// let cx = Context::builder().observer(timeline.clone()).build();
/// cx.scope(|| { /* runs of graphs */ });
/// assert_eq!(timeline.dropped(), 0);
/// assert!(timeline.to_chrome_json().starts_with(r#"{"traceEvents":["#));
/// assert!(timeline.save("timeline.txt").is_err());
/// ```
#[derive(Clone)]
pub struct Timeline(Arc<Buffer>);

/// Why a timeline was not saved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SaveError {
    /// The name of the file does not tell what to write.
    #[error("the name of a timeline ends in .json, .svg or .html, and that of {} does not", path.display())]
    UnknownFormat {
        /// The file.
        path: PathBuf,
    },
    /// The file could not be written.
    #[error("the timeline could not be written to {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Timeline {
    /// Records so many events, two of which are a node; further ones are counted.
    pub fn new(most: usize) -> Self {
        Self(Arc::new(Buffer::new(most)))
    }

    /// How many events there was no room for.
    pub fn dropped(&self) -> usize {
        self.0.dropped()
    }

    /// Forgets what was recorded, and has room again. What of a run is told later is part of no run then, and is not shown.
    pub fn clear(&self) {
        self.0.clear();
    }

    /// The runs that were called by no other run of the recording, in the order of their starts, as in
    /// [`Event::run`](super::Event::run).
    pub fn runs(&self) -> Vec<u64> {
        self.recording().runs.iter().filter(|run| run.is_outermost).map(|run| run.id).collect()
    }

    /// The chain of nodes that determined when a run ended. Nothing of a run that is not recorded or has not ended.
    ///
    /// From the node that ended last it leads to the one that ended last among those it waited for, by the edges of the
    /// [description](crate::graph::Description), and so on back to the start of the run. Where nodes waited for a thread, as
    /// there were more nodes than threads, the time is told as a gap before them.
    pub fn critical_path(&self, run: u64) -> Option<CriticalPath> {
        self.recording().critical_path(run)
    }

    /// As a trace in the format of Chrome, for `ui.perfetto.dev` or `chrome://tracing`.
    pub fn to_chrome_json(&self) -> String {
        self.recording().chrome_json()
    }

    /// As a picture that stands by itself, for light and dark pages. If there are more than 4000 bars, it shows the longest,
    /// and those that failed.
    pub fn to_svg(&self) -> String {
        self.recording().svg()
    }

    /// As a page that stands by itself: the picture, to be moved and enlarged by pointer or keyboard, and a table.
    pub fn to_html(&self) -> String {
        self.recording().html()
    }

    /// Writes a file as its name says: `.json`, `.svg` or `.html`. The file is replaced as a whole, so nobody reads a part.
    ///
    /// # Errors
    ///
    /// If the name ends in something else, or the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), SaveError> {
        let path = path.as_ref();
        let format = file::Format::of(path)?;
        file::replace(path, &format.write(&self.recording()))
            .map_err(|source| SaveError::Io { path: path.to_owned(), source })
    }

    fn recording(&self) -> Recording {
        Recording::new(self.0.snapshot(), self.dropped())
    }
}

impl Observer for Timeline {
    fn event(&self, event: &Event<'_>) {
        self.0.keep(thread_number(), || Said {
            at: event.at(),
            run: event.run().unwrap_or(0),
            attempt: event.attempt(),
            site: event.site().cloned(),
            note: Note::of(event),
        });
    }
}

impl std::fmt::Debug for Timeline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Timeline").field("dropped", &self.dropped()).finish_non_exhaustive()
    }
}
