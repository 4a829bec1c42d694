//! A bound for tests that would wait for ever if what they look at were wrong.

use std::io::Write;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;
use std::{io, process, thread};

/// Ends the process as a failure if the test that keeps it has not ended within a minute.
#[must_use = "the test is bounded as long as this is kept"]
#[derive(Debug)]
pub struct Minute {
    _ended: Sender<()>,
}

impl Minute {
    /// From here on.
    pub fn begin() -> Self {
        let test = thread::current().name().unwrap_or("a test").to_owned();
        let (ended, end) = channel();
        thread::spawn(move || {
            if end.recv_timeout(Duration::from_mins(1)) == Err(RecvTimeoutError::Timeout) {
                // What is printed the usual way is shown with the test's result only, and there will be none.
                let _ = writeln!(io::stderr(), "`{test}` has not ended within a minute");
                process::exit(101);
            }
        });
        Self { _ended: ended }
    }
}
