//! Timelines as files.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::SaveError;
use super::recording::Recording;

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Chrome,
    Svg,
    Html,
}

impl Format {
    /// As the name of a file says.
    pub(super) fn of(path: &Path) -> Result<Self, SaveError> {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        match ending.as_deref() {
            Some("json") => Ok(Self::Chrome),
            Some("svg") => Ok(Self::Svg),
            Some("html") => Ok(Self::Html),
            _ => Err(SaveError::UnknownFormat { path: path.to_owned() }),
        }
    }

    pub(super) fn write(self, recording: &Recording) -> String {
        match self {
            Self::Chrome => recording.chrome_json(),
            Self::Svg => recording.svg(),
            Self::Html => recording.html(),
        }
    }
}

/// Puts a file in the place of the one with that name, as a whole: it is written beside it first.
pub(super) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let beside = beside(path);
    let written = fs::write(&beside, text).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // What is left of it, if anything is.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// Of this process and thread alone.
fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.{}", std::process::id(), super::thread_number()));
    path.with_file_name(name)
}
