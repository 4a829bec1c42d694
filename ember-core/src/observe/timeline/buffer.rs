//! Where records are kept while runs go on.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::Instant;

use super::record::{Note, Record};
use crate::error::Site;
use crate::sync::Ordering::Relaxed;
use crate::sync::{AtomicUsize, Mutex, lock};

#[cfg(all(test, loom))]
mod loom;

/// Threads are spread over so many parts by their number, so that two of them seldom want the same lock.
#[cfg(not(loom))]
const PARTS: usize = 16;
#[cfg(loom)]
const PARTS: usize = 2;

/// Records are kept in pieces of so many, so that none is ever moved while a run waits.
const PIECE: usize = 256;

/// Records of all threads, up to a bound.
pub(super) struct Buffer {
    most: usize,
    /// The place of the next event. Drawn before the record is kept, so places are ordered as the events are.
    next: AtomicUsize,
    /// Events from this place on are dropped.
    end: AtomicUsize,
    dropped: AtomicUsize,
    parts: Vec<Part>,
}

/// On cache lines of its own.
#[repr(align(128))]
#[derive(Default)]
struct Part(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    pieces: Vec<Vec<Record>>,
    threads: BTreeMap<u32, Box<str>>,
}

/// What a record is made of that its thread does not know by itself.
pub(super) struct Said {
    pub(super) at: Instant,
    pub(super) run: u64,
    pub(super) attempt: u32,
    pub(super) site: Option<Site>,
    pub(super) note: Note,
}

/// All that is kept, in the order of the events, and the names of the threads.
pub(super) type Snapshot = (Vec<Record>, BTreeMap<u32, Box<str>>);

impl Buffer {
    pub(super) fn new(most: usize) -> Self {
        let parts = (0..PARTS).map(|_| Part::default()).collect();
        let (next, end, dropped) = (AtomicUsize::new(0), AtomicUsize::new(most), AtomicUsize::new(0));
        Self { most, next, end, dropped, parts }
    }

    /// Keeps a record if there is room, which is asked before it is made.
    pub(super) fn keep(&self, thread: u32, said: impl FnOnce() -> Said) {
        let place = self.next.fetch_add(1, Relaxed);
        if place >= self.end.load(Relaxed) {
            self.dropped.fetch_add(1, Relaxed);
            return;
        }
        let Said { at, run, attempt, site, note } = said();
        let record = Record { place: place as u64, at, thread, run, attempt, site, note };
        let mut kept = lock(&self.parts[thread as usize % PARTS].0);
        kept.threads.entry(thread).or_insert_with(name);
        match kept.pieces.last_mut().filter(|piece| piece.len() < PIECE) {
            Some(piece) => piece.push(record),
            None => {
                let mut piece = Vec::with_capacity(PIECE.min(self.most));
                piece.push(record);
                kept.pieces.push(piece);
            }
        }
    }

    /// How many events were kept.
    pub(super) fn len(&self) -> usize {
        self.next.load(Relaxed).min(self.end.load(Relaxed))
    }

    pub(super) fn dropped(&self) -> usize {
        self.dropped.load(Relaxed)
    }

    /// Makes room for as many records as at first.
    pub(super) fn clear(&self) {
        // Meanwhile nothing is kept, so that there are never more than the bound.
        self.end.store(0, Relaxed);
        for part in &self.parts {
            let old = std::mem::take(&mut *lock(&part.0));
            drop(old);
        }
        self.dropped.store(0, Relaxed);
        self.end.store(self.next.load(Relaxed).saturating_add(self.most), Relaxed);
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        let (mut records, mut threads) = (Vec::new(), BTreeMap::new());
        for part in &self.parts {
            let kept = lock(&part.0);
            records.extend(kept.pieces.iter().flatten().map(Record::again));
            threads.extend(kept.threads.iter().map(|(number, name)| (*number, name.clone())));
        }
        records.sort_unstable_by_key(|record| record.place);
        (records, threads)
    }
}

impl Record {
    fn again(&self) -> Self {
        Self { site: self.site.clone(), note: self.note.clone(), ..*self }
    }
}

/// The number of the calling thread: unlike a [`ThreadId`](std::thread::ThreadId) it can be shown.
pub(super) fn thread_number() -> u32 {
    static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(1);
    thread_local!(static NUMBER: Cell<u32> = const { Cell::new(0) });
    NUMBER.with(|number| {
        if number.get() == 0 {
            number.set(NEXT.fetch_add(1, Relaxed));
        }
        number.get()
    })
}

fn name() -> Box<str> {
    super::record::cut(std::thread::current().name().unwrap_or("a thread without a name"))
}
