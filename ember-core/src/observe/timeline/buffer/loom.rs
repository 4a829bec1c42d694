//! Models of a buffer: every order in which threads may keep, look and clear.

use std::time::Instant;

use loom::sync::Arc;
use loom::thread;

use super::{Buffer, Said};
use crate::observe::EventKind;
use crate::observe::timeline::record::Note;

fn keep(buffer: &Buffer, number: u32) {
    let note = Note::Told(EventKind::CacheHit, Box::default());
    buffer.keep(number, || Said { at: Instant::now(), run: 0, attempt: 1, site: None, note });
}

#[test]
fn of_three_events_two_are_kept_and_one_is_counted() {
    loom::model(|| {
        let buffer = Arc::new(Buffer::new(2));
        let other = buffer.clone();
        let thread = thread::spawn(move || {
            keep(&other, 1);
            keep(&other, 1);
        });
        keep(&buffer, 2);
        thread.join().unwrap();
        let (records, _) = buffer.snapshot();
        assert_eq!((records.len(), buffer.dropped()), (2, 1));
        assert!(records[0].place < records[1].place);
    });
}

#[test]
fn what_is_cleared_meanwhile_never_leaves_more_than_the_bound_and_who_is_under_way() {
    loom::model(|| {
        let buffer = Arc::new(Buffer::new(1));
        let other = buffer.clone();
        let thread = thread::spawn(move || {
            keep(&other, 1);
            keep(&other, 1);
        });
        buffer.clear();
        thread.join().unwrap();
        // One that had its place before, and one that found room after.
        assert!(buffer.snapshot().0.len() <= 2);
        buffer.clear();
        keep(&buffer, 2);
        assert_eq!((buffer.snapshot().0.len(), buffer.dropped()), (1, 0));
    });
}
