//! What an error is, besides what it says.

use std::error::Error;
use std::panic::{RefUnwindSafe, UnwindSafe};

use ember::{At, Context, Counts, NodePanic, Site};

fn crosses<T: Send + Sync + 'static>() {}
fn is_error<E: Error>() {}
fn unwinds<T: UnwindSafe + RefUnwindSafe>() {}

#[test]
fn r05_an_error_is_one_pointer_wide() {
    assert_eq!(size_of::<ember::Error>(), size_of::<usize>());
    assert_eq!(size_of::<Result<(), ember::Error>>(), 8);
}

#[test]
fn r05_an_error_crosses_threads_and_owns_its_data() {
    crosses::<ember::Error>();
    crosses::<At<std::io::Error>>();
    crosses::<Site>();
    crosses::<Counts>();
    crosses::<Context>();
    unwinds::<Context>();
    is_error::<ember::Error>();
    is_error::<ember::Stopped>();
}

#[test]
fn r05_a_panic_can_be_sent_on() {
    fn send<T: Send + 'static>() {}
    send::<NodePanic>();
}
