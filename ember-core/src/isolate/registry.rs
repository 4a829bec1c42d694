//! How a worker finds operators, and knows that it is of the same build as its parent.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::codec::{self, Failed};
use super::frame::{self, Answer};
use crate::error::Payload;
use crate::policy::Part;

/// What an isolated operator is found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name {
    pub(super) path: &'static str,
    pub(super) signature: u64,
}

impl Name {
    /// By where it stands, and its signature as it is written.
    #[must_use]
    pub const fn new(path: &'static str, signature: &str) -> Self {
        Self { path, signature: hash(HASH, signature.as_bytes()) }
    }
}

/// An isolated operator.
#[derive(Debug)]
pub struct Entry {
    name: Name,
    serve: Serve,
}

/// Makes a call with these arguments; its result has so many bytes at most. Gives a frame.
type Serve = fn(&[u8], usize) -> Vec<u8>;

impl Entry {
    /// Of that name.
    #[must_use]
    pub const fn new(name: Name, serve: Serve) -> Self {
        Self { name, serve }
    }
}
inventory::collect!(Entry);

/// The test in which workers of a test program serve.
#[derive(Debug)]
pub struct Harness(pub &'static str);
inventory::collect!(Harness);

/// Makes a call in a worker, and gives the frame of the answer. A panic becomes its text.
pub fn serve<A: DeserializeOwned, R: Serialize>(
    arguments: &[u8],
    most: usize,
    call: impl FnOnce(A) -> R,
) -> Vec<u8> {
    let served = catch_unwind(AssertUnwindSafe(|| {
        let arguments = codec::read(arguments).ok_or(Answer::Unreadable(Part::Arguments))?;
        codec::write(&call(arguments), frame::begin_done(), most).map_err(|failed| match failed {
            Failed::TooLarge => Answer::TooLarge,
            Failed::Unreadable => Answer::Unreadable(Part::Output),
        })
    }));
    match served {
        Ok(Ok(done)) => frame::end_done(done),
        Ok(Err(failed)) => frame::answer(&failed),
        Err(payload) => {
            let payload = Payload::new(payload);
            frame::answer(&Answer::Panicked(payload.text().unwrap_or("a panic without text")))
        }
    }
}

/// The operator of a name. None if there are several that cannot be told apart.
pub(super) fn find(path: &str, signature: u64) -> Option<Serve> {
    let mut found = inventory::iter::<Entry>
        .into_iter()
        .filter(|entry| entry.name.path == path && entry.name.signature == signature);
    let first = found.next()?;
    found.next().is_none().then_some(first.serve)
}

/// What tells the builds of a program apart, since the process started.
static BUILD: OnceLock<u64> = OnceLock::new();

/// Notes that this process can be started again, as what it is.
pub(super) fn note_start() {
    BUILD.get_or_init(|| {
        let entries = inventory::iter::<Entry>.into_iter();
        // Their order is the linker's.
        let entries = entries.map(|entry| hash(entry.name.signature, entry.name.path.as_bytes()));
        let entries = entries.fold(0, u64::wrapping_add);
        #[cfg(unix)]
        let entries = entries.wrapping_add(super::process::program());
        entries
    });
}

/// The build, if the process can be started again.
pub(super) fn build() -> Option<u64> {
    if harness().is_some() {
        note_start();
    }
    BUILD.get().copied()
}

/// The test in which workers serve, by its name in the harness.
pub(super) fn harness() -> Option<&'static str> {
    let harness = inventory::iter::<Harness>.into_iter().next()?;
    harness.0.split_once("::").map(|(_, test)| test)
}

const HASH: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a (Fowler, Noll, Vo): for what nobody has an interest in forging.
pub(super) const fn hash(mut sum: u64, bytes: &[u8]) -> u64 {
    let mut i = 0;
    while i < bytes.len() {
        sum = (sum ^ bytes[i] as u64).wrapping_mul(0x100_0000_01b3);
        i += 1;
    }
    sum
}
