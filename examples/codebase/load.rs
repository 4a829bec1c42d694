//! Reads one file's text, or says why not.

use std::{fs::File, io::Read};

use crate::{
    limits::Limits,
    walk::{Entry, Reason, Skipped},
};

/// A file's text.
pub struct Loaded {
    /// The text, without a byte order mark.
    pub text: String,
    /// How many bytes the file has.
    pub bytes: u64,
    /// Whether bytes that are not UTF-8 were replaced.
    pub replaced: bool,
}

/// Reads the text of `file`.
///
/// # Errors
/// The file is too large, binary or not readable.
pub fn load(file: &Entry, limits: &Limits) -> Result<Loaded, Skipped> {
    read(file, limits).map_err(|reason| Skipped { reason, name: file.name.clone() })
}

fn read(file: &Entry, limits: &Limits) -> Result<Loaded, Reason> {
    let mut source = File::open(&file.path).map_err(|error| Reason::from(&error))?;
    let told = source.metadata().map_err(|error| Reason::from(&error))?;
    if told.len() > limits.max_bytes {
        return Err(Reason::TooLarge);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(told.len()).unwrap_or(0));
    // A file may grow while it is read, and some of /proc tell a length of 0.
    let bound = limits.max_bytes.saturating_add(1);
    source.by_ref().take(bound).read_to_end(&mut bytes).map_err(|error| Reason::from(&error))?;
    if bytes.len() as u64 > limits.max_bytes {
        return Err(Reason::TooLarge);
    }
    if bytes.contains(&0) {
        return Err(Reason::Binary);
    }
    let length = bytes.len() as u64;
    let (mut text, replaced) = match String::from_utf8(bytes) {
        Ok(text) => (text, false),
        Err(error) => (String::from_utf8_lossy(error.as_bytes()).into_owned(), true),
    };
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(Loaded { text, bytes: length, replaced })
}
