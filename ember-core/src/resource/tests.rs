mod futures;
mod growing_old;
mod threads;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use super::{Resource, ResourceBuilder};

/// What a loader reads.
#[derive(Default)]
struct Source {
    calls: AtomicU32,
    /// What is wrong, if anything.
    down: Mutex<Option<&'static str>>,
}

impl Source {
    fn go_down(&self, why: Option<&'static str>) {
        *self.down.lock().unwrap() = why;
    }

    fn calls(&self) -> u32 {
        self.calls.load(SeqCst)
    }

    /// The number of the call.
    fn load(&self) -> Result<u32, String> {
        let call = self.calls.fetch_add(1, SeqCst) + 1;
        let down = *self.down.lock().unwrap();
        match down {
            Some("panic") => panic!("boom"),
            Some(why) => Err(why.to_owned()),
            None => Ok(call),
        }
    }
}

/// A source, and a resource of it.
fn of_source(
    set: impl FnOnce(ResourceBuilder<u32>) -> ResourceBuilder<u32>,
) -> (&'static Source, &'static Resource<u32>) {
    let source: &Source = Box::leak(Box::default());
    let resource = set(Resource::builder()).build(|| source.load()).unwrap();
    (source, Box::leak(Box::new(resource)))
}

fn until(reached: impl Fn() -> bool) {
    while !reached() {
        std::thread::yield_now();
    }
}
