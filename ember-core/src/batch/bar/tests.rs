use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{Bar, Progress};

#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Page {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

fn progress(done: usize, seconds: u64, finished: bool) -> Progress {
    Progress { done, failed: done / 100, total: Some(1000), elapsed: Duration::from_secs(seconds), finished }
}

#[test]
fn what_is_no_terminal_gets_plain_lines_at_a_bounded_rate() {
    let page = Page::default();
    let hook = Bar::new("in\u{1b}[1mgest").lines_to(page.clone()).lines_every(Duration::from_secs(2)).hook();
    for second in 0..=5 {
        (0..10).for_each(|_| hook(&progress(100 * usize::try_from(second).unwrap(), second, false)));
    }
    hook(&progress(1000, 5, true));
    assert_eq!(
        page.text(),
        "in\u{fffd}[1mgest: 200 of 1000 (20 %), 2 failed, 100/s, 8 s left\n\
         in\u{fffd}[1mgest: 400 of 1000 (40 %), 4 failed, 100/s, 6 s left\n\
         in\u{fffd}[1mgest: 1000 of 1000 (100 %), 10 failed, 200/s\n"
    );
}

#[test]
fn what_cannot_be_written_is_left_out() {
    struct Broken;
    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    Bar::new("x").lines_to(Broken).hook()(&progress(1000, 1, true));
}
