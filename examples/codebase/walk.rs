//! Finds the files below a folder.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

use ember::operator;
use ignore::{DirEntry, WalkBuilder};

use crate::{limits::Limits, progress::Progress};

/// The folder of a survey cannot be read at all.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the folder {}", path.display())]
pub struct ScanError {
    /// The folder that was asked for.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

/// A file to be read.
#[derive(Debug)]
pub struct Entry {
    /// Where it is.
    pub path: PathBuf,
    /// Its path from the surveyed folder, as the report shows it.
    pub name: String,
}

/// Something below the folder that the survey passed by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// Why.
    pub reason: Reason,
    /// Its path from the surveyed folder.
    pub name: String,
}

/// Why something was passed by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// It holds a zero byte.
    Binary,
    /// It is larger than [`Limits::max_bytes`].
    TooLarge,
    /// A symbolic link, and links are not followed.
    Link,
    /// A symbolic link to a folder that it stands in.
    LinkLoop,
    /// A pipe, a socket or a device.
    Special,
    /// It was found and then was gone; also a followed link to nothing.
    Vanished,
    /// It was read twice, with other lines the second time.
    Changed,
    /// The system refused it.
    Unreadable(io::ErrorKind),
    /// An ignore file with a line that cannot be understood; its other lines hold.
    BadIgnoreFile,
}

impl From<&io::Error> for Reason {
    fn from(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Vanished,
            kind => Self::Unreadable(kind),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Binary => f.write_str("binary"),
            Self::TooLarge => f.write_str("too large"),
            Self::Link => f.write_str("symbolic link, not followed"),
            Self::LinkLoop => f.write_str("symbolic link in a loop"),
            Self::Special => f.write_str("not a regular file"),
            Self::Vanished => f.write_str("not there when it was read"),
            Self::Changed => f.write_str("changed while it was compared"),
            Self::Unreadable(kind) => write!(f, "unreadable: {kind}"),
            Self::BadIgnoreFile => f.write_str("ignore file with a bad line"),
        }
    }
}

/// What [`walk`] finds, in the order of the paths.
#[derive(Debug)]
pub struct Walked {
    /// The files to be read.
    pub entries: Vec<Entry>,
    /// What is known not to be readable before anybody tries.
    pub skipped: Vec<Skipped>,
}

/// Finds the files below `root`, without hidden ones and those that ignore files (`.gitignore`, `.ignore`)
/// name.
///
/// # Errors
/// `root` is no folder or cannot be listed. What fails below it is in [`Walked::skipped`].
#[operator]
pub fn walk(root: &Path, limits: &Limits, progress: &Progress) -> Result<Walked, ScanError> {
    // The walker would take a single file as root too, and tell a missing one only among its entries.
    fs::read_dir(root).map_err(|source| ScanError { path: root.to_owned(), source })?;
    let mut entries = Vec::new();
    let mut skipped = Vec::new();
    // Sources that were unpacked and not cloned have a `.gitignore` without a `.git`.
    for found in WalkBuilder::new(root).follow_links(limits.follow).require_git(false).build() {
        match found {
            Ok(found) => {
                let name = name_of(found.path(), root);
                if found.error().is_some() {
                    skipped.push(Skipped { reason: Reason::BadIgnoreFile, name: name.clone() });
                }
                match kind_of(&found) {
                    Kind::File => entries.push(Entry { path: found.into_path(), name }),
                    Kind::Folder => {}
                    Kind::Other(reason) => skipped.push(Skipped { reason, name }),
                }
            }
            Err(error) => {
                let name = path_of(&error).map_or_else(|| ".".to_owned(), |path| name_of(path, root));
                skipped.push(Skipped { reason: reason_of(&error), name });
            }
        }
    }
    entries.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    progress.expect(entries.len());
    Ok(Walked { entries, skipped })
}

enum Kind {
    File,
    Folder,
    Other(Reason),
}

fn kind_of(found: &DirEntry) -> Kind {
    match found.file_type() {
        Some(kind) if kind.is_file() => Kind::File,
        Some(kind) if kind.is_dir() => Kind::Folder,
        Some(kind) if kind.is_symlink() && found.depth() > 0 => Kind::Other(Reason::Link),
        // The folder itself may be a link: the walker goes through it whatever it does with others.
        Some(kind) if kind.is_symlink() => Kind::Folder,
        _ => Kind::Other(Reason::Special),
    }
}

fn name_of(path: &Path, root: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    if below.as_os_str().is_empty() { ".".to_owned() } else { below.to_string_lossy().into_owned() }
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::Loop { child, .. } => Some(child),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        _ => None,
    }
}

fn reason_of(error: &ignore::Error) -> Reason {
    match error {
        ignore::Error::Loop { .. } => Reason::LinkLoop,
        ignore::Error::Io(error) => error.into(),
        ignore::Error::WithDepth { err, .. }
        | ignore::Error::WithPath { err, .. }
        | ignore::Error::WithLineNumber { err, .. } => reason_of(err),
        _ => Reason::BadIgnoreFile,
    }
}
