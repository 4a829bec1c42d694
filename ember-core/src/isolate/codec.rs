//! Arguments and results as bytes: `MessagePack`, with the names of fields.
//!
//! It says of each value what it is, so that what serde's attributes leave out, flatten or guess arrives as it was. Each
//! value takes a byte at least and nesting is bounded, so what a hostile worker writes costs memory in proportion to its
//! length, and no stack. Bytes that stand in a vector take one or two each, in `serde_bytes` one.

use std::io::{self, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::exact::Exact;
use super::shallow::Shallow;

/// How deep values may be nested.
const DEPTH: u32 = 128;

/// Why a value cannot be written.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failed {
    TooLarge,
    Unreadable,
}

/// Appends a value, of at most so many bytes.
///
/// # Errors
///
/// If it has more, or serde cannot write it.
pub(super) fn write<T: Serialize>(value: &T, into: Vec<u8>, most: usize) -> Result<Vec<u8>, Failed> {
    let mut bounded = Bounded { left: most, bytes: into, is_full: false };
    let written = value.serialize(Exact(&mut rmp_serde::Serializer::new(&mut bounded).with_struct_map()));
    match written {
        Ok(()) => Ok(bounded.bytes),
        Err(_) if bounded.is_full => Err(Failed::TooLarge),
        Err(_) => Err(Failed::Unreadable),
    }
}

/// Reads a value, and nothing behind it.
pub(super) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let mut rest = bytes;
    let mut reader = rmp_serde::Deserializer::new(&mut rest);
    let value = T::deserialize(Shallow { inner: &mut reader, left: DEPTH }).ok()?;
    drop(reader);
    rest.is_empty().then_some(value)
}

/// Bytes up to a bound.
struct Bounded {
    left: usize,
    bytes: Vec<u8>,
    is_full: bool,
}

impl Write for Bounded {
    fn write(&mut self, more: &[u8]) -> io::Result<usize> {
        let Some(left) = self.left.checked_sub(more.len()) else {
            self.is_full = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        };
        self.left = left;
        self.bytes.extend_from_slice(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
