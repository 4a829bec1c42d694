//! Models of the cells of open graphs: whoever hands a future on to another thread orders what was done in its cells.

use loom::sync::atomic::AtomicUsize;
use loom::sync::atomic::Ordering::{AcqRel, Acquire, Release};
use loom::sync::{Arc, Mutex};
use loom::thread;

use super::{OpenBaton, OpenSlot};

/// What a future holds: one step of it for each number.
#[derive(Default)]
struct Frame {
    step: usize,
    slot: Option<OpenSlot<Box<usize>>>,
    baton: Option<OpenBaton<Box<usize>>>,
}

impl Frame {
    fn poll(&mut self) -> Option<usize> {
        self.step += 1;
        let slot = self.slot.get_or_insert_with(OpenSlot::new);
        let baton = self.baton.get_or_insert_with(OpenBaton::new);
        match self.step {
            1 => slot.set(Box::new(3)),
            2 => baton.set(Box::new(**slot.get() + 1)),
            _ => return Some(*baton.take() + **slot.get()),
        }
        None
    }
}

#[test]
fn a_frame_is_polled_by_whichever_thread_has_it() {
    loom::model(|| {
        let frame = Arc::new(Mutex::new(Frame::default()));
        let other = {
            let frame = Arc::clone(&frame);
            thread::spawn(move || frame.lock().unwrap().poll())
        };
        let mine = [(); 2].map(|()| frame.lock().unwrap().poll());
        let all = [other.join().unwrap(), mine[0], mine[1]];
        assert_eq!(all.into_iter().flatten().collect::<Vec<_>>(), [7]);
    });
}

/// An executor's queue of one place, of atomics: no lock is around the frame.
#[test]
fn a_frame_is_handed_on_by_release_and_acquire() {
    loom::model(|| {
        let frame = Arc::new((AtomicUsize::new(0), crate::sync::UnsafeCell::new(Frame::default())));
        // SAFETY: loom finds out whether this is sound.
        struct Shared(Arc<(AtomicUsize, crate::sync::UnsafeCell<Frame>)>);
        unsafe impl Send for Shared {}
        let other = Shared(Arc::clone(&frame));
        let other = thread::spawn(move || {
            let Shared(frame) = { other };
            if frame.0.compare_exchange(1, 2, AcqRel, Acquire).is_ok() {
                // SAFETY: as above.
                frame.1.with_mut(|frame| unsafe { (*frame).poll() });
                frame.0.store(3, Release);
            }
        });
        // SAFETY: as above.
        frame.1.with_mut(|frame| unsafe { (*frame).poll() });
        frame.0.store(1, Release);
        if frame.0.compare_exchange(1, 4, AcqRel, Acquire).is_ok() || frame.0.load(Acquire) == 3 {
            // SAFETY: as above.
            frame.1.with_mut(|frame| unsafe { (*frame).poll() });
        }
        other.join().unwrap();
    });
}
